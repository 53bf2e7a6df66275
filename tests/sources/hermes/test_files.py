"""Hermes' files beside its database: transcripts, snapshots, saved conversations and request dumps."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from warmtui.model.session import Session
from warmtui.registry import open_source
from warmtui.sources.openai.file import JsonFile

ID = "20260420_211037_de8721"
MESSAGES: list[dict[str, Any]] = [
    {"role": "user", "content": "[SYSTEM: a background process ended]"},
    {"role": "user", "content": "list the folders"},
    {
        "role": "assistant",
        "content": "",
        "tool_calls": [
            {
                "id": "c1",
                "type": "function",
                "function": {"name": "terminal", "arguments": '{"command":"ls"}'},
            }
        ],
    },
    {"role": "tool", "content": '{"output": "a b", "exit_code": 0}', "tool_call_id": "c1"},
    {"role": "user", "content": "[CONTEXT COMPACTION] old\n--- END OF CONTEXT SUMMARY ---\n\nand the css"},
]
SNAPSHOT: dict[str, Any] = {
    "session_id": ID,
    "model": "m1",
    "platform": "telegram",
    "session_start": "2026-04-20T21:10:37.5",
    "last_updated": "2026-04-20T21:18:42",
    "system_prompt": "Be brief.",
    "messages": MESSAGES,
}


def transcript(folder: Path, *, platform: str = "telegram") -> Path:
    head = {"role": "session_meta", "tools": [], "model": "m1", "platform": platform}
    lines = [{**head, "timestamp": "2026-04-20T21:10:37.5"}]
    lines += [{**message, "timestamp": "2026-04-20T21:18:42"} for message in MESSAGES]
    path = folder / f"{ID}.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)))
    return path


def snapshot(folder: Path, **fields: Any) -> Path:
    path = folder / f"session_{ID}.json"
    path.write_text(json.dumps({**SNAPSHOT, **fields}, indent=1))
    return path


def saved(folder: Path) -> Path:
    path = folder / "hermes_conversation_20260420.json"
    kept = ("session_id", "model", "session_start", "messages")
    path.write_text(json.dumps({name: SNAPSHOT[name] for name in kept}))
    return path


def dump(folder: Path) -> Path:
    body = {"model": "m1", "messages": [{"role": "system", "content": "Be brief."}, *MESSAGES], "tools": []}
    request = {"method": "POST", "url": "http://127.0.0.1/v1/chat/completions", "headers": {}, "body": body}
    path = folder / f"request_dump_{ID}_20260420_211842_123456.json"
    head = {"timestamp": "2026-04-20T21:18:42", "session_id": ID, "reason": "max_retries_exhausted"}
    path.write_text(json.dumps({**head, "request": request, "error": {"type": "APIError"}}))
    return path


def read(path: Path) -> Session:
    with closing(JsonFile(path)) as source:
        (header,) = source.listing().headers
        return next(source.read([header.id]))


def seconds(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("write", "began", "last", "channel", "prompt"),
    [
        (transcript, "2026-04-20T21:10:37.5", "2026-04-20T21:18:42", "telegram", ""),
        (snapshot, "2026-04-20T21:10:37.5", "2026-04-20T21:18:42", "telegram", "Be brief."),
        (saved, "2026-04-20T21:10:37.5", "2026-04-20T21:10:37.5", None, ""),
        # the id is made of the time at which the session began
        (dump, "2026-04-20T21:10:37", "2026-04-20T21:18:42", None, "Be brief."),
    ],
)
def test_every_file_of_hermes_says_what_its_database_would(
    tmp_path: Path, write: Callable[[Path], Path], began: str, last: str, channel: str | None, prompt: str
) -> None:
    session = read(write(tmp_path))
    header = session.header
    assert (header.id, header.agent, header.kind, header.model) == (ID, "hermes", "root", "m1")
    assert (header.started_at, header.last_active_at) == (seconds(began), seconds(last))
    assert (header.channel, session.system_prompt, session.problems) == (channel, prompt, ())
    assert header.rows == len(MESSAGES)
    assert [message.origin for message in session.messages] == [
        "harness",
        "person",
        "agent",
        "tool",
        "summary",
        "person",
    ]
    assert session.messages[-1].text == "and the css"
    result = next(message for message in session.messages if message.origin == "tool")
    assert result.call_id == "c1"


def test_the_files_of_a_session_are_listed_once(tmp_path: Path) -> None:
    for write in (transcript, snapshot, saved, dump):
        write(tmp_path)
    with closing(open_source(tmp_path)) as source:
        listing = source.listing()
        (header,) = listing.headers
        (session,) = source.read([header.id])
    assert (header.id, header.channel, listing.problems, session.problems) == (ID, "telegram", (), ())
    assert len(session.messages) == 6
    assert len(listing.notes) == 3
    assert {note.partition(": ")[2] for note in listing.notes} == {
        f"a copy of session {ID}, which is read from {tmp_path / f'{ID}.jsonl'}"
    }


def test_a_request_after_a_compaction_is_no_other_session(tmp_path: Path) -> None:
    snapshot(tmp_path)
    path = dump(tmp_path)
    record = json.loads(path.read_text())
    record["request"]["body"]["messages"] = MESSAGES[-1:]
    path.write_text(json.dumps(record))
    with closing(open_source(tmp_path)) as source:
        (header,) = source.listing().headers
    assert (header.id, header.channel, header.rows) == (ID, "telegram", len(MESSAGES))


def test_a_subagents_files_are_not_the_persons(tmp_path: Path) -> None:
    for path in (transcript(tmp_path, platform="subagent"), snapshot(tmp_path, platform="subagent")):
        session = read(path)
        assert session.header.kind == "subagent"
        assert "person" not in {message.origin for message in session.messages}
