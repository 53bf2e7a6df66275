"""Session exports of Hermes, and OpenAI chats as JSON and JSON lines."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import tracemalloc
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from case_tables import cases

from warmtui.errors import SourceError
from warmtui.model.session import Evidence, Session, SessionHeader, ToolCall
from warmtui.sources import json_records
from warmtui.sources.hermes.database import HermesDatabase
from warmtui.sources.openai import messages as openai
from warmtui.sources.openai.dialects import Chat
from warmtui.sources.openai.file import JsonFile
from warmtui.sources.session_files import MAX_PROBLEMS

HELLO = [{"role": "user", "content": "hello"}, {"role": "assistant", "content": "hi"}]
HELLO_SORTED = b'[{"content":"hello","role":"user"},{"content":"hi","role":"assistant"}]'
HELLO_ID = f"chat-{hashlib.sha256(HELLO_SORTED).hexdigest()[:12]}"


def file(tmp_path: Path, *lines: Any, name: str = "chats.jsonl", end: str = "\n") -> Path:
    path = tmp_path / name
    text = end.join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    path.write_bytes((text + end).encode("utf-8", "surrogatepass"))
    return path


def read(path: Path) -> dict[str, Session]:
    source = JsonFile(path)
    return {session.header.id: session for session in source.read([h.id for h in source.listing().headers])}


def one(path: Path) -> Session:
    (session,) = read(path).values()
    return session


def troubles(path: Path) -> list[tuple[str, str]]:
    return [
        (problem.place.removeprefix(str(path)), problem.text) for problem in JsonFile(path).listing().problems
    ]


# --- shapes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize(
    ("document", "ids"),
    [
        ({"id": "a", "messages": HELLO}, ["a"]),
        ([{"id": "a", "messages": HELLO}, {"session_id": "b", "messages": HELLO}], ["a", "b"]),
        ({"sessions": [{"id": 7, "messages": HELLO}]}, ["7"]),
        (HELLO, [HELLO_ID]),
    ],
)
def test_documents(tmp_path: Path, document: Any, ids: list[str], indent: int | None) -> None:
    path = file(tmp_path, json.dumps(document, indent=indent), name="chats.json")
    sessions = read(path)
    assert list(sessions) == ids
    for session in sessions.values():
        assert [(m.id, m.role, m.text, m.origin) for m in session.messages] == [
            ("1", "user", "hello", "person"),
            ("2", "assistant", "hi", "agent"),
        ]
        assert (session.header.agent, session.header.rows) == ("openai", 2)


def test_a_session_a_line(tmp_path: Path) -> None:
    path = file(
        tmp_path,
        {"id": "old", "title": "First", "model": "m1", "created_at": 1_700_000_000, "messages": HELLO},
        HELLO,
        {"id": "new", "created_at": "2026-11-20T10:00:00Z", "cwd": "/home/dev", "messages": HELLO},
        {"id": "empty", "messages": []},
    )
    source = JsonFile(path)
    headers = source.listing().headers
    assert [header.id for header in headers] == ["new", "old", HELLO_ID, "empty"]
    assert (headers[1].title, headers[1].model, headers[1].started_at) == ("First", "m1", 1_700_000_000.0)
    assert (headers[0].started_at, headers[0].cwd) == (1_795_168_800.0, "/home/dev")
    assert headers[3].rows == 0
    assert [session.header.id for session in source.read(["old", "gone", "new"])] == ["old", "new"]


def test_times_of_messages_stand_in_for_the_sessions(tmp_path: Path) -> None:
    rows = [{**HELLO[0], "timestamp": 1_700_000_000_500}, {**HELLO[1], "timestamp": "2023-11-14T22:14:00"}]
    session = one(file(tmp_path, {"id": "a", "messages": rows}))
    assert (session.header.started_at, session.header.last_active_at) == (1_700_000_000.5, 1_700_000_040.0)
    assert [message.at for message in session.messages] == [1_700_000_000.5, 1_700_000_040.0]


@pytest.mark.parametrize("moment", [True, "soon", [], {}, 1e400, float("nan"), 10**400, "9999-99-99"])
def test_odd_times_are_none(tmp_path: Path, moment: Any) -> None:
    rows = [{**HELLO[0], "timestamp": moment}]
    session = one(file(tmp_path, {"id": "a", "created": moment, "messages": rows}))
    assert (session.header.started_at, session.messages[0].at) == (None, None)


def test_byte_order_mark_carriage_returns_and_empty_lines(tmp_path: Path) -> None:
    a, b = ({"id": name, "messages": HELLO} for name in "ab")
    path = file(tmp_path, "\ufeff" + json.dumps(a), "", "   ", b, "", end="\r\n")
    assert list(read(path)) == ["a", "b"]
    assert troubles(path) == []


# --- messages -------------------------------------------------------------------------------------


def messages(tmp_path: Path, *rows: Any) -> Session:
    return one(file(tmp_path, {"id": "a", "messages": list(rows)}))


def test_calls_and_results(tmp_path: Path) -> None:
    session = messages(
        tmp_path,
        {"role": "system", "content": "Be brief."},
        {"role": "developer", "content": [{"type": "text", "text": "Be kind."}]},
        {
            "role": "user",
            "content": [{"type": "text", "text": "look"}, {"type": "image_url", "image_url": {}}],
        },
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "run", "arguments": '{"a": 1}'}},
                {"id": "c2", "type": "function", "function": {"name": "run", "arguments": {"b": [2, "ü"]}}},
                {"id": "c3", "type": "function", "function": {"name": "run", "arguments": '{"torn'}},
                {"id": "c4", "type": "custom", "custom": {"name": "shell", "input": "ls"}},
                {"id": "c5", "type": "function", "function": {"name": "now"}},
            ],
        },
        {"role": "tool", "tool_call_id": "c2", "name": "run", "content": "no", "is_error": True},
        {"role": "tool", "tool_call_id": "c1", "content": ""},
        {"role": "assistant", "content": None, "refusal": "I cannot."},
    )
    assert [message.origin for message in session.messages] == [
        "system", "system", "person", "agent", "tool", "tool", "agent",
    ]  # fmt: skip
    assert session.system_prompt == "Be brief."
    assert session.messages[2].text == "look\n[image_url]"
    assert session.messages[3].calls == (
        ToolCall("c1", "run", '{"a": 1}'),
        ToolCall("c2", "run", '{"b":[2,"ü"]}'),
        ToolCall("c3", "run", '{"torn'),
        ToolCall("c4", "shell", "ls"),
        ToolCall("c5", "now", "{}"),
    )
    failed = session.messages[4]
    assert (failed.call_id, failed.tool, failed.evidence) == ("c2", "run", Evidence(is_error=True))
    assert session.messages[5].evidence is None
    assert session.messages[6].text == "I cannot."
    assert session.problems == ()


def test_prompts_can_be_left_unread(tmp_path: Path) -> None:
    path = file(tmp_path, {"id": "a", "messages": [{"role": "system", "content": "Be brief."}]})
    (session,) = JsonFile(path).read(["a"], prompts=False)
    assert session.system_prompt == ""


def test_the_older_function_calls(tmp_path: Path) -> None:
    session = messages(
        tmp_path,
        {"role": "assistant", "content": None, "function_call": {"name": "run", "arguments": "{}"}},
        {"role": "function", "name": "run", "content": "done"},
    )
    call, result = session.messages
    assert call.calls == (ToolCall("", "run", "{}"),)
    assert (result.role, result.origin, result.call_id, result.tool) == ("tool", "tool", "", "run")


def test_a_result_whose_calls_id_was_not_logged_loses_its_own(tmp_path: Path) -> None:
    session = messages(
        tmp_path,
        {"role": "assistant", "tool_calls": [{"function": {"name": "run", "arguments": "{}"}}]},
        {"role": "tool", "tool_call_id": "c1", "content": "done"},
    )
    assert (session.messages[0].calls[0].id, session.messages[1].call_id) == ("", "")


def test_own_message_ids_are_kept_when_they_tell_messages_apart(tmp_path: Path) -> None:
    kept = messages(tmp_path, {**HELLO[0], "id": "m-1"}, {**HELLO[1], "id": 12})
    assert [message.id for message in kept.messages] == ["m-1", "12"]
    same = messages(tmp_path, {**HELLO[0], "id": "m"}, {**HELLO[1], "id": "m"})
    assert [message.id for message in same.messages] == ["1", "2"]


@cases("sources/openai/data/bad_messages.jsonl")
def test_a_bad_message_costs_no_other(tmp_path: Path, row: Any, trouble: str) -> None:
    path = file(tmp_path, {"id": "a", "messages": [row, *HELLO]})
    session = one(path)
    assert [message.text for message in session.messages][-2:] == ["hello", "hi"]
    assert [tuple(problem) for problem in session.problems] == [(f"{path}: line 1, message 1", trouble)]


def test_lone_surrogates_become_replacements_and_are_noted(tmp_path: Path) -> None:
    escaped = (
        '{"id": "a\\udc00", "title": "t\\ud800", "messages": [{"role": "user", "content": "x\\ud800y"}, '
        '{"role": "assistant", "tool_calls": [{"id": "c\\ud800", '
        '"function": {"name": "n", "arguments": "\\udfff"}}]}]}'
    )
    session = one(file(tmp_path, escaped))
    assert (session.header.id, session.header.title) == ("a\ufffd", "t\ufffd")
    assert session.messages[0].text == "x\ufffdy"
    assert session.messages[1].calls == (ToolCall("c\ufffd", "n", "\ufffd"),)
    assert [problem.text for problem in session.problems] == ["lone surrogates were replaced by U+FFFD"] * 2
    raw = one(file(tmp_path, '{"id": "b", "messages": [{"role": "user", "content": "x\ud800y"}]}'))
    assert raw.messages[0].text == "x\ufffdy"


def test_nul_and_escapes_are_kept(tmp_path: Path) -> None:
    text = "a\x00b\x1b]52;c;eA==\x07\u202e"
    assert messages(tmp_path, {"role": "user", "content": text}).messages[0].text == text


# --- identity -------------------------------------------------------------------------------------


def test_a_made_id_depends_on_the_messages_alone(tmp_path: Path) -> None:
    first = one(file(tmp_path, {"messages": HELLO}, name="a.jsonl")).header.id
    moved = one(
        file(tmp_path, json.dumps({"model": "m", "messages": HELLO}, indent=1), name="b.json")
    ).header.id
    other = one(file(tmp_path, {"messages": HELLO[:1]}, name="c.jsonl")).header.id
    assert first == moved != other


def test_another_session_of_the_same_id_gets_a_number(tmp_path: Path) -> None:
    other = [{"role": "user", "content": "good evening"}, HELLO[1]]
    path = file(tmp_path, *[{"id": "a", "messages": rows} for rows in (HELLO, other, other[::-1])])
    assert {name: len(session.messages) for name, session in read(path).items()} == {
        "a": 2,
        "a-2": 2,
        "a-3": 2,
    }
    assert troubles(path) == [
        (": line 2", "its id a was there before; read as a-2"),
        (": line 3", "its id a was there before; read as a-3"),
    ]


def test_snapshots_of_one_session_are_one_session(tmp_path: Path) -> None:
    more = [*HELLO, {"role": "user", "content": "and now?"}, {"role": "assistant", "content": "this"}]
    path = file(tmp_path, *[{"id": "a", "messages": more[:rows]} for rows in (1, 4, 2)])
    assert {name: len(session.messages) for name, session in read(path).items()} == {"a": 4}
    with closing(JsonFile(path)) as source:
        listing = source.listing()
    assert listing.notes == (f"{path}: 2 older snapshots of these sessions; left out",)
    assert listing.problems == ()


def test_a_log_of_requests_is_one_session_for_each_conversation(tmp_path: Path) -> None:
    def request(number: int, asked: list[dict[str, str]], answer: str) -> dict[str, Any]:
        reply = {"index": 0, "message": {"role": "assistant", "content": answer, "refusal": None}}
        return {"id": f"chatcmpl-{number}", "model": "m", "messages": asked, "choices": [reply]}

    hello, next_question = HELLO[:1], {"role": "user", "content": "and now?"}
    path = file(
        tmp_path,
        request(1, hello, "hi"),
        request(2, [*HELLO, next_question], "this"),
        request(3, hello, "hi there"),
    )
    texts = [[message.text for message in session.messages] for session in read(path).values()]
    assert texts == [["hello", "hi", "and now?", "this"], ["hello", "hi there"]]


# --- damage ---------------------------------------------------------------------------------------


def test_bad_lines_are_told_and_the_rest_is_read(tmp_path: Path) -> None:
    path = file(
        tmp_path,
        "this is not JSON",
        {"id": "a", "messages": HELLO},
        '"text"',
        {"conversations": []},
        {"id": "x", "messages": "none"},
        '{"id": "b", "messages": ' + "[" * 100_000,
        {"id": "c", "messages": HELLO},
        '{"id": "torn", "messages": [{"role": "user", "con',
    )
    assert list(read(path)) == ["a", "c"]
    assert troubles(path) == [
        (": line 1", "it is not JSON; left out"),
        (": line 3", "it is no object; left out"),
        (": line 4", "it has no list of messages; left out"),
        (": line 5", "it has no list of messages; left out"),
        (": line 6", "it is nested too deeply; left out"),
        (": line 8", "it is not JSON; left out"),
    ]


def test_bad_sessions_inside_a_document(tmp_path: Path) -> None:
    path = file(tmp_path, json.dumps([{"id": "a", "messages": HELLO}, 3, {}], indent=1), name="x.json")
    assert list(read(path)) == ["a"]
    assert troubles(path) == [
        (": session 2", "it is no object; left out"),
        (": session 3", "it has no list of messages; left out"),
    ]


def test_a_torn_first_line_does_not_make_a_file_a_document(tmp_path: Path) -> None:
    path = file(tmp_path, '{"id": "torn", "messages": [', {"id": "a", "messages": HELLO})
    assert list(read(path)) == ["a"]


def test_bytes_that_are_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "latin.jsonl"
    path.write_bytes('{"id": "a", "messages": [{"role": "user", "content": "grüß"}]}'.encode("latin-1"))
    assert one(path).messages[0].text == "gr\ufffd\ufffd"
    assert troubles(path) == [(": line 1", "bytes that are not UTF-8 were replaced by U+FFFD")]


@pytest.mark.parametrize("depth", [90, 300, 900])
def test_nesting_that_a_decoder_bears_is_read(tmp_path: Path, depth: int) -> None:
    deep = "[" * depth + "]" * depth
    line = '{"id": "a", "messages": [{"role": "user", "content": ' + deep + "}, " + json.dumps(HELLO[1])
    calls = '{"role": "assistant", "tool_calls": [{"function": {"name": "n", "arguments": ' + deep + "}}]}"
    session = one(file(tmp_path, f"{line}, {calls}]}}"))
    assert session.messages[1].text == "hi"


@pytest.mark.parametrize("shape", [{}, {"source": "cli", "started_at": 1.0}])
def test_hostile_values_in_every_field(tmp_path: Path, shape: dict[str, Any]) -> None:
    odds: list[Any] = [None, 3, 1.5, True, [], {}, "", [[]], {"a": {}}, "\x00", 10**30]
    for odd in odds:
        fields = (
            "title",
            "model",
            "cwd",
            "channel",
            "source",
            "model_config",
            "parent_session_id",
            "ended_at",
        )
        rows = [
            {"role": "user", "content": odd, "id": odd, "timestamp": odd, "active": odd, "compacted": 0},
            {"role": "assistant", "content": "x", "tool_calls": odd, "function_call": odd},
            {
                "role": "tool",
                "content": "x",
                "tool_call_id": odd,
                "name": odd,
                "tool_name": odd,
                "is_error": odd,
            },
            {"role": odd, "content": "x"},
        ]
        record = {**dict.fromkeys(fields, odd), **shape, "id": "a", "messages": rows}
        session = one(file(tmp_path, record))
        assert session.header.id == "a"
        assert len(session.messages) >= 2


def test_problems_are_capped(tmp_path: Path) -> None:
    path = file(tmp_path, {"id": "a", "messages": HELLO}, *["garbage"] * 250)
    found = troubles(path)
    assert len(found) == MAX_PROBLEMS + 1
    assert found[-1] == ("", "150 more problems of this kind")


@pytest.mark.parametrize(
    "content",
    [b"", b"\n\n", b"[]", b"{}", b"garbage", b'{"name": "x"}', b"[1, 2]", b"\xff\xfe{\x00", b"{\n1\n}"],
)
def test_a_file_without_a_session_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(content)
    with pytest.raises(SourceError) as caught:
        JsonFile(path)
    assert str(path) in caught.value.what
    assert caught.value.remedy


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "gone.jsonl", tmp_path):
        with pytest.raises(SourceError, match="cannot be read"):
            JsonFile(path)


def test_lines_and_documents_past_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_records, "MAX_RECORD", 1000)
    long = {"id": "long", "messages": [{"role": "user", "content": "x" * 5000}]}
    path = file(tmp_path, {"id": "a", "messages": HELLO}, long, {"id": "b", "messages": HELLO})
    assert list(read(path)) == ["a", "b"]
    assert [place for place, _ in troubles(path)] == [": line 2"]
    document = file(tmp_path, json.dumps([{"messages": HELLO}] * 20, indent=1), name="x.json")
    with pytest.raises(SourceError, match="one JSON document of more than"):
        JsonFile(document)


@pytest.mark.slow
def test_a_line_of_50_mb(tmp_path: Path) -> None:
    big = {"id": "big", "messages": [{"role": "user", "content": "x" * 50_000_000}]}
    path = file(tmp_path, big, {"id": "a", "messages": HELLO})
    assert {name: len(session.messages) for name, session in read(path).items()} == {"big": 1, "a": 2}


def test_a_file_of_lines_is_never_in_memory_as_a_whole(tmp_path: Path) -> None:
    path = file(
        tmp_path,
        *[{"id": f"s{n}", "messages": [{"role": "user", "content": "x" * 50_000}]} for n in range(400)],
    )
    tracemalloc.start()
    source = JsonFile(path)
    for session in source.read([header.id for header in source.listing().headers]):
        assert len(session.messages) == 1
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < path.stat().st_size / 4


def test_a_file_that_changed_is_scanned_again(tmp_path: Path) -> None:
    path = file(tmp_path, {"id": "a", "messages": HELLO})
    source = JsonFile(path)
    file(tmp_path, {"id": "filler", "messages": []}, {"id": "a", "messages": HELLO[:1]})
    (session,) = source.read(["a"])
    assert len(session.messages) == 1
    assert [header.id for header in source.listing().headers] == ["filler", "a"]
    path.unlink()
    with pytest.raises(SourceError, match="cannot be read"):
        source.listing()


# --- Hermes' own export ---------------------------------------------------------------------------


@pytest.fixture
def export(recordings: Path, tmp_path: Path) -> Path:
    """The recordings as `hermes sessions export` writes them: active rows, calls and parts decoded."""
    db = sqlite3.connect(recordings)
    db.row_factory = sqlite3.Row
    path = tmp_path / "export.jsonl"
    with path.open("w", encoding="utf-8") as out:
        for row in db.execute("SELECT * FROM sessions ORDER BY started_at DESC"):
            session = dict(row)
            found = db.execute(
                "SELECT * FROM messages WHERE session_id = ? AND active = 1 ORDER BY id", (row["id"],)
            )
            session["messages"] = [dict(message) for message in found]
            for message in session["messages"]:
                if message["tool_calls"]:
                    message["tool_calls"] = json.loads(message["tool_calls"])
            out.write(json.dumps(session, ensure_ascii=False) + "\n")
    db.close()
    return path


def test_an_export_reads_like_the_database(recordings: Path, export: Path) -> None:
    database = HermesDatabase(recordings)
    stored = {
        read_session.header.id: read_session
        for read_session in database.read([h.id for h in database.listing().headers])
    }
    database.close()
    source = JsonFile(export)
    assert source.agent == "hermes"
    assert source.listing().problems == ()
    exported = read(export)
    assert list(exported) == list(stored)
    for name, session in exported.items():
        if name == "20261120_095210_4a8345":
            continue  # its compacted rows are not in an export
        assert session.messages == stored[name].messages
        assert session.compactions == stored[name].compactions
        assert session.system_prompt == stored[name].system_prompt
        for field in (
            "agent",
            "channel",
            "title",
            "model",
            "started_at",
            "ended_at",
            "kind",
            "parent_id",
            "cwd",
        ):
            assert getattr(session.header, field) == getattr(stored[name].header, field)
    assert exported["20261120_094826_ed7dea"].header.kind == "continuation"
    assert sum(len(m.calls) for m in exported["20261120_094826_ed7dea"].messages) == 8


def hermes(tmp_path: Path, *rows: dict[str, Any], **head: Any) -> Path:
    return file(tmp_path, {"id": "h", "source": "cli", "started_at": 1.0, **head, "messages": list(rows)})


def test_rewound_rows_are_out_and_compacted_ones_in(tmp_path: Path) -> None:
    session = one(
        hermes(
            tmp_path,
            {"id": 1, "role": "user", "content": "kept", "active": 0, "compacted": 1},
            {"id": 2, "role": "user", "content": "taken back", "active": 0, "compacted": 0},
            {"id": 3, "role": "user", "content": "now", "active": 1, "compacted": 0},
            {"id": 4, "role": "user", "content": "older export"},
        )
    )
    assert [message.text for message in session.messages] == ["kept", "now", "older export"]


def test_parts_decoded_or_as_stored(tmp_path: Path) -> None:
    parts = [{"type": "text", "text": "look"}, {"type": "image_url", "image_url": {"url": "data:"}}]
    session = one(
        hermes(
            tmp_path,
            {"id": 1, "role": "user", "content": parts},
            {"id": 2, "role": "user", "content": "\x00json:" + json.dumps(parts)},
            {"id": 3, "role": "user", "content": "\x00json:{torn"},
        )
    )
    assert [message.text for message in session.messages[:2]] == ["look\n[image_url]"] * 2
    assert [problem.text for problem in session.problems] == ["its parts are not JSON; shown as stored"]


def test_who_wrote_what(tmp_path: Path) -> None:
    goal = {"id": "c", "function": {"name": "delegate_task", "arguments": '{"goal": "count lines"}'}}
    session = one(
        hermes(
            tmp_path,
            {"id": 1, "role": "user", "content": "/start"},
            {
                "id": 2,
                "role": "user",
                "content": "Review the conversation above and update the skill library.",
            },
            {"id": 3, "role": "user", "content": "[CONTEXT COMPACTION — REFERENCE ONLY] earlier"},
            {"id": 4, "role": "assistant", "content": "", "tool_calls": [goal]},
            {"id": 5, "role": "user", "content": "count lines"},
            {"id": 6, "role": "tool", "content": "{}", "tool_call_id": "c", "tool_name": "delegate_task"},
        )
    )
    assert [m.origin for m in session.messages] == [
        "person",
        "harness",
        "summary",
        "agent",
        "harness",
        "tool",
    ]
    assert session.messages[5].tool == "delegate_task"


def test_a_message_that_is_no_object_is_told(tmp_path: Path) -> None:
    path = file(
        tmp_path,
        {"id": "h", "source": "cli", "started_at": 1.0, "messages": ["x", {"role": "user", "content": "y"}]},
    )
    session = one(path)
    assert [message.text for message in session.messages] == ["y"]
    assert [problem.text for problem in session.problems] == ["1 of its messages are no objects; left out"]


def test_a_child_is_read_with_its_parent_wherever_that_stands(tmp_path: Path) -> None:
    base = {"source": "cli", "started_at": 1.0}
    call = {"id": "c1", "function": {"name": "terminal", "arguments": '{"command": "ls"}'}}
    ask = {"id": 1, "role": "user", "content": "one"}
    act = {"id": 2, "role": "assistant", "content": "", "tool_calls": [call]}
    child = {
        **base, "id": "child", "started_at": 2.0, "parent_session_id": "parent",
        "messages": [
            {**ask, "id": 11},
            {"id": 12, "role": "user", "content": "[CONTEXT COMPACTION — REFERENCE ONLY] earlier"},
            {**act, "id": 13},
            {"id": 14, "role": "tool", "content": "a.py", "tool_call_id": "c1", "tool_name": "terminal"},
            {"id": 15, "role": "user", "content": "two"},
        ],
    }  # fmt: skip
    parent = {**base, "id": "parent", "end_reason": "compression", "messages": [ask, act]}
    sessions = read(file(tmp_path, child, parent))
    assert sessions["child"].header.kind == "continuation"
    assert [message.id for message in sessions["parent"].messages] == ["1", "2", "14"]
    assert [call.id for message in sessions["child"].messages for call in message.calls] == []
    alone = read(file(tmp_path, child))["child"]
    assert [call.id for message in alone.messages for call in message.calls] == ["c1"]


def test_a_session_that_the_reader_fails_on_costs_only_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "log.jsonl"
    lines = [{"id": name, "messages": [{"role": "user", "content": name}]} for name in ("a", "b", "c")]
    path.write_text("\n".join(json.dumps(line) for line in lines))
    whole = openai.session_of

    def fails(chat: Chat, header: SessionHeader, *, place: str) -> Session:
        if header.id == "b":
            raise TypeError("a shape that nobody foresaw")
        return whole(chat, header, place=place)

    monkeypatch.setattr(openai, "session_of", fails)
    sessions = list(JsonFile(path).read(["a", "b", "c"]))
    assert [len(session.messages) for session in sessions] == [1, 0, 1]
    (problem,) = sessions[1].problems
    assert problem.place == f"{path}: session b"
    assert "a shape that nobody foresaw" in problem.text


@pytest.mark.parametrize(
    "text",
    [
        "[Request interrupted by user for tool use]",
        "# AGENTS.md instructions for /home/ada/shop\n\nUse uv.",
        "<environment_context>\n<cwd>/home/ada</cwd>",
        "<system-reminder>Be brief.</system-reminder>",
    ],
)
def test_an_agent_s_own_texts_in_an_exported_chat_are_not_the_person_s(tmp_path: Path, text: str) -> None:
    file = tmp_path / "chat.json"
    messages = [{"role": "user", "content": text}, {"role": "user", "content": "always use uv"}]
    file.write_text(json.dumps([*messages, {"role": "assistant", "content": "ok"}]))
    source = JsonFile(file)
    (session,) = source.read([header.id for header in source.listing().headers])
    assert [message.origin for message in session.messages] == ["harness", "person", "agent"]
