from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any, Protocol

import pytest

from warmtui.analysis.summary import rate, score_of
from warmtui.model.session import SessionHeader
from warmtui.model.summary import SessionSummary

HEADER = {"agent", "channel", "model", "title", "cwd", "started_at", "last_active_at"}


class MakeRow(Protocol):
    def __call__(self, **values: Any) -> SessionSummary: ...


@pytest.fixture
def row() -> MakeRow:
    """Makes the figures of a session; `ok` and `errors` give the score their real way."""

    def make(**values: Any) -> SessionSummary:
        header = {"agent": "hermes", **{name: values.pop(name) for name in HEADER & values.keys()}}
        ok, errors = values.get("ok", 0), values.get("errors", 0)
        reliability = rate(ok, ok + errors)
        figures = {"messages": 10, "calls": ok + errors, **values}
        return SessionSummary(
            SessionHeader("s1", source="/state.db", **header),
            reliability=reliability,
            score=figures.pop("score", score_of(reliability)),
            **figures,
        )

    return make


Quickest = Callable[[Callable[[], object], int], float]


@pytest.fixture
def quickest() -> Quickest:
    """Seconds that the fastest of so many runs took, without the tracing that measures coverage."""

    def best(work: Callable[[], object], runs: int) -> float:
        tracer = sys.gettrace()
        sys.settrace(None)
        try:
            spent = []
            for _ in range(runs):
                start = time.process_time()
                work()
                spent.append(time.process_time() - start)
        finally:
            sys.settrace(tracer)
        return min(spent)

    return best
