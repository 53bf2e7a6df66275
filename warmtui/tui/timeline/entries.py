"""The rows of a timeline: a session's messages and calls in order, each with a lasting name."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from warmtui.model.outcome import JudgedCall
from warmtui.model.session import CompactionMark, Message
from warmtui.text import counted
from warmtui.workspace.reader import JudgedSession

Kind = Literal["prompt", "message", "call", "result", "cut"]
"""`prompt`: the system prompt; `result`: a tool result that answers no call; `cut`: a compaction."""

SEARCH_SLICE = 0.01
"""Seconds of searching between two redraws."""


class Entry(NamedTuple):
    """One row of a timeline."""

    key: str
    """Stays the same while the session grows."""
    kind: Kind
    position: int
    """Index of the message in the session; -1 for the system prompt."""
    text: str = ""
    """The text of a message, or what a compaction did."""
    message: Message | None = None
    call: JudgedCall | None = None
    call_index: int = -1
    """For a call: its index among the session's judged calls."""

    @property
    def failed(self) -> bool:
        """Whether it is a call that failed, housekeeping included."""
        return self.call is not None and self.call.verdict.outcome == "error"

    @property
    def from_person(self) -> bool:
        """Whether the person wrote it, so that a turn begins here."""
        return self.kind == "message" and self.message is not None and self.message.origin == "person"

    def holds(self, message_id: str) -> bool:
        """Return whether it is a message, or a call or its result, of that id."""
        messages = (self.message, self.call.result if self.call is not None else None)
        return any(message is not None and message.id == message_id for message in messages)

    def texts(self) -> Iterator[str]:
        """Yield every text in it unchanged, for a search."""
        if self.call is None:
            yield self.text
            return
        yield self.call.call.tool
        yield self.call.call.arguments
        yield self.call.verdict.reason
        if self.call.result is not None:
            yield self.call.result.text

    def has(self, folded_words: str) -> bool:
        """Return whether casefolded words occur anywhere in it."""
        return self.kind != "cut" and any(folded_words in text.casefold() for text in self.texts())

    def whole(self) -> str:
        """Return all of it as text, for the clipboard."""
        if self.call is None:
            return self.text
        result = self.call.result.text if self.call.result is not None else ""
        return f"{self.call.call.tool} {self.call.call.arguments}\n{result}".rstrip("\n")


def entries_of(judged: JudgedSession) -> list[Entry]:
    """Return the rows of a session's timeline.

    A result is part of its call's row, wherever in the session it is; an agent's message without words has
    rows only for its calls; everything else has a row of its own, in the session's order.
    """
    session = judged.session
    calls: dict[int, list[int]] = {}
    answered: set[int] = set()
    for index, call in enumerate(judged.calls):
        calls.setdefault(call.position, []).append(index)
        answered.add(call.result_index)
    cuts: dict[int, list[CompactionMark]] = {}
    for mark in session.compactions:
        cuts.setdefault(mark.before, []).append(mark)
    entries: list[Entry] = []
    if session.system_prompt.strip():
        entries.append(Entry("prompt", "prompt", -1, session.system_prompt))
    seen: dict[str, int] = {}
    for position, message in enumerate(session.messages):
        entries += _cuts(cuts, position)
        own_calls = calls.get(position, ())
        name = _unique(message.id, seen)
        if position not in answered and (message.text.strip() or not own_calls):
            kind: Kind = "result" if message.origin == "tool" else "message"
            entries.append(Entry(f"m:{name}", kind, position, message.text, message))
        for number, index in enumerate(own_calls):
            call = judged.calls[index]
            entries.append(Entry(f"c:{name}:{number}", "call", position, "", message, call, index))
    entries += _cuts(cuts, len(session.messages))
    return entries


def _unique(name: str, seen: dict[str, int]) -> str:
    # Some logs repeat their ids; a row's key must be its own.
    times = seen[name] = seen.get(name, 0) + 1
    return name if times == 1 else f"{name}#{times}"


def _cuts(cuts: dict[int, list[CompactionMark]], position: int) -> Iterator[Entry]:
    for number, mark in enumerate(cuts.get(position, ())):
        where = "continues a session, compacted" if mark.into_child else "compacted here"
        words = f"{where}: {len(mark.kept):,} messages kept, the rest summarised"
        yield Entry(f"x:{position}:{number}", "cut", position, words)


def session_counts(judged: JudgedSession) -> str:
    """Return the counts in words: `111 messages · 43 calls, 2 failed`."""
    failed = sum(call.verdict.outcome == "error" and not call.housekeeping for call in judged.calls)
    words = " · ".join((counted(len(judged.session.messages), "message"), counted(len(judged.calls), "call")))
    return f"{words}, {failed:,} failed" if failed else words


async def rows_with(entries: Sequence[Entry], words: str) -> list[int]:
    """Return the indexes of the entries that have words in any of their texts, whatever their case.

    Empty words are in none. The event loop runs in between; cancel the search to start another.
    """
    folded, rows, start = words.casefold(), list[int](), time.monotonic()
    if not folded:
        return rows
    for index, entry in enumerate(entries):
        if entry.has(folded):
            rows.append(index)
        if time.monotonic() - start > SEARCH_SLICE:
            await asyncio.sleep(0)
            start = time.monotonic()
    return rows
