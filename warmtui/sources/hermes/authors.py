"""Who wrote a text in the user's role: Hermes puts words of its own there, alone or around the person's."""

from __future__ import annotations

import re

from warmtui.model.session import Origin
from warmtui.sources.hermes.lineage import SUMMARY_PREFIXES

HARNESS_PREFIXES = (
    "Review the conversation above and update the skill library",
    "Review the conversation above and consider saving to memory",
    "[SYSTEM:",
    "[System:",
    "[System note:",
    "[IMPORTANT:",
    "[ASYNC ",
    "[Your active task list",
    "[USER INITIATED SKILLS RELOAD:",
    "[Continuing toward your standing goal]",
    "Cronjob Response:",
)
"""How prompts and notices begin that Hermes itself writes in the user's role (0.19.0 to 0.23)."""
_SUMMARY_END = re.compile(r"^-{3,}\s*END OF CONTEXT SUMMARY\b[^\n]*$", re.MULTILINE)
"""What stands between a summary and the person's live request behind it."""
_NOTES = re.compile(
    r"(?:\[(?:System note:[^\]]*|Note: model was just switched[^\]]*"
    r'|Replying to(?: your previous message)?: ".{0,2000}?")\]\n\n){1,8}',
    re.DOTALL,
)
"""Notes in front of what was typed: the state of the session, or the message that it replies to."""
_SKILL = "[IMPORTANT: The user has invoked the "
"""How the body of a skill begins that stands around the words typed behind the skill's name."""
_TYPED_BEHIND_SKILL = "The user has provided the following instruction alongside the skill invocation: "
_TYPED_BEFORE_SKILLS = "\nUser instruction: "
_SKILL_ENDS = ("\n\n[Runtime note:", "\n\n[Loaded as part of the ")
"""What follows the typed words."""
_OBSERVED = "[Observed Telegram group context"
"""How the chatter of a group begins that stands before the message to the agent."""
_STEERED = "\n\n[OUT-OF-BAND USER MESSAGE"
_STEER_END = "\n[/OUT-OF-BAND USER MESSAGE]"
_ADDRESSED = re.compile(r"^\[Current addressed message\b[^\]\n]*\]\n", re.MULTILINE)


def told_apart(text: str, *, is_summary: bool = False) -> list[tuple[Origin, str]]:
    """Split a text in the user's role by who wrote it.

    Args:
        text: what the row holds.
        is_summary: whether a column says that it is a compaction's summary.

    Returns:
        Parts with something in them, in their order; the person's only where it is known to be typed.
    """
    if is_summary or text.startswith(SUMMARY_PREFIXES):
        end = _SUMMARY_END.search(text)
        return _parts("summary", text[: end.end()], text[end.end() :]) if end else [("summary", text)]
    if text.startswith(_SKILL):
        return _around_skill(text)
    if text.startswith(_OBSERVED):
        addressed = _ADDRESSED.search(text)
        start = addressed.end() if addressed else len(text)
        return _parts("harness", text[:start], text[start:])
    notes = _NOTES.match(text)
    if notes is not None:
        typed = text[notes.end() :]
        if not typed.startswith(HARNESS_PREFIXES):
            return _parts("harness", text[: notes.end()], typed)
    return [("harness" if text.startswith(HARNESS_PREFIXES) else "person", text)]


def told_apart_result(text: str) -> list[tuple[Origin, str]]:
    """Split a result from what the person said while the agent worked, which Hermes puts behind it.

    Only behind a result's JSON: a raw line break cannot be part of that, so no file or page can pretend it.
    """
    start = text.find(_STEERED)
    if start < 0 or not text[:start].endswith(("}", "]")):
        return [("tool", text)]
    said: list[tuple[Origin, str]] = []
    at = start
    while at >= 0:
        begin = text.find("\n", at + len(_STEERED)) + 1
        end = text.find(_STEER_END, begin - 1)
        if not begin or end < 0:
            break
        said += _parts("harness", "", text[begin:end])
        at = text.find(_STEERED, end)
    return [("tool", text[:start]), *said] if said else [("tool", text)]


def _around_skill(text: str) -> list[tuple[Origin, str]]:
    """Split the body of a skill from the words that were typed with its name.

    The body may quote the mark, so the last one counts; of several skills the words come first.
    """
    start = text.rfind(_TYPED_BEHIND_SKILL)
    mark = _TYPED_BEHIND_SKILL
    if start < 0:
        start, mark = text.find(_TYPED_BEFORE_SKILLS), _TYPED_BEFORE_SKILLS
    if start < 0:
        return [("harness", text)]
    start += len(mark)
    ends = (at for sign in _SKILL_ENDS if (at := text.find(sign, start)) >= 0)
    end = min(ends, default=len(text))
    return [*_parts("harness", text[:start], text[start:end]), *_parts("harness", text[end:], "")]


def _parts(origin: Origin, text: str, typed: str) -> list[tuple[Origin, str]]:
    """Return the program's part and the person's, without those that hold nothing."""
    both: list[tuple[Origin, str]] = [(origin, text.strip()), ("person", typed.strip())]
    return [part for part in both if part[1]]
