"""A stage's verb that has verbs of its own."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup

from stillroom.cli.run import add_verb


def stage_app(stage: str, verb: str, help: str) -> typer.Typer:
    """Make the commands of a stage: what is the name of none of them is a recipe, which is run up to the stage.

    Args:
        stage: the stage.
        verb: the command that runs it, whose name may be left out.
        help: what the commands do.
    """

    class _Verb(TyperGroup):
        def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
            if args and args[0] not in {*self.commands, *self.get_help_option_names(ctx)}:
                args = [verb, *args]
            return super().parse_args(ctx, args)

    app = typer.Typer(
        cls=_Verb, help=help, epilog=f"Example: stillroom {stage} quickstart", no_args_is_help=True
    )
    add_verb(app, stage, name=verb)
    return app
