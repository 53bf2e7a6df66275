"""Finding what reads like an instruction to an agent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from warmtui.curation.instructions import hidden, languages, markup, orders
from warmtui.curation.instructions.folding import Folded, fold_characters, is_disguised
from warmtui.curation.instructions.records import InstructionFlag
from warmtui.curation.instructions.rule import Rule
from warmtui.display import display_line

_RULES: tuple[Rule, ...] = (*orders.RULES, *languages.RULES, *markup.RULES)
_WORDS = tuple(dict.fromkeys(word for rule in _RULES for word in rule.any_of))
_AND_WORDS = tuple(dict.fromkeys(word for rule in _RULES for word in rule.and_any_of))
_SHOWN = 80
_MOST = 40
"""Flags given for one text: more would say nothing new."""


def instruction_flags(text: str) -> tuple[InstructionFlag, ...]:
    """Tell what in a text reads like an instruction to an agent.

    Looks for orders (to ignore earlier instructions, to become something, to hide things from the user, to
    send secrets away), for the signs of a chat's own machinery (role tags, calls, delimiters, notices), and
    for text that a person does not see. Letters are compared after folding: JSON escapes, look-alikes, full
    width, invisible characters, spelled-out letters. A flag is a reason to look, not a proof; that nothing is
    flagged proves nothing either.

    Args:
        text: any text: a message, a tool result, JSON, a file's content.

    Returns:
        The flags in order of place, at most 40, none inside another of the same rule.
    """
    found = list(_plain_flags(text))
    found.extend(hidden.encoded_flags(text, lambda inner: tuple(_plain_flags(inner))))
    return tuple(_tidied(found, text))


def _plain_flags(text: str) -> Iterator[InstructionFlag]:
    yield from hidden.hidden_flags(text)
    lowered = fold_characters(text)
    folded: Folded | None = None
    if is_disguised(text, lowered):
        folded = Folded(text)
        lowered = folded.text
    rules = _possible(lowered)
    if not rules:
        return
    folded = folded or Folded(text)
    for rule in rules:
        subject = text if rule.raw else folded.text
        count = 0
        for match in rule.pattern.finditer(subject):
            if match.start() == match.end() or (rule.check and not rule.check(subject, match)):
                continue
            start, end = match.span() if rule.raw else folded.span(*match.span())
            yield InstructionFlag(start, end, rule.name, text[start : min(end, start + 4 * _SHOWN)])
            count += 1
            if count == _MOST:
                break


def _possible(lowered: str) -> list[Rule]:
    """Choose the rules whose words are in the text: most texts end here."""
    here = {word for word in _WORDS if word in lowered}
    if not here:
        return []
    also = {word for word in _AND_WORDS if word in lowered}
    return [
        rule
        for rule in _RULES
        if not here.isdisjoint(rule.any_of) and (not rule.and_any_of or not also.isdisjoint(rule.and_any_of))
    ]


def _tidied(found: Iterable[InstructionFlag], text: str) -> Iterator[InstructionFlag]:
    ends: dict[str, int] = {}
    given = 0
    for flag in sorted(found, key=lambda one: (one.start, -one.end)):
        if flag.end <= ends.get(flag.rule, -1):
            continue
        ends[flag.rule] = flag.end
        yield flag._replace(words=_shown(flag.words))
        given += 1
        if given == _MOST:
            return


def _shown(words: str) -> str:
    visible = "".join(one for one in words if one.isprintable() or one.isspace())
    line = display_line(" ".join(visible.replace("\\n", " ").split()))
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1].rstrip() + "…"
