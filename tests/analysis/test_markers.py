from __future__ import annotations

import json
import time
from typing import Any

import pytest
from case_tables import cases
from hypothesis import example, given
from hypothesis import strategies as st
from made_session import Call, Made, agent, call, made, person, session_of, shell

from warmtui.analysis.markers import MAX_MARKERS, MAX_NAMES, find_markers
from warmtui.model.outcome import Outcome


def texts(session: Made, kind: str | None = None) -> list[str]:
    return [found.text for found in find_markers(*session) if kind in (None, found.kind)]


def read(path: str, result: str = "content", outcome: Outcome = "ok") -> Call:
    return call("read_file", {"path": path}, result, outcome)


@cases("analysis/data/markers.jsonl")
def test_what_becomes_a_marker(session: list[dict[str, Any]], markers: list[str], kind: str | None) -> None:
    assert texts(session_of(session), kind) == markers


def test_uses_turns_and_tools_are_counted() -> None:
    session = made(
        person("look at a.py"),
        agent("", call("read_file", {"path": "src/a.py"})),
        person("and now"),
        agent("I will change `src/a.py`.", call("patch", {"path": "./src/a.py"})),
        agent("Done with src/a.py."),
    )
    (found,) = find_markers(*session)
    assert found == ("src/a.py", "path", 4, 2, ("read_file", "patch"), "m0")


@pytest.mark.parametrize(
    "noise",
    [
        "./", "..", "...", "src/...", "2.1.0", "v1.2", ".py", "/tmp/out.txt", "/var/tmp/x.log", "/dev/null",
        "a/__pycache__/b.pyc", ".git/config", "node_modules/x/index.js", "/usr/lib/python3/os.py", "*.py",
        "logs/2026-11-20.log", "runs/9aaed498795f68e5/out.txt", "12345", "/", "~", "x" * 400 + ".py",
        "{path}", "$HOME/x.py", "a b\nc.py",
    ],
)  # fmt: skip
def test_noise_is_no_marker(noise: str) -> None:
    uses = [agent(f"see {noise}", call("read_file", {"path": noise, "n": n})) for n in range(3)]
    assert texts(made(person(f"open {noise}"), *uses)) == []


def test_one_path_however_it_is_written() -> None:
    session = made(
        person("go"),
        agent("", read("/home/dev/shop/src/a.py")),
        agent("", read("./src/a.py")),
        agent("", shell("cd src && python3 -m pytest a.py::test_x")),
        agent("", shell("grep -n total src/a.py:3 || true")),
    )
    (found,) = [found for found in find_markers(*session) if found.kind == "path"]
    assert (found.text, found.uses) == ("src/a.py", 4)


def test_the_folder_is_inferred_when_the_source_knows_none() -> None:
    session = made(
        person("go"),
        agent("", shell("cd /repo && cat lib/x.py")),
        agent("", shell("cd /repo && wc -l lib/x.py")),
        agent("", shell("cat /repo/lib/x.py")),
        cwd=None,
    )
    assert texts(session) == ["lib/x.py"]


def test_what_the_person_names_needs_one_use() -> None:
    session = made(person("see app.log, not other.log"), agent("", read("app.log")))
    assert texts(session) == ["app.log"]
    pasted = made(
        person("see app.log " + "filler " * 200), agent("", read("app.log")), agent("", read("b.log"))
    )
    assert texts(pasted) == ["app.log"], "two places"
    once = made(person("go"), agent("", read("b.log")))
    assert texts(once) == []


@pytest.mark.parametrize(
    ("shown", "kept"),
    [
        ("docs/rules.md\n", ["docs/rules.md"]),
        ("./a.txt docs/rules.md.", ["docs/rules.md"]),
        ("old-docs/rules.md", []),
        ("docs/rules.md/x", []),
        ("nothing", []),
    ],
)
def test_a_path_that_only_the_person_names_must_be_shown_by_a_result(shown: str, kept: list[str]) -> None:
    assert texts(made(person("follow docs/rules.md"), agent("", shell("ls -R", shown)))) == kept


def test_the_end_of_a_path_counts_for_the_path() -> None:
    session = made(
        person("what does cart.py do?"), agent("", read("src/shop/cart.py")), agent("`shop/cart.py` adds.")
    )
    (found,) = find_markers(*session)
    assert (found.text, found.uses, found.first_message_id) == ("src/shop/cart.py", 3, "m0")


def test_commands_that_differ_in_their_files_share_a_marker() -> None:
    session = made(
        person("go"),
        agent("", shell("bin/test core/tests/test_a.py")),
        agent("", shell("bin/test core/tests/test_b.py -k x")),
        agent("", shell("bin/test printing/test_c.py")),
    )
    assert texts(session, "command") == ["bin/test"]
    assert "bin/test" not in texts(session, "path")


@pytest.mark.parametrize(
    "command", ["deploy 'two words.txt'", 'deploy "two words.txt"', "deploy two\\ words.txt"]
)
def test_a_command_is_never_shown_with_other_quotes_than_it_had(command: str) -> None:
    session = made(
        person("go"), agent("", shell(command)), agent("", shell("true")), agent("", shell(command))
    )
    assert texts(session, "command") in ([command], ["deploy"], [])


@pytest.mark.parametrize(("parts", "markers"), [(40, MAX_MARKERS), (4, 4 + MAX_NAMES)])
def test_limits(parts: int, markers: int) -> None:
    paths = [f"src/part{n}.py" for n in range(parts)]
    names = [f"make_part_{n:02}" for n in range(20)]
    shown = "\n".join(f"def {name}():" for name in names)
    turns = []
    for turn in range(2):
        turns.append(person(f"turn {turn} {' '.join(names)}"))
        turns += [agent("", call("read_file", {"path": path, "n": turn})) for path in paths]
        turns.append(agent("", call("search_files", {"pattern": " ".join(names)}, shown)))
    session = made(*turns)
    assert len(find_markers(*session)) == markers
    assert texts(session, "path")[:2] == paths[:2], "ties go to the earlier message"


HOSTILE = {
    "letters": "a" * 10_000_000,
    "slashes": "a/" * 3_000_000,
    "dots": "x." * 3_000_000,
    "quotes": "\"'\\" * 2_000_000,
    "ticks": "`" * 5_000_000,
    "urls": "http://" * 1_000_000,
    "heredocs": "cat <<A " * 500_000,
    "substitutions": "$(" * 3_000_000,
    "missing": "not found " * 500_000,
    "tabs": "class" + "\t" * 5_000_000,
    "surrogates": "\ud800src/a.py\x00\udfff" * 100_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_is_survived_in_linear_time(text: str) -> None:
    steps = [
        agent(text, shell("cat src/a.py", text)),
        agent("", call("terminal", json.dumps({"command": text}), text)),
        agent("", call("terminal", text, text)),
        agent("", call("read_file", {"path": text}, text)),
    ]
    session = made(person(text), *steps)
    start = time.process_time()
    found = find_markers(*session)
    assert time.process_time() - start < 5, "seconds; a quadratic rule takes hours"
    assert all(len(marker.text) <= 400 for marker in found)


SHELL_PARTS = [
    "make", "cd x", "&&", "|", "'", '"', "\\", "$(", ")", "a.py", "/b", ">", "<<E", "\n", "python3", "-m",
    "X=1", "time", ";", "sudo",
]  # fmt: skip


@given(st.lists(st.sampled_from(SHELL_PARTS), max_size=12))
@example(["make", "\\", "\\", "&&"])
def test_any_shell_text_is_survived(parts: list[str]) -> None:
    command = " ".join(parts)
    for found in find_markers(
        *made(person("go"), *[agent("", shell(command + end)) for end in ("", " ", "\n")])
    ):
        assert found.text.strip() == found.text != ""


@pytest.mark.parametrize(
    "arguments", ["", "null", "[1]", '"x"', "{", '{"a":' * 5000, "[" * 100_000, '{"path": 3}']
)
def test_arguments_that_are_no_object_are_passed_over(arguments: str) -> None:
    assert find_markers(*made(person("go"), agent("", call("read_file", arguments)))) == ()


def test_branches_repositories_and_kinds_of_files_are_no_paths() -> None:
    session = made(
        person("go"),
        agent(
            "", shell("git switch -c fix/total origin/main", "ok"), shell("gh pr view 7 --repo dev/shop", "x")
        ),
        agent("", shell("git push -u origin fix/total", "ok"), shell("gh pr diff 7 --repo=dev/shop", "x")),
        agent("", read("src/cart.py"), call("patch", {"path": "a.yaml", "old_string": "dev/tap"}, "ok")),
        agent("a tar.gz of it", call("patch", {"path": "a.yaml", "new_string": "dev/tap"}, "ok")),
        agent("the tar.gz", read("src/cart.py"), read("/home/dev/.agent/plan.md")),
        agent("", read("/home/dev/.agent/plan.md")),
        cwd="/home/dev/shop",
    )
    assert set(texts(session)) == {"src/cart.py", "a.yaml"}
