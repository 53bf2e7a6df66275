"""The results that the library returns."""

from __future__ import annotations

from typing import Literal, NamedTuple

from warmtui.model.session import Problem
from warmtui.model.template import Record, Template, Version

Thumb = Literal["good", "bad"]


class Saved(NamedTuple):
    """The result of a save."""

    template: Template
    """As it is now."""
    version: Version
    """Its current version: the new one, or the one that already had this content."""
    created: bool
    """The template is new."""
    unchanged: bool
    """The current version already had this content, so no version was made."""


class DamagedTemplate(NamedTuple):
    """A template whose current version cannot be trusted; it is listed and never used."""

    id: str
    name: str
    tags: tuple[str, ...]
    version: int | None
    """The number of the current version, None where that is damaged too."""
    started: int
    """How often an agent was started with it."""


class Listing(NamedTuple):
    """The templates of a listing; damage to one does not hide the others."""

    templates: tuple[Template, ...]
    problems: tuple[Problem, ...]
    """What is wrong with each damaged template."""
    damaged: tuple[DamagedTemplate, ...] = ()


class Use(Record):
    """One start of an agent with a template."""

    id: int
    template_id: str
    version: int
    agent: str
    session_id: str | None
    """The session it started; None if it could not be identified."""
    source: str
    """Where the agent keeps its sessions."""
    started_at: str
    """ISO 8601 UTC with `Z`."""
    command: tuple[str, ...]
    """The words of the command."""
    exit_code: int | None
    """None while it runs, and when warmtui ended first."""
    candidates: tuple[str, ...]
    """The sessions that fit, when there was not exactly one."""
    thumb: Thumb | None
    """The person's rating of the session."""
