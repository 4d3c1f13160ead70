"""Seed files: examples (and counter-examples) of the kinds of news a user cares about.

One article a file, Markdown or text, with TOML front matter between ``+++`` lines; without front matter the folder's
name is the event type, and a short first line the headline. Bundles of short examples are JSON Lines with the same
keys, one object a line.
"""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final

from classifiers.errors import SeedError

__all__ = ["Seed", "SeedError", "read_seeds", "split_headline"]

#: What front matter and bundles may say; anything else is a typing mistake worth telling.
KEYS: Final = ("title", "text", "published", "outlet", "language", "events", "status", "kind")
_TYPE_NAME: Final = re.compile(r"[a-z][a-z0-9_]*\Z")
_FENCE: Final = "+++"
#: Characters that a headline has at most.
_HEADLINE: Final = 200


@dataclass(frozen=True, slots=True)
class Seed:
    """One example. ``events`` names the types it reports; empty means an example of what is no event.

    ``status`` is the event's status where it is known; an example of a cancelled or denied event names its type and
    that status. ``kind`` groups look-alikes ("phone call", "earnings") so that a report can name what is confused.
    ``path`` and ``line`` tell where it was read.
    """

    title: str
    text: str
    events: tuple[str, ...]
    published: date | None = None
    outlet: str | None = None
    language: str = "en"
    status: str | None = None
    kind: str | None = None
    path: Path = Path()
    line: int = 1


def read_seeds(folder: Path) -> tuple[Seed, ...]:
    """Read every ``*.md``, ``*.txt`` and ``*.jsonl`` under ``folder``, in the order of their paths.

    ``README.md`` is for people and skipped. Raises SeedError for the first file that is not as it must be, so nothing
    is learned half-way.
    """
    if not folder.is_dir():
        raise SeedError(folder, 0, "not a folder; expected a folder with one article a file (*.md, *.txt) or *.jsonl")
    seeds: list[Seed] = []
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.name.lower() == "readme.md" or path.name.startswith("."):
            continue
        if path.suffix in {".md", ".txt"}:
            seeds.append(_read_article(path, folder))
        elif path.suffix == ".jsonl":
            seeds.extend(_read_bundle(path))
    if not seeds:
        raise SeedError(folder, 0, "no seed files; expected *.md, *.txt or *.jsonl")
    return tuple(seeds)


def split_headline(article: str) -> tuple[str, str]:
    """The headline and the text of a plain article: a short first line that ends in no full stop is the headline."""
    first, _, rest = article.strip().partition("\n")
    first = first.strip()
    if len(first) <= _HEADLINE and not first.endswith("."):
        return first.removeprefix("# "), rest.strip()
    return "", article.strip()


def _decode(path: Path) -> str:
    try:
        content = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise SeedError(path, line, "not UTF-8; save the file as UTF-8") from None
    except OSError as error:
        raise SeedError(path, 0, f"cannot be read: {error.strerror}") from None
    before, nul, _ = content.partition("\0")
    if nul:
        raise SeedError(path, before.count("\n") + 1, "a NUL byte; expected text")
    return content


def _read_article(path: Path, folder: Path) -> Seed:
    content = _decode(path)
    lines = content.split("\n")
    if lines[0].strip() != _FENCE:
        return _without_front_matter(path, folder, content)
    closing = next((n for n, line in enumerate(lines[1:], 1) if line.strip() == _FENCE), None)
    if closing is None:
        raise SeedError(path, 1, "front matter is not closed; expected a second line of +++ before the text")
    try:
        front = tomllib.loads("\n".join(lines[1:closing]))
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        line = int(found[1]) + 1 if found else closing
        raise SeedError(path, line, f"front matter is not TOML: {str(error).split(' (')[0]}") from None
    return _seed(front, "\n".join(lines[closing + 1 :]).strip(), path, 1, _key_lines(lines[1:closing]))


def _without_front_matter(path: Path, folder: Path, content: str) -> Seed:
    kind = path.parent.name
    if path.parent == folder or not _TYPE_NAME.match(kind):
        named = 'a folder named after the type in small letters, digits and "_" (bilateral_meeting)'
        problem = f"no event type; expected front matter between +++ lines, or {named}"
        here = folder.resolve()
        if path.parent == folder and _TYPE_NAME.match(here.name):
            problem += f'; if "{here.name}" is the type, name the folder above it: {here.parent}'
        raise SeedError(path, 1, problem)
    title, text = split_headline(content)
    if not (title or text):
        raise SeedError(path, 1, "empty; expected the text of an article")
    return Seed(title, text, (kind,), path=path)


def _key_lines(lines: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for number, line in enumerate(lines, 2):
        key, equals, _ = line.partition("=")
        if equals:
            found.setdefault(key.strip(), number)
    return found


def _read_bundle(path: Path) -> list[Seed]:
    seeds = []
    for number, line in enumerate(_decode(path).split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise SeedError(path, number, f"not a JSON object: {error}") from None
        if not isinstance(row, dict):
            raise SeedError(path, number, "not a JSON object; expected one object a line")
        seeds.append(_seed(row, None, path, number, {}))
    return seeds


def _seed(row: dict[str, object], text: str | None, path: Path, line: int, lines: dict[str, int]) -> Seed:
    def fail(key: str, expected: str) -> SeedError:
        return SeedError(path, lines.get(key, line), f"{key}: expected {expected}")

    def string(key: str) -> str | None:
        value = row.get(key)
        if value is not None and not isinstance(value, str):
            raise fail(key, "a string")
        return value

    for key in row:
        if key not in KEYS or (key == "text" and text is not None):
            raise fail(key, "one of " + ", ".join(k for k in KEYS if text is None or k != "text"))
    events = row.get("events")
    if not isinstance(events, list) or not all(isinstance(e, str) for e in events):
        raise fail("events", 'a list of event types, such as ["bilateral_meeting"], or [] for a counter-example')
    for event in events:
        if not _TYPE_NAME.match(event):
            raise fail("events", f'types of small letters, digits and "_", not "{event}"')
    body = text if text is not None else (string("text") or "")
    title = string("title") or ""
    if not (body.strip() or title.strip()):
        raise SeedError(path, line, "empty; expected a title or a text")
    published = row.get("published")
    if isinstance(published, datetime):
        published = published.date()
    elif isinstance(published, str):
        try:
            published = date.fromisoformat(published[:10])
        except ValueError:
            raise fail("published", "a date such as 2024-07-03") from None
    elif published is not None and not isinstance(published, date):
        raise fail("published", "a date such as 2024-07-03")
    return Seed(
        title=title,
        text=body,
        events=tuple(dict.fromkeys(events)),
        published=published,
        outlet=string("outlet"),
        language=string("language") or "en",
        status=string("status"),
        kind=string("kind"),
        path=path,
        line=line,
    )
