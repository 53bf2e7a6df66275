"""A text of any length, shown part by part, and searched."""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate
from typing import NamedTuple

from warmtui.tui.text.styled_lines import StyledLine, json_lines, plain_lines
from warmtui.tui.widgets.cells import clean

PART = 200_000
"""Characters shown at once; a widget with more hangs."""
MOST_FOUND = 5_000
"""Matches counted in one part; n still reaches the others."""


class Match(NamedTuple):
    """A match, in lines of the part shown."""

    line: int
    start: int
    end: int


class LongText:
    """An untrusted text, kept unchanged and shown sanitised.

    Args:
        text: any string, of any length.
        formatted: whether JSON is laid out for reading.
    """

    def __init__(self, text: str, *, formatted: bool = True) -> None:
        self.text = text
        self.part = 0
        self._starts = _part_starts(text)
        self._json = json_lines(text) if formatted else None
        self.lines: list[StyledLine] = []
        self._offsets: list[int] = []
        self.turn_to(0)

    @property
    def parts(self) -> int:
        """How many parts the text is shown in."""
        return len(self._starts)

    @property
    def is_json(self) -> bool:
        """Whether it is JSON laid out for reading."""
        return self._json is not None

    @property
    def shown(self) -> tuple[int, int]:
        """The part shown, in characters of the text: its start and end."""
        ends = [*self._starts[1:], len(self.text)]
        return self._starts[self.part], ends[self.part]

    def turn_to(self, part: int) -> None:
        """Show another part; beyond the ends the last or first."""
        self.part = min(max(part, 0), self.parts - 1)
        if self._json is not None:
            self.lines = self._json
        else:
            start, end = self.shown
            chunk = self.text[start:end]
            # the line break at the cut would be drawn as an empty line
            if self.part < self.parts - 1:
                chunk = chunk.removesuffix("\n")
            self.lines = plain_lines(chunk)
        self._offsets = [0, *accumulate(len(line.text) + 1 for line in self.lines)]

    def find(self, words: str) -> list[Match]:
        """Return the matches of words in the part shown, in order, ignoring case; at most 5,000."""
        if not words:
            return []
        # what is shown is clean, so words are looked for as they would be shown
        pattern = re.compile(re.escape(clean(words)), re.IGNORECASE)
        found: list[Match] = []
        for match in pattern.finditer("\n".join(line.text for line in self.lines)):
            line = bisect_right(self._offsets, match.start()) - 1
            start = match.start() - self._offsets[line]
            found.append(Match(line, start, start + match.end() - match.start()))
            if len(found) == MOST_FOUND:
                break
        return found

    def part_with(self, words: str, step: int) -> int | None:
        """Return the next part that holds words, from the one after (step 1) or before (-1) this one.

        Goes on at the other end; None when no other part has them. Words across a cut are not found.
        """
        if not words or self.parts == 1:
            return None
        low, words = self.text.lower(), words.lower()
        start, end = self.shown
        if step > 0:
            at = low.find(words, end)
            at = at if at >= 0 else low.find(words, 0, start)
        else:
            at = low.rfind(words, 0, start)
            at = at if at >= 0 else low.rfind(words, end)
        return None if at < 0 else bisect_right(self._starts, at) - 1


def _part_starts(text: str) -> list[int]:
    """Return where parts begin: after a line break where the second half of a part has one."""
    starts = [0]
    while len(text) - starts[-1] > PART:
        limit = starts[-1] + PART
        line_break = text.rfind("\n", starts[-1] + PART // 2, limit)
        starts.append(line_break + 1 if line_break >= 0 else limit)
    return starts
