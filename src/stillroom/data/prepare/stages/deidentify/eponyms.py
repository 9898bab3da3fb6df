"""Names of persons that are names of things: Crohn's disease, a Foley catheter, the Glasgow Coma Scale."""

from __future__ import annotations

import re

_NOUN = re.compile(
    r"(?:['’]s?|s['’])?[ -]{1,2}(?:type |like |plus |cell |rank |grade |[A-Z][\w-]+ )?(?:diseases?"
    r"|syndromes?|sarcomas?|signs?|tests?|scores?|scales?"
    r"|index|stag(?:e|es|ing)|classification|criteria|grad(?:e|es|ing)|lymphomas?|tumou?rs?|cells?|bodies"
    r"|anomal(?:y|ies)|disorders?"
    r"|palsy|paralysis|dystroph(?:y|ies)|an[a]?emia|thyroiditis|encephalopathy|es?ophagus|contractures?"
    r"|fractures?|catheters?"
    r"|tubes?|procedures?|operations?|repairs?|manoeuv(?:er|re)s?|maneuvers?|reflex(?:es)?|phenomenon"
    r"|chorea|ataxia|glands?|nodes?"
    r"|purpura|granulomatosis|myopathy|neuropathy|angioma|position|method|formula|equation|forceps|filters?"
    r"|stents?|valves?|rings?"
    r"|grafts?|solution|stain|agar|virus|antigens?|antibod(?:y|ies)|fibers?|cycle|law|triad|tetralogy"
    r"|ulcers?|hernia|pouch|space"
    r"|duct|canal|tendon|ligament|joint|malformations?|deformity|angina|arthropathy|keratosis|carcinoma"
    r"|monitor(?:ing)?|test)\b",
    re.I,
)


def names_a_thing(text: str, stop: int) -> bool:
    """Whether what follows makes a thing of the name that ends at ``stop``.

    >>> names_a_thing("Wilson's disease", 6), names_a_thing("Wilson was seen", 6)
    (True, False)
    """
    return _NOUN.match(text, stop) is not None
