"""Rows of lists, as they are kept."""

from __future__ import annotations

from typing import NamedTuple

from warmtui.model.session import Problem, SessionHeader
from warmtui.model.summary import Figures


class Row(NamedTuple):
    """One session as it is kept."""

    header: SessionHeader
    figures: Figures | None
    """None until it was judged; perhaps those of an earlier state."""
    waits: bool
    """It has to be judged, or judged again."""
    problems: tuple[Problem, ...]
