"""Reads tables by the rows of :mod:`worker.config.keys`, and collects every problem on the way."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from alerts.signing import PREFIX
from worker.config.errors import BadValue
from worker.config.keys import API_TOKEN, BY_TABLE, FORMS, REPEATED, TABLES, Key, Table
from worker.config.lines import Place, key_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from worker.config.kinds import T_co

_LONGEST_SECRET_FILE = 65_536


class Missing(BadValue):
    """The variable or file that should hold a value is not there, or is empty."""


@dataclass(frozen=True, slots=True)
class Row:
    """The checked values of one table. Keys whose value was wrong, or that are absent without a default, have none.

    ``given`` are the names of the keys that the file says something of.
    """

    table: Table
    index: int | None
    values: Mapping[str, object]
    given: frozenset[str] = frozenset()

    def __getitem__(self, key: Key[T_co]) -> T_co:
        return cast("T_co", self.values[key.name])

    def get(self, key: Key[T_co]) -> T_co | None:
        return cast("T_co | None", self.values.get(key.name))


def did_you_mean(word: str, known: Iterable[str], form: str = "{}") -> str:
    """``; did you mean …?`` where something close to ``word`` is known, else ""."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean {form.format(close[0])}?" if close else ""


def written(table: str) -> str:
    return f"[[{table}]]" if table in REPEATED else f"[{table}]"


@dataclass(slots=True)
class Reader:
    """One reading of one file. ``used`` gathers the variables that were looked up."""

    path: Path
    text: str
    env: Mapping[str, str]
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    _lines: dict[Place, int] | None = None

    def place(self, table: str, index: int | None = None, key: str = "") -> str:
        """``file:line: table[index].key``, the line where it is known."""
        if self._lines is None:
            self._lines = key_lines(self.text)
        places = ((table, index, key), (table, index, ""), (table, 0, ""))
        line = next((self._lines[place] for place in places if place in self._lines), None)
        name = table if index is None else f"{table}[{index}]"
        return f"{self.path}{f':{line}' if line else ''}: {'.'.join(filter(None, (name, key)))}"

    def problems_in_order(self) -> list[str]:
        """Line by line; first what has no line, such as variables."""

        def line(problem: str) -> int:
            number = problem.removeprefix(f"{self.path}:").partition(":")[0]
            return int(number) if number.isdecimal() else 0

        return sorted(self.problems, key=line)

    def problem(self, row: Row, key: Key[object], message: str) -> None:
        """A problem that only shows when values are compared."""
        self.problems.append(f"{self.place(row.table, row.index, key.name)}: {message}")

    def missing(self, key: Key[object], index: int | None) -> None:
        """A problem: nothing is said of a key that is needed."""
        forms = " or ".join(key.forms)
        self.problems.append(f"{self.place(key.table, index)}: {forms} is missing: expected {key.kind.expected}")

    def rows(self, document: Mapping[str, object], table: Table) -> list[Row]:
        """The rows of a table: one of ``[service]`` and ``[polling]``, any number of the repeated ones."""
        content = document.get(table)
        if table not in REPEATED:
            if content is None:
                content = {}
            if not isinstance(content, dict):
                self.problems.append(f"{self.place(table)}: expected a table: write [{table}]")
                content = {}
            return [self.row(content, table, None)]
        if content is None:
            return []
        if not isinstance(content, list) or not all(isinstance(entry, dict) for entry in content):
            self.problems.append(f"{self.place(table)}: expected a list of tables: write [[{table}]]")
            return []
        return [self.row(entry, table, index) for index, entry in enumerate(content)]

    def row(self, content: Mapping[str, object], table: Table, index: int | None) -> Row:
        known = FORMS[table]
        for name in content:
            if name not in known:
                self.problems.append(f"{self.place(table, index, name)}: unknown key{_hint(name, table, known)}")
        values = {}
        for key in BY_TABLE[table]:
            value = self.value(key, content, index)
            if value is not None:
                values[key.name] = value
        return Row(table, index, values, frozenset(known[name].name for name in content if name in known))

    def value(self, key: Key[T_co], content: Mapping[str, object], index: int | None) -> T_co | None:
        """The value of one key, from the environment, else the file, else the default; None where it has none."""
        overrides = {
            form: variable
            for form in key.forms
            for variable in key.variables
            if variable.endswith(form.upper()) and self.env.get(variable)
        }
        # A form written in the environment stands for all forms in the file.
        given: dict[str, object]
        if overrides:
            given = {form: key.kind.from_text(self.env[variable]) for form, variable in overrides.items()}
        else:
            given = {form: content[form] for form in key.forms if form in content}
        if len(given) > 1:
            where = next(iter(overrides.values()), "") or self.place(key.table, index, key.name)
            self.problems.append(
                f"{where}: is given more than once: keep one of {', '.join(overrides.values() or given)}"
            )
            return None
        if not given:
            if key.required:
                self.missing(key, index)
            return key.fallback
        form, raw = next(iter(given.items()))
        try:
            return self._parse(key, form, raw)
        except BadValue as wrong:
            where = overrides.get(form) or self.place(key.table, index, form)
            if not isinstance(wrong, Missing):
                got = "" if key.secret else f", got {_shown(raw)}"
                reason = f": {wrong}" if str(wrong) else ""
                self.problems.append(f"{where}: expected {key.kind.expected}{got}{reason}")
            elif key is not API_TOKEN or not form.endswith("_env"):
                self.problems.append(f"{where}: {wrong}")
            elif raw != "SEEDWIRE_API_TOKEN":
                # A token is only needed beyond loopback, and load() checks that.
                self.warnings.append(f"{where}: {wrong}; no token guards page and API")
        return None

    def _parse(self, key: Key[T_co], form: str, raw: object) -> T_co:
        if form == key.name:
            return key.kind.parse(raw)
        names = raw if isinstance(raw, list) else [raw]
        if not names or not all(isinstance(name, str) and name for name in names):
            kind = "a variable" if form.endswith("_env") else "a file"
            raise Missing(f"expected the name of {kind} that holds the value, got {_shown(raw)}")
        if any(cast("str", name).startswith(PREFIX) for name in names):
            raise Missing(f"it holds a secret, not where to find one: write {key.name} = … for that")
        look_up = self._variable if form.endswith("_env") else self._file
        found = [look_up(cast("str", name)) for name in names]
        return key.kind.parse(found if isinstance(raw, list) else found[0])

    def _variable(self, name: str) -> str:
        self.used.add(name)
        value = self.env.get(name, "").strip()
        if not value:
            raise Missing(f"the environment variable {name} is not set")
        return value

    def _file(self, name: str) -> str:
        path = self.path.absolute().parent / name
        self.files.append(path)
        try:
            with path.open("rb") as file:
                value = file.read(_LONGEST_SECRET_FILE).decode().strip()
        except OSError as error:
            raise Missing(f"cannot read {path}: {error.strerror}") from None
        except UnicodeDecodeError:
            raise Missing(f"{path} does not hold text") from None
        if not value:
            raise Missing(f"{path} is empty")
        return value


def _hint(name: str, table: Table, known: Iterable[str]) -> str:
    """Where an unknown key belongs, or what it resembles."""
    homes = [other for other in TABLES if any(name in key.forms for key in BY_TABLE[other])]
    if homes:
        return f" in {written(table)}; it belongs in {' or '.join(written(home) for home in homes)}"
    return did_you_mean(name, known, '"{}"')


def _shown(value: object) -> str:
    """A value as TOML would spell it, cut short."""
    text = {True: "true", False: "false"}[value] if isinstance(value, bool) else repr(value)
    if isinstance(value, str):
        text = f'"{value}"' if value.isprintable() and '"' not in value else repr(value)
    return text if len(text) <= 80 else f"{text[:77]}…"
