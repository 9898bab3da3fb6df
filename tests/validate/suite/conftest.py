from __future__ import annotations

import pytest

from stillroom.validate.suite.results import SuiteResult
from suite_results import made_result


@pytest.fixture
def result() -> SuiteResult:
    return made_result()
