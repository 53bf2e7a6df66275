"""Figures as small pictures: score with its interval, trend, tokens. Pure; each fits a line.

Every function takes `glyphs`, so that `glyphs.ASCII` gives the same picture on a poor terminal. Colour only
repeats what a sign, a number or a word says.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor

from rich.text import Text

from warmtui.analysis.stats import SCORE_FROM
from warmtui.model.stats import Rate
from warmtui.tui.widgets.glyphs import UNICODE, Glyphs
from warmtui.tui.widgets.paint import ERROR, FAINT, MUTED, OK, PRIMARY, WARNING

WIDE = 0.30
"""An interval wider than 30 points greys the score (docs/definitions.md)."""
_ROUNDING = 1e-9  # 0.9 - 0.6 is a little more than 0.3
FULL = 0.9
"""From nine tenths of a budget on, its bar has the colour of a warning."""


def is_wide(low: float, high: float) -> bool:
    """Return whether an interval is too wide to rely on its value."""
    return high - low > WIDE + _ROUNDING


def score_bar(
    value: float | None,
    low: float = 0.0,
    high: float = 1.0,
    width: int = 12,
    *,
    weak: bool = False,
    glyphs: Glyphs = UNICODE,
) -> Text:
    """Return a rate as a bar with its interval.

    Solid up to the lower end of the interval, thin through the interval, a tick at the value: the more is
    solid, the surer it is. The bar is dim when the interval is wider than 30 points or the evidence is weak.

    Args:
        value: the rate, 0 to 1; None when too few calls were judged.
        low: lower end of the interval.
        high: upper end of the interval.
        width: cells, at least 3.
        weak: the rate rests on weak evidence.
        glyphs: the signs to draw with.

    Returns:
        A Text of exactly `width` cells.
    """
    if value is None:
        return Text(glyphs.gap.ljust(width), FAINT)
    last = width - 1
    point, start, end = round(value * last), floor(low * last), ceil(high * last)
    signs = [
        (glyphs.solid_point if start >= point else glyphs.thin_point)
        if cell == point
        else glyphs.solid
        if cell < min(start, point)
        else glyphs.thin
        if cell <= end
        else " "
        for cell in range(width)
    ]
    return Text("".join(signs), FAINT if weak or is_wide(low, high) else PRIMARY)


def score(
    value: float | None,
    low: float = 0.0,
    high: float = 1.0,
    width: int = 16,
    *,
    weak: bool = False,
    glyphs: Glyphs = UNICODE,
) -> Text:
    """Return the score as number and bar: `` 95 ━━━━━━━━━─┼─``.

    Args:
        value: the rate, 0 to 1; None when too few calls were judged, shown as a dash.
        low: lower end of the interval.
        high: upper end of the interval.
        width: cells for all; below 8 only the number shows.
        weak: the rate rests on weak evidence, which dims it.
        glyphs: the signs to draw with.

    Returns:
        A Text of exactly `width` cells, from 3 up.
    """
    number = glyphs.none if value is None else str(round(100 * value))
    little = value is None or weak or is_wide(low, high)
    text = Text()
    text.append(number.rjust(3), MUTED if little else "bold")
    if width >= 8:
        text.append(" ")
        text.append_text(score_bar(value, low, high, width - 4, weak=weak, glyphs=glyphs))
    return text


def reliability(rate: Rate | None, width: int, *, weak: bool = False, glyphs: Glyphs) -> Text:
    """Return a reliability as `score` does, with a dash where it is of fewer than `SCORE_FROM` calls."""
    if rate is None or rate.n < SCORE_FROM:
        return score(None, width=width, glyphs=glyphs)
    return score(rate.value, rate.low, rate.high, width, weak=weak, glyphs=glyphs)


def sparkline(values: Sequence[float | None], top: float | None = None, *, glyphs: Glyphs = UNICODE) -> Text:
    """Return a trend, one cell per value.

    Args:
        values: at least 0 each; None where there is none.
        top: what a full cell means; None for the largest value, so that rows are then not comparable.
        glyphs: the signs to draw with.

    Returns:
        A Text of as many cells as values. Zero is lowest, and nothing else is.
    """
    full = top if top is not None else max((value for value in values if value is not None), default=0.0)
    steps = len(glyphs.levels) - 1
    signs = []
    for value in values:
        if value is None:
            signs.append(glyphs.gap)
        elif value <= 0 or full <= 0:
            signs.append(glyphs.levels[0])
        else:
            # the lowest level means zero, so a small value is drawn one above it
            signs.append(glyphs.levels[max(1, round(min(1.0, value / full) * steps))])
    return Text("".join(signs), PRIMARY)


def percent(value: float | None, *, glyphs: Glyphs = UNICODE) -> Text:
    """Return a rate as whole percent: `29 %`, `<1 %` for a little, `>99 %` for almost all; None is a dash."""
    if value is None:
        return Text(glyphs.none, FAINT)
    if 0 < value < 0.005:
        return Text("<1 %")
    if 0.995 <= value < 1:
        return Text(">99 %")
    return Text(f"{round(100 * value)} %")


def rate_bar(value: float | None, width: int = 10, *, glyphs: Glyphs = UNICODE) -> Text:
    """Return a rate as a plain bar of up to `width` cells, padded; blank for None."""
    cells = 0 if value is None else round(min(1.0, max(0.0, value)) * width)
    return Text((glyphs.solid * cells).ljust(width), PRIMARY)


def meter_bar(used: int, limit: int, width: int = 12, *, glyphs: Glyphs = UNICODE) -> Text:
    """Return how much of a limit is used, as a bar on its track; full, and in another colour, above it."""
    share = used / limit if limit > 0 else 1.0
    cells = min(width, ceil(share * width)) if used > 0 else 0
    text = Text(glyphs.solid * cells, ERROR if share > 1 else WARNING if share >= FULL else OK)
    return text.append(glyphs.track * (width - cells), FAINT)


def token_meter(used: int, limit: int, width: int = 12, *, glyphs: Glyphs = UNICODE) -> Text:
    """Return the token meter: `≈ 1,240 of 2,000 tokens ━━━━━━━━╌╌╌╌`, above the limit by how much.

    Args:
        used: estimated tokens.
        limit: the budget.
        width: cells of the bar; 0 for the words alone.
        glyphs: the signs to draw with.
    """
    text = Text(f"{glyphs.about} {used:,} of {limit:,} tokens")
    if used > limit:
        text.append(f", {used - limit:,} too many", ERROR)
    if width > 0:
        text.append(" ").append_text(meter_bar(used, limit, width, glyphs=glyphs))
    return text
