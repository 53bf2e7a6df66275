"""The app in a pseudo-terminal: first paint, scores, keys, a live message, filters, idle; beside floors.

usage: app.py [--sessions 10985] [--runs 5] [--database FILE] [--json] …

Floors, measured in the same runs in turn: a bare Textual app with header, label and footer in the same
pseudo-terminal; the same rows read through sqlite3 in one loop. Times are from the keystroke, or the
start of the process, to the bytes that show the answer.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests" / "support"))
import terminal as terminals  # noqa: E402 - it lies beside the tests
from terminal import Terminal  # noqa: E402

from warmtui.workspace.workers import child_python  # noqa: E402

terminals.PATIENCE = 600.0  # what a test waits is too short for judging 100,000 sessions on a slow machine

MAKER = Path(__file__).with_name("_make_state_db.py")
FLOOR = """
import sqlite3, sys
db = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
columns = "id, session_id, role, content, tool_calls, tool_call_id, timestamp"
for row in db.execute(f"SELECT {columns} FROM messages"):
    pass
"""
BARE = """
from textual.app import App
from textual.widgets import Footer, Header, Label
class Bare(App):
    def compose(self):
        yield Header()
        yield Label("painted bare")
        yield Footer()
Bare().run()
"""
SIZE = (120, 36)
WORDS = ("deployx", "deploy", "example.com", "pytest merge")
"""In no message, in nearly every one, in many, and two words; the last letter of each changes what fits."""
MOST_BYTES = 2 * 10**9
"""Of a database that is copied to be searched."""
SETTLED = 2.0
"""Seconds after the last key, in which the profile of the session under the cursor is made."""
QUIET = 3.0
"""Seconds of watching how much it does of itself, before an agent writes."""
GAP = 0.03
"""Seconds between two presses: a key that repeats."""
PROBE = "live probe"
FAILED = '{"output": "no", "exit_code": 2, "error": null}'
GOOD = '{"output": "", "exit_code": 0, "error": null}'


class Bench:
    """One database, one folder, many starts.

    Args:
        database: with sessions; it is copied where it is written to.
        folder: for libraries and copies.
    """

    def __init__(self, database: Path, folder: Path) -> None:
        self.database = database
        self.folder = folder
        self.environ = {
            **{
                name: value
                for name, value in os.environ.items()
                if not name.startswith(("WARMTUI", "HERMES"))
            },
            "HOME": str(folder),
            "TERM": "xterm-256color",
            "PYTHONPATH": str(ROOT),
        }
        with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as db:
            self.total = int(db.execute("SELECT count(*) FROM sessions").fetchone()[0])
        self.libraries = 0

    def library(self) -> Path:
        """Return a new library file that exists, so that no welcome hides the list."""
        self.libraries += 1
        path = self.folder / f"library{self.libraries}" / "library.db"
        path.parent.mkdir()
        recordings = str(ROOT / "assets" / "recordings" / "state.db")
        words = ["extract", "20261120_094736", "--source", recordings, "--library", str(path)]
        made = child_python("-m", "warmtui", *words)
        subprocess.run(made, env=self.environ, check=True, capture_output=True)
        return path

    def start(self, command: list[str]) -> tuple[Terminal, float]:
        """Start a program; return its terminal and when."""
        started = time.perf_counter()
        return Terminal(command, self.environ, self.folder, size=SIZE), started

    def bare(self) -> float:
        """Seconds to the first paint of a Textual app that does nothing."""
        terminal, started = self.start(child_python("-c", BARE))
        terminal.expect("painted bare")
        seconds = time.perf_counter() - started
        terminal.close()
        return seconds

    def open(self, library: Path, database: Path | None = None) -> tuple[Terminal, float]:
        """Start the app; return it with the seconds to its first rows."""
        words = ["--source", str(database or self.database), "--library", str(library)]
        terminal, started = self.start(child_python("-m", "warmtui", *words))
        # ages and message counts stand in rows only
        terminal.expect(lambda text: re.search(r"(?:\d (?:s|min|h|d|w|mo|y)|  now) ", text))
        return terminal, time.perf_counter() - started


def history(database: Path | None, folder: Path, sessions: int) -> Path:
    """Return a database: the one that was named, made where it is not there."""
    path = database or folder / "state.db"
    if not path.exists():
        made = [sys.executable, str(MAKER), str(path), str(sessions)]
        subprocess.run(made, check=True, stdout=subprocess.DEVNULL)
    return path


def floor(database: Path) -> float:
    """Seconds to read every row through sqlite3."""
    start = time.perf_counter()
    subprocess.run(child_python("-c", FLOOR, str(database)), check=True)
    return time.perf_counter() - start


def quiet(terminal: Terminal) -> None:
    """Read until nothing was written for a moment, so that no earlier answer is taken for the next one."""
    while True:
        before = len(terminal.written)
        terminal.read(0.012)
        if len(terminal.written) == before:
            return


def latency(terminal: Terminal, key: str, sign: str | Callable[[str], object]) -> float:
    """Milliseconds from a key to the bytes that show it."""
    quiet(terminal)
    start = time.perf_counter()
    terminal.press(key, sign)
    return 1000 * (time.perf_counter() - start)


def moves(terminal: Terminal, presses: int, stop: Callable[[], bool]) -> list[float]:
    """Press the key for the next row; return milliseconds to the redrawn cursor."""
    found: list[float] = []
    while len(found) < presses and not stop():
        found.append(latency(terminal, "j" if len(found) % 40 < 20 else "k", "▸"))
        time.sleep(GAP)
    return found


def cpu_seconds(process: int) -> float:
    """Processor seconds that a process has used so far, its ended children included."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def resident(process: int) -> float:
    """Megabytes of a process that lie in memory, without files that are mapped into it."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(re.findall(r"RssAnon:\s+(\d+)", status)[0]) / 1024


def judged(terminal: Terminal) -> bool:
    """Whether the last word about scores is that all are there."""
    text = bytes(terminal.written).decode("utf-8", "replace")
    return text.rfind("● live") > text.rfind("judging")


def at_work(bench: Bench, presses: int, idle_seconds: float) -> dict[str, list[float]]:
    """One cold start: first paint, keys while scores come, until the last score."""
    terminal, first = bench.open(bench.library())
    began = time.perf_counter() - first
    keys = moves(terminal, presses, lambda: judged(terminal))
    terminal.expect(lambda _: judged(terminal))
    scores = time.perf_counter() - began
    after = moves(terminal, presses, lambda: False)
    settle = time.perf_counter()
    while time.perf_counter() - settle < SETTLED:
        terminal.read(0.1)
    used = cpu_seconds(terminal.process.pid)
    start = time.perf_counter()
    while time.perf_counter() - start < idle_seconds:
        terminal.read(0.1)
    idle = 100 * (cpu_seconds(terminal.process.pid) - used) / idle_seconds
    memory = resident(terminal.process.pid)
    terminal.close()
    return {
        "first": [first],
        "keys": keys,
        "scores": [scores],
        "after": after,
        "idle": [idle],
        "memory": [memory],
    }


SEEN = 64
"""Bytes that are looked at again, because what they end with may go on."""


def count_of(terminal: Terminal, total: int, since: int = 0) -> str:
    """Return how many of all sessions were said to fit last, after so many bytes; "" where nothing was."""
    text = bytes(terminal.written[since:]).decode("utf-8", "replace")
    return str((re.findall(rf"([\d,]+) of {total:,}", text) or [""])[-1])


def settled(terminal: Terminal, total: int, key: str, seconds: float) -> float:
    """Milliseconds from a key to the last change of the count in so many seconds; 0 without any.

    The first change would say nothing: it may be what the letter before has found.
    """
    quiet(terminal)
    before, last = count_of(terminal, total), 0.0
    start = time.perf_counter()
    terminal.press(key, "")
    seen = len(terminal.written)
    while (now := time.perf_counter() - start) < seconds:
        terminal.read(0.005)
        if len(terminal.written) == seen:
            continue
        # only what is new: looking through all of it each time would take a core from what is measured
        found = count_of(terminal, total, max(0, seen - SEEN)) or before
        seen = len(terminal.written)
        if found != before:
            before, last = found, now
    return 1000 * last


COLUMNS = 11
"""By which the list can be sorted."""
ORDERS = ("score", "title", "msgs", "calls")
"""Columns whose heads have room for the sign of the order."""
FIELDS = (
    "errors>5",
    "calls>4",
    "messages>30",
    "score>90",
    "-type:c",
    "channel:c",
    "tool:w",
    "title:b",
)
"""The last letter of each changes what fits."""


def orders(terminal: Terminal) -> list[float]:
    """Milliseconds from the key that sorts by the next column to the list in that order."""
    found = [latency(terminal, "s", re.compile(rf"{name}\s*[▲▼]").search) for name in ORDERS]
    for _ in range(COLUMNS - len(ORDERS)):  # back to the first one
        terminal.press("s", "")
        time.sleep(0.3)
    return found


def filters(terminal: Terminal, total: int, texts: Sequence[str]) -> dict[str, list[float]]:
    """Keystrokes in a filter: to the letter on screen, and to the last change of what fits.

    Where nothing else fits after the last letter than before, nothing is measured.
    """
    found: dict[str, list[float]] = {"echo": [], "last": []}
    for text in texts:
        terminal.press("/", "")
        time.sleep(0.5)
        for key in text[:-1]:
            found["echo"].append(latency(terminal, key, key))
        if last := settled(terminal, total, text[-1], 1.5):
            found["last"].append(last)
        terminal.press("\x1b", "")
        time.sleep(0.5)
    return found


def together(rounds: Iterable[dict[str, list[float]]]) -> dict[str, list[float]]:
    """Put what several rounds measured into one."""
    found: dict[str, list[float]] = {}
    for measured in rounds:
        for name, values in measured.items():
            found.setdefault(name, []).extend(values)
    return found


def with_search(database: Path, folder: Path) -> Path:
    """Return a copy with Hermes' indexes of words and titles, which the generated databases have not.

    Large ones are taken as they are.
    """
    if database.stat().st_size > MOST_BYTES:
        return database
    copy = folder / "search.db"
    shutil.copyfile(database, copy)
    said = (
        "coalesce({0}content, '') || ' ' || coalesce({0}tool_name, '') || ' ' || coalesce({0}tool_calls, '')"
    )
    with sqlite3.connect(copy) as db:
        db.executescript(
            f"""CREATE VIRTUAL TABLE messages_fts USING fts5(content);
            INSERT INTO messages_fts(rowid, content) SELECT id, {said.format("")} FROM messages;
            CREATE TRIGGER messages_fts_insert AFTER INSERT ON messages BEGIN
            INSERT INTO messages_fts(rowid, content) VALUES (new.id, {said.format("new.")}); END;
            CREATE INDEX sessions_title ON sessions(title) WHERE title IS NOT NULL;"""
        )
    db.close()
    return copy


def live(bench: Bench, messages: int) -> tuple[list[float], float]:
    """Seconds from an agent's commit to the changed score on screen, and milliseconds of work for each."""
    copy = bench.folder / "live.db"
    shutil.copyfile(bench.database, copy)
    db = sqlite3.connect(copy, isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    # generated histories reach into the future: what is written now has to be the newest all the same
    ahead = max(0.0, db.execute("SELECT max(timestamp) FROM messages").fetchone()[0] + 1 - time.time())
    now = time.time() + ahead
    db.execute(
        "INSERT INTO sessions (id, source, title, started_at) VALUES (?, 'cli', ?, ?)", (PROBE, PROBE, now)
    )

    def called(number: int, result: str) -> None:
        calls = [{"id": f"p{number}", "function": {"name": "terminal", "arguments": f'{{"n": {number}}}'}}]
        sql = "INSERT INTO messages (session_id, role, content, tool_calls, tool_call_id, timestamp) VALUES "
        db.execute("BEGIN IMMEDIATE")
        db.execute(f"{sql} (?, 'assistant', '', ?, NULL, ?)", (PROBE, json.dumps(calls), time.time() + ahead))
        db.execute(f"{sql} (?, 'tool', ?, NULL, ?, ?)", (PROBE, result, f"p{number}", time.time() + ahead))
        db.execute("COMMIT")

    for number in range(10):
        called(number, GOOD)
    terminal, _ = bench.open(bench.library(), copy)
    terminal.expect(lambda _: judged(terminal))
    terminal.expect(PROBE)
    found: list[float] = []
    # another session is looked at: its profile is not made anew with every message
    terminal.press("j", "")
    terminal.press("j", "")
    time.sleep(2.0)
    quiet_from, before = time.perf_counter(), cpu_seconds(terminal.process.pid)
    while time.perf_counter() - quiet_from < QUIET:
        terminal.read(0.1)
    idle = (cpu_seconds(terminal.process.pid) - before) / QUIET
    began, before = time.perf_counter(), cpu_seconds(terminal.process.pid)
    for number in range(messages):
        score = round(100 * 10 / (11 + number))
        terminal._since = len(terminal.written)
        start = time.perf_counter()
        called(100 + number, FAILED)
        terminal.expect(re.compile(rf"\b{score}\b[^\n]*{PROBE}").search)
        found.append(time.perf_counter() - start)
        pause = time.perf_counter()
        while time.perf_counter() - pause < 0.8:
            terminal.read(0.1)
    work = cpu_seconds(terminal.process.pid) - before - idle * (time.perf_counter() - began)
    terminal.close()
    db.close()
    return found, 1000 * work / messages


def quantile(values: list[float], share: float) -> float:
    """Return the value below which a share of the values lies."""
    ordered = sorted(values) or [0.0]
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def measure(
    database: Path, folder: Path, runs: int, presses: int, idle: float, news: int
) -> dict[str, float]:
    """Run everything; return medians, in the unit that a name ends with."""
    bench = Bench(database, folder)
    bare, rows, cold, warm = [], [], [], []
    floor(database)
    for _ in range(runs):
        bare.append(bench.bare())
        rows.append(floor(database))
        cold.append(at_work(bench, presses, idle))
    library = bench.library()
    terminal, _ = bench.open(library)
    terminal.expect(lambda _: judged(terminal))
    sorts = [order for _ in range(runs) for order in orders(terminal)]
    typed = together(filters(terminal, bench.total, FIELDS) for _ in range(runs))
    terminal.close()
    terminal, _ = bench.open(bench.library(), with_search(database, folder))
    terminal.expect(lambda _: judged(terminal))
    said = together(filters(terminal, bench.total, WORDS) for _ in range(runs))
    terminal.close()
    library = bench.library()
    terminal, _ = bench.open(library)
    terminal.expect(lambda _: judged(terminal))
    terminal.close()
    for _ in range(runs):
        bare.append(bench.bare())
        terminal, seconds = bench.open(library)
        warm.append(seconds)
        terminal.close()
    middle = statistics.median
    keys = [key for run in cold for key in run["keys"]]
    after = [screen for run in cold for screen in run["after"]]
    late, work = live(bench, news)
    return {
        "bare_seconds": middle(bare),
        "floor_seconds": middle(rows),
        "first_paint_cold_x_bare": middle(run["first"][0] for run in cold) / middle(bare),
        "first_paint_warm_x_bare": middle(warm) / middle(bare),
        "all_scores_x_floor": middle(run["scores"][0] for run in cold) / middle(rows),
        "keys_at_work": float(len(keys)),
        "key_at_work_p50_ms": middle(keys or [0.0]),
        "key_at_work_p95_ms": quantile(keys, 0.95),
        "key_at_work_p99_ms": quantile(keys, 0.99),
        "key_after_p95_ms": quantile(after, 0.95),
        "sort_ms": middle(sorts),
        "sort_p95_ms": quantile(sorts, 0.95),
        "filter_echo_p95_ms": quantile(typed["echo"] + said["echo"], 0.95),
        "filter_field_last_ms": middle(typed["last"] or [0.0]),
        "filter_field_last_p95_ms": quantile(typed["last"], 0.95),
        "filter_words_last_ms": middle(said["last"] or [0.0]),
        "filter_words_last_p95_ms": quantile(said["last"], 0.95),
        "live_median_seconds": middle(late),
        "live_max_seconds": max(late),
        "live_work_ms": work,
        "idle_percent": middle(run["idle"][0] for run in cold),
        "memory_mb": middle(run["memory"][0] for run in cold),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sessions", type=int, default=10_985)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--presses", type=int, default=60, help="of keys, a run, while scores come and after")
    parser.add_argument("--idle", type=float, default=5.0, help="seconds of watching it do nothing")
    parser.add_argument("--news", type=int, default=10, help="messages that the agent writes")
    parser.add_argument("--database", type=Path)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database = history(arguments.database, folder, arguments.sessions)
        found = measure(database, folder, arguments.runs, arguments.presses, arguments.idle, arguments.news)
    if arguments.json:
        print(json.dumps(found))
    else:
        for title, value in found.items():
            print(f"{title:<26} {value:,.3f}")


if __name__ == "__main__":
    main()
