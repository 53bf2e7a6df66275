"""Claude Code's transcripts: who said what, what became of each call, and how sessions are related."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from warmtui.analysis.calls import judge_calls
from warmtui.model.session import CompactionMark, Session, Usage
from warmtui.registry import open_source, source_paths
from warmtui.sources.base import Source

SESSION = "11111111-2222-3333-4444-555555555555"
FORK = "66666666-7777-8888-9999-000000000000"
REFUSED = "The user doesn't want to proceed with this tool use. The tool use was rejected (eg. …). "
STOPPED = "[Request interrupted by user for tool use]"

Row = dict[str, Any]


def frame(uuid: str, kind: str, **more: Any) -> Row:
    """A row with what Claude Code puts on each of them."""
    second = sum(map(ord, uuid)) % 60
    return {
        "parentUuid": None,
        "isSidechain": False,
        "cwd": "/home/ann/shop",
        "sessionId": SESSION,
        "version": "2.1.40",
        "gitBranch": "main",
        "type": kind,
        "uuid": uuid,
        "timestamp": f"2026-02-01T10:00:{second:02}Z",
        **more,
    }


def user(uuid: str, content: object, **more: Any) -> Row:
    return frame(uuid, "user", message={"role": "user", "content": content}, **more)


def answer(uuid: str, *blocks: Row, message_id: str = "", **more: Any) -> Row:
    message = {
        "id": message_id or f"msg_{uuid}",
        "role": "assistant",
        "model": "claude-x",
        "content": list(blocks),
    }
    return frame(uuid, "assistant", message={**message, **more.pop("message", {})}, **more)


def call(own: str, tool: str = "Bash", **arguments: Any) -> Row:
    return {"type": "tool_use", "id": own, "name": tool, "input": arguments}


def result(uuid: str, answered: str, content: object, flag: bool | None = None, **more: Any) -> Row:
    block: Row = {"type": "tool_result", "tool_use_id": answered, "content": content}
    return user(uuid, [block if flag is None else {**block, "is_error": flag}], **more)


def text(words: str) -> Row:
    return {"type": "text", "text": words}


def write(path: Path, *rows: Row) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row, separators=(",", ":")) + "\n" for row in rows))
    return path


def home(folder: Path, sessions: Mapping[str, list[Row]], project: str = "-home-ann-shop") -> Source:
    """Write sessions by name into a project folder and open all."""
    for name, rows in sessions.items():
        write(folder / "projects" / project / f"{name}.jsonl", *rows)
    return open_source(folder / "projects")


def read(source: Source) -> dict[str, Session]:
    ids = [header.id for header in source.listing().headers]
    return {session.header.id: session for session in source.read(ids)}


def session_of(folder: Path, *rows: Row) -> Session:
    return read(home(folder, {SESSION: list(rows)}))[SESSION]


def told(session: Session) -> list[tuple[str, str]]:
    return [(message.origin, message.text) for message in session.messages]


def outcomes(session: Session) -> dict[str, str]:
    return {judged.call.id: judged.verdict.outcome for judged in judge_calls(session, now=2e9)}


def test_an_answer_over_several_rows_is_one_message_whatever_its_tree_looks_like(tmp_path: Path) -> None:
    session = session_of(
        tmp_path,
        user("u1", "Run both"),
        answer("a1", {"type": "thinking", "thinking": "…", "signature": "s"}, message_id="m1"),
        answer("a2", text("Both:"), message_id="m1", parentUuid="a1"),
        answer("a3", call("t1", command="make a"), message_id="m1", parentUuid="a2"),
        result("r1", "t1", "a done", False, parentUuid="a3"),
        answer("a4", call("t2", command="make b"), message_id="m1", parentUuid="a3"),
        result("r2", "t2", "b done", False, parentUuid="a4"),
        answer("a5", text("Done."), message_id="m2", parentUuid="r2"),
        user("u2", "Thanks"),
    )
    assert told(session) == [
        ("person", "Run both"),
        ("agent", "Both:"),
        ("tool", "a done"),
        ("tool", "b done"),
        ("agent", "Done."),
        ("person", "Thanks"),
    ]
    assert [made.id for made in session.messages[1].calls] == ["t1", "t2"]
    assert outcomes(session) == {"t1": "ok", "t2": "ok"}
    assert session.problems == ()


AUTHORS: list[tuple[str, Row, list[tuple[str, str]]]] = [
    ("typed", user("x", "Fix it"), [("person", "Fix it")]),
    (
        "typed, said so",
        user("x", "Fix it", origin={"kind": "human"}, promptSource="typed"),
        [("person", "Fix it")],
    ),
    ("meta", user("x", "Base directory", isMeta=True), [("harness", "Base directory")]),
    ("summary", user("x", "This session …", isCompactSummary=True), [("summary", "This session …")]),
    ("peer", user("x", "Hello", origin={"kind": "peer"}), [("harness", "Hello")]),
    ("by the program", user("x", "Go on", promptSource="system"), [("harness", "Go on")]),
    ("sidechain", user("x", "Look into it", isSidechain=True), [("harness", "Look into it")]),
    ("pictures", user("x", [text("See"), {"type": "image", "source": {}}]), [("person", "See\n[image]")]),
    (
        "editor's text in a part of its own",
        user("x", [text("<ide_opened_file>a.py is open</ide_opened_file>"), text("Fix it")]),
        [("harness", "<ide_opened_file>a.py is open</ide_opened_file>"), ("person", "Fix it")],
    ),
    (
        "editor's text before the words",
        user("x", "<ide_selection>x = 1</ide_selection>\n<system-reminder>r</system-reminder>\nFix it"),
        [
            ("harness", "<ide_selection>x = 1</ide_selection>\n<system-reminder>r</system-reminder>"),
            ("person", "Fix it"),
        ],
    ),
    (
        "editor's text alone",
        user("x", "<ide_opened_file>a</ide_opened_file>"),
        [("harness", "<ide_opened_file>a</ide_opened_file>")],
    ),
    (
        "API error",
        answer("x", text("API Error: 500"), isApiErrorMessage=True),
        [("harness", "API Error: 500")],
    ),
    (
        "local answer",
        answer("x", text("No response requested."), message={"model": "<synthetic>"}),
        [("harness", "No response requested.")],
    ),
    (
        "typed ahead",
        frame("x", "attachment", attachment={"type": "queued_command", "prompt": "And lint"}),
        [("person", "And lint")],
    ),
    (
        "local output",
        frame("x", "system", subtype="local_command", content="<local-command-stdout>"),
        [("harness", "<local-command-stdout>")],
    ),
    (
        "words beside a result",
        user("x", [{"type": "tool_result", "tool_use_id": "t", "content": "ok"}, text("Why?")]),
        [("tool", "ok"), ("person", "Why?")],
    ),
    *(
        (words, user("x", words), [("harness", words)])
        for words in (
            "<command-name>/clear</command-name>",
            "<command-message>review is running…</command-message>",
            "<bash-input>ls</bash-input>",
            "<bash-stdout>a.py</bash-stdout>",
            "<local-command-stdout>Set model</local-command-stdout>",
            "<task-notification><task-id>b1</task-id></task-notification>",
            "Another Claude session sent a message:\n<teammate-message>",
            "[Request interrupted by user]",
        )
    ),
]


@pytest.mark.parametrize(("row", "expected"), [pytest.param(*case[1:], id=case[0]) for case in AUTHORS])
def test_only_what_a_person_typed_is_the_persons(
    tmp_path: Path, row: Row, expected: list[tuple[str, str]]
) -> None:
    assert told(session_of(tmp_path, row)) == expected


OUTCOMES: list[tuple[str, str, Row, str]] = [
    ("flag says success", "Bash", result("r", "t", "error: none found", False), "ok"),
    ("no flag where failures have one", "Read", result("r", "t", "Error handling\n"), "ok"),
    ("flag says failure", "Bash", result("r", "t", "Exit code 2\nls: cannot access", True), "error"),
    (
        "refused arguments",
        "Edit",
        result("r", "t", "<tool_use_error>File has not been read yet</tool_use_error>", True),
        "error",
    ),
    ("refused", "Edit", result("r", "t", REFUSED + "STOP what you are doing", True), "denied"),
    (
        "refused, told outside",
        "Bash",
        result("r", "t", "No.", True, toolUseResult="User rejected tool use"),
        "denied",
    ),
    (
        "by the classifier",
        "Bash",
        result("r", "t", "Blocked.", True, toolDenialKind="automode-blocked"),
        "denied",
    ),
    ("stopped", "Bash", result("r", "t", f"Exit code 137\n{STOPPED}", True), "interrupted"),
    ("stopped, no flag", "mcp__a__b", result("r", "t", STOPPED), "interrupted"),
    (
        "stopped, told outside",
        "Bash",
        result("r", "t", "", False, toolUseResult={"interrupted": True}),
        "interrupted",
    ),
    ("a file that holds the marker", "Read", result("r", "t", f"1\t{STOPPED}\n2\tx"), "ok"),
    (
        "never run",
        "Bash",
        result("r", "t", "<tool_use_error>Sibling tool call errored</tool_use_error>", True),
        "interrupted",
    ),
    (
        "launched in the background",
        "Bash",
        result(
            "r",
            "t",
            "Command running in background with ID: b1",
            False,
            toolUseResult={"backgroundTaskId": "b1"},
        ),
        "ok",
    ),
    (
        "launched agent",
        "Task",
        result(
            "r",
            "t",
            [text("Async agent launched")],
            toolUseResult={"isAsync": True, "status": "async_launched"},
        ),
        "ok",
    ),
    (
        "exit code that answers",
        "Bash",
        result("r", "t", "", False, toolUseResult={"returnCodeInterpretation": "No matches found"}),
        "ok",
    ),
    ("red tests", "Bash", result("r", "t", "Exit code 1\n=== 1 failed, 2 passed in 0.10s ===", True), "ok"),
]


@pytest.mark.parametrize(
    ("tool", "row", "expected"), [pytest.param(*case[1:], id=case[0]) for case in OUTCOMES]
)
def test_flags_and_fixed_texts_tell_what_became_of_a_call(
    tmp_path: Path, tool: str, row: Row, expected: str
) -> None:
    arguments = {"command": "pytest"} if tool == "Bash" else {}
    made = answer("a", call("t", tool, **arguments))
    assert outcomes(session_of(tmp_path, user("u", "Go"), made, row)) == {"t": expected}


def test_the_words_behind_a_refusal_are_the_persons(tmp_path: Path) -> None:
    said = REFUSED + "To tell you how to proceed, the user said:\nuse the other file"
    asked = REFUSED + "To tell you how to proceed, the user said:\nThe user wants to clarify these questions."
    session = session_of(
        tmp_path,
        answer("a", call("t1", "Edit"), call("t2", "AskUserQuestion")),
        result("r1", "t1", said, True),
        result("r2", "t2", asked, True),
    )
    persons = [message.text for message in session.messages if message.origin == "person"]
    assert persons == ["use the other file"]
    assert set(outcomes(session).values()) == {"denied"}


def queued(uuid: str, operation: str, content: str | None = None) -> Row:
    row = {"type": "queue-operation", "operation": operation, "sessionId": SESSION, "uuid": uuid}
    return row if content is None else {**row, "content": content}


def test_words_typed_ahead_count_once(tmp_path: Path) -> None:
    session = session_of(
        tmp_path,
        queued("q1", "enqueue", "Start"),
        queued("q2", "dequeue"),
        user("u1", "Start"),
        queued("q3", "enqueue", "also the docs"),
        queued("q4", "remove"),
        queued("q5", "enqueue", "also  the docs"),
        queued("q6", "enqueue", "<task-notification>done</task-notification>"),
        user("u2", [text("<ide_opened_file>a</ide_opened_file>"), text("later")]),
        queued("q7", "enqueue", "later"),
    )
    persons = [message.text for message in session.messages if message.origin == "person"]
    assert persons == ["Start", "also the docs", "later"]


def test_calls_that_the_provider_ran_are_answered_in_the_same_row(tmp_path: Path) -> None:
    search = {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "x"}}
    found = {
        "type": "web_search_tool_result",
        "tool_use_id": "srvtoolu_1",
        "content": [{"type": "web_search_result", "url": "https://e.example", "title": "E"}],
    }
    session = session_of(
        tmp_path, answer("a", search, message_id="m"), answer("b", found, text("Found."), message_id="m")
    )
    assert [(message.origin, len(message.calls)) for message in session.messages] == [
        ("agent", 1),
        ("tool", 0),
    ]
    assert outcomes(session) == {"srvtoolu_1": "ok"}


def test_rows_of_subagents_inside_a_progress_row_are_no_calls(tmp_path: Path) -> None:
    inner = {"type": "assistant", "message": answer("z", call("inner"))["message"]}
    progress = frame("p", "progress", data={"type": "agent_progress", "message": inner})
    session = session_of(tmp_path, answer("a", call("t", "Task")), progress, result("r", "t", "done"))
    assert outcomes(session) == {"t": "ok"}


def test_what_is_not_known_is_counted(tmp_path: Path) -> None:
    session = session_of(
        tmp_path,
        user("u", "Go"),
        frame("n1", "telepathy"),
        frame("n2", "telepathy"),
        answer("a", {"type": "hologram"}, call("t", "Grep")),
        result("r", "t", "<persisted-output>\nOutput too large (91KB). Full output saved to: /x\n"),
    )
    assert [problem.text for problem in session.problems] == [
        "2 records of unknown type 'telepathy'; not read",
        "1 result too large for the transcript; its beginning is read",
        "1 part of unknown type 'hologram'; not read",
    ]


def test_lines_that_cannot_be_read_are_told_and_glued_ones_taken_apart(tmp_path: Path) -> None:
    path = write(tmp_path / "projects" / "-p" / f"{SESSION}.jsonl", user("u1", "One"), user("u2", "Two"))
    glued = path.read_text().replace("}\n{", "}{", 1)
    progress = json.dumps(frame("p", "progress", data={}), separators=(",", ":"))
    path.write_text(f"{{broken\n{progress}{glued}")
    session = read(open_source(tmp_path / "projects"))[SESSION]
    assert told(session) == [("person", "One"), ("person", "Two")]
    assert [(problem.place, problem.text) for problem in session.problems] == [
        (f"{path}: line 1", "it is not JSON; left out")
    ]


def test_a_missing_result_is_unknown_where_a_line_cannot_be_read(tmp_path: Path) -> None:
    source = home(tmp_path, {SESSION: [answer("a", call("t1"), call("t2")), result("r", "t1", "ok", False)]})
    path = tmp_path / "projects" / "-home-ann-shop" / f"{SESSION}.jsonl"
    path.write_text(path.read_text() + "{broken}\n" + json.dumps(user("u", "On")) + "\n")
    assert outcomes(read(source)[SESSION]) == {"t1": "ok", "t2": "unknown"}


def test_a_header_holds_what_the_rows_tell(tmp_path: Path) -> None:
    usage = {
        "input_tokens": 3,
        "output_tokens": 5,
        "cache_read_input_tokens": 100,
        "cache_creation_input_tokens": 7,
    }
    session = session_of(
        tmp_path,
        {"type": "summary", "summary": "Another session", "leafUuid": "z"},
        user("u1", "Go", entrypoint="cli"),
        answer("a1", text("Well"), message_id="m", message={"usage": {**usage, "output_tokens": 1}}),
        answer("a2", call("t"), message_id="m", message={"usage": usage}),
        answer(
            "a3", text("API Error"), message={"model": "<synthetic>"}, gitBranch="fix", cwd="/home/ann/other"
        ),
        {"type": "ai-title", "aiTitle": "Old title", "sessionId": SESSION},
        frame(
            "p",
            "attachment",
            attachment={"type": "prompt_snapshot", "systemPrompt": ["Be kind.", "Be brief."]},
            gitBranch="fix",
        ),
        {"type": "cost-state", "totalCostUSD": 0.1, "sessionId": SESSION},
        {"type": "cost-state", "totalCostUSD": 0.25, "sessionId": SESSION},
        {"type": "ai-title", "aiTitle": "Shop tests", "sessionId": SESSION},
    )
    header = session.header
    assert (header.title, header.model, header.channel) == ("Shop tests", "claude-x", "cli")
    assert (header.cwd, header.git_branch, header.version) == ("/home/ann/shop", "fix", "2.1.40")
    assert (header.kind, header.agent, header.parent_id) == ("root", "claude-code", None)
    assert session.usage == Usage(3, 5, 100, 7, 0.25)
    assert session.system_prompt == "Be kind.\n\nBe brief."


def test_a_title_that_a_person_gave_stands_over_a_made_one(tmp_path: Path) -> None:
    titles: list[Row] = [
        {"type": "custom-title", "customTitle": "mine"},
        {"type": "ai-title", "aiTitle": "made"},
    ]
    assert session_of(tmp_path, user("u", "Go"), *titles).header.title == "mine"


def test_a_compaction_is_marked_where_the_summary_stands(tmp_path: Path) -> None:
    kept = {"preservedMessages": {"uuids": ["u1", "gone"]}}
    session = session_of(
        tmp_path,
        user("u1", "Go"),
        answer("a1", text("Yes")),
        frame("c", "system", subtype="compact_boundary", compactMetadata=kept),
        user("s", "Summary", isCompactSummary=True),
        user("u2", "On"),
    )
    assert session.compactions == (CompactionMark(2, ("u1",), into_child=False),)
    assert told(session)[2] == ("summary", "Summary")


def test_subagents_belong_to_their_session_and_have_no_person(tmp_path: Path) -> None:
    def prompt(uuid: str) -> Row:
        return user(uuid, "Look for tests", isSidechain=True, agentId="abc")

    folder = tmp_path / "projects" / "-p"
    write(folder / SESSION / "subagents" / "agent-abc.jsonl", prompt("x"))
    write(folder / SESSION / "subagents" / "workflows" / "wf_1" / "agent-new.jsonl", prompt("y"))
    write(folder / "agent-0ld1.jsonl", prompt("z"))
    meta = {"agentType": "general-purpose", "description": "find the tests"}
    (folder / SESSION / "subagents" / "agent-abc.meta.json").write_text(json.dumps(meta))
    write(folder / SESSION / "subagents" / "agent-acompact-1.jsonl", user("u1", "Go"))
    main = write(folder / f"{SESSION}.jsonl", user("u1", "Go"))
    sessions = read(open_source(tmp_path / "projects"))
    subagents = {name: session for name, session in sessions.items() if name != SESSION}
    assert set(subagents) == {"agent-abc", "agent-0ld1", "agent-new"}
    for session in subagents.values():
        assert (session.header.kind, session.header.parent_id) == ("subagent", SESSION)
        assert told(session) == [("harness", "Look for tests")]
    assert sessions["agent-abc"].header.title == "find the tests"
    assert set(read(open_source(main))) == {SESSION, "agent-abc", "agent-new"}


def forked(row: Row, **more: Any) -> Row:
    return {**row, "sessionId": FORK, **more}


def test_what_a_fork_copied_counts_in_the_original(tmp_path: Path) -> None:
    shared = [user("u", "Go"), answer("a", call("t1")), result("r", "t1", "ok", False)]
    own = [user("v", "Otherwise"), answer("b", call("t2")), result("s", "t2", "ok", False)]
    late = {"timestamp": "2026-02-02T10:00:00Z"}
    rows = {
        SESSION: [*shared, answer("c", call("t3")), result("d", "t3", "ok", False)],
        FORK: [forked(row) for row in shared] + [forked(row, **late) for row in own],
    }
    sessions = read(home(tmp_path, rows))
    assert outcomes(sessions[SESSION]) == {"t1": "ok", "t3": "ok"}
    assert outcomes(sessions[FORK]) == {"t2": "ok"}
    assert (sessions[FORK].header.kind, sessions[FORK].header.parent_id) == ("branch", SESSION)
    assert told(sessions[FORK])[0] == ("person", "Otherwise")


def test_a_call_that_was_open_at_the_fork_counts_where_its_result_is(tmp_path: Path) -> None:
    shared = [user("u", "Go"), answer("a", call("t1"))]
    late = {"timestamp": "2026-02-02T10:00:00Z"}
    rows = {SESSION: shared, FORK: [*map(forked, shared), forked(result("r", "t1", "ok", False), **late)]}
    sessions = read(home(tmp_path, rows))
    assert outcomes(sessions[SESSION]) == {}
    assert outcomes(sessions[FORK]) == {"t1": "ok"}


def test_rows_of_another_session_at_the_start_count_there(tmp_path: Path) -> None:
    rows = {
        SESSION: [user("u0", "Begin"), answer("a0", call("t0")), user("u", "Go"), answer("a", call("t1"))],
        FORK: [user("u", "Go"), answer("a", call("t1")), forked(answer("b", call("t2")))],
    }
    sessions = read(home(tmp_path, rows))
    assert set(outcomes(sessions[SESSION])) == {"t0", "t1"}
    assert set(outcomes(sessions[FORK])) == {"t2"}
    assert sessions[FORK].header.parent_id == SESSION


@pytest.mark.parametrize("old", [["u"], ["u", "w"]], ids=["a copy", "a part"])
def test_a_session_in_two_folders_is_read_as_one(tmp_path: Path, old: list[str]) -> None:
    home(tmp_path, {SESSION: [user(name, name) for name in old]}, "-old")
    source = home(
        tmp_path, {SESSION: [user("u", "u"), user("v", "v", timestamp="2026-03-01T00:00:00Z")]}, "-new"
    )
    (session,) = read(source).values()
    assert sorted(message.text for message in session.messages) == sorted({*old, "u", "v"})
    (note,) = source.listing().notes
    assert "read as one" in note


def _append(path: Path, rows: list[Row]) -> None:
    with path.open("a") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)


def _half(path: Path, _rows: list[Row]) -> None:
    with path.open("a") as file:
        file.write('{"type":"user","uu')


def _replace(path: Path, rows: list[Row]) -> None:
    write(path.with_suffix(".new"), *rows).replace(path)


def _rewrite(path: Path, rows: list[Row]) -> None:
    write(path, *rows)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (_append, ["One", "Two", "Three", "Four"]),
        (_half, ["One", "Two"]),
        (_replace, ["Three", "Four"]),
        (_rewrite, ["Three", "Four"]),
    ],
)
def test_a_file_that_changes_shows_what_it_holds_now(
    tmp_path: Path, change: Callable[[Path, list[Row]], None], expected: list[str]
) -> None:
    path = write(tmp_path / "projects" / "-p" / f"{SESSION}.jsonl", user("u1", "One"), user("u2", "Two"))
    source = open_source(tmp_path / "projects")
    assert [message.text for message in read(source)[SESSION].messages] == ["One", "Two"]
    assert source.changed() is None
    change(path, [user("u3", "Three"), user("u4", "Four")])
    (session,) = source.read([SESSION])
    assert [message.text for message in session.messages] == expected
    assert source.changed() == frozenset({SESSION}), "reading a session hides no change from the list"
    assert source.changed() is None
    if change is _half:
        with path.open("a") as file:
            file.write('id":"u5","message":{"role":"user","content":"Five"}}\n')
        assert source.changed() == frozenset({SESSION})
        (session,) = source.read([SESSION])
        assert session.messages[-1].text == "Five"


def test_new_and_deleted_sessions_show(tmp_path: Path) -> None:
    source = home(tmp_path, {SESSION: [user("u", "Go")]})
    home(tmp_path, {FORK: [forked(user("v", "New"))]})
    assert source.changed() == frozenset({FORK})
    assert set(source.headers([SESSION, FORK])) == {SESSION, FORK}
    (tmp_path / "projects" / "-home-ann-shop" / f"{SESSION}.jsonl").unlink()
    assert source.changed() == frozenset()
    assert [header.id for header in source.listing().headers] == [FORK]


def test_any_path_to_transcripts_opens(tmp_path: Path) -> None:
    home(tmp_path, {SESSION: [user("u", "Go")]})
    project = tmp_path / "projects" / "-home-ann-shop"
    file = project / f"{SESSION}.jsonl"
    named = tmp_path / "kept" / "by hand.jsonl"
    packed = tmp_path / "packed" / f"{SESSION}.jsonl.gz"
    for path in (named, packed):
        path.parent.mkdir()
    named.write_bytes(file.read_bytes())
    packed.write_bytes(gzip.compress(file.read_bytes()))
    for path in (tmp_path, tmp_path / "projects", project, file, named, packed):
        source = open_source(path)
        assert (source.agent, set(read(source))) == ("claude-code", {SESSION}), path


def test_a_row_of_four_fields_is_enough(tmp_path: Path) -> None:
    row = {"type": "user", "uuid": "r0", "parentUuid": None, "message": {"role": "user", "content": "Go"}}
    source = open_source(write(tmp_path / "warm.jsonl", row))
    assert (source.agent, told(read(source)["warm"])) == ("claude-code", [("person", "Go")])


def test_files_without_words_are_empty_sessions(tmp_path: Path) -> None:
    rows: list[Row] = [{"type": "summary", "summary": "x", "leafUuid": "y"}]
    source = home(tmp_path, {SESSION: rows, FORK: [forked(user("u", "Go"))]})
    assert {header.id: header.rows > 0 for header in source.listing().headers} == {SESSION: False, FORK: True}


def test_the_usual_place_and_what_moves_it(tmp_path: Path) -> None:
    home(tmp_path / ".claude", {SESSION: [user("u", "Go")]})
    found = [tmp_path.resolve() / ".claude" / "projects"]
    assert source_paths(["claude-code"], {"HOME": str(tmp_path)}).paths == found
    assert source_paths(["claude-code"], {"CLAUDE_CONFIG_DIR": str(tmp_path / ".claude")}).paths == found
    assert found[0] in source_paths([], {"HOME": str(tmp_path)}).paths


def test_a_long_session_is_told_by_its_ends(tmp_path: Path) -> None:
    long = "x" * 100_000
    rows = [
        user("u", "Go"),
        answer("a", text(long)),
        answer("b", text(long)),
        user("v", long, gitBranch="end"),
    ]
    header = session_of(tmp_path, *rows).header
    assert header.git_branch == "end"
    assert header.rows >= len(rows)
