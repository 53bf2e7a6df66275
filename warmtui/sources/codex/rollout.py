"""The rows of one rollout file, read into a session.

`response_item` rows hold what the model saw: its messages, calls and their outputs. `event_msg` rows hold
what the screen showed. Of these count the person's prompts, which nothing else tells from the texts that
Codex puts into the user's role, and the flags of patches and MCP calls.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from warmtui.model.session import (
    CompactionMark,
    Evidence,
    Message,
    Origin,
    Problem,
    Session,
    SessionHeader,
    Usage,
)
from warmtui.sources.calls import first_text, type_of
from warmtui.sources.code_mode.outputs import NOT_KEPT, UNREADABLE, Output, read_output
from warmtui.sources.code_mode.scripts import read_script
from warmtui.sources.harness_texts import is_harness_text
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
    **dict.fromkeys(_SILENT_ROWS.split(), frozenset()),
    "response_item": frozenset(_SILENT_ITEMS.split()),
    "event_msg": frozenset(_SILENT_EVENTS.split()),
}
"""Types of rows that hold neither words nor calls nor signs of their outcome, or that repeat others. Each has
the types of what it holds of which this is so; none where it is so of all."""
ROWS = SILENT.keys() | {"session_meta", "compacted"}
_WITHOUT_OUTPUT = frozenset({"web_search_call", "image_generation_call"})
_CALLS = _WITHOUT_OUTPUT | {"function_call", "custom_tool_call", "local_shell_call", "tool_search_call"}
_OUTPUTS = frozenset(
    {"function_call_output", "custom_tool_call_output", "local_shell_call_output", "tool_search_output"}
)
_REQUEST = "## My request for Codex:"
"""The line of an editor's prompt after which the person's own words begin."""
_FORK_PAUSE = 1.0
"""Seconds without a row that end the history that a fork copied in one go."""


class _Call(NamedTuple):
    """A call that waits for its output."""

    line: int
    nested: list[tuple[str, str]]
    """Ids and tools of the calls that a script makes; of the call itself where it is no script."""
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
        self._contexts: dict[int, Entry] = {}
        """What an editor put before a prompt, by the prompt's position in `_entries`."""
        self._prompts: list[int] = []
        """Positions in `_entries` of the person's prompts."""
        self._last_prompt = ("", "")
        """The type of the event with the newest prompt, and its text."""
        self._unclaimed: dict[str, int] = {}
        """Positions in `_entries` of texts in the user's role that no event claimed yet."""
        self._claimed: Counter[str] = Counter()
        """Texts of prompts whose items did not come yet."""
        self._waiting: dict[str, _Call] = {}
        self._flags: dict[str, Evidence] = {}
        """What events say about calls, by the call's id."""
        self._script_flags: list[tuple[bool, Evidence]] = []
        """What events say about the calls of the latest script: whether of a patch, and what."""
        self._marks: list[int] = []
        """Positions in `_entries` of compactions."""
        self._unknown: Counter[tuple[str, str]] = Counter()
        """What was not read, by whether it is a row, an item or an event, and its type."""
        self._unread_scripts = 0
        self._orphans = 0
        self._counted: dict[str, Any] = {}
        """The newest count of tokens."""
        self._system_prompt = ""

    def read(self, lines: Iterable[Line], bad: Sequence[tuple[int, str]]) -> Session:
        """Read the session.

        Args:
            lines: its records.
            bad: numbers of the lines that could not be read, and why.
        """
        for number, row in lines:
            self._read_row(number, row)
        last_bad = bad[-1][0] if bad else 0
        for call_id, call in self._waiting.items():
            if call.line < last_bad:  # its output may be what could not be read
                self._add_results(call_id, call, Output("", UNREADABLE), last_bad, None)
        for position in sorted(self._contexts, reverse=True):
            self._entries.insert(position, self._contexts[position])
            self._marks = [mark + (mark > position) for mark in self._marks]
        read = read_messages(self._entries, place=str(self._path))
        marks = self._compactions(read.messages) if self._marks else ()
        problems = (*self._problems(), *read.problems)
        usage = usage_of(self._counted)
        return Session(self._header, read.messages, self._system_prompt, marks, problems, usage)

    def _compactions(self, messages: Sequence[Message]) -> tuple[CompactionMark, ...]:
        ends = {message.id.partition(".")[0]: end for end, message in enumerate(messages, 1)}
        before = (self._entries[at - 1].id.partition(".")[0] if at else "" for at in self._marks)
        return tuple(CompactionMark(ends[own] if own else 0, (), into_child=False) for own in before)

    def _problems(self) -> Iterator[Problem]:
        place = str(self._path)
        for (what, kind), count in sorted(self._unknown.items()):
            yield Problem(place, f"{counted(count, what)} of unknown type {kind[:40]!r}; not read")
        if self._unread_scripts:
            which = "whose tool calls could not be told; each stands as one call of exec"
            yield Problem(place, f"{counted(self._unread_scripts, 'script')} {which}")
        if self._orphans:
            yield Problem(place, f"{counted(self._orphans, 'result')} of no call in this session; left out")

    def _read_row(self, line: int, row: dict[str, Any]) -> None:
        kind, payload, at = row.get("type"), row.get("payload"), row.get("timestamp")
        if not self._typed:
            if isinstance(kind, str):
                self._read_item(line, row, at)
            elif "record_type" not in row:
                self._system_prompt = self._system_prompt or prompt_of(row)
        elif not isinstance(payload, dict) or kind not in ROWS:
            self._unknown["row", str(kind)] += 1
        elif kind == "response_item":
            self._read_item(line, payload, at)
        elif kind == "event_msg":
            self._read_event(line, payload, at)
        elif kind == "session_meta":
            self._system_prompt = self._system_prompt or prompt_of(payload)
        elif kind == "compacted":
            self._marks.append(len(self._entries))
            if first_text(payload, "message"):
                self._add(line, payload["message"], at, "summary")

    def _add(self, line: int, content: object, at: object, origin: Origin | None, role: str = "user") -> None:
        value = {"role": role, "content": content, "timestamp": at}
        self._entries.append(Entry(value, str(line), origin))

    def _read_item(self, line: int, item: dict[str, Any], at: object) -> None:
        kind = type_of(item)
        if kind == "message":
            self._read_message(line, item, at)
        elif kind in _CALLS:
            self._read_call(line, item, at)
        elif kind in _OUTPUTS:
            call = self._waiting.pop(str(item.get("call_id")), None)
            if call is None:
                self._orphans += 1
            else:
                value = item["output"] if "output" in item else dump_json(item.get("tools"))
                self._add_results(item["call_id"], call, read_output(value), line, at)
        elif kind == "agent_message":
            readable = [part for part in parts_of(item) if part.get("type") == "input_text"]
            self._add(line, readable, at, "harness")
        elif kind not in SILENT["response_item"]:
            self._unknown["item", str(item.get("type"))] += 1

    def _read_message(self, line: int, item: dict[str, Any], at: object) -> None:
        role, parts = str(item.get("role")), item.get("content")
        words = text_of(item)
        # a picture among the parts leaves a mark in the text
        content = words if not isinstance(parts, list) or all(map(_is_text, parts)) else parts
        if role != "user":
            self._add(line, content, at, None, role)
            return
        text = words.strip()
        if self._claimed[text]:
            self._claimed[text] -= 1
            return
        is_typed = not self._typed and not is_harness_text(text)
        self._unclaimed[text] = len(self._entries)
        self._add(line, content, at, "person" if is_typed else "harness")

    def _read_event(self, line: int, event: dict[str, Any], at: object) -> None:
        kind = event.get("type")
        if kind == "user_message":
            if event.get("kind") in (None, "plain"):
                self._read_prompt(line, str(event.get("message") or ""), at, kind)
        elif kind == "item_completed":
            inner = event.get("item")
            if isinstance(inner, dict) and inner.get("type") == "UserMessage":
                self._read_prompt(line, text_of(inner), at, kind)
        elif kind == "token_count":
            self._counted = event if event.get("info") else self._counted
        elif kind in ("patch_apply_end", "mcp_tool_call_end", "exec_command_end"):
            self._read_flag(kind, event)
        elif kind == "thread_rolled_back":
            turns = event.get("num_turns")
            if isinstance(turns, int) and 0 < turns <= len(self._prompts):
                self._rewind(self._prompts[-turns])
        elif kind not in ("task_started", "turn_started"):
            self._unknown["event", str(kind)] += 1

    def _read_prompt(self, line: int, text: str, at: object, kind: str) -> None:
        """Take a text for the person's; an item repeats it, and in some files an event of another type."""
        key = text.strip()
        last_kind, last = self._last_prompt
        if not key or (last == key and last_kind != kind):
            self._last_prompt = ("", "")
            return
        self._last_prompt = kind, key
        # the item holds pictures too
        position = self._unclaimed.pop(key, len(self._entries))
        if position == len(self._entries):
            self._claimed[key] += 1
            self._add(line, text, at, None)
        entry = self._entries[position]
        if self._header.kind == "subagent":
            self._entries[position] = entry._replace(origin="harness")
            return
        context, mark, typed = key.partition(_REQUEST)
        if mark:
            before = {**entry.value, "content": context.strip()}
            self._contexts[position] = Entry(before, f"{entry.id}.context", "harness")
            entry = entry._replace(value={**entry.value, "content": typed.strip()})
        self._entries[position] = entry._replace(origin="person")
        self._prompts.append(position)

    def _rewind(self, position: int) -> None:
        """Leave out what the person took back."""
        del self._entries[position:]
        self._contexts.pop(position, None)
        self._prompts = [prompt for prompt in self._prompts if prompt < position]
        self._marks = [mark for mark in self._marks if mark <= position]
        self._unclaimed, self._waiting = {}, {}

    def _read_flag(self, kind: str, event: dict[str, Any]) -> None:
        """Note what an event says about a call; those that a script makes have an id of their own."""
        call_id, result = str(event.get("call_id")), event.get("result")
        if kind == "exec_command_end":
            flag = Evidence(exit_code=code) if isinstance(code := event.get("exit_code"), int) else None
        elif kind == "patch_apply_end":
            flag = Evidence(is_error=event.get("success") is False)
        else:
            inner = result.get("Ok") if isinstance(result, dict) else None
            is_ok = isinstance(inner, dict) and True not in (inner.get("isError"), inner.get("is_error"))
            flag = Evidence(is_error=not is_ok)
        if flag is not None and call_id.startswith("exec-"):
            self._script_flags.append((kind == "patch_apply_end", flag))
        elif flag is not None:
            self._flags[call_id] = flag

    def _read_call(self, line: int, item: dict[str, Any], at: object) -> None:
        kind, name = item["type"], item.get("name")
        call_id = first_text(item, "call_id", "id") or f"line-{line}"
        namespace, arguments = item.get("namespace"), item.get("arguments", item.get("input"))
        if isinstance(namespace, str) and namespace.startswith("mcp__"):
            name = f"{namespace}__{name}"
        nested = None
        is_script = kind == "custom_tool_call" and name == "exec"
        if is_script:
            nested = read_script(str(arguments))
            self._unread_scripts += nested is None
            self._script_flags.clear()
        calls = [(call_id, name, arguments)]
        if nested:
            ids = [call_id, *(f"{call_id}.{number}" for number in range(2, len(nested) + 1))]
            calls = [(own, *call) for own, call in zip(ids, nested, strict=True)]
        if isinstance(name, str) and isinstance(arguments, str):
            made = [{"id": own, "function": {"name": tool, "arguments": given}} for own, tool, given in calls]
            value = {"role": "assistant", "content": None, "tool_calls": made, "timestamp": at}
        else:
            value = {**item, "call_id": call_id, "timestamp": at} | ({"name": name} if name else {})
        self._entries.append(Entry(value, str(line)))
        waiting = _Call(line, [(own, str(tool or kind)) for own, tool, _ in calls], is_script)
        if kind in _WITHOUT_OUTPUT:
            self._add_results(call_id, waiting, Output("", NOT_KEPT), line, at)
        else:
            self._waiting[call_id] = waiting

    def _add_results(self, call_id: str, call: _Call, output: Output, line: int, at: object) -> None:
        results = output.of_calls([tool for _, tool in call.nested], is_script=call.is_script)
        if call.is_script and self._script_flags:
            self._add_flags(call, results)
        flag = self._flags.pop(call_id, None) if self._flags else None
        if flag is not None and results[0][1] in (None, Evidence(is_error=False)):
            results[0] = results[0][0], flag
        for number, ((own, tool), (text, evidence)) in enumerate(zip(call.nested, results, strict=True), 1):
            value = {"role": "tool", "content": text, "tool_call_id": own, "name": tool, "timestamp": at}
            own_id = f"{line}.{number}" if number > 1 else str(line)
            self._entries.append(Entry(value, own_id, None, evidence))

    def _add_flags(self, call: _Call, results: list[tuple[str, Evidence | None]]) -> None:
        """Add what events say about the patches and MCP calls of a script, where each has one."""
        for is_patch in (True, False):
            flags = [flag for of_patch, flag in self._script_flags if of_patch == is_patch]
            places = [
                place
                for place, (_, tool) in enumerate(call.nested)
                if (tool == "apply_patch" if is_patch else tool.startswith("mcp__"))
            ]
            if len(flags) == len(places):
                for place, flag in zip(places, flags, strict=True):
                    results[place] = results[place][0], flag
        self._script_flags.clear()


def _is_text(part: object) -> bool:
    return isinstance(part, dict) and isinstance(part.get("text"), str)


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


def usage_of(event: Mapping[str, Any]) -> Usage | None:
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
    for position, (_, row) in enumerate(lines[1:], 1):
        at = time_of(row.get("timestamp"))
        if before is not None and at is not None and at - before > _FORK_PAUSE:
            return [lines[0], *lines[position:]]
        before = at if at is not None else before
        payload = row.get("payload")
        if isinstance(payload, dict) and payload.get("type") in ("task_started", "turn_started"):
            began = payload.get("started_at")
            if forked_at is not None and isinstance(began, (int, float)) and began >= int(forked_at):
                return [lines[0], *lines[position:]]
    return [lines[0]]
