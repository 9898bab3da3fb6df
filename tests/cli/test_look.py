from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any


def test_losses_are_listed_with_their_source(stillroom: Callable[..., Any]) -> None:
    from stillroom.losses import LOSSES

    ended = stillroom("losses")
    assert ended.code == 0
    lines = ended.out.splitlines()
    assert {line.split()[0] for line in lines if line} >= set(LOSSES)
    assert "Hinton et al. 2015" in ended.out
    assert f"{len(LOSSES)} losses, joined by the `weighted` objective" in ended.out
    assert "linear, cosine, exponential" in ended.out
    assert "fixed, uncertainty, gradient_norm" in ended.out


def test_a_loss_shows_its_contract(stillroom: Callable[..., Any]) -> None:
    ended = stillroom("losses", "forward_kl")
    assert ended.code == 0
    for part in (
        r"\tau^2",
        "hyper temperature",
        "default 1.0, (0, ∞). τ > 0",
        "one per row",
        "O(rows · classes)",
    ):
        assert part in ended.out
    assert "``" not in ended.out


def test_losses_can_be_read_by_a_program(stillroom: Callable[..., Any]) -> None:
    from stillroom.losses import LOSSES

    everything = json.loads(stillroom("losses", "--json").out)
    assert [card["name"] for card in everything["losses"]] == list(LOSSES)
    one = json.loads(stillroom("losses", "forward_kl", "--json").out)
    assert one == everything["losses"][list(LOSSES).index("forward_kl")]
    assert one["hyper"]["temperature"]["allowed"] == "(0, ∞)"


def test_an_unknown_loss_is_one_line_with_a_suggestion(stillroom: Callable[..., Any]) -> None:
    ended = stillroom("losses", "foward_kl")
    assert ended.code == 1
    assert ended.out == ""
    assert ended.err == (
        "stillroom: unknown loss 'foward_kl'; expected a name that `stillroom losses` lists. "
        "To fix: did you mean 'forward_kl'?\n"
    )
