"""Stock Hermes at work while the app is open: from each commit to the changed score on screen.

usage: live.py [--hermes PROGRAM] [--calls 10] [--json]

A scripted model lets Hermes run commands that fail, one a second; each changes the session's score. The
moment of the commit is when another connection first sees the row.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests" / "support"))
from stock_hermes import ScriptedModel, StockHermes  # noqa: E402 - they lie beside the tests
from terminal import Terminal, warmtui  # noqa: E402

GOOD = 6
"""Calls that work, before those that fail: enough for a score."""
LIMIT = 120.0
"""Seconds after which something is wrong."""


def turns(calls: int) -> list[dict[str, Any]]:
    """Return what the model says: one call a turn."""
    good = [f"echo {number}" for number in range(GOOD)]
    bad = [f"sleep 0.8; ls /nowhere-{number}" for number in range(calls)]
    said: list[dict[str, Any]] = [
        {"content": None, "calls": [["terminal", {"command": command}]]} for command in (*good, *bad)
    ]
    return [{"content": "hello"}, *said, {"content": "done"}]


def measure(program: Path, folder: Path, calls: int) -> list[float]:
    """Return seconds from the commit of each failing call to its score on screen."""
    with ScriptedModel(folder / "model", turns(calls)) as model:
        hermes = StockHermes(program, folder, model)
        hermes.chat("hello")
        database = sqlite3.connect(f"file:{hermes.state_db}?mode=ro", uri=True)
        library = folder / "library.db"
        library.touch()  # there is one: no welcome stands before the list
        words = warmtui("--source", str(hermes.state_db), "--library", str(library))
        environ = {**os.environ, "HOME": str(folder), "TERM": "xterm-256color", "PYTHONPATH": str(ROOT)}
        terminal = Terminal(words, environ, folder, size=(120, 36))
        terminal.expect("● live")
        agent = subprocess.Popen(
            [str(program), "chat", "-q", "work", "-Q", "--yolo"],
            cwd=hermes.work,
            env=hermes.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            return watch(terminal, database, calls)
        finally:
            agent.kill()
            agent.wait()
            terminal.close()
            database.close()


def watch(terminal: Terminal, database: sqlite3.Connection, calls: int) -> list[float]:
    """Follow both, the database and the screen."""
    committed: list[float] = []
    shown: list[float] = []
    end = time.monotonic() + LIMIT
    while len(shown) < calls:
        if time.monotonic() > end:
            sys.exit(f"{len(shown)} of {calls} scores were shown; {len(committed)} calls were committed")
        terminal.read(0.002)
        seen = database.execute("SELECT count(*) FROM messages WHERE role = 'tool'").fetchone()[0] - GOOD
        while len(committed) < seen:
            committed.append(time.monotonic())
        score = round(100 * GOOD / (GOOD + len(shown) + 1))
        if re.search(rf"(?<!\d){score} [━─┼]", terminal.text):
            shown.append(time.monotonic())
            terminal._since = len(terminal.written)
    return [late - early for early, late in zip(committed, shown, strict=False)]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    usual = os.environ.get("WARMTUI_TEST_HERMES") or str(ROOT / ".venv-hermes" / "bin" / "hermes")
    parser.add_argument("--hermes", type=Path, default=Path(usual))
    parser.add_argument("--calls", type=int, default=10)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    if not arguments.hermes.exists():
        sys.exit(f"{arguments.hermes} does not exist: run python3 dev.py hermes, or give --hermes PROGRAM")
    with tempfile.TemporaryDirectory() as name:
        seconds = measure(arguments.hermes, Path(name), arguments.calls)
    found: dict[str, int | float] = {
        "calls": len(seconds),
        "median_seconds": statistics.median(seconds),
        "max_seconds": max(seconds),
    }
    if arguments.json:
        print(json.dumps(found))
    else:
        for title, value in found.items():
            print(f"{title:<16} {value:.3f}" if isinstance(value, float) else f"{title:<16} {value}")


if __name__ == "__main__":
    main()
