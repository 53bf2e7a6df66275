"""What a flag says, how a rule that raises one is written, and phrases that many patterns share.

Patterns see the normalised text: lower case, single spaces, plain letters.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from warmtui.curation.detect.instructions.normalize import fold_characters
from warmtui.curation.detect.rule import Check, Rule

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
    """Offset of the first character in the text."""
    end: int
    """Offset after the last character."""
    rule: str
    """Stable kebab-case id, a key of `MEANINGS`."""
    words: str
    """What is written there on one line, shortened; for encoded text what it decodes to."""

    def __str__(self) -> str:
        said = MEANINGS[self.rule]
        return f'{said}: "{self.words}"' if self.words else said


_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")

GAP = r"[*_`'\"~,]{0,3}[ \n][^\w\n]{0,6}(?:[0-9]{1,6}[|:][^\w\n]{0,6})?"
"""What may separate two words of an order: emphasis, quotes, line breaks with comment signs or numbers."""

_LEAD_IN = re.compile(
    r"(?:[^\w\s][ \n]?|\n|\b(?:and|then|but|please|also|you|must|should|so|now|just|to|instead|simply|will|"
    r"can|immediately|completely|fully) )$"
)
_LEAD_IN_LENGTH = 13


def led_in(text: str, start: int) -> bool:
    """Return whether an imperative can begin here: after punctuation, a line's start, or a lead-in word."""
    return not start or _LEAD_IN.search(text[max(0, start - _LEAD_IN_LENGTH) : start]) is not None


AGENT = (
    r"(?:(?:ai|llm)(?: (?:coding |code |language )?(?:agent|assistant|model|bot|tool|system)s?)?|"
    r"(?:large )?language models?|(?:ai )?assistants?|(?:coding |code )?agents?|llms|chatbots?|"
    r"claude(?: code)?|chatgpt|gpt(?:-[0-9])?|copilot|codex|gemini|cursor|hermes)"
)
"""Names that address an agent."""

_ORDER = re.compile(
    r"\b(?:you (?:must|should|shall|are now|will now|need to|have to)|ignore|disregard|(?:new|updated|"
    r"real) (?:task|instruction|order)s?|your (?:new|real|next) |assistant[:,]|system[:,]|(?:now|please|"
    r"first|immediately),? (?:run|execute|send|call|fetch|delete|post|upload|open|read|do)\b|do not (?:tell|"
    r"mention|inform|ask)|never (?:tell|mention|reveal)|always (?:answer|reply|respond|say|obey))|(?:\n|"
    r"[^\w\s] ?)(?:run|execute|send|call|fetch|upload|obey) (?:the|this|all|your|curl|rm|http|it)\b"
)
_ORDER_WITHIN = 300


def instruction(
    name: str,
    pattern: str,
    hints: str,
    more_hints: str = "",
    check: Check | None = None,
    *,
    led: bool = False,
    raw: bool = False,
    flags: int = 0,
) -> Rule:
    """Make a rule; its pattern and hints are normalised as the text is.

    Args:
        name: a key of `MEANINGS`.
        pattern: what reads like an instruction.
        hints: words or other strings, with spaces between; one of them must be in the text. A plain Latin
            word is looked for as a whole word, also with an s.
        more_hints: as `hints`; one of these must be in the text too.
        check: the last test of a match.
        led: the match is an imperative, so what precedes it must be able to lead one in.
        raw: the pattern needs capitals or columns, so it is tried on the original text.
        flags: for `re.compile`.
    """

    def check_led(match: re.Match[str]) -> bool:
        return led_in(match.string, match.start()) and (check is None or check(match))

    return Rule(
        name=name,
        pattern=_NOT_ASCII.sub(lambda part: fold_characters(part[0]), pattern),
        hints=_split(hints),
        more_hints=_split(more_hints),
        raw=raw,
        flags=flags,
        check=check_led if led else check,
    )


def _split(hints: str) -> frozenset[str]:
    # hints are compared with whole words, so the plural must be one of them
    folded = fold_characters(hints).split()
    return frozenset(folded) | {f"{hint}s" for hint in folded if hint.isascii() and hint.isalpha()}


def order_follows(match: re.Match[str]) -> bool:
    """Return whether an order to an agent follows within 300 characters of a match."""
    return _ORDER.search(match.string[match.end() : match.end() + _ORDER_WITHIN]) is not None
