"""Who is who, learned from the stream: feeds introduce somebody, and later headlines are read with what they said."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING

from loopback import Article
from running import wait_for

from classifiers.who import OfficeCorrection
from store import who
from store.views.items import list_items
from worker.context import Context

if TYPE_CHECKING:
    import pytest
    from conftest import Service
    from loopback import Newspaper, Receiver

    from classifiers.who import KnownPerson, Who

HEADLINE = "{}, Nordby hold talks in Geneva"


def introduction(name: str, number: int, role: str = "Prime Minister") -> Article:
    return Article(
        f"Visit number {number} begins",
        f"Norwegian {role} {name} met Swedish Foreign Minister Ola Nordby in Oslo on visit {number}. "
        "The two held talks on trade, and the talks are to go on.",
    )


def person(service: Service, name: str) -> KnownPerson:
    with service.context.database.read() as connection:
        return next(p for p in who.people(connection, service.clock()) if p.name == name)


def names(known: Who) -> set[str]:
    return {one.name for one in known.people}


def three_papers(service: Service, newspaper: Newspaper, receiver: Receiver) -> None:
    for path in ("/a", "/b", "/c"):
        service.feed(newspaper.feed(path), 'first_poll = "alert"')
    service.webhook(receiver.url)
    service.run()


def test_whom_two_papers_introduce_a_third_paper_may_call_by_surname(
    service: Service, newspaper: Newspaper, receiver: Receiver
) -> None:
    three_papers(service, newspaper, receiver)
    newspaper.publish("/c", Article(HEADLINE.format("Varga"), ""))
    service.run(minutes=10)
    assert receiver.taken == [], "nobody knows them yet"
    newspaper.publish("/a", introduction("Elin Varga", 1), introduction("Elin Varga", 2))
    newspaper.publish("/b", introduction("Elin Varga", 3))
    service.run(minutes=10)
    known = person(service, "Elin Varga")
    assert (known.role, known.country, known.standing) == ("prime minister", "NO", "known")
    assert (known.sightings, known.feeds) == (3, 2)
    receiver.taken.clear()
    service.run(days=60)  # or it would be one story with what introduced them
    newspaper.publish("/c", Article(HEADLINE.format("Varga") + " on fishing", ""))
    service.run(minutes=10)
    (told,) = receiver.taken
    event = told.event["data"]["event"]
    assert event["countries"] == ["NO", "SE"]
    assert event["people"] == [
        {"name": "Elin Varga", "role": "prime minister", "country": "NO"},
        {"name": "Ola Nordby", "role": "foreign minister", "country": "SE"},
    ]


def test_an_item_counts_once_however_often_it_is_polled(
    service: Service, newspaper: Newspaper, receiver: Receiver
) -> None:
    three_papers(service, newspaper, receiver)
    newspaper.publish("/a", introduction("Elin Varga", 1))
    for _ in range(3):
        newspaper.edits += 1
        service.run(minutes=10)
    assert person(service, "Elin Varga").sightings == 1


def test_a_change_of_government_is_followed(service: Service, newspaper: Newspaper, receiver: Receiver) -> None:
    three_papers(service, newspaper, receiver)
    for number in range(4):
        newspaper.publish("/a", introduction("Kari Foss", number))
        newspaper.publish("/b", introduction("Kari Foss", number + 10))
        service.run(days=5)
    assert person(service, "Kari Foss").standing == "known"
    for number in range(20, 24):
        newspaper.publish("/a", introduction("Elin Varga", number))
        newspaper.publish("/b", introduction("Elin Varga", number + 10))
        service.run(days=2)
        assert person(service, "Elin Varga").standing == "known" or number == 20
    service.run(days=5)
    assert (person(service, "Elin Varga").standing, person(service, "Kari Foss").standing) == ("known", "former")


def test_copies_of_one_report_overthrow_nobody(service: Service, newspaper: Newspaper, receiver: Receiver) -> None:
    three_papers(service, newspaper, receiver)
    for number in range(2):
        newspaper.publish("/a", introduction("Kari Foss", number))
        newspaper.publish("/b", introduction("Kari Foss", number + 10))
        service.run(days=1)
    for number in range(10):
        copied = introduction("Elin Varga", 20)
        newspaper.publish("/a", Article(f"Visit begins, update {number}", f"{copied.text} Copy {number}."))
        service.run(minutes=20)
    assert (person(service, "Elin Varga").standing, person(service, "Elin Varga").sightings) == ("unsure", 1)
    assert person(service, "Kari Foss").standing == "known"


def test_a_correction_is_gone_by_within_minutes(service: Service, newspaper: Newspaper, receiver: Receiver) -> None:
    three_papers(service, newspaper, receiver)
    with service.context.database.write() as transaction:
        for name, role, country in (("Elin Varga", "prime minister", "NO"), ("Ola Nordby", "foreign minister", "SE")):
            who.correct(transaction.connection, OfficeCorrection(name, role, country, service.clock()))
    newspaper.publish("/c", Article(HEADLINE.format("Varga"), ""))
    service.run(minutes=3)
    (told,) = receiver.taken
    assert told.event["data"]["event"]["countries"] == ["NO", "SE"]


def test_old_news_counts_as_of_its_own_time(service: Service, newspaper: Newspaper, receiver: Receiver) -> None:
    three_papers(service, newspaper, receiver)
    old = introduction("Elin Varga", 1)
    old.published = (service.clock() - timedelta(days=100)).replace(microsecond=0)
    newspaper.publish("/a", old)
    service.run(minutes=10)
    assert person(service, "Elin Varga").last_seen == old.published
    with service.context.database.read() as connection:
        assert len(list_items(connection, limit=None)) == 1


def test_a_resident_process_reads_who_is_who_again_before_an_item_waits_for_it(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.context.WHO_EVERY", timedelta(seconds=0.05))
    service.run()
    context = Context(service.context.watcher, now=service.clock, resident=True)
    assert "Elin Varga" not in names(context.who)
    with service.context.database.write() as transaction:
        correction = OfficeCorrection("Elin Varga", "prime minister", "NO", service.clock())
        who.correct(transaction.connection, correction)
    wait_for(lambda: "Elin Varga" in names(context.who), "it to be read again", seconds=20)
    context.close()
    wait_for(lambda: "who" not in {one.name for one in threading.enumerate()}, "its thread to end", seconds=20)
