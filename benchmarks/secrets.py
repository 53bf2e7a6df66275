"""Measure `redact` on labelled strings: recall, false positives, misses by kind, speed.

    python benchmarks/secrets.py --data FILE [--half 0|1] [--misses] [--json]

Each line of the data is `{"text", "label", "kind", "span"}`: label 1 holds a secret at `span` (characters),
label 0 holds none. A secret is found when a finding overlaps its span, and whole when nothing of the span is
left outside findings. A string of label 0 with any finding, personal data included, is a false positive.
The halves are the lines whose SHA-256 of the text begins with an even (0) or odd (1) byte: rules were written
with half 0 in view, half 1 shows how they generalise.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from warmtui.curation.redact import redact

_SPEED_CHARACTERS = 4_000_000


def rows(path: Path, half: int | None) -> list[dict[str, Any]]:
    """Read the labelled strings, all or one half."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        found = [json.loads(line) for line in lines]
    if half is None:
        return found
    return [row for row in found if hashlib.sha256(row["text"].encode()).digest()[0] % 2 == half]


def judge(data: list[dict[str, Any]]) -> dict[str, Any]:
    """Count what was found, found whole, missed, and found where nothing is."""
    kinds: Counter[str] = Counter()
    found = whole = positives = negatives = 0
    missed: list[dict[str, Any]] = []
    partly: list[dict[str, Any]] = []
    wrong: list[dict[str, Any]] = []
    for row in data:
        findings = redact(row["text"]).findings
        if not row["label"]:
            negatives += 1
            if findings:
                wrong.append({"kind": row["kind"], "text": row["text"][:300], "findings": findings})
            continue
        positives += 1
        start, end = row["span"]
        over = [
            item
            for item in findings
            if item.start < end and start < item.end and item.slot.startswith("‹secret")
        ]
        if not over:
            kinds[row["kind"]] += 1
            missed.append({"kind": row["kind"], "text": row["text"][:300]})
            continue
        found += 1
        covered = sum(min(end, item.end) - max(start, item.start) for item in over)
        if covered == end - start:
            whole += 1
        else:
            partly.append({"kind": row["kind"], "text": row["text"][:300], "findings": over})
    return {
        "positives": positives,
        "recall": found / positives if positives else None,
        "whole": whole / positives if positives else None,
        "negatives": negatives,
        "false_positive_rate": len(wrong) / negatives if negatives else None,
        "misses_by_kind": dict(kinds),
        "missed": missed,
        "partly": partly,
        "wrong": wrong,
    }


def speed(texts: list[str]) -> float:
    """Megabytes of UTF-8 a second over the texts, each redacted on its own, repeated to a few megabytes.

    Processor time is counted, so that other work on the machine does not show.
    """
    total = sum(map(len, texts))
    repeated = texts * max(1, _SPEED_CHARACTERS // max(1, total))
    size = sum(len(text.encode()) for text in repeated)
    started = time.process_time()
    for text in repeated:
        redact(text)
    return size / 1e6 / (time.process_time() - started)


def corpus_texts(path: Path) -> list[str]:
    """Read the message texts of a corpus of sessions, up to a few megabytes."""
    texts: list[str] = []
    total = 0
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            for message in json.loads(line)["messages"]:
                if message.get("content"):
                    texts.append(message["content"])
                    total += len(texts[-1])
            if total > _SPEED_CHARACTERS:
                break
    return texts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--corpus", type=Path, help="sessions to measure the speed on")
    parser.add_argument("--half", type=int, choices=(0, 1))
    parser.add_argument("--misses", action="store_true", help="print what was missed and wrongly found")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    data = rows(arguments.data, arguments.half)
    result = judge(data)
    result["mb_per_second_strings"] = speed([row["text"] for row in data])
    if arguments.corpus is not None:
        result["mb_per_second_sessions"] = speed(corpus_texts(arguments.corpus))
    details = {name: result.pop(name) for name in ("missed", "partly", "wrong")}
    if arguments.json:
        json.dump(result | (details if arguments.misses else {}), sys.stdout, indent=2, ensure_ascii=False)
        print()
        return
    for name, value in result.items():
        print(f"{name:24} {value:.3f}" if isinstance(value, float) else f"{name:24} {value}")
    if arguments.misses:
        for name, entries in details.items():
            for entry in entries:
                print(f"\n{name}: {json.dumps(entry, ensure_ascii=False)}")


if __name__ == "__main__":
    main()
