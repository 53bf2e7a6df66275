"""What every test of the app needs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from textual.scrollbar import ScrollBar


@pytest.fixture(autouse=True)
def _colours_and_signs_as_they_were(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Take away what a developer's terminal says, and undo what ASCII mode sets for all scrollbars."""
    for name in ("NO_COLOR", "TEXTUAL_THEME", "TEXTUAL_COLOR_SYSTEM", "TEXTUAL_ANIMATIONS"):
        monkeypatch.delenv(name, raising=False)
    before = ScrollBar.renderer
    yield
    ScrollBar.renderer = before
