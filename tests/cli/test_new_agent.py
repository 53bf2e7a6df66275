"""A new agent is one module and one line of the registry: everything else knows it from there."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from cli_runner import Runner
from pilots import screen_text, wait_for
from toy_agent import TOY

from warmtui import registry
from warmtui.cli.main import root
from warmtui.tui.app import WarmtuiApp
from warmtui.tui.sessions.first_run import FirstRunScreen
from warmtui.workspace import Workspace


@pytest.fixture
def toy_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(registry, "AGENTS", (*registry.AGENTS, TOY))
    home = tmp_path / "toys"
    home.mkdir()
    monkeypatch.setenv("TOY_HOME", str(home))
    return home


@pytest.fixture
def toys(toy_home: Path) -> Path:
    path = toy_home / "sessions.toy"
    path.write_text("t1\tfirst toy\tmake a boat\nt2\tsecond toy\tmake a kite\n")
    return path


def test_its_sessions_are_found_named_and_read(runner: Runner, toys: Path) -> None:
    for options in ((), ("--source", "toy"), ("--source", str(toys))):
        runner.options = options
        listed = runner("sessions", "--json").json
        assert {(row["id"], row["agent"], row["title"]) for row in listed["sessions"]} == {
            ("t1", "toy", "first toy"),
            ("t2", "toy", "second toy"),
        }
        assert listed["problems"] == []
    assert runner("profile", "toy:t2", "--json").json["turns"] == 1


def test_an_agent_without_sessions_says_where_they_would_be(runner: Runner, toy_home: Path) -> None:
    runner.options = ("--source", "toy")
    error = runner("sessions", code=4).err
    assert f"no Toy sessions: {toy_home / 'sessions.toy'} does not exist" in error
    assert "set TOY_HOME" in error


def test_doctor_and_paths_know_it(runner: Runner, toys: Path) -> None:
    checks = runner("doctor", "--json").json["checks"]
    assert any(check["name"] == "toy" and check["text"] == "toy is fine" for check in checks)
    assert any(check["text"].startswith(f"{toys}: Toy, 2 sessions; ") for check in checks)
    assert str(toys) in runner("paths").out


def test_its_name_is_completed(toy_home: Path) -> None:
    source = next(param for param in root.params if param.name == "sources")
    completed = source.shell_complete(click.Context(root), "to")
    assert [item.value for item in completed if item.type == "plain"] == ["toy"]


def test_a_setting_moves_its_home(runner: Runner, toys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TOY_HOME")
    (runner.folder / "config.toml").write_text(f'[paths]\nsources = ["toy"]\ntoy_home = "{toys.parent}"\n')
    assert len(runner("sessions", "--json").json["sessions"]) == 2


def test_it_is_launched_with_a_template(runner: Runner, toys: Path, recordings: Path) -> None:
    runner("extract", "20261120_094711", "--name", "t", "--source", str(recordings))
    done = runner("launch", "t", "--", "toy", "talk")
    assert "started session started" in done.err
    assert toys.read_text().splitlines()[-1].startswith("started\tby warmtui\t")
    assert runner("sessions", "--source", "toy", "--json").json["sessions"][-1]["id"] == "started"


async def test_the_first_screen_shows_it(tmp_path: Path, toys: Path) -> None:
    environ = {
        "HOME": str(tmp_path),
        "TOY_HOME": str(toys.parent),
        "WARMTUI_LIBRARY": str(tmp_path / "library.db"),
    }
    async with Workspace.open(environ=environ) as workspace:
        app = WarmtuiApp(workspace)
        async with app.run_test(size=(140, 40)) as pilot:
            await wait_for(pilot, lambda: len(workspace.sessions.table) == 2)
            await pilot.press("f")
            await wait_for(pilot, lambda: isinstance(app.screen, FirstRunScreen))
            await wait_for(pilot, lambda: "toy  2 sessions" in screen_text(pilot))


async def test_without_sessions_the_first_screen_says_how_to_point_at_it(
    tmp_path: Path, toy_home: Path
) -> None:
    environ = {
        "HOME": str(tmp_path),
        "TOY_HOME": str(toy_home),
        "WARMTUI_LIBRARY": str(tmp_path / "library.db"),
    }
    async with Workspace.open(environ=environ) as workspace:
        app = WarmtuiApp(workspace)
        async with app.run_test(size=(140, 40)) as pilot:
            await pilot.press("f")
            await wait_for(pilot, lambda: "a toy file" in screen_text(pilot))
            assert "TOY_HOME=/path warmtui" in screen_text(pilot)
