"""Rollouts of Codex: what its rows mean, scripts, outputs, forks, subagents, and growing files."""

from __future__ import annotations

import gzip
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import zstandard

from warmtui import registry
from warmtui.analysis.calls import judge_calls
from warmtui.model.outcome import JudgedCall
from warmtui.model.session import Session, SessionHeader, Usage
from warmtui.sources.base import Source
from warmtui.sources.code_mode.scripts import read_script

Row = dict[str, Any]
START = "2026-03-01T10:00:00.000Z"
DONE = "Script completed\nWall time 0.1 seconds\nOutput:\n"


def row(kind: str, at: str = START, **payload: Any) -> Row:
    return {"timestamp": at, "type": kind, "payload": payload}


def head(own: str = "s1", at: str = START, **more: Any) -> Row:
    known = {"id": own, "timestamp": at, "cwd": "/work", "cli_version": "0.147.0", "source": "cli"}
    return row("session_meta", at, **known, **more)


def item(kind: str, at: str = START, **payload: Any) -> Row:
    return row("response_item", at, type=kind, **payload)


def event(kind: str, at: str = START, **payload: Any) -> Row:
    return row("event_msg", at, type=kind, **payload)


def message(role: str, text: str, at: str = START) -> Row:
    kind = "output_text" if role == "assistant" else "input_text"
    return item("message", at, role=role, content=[{"type": kind, "text": text}])


def prompt(text: str, at: str = START) -> list[Row]:
    return [message("user", text, at), event("user_message", at, message=text)]


def call(name: str, arguments: Any, output: Any = None, own: str = "c1", **more: Any) -> list[Row]:
    """Return a call with its output; `exec` and `apply_patch` take a text, the others an object."""
    custom = isinstance(arguments, str)
    given = {"input": arguments} if custom else {"arguments": json.dumps(arguments)}
    kind = "custom_tool_call" if custom else "function_call"
    rows = [item(kind, name=name, call_id=own, **given, **more)]
    return rows if output is None else [*rows, item(f"{kind}_output", call_id=own, output=output)]


def printed(*texts: str, state: str = "completed") -> list[dict[str, str]]:
    return [{"type": "input_text", "text": text} for text in (DONE.replace("completed", state), *texts)]


def store(folder: Path, *rows: Any, name: str = "rollout-2026-03-01T10-00-00-s1.jsonl") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = (line if isinstance(line, str) else json.dumps(line) for line in rows)
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


def sessions(source: Source) -> dict[str, Session]:
    names = [header.id for header in source.listing().headers]
    return {session.header.id: session for session in source.read(names)}


def read(path: Path) -> Session:
    (session,) = sessions(registry.open_source(path)).values()
    return session


def judged(*rows: Any, folder: Path) -> tuple[JudgedCall, ...]:
    return judge_calls(read(store(folder, head(), *rows)), now=2e9)


def said(session: Session) -> list[tuple[str, str]]:
    return [(message.origin, message.text) for message in session.messages]


# --- messages -------------------------------------------------------------------------------------


def test_prompts_are_the_person_s_by_their_events_alone(tmp_path: Path) -> None:
    rows = [
        message("developer", "<permissions>"),
        message("user", "# AGENTS.md instructions for /work"),
        message("user", "<environment_context>"),
        *prompt("fix it"),
        message("assistant", "Done."),
        event("agent_message", message="Done."),
    ]
    assert said(read(store(tmp_path, head(), *rows))) == [
        ("system", "<permissions>"),
        ("harness", "# AGENTS.md instructions for /work"),
        ("harness", "<environment_context>"),
        ("person", "fix it"),
        ("agent", "Done."),
    ]


def test_an_event_before_its_item_is_one_prompt(tmp_path: Path) -> None:
    rows = [event("user_message", message="fix it"), message("user", "fix it")]
    assert said(read(store(tmp_path, head(), *rows))) == [("person", "fix it")]


def test_paginated_histories_keep_prompts_as_items(tmp_path: Path) -> None:
    content = [{"type": "text", "text": "fix it"}]
    completed = event("item_completed", item={"type": "UserMessage", "id": "u", "content": content})
    rows = [message("user", "fix it"), event("user_message", message="fix it"), completed, *prompt("again")]
    session = read(store(tmp_path, head(history_mode="paginated"), *rows))
    assert said(session) == [("person", "fix it"), ("person", "again")]


def test_an_editor_s_context_is_not_the_person_s(tmp_path: Path) -> None:
    text = "# Context from my IDE setup:\n\n## Open tabs:\n- a.py\n\n## My request for Codex:\nfix it\n"
    assert said(read(store(tmp_path, head(), *prompt(text)))) == [
        ("harness", "# Context from my IDE setup:\n\n## Open tabs:\n- a.py"),
        ("person", "fix it"),
    ]


def test_turns_that_were_taken_back_are_left_out(tmp_path: Path) -> None:
    rows = [*prompt("one"), *prompt("two"), *call("exec_command", {"cmd": "ls"}, "a")]
    taken = [*rows, event("thread_rolled_back", num_turns=1), *prompt("three")]
    assert said(read(store(tmp_path, head(), *taken))) == [("person", "one"), ("person", "three")]


def test_messages_of_other_agents_are_a_program_s(tmp_path: Path) -> None:
    content = [{"type": "input_text", "text": "Task done"}, {"type": "encrypted_content"}]
    sent = item("agent_message", author="/root/a", recipient="/root", content=content)
    assert said(read(store(tmp_path, head(), sent))) == [("harness", "Task done")]


def test_compactions_are_marked_and_their_history_is_not_read_again(tmp_path: Path) -> None:
    again = [{"type": "function_call", "name": "exec_command", "arguments": "{}", "call_id": "c1"}]
    rows = [
        *prompt("one"),
        *call("exec_command", {"cmd": "ls"}, "a"),
        row("compacted", message="So far: ls.", replacement_history=again),
        message("assistant", "On."),
    ]
    session = read(store(tmp_path, head(), *rows))
    assert [(mark.before, mark.into_child) for mark in session.compactions] == [(3, False)]
    assert said(session)[3:] == [("summary", "So far: ls."), ("agent", "On.")]
    assert sum(len(message.calls) for message in session.messages) == 1


def test_what_stands_beside_the_messages(tmp_path: Path) -> None:
    def counted(given: int, cached: int, written: int) -> Row:
        total = {"input_tokens": given, "cached_input_tokens": cached, "output_tokens": written}
        return event("token_count", info={"total_token_usage": total})

    first = head(base_instructions={"text": "You are Codex."}, git={"branch": "main"})
    rows = [row("turn_context", model="gpt-6"), *prompt("hi"), counted(10, 4, 2), counted(100, 60, 7)]
    store(tmp_path / "sessions/2026/03/01", first, *rows, event("token_count", info=None))
    names = [{"id": "s1", "thread_name": name, "updated_at": START} for name in ("old", "new")]
    store(tmp_path, *names, name="session_index.jsonl")
    session = read(tmp_path)
    header = session.header
    assert (header.title, header.model, header.cwd, header.channel) == ("new", "gpt-6", "/work", "cli")
    assert (header.git_branch, header.version, header.kind) == ("main", "0.147.0", "root")
    assert session.system_prompt == "You are Codex."
    assert session.usage == Usage(40, 7, 60)


def test_the_first_versions_wrote_bare_items(tmp_path: Path) -> None:
    rows = [
        {"id": "s1", "timestamp": START, "instructions": "You are Codex.", "git": {}},
        {"record_type": "state"},
        *(each["payload"] for each in (message("user", "<environment_context>"), message("user", "hi"))),
        *(each["payload"] for each in call("shell", {"command": ["bash", "-lc", "ls"]}, "a")),
    ]
    session = read(store(tmp_path, *rows))
    assert said(session)[:2] == [("harness", "<environment_context>"), ("person", "hi")]
    assert session.system_prompt == "You are Codex."
    assert session.messages[2].calls[0].tool == "shell"
    assert session.problems == ()


def test_what_is_not_understood_is_told(tmp_path: Path) -> None:
    rows = [
        row("hologram"),
        row("hologram"),
        item("dance"),
        event("earthquake"),
        "{broken",
        *call("exec", "for (const c of cs) await tools.exec_command({cmd: c});", printed()),
        item("function_call_output", call_id="nobody", output="x"),
    ]
    path = store(tmp_path, head(), *rows)
    told = [problem.text for problem in read(path).problems]
    assert told == [
        "it is not JSON; left out",
        "1 event of unknown type 'earthquake'; not read",
        "1 item of unknown type 'dance'; not read",
        "2 rows of unknown type 'hologram'; not read",
        "1 script whose tool calls could not be told; each stands as one call of exec",
        "1 result of no call in this session; left out",
    ]


def test_a_file_without_its_beginning_is_told(tmp_path: Path) -> None:
    path = store(tmp_path, *prompt("hi"))
    listing = registry.open_source(path).listing()
    assert listing.headers == ()
    assert [problem.text for problem in listing.problems] == [
        "cannot be read: its first row is not the head of a session — look for the whole file"
    ]


# --- scripts --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "calls"),
    [
        ('const r = await tools.exec_command({cmd: "ls"}); text(r);', [("exec_command", {"cmd": "ls"})]),
        ("tools.exec_command({'cmd': 'echo \"it\\'s\"', n: 1_000, t: -2.5, ok: true,})",
         [("exec_command", {"cmd": "echo \"it's\"", "n": 1000, "t": -2.5, "ok": True})]),
        ('const p = "*** Begin Patch\\n+\\u00e9\\ud83d\\ude00";\ntext(await tools.apply_patch(p));',
         [("apply_patch", "*** Begin Patch\n+é😀")]),
        ("text(await tools.apply_patch(`*** Begin\n+\\`a\\``))", [("apply_patch", "*** Begin\n+`a`")]),
        ('const d = "/w"; await tools.exec_command({cmd: `ls ${d}`, workdir: d})',
         [("exec_command", {"cmd": "ls /w", "workdir": "/w"})]),
        ('const cmd = ["a", "b"].join("\\n"); await tools["exec_command"]({cmd})',
         [("exec_command", {"cmd": "a\nb"})]),
        ('await tools.mcp__shop__find({list: [{q: "x"}, null]})',
         [("mcp__shop__find", {"list": [{"q": "x"}, None]})]),
        ('await Promise.all([tools.a({x: 1}), tools.b({})])', [("a", {"x": 1}), ("b", {})]),
        ('try { await tools.a({x: "}"}); } catch (e) { text(e) } if (r) text("tools.b()")',
         [("a", {"x": "}"})]),
        ('ALL_TOOLS.filter(x => /it\'s "tools.x(/.test(x.name)); await tools.a()', [("a", {})]),
        ("// tools.a({})\nawait tools.b({}) /* tools.c() */", [("b", {})]),
        ("tools.a({tools: 1}); text(1)", [("a", {"tools": 1})]),
        ("text(ALL_TOOLS)", []),
        ("for (const c of cs) { await tools.a({c: 1}); }", None),
        ("if (ok) await tools.a({});", None),
        ("ok && await tools.a({});", None),
        ("cs.map(c => tools.a({}))", None),
        ("tools.a({c})", None),
        ("tools.a(`${f()}`)", None),
        ("tools[name]({})", None),
        ("const t = tools; t.a({})", None),
        ("tools.a({x: 1", None),
        ("tools.a(" + "[" * 5_000, None),
    ],
)  # fmt: skip
def test_scripts(script: str, calls: list[tuple[str, Any]] | None) -> None:
    found = read_script(script)
    if calls is None or found is None:
        assert found == calls
        return
    wanted = [(tool, value if isinstance(value, str) else json.dumps(value)) for tool, value in calls]
    texts = [(tool, text if tool == "apply_patch" else json.dumps(json.loads(text))) for tool, text in found]
    assert texts == wanted


def test_the_nested_call_is_the_call(tmp_path: Path) -> None:
    script = 'const r = await tools.exec_command({cmd: "ls"}); text(r.output);'
    (found,) = judged(*call("exec", script, printed("a\nb")), folder=tmp_path)
    assert (found.call.tool, json.loads(found.call.arguments)) == ("exec_command", {"cmd": "ls"})
    assert found.result is not None
    assert (found.result.text, found.verdict.outcome) == ("a\nb", "ok")


def test_calls_of_one_script_share_what_it_printed_unless_each_has_a_part(tmp_path: Path) -> None:
    script = 'await Promise.all([tools.exec_command({cmd: "ls x"}), tools.exec_command({cmd: "b"})])'
    apart = call("exec", script, printed("ls: x: No such file or directory", "fine"))
    together = call("exec", script, printed("ls: x: No such file or directory\nfine"), own="c2")
    found = judged(*apart, *together, folder=tmp_path)
    assert [(each.call.id, each.verdict.outcome) for each in found] == [
        ("c1", "error"),
        ("c1.2", "ok"),
        ("c2", "unknown"),
        ("c2.2", "unknown"),
    ]
    assert [each.verdict.rule for each in found[2:]] == ["shared-result", "shared-result"]


def test_events_tell_what_became_of_patches_inside_a_script(tmp_path: Path) -> None:
    script = 'tools.exec_command({cmd: "ls"}); tools.apply_patch("*** Begin Patch");'
    asked, answered = call("exec", script, printed("all of it"))
    flag = event("patch_apply_end", call_id="exec-1-2-3", success=True)
    found = judged(asked, flag, answered, folder=tmp_path)
    assert [each.verdict.outcome for each in found] == ["unknown", "ok"]


# --- outputs --------------------------------------------------------------------------------------

SHELL = {"command": ["bash", "-lc", "make"]}
MAKE = 'const r = await tools.exec_command({cmd: "make"}); text(r);'


@pytest.mark.parametrize(
    ("name", "arguments", "output", "outcome", "text"),
    [
        ("shell", SHELL, '{"output":"no","metadata":{"exit_code":2,"duration_seconds":0.1}}', "error", "no"),
        ("shell", SHELL, '{"output":"yes","metadata":{"exit_code":0}}', "ok", "yes"),
        ("exec_command", {"cmd": "make"},
         "Chunk ID: 1f\nWall time: 0.1 s\nProcess exited with code 2\nOriginal token count: 1\nOutput:\nno",
         "error", "no"),
        ("exec_command", {"cmd": "make"},
         "Chunk ID: 1f\nWall time: 9 seconds\nProcess running with session ID 7\nOutput:\n", "unknown", None),
        ("apply_patch", "*** Begin Patch", "Exit code: 0\nWall time: 0 seconds\nOutput:\nSuccess.", "ok",
         "Success."),
        ("exec", MAKE, printed('{"exit_code":2,"wall_time_seconds":1,"output":"no"}'), "error", "no"),
        ("exec", MAKE, printed('{"session_id":7,"chunk_id":"a","output":""}'), "unknown", None),
        ("exec", MAKE, printed("Script error:\nno such tool", state="failed"), "error", None),
        ("exec", MAKE, "Script running with cell ID 3\nWall time 10 seconds\nOutput:\n", "unknown", None),
        ("wait", {"cell_id": "3"}, printed("done"), "ok", "done"),
        ("wait", {"cell_id": "3"}, "Script running with cell ID 3\nWall time 1 seconds\nOutput:\n", "unknown",
         None),
        ("exec", "text(await tools.apply_patch('x'))", printed("Success."), "ok", "Success."),
        ("exec_command", {"cmd": "make"}, "aborted by user after 3.1s", "interrupted", None),
        ("update_plan", {"plan": []}, "Plan updated", "ok", "Plan updated"),
        ("shell", SHELL, "failed in sandbox X with execution error: command timed out", "error", None),
        ("write_stdin", {"session_id": 7}, "write_stdin failed: Unknown process id 7", "error", None),
        ("spawn_agent", {}, "collab spawn failed: agent thread limit reached", "error", None),
        ("exec_command", {}, 'exec_command failed: Rejected("rejected by user")', "denied", None),
        ("buy", {}, "MCP tool call requires approval, but approval policy is never", "denied", None),
    ],
)  # fmt: skip
def test_outputs(
    name: str, arguments: Any, output: Any, outcome: str, text: str | None, tmp_path: Path
) -> None:
    (found,) = judged(*call(name, arguments, output), folder=tmp_path)
    assert found.result is not None
    assert found.verdict.outcome == outcome
    assert text is None or found.result.text == text


def test_flags_of_events(tmp_path: Path) -> None:
    asked, answered = call("apply_patch", "*** Begin Patch", "something")
    refused = {"Ok": {"content": [], "isError": True}}
    mcp, mcp_answered = call("find", {"q": "x"}, "x", own="c2", namespace="mcp__shop")
    found = judged(
        *(asked, event("patch_apply_end", call_id="c1", success=False), answered),
        *(mcp, event("mcp_tool_call_end", call_id="c2", result=refused), mcp_answered),
        folder=tmp_path,
    )
    assert [(each.call.tool, each.verdict.outcome) for each in found] == [
        ("apply_patch", "error"),
        ("mcp__shop__find", "error"),
    ]


def test_a_search_without_output_is_unknown(tmp_path: Path) -> None:
    search = item("web_search_call", id="ws1", status="completed", action={"type": "search", "query": "x"})
    (found,) = judged(search, message("assistant", "Found."), folder=tmp_path)
    assert (found.call.tool, found.verdict.outcome) == ("web_search_call", "unknown")


def test_a_call_whose_output_cannot_be_read_is_unknown(tmp_path: Path) -> None:
    asked, _ = call("exec_command", {"cmd": "ls"}, "a")
    before = call("exec_command", {"cmd": "ls"}, own="c0")
    found = judged(asked, "{broken", *before, message("assistant", "On."), folder=tmp_path)
    assert [each.verdict.outcome for each in found] == ["unknown", "interrupted"]


# --- forks, subagents -----------------------------------------------------------------------------


def headers(source: Source) -> dict[str, SessionHeader]:
    return {header.id: header for header in source.listing().headers}


def test_a_fork_leaves_what_it_copied_to_its_parent(tmp_path: Path) -> None:
    later = "2026-03-01T11:00:00.000Z"
    copied = [*prompt("one"), *call("exec_command", {"cmd": "ls"}, "a")]
    own = [event("task_started", later, started_at=1772362800), *prompt("two", later)]
    again = [{**each, "timestamp": later} for each in (head(), event("task_started", started_at=1), *copied)]
    fork = [head("s2", later, forked_from_id="s1"), *again, head("s2", later, forked_from_id="s1"), *own]
    folder = tmp_path / "sessions/2026/03/01"
    path = store(folder, *fork, name="rollout-b-s2.jsonl")
    assert len(said(read(path))) == 4, "its parent is not there to hold what it copied"
    store(folder, head(), *copied)
    source = registry.open_source(tmp_path)
    assert (headers(source)["s2"].kind, headers(source)["s2"].parent_id) == ("branch", "s1")
    assert said(sessions(source)["s2"]) == [("person", "two")]


def test_forks_of_a_session_that_is_gone_count_its_history_once(tmp_path: Path) -> None:
    def fork(own: str, made: str, *words: str) -> list[Row]:
        copied = [
            head(),
            *(row for said in words for row in prompt(said)),
            *call("exec_command", {}, "a", own),
        ]
        again = [{**row, "timestamp": made} for row in copied]
        began = datetime.fromisoformat(made).timestamp()
        typed = prompt(f"in {own}", made)
        first = head(own, made, forked_from_id="s1")
        return [first, *again, event("task_started", made, started_at=int(began)), *typed]

    store(tmp_path, *fork("s2", "2026-03-01T11:00:00.000Z", "one"), name="rollout-b-s2.jsonl")
    last = store(tmp_path, *fork("s3", "2026-03-01T12:00:00.000Z", "one", "two"), name="rollout-c-s3.jsonl")
    source = registry.open_source(tmp_path)
    found = sessions(source)
    assert said(found["s2"]) == [("person", "in s2")]
    assert [text for origin, text in said(found["s3"]) if origin == "person"] == ["one", "two", "in s3"]
    last.unlink()
    assert source.changed() == frozenset({"s2"})
    assert [text for origin, text in said(sessions(source)["s2"]) if origin == "person"] == ["one", "in s2"]


@pytest.mark.parametrize(
    "place",
    [
        {"source": {"subagent": {"thread_spawn": {"parent_thread_id": "s1", "depth": 1}}}},
        {"source": {"subagent": "review"}, "session_id": "s1"},
        {"thread_source": "subagent", "parent_thread_id": "s1"},
    ],
)
def test_subagents_have_a_parent_and_no_person(place: Row, tmp_path: Path) -> None:
    first = head("s2")
    first["payload"] |= place
    session = read(store(tmp_path, first, *prompt("review this")))
    assert (session.header.id, session.header.kind, session.header.parent_id) == ("s2", "subagent", "s1")
    assert said(session) == [("harness", "review this")]


# --- places and growth ----------------------------------------------------------------------------


def test_it_is_found_by_name_and_by_variable(tmp_path: Path) -> None:
    store(tmp_path / "sessions/2026/03/01", head(), *prompt("hi"))
    store(tmp_path / "archived_sessions", head("s2"), *prompt("hi"), name="rollout-c-s2.jsonl")
    (path,) = registry.source_paths(["codex"], {"CODEX_HOME": str(tmp_path)}).paths
    assert path == tmp_path / "sessions"
    found = headers(registry.open_source(path))
    assert {own: header.archived for own, header in found.items()} == {"s1": False, "s2": True}


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
def test_one_file_opens(suffix: str, tmp_path: Path) -> None:
    path = store(tmp_path, head(), *prompt("hi"), name="any.jsonl")
    raw = path.read_bytes()
    target = tmp_path / f"kept.jsonl{suffix}"
    target.write_bytes({"": raw, ".gz": gzip.compress(raw), ".zst": zstandard.compress(raw)}[suffix])
    assert said(read(target)) == [("person", "hi")]


def test_a_growing_file_is_followed(tmp_path: Path) -> None:
    path = store(tmp_path, head(), *prompt("one"))
    source = registry.open_source(tmp_path)
    assert len(said(sessions(source)["s1"])) == 1
    assert source.changed() is None
    line = json.dumps(message("assistant", "Done."))
    with path.open("a") as file:
        file.write(line[:40])
    assert len(said(sessions(source)["s1"])) == 1
    with path.open("a") as file:
        file.write(line[40:] + "\n")
    assert source.changed() == frozenset({"s1"})
    assert said(sessions(source)["s1"])[1:] == [("agent", "Done.")]
    assert sessions(source)["s1"].problems == ()
