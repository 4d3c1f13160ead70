"""A new signing secret for a webhook, put before the old ones wherever the config has them; and the old ones' end.

While there are several every message has a signature by each, so that a receiver may change its own at leisure.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from alerts.signing import new_secret
from worker.config import edit
from worker.config.errors import BadValue, ConfigError
from worker.config.secret_text import with_newer, with_newest_alone
from worker.config.signing import SIGNING_SECRETS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Rotation:
    """``secret`` is the new one, None where old ones were dropped. ``written`` is the file that was changed; where
    none could be, ``to_do`` says what a person has to."""

    secret: str | None = field(repr=False)
    written: Path | None
    to_do: str = ""


def rotate(path: Path, env: Mapping[str, str], name: str, *, drop_old: bool = False) -> Rotation:
    """Make a new secret for a webhook of the config at ``path`` and put it first, or leave it only its newest.

    A running service picks the change up by itself. Raises ConfigError.
    """
    new = None if drop_old else new_secret()
    with edit.editing(path, env) as draft:
        index = next((n for n, webhook in enumerate(draft.config.webhooks) if webhook.name == name), None)
        if index is None:
            raise ConfigError([f'{path}: no webhook is called "{name}"'])
        secrets = draft.config.webhooks[index].secrets
        if not secrets:
            raise ConfigError([f'{path}: webhook "{name}" has no secret: what it is sent is not signed'])
        if drop_old and len(secrets) == 1:
            raise ConfigError([f'{path}: webhook "{name}" has one secret only: there is none to drop'])
        table: dict[str, Any] = tomllib.loads(draft.text)["webhooks"][index]
        if "secret" in table:
            draft.change_secret(index, with_newest_alone if new is None else lambda text, at: with_newer(text, at, new))
            return Rotation(new, path)
        if isinstance(file := table.get("secret_file"), str):
            secret_file = path.absolute().parent / file
            edit.rewrite(secret_file, lambda text: _lines(secret_file, text, new))
            return Rotation(new, secret_file)
    return Rotation(new, None, _to_do(table, new))


def _lines(path: Path, text: str, new: str | None) -> str:
    """What a secret file holds afterwards, one secret a line."""
    old = text.split()
    lines = "".join(f"{secret}\n" for secret in ([new, *old] if new else old[:1]))
    try:
        SIGNING_SECRETS.parse(lines)
    except BadValue as wrong:
        raise ConfigError([f"{path}: nothing was written, since then: {wrong}"]) from None
    return lines


def _to_do(table: Mapping[str, Any], new: str | None) -> str:
    form, names = next((form, table[form]) for form in ("secret_env", "secret_file") if form in table)
    what = "variable" if form == "secret_env" else "file"
    if isinstance(names, list) and new:
        return f"put it into a {what} of its own and name that first in {form}"
    if isinstance(names, list):
        return f'leave only "{names[0]}" in {form}'
    if new:
        return f'set {names}="{new} ${names}" (the new one first, then those there are) and restart'
    return f"set {names} to the first of its secrets alone and restart"
