"""Learning from many seeds and from few: deterministic, honest about what it cannot tell."""

from __future__ import annotations

from pathlib import Path

import pytest

from classifiers.errors import LearnError, ModelInvalid, ModelMissing
from classifiers.learn import learn
from classifiers.model import SHIPPED, Model
from classifiers.report import render
from classifiers.seed import Seed, read_seeds
from feeds.item import Item

ROOT = Path(__file__).parents[2]

RATE_DECISIONS = [
    ("Bank of England holds rates at 4%", "The Bank of England left its key interest rate unchanged on Thursday."),
    ("Fed cuts interest rates by a quarter point", "The Federal Reserve lowered its benchmark rate on Wednesday."),
    ("ECB raises rates for the first time in a decade", "The European Central Bank raised its deposit rate."),
    ("Turkey's central bank slashes policy rate", "The central bank cut its one-week repo rate by 250 basis points."),
    ("State Bank of Pakistan keeps policy rate at 11%", "The monetary policy committee decided to keep the rate."),
]


def rate_seeds(count: int = 5) -> tuple[Seed, ...]:
    return tuple(Seed(title, text, ("rate_decision",)) for title, text in RATE_DECISIONS[:count])


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_the_shipped_model_is_what_the_repository_teaches(tmp_path: Path) -> None:
    learned = learn(read_seeds(ROOT / "seeds"))
    learned.model.save(tmp_path / "model.json")
    assert (tmp_path / "model.json").read_bytes() == SHIPPED.read_bytes()


def test_a_third_kind_is_learned_from_five_articles() -> None:
    learned = learn(rate_seeds())
    assert learned.model.types == ("rate_decision",)
    told = learned.model.classify(
        Item(id="1", title="Norway's central bank raises interest rates", text="Norges Bank raised its policy rate.")
    )
    other = learned.model.classify(
        Item(id="2", title="Storm cuts power to thousands in Ireland", text="Schools were closed on Friday.")
    )
    assert told.scores["rate_decision"] > other.scores["rate_decision"]
    assert [event.type for event in told.events] == ["rate_decision"]
    assert other.events == ()
    assert told.events[0].status is None


def test_one_article_is_enough_to_begin_with() -> None:
    learned = learn(rate_seeds(1))
    assert any("example(s)" in line for line in learned.report[0].advice)


def test_learning_twice_gives_the_same(tmp_path: Path) -> None:
    for name in ("a", "b"):
        learn(rate_seeds()).model.save(tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_the_report_names_patterns_results_and_what_to_add() -> None:
    text = render(learn(rate_seeds()))
    assert "rate_decision   threshold" in text
    assert "left out, then recognised" in text
    assert "speaks for" in text
    assert "few counter-examples" in text


def test_the_report_names_seeds_that_are_not_english_and_keeps_to_its_lines() -> None:
    french = Seed("La banque", "La banque relève son taux pour la première fois.", ("rates",), path=Path("fr.md"))
    odd = Seed("", "Storm\n\ncuts power", ("rate_decision",), path=Path("odd.md"))
    text = render(learn((*rate_seeds(), odd, french)))
    assert text.endswith("\n\nnot learned: 1 seed not taken for English: fr.md:1\n")
    assert "Storm cuts power  (odd.md:1)" in text
    with pytest.raises(LearnError, match="no seed is English"):
        learn((french,))


def test_nothing_to_learn_is_an_error() -> None:
    with pytest.raises(LearnError, match="no event type"):
        learn((Seed("A title", "of no event", ()),))
    with pytest.raises(LearnError, match="cancelled or denied"):
        learn((Seed("Summit called off", "It will not take place.", ("summit",), status="cancelled"),))


def test_a_model_survives_saving(tmp_path: Path) -> None:
    model = Model.load()
    model.save(tmp_path / "model.json")
    again = Model.load(tmp_path / "model.json")
    item = Item(id="1", title="Macron hosts Merz in Paris", text="The French president and the chancellor held talks.")
    assert again.classify(item) == model.classify(item)
    assert again.types == ("bilateral_meeting", "energy_deal")


def test_a_missing_or_broken_model_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="no model there"):
        Model.load(tmp_path / "none.json")
    for content in ("", "[]", "{}", '{"format": 99, "types": {}}', '{"format": 1, "types": {"a": {}}}'):
        path = tmp_path / "broken.json"
        path.write_text(content)
        with pytest.raises(ModelInvalid) as error:
            Model.load(path)
        assert str(path) in str(error.value)
