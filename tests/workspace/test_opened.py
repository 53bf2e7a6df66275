"""What a workspace opens is opened when it is asked for, once."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from warmtui.workspace import Workspace
from warmtui.workspace.opened import Opened, opened_once
from warmtui.workspace.reader import Reader


class Slow(Opened):
    """A workspace with something that takes a while to open."""

    made = 0

    @opened_once
    def slow(self) -> object:
        self.made += 1
        time.sleep(0.05)
        return object()


async def test_threads_that_ask_at_once_get_the_same(tmp_path: Path) -> None:
    async with Slow(environ={"HOME": str(tmp_path)}) as workspace:
        got: list[object] = []
        threads = [threading.Thread(target=lambda: got.append(workspace.slow)) for _ in range(4)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        assert workspace.made == 1
        assert len(got) == 4
        assert len(set(map(id, got))) == 1


async def test_what_was_not_asked_for_is_not_opened_at_the_end_either(tmp_path: Path) -> None:
    async with Workspace.open(environ={"HOME": str(tmp_path)}) as workspace:
        pass
    assert not {"reader", "feed", "_catalogue", "_searcher"} & workspace.__dict__.keys()


async def test_what_waiting_work_opens_while_the_workspace_is_left_is_closed(
    tmp_path: Path, recordings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[Reader] = []
    close = Reader.close

    def told(reader: Reader) -> None:
        closed.append(reader)
        close(reader)

    monkeypatch.setattr(Reader, "close", told)
    async with Workspace.open(sources=[str(recordings)], environ={"HOME": str(tmp_path)}) as workspace:

        def look() -> bool:
            workspace._stop.wait(10)
            workspace.feed.begin()
            return workspace.reader.stop.is_set()

        ended_soon = workspace.ahead(look)
    assert ended_soon.result()
    assert closed == [workspace.reader]


def test_listing_templates_loads_nothing_that_reads_sessions_and_no_records(
    recordings: Path, tmp_path: Path
) -> None:
    environ = {"HOME": str(tmp_path), "WARMTUI_LIBRARY": str(tmp_path / "library.db")}
    warmtui = [sys.executable, "-m", "warmtui", "--source", str(recordings)]
    subprocess.run(
        [*warmtui, "extract", "20261120_094736", "--name", "t"], env=environ, check=True, capture_output=True
    )
    code = (
        "import sys\n"
        "from warmtui.cli.main import main\n"
        "main(['list', '--json'])\n"
        "loaded = {'warmtui.workspace.feed', 'warmtui.workspace.reader', 'pydantic'}\n"
        "sys.exit(sorted(loaded & sys.modules.keys()) or 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert [one["name"] for one in json.loads(done.stdout)["templates"]] == ["t"]
