"""Tiny tokenizers of the families that exist."""

from __future__ import annotations

from collections.abc import Sequence

from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

WORDS = (
    "Give 5 mg of naïve μ-agonist, not 12.5 mg; no hypertension without hypertensive crisis.",
    "Without fever and without a rash: 心臓 is the heart.",
)
MERGES = (
    ("h", "y"),
    ("hy", "p"),
    ("e", "r"),
    ("hyp", "er"),
    ("▁", "hyper"),
    ("m", "g"),
    ("▁", "mg"),
    ("▁", "n"),
    ("o", "t"),
)


def sentence_piece(*, prefix_space: bool = False, turn_marks: bool = True) -> PreTrainedTokenizerFast:
    """A SentencePiece-like vocabulary with byte fallback and Gemma's turn marks; few characters are known."""
    letters = sorted({*"abcdefghijklmnopqrstuvwxyzGW.,:;-0123456789", "▁"})
    pieces = ["<pad>", "<eos>", "<bos>", "<unk>", *(f"<0x{byte:02X}>" for byte in range(256)), *letters]
    pieces += ["".join(pair) for pair in MERGES]
    vocab = {piece: number for number, piece in enumerate(dict.fromkeys(pieces))}
    raw = Tokenizer(models.BPE(vocab, list(MERGES), unk_token="<unk>", byte_fallback=True, fuse_unk=True))
    parts: list[decoders.Decoder] = [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
    if prefix_space:
        raw.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
        parts.append(decoders.Strip(" ", 1, 0))
    else:
        raw.normalizer = normalizers.Replace(" ", "▁")
    raw.decoder = decoders.Sequence(parts)
    special = ["<pad>", "<eos>", "<bos>", *(["<start_of_turn>", "<end_of_turn>"] if turn_marks else [])]
    raw.add_special_tokens([AddedToken(mark, special=True, normalized=False) for mark in special])
    raw.add_tokens([AddedToken("\n\n", special=False, normalized=False)])
    return PreTrainedTokenizerFast(
        tokenizer_object=raw, eos_token="<eos>", bos_token="<bos>", pad_token="<pad>"
    )


def byte_level(
    vocab_size: int = 330,
    normalizer: normalizers.Normalizer | None = None,
    *,
    digits_apart: bool = True,
    words: Sequence[str] = WORDS,
) -> PreTrainedTokenizerFast:
    """A byte-level BPE with ChatML's turn marks."""
    raw = Tokenizer(models.BPE())
    if normalizer is not None:
        raw.normalizer = normalizer
    apart = [pre_tokenizers.Digits(individual_digits=True)] if digits_apart else []
    raw.pre_tokenizer = pre_tokenizers.Sequence([*apart, pre_tokenizers.ByteLevel(add_prefix_space=False)])
    raw.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        special_tokens=["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    raw.train_from_iterator(words, trainer)
    return PreTrainedTokenizerFast(tokenizer_object=raw, eos_token="<|im_end|>", pad_token="<|im_end|>")
