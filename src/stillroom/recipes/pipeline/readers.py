"""Teacher and student may read with different tokenizers: who needs which, and how they meet."""

from __future__ import annotations

from transformers import PreTrainedTokenizerFast

from stillroom.data import encode_all
from stillroom.models import LanguageModel
from stillroom.models.decoder import output_matrix
from stillroom.models.tokenizer import load_tokenizer
from stillroom.recipes.pipeline.shared import Pipeline
from stillroom.recipes.pipeline.start import compared_layers, untrained
from stillroom.signals.other_reader import OtherReader, other_reader, read_alike
from stillroom.signals.recording import tokenizer_fingerprint
from stillroom.train.learner import wants_layers
from stillroom.types import Encoded


def student_tokenizer(run: Pipeline, teacher: LanguageModel) -> PreTrainedTokenizerFast:
    """The tokenizer that the student's rows are written in: the teacher's, or that of the model it starts from."""
    start = run.recipe.student.start_from
    return teacher.tokenizer if start is None else load_tokenizer(start)


def require_readable(run: Pipeline, teacher: LanguageModel) -> None:
    """Refuse, before anything is trained, a teacher that cannot teach a student of another tokenizer what is asked.

    Raises:
        SignalError: as :func:`other_reader_of`, which does the same work again when the signals are made.
    """
    other_reader_of(run, teacher)


def shown_rows(run: Pipeline, teacher: LanguageModel) -> tuple[Encoded, ...]:
    """The student's training and validation rows, which a teacher that reads alike is shown as they are.

    Its own conversation marks may be others; a record is found by the student's.
    """
    tokenizer = student_tokenizer(run, teacher)
    splits = (run.corpus.splits["train"], run.corpus.splits["validation"])
    return tuple(row for split in splits for row in encode_all(split, tokenizer, run.recipe.max_tokens).rows)


def signals_tokenizer(run: Pipeline, teacher: LanguageModel) -> str:
    """Fingerprint of the tokenizer of the recorded rows: the teacher's where both read alike, else the student's."""
    student = student_tokenizer(run, teacher)
    return tokenizer_fingerprint(teacher.tokenizer if read_alike(student, teacher.tokenizer) else student)


def other_reader_of(run: Pipeline, teacher: LanguageModel) -> OtherReader | None:
    """How the teacher reads the student's training and validation rows; None where it reads the same tokens.

    Raises:
        SignalError: the objective compares attention, which lies at other positions; or the two tokenizers do not fit.
        ModelError: the objective compares layers that do not fit.
    """
    if read_alike(student_tokenizer(run, teacher), teacher.tokenizer):
        return None
    student = untrained(run, teacher).model
    splits = [run.encoded(student, split) for split in ("train", "validation")]
    return other_reader(
        teacher,
        student.tokenizer,
        [example for split in splits for example in split.examples],
        [row for split in splits for row in split.rows],
        run.recipe.signals,
        vocab=output_matrix(student.network).shape[0],
        layers=compared_layers(run, teacher) if wants_layers(run.recipe.objective) else (),
        temperature=run.recipe.objective.constant_temperature or 1.0,
    )
