"""Scores per token against a float64 twin; subjects side by side in one pass."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from stillroom.types import Encoded, ModelError, Predictor, Subject
from stillroom.validate.tokens import TOP, score_tokens

VOCAB = 50
LENGTHS = (1, 7, 8, 9, 23)


class Fixed:
    """Yields given logits, and notes when."""

    runtime = "fixed"

    def __init__(
        self, name: str, logits: Sequence[NDArray[np.float32]], diary: list[str] | None = None
    ) -> None:
        self._name, self._logits, self._diary = name, logits, diary if diary is not None else []

    def logits(self, rows: Iterable[Encoded]) -> Iterator[NDArray[np.float32]]:
        for at, _ in enumerate(rows):
            self._diary.append(f"{self._name}{at}")
            yield self._logits[at]

    def generate(self, prompts: Iterable[Sequence[int]], max_new_tokens: int) -> Iterator[list[int]]:
        raise NotImplementedError


@pytest.fixture
def rows() -> list[Encoded]:
    random = np.random.default_rng(1)
    return [Encoded(random.integers(0, VOCAB, size=length + 3), 3) for length in LENGTHS]


def made_logits(seed: int, scale: float = 3.0) -> list[NDArray[np.float32]]:
    random = np.random.default_rng(seed)
    return [random.normal(5, scale, size=(length, VOCAB)).astype(np.float32) for length in LENGTHS]


def slow_log_probs(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    values = logits.astype(np.float64)
    return values - np.log(np.exp(values).sum(axis=1, keepdims=True))


def test_equals_the_slow_twin(rows: list[Encoded]) -> None:
    logits: dict[Subject, list[NDArray[np.float32]]] = {"teacher": made_logits(1), "student": made_logits(2)}
    found = score_tokens({name: Fixed(name, values) for name, values in logits.items()}, rows)
    at = 0
    for number, row in enumerate(rows):
        teacher, student = (slow_log_probs(logits[name][number]) for name in ("teacher", "student"))
        for t, s, target in zip(teacher, student, row.targets, strict=True):
            scores, close = found["student"], found["student"].fidelity["teacher"]
            top_t, top_s = set(np.argsort(-t)[:TOP].tolist()), set(np.argsort(-s)[:TOP].tolist())
            assert scores.rows[at] == number
            assert scores.nll[at] == pytest.approx(-s[target], abs=1e-5)
            assert scores.right[at] == (s.argmax() == target)
            assert scores.confidence[at] == pytest.approx(np.exp(s.max()), rel=1e-5)
            assert close.kl[at] == pytest.approx((np.exp(t) * (t - s)).sum(), rel=1e-5)
            assert close.agree[at] == (s.argmax() == t.argmax())
            assert close.overlap[at] == pytest.approx(len(top_t & top_s) / TOP)
            at += 1
    assert at == sum(LENGTHS) == len(found["student"].nll)


def test_sums_per_example(rows: list[Encoded]) -> None:
    scores = score_tokens({"student": Fixed("s", made_logits(3))}, rows)["student"]
    assert scores.per_example(np.ones(sum(LENGTHS))).tolist() == list(LENGTHS)
    assert scores.per_example(scores.nll)[0] == pytest.approx(scores.nll[0])
    assert scores.per_example(scores.nll).sum() == pytest.approx(scores.nll.sum())


def test_equal_models_have_no_divergence(rows: list[Encoded]) -> None:
    same = made_logits(4)
    subjects: dict[Subject, Predictor] = {"student": Fixed("s", same), "bundle": Fixed("b", same)}
    close = score_tokens(subjects, rows)["bundle"].fidelity["student"]
    assert (close.kl == 0).all()
    assert (close.agree == 1).all()
    assert (close.overlap == 1).all()


def test_a_shift_of_all_logits_changes_nothing(rows: list[Encoded]) -> None:
    plain, shifted = made_logits(5), [values + np.float32(40) for values in made_logits(5)]
    one = score_tokens({"student": Fixed("s", plain)}, rows)["student"]
    other = score_tokens({"student": Fixed("s", shifted)}, rows)["student"]
    assert one.nll == pytest.approx(other.nll, abs=1e-4)


def test_large_logits_do_not_overflow(rows: list[Encoded]) -> None:
    found = score_tokens({"student": Fixed("s", made_logits(6, scale=500.0))}, rows)["student"]
    assert np.isfinite(found.nll).all()


def test_everyone_is_compared_with_the_teacher_and_the_bundle_with_the_student_too(
    rows: list[Encoded],
) -> None:
    names: tuple[Subject, ...] = ("teacher", "student_untrained", "control", "student", "bundle")
    subjects: dict[Subject, Predictor] = {name: Fixed(name, made_logits(at)) for at, name in enumerate(names)}
    found = score_tokens(subjects, rows)
    assert {name: tuple(scores.fidelity) for name, scores in found.items()} == {
        "teacher": (),
        "student_untrained": ("teacher",),
        "control": ("teacher",),
        "student": ("teacher",),
        "bundle": ("teacher", "student"),
    }


def test_subjects_advance_row_by_row(rows: list[Encoded]) -> None:
    diary: list[str] = []
    logits = made_logits(7)
    score_tokens({"teacher": Fixed("t", logits, diary), "student": Fixed("s", logits, diary)}, rows[:2])
    assert diary == ["t0", "s0", "t1", "s1"]


def test_tells_progress_after_each_row(rows: list[Encoded]) -> None:
    told: list[tuple[int, int]] = []
    score_tokens(
        {"student": Fixed("s", made_logits(8))},
        rows,
        lambda task, done, total, figures=None: told.append((done, total)),
    )
    assert told == [(at + 1, len(rows)) for at in range(len(rows))]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_logits_that_are_not_finite_are_refused(rows: list[Encoded], bad: float) -> None:
    logits = made_logits(9)
    logits[2][4, 5] = bad
    with pytest.raises(ModelError, match="student gave logits that are not finite"):
        score_tokens({"teacher": Fixed("t", made_logits(1)), "student": Fixed("s", logits)}, rows)


def test_too_few_rows_of_logits_are_refused(rows: list[Encoded]) -> None:
    logits = made_logits(10)
    logits[1] = logits[1][:-1]
    with pytest.raises(
        ModelError, match=r"control gave logits of shape \(6, 50\); expected \(7, vocabulary\)"
    ):
        score_tokens({"control": Fixed("c", logits)}, rows)
