"""Recoveries in one line."""

from __future__ import annotations

import json

import pytest

from warmtui.curation.summaries import recovery_line
from warmtui.model.template import ExampleCall, Provenance, Recovery


def call(command: str) -> ExampleCall:
    arguments = json.dumps({"command": command, "description": "what it is for"})
    return ExampleCall(tool="Bash", arguments=arguments, result="", result_characters=0)


def line(failed: str, error: str, kind: str, fixed: str, change: str) -> str:
    recovery = Recovery(
        id="r",
        failed=call(failed),
        error=error,
        error_type=kind,
        fixed=call(fixed),
        change=change,
        before="",
        closing="",
        provenance=Provenance(agent="hermes", session_id="s1"),
    )
    return recovery_line(recovery)


@pytest.mark.parametrize(
    ("recovery", "expected"),
    [
        (
            (
                "pytest",
                "No module named 'shop'.",
                "ModuleNotFound",
                "PYTHONPATH=. pytest",
                "added PYTHONPATH=.",
            ),
            "Bash `pytest` failed: No module named 'shop'. What worked: Bash `PYTHONPATH=. pytest`.",
        ),
        (
            ("show --no-stat", "no such option", "InvalidArguments", "show", "without --no-stat"),
            "Bash `show --no-stat` failed: no such option. What worked: Bash `show` (without --no-stat).",
        ),
        (
            ("lint", "E501 line too long", "Findings", "lint", "a.py: long → short"),
            "Bash `lint` reported: E501 line too long. What fixed it: a.py: long → short.",
        ),
        (
            ("test -k x", "it found nothing", "FoundNothing", "test e2e -k x", "test -k x → test e2e -k x"),
            "Bash `test -k x` found nothing. What worked: Bash `test e2e -k x`.",
        ),
        (
            ("git switch main", "it is open", "Refused", "git fetch", "the person said: it is …"),
            "Bash `git switch main` was refused: “it is open”. What was done instead: Bash `git fetch`.",
        ),
    ],
)
def test_a_recovery_says_what_changed_where_its_calls_do_not(
    recovery: tuple[str, str, str, str, str], expected: str
) -> None:
    assert line(*recovery) == expected
