"""The tables of docs/config.md, made from the rows of :mod:`worker.config.keys`."""

from __future__ import annotations

import json

from worker.config.keys import BY_TABLE, TABLES, Key
from worker.config.rows import written

BEGIN = "<!-- keys: begin (made from worker/config/keys.py by `python -m worker.config.reference docs/config.md`) -->"
END = "<!-- keys: end -->"


def reference() -> str:
    """One Markdown table a table of the config."""
    sections = []
    for table in TABLES:
        rows = "\n".join(_row(key) for key in BY_TABLE[table])
        sections.append(f"### `{written(table)}`\n\n| key | default | meaning |\n| --- | --- | --- |\n{rows}\n")
    return "\n".join(sections)


def with_reference(page: str) -> str:
    """``page`` with what stands between the two markers made anew. Raises ValueError where a marker is missing."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page needs the lines {BEGIN!r} and {END!r}")
    return f"{before}{BEGIN}\n\n{reference()}\n{END}{after}"


def _row(key: Key[object]) -> str:
    if key.required:
        default = "**required**"
    elif key.default is None:
        default = key.absent
    else:
        default = f"`{json.dumps(key.default)}`"
    meaning = key.meaning
    if key.example is not None and key.example != key.default:
        meaning += f" Example: `{json.dumps(key.example, ensure_ascii=False)}`."
    if key.secret:
        meaning += f" Or `{key.name}_env`, `{key.name}_file`."
    if key.restart:
        meaning += " *Needs a restart.*"
    return f"| `{key.name}` | {default} | {meaning} |"


if __name__ == "__main__":
    import sys
    from pathlib import Path

    for name in sys.argv[1:]:
        page = Path(name)
        page.write_text(with_reference(page.read_text()))
