"""Sessions of several sources at once: one list, and each session named by one reference."""

from __future__ import annotations

import json
import re
from pathlib import Path

import hermes_db as hermes
import pytest
from cli_runner import Runner
from click.shell_completion import ShellComplete

from warmtui.cli.main import root


def chats(path: Path, *sessions: tuple[str, str]) -> Path:
    """Write a file of chats: id and words of the person, without any times."""
    lines = [
        {"id": name, "messages": [{"role": "user", "content": words}, {"role": "assistant", "content": "ok"}]}
        for name, words in sessions
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def database(path: Path, *sessions: str, started_at: float = 1_000.0) -> Path:
    """Write a Hermes database in which each session has one row, all begun at the same time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    db = hermes.create(path)
    for name in sessions:
        hermes.session(db, name, started_at=started_at)
        hermes.said(db, name, "user", f"words of {name}", timestamp=started_at + 1)
    db.close()
    return path


def listed(runner: Runner, *sources: Path | str) -> list[tuple[str, str]]:
    """Return file and id of what is listed, in order."""
    words = [word for source in sources for word in ("--source", str(source))]
    rows = runner("sessions", "--json", *words).json["sessions"]
    return [(Path(row["source"]).name, row["id"]) for row in rows]


def test_each_source_adds_and_one_that_cannot_be_read_is_told(runner: Runner, tmp_path: Path) -> None:
    one, two = database(tmp_path / "one.db", "a", "b"), chats(tmp_path / "two.jsonl", ("c", "hello"))
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"SQLite format 3\0" + b"\xff" * 5_000)
    runner.options = ("--source", str(two), "--source", str(one))
    for spec, told in (
        (str(broken), "broken.db"),
        (str(tmp_path / "gone.jsonl"), "gone.jsonl"),
        ("hermes", "no Hermes sessions"),
    ):
        done = runner("sessions", "--json", "--source", spec)
        assert {row["id"] for row in done.json["sessions"]} == {"a", "b", "c"}
        assert [told in problem["place"] + problem["text"] for problem in done.json["problems"]] == [True]
        assert runner("profile", "a", "--json", "--source", spec).json["id"] == "a"


def test_found_agents_form_one_list(runner: Runner, tmp_path: Path) -> None:
    database(runner.hermes_home / "state.db", "home")
    database(runner.hermes_home / "profiles" / "work" / "state.db", "work")
    assert {row["id"] for row in runner("sessions", "--json").json["sessions"]} == {"home", "work"}


def test_the_order_of_equal_times_is_stable(runner: Runner, tmp_path: Path) -> None:
    one, two = database(tmp_path / "one.db", "a", "b"), database(tmp_path / "two.db", "b", "c")
    first = listed(runner, one, two)
    assert first == listed(runner, one, two)
    assert [name for _, name in first] == sorted((name for _, name in first), reverse=True)


@pytest.mark.parametrize("command", ["profile", "transcript", "outcomes", "extract"])
def test_every_choice_of_an_ambiguous_name_is_taken(runner: Runner, tmp_path: Path, command: str) -> None:
    one = chats(tmp_path / "x" / "runs.jsonl", ("1", "first task"))
    two = chats(tmp_path / "y" / "runs.jsonl", ("1", "another task"))
    runner.options = ("--source", str(one), "--source", str(two))
    error = runner(command, "1", code=3).err
    choices = re.findall(r"\S+:1\b", error)
    assert choices == ["x/runs.jsonl:1", "y/runs.jsonl:1"]
    for choice in (*choices, f"{one}:1", f"{two}:1"):
        assert "named" not in runner(command, choice, code=None).err
    assert "another task" in runner("transcript", "y/runs.jsonl:1").out
    assert runner("compare", *choices, "--json").json


def exported(path: Path, *sessions: str, started_at: float = 1_000.0, rows: int = 1) -> Path:
    """Write what `hermes sessions export` makes of the sessions of `database`."""
    lines = [
        {
            "id": name,
            "source": "cli",
            "started_at": started_at,
            "message_count": rows,
            "messages": [
                {
                    "id": number,
                    "role": "user",
                    "content": f"words of {name}",
                    "timestamp": started_at + number,
                }
                for number in range(1, rows + 1)
            ],
        }
        for name in sessions
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def test_a_session_beside_its_export_is_listed_once(runner: Runner, tmp_path: Path) -> None:
    kept, older = database(tmp_path / "state.db", "a", "b"), exported(tmp_path / "export.jsonl", "a")
    newer = exported(tmp_path / "newer.jsonl", "b", rows=3)
    assert listed(runner, older, kept) == [("state.db", "b"), ("export.jsonl", "a")], "the first of equals"
    assert listed(runner, kept, older, newer) == [("newer.jsonl", "b"), ("state.db", "a")]
    assert listed(runner, older) == [("export.jsonl", "a")], "alone it is no copy"
    runner.options = ("--source", str(kept), "--source", str(older), "--source", str(newer))
    listing = runner("sessions", "--json").json
    assert {(Path(problem["place"]).name, problem["text"]) for problem in listing["problems"]} == {
        ("export.jsonl", f"1 of its sessions is a copy of one in {kept}; listed once"),
        ("state.db", f"1 of its sessions is a copy of one in {newer}; listed once"),
    }
    assert [problem["text"] for problem in runner("profile", "a", "--json").json["problems"]] == [
        f"also in {older}, the same copy"
    ]
    assert f"also in {kept}, an older copy" in runner("transcript", "b").err + runner("transcript", "b").out
    assert runner("profile", f"{kept}:b", "--json").json["messages"] == 1
    assert runner("profile", "hermes:b", "--json").json["messages"] == 3


def test_a_copied_file_is_counted_once(runner: Runner, recordings: Path, tmp_path: Path) -> None:
    runner.options = ("--source", str(recordings))
    build = ("build", "--name", "t", "--dry-run", "--json")
    alone = runner("outcomes", "--all", "--json").out, runner(*build, code=None).out
    backup = tmp_path / "backup.db"
    backup.write_bytes(recordings.read_bytes())
    runner.options = ("--source", str(recordings), "--source", str(backup))
    assert len(runner("sessions", "--all", "--json").json["sessions"]) == 14
    assert runner("outcomes", "--all", "--json").out == alone[0]
    assert runner(*build, code=None).out == alone[1]


def test_different_sessions_that_share_an_id_stay_apart(runner: Runner, tmp_path: Path) -> None:
    one = chats(tmp_path / "one.jsonl", ("1", "first task"), ("2", "the same task"))
    two = chats(tmp_path / "two.jsonl", ("1", "another task"), ("2", "the same task"))
    later = database(tmp_path / "later.db", "x", started_at=1_000.0)
    assert sorted(listed(runner, one, two)) == [("one.jsonl", "1"), ("one.jsonl", "2"), ("two.jsonl", "1")]
    other = database(tmp_path / "other.db", "x", started_at=5_000.0)
    assert listed(runner, later, other) == [("other.db", "x"), ("later.db", "x")]


def test_doctor_tells_of_each_source_what_it_holds(runner: Runner, tmp_path: Path) -> None:
    kept, copy = database(tmp_path / "state.db", "a", "b"), exported(tmp_path / "export.jsonl", "a")
    odd = tmp_path / "odd.jsonl"
    parts = [{"type": "hologram", "x": 1}]
    odd.write_text(json.dumps({"id": "o", "messages": [{"role": "user", "content": parts}]}) + "\n")
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"SQLite format 3\0" + b"\xff" * 5_000)
    runner.options = tuple(word for path in (kept, copy, odd) for word in ("--source", str(path)))
    reports = runner("doctor", "--json").json["sources"]
    shown = ("agent", "sessions", "copies")
    assert [(Path(report["path"]).name, *map(report.get, shown)) for report in reports] == [
        ("state.db", "hermes", 2, 0),
        ("export.jsonl", "hermes", 1, 1),
        ("odd.jsonl", "openai", 1, 0),
    ]
    assert reports[0]["newest"] == "1970-01-01T00:16:41Z"
    assert reports[0]["search"] == "messages, through the agent's own index"
    assert [(report["unread"], report["not_judged"]) for report in reports] == [(0, 0), (0, 0), (1, 0)]
    assert [problem["text"] for problem in reports[2]["problems"]] == [
        "1 part of unknown type 'hologram'; not read"
    ]
    done = runner("doctor", "--json", "--source", str(broken), code=1)
    assert [check["text"].split(":")[0] for check in done.json["checks"] if check["status"] == "problem"] == [
        str(broken)
    ]


def test_doctor_judges_no_long_history(
    runner: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("warmtui.workspace.doctor.JUDGED_ROWS", 1)
    runner.options = ("--source", str(database(tmp_path / "state.db", "a", "b")))
    assert runner("doctor", "--json").json["sources"][0]["not_judged"] == 2
    assert "2 sessions not judged yet" in " ".join(runner("doctor").out.split())  # long paths wrap the line
    runner("sessions")
    assert runner("doctor", "--json").json["sources"][0]["not_judged"] == 0


def test_doctor_and_paths_name_the_place_of_every_agent(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CLAUDE_CONFIG_DIR", raising=False)
    monkeypatch.delenv("CODEX_HOME", raising=False)
    database(runner.hermes_home / "state.db", "a")
    (runner.folder / ".codex" / "sessions").mkdir(parents=True)
    checks = runner("doctor", "--json").json["checks"]
    told = [check["text"] for check in checks if check["name"] == "source"]
    assert told[0] == f"no Claude Code sessions: {runner.folder / '.claude' / 'projects'} does not exist"
    assert f"{runner.folder / '.codex' / 'sessions'}: no sessions" in told
    paths = runner("paths", "--json").json
    assert paths["claude_code_sessions"] == str(runner.folder / ".claude" / "projects")
    assert "claude_code_sessions" in paths["missing"]
    assert not {"hermes_sessions", "codex_sessions"} & set(paths["missing"])
    lines = runner("paths").out.splitlines()
    assert [line.endswith("does not exist") for line in lines if "_sessions" in line] == [False, True, False]


def test_a_shell_completes_ids_of_sessions(runner: Runner, tmp_path: Path) -> None:
    one = chats(tmp_path / "one.jsonl", ("1", "first task"), ("other", "x"))
    two = chats(tmp_path / "two.jsonl", ("1", "another task"))
    completer = ShellComplete(root, {}, "warmtui", "_WARMTUI_COMPLETE")
    words = ["--source", str(one), "profile", "--source", str(two)]
    for begun, offered in (("", {"other", "one.jsonl:1", "two.jsonl:1"}), ("ot", {"other"}), ("zz", set())):
        assert {item.value for item in completer.get_completions(words, begun)} == offered
    assert completer.get_completions(["--source", str(tmp_path / "gone"), "profile"], "") == []
