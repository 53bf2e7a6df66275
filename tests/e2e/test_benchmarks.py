"""The benchmarks of the whole app run, so that they cannot rot; what they measure is for people."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def report(name: str, *words: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, str(BENCHMARKS / f"{name}.py"), *words, "--json"],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_the_list_as_a_command() -> None:
    found = report("sessions", "--sessions", "40", "--runs", "1")
    assert found["wrong"] == 0
    assert found["sessions"] > 20
    assert found["cold_ratio"] > 0
    assert found["warm_ratio"] > 0


def test_small_commands() -> None:
    found = report("commands", "--runs", "1")
    assert found["help_x_py"] > 1
    assert found["list_x_py"] > 1


@pytest.mark.skipif(sys.platform == "win32", reason="it needs a pseudo-terminal")
def test_the_app() -> None:
    found = report("app", "--sessions", "60", "--runs", "1", "--presses", "3", "--idle", "0.3", "--news", "2")
    assert found["first_paint_warm_x_bare"] > 0
    assert 0 < found["live_median_seconds"] <= found["live_max_seconds"]
    assert found["key_after_p95_ms"] > 0


@pytest.mark.skipif(sys.platform == "win32", reason="it needs a pseudo-terminal")
def test_the_event_loop() -> None:
    found = report("loop", "--sessions", "60", "--messages", "300", "--runs", "1", "--presses", "3")
    phases = found["phases"]
    assert set(phases) == {
        *("start", "judging", "moving", "sorting", "field filter", "words"),
        *("opening", "to the end", "back"),
    }
    assert phases["start"]["longest_ms"] >= phases["start"]["worked_ms"] > 0
    assert phases["start"]["whose"]


@pytest.mark.skipif(sys.platform == "win32", reason="it needs a pseudo-terminal")
def test_the_timeline_of_a_long_session() -> None:
    found = report("timeline", "--messages", "800", "--runs", "1", "--rest", "0.3")
    times = found["times"]
    assert set(times) == {"back", "end", "end_at_once", "enter", "floor", "found", "key"}
    assert all(0 < row["median_ms"] <= row["most_ms"] for row in times.values())
    assert times["floor"]["floors"] == 1


@pytest.mark.hermes
@pytest.mark.skipif(sys.platform == "win32", reason="it needs a pseudo-terminal")
def test_stock_hermes_at_work(hermes_bin: Path) -> None:
    found = report("live", "--hermes", str(hermes_bin), "--calls", "2")
    assert found["calls"] == 2
    assert 0 < found["median_seconds"] <= found["max_seconds"]
