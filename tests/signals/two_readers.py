"""A teacher and a student of other tokenizers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from data.vocabularies import sentence_piece
from signals.blocks import settings
from stillroom.data import EncodedExamples, encode_all
from stillroom.models import LanguageModel
from stillroom.signals.other_reader import OtherReader, other_reader
from stillroom.types import Example

TOP = {"kind": "top_k", "classes": 60}
RESPONSES = ("hypertension, not 12.5 mg", "5 mg/dL: naïve heart 心臓", "no rash", "Seizure. fits")


@dataclass
class Case:
    """A teacher and a student of other tokenizers, and examples in the student's tokens."""

    teacher: LanguageModel
    student: LanguageModel
    encoded: EncodedExamples

    def reader(
        self, block: dict[str, Any] = TOP, layers: tuple[int, ...] = (), **options: Any
    ) -> OtherReader:
        tokenizer: Any = self.student.tokenizer
        return other_reader(
            self.teacher,
            tokenizer,
            self.encoded.examples,
            self.encoded.rows,
            settings(block, **options),
            vocab=len(tokenizer),
            layers=layers,
        )


def network(tokenizer: PreTrainedTokenizerFast) -> LlamaForCausalLM:
    torch.manual_seed(1)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=2,
        max_position_embeddings=120,
        tie_word_embeddings=True,
    )
    made = LlamaForCausalLM(config).float()
    with torch.no_grad():
        made.model.norm.weight.mul_(60.0)
    return made


def made(student: LanguageModel) -> Case:
    """A random teacher with another tokenizer for a student."""
    other = sentence_piece()
    examples = [
        Example(f"e{n}", f"What is {n}?", text, "k", "s", "basic", "g") for n, text in enumerate(RESPONSES)
    ]
    tokenizer: Any = student.tokenizer
    teacher = LanguageModel(network(other), other, ())
    return Case(teacher, student, encode_all(examples, tokenizer, 999))
