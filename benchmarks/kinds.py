"""New kinds of event learned from five articles, told from look-alikes and ordinary news, beside a plainer way.

What likeness proves is learned from the other kinds of ``classifiers/kinds``, three quarters at a time, so that no
kind is told by what it taught itself. The cut is the one that those other kinds chose. The peer is logistic regression
on mean word vectors, the five articles against all of ordinary news, at the threshold that would have been best in
hindsight.
"""

from __future__ import annotations

import json
import math
import shutil
import tempfile
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.labelled import ROOT
from benchmarks.scoring import Counts, best_in_hindsight, count
from classifiers.background import load_background
from classifiers.brief import make_brief
from classifiers.learn_likeness import Ordinary, compare_examples, learn_likeness, learn_prior
from classifiers.likeness import directions, prior
from classifiers.scoring import sigmoid

if TYPE_CHECKING:
    from classifiers.brief import Brief
    from classifiers.likeness import Likeness, Prior

FOLDER = ROOT / "classifiers" / "kinds"
FOLDS = 4
#: Every how many items of ordinary news a kind is tried on.
EVERY = 6
#: Kinds that show whether counter-examples change what is learned.
FEW = 3


def run() -> None:
    files = sorted(FOLDER.glob("*.jsonl"))
    kinds = {file.stem: [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] for file in files}
    tested = [make_brief(row["title"], row["text"]) for rows in kinds.values() for row in rows if row["use"] == "test"]
    ordinary = Ordinary.of(load_background(), sorted(prior().signs.keys() | set(chain(*(b.signs for b in tested)))))
    ours: dict[str, Counts] = {}
    peers: dict[str, Counts] = {}
    for fold in range(FOLDS):
        known = _learn_from([file for n, file in enumerate(files) if n % FOLDS != fold])
        for file in files[fold::FOLDS]:
            ours[file.stem], peers[file.stem] = _try_kind(kinds[file.stem], known, ordinary)
    for name in sorted(ours, key=lambda name: -ours[name].f1):
        print(f"  {name:<28} {ours[name]}   vectors + logistic regression, best in hindsight, F1 {peers[name].f1:.3f}")
    print(f"{len(ours)} kinds, five articles each, at the cut that other kinds chose: mean F1 {_mean(ours):.3f}")
    print(f"  word vectors + logistic regression, at the best threshold in hindsight: mean F1 {_mean(peers):.3f}")
    _with_counter_examples(kinds, ordinary)


def _learn_from(files: list[Path]) -> Prior:
    with tempfile.TemporaryDirectory() as folder:
        for file in files:
            shutil.copy(file, folder)
        return learn_prior(Path(folder))


def _try_kind(rows: list[dict[str, Any]], known: Prior, ordinary: Ordinary) -> tuple[Counts, Counts]:
    """What is told right of a kind's test items and of ordinary news: by likeness, and by the topic alone."""
    learned = learn_likeness(_articles(rows, "seed"), ordinary)
    briefs, truth = _trial(rows, ordinary)
    topics = np.array([np.concatenate(directions(brief)[::-1]) for brief in briefs])
    peer = learned.bias + topics @ np.array(learned.topic)
    decided = [learned.near(brief) and _margin(learned, known, brief) >= known.cut for brief in briefs]
    return count(decided, truth), best_in_hindsight(peer.tolist(), truth)


def _margin(learned: Likeness, known: Prior, brief: Brief) -> float:
    """What Likeness.margin() gives, by another prior than the shipped one."""
    usual, spread, weight = known.scaling
    signs = (brief.signs & known.signs.keys()) - learned.own
    said = math.fsum(known.signs[sign] for sign in signs)
    return known.bias + float((learned.measure(brief, *directions(brief)) - usual) / spread @ weight) + said


def _with_counter_examples(kinds: dict[str, list[dict[str, Any]]], ordinary: Ordinary) -> None:
    """The kinds that have counter-examples, learned with and without them, by the shipped prior."""
    having = {name: rows for name, rows in kinds.items() if _articles(rows, "counter")}
    if all(len(set(map(repr, _both(rows, ordinary)))) == 1 for rows in list(having.values())[:FEW]):
        print(f"{len(having)} kinds have counter-examples: they change nothing that is learned of a handful")
        return
    counts: tuple[dict[str, Counts], dict[str, Counts]] = ({}, {})
    for name, rows in having.items():
        briefs, truth = _trial(rows, ordinary)
        for learned, found in zip(_both(rows, ordinary), counts, strict=True):
            found[name] = count([_reports(learned, brief) for brief in briefs], truth)
    print(
        f"{len(having)} kinds with counter-examples, as shipped (learned from these kinds too: optimistic): "
        f"mean F1 {_mean(counts[0]):.3f} without them, {_mean(counts[1]):.3f} with them"
    )


def _both(rows: list[dict[str, Any]], ordinary: Ordinary) -> list[Likeness]:
    """What is learned of a kind without its counter-examples, and with them."""
    others: tuple[list[tuple[str, str]], ...] = ([], _articles(rows, "counter"))
    return [compare_examples(_articles(rows, "seed"), other, ordinary).likeness for other in others]


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
