"""The tokens and the cost that Hermes counts, with a session and for each of its models."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from warmtui.model.session import Usage

TOKENS = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens")
"""Columns of tokens, in the order of `Usage`. Hermes counts thoughts among the output."""
COSTS = ("actual_cost_usd", "estimated_cost_usd", "cost_usd")
"""Columns of a cost, the most certain first."""
_PRICED = frozenset({"actual", "estimated", "included"})
"""What `cost_status` says where a cost of 0 is one; Hermes writes 0 for an unknown price too."""


def usage_of(tokens: Sequence[object], costs: Sequence[object], status: object) -> Usage | None:
    """Return what a session used; None if nothing was counted.

    Args:
        tokens: the columns `TOKENS`. Their default is 0, so all of them 0 means that nobody counted.
        costs: costs in US dollars, the most certain first.
        status: the column `cost_status`.
    """
    counts = [_number(value) for value in tokens]
    counted = any(counts)
    known = [cost for cost in map(_number, costs) if cost is not None]
    cost = next((cost for cost in known if cost), 0.0 if known and status in _PRICED else None)
    if not counted:
        return None if cost is None else Usage(cost_usd=cost)
    sent, written, cache_read, cache_write = (None if count is None else int(count) for count in counts)
    return Usage(sent, written, cache_read, cache_write, cost)


def usage_by_model(columns: Collection[str], marks: str) -> str:
    """Return the query for what the models of some sessions used: the session, `TOKENS`, `COSTS`, a status.

    Args:
        columns: of the table `session_model_usage`.
        marks: `?,?`, one for each session.
    """
    sums = (f"sum({name})" if name in columns else "NULL" for name in (*TOKENS, *COSTS))
    status = "max(cost_status)" if "cost_status" in columns else "NULL"
    return (
        f"SELECT session_id, {', '.join(sums)}, {status} FROM session_model_usage "
        f"WHERE session_id IN ({marks}) GROUP BY session_id"
    )


def filled(usage: Usage | None, by_model: Sequence[Any] | None) -> Usage | None:
    """Return what a session used, with what only its models say of it.

    Args:
        usage: what stands with the session.
        by_model: a row of `usage_by_model` without its session; None without one.
    """
    if by_model is None:
        return usage
    tokens, costs = by_model[: len(TOKENS)], by_model[len(TOKENS) : -1]
    other = usage_of(tokens, costs, by_model[-1])
    if usage is None or other is None:
        return usage or other
    counted = usage if usage.tokens is not None else other
    return counted._replace(cost_usd=other.cost_usd if usage.cost_usd is None else usage.cost_usd)


def _number(value: object) -> float | None:
    """Return a count or a cost as stored; None for anything that is none."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < 1e15:
        return None
    return value
