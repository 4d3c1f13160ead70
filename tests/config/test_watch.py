from __future__ import annotations

import functools
import os
import sys
from pathlib import Path

import pytest

from worker.config import ConfigError
from worker.config.load import load
from worker.config.watch import Watcher

FEED = '[[feeds]]\nurl = "https://a.example/rss"\n'


#: A watcher for which every change is old enough.
watching = functools.partial(Watcher, settle=0, again=0)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "seedwire.toml"
    path.write_text(FEED)
    return path


def test_a_change_is_picked_up_once(file: Path) -> None:
    watcher = watching(file, {})
    assert not watcher.refresh()
    file.write_text(FEED + FEED.replace("a.example", "b.example"))
    assert watcher.refresh()
    assert [feed.url for feed in watcher.current.feeds] == ["https://a.example/rss", "https://b.example/rss"]
    assert not watcher.refresh()


def test_a_broken_change_is_refused_and_reported_once_until_it_is_mended(file: Path) -> None:
    watcher = watching(file, {})
    before = watcher.current
    file.write_text(FEED + "nme = 'A'\nfultext = true\n")
    assert watcher.refresh()
    assert watcher.current is before
    assert watcher.problem == f'{file}:3: feeds[0].nme: unknown key; did you mean "name"? (and 1 more)'
    assert not watcher.refresh()
    file.write_text(FEED + "nme = 'A'\n")
    assert watcher.refresh()  # another problem
    file.write_text(FEED + "name = 'A'\n")
    assert watcher.refresh()
    assert watcher.problem is None
    assert watcher.current.feeds[0].name == "A"


def test_a_change_taken_back_is_no_problem_any_more(file: Path) -> None:
    watcher = watching(file, {})
    before = watcher.current
    file.write_text("[")
    assert watcher.refresh()
    file.write_text(FEED)
    assert watcher.refresh()
    assert (watcher.problem, watcher.current) == (None, before)


def test_a_deleted_file_leaves_the_config_in_force(file: Path) -> None:
    watcher = watching(file, {})
    file.unlink()
    assert watcher.refresh()
    assert watcher.problem == f"the config file {file} is gone; the old one stays in force"
    assert len(watcher.current.feeds) == 1
    file.write_text(FEED)
    assert watcher.refresh()
    assert watcher.problem is None


def test_a_file_replaced_by_another_of_the_same_size_and_time_is_seen(file: Path) -> None:
    watcher = watching(file, {})
    state = file.stat()
    other = file.with_suffix(".new")
    other.write_text(FEED.replace("a.example", "z.example"))
    os.utime(other, ns=(state.st_atime_ns, state.st_mtime_ns))
    other.replace(file)
    assert watcher.refresh()
    assert watcher.current.feeds[0].url == "https://z.example/rss"


def test_a_changed_secret_file_is_picked_up(file: Path) -> None:
    token = file.with_name("token")
    token.write_text("one-one-one-one-one")
    file.write_text('[service]\napi_token_file = "token"\n')
    watcher = watching(file, {})
    token.write_text("two-two-two-two-two-two")
    assert watcher.refresh()
    assert watcher.current.service.api_token == "two-two-two-two-two-two"


def test_a_secret_file_that_comes_later_mends_a_refused_change(file: Path) -> None:
    watcher = watching(file, {})
    file.write_text('[service]\napi_token_file = "token"\n')
    assert watcher.refresh()
    file.with_name("token").write_text("one-one-one-one-one")
    assert watcher.refresh()
    assert (watcher.problem, watcher.current.service.api_token) == (None, "one-one-one-one-one")


def test_keys_that_need_a_restart_keep_their_value_and_are_named(file: Path) -> None:
    watcher = watching(file, {})
    before = watcher.current.service
    file.write_text('[service]\nlisten = "127.0.0.1:9"\ndata_dir = "other"\nkeep_items = "1d"\n' + FEED)
    assert watcher.refresh()
    now = watcher.current.service
    assert (now.listen, now.data_dir, now.database_url) == (before.listen, before.data_dir, before.database_url)
    assert now.keep_items != before.keep_items
    assert watcher.pending_restart == ("service.data_dir", "service.database_url", "service.listen")
    file.write_text('[service]\nkeep_items = "1d"\n' + FEED)
    assert watcher.refresh()
    assert watcher.pending_restart == ()


def test_a_remark_changes_nothing(file: Path) -> None:
    watcher = watching(file, {})
    before = watcher.current
    file.write_text(f"# all well\n{FEED}")
    assert not watcher.refresh()
    assert watcher.current is before


def test_the_environment_of_the_start_keeps_its_say(file: Path) -> None:
    env = {"SEEDWIRE_POLLING_PER_HOST": "9"}
    watcher = watching(file, env)
    env.clear()
    file.write_text(f"{FEED}[polling]\nper_host = 1\n")
    watcher.refresh()
    assert watcher.current.polling.per_host == 9


def test_what_is_broken_to_begin_with_does_not_start(file: Path) -> None:
    file.write_text("[")
    with pytest.raises(ConfigError):
        watching(file, {})


def test_nothing_is_read_while_nothing_changed(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    watcher = watching(file, {})
    monkeypatch.setattr("worker.config.watch.load", lambda *_: pytest.fail("the file was read again"))
    for _ in range(3):
        assert not watcher.refresh()


def test_a_file_that_is_still_being_written_is_left_alone(file: Path) -> None:
    watcher = Watcher(file, {}, settle=60)
    file.write_text("")
    assert not watcher.refresh()
    assert len(watcher.current.feeds) == 1
    long_ago = file.stat().st_mtime_ns - 61 * 10**9
    os.utime(file, ns=(long_ago, long_ago))
    assert watcher.refresh()
    assert watcher.current.feeds == ()


def test_a_file_dated_in_the_future_is_taken(file: Path) -> None:
    watcher = Watcher(file, {}, settle=60)
    file.write_text("")
    ahead = file.stat().st_mtime_ns + 3600 * 10**9
    os.utime(file, ns=(ahead, ahead))
    assert watcher.refresh()


@pytest.mark.skipif(sys.platform != "linux", reason="needs a name for a file that has none left")
def test_a_mounted_file_that_was_replaced_where_it_comes_from_is_told(file: Path) -> None:
    """A container that mounts one file keeps that file when an editor puts another in its place outside."""
    with file.open("rb") as mount:
        mounted = Path(f"/proc/self/fd/{mount.fileno()}")
        watcher = watching(mounted, {})
        other = file.with_suffix(".new")
        other.write_text(FEED.replace("a.example", "z.example"))
        other.replace(file)
        assert watcher.refresh()
        assert watcher.problem is not None
        assert watcher.problem.startswith(f"{mounted} was replaced where it is mounted from")
        assert [feed.url for feed in watcher.current.feeds] == ["https://a.example/rss"]
        assert not watcher.refresh()


def test_a_refused_change_is_read_again_now_and_then_not_each_time(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With thousands of feeds that takes seconds, and every request and task looks."""
    watcher = Watcher(file, {}, settle=0, again=5.0)
    clock = [1_000.0]
    monkeypatch.setattr("worker.config.watch.time.monotonic", lambda: clock[0])
    read = []
    monkeypatch.setattr("worker.config.watch.load", lambda *given: (read.append(1), load(*given))[1])
    file.write_text(FEED + "[nonsense]\n")
    assert watcher.refresh()
    for _ in range(10):
        assert not watcher.refresh()
        clock[0] += 1.0
    assert len(read) == 2
    file.write_text(FEED)  # at once, however short ago the last reading was
    assert watcher.refresh()
    assert watcher.problem is None
