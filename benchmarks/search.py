"""The index of words: how long making it takes, how large it is, and how soon a search of it answers.

usage: search.py [PATH] [--sessions 2000] [--runs 5] [--json]

The path is whatever `--source` takes that has no index of its own: transcripts, rollouts, chats. Without one,
chats are made whose words are as uneven as those of real texts, a few in nearly every message and most in
hardly any. The index is made by the first search, as in the app; `read` is reading the same sessions alone.

Words are searched as a person types them, whole and by their beginnings; each is a query of its own, and the
slowest of every twenty is the 95th percentile. Pieces with signs between their words, such as paths, are
given apart: no index of words knows the signs, so messages are looked at one by one for at most two seconds.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from itertools import accumulate, pairwise
from pathlib import Path

from warmtui.analysis.stats import RULES
from warmtui.library.text_index import TextIndex
from warmtui.registry import open_source
from warmtui.workspace.indexed_search import IndexedSource

BOUND = 300.0
"""Milliseconds from the words to the sessions that hold them."""
LETTERS = "abcdefghijklmnopqrstuvwxyz"
VOCABULARY = 20_000
MADE_TURNS = 30
QUERIES = 60
LIMIT = 10_000
"""More sessions than there are, so that none is left out."""
ABSENT = "zzyzxq"


def make(path: Path, sessions: int) -> None:
    """Write chats of random words, the n-th of which is n times as rare as the first."""
    chosen = random.Random(7)
    words = ["".join(chosen.choices(LETTERS, k=chosen.randint(2, 10))) for _ in range(VOCABULARY)]
    weights = list(accumulate(1 / rank for rank in range(1, VOCABULARY + 1)))

    def text(count: int) -> str:
        return " ".join(chosen.choices(words, cum_weights=weights, k=count))

    with path.open("w") as file:
        for number in range(sessions):
            messages: list[dict[str, object]] = [{"role": "user", "content": text(30)}]
            for turn in range(MADE_TURNS):
                made = {"name": "terminal", "arguments": json.dumps({"command": text(6)})}
                call = {"id": f"call_{turn}", "type": "function", "function": made}
                messages += (
                    {"role": "assistant", "content": text(20), "tool_calls": [call]},
                    {"role": "tool", "content": text(120), "tool_call_id": f"call_{turn}"},
                )
            file.write(json.dumps({"id": f"chat-{number}", "messages": messages}) + "\n")


def queries(texts: Iterable[str]) -> dict[str, list[str]]:
    """Choose what is searched from the texts themselves: words from every rank, and pairs of them."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(word for word in text.lower().split() if word.isalnum() and word.isascii())
    ranked = [word for word, _ in counts.most_common()]
    step = max(len(ranked) // (QUERIES * QUERIES), 1)
    # most of what is typed is common enough to be remembered
    some = [ranked[min(place * place * step, len(ranked) - 1)] for place in range(QUERIES)]
    beginnings = [word[:4] for word in some if len(word) > 4]
    pairs = [f"{word} {other}" for word, other in pairwise(some)]
    signs = [f"{word}/{other}" for word, other in zip(some[:4], some[5:], strict=False)]
    return {"words": [ABSENT, *some, *beginnings, *pairs], "with signs": signs}


def p95(values: list[float]) -> float:
    """Return the 95th percentile."""
    return statistics.quantiles(values, n=20)[-1] if len(values) > 1 else values[0]


def measure(path: Path, folder: Path, runs: int) -> dict[str, float]:
    """Measure the index of one source."""
    index = TextIndex(folder / "words.db", RULES)
    source = open_source(path)
    ids = [header.id for header in source.listing().headers]
    start = time.perf_counter()
    texts = [message.text for session in source.read(ids, prompts=False) for message in session.messages]
    found: dict[str, float] = {
        "sessions": len(ids),
        "messages": len(texts),
        "text_mb": sum(map(len, texts)) / 1e6,
        "read_seconds": time.perf_counter() - start,
    }
    asked = queries(texts)
    del texts
    searched = IndexedSource(source, index, lambda done, total: None)

    def search(words: str) -> float:
        begun = time.perf_counter()
        searched.search(words, limit=LIMIT, on_found=lambda ids: None)
        return time.perf_counter() - begun

    found["build_seconds"] = search(ABSENT)
    files = folder.glob("words*")
    found["index_mb"] = sum(file.stat().st_size for file in files) / 1e6
    for kind, some in asked.items():
        taken = [1000 * search(words) for _ in range(runs) for words in some]
        name = kind.replace(" ", "_")
        found[f"{name}_queries"] = len(some)
        found[f"{name}_median_ms"] = statistics.median(taken)
        found[f"{name}_p95_ms"] = p95(taken)
        found[f"{name}_most_ms"] = max(taken)
    searched.close()
    index.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("path", type=Path, nargs="?", metavar="PATH")
    parser.add_argument("--sessions", type=int, default=2_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if arguments.path is None:
            make(folder / "chats.jsonl", arguments.sessions)
        path: Path = arguments.path or folder / "chats.jsonl"
        found = measure(path.resolve(), folder, arguments.runs)
    if arguments.json:
        print(json.dumps(found))
        return
    for key, value in found.items():
        print(f"{key:<22}{value:>10,.1f}")
    print(f"bound for words, p95: {BOUND:.0f} ms")


if __name__ == "__main__":
    main()
