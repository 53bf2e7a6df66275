"""Claude Code's rows, turned into entries for the reader of messages.

The order of the file is the order of the session: parallel calls fork the tree of parents, so that no chain
from any leaf has all calls. A message is written a block a row; its rows share the message's id.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from warmtui.model.session import CompactionMark, Evidence, Origin, Problem, Session, SessionHeader, Usage
from warmtui.sources.claude_code.authors import author_of, said_in_refusal, typed_part
from warmtui.sources.content import read_content, result_text
from warmtui.sources.messages import Entry, read_messages
from warmtui.sources.transcripts import Line
from warmtui.text import counted

SYNTHETIC = "<synthetic>"
"""In place of a model: Claude Code wrote the message itself."""


_BESIDE = """
progress summary ai-title custom-title last-prompt mode permission-mode pr-link tag tools-used
file-history-snapshot file-history-delta api-request api-request-shape api-request-blob
api-request-resumed agent-name agent-color agent-setting relocated continued-in derived-from
resume-head-vouch content-replacement fork-context-ref frame-link ended-by-model bridge-session
history-suppression attribution-snapshot isolation-latch session-owner dev-mods memory-mode atis-latch
worktree-state observer-ref data-flow-records data-flow-incomplete artifact-comment-monitor
artifact-autoreact-ledger
"""
"""Types of rows beside the conversation, up to 2.1.332."""
_KNOWN = frozenset(_BESIDE.split())
_USED = ("interrupted",)
"""What is needed of a result's own object, most of whose bytes are whole files."""
_REFUSALS = (
    "The user doesn't want to proceed with this tool use",
    "The user doesn't want to take this action right now",
    "Permission for this action was denied",
)
_STOPPED = ("[Request interrupted by user for tool use]", "[Request interrupted by user]")
_NEVER_RUN = "<tool_use_error>Sibling tool call errored</tool_use_error>"
"""The result of a call that was dropped because a parallel one failed."""
_APART = "<persisted-output>"
_FLAGS_SUCCESS = "Bash"
"""The tool whose every result has a flag; any other one flags failures only."""


def slim(record: dict[str, Any]) -> dict[str, Any] | None:
    """Return what is needed of a row to read its session; None for one that holds nothing of it."""
    kind = record.get("type")
    if isinstance(kind, str) and kind in _KNOWN:
        return None
    used = record.get("toolUseResult")
    if isinstance(used, dict):
        record["toolUseResult"] = {name: used[name] for name in _USED if name in used}
    if kind == "attachment":
        note = record.get("attachment")
        if not isinstance(note, dict) or note.get("type") not in ("queued_command", "prompt_snapshot"):
            return None  # context that a program added
    return record


def _blocks(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    message = record.get("message")
    content = message.get("content") if isinstance(message, dict) else None
    return [block for block in content if isinstance(block, dict)] if isinstance(content, list) else []


def _calls(record: Mapping[str, Any]) -> set[str]:
    blocks = _blocks(record)
    return {str(block.get("id")) for block in blocks if str(block.get("type")).endswith("tool_use")}


def _results(record: Mapping[str, Any]) -> set[str]:
    return {str(block["tool_use_id"]) for block in _blocks(record) if block.get("tool_use_id")}


def without_copies(
    lines: Sequence[Line], earlier: Sequence[Sequence[Line]], later: Iterable[Sequence[Line]]
) -> list[Line]:
    """Leave out the rows of a session that count in another one.

    A fork keeps the ids of the rows that it copies. They count in the original; but a call that had no result
    when it was copied counts where its result is.

    Args:
        lines: the session's rows.
        earlier: those of the sessions that it was copied from.
        later: those of the sessions that copied it.
    """
    theirs = [row for records in earlier for _, row in records]
    copied = {str(row["uuid"]) for row in theirs if row.get("uuid")}
    answered_there = set().union(*map(_results, theirs))
    calls = [_calls(row) for _, row in lines]
    answered = set().union(*(_results(row) for _, row in lines))
    lost = set().union(*calls) - answered
    if lost:
        lost &= set().union(*(_results(row) for records in later for _, row in records))
    won = answered - answered_there
    return [
        line
        for line, made in zip(lines, calls, strict=True)
        if not (made & lost) and (str(line[1].get("uuid")) not in copied or made & won)
    ]


def read_rows(header: SessionHeader, lines: Iterable[Line], *, place: str, damaged: bool) -> Session:
    """Read a session.

    Args:
        header: its header.
        lines: its rows, without those that count in another session.
        place: its file, for problems.
        damaged: whether lines of the file cannot be read, so that a result that is missing may have been
            in one of them.
    """
    rows = _Rows(header.kind == "subagent")
    for line in lines:
        rows.add(line)
    if damaged:
        rows.leave_open_calls_undecided()
    return rows.session(header, place)


@dataclass(slots=True)
class _Rows:
    """Collects the rows of a session."""

    delegated: bool
    """Another agent wrote its prompts."""
    entries: list[Entry] = field(default_factory=list)
    queued: list[Entry] = field(default_factory=list)
    """What was typed while the agent worked, which often has a row of its own too."""
    answers: dict[str, Entry] = field(default_factory=dict)
    """The answers of the turn by their ids."""
    entry_of: dict[str, str] = field(default_factory=dict)
    """The entry that each row became, by ids."""
    tools: dict[str, str] = field(default_factory=dict)
    """The tools of the calls so far, by their ids."""
    open: set[str] = field(default_factory=set)
    """The calls without a result so far."""
    marks: list[tuple[int, list[Any]]] = field(default_factory=list)
    """Compactions: how many entries stand before each, and which rows it kept."""
    usage: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """What each answer used: its last row has the final count."""
    prompt: str = ""
    cost: float | None = None
    """US dollars, subagents included; a fork's begins with what was spent before it."""
    unknown: Counter[str] = field(default_factory=Counter)
    apart: int = 0
    """Results that were too large for the transcript."""

    def add(self, line: Line) -> None:
        """Add the next row."""
        number, row = line
        kind, message = row.get("type"), row.get("message")
        own = str(row.get("uuid") or f"line-{number}")
        if own in self.entry_of:
            return  # written again
        if kind == "assistant" and isinstance(message, dict):
            self._add_answer(row, message, own)
        elif kind == "user" and isinstance(message, dict):
            self.entry_of[own] = own
            if not self._add_results(row, own):
                self.answers.clear()
                self._add_words(row, message.get("content"), own)
        elif kind == "queue-operation":
            if row.get("operation") == "enqueue":
                self._add_words(row, row.get("content"), own)
                self.queued.append(self.entries[-1])
        elif kind == "attachment":
            note = row["attachment"]
            if note["type"] == "queued_command":
                self._add_words({**row, **note}, note.get("prompt"), own)
            elif isinstance(note.get("systemPrompt"), list):
                self.prompt = "\n\n".join(map(str, note["systemPrompt"]))
        elif kind == "cost-state":
            cost = row.get("totalCostUSD")
            self.cost = cost if isinstance(cost, (int, float)) else self.cost
        elif kind == "system":
            self._add_notice(row, own)
        else:
            self.unknown[str(kind)] += 1

    def _say(
        self,
        row: Mapping[str, Any],
        own: str,
        role: str,
        content: object,
        origin: Origin | None = None,
    ) -> Entry:
        value = {"role": role, "content": content, "timestamp": row.get("timestamp")}
        entry = Entry(value, own, origin)
        self.entries.append(entry)
        return entry

    def _add_answer(self, row: Mapping[str, Any], message: Mapping[str, Any], own: str) -> None:
        content = message.get("content")
        blocks = content if isinstance(content, list) else [{"type": "text", "text": str(content or "")}]
        for block in _blocks(row):
            if isinstance(block.get("name"), str):
                self.tools[str(block.get("id"))] = block["name"]
                self.open.add(str(block.get("id")))
            elif block.get("tool_use_id"):
                self.open.discard(str(block["tool_use_id"]))
        answer = f"{message.get('id') or own} {row.get('requestId')}"
        if isinstance(message.get("usage"), dict):
            self.usage[answer] = message["usage"]
        entry = self.answers.get(answer)
        if entry is None:
            own_words = message.get("model") == SYNTHETIC or row.get("isApiErrorMessage") is True
            entry = self._say(row, own, "assistant", [], "harness" if own_words else None)
            self.answers[answer] = entry
        known = entry.value["content"]
        known += [block for block in blocks if block not in known]
        self.entry_of[own] = entry.id

    def _add_results(self, row: Mapping[str, Any], own: str) -> bool:
        """Add the results of a row, and what the person said with them; return whether it holds any."""
        blocks = _blocks(row)
        results = [block for block in blocks if block.get("tool_use_id")]
        for number, block in enumerate(results):
            result, answered = f"{own}.{number}" if number else own, str(block["tool_use_id"])
            text = result_text(block.get("content"))[0]
            self.open.discard(answered)
            self.apart += text.startswith(_APART)
            evidence = _evidence(block, text, row, self.tools.get(answered))
            value = {"role": "tool", "content": text, "tool_call_id": answered}
            self.entries.append(Entry({**value, "timestamp": row.get("timestamp")}, result, None, evidence))
            said = said_in_refusal(text) if evidence is not None and evidence.denied else ""
            if said:
                self._add_words(row, said, f"{result}.said")
        if results and len(results) < len(blocks):
            self._add_words(row, [block for block in blocks if block not in results], f"{own}.words")
        return bool(results)

    def _add_words(self, row: Mapping[str, Any], content: object, own: str) -> None:
        """Add the texts of a row in the user's role: the person's words, or a program's."""
        typed, added = typed_part(content)
        author: Origin = "harness" if self.delegated else author_of(row, typed)
        if author == "person" and added:
            self._say(row, f"{own}.added", "user", added, "harness")
        self._say(row, own, "user", typed if author == "person" else content, author)

    def _add_notice(self, row: Mapping[str, Any], own: str) -> None:
        name = row.get("subtype")
        if name == "compact_boundary":
            meta = row.get("compactMetadata")
            kept = meta.get("preservedMessages") if isinstance(meta, dict) else None
            uuids = kept.get("uuids") if isinstance(kept, dict) else None
            self.marks.append((len(self.entries), uuids if isinstance(uuids, list) else []))
            self.answers.clear()
        elif name == "local_command":
            self._say(row, own, "user", row.get("content"), "harness")

    def leave_open_calls_undecided(self) -> None:
        """Say of the calls without a result that it may have been where nothing can be read."""
        for call in sorted(self.open):
            value = {"role": "tool", "content": "", "tool_call_id": call}
            evidence = Evidence(undecided="result-unreadable")
            self.entries.append(Entry(value, f"unread-{call}", None, evidence))

    def session(self, header: SessionHeader, place: str) -> Session:
        """Return the session."""
        again = self._written_again()
        said = [entry for entry in self.entries if entry.id not in again and not _is_thought(entry)]
        messages, problems = read_messages(said, place=place)
        index = {message.id: number for number, message in enumerate(messages)}
        marks = []
        for at, uuids in self.marks:
            following = (index[entry.id] for entry in self.entries[at:] if entry.id in index)
            kept = (self.entry_of.get(str(uuid), "") for uuid in uuids)
            ids = tuple(dict.fromkeys(own for own in kept if own in index))
            marks.append(CompactionMark(next(following, len(messages)), ids, into_child=False))
        told = [
            f"{counted(count, 'record')} of unknown type {name[:60]!r}; not read"
            for name, count in sorted(self.unknown.items())
        ]
        if self.apart:
            told.append(
                f"{counted(self.apart, 'result')} too large for the transcript; its beginning is read"
            )
        problems = (*(Problem(place, text) for text in told), *problems)
        used = self._used(None if header.kind == "branch" else self.cost)
        return Session(header, messages, self.prompt, tuple(marks), problems, used)

    def _written_again(self) -> set[str]:
        """Return the ids of queued entries whose words stand elsewhere too."""
        if not self.queued:
            return set()
        queued = {entry.id for entry in self.queued}
        words = {_gist(entry) for entry in self.entries if entry.origin and entry.id not in queued}
        again = set()
        for entry in self.queued:
            if (gist := _gist(entry)) in words:
                again.add(entry.id)
            words.add(gist)
        return again

    def _used(self, cost: float | None) -> Usage | None:
        def total(name: str) -> int | None:
            known = [count for use in self.usage.values() if isinstance(count := use.get(name), int)]
            return sum(known) if known else None

        if not self.usage and cost is None:
            return None
        return Usage(
            total("input_tokens"),
            total("output_tokens"),
            total("cache_read_input_tokens"),
            total("cache_creation_input_tokens"),
            cost,
        )


def _gist(entry: Entry) -> str:
    """What an entry says, without the spaces in which two writings of it may differ."""
    return " ".join(read_content(entry.value["content"]).text.split())


def _is_thought(entry: Entry) -> bool:
    """Whether an entry holds what the model thought, and nothing else."""
    content = entry.value["content"]
    return isinstance(content, list) and all(
        isinstance(block, dict) and block.get("type") in ("thinking", "redacted_thinking")
        for block in content
    )


def _evidence(
    block: Mapping[str, Any], text: str, row: Mapping[str, Any], tool: str | None
) -> Evidence | None:
    """Return what a result's flags and fixed texts say of its call's outcome."""
    flag, used = block.get("is_error"), row.get("toolUseResult")
    if used == "User rejected tool use" or row.get("toolDenialKind"):
        return Evidence(is_error=True, denied=True)
    if flag is True:
        refused = text.startswith(_REFUSALS)
        stopped = text.rstrip().endswith(_STOPPED) or text == _NEVER_RUN
        return Evidence(is_error=True, denied=refused, interrupted=stopped)
    if text in _STOPPED or (isinstance(used, dict) and used.get("interrupted") is True):
        return Evidence(interrupted=True)
    if flag is False or (tool is not None and tool != _FLAGS_SUCCESS):
        return Evidence(is_error=False)
    return None
