"""Choose which layers of a teacher a student starts from: local search on the start's own cross-entropy.

    python benchmarks/choose_layers.py runs/quickstart --layers 10

Reads the adapted teacher and the training split of a run. Starting from the layers that change the hidden state
most (block influence, Men et al. 2024, arXiv:2403.03853), each layer in turn is exchanged for the one that lowers
the cross-entropy of response tokens most, until no exchange helps. Only training rows are used.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import torch
from torch import Tensor

from stillroom.data import encode_all
from stillroom.data.store import load_saved
from stillroom.models import LanguageModel
from stillroom.train.batches import Batch, collate


class Start:
    """Measures a choice of layers, keeping the hidden states of prefixes that were measured before."""

    def __init__(self, model: LanguageModel, batch: Batch) -> None:
        self._network, self._body, self._batch = model.network, model.network.model, batch
        embedded = self._body.embed_tokens(batch.ids)
        self._rotary = self._body.rotary_emb(embedded, torch.arange(batch.ids.shape[1])[None])
        self._states: dict[tuple[int, ...], Tensor] = {(): embedded}

    def cross_entropy(self, layers: Sequence[int]) -> float:
        """Mean cross-entropy of response tokens through these layers, in nats."""
        hidden = self._body.norm(self.hidden(tuple(layers))).flatten(0, 1)[self._batch.positions]
        logits = hidden @ self._network.lm_head.weight.T
        return float(torch.nn.functional.cross_entropy(logits, self._batch.targets))

    def hidden(self, layers: tuple[int, ...]) -> Tensor:
        """Hidden states after these layers."""
        if layers not in self._states:
            before = self.hidden(layers[:-1])
            layer = self._body.layers[layers[-1]]
            self._states[layers] = layer(before, position_embeddings=self._rotary, attention_mask=None)
        return self._states[layers]

    def forget(self) -> None:
        """Free the kept states."""
        self._states = {(): self._states[()]}


def influence(start: Start, depth: int) -> list[float]:
    """1 − cosine similarity of each layer's input and output, mean over tokens."""
    states = [start.hidden(tuple(range(count))).flatten(0, 1) for count in range(depth + 1)]
    pairs = pairwise(states)
    return [1.0 - float(torch.cosine_similarity(a, b, dim=-1).mean()) for a, b in pairs]


def search(start: Start, depth: int, count: int) -> tuple[list[int], float]:
    """Exchange one layer at a time for as long as it helps."""
    weights = influence(start, depth)
    best = sorted(sorted(range(depth), key=lambda layer: -weights[layer])[:count])
    lowest = start.cross_entropy(best)
    improved = True
    while improved:
        improved = False
        for index in range(count):
            start.forget()
            others = [layer for at, layer in enumerate(best) if at != index]
            for layer in set(range(depth)) - set(best):
                candidate = sorted([*others, layer])
                if (value := start.cross_entropy(candidate)) < lowest - 1e-3:
                    best, lowest, improved = candidate, value, True
            print(f"{lowest:.3f} {best}", flush=True)
    return best, lowest


@torch.inference_mode()
def main() -> None:
    """Search and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", type=Path, help="folder of a run whose teacher is done")
    parser.add_argument("--layers", type=int, default=10)
    parser.add_argument("--rows", type=int, default=16)
    options = parser.parse_args()
    model = LanguageModel.load(options.run / "teacher")
    corpus = load_saved(options.run / "corpus" / "corpus")
    rows = sorted(encode_all(corpus.splits["train"], model.tokenizer, 64).rows, key=lambda row: len(row.ids))
    middle = rows[len(rows) // 2 :][: options.rows]
    layers, value = search(
        Start(model, collate(middle)), model.network.config.num_hidden_layers, options.layers
    )
    print(f"layers: {layers}  # cross-entropy of the start {value:.3f} nats/token")


if __name__ == "__main__":
    main()
