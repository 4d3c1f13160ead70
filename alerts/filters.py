"""Whether a webhook wants an alert, and if not, the one reason why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from alerts.alert import OPENED, UPDATED
from alerts.outcomes import ItemOutcome

if TYPE_CHECKING:
    from alerts.webhook import Webhook
    from classifiers.event import Event


@dataclass(frozen=True, slots=True)
class Reporters:
    """Who reported a story: the tags of those feeds, their names and addresses as the config has them, and the
    languages of the reports as primary tags (``en``)."""

    tags: frozenset[str] = frozenset()
    feeds: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()

    def __or__(self, others: Reporters) -> Reporters:
        return Reporters(self.tags | others.tags, self.feeds | others.feeds, self.languages | others.languages)


NOBODY = Reporters()


def refusal(
    webhook: Webhook, alert_type: str, event: Event | None, reporters: Reporters = NOBODY
) -> ItemOutcome | None:
    """Why this webhook does not get an alert of this type about this event; None when it does.

    The filters are tried in the order of docs/webhooks.md, and the first that refuses is the reason. Alerts that are
    about the service, not about an event (``seedwire.feed.failing`` and its like), go to webhooks that name no events
    at all or name the alert's type; the other filters do not concern them.
    """
    if alert_type not in {OPENED, UPDATED} or event is None:
        return None if not webhook.events or alert_type in webhook.events else ItemOutcome.FILTERED_BY_EVENT
    if webhook.events and event.type not in webhook.events:
        return ItemOutcome.FILTERED_BY_EVENT
    if event.score < webhook.min_score:
        return ItemOutcome.FILTERED_BY_SCORE
    if webhook.countries and not {c.upper() for c in webhook.countries} & countries_of(event):
        return ItemOutcome.FILTERED_BY_COUNTRY
    if webhook.statuses and event.status not in webhook.statuses:
        return ItemOutcome.FILTERED_BY_STATUS
    if webhook.tags and reporters.tags.isdisjoint(webhook.tags):
        return ItemOutcome.FILTERED_BY_TAG
    if webhook.feeds and reporters.feeds.isdisjoint(webhook.feeds):
        return ItemOutcome.FILTERED_BY_FEED
    if webhook.languages and reporters.languages.isdisjoint(webhook.languages):
        return ItemOutcome.FILTERED_BY_LANGUAGE
    if alert_type == UPDATED and not webhook.updates:
        return ItemOutcome.UPDATES_OFF
    return None


def primary_tag(language: str) -> str:
    """``en`` of ``en-GB``."""
    return language.replace("_", "-").partition("-")[0].lower()


def countries_of(event: Event) -> set[str]:
    """The countries an event concerns: its sides, and those its people and organizations belong to. Not its place."""
    of_people = {p.country for p in event.people if p.country}
    return set(event.countries) | of_people | {o.country for o in event.organizations if o.country}
