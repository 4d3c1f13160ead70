"""Which entry of this poll is which item of before. Pure: what is known comes in, what is new goes out.

An entry is known by several *keys*, and one that was seen before is enough:

- its guid, where no other entry of the document has the same;
- its link, where no other entry has the same and it leads to an article rather than to a front page;
- its title and time to the second, which survive a guid and a link that both change (an article that moved to
  another section);
- without such a time, where its link could be anything's (``/world/jakarta-talks``), that link, its title and text;
- where guid or link is missing or shared: guid, link, title and time together, or the text where there is none of them.

A link alone does not make an entry an item whose title and time another entry of the document has: articles move, and
others take their place.

So a rotating guid is caught by the link, an edited link by the guid, an edited title by either, and one guid for all
entries is ignored. Rejected: choosing one id field a feed (as other readers do), because feeds change their mind
between polls and the field that was unique yesterday is not today.

One more key a state stands for what the entry says right now; an entry whose state is known is left alone. An entry
edited to and fro is therefore an update the first time only.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit, urlunsplit

from feeds.item import Item

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from feeds.entry import Entry

# Shorter titles ("Weather", "Morning briefing") come again with another text.
_TELLING_TITLE = 20
_NUMBERED = re.compile(r"\d{3}|[?&](?:p|id|nid|art\w*|story\w*|news\w*)=|#\S*\d")
_TRACKING = re.compile(r"^(?:utm_\w+|at_\w+|fbclid|gclid|mc_[ce]id|ftag|cmp|cmpid|ns_\w+|ref|rss|src)=", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An item of this poll and the keys it goes by. ``baseline`` marks what was there before the feed was watched."""

    item: Item
    keys: tuple[str, ...]
    baseline: bool = False


@dataclass(frozen=True, slots=True)
class Selection:
    """``new`` and ``updated`` in the document's order. ``seen`` has every key of every entry and the id of its item:
    all of it is to be remembered, also for items long known (that is how a rotated guid becomes known)."""

    new: tuple[NewEntry, ...]
    updated: tuple[NewEntry, ...]
    seen: Mapping[str, str]


class _Identity(NamedTuple):
    """The identity keys of an entry: all of them, ``steady`` the one that is least likely to change while nothing else
    does, ``link`` and ``title`` "" where these do not count."""

    own: tuple[str, ...]
    steady: str
    link: str
    title: str


@dataclass(frozen=True, slots=True)
class Identified:
    """Entries of one document and what each goes by: its keys, strongest first; the last stands for its present state.
    An entry whose state is known needs none of its other keys."""

    feed_id: str
    entries: tuple[Entry, ...]
    identities: tuple[_Identity, ...]
    keys: tuple[tuple[str, ...], ...]


def identify(feed_id: str, entries: Sequence[Entry], beside: Sequence[Entry] = ()) -> Identified:
    """``beside`` are entries that the feed has shown elsewhere. A document that a hub pushes may hold one entry alone,
    and what such an entry is known by is told by how it differs from others."""
    identities = _identities(feed_id, entries, beside)
    keys = tuple(
        (*i.own, _hash(i.steady, "state", entry.title, entry.text, entry.link or "", str(entry.published)))
        for entry, i in zip(entries, identities, strict=True)
    )
    return Identified(feed_id, tuple(entries), tuple(identities), keys)


def pushed_key(feed_id: str, entry: Entry) -> str:
    """The one key of an article that a program pushes to us, and the id of its item: its id alone, which that program
    vouches for; where it gives none, its link."""
    return _hash(feed_id, *(("guid", entry.guid) if entry.guid else ("link", _plain_link(entry.link))))


def select(identified: Identified, known: Mapping[str, str]) -> Selection:
    """Tell new entries from known ones. ``known`` maps the keys remembered of this feed to item ids; it needs to hold
    no more than those among ``identified.keys``."""
    entries, identities, every = identified.entries, identified.identities, identified.keys
    ids: list[str | None] = [None] * len(entries)
    taken: set[str] = set()
    for position, own in enumerate(every):  # what says word for word what it said before is what it was
        match = known.get(own[-1])
        if match is not None and match not in taken:
            ids[position] = match
            taken.add(match)
    if len(taken) < len(entries) and known:
        _match(identities, every, known, ids, taken)
    new: list[NewEntry] = []
    updated: list[NewEntry] = []
    seen: dict[str, str] = {}
    for entry, own, match in zip(entries, every, ids, strict=True):
        if not seen.keys().isdisjoint(own[:-1]):
            continue  # the same entry twice in one document; the first stands
        item_id = match or _fresh_id(own, taken, known)
        taken.add(item_id)
        item = Item(
            id=item_id,
            title=entry.title,
            text=entry.text,
            url=entry.link,
            published=entry.published or entry.updated,
            language=entry.language,
            feed_id=identified.feed_id,
        )
        if match is None:
            new.append(NewEntry(item, own))
        elif known.get(own[-1]) != match:
            updated.append(NewEntry(item, own))
        seen.update(dict.fromkeys(own, item_id))
    return Selection(tuple(new), tuple(updated), seen)


def _match(
    identities: Sequence[_Identity],
    every: Sequence[tuple[str, ...]],
    known: Mapping[str, str],
    ids: list[str | None],
    taken: set[str],
) -> None:
    """Strong matches first, over all entries: a link may have moved on to another entry, a guid does not."""
    # An article that moved leaves its link behind, and the next one may take it.
    titled = {known[i.title]: i.title for i in identities if i.title in known}
    for rank in range(max(len(own) for own in every) - 1):
        for position, own in enumerate(every):
            match = known.get(own[rank]) if ids[position] is None and rank < len(own) - 1 else None
            if match is None or match in taken:
                continue
            identity = identities[position]
            if own[rank] != identity.link or titled.get(match, identity.title) == identity.title:
                ids[position] = match
                taken.add(match)


def _identities(feed_id: str, entries: Sequence[Entry], beside: Sequence[Entry]) -> list[_Identity]:
    faces = [_face(entry) for entry in (*entries, *beside)]
    firsts = _first_of_the_same(faces)
    different = [face for position, face in enumerate(faces) if firsts[position] == position]
    guids = Counter(face.guid for face in different)
    links = Counter(face.link for face in different)
    titles = Counter((face.title, face.moment) for face in different)
    alone = len(different) == 1
    found: list[_Identity] = []
    for position, first in enumerate(firsts[: len(entries)]):
        if first != position:
            found.append(found[first])
            continue
        face = faces[position]
        own: list[str] = []
        link = title = named = ""
        clear_guid = bool(face.guid) and guids[face.guid] == 1
        # A document of one entry cannot show whether its link is for that entry alone.
        clear_link = face.article and links[face.link] == 1 and not (alone and clear_guid)
        if clear_guid:
            own.append(_hash(feed_id, "guid", face.guid))
        if clear_link:
            link = _hash(feed_id, "link", face.link)
            own.append(link)
        if len(face.title) >= _TELLING_TITLE and face.to_the_second and titles[face.title, face.moment] == 1:
            title = _hash(feed_id, "title", face.title, face.moment)
            own.append(title)
        elif len(face.title) >= _TELLING_TITLE and face.link and not face.article and links[face.link] == 1:
            named = _hash(feed_id, "named", face.link, face.title, face.moment, entries[position].text)
            own.append(named)
        if not (clear_guid and clear_link):
            own.append(_hash(feed_id, "entry", face.guid, face.link, face.title, face.moment, face.text))
        steady = own[1] if clear_guid and clear_link else named or own[0]
        found.append(_Identity(tuple(own), steady, link, title))
    return found


class _Face(NamedTuple):
    """What of an entry identity looks at, in a form that ignores how it happens to be written."""

    guid: str
    link: str
    title: str
    moment: str
    article: bool
    to_the_second: bool
    text: str


def _face(entry: Entry) -> _Face:
    link = _plain_link(entry.link)
    moment = entry.published or entry.updated
    return _Face(
        guid=entry.guid or "",
        link=link,
        title=" ".join(entry.title.casefold().split()),
        moment=moment.isoformat() if moment else "",
        article=_is_article(link),
        # Midnight is what a date without a time becomes, and many entries share it.
        to_the_second=moment is not None and (moment.hour, moment.minute, moment.second) != (0, 0, 0),
        text="" if entry.guid or link or entry.title else entry.text,  # all there is to know it by
    )


def _first_of_the_same(faces: Sequence[_Face]) -> list[int]:
    """For each entry the position of the first that is the same one listed again, its own position if there is none."""
    seen: dict[tuple[str, ...], int] = {}
    firsts: list[int] = []
    for position, face in enumerate(faces):
        marks: list[tuple[str, ...]] = [("all", face.guid, face.link, face.title, face.moment, face.text)]
        if face.article and face.title:
            marks.append(("title", face.link, face.title))
        if face.article and face.guid and face.to_the_second:
            marks.append(("time", face.link, face.guid, face.moment))
        first = min((seen[mark] for mark in marks if mark in seen), default=position)
        firsts.append(first)
        for mark in marks:
            seen.setdefault(mark, first)
    return firsts


def _fresh_id(own: tuple[str, ...], taken: set[str], known: Mapping[str, str]) -> str:
    """An id from the strongest key; another one in the rare case that it names an item which moved on from that key."""
    item_id = own[0]
    if item_id in known:
        item_id = _hash(item_id, known[item_id], own[-1])
    while item_id in taken:
        item_id = _hash(item_id)
    return item_id


def _hash(*parts: str) -> str:
    joined = "\x1f".join(parts)
    if joined.count("\x1f") >= len(parts):  # no text holds the separator, but an id in JSON may
        joined = "\x1f".join([f"{len(part)}:{part}" for part in parts])
    return hashlib.sha256(joined.encode("utf-8", "surrogatepass")).digest()[:16].hex()


def _plain_link(link: str | None) -> str:
    """A link without what differs between copies of it: scheme, tracking parameters, a closing slash.

    The fragment stays: live blogs tell their posts apart by it.
    """
    if not link:
        return ""
    if "?" not in link and "#" not in link:
        host, slash, path = link.partition("://")[2].partition("/")
        return host.lower() + (slash + path).rstrip("/")
    try:
        parts = urlsplit(link)
    except ValueError:
        return link
    query = "&".join(part for part in parts.query.split("&") if part and not _TRACKING.match(part))
    return urlunsplit(("", "", parts.netloc.lower() + parts.path.rstrip("/"), query, parts.fragment))


def _is_article(link: str) -> bool:
    """Whether a link looks like one article's, not a front page's: a number, an id in the query, a slug."""
    rest = link.partition("/")[2]
    slug = rest.rpartition("/")[2]
    return slug.count("-") + slug.count("_") >= 2 or len(slug) >= 24 or _NUMBERED.search(rest) is not None
