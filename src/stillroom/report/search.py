"""The page of a search: which students were tried, and those that none is better than."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from markupsafe import Markup

from stillroom.report.format import significant
from stillroom.report.page import Report
from stillroom.report.svg import COLOURS, figure, line, scale_for, tag, text, tick_label

_WIDTH, _HEIGHT, _LEFT, _TOP, _BOTTOM = 700, 340, 60, 40, 56
_ON_FRONT, _BEHIND = COLOURS["student"], COLOURS["student_untrained"]
_COSTS = (("answer_ms", "ms for an answer"), ("memory_mib", "MiB for an answer"))


def render_search(name: str, found: Mapping[str, Any]) -> Report:
    """Draw a search.

    Args:
        name: of the recipe.
        found: as :meth:`stillroom.recipes.search.result.Search.to_dict` writes it.
    """
    style = (files("stillroom.report") / "templates" / "report.css").read_text(encoding="utf-8")
    pictures = Markup("").join(tag("figure", pareto(found, *cost)) for cost in _COSTS)
    page = Markup(
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        "<title>Search: {name}</title><style>{style}</style></head><body><main><h1>Students of {name}</h1>"
        '<p class="lead">Each was measured untrained on this machine, on one core; those within the budget were '
        "trained and judged on validation data. The test split was not touched. {budget}</p>{pictures}{table}"
        "</main></body></html>\n"
    ).format(
        name=name,
        style=Markup(style),  # noqa: S704 - our own file
        budget=_budget(found),
        pictures=pictures,
        table=_table(found),
    )
    return Report(str(page))


def pareto(found: Mapping[str, Any], cost: str, axis: str) -> Markup:
    """Validation loss against a cost; the students that none is better than are joined to a front."""
    trained = [one for one in found["tried"] if one["loss"] is not None]
    title = f"Validation loss against {axis}"
    if not trained:
        return figure(f"pareto-{cost}", _WIDTH, 30, title, "no student was trained", [text(0, 16, title)])
    across = scale_for([one[cost] for one in trained], _LEFT, _WIDTH - 30, log=True)
    up = scale_for([one["loss"] for one in trained], _HEIGHT - _BOTTOM, _TOP)
    parts = [text(0, 16, title, class_="panel-title")]
    for value in up.ticks(4):
        parts.append(line(_LEFT, up(value), _WIDTH - 30, up(value), "grid"))
        parts.append(text(_LEFT - 6, up(value) + 4, tick_label(value), "end", "tick"))
    for value in across.ticks(5):
        parts.append(text(across(value), _HEIGHT - 36, tick_label(value), "middle", "tick"))
    parts.append(
        text((_LEFT + _WIDTH) / 2, _HEIGHT - 12, f"{axis}; better is down and left", "middle", "note")
    )
    for one in trained:
        colour = _ON_FRONT if one["number"] in found["front"] else _BEHIND
        x, y = across(one[cost]), up(one["loss"])
        parts.append(tag("circle", cx=x, cy=y, r=5.0, fill=colour))
        parts.append(text(x + 8, y + 4, one["number"], class_="note"))
    spoken = "; ".join(
        f"{one['number']}: {significant(one['loss'])} nats, {significant(one[cost])}" for one in trained
    )
    return figure(f"pareto-{cost}", _WIDTH, _HEIGHT, title, spoken, parts)


def _budget(found: Mapping[str, Any]) -> str:
    told = [
        f"{found['budget'][name]:g} {unit}"
        for name, unit in (("answer_ms", "ms"), ("memory_mib", "MiB"))
        if found["budget"][name] is not None
    ]
    return f"Budget: {', '.join(told)}." if told else "No budget was set."


def _table(found: Mapping[str, Any]) -> Markup:
    keys = list(found["tried"][0]["values"]) if found["tried"] else []
    head = ("student", *keys, "weights", "loss, nats", "ms", "MiB", "")
    cells = (_cells(one, keys, found["front"]) for one in found["tried"])
    rows = Markup("").join(_row([tag("td", cell) for cell in of]) for of in cells)
    return tag("table", tag("thead", _row([tag("th", name) for name in head])) + tag("tbody", rows))


def _row(cells: Sequence[Markup]) -> Markup:
    return tag("tr", Markup("").join(cells))


def _cells(one: Mapping[str, Any], keys: Sequence[str], front: Sequence[int]) -> tuple[str, ...]:
    figures = (one["loss"], one["answer_ms"], one["memory_mib"])
    numbers = ["" if value is None else significant(value) for value in figures]
    weights = "" if one["parameters"] is None else f"{one['parameters']:,}"
    note = one["reason"] or ("none is better" if one["number"] in front else "")
    return (str(one["number"]), *(one["values"][key] for key in keys), weights, *numbers, note)
