from __future__ import annotations

import pytest

from warmtui.analysis.outcomes.command_line import read_command


@pytest.mark.parametrize(
    ("command", "deciding"),
    [
        ("grep foo x | head", ["head"]),
        ("a; b", ["b"]),
        ("a\nb", ["b"]),
        ("a & b", ["b"]),
        ("a && b | c && d", ["a", "c", "d"]),
        ("a && b; c && d", ["c", "d"]),
        ("a || b", ["b"]),
        ("a && b || true", ["true"]),
        ("set -e\na\nb", ["set", "a", "b"]),
        ("set -euo pipefail; a; b", ["set", "a", "b"]),
        ("for i in 1 2; do a $i; b; done", ["for", "a", "b"]),
        ("for i in 1 2; do a $i; done | sort", ["sort"]),
        ("if a; then b; fi", ["a", "b"]),
        ("(cd x && make) 2>/dev/null", ["cd", "make"]),
        ("FOO=1 sudo -E timeout -k 5 30s python3 -m pytest -q", ["python3"]),
        ("env A=1 nice -n 5 make", ["make"]),
        ("uv run pytest -q", ["pytest"]),
        ("npx eslint .", ["eslint"]),
        ("npm test", ["npm"]),
        ("bash -lc 'a | b; c'", ["c"]),
        ("bash -c \"bash -c 'x; y'\"", ["y"]),
        ("! grep x y", ["grep"]),
        ("command -v nope", ["command"]),
        ("[[ -f a && -f b ]] && c", ["[[", "c"]),
        ('echo "a; b | c && d"', ["echo"]),
        ("echo 'a; b' # ; c", ["echo"]),
        ("echo $(a; b | c)", ["echo"]),
        ("diff <(a | b) <(c)", ["diff"]),
        ("a > out 2>&1", ["a"]),
        ("a &> out; b", ["b"]),
        ("cat <<'EOF' > f.py && python f.py\nimport a; b | c\nEOF", ["cat", "python"]),
        ("cat <<EOF > f\nx; y\nEOF\nc f", ["c"]),
        ("cat <<-EOF\n\tx; y\n\tEOF\nc", ["c"]),
        ("a \\\n && b", ["a", "b"]),
        ("awk '{print $1; exit}' f", ["awk"]),
        ("", []),
        ("   # only a comment", []),
        ("'unterminated ; a", ["unterminated ; a"]),
    ],
)
def test_the_commands_that_decide(command: str, deciding: list[str]) -> None:
    assert [stage.name for stage in read_command(command).deciding] == deciding


def test_names_under_which_a_command_may_fail() -> None:
    stage = read_command("sudo /usr/bin/python3 -m pytest.__main__ -q").deciding[0]
    assert stage.program == "/usr/bin/python3"
    assert {"python3", "pytest", "sudo"} <= stage.names
    assert "rm" in read_command("find . -name x -exec rm {} +").deciding[0].names
    assert "grep" in read_command("ls | xargs -n 1 grep x").deciding[0].names
    assert "ls" in read_command("docker exec -i box ls /x").deciding[0].names


def test_what_may_fail_is_told() -> None:
    assert read_command("a || b").forgiving
    assert not read_command("a && b | c").forgiving
    assert read_command("bash -c 'a || true'").forgiving


@pytest.mark.parametrize(
    "hostile",
    ["'", '"', "\\", "$(", "((", "<<a\n", "`", "# ", "a;", "a|", "sudo ", "bash -c '", '"\\', "<<", "]] [[ "],
)
def test_no_command_line_takes_long(hostile: str) -> None:
    read_command(hostile * 100_000)
