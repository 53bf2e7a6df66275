"""A sheet of what would be offered for keeping, to be judged by somebody who does not know the rules.

usage: python benchmarks/candidates.py [--corpora DIR | --database FILE] [--half dev|held-out|all]
                                       [--sessions N] [--source NAME]… [--all] [--json]

For N sessions, chosen by the SHA-256 of their ids, it prints the ten candidates with the most evidence among
those above the default bar, and every recovery, each with the context needed to judge it. Sessions with fewer
than two calls are passed over; `--all` keeps those for which nothing is offered, otherwise they are counted
and named at the end.

To judge: would a person who wants the next session in this project or task to start well keep it?

Each line of a corpus (`*.jsonl.gz`) is one session: `messages` in the OpenAI format. A session belongs to the
half `dev` when the first hex digit of the SHA-256 of its id is even; the rules were written looking at `dev`
alone. Outcomes are decided by the project's own rules, from what a session shows; labels are not used.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from warmtui.analysis.calls import judge_calls
from warmtui.analysis.markers import find_markers
from warmtui.analysis.recoveries import FoundRecovery, find_recoveries
from warmtui.analysis.user_patterns import find_patterns
from warmtui.curation.candidates import Candidate, find_candidates, with_findings
from warmtui.model.outcome import JudgedCall
from warmtui.model.session import Message, Origin, Session, SessionHeader, ToolCall
from warmtui.model.template import ContextMarker, Recovery, ToolExample
from warmtui.sources.hermes.database import HermesDatabase

NOW = 4_102_444_800.0
"""2100-01-01: every recorded session is over."""
MIN_CALLS = 2
TOP = 10
SHOWN = 700
"""Characters of one text on the sheet."""
ORIGINS: dict[str, Origin] = {"user": "person", "assistant": "agent", "tool": "tool", "system": "system"}


class Offer(NamedTuple):
    """One session with what it offers."""

    source: str
    session: Session
    calls: tuple[JudgedCall, ...]
    recoveries: tuple[FoundRecovery, ...]
    top: tuple[Candidate, ...]
    markers: tuple[Candidate, ...]


def digest(session_id: str) -> str:
    """Return the SHA-256 of a session's id, hex: chooses the half and the order."""
    return hashlib.sha256(session_id.encode()).hexdigest()


def half_of(session_id: str) -> str:
    """Return the half a session belongs to: `dev` or `held-out`."""
    return "dev" if int(digest(session_id)[0], 16) % 2 == 0 else "held-out"


def text_of(content: Any) -> str:
    """Return the content of an OpenAI message as text."""
    if isinstance(content, list):
        return "\n".join(part.get("text", "[image]") for part in content)
    return content or ""


def session_of(line: dict[str, Any]) -> Session:
    """Build a session from one line of a corpus."""
    messages = []
    for i, message in enumerate(line["messages"]):
        calls = tuple(
            ToolCall(call["id"], call["function"]["name"], call["function"]["arguments"])
            for call in message.get("tool_calls") or ()
        )
        messages.append(
            Message(
                str(i),
                message["role"],
                text_of(message.get("content")),
                ORIGINS[message["role"]],
                calls,
                message.get("tool_call_id") or "",
                message.get("name") or "",
            )
        )
    header = SessionHeader(line["session_id"], line["source"], "corpus", ended_at=NOW - 1)
    return Session(header, tuple(messages))


def corpus_sessions(corpora: Path, names: Sequence[str], half: str) -> Iterator[tuple[str, Session]]:
    """Yield the sessions of the corpora that belong to the half, in the order of their digests."""
    found = []
    for path in sorted(corpora.glob("*.jsonl.gz")):
        name = path.name.removesuffix(".jsonl.gz")
        if names and name not in names:
            continue
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for text in lines:
                line = json.loads(text)
                if half in ("all", half_of(line["session_id"])):
                    found.append((name, line))
    found.sort(key=lambda item: digest(item[1]["session_id"]))
    for name, line in found:
        yield name, session_of(line)


def database_sessions(path: Path) -> Iterator[tuple[str, Session]]:
    """Yield the sessions of a Hermes database, newest first."""
    source = HermesDatabase(path)
    try:
        for session in source.read([header.id for header in source.listing().headers]):
            yield "hermes", session
    finally:
        source.close()


def make_offer(source: str, session: Session) -> Offer:
    """Judge, search and rank one session."""
    calls = judge_calls(session, now=NOW)
    recoveries = find_recoveries(session, calls)
    found = find_candidates(
        session,
        calls,
        recoveries,
        find_markers(session, calls),
        find_patterns(session, calls).first_ten,
    )
    keeping = [candidate for candidate in found if candidate.worth_keeping]
    return Offer(
        source,
        session,
        calls,
        recoveries,
        tuple(candidate for candidate in keeping if candidate.kind in ("recovery", "tool_example"))[:TOP],
        tuple(candidate for candidate in keeping if candidate.kind == "marker")[:TOP],
    )


def shown(text: str, limit: int = SHOWN) -> str:
    """Return a text for the sheet, indented and cut."""
    text = text if len(text) <= limit else f"{text[:limit]} … ({len(text)} characters)"
    return text.replace("\n", "\n        ")


def candidate_lines(candidate: Candidate) -> Iterator[str]:
    """Write one candidate for the sheet."""
    record = candidate.record
    if isinstance(record, Recovery):
        yield f"recovery · evidence {candidate.evidence:.2f} · {'; '.join(candidate.reasons)}"
        yield f"      failed  {record.failed.tool} {shown(record.failed.arguments)}"
        yield f"      error   {record.error}"
        yield f"      worked  {record.fixed.tool} {shown(record.fixed.arguments)}"
        yield f"      result  {shown(record.fixed.result, 300)}"
        yield f"      changed {record.change}"
    elif isinstance(record, ToolExample):
        call = record.calls[0]
        yield f"example · evidence {candidate.evidence:.2f} · {'; '.join(candidate.reasons)}"
        yield f"      asked   {record.before}"
        yield f"      call    {call.tool} {shown(call.arguments)}"
        yield f"      result  {shown(call.result)}"
        yield f"      said    {record.closing}"
    elif isinstance(record, ContextMarker):
        yield f"marker · {record.kind} · {record.text} · {'; '.join(candidate.reasons)}"
    found = with_findings(candidate)
    if found.flags or found.secrets:
        yield f"      flagged {', '.join((*found.flags, *found.secrets))}"


def sheet(number: int, offer: Offer) -> Iterator[str]:
    """Write one session for the sheet."""
    header = offer.session.header
    asked = next((message.text for message in offer.session.messages if message.origin == "person"), "")
    system = next((message.text for message in offer.session.messages if message.origin == "system"), "")
    yield "=" * 100
    yield f"SESSION {number} · {offer.source} · {header.title or header.id} · {len(offer.calls)} calls"
    if system:
        yield f"  system  {shown(system, 400)}"
    yield f"  asked   {shown(asked, 900)}"
    for rank, candidate in enumerate(offer.top, 1):
        lines = candidate_lines(candidate)
        yield f"  {rank:>2}. {next(lines)}"
        yield from lines
    others = [
        recovery
        for recovery in offer.recoveries
        if not any(
            isinstance(candidate.record, Recovery)
            and candidate.record.provenance.call_id == recovery.failed.call.id
            for candidate in offer.top
        )
    ]
    for recovery in others:
        yield f"  recovery outside the ten: {shown(recovery.failed.call.arguments, 300)}"
        yield f"      error   {recovery.error}"
        yield f"      worked  {shown(recovery.fixed.call.arguments, 300)}"
        yield f"      changed {recovery.change}"
    for marker in offer.markers:
        yield f"   -  {next(candidate_lines(marker))}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpora", type=Path, required=True)
    parser.add_argument("--database", type=Path, help="a Hermes state.db in place of the corpora")
    parser.add_argument("--half", choices=("dev", "held-out", "all"), default="dev")
    parser.add_argument("--sessions", type=int, default=15)
    parser.add_argument("--source", action="append", default=[], help="a corpus by name; several times")
    parser.add_argument("--all", action="store_true", help="keep sessions for which nothing is offered")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.database:
        sessions = database_sessions(options.database)
    else:
        sessions = corpus_sessions(options.corpora, options.source, options.half)
    taken: list[Offer] = []
    nothing = 0
    for source, session in sessions:
        if sum(len(message.calls) for message in session.messages) < MIN_CALLS:
            continue
        offer = make_offer(source, session)
        if offer.top or offer.recoveries or options.all:
            taken.append(offer)
        else:
            nothing += 1
        if len(taken) >= options.sessions:
            break
    if options.json:
        rows = [
            {
                "source": offer.source,
                "session": offer.session.header.id,
                "calls": len(offer.calls),
                "recoveries": len(offer.recoveries),
                "top": [
                    {
                        "id": candidate.id,
                        "kind": candidate.kind,
                        "evidence": candidate.evidence,
                        "reasons": candidate.reasons,
                        "record": candidate.record.model_dump(mode="json"),
                    }
                    for candidate in offer.top
                ],
            }
            for offer in taken
        ]
        json.dump({"schema": "warmtui.bench-candidates/1", "sessions": rows, "nothing": nothing}, sys.stdout)
        print()
        return 0
    for number, offer in enumerate(taken, 1):
        print("\n".join(sheet(number, offer)))
    offered = sum(len(offer.top) for offer in taken)
    found = sum(len(offer.recoveries) for offer in taken)
    print("=" * 100)
    print(f"{len(taken)} sessions, {offered} candidates among their top ten, {found} recoveries;")
    print(f"{nothing} sessions on the way offered nothing above the bar")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
