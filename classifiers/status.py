"""Did it happen? Held or planned, signed or in negotiation, cancelled, denied: read from the words around the event.

Order matters: a cancelled meeting is also a planned one, a denied deal also a deal. All expressions have bounded gaps,
so they are linear in the length of a sentence.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from classifiers.expressions import Expression

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


_MEETING_DENIED: Final = Expression(
    rf"\b{_REJECT}\b[^.;]{{0,70}}\b{_MEETING}\b",
    rf"\bno (?:plans?|intention|need|{_MEETING})\b[^.;]{{0,40}}\b(?:{_MEETING}|planned|scheduled|with|between)\b",
    rf"\b{_NOT} (?:be )?(?:meet(?:ing)?|hold(?:ing)? talks|met|visit|host|negotiate|talk|held)\b",
    r"\b(?:no such|no bilateral|not a single) (?:meeting|talks|contact)\b",
    r"\bskip(?:s|ped)?\b",
)
#: For text in small letters: without one of these nothing is cancelled, and there is no need to look for what.
_UNDOING: Final = Expression(rf"(?<!\w){_UNDO}\b", flags=re.NOFLAG)
_MEETING_CANCELLED: Final = Expression(
    rf"\b{_UNDO}\b[^.;]{{0,60}}\b{_MEETING}\b",
    rf"\b{_MEETING}\b[^.;]{{0,60}}\b{_UNDO}\b",
)
_DEAL_DENIED: Final = Expression(
    rf"\b{_REJECT}\b[^.;]{{0,70}}\b(?:{_DEAL}|buy\w*|sell\w*|sign\w*|talks)\b",
    rf"\bno (?:plans?|{_DEAL}|talks|such|decision)\b",
    rf"\b{_NOT} (?:been )?(?:sign(?:ed|ing)?|agreed?|buy(?:ing)?|bought|sell(?:ing)?|sold|reached|picked|committed)\b",
    r"\bsigned nothing\b|\bfake\b|\buntrue\b|\bno truth\b",
)
_DEAL_CANCELLED: Final = Expression(
    rf"\b{_UNDO}\b[^.;]{{0,60}}\b{_DEAL}\b",
    rf"\b{_DEAL}\b[^.;]{{0,60}}\b{_UNDO}\b",
)
#: Undone at another time, or only asked for: "resumed talks suspended in May", "had asked him to postpone the trip".
_NOT_UNDONE: Final = Expression(
    r"\bresum\w+\b[^.;]{0,80}",
    r"\b(?:since|until|before|after)\b[^.;]{0,90}",
    r"\b(?:ask\w*|urg\w+|press\w*|call\w*|threaten\w*|want\w*|demand\w*)\b[^.;,]{0,30}\bto (?:cancel|postpone|"
    r"suspend|scrap)\b"
    r"[^.;]{0,60}",
)
_HELD: Final = Expression(
    r"\b(?:met|held|hosted|received|welcomed|greeted|discussed|reviewed|exchanged views|sat down|conferred|huddled|"
    r"called on|visited|ended|concluded|wrapped up|wound up|arrived|landed|began|started|opened|kicked off|paid)\b"
)
#: Said at a meeting, as a rule; but also of one to come ("agreed to meet").
_SAID: Final = Expression(r"\b(?:agreed|reaffirmed|told|pledged|urged|spoke)\b")
#: What headlines say in the present tense of what is happening.
_HEADLINE_HELD: Final = Expression(
    r"(?<!to )(?<!will )(?<!may )(?<!could )(?<!would )(?<!can )(?<!not )\b(?:meets?|holds?|hosts|receives|"
    r"welcomes|greets|"
    r"arrives?|lands|visits|begins?|starts?|opens?|kicks? off|tells|assures|calls on|sits? down|shakes? hands|"
    r"wraps? up|"
    r"concludes?|ends?|exchanges? views|discuss(?:es)?|reviews?|reaffirms?|urges?|signs?|agrees?|"
    r"hails?|lunch(?:es)?|talks? (?:up|tough))\b(?! (?:to (?:meet|hold|visit)|\w+ to meet))",
    # "In Tripoli to discuss": there already.
    r"\bin (?-i:[A-Z])[\w’'-]+(?: (?-i:[A-Z])[\w’'-]+)?,? (?:to|for|on)\b(?! (?:mon|tues|wednes|thurs|fri|satur|"
    r"sun)day)",
)
_PLANNED: Final = Expression(
    r"\b(?:will|to|set to|due to|expected to|plans? to|scheduled to|would|shall|going to|poised to) (?:be )?(?:also )?"
    r"(?:meet|meeting|hold|host|visit|receive[d]?|welcome[d]?|travel|discuss|head|fly|pay|arrive|make|embark|kick off|"
    r"begin|leave|depart|address|see|talk|confer|start|take place|tour|join|sit|resume|land|attend|huddle|fete|"
    r"greet|dine|lay on)\b",
    r"\b(?:scheduled?|slated|due|planned|upcoming|expected|awaited|awaits|date set|fixed for|looms?|lock(?:s|"
    r"ed)? in)\b",
    r"\bahead of\b[^.;]{0,40}\b" + _MEETING,
    r"\bnext (?:week|month|monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b",
    r"\b(?:tomorrow|later this (?:week|month|year)|coming (?:days|weeks))\b",
    r"\bset for\b|\barrives? (?:\w+ )?for talks\b",
    r"\bsets? off\b|\boff to\b|\bpacks? for\b|\bgears? up\b|\bprepar(?:es?|ing) (?:for|to)\b|\b(?:is|are) to [a-z]+",
    r"\b(?:travels|starts|begins|leaves|departs|sits|meets) (?:to \w+ )?(?:this|on (?:mon|tues|wednes|thurs|fri|"
    r"satur|sun)"
    r"day)",
)
_WILL: Final = Expression(
    rf"\bwill\b[^.;]{{0,90}}\b{_MEETING}\b", rf"\b{_MEETING}\b[^.;]{{0,60}}\bwill\b(?! (?:be|not)\b)"
)
#: "Fidan flies to Sofia": on the way, unless the text tells more.
_HEADING: Final = Expression(r"\b(?:heads?|flies|goes|jets?|drives|travels|leaves?) (?:\w+ )?(?:to|for)\b")
#: "Said after talks in Rabat", "in his meeting with the premier".
_AT_MEETING: Final = Expression(
    r"\b(?:after|following|during|at) (?!which\b)(?:[\w’'-]+ ){0,4}?(?:talks|meeting|summit|lunch|"
    r"dinner)\b(?! (?:on|next) )",
    r"\bin (?:his|her|their|a|the) (?:\w+ )?(?:meeting|talks) with\b",
    r"\b(?:after|following) (?:he |she |they )?(?:meeting|met|talks)\b",
)
#: "Says it will buy oil", "agree to lift the ban": what was said at a meeting lies ahead, the meeting does not.
_CONTENT: Final = Expression(
    r"\b(?:says?|said|tells?|told|assures?d?|promis\w+|pledg\w+|agree[sd]?|hopes?|vows?|fail(?:s|ed)?)\b"
    r"(?:(?!\b(?:meet|visit|host|hold|talks|receive)\b)[^.;]){0,60}?\b(?:will|to|would)\b"
    r"(?! (?:be |also |soon )?(?:meet|visit|host|hold|travel|receive|see|sit|resume|attend|fly|arrive|join|head|"
    r"pay|go)\b)"
)
#: "Kristersson to the White House": a headline without a verb.
_BOUND: Final = Expression(
    r"^\W*(?:[A-Z][\w’'.-]*,? ){1,4}(?:back |due |off )?(?:to|bound for) (?:the )?[A-Z][a-z]", flags=re.NOFLAG
)
_MET: Final = Expression(r"\b(?:met|held (?:\w+ )?talks|hosted|received|meets|holds talks)\b")
_NEVER: Final = 1 << 30
_DAY: Final = Expression(r"\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|today|tonight)\b")
#: "Xi to fete Tokayev": a name or an office, then what is to come; not "agree to", "in step to", "a trip to".
_OPENING_TO: Final = Expression(
    r"^[^:;.]{0,80}?\b(?:(?!(?:[Aa]gree|[Ff]ail|[Vv]ow|[Tt]r[yi]|[Tt]urn|[Vv]isit|[Tt]rip|[Tt]our|[Ff]l[iy]|"
    r"[Gg]oes|[Hh]ead|[Tt]ravel|"
    r"[Rr]eturn|[Tt]ies|[Pp]ledge|[Ss]end|[Mm]ove|[Mm]eet|[Tt]alk|[Aa]rrive|[Uu]rge|[Aa]sk|[Ss]tep|[Ll]ink|"
    r"[Ww]ay)\w*\b)"
    r"[A-Z][\w’'.-]*|president|ministers?|leaders?|premiers?|delegations?|officials|envoys?|chiefs?|king|queen|teams?|"
    r"secretary|secretaries|monarch|generals?|commissioners|presidents|counterparts?) to (?:be )?"
    r"(?!the\b|a\b|an\b|its\b|his\b|her\b)[a-z]+\b",
    flags=re.NOFLAG,
)
_SIGNED: Final = Expression(
    r"\b(?:sign(?:s|ed|ing)?|ink(?:s|ed)?|seal(?:s|ed)?|award(?:s|ed)?|clinch(?:es|ed)?|initial(?:s|led)|pen(?:s|ned)|"
    r"wins?|won|secure[sd]?|bags?|bagged|finali[sz]e[sd]?|entered into|conclude[sd]?|lands?|landed)\b"
)
#: For text in small letters, where it is several times faster.
_DELIVERED: Final = Expression(
    r"(?<!be )\bdeliver(?:s|ed)\b|\barriv(?:e[sd]|al)\b|\b(?:unload|offload)(?:s|ed|ing)\b|\b(?:dock|berth)(?:s|ed)\b",
    r"(?<!to )(?<!will )\breceiv(?:e[sd]?|ing)\b[^.;]{0,40}\b(?:shipments?|cargo|cargoes|consignments?|supplies|"
    r"electricity|gas|lng|mw)\b",
    r"(?<!to )\b(?:gets?|got|takes?|took|lifts?|lifted|ships?|shipped|sends?|sent|brings?|brought|receive[sd]?|"
    r"imports?)\b"
    r"[^.;]{0,40}\bfirst\b[^.;]{0,40}\b(?:cargo|shipments?|lng|gas|crude|oil|diesel|electricity|power|megapacks?|"
    r"consignments?|hydrogen|ammonia|tankers?|vessel|batteries|turbines?)\b",
    r"\bfirst (?:\w+ ){0,3}(?:shipment|cargo|consignment|tanker|delivery|gas flows?|supplies)\b"
    r"(?! (?:is|are|was)? ?(?:due|expected|to|will))",
    r"(?<!to )(?<!will )\b(?:sends|sent|ships|shipped) (?:\w+ ){0,4}(?:cargo|cargoes|shipments?|tankers?)\b",
    r"\b(?:shipment|cargo|consignment)\b[^.;]{0,30}\b(?:reach(?:es|ed)|land(?:s|ed)|heads?|leaves|sail(?:s|ed))\b",
    r"(?<!to )(?<!will )\b(?:beg[au]n|begins?|started|starts?|resume[sd]?) (?:\w+ ){0,3}?(?:flow(?:ing)?|exports?|"
    r"exporting|deliver(?:ies|ing)|suppl(?:y|ies|ying)|importing|imports|selling|sending|receiving|pumping)\b",
    r"(?<!to )(?<!will )\b(?:beg[au]n|begins?|started|starts?|resume[sd]?) to (?:flow|deliver|export|send|receive|pump|"
    r"supply|reach)\b",
    r"\b(?:products|diesel|fuel|crude|oil|gas|lng|lpg|coal|power|pellets|turbines)\b[^.;]{0,40}\breach(?:es|ed)?\b"
    r"(?! (?:agreement|deal|accord|terms|settlement|an? |\w+ deal))",
    r"\bflows? begins?\b|\b(?:gas|oil|crude|power|electricity|diesel)\b[^.;]{0,40}\b(?:flow(?:s|ing)|reach(?:es|"
    r"ed)) (?:to|"
    r"from|again|through|in|into|\w+ depot)\b",
    r"(?<!to )(?<!will )\b(?:hands?|handed|handing) over\b|\btak(?:es|en) delivery\b",
    flags=re.NOFLAG,
)
_NEGOTIATING: Final = Expression(
    r"\bin (?:[\w-]+ ){0,2}(?:talks|negotiations|discussions|bargaining)\b|\bnegotiat(?:e[sd]?|ing|ions?|ors)\b|"
    r"\bnear(?:s|ing)\b",
    r"\b(?:close|near|nearer|closer|closing in) (?:to |on )?(?!(?-i:[A-Z][a-z]))[^.;]{0,60}\b(?:deals?|agree\w*|"
    r"contracts?|terms|"
    r"award\w*|pact|"
    r"tranche|sign\w*|reaching|final\w+|execut\w+|end of)\b",
    r"\btalks (?:to|on|over|with|about)\b|\bhold(?:s|ing)? talks\b|\b(?:final|last|advanced|late) (?:stages?|lap|"
    r"stretch)\b",
    r"\b(?:considering|mulls?|weighs?|seeks?|eyes|looking to|discuss(?:es|ing)|expected? to sign|to sign|hopes? to)\b",
    r"\bplans? to (?:buy|sign|import)\b",
    r"\b(?:hash|thrash|hammer|work)(?:es|ing)? out\b|\bhaggl\w+|\bbargain\w+|\bdrafting\b|\btalking to\b|\bin sight\b|"
    r"\bmoves? (?:towards?|closer)\b|\bfinali[sz]ing\b|\bnearly there\b|\bcommon ground\b|\bsigning (?:near|"
    r"possible)\b|\bmake progress\b",
)


#: "After lengthy negotiations" tells of talks that are over.
_AFTER_TALKS: Final = Expression(
    r"\b(?:after|following|ending|ends?|conclud(?:es?|ed|ing)|complet(?:es?|ed|ing)|wrap(?:s|"
    r"ped) up)\b[^.,;]{0,40}\b(?:talks|negotiations|"
    r"haggling|bargaining)\b[^.,;]{0,40}"
)
_AGREED: Final = Expression(
    r"\bagree(?:s|d)?\b(?! to (?:negotiate|discuss|finali[sz]e))|\b(?:strikes?|struck|reach(?:es|"
    r"ed)) (?:\w+ ){0,4}(?:deal|accord|agreement)|"
    r"\brenew(?:s|ed)\b|\bextend(?:s|ed)\b"
)


def meeting_status(passages: Sequence[str]) -> str:
    """``held``, ``planned``, ``cancelled`` or ``denied``, from title and first sentences in that order."""
    for passage in passages[:3]:
        undone = _NOT_UNDONE.sub("", passage)
        if _UNDOING.search(undone.lower()) and _MEETING_CANCELLED.search(undone):
            return "cancelled"
        if _MEETING_DENIED.search(undone):
            return "denied"
        if _MET.search(passage):
            break
    heading = False
    for position, passage in enumerate(passages[:4]):
        # What is told first is the news, what follows is its purpose or its background.
        told = _CONTENT.sub("", passage)
        planned = _first(_PLANNED, told)
        held = min(_first(_HELD, told), _first(_HEADLINE_HELD, told) if position == 0 else _NEVER)
        if position == 0:
            planned = min(planned, _first(_BOUND, told))
            if not _AT_MEETING.search(told):
                planned = min(planned, _first(_OPENING_TO, told))
            heading = bool(_HEADING.search(told))
        if held < planned:
            return "held"
        if planned < _NEVER:
            return "planned"
        if _SAID.search(passage) or _AT_MEETING.search(passage):
            return "held"
        if _WILL.search(told):
            return "planned"
    # "Rajnath in Canberra on Thursday": a headline that names a day and nothing done.
    return "planned" if heading or (len(passages) == 1 and _DAY.search(passages[0])) else "held"


def _first(pattern: Expression, passage: str) -> int:
    found = pattern.search(passage)
    return found.end() if found else _NEVER


def deal_status(passages: Sequence[str], retold: bool = False) -> str:
    """``signed``, ``agreed``, ``negotiating``, ``delivered``, ``cancelled`` or ``denied``.

    A deal ``retold`` further down an article about something else stands as far as any sentence says it went.
    """
    for passage in passages[:2]:
        if _UNDOING.search(passage.lower()) and _DEAL_CANCELLED.search(passage):
            return "cancelled"
        if _DEAL_DENIED.search(passage):
            return "denied"
    if retold and any(_DELIVERED.search(passage.lower()) for passage in passages):
        return "delivered"
    agreed = False
    for passage in passages[:3]:
        if not agreed and _DELIVERED.search(passage.lower()):
            return "delivered"
        if not agreed and _NEGOTIATING.search(_AFTER_TALKS.sub("", passage)):
            return "negotiating"
        if _SIGNED.search(passage):
            return "signed"
        agreed = agreed or bool(_AGREED.search(passage))
    return "agreed"
