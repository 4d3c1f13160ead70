"""The service as real processes, with parts of it killed: nothing is lost, and a repeat carries the same id."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING

import pytest
import redis
from loopback import SECRET, Article, Newspaper, Receiver
from running import SEEDWIRE, Up, wait_for

from worker.supervise.broker import socket_path

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc to find the parts it kills"),
]

#: Pairs of states that no other pair here shares a side with: 24 events, each of which is one story.
PAIRS = [
    ("Kenya", "Ruto", "Ethiopia", "Abiy Ahmed", "Nairobi"), ("France", "Macron", "Japan", "Ishiba", "Paris"),
    ("Brazil", "Lula da Silva", "Chile", "Boric", "Brasilia"), ("Turkey", "Erdogan", "Egypt", "Sisi", "Ankara"),
    ("Poland", "Duda", "Lithuania", "Nauseda", "Warsaw"), ("Indonesia", "Prabowo", "Australia", "Albanese", "Jakarta"),
    ("Kazakhstan", "Tokayev", "Finland", "Stubb", "Astana"), ("India", "Modi", "Bhutan", "Tobgay", "New Delhi"),
    ("Germany", "Merz", "Norway", "Store", "Berlin"), ("Mexico", "Sheinbaum", "Canada", "Carney", "Mexico City"),
    ("Vietnam", "To Lam", "Laos", "Thongloun", "Hanoi"), ("Serbia", "Vucic", "Hungary", "Orban", "Belgrade"),
    ("Ghana", "Mahama", "Togo", "Gnassingbe", "Accra"), ("Spain", "Sanchez", "Morocco", "Akhannouch", "Madrid"),
    ("Qatar", "Al Thani", "Oman", "Haitham", "Doha"), ("Italy", "Meloni", "Albania", "Rama", "Rome"),
    ("Peru", "Boluarte", "Ecuador", "Noboa", "Lima"), ("Nepal", "Oli", "Sri Lanka", "Dissanayake", "Kathmandu"),
    ("Greece", "Mitsotakis", "Cyprus", "Christodoulides", "Athens"), ("Iraq", "Sudani", "Kuwait", "Sabah", "Baghdad"),
    ("Nigeria", "Tinubu", "Benin", "Talon", "Abuja"), ("Sweden", "Kristersson", "Estonia", "Michal", "Stockholm"),
    ("Malaysia", "Anwar", "Thailand", "Shinawatra", "Putrajaya"), ("Rwanda", "Kagame", "Uganda", "Museveni", "Kigali"),
]  # fmt: skip


def meeting(number: int) -> Article:
    host, one, guest, other, city = PAIRS[number]
    return Article(
        f"{host}'s president meets {guest}'s prime minister in {city}",
        f"The president of {host}, {one}, held talks with the prime minister of {guest}, {other}, in {city} on Monday. "
        f"The two leaders discussed trade between {host} and {guest}, a statement said.",
    )


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        yield server


def config(newspaper: Newspaper, receiver: Receiver, feeds: int = 4) -> str:
    tables = [
        f'[[feeds]]\nurl = "{newspaper.feed(f"/paper{n}")}"\nallow_private = true\nfirst_poll = "alert"\n'
        for n in range(feeds)
    ]
    tables.append(
        f'[[webhooks]]\nname = "desk"\nurl = "{receiver.url}"\nsecret = "{SECRET}"\nallow_private = true\n'
        'retry_schedule = ["1s", "1s", "1s", "2s", "2s", "2s", "5s", "5s", "5s", "5s", "5s", "5s"]\n'
    )
    return "\n".join(tables)


#: As their commands name them; the broker is one of two servers.
PARTS = (*(f"worker.run {name}" for name in ("poller", "classifier", "courier", "beat")), "-server")


def wipe(data_dir: Path) -> None:
    """Empty the embedded broker, as a restart without a disk does."""
    redis.Redis(unix_socket_path=str(socket_path(data_dir))).flushall()


def sides(receiver: Receiver) -> set[frozenset[str]]:
    return {frozenset(one.event["data"]["event"]["countries"]) for one in receiver.taken}


@pytest.mark.timeout(180)
def test_killed_parts_and_a_wiped_broker_lose_nothing(tmp_path: Path, newspaper: Newspaper, receiver: Receiver) -> None:
    receiver.decide = lambda count: 500 if count % 3 == 0 else 200
    with Up(tmp_path, extra=config(newspaper, receiver)) as up:
        wait_for(up.ready, "the service to be ready")
        wait_for(lambda: all(newspaper.polls[f"/paper{n}"] for n in range(4)), "the first polls")
        harm = {
            2: lambda: up.kill("worker.run poller", -1),
            5: lambda: up.kill("worker.run classifier", -1),
            8: lambda: up.kill("worker.run courier"),
            11: lambda: up.kill("worker.run beat"),
            14: lambda: wipe(tmp_path / "data"),
            16: lambda: up.kill("valkey-server" if up.pids("valkey-server") else "redis-server"),
            19: lambda: up.kill("worker.run poller"),
            21: lambda: up.kill("worker.run classifier"),
        }  # fmt: skip
        for number in range(len(PAIRS)):
            newspaper.publish(f"/paper{number % 4}", meeting(number))
            if number in harm:
                wait_for(lambda: all(up.pids(part) for part in PARTS), "every part to be there")
                harm[number]()
            polled = newspaper.polls[f"/paper{(number + 1) % 4}"]
            wait_for(
                lambda polled=polled, number=number: newspaper.polls[f"/paper{(number + 1) % 4}"] > polled,
                "another poll",
            )
        wait_for(lambda: len(receiver.stories()) >= len(PAIRS), "every alert to arrive", seconds=120)
        assert up.stop() == 0
    assert len(sides(receiver)) == len(PAIRS)
    assert receiver.bad_signatures == 0
    ids_by_story: dict[str, set[str]] = {}
    for one in receiver.taken:
        ids_by_story.setdefault(one.event["subject"], set()).add(one.webhook_id)
    assert len(ids_by_story) == len(PAIRS)
    assert all(len(ids) == 1 for ids in ids_by_story.values()), "a repeat came under another id"
    repeats = Counter(one.webhook_id for one in receiver.taken)
    assert sum(repeats.values()) - len(repeats) <= 2, "only a kill between answer and commit explains a repeat"
    assert up.all_pids() == []


def test_it_stops_within_seconds_and_leaves_no_process(
    tmp_path: Path, newspaper: Newspaper, receiver: Receiver
) -> None:
    with Up(tmp_path, extra=config(newspaper, receiver)) as up:
        wait_for(up.ready, "the service to be ready")
        assert len(up.all_pids()) >= 6
        assert up.stop(signal.SIGINT) == 0
        assert up.all_pids() == []


def test_a_second_up_on_the_same_data_is_refused_and_so_is_a_taken_port(
    tmp_path: Path, newspaper: Newspaper, receiver: Receiver
) -> None:
    with Up(tmp_path, extra=config(newspaper, receiver)) as up:
        wait_for(up.ready, "the service to be ready")
        second = subprocess.run(
            [*SEEDWIRE, "up", "--config", str(up.config)], capture_output=True, text=True, timeout=60, check=False
        )
        assert second.returncode == 1
        assert str(tmp_path / "data") in second.stderr
        assert len(second.stderr.strip().splitlines()) == 1
        other = tmp_path / "other"
        other.mkdir()
        (other / "seedwire.toml").write_text(up.config.read_text())
        third = subprocess.run(
            [*SEEDWIRE, "up", "--config", str(other / "seedwire.toml")],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert third.returncode == 1
        assert f"127.0.0.1:{up.port} is taken" in third.stderr


def test_a_killed_supervisor_leaves_no_process_and_the_next_one_goes_on(
    tmp_path: Path, newspaper: Newspaper, receiver: Receiver
) -> None:
    with Up(tmp_path, extra=config(newspaper, receiver)) as up:
        wait_for(up.ready, "the service to be ready")
        newspaper.publish("/paper0", meeting(0))
        wait_for(lambda: receiver.taken, "the first alert")
        up.stop(signal.SIGKILL)
        wait_for(lambda: not up.all_pids(), "its parts to end")
        newspaper.publish("/paper0", meeting(1))
        up.start()
        wait_for(lambda: len(receiver.stories()) == 2, "the second alert")


def test_a_config_change_is_picked_up_while_running(tmp_path: Path, newspaper: Newspaper, receiver: Receiver) -> None:
    with Up(tmp_path, extra=config(newspaper, receiver, feeds=1)) as up:
        wait_for(up.ready, "the service to be ready")
        newspaper.publish("/late", meeting(3))
        up.config.write_text(
            up.config.read_text()
            + f'\n[[feeds]]\nurl = "{newspaper.feed("/late")}"\nallow_private = true\nfirst_poll = "alert"\n'
        )
        wait_for(lambda: receiver.taken, "the alert from the feed that was added")
        up.config.write_text(up.config.read_text() + "\n[polling]\nnonsense = 1\n")
        wait_for(lambda: "seedwire_config_problem 1" in up.get("/metrics")[1], "the broken change to be told")
        newspaper.publish("/late", meeting(4))
        wait_for(lambda: len(receiver.stories()) == 2, "the old config to stay in force")
        for part in ("poller", "classifier", "courier"):
            up.kill(f"worker.run {part}")
        newspaper.publish("/late", meeting(5))
        wait_for(lambda: len(receiver.stories()) == 3, "restarted parts to keep to it too", seconds=90)


def test_a_broken_config_starts_nothing(tmp_path: Path) -> None:
    path = tmp_path / "seedwire.toml"
    path.write_text('[service]\ndata_dir = "data"\nlisen = "127.0.0.1:1"\n')
    done = subprocess.run(
        [*SEEDWIRE, "up", "--config", str(path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert "lisen" in done.stderr
    assert "listen" in done.stderr
    assert not (tmp_path / "data").exists()


def test_an_unreachable_database_is_one_clear_line(tmp_path: Path) -> None:
    path = tmp_path / "seedwire.toml"
    path.write_text('[service]\ndata_dir = "data"\ndatabase_url = "postgresql://u:secretword@127.0.0.1:1/x"\n')
    done = subprocess.run(
        [*SEEDWIRE, "up", "--config", str(path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    errors = [line for line in done.stderr.splitlines() if line.startswith("seedwire: ")]
    assert len(errors) == 1
    assert "127.0.0.1:1/x" in errors[0]
    assert "secretword" not in done.stderr
    assert "Traceback" not in done.stderr
