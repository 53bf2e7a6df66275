"""No result and no arguments, whatever they hold, break the rules or hold them up."""

from __future__ import annotations

import json
import time

import pytest
from case_tables import cases
from hypothesis import given
from hypothesis import strategies as st

from warmtui.analysis.outcomes import ERROR_TYPES, REASONS, error_line, judge
from warmtui.model.outcome import OUTCOMES, Verdict
from warmtui.model.session import Evidence

pytestmark = pytest.mark.slow

TEN_MEGABYTES = 10_000_000
SECONDS = 5.0
"""Far above what 10 MB take (under half a second), far below what anything quadratic would."""


@cases("analysis/outcomes/data/huge_pieces.jsonl")
@pytest.mark.parametrize("tool", ["terminal", "get_thing"])
def test_ten_megabytes_are_judged_in_time(piece: str, tool: str) -> None:
    text = piece * (TEN_MEGABYTES // len(piece))
    started = time.process_time()
    judge(tool, '{"command": "python x.py && make"}', text)
    error_line(text)
    assert time.process_time() - started < SECONDS


def test_ten_megabytes_in_json_are_judged_in_time() -> None:
    result = json.dumps({"output": "error: failed 1\n" * 600_000, "exit_code": 1, "error": None})
    started = time.process_time()
    assert judge("terminal", '{"command": "x"}', result).outcome == "error"
    assert time.process_time() - started < SECONDS


@cases(
    "analysis/outcomes/data/malformed_results.jsonl",
    ('{"output": ' + "[" * 5_000, "unknown"),
    ('{"output": ' * 5_000 + "1" + "}" * 5_000, "unknown"),
    ("[" * 100_000 + "]" * 100_000, "ok"),
    ('{"error": ' + "[" * 900 + "1" + "]" * 900 + "}", "error"),
    ('{"error": ' + '{"message":' * 900 + "1" + "}" * 900 + "}", "error"),
)
def test_malformed_results(result: str, outcome: str) -> None:
    assert judge("terminal", '{"command": "x"}', result).outcome == outcome
    assert "\n" not in error_line(result)


@pytest.mark.parametrize(
    "arguments", ["", "{", "[]", "null", '"x"', "\ud800", "\0", '{"command": 5}', '{"command": []}']
)
def test_malformed_arguments(arguments: str) -> None:
    assert judge("terminal", arguments, '{"output": "", "exit_code": 2, "error": null}').outcome == "error"
    assert judge("terminal", arguments, "done").outcome == "ok"


def check(verdict: Verdict) -> None:
    assert verdict.outcome in OUTCOMES
    assert verdict.rule in REASONS
    assert "{" not in verdict.reason
    assert verdict.reason.endswith(".")
    assert (verdict.error_type != "") == (verdict.outcome == "error")
    assert verdict.error_type in ("", *ERROR_TYPES)
    assert not verdict.findings or verdict.rule in ("findings", "findings-as-errors")


KEYS = st.sampled_from([
    "error", "exit_code", "success", "status", "output", "content", "isError", "results", "type", "text",
    "metadata",
])  # fmt: skip
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=12,
)


@given(
    json_values,
    st.sampled_from(["terminal", "process", "x", "read_file", "execute_code"]),
    st.sampled_from(['{"command": "grep x y"}', '{"path": "a"}', "grep x y", ""]),
    st.booleans(),
)
def test_any_json_gets_a_whole_verdict(value: object, tool: str, arguments: str, strict: bool) -> None:
    result = json.dumps(value)
    verdict = judge(tool, arguments, result, findings_are_errors=strict)
    check(verdict)
    # evidence without any sign decides nothing
    assert verdict == judge(tool, arguments, result, Evidence(), findings_are_errors=strict)


@given(
    st.text(max_size=300)
    | st.lists(
        st.sampled_from(
            [
                "error: ",
                "rm: cannot x",
                "\n",
                "Exit code 1",
                "Traceback (most recent call last):",
                "ValueError: x",
                " 1 failed in 0.1s",
                "fatal: ",
            ]
        )
    ).map("".join),
    st.text(max_size=40),
    st.builds(Evidence, exit_code=st.none() | st.integers(-300, 300), is_error=st.none() | st.booleans())
    | st.none(),
)
def test_any_text_gets_a_whole_verdict(text: str, command: str, evidence: Evidence | None) -> None:
    check(judge("bash", json.dumps({"command": command}), text, evidence))
    check(judge("x", command, text, evidence))
    line = error_line(text)
    assert len(line) <= 200
    assert "\n" not in line
