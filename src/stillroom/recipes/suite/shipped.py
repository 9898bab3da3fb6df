"""The files of the suite, read and checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from stillroom.recipes.problems import recipe_error
from stillroom.recipes.suite.settings import Method, Rules, SuiteTask
from stillroom.recipes.text import parse
from stillroom.types import RecipeError, Settings, did_you_mean
from stillroom.types.files import fingerprint

_SUFFIX = ".yaml"

Block = TypeVar("Block", bound=Settings)


@dataclass(frozen=True)
class Suite:
    """Everything that the suite fixes.

    Attributes:
        rules: what holds for every task and method.
        tasks: by name.
        methods: by name, the control first.
        asked: tasks that are to be run; the others are told as left out.
    """

    rules: Rules
    tasks: Mapping[str, SuiteTask]
    methods: Mapping[str, Method]
    asked: frozenset[str] | None = None

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over rules, tasks and methods."""
        return fingerprint(
            {
                "rules": self.rules.model_dump(mode="json"),
                "tasks": {name: task.model_dump(mode="json") for name, task in self.tasks.items()},
                "methods": {name: method.model_dump(mode="json") for name, method in self.methods.items()},
            }
        )

    def narrowed(self, tasks: Sequence[str], methods: Sequence[str]) -> Suite:
        """Ask for some tasks, and keep some methods beside the control; all where none is named.

        Raises:
            RecipeError: there is none of that name.
        """
        wanted = [self.rules.control, *methods] if methods else self.methods
        asked = frozenset(_named("task", self.tasks, tasks)) if tasks else None
        return Suite(self.rules, self.tasks, _named("method", self.methods, wanted), asked)


def load_suite(method_files: Sequence[Path] = ()) -> Suite:
    """Read the shipped suite, and method files of one's own beside it.

    Raises:
        RecipeError: a file is not what it should be, or a method has a name that is taken.

    >>> suite = load_suite()
    >>> suite.rules.name, "icu-mortality" in suite.tasks, next(iter(suite.methods))
    ('MedDistillBench', True, 'hard-labels')
    """
    folder = files("stillroom.recipes.suite")
    rules = _read(folder / f"suite{_SUFFIX}", Rules)
    methods = _folder(folder / "methods", Method)
    for path in method_files:
        if path.stem in methods:
            raise RecipeError(f"a second method {path.stem!r}: {path}", "a new name", "rename the file")
        methods[path.stem] = _read(path, Method)
    ordered = {rules.control: methods[rules.control], **methods}
    return Suite(rules, _folder(folder / "tasks", SuiteTask), ordered)


def _folder(folder: Traversable, model: type[Block]) -> dict[str, Block]:
    paths = sorted((path for path in folder.iterdir() if path.name.endswith(_SUFFIX)), key=lambda p: p.name)
    return {path.name.removesuffix(_SUFFIX): _read(path, model) for path in paths}


def _read(path: Traversable | Path, model: type[Block]) -> Block:
    where = f"suite file {path}"
    try:
        data = parse(path.read_text(encoding="utf-8"), where)
    except (OSError, UnicodeDecodeError) as error:
        raise RecipeError(f"cannot read {where}", "a YAML file", "correct the path") from error
    if not isinstance(data, Mapping):
        raise RecipeError(f"{where} holds {type(data).__name__}", "keys and values", "see CONTRIBUTING.md")
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise recipe_error(error, model, data, where) from None


def _named(what: str, known: Mapping[str, Block], names: Iterable[str]) -> dict[str, Block]:
    for name in names:
        if name not in known:
            raise RecipeError(f"unknown {what} {name!r}", f"a {what} of the suite", did_you_mean(name, known))
    return {name: known[name] for name in names}
