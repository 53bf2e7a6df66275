"""The profile index: every session's header and figures, so that a list need not judge it again.

    store   the file: made, thrown away when it is damaged or of older rules, kept in memory when need be
    index   what is kept of a source's sessions, and what waits to be judged
    query   which sessions a list shows, and in which order, as SQL
    reader  lists as they are asked of the index, while another thread writes it

It can be deleted at any time; everything in it is computed from the sources.
"""

from __future__ import annotations

from warmtui.library.profiles.index import Judged, ProfileIndex, Synced
from warmtui.library.profiles.query import Row, Selection
from warmtui.library.profiles.reader import Place, ProfileReader, Selected, SelectionEndedError

__all__ = [
    "Judged",
    "Place",
    "ProfileIndex",
    "ProfileReader",
    "Row",
    "Selected",
    "Selection",
    "SelectionEndedError",
    "Synced",
]
