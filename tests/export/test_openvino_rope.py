from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from stillroom.export import Bundle
from stillroom.export.openvino_graph import GRAPH, openvino
from stillroom.export.openvino_rope import set_frequencies
from stillroom.export.rope import rope_frequencies
from stillroom.models import LanguageModel
from stillroom.types import ExportError


def graph(bundle: Bundle) -> Any:
    return openvino().Core().read_model(bundle.gguf_path("f16").with_name(GRAPH))


def constants(model: Any, size: int) -> list[np.ndarray]:
    found = [node for node in model.get_ops() if node.get_type_name() == "Constant"]
    return [node.get_data().ravel() for node in found if list(node.get_output_shape(0)) == [1, size, 1]]


@pytest.mark.parametrize("kind", ["bundle", "llama3_bundle"])
def test_a_bundle_s_graph_turns_as_its_network_does(
    kind: str, student: LanguageModel, llama3: LanguageModel, request: pytest.FixtureRequest
) -> None:
    network = (llama3 if kind == "llama3_bundle" else student).network
    held = constants(graph(request.getfixturevalue(kind)), 8)
    assert [array.dtype for array in held] == [np.float32]
    assert held[0] == pytest.approx(rope_frequencies(network.config), rel=1e-7)
    assert held[0] == pytest.approx(network.model.rotary_emb.inv_freq.numpy(), rel=2e-6)


def test_other_frequencies_take_their_place(bundle: Bundle) -> None:
    model = graph(bundle)
    set_frequencies(model, np.arange(8) / 8)
    set_frequencies(model, np.arange(8) / 4)
    assert [array.tolist() for array in constants(model, 8)] == [(np.arange(8) / 4).tolist()]


def test_another_number_of_frequencies_is_refused(bundle: Bundle) -> None:
    with pytest.raises(ExportError, match="a graph with 8 rotary frequencies; expected 4"):
        set_frequencies(graph(bundle), np.ones(4))


def test_a_graph_without_positions_is_refused() -> None:
    from openvino import Model
    from openvino import opset13 as ops

    number = ops.parameter([1], np.float32)
    with pytest.raises(ExportError, match="without rotary frequencies"):
        set_frequencies(Model([ops.relu(number)], [number]), np.ones(4))
