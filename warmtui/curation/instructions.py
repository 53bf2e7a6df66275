"""Finding what reads like an instruction to an agent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from warmtui.curation.detect.instructions import actions, hidden, languages, markup, orders
from warmtui.curation.detect.instructions.records import MOST, InstructionFlag
from warmtui.curation.detect.instructions.rule import Rule, led_in
from warmtui.curation.detect.normalize import Folded, fold_characters, is_disguised
from warmtui.curation.long_texts import LongTexts
from warmtui.display import display_line

__all__ = ["InstructionFlag", "instruction_flags"]

_RULES: tuple[Rule, ...] = (*orders.RULES, *actions.RULES, *languages.RULES, *markup.RULES)
_WORD = re.compile("[a-z]{2,}")
_LEADING_SPACE = re.compile(r"(?:\s|\\[nrt])+")
_ESCAPED_SPACE = re.compile(r"\\[nrt]")
_ASKED = frozenset(asked for rule in _RULES for asked in rule.any_of | rule.and_any_of)
_OTHERS = tuple(sorted(asked for asked in _ASKED if not _WORD.fullmatch(asked)))
_ASCII_OTHERS = tuple(asked for asked in _OTHERS if asked.isascii())
_SHOWN = 80
_long: LongTexts[tuple[InstructionFlag, ...]] = LongTexts()


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
    return _long.of(text, None, lambda: _flags(text))


def _flags(text: str) -> tuple[InstructionFlag, ...]:
    found = list(_plain_flags(text))
    found.extend(hidden.encoded_flags(text, lambda inner: tuple(_plain_flags(inner))))
    return tuple(_tidied(found, text))


def _plain_flags(text: str) -> Iterator[InstructionFlag]:
    yield from hidden.hidden_flags(text)
    lowered = fold_characters(text)
    folded: Folded | None = None
    if is_disguised(lowered):
        folded = Folded(text)
        lowered = folded.text
    rules = _possible(lowered)
    if not rules:
        return
    for rule in rules:
        if rule.raw:
            subject = text
        else:
            folded = folded or Folded(text)
            subject = folded.text
        count = 0
        for match in rule.pattern.finditer(subject):
            if rule.led and not led_in(subject, match.start()):
                continue
            if rule.check and not rule.check(subject, match):
                continue
            start, end = match.span() if rule.raw or not folded else folded.span(*match.span())
            start = _leading_space_end(text, start, end)
            yield InstructionFlag(start, end, rule.name, text[start : min(end, start + 4 * _SHOWN)])
            count += 1
            if count == MOST:
                break


def _leading_space_end(text: str, start: int, end: int) -> int:
    blank = _LEADING_SPACE.match(text, start, end)
    return blank.end() if blank and blank.end() < end else start


def _possible(lowered: str) -> list[Rule]:
    """Choose the rules whose words are in the text: most texts end here."""
    others = _ASCII_OTHERS if lowered.isascii() else _OTHERS
    plain = _ESCAPED_SPACE.sub(" ", lowered) if "\\" in lowered else lowered
    here = _ASKED.intersection(_WORD.findall(plain)).union([one for one in others if one in lowered])
    return [
        rule
        for rule in _RULES
        if not here.isdisjoint(rule.any_of) and not (rule.and_any_of and here.isdisjoint(rule.and_any_of))
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
        if given == MOST:
            return


def _shown(words: str) -> str:
    visible = "".join(one for one in words if one.isprintable() or one.isspace())
    line = display_line(" ".join(visible.replace("\\n", " ").split()))
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1].rstrip() + "…"
