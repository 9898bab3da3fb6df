"""Energy from counters that are read, and the estimate where they cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from stillroom.validate.efficiency.energy import WATTS_PER_CORE, counters, metered, spent


def zone(folder: Path, name: str, microjoules: str, most: int = 1_000_000) -> Path:
    path = folder / name
    path.mkdir()
    (path / "energy_uj").write_text(microjoules)
    (path / "max_energy_range_uj").write_text(str(most))
    return path


def test_counters_are_those_of_whole_packages(tmp_path: Path) -> None:
    zone(tmp_path, "intel-rapl:0", "100\n")
    zone(tmp_path, "intel-rapl:0:0", "40")
    zone(tmp_path, "intel-rapl:1", "7")
    assert counters(tmp_path) == {"intel-rapl:0": 100, "intel-rapl:1": 7}


def test_work_is_charged_what_the_counters_moved(tmp_path: Path) -> None:
    package = zone(tmp_path, "intel-rapl:0", "100")
    result, energy = metered(lambda: (package / "energy_uj").write_text("2500100"), powercap=tmp_path)
    assert result == 7
    assert (energy.source, energy.joules) == ("measured", pytest.approx(2.5 % 1))


def test_a_counter_that_went_round_is_not_negative() -> None:
    assert spent({"a": 990, "b": 0}, {"a": 10, "b": 5}, {"a": 1000, "b": 1000}) == pytest.approx(25e-6)


@pytest.mark.parametrize("content", ["", "not a number"])
def test_a_counter_that_cannot_be_read_leads_to_an_estimate(tmp_path: Path, content: str) -> None:
    zone(tmp_path, "intel-rapl:0", content)
    _, energy = metered(lambda: None, powercap=tmp_path)
    assert energy.source == "estimated"


def test_the_estimate_follows_the_cores_that_were_busy(tmp_path: Path) -> None:
    def work() -> int:
        return sum(range(4_000_000))

    _, energy = metered(work, powercap=tmp_path)
    assert energy.source == "estimated"
    assert 0 < energy.joules <= 1.2 * WATTS_PER_CORE * energy.seconds
