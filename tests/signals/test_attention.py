"""Attention of chosen layers in three formats, recorded and live."""

from __future__ import annotations

import pytest
import torch

from signals.blocks import KINDS, settings
from stillroom.losses import LOSSES
from stillroom.models.attention import AttentionTap, spans, tappable
from stillroom.signals import LiveTeacher, collect
from stillroom.signals.attention import AttentionFormat
from stillroom.train.batches import collate
from stillroom.types import SignalError

LAYERS = (3, 1)
PRECISIONS = {"float16": 2**-10, "bfloat16": 2**-7, "uint8": 1 / 127}


def block(heads: str = "mean", precision: str = "float16") -> dict:
    return {"layers": LAYERS, "heads": heads, "precision": precision}


@pytest.fixture
def watched(teacher):
    """A teacher whose attention is peaked."""
    with torch.no_grad():
        for layer in teacher.network.model.layers:
            layer.self_attn.q_proj.weight.mul_(60.0)
    return teacher


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("heads", ["mean", "each"])
def test_it_is_the_teachers_attention(watched, rows, record, heads, precision) -> None:
    found = record(watched, rows, attention=block(heads, precision)).attention(rows[3:9])
    tap = AttentionTap(LAYERS, spans(rows[3:9]), mean_heads=heads == "mean")
    with tappable(watched.network), torch.no_grad():
        watched.network.model(collate(rows[3:9]).ids, attention_tap=tap)
    assert found.dtype == torch.float32
    assert found.shape == tap.maps().shape
    assert (found - tap.maps()).abs().max() <= PRECISIONS[precision]
    assert torch.equal(found == 0, tap.maps() == 0) or precision == "uint8"
    torch.testing.assert_close(found.sum(-1), torch.ones(found.shape[:-1]))


@pytest.mark.parametrize("targets", KINDS, ids=lambda targets: targets["kind"])
def test_live_and_recorded_are_the_same_beside_layers_and_any_targets(watched, rows, record, targets) -> None:
    store = record(watched, rows, targets, layers=(0, 2), attention=block())
    live = LiveTeacher(watched, settings(targets, attention=block()), layers=(0, 2))
    torch.testing.assert_close(live.attention(rows[:9]), store.attention(rows[:9]), rtol=0, atol=2**-11)
    torch.testing.assert_close(live.layers(rows[:9]), store.layers(rows[:9]), rtol=2**-10, atol=1e-6)
    assert store.teacher(rows[:9])[0].shape[0] == sum(len(row.targets) for row in rows[:9])


def test_it_fits_the_losses_without_a_mask(watched, make_model, rows, record) -> None:
    teacher = record(watched, rows, attention=block()).attention(rows[:9])
    tap = AttentionTap((0, 1), spans(rows[:9]), mean_heads=True)
    student = make_model(layers=2, seed=1).network
    with tappable(student):
        student.model(collate(rows[:9]).ids, attention_tap=tap)
    positions = teacher.shape[2]
    divergence = LOSSES["attention_kl"](tap.maps()[None], teacher[None])
    assert divergence.shape == (1, positions)
    apart = [
        LOSSES["attention_kl"](
            tap.maps()[None, :, :, place : place + 1], teacher[None, :, :, place : place + 1]
        )
        for place in range(positions)
    ]
    torch.testing.assert_close(divergence, torch.cat(apart, 1))
    assert LOSSES["attention_alignment"](tap.maps()[None], teacher[None]).shape == (1,)


def test_without_observed_layers_there_is_none(teacher, rows, record) -> None:
    assert record(teacher, rows).attention(rows) is None


@pytest.mark.parametrize("precision", PRECISIONS)
def test_a_sink_does_not_hide_small_probabilities(precision) -> None:
    """Most of the attention on the first token, the rest spread thin: within 6 % each, where linear steps give 0."""
    keys = 200
    maps = torch.full((1, 1, 1, keys), 0.1 / (keys - 1))
    maps[..., 0] = 0.9
    kept = AttentionFormat((0,), heads=1, mean=True, precision=precision)
    found = kept.decode(kept.encode(maps, keys), keys, 1)
    torch.testing.assert_close(found, maps, rtol=0.06, atol=0)


@pytest.mark.parametrize("precision", PRECISIONS)
def test_its_size_is_told_beforehand(precision) -> None:
    kept = AttentionFormat((0, 4), heads=3, mean=False, precision=precision)
    maps = torch.rand(2, 3, 5, 11).tril(6)
    assert kept.encode(maps, 7).numel() == kept.size_bytes(7, 5)


def test_a_layer_that_the_teacher_lacks_is_refused(teacher, rows, tmp_path) -> None:
    wrong = settings(attention={**block(), "layers": (1, 4)})
    with pytest.raises(SignalError, match=r"attention\.layers is \[1, 4\]; expected layers .* 0 to 3"):
        collect(teacher, rows, tmp_path, wrong)


def test_a_store_of_other_attention_is_refused(teacher, rows, tmp_path) -> None:
    collect(teacher, rows, tmp_path, settings(attention=block()))
    with pytest.raises(SignalError, match=r"recorded with attention .* expected attention None"):
        collect(teacher, rows, tmp_path, settings())
