"""Closed word lists; apart from the records that use them, so that reading figures loads no pydantic."""

from __future__ import annotations

from typing import Literal

TaskType = Literal["code", "file", "research", "terminal", "general"]
TemplateType = Literal["code", "file", "research", "terminal", "general", "mixed"]
RequestStyle = Literal["command_driven", "conversational", "terse", "detailed", "balanced"]
FeedbackStyle = Literal["terse", "detailed", "corrections_only", "balanced"]
MarkerKind = Literal["path", "url", "command", "identifier"]
