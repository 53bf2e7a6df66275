"""What is said in toasts: the newest in place of the one before, a warning for its time."""

from __future__ import annotations

from pathlib import Path

from pilots import toasts, wait_for

from warmtui.tui.app import WarmtuiApp
from warmtui.workspace import Workspace


async def test_a_key_pressed_again_and_again_says_one_thing_at_a_time(
    tmp_path: Path, recordings: Path
) -> None:
    environ = {"HOME": str(tmp_path), "WARMTUI_LIBRARY": str(tmp_path / "library.db")}
    async with Workspace.open(sources=[str(recordings)], environ=environ) as workspace:
        app = WarmtuiApp(workspace)
        async with app.run_test(size=(80, 24)) as pilot:
            for words in ("one", "two", "three"):
                app.notify(words, timeout=60, markup=False)
                await wait_for(pilot, lambda: toasts(app)[-1:] == [words])  # noqa: B023 - called in this turn
                assert toasts(app) == [words]
            app.notify("take care", severity="warning", timeout=60, markup=False)
            await wait_for(pilot, lambda: toasts(app) == ["take care"])
            app.notify("four", timeout=60, markup=False)
            await wait_for(pilot, lambda: toasts(app) == ["take care", "four"])
