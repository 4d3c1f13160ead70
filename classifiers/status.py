"""Did it happen? Held or planned, signed or in negotiation, cancelled, denied: read from the words around the event.

Order matters: a cancelled meeting is also a planned one, a denied deal also a deal. All expressions have bounded gaps,
so they are linear in the length of a sentence.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

_MEETING: Final = r"(?:meet(?:ing)?s?|talks|visits?|trip|summit|tour|sit-?down|negotiations|consultations)"
_DEAL: Final = (
    r"(?:deals?|agreements?|contracts?|accords?|pacts?|memorandum|mou|purchases?|sales?|supply|supplies|projects?|"
    r"joint venture|pipelines?|terms?)"
)
_UNDO: Final = (
    r"(?:cancel(?:s|led|ed|ling|lation)?|postpone[sd]?|postponement|call(?:s|ed)? off|scrap(?:s|ped)?|shelve[sd]?|"
    r"abort(?:s|ed)?|scuppered|put(?:s)? off|on hold|annul(?:s|led)?|terminat(?:e[sd]?|ion)|walk(?:s|ed)? away|"
    r"pull(?:s|ed)? out|tear(?:s)? up|torn up|tore up|ditch(?:es|ed)?|f(?:a|e)ll(?:s)? through|abandon(?:s|ed)?|"
    r"rescind(?:s|ed)?|revoke[sd]?|drops? out|axe[sd]|suspend(?:s|ed)?)"
)
_NOT: Final = (
    r"(?:will not|won['’]t|would not|wouldn['’]t|did not|didn['’]t|do not|don['’]t|does not|has not|hasn['’]t|have not|"
    r"haven['’]t|had not|never|not (?:going )?to|not planning to|cannot|is not|isn['’]t|not yet|not)"
)
_REJECT: Final = (
    r"(?:den(?:y|ies|ied)|dismiss(?:es|ed)?|rul(?:e|es|ed|ing) out|reject(?:s|ed)?|rebuff(?:s|ed)?|refus(?:e|es|"
    r"ed|ing)|"
    r"declin(?:e|es|ed) to|snub(?:s|bed)?)"
)


def _any(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.IGNORECASE)


_MEETING_DENIED: Final = _any(
    rf"\b{_REJECT}\b[^.;]{{0,70}}\b{_MEETING}\b",
    rf"\bno (?:plans?|intention|need|{_MEETING})\b[^.;]{{0,40}}\b(?:{_MEETING}|planned|scheduled|with|between)\b",
    rf"\b{_NOT} (?:be )?(?:meet(?:ing)?|hold(?:ing)? talks|met|visit|host|negotiate|talk|held)\b",
    r"\b(?:no such|no bilateral|not a single) (?:meeting|talks|contact)\b",
    r"\bskip(?:s|ped)?\b",
)
_MEETING_CANCELLED: Final = _any(
    rf"\b{_UNDO}\b[^.;]{{0,60}}\b{_MEETING}\b",
    rf"\b{_MEETING}\b[^.;]{{0,60}}\b{_UNDO}\b",
)
_DEAL_DENIED: Final = _any(
    rf"\b{_REJECT}\b[^.;]{{0,70}}\b(?:{_DEAL}|buy\w*|sell\w*|sign\w*|talks)\b",
    rf"\bno (?:plans?|{_DEAL}|talks|such|decision)\b",
    rf"\b{_NOT} (?:been )?(?:sign(?:ed|ing)?|agreed?|buy(?:ing)?|bought|sell(?:ing)?|sold|reached|picked|committed)\b",
    r"\bsigned nothing\b|\bfake\b|\buntrue\b|\bno truth\b",
)
_DEAL_CANCELLED: Final = _any(
    rf"\b{_UNDO}\b[^.;]{{0,60}}\b{_DEAL}\b",
    rf"\b{_DEAL}\b[^.;]{{0,60}}\b{_UNDO}\b",
)
_HELD: Final = _any(
    r"\b(?:met|held|hosted|received|welcomed|greeted|discussed|reviewed|exchanged views|spoke|sat down|conferred|"
    r"huddled|called on|visited|agreed|ended|concluded|wrapped up|reaffirmed|wound up|told|arrived|paid|pledged|"
    r"urged)\b"
)
_PLANNED: Final = _any(
    r"\b(?:will|to|set to|due to|expected to|plans? to|scheduled to|would|shall|going to|poised to) (?:be )?(?:also )?"
    r"(?:meet|meeting|hold|host|visit|receive|welcome|travel|discuss|head|fly|pay|arrive|make|embark|kick off|begin|"
    r"leave|depart|address|see|talk|confer|start|take place|tour|join)\b",
    r"\b(?:scheduled|slated|due|planned|upcoming|expected|date set|looms?)\b",
    r"\bahead of\b[^.;]{0,40}\b" + _MEETING,
    r"\bnext (?:week|month|monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b",
    r"\b(?:tomorrow|later this (?:week|month|year)|coming (?:days|weeks))\b",
    r"\bheads? (?:to|for)\b|\bset for\b|\bleaves? for\b|\bflies to\b|\barrives? (?:\w+ )?for talks\b|\bwill\b",
)
_SIGNED: Final = _any(
    r"\b(?:sign(?:s|ed|ing)?|ink(?:s|ed)?|seal(?:s|ed)?|award(?:s|ed)?|clinch(?:es|ed)?|initial(?:s|led)|pen(?:s|ned)|"
    r"wins?|won|secure[sd]?|bags?|bagged|finali[sz]e[sd]?|entered into|conclude[sd]?|lands?|landed)\b"
)
_DELIVERED: Final = _any(
    r"\b(?:deliver(?:s|ed|ies)|arriv(?:e[sd]|al)|unload(?:s|ed|ing)?|dock(?:s|ed)|offload(?:s|ed)?|berth(?:s|ed))\b",
    r"\breceiv(?:e[sd]?|ing)\b[^.;]{0,40}\b(?:shipments?|cargo|cargoes|consignments?|supplies)\b",
    r"\bfirst (?:shipment|cargo|consignment|tanker|delivery|gas flows?|supplies)\b",
    r"\b(?:shipment|cargo|consignment)\b[^.;]{0,30}\b(?:reach(?:es|ed)|land(?:s|ed))\b",
    r"\b(?:began|begins?|started|starts?) (?:flowing|power exports|exports|deliveries|supply|supplies)\b|\bflows? "
    r"begins?\b",
)
_NEGOTIATING: Final = _any(
    r"\bin (?:\w+ )?(?:talks|negotiations|discussions)\b|\bnegotiat(?:e[sd]?|ing|ions?|ors)\b|\bnear(?:s|ing)\b",
    r"\bclose to (?:\w+ )?(?:sign\w*|deal|a (?:\w+ )?deal|reaching|final\w+|agree\w+|execut\w+)",
    r"\btalks (?:to|on|over|with|about)\b|\bhold(?:s|ing)? talks\b|\bin the final stages?\b",
    r"\b(?:considering|mulls?|weighs?|seeks?|eyes|looking to|discuss(?:es|ing)|expected to sign|to sign|hopes? to)\b",
    r"\bplans? to (?:buy|sign|import)\b",
)


#: "After lengthy negotiations" tells of talks that are over.
_AFTER_TALKS: Final = _any(r"\b(?:after|following) [^.,;]{0,40}\b(?:talks|negotiations)\b[^.,;]{0,40}")


def meeting_status(passages: Sequence[str]) -> str:
    """``held``, ``planned``, ``cancelled`` or ``denied``, from title and first sentences in that order."""
    for passage in passages[:3]:
        if _MEETING_CANCELLED.search(passage):
            return "cancelled"
        if _MEETING_DENIED.search(passage):
            return "denied"
    for passage in passages[:4]:
        if _HELD.search(passage):
            return "held"
        if _PLANNED.search(passage):
            return "planned"
    return "held"


def deal_status(passages: Sequence[str], retold: bool = False) -> str:
    """``signed``, ``agreed``, ``negotiating``, ``delivered``, ``cancelled`` or ``denied``.

    A deal ``retold`` further down an article about something else stands as far as any sentence says it went.
    """
    for passage in passages[:2]:
        if _DEAL_CANCELLED.search(passage):
            return "cancelled"
        if _DEAL_DENIED.search(passage):
            return "denied"
    if retold and any(_DELIVERED.search(passage) for passage in passages):
        return "delivered"
    for passage in passages[:3]:
        if _DELIVERED.search(passage):
            return "delivered"
        if _NEGOTIATING.search(_AFTER_TALKS.sub("", passage)):
            return "negotiating"
        if _SIGNED.search(passage):
            return "signed"
    return "agreed"
