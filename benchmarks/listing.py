"""Time and peak memory of `warmtui sessions --json`, cold and with its index, beside the floor.

usage: listing.py [--sessions 10985] [--runs 5] [--database FILE] [--json]

The database has the audit's size. The floor reads the same rows through sqlite3 into Python in one loop,
in the same runs, in turn. Error, call and message counts are compared with the database's truth, session
by session.
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

FLOOR = """
import sqlite3, sys
db = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
columns = "id, session_id, role, content, tool_calls, tool_call_id, timestamp"
for row in db.execute(f"SELECT {columns} FROM messages"):
    pass
"""
MAKER = Path(__file__).with_name("_make_state_db.py")


def memory_of(process: int) -> float:
    """Megabytes that a process and those it started have in memory; what they share is counted once."""
    total = 0
    for one in (process, *children(process)):
        with suppress(OSError, IndexError):
            rollup = Path(f"/proc/{one}/smaps_rollup").read_text()
            total += int(re.findall(r"^Pss:\s+(\d+)", rollup, re.MULTILINE)[0])
    return total / 1024


def children(process: int) -> list[int]:
    """Return the processes that any thread of one started."""
    found: list[int] = []
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        with suppress(OSError):
            found += map(int, task.read_text().split())
    return found


def measured(command: list[str], environ: dict[str, str]) -> tuple[float, float, bytes]:
    """Run a command; return its seconds, the peak memory of all its processes in MB, and its output."""
    with tempfile.TemporaryFile() as out:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, env=environ)
        peak = 0.0
        while process.poll() is None:
            peak = max(peak, memory_of(process.pid))
            time.sleep(0.05)
        seconds = time.perf_counter() - start
        if process.returncode:
            sys.exit(f"{command[0]} returned {process.returncode}")
        out.seek(0)
        return seconds, peak, out.read()


def wrong(listing: bytes, truth: Path) -> int:
    """Count the sessions whose figures differ from the truth."""
    rows = {row["id"]: row for row in json.loads(listing)["sessions"]}
    expected = [one for one in map(json.loads, truth.read_text().splitlines()) if one["messages"]]
    return abs(len(rows) - len(expected)) + sum(
        any(rows[one["id"]][name] != one[name] for name in ("messages", "calls", "errors"))
        for one in expected
        if one["id"] in rows
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
        command = [sys.executable, "-m", "warmtui", "sessions", "--json", "--source", str(database)]
        runs: dict[str, list[tuple[float, float]]] = {"floor": [], "cold": [], "warm": []}
        listing = b""
        for number in range(-1, arguments.runs):
            # a library of its own: there is no index yet, and then there is
            environ["WARMTUI_LIBRARY"] = str(Path(folder) / f"{number}" / "library.db")
            for name, words in (
                ("floor", [sys.executable, "-c", FLOOR, str(database)]),
                ("cold", command),
                ("warm", command),
            ):
                seconds, memory, listing = measured(words, environ)
                if number >= 0:  # the first round fills the file cache
                    runs[name].append((seconds, memory))
        found: dict[str, int | float] = {
            "sessions": len(json.loads(listing)["sessions"]),
            "wrong": wrong(listing, Path(f"{database}.truth.jsonl")),
        }
        for name, measures in runs.items():
            found[f"{name}_seconds"] = statistics.median(one for one, _ in measures)
            found[f"{name}_peak_mb"] = statistics.median(one for _, one in measures)
        for name in ("cold", "warm"):
            pairs = zip(runs[name], runs["floor"], strict=True)
            found[f"{name}_ratio"] = statistics.median(a / b for (a, _), (b, _) in pairs)
    if arguments.json:
        print(json.dumps(found))
    else:
        for name, value in found.items():
            print(f"{name:<16} {value:,.2f}" if isinstance(value, float) else f"{name:<16} {value:,}")


if __name__ == "__main__":
    main()
