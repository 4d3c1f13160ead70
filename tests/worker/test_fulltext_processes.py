"""Full text in a real ``seedwire up``: from a teaser over its page to the webhook."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from loopback import SECRET, Receiver
from running import Up, wait_for
from site_of_a_paper import PARAGRAPHS, Site, article_page

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc to find its processes"),
]


def test_a_teaser_is_told_of_by_its_page(tmp_path: Path) -> None:
    with Site() as site, Receiver() as receiver:
        site.serve("/border", article_page())
        site.slow("/slow", 30)
        feed = f'[[feeds]]\nurl = "{site.feed}"\nallow_private = true\nfulltext = true\nfirst_poll = "alert"\n'
        webhook = f'[[webhooks]]\nname = "desk"\nurl = "{receiver.url}"\nsecret = "{SECRET}"\nallow_private = true\n'
        with Up(tmp_path, extra=feed + webhook) as up:
            wait_for(up.ready, "the service to be ready")
            site.publish("/slow", "Kenya and Ethiopia: trade along the border")
            wait_for(lambda: site.times("/slow"), "the slow page to be asked for")
            site.publish("/told", "Ruto, Abiy hold talks in Nairobi", PARAGRAPHS[0])
            wait_for(lambda: receiver.taken, "an alert beside the slow page", 25)
            with Site() as other:
                other.serve("/border", article_page("Uniper and Woodside: a word on supplies", DEAL))
                site.publish(f"{other.url}/border", "Uniper and Woodside: a word on supplies")
                wait_for(lambda: len(receiver.taken) == 2, "an alert by the page")
            assert receiver.taken[1].event["data"]["event"]["type"] == "energy_deal"
    assert receiver.bad_signatures == 0


DEAL = (
    "Germany's Uniper signed an agreement with Australia's Woodside to buy one million tonnes of liquefied natural "
    "gas a year for ten years, the companies said on Tuesday.",
    "Deliveries of the gas are to begin in three years from the terminal at Wilhelmshaven, which has been enlarged.",
    "Neither side gave a price; people who know of the talks said that it follows that of oil with a lag.",
)
