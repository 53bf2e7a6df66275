from __future__ import annotations

import time

import pytest
from case_tables import cases

from warmtui.analysis.shell import MAX_CHARACTERS, parse


def words(line: str) -> list[tuple[str, ...]]:
    return [command.words for command in parse(line)]


def test_lists_pipes_and_lines_are_separate_commands() -> None:
    assert words("a 1 && b || c; d | e\nf & g") == [
        ("a", "1"),
        ("b",),
        ("c",),
        ("d",),
        ("e",),
        ("f",),
        ("g",),
    ]


def test_quotes_escapes_and_substitutions_stay_one_word() -> None:
    assert words(r"""git commit -m "a && b" 'c;d' e\ f $(x | y) `z | q`""") == [
        ("git", "commit", "-m", "a && b", "c;d", "e f", "$(x | y)", "`z | q`")
    ]


def test_what_reads_from_a_pipe_is_marked() -> None:
    assert [command.piped for command in parse("a | b |& c && d")] == [False, True, True, False]


def test_cd_moves_what_follows_and_is_no_command() -> None:
    found = parse("a; cd x/y && b; cd .. ; c")
    assert [(command.words, command.directory) for command in found] == [
        (("a",), ""),
        (("b",), "x/y"),
        (("c",), "x"),
    ]


def test_assignments_exports_and_sources_belong_to_what_follows() -> None:
    found = parse("export PYTHONPATH=src\nsource venv/bin/activate\nFOO=1 BAR= python x.py")
    assert [command.words for command in found] == [("python", "x.py")]
    assert found[0].assigned == ("PYTHONPATH=src", "source=venv/bin/activate", "FOO=1", "BAR=")


@cases("analysis/data/wrappers.jsonl")
def test_wrappers_are_taken_off(line: str, wrappers: list[str], program: str) -> None:
    last = parse(line)[-1]
    assert ([*last.wrappers], last.program) == (wrappers, program)


def test_the_inside_of_a_shell_is_taken_apart() -> None:
    found = parse("""cd a && A=1 bash -lc 'cd b && make test'""")
    assert [(c.words, c.directory, c.assigned) for c in found] == [(("make", "test"), "a/b", ("A=1",))]


def test_a_here_document_is_the_text_of_its_command_and_holds_no_commands() -> None:
    found = parse("cat <<'EOF' > a.py\nimport os && rm -rf x\nEOF\npython a.py")
    assert [command.words for command in found] == [("cat",), ("python", "a.py")]
    assert found[0].writes == ("a.py",)
    assert found[0].inline == "import os && rm -rf x\n"


def test_redirections_name_the_files_written() -> None:
    found = parse("a > out.log 2>&1; b 2>/dev/null >> more.log; c &> all.log < in.txt")
    assert [command.writes for command in found] == [("out.log",), ("more.log",), ("all.log",)]


def test_loops_and_conditions_give_their_commands() -> None:
    assert words("for i in 1 2; do echo $i; done; if [ -f x ]; then cat x; fi") == [
        ("echo", "$i"),
        ("[", "-f", "x", "]"),
        ("cat", "x"),
    ]


def test_comments_are_left_out() -> None:
    assert words("# nothing\nls # all\n") == [("ls",)]


@pytest.mark.parametrize(
    "line", ["", "   ", "'", '"', "$(", "<<", "<<E", "\\", "a <<E", "&&", ">", "cd", "bash -c"]
)
def test_broken_lines_are_read_as_far_as_they_go(line: str) -> None:
    parse(line)


@pytest.mark.parametrize(
    "line",
    [
        "'" * 3_000_000,
        "$(" * 3_000_000,
        "<<a " * 3_000_000,
        "(" * 3_000_000,
        "\\" * 3_000_001,
        "sudo " * 1_000_000,
        "bash -c " * 500_000,
        "\ud800" * 1_000_000,
        "\0" * 1_000_000,
        "a\n" * 3_000_000,
    ],
)
def test_hostile_lines_take_no_time(line: str) -> None:
    began = time.process_time()
    parse(line)
    assert time.process_time() - began < 2


def test_what_lies_past_the_limit_is_left_out() -> None:
    assert words("a " + "x" * MAX_CHARACTERS + "; b") == [("a", "x" * (MAX_CHARACTERS - 2))]
