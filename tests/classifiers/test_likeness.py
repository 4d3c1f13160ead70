"""Telling a kind of event from a handful of articles."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from classifiers.background import load_background
from classifiers.brief import FACTS, make_brief
from classifiers.learn import learn
from classifiers.learn_contrast import heed, likest
from classifiers.learn_likeness import Ordinary, compare_examples, learn_likeness
from classifiers.learn_prior import learn_prior, read_kinds
from classifiers.likeness import Likeness, prior
from classifiers.model import Model
from classifiers.seed import Seed
from classifiers.word_groups import word_groups
from feeds.item import Item

ROOT = Path(__file__).parents[2]
QUAKES = [
    ("Strong quake shakes northern Chile", "A magnitude 6.8 earthquake struck northern Chile on Monday, killing two."),
    ("Earthquake in eastern Turkey kills nine", "Buildings collapsed when a 6.1 tremor hit Elazig before dawn."),
    ("6.4 quake hits Luzon", "An earthquake hit the Philippine island of Luzon, the seismology institute said."),
    ("Magnitude 7.0 quake off Tonga", "A powerful earthquake struck off Tonga. A tsunami warning was lifted later."),
    (
        "Quake rattles Crete, church destroyed",
        "A 5.8 earthquake damaged dozens of houses on the Greek island of Crete.",
    ),
]


@pytest.fixture(scope="module")
def ordinary() -> Ordinary:
    return Ordinary.of(load_background(), prior().signs)


@pytest.fixture(scope="module")
def quakes(ordinary: Ordinary) -> Likeness:
    return learn_likeness(QUAKES, ordinary)


def test_the_event_is_told_from_its_look_alikes_and_from_other_news(quakes: Likeness) -> None:
    told = quakes.margin(make_brief("Earthquake strikes southern Iran, three dead", "The tremor was felt in Dubai."))
    planned = quakes.margin(make_brief("Could an earthquake drill save Tokyo? Experts urge more", ""))
    other = quakes.margin(make_brief("Retailer reports higher profit", "Sales rose in the second quarter."))
    assert told > planned > other
    assert not quakes.near(make_brief("Retailer reports higher profit", "Sales rose in the second quarter."))


def test_reasons_add_up_to_the_margin(quakes: Likeness) -> None:
    brief = make_brief("Earthquake strikes southern Iran, three dead", "")
    reasons = quakes.reasons(brief, 10_000)
    assert math.isclose(prior().bias + math.fsum(share for _, share in reasons), quakes.margin(brief), abs_tol=1e-4)
    assert any(name.startswith("key words: ") and "earthquake" in name for name, _ in reasons)


def test_a_model_keeps_what_was_learned(tmp_path: Path) -> None:
    learned = learn([Seed(title, text, ("quake",)) for title, text in QUAKES])
    learned.model.save(tmp_path / "model.json")
    loaded = Model.load(tmp_path / "model.json")
    item = Item(id="1", title="Magnitude 6.6 earthquake hits southern Iran", text="Three people were killed on Sunday.")
    assert loaded.classify(item) == learned.model.classify(item)
    (event,) = loaded.classify(item).events
    assert event.type == "quake"
    assert event.evidence[0].text in (item.title, item.text)


def test_one_example_is_learned_from(ordinary: Ordinary) -> None:
    compared = compare_examples(QUAKES[:1], [], ordinary)
    assert compared.left_out.tolist() == [-math.inf]
    assert 0 < compared.likeness.threshold < 1


def test_a_kind_that_is_common_in_ordinary_news_gets_a_higher_threshold(ordinary: Ordinary) -> None:
    compared = compare_examples(
        [("Shares rise", "Stocks rose on Monday."), ("Stocks fall", "Shares fell.")], [], ordinary
    )
    assert compared.ordinary <= 0.0045


@pytest.mark.parametrize(("title", "text"), [("", ""), ("!!!", "…"), ("日本", "東京"), ("A" * 5000, "b " * 5000)])
def test_any_text_has_a_margin(quakes: Likeness, title: str, text: str) -> None:
    brief = make_brief(title, text)
    assert len(brief.facts) == len(FACTS)
    assert math.isfinite(quakes.margin(brief))


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_what_likeness_proves_is_what_the_kinds_teach() -> None:
    known, shipped = learn_prior(read_kinds(ROOT / "classifiers" / "kinds")), prior()
    assert known.cut == shipped.cut
    assert known.bias == pytest.approx(shipped.bias, abs=0.01)
    assert {s for s, w in known.signs.items() if abs(w) > 0.05} <= shipped.signs.keys()
    for name, (_, _, weight) in known.measures.items():
        assert weight == pytest.approx(shipped.measures[name][2], abs=0.01), name
    assert known.contrast.cut == shipped.contrast.cut
    assert known.contrast.title == pytest.approx(shipped.contrast.title, abs=0.01)
    assert known.contrast.lead == pytest.approx(shipped.contrast.lead, abs=0.01)
    assert known.contrast.examples == pytest.approx(shipped.contrast.examples, abs=0.01)
    assert known.contrast.others == pytest.approx(shipped.contrast.others, abs=0.01)


LOOK_ALIKES = [
    ("Quake drill empties schools in Japan", "Pupils hid under their desks in an exercise on Friday."),
    ("Chile tests its tsunami sirens", "The exercise supposed a magnitude 8 earthquake. Nobody was hurt."),
    ("Turkey marks year since Elazig earthquake", "Families lit candles for the victims of last year's tremor."),
    ("Memorial for quake victims opens in Manila", "It recalls the earthquake of 1990, the institute said."),
    ("Why earthquakes in Greece are hard to foresee", "Scientists explain what they know and what they do not."),
]


@pytest.fixture(scope="module")
def heeding(quakes: Likeness) -> Likeness:
    return heed(quakes, [make_brief(*quake) for quake in QUAKES], [make_brief(*other) for other in LOOK_ALIKES])


def test_counter_examples_teach_what_the_type_is_not(quakes: Likeness, heeding: Likeness) -> None:
    past = make_brief("Lisbon remembers victims of earthquake", "Families lit candles in memory of the dead.")
    event = make_brief("Magnitude 6.6 earthquake hits southern Iran", "Three people were killed on Sunday.")
    assert heeding.margin(past) < quakes.margin(past) - 0.1
    assert heeding.margin(event) > quakes.margin(event) - 0.3


def test_counter_examples_teach_of_what_happened_not_of_states_and_people(quakes: Likeness) -> None:
    told = [make_brief("Putin and Merkel feel quake in Tokyo", "Germany and Russia were shaken.")]
    others = [make_brief("Macron and Obama practise for quake in Chile", "Vladimir Putin and Ukraine did not.")]
    taught = {sign.partition(" ")[2] for sign in heed(quakes, told, others).contrast}
    named = word_groups().named
    words = ("putin", "merkel", "germany", "russia", "chile", "macron", "obama", "vladimir", "ukraine")
    assert not {*words, *(named[word] for word in words if word in named)} & taught
    assert "not" in taught


def test_the_likelier_counter_examples_are_taken_for_the_type_the_higher_the_cut() -> None:
    contrast = prior().contrast
    usual = contrast.examples[0]
    assert contrast.place_cut(usual, 1.0) > contrast.place_cut(usual, -3.0)
    assert contrast.place_cut(usual + 1, -2.0) > contrast.place_cut(None, -2.0) == contrast.place_cut(usual, -2.0)


def test_reasons_name_what_counter_examples_taught(heeding: Likeness) -> None:
    brief = make_brief("Lisbon remembers victims of earthquake", "Families lit candles in memory of the dead.")
    reasons = heeding.reasons(brief, 10_000)
    assert math.isclose(prior().bias + math.fsum(share for _, share in reasons), heeding.margin(brief), abs_tol=1e-4)
    assert min(share for name, share in reasons if name.startswith("counter-examples: ")) < 0


def test_counter_examples_are_judged_by_the_others(ordinary: Ordinary) -> None:
    compared = compare_examples(QUAKES, LOOK_ALIKES, ordinary)
    taught = [compared.likeness.margin(make_brief(*other)) for other in LOOK_ALIKES]
    assert (compared.left_out[len(QUAKES) :] > taught).all()


def test_what_counter_examples_taught_is_kept(tmp_path: Path) -> None:
    seeds = [Seed(*a, ("quake",)) for a in QUAKES] + [Seed(*a, ()) for a in LOOK_ALIKES]
    learned = learn(seeds)
    learned.model.save(tmp_path / "model.json")
    loaded = Model.load(tmp_path / "model.json")
    item = Item(id="1", title="Lisbon remembers victims of earthquake", text="Families lit candles in memory.")
    assert loaded.classify(item) == learned.model.classify(item)
    assert loaded.classify(item).scores["quake"] < learn(seeds[:5]).model.classify(item).scores["quake"]


def test_counter_examples_about_other_things_teach_nothing(quakes: Likeness) -> None:
    others = [(f"Club {n} wins the cup final", "The match was played in the rain.") for n in range(300)]
    assert likest(quakes, others + LOOK_ALIKES)[:1] != []
    assert all(place >= len(others) for place in likest(quakes, others + LOOK_ALIKES))


@pytest.mark.parametrize("text", ["Monday", "Earthquake", "Strong quake kills"])
def test_a_word_or_three_tell_of_no_event(quakes: Likeness, text: str) -> None:
    assert not quakes.near(make_brief(text, ""))


def test_days_are_no_key_words(ordinary: Ordinary) -> None:
    learned = learn_likeness([(title, f"{text} It was on Sunday.") for title, text in QUAKES], ordinary)
    assert "sunday" not in learned.keys


def test_reasons_say_which_facts_are_not_there(quakes: Likeness) -> None:
    names = {name for name, _ in quakes.reasons(make_brief("Earthquake strikes southern Iran, three dead", ""), 10_000)}
    assert {"no number", "country", "casualties"} <= names
