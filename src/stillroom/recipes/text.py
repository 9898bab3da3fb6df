"""Recipe text to plain data and back: YAML without code, dates, octal or duplicate keys.

YAML 1.1 reads ``1e-3`` as text, ``no`` as false, ``012`` as 10 and ``1:30`` as 90. The loader here takes
the scalars of the YAML 1.2 core schema instead, so that a number is a number and a word is a word.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from typing import Any

import yaml

from stillroom.types import RecipeError

_TAG = "tag:yaml.org,2002:"
_SCALARS: tuple[tuple[str, str, str], ...] = (
    ("null", r"~|null|Null|NULL|", "~nN"),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]+", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("float", r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)", "-+."),
    ("merge", r"<<", "<"),
)


class _Loader(yaml.SafeLoader):
    """SafeLoader with the scalars of YAML 1.2; a key written twice is an error."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """Build a mapping, refusing a key that stands twice."""
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                problem = f"the key {key.value!r} stands twice"
                raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


for _name, _pattern, _first in _SCALARS:
    _Loader.add_implicit_resolver(_TAG + _name, re.compile(f"^(?:{_pattern})$"), [*_first])
_Loader.add_implicit_resolver(_TAG + "null", re.compile("^$"), [""])
_Loader.add_constructor(_TAG + "int", lambda _, node: int(node.value))


def parse(text: str, where: str) -> Any:
    r"""Read YAML text.

    Args:
        text: the YAML document.
        where: what to call it in an error, such as a file name.

    Raises:
        RecipeError: the text is not YAML, or a key stands twice; names the line.

    >>> parse("lr: 1e-3\nname: no", "example")
    {'lr': 0.001, 'name': 'no'}
    """
    try:
        return yaml.load(text, _Loader)  # noqa: S506 (a SafeLoader)
    except yaml.YAMLError as error:
        raise RecipeError(
            _problem(error, where), "YAML of plain keys and values", "mend that line"
        ) from error


def dump(data: Mapping[str, Any]) -> str:
    """Write data as YAML that :func:`parse` reads back unchanged.

    >>> print(dump({"name": "quickstart", "lr": 1e-05, "note": "1e-3"}), end="")
    name: quickstart
    lr: 1.0e-05
    note: "1e-3"
    """
    return yaml.dump(dict(data), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)


class _Dumper(yaml.SafeDumper):
    """SafeDumper that quotes every word which the loader would read as something else."""


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar(_TAG + "str", text, style=None if _reads_as_text(text) else '"')


def _reads_as_text(text: str) -> bool:
    return text.isprintable() and not any(re.fullmatch(pattern, text) for _, pattern, _ in _SCALARS)


_Dumper.add_representer(str, _represent_text)


def _problem(error: yaml.YAMLError, where: str) -> str:
    mark = getattr(error, "problem_mark", None)
    place = f"{where}, line {mark.line + 1}" if mark else where
    return f"{place}: {getattr(error, 'problem', None) or 'not YAML'}"
