"""The person's requests in a session, told apart from the reminders that a harness sends in their name."""

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
_SEEN = 300
"""Characters of a message in which a reminder shows itself: a long request may speak of the format too."""
_COMPARED = 2_000
"""Characters by which two messages are the same text."""
_NUMBER = re.compile(r"\d{1,9}")


def requests_of(session: Session) -> tuple[int, ...]:
    """Return the indexes of the person's messages, in order, without those that `reminders` gives."""
    skipped = reminders(session)
    return tuple(
        i for i, message in enumerate(session.messages) if message.origin == "person" and i not in skipped
    )


def reminders(session: Session) -> frozenset[int]:
    """Return the indexes of the messages in the person's name that repeat a fixed reminder.

    A message counts when its text, numbers aside, came twice or more, or when it begins like a complaint
    about the format of an answer. The first message is what the session is about, whatever it says.
    """
    said = [
        (i, _NUMBER.sub("0", " ".join(message.text[:_COMPARED].split())))
        for i, message in enumerate(session.messages)
        if message.origin == "person"
    ]
    counts = Counter(text for _, text in said)
    return frozenset(i for i, text in said[1:] if counts[text] > 1 or _NAGS.search(text[:_SEEN]))
