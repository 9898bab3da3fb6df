from __future__ import annotations

import pytest

from stillroom.data.prepare.stages.deidentify.addresses import addresses
from stillroom.data.prepare.stages.deidentify.spans import settle


def found(text: str) -> list[tuple[str, str]]:
    return [(span.kind, text[span.start : span.stop]) for span in settle(addresses(text))]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("at 12 Elm St, Apt 4, Troy, NY 12180.", "12 Elm St, Apt 4, Troy, NY 12180"),
        ("at 4501 N. Lake Shore Drive #3B now", "4501 N. Lake Shore Drive #3B"),
        ("at 9 Quarry Hill Road, Wexford.", "9 Quarry Hill Road, Wexford"),
        ("at 123 main street", "123 main street"),
        ("at 88 BROADWAY AVE.", "88 BROADWAY AVE."),
        ("PO Box 55, Salem, OR 97301", "PO Box 55, Salem, OR 97301"),
        ("He lives in Coolidge.", "Coolidge"),
        ("She is from Santa Rosa originally.", "Santa Rosa"),
        ("in Boca Raton, Florida.", "Boca Raton, Florida"),
        ("zip code 02139", "zip code 02139"),
    ],
)
def test_addresses(text: str, value: str) -> None:
    assert found(text) == [("address", value)]


def test_facilities() -> None:
    assert found("The Mercy General Hospital and Sunrise Manor") == [
        ("facility", "Mercy General Hospital"),
        ("facility", "Sunrise Manor"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "He is from Nigeria and lives in Texas.",
        "chest X-ray, CT scan; 12 Days of Therapy; 5 Fr drain; Jane Doe, MD",
        "in the hospital, at the clinic, 3 Main Findings",
    ],
)
def test_what_is_no_address_stays(text: str) -> None:
    assert found(text) == []
