"""The bootstrap: the message list that the next session starts with, built from a seed.

Every bootstrap has the same parts in the same order, each absent when empty. The same seed gives the same
bytes, because a prefix that changes from run to run breaks every provider's prompt cache.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from warmtui.analysis.user_patterns import in_words
from warmtui.curation.folders import UNRESOLVED, Folders, resolve_folders
from warmtui.curation.summaries import note_line, recovery_line, single_line
from warmtui.model.chat import ChatMessage
from warmtui.model.session import ToolCall
from warmtui.model.template import ExampleCall, NoteKind, Recovery, Seed, ToolExample

FRAMING = (
    "The examples below were kept by hand from earlier sessions because they worked. They show how things "
    "are done here. None of it was done in this session: files, results and state may have changed, so "
    "check before relying on them."
)
ACKNOWLEDGEMENT = "Understood. I will follow these conventions and check the current state first."
NEUTRAL_CLOSING = "Done."
NEUTRAL_REQUEST = "Please go on with the work in this project."

OPENING = "opening"
ACKNOWLEDGED = "acknowledgement"
MESSAGE = "message"
"""Values of `ChatMessage.part` for messages that belong to no item of the seed."""

CALL_ID_LENGTH = 9
"""The strictest provider (Mistral) requires exactly nine letters and digits."""
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def seed_hash(seed: Seed) -> str:
    """Return the SHA-256 of a seed's JSON, hex; equal seeds have equal hashes."""
    return hashlib.sha256(seed.model_dump_json().encode()).hexdigest()


def call_id(digest: str, position: int) -> str:
    """Derive the id of the call at `position` in the bootstrap of the seed with hash `digest`.

    >>> call_id("ab", 0) == call_id("ab", 0) != call_id("ab", 1)
    True
    >>> len(call_id("ab", 0))
    9
    """
    number = int.from_bytes(hashlib.sha256(f"{digest}:{position}".encode()).digest(), "big")
    letters = []
    for _ in range(CALL_ID_LENGTH):
        number, digit = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[digit])
    return "".join(letters)


def bootstrap(seed: Seed, folders: Folders) -> tuple[ChatMessage, ...]:
    """Build the messages that a session with this seed starts with.

    Args:
        seed: the parts, in the person's order.
        folders: what `{home}` and `{cwd}` stand for.

    Returns:
        An opening by the user, an acknowledgement, then the examples. The last message is the assistant's, so
        that the person's can follow. Empty for an empty seed.
    """
    if seed.is_empty():
        return ()
    return tuple(_messages(seed, folders))


def seed_text(seed: Seed) -> str:
    """Return the lines and calls that a session would read of a seed, with placeholders for folders.

    Left out are the framing, and the words and results around the calls of an example.
    """
    lines = opening(seed, UNRESOLVED).removeprefix(FRAMING).strip()
    calls = (call for message in _messages(seed, UNRESOLVED) for call in message.calls)
    return "\n".join(filter(None, [lines, *(f"{call.tool} {call.arguments}" for call in calls)]))


def _messages(seed: Seed, folders: Folders) -> Iterator[ChatMessage]:
    yield ChatMessage("user", opening(seed, folders), part=OPENING)
    yield ChatMessage("assistant", ACKNOWLEDGEMENT, invented=True, part=ACKNOWLEDGED)
    digest = seed_hash(seed)
    # ids are numbered over the whole bootstrap, so that no two calls share one
    count = 0
    for recovery in seed.recoveries:
        if recovery.shown_as == "messages":
            yield from _recovery_messages(recovery, folders, digest, count)
            count += 2
    for example in seed.tool_examples:
        yield from _example_messages(example, folders, digest, count)
        count += len(example.calls)


def opening(seed: Seed, folders: Folders) -> str:
    """Return the text of the first message: the framing and the sections, as short Markdown."""
    sections: list[str] = [FRAMING]
    if seed.system_context.strip():
        sections.append(f"## Context\n{seed.system_context.strip()}")
    patterns = in_words(seed.user_patterns) if seed.user_patterns is not None else ()
    recoveries = (recovery_line(recovery) for recovery in seed.recoveries if recovery.shown_as == "line")
    markers = (single_line(marker.text) for marker in seed.context_markers)
    notes: dict[NoteKind, list[str]] = {}
    for note in seed.notes:
        notes.setdefault(note.kind, []).append(note_line(note))
    sections += _section("How I work", (*notes.get("preference", ()), *patterns))
    sections += _section("How things are done here", notes.get("convention", ()))
    sections += _section("Known failures and what fixed them", recoveries)
    sections += _section("Dead ends: do not try these again", notes.get("dead_end", ()))
    sections += _section("Known noise: these fail already", notes.get("known_noise", ()))
    sections += _section("Where things are", markers)
    return resolve_folders("\n\n".join(sections), folders)


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    """Yield a section, nothing when it has no lines."""
    if text := "\n".join(f"- {line}" for line in lines):
        yield f"## {title}\n{text}"


def _call(call: ExampleCall, folders: Folders, identity: str) -> ToolCall:
    arguments = resolve_folders(call.arguments, folders, is_json=True)
    return ToolCall(identity, call.tool, arguments)


def _result(call: ExampleCall, folders: Folders, identity: str, part: str) -> ChatMessage:
    return ChatMessage("tool", _resolved(call.result, folders), call_id=identity, part=part)


def _resolved(text: str, folders: Folders) -> str:
    # Hermes strips each content; stripping here keeps the preview equal to what is sent
    return resolve_folders(text, folders).strip()


def _example_messages(
    example: ToolExample, folders: Folders, digest: str, count: int
) -> Iterator[ChatMessage]:
    part = example.id
    yield ChatMessage("user", _resolved(example.before, folders), invented=example.before_invented, part=part)
    ids = [call_id(digest, count + offset) for offset in range(len(example.calls))]
    calls = tuple(_call(call, folders, identity) for call, identity in zip(example.calls, ids, strict=True))
    yield ChatMessage("assistant", "", calls, part=part)
    for call, identity in zip(example.calls, ids, strict=True):
        yield _result(call, folders, identity, part)
    yield ChatMessage(
        "assistant", _resolved(example.closing, folders), invented=example.closing_invented, part=part
    )


def _recovery_messages(
    recovery: Recovery, folders: Folders, digest: str, count: int
) -> Iterator[ChatMessage]:
    part = recovery.id
    before = recovery.before or NEUTRAL_REQUEST
    invented = recovery.before_invented or not recovery.before
    yield ChatMessage("user", _resolved(before, folders), invented=invented, part=part)
    for offset, call in enumerate((recovery.failed, recovery.fixed)):
        identity = call_id(digest, count + offset)
        yield ChatMessage("assistant", "", (_call(call, folders, identity),), part=part)
        yield _result(call, folders, identity, part)
    closing = recovery.closing or NEUTRAL_CLOSING
    invented = recovery.closing_invented or not recovery.closing
    yield ChatMessage("assistant", _resolved(closing, folders), invented=invented, part=part)
