"""A filter in words, for whoever did not write it."""

from __future__ import annotations

from warmtui.analysis.filters.records import Filter, Term
from warmtui.model.conditions import Comparison

_COUNTS: dict[Comparison, str] = {
    ":": "exactly",
    "<": "fewer than",
    "<=": "at most",
    ">": "more than",
    ">=": "at least",
}
_LEVELS: dict[Comparison, str] = {
    ":": "exactly",
    "<": "below",
    "<=": "at most",
    ">": "above",
    ">=": "at least",
}
_UNITS = {"h": "hour", "d": "day", "w": "week"}


def describe(asked: Filter) -> str:
    """Return what a filter asks, in words; unfinished terms and problems are left out.

    >>> from warmtui.analysis.filters import parse
    >>> describe(parse("tool:terminal errors<5% -channel:cron,api coupon", now=0))
    'uses tool terminal, error rate below 5 %, channel not cron or api, text coupon'
    """
    parts = [_term(term) for term in asked.terms if not term.pending]
    if asked.free_text:
        parts.append(f"text {_said(asked.free_text)}")
    return ", ".join(parts) or "all sessions"


def _term(term: Term) -> str:
    no = "not " if term.negated else ""
    value = term.values[0]
    match term.field:
        case "errors" if value.endswith("%"):
            return f"{no}error rate {_LEVELS[term.comparison]} {value[:-1]} %"
        case "errors" | "messages" | "calls":
            thing = term.field[:-1] if value == "1" else term.field
            return f"{no}{_COUNTS[term.comparison]} {value} {thing}"
        case "score":
            return f"{no}score {_LEVELS[term.comparison]} {value.removesuffix('%')}"
        case "since" | "until":
            return no + _when(term.field, value)
        case "tool":
            return f"uses {_no_or_a(term)}"
        case "cwd":
            return f"{no}in folder {_either(term.values)}"
    return f"{term.field} {no}{_either(term.values)}"


def _no_or_a(term: Term) -> str:
    if term.values == ("",):
        return "a tool" if term.negated else "no tool"
    return f"{'no ' if term.negated else ''}tool {_either(term.values)}"


def _when(field: str, value: str) -> str:
    unit = _UNITS.get(value[-1:].lower())
    if unit is None or not value[:-1].isdigit():
        since = field == "since"
        return f"active since {value}" if since else f"last active until the end of {value}"
    number = int(value[:-1])
    age = f"{number} {unit}{'' if number == 1 else 's'}"
    return f"active in the last {age}" if field == "since" else f"last active {age} ago or before"


def _either(values: tuple[str, ...]) -> str:
    return " or ".join(_said(value) if value else "missing" for value in values)


def _said(value: str) -> str:
    return value if value.isalnum() else "“" + value.replace('"', "") + "”"
