"""From pydantic's list of problems to one line: path, what came, what was expected, what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from stillroom.types import RecipeError

_LONGEST_VALUE = 60
_EXPECTED = {
    "bool_type": "true or false",
    "float_type": "a number",
    "int_type": "a whole number",
    "model_type": "a block of keys",
    "string_type": "text",
    "tuple_type": "a list",
}


def recipe_error(
    error: ValidationError, model: type[BaseModel], data: Mapping[str, Any], where: str
) -> RecipeError:
    """Translate the first problem, and say how many others there are.

    An unknown key comes before all else: a misspelt key is often what makes another one missing.

    Args:
        error: what pydantic found.
        model: the model that the data was checked against.
        data: the data as it was read.
        where: what to call the recipe in the message.
    """
    found = _of_the_form_that_was_meant(error.errors(include_url=False))
    problems = sorted(found, key=lambda item: item["type"] != "extra_forbidden")
    first, others = problems[0], len(problems) - 1
    path = _path(first["loc"], data, first["type"] == "missing")
    got, expected, fix = _lines(first, path, model)
    more = f" ({others} more {'problem' if others == 1 else 'problems'})" if others else ""
    return RecipeError(f"{where}: {got}{more}", expected, fix)


def key_paths(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, str]]:
    """List every key of a model as ``(dotted path, meaning)``, a block before its keys."""
    for name, field in model.model_fields.items():
        yield prefix + name, field.description or ""
        for block in _blocks(field.annotation):
            yield from key_paths(block, f"{prefix}{name}.")


def suggest(path: str, model: type[BaseModel]) -> str:
    """Name the key that was probably meant: the same word in another block, or a near word in this one."""
    known = list(dict.fromkeys(name for name, _ in key_paths(model)))
    block, _, word = path.rpartition(".")
    elsewhere = [name for name in known if name.rpartition(".")[2] == word]
    siblings = {name.rpartition(".")[2]: name for name in known if name.rpartition(".")[0] == block}
    near = elsewhere or [siblings[name] for name in get_close_matches(word, siblings, n=1)]
    if near:
        return f"did you mean {' or '.join(map(repr, near))}?"
    return f"choose from {', '.join(sorted(siblings.values() or known))}"


def _of_the_form_that_was_meant(problems: Sequence[Any]) -> list[Any]:
    """Where a key takes a number or a block and a block was given, leave out that it is no number."""
    inside = {item["loc"][:-2] for item in problems}
    return [
        item
        for item in problems
        if not (
            isinstance(item["input"], Mapping) and item["type"] in _EXPECTED and item["loc"][:-1] in inside
        )
    ]


def _lines(problem: Mapping[str, Any], path: str, model: type[BaseModel]) -> tuple[str, str, str]:
    meaning = dict(key_paths(model)).get(path, "")
    if problem["type"] == "extra_forbidden":
        block = path.rpartition(".")[0]
        return (
            f"unknown key {path!r}",
            f"a key of {block!r}" if block else "a known block",
            suggest(path, model),
        )
    if problem["type"] == "missing":
        return f"no key {path!r}", meaning or "a value for it", f"add {path!r}"
    if problem["type"] == "union_tag_invalid":
        told = problem["ctx"]
        key = f"{path}.{told['discriminator'].strip(chr(39))}"
        return f"{key} = {told['tag']!r}", f"one of {told['expected_tags']}", f"change {key!r}"
    message = problem["msg"].removeprefix("Input should be ").removeprefix("Value error, ")
    expected = _EXPECTED.get(problem["type"], message)
    if not path:
        return "blocks that do not fit together", expected, "change one of them"
    got = f"{path} = {_short(problem['input'])}"
    return got, expected, f"change {path!r}{f' ({meaning})' if meaning else ''}"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"


def _path(loc: Sequence[int | str], data: Any, keep_last: bool) -> str:
    """Join the location, leaving out the tags that pydantic adds for the branch of a union."""
    parts, here = [], data
    for index, part in enumerate(loc):
        last_missing = keep_last and index == len(loc) - 1
        try:
            here = here[part]
        except (KeyError, IndexError, TypeError):
            if not last_missing:
                continue
        parts.append(str(part))
    return ".".join(parts)


def _blocks(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _blocks(inner)
