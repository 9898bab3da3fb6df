from __future__ import annotations

from collections.abc import Sequence

import pytest

from stillroom.export import Bundle, Speed, TorchDecoder, measure_speed, measure_throughput
from stillroom.models import LanguageModel, TorchPredictor


class Clockwork:
    """Takes 2 s to read a prompt and a quarter of a second for a token, on its own clock."""

    def __init__(self) -> None:
        self.now, self.prompts, self.tokens = 0.0, 0, 0

    def prefill(self, prompt: Sequence[int]) -> int:
        self.now, self.prompts = self.now + 2.0, self.prompts + 1
        return 0

    def decode(self, token: int) -> int:
        self.now, self.tokens = self.now + 0.25, self.tokens + 1
        return token

    def prefill_many(self, prompts: Sequence[Sequence[int]]) -> list[int]:
        return [self.prefill(prompts[0])] * len(prompts)

    def decode_many(self, tokens: Sequence[int]) -> list[int]:
        return [self.decode(tokens[0])] * len(tokens)


def test_each_repeat_is_timed_and_the_first_round_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    clockwork = Clockwork()
    monkeypatch.setattr("stillroom.export.speed.perf_counter", lambda: clockwork.now)
    speed = measure_speed(clockwork, [1, 2, 3], decode_tokens=8, repeats=2)
    assert speed == Speed((2000.0, 2000.0), 3, (4.0, 4.0), 8, (250.0,) * 16)
    assert (clockwork.prompts, clockwork.tokens) == (3, 3 * 8)


def test_throughput_counts_reading_and_leaves_the_first_round_out(monkeypatch: pytest.MonkeyPatch) -> None:
    clockwork = Clockwork()
    monkeypatch.setattr("stillroom.export.speed.perf_counter", lambda: clockwork.now)
    rates = measure_throughput(clockwork, [1, 2, 3], batch=8, decode_tokens=9, repeats=2)
    assert rates == (8 * 9 / 4.0,) * 2
    assert clockwork.prompts == 3


def test_a_batch_writes_what_each_of_it_writes_alone(student: LanguageModel, bundle: Bundle) -> None:
    prompts = [[5, 6, 7], [9, 8, 30], [40, 41, 42]]
    for decoder in (TorchDecoder(student.network), bundle.predictor("f16")):
        alone = []
        for prompt in prompts:
            tokens = [decoder.prefill(prompt)]
            tokens += [decoder.decode(tokens[-1])]
            alone.append([*tokens, decoder.decode(tokens[-1])])
        many = [decoder.prefill_many(prompts)]
        many += [decoder.decode_many(many[-1])]
        many += [decoder.decode_many(many[-1])]
        assert [list(tokens) for tokens in zip(*many, strict=True)] == alone


def test_pytorch_decodes_token_by_token_what_it_generates(student: LanguageModel) -> None:
    prompt = student.tokenizer("Define Seizure.")["input_ids"]
    decoder = TorchDecoder(student.network)
    tokens = [decoder.prefill(prompt)]
    for _ in range(5):
        tokens.append(decoder.decode(tokens[-1]))
    (wanted,) = TorchPredictor(student).generate([prompt], 6)
    assert tokens[: len(wanted)] == wanted


def test_a_new_prompt_forgets_the_last_one(student: LanguageModel) -> None:
    decoder = TorchDecoder(student.network)
    first = decoder.prefill([5, 6, 7])
    decoder.decode(9)
    assert decoder.prefill([5, 6, 7]) == first
