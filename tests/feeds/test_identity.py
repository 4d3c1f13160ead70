"""Each item once, however its feed writes it from poll to poll."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.entry import Entry
from feeds.identity import Selection, identify, select

FEED = "feed-1"
NOON = datetime(2024, 7, 3, 12, 0, 7, tzinfo=UTC)


class Memory:
    """Polls a feed as the service does: asks for the keys of the document, remembers all that were seen. ``sparing``
    asks for the other keys only of entries whose state is not known."""

    def __init__(self, *, sparing: bool = False) -> None:
        self.known: dict[str, str] = {}
        self.sparing = sparing

    def poll(self, *entries: Entry) -> Selection:
        identified = identify(FEED, entries)
        asked = {key for own in identified.keys for key in own}
        if self.sparing:
            known_states = {own[-1] for own in identified.keys if own[-1] in self.known}
            asked = {key for own in identified.keys if own[-1] not in known_states for key in own} | known_states
        selection = select(identified, {key: self.known[key] for key in asked if key in self.known})
        self.known |= selection.seen
        return selection


def article(n: int, **changes: object) -> Entry:
    entry = Entry(
        guid=f"guid-{n}",
        link=f"https://e.org/2024/07/article-{n}",
        title=f"Report number {n} of the day, at some length",
        text=f"Text of report {n}.",
        published=NOON + timedelta(minutes=n),
    )
    return replace(entry, **changes)  # type: ignore[arg-type]


def titles(selection: Selection) -> list[str]:
    return [new.item.title for new in selection.new]


def test_the_same_document_twice_brings_nothing() -> None:
    memory = Memory()
    assert len(memory.poll(article(1), article(2)).new) == 2
    again = memory.poll(article(1), article(2))
    assert (again.new, again.updated) == ((), ())


def test_ids_are_derived_from_feed_and_entry() -> None:
    (first,) = select(identify(FEED, [article(1)]), {}).new
    (second,) = select(identify(FEED, [article(1)]), {}).new
    (other,) = select(identify("feed-2", [article(1)]), {}).new
    assert first.item.id == second.item.id != other.item.id
    assert first.item.feed_id == FEED


@pytest.mark.parametrize(
    "edit",
    [
        {"title": "A new headline for the very same report"},
        {"text": "More."},
        {"published": NOON + timedelta(hours=3)},
        {"published": None},
        {"link": "https://e.org/2024/07/another-slug-1"},
        {"guid": "guid-1#1"},
        {"guid": None},
        {"guid": "guid-1#1", "title": "A new headline", "published": NOON + timedelta(hours=1)},
        {"guid": "x", "link": "https://e.org/politics/2024/07/article-1"},
        {"guid": None, "link": None},
        {"link": None},
    ],
    ids=str,
)
def test_an_edited_entry_is_an_update_of_the_same_item(edit: dict[str, object]) -> None:
    memory = Memory()
    before = memory.poll(article(1), article(2))
    after = memory.poll(article(1, **edit), article(2))
    assert after.new == ()
    if set(edit) != {"guid"}:
        assert [u.item.id for u in after.updated] == [before.new[0].item.id]
    assert memory.poll(article(1, **edit), article(2)).updated == ()
    assert memory.poll(article(1), article(2), article(3)).new[0].item.title == article(3).title


def test_guids_that_rotate_at_every_poll() -> None:
    memory = Memory()
    ids = set()
    for turn in range(5):
        selection = memory.poll(*(article(n, guid=f"{n}#{turn}") for n in range(4)))
        ids |= {new.item.id for new in selection.new}
    assert len(ids) == 4


@pytest.mark.parametrize("published", [None, datetime(2024, 7, 3, tzinfo=UTC)], ids=["undated", "a day"])
def test_guids_that_rotate_beside_short_links_and_no_time(published: datetime | None) -> None:
    memory = Memory()
    for turn in range(4):
        selection = memory.poll(
            *(article(n, guid=f"{n}#{turn}", link=f"https://e.org/world/{n}", published=published) for n in range(4))
        )
        assert (len(selection.new), len(selection.updated)) == ((0, 0) if turn else (4, 0))


def test_another_warning_at_the_same_short_link_is_new() -> None:
    memory = Memory()
    for place in ("north", "south"):
        warning = article(1, guid=place, link="https://e.org/warnings", text=f"Storms in the {place}.", published=None)
        assert len(memory.poll(warning).new) == 1


def test_a_column_at_one_short_link_is_new_every_day() -> None:
    memory = Memory()
    for day in range(4):
        column = article(day, link="https://e.org/weather", title="The weather in the capital tomorrow")
        assert len(memory.poll(column, article(99)).new) == (2 if day == 0 else 1)


@pytest.mark.parametrize("guid", [None, "the-feed-itself"])
def test_no_guid_and_one_guid_for_all(guid: str | None) -> None:
    memory = Memory()
    assert len(memory.poll(*(article(n, guid=guid) for n in range(5))).new) == 5
    selection = memory.poll(*(article(n, guid=guid) for n in range(2, 8)))
    assert titles(selection) == [article(5).title, article(6).title, article(7).title]


@pytest.mark.parametrize("guid", [None, "the-feed-itself"])
def test_one_link_for_all(guid: str | None) -> None:
    memory = Memory()
    entries = [article(n, guid=guid, link="https://e.org/") for n in range(5)]
    assert len(memory.poll(*entries).new) == 5
    assert memory.poll(*entries).new == ()
    assert len(memory.poll(*entries, article(9, guid=guid, link="https://e.org/")).new) == 1


def test_titles_alone() -> None:
    memory = Memory()
    assert len(memory.poll(Entry(title="Rain"), Entry(title="Sun"), Entry(text="A note.")).new) == 3
    assert titles(memory.poll(Entry(title="Sun"), Entry(title="Snow"), Entry(text="A note."))) == ["Snow"]


def test_notes_of_text_alone_are_apart() -> None:
    memory = Memory()
    assert len(memory.poll(Entry(text="A note."), Entry(text="Another."), Entry(text="A note.")).new) == 2
    assert memory.poll(Entry(text="Another."), Entry(text="A note.")).new == ()


def test_a_repeated_title_with_another_date_is_another_item() -> None:
    memory = Memory()
    memory.poll(Entry(title="Weather", published=NOON))
    assert len(memory.poll(Entry(title="Weather", published=NOON + timedelta(days=1))).new) == 1


def test_statements_dated_to_the_day_with_one_title_are_apart() -> None:
    midnight = datetime(2024, 7, 3, tzinfo=UTC)
    memory = Memory()
    title = "Statement of the ministry's spokesperson"
    assert len(memory.poll(article(1, title=title, published=midnight)).new) == 1
    assert len(memory.poll(article(2, title=title, published=midnight)).new) == 1


def test_an_entry_listed_twice_is_one_item() -> None:
    assert len(Memory().poll(article(1), article(1)).new) == 1
    assert len(Memory().poll(article(1), article(1, guid="guid-1#2")).new) == 1


def test_different_entries_under_one_guid_are_apart_even_when_it_was_unique_before() -> None:
    memory = Memory()
    assert len(memory.poll(article(1, guid="g")).new) == 1
    selection = memory.poll(article(1, guid="g"), article(2, guid="g"))
    assert titles(selection) == [article(2).title]
    assert memory.poll(article(2, guid="g")).new == ()


def test_a_link_that_moves_on_to_a_new_entry_does_not_hide_it() -> None:
    memory = Memory()
    live = "https://e.org/live/2024"
    memory.poll(article(1, link=live), article(2))
    selection = memory.poll(article(1), article(2), article(3, link=live))
    assert titles(selection) == [article(3).title]


@pytest.mark.parametrize("guid", [None, "the-feed-itself"])
@pytest.mark.parametrize("order", [1, -1])
def test_a_link_taken_over_by_a_new_article_while_its_own_moves_hides_neither(guid: str | None, order: int) -> None:
    memory = Memory()
    before = memory.poll(article(1, guid=guid), article(2, guid=guid))
    moved = article(1, guid=guid, link="https://e.org/2024/07/article-1-has-moved")
    heir = article(3, guid=guid, link=article(1).link)
    document = [heir, moved, article(2, guid=guid)][::order]
    selection = memory.poll(*document)
    assert titles(selection) == [heir.title]
    assert [(u.item.id, u.item.title) for u in selection.updated] == [(before.new[0].item.id, moved.title)]
    again = memory.poll(*document)
    assert (again.new, again.updated) == ((), ())


def test_a_feed_of_one_entry_with_a_constant_link() -> None:
    memory = Memory()
    found = [memory.poll(article(n, link="https://e.org/bulletin?id=100")).new for n in range(4)]
    assert [len(new) for new in found] == [1, 1, 1, 1]


def test_tracking_parameters_do_not_make_another_link() -> None:
    memory = Memory()
    link = "https://e.org/2024/07/article-1"
    memory.poll(article(1, guid=None, link=link + "?utm_source=rss"), article(2))
    again = memory.poll(
        article(1, guid=None, link="http://e.org/2024/07/article-1/?utm_source=x", title="New"), article(2)
    )
    assert again.new == ()


def test_posts_of_a_live_blog_differ_by_fragment() -> None:
    posts = [article(n, guid=None, link=f"https://e.org/live/day#post-{n}", title="Live") for n in range(3)]
    assert len(Memory().poll(*posts).new) == 3


def test_a_nightly_reset_brings_nothing_back() -> None:
    memory = Memory()
    full = [article(n) for n in range(27)]
    memory.poll(*full)
    assert memory.poll(*full[:2]).new == ()
    assert memory.poll(*full).new == ()
    assert memory.poll().new == ()
    assert memory.poll(article(27), *full[:26]).new[0].item.title == article(27).title


def test_an_id_is_never_given_twice() -> None:
    """What took over the link and then the title of another item is not that item, nor has it its id."""
    memory = Memory()
    title, link = "A title that is long enough to tell", "https://e.org/123"
    memory.poll(Entry(guid="a"))
    (before,) = memory.poll(Entry(link=link, title=title, published=NOON), Entry()).new[:1]
    after = memory.poll(Entry(link=link), Entry(guid="a", title=title, published=NOON))
    assert before.item.id not in {new.item.id for new in after.new}


_entries = st.lists(
    st.builds(
        Entry,
        guid=st.sampled_from([None, "a", "b", "c"]),
        link=st.sampled_from([None, "https://e.org/", "https://e.org/123", "https://e.org/456", "https://e.org/789"]),
        title=st.sampled_from(
            ["", "Short", "A title that is long enough to tell", "Another title, as long as the first"]
        ),
        text=st.sampled_from(["", "x", "y"]),
        published=st.sampled_from([None, NOON, NOON + timedelta(hours=1), datetime(2024, 7, 3, tzinfo=UTC)]),
    ),
    max_size=6,
)


@given(st.lists(_entries, max_size=5), st.booleans())
def test_whatever_a_feed_does_each_document_is_new_at_most_once(polls: list[list[Entry]], sparing: bool) -> None:
    memory = Memory(sparing=sparing)
    ids: set[str] = set()
    for entries in polls:
        selection = memory.poll(*entries)
        new = [n.item.id for n in selection.new]
        assert len(set(new)) == len(new)
        assert not ids & set(new), "an item came twice"
        ids |= set(new)
        assert {u.item.id for u in selection.updated} <= ids
        assert set(selection.seen.values()) <= ids
        again = memory.poll(*entries)
        assert (again.new, again.updated) == ((), ())


@given(st.lists(st.integers(0, 30), min_size=1, max_size=8))
def test_a_sliding_window_of_articles_brings_each_once(starts: list[int]) -> None:
    memory = Memory()
    seen: list[str] = []
    for start in starts:
        seen += titles(memory.poll(*(article(n) for n in range(start, start + 5))))
    assert sorted(seen) == sorted({article(n).title for start in starts for n in range(start, start + 5)})


def test_new_entries_keep_the_order_of_the_document() -> None:
    selection = Memory().poll(*(article(n) for n in (3, 1, 2)))
    assert [new.item.url for new in selection.new] == [article(n).link for n in (3, 1, 2)]
    assert all(a.keys != b.keys for a, b in pairwise(selection.new))
