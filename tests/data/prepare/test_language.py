from __future__ import annotations

import pyarrow as pa
import pytest

from stillroom.data.prepare.language import foreign
from stillroom.data.prepare.texts import flat

SPANISH = (
    "El paciente ingresó en el hospital con dolor en el pecho y dificultad para respirar desde hace tres días, "
    "sin fiebre ni tos, y fue tratado con oxígeno y antibióticos."
)
GERMAN = (
    "Der Patient wurde wegen Brustschmerzen und Atemnot stationär aufgenommen; seit drei Tagen bestehen Husten und "
    "Fieber, eine Lungenentzündung konnte im Röntgenbild nicht nachgewiesen werden."
)
TELEGRAM = (
    "63M w/ HTN, DM2, CKD3 p/w CP x 3d. EKG NSR. Trop neg x2. CXR clear. Labs WNL. Pt stable, d/c home on ASA 81 mg "
    "daily, metoprolol 25 mg bid, f/u cardiology 1 wk."
)


@pytest.mark.parametrize(
    ("text", "verdict"), [(SPANISH, True), (GERMAN, True), (TELEGRAM, False), ("", False)]
)
def test_languages(text: str, verdict: bool) -> None:
    assert foreign(pa.array([text]), 20).tolist() == [verdict]


def test_short_texts_are_not_judged() -> None:
    assert foreign(pa.array(["Dolor de cabeza"]), 20).tolist() == [False]


def test_no_real_row_is_foreign(abstracts: pa.Table, dialogues: pa.Table) -> None:
    for rows in (abstracts, dialogues):
        for name in ("context", "response"):
            assert not foreign(flat(rows[name]), 20).any()
