from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from alerts.webhook import Webhook
from feeds.feed import Feed, PollingLimits
from worker.config import Address, load

if TYPE_CHECKING:
    from collections.abc import Callable

    from worker.config import Config

    Loads = Callable[..., Config]

ROOT = Path(__file__).parents[2]
SECRET = "whsec_" + "A" * 32
OTHER_SECRET = "whsec_" + "B" * 32
WEBHOOK = f'[[webhooks]]\nname = "desk"\nurl = "https://desk.example/hook"\nsecret = "{SECRET}"\n'


def test_an_empty_file_gives_the_defaults(loads: Loads, tmp_path: Path) -> None:
    config = loads("")
    assert config.polling == PollingLimits()
    assert (config.feeds, config.webhooks, config.warnings) == ((), (), ())
    service = config.service
    assert service.data_dir == tmp_path / "data"
    assert service.database_url == f"sqlite:///{tmp_path}/data/seedwire.db"
    assert (service.redis_url, service.listen) == ("", Address("127.0.0.1", 8600))
    assert (service.api_token, service.model, service.keep_items) == (None, None, timedelta(days=90))
    assert (service.contact, service.log_format, service.log_level) == ("", "console", "info")


def test_the_defaults_of_values_and_of_keys_are_the_same(loads: Loads) -> None:
    config = loads(f'[[feeds]]\nurl = "https://a.example/"\n{WEBHOOK}')
    assert config.feeds == (Feed("https://a.example/"),)
    assert config.webhooks == (Webhook("desk", "https://desk.example/hook", (bytes(24),)),)


def test_every_key_is_taken(loads: Loads, tmp_path: Path) -> None:
    (tmp_path / "my.json").touch()
    config = loads(f"""
        [service]
        data_dir = "state"
        database_url = "postgresql://u:p@db/seedwire"
        redis_url = "redis://:p@redis/0"
        listen = "0.0.0.0:80"
        api_token = "0123456789abcdef"
        model = "my.json"
        keep_items = "30d"
        contact = "desk@example.org"
        log_format = "json"
        log_level = "debug"
        [polling]
        interval = "20m"
        min_interval = "2m"
        max_interval = "2h"
        timeout = "5s"
        max_bytes = "1MiB"
        per_host = 3
        first_poll = "24h"
        [[feeds]]
        url = "https://a.example/rss"
        name = "A"
        tags = ["x", "y z"]
        interval = "5m"
        fulltext = true
        allow_private = true
        first_poll = "alert"
        [[feeds]]
        url = "https://b.example/rss"
        [[webhooks]]
        name = "desk"
        url = "https://desk.example/hook"
        secret = ["{OTHER_SECRET}", "{SECRET}"]
        events = ["bilateral_meeting"]
        min_score = 0.5
        countries = ["PK"]
        tags = ["x"]
        statuses = ["held", "signed"]
        updates = true
        allow_private = true
        retry_schedule = ["1s", "1s", "1m"]
        timeout = "3s"
    """)
    service = config.service
    assert service.data_dir == tmp_path / "state"
    assert service.model == tmp_path / "my.json"
    assert (service.database_url, service.redis_url) == ("postgresql://u:p@db/seedwire", "redis://:p@redis/0")
    assert (service.listen, service.api_token) == (Address("0.0.0.0", 80), "0123456789abcdef")
    assert (service.keep_items, service.contact) == (timedelta(days=30), "desk@example.org")
    assert (service.log_format, service.log_level) == ("json", "debug")
    minutes = timedelta(minutes=1)
    assert config.polling == PollingLimits(20 * minutes, 2 * minutes, 120 * minutes, timedelta(seconds=5), 2**20, 3)
    assert config.feeds == (
        Feed("https://a.example/rss", "A", ("x", "y z"), 5 * minutes, True, True, "alert"),
        Feed("https://b.example/rss", first_poll=timedelta(hours=24)),
    )
    assert config.webhooks == (
        Webhook(
            name="desk",
            url="https://desk.example/hook",
            secrets=(bytes([4, 16, 65] * 8), bytes(24)),
            events=("bilateral_meeting",),
            min_score=0.5,
            countries=("PK",),
            tags=("x",),
            statuses=("held", "signed"),
            updates=True,
            allow_private=True,
            retry_schedule=(timedelta(seconds=1), timedelta(seconds=1), minutes),
            timeout=timedelta(seconds=3),
        ),
    )


def test_the_repositorys_own_file_watches_feeds_and_needs_no_secret() -> None:
    config = load(ROOT / "seedwire.toml", {})
    assert len(config.feeds) >= 25
    assert (config.webhooks, config.warnings) == ((), ())
    assert config.service.listen.is_loopback


def test_the_own_files_feeds_are_those_of_the_catalogue(shared: Path) -> None:
    import csv

    with (shared / "feeds" / "catalogue.csv").open(newline="") as file:
        catalogue = {row["url"] for row in csv.DictReader(file)}
    assert {feed.url for feed in load(ROOT / "seedwire.toml", {}).feeds} <= catalogue


def test_a_first_poll_of_no_age_is_not_taken_for_a_missing_one(loads: Loads) -> None:
    config = loads('[polling]\nfirst_poll = "alert"\n[[feeds]]\nurl = "https://a.example/"\nfirst_poll = "0s"\n')
    assert config.feeds[0].first_poll == timedelta()


def test_bounds_that_are_not_written_make_room_for_the_interval(loads: Loads) -> None:
    assert loads('[polling]\ninterval = "5s"\n').polling.min_interval == timedelta(seconds=5)
    assert loads('[polling]\ninterval = "1d"\n').polling.max_interval == timedelta(days=1)


def test_a_relative_sqlite_file_lies_beside_the_config(loads: Loads, tmp_path: Path) -> None:
    config = loads('[service]\ndatabase_url = "sqlite:///db/x.db"\n')
    assert config.service.database_url == f"sqlite:///{tmp_path}/db/x.db"
    assert loads('[service]\ndatabase_url = "sqlite:////x.db"\n').service.database_url == "sqlite:////x.db"


def test_a_byte_order_mark_is_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "seedwire.toml"
    path.write_bytes(b"\xef\xbb\xbf[service]\r\nlog_level = 'debug'\r\n")
    assert load(path, {}).service.log_level == "debug"


def test_signatures_differ_with_what_is_polled_and_who_is_told(loads: Loads, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(SECRET)
    feed = '[[feeds]]\nurl = "https://a.example/"\n'
    webhook = '[[webhooks]]\nname = "desk"\nurl = "https://desk.example/hook"\nsecret_file = "secret"\n'
    one = loads(feed + webhook).signature
    assert loads(f"# a remark\n{feed}name = ''\n{webhook}").signature == one
    others = [
        loads(f'{feed}name = "A"\n{webhook}').signature,
        loads(f'{feed}{webhook}events = ["energy_deal"]\n').signature,
        loads(feed + webhook, {"SEEDWIRE_POLLING_PER_HOST": "9"}).signature,
        loads(feed + webhook, {"SEEDWIRE_POLLING_FIRST_POLL": "alert"}).signature,
    ]
    (tmp_path / "secret").write_text(OTHER_SECRET)
    others.append(loads(feed + webhook).signature)
    assert len({one, *others}) == 6


def test_signatures_are_the_same_wherever_broker_and_page_are(loads: Loads) -> None:
    """The parts of ``seedwire up`` are told both by variables, a ``seedwire poll`` beside it is not."""
    text = f'[[feeds]]\nurl = "https://a.example/"\n{WEBHOOK}'
    env = {"SEEDWIRE_REDIS_URL": "redis://b/0", "SEEDWIRE_LISTEN": "127.0.0.1:1", "SEEDWIRE_CONFIG": "x.toml"}
    assert (
        loads(text).signature == loads(text, env).signature == loads(f'{text}[service]\nlog_level = "debug"').signature
    )
