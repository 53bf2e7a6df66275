from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warmtui.errors import WarmtuiError
from warmtui.exchange import hermes_prefill, hermes_session, messages, openai_json
from warmtui.exchange.hermes_session import SessionMeta
from warmtui.exchange.targets import TARGETS
from warmtui.model.chat import ChatMessage
from warmtui.model.session import ToolCall

META = SessionMeta("warm_1", title="Cart", model="m", cwd="/srv/shop", started_at=1_700_000_000.0)

LIST = (
    ChatMessage("user", "Kept by hand.", part="opening"),
    ChatMessage("assistant", "Understood.", invented=True, part="acknowledgement"),
    ChatMessage("user", "run the tests"),
    ChatMessage(
        "assistant",
        "",
        (
            ToolCall("abc000001", "terminal", '{"command": "pytest é"}'),
            ToolCall("abc000002", "terminal", "{}"),
        ),
    ),
    ChatMessage("tool", '{"output": "ok"}', call_id="abc000001"),
    ChatMessage("tool", "", call_id="abc000002"),
    ChatMessage("assistant", "Done."),
)


def unmarked(listed: tuple[ChatMessage, ...]) -> list[ChatMessage]:
    return [ChatMessage(m.role, m.content, m.calls, m.call_id) for m in listed]


def test_written_form_is_pinned() -> None:
    assert messages.to_bytes(LIST[3:5]).decode() == (
        "[\n"
        "  {\n"
        '    "role": "assistant",\n'
        '    "content": "",\n'
        '    "tool_calls": [\n'
        "      {\n"
        '        "id": "abc000001",\n'
        '        "type": "function",\n'
        '        "function": {\n'
        '          "name": "terminal",\n'
        '          "arguments": "{\\"command\\": \\"pytest é\\"}"\n'
        "        }\n"
        "      },\n"
        "      {\n"
        '        "id": "abc000002",\n'
        '        "type": "function",\n'
        '        "function": {\n'
        '          "name": "terminal",\n'
        '          "arguments": "{}"\n'
        "        }\n"
        "      }\n"
        "    ]\n"
        "  },\n"
        "  {\n"
        '    "role": "tool",\n'
        '    "content": "{\\"output\\": \\"ok\\"}",\n'
        '    "tool_call_id": "abc000001"\n'
        "  }\n"
        "]\n"
    )


def test_an_empty_list_is_an_empty_array() -> None:
    assert messages.to_bytes([]) == b"[]\n"


def test_a_call_without_id_still_names_it_in_the_result() -> None:
    assert messages.to_dict(ChatMessage("tool", "x")) == {"role": "tool", "content": "x", "tool_call_id": ""}


def test_lone_surrogates_become_replacement_characters_everywhere() -> None:
    bad = "a\ud800b"
    written = messages.to_dict(ChatMessage("assistant", bad, (ToolCall(bad, bad, bad),), bad))
    assert json.dumps(written, ensure_ascii=False).count("a\ufffdb") == 5
    assert messages.json_bytes([{"role": "user", bad: [bad]}]).decode().count("a\ufffdb") == 2


TEXT = st.text(st.characters(codec="utf-8"), max_size=40)
MESSAGES = st.lists(
    st.builds(
        ChatMessage,
        st.sampled_from(("system", "user", "assistant", "tool")),
        TEXT,
        st.lists(st.builds(ToolCall, TEXT, TEXT, TEXT), max_size=2).map(tuple),
        TEXT,
    ),
    max_size=5,
)


@pytest.mark.parametrize(
    ("render", "parse"),
    [
        (hermes_prefill.render, hermes_prefill.parse),
        (openai_json.render, openai_json.parse),
        (lambda given: hermes_session.render(given, META), lambda data: hermes_session.parse(data)[1]),
    ],
    ids=["hermes-prefill", "openai-json", "hermes-session"],
)
@given(listed=MESSAGES)
def test_every_target_comes_back_as_it_went(
    render: Callable[[list[ChatMessage]], bytes],
    parse: Callable[[bytes], list[ChatMessage]],
    listed: list[ChatMessage],
) -> None:
    data = render(listed)
    assert parse(data) == listed
    assert render(parse(data)) == data
    assert data.endswith(b"\n")


@pytest.mark.parametrize("name", list(TARGETS))
def test_targets_write_the_same_messages_every_time(name: str) -> None:
    target = TARGETS[name]
    assert target.name == name
    assert target.extension.startswith(".")
    data = target.render(LIST, META)
    assert data == target.render(LIST, META)
    value = json.loads(data)
    listed = value if isinstance(value, list) else value["messages"]
    assert [message["content"] for message in listed] == [message.content for message in LIST]


def test_a_big_result_with_control_characters_survives() -> None:
    text = "\x00\x1b[31m\x85\u2028\u202e" + "x" * 10_000_000
    listed = [ChatMessage("tool", text, call_id="a")]
    assert messages.from_bytes(messages.to_bytes(listed)) == listed


def test_the_session_is_one_line_for_every_reader() -> None:
    data = hermes_session.render([ChatMessage("user", "a\nb\x85c\u2028d\u2029e\x0bf")], META)
    assert len(data.decode().splitlines()) == 1
    assert hermes_session.parse(data)[1][0].content == "a\nb\x85c\u2028d\u2029e\x0bf"


def test_the_session_has_the_rows_of_hermes() -> None:
    meta, listed = hermes_session.parse(hermes_session.render(LIST, META))
    assert meta == META
    assert listed == unmarked(LIST)
    rows = json.loads(hermes_session.render(LIST, META))["messages"]
    assert [row["tool_name"] for row in rows] == [None, None, None, None, "terminal", "terminal", None]
    times = [row["timestamp"] for row in rows]
    assert times == sorted(set(times))
    assert times[0] == META.started_at


def test_a_session_without_an_id_is_refused() -> None:
    with pytest.raises(WarmtuiError, match="needs an id"):
        hermes_session.render(LIST, SessionMeta("  "))


def test_reading_takes_null_and_parts() -> None:
    value = [
        {"role": "assistant", "content": None, "tool_calls": None},
        {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "image_url"}, 7]},
    ]
    assert messages.from_dicts(value) == [ChatMessage("assistant", ""), ChatMessage("user", "a")]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\xff", "not JSON"),
        (b"[", "not JSON"),
        (b"[" * 200_000, "not JSON"),
        (b"{}", "not a list"),
        (b"[1]", "message 0 is not an object"),
        (b'[{"role": "user", "content": "a"}, {"role": "god"}]', "message 1: role 'god'"),
        (b'[{"role": ["user"]}]', "message 0: role"),
        (b'[{"role": "user", "content": 7}]', "message 0: content"),
        (b'[{"role": "user", "tool_calls": {"a": 1}}]', "message 0: tool_calls"),
        (b'[{"role": "user", "tool_calls": ["a"]}]', "message 0, call 0"),
        (b'[{"role": "user", "tool_calls": [{"id": "a", "function": {"name": "n"}}]}]', "message 0, call 0"),
        (b'[{"role": "tool", "tool_call_id": 7}]', "message 0: tool_call_id"),
    ],
)
def test_what_is_no_message_list_is_named(data: bytes, said: str) -> None:
    with pytest.raises(WarmtuiError, match=said):
        messages.from_bytes(data)


@pytest.mark.parametrize("data", [b"[]", b"{", b"{}", b'{"messages": {}}', b"\xff"])
def test_other_files_refuse_what_is_not_theirs(data: bytes) -> None:
    with pytest.raises(WarmtuiError):
        openai_json.parse(data)
    with pytest.raises(WarmtuiError):
        hermes_session.parse(data)


def test_as_sent_changes_form_and_never_meaning() -> None:
    listed = [
        ChatMessage("user", "  padded\n"),
        ChatMessage(
            "assistant", "", (ToolCall("a", "t", '{"z": 1, "a": "é"}'), ToolCall("b", "t", "{broken"))
        ),
    ]
    before = messages.to_dicts(listed)
    sent = hermes_prefill.as_sent(before)
    assert sent[0]["content"] == "padded"
    assert [call["function"]["arguments"] for call in sent[1]["tool_calls"]] == [
        '{"a":"\\u00e9","z":1}',
        "{broken",
    ]
    assert before == messages.to_dicts(listed)
