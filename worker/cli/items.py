"""``seedwire items``: what was read, how it scored, and the one named reason why it led to an alert or did not."""

from __future__ import annotations

from getpass import getuser
from typing import TYPE_CHECKING

import click

from worker.cli import options

if TYPE_CHECKING:
    from store.views.items import ListedItem

#: What programs are told of an item.
_TOLD = ("id", "url", "title", "published", "first_seen", "feed", "scores", "outcome", "stories")


@click.group()
def items() -> None:
    """List stored items, show one, correct what was decided."""


@items.command(name="list")
@options.config_option
@options.json_option
@click.option("--all", "everything", is_flag=True, help="All of them, not just the newest.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1), help="How many.")
@click.option("--near-misses", is_flag=True, help="Only those that came close to a threshold.")
def list_(config: str | None, as_json: bool, everything: bool, limit: int, near_misses: bool) -> None:
    """List items, newest first, with their scores and outcome."""
    from store.views.items import ItemFilters, list_items

    with options.context(config) as context, context.database.read() as connection:
        asked = ItemFilters(near_misses=near_misses)
        found = list_items(connection, limit=None if everything else limit, filters=asked)
        if as_json:
            for item in found:
                click.echo(options.to_json(_to_dict(item)))
            return
        rows = [
            (
                item.id[:12],
                options.ago(item.first_seen),
                item.outcome or "waiting",
                " ".join(f"{kind}={score:.2f}" for kind, score in item.scores.items() if score >= 0.1) or "-",
                item.feed[:24],
                item.title[:100],
            )
            for item in found
        ]
    if not rows:
        click.echo("no item matches" if near_misses else "no items yet; `seedwire up` or `seedwire poll` brings them")
        return
    options.table(rows, ("ID", "SEEN", "OUTCOME", "SCORES", "FEED", "TITLE"))


@items.command()
@options.config_option
@options.json_option
@click.argument("item_id")
def show(config: str | None, as_json: bool, item_id: str) -> None:
    """Show one item (its id, or the start of it): text, scores, why it led to an alert or did not, its stories."""
    from alerts.outcomes import ItemOutcome
    from classifiers.explain import explain
    from store import prefixes
    from store.views.items import show_item

    with options.context(config) as context, context.database.read() as connection:
        shown = show_item(connection, prefixes.item_id(connection, item_id))
        listed, item = shown.listed, shown.item
        said = ItemOutcome(listed.outcome).sentence if listed.outcome else "It waits to be classified."
        if as_json:
            click.echo(options.to_json(_to_dict(listed) | {"text": item.text, "language": item.language, "why": said}))
            return
        explained = explain(context.model, item, context.who)
    click.secho(options.plain(item.title or "(no title)"), bold=True)
    published = options.ago(listed.published) if listed.published else "undated"
    for name, value in (
        ("id", listed.id),
        ("url", listed.url or "-"),
        ("feed", listed.feed),
        ("published", f"{published}, seen {options.ago(listed.first_seen)}"),
        ("outcome", f"{listed.outcome or 'waiting'}: {said}"),
        ("stories", ", ".join(listed.stories) or "none"),
    ):
        click.echo(options.plain(f"  {name:<10} {value}"))
    click.echo(f"\n{options.plain(item.text) or '(no text)'}\n")
    click.secho("what the model in use says of it now", bold=True)
    click.echo(options.plain(explained))


@items.command()
@options.config_option
@click.argument("item_id")
@click.argument("label", required=False)
@click.option("--undo", is_flag=True, help="Take back the last that was said of it.")
def label(config: str | None, item_id: str, label: str | None, undo: bool) -> None:
    """Say what an item really is: an event type, `none`, `right` (as it was decided) or `wrong`.

    Nothing is decided otherwise at once: `seedwire learn --with-feedback` learns from it.
    """
    from store import corrections, prefixes
    from worker.steps import correct

    if undo == bool(label):
        raise click.UsageError("say what it is, or --undo to take back the last that was said of it")
    with options.context(config) as context:
        with context.database.read() as connection:
            item_id = prefixes.item_id(connection, item_id)
        who = getuser()
        try:
            made = (
                correct.correct_item(context, item_id, label, who)
                if label
                else correct.undo_of_item(context, item_id, who)
            )
        except correct.BadLabel as error:
            raise click.UsageError(str(error)) from None
        with context.database.read() as connection:
            waiting = corrections.waiting(connection)
    of = f"story {made.story_id}, with {options.count(len(made.before), 'item')}," if made.story_id else item_id
    click.echo(f"{of} is no longer labelled {made.label}" if undo else f"{item_id} is labelled {made.label}")
    if waiting:
        many = options.count(waiting, "correction")
        click.echo(f"{many} to learn: seedwire learn --seeds DIR --with-feedback --out FILE")


def _to_dict(item: ListedItem) -> dict[str, object]:
    return {name: getattr(item, name) for name in _TOLD}
