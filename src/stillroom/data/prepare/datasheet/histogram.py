"""A histogram of lengths as an SVG image."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP, _RIGHT = 640, 260, 64, 44, 34, 12
_BARS = 24
_TICKS = 4


def histogram(rows: Mapping[int, int], bin_tokens: int, title: str) -> str:
    """Draw how many rows have which length; bins beyond the last bar are added up in it.

    Args:
        rows: number of rows of each bin, by its place.
        bin_tokens: width of a bin.
        title: of the image.

    >>> histogram({0: 3, 1: 1}, 64, "Lengths").count("<rect class")
    2
    """
    bars = [rows.get(place, 0) for place in range(_BARS - 1)]
    bars.append(sum(count for place, count in rows.items() if place >= _BARS - 1))
    while len(bars) > 1 and not bars[-1]:
        bars.pop()
    most = max([*bars, 1])
    drawn = [*_axis(most, len(bars), bin_tokens), *_bars(bars, most, bin_tokens)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" '
        f'height="{_HEIGHT}" role="img" font-family="sans-serif" font-size="12" fill="#24292f">'
        f"<title>{escape(title)}</title>"
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>'
        f'<text x="{_LEFT}" y="20" font-size="14">{escape(title)}</text>{"".join(drawn)}</svg>\n'
    )


def _bars(bars: list[int], most: int, bin_tokens: int) -> list[str]:
    wide = (_WIDTH - _LEFT - _RIGHT) / len(bars)
    drawn = []
    for place, count in enumerate(bars):
        high = count / most * (_HEIGHT - _TOP - _BOTTOM)
        last = place == _BARS - 1
        label = (
            f"{place * bin_tokens:,} tokens and more"
            if last
            else f"{place * bin_tokens:,} to {(place + 1) * bin_tokens - 1:,} tokens"
        )
        drawn.append(
            f'<rect class="bar" x="{_LEFT + place * wide + 1:.1f}" y="{_HEIGHT - _BOTTOM - high:.1f}" '
            f'width="{wide - 2:.1f}" height="{high:.1f}" fill="#0072b2"><title>{label}: {count:,} rows</title></rect>'
        )
    return drawn


def _axis(most: int, bars: int, bin_tokens: int) -> list[str]:
    drawn = []
    for tick in range(_TICKS + 1):
        y = _HEIGHT - _BOTTOM - tick / _TICKS * (_HEIGHT - _TOP - _BOTTOM)
        drawn.append(
            f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#d0d7de"/>'
        )
        drawn.append(
            f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{most * tick / _TICKS:,.0f}</text>'
        )
    wide = (_WIDTH - _LEFT - _RIGHT) / bars
    for place in range(0, bars + 1, max(1, bars // 6)):
        x = _LEFT + place * wide
        drawn.append(
            f'<text x="{x:.1f}" y="{_HEIGHT - _BOTTOM + 18}" text-anchor="middle">{place * bin_tokens:,}</text>'
        )
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    drawn.append(f'<text x="{middle:.1f}" y="{_HEIGHT - 8}" text-anchor="middle">tokens of a row</text>')
    return drawn
