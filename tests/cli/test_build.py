"""Templates of many sessions: what recurs, with where it was seen; no session costs the others."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import hermes_db as hermes
import pytest
from cli_runner import Runner

from warmtui.errors import SourceError
from warmtui.workspace import offers
from warmtui.workspace.findings import Findings, findings_of
from warmtui.workspace.reader import JudgedSession, Reader

OK = '{"output": "3 passed", "exit_code": 0, "error": null}'


@pytest.fixture
def five(runner: Runner, tmp_path: Path) -> Runner:
    """A runner that reads five sessions, each of which ran the tests in its own way."""
    db = hermes.create(tmp_path / "state.db")
    for number in range(5):
        name = f"s{number}"
        hermes.session(db, name, started_at=1_000.0 + number, cwd="/home/dev/shop")
        hermes.said(db, name, "user", f"step {number}", timestamp=1_000.0 + number)
        call = ("c", "terminal", {"command": f"make test FILE={number}"})
        hermes.called(db, name, call, timestamp=1_001.0 + number)
        hermes.answered(db, name, "c", OK, timestamp=1_002.0 + number)
    db.close()
    runner.options = ("--source", str(tmp_path / "state.db"))
    return runner


BUILD = ("build", "--min-messages", "1", "--name", "t")


def only_example(answer: dict[str, Any]) -> dict[str, Any]:
    (example,) = answer["draft"]["seed"]["tool_examples"]
    return dict(example)


def test_a_lesson_that_recurs_comes_once_and_says_where(five: Runner) -> None:
    answer = five(*BUILD, "--json").json
    (chosen,) = (item for item in answer["chosen"] if item["kind"] == "tool_example")
    assert (chosen["seen"], chosen["reasons"][0]) == (5, "seen in 5 of 5 sessions")
    example = only_example(answer)
    places = [example["provenance"], *example["also_seen"]]
    assert [place["session_id"] for place in places] == ["s4", "s3", "s2", "s1", "s0"]


@pytest.mark.parametrize("fault", ["the session cannot be read", "the session cannot be searched"])
def test_a_session_that_cannot_be_read_costs_only_itself(
    five: Runner, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    def find(judged: JudgedSession) -> Findings:
        if judged.session.header.id == "s3":
            raise ValueError("odd")
        return findings_of(judged)

    judged = Reader.judged

    def read(self: Reader, chosen: Any, **more: Any) -> Any:
        if any(located.header.id == "s3" for located in chosen):
            raise SourceError("s3 is damaged")
        return judged(self, chosen, **more)

    if "searched" in fault:
        monkeypatch.setattr(offers, "findings_of", find)
    else:
        five("sessions")  # the index has the figures, so that only the build reads it
        monkeypatch.setattr(Reader, "judged", read)
    done = five(*BUILD, "--json")
    assert done.json["sessions"] == 4
    assert [place["session_id"] for place in only_example(done.json)["also_seen"]] == ["s2", "s1", "s0"]
    (problem,) = done.json["problems"]
    assert "session s3" in problem["place"]
    assert "s3" in done.err


def test_ctrl_c_leaves_nothing_half_made(five: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(judged: JudgedSession) -> Findings:
        os.kill(os.getpid(), signal.SIGINT)
        return findings_of(judged)

    monkeypatch.setattr(offers, "findings_of", interrupt)
    done = five(*BUILD, code=130)
    assert done.err.strip().endswith("interrupted")
    assert five("list", "--json").json["templates"] == []


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--max-sessions", "0"),
        ("--max-sessions", "-1"),
        ("--min-messages", "-3"),
        ("--max-error-rate", "7"),
        ("--max-error-rate", "nan"),
    ],
)
def test_a_number_that_makes_no_sense_is_refused(five: Runner, option: str, value: str) -> None:
    assert option in five(*BUILD, option, value, code=2).err


def test_what_does_not_fit_is_not_called_worthless(five: Runner) -> None:
    told = five(*BUILD, "--budget", "1", code=3).err
    assert "worth keeping was taken; the best one: would go over 1 tokens" in told
