"""Which parts of a text read like an instruction to an agent. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice

from warmtui.curation.detect.instructions import actions, hidden, languages, markup, orders
from warmtui.curation.detect.instructions.flags import MOST, InstructionFlag
from warmtui.curation.detect.instructions.normalize import Normalized, fold_characters, is_disguised
from warmtui.curation.detect.rule import RuleTable
from warmtui.curation.long_texts import cache_long_texts
from warmtui.display import display_line

__all__ = ["InstructionFlag", "instruction_flags"]

_RULES = RuleTable(
    (*orders.RULES, *actions.RULES, *languages.RULES, *markup.RULES),
    whole_words=True,
)
_LEADING_SPACE = re.compile(r"(?:\s|\\[nrt])+")
_SHOWN = 80


@cache_long_texts
def instruction_flags(text: str) -> tuple[InstructionFlag, ...]:
    """Return what in a text reads like an instruction to an agent.

    Looks for orders (to ignore earlier instructions, to become something, to hide things from the user, to
    send secrets away), for the signs of a chat's own machinery (role tags, calls, delimiters, notices), and
    for text that a person does not see. Letters are compared after normalisation: JSON escapes, look-alikes,
    full width, invisible characters, spelled-out letters. A flag is a reason to look, not a proof. A text
    without flags is not proved harmless either.

    Args:
        text: any text: a message, a tool result, JSON, a file's content.

    Returns:
        The flags in order of place, at most 40, none inside another of the same rule.
    """
    found = list(_plain_flags(text))
    found.extend(hidden.encoded_flags(text, lambda inner: tuple(_plain_flags(inner))))
    return tuple(_tidy(found))


def _plain_flags(text: str) -> Iterator[InstructionFlag]:
    yield from hidden.hidden_flags(text)
    lowered = fold_characters(text)
    # normalising is slow, and most texts hold no hint even without it
    rules = _RULES.possible(Normalized(text).text if is_disguised(lowered) else lowered)
    if not rules:
        return
    normal = Normalized(text)
    for rule in rules:
        for start, end in islice(rule.find(text, normal.text), MOST):
            if not rule.raw:
                start, end = normal.span(start, end)
            # patterns may begin with a line break, which is no part of the words
            start = _leading_space_end(text, start, end)
            yield InstructionFlag(start, end, rule.name, text[start : min(end, start + 4 * _SHOWN)])


def _leading_space_end(text: str, start: int, end: int) -> int:
    blank = _LEADING_SPACE.match(text, start, end)
    return blank.end() if blank and blank.end() < end else start


def _tidy(found: Iterable[InstructionFlag]) -> Iterator[InstructionFlag]:
    """Order flags, drop those inside another of the same rule, and make their words one line."""
    ends: dict[str, int] = {}
    count = 0
    for flag in sorted(found, key=lambda flag: (flag.start, -flag.end)):
        if flag.end <= ends.get(flag.rule, -1):
            continue
        ends[flag.rule] = flag.end
        yield flag._replace(words=_shown(flag.words))
        count += 1
        if count == MOST:
            return


def _shown(words: str) -> str:
    visible = "".join(letter for letter in words if letter.isprintable() or letter.isspace())
    line = display_line(" ".join(visible.replace("\\n", " ").split()))
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1].rstrip() + "…"
