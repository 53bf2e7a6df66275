"""Stock Hermes and a scripted model, for tests that show what an agent is really sent."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from stock_hermes import ScriptedModel, StartHermes, StockHermes


@pytest.fixture(scope="session")
def hermes_bin() -> Path:
    """The `hermes` program of a stock Hermes Agent, in an environment of its own."""
    named = os.environ.get("WARMTUI_TEST_HERMES", "")
    if not named:
        pytest.skip(
            "stock Hermes is not here: WARMTUI_TEST_HERMES is not set; `python3 dev.py check` sets it"
        )
    program = Path(named)
    assert os.access(program, os.X_OK), f"WARMTUI_TEST_HERMES names no program: {program}"
    return program


@pytest.fixture
def start_hermes(hermes_bin: Path, tmp_path: Path) -> Iterator[StartHermes]:
    """Makes a Hermes with a fresh home whose model says the given turns, then `done`."""
    with ExitStack() as stack:
        count = 0

        def start(turns: Iterable[Mapping[str, Any]] = ()) -> StockHermes:
            nonlocal count
            count += 1
            folder = tmp_path / f"agent-{count}"
            model = stack.enter_context(ScriptedModel(folder / "model", turns))
            return StockHermes(hermes_bin, folder, model)

        yield start


@pytest.fixture
def hermes(start_hermes: StartHermes) -> StockHermes:
    """A Hermes whose model says `done` to everything."""
    return start_hermes(())
