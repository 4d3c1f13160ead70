"""Commands change the config file as carefully as its owner would, also where it cannot be replaced."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from worker.config import ConfigError, load
from worker.config.edit import FIRST_LINES, editing, place
from worker.config.watch import Watcher

TEXT = '# mine\n[[feeds]]\nurl = "https://a.example/rss"  # the first\n'
ADDED = TEXT + '\n[[feeds]]\nurl = "https://b.example/rss"\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "seedwire.toml"
    path.write_text(TEXT)
    return path


def add(path: Path, url: str = "https://b.example/rss", **keys: object) -> None:
    with editing(path, {}) as draft:
        draft.add_feeds([{"url": url, **keys}])


def test_the_file_is_replaced_with_its_mode_and_owner(file: Path) -> None:
    file.chmod(0o640)
    if os.getuid() == 0:
        os.chown(file, 1234, 1235)
    before = file.stat()
    add(file)
    after = file.stat()
    assert file.read_text() == ADDED
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)
    assert after.st_ino != before.st_ino
    assert list(file.parent.iterdir()) == [file]


def test_links_are_followed_and_kept(file: Path, tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    link = tmp_path / "etc" / "seedwire.toml"
    link.symlink_to("../seedwire.toml")
    add(link)
    assert link.is_symlink()
    assert file.read_text() == ADDED
    hard = tmp_path / "other.toml"
    hard.hardlink_to(file)
    add(file, "https://c.example/rss")
    assert hard.read_text() == file.read_text()
    assert "https://c.example/rss" in hard.read_text()


def test_byte_order_mark_and_line_ends_stay(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode())
    add(file)
    assert file.read_bytes() == b"\xef\xbb\xbf" + ADDED.replace("\n", "\r\n").encode()


def test_an_edit_that_would_not_load_is_refused_with_the_reason(file: Path) -> None:
    with pytest.raises(
        ConfigError, match=r"nothing was written, since then: .*:7: feeds\[1\]\.interval: 1s is less than"
    ):
        add(file, interval="1s")
    with pytest.raises(ConfigError, match=r"feeds\[0\] has the same address; keep one of them"):
        add(file, "https://A.example/rss")
    assert file.read_text() == TEXT


def test_a_broken_file_is_left_alone(file: Path) -> None:
    file.write_text(TEXT + "nme = 1\n")
    with pytest.raises(ConfigError, match='did you mean "name"'):
        add(file)
    file.write_bytes(b"# \xff\n")
    with pytest.raises(ConfigError, match="byte 2 is not UTF-8"):
        add(file)


def test_what_fails_half_way_changes_nothing(file: Path) -> None:
    with pytest.raises(ZeroDivisionError), editing(file, {}) as draft:
        draft.add_feeds([{"url": "https://b.example/rss"}])
        raise ZeroDivisionError
    assert file.read_text() == TEXT


def test_a_missing_file_is_made(tmp_path: Path) -> None:
    path = tmp_path / "new.toml"
    with pytest.raises(ConfigError, match="nothing was written"):
        add(path, interval="1s")
    assert not path.exists()
    add(path)
    assert path.read_text().startswith(FIRST_LINES)
    assert [feed.url for feed in load(path, {}).feeds] == ["https://b.example/rss"]
    assert load(path, {}).warnings == ()


def test_what_cannot_be_written_is_told_in_one_line(file: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none/new\.toml: cannot be made: No such file or directory"):
        add(tmp_path / "none" / "new.toml")
    with pytest.raises(ConfigError, match="cannot be changed from here: Is a directory"):
        add(tmp_path)
    assert file.read_text() == TEXT


def test_edits_at_once_are_all_made(file: Path) -> None:
    urls = [f"https://{n}.example/rss" for n in range(12)]
    threads = [threading.Thread(target=add, args=(file, url)) for url in urls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert {feed.url for feed in load(file, {}).feeds} == {"https://a.example/rss", *urls}


def test_an_edit_that_does_not_end_is_not_waited_for_for_ever(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worker.config.edit.PATIENCE", 0.1)
    with editing(file, {}), pytest.raises(ConfigError, match="another command is editing it: try again"):
        add(file)


def test_a_file_in_a_folder_of_somebody_elses_is_written_over(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    inode = file.stat().st_ino
    monkeypatch.setattr(Path, "replace", refuse)
    add(file)
    assert file.read_text() == ADDED
    assert file.stat().st_ino == inode
    assert list(file.parent.iterdir()) == [file]


def test_a_full_disk_loses_nothing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("worker.config.edit.os.fsync", full)
    with pytest.raises(ConfigError, match="cannot be written: No space left on device"):
        add(file)
    assert file.read_text() == TEXT
    assert list(file.parent.iterdir()) == [file]


def can_mount() -> bool:
    tried = shutil.which("unshare") and subprocess.run(["unshare", "-m", "true"], check=False, capture_output=True)
    return bool(tried and tried.returncode == 0)


@pytest.mark.skipif(not can_mount(), reason="may not mount")
def test_a_file_mounted_by_itself_is_written_over_and_seen_on_both_sides(file: Path, tmp_path: Path) -> None:
    mounted = tmp_path / "mounted.toml"
    mounted.touch()
    program = (
        "import sys; from pathlib import Path; from worker.config.edit import editing\n"
        "with editing(Path(sys.argv[1]), {}) as draft: draft.add_feeds([{'url': 'https://b.example/rss'}])"
    )
    subprocess.run(
        [
            "unshare",
            "-m",
            "sh",
            "-c",
            'mount --bind "$0" "$1" && "$2" -c "$3" "$1"',
            file,
            mounted,
            sys.executable,
            program,
        ],
        check=True,
        timeout=60,
    )
    assert file.read_text() == ADDED
    assert mounted.read_text() == ""


def test_a_running_service_takes_the_change_over(file: Path) -> None:
    watcher = Watcher(file, {}, settle=0)
    add(file, tags=["b"])
    assert watcher.refresh()
    assert [feed.tags for feed in watcher.current.feeds] == [(), ("b",)]
    with editing(file, {}) as draft:
        draft.remove_feeds([0])
        assert place(draft.config, 0) == f"{file}:2"
    assert watcher.refresh()
    assert [feed.url for feed in watcher.current.feeds] == ["https://b.example/rss"]


def test_thousands_of_feeds_are_edited_in_seconds(file: Path) -> None:
    started = time.process_time()
    with editing(file, {}) as draft:
        draft.add_feeds([{"url": f"https://h{n}.example/rss", "tags": ["a"]} for n in range(3_000)])
    add(file)
    assert time.process_time() - started < 20
    assert stat.S_ISREG(file.stat().st_mode)
