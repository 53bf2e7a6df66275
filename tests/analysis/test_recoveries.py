from __future__ import annotations

import json
from pathlib import Path

import pytest
from made_session import Call, agent, call, made, person, shell

from warmtui.analysis.calls import judge_calls
from warmtui.analysis.recoveries import FoundRecovery, find_recoveries
from warmtui.analysis.recoveries.pairs import LONG_WINDOW, WINDOW
from warmtui.sources.hermes.database import HermesDatabase

MISSING = "bash: line 3: {}: command not found"
OK = "Ran 3 tests in 0.1s\n\nOK"


def found_in(*calls: Call) -> tuple[FoundRecovery, ...]:
    session = made(person("do it"), *(agent("", made_call) for made_call in calls))
    return find_recoveries(*session)


def only(*calls: Call) -> FoundRecovery:
    found = found_in(*calls)
    assert len(found) == 1
    return found[0]


def fails(command: str, result: str) -> Call:
    return shell(command, result, "error")


def file_call(tool: str, path: str, result: str = "content", **more: object) -> Call:
    bad = result.startswith(("File not found", "Could not", "Error"))
    text = json.dumps({"error": result} if bad else {"content": result})
    return call(tool, {"path": path, **more}, text, "error" if bad else "ok")


def test_asking_a_program_for_its_version_does_no_job() -> None:
    failed = fails("/usr/bin/python3 -m pytest tests/a.py", "/usr/bin/python3: No module named pytest")
    found = only(failed, shell("pytest --version", "pytest 7.4.0"), shell("pytest tests/a.py", OK))
    assert found.fixed_index == 2
    assert found_in(failed, shell("which pytest", "/usr/local/bin/pytest")) == ()


# what is one


def test_another_runner_for_a_missing_program() -> None:
    found = only(
        fails("python -m pytest -q", MISSING.format("python")), shell("python3 -m unittest discover", OK)
    )
    assert found.change == "python -m pytest → python3 -m unittest discover"
    assert found.error == "bash: line 3: python: command not found"
    assert (found.failed_index, found.fixed_index, found.failures) == (0, 1, (0,))


def test_a_missing_module_reached_through_another_interpreter() -> None:
    found = only(
        fails("/usr/bin/python3 -m pytest tests/a.py", "/usr/bin/python3: No module named pytest"),
        shell("ls bin"),
        shell("bin/test tests/a.py", OK),
    )
    assert found.change == "/usr/bin/python3 -m pytest → bin/test"


def test_an_environment_that_was_missing() -> None:
    found = only(
        fails(
            "python3 run.py",
            "Traceback (most recent call last):\nModuleNotFoundError: No module named 'shop'",
        ),
        shell("PYTHONPATH=src python3 run.py", "fine"),
    )
    assert found.change == "added PYTHONPATH=src"


def test_a_folder_that_was_missing() -> None:
    found = only(
        fails("pytest tests/a.py", "ERROR: file or directory not found: tests/a.py"),
        shell("cd backend && pytest tests/a.py", OK),
    )
    assert found.change == "path tests/a.py → backend/tests/a.py"


def test_something_installed_first() -> None:
    found = only(
        fails("pytest -q", MISSING.format("pytest")),
        shell("pip install pytest", "Successfully installed pytest-8"),
        shell("pytest -q", OK),
    )
    assert found.change == "installed pytest first"


def test_code_that_set_its_path() -> None:
    found = only(
        call("execute_code", {"code": "from shop.a import f\nprint(f())"}, "No module named 'shop'", "error"),
        call(
            "execute_code",
            {"code": "import sys; sys.path.insert(0, 'src')\nfrom shop.a import f\nprint(f())"},
            "1",
        ),
    )
    assert found.change == "added import sys; sys.path.insert(0, 'src')"


def test_a_path_that_was_wrong_and_how_often_the_right_one_was_used() -> None:
    found = only(
        file_call("read_file", "shop/cart.py", "File not found: shop/cart.py"),
        call("search_files", {"pattern": "cart"}, '{"total_count": 0}'),
        file_call("read_file", "src/shop/cart.py"),
        file_call("patch", "src/shop/cart.py", old_string="a", new_string="b"),
        shell("git diff src/shop/cart.py"),
    )
    assert found.change == "path shop/cart.py → src/shop/cart.py"
    assert found.used_after == 2


def test_a_misnamed_file() -> None:
    found = only(
        fails(
            "pytest tests/test_domain_python.py",
            "ERROR: file or directory not found: tests/test_domain_python.py",
        ),
        shell("ls tests"),
        shell("pytest tests/test_domain_py.py", OK),
    )
    assert found.change == "path tests/test_domain_python.py → tests/test_domain_py.py"


def test_the_same_file_through_another_tool() -> None:
    found = only(
        file_call("read_file", "cfg/shop.yaml", "File not found: cfg/shop.yaml"),
        shell("cat config/shop.yaml", "a: 1"),
    )
    assert found.change == "path cfg/shop.yaml → config/shop.yaml, read_file → terminal"


def test_a_passage_that_matches_after_reading() -> None:
    found = only(
        file_call(
            "patch", "a.py", "Could not find a match for old_string", old_string="HELLO10", new_string="x"
        ),
        file_call("read_file", "a.py"),
        file_call("patch", "a.py", "ok", old_string="WELCOME10", new_string="HELLO10"),
    )
    assert found.change == "old_string now matches the file, after reading it"


def test_a_file_that_had_to_be_read_first() -> None:
    edit = {"file_path": "a.py", "old_string": "x", "new_string": "y"}
    found = only(
        call("Edit", edit, "File has not been read yet. Read it first before writing to it.", "error"),
        call("Read", {"file_path": "a.py"}, "x"),
        call("Edit", edit, "The file a.py has been updated."),
    )
    assert found.change == "read the file first"


def test_a_file_that_its_tool_did_not_name() -> None:
    found = only(
        call("Read", {"file_path": "src/login.ts"}, "File does not exist.", "error"),
        call("Glob", {"pattern": "**/login.ts"}, "src/auth/login.ts"),
        call("Read", {"file_path": "src/auth/login.ts"}, "export"),
    )
    assert found.change == "path src/login.ts → src/auth/login.ts"


@pytest.mark.parametrize(
    ("failed", "error", "fixed", "change"),
    [
        ("npm test", 'npm ERR! Missing script: "test"', "npm run test:unit", "npm test → npm run test:unit"),
        (
            "make deploy",
            "make: *** No rule to make target 'deploy'.  Stop.",
            "make ship",
            "make deploy → make ship",
        ),
        ("mypy src", MISSING.format("mypy"), "uv run mypy src", "mypy → uv run mypy"),
        (
            "docker-compose up -d",
            MISSING.format("docker-compose"),
            "docker compose up -d",
            "docker-compose up → docker compose up",
        ),
        ("git push", "fatal: no upstream branch", "git push -u origin x", "added -u origin"),
        ("go test ./...", "go: cannot find main module", "cd api && go test ./...", "ran in api"),
        (
            "./manage.py migrate",
            "ImproperlyConfigured: Set the STAGE variable",
            "STAGE=dev ./manage.py migrate",
            "added STAGE=dev",
        ),
        ("timeout 60 npm run e2e", "Command timed out", "timeout 300 npm run e2e", "60 → 300"),
        (
            "curl -s localhost:3000/up",
            "curl: (7) Failed to connect",
            "curl -s localhost:8080/up",
            "localhost:3000/up → localhost:8080/up",
        ),
    ],
)
def test_a_command_said_another_way(failed: str, error: str, fixed: str, change: str) -> None:
    assert only(fails(failed, error), shell("ls", "x"), shell(fixed, "fine")).change == change


def test_what_the_project_says_was_installed_first() -> None:
    lint = "cd web && npm run lint"
    found = only(
        fails(lint, "Error: Cannot find module 'eslint'"),
        shell("cd web && npm ci", "added"),
        shell(lint, "ok"),
    )
    assert found.change == "ran npm ci first"


def test_a_program_made_runnable_in_the_same_breath() -> None:
    found = only(
        fails("./gradlew test", "bash: ./gradlew: Permission denied"),
        shell("chmod +x gradlew && ./gradlew test", "BUILD SUCCESSFUL"),
    )
    assert found.change == "after chmod"


def test_a_run_that_was_narrowed() -> None:
    found = only(
        fails("pytest tests/slow.py", "Command timed out after 120s"),
        shell("pytest tests/slow.py -k fast", OK),
    )
    assert found.change == "added -k fast"


def test_a_program_that_was_not_allowed_to_run() -> None:
    found = only(
        fails("./build.sh", "bash: ./build.sh: Permission denied"),
        shell("bash ./build.sh", "built"),
    )
    assert found.change == "./build.sh → bash build.sh"


def test_an_option_that_does_not_exist() -> None:
    found = only(
        fails("docker compose up --detached web", "unknown flag: --detached"),
        shell("docker compose up --detach web", "Started"),
    )
    assert found.change == "added --detach web, without --detached web"


def test_a_column_that_has_another_name() -> None:
    found = only(
        call(
            "sql",
            {"query": "SELECT a FROM t WHERE name = 'x'"},
            "Unknown column 'name' in 'where clause'",
            "error",
        ),
        call("sql", {"query": "SHOW COLUMNS FROM t"}, "[('Airline',)]"),
        call("sql", {"query": "SELECT a FROM t WHERE Airline = 'x'"}, "[('y',)]"),
    )
    assert found.change == "name → Airline"


def test_an_id_in_the_form_that_is_wanted() -> None:
    found = only(
        call("get_order", {"order_id": "W123"}, "Error: order not found", "error"),
        call("get_order", {"order_id": "#W123"}, '{"order": 1}'),
    )
    assert found.change == "order_id: W123 → #W123"


def test_an_argument_that_was_missing() -> None:
    found = only(
        call("issue", {"repo": "a"}, "missing 1 required argument: 'title'", "error"),
        call("issue", {"repo": "a", "title": "t"}, '{"number": 1}'),
    )
    assert found.change == "added argument title"


def query(sql: str, result: str = "[(1,)]") -> Call:
    bad = result.startswith(("Unknown", "Table", "Column"))
    return call("sql", {"query": sql}, result, "error" if bad else "ok")


def test_a_table_that_has_another_name() -> None:
    found = only(
        query("SELECT COUNT(*) FROM teachers", "Table 'x.teachers' doesn't exist"),
        query("SELECT COUNT(*) FROM teacher", "[(7,)]"),
    )
    assert found.change == "teachers → teacher"


def test_a_column_that_was_ambiguous() -> None:
    found = only(
        query("SELECT id FROM a JOIN b ON a.id = b.a", "Column 'id' in field list is ambiguous"),
        query("SELECT a.id FROM a JOIN b ON a.id = b.a"),
    )
    assert found.change == "id → a.id"


@pytest.mark.parametrize(
    ("failed", "error", "fixed", "rows"),
    [
        pytest.param(
            "SELECT SUM(cost) FROM t WHERE a = 1",
            "Unknown column 'cost' in 'field list'",
            "SELECT AVG(price) FROM t WHERE a = 1",
            "[(1,)]",
            id="another aggregate",
        ),
        pytest.param(
            "SELECT a FROM charges WHERE cost = 3",
            "Unknown column 'cost' in 'where clause'",
            "SELECT a FROM bills WHERE price = 3",
            "[(1,)]",
            id="another table that the error does not name",
        ),
        pytest.param(
            "SELECT a FROM t WHERE cost = 3 AND b = 4",
            "Unknown column 'cost' in 'where clause'",
            "SELECT a FROM t WHERE b = 4",
            "[(1,)]",
            id="a condition less",
        ),
        pytest.param(
            "SELECT a FROM c JOIN p ON c.x = p.y JOIN o ON p.z = o.z",
            "Unknown column 'p.y' in 'on clause'",
            "SELECT a FROM c JOIN p ON c.x = p.z JOIN o ON p.z = o.z",
            "[(1,)]",
            id="a name that stood there already",
        ),
        pytest.param(
            "SELECT COUNT(*) FROM t WHERE city = 'A'",
            "Unknown column 'city' in 'where clause'",
            "SELECT COUNT(*) FROM t WHERE airport = 'A'",
            "[(0,)]",
            id="a count of nothing",
        ),
        pytest.param(
            "SELECT player_name FROM players ORDER BY tables ASC",
            "Table 'x.players' doesn't exist",
            "SELECT people.Name FROM people JOIN poker ON people.i = poker.i ORDER BY poker.made ASC",
            "[(1,)]",
            id="all of it written anew",
        ),
    ],
)
def test_a_statement_that_asks_something_else_is_no_fix(
    failed: str, error: str, fixed: str, rows: str
) -> None:
    assert found_in(query(failed, error), query(fixed, rows)) == ()


def test_another_tool_or_other_arguments_are_no_fix() -> None:
    assert not found_in(
        call("find_user_id_by_email", {"email": "a@b.c"}, "Error: User not found", "error"),
        call("find_user_id_by_name_zip", {"name": "A", "zip": "1"}, "u_1"),
    )
    assert not found_in(
        call("book", {"a": 1, "b": 2, "c": 3, "d": 4}, "Error: invalid value", "error"),
        call("book", {"a": 1, "b": 9, "c": 8, "d": 7, "e": 1}, "ok"),
    )


def test_a_command_line_without_a_part_of_it_is_no_fix() -> None:
    bad = "error: unknown option --colour"
    line = "npm test --colour | grep cart | sort"
    assert only(fails(line, bad), shell("npm test --color | grep cart | sort", "cart ok"))
    assert not found_in(fails(line, bad), shell("npm test --color | grep cart", "cart ok"))


def test_what_the_session_made_sets_nothing_right() -> None:
    wrong = file_call("read_file", "repro/cart.py", "File not found: repro/cart.py")
    assert not found_in(shell("mkdir sand"), wrong, file_call("read_file", "sand/cart.py"))
    assert found_in(wrong, file_call("read_file", "src/cart.py"))
    made_table = query("CREATE TABLE mine (a int)", "ok")
    missing = query("SELECT a FROM mines", "Table 'x.mines' doesn't exist")
    assert not found_in(made_table, missing, query("SELECT a FROM mine"))
    assert found_in(missing, query("SELECT a FROM mine"))


def test_a_passing_trouble_is_said_to_be_one() -> None:
    found = only(fails("git fetch", "fatal: Connection reset by peer"), shell("git fetch", "From x"))
    assert found.change == "the same call again: a retry"


# several failures


def test_failures_with_one_fix_are_one_recovery() -> None:
    found = only(
        fails("/usr/bin/python3 tests/run.py", "ModuleNotFoundError: No module named 'django'"),
        fails("PYTHONPATH=. /usr/bin/python3 tests/run.py", "ModuleNotFoundError: No module named 'asgiref'"),
        shell("python tests/run.py", OK),
    )
    assert found.failures == (0, 1)
    assert found.failed_index == 0


def test_two_troubles_with_one_fixed_call_are_one_recovery() -> None:
    found = only(
        fails("/usr/bin/python3 -m pytest tests/test_domain_python.py", "No module named pytest"),
        fails(
            "pytest tests/test_domain_python.py",
            "ERROR: file or directory not found: tests/test_domain_python.py",
        ),
        shell("pytest tests/test_domain_py.py", OK),
    )
    assert found.failures == (0, 1)


def test_the_same_change_on_other_files_is_one_recovery() -> None:
    found = only(
        fails("python -m pytest tests/a.py", "No module named pytest"),
        shell("bin/test tests/a.py", OK),
        fails("python -m pytest tests/b.py -q", "No module named pytest"),
        shell("bin/test tests/b.py -v", OK),
    )
    assert found.failures == (0, 2)
    assert found.fixed_index == 1


def test_the_same_failure_fixed_the_same_way_again_is_one_recovery() -> None:
    missing = MISSING.format("pytest")
    found = only(
        fails("pytest -q", missing),
        shell("python3 -m unittest", OK),
        file_call("read_file", "a.py"),
        fails("pytest -q", missing),
        shell("python3 -m unittest", OK),
    )
    assert found.failures == (0, 3)
    assert found.used_after == 1


def test_calls_repeated_at_once_are_not_used_again() -> None:
    again = [shell("python3 -m unittest", OK)] * 4
    assert only(fails("pytest -q", MISSING.format("pytest")), *again).used_after == 0


# what is none


@pytest.mark.parametrize(
    "calls",
    [
        pytest.param(
            (
                fails("pytest a.py", "1 failed"),
                file_call("patch", "b.py", content="x"),
                shell("pytest a.py", OK),
            ),
            id="a test that passes after an edit",
        ),
        pytest.param((fails("make", "error: x"), shell("make", "ok")), id="an identical retry"),
        pytest.param(
            (
                fails("docker-compose up -d", MISSING.format("docker-compose")),
                shell("cargo build --release", "ok"),
            ),
            id="another program that builds something else",
        ),
        pytest.param(
            (
                fails("python3 -m pytest src/shop/tests/test_a.py", "python3: No module named pytest"),
                shell("cat src/shop/tests/test_a.py", "import shop"),
            ),
            id="a look at the same file",
        ),
        pytest.param(
            (fails("npm run lint", "Error: Cannot find module 'eslint'"), shell("npm ci", "added")),
            id="only the installation",
        ),
        pytest.param(
            (fails("npm run e2e", "Command timed out after 60s"), shell("npm run unit", "3 passed")),
            id="another run after one that took too long",
        ),
        pytest.param(
            (fails("./app.py serve", "KeyError: 'x'"), shell("./app.py serve --port 1", "up")),
            id="a program that was mended",
        ),
        pytest.param(
            (
                file_call("read_file", "deploy.yml", "File not found: deploy.yml"),
                file_call("read_file", "docker-compose.yml"),
            ),
            id="another file",
        ),
        pytest.param(
            (
                file_call("read_file", "web/cart/index.ts", "File not found: web/cart/index.ts"),
                file_call("read_file", "web/login/index.ts"),
            ),
            id="another file of a name that is everywhere",
        ),
        pytest.param(
            (
                file_call(
                    "patch",
                    "t.py",
                    "Could not find",
                    old_string="def test_a(): x == 1",
                    new_string="import os",
                ),
                file_call(
                    "patch", "t.py", "ok", old_string="def test_b(): x == 2", new_string="    return None"
                ),
            ),
            id="a passage that looks alike, changed to something else",
        ),
        pytest.param(
            (
                file_call("read_file", "src/coupons.py", "File not found: src/coupons.py"),
                call("write_file", {"path": "src/shop/coupons.py", "content": "x"}, '{"bytes_written": 1}'),
                file_call("read_file", "src/shop/coupons.py"),
            ),
            id="a file that was made in between",
        ),
        pytest.param(
            (fails("podman ps", MISSING.format("podman")), shell("ls -la", "total 0")),
            id="an unrelated command",
        ),
        pytest.param(
            (
                fails("pytest -q", MISSING.format("pytest")),
                shell("cat <<E > t.py\nx\nE\npython t.py", "fine"),
            ),
            id="a scratch script",
        ),
        pytest.param(
            (
                fails("python3 r.py", "ModuleNotFoundError: No module named 'app'"),
                shell("mkdir -p app && touch app/__init__.py"),
                shell("PYTHONPATH=. python3 r.py", "fine"),
            ),
            id="a module that was written in between",
        ),
        pytest.param(
            (
                fails("rm a.py b.py", "rm: cannot remove 'b.py': No such file or directory"),
                shell("rm a.py c/b.py"),
            ),
            id="cleaning up",
        ),
        pytest.param(
            (
                call("get_user", {"user_id": "123456"}, "Error: User 123456 not found", "error"),
                call("get_user", {"user_id": "liam_2521"}, "{}"),
            ),
            id="another id",
        ),
        pytest.param(
            (
                call("sql", {"query": "SELECT a FROM players"}, "Table 'x.players' doesn't exist", "error"),
                call("sql", {"query": "SHOW TABLES"}, "[('people',)]"),
            ),
            id="a look at the tables",
        ),
        pytest.param(
            (
                call(
                    "sql",
                    {"query": "SELECT a FROM t WHERE b = 1"},
                    "Unknown column 'b' in 'where clause'",
                    "error",
                ),
                call("sql", {"query": "SELECT a FROM t WHERE c = 1"}, "[]"),
            ),
            id="a statement that found nothing",
        ),
        pytest.param(
            (
                fails("rg foo src", MISSING.format("rg")),
                shell("grep -rn foo src; echo; rg foo src", MISSING.format("rg")),
            ),
            id="a second call with the same error in it",
        ),
        pytest.param(
            (
                file_call(
                    "patch",
                    "a.py",
                    "Could not find a match for old_string",
                    old_string="def f(x):",
                    new_string="",
                ),
                file_call("patch", "a.py", "ok", old_string="import os, sys, json", new_string="import os"),
            ),
            id="another passage",
        ),
        pytest.param(
            (
                fails("python3 r.py", "Traceback (most recent call last):\nKeyError: 'x'"),
                shell("cat <<E > r.py\nnew\nE"),
                shell("python3 r.py", "fine"),
            ),
            id="a script that was rewritten",
        ),
    ],
)
def test_work_and_chance_are_no_recoveries(calls: tuple[Call, ...]) -> None:
    assert found_in(*calls) == ()


@pytest.mark.parametrize("outcome", ["error", "denied", "interrupted", "unknown", "pending"])
def test_only_a_call_that_is_ok_fixes_anything(outcome: str) -> None:
    second = Call("terminal", '{"command": "python3 -m unittest"}', "?", outcome)  # type: ignore[arg-type]
    assert found_in(fails("pytest -q", MISSING.format("pytest")), second) == ()


def test_findings_count_as_ok() -> None:
    session = made(
        person("x"),
        agent("", fails("pytest", MISSING.format("pytest"))),
        agent("", shell("python3 -m unittest", "FAILED (failures=1)")),
    )
    calls = (
        session.calls[0],
        session.calls[1]._replace(verdict=session.calls[1].verdict._replace(findings=True)),
    )
    assert len(find_recoveries(session.session, calls)) == 1


def test_denied_calls_and_housekeeping_are_not_recovered() -> None:
    denied = Call("terminal", '{"command": "pytest"}', MISSING.format("pytest"), "denied")
    kept = call("memory", {"path": "a/x.py"}, "Error: File not found: a/x.py", "error")
    again = call("memory", {"path": "b/x.py"}, "ok")
    assert found_in(denied, shell("python3 -m unittest", OK), kept, again) == ()


# where it lies


def test_the_next_turn_counts_and_the_one_after_does_not() -> None:
    broken = agent("", fails("pytest", MISSING.format("pytest")))
    works = agent("", shell("python3 -m unittest", OK))
    assert len(find_recoveries(*made(person("a"), broken, person("b"), works))) == 1
    assert find_recoveries(*made(person("a"), broken, person("b"), person("c"), works)) == ()


def test_calls_far_apart_do_not_belong_together() -> None:
    between = [shell(f"echo {i}") for i in range(LONG_WINDOW)]
    wrong = file_call("read_file", "a/x.py", "File not found: a/x.py")
    right = file_call("read_file", "b/x.py")
    assert len(found_in(wrong, *between[: WINDOW - 1], right)) == 1
    assert found_in(wrong, *between[:WINDOW], right) == ()
    missing = fails("pytest", MISSING.format("pytest"))
    assert len(found_in(missing, *between[:-1], shell("python3 -m unittest", OK))) == 1
    assert found_in(missing, *between, shell("python3 -m unittest", OK)) == ()


def test_parallel_calls_do_not_fix_each_other() -> None:
    both = agent("", fails("pytest", MISSING.format("pytest")), shell("python3 -m unittest", OK))
    assert find_recoveries(*made(person("x"), both)) == ()


@pytest.mark.parametrize(
    "arguments",
    ["", "{", "[]", "null", '{"command": 3}', '{"path": null}', "\ud800", '{"command": "\ud800"}'],
)
def test_broken_arguments_break_nothing(arguments: str) -> None:
    calls = [call("terminal", arguments, "\0 No such file \ud800", "error"), call("terminal", arguments, "x")]
    found_in(*calls, call("read_file", arguments, "", "error"), call("patch", arguments, ""))


def test_large_results_and_arguments_take_no_time() -> None:
    huge = "x: command not found\n" * 500_000
    calls = [fails("pytest " + "a " * 9_000, huge), *[shell("python3 -m unittest " + "'" * 9_000, huge)] * 20]
    found_in(*calls)


def test_the_recordings_hold_what_a_person_would_see(recordings: Path) -> None:
    source = HermesDatabase(recordings)
    changes = []
    for session in source.read([header.id for header in source.listing().headers]):
        changes += [recovery.change for recovery in find_recoveries(session, judge_calls(session, now=1.8e9))]
    source.close()
    assert sorted(changes) == [
        "added import sys; sys.path.insert(0,'src')",
        "old_string now matches the file, after reading it",
        "path shop/cart.py → src/shop/cart.py",
        "pytest → python3 -m unittest discover",
        "python -m pytest → python3 -m unittest discover",
        "python -m pytest → python3 -m unittest discover",
        "python -m pytest → python3 -m unittest discover",
        "python → python3, added PYTHONPATH=src",
    ]
