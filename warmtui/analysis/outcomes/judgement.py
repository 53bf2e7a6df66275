"""The judgement of one tool call: which families of rules are tried, and in which order."""

from __future__ import annotations

import re
from typing import Any

from warmtui.analysis.outcomes.call_kind import Call, Kind
from warmtui.analysis.outcomes.checkers import checker_that_reported
from warmtui.analysis.outcomes.envelopes import exit_envelope, of_summary, ran_out_of_time
from warmtui.analysis.outcomes.error_types import error_type_of
from warmtui.analysis.outcomes.exit_codes import of_exit
from warmtui.analysis.outcomes.failure_lines import readable
from warmtui.analysis.outcomes.json_result import of_list, of_object
from warmtui.analysis.outcomes.plain_result import of_shell_text, of_tool_text
from warmtui.analysis.outcomes.refusals import refusal
from warmtui.analysis.outcomes.rules import decide, ok, unknown
from warmtui.analysis.results import MISSING, decode_json, decode_literal, unwrap
from warmtui.model.outcome import Verdict
from warmtui.model.session import Evidence

HOUR = 3600.0
"""Seconds after which a call without a result counts as interrupted."""

_DEPTH = 3
"""Levels of results inside results that are followed: an MCP server's JSON in a text block."""
_STRUCTURED = frozenset({"terminal"})
"""Shell tools that always answer with an object of their own (Hermes)."""
_ENVELOPE_KEYS: dict[Kind, str] = {
    "shell": "output|exit_code|returncode|stdout|stderr",
    "code": "status|output|exit_code|returncode|stdout|stderr",
    "reader": "content|error|success|status|total_count|matches|results?",
    "sql": "error|success|status|results?|rows",
    "process": "session_id|status|output|error",
    "other": "output|content|success|status|error|results?|bytes_written|isError|data",
}
"""Kind of tool → the first keys of its own object; a command may print any other JSON, cut off or not."""
_ENVELOPE_STARTS = {kind: re.compile(rf'\{{\s*+"(?:{keys})"\s*+:') for kind, keys in _ENVELOPE_KEYS.items()}
_STRONGER = ("error", "denied", "interrupted")
"""Outcomes that the result's own words may give to a call that the session marks as an error."""
_JSON_STARTS = frozenset('{["\n \t\r')
_VISIBLE = re.compile(
    r'\{\s*+"(?:success"\s*+:\s*+(?P<success>true|false)|status"\s*+:\s*+"(?P<status>success|error)"'
    r'|(?P<error>error)"\s*+:\s*+")'
)
"""Evidence at the very start of a structured result, before anything can be cut off."""


def judge(
    tool: str,
    arguments: str,
    result: str,
    evidence: Evidence | None = None,
    *,
    findings_are_errors: bool = False,
) -> Verdict:
    """Return what became of a call that has a result.

    Evidence decides before words: first what the session stores besides the text, then exit codes, error
    values and flags of a structured result, then what an agent wrote around an output, then the output.

    Args:
        tool: the tool's name as the session has it.
        arguments: the original text of the arguments, possibly malformed.
        result: the result as text; any length, any content.
        evidence: signs that the session's format stores besides the text.
        findings_are_errors: count a checker's findings as errors.
    """
    call = Call(tool, arguments)
    verdict = _judge(call, result) if evidence is None else _judge_with(call, result, evidence)
    if findings_are_errors and verdict.findings and verdict.outcome == "ok":
        checker = verdict.reason.partition(" ran and")[0]
        return decide("error", "findings-as-errors", checker=checker, findings=True, error_type="Findings")
    return verdict


def missing(ended: bool, followed: bool, age_seconds: float | None) -> Verdict:
    """Return what became of a call that has no result.

    Args:
        ended: whether the session has ended.
        followed: whether anything follows the call.
        age_seconds: seconds since the call was made; None if unknown, which counts as long ago.
    """
    if followed:
        return decide("interrupted", "no-result-followed")
    if ended:
        return decide("interrupted", "no-result-ended")
    if age_seconds is None or age_seconds >= HOUR:
        return decide("interrupted", "no-result-old")
    return decide("pending", "no-result-yet")


def _judge_with(call: Call, result: str, evidence: Evidence) -> Verdict:
    if evidence.denied:
        return decide("denied", "denied-flag")
    if evidence.interrupted:
        return decide("interrupted", "interrupted-flag")
    if evidence.exit_code is not None:
        if evidence.exit_code == 0 and evidence.is_error:
            return unknown("contradiction")
        return of_exit(evidence.exit_code, unwrap(result).text, call)
    if evidence.is_error is None:
        return _judge(call, result)
    if evidence.is_error:
        return _of_flagged(call, unwrap(result).text)
    verdict = _judge(call, result)
    if verdict.findings or (call.kind != "shell" and verdict.outcome in ("error", "denied", "interrupted")):
        return verdict
    return ok("no-error-flag")


def _of_flagged(call: Call, text: str) -> Verdict:
    """Return the verdict of a result that the session marks as an error.

    Agents also mark refusals, answers and findings that way.
    """
    verdict = refusal(text)
    if verdict is None and text[:1] in _JSON_STARTS:
        verdict = _of_json(call, text, _DEPTH, cut=False)
    if verdict is not None and (
        verdict.outcome in _STRONGER or verdict.findings or verdict.rule == "exit-answer"
    ):
        return verdict
    envelope = exit_envelope(text)
    if envelope is not None:
        if envelope.code == 0:
            return unknown("contradiction")
        return of_exit(envelope.code, envelope.body, call)
    if call.kind == "shell":
        checker = checker_that_reported(readable(text))
        if checker:
            return decide("ok", "findings", checker=checker, findings=True)
    return decide("error", "error-flag", error_type=error_type_of(text))


def _judge(call: Call, result: str, depth: int = _DEPTH) -> Verdict:
    """Return the verdict of a result by its text alone."""
    text, cut = result, False
    first = text[:1]
    if first == "<":
        text, cut, marked = unwrap(text)
        if marked:
            return refusal(text) or of_tool_text(text, call.kind, marked=True)
        first = text[:1]
    if first in _JSON_STARTS:
        verdict = _of_json(call, text, depth, cut=cut)
        if verdict is not None:
            return verdict
    verdict = refusal(text) or of_summary(call, text)
    return verdict if verdict is not None else _of_text(call, text, cut=cut)


def _of_json(call: Call, text: str, depth: int, *, cut: bool) -> Verdict | None:
    """Return the verdict of a structured result, None for any other text."""
    value, rest = decode_json(text)
    if value is MISSING:
        value = decode_literal(text)
    if value is MISSING:
        return _of_undecodable(call, text, cut=cut)

    def inner(inside: str) -> Verdict:
        return _judge(call, inside, depth - 1) if depth else ok("no-error-value")

    if isinstance(value, dict):
        return of_object(value, call, inner, enveloped=call.tool in _STRUCTURED)
    if _is_printed(value, rest, call):
        return None
    if isinstance(value, list):
        return of_list(value, inner)
    return inner(value) if isinstance(value, str) else None


def _is_printed(value: Any, rest: str, call: Call) -> bool:
    """Whether a list or scalar is only the start of printed text: `[1] 4242`, `"a" is …`."""
    if rest.strip() and not rest.startswith("\n\n["):
        return True
    return call.kind in ("shell", "code") and not (
        isinstance(value, list) and value and all(isinstance(part, dict) and "type" in part for part in value)
    )


def _of_undecodable(call: Call, text: str, *, cut: bool) -> Verdict | None:
    """Return the verdict of a tool's object that cannot be decoded, None for any other text."""
    if _ENVELOPE_STARTS[call.kind].match(text) is None:
        return None
    visible = _VISIBLE.match(text)
    if visible is not None and call.kind != "shell":
        if visible["success"] == "true" or visible["status"] == "success":
            return ok("success-true" if visible["success"] else "status-ok")
        kind = error_type_of(text)
        return decide("error", "error-value" if visible["error"] else "success-false", error_type=kind)
    return unknown("cut-off" if cut or not text.rstrip().endswith("}") else "undecodable")


def _of_text(call: Call, text: str, *, cut: bool) -> Verdict:
    """Return the verdict of a plain result."""
    kind = call.kind
    if kind not in ("shell", "code"):
        return of_tool_text(text, kind)
    if ran_out_of_time(text):
        return decide("error", "timeout-text", error_type="Timeout")
    envelope = exit_envelope(text)
    if envelope is not None:
        return of_exit(envelope.code, envelope.body, call)
    verdict = of_shell_text(text, call.command_line) if kind == "shell" else of_tool_text(text, kind)
    if cut and verdict.rule == "no-failure-sign":
        return unknown("cut-off")
    return verdict
