"""Projects: sessions by the folder that they worked in, whatever agent and worktree."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from warmtui.model.session import SessionHeader
from warmtui.model.stats import SessionSummary

_WORKTREE_INSIDE = re.compile(r"(?P<folder>/.+?)/\.(?:[\w-]+/)?worktrees/[^/]+(?:/.*)?\Z")
"""A worktree that an agent made inside the repository: `REPO/.worktrees/3`, `REPO/.claude/worktrees/x`."""
_WORKTREE_APART = re.compile(
    r"(?P<place>/(?:home/[^/]+|Users/[^/]+|root)/\.[\w-]+/worktrees)/[^/]+/(?P<name>[^/]+)(?:/.*)?\Z"
)
"""A worktree in an agent's own folder: `~/.codex/worktrees/0bae/REPO`."""


class Project(NamedTuple):
    """The sessions of one folder."""

    name: str
    folder: str
    sessions: tuple[SessionSummary, ...]
    """Newest first."""


def projects_of(sessions: Sequence[SessionSummary]) -> tuple[Project, ...]:
    """Group sessions by project, the one that was last active first; those without a folder are left out.

    A project is a repository where its agent says which, else the folder that the session worked in. A
    worktree belongs to the repository that it lies in, or to the only other project of its name.

    Args:
        sessions: newest first.
    """
    groups: dict[str, list[SessionSummary]] = {}
    for session in sessions:
        if folder := folder_of(session.header):
            groups.setdefault(folder, []).append(session)
    for folder in [folder for folder in groups if "*" in folder]:
        same = [other for other in groups if "*" not in other and _name(other) == _name(folder)]
        if len(same) == 1:
            groups[same[0]] += groups.pop(folder)
    order = {id(session): number for number, session in enumerate(sessions)}
    projects = []
    for folder, group in groups.items():
        group.sort(key=lambda session: order[id(session)])
        projects.append(Project(_name(folder), folder, tuple(group)))
    return tuple(sorted(projects, key=lambda project: order[id(project.sessions[0])]))


def folder_of(header: SessionHeader) -> str:
    """Return the folder of a session's project; empty if it is not known.

    >>> folder_of(SessionHeader("s", "codex", "x", cwd="/home/dev/.codex/worktrees/0bae/shop"))
    '/home/dev/.codex/worktrees/*/shop'
    >>> folder_of(SessionHeader("s", "codex", "x", cwd="/home/dev/shop/.worktrees/3"))
    '/home/dev/shop'
    """
    folder = (header.repository or header.cwd or "").rstrip("/\\")
    if apart := _WORKTREE_APART.match(folder):
        return f"{apart['place']}/*/{apart['name']}"
    inside = _WORKTREE_INSIDE.match(folder)
    return inside["folder"] if inside else folder


def _name(folder: str) -> str:
    return PurePosixPath(folder.replace("\\", "/")).name
