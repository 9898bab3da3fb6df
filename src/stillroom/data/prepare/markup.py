"""Plain text of text that holds HTML."""

from __future__ import annotations

import re
from html import unescape

_HIDDEN = re.compile(
    r"<(script|style)\b[^<>]*>.*?</\1\s*>|<!--.*?-->|<!DOCTYPE[^<>]*>|<\?xml[^<>]*>", re.S | re.I
)
_BLOCKS = (
    "address|article|aside|blockquote|body|center|dd|div|dl|dt|fieldset|figcaption|figure|footer|form|h[1-6]"
)
_BLOCKS += "|head|header|hr|html|main|nav|ol|p|pre|section|table|tbody|td|tfoot|th|thead|title|tr|ul|br|li"
_INLINE = "a|abbr|acronym|b|big|button|cite|code|del|em|font|i|img|input|ins|kbd|label|link|mark|meta|q|s|samp|small"
_INLINE += "|script|span|strike|strong|style|sub|sup|tt|u|var"
_TAG = re.compile(
    rf"<(?P<end>/?)(?P<name>{_BLOCKS}|{_INLINE})"
    r"""(?:\s+[\w:.-]+\s*=\s*(?:"[^"<>]*"|'[^'<>]*'|[^\s"'=<>`]+))*\s*/?>""",
    re.I,
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_BLOCK = re.compile(_BLOCKS, re.I)
_CELLS = frozenset({"td", "th"})


def plain(text: str) -> str:
    r"""Take tags out of a text and write its entities as what they stand for, once.

    A tag is one of HTML's names, alone or with attributes that have values; so ``p <b and c> d`` and ``<5 mg`` are
    left alone. Blocks become lines, items of a list begin with a dash, and an exponent keeps its meaning.

    >>> plain("<p>10<sup>6</sup> cells/&micro;l</p><ul><li>p &lt; 0.05</ul>")
    '\n10^6 cells/µl\n\n\n- p < 0.05\n'
    """
    if "<" in text:
        text = _TAG.sub(_written, _HIDDEN.sub(" ", text))
    return _ENTITY.sub(_entity, text) if "&" in text else text


def _written(tag: re.Match[str]) -> str:
    name, opens = tag["name"].lower(), not tag["end"]
    if name == "li":
        return "\n- " if opens else ""
    if name in _CELLS:
        return " " if opens else ""
    if name == "sup":
        return "^" if opens else ""
    return "\n" if _BLOCK.fullmatch(name) else ""


def _entity(found: re.Match[str]) -> str:
    return unescape(found[0])
