from __future__ import annotations

from collections.abc import Collection
from typing import Any, Protocol

import pytest
from indexed_session import SOURCE, Kept

from warmtui.analysis.stats import score_of
from warmtui.model.session import SessionHeader
from warmtui.model.stats import NO_STATS, rate

HEADER = {"agent", "channel", "model", "title", "cwd", "started_at", "last_active_at"}


class MakeRow(Protocol):
    def __call__(self, **values: Any) -> Kept: ...


@pytest.fixture
def row() -> MakeRow:
    """Makes a judged session; `ok` and `errors` give the score their real way. `judged=False`: not yet."""

    def make(*, judged: bool = True, tools: Collection[str] = (), **values: Any) -> Kept:
        header = {"agent": "hermes", **{name: values.pop(name) for name in HEADER & values.keys()}}
        ok, errors = values.get("ok", 0), values.get("errors", 0)
        figures = {"messages": 10, "calls": ok + errors, "score": score_of(rate(ok, ok + errors)), **values}
        return Kept(
            SessionHeader("s1", source=SOURCE, rows=10, stamp="1", **header),
            NO_STATS._replace(tools=frozenset(tools), **figures) if judged else None,
        )

    return make
