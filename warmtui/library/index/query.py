"""Which sessions a list shows, and in which order, as SQL."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache

import orjson

from warmtui.model.conditions import (
    ActiveSince,
    ActiveUntil,
    AnyOf,
    Condition,
    ErrorShareIs,
    FigureIs,
    Holds,
    InFolder,
    IsEmpty,
    Not,
    Operator,
    Selection,
)

_Clause = tuple[str, tuple[object, ...]]
"""An SQL expression that is 1, 0 or NULL, which counts as 0, and its values."""
_OPERATORS: dict[Operator, str] = {":": "=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_COLUMNS = {"type": "task_type", "cost": "cost_usd"}
"""Fields of the filter whose column has another name."""
_AT = "coalesce(last_active_at, started_at)"
EMPTY = "((rows = 0 OR coalesce(messages, 1) = 0) AND problems IS NULL)"
"""A session without rows, or judged and without a message that counts; not one that could not be read."""
_WORDS: dict[str, str] = {
    "title": "coalesce(nullif(title, ''), words, '')",
    "type": "coalesce(task_type, '')",
    "channel": "coalesce(channel, '')",
    "agent": "agent",
    "project": "coalesce(project, '')",
    "model": "coalesce(model, '')",
}
"""Orders by text; sessions without a text come last."""
_NUMBERS: dict[str, tuple[str, ...]] = {
    "score": ("score", "calls"),
    "messages": ("messages",),
    "calls": ("calls",),
    "errors": ("errors * 1.0 / nullif(ok + errors, 0)",),
    "trend": ("-gain",),
    "tokens": ("tokens",),
    "cost": ("cost_usd",),
}
"""Orders by figures, the greatest first; sessions without a figure come last."""
WAITS = "rows > 0 AND (judged IS NULL OR judged != stamp)"
"""A session without figures, or with old ones; the SQL index `session_waiting` holds these."""


def of_sources(sources: Collection[int], copies: str) -> _Clause:
    """Write the condition that a session is of some sources, and no copy of another.

    Args:
        sources: the sources by their numbers.
        copies: the numbers of the sessions that are copies, as a JSON list; "" for none.
    """
    # The + keeps SQLite from reading a source's sessions by id, with a look-up for each: it then reads
    # the SQL index of the newest, which covers most of what lists ask for.
    listed = f"+source IN ({marks(len(sources))})"
    if not copies:
        return listed, tuple(sources)
    return f"{listed} AND number NOT IN (SELECT value FROM json_each(?))", (*sources, copies)


def where(selection: Selection, sources: Mapping[int, str], copies: str = "") -> _Clause:
    """Write the condition of a selection.

    Args:
        selection: the selection.
        sources: the sources that are listed, by their numbers.
        copies: the sessions that are copies of others; see `of_sources`.
    """
    clauses: list[_Clause] = [of_sources(sources, copies)]
    hidden = (
        (selection.empty, f"NOT {EMPTY}"),
        (selection.archived, "NOT (archived OR hidden)"),
        (selection.subagents, "kind != 'subagent'"),
        (not selection.judged, "messages IS NOT NULL"),
    )
    clauses += [(sql, ()) for shown, sql in hidden if not shown]
    clauses += map(_clause, selection.conditions)
    if selection.words:
        clauses.append(_holds_words(selection, sources))
    values = (value for _, clause_values in clauses for value in clause_values)
    return " AND ".join(sql for sql, _ in clauses), tuple(map(_storable, values))


def order(selection: Selection) -> str:
    """Write the order of a selection; equals are ordered by age, the newest first."""
    down, up = ("ASC", "DESC") if selection.reverse else ("DESC", "ASC")
    # Sort keys are carried along while sorting; a number is much shorter than an id.
    newest = "at DESC, number"
    if selection.order == "age":
        return f"at {down}, id {down}, source {up}"
    if selection.order in _NUMBERS:
        return (
            ", ".join(f"{column} {down} NULLS LAST" for column in _NUMBERS[selection.order]) + f", {newest}"
        )
    text = _WORDS[selection.order]
    return f"{text} = '', {text} COLLATE NOCASE {up}, {newest}"


def _storable(value: object) -> object:
    """Replace lone surrogates, which a terminal can send and SQLite does not take."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def _holds_words(selection: Selection, sources: Mapping[int, str]) -> _Clause:
    """Write the condition that a session holds the words."""
    found = {number: list(selection.found.get(path, ())) for number, path in sources.items()}
    parts: list[_Clause] = [(" AND ".join(["instr(folded, ?)"] * len(selection.words)), selection.words)]
    parts += [
        ("+source = ? AND id IN (SELECT value FROM json_each(?))", (number, orjson.dumps(ids).decode()))
        for number, ids in found.items()
        if ids
    ]
    return _any_of(parts)


def _any_of(parts: Sequence[_Clause]) -> _Clause:
    sql = " OR ".join(f"({sql})" for sql, _ in parts)
    return f"({sql})", tuple(value for _, values in parts for value in values)


def _clause(condition: Condition) -> _Clause:
    match condition:
        case FigureIs(figure, operator, bound):
            return f"{_column(figure)} {_OPERATORS[operator]} ?", (bound,)
        case ErrorShareIs(operator, percent, scale):
            sql = f"(ok + errors > 0 AND {100 * scale} * errors {_OPERATORS[operator]} ? * (ok + errors))"
            return sql, (percent,)
        case Holds("tool", text):
            return _one_of("tools", "tools_hold(value, ?)"), (text,)
        case Holds("title", text):
            return "(instr(folded, ?) AND instr(casefold(title), ?))", (text, text)
        case Holds(name, text):
            return _one_of(_column(name), "instr(casefold(value), ?)"), (text,)
        case IsEmpty("tool"):
            return "tools = '[]'", ()
        case IsEmpty(name):
            return f"coalesce({_column(name)}, '') = ''", ()
        case InFolder(text):
            inside = "" if text.startswith("/") else " OR instr(casefold(cwd) || '/', '/' || ?)"
            # Not LIKE, in which % and _ of a path would match anything.
            sql = f"(substr(casefold(cwd) || '/', 1, ?) = ?{inside})"
            return sql, (len(text), text, *([text] if inside else []))
        case ActiveSince(at):
            return f"{_AT} >= ?", (at,)
        case ActiveUntil(at, inclusive):
            if at == math.inf:
                return f"{_AT} IS NOT NULL", ()
            return f"{_AT} {'<=' if inclusive else '<'} ?", (at,)
        case AnyOf(conditions):
            return _any_of([_clause(part) for part in conditions])
        case Not(inner):
            sql, values = _clause(inner)
            return f"NOT coalesce({sql}, 0)", values


def _one_of(column: str, fits: str) -> str:
    """Match a column of few values; our own functions are then called once a value, not once a session."""
    return f"{column} IN (SELECT value FROM value WHERE field = '{column}' AND {fits})"


def _column(name: str) -> str:
    return _COLUMNS.get(name, name)


def marks(count: int) -> str:
    """Write this many question marks, for `IN`."""
    return ",".join("?" * count)


def casefold(text: object) -> str | None:
    """SQL's `casefold(text)`, for comparing in any case; NULL when the value is not a text."""
    return text.casefold() if isinstance(text, str) else None


@lru_cache(maxsize=10_000)
def tools_hold(tools: str | None, part: str) -> bool | None:
    """SQL's `tools_hold(tools, part)`: whether the name of a tool contains `part`, in any case.

    Args:
        tools: a JSON list of names; a history has few different ones. NULL while they are not known.
        part: case-folded.
    """
    return None if tools is None else any(part in name.casefold() for name in orjson.loads(tools))


def folded(title: str | None, words: str | None, identity: str) -> str:
    """SQL's `folded(title, words, id)`: the text that words are searched in."""
    return " ".join((title or "", words or "", identity)).casefold()


FUNCTIONS: Sequence[tuple[str, int, Callable[..., str | bool | None]]] = (
    ("casefold", 1, casefold),
    ("tools_hold", 2, tools_hold),
    ("folded", 3, folded),
)
"""The functions of every connection to an index: name, number of arguments, function."""
