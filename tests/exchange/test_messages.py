from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warmtui.errors import WarmtuiError
from warmtui.exchange import messages
from warmtui.exchange.hermes import render_session
from warmtui.exchange.messages import SessionMeta
from warmtui.exchange.targets import TARGETS, slug
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


def read(data: bytes) -> list[ChatMessage]:
    """Read back what a target wrote."""
    value = json.loads(data)
    return [
        ChatMessage(
            message["role"],
            message["content"],
            tuple(
                ToolCall(call["id"], call["function"]["name"], call["function"]["arguments"])
                for call in message.get("tool_calls") or ()
            ),
            message.get("tool_call_id") or "",
        )
        for message in (value if isinstance(value, list) else value["messages"])
    ]


def unmarked(messages: tuple[ChatMessage, ...]) -> list[ChatMessage]:
    return [
        ChatMessage(message.role, message.content, message.calls, message.call_id) for message in messages
    ]


def test_written_form_is_pinned() -> None:
    calls = [
        {"id": id_, "type": "function", "function": {"name": "terminal", "arguments": arguments}}
        for id_, arguments in (("abc000001", '{"command": "pytest é"}'), ("abc000002", "{}"))
    ]
    expected = [
        {"role": "assistant", "content": "", "tool_calls": calls},
        {"role": "tool", "content": '{"output": "ok"}', "tool_call_id": "abc000001"},
    ]
    text = json.dumps(expected, indent=2, ensure_ascii=False)
    assert messages.to_bytes(LIST[3:5]).decode() == f"{text}\n"


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


@pytest.mark.parametrize("name", list(TARGETS))
@given(written=MESSAGES)
def test_every_target_holds_every_message(name: str, written: list[ChatMessage]) -> None:
    data = TARGETS[name].render(written, META)
    assert read(data) == written
    assert TARGETS[name].render(read(data), META) == data
    assert data.endswith(b"\n")


@pytest.mark.parametrize("name", list(TARGETS))
def test_targets_write_the_same_messages_every_time(name: str) -> None:
    target = TARGETS[name]
    assert target.name == name
    assert target.extension.startswith(".")
    data = target.render(LIST, META)
    assert data == target.render(LIST, META)
    assert [message.content for message in read(data)] == [message.content for message in LIST]


def test_a_big_result_with_control_characters_survives() -> None:
    text = "\x00\x1b[31m\x85\u2028\u202e" + "x" * 10_000_000
    written = [ChatMessage("tool", text, call_id="a")]
    assert read(messages.to_bytes(written)) == written


def test_the_session_is_one_line_for_every_reader() -> None:
    data = render_session([ChatMessage("user", "a\nb\x85c\u2028d\u2029e\x0bf")], META)
    assert len(data.decode().splitlines()) == 1
    assert read(data)[0].content == "a\nb\x85c\u2028d\u2029e\x0bf"


def test_the_session_has_the_rows_of_hermes() -> None:
    data = render_session(LIST, META)
    assert read(data) == unmarked(LIST)
    session = json.loads(data)
    assert {field: session[field] for field in ("id", "title", "model", "cwd", "started_at")} == {
        "id": META.session_id,
        "title": META.title,
        "model": META.model,
        "cwd": META.cwd,
        "started_at": META.started_at,
    }
    rows = session["messages"]
    assert [row["tool_name"] for row in rows] == [None, None, None, None, "terminal", "terminal", None]
    times = [row["timestamp"] for row in rows]
    assert times == sorted(set(times))
    assert times[0] == META.started_at


def test_a_session_without_an_id_is_refused() -> None:
    with pytest.raises(WarmtuiError, match="needs an id"):
        render_session(LIST, SessionMeta("  "))


@given(st.text())
def test_every_name_gives_a_safe_file_name(name: str) -> None:
    assert re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,79}", slug(name))


def test_two_names_never_meet() -> None:
    names = ["shop", "Shop", "shop!", "../shop", "shop/", "SHOP", "日本", "日本語"]
    assert len({slug(name) for name in names}) == len(names)
    assert slug("shop") == "shop"
