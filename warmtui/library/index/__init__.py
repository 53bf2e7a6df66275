"""The index: every session's header and figures, so that a list need not judge it again.

    file           the file: made, thrown away when it is damaged or of older rules, or kept in memory
    session_index  what is kept of a source's sessions, and what waits to be judged
    query          which sessions a list shows, and in which order, as SQL
    reader         what lists read from the index while another thread writes it

It can be deleted at any time; everything in it is computed from the sources.
"""

from __future__ import annotations

from warmtui.library.index.reader import IndexReader, SelectionEndedError, SourceCounts, Unread
from warmtui.library.index.session_index import IndexedStats, SessionIndex, Synced, WaitingSession

__all__ = [
    "IndexReader",
    "IndexedStats",
    "SelectionEndedError",
    "SessionIndex",
    "SourceCounts",
    "Synced",
    "Unread",
    "WaitingSession",
]
