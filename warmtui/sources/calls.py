"""Tool calls of every dialect, and the ids that their results name them by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from warmtui.model.session import ToolCall
from warmtui.text import JSON_ERRORS, dump_json, load_json

ITEMS = {
    "function_call": "assistant",
    "custom_tool_call": "assistant",
    "local_shell_call": "assistant",
    "tool_search_call": "assistant",
    "web_search_call": "assistant",
    "file_search_call": "assistant",
    "image_generation_call": "assistant",
    "computer_call": "assistant",
    "code_interpreter_call": "assistant",
    "mcp_call": "assistant",
    "shell_call": "assistant",
    "apply_patch_call": "assistant",
    "reasoning": "assistant",
    "function_call_output": "tool",
    "custom_tool_call_output": "tool",
    "local_shell_call_output": "tool",
    "tool_search_output": "tool",
    "computer_call_output": "tool",
    "shell_call_output": "tool",
    "apply_patch_call_output": "tool",
}
"""Items of the Responses API: they have a type in place of a role, and its role is this."""
_WRAPPERS = ("custom", "functionCall", "toolCall")
_ARGUMENTS = ("arguments", "args", "input", "parameters")
_BUILT_IN = ("action", "operation", "code", "queries")
"""What a tool that is built into the Responses API does."""
_CALL_IDS = ("id", "call_id", "toolCallId", "callID", "tool_call_id")
_ITEM_IDS = ("call_id", "id")


class CallIds:
    """The ids that the calls of a session answer to.

    A call can have several: Codex stores `id` and `call_id`, some bridges write `call_x|fc_y` and answer
    with either half.
    """

    def __init__(self) -> None:
        self._own: set[str] = set()
        self._others: dict[str, str] = {}

    def add(self, call: ToolCall, others: Iterable[str] = ()) -> None:
        """Note a call and the other ids that its record gives it."""
        self._own.add(call.id)
        if "|" in call.id:
            others = (*others, *call.id.split("|"))
        for other in others:
            if other:
                self._others[other] = call.id

    def find(self, answered: str) -> str | None:
        """Return the own id of the call that a result names; None if no call so far answers to it."""
        if answered in self._own:
            return answered
        for wanted in (answered, *answered.split("|")) if "|" in answered else (answered,):
            if wanted in self._own:
                return wanted
            if wanted in self._others:
                return self._others[wanted]
        return None


def read_calls(raw: object, known: CallIds | None = None) -> tuple[tuple[ToolCall, ...], str]:
    """Read the calls of one message.

    Args:
        raw: JSON text, or that value already decoded: a list of calls, or a single one.
        known: takes the ids that each call answers to.

    Returns:
        The calls that could be read, and what was wrong with the others ("" when nothing was).
        Arguments keep their original text; an object in their place is written out as JSON.
    """
    if isinstance(raw, (str, bytes)):
        try:
            raw = load_json(raw)
        except JSON_ERRORS:
            return (), "its tool calls are not JSON; they are left out"
    if not raw:
        return (), ""
    if isinstance(raw, dict):
        raw = [raw]
    if not isinstance(raw, list):
        return (), "its tool calls are not a list; they are left out"
    calls: list[ToolCall] = []
    bad = 0
    for entry in raw:
        call = read_call(entry)
        if call is None:
            bad += 1
            continue
        calls.append(call)
        if known is not None:
            other = entry.get("call_id")
            known.add(call, (other,) if isinstance(other, str) and other != call.id else ())
    return tuple(calls), f"{bad} of its tool calls could not be read" if bad else ""


def read_call(entry: object) -> ToolCall | None:
    """Read one call of any dialect; None if it names no tool.

    The tool stands under `function` or `custom` (OpenAI), `functionCall` (Gemini), or in the call itself
    (LangChain, Anthropic, the Responses API); its arguments are called `arguments`, `args`, `input` or
    `parameters`, and are a text or an object.
    """
    if not isinstance(entry, dict):
        return None
    inner = entry.get("function")
    if isinstance(inner, dict):
        tool, arguments, own_id = inner.get("name"), inner.get("arguments"), entry.get("id")
        # nearly all calls are plain ones; the rest of this function costs twice as much
        if isinstance(tool, str) and isinstance(arguments, str) and isinstance(own_id, str):
            plain = own_id and tool and not tool.isspace()
            if plain:
                return ToolCall(own_id, tool, arguments)
    else:
        inner = entry
        for key in _WRAPPERS:
            if isinstance(entry.get(key), dict):
                inner = entry[key]
                break
    tool = first_text(inner, "name", "toolName", "tool_name", "tool")
    if tool is None:
        kind = entry.get("type")
        if not isinstance(kind, str) or not kind.endswith("_call"):
            return None
        # a tool that is built into the Responses API
        runs = next((entry[key] for key in _BUILT_IN if entry.get(key) is not None), None)
        tool, inner = kind, {"arguments": runs, **inner}
    arguments = None
    for key in _ARGUMENTS:
        arguments = inner.get(key)
        if arguments is not None:
            break
    if arguments is None:
        arguments = "{}"
    elif not isinstance(arguments, str):
        try:
            arguments = dump_json(arguments)
        except JSON_ERRORS:
            return None
    # an item's own `id` names the item; elsewhere `id` names the call, and `call_id` may stand beside it
    for key in _ITEM_IDS if type_of(entry) in ITEMS else _CALL_IDS:
        own_id = entry.get(key)
        if own_id and isinstance(own_id, (str, int)):
            return ToolCall(str(own_id), tool, arguments)
    return ToolCall("", tool, arguments)


def type_of(entry: Mapping[str, Any]) -> str:
    """Return the type that a decoded value says it has; empty without one."""
    kind = entry.get("type")
    return kind if isinstance(kind, str) else ""


def first_text(entry: Mapping[str, Any], *names: str) -> str | None:
    """Return the first of some fields that is a text with something in it."""
    for name in names:
        value = entry.get(name)
        if isinstance(value, str) and value.strip():
            return value
    return None
