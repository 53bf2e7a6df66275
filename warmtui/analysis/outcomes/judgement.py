"""Judging one tool call: which rule family speaks, in which order."""

from __future__ import annotations

import re
from typing import Any

import orjson

from warmtui.analysis.outcomes.call_kind import PROCESS_TOOLS, Call, Kind
from warmtui.analysis.outcomes.checkers import TAIL_LIMIT, checker_that_reported, may_be_a_summary
from warmtui.analysis.outcomes.envelopes import exit_envelope, ran_out_of_time
from warmtui.analysis.outcomes.error_types import error_type_of
from warmtui.analysis.outcomes.exit_codes import of_exit
from warmtui.analysis.outcomes.failure_lines import readable
from warmtui.analysis.outcomes.json_result import of_list, of_object, plainly_ok
from warmtui.analysis.outcomes.refusals import refusal
from warmtui.analysis.outcomes.result_values import MISSING, decode_json, decode_literal, unwrap
from warmtui.analysis.outcomes.rules import decide, ok, unknown
from warmtui.analysis.outcomes.shell_text import of_shell_text
from warmtui.analysis.outcomes.summaries import of_summary
from warmtui.analysis.outcomes.tool_text import of_tool_text
from warmtui.model.outcome import Verdict
from warmtui.model.session import Evidence

HOUR = 3600.0
"""Seconds after which a call without a result counts as interrupted (DEFINITIONS)."""

_DEPTH = 3
"""Levels of results inside results (an MCP server's JSON inside a text block) that are followed."""
_STRUCTURED = frozenset({"terminal"})
"""Shell tools that answer with an object of their own in every case (Hermes)."""
_ENVELOPE_KEYS: dict[Kind, str] = {
    "shell": "output|exit_code|returncode|stdout|stderr",
    "code": "status|output|exit_code|returncode|stdout|stderr",
    "reader": "content|error|success|status|total_count|matches|results?",
    "sql": "error|success|status|results?|rows",
    "process": "session_id|status|output|error",
    "other": "output|content|success|status|error|results?|bytes_written|isError|data",
}
"""Kind of tool → the first keys of its own envelope; a command may print any other JSON, cut or not."""
_ENVELOPE_STARTS = {kind: re.compile(rf'\{{\s*+"(?:{keys})"\s*+:') for kind, keys in _ENVELOPE_KEYS.items()}
_STRONGER = ("error", "denied", "interrupted")
"""Outcomes that a result's own words give it even where the session only marks it as an error."""
_JSON_STARTS = frozenset('{["\n \t\r')
_VISIBLE = re.compile(
    r'\{\s*+"(?:success"\s*+:\s*+(?P<success>true|false)|status"\s*+:\s*+"(?P<status>success|error)"'
    r'|(?P<error>error)"\s*+:\s*+")'
)
"""Evidence that stands at the very beginning of a structured result, before anything can be cut off."""


_OUTPUT, _ZERO = '{"output": "', '", "exit_code": 0, "error": null}'
"""How Hermes writes the result of a command that exited with 0, around its output."""


def judge(
    tool: str,
    arguments: str,
    result: str,
    evidence: Evidence | None = None,
    *,
    findings_are_errors: bool = False,
) -> Verdict:
    """Return what became of a call that has a result (DEFINITIONS, Outcome).

    Evidence decides before words: what the session keeps beside the text, then exit codes, error values and
    flags of a structured result, then what an agent wrote around an output, then the output itself.

    Args:
        tool: the tool's name as the session has it.
        arguments: the original text of the arguments, possibly malformed.
        result: the result as text; any length, any content.
        evidence: signs that the session's format keeps beside the text.
        findings_are_errors: count a checker's findings as errors, for who prefers that.
    """
    if evidence is None:
        if result.endswith(_ZERO) and tool not in PROCESS_TOOLS and _ended_well(result):
            return ok("exit-zero")
        try:
            value = orjson.loads(result) if result[:1] == "{" else MISSING
        except orjson.JSONDecodeError:
            value = MISSING
        verdict = plainly_ok(value, tool, arguments) if type(value) is dict else None
        if verdict is None:
            verdict = _judge(Call(tool, arguments), result, value=value)
    else:
        verdict = _judge_with(Call(tool, arguments), result, evidence)
    if findings_are_errors and verdict.findings and verdict.outcome == "ok":
        checker = verdict.reason.partition(" ran and")[0]
        return decide("error", "findings-as-errors", checker=checker, findings=True, error_type="Findings")
    return verdict


def missing(ended: bool, followed: bool, age_seconds: float | None) -> Verdict:
    """Return what became of a call that has no result.

    Args:
        ended: whether the session has ended.
        followed: whether anything follows the call.
        age_seconds: seconds since the call was made; None when unknown, which is taken as long ago.
    """
    if followed:
        return decide("interrupted", "no-result-followed")
    if ended:
        return decide("interrupted", "no-result-ended")
    if age_seconds is None or age_seconds >= HOUR:
        return decide("interrupted", "no-result-old")
    return decide("pending", "no-result-yet")


def _ended_well(result: str) -> bool:
    """Whether a result is a command's envelope with exit code 0 and no checker's summary, seen undecoded.

    Decoding costs more than everything else that is done with the commonest result of all. False where only
    decoding can tell: with a quote or an escaped character in sight, or a word that a summary has.

    Args:
        result: a text that ends with `_ZERO`.
    """
    end = len(result) - len(_ZERO)
    if not result.startswith(_OUTPUT) or result.find('"', len(_OUTPUT)) != end or result[end - 1] == "\\":
        return False
    begin = max(len(_OUTPUT), end - 2 * TAIL_LIMIT)
    if end - len(_OUTPUT) > TAIL_LIMIT + 1 and "\\" not in result[end - TAIL_LIMIT - 1 : end]:
        return True  # no line begins in the part that is looked at
    tail = result[begin:end]
    # an escape of two characters halves what they hold, one of six could hide a word
    return "\\u" not in tail and not may_be_a_summary(tail)


def _judge_with(call: Call, result: str, evidence: Evidence) -> Verdict:
    if evidence.denied:
        return decide("denied", "denied-flag")
    if evidence.interrupted:
        return decide("interrupted", "interrupted-flag")
    if evidence.exit_code is not None:
        if evidence.exit_code == 0 and evidence.is_error:
            return unknown("contradiction")
        return of_exit(evidence.exit_code, unwrap(result).text, call.command)
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

    A refusal, an answer and findings are marked so too.
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
        return of_exit(envelope.code, envelope.body, call.command)
    if call.kind == "shell":
        checker = checker_that_reported(readable(text))
        if checker:
            return decide("ok", "findings", checker=checker, findings=True)
    return decide("error", "error-flag", error_type=error_type_of(text))


def _judge(call: Call, result: str, depth: int = _DEPTH, value: Any = MISSING) -> Verdict:
    """Return the verdict of a result; `value` is the whole of it decoded, where that was done already."""
    text, cut = result, False
    first = text[:1]
    if first == "<":
        text, cut, marked = unwrap(text)
        if marked:
            return refusal(text) or of_tool_text(text, call.kind, marked=True)
        first = text[:1]
    if first in _JSON_STARTS:
        verdict = _of_json(call, text, depth, cut=cut, value=value)
        if verdict is not None:
            return verdict
    verdict = refusal(text) or of_summary(call, text)
    return verdict if verdict is not None else _of_text(call, text, cut=cut)


def _of_json(call: Call, text: str, depth: int, *, cut: bool, value: Any = MISSING) -> Verdict | None:
    """Return the verdict of a structured result, None when the text is none."""
    rest = ""
    if value is MISSING:
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
    """Whether a list or a scalar is just the beginning of what was printed: `[1] 4242`, `"a" is …`."""
    if rest.strip() and not rest.startswith("\n\n["):
        return True
    return call.kind in ("shell", "code") and not (
        isinstance(value, list) and value and all(isinstance(part, dict) and "type" in part for part in value)
    )


def _of_undecodable(call: Call, text: str, *, cut: bool) -> Verdict | None:
    """Return the verdict of an envelope that cannot be decoded, None for a text that begins like none."""
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
        return of_exit(envelope.code, envelope.body, call.command)
    verdict = of_shell_text(text, call.command) if kind == "shell" else of_tool_text(text, kind)
    if cut and verdict.rule == "no-failure-sign":
        return unknown("cut-off")
    return verdict
