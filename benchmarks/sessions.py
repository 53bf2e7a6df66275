"""Time and peak memory of `warmtui sessions --json`, cold and with its index, beside the floor.

usage: sessions.py [--sessions 10985] [--runs 5] [--database FILE] [--json]

The database has the audit's size. The floor reads the same rows through sqlite3 into Python in one loop,
in the same runs, in turn. Memory is looked at in runs of its own, because the look stops what it looks at.
Error, call and message counts are compared with the database's truth, session by session.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from warmtui.workspace.workers import child_python

FLOOR = """
import sqlite3, sys
db = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
columns = "id, session_id, role, content, tool_calls, tool_call_id, timestamp"
for row in db.execute(f"SELECT {columns} FROM messages"):
    pass
"""
PEAKS = 3
"""Runs in which memory is looked at: it differs little from run to run."""
MAKER = Path(__file__).with_name("_make_state_db.py")


def memory_of(process: int) -> float:
    """Megabytes that a process and those it started have in memory; what they share is counted once."""
    total = 0
    for pid in (process, *children(process)):
        with suppress(OSError, IndexError):
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
            total += int(re.findall(r"^Pss:\s+(\d+)", rollup, re.MULTILINE)[0])
    return total / 1024


def children(process: int) -> list[int]:
    """Return the processes that any thread of one started."""
    found: list[int] = []
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        with suppress(OSError):
            found += map(int, task.read_text().split())
    return found


def timed(command: list[str], environ: dict[str, str]) -> tuple[float, bytes]:
    """Run a command; return its seconds and its output."""
    with tempfile.TemporaryFile() as out:
        start = time.perf_counter()
        done = subprocess.run(command, stdout=out, env=environ)
        seconds = time.perf_counter() - start
        if done.returncode:
            sys.exit(f"{command[0]} returned {done.returncode}")
        out.seek(0)
        return seconds, out.read()


def peak_of(command: list[str], environ: dict[str, str]) -> float:
    """Run a command; return the peak memory of all its processes in MB."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environ)
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, memory_of(process.pid))
        time.sleep(0.05)
    if process.returncode:
        sys.exit(f"{command[0]} returned {process.returncode}")
    return peak


def wrong(listing: bytes, truth: Path) -> int:
    """Count the sessions whose figures differ from the truth."""
    rows = {row["id"]: row for row in json.loads(listing)["sessions"]}
    expected = [row for row in map(json.loads, truth.read_text().splitlines()) if row["messages"]]
    return abs(len(rows) - len(expected)) + sum(
        any(rows[row["id"]][name] != row[name] for name in ("messages", "calls", "errors"))
        for row in expected
        if row["id"] in rows
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sessions", type=int, default=10_985)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--database", type=Path)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database = arguments.database or Path(folder) / "state.db"
        if not database.exists():
            made = [sys.executable, str(MAKER), str(database), str(arguments.sessions)]
            subprocess.run(made, check=True, stdout=subprocess.DEVNULL)
        environ = {**os.environ, "HOME": folder}
        command = child_python("-m", "warmtui", "sessions", "--json", "--source", str(database))
        works = {"floor": child_python("-c", FLOOR, str(database)), "cold": command, "warm": command}
        runs: dict[str, list[float]] = {name: [] for name in works}
        peaks: dict[str, list[float]] = {name: [] for name in works}
        listing = b""
        for number in range(-1, arguments.runs):
            # a library of its own: there is no index yet, and then there is
            environ["WARMTUI_LIBRARY"] = str(Path(folder) / f"{number}" / "library.db")
            for name, words in works.items():
                seconds, listing = timed(words, environ)
                if number >= 0:  # the first round fills the file cache
                    runs[name].append(seconds)
        for number in range(min(arguments.runs, PEAKS)):
            environ["WARMTUI_LIBRARY"] = str(Path(folder) / f"peak {number}" / "library.db")
            for name, words in works.items():
                peaks[name].append(peak_of(words, environ))
        found: dict[str, int | float] = {
            "sessions": len(json.loads(listing)["sessions"]),
            "wrong": wrong(listing, Path(f"{database}.truth.jsonl")),
        }
        for name in works:
            found[f"{name}_seconds"] = statistics.median(runs[name])
            found[f"{name}_peak_mb"] = statistics.median(peaks[name])
        for name in ("cold", "warm"):
            pairs = zip(runs[name], runs["floor"], strict=True)
            found[f"{name}_ratio"] = statistics.median(a / b for a, b in pairs)
    if arguments.json:
        print(json.dumps(found))
    else:
        for name, value in found.items():
            print(f"{name:<16} {value:,.2f}" if isinstance(value, float) else f"{name:<16} {value:,}")


if __name__ == "__main__":
    main()
