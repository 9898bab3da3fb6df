"""Text scores against the libraries they come from."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from rouge_score.rouge_scorer import RougeScorer
from sacrebleu.metrics.bleu import BLEU

from stillroom.types import MissingExtraError
from stillroom.validate.text import corpus_bleu, corpus_bleu1, describe, score_texts

RESPONSES = [
    "An abnormality of the mitral valve of the heart.",
    "small kidneys",
    "",
    "A reduced number of ribs, seen on the chest radiograph",
]
REFERENCES = [
    "A structural abnormality of the mitral valve.",
    "Small Kidneys.",
    "Fever",
    "Fewer ribs than normal on a chest radiograph",
]


def test_bleu_of_sums_is_corpus_bleu() -> None:
    sums = score_texts(RESPONSES, REFERENCES).bleu.sum(axis=0)
    assert corpus_bleu(sums) == pytest.approx(BLEU().corpus_score(RESPONSES, [REFERENCES]).score)
    assert corpus_bleu1(sums) == pytest.approx(
        BLEU(max_ngram_order=1).corpus_score(RESPONSES, [REFERENCES]).score
    )


def test_bleu_of_a_resample_is_bleu_of_the_drawn_sentences() -> None:
    statistics = score_texts(RESPONSES, REFERENCES).bleu
    drawn = [0, 0, 3, 1]
    counts = np.bincount(drawn, minlength=4).astype(np.float64)
    expected = BLEU().corpus_score([RESPONSES[at] for at in drawn], [[REFERENCES[at] for at in drawn]]).score
    assert corpus_bleu(np.stack([counts @ statistics] * 2)) == pytest.approx([expected, expected])


def test_rouge_is_the_f1_of_rouge_score_with_stemming() -> None:
    scorer = RougeScorer(["rouge1", "rouge2", "rougeL"], use_stemmer=True)
    for row, response, reference in zip(
        score_texts(RESPONSES, REFERENCES).rouge, RESPONSES, REFERENCES, strict=True
    ):
        expected = scorer.score(reference, response)
        assert row.tolist() == [expected[name].fmeasure for name in ("rouge1", "rouge2", "rougeL")]
    assert score_texts(["valves"], ["valve"]).rouge[0, 0] == 1.0


@pytest.mark.parametrize(
    ("response", "same"), [("Small  kidneys", 1.0), ("small kidneys.", 1.0), ("smaller kidneys", 0.0)]
)
def test_exact_match_ignores_case_spacing_and_a_final_stop(response: str, same: float) -> None:
    assert score_texts([response], ["Small kidneys."]).exact.tolist() == [same]


def test_settings_are_written_down() -> None:
    assert "stemmer on" in str(describe()["rouge_settings"])
    assert "13a" in str(describe()["bleu_settings"])


@pytest.mark.parametrize(
    ("module", "package"),
    [("rouge_score.rouge_scorer", "rouge-score"), ("sacrebleu.metrics.bleu", "sacrebleu")],
)
def test_a_missing_package_names_its_extra(
    monkeypatch: pytest.MonkeyPatch, module: str, package: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError, match=rf"{package}.*pip install 'stillroom\[evaluate\]'"):
        score_texts(["a"], ["a"])
