"""Drafts of what recurs: made, renewed, left alone once edited, and never saved."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import hermes_db as hermes
import pytest
from cli_runner import Runner
from kept_drafts import drafts_in

from warmtui import Workspace
from warmtui.curation.editing import History, Rename, dump, load, to_draft
from warmtui.curation.summaries import candidate_summary
from warmtui.workspace import auto

OK = '{"output": "3 passed", "exit_code": 0, "error": null}'
SHOP = "/home/dev/shop"


class Home:
    """A database of sessions to which more can be added, and the commands that read it."""

    def __init__(self, runner: Runner, path: Path) -> None:
        self.runner = runner
        self.library = runner.library
        self.db = hermes.create(path)
        self.sessions = 0
        runner.options = ("--source", str(path))

    def work(self, folder: str | None, *commands: str) -> None:
        """Add a session in which these commands succeed."""
        name, at = f"s{self.sessions}", 1_000.0 + 100 * self.sessions
        self.sessions += 1
        hermes.session(self.db, name, started_at=at, cwd=folder)
        hermes.said(self.db, name, "user", f"step {name} of many", timestamp=at)
        for number, command in enumerate(commands):
            call = (f"c{number}", "terminal", {"command": command})
            hermes.called(self.db, name, call, timestamp=at + 2 * number + 1)
            hermes.answered(self.db, name, f"c{number}", OK, timestamp=at + 2 * number + 2)
        self.db.commit()

    def add(self, session: str, tool: str, arguments: dict[str, str], result: str) -> None:
        """Add a call to a session."""
        call = (f"x{self.db.total_changes}", tool, arguments)
        hermes.called(self.db, session, call, timestamp=5_000.0 + self.db.total_changes)
        hermes.answered(self.db, session, call[0], result, timestamp=5_000.5 + self.db.total_changes)
        self.db.commit()

    def auto(self, *words: str) -> Any:
        return self.runner("auto", "--json", *words).json

    def only(self, *words: str) -> dict[str, Any]:
        (project,) = self.auto(*words)["projects"]
        return dict(project)

    def change(self, work: Callable[[Workspace], Awaitable[None]]) -> None:
        """Do something with the library."""

        async def inside() -> None:
            async with Workspace.open(library=self.library) as workspace:
                await work(workspace)

        asyncio.run(inside())


@pytest.fixture
def home(runner: Runner, tmp_path: Path) -> Iterator[Home]:
    home = Home(runner, tmp_path / "state.db")
    yield home
    home.db.close()


def texts(lessons: list[dict[str, Any]]) -> list[str]:
    return [lesson["text"] for lesson in lessons]


def commands(lessons: list[dict[str, Any]]) -> dict[str, int]:
    """Return the commands of examples and conventions, with how many sessions they were seen in."""
    kinds = ("tool_example", "convention")
    return {lesson["text"].split("`")[1]: lesson["seen"] for lesson in lessons if lesson["kind"] in kinds}


def test_what_recurs_in_a_project_becomes_one_draft_and_nothing_is_saved(home: Home) -> None:
    home.work(SHOP, "make test FILE=a", "ls")
    home.work(SHOP, "make test FILE=b", "npm run lint", "ls")
    home.work("/home/dev/other", "make test")
    home.work(None, "make test")
    would = home.auto("--dry-run")
    dry = home.runner("auto", "--dry-run").out
    assert dry.endswith("nothing was written (--dry-run)\n")
    assert not home.library.exists()
    report = home.auto()
    assert report["schema"] == "warmtui.auto/1"
    assert (would["dry_run"], would["waiting"], report["waiting"], report["placeless"]) == (True, 0, 1, 1)
    other, shop = report["projects"]
    assert (shop["project"], shop["folder"], shop["sessions"], shop["status"]) == ("shop", SHOP, 2, "new")
    assert commands(shop["lessons"]) == {"make test FILE=b": 2}
    assert shop["new"] == shop["lessons"]
    assert (other["status"], other["missing"]) == ("not_enough", "1 session; a draft needs 2")
    assert texts(would["projects"][1]["lessons"]) == texts(shop["lessons"])
    assert home.runner("list", "--json").json["templates"] == []
    assert [kept.key.partition(":")[0] for kept in drafts_in(home.library)] == ["app", "auto"]
    text = home.runner("auto").out
    assert "unchanged" in text
    assert "1 draft waits: open warmtui and press w" in text


def test_a_second_run_changes_nothing(home: Home) -> None:
    home.work(SHOP, "make test")
    home.work(SHOP, "make test")
    home.auto()
    before = drafts_in(home.library)
    again = home.only()
    assert again["status"] == "unchanged"
    assert (again["new"], again["changed"], again["gone"]) == ([], [], [])
    assert drafts_in(home.library) == before


def test_a_draft_is_renewed_and_the_report_says_what_is_new_changed_and_gone(home: Home) -> None:
    home.work(SHOP, "make test")
    home.work(SHOP, "make test", "npm run lint")
    home.auto()
    home.work(SHOP, "make test", "npm run lint")
    report = home.only()
    assert report["status"] == "renewed"
    assert commands(report["new"]) == {"npm run lint": 2}
    assert commands(report["changed"]) == {"make test": 3}
    home.db.execute("DELETE FROM messages WHERE session_id = 's1'")
    home.db.commit()
    report = home.only()
    assert commands(report["gone"]) == {"npm run lint": 2}
    home.db.execute("DELETE FROM messages WHERE session_id = 's0'")
    home.db.commit()
    home.work(SHOP, "ls")
    assert home.only()["status"] == "dropped"
    assert home.auto()["waiting"] == 0


def test_an_edited_draft_is_left_alone_and_what_is_new_is_offered(home: Home) -> None:
    home.work(SHOP, "make test")
    home.work(SHOP, "make test", "npm run lint")
    key = home.only()["draft"]

    async def edit(workspace: Workspace) -> None:
        kept = await workspace.library.get_draft(key)
        assert kept is not None
        state = load(kept.content).state
        edited = History(state).do(Rename("mine"))
        await workspace.library.put_draft(key, dump(edited))

    home.change(edit)
    before = {draft.key: draft.content for draft in drafts_in(home.library)}
    home.work(SHOP, "npm run lint")
    report = home.only()
    assert (report["status"], report["name"]) == ("edited", "mine")
    assert commands(report["new"]) == {"npm run lint": 2}
    assert {draft.key: draft.content for draft in drafts_in(home.library)}[key] == before[key]
    assert "you edited its draft, so it is left as it is" in home.runner("auto").out


def test_a_saved_draft_comes_back_only_with_something_new_and_adds_to_its_template(home: Home) -> None:
    home.work(SHOP, "make test")
    home.work(SHOP, "make test", "npm run lint")
    key = home.only()["draft"]

    async def save(workspace: Workspace) -> None:
        kept = await workspace.library.get_draft(key)
        assert kept is not None
        saved = await workspace.library.save(to_draft(load(kept.content).state))
        await workspace.auto.note_saved(key, saved.template.id)
        await workspace.library.drop_draft(key)

    home.change(save)
    report = home.only()
    assert (report["status"], report["draft"], report["template"]) == ("unchanged", None, "shop")
    assert "nothing new since it was saved as shop" in home.runner("auto").out
    home.work(SHOP, "npm run lint")
    report = home.only()
    assert (report["status"], report["template"]) == ("new", "shop")
    assert commands(report["lessons"]) == {"npm run lint": 2}

    async def look(workspace: Workspace) -> None:
        kept = await workspace.library.get_draft(key)
        assert kept is not None
        state = load(kept.content).state
        texts = " ".join(candidate_summary(item) for item in state.seed.items())
        assert "make test" in texts
        assert "npm run lint" in texts
        assert state.base is not None

    home.change(look)


def test_a_dropped_draft_stays_away_until_there_is_something_else(home: Home) -> None:
    home.work(SHOP, "make test")
    home.work(SHOP, "make test")
    key = home.only()["draft"]

    async def drop(workspace: Workspace) -> None:
        await workspace.auto.drop(key)

    home.change(drop)
    assert (home.only()["status"], home.auto()["waiting"]) == ("unchanged", 0)
    assert "nothing new since its draft was dropped" in home.runner("auto").out
    home.work(SHOP, "npm run lint")
    home.work(SHOP, "npm run lint")
    assert commands(home.only()["lessons"]) == {"npm run lint": 2}


def test_it_says_what_is_missing(home: Home) -> None:
    home.work(SHOP, "make test")
    home.work(SHOP, "npm run lint")
    report = home.only()
    assert report["status"] == "not_enough"
    assert report["missing"].startswith("nothing worth keeping was seen in 2 of its 2 sessions; seen once: ")
    assert report["draft"] is None
    assert "no draft: nothing worth keeping" in home.runner("auto").out


def test_only_sessions_since_a_moment_count(home: Home) -> None:
    home.work(SHOP, "make test")
    home.work(SHOP, "make test")
    assert home.auto("--since", "7d")["projects"] == []
    assert "neither a time span nor a date" in home.runner("auto", "--since", "soon", code=2).err
    assert "neither" in home.runner("auto", "--since", "7d tool:x", code=2).err
    assert "neither" in home.runner("auto", "--since", "7d until:today", code=2).err
    assert "neither" in home.runner("auto", "--since", "7d words", code=2).err


def test_worktrees_are_their_repository(home: Home) -> None:
    home.work("/home/dev/.codex/worktrees/0bae/shop", "make test")
    home.work(f"{SHOP}/.worktrees/3", "make test")
    home.work(f"{SHOP}/.claude/worktrees/x", "make test")
    report = home.only()
    assert (report["folder"], report["sessions"]) == (SHOP, 3)
    assert commands(report["lessons"]) == {"make test": 3}


def test_what_a_checker_found_once_is_left_to_that_task(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auto, "STRONG", 4.0)
    home.work(SHOP, "make test", "make test", "make test")
    home.work(SHOP, "make test", "make test")
    found = "cart.py:1:1: F401 `os` imported but unused\\nFound 1 error."
    check = {"command": "ruff check cart.py"}
    edit = {"path": "cart.py", "old_string": "import os", "new_string": "from os import environ"}
    home.add("s1", "terminal", check, f'{{"output": "{found}", "exit_code": 1, "error": null}}')
    home.add("s1", "patch", edit, '{"success": true}')
    green = '{"output": "All checks passed!", "exit_code": 0, "error": null}'
    home.add("s1", "terminal", check, green)
    candidates = home.runner("candidates", "s1", "--json").json["items"]
    fixed = next(item for item in candidates if item["kind"] == "recovery")
    assert fixed["evidence"] >= 4.0
    lessons = home.only()["lessons"]
    assert "recovery" not in {lesson["kind"] for lesson in lessons}
    assert "make test" in commands(lessons)
