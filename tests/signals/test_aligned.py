from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from signals.blocks import HIDDEN, settings
from signals.two_readers import TOP, Case, made
from stillroom.data import encode_all
from stillroom.data.pairs import Pair
from stillroom.losses import TopK, linear_distillation
from stillroom.models import LanguageModel
from stillroom.signals import SignalStore
from stillroom.signals.aligned import LiveAligned, collect_aligned
from stillroom.signals.recording import tokenizer_fingerprint
from stillroom.types import Encoded, SignalError


@pytest.fixture
def case(make_model: Callable[..., LanguageModel]) -> Case:
    return made(make_model(layers=2))


def probabilities(case: Case, row: Encoded) -> np.ndarray[Any, Any]:
    """What the teacher says before each of its own response tokens."""
    with torch.no_grad():
        logits = case.teacher.network(torch.from_numpy(row.ids)[None]).logits[0]
    found: np.ndarray[Any, Any] = logits[row.start - 1 : -1].double().softmax(-1).numpy()
    return found


def test_a_record_holds_what_the_teacher_says_of_its_own_tokens(case: Case) -> None:
    reader = case.reader()
    said = LiveAligned(case.teacher, reader).teacher(case.encoded.rows)
    assert isinstance(said, TopK)
    start = 0
    for row, pair in zip(case.encoded.rows, reader.paired.pairs, strict=True):
        assert pair is not None
        carried = reader.carrier.carry(probabilities(case, pair.row), pair)
        wanted = np.where(
            carried.sum(1, keepdims=True) >= 0.5, carried, np.eye(carried.shape[1])[row.targets]
        )
        rows = slice(start, start + len(row.targets))
        found = np.zeros_like(wanted)
        np.put_along_axis(found, said.ids[rows].numpy(), said.log_probs[rows].exp().numpy(), 1)
        top = np.sort(wanted, axis=1)[:, -TOP["classes"]][:, None]
        assert found == pytest.approx(np.where(wanted >= top, wanted, 0.0), abs=2e-3)
        start = rows.stop


def test_recorded_equals_live_and_is_opened_with_the_students_tokenizer(case: Case, tmp_path: Path) -> None:
    reader, rows = case.reader(), case.encoded.rows
    collected = collect_aligned(case.teacher, reader, tmp_path, settings(TOP))
    store = SignalStore.open(
        tmp_path,
        case.teacher.fingerprint(),
        tokenizer=tokenizer_fingerprint(case.student.tokenizer),
        temperature=1.0,
    )
    assert collected.rows == len(store) == len(rows)
    recorded, live = store.teacher(rows[::-1]), LiveAligned(case.teacher, reader).teacher(rows[::-1])
    assert isinstance(recorded, TopK)
    assert isinstance(live, TopK)
    assert torch.equal(recorded.ids, live.ids)
    assert torch.allclose(recorded.log_probs, live.log_probs, atol=0.02)


def test_hidden_states_are_those_after_the_text_that_both_have_spelled(case: Case, tmp_path: Path) -> None:
    reader, rows = case.reader(layers=(0, 1)), case.encoded.rows
    live = LiveAligned(case.teacher, reader).layers(rows)
    collect_aligned(case.teacher, reader, tmp_path, settings(TOP))
    recorded = SignalStore.open(tmp_path, case.teacher.fingerprint()).layers(rows)
    assert live is not None
    assert recorded is not None
    wanted = torch.cat([states_by_text(case, pair) for pair in reader.paired.pairs if pair], 1)
    assert 0 < int(wanted.any(-1).all(0).sum()) < wanted.shape[1]
    torch.testing.assert_close(live, wanted, atol=2e-3, rtol=2e-3)
    assert torch.equal(recorded, live)


def states_by_text(case: Case, pair: Pair) -> torch.Tensor:
    """A slow twin: for each student token, the teacher's states behind as many bytes, or zeros."""
    with torch.no_grad():
        ids = torch.from_numpy(pair.row.ids)[None]
        states = case.teacher.network(ids, output_hidden_states=True).hidden_states
    layers = torch.stack(states[1:3])[:, 0, pair.row.start - 1 : -1]
    spelled = pair.teacher.starts.tolist()
    zero = torch.zeros(2, layers.shape[-1])
    return torch.stack(
        [
            layers[:, spelled.index(start)] if start in spelled else zero
            for start in pair.student.starts.tolist()
        ],
        dim=1,
    )


def test_the_fused_loss_and_its_gradient_take_them_as_they_are(case: Case) -> None:
    rows = case.encoded.rows
    said = LiveAligned(case.teacher, case.reader()).teacher(rows)
    hidden = torch.randn(sum(len(row.targets) for row in rows), 32, requires_grad=True)
    matrix = case.student.network.lm_head.weight.detach()
    for divergence in ("forward_kl", "reverse_kl", "jensen_shannon"):
        total = linear_distillation(hidden, matrix, teacher=said, weights={divergence: 1.0}).total
        (gradient,) = torch.autograd.grad(total, hidden)
        assert torch.isfinite(total)
        assert torch.isfinite(gradient).all()


def test_records_are_found_by_both_tokenizers(case: Case, tmp_path: Path) -> None:
    reader = case.reader()
    collect_aligned(case.teacher, reader, tmp_path, settings(TOP))
    case.teacher.tokenizer.add_tokens(["another"])
    assert case.reader().recording.fingerprint != reader.recording.fingerprint
    with pytest.raises(SignalError, match="recorded from tokenizer"):
        SignalStore.open(
            tmp_path, case.teacher.fingerprint(), tokenizer=tokenizer_fingerprint(case.teacher.tokenizer)
        )


def test_what_is_finished_is_not_asked_again(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = case.encoded.rows
    collect_aligned(case.teacher, case.reader(), tmp_path, settings(TOP))
    monkeypatch.setattr(case.teacher.network, "forward", None)
    monkeypatch.setattr(case.teacher.network.model, "forward", None)
    assert collect_aligned(case.teacher, case.reader(), tmp_path, settings(TOP)).rows == len(rows)


def test_a_row_that_the_teacher_does_not_read_is_its_hard_labels(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stillroom.signals.other_reader._MOST_UNPAIRED", 0.5)
    long = replace(case.encoded.examples[0], id="long", response="no 5 mg, " * 30)
    tokenizer: Any = case.student.tokenizer
    mixed = replace(case, encoded=encode_all([*case.encoded.examples, long], tokenizer, 999))
    reader = mixed.reader()
    assert reader.paired.troubles == {"longer than the teacher's window": 1}
    row = mixed.encoded.rows[-1]
    said = LiveAligned(case.teacher, reader).teacher([row])
    assert isinstance(said, TopK)
    assert said.ids[:, 0].tolist() == row.targets.tolist()
    assert said.log_probs[:, 0].exp().tolist() == pytest.approx([1.0] * len(row.targets))


def test_too_many_of_them_are_refused(case: Case) -> None:
    case.teacher.network.config.max_position_embeddings = 9
    with pytest.raises(
        SignalError, match=r"read 4 of 4 rows .*\(longer than the teacher's window: 4\).*at most 5%"
    ):
        case.reader()


@pytest.mark.parametrize(
    ("block", "options"),
    [
        (HIDDEN, {}),
        ({"kind": "sampled", "draws": 50}, {}),
        (TOP, {"attention": {"layers": [0], "heads": "mean", "precision": "float16"}}),
    ],
)
def test_signals_that_lie_at_the_teachers_positions_are_refused(
    case: Case, block: dict[str, Any], options: dict[str, Any]
) -> None:
    with pytest.raises(SignalError, match=r"the teacher has another tokenizer .* set signals.targets to"):
        case.reader(block, **options)


def test_more_classes_than_the_student_has_are_refused(case: Case) -> None:
    with pytest.raises(SignalError, match="less than the student's vocabulary"):
        case.reader({"kind": "top_k", "classes": 999})


def test_a_row_of_another_split_is_refused(case: Case) -> None:
    other = Encoded(np.arange(5), 2)
    with pytest.raises(SignalError, match="one of the 4 rows that were paired"):
        LiveAligned(case.teacher, case.reader()).teacher([other])
