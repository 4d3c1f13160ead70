"""Changes a command makes to the config file, whose every other line is a person's and stays as it is."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from worker.config.errors import ConfigError
from worker.config.feed_tables import CannotEdit, with_feeds, without_feeds
from worker.config.lines import key_lines
from worker.config.load import load

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from worker.config.config import Config

_BOM = b"\xef\xbb\xbf"
#: How long another command's edit is waited for, in seconds.
PATIENCE = 10.0
#: Why a file could not be put in place of another though there is room for it: a mount point, a folder that is not
#: ours to write in, an owner that is not ours to give.
_IN_PLACE = frozenset({errno.EBUSY, errno.EXDEV, errno.EPERM, errno.EACCES, errno.EROFS, errno.EMLINK})

#: What a new file starts with.
FIRST_LINES = """\
# What Seedwire watches and whom it calls. Every key is described in docs/config.md; `seedwire config check` tells
# what is wrong here. A change is picked up while running, and a broken one is refused.

# Whom to call when something is reported; see docs/webhooks.md.
# [[webhooks]]
# name = "desk"
# url = "https://desk.example/hooks/news"
# secret_env = "DESK_SECRET"
"""


def place(config: Config, index: int) -> str:
    """``file:line`` of a feed, the line where it is known."""
    line = key_lines(config.text).get(("feeds", index, ""))
    return f"{config.path}:{line}" if line else str(config.path)


class Draft:
    """A config file on its way to another text. ``config`` is what the file says."""

    def __init__(self, path: Path, env: Mapping[str, str], text: str) -> None:
        self.path, self.text = path, text
        self._env, self._before = env, text
        self.config = load(path, env, text=text)

    @property
    def is_changed(self) -> bool:
        return self.text != self._before

    def add_feeds(self, tables: Sequence[Mapping[str, object]]) -> None:
        """Write ``[[feeds]]`` tables behind the last one. Raises ConfigError."""
        self._change(lambda: with_feeds(self.text, tables), "its feeds are")

    def remove_feeds(self, indexes: Collection[int]) -> None:
        """Take feeds out. Raises ConfigError."""
        self._change(lambda: without_feeds(self.text, indexes), "its feeds are")

    def change_secret(self, index: int, change: Callable[[str, int], str]) -> None:
        """Change the ``secret`` of a webhook as ``worker.config.secret_text`` does. Raises ConfigError."""
        self._change(lambda: change(self.text, index), f"webhooks[{index}].secret is")

    def check(self) -> None:
        """Raises ConfigError where the new text would not be taken by a running service."""
        try:
            load(self.path, self._env, text=self.text)
        except ConfigError as error:
            raise ConfigError([f"nothing was written, since then: {problem}" for problem in error.problems]) from None

    def _change(self, change: Callable[[], str], what: str) -> None:
        try:
            self.text = change()
        except CannotEdit:
            told = f"{what} written in a way that no command can change safely: edit the file by hand"
            raise ConfigError([f"{self.path}: {told}"]) from None


@contextmanager
def editing(path: Path, env: Mapping[str, str], *, write: bool = True) -> Iterator[Draft]:
    """The config file, for one change: written when the block ends well and the new text is a good config.

    Other edits wait meanwhile. Mode, owner and links of the file stay; where there is none, one is made. A reader sees
    the old text or the new one, but for a file that nothing can be put in place of (mounted by itself into a container,
    linked to twice, in a folder of somebody else's): that one is written over. Without ``write`` it is all but done.

    Raises ConfigError where the file cannot be used before or after, or cannot be written.
    """
    if not path.exists():
        draft = Draft(path, env, FIRST_LINES)
        yield draft
        draft.check()
        if write and draft.is_changed:
            _make(path, draft.text.encode())
        return
    with _locked(path) as file:
        data = file.read()
        mark, text = (_BOM, data[3:]) if data.startswith(_BOM) else (b"", data)
        try:
            draft = Draft(path, env, text.decode())
        except UnicodeDecodeError as error:
            raise ConfigError([f"{path}: not TOML: byte {error.start + len(mark)} is not UTF-8"]) from None
        yield draft
        draft.check()
        if write and draft.is_changed:
            try:
                _replace(file, path.resolve(), mark + draft.text.encode())
            except OSError as error:
                raise ConfigError([f"{path}: cannot be written: {error.strerror}"]) from None


def rewrite(path: Path, change: Callable[[str], str]) -> None:
    """Give a file that the config names another content, as safely as ``editing`` does. Raises ConfigError."""
    with _locked(path) as file:
        try:
            _replace(file, path.resolve(), change(file.read().decode()).encode())
        except OSError as error:
            raise ConfigError([f"{path}: cannot be written: {error.strerror}"]) from None


def _make(path: Path, data: bytes) -> None:
    try:
        with path.open("xb") as file:
            file.write(data)
    except OSError as error:
        raise ConfigError([f"{path}: cannot be made: {error.strerror}"]) from None


def _open(path: Path) -> BinaryIO:
    try:
        return path.open("r+b")
    except OSError as error:
        raise ConfigError([f"{path}: cannot be changed from here: {error.strerror}"]) from None


@contextmanager
def _locked(path: Path) -> Iterator[BinaryIO]:
    """The file, open, with no other edit of it under way."""
    until = time.monotonic() + PATIENCE
    while True:
        with _open(path) as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > until:
                    raise ConfigError([f"{path}: another command is editing it: try again"]) from None
                time.sleep(0.02)
                continue
            # Who held the lock before may have put another file in its place.
            if os.path.samestat(os.fstat(file.fileno()), path.stat()):
                yield file
                return


def _replace(file: BinaryIO, path: Path, data: bytes) -> None:
    try:
        _put_in_place(path, os.fstat(file.fileno()), data)
    except OSError as error:
        if error.errno not in _IN_PLACE:
            raise
        _write_over(file, data)


def _put_in_place(path: Path, old: os.stat_result, data: bytes) -> None:
    if old.st_nlink > 1:
        raise OSError(errno.EMLINK, os.strerror(errno.EMLINK), str(path))
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    draft = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchown(file.fileno(), old.st_uid, old.st_gid)
            shutil.copystat(path, draft)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def _write_over(file: BinaryIO, data: bytes) -> None:
    file.seek(0)
    old = file.read()
    try:
        _fill(file, data)
    except OSError:
        _fill(file, old)
        raise


def _fill(file: BinaryIO, data: bytes) -> None:
    file.seek(0)
    file.write(data)
    file.truncate()
    file.flush()
    os.fsync(file.fileno())
