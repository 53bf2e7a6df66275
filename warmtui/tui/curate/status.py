"""The lines of the Curate screen that are always visible: breadcrumbs, token meter and problems."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from warmtui.curation.editing import Part, Problem, total
from warmtui.tui.curate.draft_session import DraftSession
from warmtui.tui.widgets import bars
from warmtui.tui.widgets.cells import clip
from warmtui.tui.widgets.glyphs import Glyphs
from warmtui.tui.widgets.paint import FAINT, MUTED, WARNING

BAR_WIDTH = 12
"""Cells of the token meter's bar, if there is room for it."""
MIN_BAR_WIDTH = 4
GAP = 3
"""Blanks between the counts of problems and the text of one."""
SHORT_NAMES = {"how I work": "style", "recoveries": "fixes", "examples": "calls", "framing": "ours"}
"""Names of parts that fit a narrow meter."""


def crumbs_line(draft: DraftSession, width: int, now: float, glyphs: Glyphs) -> Text:
    """Return the breadcrumbs, with when the draft was autosaved.

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


def meter_line(parts: Sequence[Part], budget: int, width: int, glyphs: Glyphs) -> Text:
    """Return what a draft costs in all and by part.

    Args:
        parts: the parts of the draft.
        budget: the tokens that it should not exceed.
        width: cells of the line.
        glyphs: the signs to draw with.
    """
    tokens = total(parts)
    each = "  ".join(
        f"{SHORT_NAMES.get(part.name, part.name)} {part.tokens:,}" for part in parts if part.tokens
    )
    words = bars.token_meter(tokens, budget, 0, glyphs=glyphs).cell_len
    bar = min(BAR_WIDTH, width - words - len(each) - 3)
    text = bars.token_meter(tokens, budget, bar if bar >= MIN_BAR_WIDTH else 0, glyphs=glyphs)
    text.append("  ")
    return text.append(clip(each, width - text.cell_len, glyphs.more), MUTED)


def problems_line(problems: Sequence[Problem], at: int, why: str, width: int, glyphs: Glyphs) -> Text:
    """Return the counts of problems, and the text of the problem that was gone to last.

    Args:
        problems: the problems of the draft.
        at: the index of the problem that was gone to; negative for none.
        why: shown if there is no problem to show.
        width: cells of the line; if they are few, the counts are shortened before the problem's text.
        glyphs: the signs to draw with.
    """
    masked, flagged = (sum(problem.kind == kind for problem in problems) for kind in ("masked", "flag"))
    others = len(problems) - masked - flagged
    text = Text(f"! {others} to look at", WARNING) if others else Text(f"{glyphs.fine} 0 problems")
    text.append(f"   {glyphs.masked} {masked} masked", MUTED)
    text.append(f"   {glyphs.flag} {flagged} flagged", WARNING if flagged else MUTED)
    words, style = why, FAINT
    if 0 <= at < len(problems):
        words, style = f"{at + 1} of {len(problems)}: {problems[at].text}", WARNING
        if text.cell_len + GAP + len(words) > width:
            text = Text(f"! {others}", WARNING) if others else Text(glyphs.fine)
            text.append(f" {glyphs.masked} {masked} {glyphs.flag} {flagged}", MUTED)
    elif problems:
        words = "n goes to the first"
    if words:
        text.append(" " * GAP).append(clip(words, width - text.cell_len, glyphs.more), style)
    return text
