"""Where somebody lives or is treated: streets, boxes, cities, postal codes; facilities."""

from __future__ import annotations

import re
from collections.abc import Iterator

from stillroom.data.prepare.stages.deidentify.capitals import plain
from stillroom.data.prepare.stages.deidentify.contexts import before
from stillroom.data.prepare.stages.deidentify.lexicon import lexicon
from stillroom.data.prepare.stages.deidentify.spans import Span

_STATES = (
    "Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|Georgia|Hawaii|Idaho"
    "|Illinois|Indiana"
    "|Iowa|Kansas|Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan|Minnesota|Mississippi|Missouri"
    "|Montana|Nebraska"
    "|Nevada|New Hampshire|New Jersey|New Mexico|New York|North Carolina|North Dakota|Ohio|Oklahoma|Oregon|Pennsylvania"
    "|Rhode Island|South Carolina|South Dakota|Tennessee|Texas|Utah|Vermont|Virginia|Washington|West Virginia|Wisconsin"
    "|Wyoming|Puerto Rico|Ontario|Quebec|British Columbia|Alberta|Manitoba|Nova Scotia|England|Scotland|Wales|Ireland"
)
_CODES = (
    "A[LKZR]|C[AOT]|D[EC]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|P[AR]|RI|S[CD]|T[NX]|UT"
    "|V[AT]|W[AIVY]"
)
_WORDS = r"(?:[A-Z][\w'’.-]*|\d{1,3}(?:st|nd|rd|th))"
_STREETS = (
    r"(?:Street|St|Avenue|Ave?|Road|Rd|Drive|Dr|Lane|Ln|Court|Ct|Boulevard|Blvd|Way|Place|Pl|Terrace|Ter|Circle|Cir"
    r"|Parkway|Pkwy|Highway|Hwy|Square|Sq|Trail|Trl|Loop|Pike|Turnpike|Crescent|Cres|Close|Row|Alley|Path|Ridge|Plaza)"
)
_UNIT = (
    r"(?:,?[ ]{1,2}(?:(?:Apt|Apartment|Suite|Ste|Unit|Floor|Fl|Bldg|Building|Room|Rm|Lot)\.?[ ]?#?[ ]?"
    r"|#[ ]?)[\w-]+)?"
)
_ZIP = r"(?:,?[ ]{1,2}(?:\d{5}(?:-\d{4})?|[A-Z]\d[A-Z][ ]?\d[A-Z]\d))?"
_CITY = rf"(?:,?[ \n]{{1,2}}(?:{_WORDS}[ ]){{0,2}}{_WORDS},?[ ](?:{_STATES}|{_CODES})\b\.?{_ZIP})?"
_TOWN = r"(?:,[ ](?:[A-Z][a-z]+[ ]){0,2}[A-Z][a-z]+(?=[.,;\n]|$|\s[A-Z]))?"
_STREET = re.compile(
    rf"(?<![\w./-])\d{{1,6}}[A-Za-z]?(?:[ ]1/2)?[ ](?:(?:[NSEW]{{1,2}}\.?|North|South|East|West)[ ])?"
    rf"(?:{_WORDS}[ ]){{1,4}}{_STREETS}\b\.?(?:[ ](?:[NSEW]{{1,2}}\b|North|South|East|West))?{_UNIT}{_CITY}{_TOWN}"
    rf"|(?<![\w./-])\d{{2,6}}[ ](?:[a-z]+[ ]){{1,3}}(?:street|avenue|ave|road|lane|boulevard|blvd|drive)\b"
    rf"|(?<![\w./-])\d{{1,6}}[ ](?:[A-Z]{{2,}}[ ]){{1,3}}{_STREETS.upper()}\b\.?{_UNIT}{_CITY}"
    rf"|(?<![\w./-])\d{{1,6}}[ ](?:Broadway|Rural Route \d+|County Road \w+|(?:US |State )?(?:Route|Highway"
    rf"|Hwy) \d+){_UNIT}{_CITY}"
)
_DIGIT = re.compile(r"[0-9]")
_BOX = re.compile(
    rf"\b(?:P\.?[ ]?O\.?[ ]?Box|Post Office Box|RR[ ]?\d+,?[ ]Box|Box)[ ]#?\d+{_CITY}{_TOWN}", re.I
)
_MAY_BE_PLACE = re.compile(rf",[ ]{{1,2}}(?:{_STATES}|{_CODES})\b")
_PLACE = re.compile(
    rf"(?<![\w'’-])(?:(?:[A-Z][a-z'’]+|St\.|Ft\."
    rf"|Mt\.)[ ]){{0,2}}[A-Z][a-z'’]+(?:-[A-Z][a-z]+)*,[ ]{{1,2}}(?:(?:{_STATES})\b"
    rf"|(?:{_CODES})\b(?!\s?[-\d.%]*%)){_ZIP}"
)
_ZIPS = re.compile(
    rf"\b(?i:zip|post(?:al)?)(?:[ ]?(?i:code))?(?:[ ]is)?[ ]?[:#]?[ ]?\d{{5}}(?:-\d{{4}})?\b"
    rf"|(?<![\w.-])\d{{5}}-\d{{4}}(?![\w-])|\b(?:{_CODES})[ ]{{1,2}}\d{{5}}(?:-\d{{4}})?\b"
    r"|\b[A-Z]{1,2}\d[A-Z\d]?[ ]\d[ABD-HJLN-UW-Z]{2}\b"
)
_TOWARDS = re.compile(
    r"(?<=[ ])(?:in|at|of|to|near|from|outside)[ ](?P<place>(?:(?:Mount|Mt\.|St\.|San|Santa|Los|Las|El|Fort"
    r"|Ft\.|New|North|South|East|West"
    r"|Port|Lake|Saint)[ ])?[A-Z][a-z]+(?:[ ][A-Z][a-z]+)?)"
)
_LIVES = re.compile(
    r"\b(?:lives?|living|lived|resid(?:es?|ing|ed)|resident|moved|born|raised|grew up|originally|native"
    r"|home|house|residence"
    r"|relocat(?:ed|ing)|commutes?|flew|drove|driving|travell?ed|travell?ing|visiting|vacation|back|works?"
    r"|worked|employed|stationed)"
    r"(?:[ ](?:alone|with[ ]\w+[ ]\w+|independently|here|currently))?[ ]$",
    re.I,
)
_IS_FROM = re.compile(
    r"\b(?:is|was|are|came|originally|moved|relocated|I'm|I am|he's|she's|we're|flew|native)[ ]$"
)
_LARGE = re.compile(
    rf"(?:{_STATES}|United States|America|USA|US|UK|United Kingdom|Mexico|Canada|India|China|Japan|Korea"
    rf"|Vietnam|Philippines"
    r"|Africa|Asia|Europe|Germany|France|Italy|Spain|Russia|Iran|Iraq|Israel|Egypt|Brazil|Cuba|Haiti|Jamaica|Pakistan"
    r"|Bangladesh|Nepal|Ethiopia|Somalia|Nigeria|Ghana|Kenya|Guatemala|Honduras|El Salvador|Colombia|Peru"
    r"|Australia|Poland"
    r"|Greece|Turkey|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|The|This|My|His|Her|January"
    r"|February|March|April"
    r"|May|June|July|August|September|October|November|December|Christmas|Easter|English|Hispanic|African"
    r"|Caucasian|Doctor"
    r"|Dr|Mr|Mrs|Ms)(?:[ ][A-Z][a-z]+)?"
)
_FACILITY = re.compile(
    r"\b(?:St\.?[ ])?(?:[A-Z][\w'’-]+[ ](?:(?:of|the|for)[ ])?){1,5}(?:Hospitals?|Medical Cent(?:er|re)"
    r"|Health Cent(?:er|re)|Healthcare"
    r"|Clinics?|Nursing Home|Rehab(?:ilitation)?(?: Cent(?:er|re))?|Hospice|Infirmary|Assisted Living"
    r"|Care Cent(?:er|re)"
    r"|Health System|Surgery Cent(?:er|re)|Cancer Cent(?:er|re)|Pharmacy|Manor|Retirement (?:Home"
    r"|Community)|High School"
    r"|Elementary School|University)\b"
)
_MAY_BE_FACILITY = re.compile(
    r"Hospital|Medical C|Health|Clinic|Nursing H|Rehab|Hospice|Infirmary|Assisted L|Care C|Surgery C"
    r"|Cancer C|Pharmacy|Manor|Retirement|School|University"
)
_DETERMINERS = re.compile(r"(?:The|This|Our|Your|My|His|Her|A|An|At|In|To|From|And|Doctor|Patient)[ ]")


def addresses(text: str) -> Iterator[Span]:
    """Find streets with their city, boxes, cities with their state, postal codes, and places that somebody lives in.

    States and countries alone stay. Names of hospitals, homes and schools are facilities.

    >>> text = "Lives at 12 Elm St, Apt 4, Troy, NY 12180; treated at Mercy General Hospital."
    >>> [(s.kind, text[s.start : s.stop]) for s in addresses(text)][0]
    ('address', '12 Elm St, Apt 4, Troy, NY 12180')
    """
    if _DIGIT.search(text):
        for pattern in (_STREET, _BOX, _ZIPS):
            for found in pattern.finditer(text):
                yield Span(found.start(), found.end(), "address")
    if _MAY_BE_PLACE.search(text):
        for found in _PLACE.finditer(text):
            if not _is_doctor(text, found):
                yield Span(found.start(), found.end(), "address")
    for found in _TOWARDS.finditer(text):
        if _is_home(text, found):
            yield Span(found.start("place"), found.end("place"), "address")
    if _MAY_BE_FACILITY.search(text):
        for found in _FACILITY.finditer(text):
            skipped = _DETERMINERS.match(found[0])
            yield Span(found.start() + (skipped.end() if skipped else 0), found.end(), "facility")


def _is_home(text: str, found: re.Match[str]) -> bool:
    """Whether somebody lives, was born or came from there, and it is smaller than a state."""
    start = found.start()
    pattern = _IS_FROM if found[0].startswith("from") else _LIVES
    leads = pattern.search(text, max(0, start - 40), start)
    return bool(leads) and not _LARGE.fullmatch(found["place"])


def _is_doctor(text: str, found: re.Match[str]) -> bool:
    """Whether MD, DO or PA stands behind a name and not behind a city."""
    first = plain(found[0].split(" ", 1)[0])
    return found[0].endswith((", MD", ", DO", ", PA")) and (
        first in lexicon().given or before(text, found.start()) is not None
    )
