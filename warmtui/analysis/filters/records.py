"""What a filter is made of."""

from __future__ import annotations

from typing import NamedTuple

from warmtui.model.conditions import Comparison, Condition

_FIGURES = frozenset({"errors", "messages", "calls", "score", "type"})


class Term(NamedTuple):
    """One condition, understood or not finished yet."""

    field: str
    comparison: Comparison
    values: tuple[str, ...]
    """As they are meant, without quotes; any of them will do. Empty when nothing is typed yet."""
    negated: bool
    pending: bool
    """Still being typed: it matches everything."""
    start: int
    end: int
    """Where it stands in the text, in characters; `end` is behind the last one."""


class FilterProblem(NamedTuple):
    """What could not be understood, and where: `text[start:end]`."""

    start: int
    end: int
    text: str


class Filter(NamedTuple):
    """A filter as it was understood."""

    text: str
    terms: tuple[Term, ...]
    problems: tuple[FilterProblem, ...]
    """Terms with a problem match everything and are not in `terms`."""
    free_text: str
    """Words that no field claims, as typed, quotes included, joined by one space."""
    conditions: tuple[Condition, ...]
    """One per finished term; a session fits when it fits all."""

    @property
    def needs_figures(self) -> bool:
        """Whether a term asks for what is only known after the session's calls were judged."""
        return any(term.field in _FIGURES and not term.pending for term in self.terms)

    @property
    def needs_tools(self) -> bool:
        """Whether a term asks for the session's tools."""
        return any(term.field == "tool" and not term.pending for term in self.terms)
