"""A day of an invented newsroom, lived through by the real pipeline: papers on loopback are polled by a clock
that runs ahead, what they print is classified, told and delivered, and a folder with config and database is left."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import cycle
from typing import TYPE_CHECKING, Self

from loopback import SECRET, Article, Newspaper, Receiver

from worker.config.watch import Watcher
from worker.context import Context
from worker.steps.tick import tick
from worker.steps.whole_pass import whole_pass

if TYPE_CHECKING:
    from pathlib import Path

#: Path of the feed and its name.
PAPERS = {
    "/harbour-post": "Harbour Post", "/northern-wire": "Northern Wire", "/savanna-times": "Savanna Times",
    "/gulf-ledger": "Gulf Ledger", "/andes-courier": "Andes Courier", "/energy-monitor": "Energy Monitor",
}  # fmt: skip

NAIROBI = "Norwegian prime minister meets Kenyan president in Nairobi"
LNG = "Nordlicht signs 15-year LNG supply deal with Qatar's Dukhan Gas"
WRONG = "Omani and Kuwaiti oil ministers share a panel at energy forum"
CANCELLED = "Greek and Egyptian leaders call off Athens talks"

#: What the papers print: hours before now, paper, headline, text.
NEWS: tuple[tuple[float, str, str, str], ...] = (
    (27.0, "/energy-monitor", "Paraguay to sell 600 megawatts of power to Brazil under new agreement",
     "Paraguay and Brazil signed an agreement on Tuesday under which Brazil's Rio Pardo Energia will buy 600 megawatts "
     "of electricity from Paraguay's state utility for ten years, the energy ministries of the two countries said."),
    (25.5, "/northern-wire", "Finnish president hosts Chilean counterpart for talks in Helsinki",
     "Finnish President Aino Laine met Chilean President Elisa Rojas in Helsinki on Thursday. The two leaders "
     "discussed forestry and a research station in the far south."),
    (25.0, "/andes-courier", "Chilean President Elisa Rojas meets Finland's Aino Laine in Helsinki",
     "President Elisa Rojas of Chile held talks with Finnish President Aino Laine in Helsinki, the first stop of her "
     "tour of northern Europe."),
    (19.0, "/harbour-post", CANCELLED,
     "Greek Prime Minister Nikos Stavrou and Egyptian President Hani Mansour cancelled their meeting in Athens planned "
     "for Friday, the Greek government said, after a storm closed the airport."),
    (13.0, "/gulf-ledger", "Oman's foreign minister meets Indian counterpart in Muscat",
     "Omani Foreign Minister Salim Al Harthy met his Indian counterpart Meera Nair in Muscat on Wednesday and reviewed "
     "shipping lanes and a trade accord worth $4 billion."),
    (9.0, "/energy-monitor", LNG,
     "Germany's Nordlicht Energie signed an agreement with Qatar's Dukhan Gas to buy two million tonnes of liquefied "
     "natural gas a year for 15 years, the companies said on Tuesday. The first cargo is due in Bremen in 2028."),
    (8.5, "/gulf-ledger", "Dukhan Gas of Qatar and Germany's Nordlicht Energie seal LNG contract",
     "Qatar's Dukhan Gas will deliver two million tonnes of LNG a year to Germany's Nordlicht Energie under a contract "
     "signed in Doha on Tuesday."),
    (5.0, "/harbour-post", "Vietnamese foreign minister to meet Indonesian counterpart in Jakarta next week",
     "Vietnamese Foreign Minister Tran Minh Anh will meet her Indonesian counterpart Budi Santosa in Jakarta next "
     "Tuesday for talks on fisheries, the ministry in Hanoi said."),
    (2.5, "/northern-wire", NAIROBI,
     "Norwegian Prime Minister Ada Berg met Kenyan President Samuel Barasa in Nairobi on Tuesday to discuss trade. "
     "Norway will lend Kenya $120 million for a harbour railway, her office said."),
    (2.0, "/savanna-times", "President Barasa, Norway's Ada Berg agree on harbour railway at Nairobi talks",
     "NAIROBI: Kenyan President Samuel Barasa and Norwegian Prime Minister Ada Berg held talks on Tuesday. "
     "The two leaders agreed to build a railway between the harbour of Mombasa and the tea counties."),
    (1.0, "/harbour-post", "Berg and Barasa meet in Nairobi over railway loan",
     "Kenyan President Samuel Barasa received Norwegian Prime Minister Ada Berg in Nairobi on Tuesday; a loan of $120 "
     "million for a railway was on the table."),
    # What comes near.
    (22.0, "/andes-courier", "Envoys of Chile and Peru exchange notes about fishing rights",
     "The foreign ministry in Santiago handed a note to the Peruvian ambassador."),
    (16.0, "/energy-monitor", "Qatar may sell more gas to Asia, says Dukhan Gas chief",
     "The head of Dukhan Gas said buyers in Japan and Korea were interested in long contracts for liquefied gas."),
    # What is told and should not be.
    (4.0, "/gulf-ledger", WRONG,
     "Oman's oil minister and his Kuwaiti counterpart spoke on a panel in Abu Dhabi about prices."),
)  # fmt: skip

#: Ordinary news between them.
ORDINARY = (
    "Lighthouse keepers of the north hold their last reunion", "Ferry prices rise before the summer holidays",
    "Nairobi marathon won in record time by a postwoman", "Museum of tiles reopens after three years of repairs",
    "Storm leaves two thousand homes without light", "Central bank leaves its rate where it was",
    "Orchestra of Bergen looks for a bassoon", "Coffee harvest in the highlands begins early",
    "Helsinki plants nine hundred lime trees", "Town council argues about benches again",
    "Satellite to count whales is launched", "School chess league ends in a draw",
    "Fishermen report the largest herring shoals in a decade", "Bridge over the Rio Pardo closed for repairs",
    "Bakers win the right to call it rye", "New night train to the coast sells out in an hour",
    "Desert flowers bloom after rare rain", "Volcano observatory raises its alert by one step",
    "Film festival of Muscat opens with a silent comedy", "Students build a boat of recycled nets",
    "Weekend weather: wind from the west, showers", "Football: Mombasa United hold the league leaders",
    "Old tram line is to run again on Sundays", "Library lends umbrellas, gets most of them back",
)  # fmt: skip


HOURS = timedelta(hours=28)
#: Passes in that time.
STEPS = 14


@dataclass
class Newsday:
    """The papers, the receiver of webhooks, and the folder whose ``seedwire.toml`` and database are left."""

    folder: Path
    papers: Newspaper = field(default_factory=Newspaper)
    receiver: Receiver = field(default_factory=lambda: Receiver(real_time=False))
    #: What the endpoint of the webhook ``archive`` answers.
    archive_status: int = 500

    def __enter__(self) -> Self:
        self.papers.__enter__()
        self.receiver.__enter__()
        self._archive = _Archive(self)
        self._archive.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        for server in (self._archive, self.receiver, self.papers):
            server.__exit__()

    @property
    def archive(self) -> Receiver:
        return self._archive

    def config(self, service: str = "") -> str:
        """The config file's text; ``service`` are more lines of its first table."""
        named = [(self.papers.feed(path), name) for path, name in PAPERS.items()]
        feeds = [
            f'[[feeds]]\nurl = "{url}"\nname = "{name}"\nallow_private = true\ntags = ["world"]\n'
            for url, name in (*named, (f"{self.papers.url}/gone", "Valley Gazette"))
        ]
        hooks = [
            f'[[webhooks]]\nname = "{name}"\nurl = "{url}"\nsecret = "{SECRET}"\nallow_private = true\n{more}\n'
            for name, url, more in (
                ("desk", f"{self.receiver.url}/desk", "updates = true"),
                ("energy", f"{self.receiver.url}/energy", 'events = ["energy_deal"]'),
                ("archive", f"{self._archive.url}/archive", 'retry_schedule = ["1s"]'),
            )
        ]
        top = f'[service]\ndata_dir = "data"\n{service}\n[polling]\ninterval = "30m"\nmin_interval = "15m"\n'
        return "\n".join([top, *feeds, *hooks])

    def live(self) -> None:
        """Let the time until now pass, two hours at a time."""
        self.folder.mkdir(parents=True, exist_ok=True)
        config = self.folder / "seedwire.toml"
        config.write_text(self.config())
        clock = _Clock(datetime.now(UTC) - HOURS - timedelta(hours=1))
        context = Context(Watcher(config, {}, settle=0), now=clock)
        try:
            self._pass_time(context, clock)
        finally:
            context.close()

    def _pass_time(self, context: Context, clock: _Clock) -> None:
        from store import migrate

        migrate.upgrade(context.database)
        now = datetime.now(UTC)
        news = sorted(NEWS, key=lambda one: -one[0])
        ordinary, paths = cycle(ORDINARY), cycle(PAPERS)
        whole_pass(context, every_feed=True)  # the first poll is a baseline
        for step in range(STEPS + 1):
            clock.now = now - HOURS * (STEPS - step) / STEPS
            for _ in range(2 + step * 7 % 6):
                self.papers.publish(next(paths), Article(next(ordinary), "More in the paper.", clock.now))
            while news and now - timedelta(hours=news[0][0]) <= clock.now:
                hours, path, title, text = news.pop(0)
                self.papers.publish(path, Article(title, text, now - timedelta(hours=hours)))
            whole_pass(context, every_feed=True)
        clock.now = datetime.now(UTC)
        whole_pass(context)
        tick(context)


class _Archive(Receiver):
    """An endpoint that fails until its day's ``archive_status`` says otherwise."""

    def __init__(self, day: Newsday) -> None:
        super().__init__(real_time=False, decide=lambda _: day.archive_status)


@dataclass
class _Clock:
    now: datetime

    def __call__(self) -> datetime:
        return self.now
