from __future__ import annotations

import sys
import time
from collections.abc import Callable

import pytest

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
