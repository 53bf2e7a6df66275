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
