"""Verdicts of structured results: exit codes, error values, success and status, MCP's shapes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from warmtui.analysis.outcomes.call_kind import Call
from warmtui.analysis.outcomes.error_types import error_type_of
from warmtui.analysis.outcomes.exit_codes import of_exit, of_success
from warmtui.analysis.outcomes.refusals import refusal
from warmtui.analysis.outcomes.rules import decide, ok, unknown
from warmtui.analysis.patterns import word_set
from warmtui.model.outcome import Verdict

Judge = Callable[[str], Verdict]
"""Judges the text inside a structured result."""

_CODE_KEYS = ("exit_code", "exitCode", "returncode", "return_code", "exit_status", "exitStatus")
_OUTPUT_KEYS = ("output", "stdout", "aggregated_output", "stderr", "content", "text", "result")
_ENVELOPE = word_set("error errors message output reason detail details exit_code stderr stdout note summary")
"""Keys beside which `status` describes the call; in a booking or an order it describes the thing."""
_RAN = word_set("output stdout stderr exit_code")
"""Keys beside which `cancelled` and `denied` do too: an order can be cancelled with a reason."""
_STATUS_FAILED = word_set(
    "failed failure errored exception fatal crashed disabled not_found unavailable rejected invalid declined"
)
_STATUS_DENIED = word_set("blocked denied user-rejected user_rejected")
_STATUS_PENDING = word_set("pending_approval approval_required")
_STATUS_INTERRUPTED = word_set("interrupted cancelled canceled aborted")
_STATUS_TIMEOUT = word_set("timeout timed_out timedout")
_STATUS_OK = word_set("ok success succeeded completed")
_OWN_KEYS = frozenset((*_CODE_KEYS, "metadata", "isError", "is_error", "interrupted", "stdout", "stderr"))
"""Keys that a shell tool's own object has, and JSON printed by a command has not."""
_HTTP_KEYS = ("status", "statusCode", "status_code", "code", "httpStatus", "http_status")
_NO_ERROR = frozenset({"", "none", "null", "nil", "false", "(none)", "no error"})
"""Error values, in lower case, that mean no error."""
_TEXT_PARTS = ("text", "input_text", "output_text")
_MESSAGE_KEYS = ("message", "error", "detail", "type", "code")
_NESTING = 3
"""Levels of an error value that are searched for its message."""
_PARTS_LIMIT = 1_000
"""Parts of a result that are read."""


def of_object(value: dict[str, Any], call: Call, inner: Judge, *, enveloped: bool) -> Verdict | None:
    """Return the verdict of a JSON object, None if it is printed data rather than the tool's own object.

    Args:
        value: the decoded object.
        call: the call.
        inner: judges a text inside it, such as the content of an MCP result.
        enveloped: whether the tool always returns an object of its own, so that a bare `error` counts.
    """
    code = _exit_code(value)
    error = _error_of(value)
    success = _success(value)
    status = value.get("status")
    if code is not None and not call.is_process:
        return _of_code(code, value, call, error, success, status)
    if not enveloped and not _is_envelope(value) and call.kind == "shell":
        return None
    if error:
        return _of_error(value, error, success, status)
    if success is False:
        content = _of_content(value, inner)
        if content is not None and (
            content.outcome != "ok" or content.findings or content.rule == "exit-answer"
        ):
            return content
        message = _text_of(value)
        return refusal(message) or decide(
            "error", "success-false", error_type=error_type_of(message, is_message=True)
        )
    if isinstance(status, str) or value.get("interrupted") is True:
        verdict = _of_status(
            "interrupted" if value.get("interrupted") is True else status, value, call, success
        )
        if verdict is not None:
            return verdict
    if success is True:
        # MCP's `isError: false` only says that the transport worked
        return _of_content(value, inner) or ok("success-true")
    http = _http_failure(value)
    if http:
        message = _text_of(value)
        return decide("error", "http-status", code=http, error_type=_http_type(http, message))
    if call.is_process:
        return ok("process-report")
    return _of_content(value, inner) or _of_parts(value.get("results")) or ok("no-error-value")


def of_list(value: list[Any], inner: Judge) -> Verdict:
    """Return the verdict of a JSON list: content blocks are read as text, other parts for their errors."""
    return _of_blocks(value, inner) or _of_parts(value) or ok("no-error-value")


def _exit_code(value: dict[str, Any]) -> int | None:
    for key in _CODE_KEYS:
        code = _as_code(value.get(key))
        if code is not None:
            return code
    metadata = value.get("metadata")
    return _as_code(metadata.get("exit_code")) if isinstance(metadata, dict) else None


def _as_code(code: Any) -> int | None:
    """Return an exit code given as a number or as digits."""
    if isinstance(code, int) and not isinstance(code, bool):
        return code
    if isinstance(code, str) and len(code) < 10 and code.removeprefix("-").isdecimal():
        return int(code)
    return None


def _error_of(value: dict[str, Any]) -> Any:
    """Return the error value of an object, GraphQL's `errors` included; not `"None"` and the like."""
    error = value.get("error")
    if isinstance(error, str) and error.strip().lower() in _NO_ERROR:
        return None
    errors = value.get("errors")
    if (
        not error
        and isinstance(errors, list)
        and errors
        and (len(value) == 1 or value.get("data", errors) is None)
    ):
        return errors
    return error


def _is_envelope(value: dict[str, Any]) -> bool:
    return not _OWN_KEYS.isdisjoint(value) or ("output" in value and ("error" in value or "status" in value))


def _success(value: dict[str, Any]) -> bool | None:
    """Return whether the object says that it succeeded, None if it says nothing."""
    for key in ("success", "ok"):
        if isinstance(value.get(key), bool):
            return bool(value[key])
    for key in ("isError", "is_error"):
        if isinstance(value.get(key), bool):
            return not value[key]
    return None


def _of_code(
    code: int, value: dict[str, Any], call: Call, error: Any, success: bool | None, status: Any
) -> Verdict:
    """Return the verdict of an object with an exit code; its other values may contradict the code."""
    if code == 0:
        failed = bool(error) or success is False or status in ("error", "failed")
        return unknown("contradiction") if failed else of_success(_output_of(value), call)
    if success is True or status == "success":
        return unknown("contradiction")
    if isinstance(status, str) and status in _STATUS_PENDING:
        return decide("denied", "approval-pending")
    if isinstance(status, str) and status in _STATUS_DENIED:
        return decide("denied", "refused-by-guard")
    message = _message(error)
    if message:
        verdict = refusal(message)
        if verdict is not None:
            return verdict
    output = _output_of(value)
    if (
        status == "interrupted"
        or value.get("interrupted") is True
        or output.endswith("[Command interrupted]")
    ):
        return decide("interrupted", "aborted")
    if code == -1 and message:
        # Hermes: the command never ran, the error says why
        return decide("error", "error-value", error_type=error_type_of(message, is_message=True))
    verdict = of_exit(code, output, call, str(value.get("exit_code_meaning") or ""))
    if verdict.error_type in ("ExitCode", "Other") and message:
        return verdict._replace(error_type=error_type_of(message, code, is_message=True))
    return verdict


def _of_error(value: dict[str, Any], error: Any, success: bool | None, status: Any) -> Verdict:
    message = _message(error)
    if success is True:
        return unknown("contradiction")
    if isinstance(status, str) and status in _STATUS_INTERRUPTED:
        return decide("interrupted", "aborted")
    if isinstance(status, str) and status in _STATUS_DENIED:
        return decide("denied", "refused-by-guard")
    return refusal(message) or decide(
        "error", "error-value", error_type=error_type_of(message or _text_of(value), is_message=True)
    )


def _of_status(status: Any, value: dict[str, Any], call: Call, success: bool | None) -> Verdict | None:
    word = status.lower()
    if word == "error":
        if success is True:
            return unknown("contradiction")
        message = _text_of(value)
        return refusal(message) or decide(
            "error", "status-failed", error_type=error_type_of(message, is_message=True)
        )
    if _ENVELOPE.isdisjoint(value) and value.get("interrupted") is not True:
        return None
    if word == "interrupted":
        return decide("interrupted", "aborted")
    if word in _STATUS_PENDING:
        return decide("denied", "approval-pending")
    if not _RAN.isdisjoint(value):
        if word in _STATUS_INTERRUPTED:
            return decide("interrupted", "aborted")
        if word in _STATUS_DENIED:
            return decide("denied", "refused-by-guard")
    if call.is_process:
        return None
    if word in _STATUS_TIMEOUT:
        return decide("error", "status-failed", error_type="Timeout")
    if word in _STATUS_FAILED:
        return decide("error", "status-failed", error_type=error_type_of(_text_of(value), is_message=True))
    return ok("status-ok") if word in _STATUS_OK and success is None else None


def _of_content(value: dict[str, Any], inner: Judge) -> Verdict | None:
    """Return the verdict of the text in an MCP result, None for any other object."""
    content = value.get("content")
    if isinstance(content, list):
        verdict = _of_blocks(content, inner)
        if verdict is not None:
            return verdict
    result = value.get("result")
    # with more keys beside it, `result` is one value among others
    if isinstance(result, str) and result and len(value) <= 2:
        return _if_bad(inner(result))
    return None


def _of_blocks(blocks: list[Any], inner: Judge) -> Verdict | None:
    """Return the verdict of content blocks, `[{"type": "text", "text": …}]`; None for other lists."""
    texts = []
    for block in blocks[:_PARTS_LIMIT]:
        if not isinstance(block, dict) or "type" not in block:
            return None
        if block["type"] in _TEXT_PARTS and isinstance(block.get("text"), str):
            texts.append(block["text"])
    return inner("\n".join(texts)) if texts else None


def _of_parts(parts: Any) -> Verdict | None:
    """Return an error if every part of a result carries one; a few errors are a result with gaps."""
    if not isinstance(parts, list) or not parts:
        return None
    errors = []
    for part in parts[:_PARTS_LIMIT]:
        if not isinstance(part, dict) or not part.get("error"):
            return None
        errors.append(part)
    if all(part.get("status") == "interrupted" for part in errors):
        return decide("interrupted", "aborted")
    message = _message(errors[0]["error"])
    return refusal(message) or decide(
        "error", "all-parts-failed", error_type=error_type_of(message, is_message=True)
    )


def _if_bad(verdict: Verdict) -> Verdict | None:
    return None if verdict.outcome == "ok" and not verdict.findings else verdict


def _http_failure(value: dict[str, Any]) -> int:
    """Return the HTTP status of the failed request that the object describes, 0 without one."""
    if _ENVELOPE.isdisjoint(value) and "title" not in value:
        return 0
    for key in _HTTP_KEYS:
        status = value.get(key)
        if isinstance(status, int) and 400 <= status <= 599:
            return status
    return 0


def _http_type(status: int, message: str) -> str:
    if status in (401, 403):
        return "Permission"
    if status in (404, 410):
        return "NotFound"
    if status in (408, 504):
        return "Timeout"
    if status in (400, 422):
        return "InvalidArguments"
    return "Network" if status == 429 or status >= 500 else error_type_of(message, is_message=True)


def _message(error: Any) -> str:
    """Return an error value as text; for an object its message."""
    for _ in range(_NESTING):
        if isinstance(error, list) and error:
            error = error[0]
        elif isinstance(error, dict):
            error = next((error[key] for key in _MESSAGE_KEYS if error.get(key)), "")
    if isinstance(error, str):
        return error
    return str(error) if isinstance(error, int | float) and not isinstance(error, bool) and error else ""


def _text_of(value: dict[str, Any]) -> str:
    """Return the text of an object that says what went wrong."""
    for key in ("error", "error_message", "message", "reason", "detail", "stderr", "output", "title"):
        message = _message(value.get(key))
        if message:
            return message
    content = value.get("content")
    if isinstance(content, list):
        return "\n".join(
            str(part.get("text", "")) for part in content[:_PARTS_LIMIT] if isinstance(part, dict)
        )
    return content if isinstance(content, str) else ""


def _output_of(value: dict[str, Any]) -> str:
    """Return what a command printed, both streams."""
    texts = [value[key] for key in _OUTPUT_KEYS if isinstance(value.get(key), str)]
    return texts[0] if len(texts) == 1 else "\n".join(texts)
