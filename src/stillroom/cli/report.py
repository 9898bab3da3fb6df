"""``stillroom report``: the stage's verb, and two runs on one page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stillroom.cli.verbs import stage_app

app = stage_app(
    "report", "write", "Run up to here: write the report and the model card. Or set two runs side by side."
)
_RUNS, _PAGE = Path("runs"), Path("comparison.html")


@app.command(epilog="Example: stillroom report compare quickstart soft-targets-cpu --output comparison.html")
def compare(
    first: Annotated[
        str, typer.Argument(metavar="A", help="A finished run's name, or the folder of a run or of evidence.")
    ],
    second: Annotated[str, typer.Argument(metavar="B", help="Another; differences are those of B minus A.")],
    runs: Annotated[Path, typer.Option("--runs", metavar="DIR", help="Where run folders are kept.")] = _RUNS,
    output: Annotated[
        Path, typer.Option("--output", metavar="FILE", help="The page; its data go beside it as JSON.")
    ] = _PAGE,
) -> None:
    """Set two runs side by side: verdicts, every shared figure with intervals, gates, recipes, costs.

    Differences are paired where both runs answered the same test items. What cannot be compared is shown, and said so.
    """
    from stillroom.recipes.comparing import compare_runs

    comparison = compare_runs(_folder(first, runs), _folder(second, runs), output)
    for ground in comparison.grounds:
        typer.echo(ground)
    typer.echo(f"page: {output}")


def _folder(name: str, runs: Path) -> Path:
    """A run of that name, or the folder itself."""
    return Path(name) if "/" in name or not (runs / name).is_dir() else runs / name
