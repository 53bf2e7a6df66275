"""What is always in sight of a draft: its name, what it costs part by part, what is to be looked at."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from warmtui.curation.editing import Part, Problem, total
from warmtui.tui.curate.draft_session import DraftSession
from warmtui.tui.widgets import bars
from warmtui.tui.widgets.cells import clip
from warmtui.tui.widgets.glyphs import Glyphs
from warmtui.tui.widgets.paint import FAINT, MUTED, WARNING

BAR = 12
"""Cells of the token meter's bar, where there is room for it."""
SHORTEST_BAR = 4
GAP = 3
"""Blanks between the counts of what is to be looked at and what is said of it."""
SHORT = {"how I work": "style", "recoveries": "fixes", "examples": "calls", "framing": "ours"}
"""Names of parts where there is little room."""


def crumbs(draft: DraftSession, width: int, now: float, glyphs: Glyphs) -> Text:
    """Return where one is, and whether the draft is kept.

    Args:
        draft: the draft.
        width: cells of the line.
        now: monotonic seconds.
        glyphs: the signs to draw with.
    """
    kept = Text()
    if draft.autosave_error:
        kept.append("the draft could not be kept", WARNING)
    elif draft.autosaved_at is not None:
        ago = int(now - draft.autosaved_at)
        since = f" {ago // 60} min ago" if ago >= 100 else f" {ago} s ago" if ago else ""
        kept.append(f"draft kept{since}", FAINT)
    name = clip(draft.state.name or "a new template", max(8, width - 24 - kept.cell_len), glyphs.more)
    return Text(f"warmtui › Curate “{name}”  ").append_text(kept)


def meter(parts: Sequence[Part], budget: int, width: int, glyphs: Glyphs) -> Text:
    """Return what a draft costs, whole and by part.

    Args:
        parts: what the draft holds.
        budget: tokens that it shall not go over.
        width: cells of the line.
        glyphs: the signs to draw with.
    """
    tokens = total(parts)
    each = "  ".join(f"{SHORT.get(one.name, one.name)} {one.tokens:,}" for one in parts if one.tokens)
    words = bars.token_meter(tokens, budget, 0, glyphs=glyphs).cell_len
    room = min(BAR, width - words - len(each) - 3)
    text = bars.token_meter(tokens, budget, room if room >= SHORTEST_BAR else 0, glyphs=glyphs)
    text.append("  ")
    return text.append(clip(each, width - text.cell_len, glyphs.more), MUTED)


def checks(found: Sequence[Problem], at: int, why: str, width: int, glyphs: Glyphs) -> Text:
    """Return a line: how much is to be looked at, and the problem that was gone to last.

    Args:
        found: what is to be looked at.
        at: which of them was gone to, from 0; negative for none.
        why: said where there is no problem to speak of.
        width: cells of the line; where they are few, a problem's own words come before those of the counts.
        glyphs: the signs to draw with.
    """
    masked, flagged = (sum(one.kind == kind for one in found) for kind in ("masked", "flag"))
    bad = len(found) - masked - flagged
    text = Text(f"! {bad} to look at", WARNING) if bad else Text(f"{glyphs.fine} 0 problems")
    text.append(f"   {glyphs.masked} {masked} masked", MUTED)
    text.append(f"   {glyphs.flag} {flagged} flagged", WARNING if flagged else MUTED)
    said, style = why, FAINT
    if 0 <= at < len(found):
        said, style = f"{at + 1} of {len(found)}: {found[at].text}", WARNING
        if text.cell_len + GAP + len(said) > width:
            text = Text(f"! {bad}", WARNING) if bad else Text(glyphs.fine)
            text.append(f" {glyphs.masked} {masked} {glyphs.flag} {flagged}", MUTED)
    elif found:
        said = "n goes to the first"
    if said:
        text.append(" " * GAP).append(clip(said, width - text.cell_len, glyphs.more), style)
    return text
