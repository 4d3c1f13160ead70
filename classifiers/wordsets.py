"""Closed sets of little words that several modules look at."""

from __future__ import annotations

from typing import Final


def word_set(words: str) -> frozenset[str]:
    return frozenset(words.split())


DAYS: Final = word_set("monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun")
MONTHS: Final = word_set(
    "january february march april may june july august september october november december "
    "jan feb mar apr jun jul aug sept sep oct nov dec"
)
QUANTITIES: Final = word_set(
    "mw gw kw mwh gwh kwh twh barrels barrel bpd tonnes tons mtpa mt bcm bcf mmbtu megawatts megawatt gigawatts "
    "gigawatt cubic litres liters gallons mmscfd mwp gwp mmt"
)
CURRENCIES: Final = word_set("dollars dollar euros euro pounds yuan rupees rubles roubles dlrs dlr crowns yen riyals")
SCALES: Final = word_set("million billion trillion mln bn m k thousand hundred crore lakh tn")
#: Words that end a name in a headline where every word begins with a capital.
LITTLE: Final = word_set(
    "the a an of to in on at for with and or but as by from after before over will is was are has have had says "
    "said who "
    "his her their its that this meets met told tells not he she they it"
)
