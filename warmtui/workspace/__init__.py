"""The use cases: everything a person can do, for the command line, the app and Python alike."""

from __future__ import annotations

from warmtui.workspace.reading import JudgedSession, SessionListing
from warmtui.workspace.workspace import Workspace

__all__ = ["JudgedSession", "SessionListing", "Workspace"]
