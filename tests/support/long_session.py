"""A `state.db` with one very long session: an agent at work on one project for days.

Deterministic. Tool results are in the shapes that Hermes 0.19 stores and of 0.5 to 5 kB: listings, test runs,
files, matches, tracebacks. About one call in eleven fails, most of those are done right soon after.
"""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

SESSION = "long"
"""The session's id."""
FIRST, LAST = "begin-of-all", "end-of-all"
"""Words that only the first and only the last message of each session has."""
FEW = 20
"""Messages of each of the short sessions beside it."""

_SCHEMA = """
CREATE TABLE sessions (id TEXT PRIMARY KEY, source TEXT, model TEXT, title TEXT, system_prompt TEXT,
  parent_session_id TEXT, started_at REAL NOT NULL, ended_at REAL, end_reason TEXT, cwd TEXT);
CREATE TABLE messages (id INTEGER PRIMARY KEY AUTOINCREMENT, session_id TEXT NOT NULL, role TEXT NOT NULL,
  content TEXT, tool_call_id TEXT, tool_calls TEXT, tool_name TEXT, timestamp REAL NOT NULL,
  active INTEGER NOT NULL DEFAULT 1, compacted INTEGER NOT NULL DEFAULT 0);
CREATE INDEX idx_messages_session ON messages(session_id, timestamp);
"""
_NAMES = """
    coupon cart ledger invoice shipment refund stock price basket report import export parser index cache
    worker queue token session client server stream buffer schema migration template renderer checkout
"""
_WORDS = _NAMES.split()
_VERBS = ("add", "fix", "rename", "split", "test", "document", "speed up", "check", "move", "guard", "log")
_ERRORS = (
    "ValueError: invalid literal for int() with base 10: 'a'",
    "KeyError: 'currency'",
    "AssertionError: 3 != 4",
    "ModuleNotFoundError: No module named 'ledger_v2'",
    "TypeError: unsupported operand type(s) for +: 'int' and 'str'",
)


class Done(NamedTuple):
    """One call and what came back."""

    tool: str
    arguments: dict[str, Any]
    result: dict[str, Any]


class _Agent:
    """Makes calls as an agent does that knows its project's files."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._files = [
            f"{folder}/{name}{suffix}"
            for folder in ("src/shop", "src/shop/api", "src/ledger", "tests", "docs")
            for name, suffix in zip(_WORDS, [".py"] * 20 + [".md"] * 10, strict=False)
        ]

    def file(self) -> str:
        """Name a file; some are worked on far more than others."""
        return self._files[int(len(self._files) * self._chance.random() ** 2)]

    def sentence(self, words: int) -> str:
        """Say something about the project."""
        pick = self._chance.choice
        said = [pick(_VERBS), "the", *(pick(_WORDS) for _ in range(words)), "in", self.file()]
        return " ".join(said) + pick([".", "?", "", " so that it holds."])

    def lines(self, size: int) -> str:
        """Return a tool's output of about so many characters."""
        pick, found, length = self._chance.choice, [], 0
        while length < size:
            number = self._chance.randrange(1, 400)
            name = f"{pick(_WORDS)}_{pick(_WORDS)}"
            line = pick(
                (
                    f"{self.file()}:{number}:    {name} = {pick(_WORDS)}.get({number})",
                    f"tests/test_{pick(_WORDS)}.py::test_{name} PASSED [{number % 100:>3}%]",
                    f"def {name}(self, {pick(_WORDS)}: int) -> str:",
                    f'    """{self.sentence(6)}"""',
                    f"-rw-r--r-- 1 dev dev {number * 37:>7} Nov 20 09:{number % 60:02} {self.file()}",
                    "",
                )
            )
            found.append(line)
            length += len(line) + 1
        return "\n".join(found)

    def call(self, *, fails: bool) -> Done:
        """Make one call."""
        chance, pick = self._chance, self._chance.choice
        size, kind = int(500 * 10 ** chance.random()), chance.random()
        if kind < 0.5:
            return self._terminal(size, fails=fails)
        file = self.file()
        if kind < 0.75:
            if fails:
                wrong = file.replace("src/", "lib/")
                return Done(
                    "read_file", {"path": wrong}, {"content": "", "error": f"File not found: {wrong}"}
                )
            content = {"content": self.lines(size), "total_lines": size // 40, "truncated": False}
            return Done("read_file", {"path": file}, content)
        if kind < 0.9:
            old, new = self.lines(120), self.lines(150)
            edit = {"path": file, "old_string": old, "new_string": new}
            if fails:
                error = f"Could not find a match for old_string in {file}"
                return Done("patch", edit, {"success": False, "error": error})
            return Done("patch", edit, {"success": True, "diff": f"-{old}\n+{new}", "files_modified": [file]})
        words = f"{pick(_WORDS)}_{pick(_WORDS)}"
        if fails:
            return Done(
                "search_files", {"pattern": words + "("}, {"error": "regex parse error: unclosed group"}
            )
        matches = [{"path": self.file(), "line": n, "content": self.lines(60)} for n in range(size // 250)]
        return Done("search_files", {"pattern": words}, {"total_count": len(matches), "matches": matches})

    def _terminal(self, size: int, *, fails: bool) -> Done:
        pick, file = self._chance.choice, self.file()
        command = pick(
            (
                f"python3 -m pytest -q tests/test_{pick(_WORDS)}.py",
                f"cd /home/dev/shop && git diff --stat {file}",
                f"grep -rn {pick(_WORDS)} src/ | head -{pick((20, 40))}",
                f"sed -n {pick((1, 40, 120))},200p {file}",
                "git status --short && git log --oneline | head",
                f"ls -la {file.rsplit('/', 1)[0]}",
            )
        )
        if not fails:
            return Done("terminal", {"command": command}, self._shell(self.lines(size), 0))
        if self._chance.random() < 0.4:
            wrong = f"pytest -q tests/test_{pick(_WORDS)}.py"
            return Done("terminal", {"command": wrong}, self._shell("bash: pytest: command not found", 127))
        output = f'{self.lines(size)}\nTraceback (most recent call last):\n  File "{file}"\n{pick(_ERRORS)}'
        return Done("terminal", {"command": f"python3 {file} --{pick(_WORDS)}"}, self._shell(output, 1))

    @staticmethod
    def _shell(output: str, code: int) -> dict[str, Any]:
        return {"output": output, "exit_code": code, "error": None}


def _rows(messages: int, chance: random.Random) -> Iterator[tuple[Any, ...]]:
    agent, at, number = _Agent(chance), 1_770_000_000.0, 0
    while number < messages:
        words = agent.sentence(chance.choice([3, 8, 30]))
        yield "user", words if number else f"{FIRST} {words}", None, None, None, at
        number += 1
        for _ in range(chance.randrange(3, 20)):
            done = [agent.call(fails=chance.random() < 0.09) for _ in range(chance.choice([1, 1, 1, 2, 3]))]
            calls = [
                {
                    "id": f"call_{number}_{place}",
                    "type": "function",
                    "function": {"name": call.tool, "arguments": json.dumps(call.arguments)},
                }
                for place, call in enumerate(done)
            ]
            words = agent.sentence(10) if chance.random() < 0.5 else ""
            at += 20 * chance.random()
            yield "assistant", words, None, json.dumps(calls), None, at
            for place, call in enumerate(done):
                yield "tool", json.dumps(call.result), f"call_{number}_{place}", None, call.tool, at + 1
            number += 1 + len(done)
        number += 1
        words = agent.sentence(40)
        yield "assistant", words if number < messages else f"{LAST} {words}", None, None, None, at + 2
        at += 60


def make(path: Path, messages: int, *, others: int = 30) -> None:
    """Write the database.

    Args:
        path: where; a file that is there is replaced.
        messages: of the long session, about; it ends with a turn.
        others: short sessions beside it, older.
    """
    path.unlink(missing_ok=True)
    chance = random.Random(327)
    db = sqlite3.connect(path)
    db.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; {_SCHEMA}")
    sessions = [(f"short-{number}", FEW, 1_760_000_000.0 + number) for number in range(others)]
    for name, count, started in [*sessions, (SESSION, messages, 1_770_000_000.0)]:
        prompt = "You are an agent that works on one project.\n" * 80
        db.execute(
            "INSERT INTO sessions (id, source, model, title, system_prompt, started_at, cwd) "
            "VALUES (?, 'cli', 'some-model', ?, ?, ?, '/home/dev/shop')",
            (name, f"{name}: work on the shop", prompt, started),
        )
        db.executemany(
            "INSERT INTO messages "
            "(session_id, role, content, tool_call_id, tool_calls, tool_name, timestamp) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            ((name, *row) for row in _rows(count, chance)),
        )
    db.commit()
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
