"""Claude Code's rows, turned into entries for the reader of messages.

The order of the file is the order of the session: parallel calls fork the tree of parents, so that no chain
from any leaf has all calls. A message is written a block a row; its rows share the message's id.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from warmtui.model.session import CompactionMark, Evidence, Message, Origin, Problem, Usage
from warmtui.sources.claude_code.authors import (
    INTERRUPTIONS,
    NEVER_RUN,
    REFUSALS,
    author_of,
    said_in_refusal,
    typed_part,
)
from warmtui.sources.content import read_content
from warmtui.sources.messages import Entry, read_messages
from warmtui.sources.transcripts import Line
from warmtui.text import counted

SYNTHETIC = "<synthetic>"
"""In place of a model: Claude Code wrote the message itself."""


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_KNOWN = _names(
    """
    progress file-history-snapshot file-history-delta summary ai-title custom-title agent-name last-prompt
    mode permission-mode atis-latch pr-link api-request api-request-shape api-request-blob cost-state
    """
)
"""Rows that hold nothing of the conversation, or only what a header needs."""
_KNOWN_NOTES = _names(
    """
    stop_hook_summary turn_duration api_error away_summary microcompact_boundary informational
    hook_success hook_additional_context hook_system_message hook_blocking_error hook_non_blocking_error
    hook_cancelled total_tokens_reminder deferred_tools_delta task_reminder todo_reminder task_status
    agent_listing_delta mcp_instructions_delta skill_listing auto_mode plan_mode plan_mode_exit
    plan_mode_reentry plan_file_reference nested_memory file directory edited_text_file
    compact_file_reference invoked_skills date_change date command_permissions diagnostics
    opened_file_in_ide selected_lines_in_ide output_style environment model session_context
    remote_session_change prompt_snapshot
    """
)
"""`system` rows and attachments: notices on screen, and context that no one typed."""
_USED = ("interrupted", "isAsync", "status")
"""What is needed of a result's own object, most of whose bytes are whole files."""
_NO_FLAG = frozenset({"Bash"})
"""Tools that flag each success; every other one flags failures only."""


def slim(record: dict[str, Any]) -> dict[str, Any] | None:
    """Return what is needed of a row to read its session; None for one that holds nothing of it."""
    kind = record.get("type")
    if kind in _KNOWN:
        return None
    used = record.get("toolUseResult")
    if isinstance(used, dict):
        record["toolUseResult"] = {name: used[name] for name in _USED if name in used}
    if kind == "attachment":
        attachment = record.get("attachment")
        if isinstance(attachment, dict) and attachment.get("type") in _KNOWN_NOTES:
            return None
    return record


def is_said(record: Mapping[str, Any]) -> bool:
    """Whether a row may hold something of the conversation."""
    return record.get("type") in ("user", "assistant", "queue-operation")


def _blocks(record: Mapping[str, Any]) -> list[Any]:
    message = record.get("message")
    content = message.get("content") if isinstance(message, dict) else None
    return content if isinstance(content, list) else []


def call_ids(record: Mapping[str, Any]) -> set[str]:
    """Return the ids of the calls in a row."""
    return {
        str(block["id"])
        for block in _blocks(record)
        if isinstance(block, dict) and str(block.get("type")).endswith("tool_use") and block.get("id")
    }


def result_ids(record: Mapping[str, Any]) -> set[str]:
    """Return the ids of the calls that a row answers."""
    return {
        str(block["tool_use_id"])
        for block in _blocks(record)
        if isinstance(block, dict) and block.get("tool_use_id")
    }


class ReadRows(NamedTuple):
    """A session's rows, read."""

    messages: tuple[Message, ...]
    system_prompt: str
    compactions: tuple[CompactionMark, ...]
    problems: tuple[Problem, ...]
    usage: Usage | None


def read_rows(lines: Iterable[Line], *, delegated: bool, place: str) -> ReadRows:
    """Read the rows of one session.

    Args:
        lines: its rows, without those that count in another session.
        delegated: whether another agent wrote its prompts.
        place: its file, for problems.
    """
    reader = _Rows(delegated)
    lines = list(lines)
    if any(line.value.get("type") == "queue-operation" for line in lines):
        reader.look_for_words(line.value for line in lines)
    for line in lines:
        reader.add(line)
    return reader.read(place)


@dataclass(slots=True)
class _Rows:
    delegated: bool
    entries: list[Entry] = field(default_factory=list)
    answers: dict[object, list[Any]] = field(default_factory=dict)
    """The blocks of each answer of the turn, by the answer's id."""
    rows: dict[str, str] = field(default_factory=dict)
    """The entry that each row became, by ids."""
    tools: dict[str, str] = field(default_factory=dict)
    """The tools of the calls so far, by their ids."""
    marks: list[tuple[int, list[Any]]] = field(default_factory=list)
    """Compactions: how many entries stand before each, and which rows it kept."""
    words: set[str] = field(default_factory=set)
    """What was typed and has a row of its own, or was added from the queue."""
    usage: dict[object, Mapping[str, Any]] = field(default_factory=dict)
    costs: dict[object, float] = field(default_factory=dict)
    unknown: Counter[str] = field(default_factory=Counter)
    stored_apart: int = 0
    prompt: str = ""

    def look_for_words(self, records: Iterable[Mapping[str, Any]]) -> None:
        """Note what stands in rows of its own: words typed into the queue often come again there."""
        for record in records:
            if record.get("type") == "user" and not result_ids(record):
                message = record.get("message")
                self.words.add(_gist(message.get("content") if isinstance(message, dict) else None))
            elif record.get("type") == "attachment" and isinstance(record.get("attachment"), dict):
                self.words.add(_gist(record["attachment"].get("prompt")))

    def add(self, line: Line) -> None:
        row = line.value
        kind = row.get("type")
        own = row["uuid"] if isinstance(row.get("uuid"), str) and row["uuid"] else f"line-{line.number}"
        if own in self.rows:
            return  # the same row, written again
        message = row.get("message")
        if kind in ("user", "assistant") and isinstance(message, dict):
            self.rows[own] = own
            if kind == "assistant":
                self._add_answer(row, message, own)
            elif not self._add_results(row, message, own):
                self.answers.clear()
                self._add_words(row, message.get("content"), own)
        elif kind == "queue-operation":
            if row.get("operation") == "enqueue" and _gist(row.get("content")) not in self.words:
                self.words.add(_gist(row["content"]))
                self._add_words(row, row["content"], own)
        elif kind == "attachment" or kind == "system":
            self._add_note(row, kind, own)
        else:
            self.unknown[kind if isinstance(kind, str) else "none"] += 1

    def _add_answer(self, row: Mapping[str, Any], message: Mapping[str, Any], own: str) -> None:
        content = message.get("content")
        blocks = content if isinstance(content, list) else [{"type": "text", "text": str(content or "")}]
        for block in blocks:
            if isinstance(block, dict) and isinstance(block.get("name"), str):
                self.tools[str(block.get("id"))] = block["name"]
        answer = (message.get("id") or own, row.get("requestId"), row.get("isSidechain"))
        if isinstance(message.get("usage"), dict):
            self.usage[answer] = message["usage"]
        if isinstance(row.get("costUSD"), (int, float)):
            self.costs[answer] = row["costUSD"]
        known = self.answers.get(answer)
        if known is not None:
            known += [block for block in blocks if block not in known]
            self.rows[own] = self.entries[-1].id
            return
        synthetic = message.get("model") == SYNTHETIC or row.get("isApiErrorMessage") is True
        self.answers[answer] = blocks = list(blocks)
        value = {"role": "assistant", "content": blocks, "timestamp": row.get("timestamp")}
        self.entries.append(Entry(value, own, "harness" if synthetic else None))

    def _add_results(self, row: Mapping[str, Any], message: Mapping[str, Any], own: str) -> bool:
        """Add the results of a row, and what the person said with them; return whether it holds any."""
        blocks = _blocks(row)
        results = [block for block in blocks if isinstance(block, dict) and block.get("tool_use_id")]
        words = [block for block in blocks if not (isinstance(block, dict) and block.get("tool_use_id"))]
        for number, block in enumerate(results):
            result = f"{own}.{number}" if number else own
            content = block.get("content")
            text = content if isinstance(content, str) else read_content(content).text
            self.stored_apart += text.startswith("<persisted-output>")
            evidence = _evidence(block, text, row, self.tools.get(str(block["tool_use_id"]), ""))
            value = {"role": "user", "content": [block], "timestamp": row.get("timestamp")}
            self.entries.append(Entry(value, result, evidence=evidence))
            said = said_in_refusal(text) if evidence is not None and evidence.denied else ""
            if said:
                self._add_words(row, said, f"{result}.said")
        if results and words:
            self._add_words(row, words, f"{own}.words")
        return bool(results)

    def _add_words(self, row: Mapping[str, Any], content: object, own: str) -> None:
        """Add what stands in the user's role: the person's words, or a program's."""
        typed, added = typed_part(content)
        author: Origin = "harness" if self.delegated else author_of(row, typed)
        if author == "person" and added:
            value = {"role": "user", "content": added, "timestamp": row.get("timestamp")}
            self.entries.append(Entry(value, f"{own}.added", "harness"))
        elif added:
            typed = content
        value = {"role": "user", "content": typed, "timestamp": row.get("timestamp")}
        self.entries.append(Entry(value, own, author))

    def _add_note(self, row: Mapping[str, Any], kind: str, own: str) -> None:
        if kind == "attachment":
            attachment = row.get("attachment")
            inner = attachment if isinstance(attachment, dict) else {}
            name = inner.get("type")
            if name == "queued_command":
                self._add_words({**row, **inner}, inner.get("prompt"), own)
            elif name not in _KNOWN_NOTES:
                self.unknown[f"attachment/{name}"] += 1
            return
        name = row.get("subtype")
        if name == "compact_boundary":
            meta = row.get("compactMetadata")
            kept = meta.get("preservedMessages") if isinstance(meta, dict) else None
            uuids = kept.get("uuids") if isinstance(kept, dict) else None
            self.marks.append((len(self.entries), uuids if isinstance(uuids, list) else []))
            self.answers.clear()
        elif name == "local_command":
            value = {"role": "user", "content": row.get("content"), "timestamp": row.get("timestamp")}
            self.entries.append(Entry(value, own, "harness"))
        elif name not in _KNOWN_NOTES:
            self.unknown[f"system/{name}"] += 1

    def read(self, place: str) -> ReadRows:
        said = [entry for entry in self.entries if not _is_thought(entry)]
        messages, problems = read_messages(said, place=place)
        index = {message.id: number for number, message in enumerate(messages)}
        marks = []
        for at, uuids in self.marks:
            following = (index[entry.id] for entry in self.entries[at:] if entry.id in index)
            kept = (self.rows.get(str(uuid), "") for uuid in uuids)
            ids = tuple(dict.fromkeys(own for own in kept if own in index))
            marks.append(CompactionMark(next(following, len(messages)), ids, into_child=False))
        told = [
            Problem(place, f"{counted(count, 'record')} of unknown type {name[:60]!r}; not read")
            for name, count in sorted(self.unknown.items())
        ]
        if self.stored_apart:
            apart = (
                f"{counted(self.stored_apart, 'result')} too large for the transcript; its beginning is read"
            )
            told.append(Problem(place, apart))
        return ReadRows(messages, self.prompt, tuple(marks), (*told, *problems), self._usage())

    def _usage(self) -> Usage | None:
        if not self.usage:
            return None

        def total(name: str) -> int | None:
            counts = [usage.get(name) for usage in self.usage.values()]
            known = [count for count in counts if isinstance(count, int)]
            return sum(known) if known else None

        return Usage(
            total("input_tokens"),
            total("output_tokens"),
            total("cache_read_input_tokens"),
            total("cache_creation_input_tokens"),
            sum(self.costs.values()) if self.costs else None,
        )


def _gist(content: object) -> str:
    """What a row says, without the spaces in which two writings of it may differ."""
    typed, _ = typed_part(content)
    return " ".join(read_content(typed).text.split())


def _is_thought(entry: Entry) -> bool:
    """Whether an answer holds what the model thought, and nothing else."""
    content = entry.value["content"]
    return isinstance(content, list) and all(
        isinstance(block, dict) and block.get("type") in ("thinking", "redacted_thinking")
        for block in content
    )


def _evidence(block: Mapping[str, Any], text: str, row: Mapping[str, Any], tool: str) -> Evidence | None:
    """Return what a result's flags and fixed texts say of its call's outcome."""
    flag = block.get("is_error")
    used = row.get("toolUseResult")
    if used == "User rejected tool use" or row.get("toolDenialKind"):
        return Evidence(is_error=True, denied=True)
    if flag is True:
        if text.startswith(REFUSALS):
            return Evidence(is_error=True, denied=True)
        if text.rstrip().endswith(INTERRUPTIONS) or text.strip() == NEVER_RUN:
            return Evidence(is_error=True, interrupted=True)
    elif text.strip() in INTERRUPTIONS or (isinstance(used, dict) and used.get("interrupted") is True):
        return Evidence(interrupted=True)
    if isinstance(flag, bool):
        return Evidence(is_error=flag)
    return Evidence(is_error=False) if tool and tool not in _NO_FLAG else None
