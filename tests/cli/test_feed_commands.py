"""Feeds are added, removed, imported, exported and listed, and the config file stays its owner's."""

from __future__ import annotations

import io
import json
import sys
import threading
import tomllib
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update

from store import tables
from worker.config.watch import Watcher

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from conftest import Result

    from worker.context import Context

    Run = Callable[..., Result]

RSS = b"""<rss version="2.0"><channel><title>The Paper</title><item><title>News</title><guid>1</guid>
<pubDate>Sat, 21 Nov 2020 10:00:00 GMT</pubDate></item></channel></rss>"""


class Site(ThreadingHTTPServer):
    """Serves ``pages`` on loopback, an address for a page that is elsewhere, 404 for any other."""

    daemon_threads = True

    def __init__(self) -> None:
        self.pages: dict[str, bytes | str] = {}
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        page = self.server.pages.get(self.path)
        self.send_response(404 if page is None else 301 if isinstance(page, str) else 200)
        body = page if isinstance(page, bytes) else b""
        self.send_header("Content-Length", str(len(body)))
        if isinstance(page, str):
            self.send_header("Location", page)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as serving:
        threading.Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield serving
        serving.shutdown()


def configured(folder: Path) -> list[dict[str, Any]]:
    return tomllib.loads((folder / "seedwire.toml").read_text())["feeds"]


# --- add -------------------------------------------------------------------------------------------------------


def test_a_feed_is_added_with_all_that_is_said_of_it(run: Run, folder: Path, site: Site) -> None:
    site.pages["/rss"] = RSS
    before = (folder / "seedwire.toml").read_text()
    result = run(
        "feeds", "add", f"{site.url}/rss", "--allow-private", "--name", "Paper", "--tag", "a", "--tag", "b c",
        "--interval", "5m", "--fulltext", "--first-poll", "24h",
    )  # fmt: skip
    assert result.code == 0, result.err
    assert result.out.startswith(f"added {site.url}/rss (rss20, 1 item, the newest ")
    assert result.out.endswith(' d ago, "The Paper") to seedwire.toml\n')
    assert configured(folder)[1] == {
        "url": f"{site.url}/rss", "name": "Paper", "tags": ["a", "b c"], "interval": "5m", "fulltext": True,
        "allow_private": True, "first_poll": "24h",
    }  # fmt: skip
    assert all(line in (folder / "seedwire.toml").read_text().splitlines() for line in before.splitlines())
    assert run("config", "check").code == 0


def test_a_feed_is_found_on_its_page(run: Run, folder: Path, site: Site) -> None:
    site.pages["/"] = b'<html><head><link rel="alternate" type="application/rss+xml" href="/news.xml">'
    site.pages["/news.xml"] = RSS
    result = run("feeds", "add", site.url, "--allow-private", "--json")
    assert (result.code, result.lines) == (
        0, [{
            "url": f"{site.url}/news.xml", "allow_private": True, "format": "rss20", "title": "The Paper",
            "config": "seedwire.toml", "made": False,
        }],
    )  # fmt: skip


def test_an_address_may_lack_its_scheme(run: Run, folder: Path, site: Site) -> None:
    site.pages["/rss"] = RSS
    assert run("feeds", "add", f"{site.url.removeprefix('http://')}/rss", "--allow-private").code == 0
    assert configured(folder)[1]["url"] == f"{site.url}/rss"


def test_of_several_feeds_a_person_chooses(run: Run, folder: Path, site: Site) -> None:
    site.pages["/"] = b"<html><link rel=feed href=/a><link rel=feed href=/b>"
    site.pages["/a"], site.pages["/b"] = RSS, RSS.replace(b"Paper", b"Blog")
    asked = run("feeds", "add", site.url, "--allow-private")
    assert asked.code == 1
    assert [line.split()[:2] for line in asked.out.splitlines()] == [["1", f"{site.url}/a"], ["2", f"{site.url}/b"]]
    assert asked.err == f"seedwire: {site.url} has 2 feeds: add one with --pick N, or by its address\n"
    listed = run("feeds", "add", site.url, "--allow-private", "--json")
    assert (listed.code, [(line["pick"], line["title"]) for line in listed.lines]) == (
        1,
        [(1, "The Paper"), (2, "The Blog")],
    )
    assert len(configured(folder)) == 1
    assert run("feeds", "add", site.url, "--allow-private", "--pick", "3").code == 2
    assert run("feeds", "add", site.url, "--allow-private", "--pick", "2").code == 0
    assert run("feeds", "add", f"{site.url}/a", "--allow-private").code == 0
    assert [feed["url"] for feed in configured(folder)[1:]] == [f"{site.url}/b", f"{site.url}/a"]


def test_what_cannot_be_read_is_only_written_by_force(run: Run, folder: Path, site: Site) -> None:
    site.pages["/page"] = b"<html><title>No news</title></html>"
    for url, why in ((f"{site.url}/away", "answered 404"), (f"{site.url}/page", 'a web page titled "No news"')):
        refused = run("feeds", "add", url, "--allow-private")
        assert (refused.code, refused.out) == (1, "")
        assert why in refused.err
        assert "--force" in refused.err
        assert len(refused.err.splitlines()) == 1
    assert "say --allow-private" in run("feeds", "add", f"{site.url}/page").err
    assert len(configured(folder)) == 1
    forced = run("feeds", "add", f"{site.url}/away", "--allow-private", "--force")
    assert forced.code == 0
    assert "written all the same" in forced.err
    assert configured(folder)[1]["url"] == f"{site.url}/away"


def test_a_feed_there_is_is_refused_however_it_is_spelled(run: Run, folder: Path, site: Site) -> None:
    site.pages["/rss"] = RSS
    site.pages["/old"] = f"{site.url}/rss"
    url = f"{site.url}/rss"
    assert run("feeds", "add", url, "--allow-private", "--name", "P").code == 0
    lines = (folder / "seedwire.toml").read_text().splitlines()
    written = f'url = "{url}"'
    place = f"seedwire.toml:{lines.index(written)}"
    for again in (url, url.upper().replace("/RSS", "/rss"), f"{site.url}/old"):
        refused = run("feeds", "add", again, "--allow-private")
        assert (refused.code, refused.err) == (1, f"seedwire: {place}: {url} (P) is this feed already\n")
    alike = run("feeds", "add", url.replace("http:", "https:") + "/", "--allow-private")
    assert alike.code == 1
    assert f"{place}: {url} (P) looks like" in alike.err
    assert "--force" in alike.err
    site.pages["/rss/"] = RSS
    assert run("feeds", "add", f"{url}/", "--allow-private", "--force").code == 0
    assert run("feeds", "add", f"{url}/", "--allow-private", "--force").code == 1
    assert len(configured(folder)) == 3


def test_wrong_values_are_wrong_use(run: Run, folder: Path) -> None:
    for args in (
        ["ftp://x.example/"], ["https://x.example/", "--interval", "5"], ["https://x.example/", "--tag", ""],
        ["https://me:secret@x.example/"], ["https://x.example/", "--first-poll", "never"], [],
        ["https://x.example/", "--pick", "0"], ["feed.xml"],
    ):  # fmt: skip
        result = run("feeds", "add", *args)
        assert result.code == 2, args
        assert len(result.err.splitlines()) == 1


def test_a_value_that_the_config_cannot_have_is_refused(run: Run, folder: Path, site: Site) -> None:
    site.pages["/rss"] = RSS
    result = run("feeds", "add", f"{site.url}/rss", "--allow-private", "--interval", "1s")
    assert result.code == 1
    assert "nothing was written" in result.err
    assert "less than polling.min_interval 1m" in result.err
    assert len(configured(folder)) == 1


def test_where_there_is_no_config_one_is_made(run: Run, folder: Path, site: Site) -> None:
    site.pages["/rss"] = RSS
    (folder / "seedwire.toml").unlink()
    assert run("feeds", "add", f"{site.url}/rss").code == 1
    assert not (folder / "seedwire.toml").exists()
    result = run("feeds", "add", f"{site.url}/rss", "--allow-private")
    assert result.code == 0
    assert result.out.endswith("to seedwire.toml, which is new\n")
    assert [feed["url"] for feed in configured(folder)] == [f"{site.url}/rss"]
    assert run("config", "check").code == 0
    assert run("feeds", "list", "--json").lines[0]["health"] == "new"


# --- remove ----------------------------------------------------------------------------------------------------


def test_feeds_are_removed_by_address_or_name(run: Run, folder: Path) -> None:
    path = folder / "seedwire.toml"
    before = path.read_text()
    path.write_text(
        before + '[[feeds]]\nurl = "https://a.example/rss"\nname = "A"\n\n# about the next\n'
        '[[feeds]]\nurl = "https://b.example/rss"\n\n[[feeds]]\nurl = "https://c.example/rss"\nname = "C"\n'
    )
    result = run("feeds", "remove", "a", "https://B.example:443/rss")
    assert result.out == (
        "removed https://a.example/rss (A) from seedwire.toml\nremoved https://b.example/rss from seedwire.toml\n"
    )
    assert path.read_text() == before + '\n# about the next\n\n[[feeds]]\nurl = "https://c.example/rss"\nname = "C"\n'
    (gone,) = run("feeds", "remove", "C", "--json").lines
    assert gone == {"url": "https://c.example/rss", "name": "C", "tags": [], "config": "seedwire.toml"}
    assert run("feeds", "remove", "Nobody").code == 0
    assert "feeds" not in tomllib.loads(path.read_text())


def test_what_names_no_feed_or_several_removes_none(run: Run, folder: Path) -> None:
    with (folder / "seedwire.toml").open("a") as file:
        file.write('[[feeds]]\nurl = "https://a.example/rss"\nname = "nobody"\n')
    for which, told in (
        ("Nobdy", 'no feed has the address or name "Nobdy"; did you mean Nobody?'),
        ("http://www.a.example/rss/", "; did you mean https://a.example/rss?"),
        ("NOBODY", "say which address: http://127.0.0.1:1/feed (seedwire.toml:3), https://a.example/rss (seedwire."),
    ):  # fmt: skip
        result = run("feeds", "remove", "https://a.example/rss", which)
        assert result.code == 1
        assert told in result.err
        assert len(result.err.splitlines()) == 1
    assert len(configured(folder)) == 2


def test_a_feed_is_removed_by_the_title_it_is_listed_under(run: Run, stored: Context, folder: Path) -> None:
    path = folder / "seedwire.toml"
    path.write_text(path.read_text().replace('name = "Nobody"\n', ""))
    with stored.database.write() as transaction:
        transaction.connection.execute(update(tables.feeds).values(name="", title="The Paper"))
    assert run("feeds", "remove", "the paper").code == 0
    assert "feeds" not in tomllib.loads(path.read_text())


def test_a_running_service_takes_changes_over(run: Run, folder: Path, site: Site) -> None:
    site.pages["/rss"] = RSS
    watcher = Watcher(folder / "seedwire.toml", {}, settle=0)
    assert run("feeds", "add", f"{site.url}/rss", "--allow-private").code == 0
    assert watcher.refresh()
    assert run("feeds", "remove", "Nobody").code == 0
    assert watcher.refresh()
    assert [feed.url for feed in watcher.current.feeds] == [f"{site.url}/rss"]


# --- list ------------------------------------------------------------------------------------------------------

FIELDS = {
    "id", "url", "name", "tags", "polled", "succeeded", "next_poll", "failures", "problem", "problem_detail",
    "moved_to", "moved_seen", "items_per_day", "health",
}  # fmt: skip


def test_a_feed_is_listed_before_the_service_has_seen_it(run: Run, folder: Path) -> None:
    (feed,) = run("feeds", "list", "--json").lines
    assert set(feed) >= FIELDS
    assert (feed["name"], feed["health"], feed["polled"]) == ("Nobody", "new", None)
    (folder / "seedwire.toml").write_text("")
    assert "feeds add URL" in run("feeds", "list").out


def test_what_is_listed_is_what_the_config_says_now(run: Run, stored: Context, folder: Path) -> None:
    with (folder / "seedwire.toml").open("a") as file:
        file.write('[[feeds]]\nurl = "https://a.example/rss"\nname = "A"\n')
    assert [(f["name"], f["health"]) for f in run("feeds", "list", "--json").lines] == [("Nobody", "ok"), ("A", "new")]
    assert run("feeds", "remove", "Nobody").code == 0
    assert [f["name"] for f in run("feeds", "list", "--json").lines] == ["A"]


def test_moves_and_rests_are_told(run: Run, stored: Context) -> None:
    moved = {"moved_to": "https://new.example/rss", "moved_seen": 4}
    with stored.database.write() as transaction:
        transaction.connection.execute(update(tables.feeds).values(**moved))
    assert "moved to https://new.example/rss, seen 4 times; the config keeps its own" in run("feeds", "list").out
    (feed,) = run("feeds", "list", "--json").lines
    assert {name: feed[name] for name in moved} == moved
    gone = {"failures": 3, "problem": "gone", "problem_detail": "the server answered 410", "moved_to": None}
    with stored.database.write() as transaction:
        transaction.connection.execute(update(tables.feeds).values(**gone))
    row = run("feeds", "list").out.splitlines()[1]
    assert row.startswith("resting ")
    assert "gone: the server answered 410; asked once a day" in row
    assert "`seedwire feeds remove`" in row


# --- import and export -----------------------------------------------------------------------------------------

LIST = """<opml><body><outline text="World"><outline text="Asia">
<outline text="A & B" xmlUrl="https://a.example/rss?x=1&y=2"/></outline>
<outline text="Nobody again" xmlUrl="http://127.0.0.1:1/feed"/></outline>
<outline text="A once more" xmlUrl="http://www.a.example/rss?x=1&amp;y=2"/>
<outline text="Lost" type="rss"/><outline text="Odd" type="rss" xmlUrl="gopher://x.example/"/>
<outline text="C" xmlUrl="feed://c.example/rss"/></body></opml>"""


def test_a_list_is_imported_once(run: Run, folder: Path) -> None:
    (folder / "list.opml").write_text(LIST)
    before = (folder / "seedwire.toml").read_text()
    planned = run("feeds", "import", "list.opml", "--dry-run")
    assert planned.out == "2 feeds would be added to seedwire.toml; 2 duplicates; 2 left out\n"
    assert (folder / "seedwire.toml").read_text() == before
    result = run("feeds", "import", "list.opml", "--tag", "new")
    assert (result.code, result.out) == (0, "2 feeds added to seedwire.toml; 2 duplicates; 2 left out\n")
    lost, odd = result.err.splitlines()
    assert lost == 'seedwire: list.opml:5: "Lost" is left out: it has no address (xmlUrl)'
    assert odd.startswith('seedwire: list.opml:5: "Odd" is left out: url: expected an address such as')
    assert configured(folder)[1:] == [
        {"url": "https://a.example/rss?x=1&y=2", "name": "A & B", "tags": ["World", "Asia", "new"]},
        {"url": "http://c.example/rss", "name": "C", "tags": ["new"]},
    ]
    again = run("feeds", "import", "list.opml", "--json")
    assert again.code == 0
    assert [line["outcome"] for line in again.lines] == ["known", "known", "known", "left out", "left out", "known"]
    assert set(again.lines[0]) == {"file", "line", "url", "name", "tags", "outcome", "detail"}


def test_a_list_is_imported_from_standard_input(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "seedwire.toml").unlink()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(LIST.encode())))
    assert run("feeds", "import", "-", "--dry-run").code == 0
    assert not (folder / "seedwire.toml").exists()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(LIST.encode())))
    assert run("feeds", "import", "-").code == 0
    assert len(configured(folder)) == 3


def test_files_that_are_no_lists_are_named(run: Run, folder: Path) -> None:
    (folder / "list.opml").write_text(LIST)
    result = run("feeds", "import", "feed.xml", "missing.opml", "list.opml")
    assert result.code == 1
    assert "seedwire: feed.xml: no feed in it: expected OPML" in result.err
    assert "seedwire: missing.opml: cannot be read: No such file or directory" in result.err
    assert len(configured(folder)) == 3
    assert run("feeds", "import").code == 2


def test_dead_feeds_are_left_out_by_name_when_asked(run: Run, folder: Path, site: Site) -> None:
    site.pages["/rss"] = RSS
    (folder / "list.opml").write_text(
        f'<opml><outline text="Alive" xmlUrl="{site.url}/rss"/>\n<outline text="Dead" xmlUrl="{site.url}/gone"/></opml>'
    )
    result = run("feeds", "import", "list.opml", "--check", "--allow-private")
    assert (result.code, result.out) == (0, "1 feed added to seedwire.toml; 1 left out\n")
    assert result.err.splitlines()[-1] == 'seedwire: list.opml:2: "Dead" is left out: the server answered 404'
    (folder / "list.opml").write_text(f'<opml><outline text="Dead" xmlUrl="{site.url}/gone"/></opml>')
    result = run("feeds", "import", "list.opml", "--check", "--allow-private")
    assert result.code == 1
    assert "none of the 1 feeds can be read, so nothing was written" in result.err
    assert len(configured(folder)) == 2


def test_what_is_exported_is_imported_again(run: Run, folder: Path) -> None:
    with (folder / "seedwire.toml").open("a") as file:
        file.write(
            '[[feeds]]\nurl = "https://a.example/rss?a=1&b=2"\nname = "A <&> \\"B\\""\ntags = ["x, y", "z/w"]\n'
            'interval = "90m"\nfulltext = true\n\n[[feeds]]\nurl = "https://b.example/"\ntags = ["z/w"]\n'
        )
    before = configured(folder)[1:]
    assert run("feeds", "export", "--out", "all.opml").out == "3 feeds written to all.opml\n"
    assert run("feeds", "export").out.splitlines()[4:] == (folder / "all.opml").read_text().splitlines()[4:]
    (folder / "seedwire.toml").unlink()
    assert run("feeds", "import", "all.opml", "--json").code == 0
    again = {feed["url"]: feed for feed in configured(folder)}
    assert again["https://a.example/rss?a=1&b=2"] == before[0] | {"interval": "1h30m"}
    assert again["https://b.example/"] == before[1]
    assert again["http://127.0.0.1:1/feed"] == {"url": "http://127.0.0.1:1/feed", "name": "Nobody"}


def test_lists_of_real_readers_are_imported(run: Run, folder: Path, shared: Path) -> None:
    lists = [path for path in sorted((shared / "feeds/opml").iterdir()) if path.suffix in (".opml", ".xml")]
    result = run("feeds", "import", *lists)
    assert (result.code, result.err) == (0, "")
    assert result.out == "331 feeds added to seedwire.toml; 3 duplicates\n"
    assert run("config", "check").code == 0
    exported = run("feeds", "export").out
    (folder / "exported.opml").write_text(exported)
    before = sorted(configured(folder), key=lambda feed: str(feed["url"]))
    (folder / "seedwire.toml").unlink()
    assert run("feeds", "import", "exported.opml").code == 0
    after = sorted(configured(folder), key=lambda feed: str(feed["url"]))
    keys = ("url", "name", "tags")
    assert [json.dumps([f.get(k) for k in keys]) for f in after] == [
        json.dumps([f.get(k) for k in keys]) for f in before
    ]


def test_one_feed_is_made_due(run: Run, stored: Context) -> None:
    with stored.database.write() as transaction:
        later = stored.now() + timedelta(hours=5)
        transaction.connection.execute(update(tables.feeds).values(next_poll=later, polled=None))
    assert run("feeds", "poll", "http://127.0.0.1:1/feed").out == "it is due: now\n"
    told = json.loads(run("feeds", "poll", "Nobody", "--json").out)
    assert told["outcome"] == "due"
    result = run("feeds", "poll", "nothing")
    assert result.code == 2
    assert "seedwire feeds list" in result.err
