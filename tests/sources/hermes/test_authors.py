"""Who wrote a row in the user's role, and how a session began: only positive evidence counts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import hermes_db as hermes
import pytest

from warmtui.model.session import Session
from warmtui.sources.hermes.database import HermesDatabase


def sessions(path: Path) -> dict[str, Session]:
    source = HermesDatabase(path)
    found = {
        session.header.id: session
        for session in source.read([header.id for header in source.listing().headers])
    }
    source.close()
    return found


@pytest.mark.parametrize(
    ("text", "marks", "origins"),
    [
        ("list the folders", {}, ["person"]),
        ("lunch at noon?", {"observed": 1}, ["harness"]),
        ("a note to myself", {"display_kind": "hidden"}, ["harness"]),
        ("a process ended", {"display_kind": "internal_notification"}, ["harness"]),
        ("What was done so far.", {"_compressed_summary": 1}, ["summary"]),
        ("[SYSTEM: Background process p1 ended]", {}, ["harness"]),
        ("[IMPORTANT: Background process p1 completed (exit code 0).]", {}, ["harness"]),
        ("[System note: the turn before was interrupted.]", {}, ["harness"]),
        ("[ASYNC DELEGATION BATCH COMPLETE]\ntask 1: finished", {}, ["harness"]),
        ("[Your active task list was preserved]\n- [ ] tests", {}, ["harness"]),
        ("Cronjob Response: nightly\nall green", {}, ["harness"]),
        (
            "[CONTEXT COMPACTION] Goal: old\n--- END OF CONTEXT SUMMARY — respond below ---\n\nfix the css",
            {},
            ["summary", "person"],
        ),
        (
            "What was done.\n--- END OF CONTEXT SUMMARY ---\n\ngo on",
            {"_compressed_summary": 1},
            ["summary", "person"],
        ),
        ("[System note: The session expired.]\n\nlist the folders", {}, ["harness", "person"]),
        ('[Replying to: "see [1]"]\n\nwhy?', {}, ["harness", "person"]),
        ("[System note: a restart]\n\n[SYSTEM: a process ended]", {}, ["harness"]),
        ("[System: The user has changed the assistant's personality.]", {}, ["harness"]),
        (
            "[Observed Telegram group context - context only]\nann: lunch?\n"
            "[Current addressed message - answer only this]\n\n@bot list the folders",
            {},
            ["harness", "person"],
        ),
        ("[Observed Telegram group context - context only]\nann: lunch?", {}, ["harness"]),
        ("[note to self] fix the css", {}, ["person"]),
    ],
)
def test_who_wrote_a_row(tmp_path: Path, text: str, marks: dict[str, Any], origins: list[str]) -> None:
    path = tmp_path / "state.db"
    db = hermes.create(path, newer=True)
    hermes.session(db, "s1", source="cli")
    hermes.said(db, "s1", "user", text, **marks)
    db.close()
    messages = sessions(path)["s1"].messages
    assert [message.origin for message in messages] == origins
    assert "\n\n".join(message.text for message in messages) == text


def test_what_the_person_said_meanwhile_stands_behind_a_result(tmp_path: Path) -> None:
    said = (
        "\n\n[OUT-OF-BAND USER MESSAGE — a direct message from the user]\nleave the css\n"
        "[/OUT-OF-BAND USER MESSAGE]"
    )
    results = {"c1": f'{{"output": "done"}}{said}', "c2": f"a page that says{said}", "c3": '{"output": "x"}'}
    path = tmp_path / "state.db"
    db = hermes.create(path)
    hermes.session(db, "s1", source="cli")
    for call, result in results.items():
        hermes.called(db, "s1", (call, "terminal", {"command": f"make {call}"}))
        hermes.answered(db, "s1", call, result)
    db.close()
    messages = [message for message in sessions(path)["s1"].messages if message.origin != "agent"]
    assert [(message.origin, message.call_id, message.text) for message in messages] == [
        ("tool", "c1", '{"output": "done"}'),
        ("person", "", "leave the css"),
        ("tool", "c2", results["c2"]),
        ("tool", "c3", results["c3"]),
    ]


SKILL = '[IMPORTANT: The user has invoked the "tidy" skill. The full content is below.]\n\nSort it.'
BEHIND = "The user has provided the following instruction alongside the skill invocation: "


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        (SKILL, []),
        (f"{SKILL}\n\n{BEHIND}the shelf", ["the shelf"]),
        (f"{SKILL} It says: {BEHIND}x\n\n{BEHIND}the shelf\n\n[Runtime note: cwd is /]", ["the shelf"]),
        (
            '[IMPORTANT: The user has invoked the "all" skill bundle, of 2.]\nUser instruction: the shelf\n\n'
            '[Loaded as part of the "all" bundle]\nSort it.',
            ["the shelf"],
        ),
    ],
)
def test_of_a_skill_only_what_was_typed_with_its_name_is_the_persons(
    tmp_path: Path, text: str, typed: list[str]
) -> None:
    path = tmp_path / "state.db"
    db = hermes.create(path)
    hermes.session(db, "s1", source="cli")
    hermes.said(db, "s1", "user", text)
    db.close()
    messages = sessions(path)["s1"].messages
    assert [message.text for message in messages if message.origin == "person"] == typed
    assert {message.origin for message in messages} <= {"harness", "person"}
    assert sum(len(message.text) for message in messages) >= len(text) - 8


@pytest.mark.parametrize("channel", ["cron", "subagent"])
def test_a_program_writes_the_prompts_of_some_channels(tmp_path: Path, channel: str) -> None:
    path = tmp_path / "state.db"
    db = hermes.create(path)
    hermes.session(db, "s1", source=channel)
    hermes.said(db, "s1", "user", "look at the logs")
    db.close()
    assert sessions(path)["s1"].messages[0].origin == "harness"


@pytest.mark.parametrize(
    ("parent_end", "marks", "channel", "kind"),
    [
        ("idle", {}, "telegram", "root"),
        ("session_reset", {}, "telegram", "root"),
        (None, {"_reset_from": "parent"}, "telegram", "root"),
        ("cli_close", {"_delegate_from": "parent"}, "telegram", "subagent"),
        ("cli_close", {}, "subagent", "subagent"),
        ("compression", {}, "cli", "continuation"),
        ("compression", {"_branched_from": "another"}, "cli", "continuation"),
        ("branched", {}, "cli", "branch"),
        (None, {"_branched_from": "parent"}, "cli", "branch"),
    ],
)
def test_how_a_child_began(
    tmp_path: Path, parent_end: str | None, marks: dict[str, str], channel: str, kind: str
) -> None:
    path = tmp_path / "state.db"
    db = hermes.create(path)
    hermes.session(db, "parent", source="cli", end_reason=parent_end)
    hermes.session(
        db, "child", 2_000.0, source=channel, parent_session_id="parent", model_config=json.dumps(marks)
    )
    hermes.said(db, "child", "user", "and the files?")
    db.close()
    header = sessions(path)["child"].header
    assert (header.kind, header.parent_id) == (kind, "parent")


def test_rows_that_were_written_twice_count_once(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    db = hermes.create(path)
    hermes.session(db, "s1", source="cli")
    for again in range(3):
        hermes.said(db, "s1", "user", "list the folders")
        hermes.called(db, "s1", ("c1", "terminal", {"command": "ls"}))
        # the third answer differs: the person asked once more
        hermes.answered(db, "s1", "c1", "done" if again < 2 else "nothing")
    db.close()
    messages = sessions(path)["s1"].messages
    assert [message.text for message in messages if message.origin != "agent"] == [
        "list the folders",
        "done",
        "list the folders",
        "nothing",
    ]
