"""What was not understood of a session: counted and told, so that no figure is silently wrong.

A reader tells what it could not read as problems of the session. Here come results that answer no call, and
calls whose result was there once and is not any more. A result of which the agent kept only a part is read as
its model saw it, and counts only where the outcome was in the other part.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from warmtui.model.outcome import JudgedCall
from warmtui.model.session import Problem, Session, SessionProblems

RULES: dict[str, tuple[str, str]] = {
    "undecodable": ("result cannot be decoded", "results cannot be decoded"),
    "cut-off": (
        "result is cut off where its outcome would be",
        "results are cut off where their outcome would be",
    ),
    "blacked-out": ("result was blacked out", "results were blacked out"),
    "notice-only": ("result is nothing but a notice", "results are nothing but notices"),
    "pruned": ("result was removed to save context", "results were removed to save context"),
    "result-not-kept": ("call has no result in this format", "calls have no result in this format"),
    "result-unreadable": (
        "call has no result among the lines that can be read",
        "calls have no result among the lines that can be read",
    ),
    "shared-result": ("call shares its result with others", "calls share their results with others"),
}
"""Rules that decide nothing for want of a result to read, with the words for one such call and for more."""
UNASKED = ("result answers no call", "results answer no call")
_PLURALS = dict((*RULES.values(), UNASKED))
_COUNT = re.compile(r"([0-9][0-9,]*) ")
_VARIABLE = re.compile(r"[0-9]+|'[^']*'")


def unasked_results(session: Session, calls: Sequence[JudgedCall]) -> int:
    """Return how many results of a session answer none of its calls."""
    results = sum(message.role == "tool" for message in session.messages)
    return results - sum(call.result_index >= 0 for call in calls)


def not_understood(session: Session, calls: Sequence[JudgedCall]) -> tuple[Problem, ...]:
    """Return everything in a session that was not understood, one problem a kind beside the reader's own.

    Args:
        session: as its source reads it.
        calls: its judged calls.
    """
    place = f"{session.header.source}: session {session.header.id}"
    found: list[Problem] = []
    unasked = unasked_results(session, calls)
    if unasked:
        found.append(Problem(place, _told(unasked, UNASKED)))
    rules = Counter(call.verdict.rule for call in calls)
    found += (Problem(place, _told(rules[rule], words)) for rule, words in RULES.items() if rules[rule])
    return (*session.problems, *found)


def _told(count: int, words: tuple[str, str]) -> str:
    return f"{count:,} {words[count != 1]}"


def count_things(problems: Iterable[Problem]) -> int:
    """Return how many things problems tell of: "3 results answer no call" are three.

    >>> count_things([Problem("x.db", "3 results answer no call"), Problem("x.db", "it is no object")])
    4
    """
    counts = (_COUNT.match(problem.text) for problem in problems)
    return sum(int(count[1].replace(",", "")) if count else 1 for count in counts)


def summarize(sessions: Iterable[SessionProblems]) -> list[Problem]:
    """Return what was not understood in many sessions, one problem a source and kind.

    A session of which nothing could be read keeps its own problems; so does a problem that is the only one of
    its kind. Kinds differ in more than numbers and quoted names.
    """
    kinds: dict[tuple[str, str], list[tuple[str, Problem]]] = {}
    for session in sessions:
        for problem in session.problems:
            place = session.source if session.readable else problem.place
            kinds.setdefault((place, _kind_of(problem.text)), []).append((session.id, problem))
    return [_summary(source, found) for (source, _), found in kinds.items()]


def _kind_of(text: str) -> str:
    """Return what problems of one kind have in common."""
    words = _COUNT.sub("", text, count=1) if _COUNT.match(text) else text
    return _VARIABLE.sub("#", _PLURALS.get(words, words))


def _summary(source: str, found: Sequence[tuple[str, Problem]]) -> Problem:
    problems = [problem for _, problem in found]
    if len(problems) == 1:
        return problems[0]
    ids = {session for session, _ in found}
    where = f"{len(ids):,} sessions" if len(ids) > 1 else f"session {found[0][0]}"
    things = count_things(problems)
    text = (
        f"{things:,} things in {where} were not understood, such as “{problems[0].text}”; profiles name them"
    )
    return Problem(source, text)
