"""Drop the copies of rows that a compaction or a branch made.

Hermes shortens a long context in place or into a child session. Both ways it inserts the first rows of
the context again, then a summary, then the protected tail, with the same call ids; a branch repeats the
whole conversation. A row counts once, in the earliest place that holds it, so the copies are found here
by aligning rows: a run before the summary with the start of the older context, a run after it with its end.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Sequence
from typing import NamedTuple

from warmtui.text import JSON_ERRORS, load_json

SUMMARY_PREFIXES = ("[CONTEXT COMPACTION", "[CONTEXT SUMMARY]:")
"""How Hermes begins the message that stands for compacted turns (0.19.0, and older ones)."""
STUBS = (
    "[Duplicate tool output",
    "[Old tool output cleared",
    "[Old tool result",
    "[Orphan recovery:",
    "[Result unavailable",
    "[screenshot removed",
)
"""How the notice begins that stands in place of a result: thinned out while copying, or never received."""
_DEMOTED = re.compile(r"\[[^\]\n]{0,200}\boutput demoted at compaction\b")


class Row(NamedTuple):
    """One stored message, as any Hermes source has it."""

    id: int | str
    session_id: str
    role: str | None
    content: str | None
    tool_calls: str | None
    tool_call_id: str | None
    tool_name: str | None
    timestamp: object
    """Unix seconds, or whatever else was stored."""
    active: int = 1
    compacted: int = 0
    observed: int = 0
    """1: said by others in a group, not to the agent."""
    display_kind: str | None = None
    """`hidden`, `internal_notification`: Hermes' own words although in the user's role."""
    summary: int = 0
    """1: a compaction's summary, whatever its text."""


class Copied(NamedTuple):
    """One session's rows without the copies that compactions made."""

    rows: list[Row]
    """The rows that count, in order; an original takes the text of a fuller copy."""
    compactions: list[tuple[int, tuple[str, ...], bool]]
    """Per compaction: index into `rows` of the first row after it, ids of the originals that were
    kept, and whether it went into a child session."""


def is_summary(row: Row) -> bool:
    """Return whether a row is a compaction's summary."""
    return bool(row.summary) or (bool(row.content) and str(row.content).startswith(SUMMARY_PREFIXES))


def is_rewound(row: Row) -> bool:
    """Return whether the person took a row back."""
    return not row.active and not row.compacted


def _call_ids(row: Row) -> set[str]:
    try:
        return {str(call["id"]) for call in load_json(row.tool_calls or "[]")}
    except (*JSON_ERRORS, KeyError, TypeError):
        return set()


def _key(row: Row) -> Hashable:
    """What a row and its copy have in common; results are thinned out in copies, so only their ids count."""
    if row.role == "tool" and row.tool_call_id:
        return ("tool", row.tool_call_id)
    if row.tool_calls:
        try:
            calls = load_json(row.tool_calls)
            return ("calls", *((call["id"], call["function"]["name"]) for call in calls))
        except (*JSON_ERRORS, KeyError, TypeError):
            return ("calls", row.tool_calls)
    return (row.role, row.content)


def _prefix(old: Sequence[Hashable], new: Sequence[Hashable]) -> int:
    """Length of the longest run that begins both."""
    length = 0
    for key, other in zip(old, new, strict=False):
        if key != other:
            break
        length += 1
    return length


def _head(old: Sequence[Hashable], before: Sequence[Hashable]) -> int:
    """Length of the longest run that ends `before` and begins `old`."""
    for length in range(min(len(old), len(before)), 0, -1):
        if before[-length] == old[0] and list(before[-length:]) == list(old[:length]):
            return length
    return 0


def _tail(old: Sequence[Hashable], after: Sequence[Hashable]) -> int:
    """Length of the longest run that begins `after` and ends `old`."""
    for length in range(min(len(old), len(after)), 0, -1):
        if old[-length] == after[0] and list(old[-length:]) == list(after[:length]):
            return length
    return 0


def is_stub(row: Row) -> bool:
    """Return whether a row holds a notice of Hermes in place of a result, or nothing.

    Hermes 0.19 also writes what a call did in one line: "[terminal] ran `make` -> exit 0, 3 lines output".
    """
    if row.role != "tool":
        return False
    text = row.content or ""
    if not text.startswith("["):
        return not text
    return (
        text.startswith(STUBS)
        or (bool(row.tool_name) and text.startswith(f"[{row.tool_name}] "))
        or _DEMOTED.match(text) is not None
    )


def _fuller(original: Row, copy: Row) -> Row:
    """Return the original row, with the copy's text if its own is only a stub."""
    if is_stub(original) and not is_stub(copy) and copy.content:
        return original._replace(content=copy.content)
    return original


def without_stubs(rows: list[Row], *others: Sequence[Row]) -> list[Row]:
    """Replace stubs by the results that other rows hold of the same calls.

    An id is of one call only while all calls with it are the same and one of them counts: some servers send
    `call_0` each time, and then nothing is taken.

    Args:
        rows: the rows that count.
        others: further rows, copies among them: all of the session, of its parent and its continuations.
    """
    stubs = {row.tool_call_id for row in rows if row.tool_call_id and is_stub(row)}
    if not stubs:
        return rows
    results: dict[str, dict[str, int | str]] = {}
    """By call id, the texts of its results with the row that each stands in."""
    called: dict[str, set[str]] = {}
    for row in (*rows, *(row for some in others for row in some)):
        if row.tool_call_id in stubs and not is_stub(row) and row.role == "tool":
            results.setdefault(row.tool_call_id, {}).setdefault(row.content or "", row.id)
        elif row.tool_calls:
            for name in stubs & _call_ids(row):
                called.setdefault(name, set()).add(_tool_of(row, name))
    own = Counter(name for row in rows if row.tool_calls for name in _call_ids(row))
    full = {
        name: next(iter(texts.items()))
        for name, texts in results.items()
        if len(texts) == 1 and own[name] <= 1 and len(called.get(name, ())) <= 1
    }
    taken = {place for _, place in full.values()}
    return [
        row._replace(content=full[row.tool_call_id][0]) if row.tool_call_id in full and is_stub(row) else row
        for row in rows
        if not (row.tool_call_id in full and row.id in taken)
    ]


def _tool_of(row: Row, call_id: str) -> str:
    """Return the tool that a row calls with an id; "" if it cannot be read."""
    try:
        calls = load_json(row.tool_calls or "[]")
        return str(next(call["function"]["name"] for call in calls if str(call["id"]) == call_id))
    except (*JSON_ERRORS, KeyError, TypeError, StopIteration):
        return ""


def counted_rows(
    rows: Sequence[Row], parent: Sequence[Row] | None = None, continuations: Sequence[Sequence[Row]] = ()
) -> Copied:
    """Return the rows of a session that count, with what only its relatives hold of them.

    Args:
        rows: all rows of the session in the order of their ids.
        parent: the rows of the session it continues or branched from, if that is in the same source.
        continuations: the rows of the sessions that continue it.
    """
    counted = without_copies(rows, parent)
    kept = counted.rows
    for child in continuations:
        kept = kept + adopted(kept, child)
    return counted._replace(rows=without_stubs(kept, rows, parent or (), *continuations))


def without_copies(rows: Sequence[Row], parent: Sequence[Row] | None = None) -> Copied:
    """Drop rewound rows and copies from one session.

    Args:
        rows: all rows of the session in the order of their ids.
        parent: the rows of the session it continues or branched from, if that is in the same source.

    Returns:
        What counts, and where compactions happened.
    """
    kept = without_repeats([row for row in rows if row.active or row.compacted])
    old = [row for row in parent or () if not is_rewound(row) and not row.compacted]
    in_place = any(row.compacted for row in kept)
    if not kept or (not old and not in_place):
        return Copied(kept, [])
    keys = [_key(row) for row in kept]
    copies: dict[int, Row] = {}
    """Index in `kept` of each copy, with the row it copies."""
    cuts: list[tuple[int, tuple[str, ...], bool]] = []
    start = 0
    """Where the present context begins in `kept`."""
    for at, row in enumerate(kept):
        if not is_summary(row) or at in copies:
            continue
        inherited = bool(old) and not cuts
        if inherited:
            context: Sequence[Row] = old
            old_keys = [_key(inherited_row) for inherited_row in old]
            head = _head(old_keys, keys[:at])
        else:
            old_keys, head, context = _split_head(kept, keys, start, at)
        tail = _tail(old_keys, keys[at + 1 :])
        for offset in range(head):
            copies[at - head + offset] = context[offset]
        for offset in range(tail):
            copies[at + 1 + offset] = context[len(context) - tail + offset]
        ids = tuple(str(kept_row.id) for kept_row in (*context[:head], *(context[-tail:] if tail else ())))
        cuts.append((at - head, ids, inherited))
        start = at - head
    if old and not any(cut[2] for cut in cuts):
        # a branch, or a child whose summary went elsewhere: it repeats the parent from its first row
        for at in range(_prefix([_key(row) for row in old], keys)):
            copies.setdefault(at, old[at])
    return _collect(kept, copies, cuts)


def without_repeats(rows: list[Row]) -> list[Row]:
    """Drop a stretch of rows that was written twice in a row, word for word and with the same call ids.

    It has to begin with the person's words and to hold a call: an agent alone may well do the same twice.
    """
    begun: dict[str, int] = {}
    """Rows in the user's role by their content: where the newest of them is in `kept`."""
    kept: list[Row] = []
    at = 0
    while at < len(rows):
        row = rows[at]
        if row.role == "user" and row.content:
            start = begun.get(row.content, len(kept))
            stretch = kept[start:]
            length = len(stretch)
            if length and any(other.tool_calls for other in stretch):
                again = rows[at : at + length]
                if len(again) == length and all(map(_is_repeat, stretch, again)):
                    at += length
                    continue
            begun[row.content] = len(kept)
        kept.append(row)
        at += 1
    return kept


def _is_repeat(row: Row, other: Row) -> bool:
    fields = slice(2, 7)  # role, content, calls, the call it answers, tool
    return row[fields] == other[fields]


def _split_head(
    kept: Sequence[Row], keys: Sequence[Hashable], start: int, at: int
) -> tuple[list[Hashable], int, Sequence[Row]]:
    """Split `kept[start:at]` into an older context and the copies of its first rows that end it."""
    for head in range((at - start) // 2, 0, -1):
        if keys[at - head] == keys[start] and list(keys[at - head : at]) == list(keys[start : start + head]):
            return list(keys[start : at - head]), head, kept[start : at - head]
    return list(keys[start:at]), 0, kept[start:at]


def _collect(
    kept: Sequence[Row], copies: dict[int, Row], cuts: Sequence[tuple[int, tuple[str, ...], bool]]
) -> Copied:
    fuller: dict[int | str, Row] = {}
    for at, original in copies.items():
        better = _fuller(original, kept[at])
        if better is not original:
            fuller[original.id] = better
    rows = [fuller.get(row.id, row) for at, row in enumerate(kept) if at not in copies]
    places = {}
    count = 0
    for at in range(len(kept) + 1):
        places[at] = count
        count += at not in copies
    return Copied(rows, [(places[at], ids, child) for at, ids, child in cuts])


def adopted(rows: Sequence[Row], child: Sequence[Row]) -> list[Row]:
    """Return the results that only a continuation holds, for calls that its parent left unanswered.

    Args:
        rows: the parent's rows that count.
        child: all rows of the session that continues it.

    Returns:
        Result rows of the child, to be read after the parent's own.
    """
    asked: set[str] = set()
    for row in rows:
        if row.tool_calls:
            asked |= _call_ids(row)
    asked -= {row.tool_call_id for row in rows if row.role == "tool" and row.tool_call_id}
    found: dict[str, Row] = {}
    for row in child:
        if row.role == "tool" and row.tool_call_id in asked:
            present = found.get(row.tool_call_id)
            found[row.tool_call_id] = _fuller(present, row) if present else row
    return list(found.values())
