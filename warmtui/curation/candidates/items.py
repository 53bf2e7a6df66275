"""Template items built from a session: ids, keys, examples, and the requests and words around them."""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence

from warmtui.analysis.call_arguments import canonical
from warmtui.analysis.user_patterns import in_words
from warmtui.curation.bootstrap import NEUTRAL_CLOSING, NEUTRAL_REQUEST
from warmtui.curation.candidates.excerpts import shorten_result, shorten_words
from warmtui.model.outcome import JudgedCall
from warmtui.model.session import Session
from warmtui.model.template import (
    ContextMarker,
    ExampleCall,
    Provenance,
    Recovery,
    ToolExample,
    UserPatterns,
)

_NAGS = re.compile(
    r"exactly (?:one|1) (?:action|command|tool call|(?:bash |code )*block)|"
    r"(?:please )?(?:re)?format your (?:action|answer|output|response|reply|command)|"
    r"in triple backticks|<(?:response|format)_example>|"
    r"no (?:action|command|code|sql code|tool call) (?:was |were )?found in your|"
    r"your (?:last|previous) (?:response|message|output|action) (?:was|is|did|does|could|has|contained)",
    re.IGNORECASE,
)
_SEARCHED = 300
"""Characters of a message that are searched for a complaint: a long request may mention the format too."""
_COMPARED = 2_000
"""Characters that are compared to tell whether two messages are the same."""
_NUMBER = re.compile(r"\d{1,9}")


def item_id(kind: str, session_id: str, message_id: str, call_id: str, ordinal: int) -> str:
    """Derive the id of an item, twelve hexadecimal digits; the same input gives the same id."""
    text = "\x1f".join((kind, session_id, message_id, call_id, str(ordinal)))
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12]


def record_key(record: Recovery | ToolExample | ContextMarker | UserPatterns) -> str:
    """Return a key that is equal for records that say the same, whatever session they come from."""
    match record:
        case Recovery():
            return f"recovery\x1f{record.failed.tool}\x1f{record.fixed.tool}\x1f{record.change}"
        case ToolExample():
            calls = (part for call in record.calls for part in (call.tool, canonical(call.arguments)))
            return "\x1f".join(("example", *calls))
        case ContextMarker():
            return f"marker\x1f{record.kind}\x1f{record.text}"
        case UserPatterns():
            return "user_patterns\x1f" + "\x1f".join(in_words(record))


def provenance_of(session: Session, message_id: str | None, call_id: str | None = None) -> Provenance:
    """Return where an item comes from."""
    return Provenance(
        agent=session.header.agent, session_id=session.header.id, message_id=message_id, call_id=call_id
    )


def example_call(call: JudgedCall) -> ExampleCall:
    """Return a call and its result as an example shows them: exact arguments, the result shortened."""
    text = call.result.text if call.result is not None else ""
    return ExampleCall(
        tool=call.call.tool,
        arguments=call.call.arguments,
        result=shorten_result(text, call.call.tool),
        result_characters=len(text),
    )


def requests_of(session: Session) -> tuple[int, ...]:
    """Return the indexes of the person's messages, in order, without the reminders."""
    skipped = reminders(session)
    return tuple(
        index
        for index, message in enumerate(session.messages)
        if message.origin == "person" and index not in skipped
    )


def reminders(session: Session) -> frozenset[int]:
    """Return the indexes of the messages in the person's name that are a harness's fixed reminders.

    A message is one when its text, numbers aside, occurs more than once, or when it begins like a complaint
    about the format of an answer. The first message is always a request.
    """
    texts = [
        (index, _NUMBER.sub("0", " ".join(message.text[:_COMPARED].split())))
        for index, message in enumerate(session.messages)
        if message.origin == "person"
    ]
    counts = Counter(text for _, text in texts)
    return frozenset(index for index, text in texts[1:] if counts[text] > 1 or _NAGS.search(text[:_SEARCHED]))


def request_before(session: Session, position: int, requests: Sequence[int]) -> str:
    """Return the whole text of the person's last request before a message; empty without one."""
    before = bisect_left(requests, position)
    return session.messages[requests[before - 1]].text if before else ""


def closing_after(session: Session, result_index: int) -> str:
    """Return the whole text of the agent's words right after a result; empty when another call follows."""
    for index in range(result_index + 1, len(session.messages)):
        message = session.messages[index]
        if message.role == "tool":
            continue
        return message.text if message.origin == "agent" and not message.calls else ""
    return ""


def words_before(session: Session, position: int, requests: Sequence[int] | None = None) -> tuple[str, bool]:
    """Return the request before a message, shortened, and whether warmtui invented it.

    An example cannot begin with a slash-command or a message without words, so those are replaced by
    `NEUTRAL_REQUEST`. Reminders of a harness are skipped.

    Args:
        session: the session.
        position: index of the message.
        requests: the result of `requests_of`, when the caller has it.
    """
    requests = requests_of(session) if requests is None else requests
    words = shorten_words(request_before(session, position, requests))
    if words and not words.startswith(("/", "[image")):
        return words, False
    return NEUTRAL_REQUEST, True


def words_after(session: Session, result_index: int) -> tuple[str, bool]:
    """Return the agent's words that close a call, shortened, and whether warmtui invented them.

    Only words right after the results and without another call count: words that announce the next call would
    promise something that the example does not show.
    """
    words = shorten_words(closing_after(session, result_index))
    return (words, False) if words else (NEUTRAL_CLOSING, True)


def tool_example(
    session: Session, call: JudgedCall, ordinal: int = 0, requests: Sequence[int] | None = None
) -> ToolExample:
    """Return one call as an example.

    Args:
        session: the session of the call.
        call: the call, with its result.
        ordinal: its index among the calls of its message, from 0.
        requests: the result of `requests_of`, when the caller has it.
    """
    before, before_invented = words_before(session, call.position, requests)
    closing, closing_invented = words_after(session, call.result_index)
    return ToolExample(
        id=item_id("tool_example", session.header.id, call.message_id, call.call.id, ordinal),
        before=before,
        before_invented=before_invented,
        calls=(example_call(call),),
        closing=closing,
        closing_invented=closing_invented,
        provenance=provenance_of(session, call.message_id, call.call.id),
    )
