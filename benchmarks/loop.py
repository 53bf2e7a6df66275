"""How long the app's event loop is held up by one callback, while a person does what people do.

usage: loop.py [--sessions 10985] [--messages 10000] [--runs 5] [--database FILE] [--json]

Every callback of the loop is timed from inside the app, which runs in a pseudo-terminal of 120×36: cold on
a generated history, with the cursor moving while scores come, sorting, a filter of fields and one of words;
then on a session of that many messages: opened, to its end, back. While a callback runs, no key is answered.
Wall time counts what other threads and programs took of it, processor time only its own. The floor is the
longest callback of a Textual app with header, label and footer, in the same runs.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]
from long_session import FIRST, LAST, make  # noqa: E402 - they lie beside the tests
from terminal import Terminal  # noqa: E402

from benchmarks.app import WORDS, Bench, history, judged, latency, moves  # noqa: E402 - of this checkout

WATCHED = Path(__file__).with_name("_watched.py")
BOUND = 20.0
"""Milliseconds that nothing should take."""
PHASES = ("start", "judging", "moving", "sorting", "field filter", "words", "opening", "to the end", "back")


class Callback(NamedTuple):
    """One callback that took long."""

    at: float
    wall: float
    worked: float
    whose: str


def callbacks(file: Path) -> list[Callback]:
    """Read what `_watched.py` wrote; nothing took long where there is no file."""
    lines = file.read_text().splitlines() if file.exists() else []
    return [Callback(*json.loads(line)) for line in lines]


class Watch:
    """Phases of a run, and the callbacks that fell into each.

    Args:
        file: what `_watched.py` writes.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self.phases: list[tuple[str, float, float]] = []

    @contextmanager
    def phase(self, name: str, terminal: Terminal) -> Iterator[None]:
        """Count what happens inside, until the terminal is quiet."""
        start = time.time()
        yield
        end = time.monotonic() + 1.0
        while time.monotonic() < end:
            terminal.read(0.05)
        self.phases.append((name, start, time.time()))

    def found(self) -> dict[str, list[Callback]]:
        """Return the callbacks of each phase."""
        every = callbacks(self.file)
        return {
            name: [callback for callback in every if start <= callback.at <= end]
            for name, start, end in self.phases
        }


def listed(bench: Bench, presses: int) -> Watch:
    """Watch the list of sessions on a cold start."""
    library = bench.library()
    watch = Watch(library.with_name("watched"))
    words = ["--source", str(bench.database), "--library", str(library)]
    begun = time.time()
    terminal, _ = bench.start([sys.executable, str(WATCHED), str(watch.file), *words])
    terminal.expect("▸")
    watch.phases.append(("start", begun, time.time()))
    with watch.phase("judging", terminal):
        moves(terminal, presses, lambda: judged(terminal))
        terminal.expect(lambda _: judged(terminal))
    with watch.phase("moving", terminal):
        moves(terminal, presses, lambda: False)
    with watch.phase("sorting", terminal):
        for _ in range(4):
            terminal.press("s", "▸")
            time.sleep(0.4)
    for name, text in (("field filter", "errors>5"), ("words", WORDS[1])):
        with watch.phase(name, terminal):
            terminal.press("/", "")
            time.sleep(0.4)
            for key in text:
                latency(terminal, key, key)
            time.sleep(1.0)
            terminal.press("\x1b", "")
    terminal.close()
    return watch


def opened(bench: Bench, database: Path) -> Watch:
    """Watch a long session being opened."""
    library = bench.library()
    watch = Watch(library.with_name("watched"))
    words = ["--source", str(database), "--library", str(library)]
    terminal, _ = bench.start([sys.executable, str(WATCHED), str(watch.file), *words])
    terminal.expect("▸")
    with watch.phase("ready", terminal):
        pass
    for name, key, sign in (("opening", "\r", FIRST), ("to the end", "G", LAST), ("back", "\x1b", "▸")):
        with watch.phase(name, terminal):
            terminal.press(key, sign)
    terminal.close()
    return watch


def bare(bench: Bench) -> float:
    """Return the milliseconds of the longest callback of an app that does nothing."""
    file = bench.folder / "bare"
    file.unlink(missing_ok=True)
    terminal, _ = bench.start([sys.executable, str(WATCHED), str(file), "bare"])
    terminal.expect("painted bare")
    terminal.close()
    return max((callback.wall for callback in callbacks(file)), default=0.0)


def report(runs: list[dict[str, list[Callback]]], floors: list[float]) -> dict[str, Any]:
    """Return medians over runs: for each phase the longest callback, and how many were too long."""
    middle = statistics.median
    phases = {}
    for name in PHASES:
        longest = [max(run[name], key=lambda callback: callback.wall, default=None) for run in runs]
        worst = max(
            (callback for callback in longest if callback is not None),
            key=lambda callback: callback.wall,
            default=None,
        )
        phases[name] = {
            "longest_ms": middle(callback.wall if callback else 0.0 for callback in longest),
            "worked_ms": middle(
                max((callback.worked for callback in run[name]), default=0.0) for run in runs
            ),
            "over_bound": middle(sum(callback.wall > BOUND for callback in run[name]) for run in runs),
            "whose": worst.whose if worst else "",
        }
    return {"bare_longest_ms": middle(floors), "bound_ms": BOUND, "phases": phases}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sessions", type=int, default=10_985)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--presses", type=int, default=60, help="of keys, while scores come and after")
    parser.add_argument("--database", type=Path)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database = history(arguments.database, folder, arguments.sessions)
        long = folder / "long.db"
        make(long, arguments.messages)
        bench = Bench(database, folder)
        floors, runs = [], []
        for _ in range(arguments.runs):
            floors.append(bare(bench))
            runs.append(listed(bench, arguments.presses).found() | opened(bench, long).found())
    found = report(runs, floors)
    if arguments.json:
        print(json.dumps(found))
        return
    print(f"longest callback of a bare app {found['bare_longest_ms']:.0f} ms; bound {BOUND:.0f} ms")
    print(f"{'':14}{'longest':>9}{'worked':>9}{'over':>6}  whose")
    for phase, row in found["phases"].items():
        print(
            f"{phase:14}{row['longest_ms']:>6.0f} ms{row['worked_ms']:>6.0f} ms{row['over_bound']:>6.0f}"
            f"  {row['whose'][:70]}"
        )


if __name__ == "__main__":
    main()
