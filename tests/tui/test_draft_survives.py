"""A draft is there after the app was killed, as it stood when the person last changed it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest
from kept_drafts import drafts_in
from pilots import PATIENCE
from ui import focused_field, opened, picked
from workspaces import workspace_in

from warmtui.curation.editing import History, dump, load
from warmtui.errors import WarmtuiError
from warmtui.workspace import Workspace

pytestmark = pytest.mark.slow

KILLED = """
import asyncio, sys
from pathlib import Path
from ui import focused_field, opened, picked

async def main(folder, recordings):
    async with opened(folder, recordings, size=(140, 40)) as ui:
        screen = await ui.curate()
        await ui.press("a", "e", until=lambda: focused_field(screen) is not None)
        typed = "typed just now "
        await ui.press(*typed, until=lambda: typed in screen.draft.state.seed.recoveries[0].before)
        print(picked(screen), flush=True)
        await asyncio.sleep(600)

asyncio.run(main(*map(Path, sys.argv[1:])))
"""


async def test_what_was_typed_is_there_after_a_kill(tmp_path: Path, recordings: Path) -> None:
    paths = os.pathsep.join(each for each in sys.path if each)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", KILLED, str(tmp_path), str(recordings)),
        env={**os.environ, "PYTHONPATH": paths},
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        picks = int(await process.stdout.readline())
        async with workspace_in(tmp_path, recordings) as workspace:
            for _ in range(int(PATIENCE / 0.05)):
                if await kept_words(workspace):
                    break
                await asyncio.sleep(0.05)
    finally:
        process.kill()
        await process.wait()
    assert process.returncode == -signal.SIGKILL
    async with opened(tmp_path, recordings, size=(140, 40)) as ui:
        screen = await ui.curate()
        assert screen.draft.restored
        assert picked(screen) == picks
        assert "typed just now " in screen.draft.state.seed.recoveries[0].before
        await ui.press("z", until=lambda: "typed" not in screen.draft.state.seed.recoveries[0].before)


async def kept_words(workspace: Workspace) -> bool:
    """Whether the library keeps what was typed."""
    try:
        drafts = drafts_in(workspace.library.path)
    except WarmtuiError:
        return False
    return any("typed just now " in draft.content for draft in drafts)


async def test_it_is_kept_while_one_goes_on_typing(tmp_path: Path, recordings: Path) -> None:
    async with opened(tmp_path, recordings, size=(140, 40)) as ui:
        screen = await ui.curate()
        await ui.press("space", "e", until=lambda: focused_field(screen) is not None)
        autosaved_at = screen.draft.autosaved_at
        # a key again and again: a pause before keeping would never come
        for _ in range(2_000):
            await ui.press("x")
            if screen.draft.autosaved_at != autosaved_at and screen.draft.unsaved:
                break
        assert screen.draft.autosaved_at != autosaved_at
        await ui.until(lambda: not screen.draft.unsaved)
        [kept] = drafts_in(ui.workspace.library.path)
        assert load(kept.content).state == load(dump(History(screen.draft.state))).state
