"""New kinds of event learned from five articles, told from look-alikes and ordinary news, beside a plainer way.

What likeness proves is learned from the other kinds of ``classifiers/kinds``, three quarters at a time, so that no
kind is told by what it taught itself. The cut is the one that those other kinds chose. The peer is logistic regression
on mean word vectors, the five articles against all of ordinary news, at the threshold that would have been best in
hindsight.
"""

from __future__ import annotations

import json
from itertools import chain
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import numpy as np

from benchmarks.labelled import ROOT
from benchmarks.scoring import Counts, best_in_hindsight, count
from classifiers.background import load_background
from classifiers.brief import make_brief
from classifiers.learn_likeness import Ordinary, compare_examples
from classifiers.learn_prior import learn_prior, read_kinds
from classifiers.likeness import directions, prior
from classifiers.scoring import sigmoid

if TYPE_CHECKING:
    from classifiers.brief import Brief
    from classifiers.likeness import Likeness, Prior

FOLDER = ROOT / "classifiers" / "kinds"
FOLDS = 4
#: Every how many items of ordinary news a kind is tried on; nothing is learned from these (classifiers/learn_prior.py).
EVERY = 6


def run() -> None:
    files = sorted(FOLDER.glob("*.jsonl"))
    kinds = {file.stem: [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] for file in files}
    tested = [make_brief(row["title"], row["text"]) for rows in kinds.values() for row in rows if row["use"] == "test"]
    ordinary = Ordinary.of(load_background(), sorted(prior().signs.keys() | set(chain(*(b.signs for b in tested)))))
    ours: dict[str, Counts] = {}
    heeding: dict[str, Counts] = {}
    peers: dict[str, Counts] = {}
    teaching = read_kinds(FOLDER)
    for fold in range(FOLDS):
        known = learn_prior([kind for n, kind in enumerate(teaching) if n % FOLDS != fold])
        for file in files[fold::FOLDS]:
            ours[file.stem], heeding[file.stem], peers[file.stem] = _try_kind(kinds[file.stem], known, ordinary)
    for name in sorted(ours, key=lambda name: -ours[name].f1):
        print(
            f"  {name:<28} {ours[name]}   with counter-examples F1 {heeding[name].f1:.3f}   "
            f"vectors + logistic regression, best in hindsight, F1 {peers[name].f1:.3f}"
        )
    print(f"{len(ours)} kinds, five articles each, at the cut that other kinds chose: mean F1 {_mean(ours):.3f}")
    print(f"  with their counter-examples (6 or 10): mean F1 {_mean(heeding):.3f}")
    print(f"  word vectors + logistic regression, at the best threshold in hindsight: mean F1 {_mean(peers):.3f}")


def _try_kind(rows: list[dict[str, Any]], known: Prior, ordinary: Ordinary) -> tuple[Counts, Counts, Counts]:
    """What is told right of a kind's test items and of ordinary news: by likeness, with counter-examples, by topic."""
    with (
        patch("classifiers.likeness.prior", lambda: known),
        patch("classifiers.learn_likeness.prior", lambda: known),
        patch("classifiers.learn_contrast.prior", lambda: known),
    ):
        articles, others = _articles(rows, "seed"), _articles(rows, "counter")
        alike, heeding = (compare_examples(articles, told, ordinary).likeness for told in ([], others))
        briefs, truth = _trial(rows, ordinary)
        ours, both = (count([_reports(learned, brief) for brief in briefs], truth) for learned in (alike, heeding))
    topics = np.array([np.concatenate(directions(brief)[::-1]) for brief in briefs])
    peer = alike.bias + topics @ np.array(alike.topic)
    return ours, both, best_in_hindsight(peer.tolist(), truth)


def _reports(learned: Likeness, brief: Brief) -> bool:
    return learned.near(brief) and sigmoid(learned.margin(brief)) >= learned.threshold


def _articles(rows: list[dict[str, Any]], use: str) -> list[tuple[str, str]]:
    return [(row["title"], row["text"]) for row in rows if row["use"] == use]


def _trial(rows: list[dict[str, Any]], ordinary: Ordinary) -> tuple[list[Brief], list[bool]]:
    own = [row for row in rows if row["use"] == "test"]
    usual = ordinary.briefs[::EVERY]
    return [*(make_brief(row["title"], row["text"]) for row in own), *usual], [
        *(row["label"] == 1 for row in own),
        *[False] * len(usual),
    ]


def _mean(counts: dict[str, Counts]) -> float:
    return sum(c.f1 for c in counts.values()) / max(1, len(counts))
