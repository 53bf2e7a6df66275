"""Verdicts of structured results: exit codes, error values, success and status, MCP's shapes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from warmtui.analysis.outcomes.agent_texts import refusal
from warmtui.analysis.outcomes.error_types import error_type_of
from warmtui.analysis.outcomes.exit_codes import of_exit, of_success
from warmtui.analysis.outcomes.rules import ResultText, UnjudgedCall, decide, ok, unknown
from warmtui.analysis.patterns import word_set
from warmtui.analysis.results import MISSING, decode_json, decode_literal
from warmtui.analysis.tools import ENVELOPED_TOOLS, ToolKind
from warmtui.model.outcome import Verdict

_OBJECT_KEYS: dict[ToolKind, str] = {
    "shell": "output|exit_code|returncode|stdout|stderr",
    "code": "status|output|exit_code|returncode|stdout|stderr",
    "reader": "content|error|success|status|total_count|matches|results?",
    "sql": "error|success|status|results?|rows",
    "process": "session_id|status|output|error",
    "other": "output|content|success|status|error|results?|bytes_written|isError|data",
}
"""Kind of tool → the first keys of its own object; a command may print any other JSON, cut off or not."""
_OBJECT_STARTS = {kind: re.compile(rf'\{{\s*+"(?:{keys})"\s*+:') for kind, keys in _OBJECT_KEYS.items()}
_JSON_STARTS = frozenset('{["\n \t\r')
_VISIBLE = re.compile(
    r'\{\s*+"(?:success"\s*+:\s*+(?P<success>true|false)|status"\s*+:\s*+"(?P<status>success|error)"'
    r'|(?P<error>error)"\s*+:\s*+")'
)
"""Evidence at the very start of a structured result, before anything can be cut off."""
_CODE_KEYS = ("exit_code", "exitCode", "returncode", "return_code", "exit_status", "exitStatus")
_OUTPUT_KEYS = ("output", "stdout", "aggregated_output", "stderr", "content", "text", "result")
_REPORT_KEYS = word_set(
    "error errors message output reason detail details exit_code stderr stdout note summary"
)
"""Keys beside which `status` describes the call; in a booking or an order it describes the thing."""
_RUN_KEYS = word_set("output stdout stderr exit_code")
"""Keys beside which `cancelled` and `denied` do too: an order can be cancelled with a reason."""
_STATUS_FAILED = word_set(
    """
    fail failed failure errored exception fatal crashed disabled not_found unavailable rejected invalid
    declined
    """
)
_STATUS_DENIED = word_set("blocked denied user-rejected user_rejected")
_STATUS_PENDING = word_set("pending_approval approval_required")
_STATUS_INTERRUPTED = word_set("interrupted cancelled canceled aborted")
_STATUS_TIMEOUT = word_set("timeout timed_out timedout")
_STATUS_OK = word_set("ok success succeeded completed")
_SUCCESS_FLAGS = (
    *(("success", True), ("ok", True), ("isError", False), ("is_error", False)),
    *(("successful", True), ("succeeded", True), ("is_success", True), ("isSuccess", True)),
    *(("failed", False), ("has_error", False), ("hasError", False)),
)
"""Flags, and their value when all went well."""
_OWN_KEYS = frozenset((*_CODE_KEYS, "metadata", "isError", "is_error", "interrupted", "stdout", "stderr"))
"""Keys that a shell tool's own object has, and JSON printed by a command has not."""
_HTTP_KEYS = ("status", "statusCode", "status_code", "code", "httpStatus", "http_status")
_ANSWER_KEYS = word_set("title body headers success ok")
"""Keys beside which these numbers are an answer's HTTP status too."""
_ERROR_KEYS = ("error", "error_message", "errorMessage", "Error")
_INNER_KEY = re.compile(r"(?:\w{1,40}_)?(?:result|response|output)\Z|\w{1,40}(?:Result|Response|Output)\Z")
"""Names of a value that holds the result itself; what any other value says describes a thing."""
_PLAIN_KEYS = word_set("result response output")
_TEXT_KEYS = word_set("message msg detail details description text content result response output")
"""Names of a text that is all that a result says."""
_DATA_KEYS = word_set("data body payload")
"""Names of a value that is the result if it holds nothing but an error."""
_NO_ERROR = frozenset({"", "none", "null", "nil", "false", "(none)", "no error"})
"""Error values, in lower case, that mean no error."""
_TEXT_PARTS = ("text", "input_text", "output_text")
_MESSAGE_KEYS = ("message", "error", "detail", "type", "code")
_NESTING = 3
"""Levels of an error value that are searched for its message, and wrappers that are opened."""
_ERROR_ONLY = word_set(
    "error errors message code status success ok detail details reason request_id requestId"
)
"""Keys of a printed object that says nothing but that something failed."""
_BANNER = 1_000
"""Characters before a printed object that may be a banner."""
_PARTS_LIMIT = 1_000
"""Parts of a result that are read."""


JudgeText = Callable[[str], Verdict]


@dataclass(slots=True)
class ResultObject:
    """A JSON object that a tool returned, with the values that tell its outcome."""

    call: UnjudgedCall
    value: dict[str, Any]
    judge_inner: JudgeText
    """Judges a text inside it, such as the content of an MCP result."""
    code: int | None
    """Its exit code."""
    error: Any
    """Its error value; falsy without one."""
    success: bool | None
    """Whether it says that the call succeeded; None if it says nothing."""
    status: str
    """Its `status`; empty if that is no text."""
    level: int
    """How many wrappers it stands in."""


def of_json(call: UnjudgedCall, result: ResultText) -> Verdict | None:
    """Return the verdict of a structured result, None for any other text."""
    if result.text[:1] not in _JSON_STARTS:
        return None
    value, rest = decode_json(result.text)
    if value is MISSING:
        value = decode_literal(result.text)
    if value is MISSING:
        return _of_undecodable(call, result)
    if isinstance(value, dict):
        return _of_object(value, call, result.judge_inner)
    if _is_printed(value, rest, call):
        return None
    if isinstance(value, list):
        return _of_blocks(value, result.judge_inner) or _of_parts(value) or ok("no-error-value")
    return result.judge_inner(value) if isinstance(value, str) else None


def printed_error(output: str) -> str:
    """Return the message of an error that is all a command printed as JSON, else an empty text.

    Lines before the object, such as a banner, may say what they like.
    """
    start = 0
    for line in output[:_BANNER].splitlines(keepends=True):
        if line.startswith("{"):
            break
        start += len(line)
    else:
        return ""
    value, rest = decode_json(output[start:])
    if rest.strip() or not _is_only_error(value) or value.get("success") is True:
        return ""
    return _message(_error_of(value))


def _is_printed(value: Any, rest: str, call: UnjudgedCall) -> bool:
    """Whether a list or scalar is only the start of printed text: `[1] 4242`, `"a" is …`."""
    if rest.strip() and not rest.startswith("\n\n["):
        return True
    return call.kind in ("shell", "code") and not (
        isinstance(value, list) and value and all(isinstance(part, dict) and "type" in part for part in value)
    )


def _of_undecodable(call: UnjudgedCall, result: ResultText) -> Verdict | None:
    """Return the verdict of a tool's object that cannot be decoded, None for any other text."""
    text = result.text
    if _OBJECT_STARTS[call.kind].match(text) is None:
        return None
    visible = _VISIBLE.match(text)
    if visible is not None and call.kind != "shell":
        if visible["success"] == "true" or visible["status"] == "success":
            return ok("success-true" if visible["success"] else "status-ok")
        rule = "error-value" if visible["error"] else "success-false"
        return decide("error", rule, error_type=error_type_of(text))
    return unknown("cut-off" if result.cut or not text.rstrip().endswith("}") else "undecodable")


def _of_object(value: dict[str, Any], call: UnjudgedCall, judge_inner: JudgeText) -> Verdict | None:
    """Return the verdict of a JSON object, None if it is printed data rather than the tool's own object."""
    # the code in a report on a background process is that process', not the call's
    code = None if call.is_process else _exit_code(value)
    if (
        code is None
        and call.tool not in ENVELOPED_TOOLS
        and not _is_own_object(value)
        and call.kind == "shell"  # asked last, as it decodes the arguments
    ):
        return None
    return _of_values(value, call, judge_inner, code)


def _of_values(
    value: dict[str, Any], call: UnjudgedCall, judge_inner: JudgeText, code: int | None, level: int = 0
) -> Verdict:
    """Return the verdict of an object that is a tool's own, by `OBJECT_RULES`."""
    if level > _NESTING:
        return ok("no-error-value")
    given = value.get("status")
    status = given if isinstance(given, str) else ""
    obj = ResultObject(call, value, judge_inner, code, _error_of(value), _success(value), status, level)
    for rule in OBJECT_RULES:
        verdict = rule(obj)
        if verdict is not None:
            return verdict
    return ok("no-error-value")


def _exit_code(value: dict[str, Any]) -> int | None:
    for key in _CODE_KEYS:
        if key in value and (code := _as_code(value[key])) is not None:
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
    for key in _ERROR_KEYS:
        error = value.get(key)
        if error:
            return None if isinstance(error, str) and error.strip().lower() in _NO_ERROR else error
    errors = value.get("errors")
    # beside data, `errors` may be a list of findings
    if isinstance(errors, list) and errors and (len(value) == 1 or value.get("data", errors) is None):
        return errors
    return None


def _is_own_object(value: dict[str, Any]) -> bool:
    return not _OWN_KEYS.isdisjoint(value) or ("output" in value and ("error" in value or "status" in value))


def _success(value: dict[str, Any]) -> bool | None:
    """Return whether the object says that it succeeded, None if it says nothing."""
    for key, good in _SUCCESS_FLAGS:
        if key in value and isinstance(value[key], bool):
            return value[key] is good
    return None


def _of_exit_code(obj: ResultObject) -> Verdict | None:
    """Return the verdict of an object with an exit code; its other values may contradict the code."""
    code, value, status = obj.code, obj.value, obj.status
    if code is None:
        return None
    output = _output_of(value)
    if code == 0:
        # two signs that contradict each other decide nothing
        failed = bool(obj.error) or obj.success is False or status in ("error", "failed")
        return unknown("contradiction") if failed else of_success(output, obj.call)
    if obj.success is True or status == "success":
        return unknown("contradiction")
    if status in _STATUS_PENDING:
        return decide("denied", "approval-pending")
    if status in _STATUS_DENIED:
        return decide("denied", "refused-by-guard")
    message = _message(obj.error)
    refused = refusal(message) if message else None
    if refused is not None:
        return refused
    interrupted = status == "interrupted" or value.get("interrupted") is True
    if interrupted or output.endswith("[Command interrupted]"):
        return decide("interrupted", "aborted")
    if code == -1 and message:
        # Hermes: the command never ran, the error says why
        return decide("error", "error-value", error_type=error_type_of(message, is_message=True))
    verdict = of_exit(code, output, obj.call, str(value.get("exit_code_meaning") or ""))
    if verdict.error_type in ("ExitCode", "Other") and message:
        return verdict._replace(error_type=error_type_of(message, code, is_message=True))
    return verdict


def _of_error_value(obj: ResultObject) -> Verdict | None:
    if not obj.error:
        return None
    if obj.success is True:
        return unknown("contradiction")
    if obj.status in _STATUS_INTERRUPTED:
        return decide("interrupted", "aborted")
    if obj.status in _STATUS_DENIED:
        return decide("denied", "refused-by-guard")
    message = _message(obj.error)
    return refusal(message) or _error("error-value", message or _text_of(obj.value))


def _of_no_success(obj: ResultObject) -> Verdict | None:
    if obj.success is not False:
        return None
    content = _of_content(obj)
    # the text inside tells more than the flag, unless it shows nothing
    if content is not None and (content.outcome != "ok" or content.findings or content.rule == "exit-answer"):
        return content
    message = _text_of(obj.value)
    return refusal(message) or _error("success-false", message)


def _of_status(obj: ResultObject) -> Verdict | None:
    interrupted = obj.value.get("interrupted") is True
    status = "interrupted" if interrupted else obj.status.lower()
    # {"type": "error", "message": …}
    is_error = "error" in (obj.value.get("type"), obj.value.get("object")) and _text_of(obj.value)
    if status == "error" or is_error:
        if obj.success is True:
            return unknown("contradiction")
        message = _text_of(obj.value)
        return refusal(message) or _error("status-failed", message)
    if _REPORT_KEYS.isdisjoint(obj.value) and not interrupted:
        return None
    if status == "interrupted":
        return decide("interrupted", "aborted")
    if status in _STATUS_PENDING:
        return decide("denied", "approval-pending")
    if not _RUN_KEYS.isdisjoint(obj.value):
        if status in _STATUS_INTERRUPTED:
            return decide("interrupted", "aborted")
        if status in _STATUS_DENIED:
            return decide("denied", "refused-by-guard")
    if obj.call.is_process:
        # `failed` is what it was asked to report
        return None
    if status in _STATUS_TIMEOUT:
        return decide("error", "status-failed", error_type="Timeout")
    if status in _STATUS_FAILED:
        return _error("status-failed", _text_of(obj.value))
    return ok("status-ok") if status in _STATUS_OK and obj.success is None else None


def _of_success_flag(obj: ResultObject) -> Verdict | None:
    # MCP's `isError: false` only says that the transport worked
    return (_of_content(obj) or ok("success-true")) if obj.success is True else None


def _of_http_status(obj: ResultObject) -> Verdict | None:
    code = _http_failure(obj.value)
    if not code:
        return None
    return decide("error", "http-status", code=code, error_type=_http_type(code, _text_of(obj.value)))


def _of_process(obj: ResultObject) -> Verdict | None:
    return ok("process-report") if obj.call.is_process else None


def _of_content(obj: ResultObject) -> Verdict | None:
    """Return the verdict of the text in an MCP result, None for any other object."""
    content = obj.value.get("content")
    if isinstance(content, list):
        verdict = _of_blocks(content, obj.judge_inner)
        if verdict is not None:
            return verdict
    if obj.value.get("type") in _TEXT_PARTS and isinstance(text := obj.value.get("text"), str):
        return obj.judge_inner(text)
    if len(obj.value) == 1:
        # an object that holds one text says no more than that text
        key, only = next(iter(obj.value.items()))
        is_text = key in _TEXT_KEYS and isinstance(only, str) and only
        return _unless_ok(obj.judge_inner(only)) if is_text else None
    return None


def _of_inner_result(obj: ResultObject) -> Verdict | None:
    """Return what the result inside a tool server's wrapper says, unless that is `ok`."""
    for key, inner in obj.value.items():
        if not inner or not isinstance(inner, (dict, list, str)):
            continue
        if not (_INNER_KEY.match(key) or (key in _DATA_KEYS and _is_only_error(inner))):
            continue
        verdict = None
        if isinstance(inner, dict):
            verdict = _of_values(inner, obj.call, obj.judge_inner, _exit_code(inner), obj.level + 1)
        elif isinstance(inner, str) and (inner[0] in "{[" or len(obj.value) <= 2 or key not in _PLAIN_KEYS):
            # with more keys beside it, a text under a plain name is one value among others
            verdict = obj.judge_inner(inner)
        elif isinstance(inner, list):
            verdict = _of_blocks(inner, obj.judge_inner)
        if verdict is not None and (verdict := _unless_ok(verdict)) is not None:
            return verdict
    return None


def _is_only_error(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() <= _ERROR_ONLY and bool(_error_of(value))


def _unless_ok(verdict: Verdict) -> Verdict | None:
    return None if verdict.outcome == "ok" and not verdict.findings else verdict


def _of_results(obj: ResultObject) -> Verdict | None:
    return _of_parts(obj.value.get("results"))


OBJECT_RULES: tuple[Callable[[ResultObject], Verdict | None], ...] = (
    _of_exit_code,
    _of_error_value,
    _of_no_success,
    _of_inner_result,
    _of_status,
    _of_success_flag,
    _of_http_status,
    _of_process,
    _of_content,
    _of_results,
)
"""The rules of a tool's own object in order: the first verdict counts."""


def _error(rule: str, message: str) -> Verdict:
    return decide("error", rule, error_type=error_type_of(message, is_message=True))


def _of_blocks(blocks: list[Any], judge_inner: JudgeText) -> Verdict | None:
    """Return the verdict of content blocks, `[{"type": "text", "text": …}]`; None for other lists."""
    texts = []
    for block in blocks[:_PARTS_LIMIT]:
        if not isinstance(block, dict) or "type" not in block:
            return None
        if block["type"] in _TEXT_PARTS and isinstance(block.get("text"), str):
            texts.append(block["text"])
    return judge_inner("\n".join(texts)) if texts else None


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
    return refusal(message) or _error("all-parts-failed", message)


def _http_failure(value: dict[str, Any]) -> int:
    """Return the HTTP status of the failed request that the object describes, 0 without one."""
    if _REPORT_KEYS.isdisjoint(value) and _ANSWER_KEYS.isdisjoint(value):
        return 0
    for key in _HTTP_KEYS:
        status = _as_code(value.get(key))
        if status is not None and 400 <= status <= 599:
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
    texts = [text for key in _OUTPUT_KEYS if isinstance(text := value.get(key), str)]
    return texts[0] if len(texts) == 1 else "\n".join(texts)
