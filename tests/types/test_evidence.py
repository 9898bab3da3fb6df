from __future__ import annotations

import json

import pytest

from stillroom.types import Curve, Evidence, Metric

PERPLEXITY = Metric("perplexity", "test", "student", 25.5, 24.0, 27.0, 400, "", False)
BYTES = Metric("bytes_on_disk", "", "bundle", 7e7, None, None, 1, "bytes", False)
LOSS = Curve("loss", "student", (0.0, 1.0), (3.0, 2.5), "step", "nats/token")


def test_evidence_survives_json() -> None:
    evidence = Evidence((PERPLEXITY, BYTES), (), (LOSS,), {"items": 400})
    assert Evidence.from_dict(json.loads(json.dumps(evidence.to_dict()))) == evidence


def test_evidence_from_before_rates_carried_their_trials_is_read() -> None:
    data = Evidence((PERPLEXITY,)).to_dict()
    del data["metrics"][0]["trials"]
    assert Evidence.from_dict(data).metrics == (PERPLEXITY,)


def test_a_metric_is_found_by_name_subject_and_split() -> None:
    evidence = Evidence((PERPLEXITY, BYTES))
    assert evidence.value("perplexity", "student") is PERPLEXITY
    assert evidence.value("bytes_on_disk", "bundle", split="") is BYTES
    with pytest.raises(KeyError, match="no metric 'perplexity' of 'teacher' on split 'test'"):
        evidence.value("perplexity", "teacher")
