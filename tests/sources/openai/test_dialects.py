"""One short conversation in every dialect; who spoke, what was called and what answered must be the same."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from warmtui.errors import SourceError
from warmtui.model.session import Session
from warmtui.sources.openai.file import JsonFile

ARGUMENTS = {"path": "."}
CALL = {"id": "c1", "type": "function", "function": {"name": "ls", "arguments": json.dumps(ARGUMENTS)}}
OPENAI: list[Any] = [
    {"role": "user", "content": "list"},
    {"role": "assistant", "content": None, "tool_calls": [CALL]},
    {"role": "tool", "tool_call_id": "c1", "content": "a.txt"},
]
ANSWER = {"role": "assistant", "content": "one file"}
CHOICES = {"choices": [{"index": 0, "message": ANSWER}]}
ANTHROPIC: list[Any] = [
    {"role": "user", "content": "list"},
    {"role": "assistant", "content": [{"type": "tool_use", "id": "c1", "name": "ls", "input": ARGUMENTS}]},
    {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c1", "content": "a.txt"}]},
]
ANTHROPIC_REPLY = {"type": "message", "role": "assistant", "content": [{"type": "text", "text": "one file"}]}
ITEMS: list[Any] = [
    {"role": "user", "content": [{"type": "input_text", "text": "list"}]},
    {"type": "reasoning", "id": "rs_1", "summary": []},
    {
        "type": "function_call",
        "id": "fc_1",
        "call_id": "c1",
        "name": "ls",
        "arguments": json.dumps(ARGUMENTS),
    },
    {"type": "function_call_output", "call_id": "c1", "output": "a.txt"},
    {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "one file"}]},
]
CONTENTS: list[Any] = [
    {"role": "user", "parts": [{"text": "list"}]},
    {"role": "model", "parts": [{"functionCall": {"id": "c1", "name": "ls", "args": ARGUMENTS}}]},
    {
        "role": "user",
        "parts": [{"functionResponse": {"id": "c1", "name": "ls", "response": {"output": "a.txt"}}}],
    },
]
CANDIDATES = {"candidates": [{"content": {"role": "model", "parts": [{"text": "one file"}]}}]}


def lc(name: str, **kwargs: Any) -> dict[str, Any]:
    path = ["langchain", "schema", "messages", name]
    return {"lc": 1, "type": "constructor", "id": path, "kwargs": kwargs}


LC_CALL = {"name": "ls", "args": ARGUMENTS, "id": "c1", "type": "tool_call"}
LANGCHAIN = [
    lc("HumanMessage", content="list"),
    lc(
        "AIMessage",
        content=[{"type": "tool_use", "id": "c1", "name": "ls", "input": ARGUMENTS}],
        tool_calls=[LC_CALL],
    ),
    lc("ToolMessage", content="a.txt", tool_call_id="c1", status="success"),
]
LANGCHAIN_DATA = [
    {"type": "human", "data": {"type": "human", "content": "list", "additional_kwargs": {}}},
    {"type": "ai", "data": {"content": "", "additional_kwargs": {"tool_calls": [CALL]}}},
    {"type": "tool", "data": {"content": "a.txt", "tool_call_id": "c1"}},
    {"type": "ai", "data": {"content": "one file", "tool_calls": []}},
]
VERCEL_PART: dict[str, Any] = {
    "type": "tool-ls",
    "toolCallId": "c1",
    "state": "output-available",
    "input": ARGUMENTS,
    "output": "a.txt",
}
INVOCATION = {"state": "result", "toolCallId": "c1", "toolName": "ls", "args": ARGUMENTS, "result": "a.txt"}


def node(name: str, parent: str | None, role: str, text: str, **more: Any) -> dict[str, Any]:
    message = {"author": {"role": role}, "content": {"content_type": "text", "parts": [text]}, **more}
    return {"id": name, "message": message, "parent": parent, "children": []}


CHATGPT = {
    "title": "t",
    "conversation_id": "g1",
    "current_node": "e",
    "mapping": {
        "root": {"id": "root", "message": None, "parent": None},
        "z": node("z", "root", "system", "", metadata={"is_visually_hidden_from_conversation": True}),
        "a": node("a", "z", "user", "list"),
        "b": node("b", "a", "assistant", json.dumps(ARGUMENTS), recipient="ls"),
        "c": node("c", "b", "tool", "a.txt"),
        "other": node("other", "a", "assistant", "another branch", recipient="all"),
        "e": node("e", "c", "assistant", "one file", recipient="all"),
    },
}


def webui(name: str, parent: str | None, entry: dict[str, Any]) -> dict[str, Any]:
    return {"id": name, "parentId": parent, "childrenIds": [], **entry}


WEBUI_TREE = {
    "1": webui("1", None, OPENAI[0]),
    "2": webui("2", "1", OPENAI[1]),
    "3": webui("3", "2", OPENAI[2]),
    "9": webui("9", "1", {"role": "assistant", "content": "another branch"}),
    "4": webui("4", "3", ANSWER),
}
STATE = {"status": "completed", "input": ARGUMENTS, "output": "a.txt"}
OPENCODE: list[Any] = [
    {"info": {"id": "m1", "role": "user"}, "parts": [{"type": "text", "text": "list"}]},
    {
        "info": {"id": "m2", "role": "assistant", "time": {"created": 1764000000000}},
        "parts": [
            {"type": "step-start"},
            {"type": "reasoning", "text": "hm"},
            {"type": "tool", "callID": "c1", "tool": "ls", "state": STATE},
            {"type": "step-finish", "tokens": {}},
        ],
    },
    {"info": {"id": "m3", "role": "assistant"}, "parts": [{"type": "text", "text": "one file"}]},
]
GEMINI_CLI: list[Any] = [
    {"id": "1", "type": "user", "content": "list"},
    {
        "id": "2",
        "type": "gemini",
        "content": "",
        "toolCalls": [
            {
                "id": "c1",
                "name": "ls",
                "args": ARGUMENTS,
                "status": "success",
                "result": [{"functionResponse": {"id": "c1", "name": "ls", "response": {"output": "a.txt"}}}],
            }
        ],
    },
    {"id": "3", "type": "gemini", "content": "one file"},
]
TAU2: list[Any] = [
    {"role": "user", "content": "list"},
    {
        "role": "assistant",
        "tool_calls": [{"id": "c1", "name": "ls", "arguments": ARGUMENTS, "requestor": "assistant"}],
    },
    {"role": "tool", "id": "c1", "content": "a.txt", "requestor": "assistant", "error": False},
    ANSWER,
]
SHAREGPT = [
    {"from": "human", "value": "list"},
    {"from": "function_call", "value": json.dumps({"name": "ls", "arguments": ARGUMENTS})},
    {"from": "observation", "value": "a.txt"},
    {"from": "gpt", "value": "one file"},
]
AGENTS_SDK = [
    ITEMS[0],
    {"type": "tool_call_item", "raw_item": ITEMS[2]},
    {"type": "tool_call_output_item", "raw_item": ITEMS[3], "output": "a.txt"},
    {"type": "message_output_item", "raw_item": ITEMS[4]},
]

RECORDS: dict[str, Any] = {
    "OpenAI": [*OPENAI, ANSWER],
    "conversations with roles": {"conversations": [*OPENAI, ANSWER]},
    "ShareGPT": {"conversations": SHAREGPT},
    "Anthropic": {"messages": [*ANTHROPIC, ANTHROPIC_REPLY]},
    "Anthropic, log": {"request": {"messages": ANTHROPIC}, "response": ANTHROPIC_REPLY},
    "Responses, items": ITEMS,
    "Responses, log": {"input": ITEMS[:4], "output": ITEMS[4:], "previous_response_id": None},
    "Responses, text": {"input": "list", "output": ITEMS[1:]},
    "Responses, pair": {
        "request": {"input": ITEMS[:4]},
        "response": {"object": "response", "output": ITEMS[4:]},
    },
    "Agents SDK": {"items": AGENTS_SDK},
    "LangChain": {"messages": [*LANGCHAIN, lc("AIMessage", content="one file")]},
    "LangChain, data": LANGCHAIN_DATA,
    "LangSmith": {
        "inputs": {"messages": [LANGCHAIN]},
        "outputs": {"generations": [[{"text": "one file", "message": lc("AIMessage", content="one file")}]]},
    },
    "Vercel, parts": [
        {"id": "1", "role": "user", "parts": [{"type": "text", "text": "list"}]},
        {"id": "2", "role": "assistant", "parts": [{"type": "step-start"}, VERCEL_PART]},
        {"id": "3", "role": "assistant", "parts": [{"type": "text", "text": "one file"}]},
    ],
    "Vercel, invocations": [
        OPENAI[0],
        {"role": "assistant", "content": "", "toolInvocations": [INVOCATION]},
        ANSWER,
    ],
    "Gemini": {"contents": CONTENTS, "response": CANDIDATES},
    "Gemini CLI": {"sessionId": "s", "projectHash": "x", "messages": GEMINI_CLI},
    "opencode": {"info": {"id": "ses_1"}, "messages": OPENCODE},
    "tau2-bench": {"tasks": [], "simulations": [{"id": "s1", "task_id": "7", "messages": TAU2}]},
    "ChatGPT": [CHATGPT],
    "Open WebUI": [{"id": "w", "title": "t", "chat": {"messages": [*OPENAI, ANSWER]}}],
    "Open WebUI, tree": [{"id": "w", "chat": {"history": {"currentId": "4", "messages": WEBUI_TREE}}}],
    "Continue": {
        "sessionId": "s",
        "history": [{"message": entry, "contextItems": []} for entry in [*OPENAI, ANSWER]],
    },
    "batch": {"custom_id": "r", "body": {"messages": OPENAI}, "response": {"body": CHOICES}},
    "LiteLLM": {"id": "x", "messages": OPENAI, "response": CHOICES},
    "Helicone": {"request": {"body": {"messages": OPENAI}}, "response": {"body": CHOICES}},
    "Helicone, flat": {"request_body": {"messages": OPENAI}, "response_body": CHOICES},
    "Langfuse": {"type": "GENERATION", "traceId": "t", "input": OPENAI, "output": ANSWER},
    "Langfuse, object": {"input": {"messages": OPENAI}, "output": ANSWER},
    "JSON in texts": {"call": json.dumps(OPENAI), "answer": json.dumps(CHOICES)},
    "unknown keys": {"llm": {"sent": {"turns": OPENAI}, "got": [CHOICES]}},
    "prompt and completion": {"prompt": OPENAI, "completion": [ANSWER]},
}


def only(tmp_path: Path, record: Any) -> Session:
    path = tmp_path / "log.json"
    path.write_text(json.dumps(record))
    source = JsonFile(path)
    listing = source.listing()
    assert listing.problems == ()
    (session,) = source.read([header.id for header in listing.headers])
    return session


@pytest.mark.parametrize("name", RECORDS)
def test_every_dialect_says_the_same(tmp_path: Path, name: str) -> None:
    session = only(tmp_path, RECORDS[name])
    told = [(message.origin, message.text) for message in session.messages]
    assert told == [("person", "list"), ("agent", ""), ("tool", "a.txt"), ("agent", "one file")]
    ((call,),) = [message.calls for message in session.messages if message.calls]
    assert (call.tool, json.loads(call.arguments)) == ("ls", ARGUMENTS)
    (result,) = [message for message in session.messages if message.role == "tool"]
    assert result.call_id == call.id
    assert session.problems == ()


@pytest.mark.parametrize(
    "record",
    [
        {"system": "Be brief.", "messages": OPENAI},
        {"request": {"system": "Be brief.", "messages": ANTHROPIC}, "response": ANTHROPIC_REPLY},
        {"instructions": "Be brief.", "input": "list", "output": ITEMS[1:]},
        {"systemInstruction": {"parts": [{"text": "Be brief."}]}, "contents": CONTENTS},
    ],
)
def test_a_system_prompt_beside_the_messages(tmp_path: Path, record: Any) -> None:
    assert only(tmp_path, record).system_prompt == "Be brief."


@pytest.mark.parametrize(
    ("item", "tool", "text", "failed"),
    [
        ({"type": "mcp_call", "name": "ask", "arguments": "{}", "output": "yes"}, "ask", "yes", None),
        ({"type": "mcp_call", "name": "ask", "arguments": "{}", "error": "no"}, "ask", "no", True),
        (
            {"type": "code_interpreter_call", "code": "1+1", "outputs": [{"type": "logs", "logs": "2"}]},
            "code_interpreter_call",
            "2",
            None,
        ),
    ],
)
def test_items_that_hold_their_result(
    tmp_path: Path, item: dict[str, Any], tool: str, text: str, failed: bool | None
) -> None:
    session = only(tmp_path, [OPENAI[0], {"id": "i1", **item}])
    _, call, result = session.messages
    assert (call.calls[0].tool, result.text, result.call_id) == (tool, text, "i1")
    assert (result.evidence.is_error if result.evidence else None) == failed


def test_an_error_flag_of_any_dialect(tmp_path: Path) -> None:
    failed = {"functionResponse": {"id": "c1", "name": "ls", "response": {"error": "no"}}}
    for record in (
        {"contents": [*CONTENTS[:2], {"role": "user", "parts": [failed]}]},
        [*TAU2[:2], {**TAU2[2], "error": True, "content": "no"}],
        [*LANGCHAIN[:2], lc("ToolMessage", content="no", tool_call_id="c1", status="error")],
        [OPENAI[0], {"role": "assistant", "parts": [{**VERCEL_PART, "output": None, "errorText": "no"}]}],
    ):
        (result,) = [message for message in only(tmp_path, record).messages if message.role == "tool"]
        assert result.text == "no"
        assert result.evidence is not None
        assert result.evidence.is_error is True


def test_what_a_program_adds_to_a_persons_words_is_its_own(tmp_path: Path) -> None:
    parts = [{"type": "text", "text": "look"}, {"type": "text", "text": "<file>", "synthetic": True}]
    record = {"info": {"id": "s"}, "messages": [{"info": {"role": "user"}, "parts": parts}, *OPENCODE[1:]]}
    session = only(tmp_path, record)
    assert [(m.origin, m.text) for m in session.messages[:2]] == [("harness", "<file>"), ("person", "look")]


@pytest.mark.parametrize(
    ("entry", "keys"),
    [({"role": "user", "body": "hello"}, "body"), ({"role": "assistant", "id": 3}, "no keys")],
)
def test_a_message_that_says_nothing_in_a_known_way_is_told(tmp_path: Path, entry: Any, keys: str) -> None:
    session = only(tmp_path, {"id": "s", "messages": [entry, *OPENAI]})
    assert len(session.messages) == len(OPENAI)
    assert [problem.text for problem in session.problems] == [
        f"its content is not understood ({keys}); left out"
    ]


def test_a_response_that_continues_another_says_so(tmp_path: Path) -> None:
    session = only(tmp_path, {"previous_response_id": "resp_1", "input": ITEMS[3:4], "output": ITEMS[4:]})
    assert [problem.text for problem in session.problems] == [
        "it continues the response resp_1, whose messages are not in it"
    ]


INIT = {"type": "system", "subtype": "init", "session_id": "s", "cwd": "/w", "model": "m"}
UNREAD: list[tuple[str, list[Any]]] = [
    ("a stream of Claude Code", [{**INIT, "tools": ["Bash"]}, {"type": "result", "subtype": "success"}]),
    ("a Cursor stream", [{**INIT, "apiKeySource": "login", "permissionMode": "default"}]),
    ("a Cursor stream", [{"type": "tool_call", "subtype": "started", "call_id": "c", "tool_call": {}}]),
    (
        "a stream of codex exec --json",
        [{"type": "thread.started", "thread_id": "t"}, {"type": "turn.started"}],
    ),
    ("a rollout of Codex", [{"timestamp": "2026-01-01", "type": "session_meta", "payload": {}}]),
    ("an export of cctrace", [{"session_id": "s", "export_timestamp": "2026-01-01", "metadata": {}}]),
    ("an asciinema recording", [{"version": 2, "width": 80, "height": 24}]),
    ("predictions of SWE-bench", [{"instance_id": "a", "model_patch": "diff", "model_name_or_path": "m"}]),
]


@pytest.mark.parametrize(("name", "lines"), UNREAD)
def test_what_is_known_and_not_read_is_named(tmp_path: Path, name: str, lines: list[Any]) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    with pytest.raises(SourceError, match=f"looks like {name}"):
        JsonFile(path)


def _deep(value: Any) -> Any:
    for _ in range(400):
        value = {"x": [value]}
    return value


@pytest.mark.parametrize("make", [lambda: _deep(OPENAI), lambda: {str(n): {"a": 1} for n in range(5_000)}])
def test_looking_for_messages_ends(tmp_path: Path, make: Callable[[], Any]) -> None:
    path = tmp_path / "log.json"
    path.write_text(json.dumps(make()))
    with pytest.raises(SourceError, match="it has no list of messages"):
        JsonFile(path)


KEYS = (
    *("type", "from", "id", "data", "kwargs", "raw_item", "message", "info", "parts", "extra", "action"),
    *("agent", "toolCalls", "toolInvocations", "tool_messages", "additional_kwargs", "output", "error"),
    *("author", "content"),
)


@pytest.mark.parametrize("value", [[], {}, 3, None, "x", [[]], [{}], {"role": []}, {"type": {}}], ids=repr)
@pytest.mark.parametrize("shape", ["messages", "conversations", "trajectory", "mapping", "contents"])
def test_odd_values_anywhere_cost_no_other_message(tmp_path: Path, shape: str, value: Any) -> None:
    odd = [{"role": "user", key: value} for key in KEYS] + [{"type": "human", key: value} for key in KEYS]
    odd += [{"from": "gpt", "value": "x", key: value} for key in KEYS]
    tree = {
        str(number): {"message": {"author": {}, **entry}, "parent": str(number - 1)}
        for number, entry in enumerate(odd)
    }
    record = {shape: tree if shape == "mapping" else odd, "current_node": str(len(odd) - 1)}
    path = tmp_path / "log.jsonl"
    lines = [
        record,
        {"id": "good", "messages": OPENAI},
        {"info": value, "id": "also", "messages": [*odd, *OPENAI]},
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    source = JsonFile(path)
    good, also = source.read(["good", "also"])
    assert len(good.messages) == len(OPENAI)
    assert len(also.messages) >= len(OPENAI), also.problems
