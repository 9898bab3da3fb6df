"""Numbers and addresses by which somebody is reached: phone, fax, e-mail, web, network."""

from __future__ import annotations

import re
from collections.abc import Iterator

from stillroom.data.prepare.stages.deidentify.spans import Kind, Span

_EXTENSION = r"(?:\s{0,2},?\s?(?:ext(?:ension|n)?\.?|x)\s?:?\s?\d{1,6})?"
_CUE = (
    r"(?:phone|telephone|tel|ph|call(?:ed|s|ing)?|cell(?:ular)?|mobile|home|work|contact|number|reach(?:ed"
    r"|able)?|text|fax|dial|line|ring)"
)
_PHONE = re.compile(
    rf"""(?<![\w+.-])(?:
      (?:\+?1[-. ]{{0,2}})?\(?[2-9]\d{{2}}\)?\s?[-./ ]\s?\d{{3}}\s?[-. ]\s?\d{{4}}{_EXTENSION}(?![\w-])
    | (?:\+?1[-. ]?)?\([2-9]\d{{2}}\)\s?\d{{3}}[-. ]?\d{{4}}{_EXTENSION}(?![\w-])
    | (?=(?:[-. ()+]{{0,2}}\d){{8}})(?:\+|00)[1-9]\d{{0,2}}(?:[-. ]?\(?\d{{1,4}}\)?){{2,5}}(?![\w-])
    | 0\d{{2,4}}[ -]\d{{3,4}}[ -]?\d{{3,4}}(?![\w-])
    )""",
    re.X,
)
_MAY_BE_PHONE = re.compile(r"\d{3}\)?\s?[-./ ]?\s?\d{3}|\+\d|\b0\d")
_SHORT = re.compile(rf"(?<![\w.,/-])(?:\d{{3}}[-. ]\d{{4}}|\d{{10}}){_EXTENSION}(?![\w-]|[.,]\d)")
_BEFORE_SHORT = re.compile(rf"\b{_CUE}\b[^\d\n]{{0,24}}$", re.I)
_PAGER = re.compile(
    r"\b(?:pager|beeper|ext(?:ension|n)?\.?|page[dr]?)\s{0,2}(?:at|number|no\.?|is"
    r"|[#:])?\s{0,2}#?\s?(?P<pager>\d{3,7}(?:-\d{4})?)\b",
    re.I,
)
_FAX = re.compile(r"\b(?:fax|facsimile|f)\b[^\d\n]{0,16}$", re.I)
_EMAIL = re.compile(
    r"[\w.%+'-]+\s?(?:@|\(at\)|\[at\])\s?[\w-]+(?:(?:\.|\s?\(dot\)\s?|\s?\[dot\]\s?)[\w-]+)*?(?:\."
    r"|\s?\(dot\)\s?|\s?\[dot\]\s?)[a-z]{2,24}\b(?!\.\w)",
    re.I,
)
_HANDLE = re.compile(r"(?<![\w.@])@[A-Za-z_]\w{2,29}\b")
_URL = re.compile(
    r"\b(?:https?|ftp)://[^\s<>\"')\]]+"
    r"|\bwww\.[^\s<>\"')\]]+"
    r"|\b(?:[a-z0-9-]+\.)+(?:com|org|net|edu|gov|info|io|health|co\.uk)(?:/[^\s<>\"')\]]*)?(?![\w.])",
    re.I,
)
_MAY_BE_URL = re.compile(r"://|www\.|\.(?:com|org|net|edu|gov|info|io|health|co\.uk)\b", re.I)
_MAY_BE_IP = re.compile(r"\d\.\d{1,3}\.\d{1,3}\.\d|::|(?:[0-9a-f]{1,4}[:-]){5}", re.I)
_IP = re.compile(
    r"(?<![\w.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\w]|\.\d)"
    r"|(?<![\w:])(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}(?![\w:])"
    r"|(?<![\w:])(?:[0-9a-f]{1,4}:){1,6}:(?:[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){0,5})?(?![\w:])"
    r"|(?<![\w:])(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}(?![\w:])",
    re.I,
)


def contacts(text: str) -> Iterator[Span]:
    """Find phone and fax numbers, pagers, extensions, e-mail addresses, names in networks, URLs, IP and MAC addresses.

    >>> text = "Fax 617-555-0123, see https://b.org/x."
    >>> [(s.kind, text[s.start : s.stop]) for s in contacts(text)]
    [('fax', '617-555-0123'), ('url', 'https://b.org/x')]
    """
    if _MAY_BE_PHONE.search(text):
        yield from _phones(text)
    for found in _PAGER.finditer(text):
        yield Span(found.start("pager"), found.end("pager"), "phone")
    if "@" in text or "at)" in text or "at]" in text:
        yield from _all(_EMAIL, text, "email")
        yield from _all(_HANDLE, text, "url")
    if _MAY_BE_URL.search(text):
        yield from _all(_URL, text, "url")
    if _MAY_BE_IP.search(text):
        yield from _all(_IP, text, "ip")


def _phones(text: str) -> Iterator[Span]:
    for found in _PHONE.finditer(text):
        yield Span(found.start(), found.end(), _phone_or_fax(text, found.start()))
    for found in _SHORT.finditer(text):
        if _BEFORE_SHORT.search(text, max(0, found.start() - 40), found.start()):
            yield Span(found.start(), found.end(), _phone_or_fax(text, found.start()))


def _all(pattern: re.Pattern[str], text: str, kind: Kind) -> Iterator[Span]:
    for found in pattern.finditer(text):
        stop = found.end()
        while text[stop - 1] in ".,;:":
            stop -= 1
        yield Span(found.start(), stop, kind)


def _phone_or_fax(text: str, start: int) -> Kind:
    return "fax" if _FAX.search(text, max(0, start - 24), start) else "phone"
