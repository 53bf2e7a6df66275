"""Time and peak memory of `warmtui sessions --json`, cold, beside the floor.

usage: listing.py [--sessions 10985] [--runs 5] [--database FILE] [--json]

The database has the audit's size. The floor reads the same rows through sqlite3 into Python in one loop,
in the same runs, in turn. Error, call and message counts are compared with the database's truth, session
by session.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FLOOR = """
import sqlite3, sys
db = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
columns = "id, session_id, role, content, tool_calls, tool_call_id, timestamp"
for row in db.execute(f"SELECT {columns} FROM messages"):
    pass
"""
MAKER = Path(__file__).with_name("_make_state_db.py")


def measured(command: list[str], environ: dict[str, str]) -> tuple[float, float, bytes]:
    """Run a command; return its seconds, its peak memory in MB, and its output."""
    with tempfile.TemporaryFile() as out:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, env=environ)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            sys.exit(f"{command[0]} returned {process.returncode}")
        out.seek(0)
        return seconds, usage.ru_maxrss / 1024, out.read()


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
        environ = {**os.environ, "HOME": folder, "WARMTUI_LIBRARY": str(Path(folder) / "library.db")}
        ours: list[tuple[float, float]] = []
        floor: list[tuple[float, float]] = []
        listing = b""
        for number in range(-1, arguments.runs):
            seconds, memory, _ = measured([sys.executable, "-c", FLOOR, str(database)], environ)
            command = [sys.executable, "-m", "warmtui", "sessions", "--json", "--source", str(database)]
            own_seconds, own_memory, listing = measured(command, environ)
            if number >= 0:  # the first pair fills the file cache
                floor.append((seconds, memory))
                ours.append((own_seconds, own_memory))
        found: dict[str, int | float] = {
            "sessions": len(json.loads(listing)["sessions"]),
            "wrong": wrong(listing, Path(f"{database}.truth.jsonl")),
            "floor_seconds": statistics.median(one for one, _ in floor),
            "seconds": statistics.median(one for one, _ in ours),
            "ratio": statistics.median(a / b for (a, _), (b, _) in zip(ours, floor, strict=True)),
            "floor_peak_mb": statistics.median(one for _, one in floor),
            "peak_mb": statistics.median(one for _, one in ours),
        }
    if arguments.json:
        print(json.dumps(found))
    else:
        for name, value in found.items():
            print(f"{name:<14} {value:,.2f}" if isinstance(value, float) else f"{name:<14} {value:,}")


if __name__ == "__main__":
    main()
