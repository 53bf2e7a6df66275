"""What a rule is, and the parts that rules share. Patterns see folded text: lower case, single spaces."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from warmtui.curation.detect.normalize import fold_characters

Check = Callable[[str, "re.Match[str]"], bool]

_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")

GAP = r"[*_`'\"~,]{0,3}[ \n][^\w\n]{0,6}(?:[0-9]{1,6}[|:][^\w\n]{0,6})?"
"""Between two words of one order: emphasis, quotes, a line break with a comment sign or a line number."""

_LEAD_IN = re.compile(
    r"(?:[^\w\s][ \n]?|\n|\b(?:and|then|but|please|also|you|must|should|so|now|just|to|instead|simply|will|"
    r"can|immediately|completely|fully) )$"
)
_LEAD_IN_LENGTH = 13


def led_in(text: str, start: int) -> bool:
    """Tell whether an imperative can begin here: after punctuation, a line's start, or a lead-in word."""
    return not start or _LEAD_IN.search(text[max(0, start - _LEAD_IN_LENGTH) : start]) is not None


AGENT = (
    r"(?:(?:ai|llm)(?: (?:coding |code |language )?(?:agent|assistant|model|bot|tool|system)s?)?|"
    r"(?:large )?language models?|(?:ai )?assistants?|(?:coding |code )?agents?|llms|chatbots?|"
    r"claude(?: code)?|chatgpt|gpt(?:-[0-9])?|copilot|codex|gemini|cursor|hermes)"
)
"""Names that address an agent."""

_ORDER = re.compile(
    r"\b(?:you (?:must|should|shall|are now|will now|need to|have to)|ignore|disregard|"
    r"(?:new|updated|real) (?:task|instruction|order)s?|your (?:new|real|next) |assistant[:,]|system[:,]|"
    r"(?:now|please|first|immediately),? (?:run|execute|send|call|fetch|delete|post|upload|open|read|do)\b|"
    r"do not (?:tell|mention|inform|ask)|never (?:tell|mention|reveal)|always (?:answer|reply|respond|say|"
    r"obey))"
    r"|(?:\n|[^\w\s] ?)(?:run|execute|send|call|fetch|upload|obey) (?:the|this|all|your|curl|rm|http|it)\b"
)
_ORDER_WITHIN = 300


@dataclass(frozen=True)
class Rule:
    """One pattern, and what a text must hold before it is tried."""

    name: str
    pattern: re.Pattern[str]
    any_of: frozenset[str]
    """Folded words or other strings, one of which must be in the text."""
    and_any_of: frozenset[str] = frozenset()
    """As `any_of`, a second condition; empty when there is none."""
    led: bool = False
    """An imperative: what stands before must be able to lead one in."""
    check: Check | None = None
    """Looks at the folded text around a match and decides."""
    raw: bool = False
    """The pattern needs capitals or columns: it is tried on the original text."""


def rule(
    name: str,
    pattern: str,
    any_of: str,
    and_any_of: str = "",
    check: Check | None = None,
    *,
    led: bool = False,
    raw: bool = False,
    flags: int = 0,
) -> Rule:
    """Make a rule; `any_of` and `and_any_of` are words with spaces between, all is folded as the text is.

    A plain Latin word is looked for as a whole word, also with an s; anything else as a part of the text.
    """
    return Rule(
        name=name,
        pattern=re.compile(_NOT_ASCII.sub(lambda part: fold_characters(part[0]), pattern), flags),
        any_of=_asked(any_of),
        and_any_of=_asked(and_any_of),
        led=led,
        check=check,
        raw=raw,
    )


def _asked(words: str) -> frozenset[str]:
    asked = fold_characters(words).split()
    return frozenset(asked) | {f"{word}s" for word in asked if word.isascii() and word.isalpha()}


def order_follows(text: str, match: re.Match[str]) -> bool:
    """Tell whether an order to an agent stands within 300 characters after a match."""
    return _ORDER.search(text[match.end() : match.end() + _ORDER_WITHIN]) is not None
