"""Fixes of calls that are no shell command: database statements and plain arguments (A5)."""

from __future__ import annotations

import re

from warmtui.analysis.attempts import SIMILAR_TEXT, Attempt, Fix, alike, empty_result
from warmtui.analysis.changes import arrow, joined, leaves, token_change, value_change
from warmtui.analysis.errors import readable
from warmtui.analysis.troubles import Trouble


def statement_fix(f: Attempt, g: Attempt, trouble: Trouble) -> Fix | None:
    """Pair two database statements: a column or table corrected, nothing else much changed."""
    if not g.shape.sql or f.call.call.tool != g.call.call.tool or empty_result(g.call):
        return None
    first, second = f.shape.sql.split(None, 1), g.shape.sql.split(None, 1)
    if not first or not second or first[0].lower() != second[0].lower():
        return None
    similar = alike(f.shape.sql, g.shape.sql)
    words = set(re.findall(r"[\w]+", g.shape.sql.lower()[:8_000]))
    if trouble.kind == "schema" and trouble.things & words and similar < 0.8:
        return None
    changed = token_change(f.shape.sql, g.shape.sql)
    if similar < SIMILAR_TEXT or not changed:
        return None
    if trouble.kind != "schema" and all(change.startswith("without ") for change in changed):
        return None
    if trouble.kind == "schema" and not any(
        thing in change.lower().partition(" → ")[0]
        for thing in trouble.things
        for change in changed
        if "→" in change
    ):
        return None
    return Fix(joined(changed), similar)


def _plain(value: object) -> str:
    return "".join(char for char in str(value).lower() if char.isalnum())


def argument_fix(f: Attempt, g: Attempt, trouble: Trouble) -> Fix | None:
    """Pair two calls of one tool whose arguments differ in form, or in the value that was refused."""
    old, new = f.shape.values, g.shape.values
    if old is None or new is None or f.call.call.tool != g.call.call.tool:
        return None
    was, now = dict(leaves(old)), dict(leaves(new))
    same = [name for name in now if was.get(name, f) == now[name]]
    changed = [name for name in now if name in was and was[name] != now[name]]
    parts = value_change(f.shape, g.shape)
    if not parts:
        return None
    # `W123` → `#W123`, "3" → 3: the same value in the form that is wanted
    if (
        changed
        and all(_plain(was[name]) == _plain(now[name]) for name in changed)
        and was.keys() == now.keys()
    ):
        return Fix(joined(parts), 0.95)
    if old.keys() != new.keys() and same:
        named = any(key in trouble.line for key in old.keys() ^ new.keys())
        return Fix(joined(parts), 0.9) if named or trouble.kind == "argument" else None
    # a refused value of a call that otherwise stayed: what the words of the error are about
    if trouble.kind == "argument" and len(same) >= 2 and len(same) >= len(changed):
        return Fix(joined(parts), 0.6)
    return None


def sister_fix(f: Attempt, g: Attempt) -> Fix | None:
    """Pair a lookup that found nothing with its sister: `find_user_by_email`, `find_user_by_name`."""
    tool, other = f.call.call.tool, g.call.call.tool
    words, others = set(tool.split("_")), set(other.split("_"))
    if (
        tool == other
        or len(words & others) < 3
        or "not found" not in readable(f.call.result.text if f.call.result else "").lower()
    ):
        return None
    return Fix(arrow(tool, other), 0.7) if not empty_result(g.call) else None
