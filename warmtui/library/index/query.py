"""Which of the kept sessions a list shows, and in which order, as SQL."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Literal, NamedTuple

import orjson

from warmtui.model.conditions import (
    ActiveSince,
    ActiveUntil,
    AnyOf,
    Comparison,
    Condition,
    ErrorShareIs,
    FigureIs,
    Holds,
    InFolder,
    IsEmpty,
    Not,
)
from warmtui.model.session import Problem, SessionHeader
from warmtui.model.stats import SessionStats

Order = Literal[
    "age", "score", "title", "messages", "calls", "errors", "trend", "type", "channel", "agent", "model"
]
_Clause = tuple[str, tuple[object, ...]]
"""An expression that is 1, 0 or NULL, which counts as 0, with its values."""
_OPERATORS: dict[Comparison, str] = {":": "=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_COLUMNS = {"type": "task_type"}
"""Fields whose column has another name."""
_AT = "coalesce(last_active_at, started_at)"
EMPTY = "(rows = 0 OR coalesce(messages, 1) = 0)"
"""A session without a message that counts, as far as that is known."""
_WORDS: dict[str, str] = {
    "title": "coalesce(nullif(title, ''), words, '')",
    "type": "coalesce(task_type, '')",
    "channel": "coalesce(channel, '')",
    "agent": "agent",
    "model": "coalesce(model, '')",
}
"""Orders by letters; rows without come last."""
_NUMBERS: dict[str, tuple[str, ...]] = {
    "score": ("score", "calls"),
    "messages": ("messages",),
    "calls": ("calls",),
    "errors": ("errors * 1.0 / nullif(ok + errors, 0)",),
    "trend": ("-gain",),
}
"""Orders by figures, the greatest first; rows without come last."""


WAITS = "rows > 0 AND (judged IS NULL OR judged != stamp)"
"""A session that has no figures yet, or old ones; the index `session_waiting` is of these."""


class Row(NamedTuple):
    """One session as it is kept."""

    header: SessionHeader
    figures: SessionStats | None
    """None until it was judged; perhaps those of an earlier state."""
    waits: bool
    """It has to be judged, or judged again."""
    problems: tuple[Problem, ...]


class Selection(NamedTuple):
    """What a list asks for."""

    conditions: tuple[Condition, ...] = ()
    """All must hold."""
    judged: bool = False
    """Only sessions that were judged: a condition asks for a figure or a tool."""
    words: tuple[str, ...] = ()
    """Case-folded; each in the title, the person's first words or the id, unless the session is `found`."""
    found: Mapping[str, Iterable[str]] = MappingProxyType({})
    """Ids by source whose messages hold the words."""
    empty: bool = True
    archived: bool = True
    subagents: bool = True
    """Whether these are listed too."""
    troubled: bool = False
    """Whether empty ones are listed all the same of which something could not be read."""
    order: Order = "age"
    reverse: bool = False


def where(asked: Selection, sources: Mapping[int, str]) -> _Clause:
    """Return the condition of a query that selects what is asked for, of some sources by their numbers."""
    # +: lists go through the index of the newest, which holds most of what they ask for; SQLite would go
    # through a source's sessions by their ids instead, and look each of them up
    clauses: list[_Clause] = [(f"+source IN ({marks(len(sources))})", tuple(sources))]
    hidden = (
        (asked.empty, f"NOT ({EMPTY} AND problems IS NULL)" if asked.troubled else f"NOT {EMPTY}"),
        (asked.archived, "archived = 0"),
        (asked.subagents, "kind != 'subagent'"),
        (not asked.judged, "messages IS NOT NULL"),
    )
    clauses += [(sql, ()) for shown, sql in hidden if not shown]
    clauses += map(_clause, asked.conditions)
    if asked.words:
        clauses.append(_said(asked, sources))
    asks = (one for _, values in clauses for one in values)
    return " AND ".join(sql for sql, _ in clauses), tuple(map(_storable, asks))


def order(asked: Selection) -> str:
    """Return what a query orders by; equals are ordered by age, the newest first."""
    down, up = ("ASC", "DESC") if asked.reverse else ("DESC", "ASC")
    # the number, not the id: what is sorted by is carried along, and an id takes a fifth of the time
    newest = "at DESC, number"
    if asked.order == "age":
        return f"at {down}, id {down}"
    if asked.order in _NUMBERS:
        return ", ".join(f"{one} {down} NULLS LAST" for one in _NUMBERS[asked.order]) + f", {newest}"
    text = _WORDS[asked.order]
    return f"{text} = '', {text} COLLATE NOCASE {up}, {newest}"


def _storable(value: object) -> object:
    """Return a value as SQLite takes it: half characters, which a terminal can send, are in no kept text."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def _said(asked: Selection, sources: Mapping[int, str]) -> _Clause:
    found = {number: list(asked.found.get(path, ())) for number, path in sources.items()}
    parts: list[_Clause] = [(" AND ".join(["instr(folded, ?)"] * len(asked.words)), asked.words)]
    parts += [
        ("+source = ? AND id IN (SELECT value FROM json_each(?))", (number, orjson.dumps(ids).decode()))
        for number, ids in found.items()
        if ids
    ]
    return "(" + " OR ".join(f"({sql})" for sql, _ in parts) + ")", tuple(v for _, vs in parts for v in vs)


def _clause(one: Condition) -> _Clause:
    match one:
        case FigureIs(figure, comparison, bound):
            return f"{figure} {_OPERATORS[comparison]} ?", (bound,)
        case ErrorShareIs(comparison, percent, scale):
            sql = f"(ok + errors > 0 AND {100 * scale} * errors {_OPERATORS[comparison]} ? * (ok + errors))"
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
            # substr, because LIKE would take % and _ in a path for more than they are
            sql = f"(substr(casefold(cwd) || '/', 1, ?) = ?{inside})"
            return sql, (len(text), text, *([text] if inside else []))
        case ActiveSince(at):
            return f"{_AT} >= ?", (at,)
        case ActiveUntil(at, inclusive):
            if at == math.inf:
                return f"{_AT} IS NOT NULL", ()
            return f"{_AT} {'<=' if inclusive else '<'} ?", (at,)
        case AnyOf(conditions):
            parts = [_clause(each) for each in conditions]
            return (
                "(" + " OR ".join(f"({sql})" for sql, _ in parts) + ")",
                tuple(v for _, vs in parts for v in vs),
            )
        case Not(condition):
            sql, values = _clause(condition)
            return f"NOT coalesce({sql}, 0)", values


def _one_of(column: str, fits: str) -> str:
    """Return what holds where a column of few values has one that fits: functions of ours cost most here."""
    return f"{column} IN (SELECT value FROM value WHERE field = '{column}' AND {fits})"


def _column(name: str) -> str:
    return _COLUMNS.get(name, name)


def marks(count: int) -> str:
    """Return as many question marks, for `IN`."""
    return ",".join("?" * count)


def casefold(text: object) -> str | None:
    """SQL's `casefold(text)`: for comparing in any case; NULL of what is no text."""
    return text.casefold() if isinstance(text, str) else None


@lru_cache(maxsize=10_000)
def tools_hold(tools: str | None, part: str) -> bool | None:
    """SQL's `tools_hold(tools, part)`: whether the name of one of the tools holds a part, in any case.

    A history has few different sets of tools. NULL while they are not known.
    """
    return None if tools is None else any(part in name.casefold() for name in orjson.loads(tools))


def folded(title: str | None, words: str | None, identity: str) -> str:
    """SQL's `folded(title, words, id)`: what free text is looked for in."""
    return " ".join((title or "", words or "", identity)).casefold()


FUNCTIONS: Sequence[tuple[str, int, Callable[..., str | bool | None]]] = (
    ("casefold", 1, casefold),
    ("tools_hold", 2, tools_hold),
    ("folded", 3, folded),
)
"""What connections to an index have to know: name, number of arguments, function."""
