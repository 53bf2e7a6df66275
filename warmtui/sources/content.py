"""The content of a message, taken apart: texts, calls, results and parts that are not understood."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from warmtui.model.session import ToolCall
from warmtui.sources.calls import first_text, read_call, type_of
from warmtui.text import JSON_ERRORS, dump_json, load_json

_CALL_PARTS = frozenset(
    {
        "tool_use",
        "server_tool_use",
        "mcp_tool_use",
        "tool-call",
        "tool_call",
        "toolCall",
        "function_call",
        "custom_tool_call",
    }
)
_THOUGHTS = frozenset(
    {"thinking", "redacted_thinking", "reasoning", "thought", "summary_text", "step-start", "step-finish"}
)
"""Parts that hold what a model thought, and marks of steps; they are never sent again and are left out."""
_PICTURES = frozenset(
    {"image", "image_url", "input_image", "file", "input_file", "audio", "input_audio", "document", "video"}
)
_CALL_TAG = re.compile(r"<tool_call>\s*(.*?)\s*</tool_call>", re.DOTALL)
_RESULT_TAG = re.compile(r"<tool_response>\s*(.*?)\s*</tool_response>", re.DOTALL)


class Result(NamedTuple):
    """What came back from one call."""

    call_id: str
    """The call it answers; empty if its format does not say."""
    text: str
    tool: str = ""
    is_error: bool | None = None
    """The flag that its format keeps; None without one."""


class Content(NamedTuple):
    """The content of one message, taken apart."""

    text: str
    calls: tuple[ToolCall, ...] = ()
    results: tuple[Result, ...] = ()
    unknown: tuple[str, ...] = ()
    """Types of the parts that are not understood; each stands in the text as `[type]`."""
    added: str = ""
    """What a program added to the words of a person."""


def read_content(content: object) -> Content:
    """Take apart the content of a message.

    Args:
        content: a text, None, or a list of parts of any provider: texts, calls, results, pictures.

    Returns:
        The texts joined by newlines, a picture or an unknown part as `[type]` in its place, and the calls
        and results that stand among the parts.
    """
    if content is None:
        return Content("")
    if isinstance(content, str):
        return Content(content)
    if isinstance(content, list):
        parts = content
    elif isinstance(content, dict) and type_of(content) in _CALL_PARTS | {"text"}:
        parts = [content]
    else:
        return Content(dump_json(content) if isinstance(content, dict) else str(content))
    texts: list[str] = []
    calls: list[ToolCall] = []
    results: list[Result] = []
    unknown: list[str] = []
    added: list[str] = []
    for part in parts:
        if isinstance(part, str):
            texts.append(part)
        elif isinstance(part, dict):
            said = added if part.get("synthetic") is True else texts  # opencode
            _read_part(part, said, calls, results, unknown)
    return Content("\n".join(texts), tuple(calls), tuple(results), tuple(unknown), "\n".join(added))


def _read_part(
    part: dict[str, Any],
    texts: list[str],
    calls: list[ToolCall],
    results: list[Result],
    unknown: list[str],
) -> None:
    """Add what one part of a message holds to one of the lists."""
    kind = part.get("type")
    kind = kind if isinstance(kind, str) else ""
    text = part.get("text")
    if kind in _THOUGHTS or part.get("thought") is True:
        return
    if isinstance(text, str):
        texts.append(text)
    elif kind in _CALL_PARTS or isinstance(part.get("functionCall"), dict):
        call = read_call(part)
        if call is None:
            unknown.append(kind or "functionCall")
        else:
            calls.append(call)
    elif kind in ("tool-result", "tool_result") or kind.endswith("_tool_result"):
        results.append(_read_result(part))
    elif isinstance(part.get("functionResponse"), dict):
        results.append(_read_response(part["functionResponse"]))
    elif kind == "dynamic-tool" or kind.startswith("tool-") or kind == "tool":
        read_tool_part(part, calls, results)
    elif isinstance(part.get("content"), (str, list)):
        texts.append(read_content(part["content"]).text)
    elif isinstance(part.get("refusal"), str):
        texts.append(part["refusal"])
    else:
        texts.append(f"[{kind or 'part'}]")
        if kind not in _PICTURES:
            unknown.append(kind or "none")


def _read_response(inner: Mapping[str, Any]) -> Result:
    """Read a result of the Gemini API: an object whose one key says what it is."""
    response = inner.get("response")
    if isinstance(response, dict) and len(response) == 1:
        ((key, value),) = response.items()
        if key in ("output", "result", "content", "error"):
            result = _read_result({**inner, "output": value})
            return result._replace(is_error=True) if key == "error" else result
    return _read_result({**inner, "output": response})


def read_tool_part(part: dict[str, Any], calls: list[ToolCall], results: list[Result]) -> None:
    """Read a part that holds a call with its result: the Vercel AI SDK on screen, opencode."""
    state = part.get("state")
    inner = {**part, **state} if isinstance(state, dict) else part
    if isinstance(part.get("toolInvocation"), dict):
        inner = part["toolInvocation"]
    if "toolName" not in inner and "tool" not in inner:
        inner = {**inner, "toolName": str(part.get("type", "")).removeprefix("tool-")}
    call = read_call(inner)
    if call is None:
        return
    calls.append(call)
    for key, is_error in (("errorText", True), ("error", True), ("output", None), ("result", None)):
        if inner.get(key) is not None:
            text, flagged = result_text(inner[key])
            results.append(Result(call.id, text, call.tool, is_error or flagged))
            return


def _read_result(part: Mapping[str, Any]) -> Result:
    answered = first_text(part, "tool_use_id", "toolCallId", "tool_call_id", "call_id", "id") or ""
    value = next((part[key] for key in ("content", "output", "result") if part.get(key) is not None), None)
    text, flagged = result_text(value)
    failed = part.get("is_error", part.get("isError", flagged))
    return Result(
        answered,
        text,
        first_text(part, "name", "toolName", "tool_name") or "",
        failed if isinstance(failed, bool) else None,
    )


def result_text(value: object) -> tuple[str, bool | None]:
    """Return what a call brought back as text, and the error flag that is wrapped around it.

    Args:
        value: a text, a list of parts, or an object; the Vercel AI SDK wraps it in
            `{"type": "text" | "json" | "error-text" | "error-json" | "content", "value": …}`.
    """
    if isinstance(value, dict) and "value" in value and isinstance(value.get("type"), str):
        return result_text(value["value"])[0], True if value["type"].startswith("error") else None
    content = read_content(value)
    inside = [result for result in content.results if result.text]  # Gemini CLI
    failed = True if any(result.is_error for result in inside) else None
    return "\n".join(filter(None, [content.text, *(result.text for result in inside)])), failed


def read_tagged(role: str | None, value: object) -> Content:
    """Take apart a ShareGPT value, in which tags hold calls and results.

    Args:
        role: who speaks; `call` for a value that is a call by itself.
        value: the text.
    """
    text = value if isinstance(value, str) else read_content(value).text
    if role == "tool":
        results = []
        for body in _RESULT_TAG.findall(text):
            decoded = _decoded(body)
            if isinstance(decoded, dict) and "content" in decoded:
                name = decoded.get("name")
                answered = first_text(decoded, "tool_call_id", "id") or ""
                inner = result_text(decoded["content"])[0]
                results.append(Result(answered, inner, name if isinstance(name, str) else ""))
            else:
                results.append(Result("", body))
        return Content("", results=tuple(results)) if results else Content(text)
    if role == "call":
        call = read_call(_decoded(text))
        return Content(text) if call is None else Content("", (call,))
    calls = []
    for body in _CALL_TAG.findall(text) if role == "assistant" else ():
        call = read_call(_decoded(body))
        if call is not None:
            calls.append(call)
    return Content(_CALL_TAG.sub("", text).strip() if calls else text, tuple(calls))


def _decoded(text: str) -> Any:
    try:
        return load_json(text)
    except JSON_ERRORS:
        return None
