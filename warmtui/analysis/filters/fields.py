"""The fields of the filter language."""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

from warmtui.model.stats import TaskType

Kind = Literal["text", "type", "folder", "tool", "number", "moment"]


class Field(NamedTuple):
    """A field of the filter language."""

    kind: Kind
    takes: str
    """What it accepts, for messages."""
    example: str
    label: str
    """What it means, for completion."""


TASK_TYPES: tuple[str, ...] = get_args(TaskType)
_MOMENT = "a day like 2026-11-20, today or yesterday, or an age like 12h, 7d or 2w"
FIELDS: dict[str, Field] = {
    "tool": Field("tool", "the name of a tool", "tool:terminal", "used this tool"),
    "errors": Field("number", "a number or a percentage", "errors<5%", "failed calls; with % their share"),
    "messages": Field("number", "a number", "messages>100", "how many messages"),
    "calls": Field("number", "a number", "calls>20", "how many tool calls"),
    "score": Field("number", "a number from 0 to 100", "score>90", "proficiency score, 0 to 100"),
    "agent": Field("text", "the name of an agent", "agent:hermes", "which program wrote it"),
    "channel": Field("text", "the name of a channel", "channel:cli", "where the person was"),
    "model": Field("text", "the name of a model", "model:opus", "which model"),
    "type": Field(
        "type", f"{', '.join(TASK_TYPES[:-1])} or {TASK_TYPES[-1]}", "type:code", "what most calls did"
    ),
    "since": Field("moment", _MOMENT, "since:7d", "last active then or later"),
    "until": Field("moment", _MOMENT, "until:yesterday", "last active then or before"),
    "cwd": Field("folder", "a folder", "cwd:~/shop", "the folder it worked in"),
    "title": Field("text", "words of a title", "title:ledger", "words of the title"),
}


def meant_by(name: str) -> str | None:
    """Return the field whose name differs by a single typo, None if there is none.

    >>> meant_by("chanel")
    'channel'
    """
    for known in FIELDS:
        if known != name and abs(len(known) - len(name)) <= 1 and _single_typo(known, name):
            return known
    return None


def _single_typo(first: str, second: str) -> bool:
    """Whether a letter was added, left out or changed, or two neighbours swapped."""
    short, long = sorted((first, second), key=len)
    at = 0
    while at < len(short) and short[at] == long[at]:
        at += 1
    if len(short) < len(long):
        return short[at:] == long[at + 1 :]
    swapped = short[at + 1 : at + 2] + short[at : at + 1]
    return short[at + 1 :] == long[at + 1 :] or swapped + short[at + 2 :] == long[at:]
