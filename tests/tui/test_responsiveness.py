"""What the process is told so that keys stay prompt."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator

import pytest

from warmtui.tui import start


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    yield
    gc.unfreeze()


async def test_what_stands_is_left_out_of_collections_and_what_comes_later_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gc.unfreeze()
    monkeypatch.setattr(start, "FIRST_SCREEN_SECONDS", 0)
    monkeypatch.delitem(sys.modules, "warmtui.tui.external_editor", raising=False)
    monkeypatch.setattr(start, "NEXT", (*start.NEXT, "warmtui.tui.external_editor"))
    await start.load_next_screens()
    assert set(start.NEXT) <= sys.modules.keys()
    assert gc.get_freeze_count() > 1_000
    later: list[object] = []
    later.append(later)
    assert any(item is later for item in gc.get_objects())
