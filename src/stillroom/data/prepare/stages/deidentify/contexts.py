"""What stands beside a name: titles, labels, relatives, introductions, credentials, an age."""

from __future__ import annotations

import re
from typing import Literal

from stillroom.data.prepare.stages.deidentify.listing import listed

Belief = Literal["titled", "any", "called", "no_word", "two", "person", "known"]
"""What it takes, besides, to believe that capitals are a name.

``titled``: nothing more; ``any``: no place, month or the like; ``called``: a name, or no word; ``no_word``: no word, or
two names; ``two``: a name of the dictionary, or two tokens, the first no word; ``person``: the same, or no word
where something follows that follows persons; ``known``: a name of the dictionary that is no word.
"""

HONORIFICS = frozenset(
    listed("mr mrs ms miss mx messrs dr drs prof professor sra mme rev reverend rabbi sgt capt")
)
CALLINGS = frozenset(
    listed("""doctor nurse sister brother father mother pastor judge officer sergeant captain uncle aunt auntie
        grandma grandpa coach chaplain rn lpn np crna""")
)
GREETINGS = frozenset(listed("hi hello hey thanks dear morning afternoon evening welcome okay bye sorry"))
CREDENTIALS = frozenset(
    listed("""md do phd rn np pa pac lpn dds pharmd lcsw facs mbbs crna dpm aprn msn bsn esq mph frcp fnp cnm jr sr
        msw rrt dpt psyd iii""")
)

_RELATIVE = (
    r"wife|husband|spouse|son|daughter|mother|mom|mum|father|dad|brother|sister|friend|partner|fianc[eé]e?|caregiver"
    r"|carer|neighbou?r|niece|nephew|girlfriend|boyfriend|roommate|cousin|uncle|aunt|in-law|sibling|twin"
    r"|(?:grand|step|god)(?:son|daughter|mother|father|child|ma|pa)|boss|teacher|social worker|case manager|interpreter"
    r"|translator|guardian|proxy|chaplain|therapist|pastor|surgeon|attending|midwife|coach|nurse"
)
_PERSON = r"doctor|patient|pt|client|gentleman|lady|man|woman|child|baby|infant|boy|girl|kid|resident|physician|contact"
_LABEL = (
    r"(?:(?:patient|full|last|first|middle|maiden|sur|given|family|preferred|legal|mother'?s?|father'?s?|spouse'?s?)"
    r"(?:'s)?[ ]?name|name|surname|name of (?:the )?patient|attending(?: physician| md)?|pcp|an(?:a?)esthesiologist"
    r"|primary care (?:physician|provider)|surgeon|consultant|radiologist|pathologist|author|dictator|transcriptionist"
    r"|(?:referring|ordering|consulting|admitting|family|requesting) (?:physician|provider|doctor|md)|next of kin|nok"
    r"|emergency contact|contact person|power of attorney|(?:health ?care )?proxy|witness|interpreter"
    r"|informant|guardian)"
)
_WEAK_LABEL = (
    r"(?:fellow|assistants?|mother|father|spouse|wife|husband|son|daughter|contact|attn|attention|re|to"
    r"|from|cc|scribe)"
)
_SPEAKER = r"(?:patient|pt|physician|provider|doctor|nurse|resident)"
_SIGNED = (
    r"(?:(?:dictated|transcribed|signed|e-signed|reviewed|interpreted|authored|co-?signed|written|entered|prepared"
    r"|verified|completed|approved|read|reported) by|sincerely|regards|respectfully|yours truly|c/o)"
)
_INTRODUCED = r"(?:name(?:'s| is| was)|named|nicknamed|goes by|introduced (?:him|her)self as|named after)"
_PERHAPS = (
    r"(?:called|known as|I am|I'm|this is|it's|that's|thank you|good (?:morning|afternoon|evening)|by|with"
    r"|for|from|and|to)"
)
_MET = (
    r"(?:(?:seen|evaluated|examined|accompanied|assisted|followed|brought|brought in|referred|witnessed|supervised"
    r"|staffed|consulted|cared for|operated on|treated|driven|provided|performed|given|obtained|administered|placed"
    r"|done|ordered|interviewed) by|(?:discussed|spoke|speaking|talked|met|appointment|follow[- ]?up|lives?|living"
    r"|reviewed|conferred|examined|rounded|meeting|visit|case|together|scheduled|stays|staying|call|arrived"
    r"|came) with|(?:spoke|talked|speak"
    r"|referred|reported|transferred|signed out|handed off|handoff|married|given|according|sent|faxed|copy) to"
    r"|contacted|notified|notify|paged|call|tell|consulted|informed|per|care of|called|see|saw|met|visited"
    r"|emailed|texted|ask(?:ed)?"
    r"|told|cc|via)"
)
_GAP = r"[ \t]{0,3}"
_LINK = r"(?:,|\s\(|\sis|\swas)?"
_TABLE: tuple[tuple[Belief, str, str], ...] = (
    ("no_word", rf"{_INTRODUCED}[ ]$", _INTRODUCED),
    ("no_word", rf"(?:{_SIGNED}[ \t]{{0,2}}[:,]?|{_LABEL}{_GAP}[:=#]){_GAP}\n?$", f"{_SIGNED}|{_LABEL}"),
    ("any", rf"(?-i:{_RELATIVE}){_LINK}[ ]$", _RELATIVE + "|is|was"),
    ("no_word", rf"(?:{_RELATIVE}){_LINK}[ ]$", _RELATIVE + "|is|was"),
    ("two", rf"{_SPEAKER}{_GAP}[:=]{_GAP}$", _SPEAKER),
    ("person", rf"{_WEAK_LABEL}{_GAP}[:=]{_GAP}$", _WEAK_LABEL),
    ("person", rf"(?:{_MET}){_GAP}$", _MET),
    ("known", rf"(?:{_PERHAPS})(?:,|\s\()?[ ]$", _PERHAPS),
    ("person", rf"(?:{'|'.join(GREETINGS)}),?[ ]$", "|".join(GREETINGS)),
    ("two", rf"(?:{_PERSON})(?:,|\s\()?[ ]$", _PERSON),
)


def _ends(pattern: str) -> set[str]:
    """The words of a pattern: the last of them stands before a name."""
    bare = pattern.replace("fianc[eé]e?", "fiance fiancé fiancee fiancée").replace(
        "neighbou?r", "neighbor neighbour"
    )
    bare = bare.replace("follow[- ]?up", "").replace(
        "an(?:a?)esthesiologist", "anesthesiologist anaesthesiologist"
    )
    bare = bare.replace("(?:grand|step|god)(?:son|daughter|mother|father|child|ma|pa)", " ".join(_KIN))
    bare = (
        bare.replace("lives?", "lives live")
        .replace("ask(?:ed)?", "ask asked")
        .replace("co-?signed", "cosigned co-signed")
    )
    bare = bare.replace("assistants?", "assistant assistants").replace("(?:him|her)self as", "as")
    return {word.lower() for word in re.findall(r"[A-Za-zé'/-]+", re.sub(r"'s\?|\?:|\[ \]|\(|\)", " ", bare))}


_KIN = [
    f"{a}{b}"
    for a in ("grand", "step", "god")
    for b in ("son", "daughter", "mother", "father", "child", "ma", "pa")
]
_BY_END: dict[str, list[tuple[Belief, re.Pattern[str]]]] = {}
for _belief, _pattern, _words in _TABLE:
    for _end in _ends(_words) | ({"name's"} if "name" in _words else set()):
        _BY_END.setdefault(_end, []).append((_belief, re.compile(rf"\b{_pattern}", re.I)))
TRIGGERS = frozenset(_BY_END)
"""Words that stand before a name, and so end a run of capitals that they begin."""
_PARTICLES = frozenset(listed("van von de der den la del al el"))
_TITLED = re.compile(
    rf"(?<!\d )(?<!\d)\b(?:{'|'.join(sorted(HONORIFICS - {'miss'}))})\b\.?{_GAP}"
    rf"(?:(?:{'|'.join(sorted(_PARTICLES))}) ){{0,2}}$|\bmiss{_GAP}$",
    re.I,
)
_LOOKED_BACK = 40
_LAST_WORD_BACKWARDS = re.compile(r"[\s.:,=#(]{0,5}([A-Za-zé'/-]+)")
_AGED = re.compile(
    r"(?:,| is| was)?(?: an?| the)? (?:\(?\d{1,3}|(?:[a-z]+-){1,2})[- ]?(?:year|yr|yo\b|y/o|y\.o|month|week|day|[MF]\b)"
)
_CREDENTIAL = re.compile(
    r",?[ \t]{1,2}(?:M\.D|D\.O|R\.N|N\.P|P\.A|PA-C|Ph\.?D|L\.P\.N|D\.D\.S|Pharm\.?D|Esq|Jr|Sr"
    rf"|(?:{'|'.join(word.upper() for word in CREDENTIALS)}))\b"
)


def before(text: str, start: int) -> Belief | None:
    """What the text before a run of capitals says of it."""
    position = max(0, start - _LOOKED_BACK)
    last = _LAST_WORD_BACKWARDS.match(text[position:start][::-1])
    if last is None:
        return None
    word = last[1][::-1].lower()
    if (word in HONORIFICS or word in _PARTICLES) and _TITLED.search(text, position, start):
        return "titled"
    for belief, pattern in _BY_END.get(word, ()):
        if pattern.search(text, position, start):
            return belief
    return None


def after(text: str, stop: int) -> bool:
    """Whether an age or a credential follows a run of capitals.

    >>> after("Ann Lee, a 45-year-old", 7), after("Ann Lee, MD", 7), after("Ann Lee was", 7)
    (True, True, False)
    """
    return bool(_AGED.match(text, stop) or _CREDENTIAL.match(text, stop))
