"""Tell who wrote each text in the user's role of a transcript: Claude Code puts much of its own there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from warmtui.model.session import Origin
from warmtui.sources.content import read_content
from warmtui.sources.harness_texts import CLAUDE_CODE

_SUMMARY = "This session is being continued from a previous conversation that ran out of context."
_ADDED = re.compile(r"\s*<(ide_[a-z_]{1,40}|system-reminder)>")
"""How text begins that an editor or Claude Code puts before what was typed."""
_SAID = "the user said:"
_PROGRAM_SAID = "The user wants to clarify these questions"
"""How the words behind a refusal begin where Claude Code wrote them."""


def author_of(row: Mapping[str, Any], content: object) -> Origin:
    """Return who wrote a row of the user's role: the person, a program, or a model that summarised.

    Args:
        row: the row; newer versions say in it where its words come from.
        content: what it says, without what was put before it.
    """
    text = read_content(content).text.strip()
    if row.get("isCompactSummary") is True or text.startswith(_SUMMARY):
        return "summary"
    origin = row.get("origin")
    kind = origin.get("kind") if isinstance(origin, dict) else None
    if row.get("isMeta") is True or row.get("isSidechain") is True or kind not in (None, "human"):
        return "harness"
    if row.get("promptSource") == "system" or not text or text.startswith(CLAUDE_CODE):
        return "harness"
    return "person"


def typed_part(content: object) -> tuple[object, str]:
    """Divide a text or a list of parts into what was typed and what was put before it."""
    if isinstance(content, str):
        return _divide(content)
    if not isinstance(content, list):
        return content, ""
    typed: list[object] = []
    added: list[str] = []
    for part in content:
        text = part.get("text") if isinstance(part, dict) else None
        rest, before = _divide(text) if isinstance(text, str) else ("", "")
        if before:
            added.append(before)
        if rest or not before:
            typed.append({"type": "text", "text": rest} if before else part)
    return typed, "\n".join(added)


def _divide(text: str) -> tuple[str, str]:
    at = 0
    while (tag := _ADDED.match(text, at)) is not None:
        end = text.find(f"</{tag[1]}>", tag.end())
        if end < 0:
            break
        at = end + len(f"</{tag[1]}>")
    return (text[at:].strip(), text[:at].strip()) if at else (text, "")


def said_in_refusal(text: str) -> str:
    """Return the person's own words in the result of a refused call; empty without any."""
    said = text.partition(_SAID)[2].strip()
    return "" if said.startswith(_PROGRAM_SAID) else said
