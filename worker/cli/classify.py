"""``seedwire classify``: what texts report, for programs (``--jsonl``) and for people."""

from __future__ import annotations

import codecs
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from classifiers.event_json import verdict_to_dict
from feeds.item import Item
from worker.cli import options
from worker.cli.item_lines import read_item

if TYPE_CHECKING:
    from collections.abc import Iterator

    from classifiers.model import Model


@click.command()
@click.argument("files", nargs=-1, type=click.Path(allow_dash=True))
@click.option("--jsonl", is_flag=True, help="Read one JSON object a line: id, title, text, published, url, language.")
@click.option("--json", "as_json", is_flag=True, help="Plain text in, one JSON object a file out.")
@click.option("--explain", is_flag=True, help="Show the matched sentences and patterns, and what was missing.")
@click.option("--model", "model_file", type=click.Path(dir_okay=False, path_type=Path), help="A model of your own.")
def classify(files: tuple[str, ...], jsonl: bool, as_json: bool, explain: bool, model_file: Path | None) -> None:
    """Say what each text reports: a score for every kind of event, and each event with its evidence.

    FILES are plain text (the first line is taken for the headline when it looks like one), or with --jsonl one JSON
    object a line; `-` or nothing reads standard input.
    """
    from classifiers.model import Model
    from worker.garbage import collect_rarely

    collect_rarely()
    model = Model.load(model_file)
    failed = False
    for number, (name, data) in enumerate(_sources(files or ("-",))):
        if isinstance(data, OSError):
            click.echo(f"seedwire: {name}: {data.strerror or data}", err=True)
            failed = True
        elif jsonl:
            failed |= not _classify_lines(model, name, _decode(name, data), explain=explain)
        elif (nul := data.find(b"\0")) >= 0:
            click.echo(f"seedwire: {name}, line {_line(data, nul)}: a NUL byte; expected text in UTF-8", err=True)
            failed = True
        else:
            item = _plain_item(Path(name).name, _decode(name, data))
            _show(model, item, as_json=as_json, explain=explain, first=number == 0)
    if failed:
        sys.exit(1)


def _sources(files: tuple[str, ...]) -> Iterator[tuple[str, bytes | OSError]]:
    for file in files:
        try:
            data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        except OSError as error:
            yield file, error
        else:
            yield ("standard input" if file == "-" else file), data


def _decode(name: str, data: bytes) -> str:
    """UTF-8; where it is not, which is said, the lines that are not are read as Windows-1252."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = _line(data, error.start)
        click.echo(f"seedwire: {name}, line {line}: not UTF-8; read as Windows-1252", err=True)
    return "\n".join(map(_decode_line, data.removeprefix(codecs.BOM_UTF8).split(b"\n")))


def _decode_line(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace")


def _line(data: bytes, position: int) -> int:
    return data.count(b"\n", 0, position) + 1


def _classify_lines(model: Model, name: str, source: str, *, explain: bool) -> bool:
    """One line out for every line in, in the same order; a line that cannot be read says why and spares the others."""
    good = True
    lines = source.split("\n")
    if lines and not lines[-1].strip():
        lines.pop()
    show_progress = sys.stderr.isatty() and not sys.stdout.isatty() and len(lines) > 1000
    with click.progressbar(lines, label="classifying", file=sys.stderr, hidden=not show_progress) as walk:
        for number, line in enumerate(walk, 1):
            if not line.strip():
                continue
            doubts: list[str] = []
            try:
                item = read_item(line, doubts)
            except ValueError as error:
                good = False
                click.echo(f"seedwire: {name}, line {number}: {error}", err=True)
                click.echo(json.dumps({"id": None, "error": f"line {number}: {error}"}))
                continue
            for doubt in doubts:
                click.echo(f"seedwire: {name}, line {number}: {doubt}", err=True)
            if explain:
                _explain(model, item)
            else:
                verdict = model.classify(item)
                click.echo(json.dumps(verdict_to_dict(item.id, verdict), ensure_ascii=False))
    return good


def _plain_item(name: str, text: str) -> Item:
    from classifiers.seed import split_headline

    title, rest = split_headline(text)
    return Item(id=name, title=title, text=rest)


def _explain(model: Model, item: Item) -> None:
    from classifiers.explain import explain as explained

    click.echo(options.plain(explained(model, item)))


def _show(model: Model, item: Item, *, as_json: bool, explain: bool, first: bool) -> None:
    if not first and not as_json:
        click.echo()
    if explain:
        _explain(model, item)
        return
    verdict = model.classify(item)
    if as_json:
        click.echo(json.dumps(verdict_to_dict(item.id, verdict), ensure_ascii=False))
        return
    click.secho(options.plain(item.title or item.id), bold=True)
    if verdict.reason:
        click.echo(f"  not scored: {verdict.reason}")
        return
    for kind, score in verdict.scores.items():
        mark = "over" if score >= verdict.thresholds.get(kind, 1) else "under"
        click.echo(f"  {kind} {score:.2f} ({mark} its threshold {verdict.thresholds.get(kind, 1):.2f})")
    for event in verdict.events:
        sides = ", ".join(event.countries) or "sides unknown"
        where = f" in {event.place.name}" if event.place else ""
        when = f" on {event.date}" if event.date else ""
        click.echo(options.plain(f"  {event.type}, {event.status or 'status unknown'}: {sides}{where}{when}"))
        for evidence in event.evidence[:3]:
            click.secho(options.plain(f'    "{evidence.text}"'), dim=True)
