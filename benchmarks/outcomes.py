"""Precision, recall and F1 of the outcome rules on labelled sessions, per source.

usage: python benchmarks/outcomes.py [--corpora DIR] [--half dev|held-out|all] [--json]

Each line of a corpus (`*.jsonl.gz`) is one session: `messages` in the OpenAI format and `tool_labels`, which
give for a tool call id "ok" or "error". The labels come from exit codes, exception types and error flags.

Two ways of counting, because the labels call every non-zero exit an error:
- `labels`: against the labels as they are.
- `answers ok`: an error label becomes ok where the command's exit code was an answer (`ANSWERING`) or a test
  runner, linter or type checker reported findings (`FINDINGS`). Both lists are this file's own: they were
  written before anything was measured and know nothing of the rules they are used to measure.

A verdict counts as an error when its outcome is `error`; `unknown` is a miss in recall and nothing in
precision. `decided` is the share of labelled calls whose outcome is not `unknown`.

The halves: a session belongs to `dev` when the first hex digit of the SHA-256 of its id is even, else to
`held-out`. The rules were written looking at `dev` alone.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

ANSWERING = frozenset(
    ("grep", "egrep", "fgrep", "zgrep", "rg", "ag", "ack", "diff", "cmp", "test", "[", "[[")
)
"""Programs whose exit code 1 says "no", as docs/definitions.md lists them; git is below."""
ANSWERING_GIT = frozenset({"diff", "grep"})

SHELL_TEXT = ("mini_swe text", "intercode bash")
"""Sources of commands' output without an exit code; they are given together too."""

FINDINGS = re.compile(
    r"""(?mx)
      ^=+.*\b\d+\ (?:failed|errors?)\b.*\bin\ [\d.]+.*$        # pytest
    | ^\d+\ failed\b.*\bin\ [\d.]+s                              # pytest -q
    | ^FAILED\ \((?:failures|errors|unexpected)                  # unittest, nose, django
    | ^=+\ tests\ finished:.*\b\d+\ (?:failed|exceptions?)       # sympy
    | ^\s*Tests?:?\s.*\b\d+\ failed                              # jest, vitest
    | ^\s*\d+\ failing\b                                         # mocha
    | ^test\ result:\ FAILED                                     # cargo
    | ^---\ FAIL:\                                               # go
    | ^\d+\ examples?,\ [1-9]\d*\ failures?                      # rspec
    | ^Found\ \d+\ errors?\b                                     # ruff, mypy
    | ^\d+\ errors?,\ \d+\ warnings?                             # pyright
    | ^\S+?:\d+:\d+:\ [A-Z]{1,4}\d{2,5}\b                        # flake8, pylint, ruff
    | ^Your\ code\ has\ been\ rated                              # pylint
    | \berror\ TS\d+:                                            # tsc
    | ✖\ \d+\ problems?                                          # eslint
    | ^\d+\ files?\ would\ be\ reformatted                       # black
    """
)

_QUOTED = re.compile(r"'[^']*'|\"(?:[^\"\\]|\\.)*\"")
_OPERATORS = re.compile(r"\|\||&&|[|;\n]")


class Case(NamedTuple):
    """One labelled call."""

    source: str
    tool: str
    arguments: str
    result: str
    label: str
    answer: bool
    """Whether the lists above turn an error label into ok."""


class Score(NamedTuple):
    """One line of the table."""

    source: str
    calls: int
    errors: int
    precision: float
    recall: float
    f1: float
    decided: float


def half_of(session_id: str) -> str:
    """Return the half a session belongs to: `dev` or `held-out`."""
    return "dev" if int(hashlib.sha256(session_id.encode()).hexdigest()[0], 16) % 2 == 0 else "held-out"


def command_of(arguments: str) -> str:
    """Return the command of a shell call's arguments, empty without one."""
    try:
        value = json.loads(arguments)
    except ValueError:
        return ""
    command = value.get("command", "") if isinstance(value, dict) else ""
    return command if isinstance(command, str) else ""


def is_answer(command: str, exit_code: int | None, output: str) -> bool:
    """Whether the lists take this failed shell call as ok."""
    if FINDINGS.search(output):
        return True
    if exit_code not in (1, None):
        return False
    words = _OPERATORS.split(_QUOTED.sub("''", command).strip())[-1].split()
    while words and "=" in words[0]:
        words.pop(0)
    if not words:
        return False
    program = words[0].rsplit("/", 1)[-1]
    answering = program in ANSWERING or (program == "git" and len(words) > 1 and words[1] in ANSWERING_GIT)
    return answering and f"{program}: " not in output


def sessions(corpora: Path, name: str, half: str) -> Iterator[dict[str, Any]]:
    """Yield the sessions of one corpus that belong to the half."""
    with gzip.open(corpora / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            session: dict[str, Any] = json.loads(line)
            if half in ("all", half_of(session["session_id"])):
                yield session


def labelled(session: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any], str]]:
    """Yield tool, arguments, result message and label of every labelled call."""
    calls: dict[str, tuple[str, str]] = {}
    for message in session["messages"]:
        for call in message.get("tool_calls") or ():
            calls[call["id"]] = (call["function"]["name"], call["function"]["arguments"])
        if message["role"] == "tool":
            label = session["tool_labels"].get(message.get("tool_call_id"))
            if label is not None:
                tool, arguments = calls.get(message["tool_call_id"], ("", ""))
                yield tool, arguments, message, label


def as_hermes(message: dict[str, Any]) -> str:
    """Render a mini-swe result as Hermes stores a terminal call; a timeout exits with 124."""
    extra = message.get("extra") or {}
    code = 124 if extra.get("timeout") else extra["returncode"]
    return json.dumps({"output": message["content"], "exit_code": code, "error": None})


def cases(corpora: Path, half: str) -> Iterator[Case]:
    """Yield every labelled call of the half, once for each source it is measured under."""
    for session in sessions(corpora, "mini_swe", half):
        for tool, arguments, message, label in labelled(session):
            extra = message.get("extra") or {}
            answer = label == "error" and is_answer(
                command_of(arguments), extra.get("returncode", 124), message["content"]
            )
            yield Case("mini_swe text", tool, arguments, message["content"], label, answer)
            yield Case("mini_swe as Hermes JSON", tool, arguments, as_hermes(message), label, answer)
    for session in sessions(corpora, "intercode", half):
        for tool, arguments, message, label in labelled(session):
            source = {"terminal": "intercode bash", "execute_sql": "intercode sql"}.get(
                tool, "intercode python"
            )
            answer = (
                label == "error"
                and tool == "terminal"
                and is_answer(command_of(arguments), None, message["content"])
            )
            yield Case(source, tool, arguments, message["content"], label, answer)
    for name in ("tau2_bench", "tau_bench"):
        for session in sessions(corpora, name, half):
            for tool, arguments, message, label in labelled(session):
                yield Case(name, tool, arguments, message["content"], label, False)


def score(source: str, rows: list[tuple[str, str]]) -> Score:
    """Return the figures of `(label, outcome)` pairs."""
    true = sum(label == "error" and outcome == "error" for label, outcome in rows)
    claimed = sum(outcome == "error" for _, outcome in rows)
    errors = sum(label == "error" for label, _ in rows)
    precision = true / claimed if claimed else float(not errors)
    recall = true / errors if errors else 1.0
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    decided = sum(outcome != "unknown" for _, outcome in rows) / len(rows)
    return Score(source, len(rows), errors, precision, recall, f1, decided)


def measure(corpora: Path, half: str) -> dict[str, list[Score]]:
    """Judge every case and return the scores of both ways of counting, by source."""
    from warmtui.analysis.outcomes import judge

    plain: dict[str, list[tuple[str, str]]] = {}
    answers_ok: dict[str, list[tuple[str, str]]] = {}
    for case in cases(corpora, half):
        outcome = judge(case.tool, case.arguments, case.result).outcome
        pools = ("shell text, pooled",) if case.source in SHELL_TEXT else ()
        for source in (case.source, *pools):
            plain.setdefault(source, []).append((case.label, outcome))
            answers_ok.setdefault(source, []).append(("ok" if case.answer else case.label, outcome))
    return {
        "labels": [score(source, rows) for source, rows in plain.items()],
        "answers ok": [score(source, rows) for source, rows in answers_ok.items()],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--corpora", type=Path, required=True)
    parser.add_argument("--half", choices=("dev", "held-out", "all"), default="held-out")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if not options.corpora.is_dir():
        sys.exit(f"{options.corpora}: no such folder; name the labelled sessions with --corpora")
    scores = measure(options.corpora, options.half)
    if options.json:
        print(json.dumps({way: [row._asdict() for row in rows] for way, rows in scores.items()}, indent=2))
        return
    for way, rows in scores.items():
        print(f"{way} ({options.half})")
        for row in rows:
            print(
                f"  {row.source:<26} calls {row.calls:>5}  errors {row.errors:>4}  "
                f"P {row.precision:.3f}  R {row.recall:.3f}  F1 {row.f1:.3f}  decided {row.decided:.1%}"
            )


if __name__ == "__main__":
    main()
