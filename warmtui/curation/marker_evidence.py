"""How much speaks for keeping a context marker: points with reasons, as for a call."""

from __future__ import annotations

import re
from math import log2

import orjson

from warmtui.analysis.call_shape import shape_of
from warmtui.analysis.markers import FoundMarker
from warmtui.analysis.scratch_files import ScratchFiles, name_of
from warmtui.curation.evidence import SCRATCH, Evidence

MARKER = 0.9
"""Times log2(1 + uses) · (1 + log2(turns)), up to `MARKER_MOST`."""
MARKER_MOST = 3.0
BARE_NAME = -3.0
"""A marker that is a single common word, or a name that a framework gives to every project."""

_FRAMEWORK_NAMES = frozenset(
    [
        "full_clean",
        "clean_fields",
        "get_queryset",
        "get_context_data",
        "get_object",
        "as_view",
        "as_sql",
        "to_python",
        "get_prep_value",
        "get_absolute_url",
        "save_model",
        "setUp",
        "tearDown",
        "setUpClass",
        "tearDownClass",
        "setUpTestData",
        "assertEqual",
        "assertTrue",
        "assertFalse",
        "assertRaises",
        "assertRaisesMessage",
        "assertIn",
        "assertIsNone",
        "TestCase",
        "SimpleTestCase",
        "fit_transform",
        "useState",
        "useEffect",
        "componentDidMount",
        "toString",
        "hashCode",
        "forEach",
        "addEventListener",
        "setTimeout",
        "to_dict",
        "from_dict",
        "to_json",
        "from_json",
        "to_string",
        "read_csv",
    ]
)
"""Names that every project with the same framework has, from manuals of Django, unittest, React, pandas."""


def is_bare(name: str) -> bool:
    """Whether a name says nothing of a project: a single word, underscores in front or not, or a framework's.

    >>> [is_bare(name) for name in ("_print", "full_clean", "table_alias", "SubFigure")]
    [True, True, False, False]
    """
    bare = name.strip("_")
    humps = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+", bare)
    return len(humps) < 2 or bare in _FRAMEWORK_NAMES


def marker_evidence(marker: FoundMarker, made: ScratchFiles, *, by_hand: bool) -> Evidence:
    """Add up what speaks for keeping a marker: it came back, in several turns.

    Args:
        marker: the marker.
        made: what the session made for itself: a marker that speaks of it leads nowhere.
        by_hand: the person named it, which makes even a bare name worth knowing.
    """
    points = MARKER * log2(1 + marker.uses) * (1 + log2(max(1, marker.turns)))
    where = f" in {marker.turns} turns" if marker.turns > 1 else ""
    reasons = [f"used {marker.uses}×{where}"]
    points = min(MARKER_MOST, points)
    if _speaks_of(marker, made):
        points += SCRATCH
        reasons.append("made for this task")
    if marker.kind == "identifier" and not by_hand and is_bare(marker.text):
        points += BARE_NAME
        reasons.append("a name that any project may have")
    return Evidence(round(points, 3), tuple(reasons))


def _speaks_of(marker: FoundMarker, made: ScratchFiles) -> bool:
    if marker.kind == "path":
        return made.holds(marker.text)
    if marker.kind == "command":
        line = orjson.dumps({"command": marker.text}).decode() if marker.text.isprintable() else "{}"
        return made.carry(shape_of("terminal", line))
    if marker.kind == "identifier":
        names = {name_of(path) for path in made.paths} | {t.rsplit(".", 1)[-1] for t in made.tables}
        return marker.text in names or marker.text.lower() in names
    return False
