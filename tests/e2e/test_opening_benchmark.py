"""The benchmark of opening a long session runs, so that it cannot rot; what it measures is for people."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "opening.py"


@pytest.mark.skipif(sys.platform == "win32", reason="it needs a pseudo-terminal")
def test_it_runs_small_and_says_what_it_measured() -> None:
    words = ["--messages", "800", "--runs", "1", "--rest", "0.3", "--json"]
    done = subprocess.run(
        [sys.executable, str(BENCHMARK), *words], capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert set(report["times"]) == {"back", "end", "end_at_once", "enter", "floor", "found", "key"}
    assert all(0 < row["median_ms"] <= row["most_ms"] for row in report["times"].values())
    assert report["times"]["floor"]["floors"] == 1
