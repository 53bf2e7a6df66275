"""What a rule is, and the parts that rules share. Patterns see folded text: lower case, single spaces."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from warmtui.curation.instructions.folding import fold_characters

Check = Callable[[str, "re.Match[str]"], bool]

_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")

GAP = r"[*_`'\"~)\],]{0,3}[ \n][^\w\n]{0,6}(?:[0-9]{1,6}[|:] ?)?"
"""Between two words of one order: emphasis, quotes, a line break with a comment sign or a line number."""

START = (
    r"(?:(?<![\s\S])|(?<=\n)|(?<=[^\w\s])|(?<=[^\w\s] )|(?<=\band )|(?<=\bthen )|(?<=\bbut )|(?<=\bplease )|"
    r"(?<=\balso )|(?<=\byou )|(?<=\bmust )|(?<=\bshould )|(?<=\bso )|(?<=\bnow )|(?<=\bjust )|(?<=\bto ))\b"
)
"""An imperative can begin here: after punctuation, at a line's start, or after a word that leads one in."""

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
    rf"|{START}(?:run|execute|send|call|fetch|upload|obey) (?:the|this|all|your|curl|rm|http|it)\b"
)
_ORDER_WITHIN = 300


@dataclass(frozen=True)
class Rule:
    """One pattern, and what a text must hold before it is tried."""

    name: str
    pattern: re.Pattern[str]
    any_of: tuple[str, ...]
    """Folded words, one of which must be in the text."""
    and_any_of: tuple[str, ...] = ()
    """As `any_of`, a second condition; empty when there is none."""
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
    raw: bool = False,
    flags: int = 0,
) -> Rule:
    """Make a rule; `any_of` and `and_any_of` are words with spaces between, all is folded as the text is."""
    return Rule(
        name=name,
        pattern=re.compile(_NOT_ASCII.sub(lambda part: fold_characters(part[0]), pattern), flags),
        any_of=tuple(fold_characters(any_of).split()),
        and_any_of=tuple(fold_characters(and_any_of).split()),
        check=check,
        raw=raw,
    )


def order_follows(text: str, match: re.Match[str]) -> bool:
    """Tell whether an order to an agent stands within 300 characters after a match."""
    return _ORDER.search(text.lower(), match.end(), match.end() + _ORDER_WITHIN) is not None
