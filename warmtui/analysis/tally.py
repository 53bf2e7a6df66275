"""The figures of one session, counted while its messages pass by, none of them kept.

The same figures as `summarise(session, judge_calls(session))`, for lists of many sessions: a call is
judged when its result comes, and what is remembered of a session is its open calls and one outcome a call.
"""

from __future__ import annotations

from collections.abc import Iterable

from warmtui.analysis.outcomes import judge, missing, unnamed_errors
from warmtui.analysis.summary import Counted, figures_of
from warmtui.analysis.tools import HOUSEKEEPING, task_type_of
from warmtui.model.outcome import OUTCOMES, Outcome
from warmtui.model.session import Message
from warmtui.model.summary import Figures
from warmtui.model.words import TaskType

WORDS = 400
"""Characters of the person's first words that are counted. The index masks them and then keeps
`warmtui.library.profiles.index.WORDS` of them, so that no secret is cut in two before it is masked."""


Open = tuple[int, int, float | None, str, str]
"""A call that waits for its result: its number, the index of its message, when, tool, arguments."""
HOUSEKEEPER = "housekeeping"
"""Stands in the outcomes for an answered call that no figure counts."""
FINDINGS, WEAK = "ok with findings", "ok for want of a sign"
"""Stand there for the two kinds of ok that are counted apart."""
_PLAIN: dict[str, Outcome] = {one: one for one in OUTCOMES} | {FINDINGS: "ok", WEAK: "ok"}


class Tally:
    """Counts one session; `add` its messages in order, then ask for `figures`.

    Args:
        findings_are_errors: count test runners that reported failures as errors.
    """

    __slots__ = (
        "_last_word",
        "_latest",
        "_messages",
        "_outcomes",
        "_repeated",
        "_seen",
        "_strict",
        "_tools",
        "_waiting",
        "_words",
    )

    def __init__(self, *, findings_are_errors: bool = False) -> None:
        self._strict = findings_are_errors
        self._messages = self._repeated = 0
        self._last_word = -1
        """Index of the latest message that is no tool result: a call before it without one was cut off."""
        self._outcomes: list[str | None] = []
        """One a call, in their order; None while it has no result."""
        self._waiting: dict[str, Open | list[Open]] = {}
        """By call id; a list only where an id is used again."""
        self._latest: list[Open] = []
        """The calls of the latest message that made any."""
        self._seen: set[int] = set()
        self._tools: dict[str, int] = {}
        """Calls of each tool."""
        self._words = ""

    def add(self, messages: Iterable[Message]) -> None:
        """Count more messages of the session, in their order."""
        with unnamed_errors():
            self._add(messages)

    def _add(self, messages: Iterable[Message]) -> None:
        position = self._messages - 1
        outcomes, waiting = self._outcomes, self._waiting
        for _, role, text, origin, calls, call_id, _, at, evidence in messages:
            position += 1
            if role == "tool":
                asked = waiting.pop(call_id, None) if call_id else None
                if not isinstance(asked, tuple):
                    asked = self._asked(call_id, asked)
                if asked is None:
                    continue
                number, _, _, tool, arguments = asked
                if tool in HOUSEKEEPING:
                    outcomes[number] = HOUSEKEEPER
                    continue
                outcome, rule, _, findings, _ = judge(
                    tool, arguments, text, evidence, findings_are_errors=self._strict
                )
                outcomes[number] = outcome
                if findings and outcome == "ok":
                    outcomes[number] = FINDINGS
                elif rule == "no-failure-sign":
                    outcomes[number] = WEAK
                continue
            self._last_word = position
            if calls:
                self._make(calls, position, at)
            elif origin == "person" and not self._words:
                self._words = text[:WORDS]
        self._messages = position + 1

    def _make(self, calls: Iterable[tuple[str, str, str]], position: int, at: float | None) -> None:
        """Let calls wait for their results.

        Args:
            calls: id, tool and arguments of each call of a message.
            position: index of the message.
            at: when it was written.
        """
        outcomes, waiting, tools, seen = self._outcomes, self._waiting, self._tools, self._seen
        latest = self._latest = []
        for identity, tool, arguments in calls:
            made = (len(outcomes), position, at, tool, arguments)
            outcomes.append(None)
            latest.append(made)
            tools[tool] = tools.get(tool, 0) + 1
            before = len(seen)
            seen.add(hash((tool, arguments)))
            if len(seen) == before and tool not in HOUSEKEEPING:
                self._repeated += 1
            known = waiting.setdefault(identity, made)
            if known is not made:
                if isinstance(known, list):
                    known.append(made)
                else:
                    waiting[identity] = [known, made]

    def _asked(self, call_id: str, stack: list[Open] | None) -> Open | None:
        """Return the call that a result answers, by the rules of `analysis.calls.pair`.

        Args:
            call_id: the result's.
            stack: the calls that wait under it, taken out of those that wait.
        """
        if not call_id:
            return next((one for one in self._latest if self._outcomes[one[0]] is None), None)
        if not stack:
            return None
        at = len(stack) - 1
        # ids reused inside one message are answered in order, across messages the latest first
        while at and stack[at - 1][1] == stack[-1][1]:
            at -= 1
        found = stack.pop(at)
        if stack:
            self._waiting[call_id] = stack
        return found

    def figures(self, *, ended: bool, now: float) -> Figures:
        """Return the figures of what was added.

        Args:
            ended: whether the session has ended, so that nothing is pending any more.
            now: Unix seconds, to tell a call that is still running from one that was cut off.
        """
        outcomes = list(self._outcomes)
        for waiting in self._waiting.values():
            for number, position, at, tool, _ in [waiting] if isinstance(waiting, tuple) else waiting:
                if tool in HOUSEKEEPING:
                    outcomes[number] = HOUSEKEEPER
                elif outcomes[number] is None:
                    age = None if at is None else now - at
                    outcomes[number] = missing(ended, self._last_word > position, age).outcome
        groups: dict[TaskType, int] = {}
        housekeeping = 0
        for tool, calls in self._tools.items():
            if tool in HOUSEKEEPING:
                housekeeping += calls
            else:
                group = task_type_of(tool)
                groups[group] = groups.get(group, 0) + calls
        return figures_of(
            Counted(
                messages=self._messages,
                calls=len(outcomes),
                outcomes=[_PLAIN[one] for one in outcomes if one is not None and one != HOUSEKEEPER],
                findings=outcomes.count(FINDINGS),
                weak=outcomes.count(WEAK),
                housekeeping=housekeeping,
                repeated=self._repeated,
                groups=groups,
            ),
            tools=frozenset(self._tools),
            words=self._words,
        )
