"""How a teacher reads what its student reads in other tokens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stillroom.data.pairs import Pair, Paired, pair_all
from stillroom.data.spelling import Spelling
from stillroom.data.turns import Turns
from stillroom.data.vocabulary_map import Splitter, VocabularyMap
from stillroom.models.language_model import LanguageModel
from stillroom.signals.carry import Carrier
from stillroom.signals.content import content_key
from stillroom.signals.recording import Recording, tokenizer_fingerprint
from stillroom.signals.settings import SignalSettings, TopKTargets
from stillroom.types import Encoded, Example, SignalError

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

_MOST_UNPAIRED = 0.05


@dataclass(frozen=True, slots=True)
class OtherReader:
    """Rows of a student, and how a teacher with another tokenizer reads the same examples.

    Attributes:
        rows: the student's.
        recording: what is kept of each.
        carrier: carries the teacher's distributions to the student's positions.
        pairs: by content key of the student's row; None where the two do not read the same.
        paired: the same in the rows' order, with the reasons.
    """

    rows: tuple[Encoded, ...]
    recording: Recording
    carrier: Carrier
    pairs: Mapping[str, Pair | None]
    paired: Paired


def read_alike(left: PreTrainedTokenizerFast, right: PreTrainedTokenizerFast) -> bool:
    """Whether each token stands for the same text in both, and answers end alike; names of special tokens may differ.

    Raises:
        ModelError: the vocabularies differ and a tokenizer loses bytes.
        DataError: they differ and a tokenizer has no chat template.
    """
    if tokenizer_fingerprint(left) == tokenizer_fingerprint(right):
        return True
    return Spelling.of(left) == Spelling.of(right) and Turns.of(left).end == Turns.of(right).end


def carrier_between(teacher: LanguageModel, tokenizer: PreTrainedTokenizerFast, vocab: int) -> Carrier:
    """Map a teacher's vocabulary to a student's.

    Whatever special token the teacher's tokenizer, turns or configuration call an end is carried to the student's end.

    Args:
        teacher: the model that teaches.
        tokenizer: the student's.
        vocab: classes of the student's output.

    Raises:
        ModelError: a tokenizer that loses bytes.
        DataError: a tokenizer without a chat template.
    """
    theirs, mine = Spelling.of(teacher.tokenizer), Splitter.of(tokenizer)
    ends = {number for number in _ends(teacher) if theirs.pieces[number] is None}
    table = VocabularyMap.between(theirs, mine, ends=ends, end=Turns.of(tokenizer).end)
    return Carrier(theirs, mine, table, vocab)


def _ends(teacher: LanguageModel) -> Iterator[int]:
    network = teacher.network
    yield Turns.of(teacher.tokenizer).end
    for said in (
        teacher.tokenizer.eos_token_id,
        network.config.eos_token_id,
        network.generation_config.eos_token_id,
    ):
        yield from said if isinstance(said, list) else [] if said is None else [said]


def other_reader(
    teacher: LanguageModel,
    tokenizer: PreTrainedTokenizerFast,
    examples: Sequence[Example],
    rows: Sequence[Encoded],
    settings: SignalSettings,
    *,
    vocab: int,
    layers: Sequence[int] = (),
    temperature: float = 1.0,
) -> OtherReader:
    """Pair examples for a teacher with another tokenizer.

    Args:
        teacher: the model that teaches.
        tokenizer: the student's.
        examples: what the rows were encoded from.
        rows: in the student's tokens.
        settings: targets of kind ``top_k``.
        vocab: classes of the student's output.
        layers: teacher layers, counted from 0, whose hidden states are wanted where both have spelled the same text.
        temperature: τ of the loss.

    Raises:
        SignalError: another kind of targets, attention is to be recorded, or more than 1 row in 20 cannot be paired.
        ModelError: a tokenizer that loses bytes.
        DataError: a tokenizer without a chat template.
    """
    targets = _top_k_or_refuse(settings, vocab)
    carrier = carrier_between(teacher, tokenizer, vocab)
    paired = pair_all(
        examples,
        rows,
        carrier.student.spelling,
        carrier.teacher,
        teacher.tokenizer,
        window=teacher.network.config.max_position_embeddings,
    )
    _enough_or_refuse(paired)
    recording = Recording(
        teacher=teacher.fingerprint(),
        tokenizer=tokenizer_fingerprint(tokenizer),
        width=teacher.network.config.hidden_size,
        vocab=vocab,
        targets={**targets.model_dump(), "teacher_tokenizer": tokenizer_fingerprint(teacher.tokenizer)},
        temperature=temperature,
        seed=None,
        layers=tuple(layers),
        layer_format=settings.layer_format,
    )
    pairs = {content_key(row): pair for row, pair in zip(rows, paired.pairs, strict=True)}
    return OtherReader(tuple(rows), recording, carrier, pairs, paired)


def _top_k_or_refuse(settings: SignalSettings, vocab: int) -> TopKTargets:
    targets = settings.targets
    if not isinstance(targets, TopKTargets) or settings.attention is not None:
        raise SignalError(
            f"signals.targets.kind is {targets.kind!r}, attention {'kept' if settings.attention else 'not kept'}, and "
            "the teacher has another tokenizer than the student",
            "kind 'top_k' and no attention: the teacher's last states and maps lie at other positions",
            "set signals.targets to {kind: top_k, classes: 64} and signals.attention to null",
        )
    if targets.classes >= vocab:
        raise SignalError(
            f"signals.targets.classes is {targets.classes}",
            f"at most {vocab - 1}, one less than the student's vocabulary",
            "lower it",
        )
    return targets


def _enough_or_refuse(paired: Paired) -> None:
    lost, rows = paired.troubles.total(), len(paired.pairs)
    if lost > _MOST_UNPAIRED * rows:
        reasons = ", ".join(f"{reason}: {count}" for reason, count in sorted(paired.troubles.items()))
        raise SignalError(
            f"the teacher cannot read {lost} of {rows} rows as the student does ({reasons})",
            f"at most {_MOST_UNPAIRED:.0%} of them",
            "choose a teacher whose tokenizer keeps the text, or shorter examples",
        )
