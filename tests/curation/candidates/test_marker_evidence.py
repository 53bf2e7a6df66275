from __future__ import annotations

import pytest

from warmtui.analysis.markers import FoundMarker
from warmtui.analysis.scratch_files import ScratchFiles
from warmtui.curation.candidates.evidence import BAR, MARKER_MOST, is_bare, marker_evidence
from warmtui.model.template import MarkerKind

NONE = ScratchFiles(frozenset(), frozenset())


def points(
    uses: int,
    turns: int,
    text: str = "src/a.py",
    kind: MarkerKind = "path",
    made: ScratchFiles = NONE,
    by_hand: bool = False,
) -> float:
    return marker_evidence(
        FoundMarker(text, kind, uses, turns, ("terminal",), "m1"), made, by_hand=by_hand
    ).points


def test_markers_gain_by_coming_back() -> None:
    assert points(1, 1) < BAR <= points(4, 2)
    assert points(2, 2) > points(2, 1)
    assert points(10_000, 500) == MARKER_MOST
    assert points(0, 0) == 0


@pytest.mark.parametrize("name", ["_print", "full_clean", "setUp", "__reduce", "reduce_", "\ud800"])
def test_a_bare_name_is_kept_only_when_the_person_named_it(name: str) -> None:
    assert points(20, 3, name, "identifier") < BAR <= points(20, 3, name, "identifier", by_hand=True)


@pytest.mark.parametrize(
    "name", ["table_alias", "SubFigure", "_eval_as_set", "HTTPServer", "assertOptimizesTo"]
)
def test_a_name_of_several_words_is_a_projects(name: str) -> None:
    assert not is_bare(name)
    assert points(20, 3, name, "identifier") >= BAR


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("demo/a.py", "path"),
        ("python demo/try_it.py", "command"),
        ("my_table", "identifier"),
        ("try_it", "identifier"),
        ("reproduce_bug.py", "path"),
    ],
)
def test_what_the_session_made_is_no_marker(text: str, kind: MarkerKind) -> None:
    made = ScratchFiles(frozenset({"demo", "demo/try_it.py"}), frozenset({"my_table"}))
    assert points(20, 3, text, kind, made) < BAR


def test_hostile_commands_break_nothing() -> None:
    assert points(20, 3, "\ud800\0" * 1_000, "command") == MARKER_MOST
