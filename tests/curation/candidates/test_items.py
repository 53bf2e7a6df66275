"""The words around a call."""

from __future__ import annotations

from made_session import agent, made, person, shell

from warmtui.curation.candidates.session_candidates import words_before


def test_the_words_before_a_call_are_those_of_the_nearest_request() -> None:
    session, calls = made(
        person("first"),
        agent("", shell("a")),
        agent("", shell("b")),
        person("/slash"),
        agent("", shell("c")),
        person("second"),
        agent("", shell("d")),
    )
    said = [words_before(session, call.position) for call in calls]
    assert [words for words, invented in said if not invented] == ["first", "first", "second"]
    assert [invented for _, invented in said] == [False, False, True, False]
    assert words_before(session, 0)[1]
