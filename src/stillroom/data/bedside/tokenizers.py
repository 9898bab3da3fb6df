"""The tokenizer that a student of tagged texts has for itself."""

from __future__ import annotations

from collections.abc import Iterable

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

_SPECIAL = ("[PAD]", "[UNK]")
FEWEST_PIECES = len(_SPECIAL) + 256
"""The bytes alone: with no more pieces a student reads characters."""
_LEAST_PAIRS = 2


def own_tokenizer(size: int, texts: Iterable[str]) -> Tokenizer:
    """Learn byte pairs within words; equal texts give an equal tokenizer. Capitals are kept, and no text is unknown.

    Args:
        size: most pieces, at least ``FEWEST_PIECES``.
        texts: of the training split alone.

    Source: Sennrich et al. 2016 (arXiv:1508.07909), over the bytes of UTF-8.

    >>> own_tokenizer(FEWEST_PIECES, []).encode("a β").offsets
    [(0, 1), (0, 1), (2, 3), (2, 3), (2, 3)]
    """
    tokenizer = Tokenizer(models.BPE(unk_token=_SPECIAL[1]))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.BertPreTokenizer(), pre_tokenizers.ByteLevel(add_prefix_space=True, use_regex=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        min_frequency=_LEAST_PAIRS,
        special_tokens=list(_SPECIAL),
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer
