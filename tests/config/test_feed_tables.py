"""Feeds are written into a config and taken out of it, and nothing else of the file changes."""

from __future__ import annotations

import difflib
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.config.feed_tables import CannotEdit, with_feeds, without_feeds

SHIPPED = (Path(__file__).parents[2] / "seedwire.toml").read_text()
NEW = {"url": "https://new.example/rss", "name": 'The "New" Café', "tags": ["a", "b"], "fulltext": True}
WRITTEN = (
    '[[feeds]]\nurl = "https://new.example/rss"\nname = "The \\"New\\" Café"\ntags = ["a", "b"]\nfulltext = true\n'
)


def changed(old: str, new: str) -> tuple[list[str], list[str]]:
    """The lines that went and those that came."""
    lines = list(difflib.ndiff(old.splitlines(keepends=True), new.splitlines(keepends=True)))
    return [x[2:] for x in lines if x[:2] == "- "], [x[2:] for x in lines if x[:2] == "+ "]


def test_a_feed_follows_the_last_one_and_nothing_else_moves() -> None:
    gone, came = changed(SHIPPED, with_feeds(SHIPPED, [NEW]))
    assert gone == []
    assert "".join(came).strip("\n") == WRITTEN.strip("\n")
    assert tomllib.loads(with_feeds(SHIPPED, [NEW]))["feeds"][-1] == NEW


@pytest.mark.parametrize("index", range(len(tomllib.loads(SHIPPED)["feeds"])))
def test_a_feed_goes_and_every_remark_stays(index: int) -> None:
    url = tomllib.loads(SHIPPED)["feeds"][index]["url"]
    gone, came = changed(SHIPPED, without_feeds(SHIPPED, [index]))
    assert came == []
    assert len([line for line in gone if line.strip()]) == 4
    assert any(f'url = "{url}"' in line for line in gone)


def test_what_was_added_and_taken_out_again_left_no_trace() -> None:
    count = len(tomllib.loads(SHIPPED)["feeds"])
    assert without_feeds(with_feeds(SHIPPED, [NEW, NEW]), [count, count + 1]) == SHIPPED


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", WRITTEN),
        ("[service]", f"[service]\n\n{WRITTEN}"),
        ("# nothing yet\n", f"# nothing yet\n\n{WRITTEN}"),
        (
            '[[feeds]]\nurl = "https://a.example/"\n[[webhooks]]\nname = "d"\n',
            f'[[feeds]]\nurl = "https://a.example/"\n\n{WRITTEN}\n[[webhooks]]\nname = "d"\n',
        ),
        (  # what directly follows a feed is about it, what follows a blank line is about what comes next
            '[[feeds]]\nurl = "https://a.example/"\n# name = "A"\n\n# hooks\n[[webhooks]]\nname = "d"\n',
            f'[[feeds]]\nurl = "https://a.example/"\n# name = "A"\n\n{WRITTEN}\n# hooks\n[[webhooks]]\nname = "d"\n',
        ),
        (  # feeds in two places
            '[[feeds]]\nurl = "https://a.example"\n\n[service]\n\n[["feeds"]] # b\nurl = "https://b.ex"',
            f'[[feeds]]\nurl = "https://a.example"\n\n[service]\n\n[["feeds"]] # b\nurl = "https://b.ex"\n\n{WRITTEN}',
        ),
        (  # a text that looks like a table
            '[[feeds]]\nurl = "https://a.example/"\nname = """\n[[feeds]]\n"""\ntags = [\n  "x", # ]\n]\n',
            f'[[feeds]]\nurl = "https://a.example/"\nname = """\n[[feeds]]\n"""\ntags = [\n  "x", # ]\n]\n\n{WRITTEN}',
        ),
    ],
)  # fmt: skip
def test_a_feed_is_added_wherever_feeds_stand(before: str, after: str) -> None:
    assert with_feeds(before, [NEW]) == after
    windows = before.replace("\n", "\r\n")
    if "\n" in before:
        assert with_feeds(windows, [NEW]) == after.replace("\n", "\r\n")


INLINE = '{ url = "https://new.example/rss", tags = ["a"] }'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("feeds = []\n", f"feeds = [\n  {INLINE},\n]\n"),
        ('feeds = [{url = "a"}]\n[service]\n', f'feeds = [{{url = "a"}}, {INLINE}]\n[service]\n'),
        ('feeds = [{url = "a"}, ] # x\n', f'feeds = [{{url = "a"}}, {INLINE} ] # x\n'),
        ('feeds = [\n  {url = "a"}, # 1\n  # 2\n]\n', f'feeds = [\n  {{url = "a"}}, # 1\n  {INLINE},\n  # 2\n]\n'),
        ('feeds = [\n\t{url = "a"} # }, 1\n]\n', f'feeds = [\n\t{{url = "a"}}, # }}, 1\n\t{INLINE},\n]\n'),
        ("'feeds' = [\r\n {url = 'a'},\r\n]\r\n", f"'feeds' = [\r\n {{url = 'a'}},\r\n {INLINE},\r\n]\r\n"),
    ],
)
def test_a_feed_is_added_to_a_list_of_inline_tables(before: str, after: str) -> None:
    table = {"url": "https://new.example/rss", "tags": ["a"]}
    assert with_feeds(before, [table]) == after
    count = len(tomllib.loads(before)["feeds"])
    assert tomllib.loads(without_feeds(after, [count])) == tomllib.loads(before)


@pytest.mark.parametrize(
    ("before", "index", "after"),
    [
        ('feeds = [{url = "a"}, {url = "b"}]\n', 0, 'feeds = [{url = "b"}]\n'),
        ('feeds = [{url = "a"}, {url = "b"}]\n', 1, 'feeds = [{url = "a"}]\n'),
        ('feeds = [\n  {url = "a"}, # 1\n  # 2\n  {url = "b"}\n]\n', 0, 'feeds = [\n  # 2\n  {url = "b"}\n]\n'),
        ('feeds = [\n  {url = "a"},\n  {url = "b"} # 1\n]\n', 1, 'feeds = [\n  {url = "a"},\n]\n'),
        ('[[feeds]]\nurl = "a"\n[[feeds]]\nurl = "b"\n', 0, '[[feeds]]\nurl = "b"\n'),
        ('[[feeds]]\nurl = "a"\n[[feeds]]\nurl = "b"\n', 1, '[[feeds]]\nurl = "a"\n'),
        ('# h\n\n# a\n[[feeds]]\nurl = "a" # x\n\n# b\n[[feeds]]\n', 0, '# h\n\n# a\n\n# b\n[[feeds]]\n'),
        ('[service]\r\n\r\n[[feeds]]\r\nurl = "a"\r\n\r\n[polling]\r\n', 0, "[service]\r\n\r\n[polling]\r\n"),
    ],
)  # fmt: skip
def test_a_feed_is_taken_out(before: str, index: int, after: str) -> None:
    assert without_feeds(before, [index]) == after


def test_what_cannot_be_edited_safely_is_refused() -> None:
    with pytest.raises(CannotEdit):
        with_feeds('feeds = [{url = "a"}\n  , {url = "b"}\n#,\n, ]\n[x]\n"feeds" = [1]\n', [{"url": "\x7f"}])


_WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20)


@given(
    st.lists(st.tuples(_WORDS, st.lists(_WORDS, max_size=3), _WORDS, st.integers(0, 3)), max_size=6),
    st.booleans(), st.data(),
)  # fmt: skip
def test_any_feeds_are_added_and_taken_out(
    feeds: list[tuple[str, list[str], str, int]], windows: bool, data: st.DataObject
) -> None:
    tables: list[dict[str, object]] = [{"url": url, "tags": tags} for url, tags, _, _ in feeds]
    text = "[service]\nx = 1\n"
    for table, (_, _, remark, blanks) in zip(tables, feeds, strict=True):
        text = with_feeds(text, [table]) + "\n" * blanks + f"# {remark}\n"
    text = text.replace("\n", "\r\n") if windows else text
    assert tomllib.loads(text).get("feeds", []) == tables
    taken = data.draw(st.sets(st.sampled_from(range(len(tables))))) if tables else set()
    left = without_feeds(text, taken)
    assert tomllib.loads(left).get("feeds", []) == [t for n, t in enumerate(tables) if n not in taken]
    for _, _, remark, _ in feeds:
        assert f"# {remark}" in left
