"""When two records teach the same, said differently perhaps."""

from __future__ import annotations

from typing import Any

import pytest
import seeds

from warmtui.curation.candidates.deduplicate import lesson_key
from warmtui.model.template import ContextMarker, ExampleCall


def run(command: str) -> ExampleCall:
    return seeds.call("terminal", f'{{"command": "{command}"}}', "x")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Never push to main!", "never push to the main, please", True),
        ("Never push to main", "Push to main", False),
        ("use cents", "use euros", False),
        ("Always report the loss, step 8", "Always report the loss, step 1,600", True),
        ("make a PR", "just make a pr to fix the total", True),
        ("make a PR", "make a release", False),
        ("Never push to main", "Never push to the fork", False),
        ("use python2", "use python3", False),
        ("the", "a", False),
    ],
)
def test_the_same_words_are_one_preference(one: str, other: str, same: bool) -> None:
    first, second = (seeds.note("preference", words) for words in (one, other))
    assert (lesson_key(first) == lesson_key(second)) is same
    assert lesson_key(first) != lesson_key(seeds.note("convention", one))


def test_what_one_session_says_in_a_line_another_shows_in_an_example() -> None:
    said = seeds.note("convention", "Tests: `mise run test a.py`")
    shown, other = (seeds.example("e", run(f"mise run {task}")) for task in ("test", "lint"))
    assert lesson_key(said) == lesson_key(shown) != lesson_key(other)


def test_a_dead_end_is_the_same_whatever_file_it_is_about() -> None:
    first, second = (f"`pip install -r {name}.txt` is refused: no network" for name in "ab")
    assert lesson_key(seeds.note("dead_end", first)) == lesson_key(seeds.note("dead_end", second))
    assert lesson_key(seeds.note("known_noise", first)) != lesson_key(seeds.note("known_noise", second))


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"error": "No such file: b.py"}, True),
        ({"error": "Permission denied"}, False),
        ({"error_type": "Permission"}, False),
        ({"fixed": run("make -j2 all")}, True),
        ({"fixed": run("ninja")}, False),
        ({"failed": run("pytest -x b.py")}, True),
        ({"failed": run("cat a.py")}, False),
    ],
)
def test_the_same_failure_with_the_same_fix_is_one_recovery(change: dict[str, Any], same: bool) -> None:
    first = seeds.recovery("r", run("pytest a.py"), run("make all"), "c", error="No such file: a.py")
    assert (lesson_key(first) == lesson_key(first.model_copy(update=change))) is same


def test_a_path_is_one_marker_in_every_worktree() -> None:
    def key(text: str) -> str:
        return lesson_key(ContextMarker(id="m", text=text, kind="path", uses=1, provenance=seeds.FROM))

    assert key("{cwd}/src/cart.py") == key("src/cart.py") != key("src/shop.py")
