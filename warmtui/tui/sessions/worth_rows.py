"""The sessions most worth a template, each with the reason on a second line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from rich.text import Text

from warmtui.curation.candidates import CandidateKind, worth
from warmtui.tui.list.row_source import RowSource, RowState
from warmtui.tui.widgets.cells import clip
from warmtui.tui.widgets.glyphs import Glyphs
from warmtui.tui.widgets.paint import FAINT, MUTED, Line
from warmtui.workspace.findings import Findings
from warmtui.workspace.session_table import SessionKey

KINDS: tuple[tuple[CandidateKind, str, str], ...] = (
    ("recovery", "error with what fixed it", "errors with what fixed them"),
    ("tool_example", "call that worked", "calls that worked"),
    ("marker", "place that was used again", "places that were used again"),
    ("user_patterns", "way of asking", "ways of asking"),
)


class Worth(NamedTuple):
    """What one session is worth."""

    key: SessionKey
    title: str
    points: int
    """As `candidates.worth` counts."""
    reason: str


def worth_of(found: Findings) -> Worth:
    """Return what a session is worth, with the reason in words."""
    header = found.judged.session.header
    kept = {candidate.key: candidate for candidate in found.candidates if candidate.worth_keeping}
    counts = Counter(candidate.kind for candidate in kept.values())
    parts = [
        f"{counts[kind]} {singular if counts[kind] == 1 else plural}"
        for kind, singular, plural in KINDS
        if counts[kind]
    ]
    words = next(
        (message.text for message in found.judged.session.messages if message.origin == "person"), ""
    )
    return Worth(
        SessionKey(header.source, header.id),
        header.title or words[:200] or header.id,
        worth(found.candidates),
        ", ".join(parts),
    )


class WorthRows(RowSource):
    """Sessions, the most worth first.

    Args:
        glyphs: the signs to draw with.
    """

    variable = True

    def __init__(self, glyphs: Glyphs) -> None:
        self.glyphs = glyphs
        self.found: tuple[Worth, ...] = ()

    def __len__(self) -> int:
        return len(self.found)

    def key(self, index: int) -> str:
        """Return the session's key."""
        return "\0".join(self.found[index].key)

    def height(self, index: int) -> int:
        """Return two lines: which session, and why."""
        return 2

    def render(self, index: int, width: int, state: RowState) -> Sequence[Line]:
        """Return a session with its reason."""
        worth = self.found[index]
        more = self.glyphs.more
        first = Text(clip(worth.title, max(4, width - 30), more)).append(
            f"  {clip(worth.key.id, 28, more)}", FAINT
        )
        return [first, Text(clip(f"  {worth.reason}", width, more), MUTED)]
