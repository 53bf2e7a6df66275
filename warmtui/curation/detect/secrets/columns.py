# ruff: noqa: E501 - a pattern is read and compared best on one line
"""Columns of secrets in CSV, bar-ruled tables and SQL inserts, found by their heading."""

from __future__ import annotations

import re
from collections.abc import Iterator

from warmtui.curation.detect import values
from warmtui.curation.detect.rule import NAMED, Span
from warmtui.curation.detect.secrets.names import classify

_BREAK = re.compile(r"\r?\n|(?:\\{1,7}r)?\\{1,7}n|\Z")
_HEADING = re.compile(
    r"(?:password|passwd|passwort|pwd|secret|token|api[_ -]?key|access[_ -]?key)\"?[ \t]{0,40}(?=[,;|\t│┃]|\r?\n|\\{1,7}[nr])"
)
_MARKS = ",;|\t│┃"
_RULE = re.compile(r"[-+=:|│┃┼─├┤ \t]*")
_CELL = re.compile(r"[\w .#/-]{1,40}")
_INSERT = re.compile(
    r"insert into\s{1,3}[\w.`\"\[\]]{1,80}\s{0,3}\((?P<columns>[^()]{1,600})\)\s{0,8}values\s{0,8}"
)
_SQL_VALUE = re.compile(
    r"\s{0,8}(?:'(?P<v>(?:[^'\\\n]|''|\\.){0,400})'|[^,()'\n]{0,80})\s{0,3}(?P<mark>[,)])"
)
_NEXT_ROW = re.compile(r"\s{0,8},?\s{0,8}\(")
_ROWS = 200
"""Rows of a table that are read; a session seldom holds more."""
_WIDEST = 2_000
"""Characters of the longest line that is taken for a row."""


def find(text: str, lowered: str) -> Iterator[Span]:
    """Yield the cells under headings that ask for a secret, from a text and its lower-cased form.

    A column is followed for 200 rows, as long as each row has as many cells as the heading.
    """
    if "insert into" in lowered:
        yield from _inserted(text, lowered)
    done = 0
    for hit in _HEADING.finditer(lowered):
        if hit.start() < done:
            continue
        low = max(0, hit.start() - _WIDEST)
        newline, escaped = text.rfind("\n", low, hit.start()) + 1, text.rfind("\\n", low, hit.start()) + 2
        start = max(low, newline, escaped if escaped > 1 else 0)
        stop = _BREAK.search(text, hit.end(), hit.end() + _WIDEST)
        done = stop.end() if stop else hit.end() + _WIDEST
        if stop is None:
            continue
        heading = text[start : stop.start()]
        mark = _mark(heading)
        if not mark or not _is_heading(heading, mark):
            continue
        # quoted cells are not parsed: a mark within quotes ends the column
        column = text.count(mark, start, hit.start())
        yield from _column(text, stop.end(), mark, column, heading.count(mark))


def _mark(heading: str) -> str:
    counts = {mark: heading.count(mark) for mark in _MARKS}
    best = max(_MARKS, key=lambda mark: counts[mark])
    return best if counts[best] else ""


def _is_heading(heading: str, mark: str) -> bool:
    cells = [cell.strip(' "\t') for cell in heading.split(mark)]
    if mark in "|│┃":
        cells = cells[not cells[0] :] if cells[-1] else cells[not cells[0] : -1]
    return len(cells) > 1 and all(map(_CELL.fullmatch, cells))


def _column(text: str, at: int, mark: str, column: int, marks: int) -> Iterator[Span]:
    for _ in range(_ROWS):
        stop = _BREAK.search(text, at, at + _WIDEST)
        if stop is None or at >= len(text):
            return
        line = text[at : stop.start()]
        if line.count(mark) != marks:
            if not line or not _RULE.fullmatch(line):
                return
        else:
            span = _cell(line, at, mark, column)
            if span is not None:
                yield span
        at = stop.end()


def _cell(line: str, at: int, mark: str, column: int) -> Span | None:
    cells = line.split(mark)
    offset = at + sum(len(cell) + 1 for cell in cells[:column])
    cell = cells[column]
    value = cell.strip(" \t\"'\\")
    if not values.could_be_secret(value) or classify(value) is not None or not values.is_strong(value):
        return None
    start = offset + cell.index(value)
    return Span(start, start + len(value), "password", "table-column", NAMED)


def _inserted(text: str, lowered: str) -> Iterator[Span]:
    for insert in _INSERT.finditer(lowered):
        names = [name.strip(' `"[]') for name in insert["columns"].split(",")]
        asked = {
            index for index, name in enumerate(names) if (named := classify(name)) and named.asks != "weak"
        }
        at = insert.end()
        for _ in range(_ROWS if asked else 0):
            row = _NEXT_ROW.match(text, at)
            if row is None:
                break
            at = row.end()
            for index in range(len(names)):
                value = _SQL_VALUE.match(text, at)
                if value is None:
                    return
                word = value["v"] or ""
                if index in asked and values.is_strong(word) and not values.is_placeholder(word):
                    yield Span(*value.span("v"), "password", "sql-insert", NAMED)
                at = value.end()
                if value["mark"] == ")":
                    break
