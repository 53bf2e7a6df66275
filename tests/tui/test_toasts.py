"""What is said in toasts: the newest in place of the one before, a warning for its time."""

from __future__ import annotations

from ui import Ui

from warmtui.tui.app import WarmtuiApp


async def test_a_key_pressed_again_and_again_says_one_thing_at_a_time(app: WarmtuiApp, ui: Ui) -> None:
    for words in ("one", "two", "three"):
        app.notify(words, timeout=60, markup=False)
        await ui.says(words)
        assert ui.toasts == [words]
    app.notify("take care", severity="warning", timeout=60, markup=False)
    await ui.until(lambda: ui.toasts == ["take care"])
    app.notify("four", timeout=60, markup=False)
    await ui.until(lambda: ui.toasts == ["take care", "four"])
