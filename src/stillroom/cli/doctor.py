"""``stillroom doctor``: whether this machine, or another, can run a recipe, and what to change where it cannot."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stillroom.cli.tables import print_findings, print_table

if TYPE_CHECKING:
    from stillroom.recipes.planning.diagnosis import Diagnosis
    from stillroom.recipes.planning.hardware import Hardware
    from stillroom.recipes.planning.plan import StagePlan

_GIB = 2**30


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: stillroom doctor quickstart train.tokens_per_pass=4096 --hardware a10")(
        doctor
    )


def doctor(
    recipe: Annotated[
        str | None,
        typer.Argument(
            metavar="[RECIPE]",
            help="A shipped recipe's name, or the path of a YAML file; none: look at this machine.",
        ),
    ] = None,
    overrides: Annotated[
        list[str] | None, typer.Argument(metavar="[KEY=VALUE]", help="Changes to the recipe.")
    ] = None,
    hardware: Annotated[
        str | None,
        typer.Option(
            "--hardware",
            metavar="NAME",
            help="cpu-2-24gib, t4x2, a10, h100, or a JSON file; by default this machine.",
        ),
    ] = None,
    measure: Annotated[
        bool, typer.Option("--measure", help="Measure this machine's speed again, as when it was busy.")
    ] = False,
    runs: Annotated[Path, typer.Option("--runs", metavar="DIR", help="Where run folders are kept.")] = Path(
        "runs"
    ),
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead.")] = False,
) -> None:
    """Say what stands in the way of a run, and what to do about it.

    With a recipe: memory, time and disk of every stage, predicted before anything is loaded; licences; and, if the
    recipe was run before, what its evidence and its training records tell. Exit code 1 if it cannot run.
    """
    if recipe is None:
        sound = _examine(runs, as_json=as_json)
    else:
        sound = _diagnose(recipe, overrides or [], _hardware(hardware, measure), runs, as_json=as_json)
    if not sound:
        raise typer.Exit(1)


def _examine(runs: Path, *, as_json: bool) -> bool:
    from stillroom.recipes.doctor import examine

    findings = list(examine(runs))
    if as_json:
        typer.echo(json.dumps([asdict(item) for item in findings], ensure_ascii=False, indent=2))
    else:
        print_findings(findings)
    return all(item.verdict != "problem" for item in findings)


def _diagnose(name: str, overrides: list[str], hardware: Hardware, runs: Path, *, as_json: bool) -> bool:
    from stillroom.recipes.loading import load_language
    from stillroom.recipes.planning.diagnosis import diagnose

    recipe = load_language(name, overrides)
    found = diagnose(recipe, hardware, runs / recipe.name)
    if as_json:
        typer.echo(json.dumps(found.to_dict(), ensure_ascii=False, indent=2))
    else:
        _print(found)
    return found.can_run


def _hardware(name: str | None, measure: bool) -> Hardware:
    from stillroom.recipes.planning.hardware import named_hardware
    from stillroom.recipes.planning.probe import this_machine

    return named_hardware(name) if name else this_machine(fresh=measure)


def _print(found: Diagnosis) -> None:
    plan, machine = found.plan, found.plan.hardware
    room = f"{machine.memory_bytes / _GIB:.0f} GiB"
    if machine.devices:
        room += f", {machine.devices} × {machine.device_memory_bytes / _GIB:.0f} GiB"
    typer.echo(f"{machine.name} ({machine.source}): {room}")
    print_table(("stage", "memory", "time", "disk", "verdict", "of which"), map(_row, plan.stages))
    typer.echo(
        f"all in one process: {plan.peak_bytes / _GIB:.2f} GiB, {_duration(plan.seconds)}, "
        f"{plan.disk_bytes / 1e9:.2f} GB on the disk"
    )
    print_findings(found.findings)


def _row(stage: StagePlan) -> tuple[str, ...]:
    memory = f"{stage.host_bytes / _GIB:.2f} GiB"
    if stage.device:
        memory += f" + {stage.device_bytes / _GIB:.2f} on each device"
    verdict = "fits" if stage.fits else "does not fit"
    disk = f"{stage.disk_bytes / 1e9:.2f} GB" if stage.disk_bytes else ""
    return stage.name, memory, _duration(stage.seconds), disk, verdict, ", ".join(_parts(stage))


def _parts(stage: StagePlan) -> Iterator[str]:
    """The parts that make a difference, the largest first."""
    parts = stage.device or stage.host
    total = sum(parts.values())
    for name, size in sorted(parts.items(), key=lambda item: -item[1]):
        if size >= 0.01 * total:
            yield f"{name} {size / _GIB:.2f}"


def _duration(seconds: float) -> str:
    """Write a time to the second, a long one to the minute.

    >>> _duration(75.4), _duration(90_000)
    ('0:01:15', '1 day, 1:00')
    """
    whole = timedelta(seconds=round(seconds))
    return str(whole) if seconds < 86_400 else str(whole).rpartition(":")[0]
