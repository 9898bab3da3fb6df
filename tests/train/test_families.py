"""Decoders of every family learn, and teach, as the formulas say."""

from __future__ import annotations

import pytest
import torch
from torch.nn.functional import cross_entropy

from models.families import FAMILIES, language_model
from signals.blocks import HIDDEN, settings
from stillroom.models import StudentSettings
from stillroom.models.student import cut_student, student_layer_map
from stillroom.signals import LiveTeacher
from stillroom.train import HARD_LABELS, ObjectiveSettings
from stillroom.train.batches import collate, pack
from stillroom.train.learner import Learner

pytestmark = pytest.mark.parametrize("family", FAMILIES)
SOFT = ObjectiveSettings(alpha=0.7, divergence="forward_kl", temperature=2.0, hidden_weight=0.5)


@pytest.mark.parametrize("arrange", [collate, pack])
def test_the_hard_label_loss_is_that_of_each_row_alone(family: str, tokenizer, rows, arrange) -> None:
    network = language_model(family, tokenizer, num_hidden_layers=2).network
    found = Learner(network, HARD_LABELS)(arrange(rows[:8])).total
    alone = [
        cross_entropy(
            network(torch.from_numpy(row.ids)[None]).logits[0, row.start - 1 : -1],
            torch.from_numpy(row.targets),
            reduction="sum",
        )
        for row in rows[:8]
    ]
    torch.testing.assert_close(found, sum(alone), rtol=1e-4, atol=1e-3)


def test_a_student_cut_from_its_teacher_follows_the_formula(family: str, tokenizer, rows) -> None:
    teacher = language_model(family, tokenizer)
    block = StudentSettings.model_validate({"layers": (0, 2, 5)})
    cut = cut_student(teacher, block)
    mapped = student_layer_map(cut.layers, 6, block)
    source = LiveTeacher(teacher, settings(HIDDEN), layers=mapped.teacher, temperature=2.0)
    found = Learner(cut.model.network, SOFT, source)(collate(rows[:4])).total
    torch.testing.assert_close(
        found, by_hand(cut.model, teacher, mapped.teacher, rows[:4]), rtol=2e-3, atol=1e-2
    )


def by_hand(student, teacher, layers, rows) -> torch.Tensor:
    """α·τ²·KL + (1−α)·CE + γ·relative hidden error, row by row from logits and hidden states in float64."""
    total = torch.zeros(())
    for row in rows:
        ids, at = torch.from_numpy(row.ids)[None], slice(row.start - 1, len(row.ids) - 1)
        (mine, own), (theirs, its) = (
            (out.logits[0, at].double(), out.hidden_states)
            for out in (model.network(ids, output_hidden_states=True) for model in (student, teacher))
        )
        soft = (theirs / 2.0).softmax(-1)
        kl = (soft * ((theirs / 2.0).log_softmax(-1) - (mine / 2.0).log_softmax(-1))).sum()
        hard = cross_entropy(mine, torch.from_numpy(row.targets), reduction="sum")
        apart = [
            ((own[k + 1][0, at] - its[layer + 1][0, at]) ** 2).sum(-1) / (its[layer + 1][0, at] ** 2).sum(-1)
            for k, layer in enumerate(layers)
        ]
        total = total + 0.7 * 4.0 * kl + 0.3 * hard + 0.5 * torch.stack(apart).mean(0).sum()
    return total.float()
