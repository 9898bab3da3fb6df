"""Tokens that OpenVINO is to find whole before it merges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stillroom.types import ExportError

_PIECES, _ADDED, _INPUTS = 2, 14, 18
"""Of a merging step: first input about pieces of text, first about tokens that are not merged, number of inputs."""

_MARK = b"\xff"
"""A byte that no text in UTF-8 holds."""

Strings = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.uint8]]
"""Begins and ends of strings, and the bytes of all."""


def take_whole(model: Any, tokens: Mapping[bytes, int]) -> None:
    """Let a tokenizer's merging step, which cannot ignore its merges, find some pieces of text as tokens.

    Such a piece is read from a table instead, behind a mark; marked pieces are added to the tokens that are not merged.

    Args:
        model: the tokenizer; changed in place.
        tokens: ids by the piece that each stands for.

    Raises:
        ExportError: the tokenizer has another merging step than is known.
    """
    step = _merging_step(model)
    marked = {_MARK + piece: number for piece, number in tokens.items()}
    _read_from_table(step, _place(step, list(tokens)), _strings(list(marked)))
    _add(step, marked)


def _merging_step(model: Any) -> Any:
    found = [node for node in model.get_ordered_ops() if node.get_type_name() == "BPETokenizer"]
    if len(found) != 1 or found[0].get_input_size() != _INPUTS:
        raise ExportError(
            f"OpenVINO made a tokenizer whose merging steps have {[node.get_input_size() for node in found]} inputs",
            f"one step with {_INPUTS}",
            "use the OpenVINO of the constraints file",
        )
    return found[0]


def _place(step: Any, pieces: Sequence[bytes]) -> Any:
    """Where each piece of the text stands among the given ones; -1 if nowhere."""
    from openvino import opset13 as ops
    from openvino_tokenizers import _get_factory

    text = [step.input_value(_PIECES + number) for number in range(3)]
    table = [*_strings(pieces), np.arange(len(pieces), dtype=np.int32), np.int32(-1)]
    return _get_factory().create("VocabEncoder", [*text, *(ops.constant(part).output(0) for part in table)])


def _read_from_table(step: Any, place: Any, table: Strings) -> None:
    """Append the table to the text, and move begins and ends of the pieces that stand in it."""
    from openvino import opset13 as ops

    *bounds, letters = (step.input_value(_PIECES + number) for number in range(3))
    end_of_text = ops.convert(ops.shape_of(letters), "i32")
    row, absent = ops.maximum(place, np.int32(0)), ops.less(place, np.int32(0))
    for number, (old, places) in enumerate(zip(bounds, table[:2], strict=True)):
        moved = ops.add(ops.gather(ops.constant(places), row, np.int32(0)), end_of_text)
        step.input(_PIECES + number).replace_source_output(ops.select(absent, old, moved).output(0))
    whole = ops.concat([letters, ops.constant(table[2]).output(0)], axis=0)
    step.input(_PIECES + 2).replace_source_output(whole.output(0))


def _add(step: Any, tokens: Mapping[bytes, int]) -> None:
    """Extend the tokens that a merging step takes as they are."""
    from openvino import opset13 as ops

    held = [step.input_value(number).get_node().get_data() for number in range(_ADDED, _INPUTS)]
    begins, ends, letters = _strings(list(tokens))
    new = begins + held[2].size, ends + held[2].size, letters, np.array(list(tokens.values()))
    for number, (old, more) in enumerate(zip(held, new, strict=True), start=_ADDED):
        both = ops.constant(np.concatenate([old, more]).astype(old.dtype))
        step.input(number).replace_source_output(both.output(0))


def _strings(strings: Sequence[bytes]) -> Strings:
    ends = np.cumsum([len(string) for string in strings], dtype=np.int32)
    return np.append(np.int32(0), ends[:-1]), ends, np.frombuffer(b"".join(strings), dtype=np.uint8)
