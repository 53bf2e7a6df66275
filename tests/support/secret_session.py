"""A Hermes database with one session in which secrets stand: in words, arguments and results."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from hermes_db import answered, called, create, said, session

NAME = "20261120_120000_secret"
TOKEN = "ghp_" + "R2d9Xk4LmQ8sT1vW6yZ3bC7fH0jN5pAe1uGo"
OTHER = "ghp_" + "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8"
MAIL = "mara.lindqvist@harbour-books.se"
SLOT = "‹secret:github-token›"


def write(path: Path) -> Path:
    """Write the database and return its path."""
    db = create(path)
    session(db, NAME, title="Deploy with a token", source="cli", cwd="/home/dev/shop", model="m")
    _turn(db, "a", f"run the tests with {TOKEN} please", f"make test TOKEN={TOKEN}", "Ran 3 tests\n\nOK", 1)
    _turn(
        db, "b", "and deploy it", "make deploy", f"deployed as {MAIL}, token {TOKEN}, spare token {OTHER}", 2
    )
    db.close()
    return path


def forget(path: Path) -> None:
    """Take the session out of the database."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("DELETE FROM messages")
    db.execute("DELETE FROM sessions")
    db.close()


def _turn(db: sqlite3.Connection, call: str, words: str, command: str, output: str, number: int) -> None:
    at = 1_000.0 + 10 * number
    said(db, NAME, "user", words, timestamp=at)
    called(db, NAME, (call, "terminal", {"command": command}), timestamp=at + 1)
    result = json.dumps({"output": output, "exit_code": 0, "error": None})
    answered(db, NAME, call, result, tool_name="terminal", timestamp=at + 2)
    said(db, NAME, "assistant", "That worked.", timestamp=at + 3)
