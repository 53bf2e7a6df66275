"""The type of rule that every table consists of, and the scanner that tries a table on a text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

Family = Literal["secret", "personal"]
Check = Callable[[re.Match[str]], bool]
"""Whether a match counts. `match.string` is the text that the pattern was tried on."""
Extent = Callable[[str, re.Match[str]], tuple[int, int] | None]
"""Given the original text and a match: start and end of what was found, or None if nothing was."""
Search = Callable[[re.Pattern[str], str], Iterator[re.Match[str]]]
"""Where a text is searched for a pattern."""

KNOWN, VENDOR, STRUCTURE, NAMED, PERSONAL = range(5)
"""Ranks of findings, the most specific first: a known value, a vendor's format, a structure around the
value, a telling name, personal data."""

_WORD = re.compile("[a-z]{2,}")
_ESCAPED_SPACE = re.compile(r"\\[nrt]")


class Span(NamedTuple):
    """What one rule found, before overlaps are resolved."""

    start: int
    end: int
    kind: str
    rule: str
    rank: int
    family: Family = "secret"


def value_span(text: str, match: re.Match[str]) -> tuple[int, int]:
    """Return the place of the group `v`, or of the whole match if the pattern has no such group."""
    return match.span("v" if "v" in match.re.groupindex else 0)


def within(outer: re.Pattern[str], group: str) -> Search:
    """Return a search that goes only through what a group of another pattern matches."""

    def search(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
        for around in outer.finditer(text):
            yield from pattern.finditer(text, *around.span(group))

    return search


@dataclass(frozen=True)
class Rule:
    """A pattern, the hints that a text must have before it is tried, and the kind of its matches."""

    name: str
    """Kebab-case id, `aws-signature`."""
    pattern: str
    hints: frozenset[str]
    """At least one of these strings must be in the normal text."""
    more_hints: frozenset[str] = frozenset()
    """At least one of these must be there too; empty if `hints` suffice."""
    kind: str = ""
    """What redaction writes into the slot, `password`."""
    rank: int = STRUCTURE
    family: Family = "secret"
    raw: bool = False
    """The pattern is tried on the original text, not on the normal one."""
    flags: int = 0
    search: Search = re.Pattern.finditer
    check: Check | None = None
    extent: Extent = value_span

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """The pattern, compiled on first use."""
        return re.compile(self.pattern, self.flags)

    def find(self, text: str, normal: str) -> Iterator[tuple[int, int]]:
        """Yield start and end of everything that the rule finds.

        Args:
            text: the original text.
            normal: the text as patterns expect it: in lower case, or normalised. If the rule is not raw and
                lengths differ, offsets are those of the normal text.
        """
        for match in self.search(self.regex, text if self.raw else normal):
            if self.check is None or self.check(match):
                place = self.extent(text, match)
                if place is not None:
                    yield place


class RuleTable:
    """Rules that are tried together.

    Args:
        rules: in the order in which findings are given.
        whole_words: a hint of Latin letters must be a word of the text, not only a part of one.
    """

    def __init__(self, rules: Iterable[Rule], *, whole_words: bool = False) -> None:
        self._rules = tuple(rules)
        hints = frozenset(hint for rule in self._rules for hint in rule.hints | rule.more_hints)
        self._words = frozenset(filter(_WORD.fullmatch, hints)) if whole_words else frozenset[str]()
        self._parts = hints - self._words

    def possible(self, normal: str) -> list[Rule]:
        """Choose the rules whose hints are in a text: for most texts none."""
        present = {part for part in self._parts if part in normal}
        if self._words:
            present |= self._words.intersection(_WORD.findall(_ESCAPED_SPACE.sub(" ", normal)))
        if not present:
            return []
        return [
            rule
            for rule in self._rules
            if not present.isdisjoint(rule.hints)
            and not (rule.more_hints and present.isdisjoint(rule.more_hints))
        ]

    def scan(self, text: str, normal: str) -> Iterator[Span]:
        """Yield what the rules find; see `Rule.find` for the arguments."""
        for rule in self.possible(normal):
            for start, end in rule.find(text, normal):
                yield Span(start, end, rule.kind, rule.name, rule.rank, rule.family)
