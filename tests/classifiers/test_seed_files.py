"""Seed files: what is read, and the line and the expectation that a bad one is told."""

from __future__ import annotations

import contextlib
from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.seed import SeedError, read_seeds

if TYPE_CHECKING:
    from pathlib import Path

FRONT = '+++\ntitle = "T"\npublished = 2024-07-03\nevents = ["strike"]\nstatus = "held"\n+++\n'


def write(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


def test_front_matter_and_text_are_read(tmp_path: Path) -> None:
    write(tmp_path, "a.md", FRONT + "Workers walked out.\n")
    (seed,) = read_seeds(tmp_path)
    assert (seed.title, seed.text, seed.events) == ("T", "Workers walked out.", ("strike",))
    assert (seed.published, seed.status, seed.language) == (date(2024, 7, 3), "held", "en")


def test_without_front_matter_the_folder_is_the_type(tmp_path: Path) -> None:
    write(tmp_path, "rate_decision/one.txt", "The bank raised its rate.")
    (seed,) = read_seeds(tmp_path)
    assert seed.events == ("rate_decision",)


@pytest.mark.parametrize(
    ("content", "title", "text"),
    [
        ("Bank raises rate\n\nThe bank raised its rate.\n", "Bank raises rate", "The bank raised its rate."),
        ("# Bank raises rate\r\nIt did.", "Bank raises rate", "It did."),
        ("Bank raises rate\n", "Bank raises rate", ""),
        ("The bank raised its rate.\nIt had to.", "", "The bank raised its rate.\nIt had to."),
        ("word " * 50 + "\nIt did.", "", "word " * 50 + "\nIt did."),
    ],
)
def test_a_short_first_line_is_the_headline_of_a_plain_article(
    tmp_path: Path, content: str, title: str, text: str
) -> None:
    write(tmp_path, "rate_decision/one.md", content)
    (seed,) = read_seeds(tmp_path)
    assert (seed.title, seed.text) == (title, text)


def test_a_folder_that_is_no_type_says_what_would_be(tmp_path: Path) -> None:
    write(tmp_path, "kinds/minister_resigned/one.txt", "Minister quits\nHe resigned.")
    with pytest.raises(SeedError, match=f'"minister_resigned" is the type, name the folder above it: {tmp_path}/kinds'):
        read_seeds(tmp_path / "kinds/minister_resigned")
    write(tmp_path, "kinds/Minister Resigned/one.txt", "Minister quits\nHe resigned.")
    with pytest.raises(SeedError, match='a folder named after the type in small letters, digits and "_"'):
        read_seeds(tmp_path / "kinds")


def test_bundles_hold_one_example_a_line(tmp_path: Path) -> None:
    write(tmp_path, "b.jsonl", '{"title": "A", "events": ["strike"]}\n\n{"text": "B", "events": [], "kind": "near"}\n')
    first, second = read_seeds(tmp_path)
    assert (first.title, first.line) == ("A", 1)
    assert (second.events, second.kind, second.line) == ((), "near", 3)


def test_readme_is_for_people(tmp_path: Path) -> None:
    write(tmp_path, "README.md", "Put articles here.")
    write(tmp_path, "a.md", FRONT + "x y z")
    assert len(read_seeds(tmp_path)) == 1


@pytest.mark.parametrize(
    ("name", "content", "line", "told"),
    [
        ("a.md", "Just text at the top.", 1, "no event type"),
        ("a.md", '+++\ntitle = "T"\nText', 1, "not closed"),
        ("a.md", '+++\ntitle = "T"\nevents = [\n+++\nText', 3, "not TOML"),
        ("a.md", '+++\ntitle = "T"\nevent = ["x"]\n+++\nText', 3, "event: expected one of title, published"),
        ("a.md", '+++\ntitle = "T"\n\nevents = "x"\n+++\nText', 4, "events: expected a list"),
        ("a.md", '+++\nevents = ["Big Type"]\n+++\nText', 2, "small letters"),
        ("a.md", '+++\ntitle = "T"\n+++\nText', 1, "events: expected a list"),
        ("a.md", '+++\npublished = "soon"\nevents = []\n+++\nText', 2, "a date such as 2024-07-03"),
        ("a.md", "+++\nevents = []\n+++\n\n", 1, "empty"),
        ("b.jsonl", '{"title": "A", "events": []}\n{"title": }\n', 2, "not a JSON object"),
        ("b.jsonl", "[1]\n", 1, "one object a line"),
        ("a.md", FRONT + "Workers\0walked out.", 7, "a NUL byte; expected text"),
        ("b.jsonl", '{"title": 3, "events": []}\n', 1, "title: expected a string"),
    ],
)
def test_a_bad_file_names_its_line_and_what_was_expected(
    tmp_path: Path, name: str, content: str, line: int, told: str
) -> None:
    write(tmp_path, "0-good.md", FRONT + "x")
    path = write(tmp_path, name, content)
    with pytest.raises(SeedError) as error:
        read_seeds(tmp_path)
    assert str(error.value).startswith(f"{path}:{line}: ")
    assert told in str(error.value)
    assert "\n" not in str(error.value)


def test_bytes_that_are_not_utf_8_are_told_by_line(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(b"+++\nevents = []\n+++\nok\n\xff\xfe")
    with pytest.raises(SeedError, match=r":5: not UTF-8"):
        read_seeds(tmp_path)


def test_an_empty_or_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SeedError, match=f"^{tmp_path}: no seed files"):
        read_seeds(tmp_path)
    with pytest.raises(SeedError, match=f"^{tmp_path}/none: not a folder"):
        read_seeds(tmp_path / "none")


@given(content=st.text(max_size=200))
def test_arbitrary_files_are_read_or_refused_with_a_line(
    tmp_path_factory: pytest.TempPathFactory, content: str
) -> None:
    folder = tmp_path_factory.mktemp("seeds")
    (folder / "a.md").write_bytes(("+++\n" + content).encode("utf-8", "surrogatepass"))
    (folder / "b.jsonl").write_bytes(content.encode("utf-8", "surrogatepass"))
    with contextlib.suppress(SeedError):
        assert all(seed.title.strip() or seed.text.strip() for seed in read_seeds(folder))
