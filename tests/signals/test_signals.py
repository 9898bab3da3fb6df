"""Recorded signals: exact, found by content, refused where they do not belong."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from stillroom.models import TorchPredictor
from stillroom.signals import SignalStore, collect
from stillroom.types import Encoded, SignalError


def recorded(teacher, rows, folder, layers=()) -> SignalStore:
    collect(teacher, rows, folder, layers=layers)
    return SignalStore.open(folder, teacher.fingerprint())


def test_hidden_states_and_matrix_give_the_teachers_logits(make_model, rows, tmp_path) -> None:
    teacher = make_model()
    store = recorded(teacher, rows, tmp_path)
    for row, logits in zip(rows, TorchPredictor(teacher).logits(rows), strict=True):
        found = store.hidden[store.positions([row])].float() @ store.output_matrix.T
        np.testing.assert_allclose(found.numpy(), logits, rtol=2e-3, atol=2e-3)


def test_rows_are_found_by_content_whatever_their_order(make_model, rows, tmp_path) -> None:
    store = recorded(make_model(), rows, tmp_path)
    forward, backward = store.positions(rows), store.positions(rows[::-1])
    sizes = [len(row.targets) for row in rows]
    pieces = list(torch.split(forward, sizes))
    assert torch.equal(torch.cat(pieces[::-1]), backward)


def test_mapped_layers_are_the_teachers_hidden_states(make_model, rows, tmp_path) -> None:
    teacher = make_model(layers=4)
    store = recorded(teacher, rows, tmp_path, layers=(1, 3))
    row = rows[5]
    states = teacher.network(torch.from_numpy(row.ids)[None], output_hidden_states=True).hidden_states
    for mapped, layer in enumerate((1, 3)):
        expected = states[layer + 1][0, row.start - 1 : -1]
        found = store.layers[mapped, store.positions([row])].float()
        torch.testing.assert_close(found, expected, rtol=2e-3, atol=2e-3)


def test_duplicates_are_recorded_once(make_model, rows, tmp_path) -> None:
    store = recorded(make_model(), [*rows, *rows], tmp_path)
    assert len(store.hidden) == sum(len(row.targets) for row in rows)


def test_another_teacher_is_refused(make_model, rows, tmp_path) -> None:
    collect(make_model(seed=0), rows, tmp_path)
    with pytest.raises(SignalError, match="recorded from teacher"):
        SignalStore.open(tmp_path, make_model(seed=1).fingerprint())


def test_a_row_that_the_teacher_never_saw_is_refused(make_model, rows, tmp_path) -> None:
    store = recorded(make_model(), rows, tmp_path)
    moved = Encoded(rows[0].ids, rows[0].start + 1)
    with pytest.raises(SignalError, match="no recorded signal"):
        store.positions([moved])


def test_a_teacher_that_overflows_float16_is_refused(make_model, rows, tmp_path) -> None:
    teacher = make_model()
    with torch.no_grad():
        teacher.network.model.norm.weight.mul_(1e6)
    with pytest.raises(SignalError, match="not finite in float16"):
        collect(teacher, rows, tmp_path)
