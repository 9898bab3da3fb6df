"""Who is measured, on whose tokens."""

from __future__ import annotations

from collections.abc import Iterable

import torch

from stillroom.models import LanguageModel, TorchPredictor
from stillroom.models.decoder import output_matrix
from stillroom.signals.aligned_predictor import AlignedPredictor
from stillroom.signals.other_reader import read_alike
from stillroom.types import Predictor


def predictor_of(
    model: LanguageModel, student: LanguageModel, prompts: Iterable[str], precision: torch.dtype
) -> Predictor:
    """Measure a model on the student's rows, whatever its own tokenizer.

    Args:
        model: who is measured.
        student: whose rows they are.
        prompts: every prompt that rows begin with.
        precision: number format of matrix products.
    """
    plain = TorchPredictor(model, precision=precision)
    if read_alike(model.tokenizer, student.tokenizer):
        return plain
    vocab = output_matrix(student.network).shape[0]
    return AlignedPredictor(model, plain, student.tokenizer, prompts, vocab=vocab)
