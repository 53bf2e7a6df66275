"""One session of the index, and whether a filter selects it."""

from __future__ import annotations

from warmtui.analysis.filters import Filter
from warmtui.library.index import IndexedStats, IndexReader, SessionIndex
from warmtui.model.conditions import Selection
from warmtui.model.session import SessionHeader
from warmtui.model.stats import SessionStats

SOURCE = "/somewhere/state.db"


class Kept:
    """A session as the index keeps it."""

    def __init__(self, header: SessionHeader, figures: SessionStats | None) -> None:
        self.header = header
        self.figures = figures

    @property
    def score(self) -> int | None:
        return None if self.figures is None else self.figures.score


def fits(asked: Filter, kept: Kept) -> bool:
    """Tell whether the index selects a session by a filter."""
    index = SessionIndex(None, "test")
    index.sync(SOURCE, [kept.header])
    if kept.figures is not None:
        index.store(SOURCE, [IndexedStats(kept.header.id, kept.header.stamp, kept.figures, ())])
    needs = asked.needs_figures or asked.needs_tools
    found = IndexReader(index).select([SOURCE], Selection(asked.conditions, judged=needs))
    index.close()
    return len(found.numbers) == 1
