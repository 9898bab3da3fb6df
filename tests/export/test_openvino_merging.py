from __future__ import annotations

import numpy as np
import pytest

from stillroom.export.openvino_merging import take_whole
from stillroom.types import ExportError


def test_a_tokenizer_without_a_merging_step_is_refused() -> None:
    from openvino import Model
    from openvino import opset13 as ops

    number = ops.parameter([1], np.float32)
    with pytest.raises(ExportError, match=r"whose merging steps have \[\] inputs; expected one step with 18"):
        take_whole(Model([ops.relu(number)], [number]), {b"mmol": 1})
