"""``seedwire classify`` on what people give it: headlines, other encodings and languages, wrong lines."""

from __future__ import annotations

import io
import json
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result

    Run = Callable[..., Result]

HEADLINE = "Kenyan president meets Ethiopian prime minister in Nairobi"


def test_a_lone_headline_is_the_title(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(HEADLINE.encode() + b"\n")))
    (said,) = run("classify", "--json").lines
    assert said["events"][0]["evidence"][0]["source"] == "title"


def test_what_is_not_utf_8_is_told_and_read_as_windows_1252(run: Run, folder: Path) -> None:
    (folder / "old.txt").write_bytes("Café owners strike in Málaga".encode("cp1252"))
    plain = run("classify", folder / "old.txt")
    assert (plain.code, plain.out.splitlines()[0]) == (0, "Café owners strike in Málaga")
    assert plain.err == f"seedwire: {folder / 'old.txt'}, line 1: not UTF-8; read as Windows-1252\n"
    (folder / "old.jsonl").write_bytes('{"id": "é"}\n'.encode() + '{"id": "ü"}\n'.encode("cp1252"))
    lines = run("classify", "--jsonl", folder / "old.jsonl")
    assert [line["id"] for line in lines.lines] == ["é", "ü"]
    assert lines.err == f"seedwire: {folder / 'old.jsonl'}, line 2: not UTF-8; read as Windows-1252\n"


def test_a_nul_byte_is_told_as_such(run: Run, folder: Path) -> None:
    (folder / "a.txt").write_bytes(b"Minister quits\nThe mini\0ster resigned.\n")
    result = run("classify", folder / "a.txt")
    assert result.code == 1
    assert result.err == f"seedwire: {folder / 'a.txt'}, line 2: a NUL byte; expected text in UTF-8\n"


def test_what_is_not_scored_shows_no_scores(run: Run, folder: Path) -> None:
    (folder / "fr.txt").write_text("Le ministre de la santé a démissionné dans la nuit pour des raisons de santé.")
    assert run("classify", folder / "fr.txt").out == "fr.txt\n  not scored: unsupported-language\n"


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"title": 5}, "title should be text"),
        ({"url": 5}, "url should be text"),
    ],
)
def test_a_line_with_a_wrong_value_names_line_and_key(
    run: Run, folder: Path, row: dict[str, object], told: str
) -> None:
    good = {"id": 7, "title": HEADLINE, "published": "Wed, 03 Jul 2024 09:30:00 +0200", "language": None}
    (folder / "in.jsonl").write_text(f"{json.dumps(good)}\n{json.dumps(row)}\n")
    result = run("classify", "--jsonl", folder / "in.jsonl")
    assert (result.code, result.err) == (1, f"seedwire: {folder / 'in.jsonl'}, line 2: {told}\n")
    assert (result.lines[0]["id"], result.lines[1]["error"]) == ("7", f"line 2: {told}")


@pytest.mark.parametrize("said", ["yesterday", 1720000000, "0001-01-01T00:00:00+05:00"])
def test_a_time_that_cannot_be_read_is_told_and_spares_its_item(run: Run, folder: Path, said: object) -> None:
    (folder / "in.jsonl").write_text(json.dumps({"id": "a", "title": HEADLINE, "published": said}))
    result = run("classify", "--jsonl", folder / "in.jsonl")
    assert (result.code, len(result.lines[0]["events"])) == (0, 1)
    told = "published should be a time such as 2024-07-03T09:30:00Z; taken as unknown"
    assert result.err == f"seedwire: {folder / 'in.jsonl'}, line 1: {told}\n"
