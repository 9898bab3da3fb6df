"""Running the teacher once over the corpus and recording what it knows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor
from transformers import LlamaForCausalLM

from stillroom.models.language_model import LanguageModel
from stillroom.models.predictor import pad_right
from stillroom.signals.store import HIDDEN, INDEX_FILE, LAYERS, OUTPUT_MATRIX, TENSORS_FILE, content_key
from stillroom.types import Encoded, Progress, SignalError, silent
from stillroom.types.files import write_json

_BATCH_ROWS = 16


@torch.inference_mode()
def collect(
    teacher: LanguageModel,
    rows: Sequence[Encoded],
    folder: Path,
    *,
    layers: Sequence[int] = (),
    precision: torch.dtype = torch.float32,
    progress: Progress = silent,
) -> None:
    """Record the teacher's hidden states at the positions that predict response tokens.

    Args:
        teacher: the model that teaches.
        rows: the encoded training rows; duplicates are recorded once.
        folder: an existing folder to write ``signals.safetensors`` and ``index.json`` into.
        layers: teacher layers, counted from 0, whose output is recorded too.
        precision: format of the teacher's matrix products.
        progress: is told the rows done.

    Raises:
        SignalError: a hidden state is not finite or too large for float16.
    """
    unique = {content_key(row): row for row in rows}
    order = sorted(unique, key=lambda key: len(unique[key].ids))
    sizes = [len(unique[key].targets) for key in order]
    stops = np.cumsum(sizes)
    network = teacher.network.eval()
    width = network.config.hidden_size
    hidden = torch.empty(int(stops[-1]), width, dtype=torch.float16)
    mapped = torch.empty(len(layers), int(stops[-1]), width, dtype=torch.float16)
    done = 0
    for first in range(0, len(order), _BATCH_ROWS):
        batch = [unique[key] for key in order[first : first + _BATCH_ROWS]]
        states = _response_states(network, batch, layers, precision)
        span = slice(done, done + states.shape[1])
        hidden[span], mapped[:, span] = states[-1], states[:-1]
        done = span.stop
        progress("signals", first + len(batch), len(order))
    _refuse_overflow(hidden, mapped)
    output_matrix = network.lm_head.weight.detach().clone()
    save_file({HIDDEN: hidden, OUTPUT_MATRIX: output_matrix, LAYERS: mapped}, folder / TENSORS_FILE)
    spans = [[key, int(stop) - size, int(stop)] for key, size, stop in zip(order, sizes, stops, strict=True)]
    write_json(
        folder / INDEX_FILE, {"teacher": teacher.fingerprint(), "layers": list(layers), "spans": spans}
    )
    progress("signals", len(order), len(order))


def _response_states(
    network: LlamaForCausalLM, batch: Sequence[Encoded], layers: Sequence[int], precision: torch.dtype
) -> Tensor:
    """Return mapped layers' and last hidden states at response positions, shape ``(mapped + 1, positions, width)``."""
    ids = pad_right([row.ids for row in batch])
    with torch.autocast(ids.device.type, precision, enabled=precision != torch.float32):
        output = network.model(ids, use_cache=False, output_hidden_states=bool(layers))
    picked = [output.hidden_states[layer + 1] for layer in layers] + [output.last_hidden_state]
    stacked = torch.stack([states.float() for states in picked])
    pieces = [stacked[:, i, row.start - 1 : len(row.ids) - 1] for i, row in enumerate(batch)]
    return torch.cat(pieces, dim=1)


def _refuse_overflow(*states: Tensor) -> None:
    if not all(bool(torch.isfinite(tensor).all()) for tensor in states):
        raise SignalError(
            "the teacher's hidden states are not finite in float16",
            "finite values below 65,504",
            "check that the teacher is trained and healthy (`stillroom validate` measures it)",
        )
