"""compare."""

from __future__ import annotations

from pathlib import Path

import hermes_db as hermes
import pytest
from cli_runner import Runner
from rich.cells import cell_len

MARATHON, CART, DEPLOY, TALK = "20261120_094736", "20261120_094657", "20261120_094727", "20261120_094723"
HOSTILE = "\x1b]0;owned\x07[/] \u202eevil\x9b31m {0} %s [@click=quit] 漢字漢字"


def test_json_says_the_same_as_the_profiles(shop: Runner) -> None:
    answer = shop("compare", MARATHON, CART, "--json").json
    figures = {row["name"]: row["values"] for row in answer["figures"]}
    for number, session in enumerate((MARATHON, CART)):
        profile = shop("profile", session, "--json").json
        assert figures["reliability"][number] == profile["reliability"]
        for name in ("gain", "score", "early_error_rate", "late_error_rate", "calls", "repeated", "worth"):
            assert figures[name][number]["value"] == profile[name]
        tools = {row["name"]: row["cells"][number] for row in answer["tools"]}
        assert {tool["tool"]: tool["ok"] for tool in profile["tools"]} == {
            name: cell["ok"] for name, cell in tools.items() if cell
        }


@pytest.mark.parametrize("width", [40, 80, 81, 120, 200])
@pytest.mark.parametrize("sessions", [(MARATHON, CART), (DEPLOY, TALK), (MARATHON, CART, DEPLOY, TALK)])
def test_no_line_is_wider_than_the_terminal(
    shop: Runner, monkeypatch: pytest.MonkeyPatch, width: int, sessions: tuple[str, ...]
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    lines = shop("compare", *sessions).out.splitlines()
    assert max(map(cell_len, lines)) <= max(80, width)


def test_sessions_without_calls_can_be_compared(shop: Runner) -> None:
    text = shop("compare", TALK, "20261120_094808").out
    assert "  score            –  " in text
    assert "command driven" in text
    assert "Tools" not in text


def test_what_cannot_be_compared_is_said(shop: Runner) -> None:
    assert "two sessions or more" in shop("compare", MARATHON, code=2).err
    assert "are one session" in shop("compare", MARATHON, f"hermes:{MARATHON}", code=2).err
    assert "are one session" in shop("compare", MARATHON, MARATHON, code=2).err
    assert "no session is named 'nowhere'" in shop("compare", MARATHON, "nowhere", code=3).err


def test_long_sections_say_how_much_they_leave_out(runner: Runner, tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    db = hermes.create(path)
    for name, tools in (("s1", 10), ("s2", 0)):
        hermes.session(db, name)
        hermes.called(db, name, *((f"c{i}", f"tool_{i}", {}) for i in range(tools)))
        for i in range(tools):
            hermes.answered(db, name, f"c{i}", "fine")
    db.close()
    runner.options = ("--source", str(path))
    text = runner("compare", "s1", "s2").out
    assert "  tool_7 " in text.partition("Turn by turn")[0]
    assert "tool_8" not in text.partition("Turn by turn")[0]
    assert "and 2 more (--json lists all)" in text
    assert "before the first message" in text
    assert len(runner("compare", "s1", "s2", "--json").json["tools"]) == 10


def test_hostile_sessions_reach_a_terminal_as_pictures(
    runner: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "state.db"
    db = hermes.create(path)
    for name in ("s1", "s2", "s3"):
        hermes.session(db, name, title=HOSTILE, model=HOSTILE, cwd=HOSTILE)
        hermes.said(db, name, "user", f"no, {HOSTILE}")
        hermes.said(db, name, "user", f"no, {HOSTILE}" * 100)
        hermes.called(db, name, ("c", HOSTILE, {"path": HOSTILE}), ("d", HOSTILE + name, "{" * 50_000))
        hermes.answered(db, name, "c", f"Error: {HOSTILE}")
        hermes.answered(db, name, "d", "x" * 1_000_000)
    db.close()
    runner.options = ("--source", str(path))
    titles = [session["title"] for session in runner("compare", "s1", "s2", "--json").json["sessions"]]
    assert titles == [HOSTILE, HOSTILE]
    monkeypatch.setenv("COLUMNS", "80")
    for sessions in (["s1", "s2"], ["s1", "s2", "s3"]):
        out = runner("compare", *sessions).out
        assert not [c for c in out if (ord(c) < 32 and c != "\n") or 0x7F <= ord(c) < 0xA0]
        assert "\u202e" not in out
        assert max(map(cell_len, out.splitlines())) <= 80
