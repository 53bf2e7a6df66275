"""The figures of a session counted from its stored rows: most of them need no message made of them.

The same figures as `Tally` counts from messages, in little more than half the time. A row in which
anything is out of the ordinary is read by its source and counted as a message.
"""

from __future__ import annotations

from collections.abc import Iterable

import orjson

from warmtui.analysis.outcomes import judge, unnamed_errors
from warmtui.analysis.tally import FINDINGS, HOUSEKEEPER, WEAK, Tally
from warmtui.analysis.tools import HOUSEKEEPING
from warmtui.model.session import Problem, ReadRow, StoredMessage


class RowTally(Tally):
    """Counts one session from its rows.

    Args:
        findings_are_errors: count test runners that reported failures as errors.
    """

    __slots__ = ("problems",)

    def __init__(self, *, findings_are_errors: bool = False) -> None:
        super().__init__(findings_are_errors=findings_are_errors)
        self.problems: list[Problem] = []
        """What could not be read of the rows."""

    def add_rows(self, rows: Iterable[StoredMessage], read: ReadRow) -> None:
        """Count more rows of the session, in their order.

        Args:
            rows: plain tuples laid out as `StoredMessage`; each counts.
            read: makes a message of a row.
        """
        with unnamed_errors():
            self._add_rows(rows, read)

    def _add_rows(self, rows: Iterable[StoredMessage], read: ReadRow) -> None:
        outcomes, waiting, strict = self._outcomes, self._waiting, self._strict
        position = self._messages
        for row in rows:
            _, _, role, content, stored_calls, call_id, at, _ = row
            if type(content) is str and content[:1] != "\0":
                if role == "tool" and call_id and not stored_calls:
                    position += 1
                    asked = waiting.pop(call_id, None)
                    if not isinstance(asked, tuple):
                        asked = self._asked(call_id, asked)
                        if asked is None:
                            continue
                    number, _, _, tool, arguments = asked
                    if tool in HOUSEKEEPING:
                        outcomes[number] = HOUSEKEEPER
                        continue
                    outcome, rule, _, findings, _ = judge(
                        tool, arguments, content, findings_are_errors=strict
                    )
                    if findings and outcome == "ok":
                        outcomes[number] = FINDINGS
                    else:
                        outcomes[number] = WEAK if rule == "no-failure-sign" else outcome
                    continue
                plain = True
            else:
                plain = content is None
            if plain and not stored_calls and (role == "assistant" or (role == "user" and self._words)):
                self._last_word = position
                position += 1
                continue
            if plain and role == "assistant" and (calls := _plain_calls(stored_calls)) is not None:
                self._last_word = position
                if calls:
                    self._make(calls, position, at)
                position += 1
                continue
            message, problems = read(row)
            self.problems += problems
            self._messages = position
            self._add((message,))
            position = self._messages
        self._messages = position


def _plain_calls(stored: object) -> list[tuple[str, str, str]] | None:
    """Return id, tool and arguments of the calls in a column, None where anything wants a closer look."""
    if type(stored) is not str:
        return None
    calls: list[tuple[str, str, str]] = []
    try:
        for entry in orjson.loads(stored):
            function = entry["function"]
            identity, tool, arguments = call = (entry["id"], function["name"], function["arguments"])
            # what was handed to a subagent decides who wrote later rows
            if tool == "delegate_task" or not (type(identity) is str is type(tool) is type(arguments)):
                return None
            # half a character is no ASCII
            if not (identity and identity.isascii() and tool.isascii() and arguments.isascii()):
                return None
            calls.append(call)
    except (orjson.JSONDecodeError, TypeError, KeyError, IndexError):
        return None
    return calls
