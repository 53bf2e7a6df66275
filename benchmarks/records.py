"""What real files of agents hold and what is read of them: records by type, calls, prompts, outcomes.

usage: python benchmarks/records.py FOLDER [--truth DIR] [--files] [--json]

FOLDER is laid out like a home folder (`.claude/projects`, `.codex/sessions`, …), or is any folder of session
files. Each file is read alone, so a copy in it counts as well. A record's type is its `type`, with that of
its payload where it has one; a record is unknown when its reader says so.

DIR holds a JSON file for each session file: `file` (the end of its path), `records` (count by type),
`person_prompts`, and `calls` with `id`, `outcome` and the `rule` that gave it by the format's own flags. An
outcome is ok, error, denied, interrupted or running; others (`unclear`, `no_result`) are free. `running`
agrees with `unknown`: how such a command ended stands elsewhere. Each kind of difference is counted.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from warmtui import registry
from warmtui.analysis.calls import judge_calls
from warmtui.errors import WarmtuiError
from warmtui.model.outcome import JudgedCall
from warmtui.model.session import Session
from warmtui.sources.json_records import named_json, read_records

NOW = 4_102_444_800.0
"""2100-01-01: every recorded session is over."""
DECIDED = ("ok", "error", "denied", "interrupted", "running")
_NESTED = ("payload", "attachment", "data")
"""Where a record keeps what has a type of its own."""


class FileReport(NamedTuple):
    """One file."""

    file: str
    agent: str
    records: Counter[str]
    unknown: Counter[str]
    """Problems that its reader tells of it."""
    calls: int
    prompts: int
    compared: int
    """Calls whose true outcome is decided."""
    agreed: int
    differences: Counter[str]
    """How the others differ."""
    other_figures: list[str]
    """Figures that are not those of the truth."""


def type_of(record: object) -> str:
    """Return a record's type, `event_msg/token_count`."""
    if not isinstance(record, dict):
        return type(record).__name__
    own = record.get("type", record.get("role", "record"))
    nested = [record[name] for name in _NESTED if isinstance(record.get(name), dict)]
    kind = record.get("subtype") or (nested[0].get("type") if nested else None)
    return f"{own}/{kind}" if isinstance(kind, str) else str(own)


def files_of(folder: Path) -> Iterator[Path]:
    """Yield the session files of every agent below a folder that is laid out like a home; else all files."""
    located = (agent.locate({"HOME": str(folder)}) for agent in registry.AGENTS if agent.locate is not None)
    roots = [path for place in located for path in place.found] or [folder]
    for root in roots:
        yield from sorted(path for path in root.rglob("*") if path.is_file() and named_json(path))


def report_of(path: Path, truth: dict[str, Any] | None) -> FileReport | None:
    """Read one file; None if no reader knows it."""
    try:
        source = registry.open_source(path)
    except WarmtuiError as error:
        print(f"{path}: {error}", file=sys.stderr)
        return None
    headers = source.listing().headers
    own = [header.id for header in headers if header.id in path.name] or [header.id for header in headers]
    sessions: list[Session] = list(source.read(own))
    source.close()
    calls = [call for session in sessions for call in judge_calls(session, now=NOW)]
    records = Counter(type_of(record.value) for record in read_records(path) if record.value is not None)
    problems = Counter(problem.text for session in sessions for problem in session.problems)
    prompts = sum(message.origin == "person" for session in sessions for message in session.messages)
    report = FileReport(path.name, source.agent, records, problems, len(calls), prompts, 0, 0, Counter(), [])
    return report if truth is None else compared(report, truth, calls)


def compared(report: FileReport, truth: dict[str, Any], calls: list[JudgedCall]) -> FileReport:
    """Compare what was read with what is true."""
    found = {call.call.id: call for call in calls}
    agreed, differences = 0, Counter[str]()
    decided = [call for call in truth["calls"] if call["outcome"] in DECIDED]
    for call in decided:
        ours = found.get(call["id"])
        outcome = "missing" if ours is None else ours.verdict.outcome
        if outcome == ("unknown" if call["outcome"] == "running" else call["outcome"]):
            agreed += 1
            continue
        rule = "" if ours is None else f" by {'findings' if ours.verdict.findings else ours.verdict.rule}"
        differences[f"{call['outcome']} by {call['rule']!r}: here {outcome}{rule}"] += 1
    kinds = sorted(report.records.keys() | truth["records"].keys())
    figures = [(f"{kind} records", report.records[kind], truth["records"].get(kind, 0)) for kind in kinds]
    figures.append(("prompts", report.prompts, truth["person_prompts"]))
    others = [f"{ours} {name}, not {true}" for name, ours, true in figures if ours != true]
    return report._replace(
        compared=len(decided), agreed=agreed, differences=differences, other_figures=others
    )


def truths_in(folder: Path | None) -> dict[str, dict[str, Any]]:
    """Return the truths by the name of their file."""
    found = (json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))) if folder else ()
    return {"/".join(Path(truth["file"]).parts[-2:]): truth for truth in found}


def print_agent(agent: str, reports: list[FileReport], *, each: bool) -> None:
    """Print an agent's files, summed up."""
    records, unknown, differences = Counter[str](), Counter[str](), Counter[str]()
    for report in reports:
        records, unknown = records + report.records, unknown + report.unknown
        differences += report.differences
        if each:
            share = f", {report.agreed} of {report.compared} agree" if report.compared else ""
            counts = f"{report.records.total()} records, {report.calls} calls, {report.prompts} prompts"
            print(f"  {report.file}: {counts}{share}")
        for figure in report.other_figures:
            print(f"  {report.file}: {figure}")
    calls, prompts = (sum(getattr(report, name) for report in reports) for name in ("calls", "prompts"))
    print(f"{agent}: {len(reports)} files, {records.total():,} records, {calls:,} calls, {prompts:,} prompts")
    print("  " + ", ".join(f"{kind} {count:,}" for kind, count in records.most_common()))
    for text, count in unknown.most_common():
        print(f"  told {count} ×: {text}")
    decided = sum(report.compared for report in reports)
    if decided:
        agreed = sum(report.agreed for report in reports)
        print(f"  outcomes: {agreed} of {decided} agree, {100 * agreed / decided:.1f} %")
    for text, count in differences.most_common():
        print(f"  {count:4} × {text}")


def main() -> int:
    """Read every file and print what it holds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--truth", type=Path)
    parser.add_argument("--files", action="store_true", help="each file too")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    truths = truths_in(options.truth)
    read = (
        report_of(path, truths.get("/".join(path.parts[-2:]))) for path in files_of(options.folder.resolve())
    )
    reports = [report for report in read if report is not None]
    if options.json:
        print(json.dumps([report._asdict() for report in reports], indent=1))
        return 0
    for agent in dict.fromkeys(report.agent for report in reports):
        print_agent(agent, [report for report in reports if report.agent == agent], each=options.files)
    return 0


if __name__ == "__main__":
    sys.exit(main())
