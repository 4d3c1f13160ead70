"""Did it happen? Held or planned, signed or in negotiation, cancelled, denied: read from the words around the event.

Order matters: a cancelled meeting is also a planned one, a denied deal also a deal.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

_MEETING: Final = r"(?:meet(?:ing)?s?|talks|visits?|trip|summit|tour|sit-?down|negotiations|consultations)"
_DEAL: Final = r"(?:deals?|agreements?|contracts?|accords?|pacts?|memorandum|mou|purchases?|sales?|supply|supplies|suppl(?:y|ies)|projects?|joint venture|pipelines?|terms?)"
_CANCELLED_WORD: Final = (
    r"(?:cancel(?:s|led|ed|ling|lation)?|postpone[sd]?|postponement|call(?:s|ed)? off|scrap(?:s|ped)?|shelve[sd]?|abort(?:s|ed)?|"
    r"scuppered|put(?:s)? off|on hold|annul(?:s|led)?|terminat(?:e[sd]?|ion)|walk(?:s|ed)? away|pull(?:s|ed)? out|tear(?:s)? up|"
    r"torn up|tore up|ditch(?:es|ed)?|f(?:a|e)ll(?:s)? through|abandon(?:s|ed)?|rescind(?:s|ed)?|revoke[sd]?|drops? out|axe[sd]|collapse[sd]?|suspend(?:s|ed)?)"
)
_DENIED: Final = {
    "meeting": (
        rf"\b(?:den(?:y|ies|ied)|dismiss(?:es|ed)?|rul(?:e|es|ed|ing) out|reject(?:s|ed)?|rebuff(?:s|ed)?|refus(?:e|es|ed|ing)|declin(?:e|es|ed)|snub(?:s|bed)?)\b[^.;]{{0,70}}\b{_MEETING}\b",
        rf"\bno (?:plans?|intention|need|{_MEETING})\b[^.;]{{0,40}}\b(?:{_MEETING}|planned|scheduled|with|between)\b",
        r"\b(?:will not|won['’]t|would not|wouldn['’]t|did not|didn['’]t|do not|does not|has not|never|not (?:going )?to|not planning to|cannot|isn['’]t going to) (?:be )?(?:meet(?:ing)?|hold(?:ing)? talks|met|visit|host|negotiate|talk|held)\b",
        r"\b(?:no (?:such|bilateral)|not a single) (?:meeting|talks|contact)\b",
        r"\bskip(?:s|ped)?\b",
    ),
    "deal": (
        rf"\b(?:den(?:y|ies|ied)|dismiss(?:es|ed)?|rul(?:e|es|ed|ing) out|reject(?:s|ed)?|refus(?:e|es|ed)|rebuff(?:s|ed)?)\b[^.;]{{0,70}}\b(?:{_DEAL}|buy\w*|sell\w*|sign\w*|talks)\b",
        rf"\bno (?:plans?|{_DEAL}|talks|such|decision)\b",
        r"\b(?:will not|won['’]t|has not|hasn['’]t|have not|haven['’]t|had not|never|not yet|did not|didn['’]t|is not|isn['’]t|not) (?:been )?(?:sign(?:ed|ing)?|agree[d]?|buy(?:ing)?|bought|sell(?:ing)?|sold|reached|picked|committed|selling)\b",
        r"\bsigned nothing\b|\bfake\b|\buntrue\b|\bno truth\b",
    ),
}
_CANCELLED: Final = {
    "meeting": (
        rf"\b{_CANCELLED_WORD}\b[^.;]{{0,60}}\b{_MEETING}\b",
        rf"\b{_MEETING}\b[^.;]{{0,60}}\b(?:is|are|was|were|been|gets?)?\s?(?:abruptly |indefinitely |suddenly )?{_CANCELLED_WORD}\b",
    ),
    "deal": (
        rf"\b{_CANCELLED_WORD}\b[^.;]{{0,60}}\b{_DEAL}\b",
        rf"\b{_DEAL}\b[^.;]{{0,60}}\b(?:is|are|was|were|been)?\s?{_CANCELLED_WORD}\b",
    ),
}
_HELD: Final = (
    r"\b(?:met|held|hosted|received|welcomed|greeted|discussed|reviewed|exchanged views|spoke|sat down|conferred|huddled|"
    r"called on|visited|agreed|ended|concluded|wrapped up|reaffirmed|wound up|told|arrived|paid|pledged|urged)\b"
)
_PLANNED: Final = (
    r"\b(?:will|to|set to|due to|expected to|plans? to|scheduled to|would|shall|going to|poised to) (?:be )?(?:also )?"
    r"(?:meet|meeting|hold|host|visit|receive|welcome|travel|discuss|head|fly|pay|arrive|make|embark|kick off|begin|leave|depart|address|see|talk|confer|start|take place|tour|join)\b",
    r"\b(?:scheduled|slated|due|planned|upcoming|expected|date set|looms?|to meet)\b",
    r"\bahead of\b[^.;]{0,40}\b" + _MEETING,
    r"\b(?:next (?:week|month|monday|tuesday|wednesday|thursday|friday|saturday|sunday)|tomorrow|later this (?:week|month|year)|coming (?:days|weeks))\b",
    r"\bheads? (?:to|for)\b|\bset for\b|\bleaves? for\b|\bflies to\b|\barrives? (?:\w+ )?for talks\b|\bwill\b",
)
_SIGNED: Final = (
    r"\b(?:sign(?:s|ed|ing)?|ink(?:s|ed)?|seal(?:s|ed)?|award(?:s|ed)?|clinch(?:es|ed)?|initial(?:s|led)|pen(?:s|ned)|wins?|won|"
    r"secure[sd]?|bags?|bagged|finali[sz]e[sd]?|entered into|conclude[sd]?|lands?|landed|firman?)\b"
)
_DELIVERED: Final = (
    r"\b(?:deliver(?:s|ed|ies|y)|arriv(?:e[sd]?|al)|unload(?:s|ed|ing)?|dock(?:s|ed)|offload(?:s|ed)?|berth(?:s|ed)|"
    r"receiv(?:e[sd]?|ing)[^.;]{0,40}(?:shipment|cargo|consignment|supplies|first)|first (?:shipment|cargo|consignment|tanker|gas flows?)|"
    r"(?:shipment|cargo|consignment)\b[^.;]{0,30}\b(?:reach(?:es|ed)|land(?:s|ed))|began flowing|begins? flowing|started flowing|starts? (?:supply|exports|deliveries)|flows? begins?)\b"
)
_NEGOTIATING: Final = (
    r"\b(?:in (?:\w+ )?(?:talks|negotiations)|negotiat(?:e[sd]?|ing|ions?|ors)|close to (?:\w+ )?(?:sign\w*|deal|a deal|an? \w+ deal|reaching|final\w+|agree\w+|execut\w+)|"
    r"near(?:s|ing)\b|talks (?:to|on|over|with|about)|hold(?:s|ing)? talks|considering|mulls?|weighs?|seeks?|eyes|looking to|plans? to (?:buy|sign|import)|in discussions|discuss(?:es|ing)|expected to sign|final stages?|to sign|set to sign|hopes? to)\b"
)


def meeting_status(passages: Sequence[str]) -> str:
    """``held``, ``planned``, ``cancelled`` or ``denied``, from title and first sentences in that order."""
    for passage in passages[:3]:
        if _any(_CANCELLED["meeting"], passage):
            return "cancelled"
        if _any(_DENIED["meeting"], passage):
            return "denied"
    for passage in passages[:4]:
        planned = _any(_PLANNED, passage)
        held = re.search(_HELD, passage, re.IGNORECASE) is not None
        if planned and not held:
            return "planned"
        if held:
            return "held"
    return "held"


def deal_status(passages: Sequence[str]) -> str:
    """``signed``, ``agreed``, ``negotiating``, ``delivered``, ``cancelled`` or ``denied``."""
    for passage in passages[:2]:
        if _any(_CANCELLED["deal"], passage):
            return "cancelled"
        if _any(_DENIED["deal"], passage):
            return "denied"
    for passage in passages[:3]:
        if re.search(_DELIVERED, passage, re.IGNORECASE):
            return "delivered"
        if re.search(_NEGOTIATING, passage, re.IGNORECASE):
            return "negotiating"
        if re.search(_SIGNED, passage, re.IGNORECASE):
            return "signed"
    return "agreed"


def _any(patterns: Sequence[str], passage: str) -> bool:
    return any(re.search(pattern, passage, re.IGNORECASE) for pattern in patterns)
