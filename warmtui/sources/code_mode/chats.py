"""Chats of Codex' code mode: a call of `exec` is a script, and the tool that it calls is the real one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from warmtui.model.session import Message, ToolCall
from warmtui.sources.code_mode.outputs import read_output
from warmtui.sources.code_mode.scripts import read_script
from warmtui.text import JSON_ERRORS, dump_json, load_json

_SCRIPT_TOOL = "exec"
_WAIT = "wait"


def unpack_scripts(messages: Sequence[Message]) -> tuple[Message, ...]:
    """Replace each script that makes one call by that call, and its output by the call's own.

    The call keeps the script's id. A script that makes several calls, or whose calls cannot be told from its
    text, stays as it is.
    """
    if not any(call.tool == _SCRIPT_TOOL for message in messages for call in message.calls):
        return tuple(messages)
    return tuple(_unpacked(messages))


def _unpacked(messages: Sequence[Message]) -> Iterator[Message]:
    tools: dict[str, str] = {}
    """Ids of the calls whose output is a script's → the tools that the scripts call."""
    for message in messages:
        if message.calls:
            calls = tuple(map(_nested_call, message.calls))
            for before, call in zip(message.calls, calls, strict=True):
                if call is not before or call.tool == _WAIT:
                    tools[call.id] = call.tool
            yield message._replace(calls=calls)
        elif message.role == "tool" and message.call_id in tools:
            tool = tools.pop(message.call_id)
            # a chat joins the header and what the script printed with a line of its own
            output = read_output(message.text.replace("Output:\n\n", "Output:\n", 1))
            text, evidence = output.of_calls([tool], is_script=tool != _WAIT)[0]
            yield message._replace(text=text, evidence=message.evidence or evidence, tool=tool)
        else:
            yield message


def _nested_call(call: ToolCall) -> ToolCall:
    """Return the only call that a script makes; the call itself where that cannot be told."""
    if call.tool != _SCRIPT_TOOL:
        return call
    try:
        script = load_json(call.arguments)["input"]
        nested = read_script(script) or []
    except (*JSON_ERRORS, KeyError, TypeError):
        return call
    if len(nested) != 1:
        return call
    tool, arguments = nested[0]
    return ToolCall(
        call.id, tool, arguments if arguments.startswith("{") else dump_json({"input": arguments})
    )
