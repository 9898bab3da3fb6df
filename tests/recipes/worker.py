"""One process of a toy run: ``python -m recipes.worker RUN_DIR WHAT``, started as a launcher would.

Two stages that one process makes and one in which all take part; WHAT says who fails, and how, in the last one.
"""

from __future__ import annotations

import io
import os
import signal
import sys
import time
from pathlib import Path

import torch
from torch import distributed

from stillroom.recipes.followed import FollowedStages
from stillroom.recipes.processes import Leader, joined
from stillroom.recipes.stages import Stages
from stillroom.types import StillroomError, TrainError

REFUSED = TrainError("a toy that breaks", "a whole one", "mend it")


class SlowTerminal(io.StringIO):
    """Takes its time, so that the word of another's end comes while this process handles what that end broke."""

    def write(self, text: str) -> int:
        time.sleep(0.2)
        return os.write(2, text.encode())


def together(what: str, lead: bool) -> float:
    """Meet the other process in an exchange of tensors, unless this is the one that fails."""
    who, _, how = what.partition(" ")
    if who == ("first" if lead else "other"):
        if how == "refuses":
            raise REFUSED
        if how == "errs":
            raise ZeroDivisionError("Mrs Example, born 1950")
        os.kill(os.getpid(), signal.SIGKILL)
    total = torch.ones(1)
    distributed.all_reduce(total)
    return total.item()


def stages(run: Stages | FollowedStages, what: str, lead: bool) -> None:
    def quick(out: Path, work: Path) -> None:
        (out / "result.txt").write_text("one")

    def slow(out: Path, work: Path) -> None:
        time.sleep(0.5)

    def make(out: Path, work: Path) -> dict[str, float]:
        return {"processes": together(what, lead)}

    first = run.run("quick", {"rows": 5}, quick)
    run.run("slow", {}, slow, parents=[first])
    assert (first.path / "result.txt").read_text() == "one", "what the first process made can be read by all"
    run.run("shared", {}, make, parents=[first], join=lambda work: together(what, lead))


def main(run_dir: Path, what: str) -> None:
    with joined() as processes:
        lead = isinstance(processes, Leader)
        if isinstance(processes, Leader):
            with Stages(run_dir, announce=processes.tell) as made:
                stages(made, what, lead)
        else:
            stages(FollowedStages(run_dir, processes.hear), what, lead)
            processes.hear()
    sys.stdout.write("done\n")


if __name__ == "__main__":
    sys.stderr = SlowTerminal()
    try:
        main(Path(sys.argv[1]), sys.argv[2])
    except StillroomError as error:
        sys.exit(f"stillroom: {error}")
