"""Hermes' stored rows: messages with their encoding, calls and authors; sessions as headers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from warmtui.model.session import Message, Origin, Problem, SessionHeader, SessionKind, ToolCall, Usage
from warmtui.sources.calls import CallIds, read_calls
from warmtui.sources.content import read_content
from warmtui.sources.hermes.authors import told_apart, told_apart_result
from warmtui.sources.hermes.lineage import SUMMARY_PREFIXES, Row, is_summary
from warmtui.sources.hermes.usage import usage_of
from warmtui.sources.messages import unknown_parts
from warmtui.text import JSON_ERRORS, counted, decode_utf8, in_calendar, load_json, without_surrogates

JSON_CONTENT = "\x00json:"
"""Prefix of content that is a list of parts (Hermes' `_CONTENT_JSON_PREFIX`)."""
RESETS = frozenset({"session_reset", "new_session", "session_switch", "idle", "idle_timeout", "daily"})
"""Ends of a parent that say how its child began: the same conversation after a reset."""
PROGRAM_CHANNELS = frozenset({"subagent", "cron"})
"""Channels on which a program writes every prompt."""
_ROLES = frozenset({"user", "assistant", "tool", "system", "session_meta"})


def messages_of(
    rows: Iterable[Row], *, delegated: bool, place: str
) -> tuple[tuple[Message, ...], tuple[Problem, ...]]:
    """Turn rows into messages.

    Args:
        rows: the rows that count, in order.
        delegated: whether a program writes the session's prompts, so that no user row is the person's.
        place: what problems are said to be in, `state.db: session s1`.

    Returns:
        The messages, and what of them could not be read as it was meant.
    """
    messages: list[Message] = []
    problems: list[Problem] = []
    known = CallIds()
    unknown: Counter[str] = Counter()
    odd: Counter[str] = Counter()
    """Roles that are not known."""
    goals: set[str] = set()
    """What was handed to subagents so far."""
    for row in rows:
        number, _, role, content, stored_calls, call_id, tool, at, *_ = row
        troubles: list[str] = []
        text = content or ""
        calls: tuple[ToolCall, ...] = ()
        if not text.isascii() or text.startswith(JSON_CONTENT):
            text, calls = _content(text, troubles, unknown)
        if stored_calls:
            stored, trouble = read_calls(stored_calls, known)
            if "\\u" in stored_calls:  # an escape can stand for half of a character
                stored = tuple(ToolCall(*map(without_surrogates, call)) for call in stored)
            calls = (*stored, *calls)
            if trouble:
                troubles.append(trouble)
            if "delegate_task" in stored_calls:
                goals.update(_goals(calls))
        if at is not None and not isinstance(at, (float, int)):
            troubles.append("its time is not a number; left out")
            at = None
        if role not in _ROLES:
            odd[str(role)] += 1
        (origin, text), *behind = _parts(row, text, delegated, goals)
        messages.append(
            Message(
                str(number),
                role or "none",
                text,
                origin,
                calls,
                (known.find(call_id) or call_id) if call_id else "",
                tool or "",
                at,
            )
        )
        for part, (author, words) in enumerate(behind, 1):
            messages.append(Message(f"{number}.{part}", "user", words, author, at=at))
        if troubles:
            problems += (Problem(f"{place}: message {number}", trouble) for trouble in troubles)
    for name, count in sorted(odd.items()):
        what = f"{counted(count, 'message')} of unknown role {name[:40]!r}; taken as the program's own words"
        problems.append(Problem(place, what))
    return tuple(messages), (*problems, *unknown_parts(unknown, place))


def retold(messages: Iterable[Message], *, delegated: bool) -> Iterator[Message]:
    """Yield messages that any reader took for the person's, told apart as those of rows are.

    Args:
        messages: read from a request as a provider takes it.
        delegated: as for `messages_of`.
    """
    for message in messages:
        if message.origin != "person":
            yield message
        elif delegated:
            yield message._replace(origin="harness")
        else:
            (origin, text), *behind = told_apart(message.text)
            yield message._replace(origin=origin, text=text)
            for part, (author, words) in enumerate(behind, 1):
                yield message._replace(id=f"{message.id}.s{part}", origin=author, text=words)


def _content(stored: str, troubles: list[str], unknown: Counter[str]) -> tuple[str, tuple[ToolCall, ...]]:
    """Return a row's content as text with the calls among its parts, and note what was wrong with it."""
    text = without_surrogates(stored)
    if text != stored:
        troubles.append("lone surrogates were replaced by U+FFFD")
    if text.startswith(JSON_CONTENT):
        try:
            content = read_content(load_json(text[len(JSON_CONTENT) :]))
        except JSON_ERRORS:
            troubles.append("its parts are not JSON; shown as stored")
            return text, ()
        unknown.update(content.unknown)
        texts = [content.text, *(result.text for result in content.results)]
        calls = tuple(ToolCall(*map(without_surrogates, call)) for call in content.calls)
        return without_surrogates("\n".join(filter(None, texts))), calls
    return text, ()


def _parts(row: Row, text: str, delegated: bool, goals: set[str]) -> list[tuple[Origin, str]]:
    """Split a row by who wrote it: the person only where nothing says otherwise."""
    if row.role == "tool":
        return told_apart_result(text)
    if is_summary(row) or text.startswith(SUMMARY_PREFIXES):
        return [("summary", text)] if delegated else told_apart(text, is_summary=True)
    if row.role == "assistant":
        return [("agent", text)]
    if row.role == "system":
        return [("system", text)]
    if row.role != "user" or row.observed or row.display_kind:
        return [("harness", text)]
    if delegated or (goals and text.strip() in goals):
        return [("harness", text)]
    return told_apart(text)


def _goals(calls: tuple[ToolCall, ...]) -> Iterable[str]:
    """Goals handed to subagents: Hermes writes them into the parent's rows in the user's role."""
    for call in calls:
        if call.tool == "delegate_task":
            try:
                arguments = load_json(call.arguments)
            except JSON_ERRORS:
                continue
            tasks = [arguments, *(arguments.get("tasks") or ())] if isinstance(arguments, dict) else []
            for task in tasks:
                if isinstance(task, dict) and isinstance(task.get("goal"), str):
                    yield task["goal"].strip()


def session_kind(parent: str | None, parent_end: str | None, config: object, channel: object) -> SessionKind:
    """Return how a session began, by the same signs as Hermes' own session pickers."""
    marks: dict[str, Any] = {}
    if isinstance(config, str) and "_from" in config:
        try:
            loaded = load_json(config)
        except JSON_ERRORS:
            loaded = None
        marks = loaded if isinstance(loaded, dict) else {}
    if marks.get("_delegate_from") or channel == "subagent":
        return "subagent"
    if parent is None:
        return "branch" if marks.get("_branched_from") else "root"
    # a continuation inherits its parent's mark, so a mark counts only where it names the parent
    if marks.get("_branched_from") == parent or parent_end == "branched":
        return "branch"
    # any other child began after a reset: a context of its own
    return "continuation" if parent_end == "compression" else "root"


AGENT = "hermes"


def with_delegation(header: SessionHeader, rows: Sequence[Row], parent_calls: Iterable[str]) -> SessionHeader:
    """Return a header, as a subagent's where its parent handed down what the session begins with.

    Older versions leave no other mark.

    Args:
        header: of a session that has a parent and no mark of how it began.
        rows: its own.
        parent_calls: the stored calls of the parent's messages that delegate something.
    """
    asked = next((row.content for row in rows if row.role == "user"), None)
    if asked is None:
        return header
    return header._replace(kind="subagent") if asked.strip() in goals_in(parent_calls) else header


def goals_in(stored_calls: Iterable[object]) -> set[str]:
    """Return the goals that stored calls hand to subagents."""
    texts = (calls for calls in stored_calls if isinstance(calls, str))
    return {goal for calls in texts for goal in _goals(read_calls(calls)[0])}


def is_delegated(header: SessionHeader) -> bool:
    """Whether a program writes a session's prompts, so that no row in the user's role is the person's."""
    return header.kind == "subagent" or header.channel in PROGRAM_CHANNELS


class StoredSession(NamedTuple):
    """One row of the sessions table, as it is stored; None for a column that this version does not have."""

    id: Any
    source: Any
    title: Any
    model: Any
    end_reason: Any
    parent_session_id: Any
    cwd: Any
    git_branch: Any
    git_repo_root: Any
    model_config: Any
    started_at: Any
    ended_at: Any
    archived: Any
    hidden: Any
    message_count: Any
    tool_call_count: Any
    rewind_count: Any
    """This and the two before it change when Hermes compacts or rewinds, which leaves rows their ids."""
    input_tokens: Any
    output_tokens: Any
    cache_read_tokens: Any
    cache_write_tokens: Any
    actual_cost_usd: Any
    estimated_cost_usd: Any
    cost_status: Any

    @property
    def usage(self) -> Usage | None:
        """The tokens and the cost that stand with the session."""
        return usage_of(self[-7:-3], self[-3:-1], self.cost_status)


class RowCount(NamedTuple):
    """One session's rows, copies and rewound ones included."""

    rows: int
    last_id: int
    last_time: float | None
    """The time of the newest row."""
    active: int | None
    """Rows that are neither rewound nor compacted away; None where counting them would read every row."""


NO_ROWS = RowCount(0, 0, None, None)
UNCOUNTED = RowCount(1, 0, None, None)
"""For a session whose rows a damaged page hides: not empty, so that reading it says what is wrong."""


def header_of(
    row: StoredSession, parent_end: str | None, count: RowCount, place: str, file: int
) -> SessionHeader:
    """Return a session's header, its stamp without those of its relatives; see `with_lineage`.

    Args:
        row: its row.
        parent_end: how its parent session ended; None without a parent.
        count: its messages.
        place: the path of the database.
        file: its inode. Another file at the path may count the same rows and hold other ones.
    """
    texts: list[str | None] = [  # source to git_repo_root
        text if text is None or (type(text) is str and text.isascii()) else plain_text(text)
        for text in row[1:9]
    ]
    channel, title, model, end_reason, parent, cwd, branch, repository = texts
    last, started = moment(count.last_time), moment(row.started_at)
    counters = ":".join(map(str, row[-10:-1]))  # from message_count on
    return SessionHeader(
        row.id,
        AGENT,
        place,
        channel,
        title,
        model,
        started,
        started if last is None else last,
        moment(row.ended_at),
        end_reason,
        parent,
        session_kind(parent, parent_end, row.model_config, row.source),
        cwd,
        bool(row.archived),
        bool(row.hidden),
        count.rows,
        f"{file:x}:{count.rows}:{count.last_id}:{count.last_time}:{count.active}:{counters}",
        branch or None,
        repository=repository or None,
    )


def with_lineage(headers: Mapping[str, SessionHeader]) -> dict[str, SessionHeader]:
    """Add to each stamp those of the sessions whose rows the session inherits or hands on."""
    others: dict[str, list[str]] = {}
    for header in headers.values():
        parent = headers.get(header.parent_id) if header.parent_id else None
        if parent is not None and header.kind in ("continuation", "branch"):
            others.setdefault(header.id, []).append(parent.stamp)
            if header.kind == "continuation":
                others.setdefault(parent.id, []).append(header.stamp)
    return {
        session: header._replace(stamp=" ".join((header.stamp, *sorted(others[session]))))
        if session in others
        else header
        for session, header in headers.items()
    }


def plain_text(value: object) -> str | None:
    """Return a stored value as text."""
    if value is None:
        return None
    if isinstance(value, bytes):
        return decode_utf8(value)
    return without_surrogates(str(value))


def moment(value: object) -> float | None:
    """Return a stored time; None for one beyond the calendar."""
    if type(value) is float:
        return in_calendar(value)
    return in_calendar(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
