"""The profile index: every session's header and figures, so that a list need not judge it again.

    store   the file: made, thrown away when it is damaged or of older rules, kept in memory when need be
    index   what is kept of a source's sessions, and what waits to be judged
    query   one session as a list has it

It can be deleted at any time; everything in it is computed from the sources.
"""

from __future__ import annotations

from warmtui.library.profiles.index import Judged, ProfileIndex, Synced
from warmtui.library.profiles.query import Row

__all__ = ["Judged", "ProfileIndex", "Row", "Synced"]
