from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np

from data.bedside.test_physionet2012 import one_each, written
from stillroom.data.bedside.modalities import PATTERN
from stillroom.data.bedside.physionet2012_modalities import (
    LABORATORY,
    MONITOR,
    NOTE,
    PATTERNS,
    IcuModalitiesSettings,
    build,
)
from stillroom.types.cases import Case

EVENTS = (
    (11, 5, "MechVent", 1.0),
    (11, 5, "GCS", 3.0),
    (11, 5, "Lactate", 2.0),
    (11, 600, "Lactate", 5.0),
    (11, 0, "Age", 85.0),
)


def cases(folder: Path) -> dict[str, tuple[Case, ...]]:
    written(folder, one_each(*EVENTS))
    return dict(build(IcuModalitiesSettings(task="icu_modalities", folder=folder)).splits)


def test_a_stay_is_divided_into_four_modalities(tmp_path: Path) -> None:
    first = cases(tmp_path)["train"][0]
    assert first.inputs["series"].shape == (48, len(MONITOR))
    assert first.inputs["labs"][LABORATORY.index("Lactate")] == 5.0
    note = dict(zip(NOTE, first.inputs["note"], strict=True))
    assert (note["ventilated"], note["awake"], note["comatose"], note["old"]) == (1, 0, 1, 1)
    assert np.isnan(note["feverish"])
    assert not set(MONITOR) & set(LABORATORY)


def test_training_stays_are_complete_and_the_others_lack_what_their_pattern_says(tmp_path: Path) -> None:
    splits = cases(tmp_path)
    assert {case.keys[PATTERN] for case in splits["train"]} == {"complete"}
    for case in (*splits["validation"], *splits["test"]):
        for name in PATTERNS[case.keys[PATTERN]]:
            assert np.isnan(case.inputs[name]).all()


def test_every_pattern_is_about_as_frequent() -> None:
    from stillroom.data.bedside.modalities import with_pattern

    plain = {name: np.ones(2, np.float32) for name in ("labs", "note", "static")}
    made = [with_pattern(Case(str(at), str(at), plain, np.asarray(0)), PATTERNS) for at in range(400)]
    counts = Counter(case.keys[PATTERN] for case in made)
    assert set(counts) == set(PATTERNS)
    assert min(counts.values()) > 70
