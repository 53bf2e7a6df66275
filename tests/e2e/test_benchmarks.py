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


def reports(name: str, *words: str) -> Any:
    done = subprocess.run(
        [sys.executable, str(BENCHMARKS / f"{name}.py"), *words, "--json"],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def report(name: str, *words: str) -> dict[str, Any]:
    found: dict[str, Any] = reports(name, *words)
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


def test_records_beside_their_truth(tmp_path: Path) -> None:
    folder = tmp_path / ".claude" / "projects" / "shop"
    folder.mkdir(parents=True)
    about = {"sessionId": "s1", "timestamp": "2026-11-20T09:00:00Z"}
    call = {"type": "tool_use", "id": "t1", "name": "Bash", "input": {"command": "make"}}
    result = {"type": "tool_result", "tool_use_id": "t1", "content": "no rule", "is_error": True}
    rows: list[dict[str, Any]] = [
        {"type": "user", "message": {"role": "user", "content": "make it"}},
        {"type": "assistant", "message": {"role": "assistant", "content": [call]}},
        {"type": "user", "message": {"role": "user", "content": [result]}},
        {"type": "tomorrow", "subtype": "new"},
    ]
    lines = [{"uuid": f"u{number}", "parentUuid": None, **about, **row} for number, row in enumerate(rows)]
    (folder / "s1.jsonl").write_text("\n".join(map(json.dumps, lines)))
    truth = {
        "file": "claude/projects/shop/s1.jsonl",
        "records": {"user": 2, "assistant": 1, "tomorrow/new": 1},
        "person_prompts": 2,
        "calls": [{"id": "t1", "outcome": "ok", "rule": "flag"}],
    }
    (tmp_path / "truth").mkdir()
    (tmp_path / "truth" / "s1.json").write_text(json.dumps(truth))
    (found,) = reports("records", str(tmp_path), "--truth", str(tmp_path / "truth"))
    assert found["records"] == truth["records"]
    assert found["unknown"] == {"1 record of unknown type 'tomorrow'; not read": 1}
    assert (found["calls"], found["prompts"], found["compared"], found["agreed"]) == (1, 1, 1, 0)
    assert found["differences"] == {"ok by 'flag': here error by error-flag": 1}
    assert found["other_figures"] == ["1 prompts, not 2"]
