"""The config in force while the service runs: picks up a changed file, refuses a broken one."""

from __future__ import annotations

import os
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from worker.config.errors import ConfigError, ConfigNotFound
from worker.config.keys import BY_TABLE
from worker.config.load import DEFAULT_NAME, find_config, load

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from worker.config.config import Config

#: Enough of a file's state to see that it is another one or holds something else; None where there is no file.
Stamp = tuple[int, int, int, bool] | None

_RESTART = tuple(key.name for key in BY_TABLE["service"] if key.restart)


class Watcher:
    """Threads may share one.

    A change counts once it is ``settle`` seconds old: an editor empties a file before it fills it, and an empty file
    is a good config that watches nothing. While a change is refused, it is read ``again`` after so many seconds: what
    mends it may be a file that was never read.

    The environment is that of the start; what changes is the config file and the secret files it names. Where the
    file cannot be used to begin with, ``$SEEDWIRE_IN_FORCE`` may name a copy of what it last said: so a part that is
    restarted while a change is refused keeps to the config that the others are working by.

    Raises ConfigError where there is no usable config to begin with.
    """

    def __init__(self, path: Path | None, env: Mapping[str, str], *, settle: float = 0.5, again: float = 5.0) -> None:
        self._env = dict(env)
        self._settle_ns = int(settle * 1e9)
        self._again = again
        self._loaded = time.monotonic()
        self._lock = threading.Lock()
        self._problem: str | None = None
        self._pending: tuple[str, ...] = ()
        try:
            self._path = find_config(path, env)
            # Stamped before it is read: a change in between is then seen at the next refresh, not lost.
            stamp = _stamps([self._path])
            self._current = load(self._path, self._env)
        except ConfigError as error:
            self._path = path or Path(env.get("SEEDWIRE_CONFIG", DEFAULT_NAME))
            stamp = _stamps([self._path])
            self._current = _in_force(self._path, self._env, error)
            self._problem = error.problems[0]
        self._read = self._current
        self._stamps = stamp | _stamps(self._current.files)
        self._named = {path for path, stamp in self._stamps.items() if stamp and stamp[3]}

    @property
    def current(self) -> Config:
        """The config in force. Keys that need a restart keep the value of the start."""
        return self._current

    @property
    def problem(self) -> str | None:
        """Why the file as it is now is refused, in one line; None while it is in force."""
        return self._problem

    @property
    def pending_restart(self) -> tuple[str, ...]:
        """Changed keys that wait for a restart, as ``service.listen``."""
        return self._pending

    def refresh(self) -> bool:
        """Look at the files; True when ``current``, ``problem`` or ``pending_restart`` became another, once a change.

        Costs a ``stat`` a file while nothing changed, so it can be called before every piece of work.
        """
        with self._lock:
            stamps = _stamps(self._stamps)
            cut_off = self._cut_off(stamps)
            waits = time.monotonic() < self._loaded + self._again
            if stamps == self._stamps and (self._problem is None or cut_off or waits):
                return False
            if stamps != self._stamps and _is_young(stamps, self._settle_ns):
                return False
            before = (self._current, self._problem, self._pending)
            self._loaded = time.monotonic()
            try:
                read = load(self._path, self._env)
            except ConfigError as error:
                self._stamps = stamps
                self._problem = self._told(error)
                return before != (self._current, self._problem, self._pending)
            self._stamps = {path: stamps.get(path, stamp) for path, stamp in _stamps(read.files).items()}
            self._named |= {path for path, stamp in self._stamps.items() if stamp and stamp[3]}
            self._problem = cut_off
            if read != self._read:
                if self._env.get("SEEDWIRE_IN_FORCE"):
                    keep_in_force(Path(self._env["SEEDWIRE_IN_FORCE"]), read.text)
                self._read = read
                started = {name: getattr(self._current.service, name) for name in _RESTART}
                self._pending = tuple(
                    f"service.{name}" for name in _RESTART if getattr(read.service, name) != started[name]
                )
                self._current = replace(read, service=replace(read.service, **started))
            return before != (self._current, self._problem, self._pending)

    def _cut_off(self, stamps: Mapping[Path, Stamp]) -> str | None:
        """What to say of a file that has lost its name and can still be read: one mounted into a container by itself,
        where an editor outside has put another in its place. That one cannot be seen from here."""
        for path, stamp in stamps.items():
            if stamp and not stamp[3] and path in self._named:
                remedy = "which cannot be seen from here: restart, or mount its folder"
                return f"{path} was replaced where it is mounted from, {remedy}"
        return None

    def _told(self, error: ConfigError) -> str:
        if isinstance(error, ConfigNotFound):
            return f"the config file {self._path} is gone; the old one stays in force"
        more = len(error.problems) - 1
        return error.problems[0] + (f" (and {more} more)" if more else "")


def _is_young(stamps: Mapping[Path, Stamp], settle_ns: int) -> bool:
    """Whether a file was written within the last moments; one from the future, on another clock, was not."""
    now = time.time_ns()
    return any(stamp is not None and 0 <= now - stamp[0] < settle_ns for stamp in stamps.values())


def keep_in_force(path: Path, text: str) -> None:
    """Write what a config says into the file that ``$SEEDWIRE_IN_FORCE`` names, at once and for our eyes only."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}")
    draft.touch(mode=0o600)
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


def _in_force(path: Path, env: Mapping[str, str], error: ConfigError) -> Config:
    """What the file last said that could be used; raises ``error`` where that is not known."""
    try:
        text = Path(env["SEEDWIRE_IN_FORCE"]).read_text(encoding="utf-8")
        return load(path, env, text=text)
    except (KeyError, OSError, ConfigError):
        raise error from None


def _stamps(paths: Iterable[Path]) -> dict[Path, Stamp]:
    stamps: dict[Path, Stamp] = {}
    for path in paths:
        try:
            state = path.stat()
        except OSError:
            stamps[path] = None
        else:
            stamps[path] = (state.st_mtime_ns, state.st_size, state.st_ino, state.st_nlink > 0)
    return stamps
