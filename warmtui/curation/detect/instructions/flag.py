"""What was found, and the words that tell a person."""

from __future__ import annotations

from typing import NamedTuple

MOST = 40
"""Flags of a text at most: more would say nothing new."""

MEANINGS = {
    "ignore-instructions": "asks to ignore earlier instructions",
    "new-instructions": "gives the agent new instructions",
    "new-role": "tells the agent what it is now",
    "from-now-on": "tells the agent how to behave from now on",
    "must-now": "tells the agent what it must do now",
    "reveal-prompt": "asks for the agent's own instructions",
    "keep-from-user": "asks to keep something from the user",
    "skip-consent": "asks to act without the user's consent",
    "addressed-to-agent": "speaks to an agent that reads it",
    "stop-calling": "tells the agent to stop calling tools",
    "send-secrets": "asks to send secrets or private data away",
    "run-from-web": "urges to run a script from the web",
    "role-tag": "holds a chat role tag",
    "role-line": "starts a line like a chat message",
    "fake-delimiter": "ends the quoted part and gives orders",
    "fake-call": "looks like a tool call",
    "agent-notice": "looks like a notice from the agent's own program",
    "hidden-comment": "speaks to an agent in a hidden comment",
    "hidden-text": "hides text in invisible characters",
    "reordered-text": "reorders text with direction overrides",
    "encoded-order": "holds an encoded instruction",
}
"""What each rule's id tells a person."""


class InstructionFlag(NamedTuple):
    """A place that reads like an instruction to an agent; `str` describes it in part of a sentence."""

    start: int
    """Offset of the first character in the text that was looked at."""
    end: int
    """Offset after the last character."""
    rule: str
    """Stable kebab-case id, a key of `MEANINGS`."""
    words: str
    """What is written there on one line, shortened; for encoded text what it decodes to."""

    def __str__(self) -> str:
        said = MEANINGS[self.rule]
        return f'{said}: "{self.words}"' if self.words else said
