"""What a corpus costs on a cluster: tokens, floating-point operations, hours, bytes and money, from first principles.

``python benchmarks/scaling.py`` prints the tables of `docs/scaling.md`; every assumption is an option.
"""

from __future__ import annotations

import argparse
from typing import NamedTuple

from stillroom.signals.bits import packed_bytes
from stillroom.signals.hidden import HiddenFormat
from stillroom.signals.layers import layer_bytes
from stillroom.signals.top_k import TopKFormat

_RECORD_BYTES = 16 + 2 * 4
"""A record's name, and its two lengths."""
_HOUR = 3600
_TRAIN_PASSES = 3
"""A forward pass, and twice as much on the way back."""


class Decoder(NamedTuple):
    """The shape of a Llama-type network."""

    layers: int
    width: int
    kv_width: int
    inner: int
    vocab: int

    @property
    def matrix_weights(self) -> int:
        """Weights that every token is multiplied with, the output matrix apart."""
        attention = 2 * self.width * self.width + 2 * self.width * self.kv_width
        return self.layers * (attention + 3 * self.width * self.inner)

    def token_flop(self, length: int) -> float:
        """Operations of a forward pass for one token of a row of ``length``, without its logits.

        Two for each weight; and for each of the (length + 1) / 2 tokens that a token sees on average, four for each
        unit of width: its products with keys and with values.
        """
        return 2 * self.matrix_weights + self.layers * 4 * self.width * (length + 1) / 2

    @property
    def logits_flop(self) -> int:
        """Operations of one token's logits."""
        return 2 * self.vocab * self.width


LLAMA_8B = Decoder(layers=32, width=4096, kv_width=1024, inner=14336, vocab=128_256)
LLAMA_1B = Decoder(layers=16, width=2048, kv_width=512, inner=8192, vocab=128_256)


class Plan(NamedTuple):
    """What is assumed."""

    samples: int
    prompt_tokens: int
    response_tokens: int
    epochs: int
    bfloat16_tflops: float
    float32_tflops: float
    prefill_share: float
    train_share: float
    price: float

    @property
    def tokens(self) -> int:
        """Tokens that a network reads in one epoch."""
        return self.samples * (self.prompt_tokens + self.response_tokens)

    @property
    def responses(self) -> int:
        """Response tokens: those that have a target."""
        return self.samples * self.response_tokens

    def passes_flop(self, network: Decoder) -> float:
        """Operations of one forward pass over the corpus."""
        return self.tokens * network.token_flop(self.prompt_tokens + self.response_tokens)

    def logits_flop(self, network: Decoder) -> float:
        """Operations of the logits of every response token."""
        return self.responses * float(network.logits_flop)


def work(plan: Plan) -> list[tuple[str, float, float]]:
    """Each piece of work as its name, its operations and its GPU hours."""
    bf16, fp32 = plan.bfloat16_tflops * 1e12, plan.float32_tflops * 1e12
    learn = _TRAIN_PASSES * (plan.passes_flop(LLAMA_1B) + plan.logits_flop(LLAMA_1B))
    pieces = (
        ("teacher, hidden states", plan.passes_flop(LLAMA_8B), bf16 * plan.prefill_share),
        (
            "teacher, logits in float32 (sampled, top-k)",
            plan.logits_flop(LLAMA_8B),
            fp32 * plan.prefill_share,
        ),
        (f"student, {plan.epochs} epochs", plan.epochs * learn, bf16 * plan.train_share),
    )
    return [(name, flop, flop / rate / _HOUR) for name, flop, rate in pieces]


def cache_bytes(distinct: float, draws: int, classes: int) -> dict[str, float]:
    """Bytes of a response token by what is recorded, from the formats themselves.

    Args:
        distinct: different classes among a token's draws; 11.7 of 50 for the quickstart's teacher.
        draws: of a token.
        classes: k.
    """
    teacher, many = LLAMA_8B, 8  # eight tokens fill whole bytes
    id_bits = (teacher.vocab - 1).bit_length()
    return {
        f"sampled, {draws} draws": id_bits * distinct / 8 + packed_bytes(1, draws) + 2,
        f"top_k, k = {classes}": TopKFormat(teacher.vocab, classes, 1.0).most_bytes(many) / many,
        "hidden": HiddenFormat(teacher.width).most_bytes(1),
        "one mapped layer, float16": layer_bytes("float16", (1, 1, teacher.width)),
        "one mapped layer, int8": layer_bytes("int8", (1, 1, teacher.width)),
    }


def tables(plan: Plan, distinct: float, draws: int, classes: int) -> str:
    """The page's two tables."""
    lines = ["| work | operations | hours on 1 GPU | on 8 | on 64 | price |", "|---|---|---|---|---|---|"]
    lines += [
        f"| {name} | {flop:.2e} | {hours:.1f} | {hours / 8:.2f} | {hours / 64:.2f} | ${hours * plan.price:,.0f} |"
        for name, flop, hours in work(plan)
    ]
    lines += ["", "| recorded | bytes a response token | the corpus | read at 1 GB/s |", "|---|---|---|---|"]
    for name, size in cache_bytes(distinct, draws, classes).items():
        total = plan.responses * size + plan.samples * _RECORD_BYTES
        lines.append(f"| {name} | {size:,.1f} | {total / 1e9:,.0f} GB | {total / 1e9 / 60:,.1f} min |")
    return "\n".join(lines)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (
        ("samples", 1_500_000),
        ("prompt-tokens", 312),
        ("response-tokens", 200),
        ("epochs", 3),
        ("bfloat16-tflops", 989.0),
        ("float32-tflops", 67.0),
        ("prefill-share", 0.4),
        ("train-share", 0.35),
        ("price", 3.0),
        ("distinct", 11.7),
        ("draws", 50),
        ("classes", 64),
    ):
        parser.add_argument(f"--{name}", type=type(default), default=default, help=f"default {default}")
    given = vars(parser.parse_args())
    cache = {name: given.pop(name) for name in ("distinct", "draws", "classes")}
    print(tables(Plan(**given), **cache))


if __name__ == "__main__":
    main()
