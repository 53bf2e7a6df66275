"""What the process is told so that keys stay prompt."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator

import pytest

from warmtui.tui import responsiveness


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    before = sys.getswitchinterval()
    yield
    sys.setswitchinterval(before)
    gc.unfreeze()


def test_threads_give_way_sooner_than_they_would() -> None:
    sys.setswitchinterval(0.005)
    responsiveness.set_up()
    assert sys.getswitchinterval() == pytest.approx(0.001)


async def test_what_stands_is_left_out_of_collections_and_what_comes_later_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gc.unfreeze()
    monkeypatch.setattr(responsiveness, "FIRST_SCREEN_SECONDS", 0)
    monkeypatch.delitem(sys.modules, "warmtui.tui.responsiveness", raising=False)
    monkeypatch.setattr(responsiveness, "NEXT", (*responsiveness.NEXT, "warmtui.tui.responsiveness"))
    await responsiveness.settle()
    assert set(responsiveness.NEXT) <= sys.modules.keys()
    assert gc.get_freeze_count() > 1_000
    later: list[object] = []
    later.append(later)
    assert any(item is later for item in gc.get_objects())
