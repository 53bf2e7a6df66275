"""What became of the sessions that a template started."""

from __future__ import annotations

import pytest

from warmtui.model.session import SessionHeader, SessionKey
from warmtui.model.stats import NO_STATS, SessionRow, wilson
from warmtui.model.template import Use
from warmtui.workspace.effect import effect_of

HOME = "/h/.hermes/state.db"


def use(number: int, session_id: str | None, source: str = HOME) -> Use:
    return Use(
        id=number,
        template_id="t_aaaaaaaaaa",
        version=1,
        agent="hermes",
        session_id=session_id,
        source=source,
        started_at="2026-11-20T10:00:00Z",
        command=("hermes", "chat"),
        exit_code=0,
        candidates=(),
        thumb=None,
    )


def rows(*figures: tuple[str, str, int | None, int]) -> dict[SessionKey, SessionRow]:
    found = {}
    for source, figure, ok, errors in figures:
        header = SessionHeader(id=figure, agent="hermes", source=source)
        stats = None
        if ok is not None:
            stats = NO_STATS._replace(messages=3, calls=ok + errors, ok=ok, errors=errors)
        found[SessionKey(source, figure)] = SessionRow(header, stats)
    return found


def test_calls_of_all_its_sessions_are_added_up_with_their_interval() -> None:
    effect = effect_of(
        [use(1, "a"), use(2, "b"), use(3, None)],
        rows((HOME, "a", 9, 1), (HOME, "b", 6, 4), (HOME, "cold", 0, 50)),
    )
    assert (effect.started, effect.ok, effect.errors, effect.missing) == (3, 15, 5, 0)
    assert effect.reliability is not None
    assert effect.reliability.n == 20
    assert effect.reliability.value == 0.75
    assert (effect.reliability.low, effect.reliability.high) == wilson(15, 20)
    assert [row.header.id for row in effect.sessions] == ["a", "b"]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_session_counts_once_from_the_place_that_the_use_names(order: tuple[int, int]) -> None:
    both = (("/copy.db", "a", 1, 1), (HOME, "a", 8, 2))
    effect = effect_of([use(1, "a"), use(2, "a")], rows(*(both[session] for session in order)))
    assert (effect.started, effect.ok, effect.errors) == (2, 8, 2)
    assert len(effect.sessions) == 1


def test_a_session_read_from_elsewhere_counts_too() -> None:
    assert effect_of([use(1, "a")], rows(("/copy.db", "a", 3, 0))).ok == 3


def test_what_is_gone_or_not_judged_yet_gives_no_figure() -> None:
    effect = effect_of([use(1, "a"), use(2, "gone")], rows((HOME, "a", None, 0)))
    assert effect.reliability is None
    assert (effect.missing, len(effect.sessions)) == (1, 1)
    assert effect_of([], {}).started == 0
