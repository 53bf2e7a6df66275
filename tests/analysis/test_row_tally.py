"""Figures counted from stored rows: the same as those counted from the messages made of them."""

from __future__ import annotations

import json
import random
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warmtui.analysis.outcomes import judge
from warmtui.analysis.outcomes.call_kind import Call
from warmtui.analysis.outcomes.judgement import _judge
from warmtui.analysis.row_tally import RowTally
from warmtui.analysis.tally import Tally
from warmtui.model.session import Problem, StoredMessage
from warmtui.sources.hermes_rows import message_of

NOW = 1_000_000.0
CONTENTS = (
    '{"output": "", "exit_code": 0, "error": null}',
    '{"output": "boom", "exit_code": 2, "error": null}',
    '{"output": "3 failed, 1 passed in 0.1s", "exit_code": 0, "error": null}',
    '{"error": "BLOCKED: the user denied this"}',
    '\0json:[{"type": "text", "text": "Error: no such file"}]',
    "\0json:[",
    "plain words",
    "é \ud7ff",
    b"\xff\xfe",
    "",
    None,
    7,
)
TOOLS = ("terminal", "terminal", "read_file", "todo", "delegate_task")
CALLS = (
    "{",
    "[]",
    '{"id": "c1", "function": {"name": "terminal", "arguments": "{}"}}',
    '[{"id": "c1", "function": {"name": "terminal", "arguments": {"command": "make"}}}]',
    '[{"call_id": "c2", "function": {"name": "terminal", "arguments": "\\\\ud800"}}]',
    '[{"id": 7, "function": {"name": "terminal"}}, 5, {"id": "c3"}]',
    '[{"id": "c4", "function": {"name": "\\ud800", "arguments": "é"}}]',
)


def stored(dice: random.Random, number: int) -> StoredMessage:
    """Make a row of any kind, whatever a column can hold."""
    role = dice.choice(("user", "assistant", "assistant", "tool", "tool", "tool", "system", None))
    calls: str | None = None
    if role == "assistant" or dice.random() < 0.05:
        plain = [
            {
                "id": dice.choice(("c1", "c2", "c3", "")),
                "function": {
                    "name": dice.choice(TOOLS),
                    "arguments": dice.choice(('{"command": "make"}', '{"goal": "plain words"}', "")),
                },
            }
            for _ in range(dice.randrange(0, 3))
        ]
        calls = dice.choice(
            (json.dumps(plain), json.dumps(plain), json.dumps(plain), dice.choice(CALLS), None)
        )
    call_id = dice.choice(("c1", "c2", "c3", "", None))
    at = NOW - dice.choice((10.0, 10_000.0))
    return StoredMessage(number, "s", role, dice.choice(CONTENTS), calls, call_id, at, 1)


@pytest.mark.parametrize("seed", range(400))
def test_rows_count_what_their_messages_count(seed: int) -> None:
    dice = random.Random(seed)
    rows = [stored(dice, number) for number in range(dice.randrange(1, 40))]
    strict, delegated = bool(seed % 2), not seed % 7
    expected, problems = Tally(findings_are_errors=strict), list[Problem]()
    goals: set[str] = set()
    for row in rows:
        message, found = message_of(row, delegated=delegated, place="x.db", goals=goals)
        expected.add((message,))
        problems += found
    counted = RowTally(findings_are_errors=strict)
    read = partial(message_of, delegated=delegated, place="x.db", goals=set())
    middle = dice.randrange(len(rows))
    counted.add_rows(rows[:middle], read)
    counted.add_rows(rows[middle:], read)
    for ended in (False, True):
        assert counted.figures(ended=ended, now=NOW) == expected.figures(ended=ended, now=NOW)
    assert counted.problems == problems


WORDS = st.sampled_from(
    (
        "ok",
        "1 failed in 0.1s",
        "2 passed",
        "error",
        "Some tests failed.",
        "\n",
        " ",
        '"',
        "\\",
        "é",
        "\u2028",
        "x" * 150,
    )
)


@given(
    st.lists(WORDS, max_size=9).map("".join), st.sampled_from(("terminal", "process", "bash")), st.booleans()
)
def test_a_command_that_exited_with_0_is_judged_undecoded_as_it_is_decoded(
    output: str, tool: str, escaped: bool
) -> None:
    result = json.dumps({"output": output, "exit_code": 0, "error": None}, ensure_ascii=escaped)
    arguments = '{"command": "make test; true"}'
    assert judge(tool, arguments, result) == _judge(Call(tool, arguments), result)
