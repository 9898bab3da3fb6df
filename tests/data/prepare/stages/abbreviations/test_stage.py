from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from stillroom.data.prepare.rows import ROW, table
from stillroom.data.prepare.settings.abbreviations import AbbreviationSettings
from stillroom.data.prepare.stages.abbreviations import Abbreviations
from stillroom.types import DataError

STAGE = Abbreviations(AbbreviationSettings())
MEDAL = """TEXT,LOCATION,LABEL
the RA joint pain swelling morning stiffness methotrexate,1,rheumatoid arthritis
patients with RA had joint erosion and stiffness,2,rheumatoid arthritis
joint swelling in RA treated by methotrexate,3,rheumatoid arthritis
the RA pressure and right ventricle were measured by catheter,1,right atrium
catheter in the RA and ventricle,3,right atrium
ventricle and RA pressure rose,2,right atrium
"""


def row(text: str, **columns: Any) -> dict[str, Any]:
    return {"id": "a/1", "source": "a", "task": "note", "prompt": "Write.", "response": text} | columns


def written(stage: Abbreviations, text: str) -> str:
    made: str = stage.apply(table([row(text)])).rows["response"][0].as_py()
    return made


@pytest.fixture
def medal(tmp_path: Path) -> Abbreviations:
    (tmp_path / "medal.csv").write_text(MEDAL)
    return Abbreviations(AbbreviationSettings(mapping=str(tmp_path / "medal.csv")))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Known HTN, COPD.", "Known hypertension, chronic obstructive pulmonary disease."),
        ("hypertension (HTN) treated", "hypertension (HTN) treated"),
        ("NSAIDs and T2DM", "nonsteroidal anti-inflammatory drugs and type 2 diabetes mellitus"),
        ("HTN-1, COPD/asthma, htn, XHTN", "HTN-1, COPD/asthma, htn, XHTN"),
        ("RA and MS stay", "RA and MS stay"),
    ],
)
def test_what_means_one_thing_is_written_out(text: str, expected: str) -> None:
    assert written(STAGE, text) == expected


def test_the_words_around_decide(medal: Abbreviations) -> None:
    assert written(medal, "RA with joint stiffness, on methotrexate.").startswith("rheumatoid arthritis")
    assert "right atrium" in written(medal, "A catheter in the RA near the ventricle, pressure normal.")


def test_where_they_do_not_decide_it_stays_and_is_counted(medal: Abbreviations) -> None:
    outcome = medal.apply(table([row("RA was seen. HTN too."), row("RA: joint pressure.", id="a/2")]))
    assert outcome.rows["response"].to_pylist() == ["RA was seen. hypertension too.", "RA: joint pressure."]
    assert outcome.facts == {"abbreviations left, ambiguous": 2, "abbreviations written out": 1}
    assert outcome.changed == 1


def test_the_users_mapping_goes_first(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text("TEXT,LOCATION,LABEL\nHTN here,0,highly tense\n")
    assert (
        written(Abbreviations(AbbreviationSettings(mapping=str(tmp_path / "m.csv"))), "HTN") == "highly tense"
    )


def test_options_and_response_stay_alike() -> None:
    made = STAGE.apply(table([row("HTN", options=["HTN", "UTI"])])).rows.to_pylist()[0]
    assert made["response"] in made["options"]


def test_rows_of_other_tasks_stay_in_their_place() -> None:
    stage = Abbreviations(AbbreviationSettings(tasks=("note",)))
    rows = table([row("HTN", id=f"a/{n}", task="note" if n % 2 else "other") for n in range(5)])
    made = stage.apply(rows).rows
    assert made["id"].to_pylist() == rows["id"].to_pylist()
    assert made["response"].to_pylist() == ["HTN", "hypertension"] * 2 + ["HTN"]


def test_twice_is_once_on_real_rows(abstracts: pa.Table) -> None:
    once = STAGE.apply(abstracts.slice(0, 500))
    assert once.changed > 10
    assert STAGE.apply(once.rows).rows.equals(once.rows)


def test_no_rows() -> None:
    assert STAGE.apply(table([])).rows.schema == ROW


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (None, "cannot be read"),
        ("A,B\n1,2\n", "no column LABEL"),
        ("TEXT,LOCATION,LABEL\none two,2,x\n", "line 2"),
        ("TEXT,LOCATION,LABEL\none two,x,y\n", "line 2"),
        ("TEXT,LOCATION,LABEL\none two,1,\n", "line 2"),
    ],
)
def test_a_mapping_that_cannot_be_used(tmp_path: Path, content: str | None, what: str) -> None:
    file = tmp_path / "m.csv"
    if content is not None:
        file.write_text(content)
    with pytest.raises(DataError, match=what):
        Abbreviations(AbbreviationSettings(mapping=str(file))).apply(table([]))
