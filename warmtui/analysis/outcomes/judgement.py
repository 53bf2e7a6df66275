"""The judgement of one tool call: which rules are tried, and in which order."""

from __future__ import annotations

from warmtui.analysis.outcomes.agent_texts import (
    exit_note,
    interruption,
    of_exit_note,
    of_notice,
    of_refusal,
    of_script,
    of_summary,
    of_time_limit,
    refusal,
)
from warmtui.analysis.outcomes.checkers import checker_that_reported
from warmtui.analysis.outcomes.error_types import error_type_of
from warmtui.analysis.outcomes.exit_codes import of_exit
from warmtui.analysis.outcomes.failure_lines import readable
from warmtui.analysis.outcomes.json_result import of_json
from warmtui.analysis.outcomes.plain_result import of_code_output, of_command_output, of_error_message
from warmtui.analysis.outcomes.rules import OutcomeRule, ResultText, UnjudgedCall, decide, ok, unknown
from warmtui.analysis.results import unwrap
from warmtui.model.outcome import Verdict
from warmtui.model.session import Evidence

HOUR = 3600.0
"""Seconds after which a call without a result counts as interrupted."""
_MAX_DEPTH = 3
"""Levels of results inside results that are followed: an MCP server's JSON in a text block."""


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
    call = UnjudgedCall(tool, arguments)
    verdict = _of_text(call, result) if evidence is None else _of_evidence(call, result, evidence)
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


def _of_evidence(call: UnjudgedCall, result: str, evidence: Evidence) -> Verdict:
    if evidence.denied:
        return decide("denied", "denied-flag")
    if evidence.interrupted:
        return decide("interrupted", "interrupted-flag")
    if evidence.undecided:
        return unknown(evidence.undecided)
    if evidence.exit_code is not None:
        if evidence.exit_code == 0 and evidence.is_error:
            return unknown("contradiction")
        if evidence.exit_code and (aborted := interruption(result)):
            return aborted
        return of_exit(evidence.exit_code, unwrap(result).text, call)
    if evidence.is_error:
        return _of_error_flag(call, result)
    verdict = _of_text(call, result)
    failed = call.kind != "shell" and verdict.outcome in ("error", "denied", "interrupted")
    return verdict if evidence.is_error is None or verdict.findings or failed else ok("no-error-flag")


def _of_error_flag(call: UnjudgedCall, whole: str) -> Verdict:
    """Return the verdict of a result that the session marks as an error.

    Agents also mark refusals, answers and findings that way.
    """
    result = _read(call, whole, _MAX_DEPTH)
    verdict = refusal(result.text) or of_json(call, result._replace(cut=False))
    if verdict is not None and (
        verdict.outcome in ("error", "denied", "interrupted")
        or verdict.findings
        or verdict.rule == "exit-answer"
    ):
        return verdict
    note = exit_note(result.text)
    if note is not None:
        return unknown("contradiction") if note.code == 0 else of_exit(note.code, note.body, call)
    if call.kind == "shell":
        checker = checker_that_reported(readable(result.text))
        if checker:
            return decide("ok", "findings", checker=checker, findings=True)
    return decide("error", "error-flag", error_type=error_type_of(result.text))


def _of_error_mark(_call: UnjudgedCall, result: ResultText) -> Verdict | None:
    """Return the verdict of a result whose wrapper marks it as a tool's error."""
    if not result.marked_error:
        return None
    return refusal(result.text) or decide("error", "error-marked", error_type=error_type_of(result.text))


RESULT_RULES: tuple[OutcomeRule, ...] = (
    _of_error_mark,
    of_json,
    of_refusal,
    of_notice,
    of_script,
    of_summary,
    of_time_limit,
    of_exit_note,
    of_command_output,
    of_code_output,
    of_error_message,
)
"""The rules in order: the first verdict counts. A result that none of them decides worked."""


def _read(call: UnjudgedCall, text: str, depth: int) -> ResultText:
    def judge_inner(inner: str) -> Verdict:
        return _of_text(call, inner, depth - 1) if depth else ok("no-error-value")

    return ResultText(*unwrap(text), judge_inner)


def _of_text(call: UnjudgedCall, text: str, depth: int = _MAX_DEPTH) -> Verdict:
    """Return the verdict of a result by its text alone."""
    result = _read(call, text, depth)
    for rule in RESULT_RULES:
        verdict = rule(call, result)
        if verdict is not None:
            return verdict
    if result.cut and call.kind in ("shell", "code"):
        # a command's failure stands at its end
        return unknown("cut-off")
    return ok("no-failure-sign")
