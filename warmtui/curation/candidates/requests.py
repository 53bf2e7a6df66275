"""The person's requests in a session, without the reminders that a harness sends in their name."""

from __future__ import annotations

import re
from collections import Counter

from warmtui.model.session import Session

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
