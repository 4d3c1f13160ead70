"""``seedwire stories``: which reports became one story and why; saying that two are one, or that one is two."""

from __future__ import annotations

from dataclasses import asdict

import click

from worker.cli import options


@click.group()
def stories() -> None:
    """List stories, show one with its reports, merge two into one, split one in two."""


@stories.command(name="list")
@options.config_option
@options.json_option
@click.option("--all", "everything", is_flag=True, help="All of them, not just the newest.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1), help="How many.")
@click.option("--type", "types", multiple=True, help="Of this type of event.")
@click.option("--status", "statuses", multiple=True, help="With this status.")
@click.option("--country", "countries", multiple=True, help="With this side, such as PK.")
@click.option("--feed", "feeds", multiple=True, help="That this feed reported: name, address or id.")
@click.option("--tag", "tags", multiple=True, help="That a feed with this tag reported.")
@click.option("--text", default="", help="Words in headlines, people, places, organizations, outlets.")
@click.option("--min-score", default=0.0, type=click.FloatRange(0, 1), help="At least this certain.")
def list_(
    config: str | None,
    as_json: bool,
    everything: bool,
    limit: int,
    types: tuple[str, ...],
    statuses: tuple[str, ...],
    countries: tuple[str, ...],
    feeds: tuple[str, ...],
    tags: tuple[str, ...],
    text: str,
    min_score: float,
) -> None:
    """List stories, those that opened last first. One that was merged into another is that other.

    Of a filter given more than once any value is enough.
    """
    from store.story_search import StoryFilters
    from store.views.stories import newest_stories

    sides = tuple(code.upper() for code in countries)
    filters = StoryFilters(types, sides, feeds, statuses, tags, text, min_score)
    with options.context(config) as context, context.database.read() as connection:
        found = newest_stories(connection, limit=None if everything else limit, filters=filters)
    if as_json:
        for story in found:
            click.echo(options.to_json(asdict(story)))
        return
    if not found and filters:
        click.echo("no story fits; `seedwire stories list` shows all")
        return
    if not found:
        click.echo("no stories yet; `seedwire items list` shows what was read and why nothing came of it")
        return
    rows = [
        (
            story.id,
            options.ago(story.opened),
            f"{story.type} {story.status or ''}".strip(),
            " ".join(story.event.get("countries") or ()) or "-",
            str(len(story.items)),
            str(len(story.outlets)),
            story.items[0].title if story.items else "",
        )
        for story in found
    ]
    options.table(rows, ("ID", "OPENED", "EVENT", "SIDES", "ITEMS", "OUTLETS", "HEADLINE"))


@stories.command()
@options.config_option
@options.json_option
@click.argument("story_id", metavar="STORY")
def show(config: str | None, as_json: bool, story_id: str) -> None:
    """Show one story (its id, or the start of it): what is known of the event, every report and why it joined.

    The id of a story that was merged into another shows that other.
    """
    from classifiers.event_json import event_to_dict
    from store import alerts, prefixes
    from store import stories as stored

    with options.context(config) as context, context.database.read() as connection:
        asked = stored.by_id(connection, [prefixes.story_id(connection, story_id)])
        story = next(one for one in asked.values() if one.into is None)
        reports = stored.reports_of(connection, story.id)
        told = alerts.about(connection, story.told_as)
    shown = {
        "id": story.id, "opened": story.opened, "first": story.first, "last": story.last, "items": story.items,
        "outlets": sorted(story.outlets), "merged": list(story.merged), "apart": sorted(story.apart),
        "split_from": story.split_from, "event": event_to_dict(story.event),
        "reports": [
            {
                "item": report.item_id, "title": report.title, "url": report.url, "outlet": report.outlet,
                "published": report.published, "type": report.event.type, "status": report.event.status,
                "why": list(why),
            }
            for report, why in reports
        ],
        "alerts": [{"id": alert.id, "type": alert.type, "time": alert.time} for alert in told],
    }  # fmt: skip
    if as_json:
        click.echo(options.to_json(shown))
        return
    for one in asked.values():
        if one.into:
            click.echo(f"story {one.id} was merged into {one.into}, shown here")
    event = story.event
    facts = [
        ("story", story.id),
        ("opened", options.ago(story.opened)),
        ("event", f"{event.type} {event.status or ''}".strip()),
        ("sides", ", ".join(event.countries)),
        ("people", ", ".join(person.name for person in event.people)),
        ("organizations", ", ".join(organization.name for organization in event.organizations)),
        ("place", event.place.name if event.place else ""),
        ("occasion", event.occasion or ""),
        ("date", str(event.date or "")),
        ("amounts", ", ".join(amount.text for amount in event.amounts)),
        ("merged", ", ".join(story.merged)),
        ("kept apart from", ", ".join(sorted(story.apart))),
        ("alerts", ", ".join(alert.id for alert in told) or "none"),
    ]
    for name, value in facts:
        if value:
            click.echo(options.plain(f"{name:<16} {' '.join(value.split())}"))
    click.secho(f"\n{options.count(len(reports), 'report')}", bold=True)
    for report, why in reports:
        headline = " ".join((report.title or report.text[:80]).split())
        click.echo(options.plain(f"  {report.item_id[:12]} {report.outlet}: {headline}"))
        click.secho(options.plain(f"               {'; '.join(why)}"), dim=True)


@stories.command()
@options.config_option
@click.argument("story_id", metavar="STORY")
@click.argument("into_id", metavar="INTO")
def merge(config: str | None, story_id: str, into_id: str) -> None:
    """Say that STORY is the same event as INTO: its reports, and all that would join it from now on, go there.

    Nobody is called for it, and what was told of STORY is not told again of INTO. `seedwire stories split` undoes it.
    """
    from store import prefixes
    from worker.steps.edit_story import merge_stories

    with options.context(config) as context:
        with context.database.read() as connection:
            went, into = prefixes.story_id(connection, story_id), prefixes.story_id(connection, into_id)
        whole = merge_stories(context, went, into)
    click.echo(f"story {went} is part of {whole.id}, which has {options.count(whole.items, 'item')} now")


@stories.command()
@options.config_option
@click.option("--alert", is_flag=True, help="Tell the webhooks that the new story opened.")
@click.argument("story_id", metavar="STORY")
@click.argument("item_ids", metavar="ITEM...", nargs=-1, required=True)
def split(config: str | None, alert: bool, story_id: str, item_ids: tuple[str, ...]) -> None:
    """Say that these items of STORY report another event: they become a story of their own, for good.

    Items with which a story had been merged into this one bring that story back. Nobody is called for it unless --alert
    is given: whoever was told of STORY counts as told of the new one, and hears only what it gains.
    """
    from store import prefixes
    from worker.steps.edit_story import split_story

    with options.context(config) as context:
        with context.database.read() as connection:
            found = prefixes.story_id(connection, story_id)
            chosen = [prefixes.item_id(connection, item_id) for item_id in item_ids]
        rest, new = split_story(context, found, chosen, alert=alert)
    click.echo(f"{options.count(new.items, 'item')} went into story {new.id}, {rest.items} stayed in {rest.id}")
