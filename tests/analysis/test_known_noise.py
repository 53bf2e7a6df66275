from __future__ import annotations

from collections.abc import Sequence

import pytest
from made_session import Call, Said, agent, call, made, person, shell

from warmtui.analysis.call_shape import shapes_of
from warmtui.analysis.known_noise import find_known_noise
from warmtui.analysis.markers import FoundMarker
from warmtui.curation.candidates import find_candidates

OLD = "FAILED tests/test_io.py::test_mail - OSError"
BOTH = f"{OLD}\nFAILED tests/test_cart.py::test_sum - assert 1 == 2"
EDIT = call("write_file", {"path": "/home/dev/shop/cart.py", "content": "x = 1"}, "ok")
NO_MARKERS: Sequence[FoundMarker] = ()


def texts(*said: Said) -> list[str]:
    session, calls = made(person("fix the sum"), *said)
    return [noise.text for noise in find_known_noise(session, calls, shapes_of(calls))]


def run(result: str, command: str = "pytest -q") -> Call:
    return shell(command, result, "error" if "FAIL" in result else "ok")


def test_a_test_that_fails_before_and_after_the_change_is_noise() -> None:
    said = (agent("", run(BOTH)), agent("", EDIT), agent("", run(OLD)))
    assert texts(*said) == ["Tests that fail already: tests/test_io.py::test_mail"]


@pytest.mark.parametrize(
    ("aside", "back"),
    [
        ("git stash && pytest -q", "git stash pop"),
        ("cp cart.py cart.bak\ngit checkout cart.py\npytest -q", "mv cart.bak cart.py"),
        ("git restore cart.py && pytest -q", "git diff --stat"),
    ],
)
def test_a_test_that_fails_with_the_change_set_aside_is_noise(aside: str, back: str) -> None:
    said = (
        agent("", EDIT),
        agent("", run(OLD)),
        agent("", run(OLD, aside)),
        agent("", shell(back)),
    )
    assert texts(*said) == ["Tests that fail already: tests/test_io.py::test_mail"]


@pytest.mark.parametrize(
    ("words", "noise"),
    [
        ("The failure is pre-existing and has nothing to do with the sum.", True),
        ("This is unrelated to my change.", True),
        ("One test fails, I look into it.", False),
    ],
)
def test_the_agent_may_say_that_a_test_failed_before(words: str, noise: bool) -> None:
    assert bool(texts(agent("", EDIT), agent("", run(OLD)), agent(words))) is noise


@pytest.mark.parametrize(
    "said",
    [
        [agent("", run(BOTH)), agent("", EDIT), agent("", run("2 passed"))],
        [agent("", run(OLD)), agent("", EDIT), agent("", run(OLD)), agent("", run("1 passed"))],
        [
            agent("", run(OLD)),
            agent("", EDIT),
            agent("", run(OLD)),
            agent("", run("ok", "pytest tests/test_io.py")),
        ],
        [agent("", EDIT), agent("", run(OLD))],
        [agent("", run(OLD)), agent("", run(OLD))],
    ],
    ids=["mended", "mended in the end", "mended alone", "broken by the change", "nothing was changed"],
)
def test_other_failures_are_no_noise(said: list[Said]) -> None:
    assert not texts(*said)


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("--- FAIL: TestSum (0.00s)", "TestSum"),
        ("test cart::sum ... FAILED", "cart::sum"),
        ("FAIL: test_sum (shop.tests.CartTest)", "test_sum (shop.tests.CartTest)"),
        ("  ✕ adds the cents (3 ms)", "adds the cents"),
        ("rspec ./spec/cart_spec.rb:12 # Cart adds", "./spec/cart_spec.rb:12"),
    ],
)
def test_names_of_failed_tests_of_other_runners(line: str, name: str) -> None:
    said = (
        agent("", shell("make test", line, "error")),
        agent("", EDIT),
        agent("", shell("make test", line)),
    )
    assert texts(*said) == [f"Tests that fail already: {name}"]


WARNING = "npm warn config This setting is deprecated, use the other one"


def test_a_warning_above_the_results_of_many_commands_is_noise() -> None:
    said = [agent("", shell(command, f"{WARNING}\nok")) for command in ("npm ci", "npm test", "npm run lint")]
    assert texts(*said) == []
    said.append(agent("", shell("npm run build", f"{WARNING}\nok")))
    assert texts(*said) == [f"Printed above the results of many commands: {WARNING}"]


@pytest.mark.parametrize(
    "line", ["Warning: truncated output (original token count: 11471)", "<warning>", "warnings summary"]
)
def test_what_is_no_warning_of_a_program(line: str) -> None:
    said = [agent("", shell(f"npm run {name}", f"{line}\nok")) for name in ("a", "b", "c", "d", "e")]
    assert not texts(*said)


def test_known_noise_is_offered_with_the_calls_that_show_it() -> None:
    session, calls = made(person("fix it"), agent("", run(OLD)), agent("", EDIT), agent("", run(OLD)))
    (noise,) = (
        candidate
        for candidate in find_candidates(session, calls, (), NO_MARKERS, None)
        if candidate.kind == "known_noise"
    )
    assert noise.worth_keeping
    assert noise.failed_calls == (calls[0].call.id, calls[2].call.id)
    assert noise.reasons[0] == "failed before anything was changed, and after it"
