from __future__ import annotations

import pytest

from stillroom.data.prepare.stages.deidentify.numbers import numbers
from stillroom.data.prepare.stages.deidentify.spans import settle


def found(text: str) -> list[tuple[str, str]]:
    return [(span.kind, text[span.start : span.stop]) for span in settle(numbers(text))]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("MRN: 1234567", "mrn", "1234567"),
        ("mrn 12-34-56", "mrn", "12-34-56"),
        ("MR# A1234567", "mrn", "A1234567"),
        ("medical record number is 00123456.", "mrn", "00123456"),
        ("Patient number 4421", "mrn", "4421"),
        ("SSN 123-45-6789", "ssn", "123-45-6789"),
        ("ssn ending in 6789", "ssn", "6789"),
        ("acct no. 99-8877", "account", "99-8877"),
        ("policy #: XK-9988-12", "account", "XK-9988-12"),
        ("4111 1111 1111 1111", "account", "4111 1111 1111 1111"),
        ("driver's license number D1234567", "licence", "D1234567"),
        ("license plate 7ABC123", "vehicle", "7ABC123"),
        ("1HGCM82633A004352", "vehicle", "1HGCM82633A004352"),
        ("serial number SN-99A-123", "device", "SN-99A-123"),
        ("see 5558675309 there", "number", "5558675309"),
    ],
)
def test_numbers(text: str, kind: str, value: str) -> None:
    assert found(text) == [(kind, value)]


@pytest.mark.parametrize(
    "text",
    [
        "1000000 cells, 2500000 copies, NCT01234567, PMID 12345678, OMIM 1234567",
        "case no. 3, unit 4, group: 150 patients, Mr = 270K, lot of 12, model 3",
        "WBC 12.5, Na 140, BP 120/80, 500 mg, ICD-10 E11.9",
    ],
)
def test_what_stands_for_nobody_stays(text: str) -> None:
    assert found(text) == []
