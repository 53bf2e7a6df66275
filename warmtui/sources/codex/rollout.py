"""The rows of one rollout file, read into a session.

`response_item` rows hold what the model saw: its messages, calls and their outputs. `event_msg` rows hold
what the screen showed. Of these count the person's prompts, which nothing else tells from the texts that
Codex puts into the user's role, and the flags of patches and MCP calls.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from warmtui.model.session import (
    CompactionMark,
    Evidence,
    Origin,
    Problem,
    Session,
    SessionHeader,
    ToolCall,
    Usage,
)
from warmtui.sources.calls import first_text, read_call
from warmtui.sources.codex.outputs import NOT_KEPT, SHARED, STILL_RUNNING, Output, of_nested, read_output
from warmtui.sources.codex.scripts import read_script
from warmtui.sources.messages import Entry, read_messages, time_of
from warmtui.sources.transcripts import Line
from warmtui.text import counted, dump_json

_SILENT_ROWS = """
turn_context world_state token_usage_record inter_agent_communication inter_agent_communication_metadata
"""
_SILENT_ITEMS = """
reasoning compaction compaction_summary context_compaction compaction_trigger ghost_snapshot additional_tools
"""
_SILENT_EVENTS = """
agent_message agent_reasoning agent_reasoning_raw_content agent_reasoning_section_break task_complete
turn_complete turn_aborted context_compacted web_search_end image_generation_end thread_goal_updated
thread_settings_applied thread_name_updated sub_agent_activity entered_review_mode exited_review_mode
item_started error warning stream_error guardian_assessment guardian_warning view_image_tool_call
dynamic_tool_call_request dynamic_tool_call_response collab_agent_spawn_end collab_agent_interaction_end
collab_waiting_end collab_close_end collab_resume_end plan_update turn_diff model_reroute background_event
"""
SILENT = {
    "": frozenset(_SILENT_ROWS.split()),
    "response_item": frozenset(_SILENT_ITEMS.split()),
    "event_msg": frozenset(_SILENT_EVENTS.split()),
}
"""Types that hold neither words nor calls nor signs of their outcome, or that repeat others: of rows, and of
what the rows of a type hold."""
ROWS = SILENT[""] | {"session_meta", "response_item", "event_msg", "compacted"}
_CALLS = ("function_call", "custom_tool_call", "local_shell_call", "tool_search_call")
_WITHOUT_OUTPUT = ("web_search_call", "image_generation_call")
_OUTPUTS = (*(f"{kind}_output" for kind in _CALLS[:3]), "tool_search_output")
_REQUEST = "## My request for Codex:"
"""The line of an editor's prompt after which the person's own words begin."""
_INJECTED = ("<environment_context>", "<user_instructions>", "# AGENTS.md instructions")
"""Beginnings of Codex' own texts in the user's role, for the oldest files, which hold no events."""
_TOGETHER = "[it stands with the result of the last call of its script]"
_FORK_PAUSE = 1.0
"""Seconds without a row that end the history that a fork copied in one go."""


class _Call(NamedTuple):
    """A call that waits for its output."""

    line: int
    nested: tuple[ToolCall, ...]
    """The calls that a script makes; the call itself where it is none."""
    is_script: bool


class RolloutReader:
    """Reads the rows of one session.

    Args:
        header: the session's header.
        path: the file.
        typed: whether the file has typed rows; those of the first versions hold bare items.
    """

    def __init__(self, header: SessionHeader, path: Path, *, typed: bool) -> None:
        self._header = header
        self._path = path
        self._typed = typed
        self._entries: list[Entry] = []
        self._prompts: list[int] = []
        """Positions in `_entries` of the person's prompts."""
        self._last_prompt = ("", "")
        """The text of the newest prompt, and which kind of event held it."""
        self._unclaimed: dict[str, list[int]] = {}
        """Positions in `_entries` of texts in the user's role that no event claimed yet."""
        self._claimed: Counter[str] = Counter()
        """Texts of prompts whose items did not come yet."""
        self._waiting: dict[str, _Call] = {}
        self._flags: dict[str, Evidence] = {}
        """What events say about calls, by the call's id."""
        self._script_flags: list[tuple[bool, Evidence]] = []
        """What events say about calls inside scripts since the last output: whether of a patch, and what."""
        self._marks: list[int] = []
        """Positions in `_entries` of compactions."""
        self._unknown: Counter[tuple[str, str]] = Counter()
        """What was not read, by whether it is a row, an item or an event, and its type."""
        self._unread_scripts = 0
        self._orphans = 0
        self._usage: Usage | None = None
        self._prompt = ""

    def read(self, lines: Iterable[Line], bad: Sequence[tuple[int, str]]) -> Session:
        """Read the session.

        Args:
            lines: its records.
            bad: numbers of the lines that could not be read, and why.
        """
        for line in lines:
            if self._typed:
                self._read_row(line)
            else:
                self._read_bare(line)
        last_bad = bad[-1][0] if bad else 0
        for call_id, call in self._waiting.items():
            if call.line < last_bad:  # its output may be what could not be read
                self._add_results(call_id, call, Output("", NOT_KEPT), last_bad, None)
        read = read_messages(self._entries, place=str(self._path))
        place = {message.id.partition(".")[0]: number for number, message in enumerate(read.messages, 1)}
        marks = tuple(
            CompactionMark(place[self._entries[at - 1].id] if at else 0, (), into_child=False)
            for at in self._marks
            if not at or self._entries[at - 1].id in place
        )
        problems = (*self._problems(), *read.problems)
        return Session(self._header, read.messages, self._prompt, marks, problems, self._usage)

    def _problems(self) -> list[Problem]:
        texts = [
            f"{counted(count, kind)} of unknown type {name[:40]!r}; not read"
            for (kind, name), count in sorted(self._unknown.items())
        ]
        if self._unread_scripts:
            which = "whose tool calls could not be told; each stands as one call of exec"
            texts.append(f"{counted(self._unread_scripts, 'script')} {which}")
        if self._orphans:
            texts.append(f"{counted(self._orphans, 'result')} of no call in this session; left out")
        return [Problem(str(self._path), text) for text in texts]

    def _read_bare(self, line: Line) -> None:
        """Read a row of the first versions, which is an item or the state of the program."""
        row = line.value
        if isinstance(row.get("type"), str):
            self._read_item(line, row, row.get("timestamp"))
        elif "record_type" not in row and isinstance(row.get("instructions"), str) and not self._prompt:
            self._prompt = row["instructions"]

    def _read_row(self, line: Line) -> None:
        row = line.value
        kind, payload = row.get("type"), row.get("payload")
        if not isinstance(kind, str) or kind not in ROWS or not isinstance(payload, dict):
            self._unknown["row", str(kind)] += 1
        elif kind == "response_item":
            self._read_item(line, payload, row.get("timestamp"))
        elif kind == "event_msg":
            self._read_event(line, payload, row.get("timestamp"))
        elif kind == "session_meta" and not self._prompt:
            self._prompt = prompt_of(payload)
        elif kind == "compacted":
            self._marks.append(len(self._entries))
            if isinstance(payload.get("message"), str) and payload["message"].strip():
                self._add(line, "user", payload["message"], row.get("timestamp"), "summary")

    def _add(self, line: Line, role: str, content: object, at: object, origin: Origin | None) -> None:
        self._entries.append(
            Entry({"role": role, "content": content, "timestamp": at}, str(line.number), origin)
        )

    def _read_item(self, line: Line, item: dict[str, Any], at: object) -> None:
        kind = item.get("type")
        if kind == "message":
            self._read_message(line, item, at)
        elif kind in (*_CALLS, *_WITHOUT_OUTPUT):
            self._read_call(line, item, at)
        elif kind in _OUTPUTS:
            call_id = item.get("call_id")
            call = self._waiting.pop(call_id, None) if isinstance(call_id, str) else None
            if call is None:
                self._orphans += 1
            else:
                value = item["output"] if "output" in item else dump_json(item.get("tools"))
                self._add_results(str(call_id), call, read_output(value), line.number, at)
        elif kind == "agent_message":
            readable = [part for part in parts_of(item) if part.get("type") == "input_text"]
            self._add(line, "user", readable, at, "harness")
        else:
            self._unknown["item", str(kind)] += 1

    def _read_message(self, line: Line, item: dict[str, Any], at: object) -> None:
        role, content = item.get("role"), item.get("content")
        if role != "user":
            self._add(line, str(role), content, at, None)
            return
        text = text_of(item)
        if self._claimed[text.strip()]:
            self._claimed[text.strip()] -= 1
            return
        typed = not self._typed and not text.lstrip().startswith(_INJECTED)
        self._unclaimed.setdefault(text.strip(), []).append(len(self._entries))
        self._add(line, "user", content, at, "person" if typed else "harness")

    def _read_prompt(self, line: Line, text: str, at: object, kind: str) -> None:
        """Add a prompt of the person's, which an item repeats; later versions write two kinds of events."""
        if not text.strip() or self._last_prompt == (text.strip(), "other" if kind == "event" else "event"):
            self._last_prompt = ("", "")
            return
        self._last_prompt = text.strip(), kind
        before, mark, typed = text.partition(_REQUEST)
        repeated = self._unclaimed.get(text.strip())
        if repeated:
            # the item holds pictures too; it stays, now as the person's
            position = repeated.pop()
            entry = self._entries[position]
        else:
            self._claimed[text.strip()] += 1
            position = len(self._entries)
            self._add(line, "user", text, at, None)
            entry = self._entries[position]
        if self._header.kind == "subagent":
            self._entries[position] = entry._replace(origin="harness")
            return
        if mark:
            value = {**entry.value, "content": typed.strip()}
            self._entries[position] = entry._replace(value=value, origin="person")
            context = {"role": "user", "content": before.strip(), "timestamp": at}
            self._entries.insert(position, Entry(context, f"{entry.id}.context", "harness"))
            position += 1
        else:
            self._entries[position] = entry._replace(origin="person")
        self._prompts.append(position)

    def _read_event(self, line: Line, event: dict[str, Any], at: object) -> None:
        kind = event.get("type")
        if kind == "user_message":
            if event.get("kind") in (None, "plain"):
                self._read_prompt(line, str(event.get("message") or ""), at, "event")
        elif kind == "item_completed":
            item = event.get("item")
            if isinstance(item, dict) and item.get("type") == "UserMessage":
                self._read_prompt(line, text_of(item), at, "other")
        elif kind == "token_count":
            self._usage = usage_of(event) or self._usage
        elif kind in ("patch_apply_end", "mcp_tool_call_end", "exec_command_end"):
            self._read_flag(kind, event)
        elif kind == "thread_rolled_back":
            turns = event.get("num_turns")
            if isinstance(turns, int) and 0 < turns <= len(self._prompts):
                self._rewind(self._prompts[-turns])
        elif kind not in ("task_started", "turn_started"):
            self._unknown["event", str(kind)] += 1

    def _rewind(self, position: int) -> None:
        """Leave out what the person took back."""
        del self._entries[position:]
        self._prompts = [prompt for prompt in self._prompts if prompt < position]
        self._marks = [mark for mark in self._marks if mark <= position]
        self._unclaimed, self._waiting = {}, {}

    def _read_flag(self, kind: str, event: dict[str, Any]) -> None:
        """Note what an event says about a call; those inside scripts have an id of their own."""
        call_id = event.get("call_id")
        if not isinstance(call_id, str):
            return
        if kind == "exec_command_end":
            code = event.get("exit_code")
            if isinstance(code, int):
                self._flags[call_id] = Evidence(exit_code=code)
            return
        failed = event.get("success") is False
        result = event.get("result")
        if kind == "mcp_tool_call_end" and isinstance(result, dict):
            inner = result.get("Ok")
            failed = not isinstance(inner, dict) or True in (inner.get("isError"), inner.get("is_error"))
        flag = Evidence(is_error=failed)
        if call_id.startswith("exec-"):
            self._script_flags.append((kind == "patch_apply_end", flag))
        else:
            self._flags[call_id] = flag

    def _read_call(self, line: Line, item: dict[str, Any], at: object) -> None:
        call = read_call(item)
        if call is None:
            self._unknown["item", f"{item['type']} without a name"] += 1
            return
        call = call._replace(id=call.id or f"line-{line.number}")
        namespace = item.get("namespace")
        if isinstance(namespace, str) and namespace.startswith("mcp__"):
            call = call._replace(tool=f"{namespace}__{call.tool}")
        nested: tuple[ToolCall, ...] = (call,)
        is_script = item.get("type") == "custom_tool_call" and call.tool == "exec"
        if is_script:
            found = read_script(call.arguments)
            self._unread_scripts += found is None
            if found:
                ids = [call.id, *(f"{call.id}.{number}" for number in range(2, len(found) + 1))]
                nested = tuple(ToolCall(own, *inner) for own, inner in zip(ids, found, strict=True))
            self._script_flags.clear()
        value = {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": own, "name": tool, "arguments": text} for own, tool, text in nested],
            "timestamp": at,
        }
        self._entries.append(Entry(value, str(line.number)))
        waiting = _Call(line.number, nested, is_script)
        if item["type"] in _WITHOUT_OUTPUT:
            self._add_results(call.id, waiting, Output("", NOT_KEPT), line.number, at)
        else:
            self._waiting[call.id] = waiting

    def _add_results(self, call_id: str, call: _Call, output: Output, number: int, at: object) -> None:
        texts = self._results_of(call, output) if call.is_script else [self._result_of(call, output)]
        for place, (inner, (text, evidence)) in enumerate(zip(call.nested, texts, strict=True)):
            flag = self._flags.pop(call_id, None) if place == 0 else None
            if flag is not None and (evidence is None or evidence == Evidence(is_error=False)):
                evidence = flag
            value = {
                "role": "tool",
                "content": text,
                "tool_call_id": inner.id,
                "name": inner.tool,
                "timestamp": at,
            }
            own_id = f"{number}.{place + 1}" if place else str(number)
            self._entries.append(Entry(value, own_id, None, evidence))

    def _result_of(self, call: _Call, output: Output) -> tuple[str, Evidence | None]:
        """Return the result of a call that is no script; `wait` brings what a script printed."""
        if output.script == "completed":
            text, evidence = of_nested(call.nested[0].tool, output.text)
            # what it waited for has ended, whatever that started
            return text, output.evidence if evidence == STILL_RUNNING else evidence
        return output.text, output.evidence

    def _results_of(self, call: _Call, output: Output) -> list[tuple[str, Evidence | None]]:
        """Return a result for each call of a script, as far as what it printed can be told apart."""
        first, *others = call.nested
        if output.script == "completed" and len(output.printed) == len(call.nested):
            results = [
                of_nested(inner.tool, text) for inner, text in zip(call.nested, output.printed, strict=True)
            ]
        elif not others and output.script == "completed":
            results = [of_nested(first.tool, output.text)]
        elif not others:
            results = [(output.text, output.evidence)]
        else:
            evidence = STILL_RUNNING if output.evidence == STILL_RUNNING else SHARED
            results = [*((_TOGETHER, evidence) for _ in others), (output.text, evidence)]
        return self._flagged(call, results)

    def _flagged(
        self, call: _Call, results: list[tuple[str, Evidence | None]]
    ) -> list[tuple[str, Evidence | None]]:
        """Add what events say about the patches and MCP calls of a script, where each has one."""
        for is_patch in (True, False):
            flags = [flag for of_patch, flag in self._script_flags if of_patch == is_patch]
            places = [
                place
                for place, inner in enumerate(call.nested)
                if (inner.tool == "apply_patch" if is_patch else inner.tool.startswith("mcp__"))
            ]
            if len(flags) == len(places):
                for place, flag in zip(places, flags, strict=True):
                    results[place] = results[place][0], flag
        self._script_flags.clear()
        return results


def is_silent(row: Mapping[str, Any]) -> bool:
    """Whether a row is of no use; see `SILENT`."""
    kind, payload = row.get("type"), row.get("payload")
    if kind in ("response_item", "event_msg"):
        return isinstance(payload, dict) and payload.get("type") in SILENT[kind]
    return kind in SILENT[""]


def parts_of(item: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the parts of an item's content that are objects."""
    content = item.get("content")
    return [part for part in content if isinstance(part, dict)] if isinstance(content, list) else []


def text_of(item: dict[str, Any]) -> str:
    """Return the texts of an item's content."""
    content = item.get("content")
    if isinstance(content, str):
        return content
    return "\n".join(part["text"] for part in parts_of(item) if isinstance(part.get("text"), str))


def prompt_of(meta: dict[str, Any]) -> str:
    """Return the system prompt that a `session_meta` row holds; empty without one."""
    base = meta.get("base_instructions")
    return (first_text(base, "text") if isinstance(base, dict) else first_text(meta, "instructions")) or ""


def usage_of(event: dict[str, Any]) -> Usage | None:
    """Read the totals of a `token_count` event; its input includes what was read from the cache."""
    info = event.get("info")
    total = info.get("total_token_usage") if isinstance(info, dict) else None
    if not isinstance(total, dict):
        return None
    sent, cached, written, output = (
        value if isinstance(value := total.get(f"{name}_tokens"), int) else None
        for name in ("input", "cached_input", "cache_write_input", "output")
    )
    fresh = sent if sent is None or cached is None else max(sent - cached, 0)
    return Usage(fresh, output, cached, written)


def without_copies(lines: Sequence[Line], forked_at: float | None) -> list[Line]:
    """Leave out the history that a fork copied from its parent: the rows from the parent's head on.

    They are written in one go at the moment of the fork. The first turn that began after it, or a pause,
    ends them.

    Args:
        lines: the fork's records; the first is its own head, the second its parent's.
        forked_at: when the fork was made, Unix seconds.
    """
    before: float | None = None
    for position, line in enumerate(lines[1:], 1):
        at = time_of(line.value.get("timestamp"))
        if before is not None and at is not None and at - before > _FORK_PAUSE:
            return [lines[0], *lines[position:]]
        before = at if at is not None else before
        payload = line.value.get("payload")
        if isinstance(payload, dict) and payload.get("type") in ("task_started", "turn_started"):
            began = payload.get("started_at")
            if forked_at is not None and isinstance(began, (int, float)) and began >= int(forked_at):
                return [lines[0], *lines[position:]]
    return [lines[0]]
