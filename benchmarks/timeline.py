"""Opening a very long session: until it is painted, until its end is, and what looking through it costs.

usage: timeline.py [--messages 10000] [--runs 5] [--rest 1.5] [--json]

The app runs in a pseudo-terminal of 120×40 on a database with one session of that many messages and thirty
short ones. A time goes from a key to the last byte that the terminal needs to show what was asked for. The
floor reads the rows of the long session through sqlite3 into Python in one loop, in the same runs.

  enter        Enter on the session in the list → its first message
  end          G in the timeline → its last message
  end_at_once  G as soon as the first message is there → its last message
  back         Esc → the list
  key          space in the list → redrawn, while the profile of the session is made
  found        everything in the session: recoveries, markers, patterns, candidates
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]
from long_session import FIRST, LAST, SESSION, make  # noqa: E402 - they lie beside the tests
from terminal import Terminal, warmtui  # noqa: E402

from warmtui.analysis.calls import judge_calls  # noqa: E402 - of this checkout
from warmtui.registry import open_source  # noqa: E402
from warmtui.workspace import findings  # noqa: E402
from warmtui.workspace.reader import JudgedSession  # noqa: E402

SIZE = (120, 40)
CURSOR = "▸"
SHORT = "short-1"
"""Stands in the titles of other sessions of the list."""
GAP = 0.03
"""Seconds between two keys: a key that repeats."""
KEYS = 40
"""Presses while the profile of the session is made."""


def latency(terminal: Terminal, key: str, sign: str) -> float:
    """Milliseconds from a key to the bytes that show it."""
    start = time.perf_counter()
    terminal.press(key, sign)
    return 1_000 * (time.perf_counter() - start)


def rest(terminal: Terminal, seconds: float) -> None:
    """Read on for so long."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        terminal.read(0.05)


def floor(database: Path) -> float:
    """Return the milliseconds in which the rows are read."""
    start = time.perf_counter()
    db = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    columns = "id, session_id, role, content, tool_calls, tool_call_id, tool_name, timestamp"
    for _ in db.execute(f"SELECT {columns} FROM messages WHERE session_id = ?", (SESSION,)):
        pass
    db.close()
    return 1_000 * (time.perf_counter() - start)


def found(database: Path) -> float:
    """Return the milliseconds in which everything is found in the session, once it is read and judged."""
    source = open_source(database)
    source.listing()
    session = next(iter(source.read([SESSION])))
    judged = JudgedSession(session, judge_calls(session, now=4e9))
    start = time.perf_counter()
    findings.findings_of(judged)
    seconds = time.perf_counter() - start
    source.close()
    return 1_000 * seconds


def library(home: Path) -> None:
    """Make a library, so that no welcome hides the list."""
    recordings = str(ROOT / "assets" / "recordings" / "state.db")
    words = ["extract", "20261120_094736", "--source", recordings, "--library", str(home / "library.db")]
    subprocess.run(warmtui(*words), env=environment(home), check=True, capture_output=True)


def environment(home: Path) -> dict[str, str]:
    """Return an environment in which nothing of this user's is found, and the terminal tells its size."""
    others = ("WARMTUI", "HERMES", "COLUMNS", "LINES")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(others)}
    return {**kept, "HOME": str(home), "TERM": "xterm-256color", "PYTHONPATH": str(ROOT)}


def run(database: Path, home: Path, pause: float) -> dict[str, list[float]]:
    """Measure once in a fresh app, with pauses in which it reads the whole of the session."""
    words = ["--source", str(database), "--library", str(home / "library.db")]
    terminal = Terminal(warmtui(*words), environment(home), home, size=SIZE)
    times: dict[str, list[float]] = {}
    try:
        terminal.expect(SHORT)
        keys = times["key"] = []
        for _ in range(KEYS):
            keys.append(latency(terminal, " ", CURSOR))
            time.sleep(GAP)
        rest(terminal, 3 * pause)
        times["enter"] = [latency(terminal, "\r", FIRST)]
        rest(terminal, pause)
        times["end"] = [latency(terminal, "G", LAST)]
        rest(terminal, pause)
        times["back"] = [latency(terminal, "\x1b", SHORT)]
        rest(terminal, pause)
        terminal.press("\r", FIRST)
        times["end_at_once"] = [latency(terminal, "G", LAST)]
    finally:
        terminal.close()
    times["floor"] = [floor(database)]
    times["found"] = [found(database)]
    return times


def percentile(values: list[float], part: float) -> float:
    """Return the value below which a part of them lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--rest", type=float, default=1.5, help="seconds in which the app comes to rest")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    all_times: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        database, home = Path(folder) / "state.db", Path(folder)
        make(database, arguments.messages)
        for number in range(-1, arguments.runs):
            # a new library: the app would come back to where the last run left it
            for old in home.glob("library*"):
                old.unlink()
            library(home)
            times = run(database, home, arguments.rest)
            if number >= 0:  # the first run fills the file cache
                for name, values in times.items():
                    all_times.setdefault(name, []).extend(values)
    base = statistics.median(all_times["floor"])
    report = {
        name: {
            "median_ms": statistics.median(values),
            "p95_ms": percentile(values, 0.95),
            "most_ms": max(values),
            "floors": statistics.median(values) / base,
        }
        for name, values in sorted(all_times.items())
    }
    if arguments.json:
        print(json.dumps({"messages": arguments.messages, "runs": arguments.runs, "times": report}))
        return
    print(f"{'':12} {'median':>9} {'p95':>9} {'most':>9} {'floors':>7}")
    for name, row in report.items():
        shown = " ".join(f"{row[column]:>6,.0f} ms" for column in ("median_ms", "p95_ms", "most_ms"))
        print(f"{name:12} {shown} {row['floors']:>7.1f}")


if __name__ == "__main__":
    main()
