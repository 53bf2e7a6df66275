"""What a workspace opens is opened when it is asked for, once."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from workspaces import workspace_in

from warmtui.workspace import Workspace
from warmtui.workspace.reader import Reader


async def test_what_was_not_asked_for_is_not_opened_at_the_end_either(tmp_path: Path) -> None:
    async with Workspace.open(environ={"HOME": str(tmp_path)}) as workspace:
        pass
    assert not {"sessions", "library", "templates", "drafts", "agents"} & vars(workspace).keys()


async def test_what_waiting_work_opens_while_the_workspace_is_left_is_closed(
    tmp_path: Path, recordings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[Reader] = []
    close = Reader.close

    def told(reader: Reader) -> None:
        closed.append(reader)
        close(reader)

    monkeypatch.setattr(Reader, "close", told)
    async with workspace_in(tmp_path, recordings) as workspace:

        def look() -> bool:
            workspace.sessions.reader.stop.wait(10)
            workspace.sessions.feed.begin()
            return workspace.sessions.reader.stop.is_set()

        ended_soon = workspace.sessions.preload(look)
    assert ended_soon.result()
    assert closed == [workspace.sessions.reader]


def test_listing_templates_loads_nothing_that_reads_sessions(recordings: Path, tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path), "WARMTUI_LIBRARY": str(tmp_path / "library.db")}
    warmtui = [sys.executable, "-m", "warmtui", "--source", str(recordings)]
    subprocess.run(
        [*warmtui, "extract", "20261120_094736", "--name", "t"], env=environ, check=True, capture_output=True
    )
    code = (
        "import sys\n"
        "from warmtui.cli.main import main\n"
        "main(['list', '--json'])\n"
        "loaded = {'warmtui.workspace.feed', 'warmtui.workspace.reader'}\n"
        "sys.exit(sorted(loaded & sys.modules.keys()) or 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert [template["name"] for template in json.loads(done.stdout)["templates"]] == ["t"]
