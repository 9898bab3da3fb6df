from __future__ import annotations

import pytest

from stillroom.recipes.engines.ray_shared import SharedFolder
from stillroom.types import EngineError


def test_a_machine_that_sees_the_mark_sees_the_folder(tmp_path) -> None:
    with SharedFolder.marked(tmp_path) as shared:
        shared.require()
        assert shared.path.is_absolute()
    assert list(tmp_path.iterdir()) == []


def test_a_machine_that_does_not_is_named_in_one_line(tmp_path) -> None:
    with SharedFolder.marked(tmp_path) as shared:
        (tmp_path / shared.mark).unlink()
        with pytest.raises(
            EngineError, match=rf"does not see {tmp_path}; expected a file system that all"
        ) as told:
            shared.require()
        assert "\n" not in str(told.value)
