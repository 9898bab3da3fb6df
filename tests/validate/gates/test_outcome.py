"""One word and one exit code for all gates, and the document that goes with the bundle."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from stillroom.types import Evidence, Gate, Verdict
from stillroom.types.files import fingerprint
from stillroom.validate import exit_code, outcome, verdict_document

GATE = Gate("right", "accuracy", "student", "at_least", 0.9, 0.95, 0.92, "pass", tier="triage")


def gates(*verdicts: Verdict) -> tuple[Gate, ...]:
    return tuple(replace(GATE, verdict=verdict) for verdict in verdicts)


@pytest.mark.parametrize(
    ("verdicts", "word", "code"),
    [
        ((), None, 0),
        (("pass", "pass"), "pass", 0),
        (("pass", "not_demonstrated"), "not_demonstrated", 4),
        (("not_demonstrated", "infeasible", "pass"), "infeasible", 3),
        (("infeasible", "fail", "not_demonstrated"), "fail", 3),
    ],
)
def test_the_worst_verdict_decides(verdicts: tuple[Verdict, ...], word: Verdict | None, code: int) -> None:
    assert outcome(gates(*verdicts)) == word
    assert exit_code(Evidence((), gates=gates(*verdicts))) == code


def test_what_only_the_teacher_must_meet_does_not_decide() -> None:
    told = replace(GATE, subject="teacher", verdict="fail", decides=False)
    assert outcome([told, GATE]) == "pass"


def test_the_document_names_the_evidence_it_speaks_of() -> None:
    evidence = Evidence((), gates=gates("pass", "fail"))
    document = json.loads(json.dumps(verdict_document(evidence)))
    assert (document["verdict"], document["tiers"]) == ("fail", ["triage"])
    assert [gate["verdict"] for gate in document["gates"]] == ["pass", "fail"]
    assert document["evidence_sha256"] == fingerprint(evidence.to_dict())


def test_without_gates_it_says_so() -> None:
    assert verdict_document(Evidence(()))["verdict"] == "no gates were set"
