from __future__ import annotations

import pytest

from warmtui.analysis.outcomes import missing


@pytest.mark.parametrize(
    ("ended", "followed", "age", "expected"),
    [
        (False, False, 0.0, ("pending", "no-result-yet")),
        (False, False, 3_599.0, ("pending", "no-result-yet")),
        (False, False, -5.0, ("pending", "no-result-yet")),
        (False, False, 3_600.0, ("interrupted", "no-result-old")),
        (False, False, None, ("interrupted", "no-result-old")),
        (True, False, 0.0, ("interrupted", "no-result-ended")),
        (False, True, 0.0, ("interrupted", "no-result-followed")),
        (True, True, None, ("interrupted", "no-result-followed")),
    ],
)
def test_a_call_without_a_result(
    ended: bool, followed: bool, age: float | None, expected: tuple[str, str]
) -> None:
    verdict = missing(ended, followed, age)
    assert (verdict.outcome, verdict.rule) == expected
    assert verdict.error_type == ""
