"""sessions: filtered, sorted, told apart by agent, and what was not understood."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cli_runner import Runner
from click.shell_completion import ShellComplete

from warmtui.cli.main import root


def asked(*calls: str) -> list[dict[str, Any]]:
    made = [
        {"id": name, "type": "function", "function": {"name": "bash", "arguments": "{}"}} for name in calls
    ]
    return [
        {"role": "user", "content": "list it"},
        {"role": "assistant", "content": None, "tool_calls": made},
    ]


def answered(*ids: str) -> list[dict[str, Any]]:
    return [{"role": "tool", "tool_call_id": name, "content": "file.txt"} for name in ids]


@pytest.fixture
def chats(tmp_path: Path) -> Path:
    """Two conversations: six calls that only lack a sign of failure, and a result that answers nothing."""
    names = [f"c{number}" for number in range(6)]
    talks = [asked(*names) + answered(*names), asked("a") + answered("a", "zz", "zz")]
    path = tmp_path / "chats.jsonl"
    path.write_text("".join(json.dumps({"messages": talk}) + "\n" for talk in talks))
    return path


@pytest.mark.parametrize(
    ("words", "titles"),
    [
        (["title:marathon"], {"Coupon marathon"}),
        (["coupon"], {"Coupon marathon"}),
        (["-tool:terminal", "calls>0"], {"Remember my style"}),
        (["score<50", "project:shop"], {"Failing deploy"}),
        (["tokens>100k", "score:100"], {""}),
        (["agent:claude"], set()),
    ],
)
def test_a_filter_narrows_the_list(shop: Runner, words: list[str], titles: set[str]) -> None:
    found = shop("sessions", *words, "--json").json["sessions"]
    everything = shop("sessions", "--json").json["sessions"]
    assert [row for row in everything if row in found] == found
    assert len(found) < len(everything)
    assert {row["title"] or "" for row in found} == titles


def test_words_say_where_they_were_looked_for(shop: Runner) -> None:
    assert "warmtui search looks in messages" in shop("sessions", "coupon").err
    assert "warmtui search" not in shop("sessions", "calls>0").err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["calls>0", "tokns>1k"],
            "filter, character 9, 'tokns': there is no field 'tokns'; did you mean tokens?",
        ),
        (["tokens>x"], "filter, character 8, 'x': tokens> takes a number such as 100k or 1.5M, not 'x'"),
        (["calls>0 tokens>"], "filter, character 9, 'tokens>': tokens> takes a number"),
        (["since:tod"], "filter, character 1, 'since:tod': since: takes a day"),
    ],
)
def test_a_mistake_in_a_filter_is_told_at_its_place(shop: Runner, words: list[str], said: str) -> None:
    assert said in shop("sessions", *words, code=2).err


@pytest.mark.parametrize(("sort", "name"), [("tokens", "tokens"), ("calls", "calls"), ("errors", None)])
def test_figures_sort_the_highest_first(shop: Runner, sort: str, name: str | None) -> None:
    rows = shop("sessions", "--sort", sort, "--json").json["sessions"]
    figures = [row[name] if name else row["errors"] / max(1, row["ok"] + row["errors"]) for row in rows]
    assert figures == sorted(figures, reverse=True)
    limited = shop("sessions", "--sort", sort, "--limit", "3", "--json").json["sessions"]
    assert limited == rows[:3]


def test_an_empty_list_says_why(shop: Runner) -> None:
    assert shop("sessions", "messages>9999").err.splitlines()[0] == "no session fits the filter"
    assert shop("sessions", "messages>9999", "--json").json["sessions"] == []


def test_several_agents_are_told_apart(shop: Runner, chats: Path) -> None:
    assert "agent" not in shop("sessions").out.splitlines()[0]
    shop.options += ("--source", str(chats))
    heading, *rows = shop("sessions").out.splitlines()
    assert heading.split()[4:] == ["errors", "agent", "project", "session", "title"]
    at = heading.index("agent")
    assert {row[at : at + 8].strip() for row in rows} == {"hermes", "openai"}
    assert "shop" in {row[heading.index("project") :].split()[0] for row in rows}
    assert len(shop("sessions", "agent:openai").out.splitlines()) == 3


def test_what_was_not_understood_is_counted_and_named(runner: Runner, chats: Path) -> None:
    runner.options = ("--source", str(chats))
    answer = runner("sessions", "unread>0", "--json").json
    (row,) = answer["sessions"]
    assert row["unread"] == 2
    assert [problem["text"] for problem in answer["problems"]] == ["2 results answer no call"]
    profile = runner("profile", row["id"], "--json").json
    assert (profile["unread"], profile["problems"][0]["text"]) == (2, "2 results answer no call")
    shown = runner("profile", row["id"]).out
    assert "Not understood (2)\n  2 results answer no call" in shown
    assert runner("transcript", row["id"], "--json").json["problems"][0].endswith("2 results answer no call")


@pytest.mark.parametrize(
    ("tool", "result", "cut", "unread"),
    [
        # what was cut holds no outcome that the rest does not tell
        ("exec_command", "Process exited with code 0\nOutput:\na\n…1497 tokens truncated…\nz", 1, 0),
        (
            "terminal",
            '{"output": "a ... [OUTPUT TRUNCATED - 9,000 chars omitted] ... z", "exit_code": 0}',
            1,
            0,
        ),
        (
            "bash",
            "<returncode>0</returncode>\n<output>\na\n<elided_chars>\n7 characters elided\n</elided_chars>",
            1,
            0,
        ),
        ("read", "first [... 12 more lines truncated]", 1, 0),
        ("read", "a line … [truncated]", 1, 0),
        # its end, where a command's failure stands, is not here
        (
            "bash",
            "<persisted-output>\nOutput too large\n\nPreview (first 2KB):\nmake\n...\n</persisted-output>",
            1,
            1,
        ),
        ("bash", "[Old tool output cleared to save context]", 0, 1),
        ("bash", "[REDACTED]", 0, 1),
        ("read", "it was truncated to 12 lines", 0, 0),
    ],
)
def test_a_result_of_which_only_a_part_was_kept_is_counted(
    runner: Runner, tmp_path: Path, tool: str, result: str, cut: int, unread: int
) -> None:
    path = tmp_path / "chat.json"
    call = {"id": "c1", "type": "function", "function": {"name": tool, "arguments": '{"command": "make"}'}}
    messages = [
        {"role": "user", "content": "make it"},
        {"role": "assistant", "content": "", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": result},
    ]
    path.write_text(json.dumps({"id": "s", "messages": messages}))
    runner.options = ("--source", str(path))
    profile = runner("profile", "s", "--json").json
    assert (profile["cut_results"], profile["unread"]) == (cut, unread)
    assert ("of 1 result only a part was kept" in runner("profile", "s").out) == bool(cut)


def test_doctor_counts_what_was_not_understood(runner: Runner, chats: Path) -> None:
    runner.options = ("--source", str(chats))
    notes = [
        check["text"] for check in runner("doctor", "--json").json["checks"] if check["status"] == "note"
    ]
    assert f"{chats}: 2 things in 1 session not understood" in notes


def test_a_score_that_rests_on_weak_evidence_says_so(runner: Runner, chats: Path) -> None:
    runner.options = ("--source", str(chats))
    (row,) = runner("sessions", "score:100", "--json").json["sessions"]
    assert (row["weak"], row["ok"]) == (6, 6)
    told = "6 of 6 calls count as ok only because nothing speaks of a failure, so the score says little"
    assert told in runner("profile", row["id"]).out


def test_tokens_are_marked_where_they_are_estimated(shop: Runner, chats: Path) -> None:
    shop.options += ("--source", str(chats))
    rows = shop("sessions", "--json").json["sessions"]
    assert {(row["agent"], row["tokens_estimated"]) for row in rows} == {("hermes", False), ("openai", True)}
    assert all(row["cost_usd"] is None for row in rows if row["agent"] == "openai")
    guessed = next(row["id"] for row in rows if row["tokens_estimated"])
    assert "≈ " in shop("profile", guessed).out
    marathon = shop("profile", "Coupon marathon").out
    assert "72,960 tokens: 68,400 in, 4,560 out" in marathon
    listed = shop("sessions", "--sort", "tokens").out
    assert "≈" in listed
    assert " 73k " in listed


@pytest.mark.parametrize(
    ("begun", "offered"),
    [
        ("tok", ["tokens<", "tokens>"]),
        ("agent:her", ["agent:hermes"]),
        ("type:co", ["type:code"]),
    ],
)
def test_the_shell_completes_fields(begun: str, offered: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    completer = ShellComplete(root, {}, "warmtui", "_WARMTUI_COMPLETE")
    assert [item.value for item in completer.get_completions(["sessions"], begun)] == offered
    monkeypatch.setenv("_WARMTUI_COMPLETE", "bash_complete")
    escaped = [word.replace("<", "\\<").replace(">", "\\>") for word in offered]
    assert [item.value for item in completer.get_completions(["sessions"], begun)] == escaped
