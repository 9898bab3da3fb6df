from __future__ import annotations

import pytest

from stillroom.data.prepare.stages.deidentify.contacts import contacts
from stillroom.data.prepare.stages.deidentify.spans import settle


def found(text: str) -> list[tuple[str, str]]:
    return [(span.kind, text[span.start : span.stop]) for span in settle(contacts(text))]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("call (617) 555-0123 x22", "phone", "(617) 555-0123 x22"),
        ("617.555.0123", "phone", "617.555.0123"),
        ("1-800-555-0199 ext. 4", "phone", "1-800-555-0199 ext. 4"),
        ("+44 20 7946 0958", "phone", "+44 20 7946 0958"),
        ("phone 555-0199", "phone", "555-0199"),
        ("pager 12345", "phone", "12345"),
        ("tel 6175550123", "phone", "6175550123"),
        ("fax: 617 555 0123", "fax", "617 555 0123"),
        ("to a.b-c@mail.hospital.org.", "email", "a.b-c@mail.hospital.org"),
        ("a.b (at) c (dot) org", "email", "a.b (at) c (dot) org"),
        ("see https://x.org/a?b=1.", "url", "https://x.org/a?b=1"),
        ("at www.foo.com, now", "url", "www.foo.com"),
        ("by @jane_doe", "url", "@jane_doe"),
        ("from 10.0.0.1 today", "ip", "10.0.0.1"),
        ("2001:db8::1", "ip", "2001:db8::1"),
        ("00:1B:44:11:3A:B7", "ip", "00:1B:44:11:3A:B7"),
    ],
)
def test_contacts(text: str, kind: str, value: str) -> None:
    assert found(text) == [(kind, value)]


@pytest.mark.parametrize(
    "text",
    [
        "500-1000 mg",
        "+485.8% +/- 209.0%",
        "12:30:45",
        "a cost of +6896",
        "ratio 1:2:3",
        "p<0.05, 37.5.",
        "i.e. e.g.",
    ],
)
def test_what_reaches_nobody_stays(text: str) -> None:
    assert found(text) == []
