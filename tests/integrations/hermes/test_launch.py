from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from case_tables import cases

from warmtui.errors import LaunchError
from warmtui.integrations.base import Identified, identify
from warmtui.integrations.hermes.prefill import run_with_prefill
from warmtui.model.session import SessionHeader, SessionKind

PREFILL = b'[{"role": "user", "content": "x"}]\n'

RUNNER = """
import os, sys
from warmtui.integrations.hermes.prefill import run_with_prefill
result = run_with_prefill(sys.argv[2:], env=dict(os.environ), prefill=b"[]")
with open(sys.argv[1], "w") as out:
    out.write(f"{result.exit_code} {result.printed_session_id}")
"""
"""Runs a command as the command line does, and leaves the result in a file."""


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return {**os.environ, "HOME": str(tmp_path), "HERMES_HOME": str(tmp_path / "hermes")}


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_the_command_gets_the_prefill_in_a_private_file_that_is_gone_after(
    env: dict[str, str], tmp_path: Path
) -> None:
    code = (
        "import os, json, sys\n"
        "path = os.environ['HERMES_PREFILL_MESSAGES_FILE']\n"
        "facts = [path, os.stat(path).st_mode & 0o777, os.stat(os.path.dirname(path)).st_mode & 0o777]\n"
        "json.dump([*facts, open(path).read()], open(sys.argv[1], 'w'))\n"
        "sys.exit(7)\n"
    )
    before = time.time()
    result = run_with_prefill([*python(code), str(tmp_path / "out")], env=env, prefill=PREFILL)
    path, file_mode, folder_mode, content = json.loads((tmp_path / "out").read_text())
    assert (result.exit_code, result.printed_session_id) == (7, None)
    assert before <= result.started_at <= time.time()
    assert (file_mode, folder_mode, content) == (0o600, 0o700, PREFILL.decode())
    assert not Path(path).parent.exists()
    assert not Path(path).is_relative_to(tmp_path / "hermes")


def test_a_temporary_folder_inside_the_home_is_not_used(
    env: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = tmp_path / "hermes" / "tmp"
    inside.mkdir(parents=True)
    monkeypatch.setattr("tempfile.tempdir", str(inside))
    code = "import os, sys; open(sys.argv[1], 'w').write(os.environ['HERMES_PREFILL_MESSAGES_FILE'])"
    run_with_prefill([*python(code), str(tmp_path / "out")], env=env, prefill=PREFILL)
    assert not (tmp_path / "out").read_text().startswith(str(tmp_path / "hermes"))


@cases("integrations/hermes/data/printed_ids.jsonl")
def test_the_printed_id_is_read_and_all_output_passes_through(
    env: dict[str, str], capfd: pytest.CaptureFixture[str], code: str, printed: str | None
) -> None:
    result = run_with_prefill(python(code), env=env, prefill=PREFILL)
    assert (result.exit_code, result.printed_session_id) == (0, printed)
    passed = capfd.readouterr()
    plain = subprocess.run(python(code), capture_output=True, check=True, timeout=60)
    assert passed.out.encode(errors="replace") == plain.stdout.decode(errors="replace").encode()
    assert passed.err.encode() == plain.stderr


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["no-such-command-at-all"], "no-such-command-at-all: no such command"),
        (["/"], "cannot be started: Permission denied"),
        (["{folder}/plain"], "cannot be started: Permission denied"),
        (["{folder}/broken"], "cannot be started: Exec format error"),
        (["a\0b"], "cannot be started"),
        ([], "no command"),
    ],
)
def test_what_cannot_be_started_leaves_nothing(
    env: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str], said: str
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    (tmp_path / "plain").write_text("text")
    (tmp_path / "broken").write_bytes(b"\x7fELF nonsense")
    (tmp_path / "broken").chmod(0o755)
    with pytest.raises(LaunchError, match=said):
        run_with_prefill([word.format(folder=tmp_path) for word in command], env=env, prefill=PREFILL)
    assert list(scratch.iterdir()) == []


def test_a_signal_that_ends_the_command_is_its_exit_code(env: dict[str, str]) -> None:
    code = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    assert run_with_prefill(python(code), env=env, prefill=PREFILL).exit_code == 137


def test_what_the_command_leaves_running_does_not_hold_us(env: dict[str, str]) -> None:
    code = "import subprocess; subprocess.Popen(['sleep', '8']); print('session_id: a')"
    start = time.monotonic()
    assert run_with_prefill(python(code), env=env, prefill=PREFILL).printed_session_id == "a"
    assert time.monotonic() - start < 7


def test_a_closed_output_ends_the_command_as_it_would_without_us(env: dict[str, str], tmp_path: Path) -> None:
    endless = "import sys\nwhile True: sys.stdout.write('y' * 1000)"
    runner = subprocess.Popen(
        [*python(RUNNER), str(tmp_path / "out"), *python(endless)],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert runner.stdout is not None
    runner.stdout.read(10)
    runner.stdout.close()
    runner.wait(timeout=30)
    assert (tmp_path / "out").read_text() == "1 None"


WAITING = """
import signal, sys, time
def stop(number, frame):
    got.append(number)
got = []
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, stop)
print("ready", flush=True)
deadline = time.monotonic() + 30
while not got and time.monotonic() < deadline:
    time.sleep(0.01)
time.sleep(0.3)
sys.exit(40 + len(got) if got[0] == signal.SIGINT else 50 + len(got))
"""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 41), (signal.SIGTERM, 51)])
def test_a_signal_without_a_terminal_is_passed_on_and_waited_for(
    env: dict[str, str], tmp_path: Path, number: signal.Signals, code: int
) -> None:
    runner = subprocess.Popen(
        [*python(RUNNER), str(tmp_path / "out"), *python(WAITING)],
        env={**env, "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert runner.stdout is not None
    assert runner.stdout.readline() == b"ready\n"
    runner.send_signal(number)
    assert runner.wait(timeout=30) == 0
    runner.stdout.close()
    assert (tmp_path / "out").read_text() == f"{code} None"
    assert list(tmp_path.glob("warmtui-*")) == []


AT_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""


def read_until(master: int, wanted: bytes) -> bytes:
    seen = b""
    deadline = time.monotonic() + 30
    while wanted not in seen and time.monotonic() < deadline:
        if select.select([master], [], [], 1)[0]:
            seen += os.read(master, 4096)
    return seen


@pytest.mark.parametrize(
    ("code", "keys", "result"),
    [
        (
            "import sys; print(all(map(lambda f: f.isatty(), (sys.stdin, sys.stdout, sys.stderr))), input())",
            b"typed\n",
            "0 None",
        ),
        (WAITING, b"\x03", "41 None"),
    ],
    ids=["attached", "ctrl-c-reaches-the-command-once"],
)
def test_at_a_terminal_the_command_has_it(
    env: dict[str, str], tmp_path: Path, code: str, keys: bytes, result: str
) -> None:
    master, slave = pty.openpty()
    runner = subprocess.Popen(
        [*python(AT_TERMINAL), "-c", RUNNER, str(tmp_path / "out"), *python(code)],
        env=env,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
    )
    os.close(slave)
    if code == WAITING:
        read_until(master, b"ready")
        os.write(master, keys)
    else:
        os.write(master, keys)
        assert b"True typed" in read_until(master, b"True typed")
    assert runner.wait(timeout=30) == 0
    os.close(master)
    assert (tmp_path / "out").read_text() == result


def header(
    id_: str, started_at: float | None = 100.0, cwd: str | None = "/w", kind: SessionKind = "root"
) -> SessionHeader:
    return SessionHeader(id_, "hermes", "/s", started_at=started_at, cwd=cwd, kind=kind)


@pytest.mark.parametrize(
    ("after", "found"),
    [
        ([], Identified(None, ())),
        ([header("old", 50.0)], Identified(None, ())),
        ([header("known")], Identified(None, ())),
        ([header("elsewhere", cwd="/x")], Identified(None, ())),
        ([header("timeless", None)], Identified(None, ())),
        ([header("child", kind="subagent")], Identified(None, ())),
        ([header("new"), header("old", 50.0), header("known")], Identified("new", ("new",))),
        ([header("b", 102.0), header("a", 101.0)], Identified(None, ("a", "b"))),
        ([header("nowhere", cwd=None)], Identified(None, ("nowhere",))),
        ([header("nowhere", cwd=None), header("new")], Identified("new", ("new",))),
    ],
)
def test_the_new_session_is_the_only_one_that_fits(after: list[SessionHeader], found: Identified) -> None:
    assert identify(None, {"known"}, after, started_at=100.0, cwd="/w") == found


def test_a_printed_id_settles_it() -> None:
    assert identify("p", {"p"}, [header("new")], started_at=100.0, cwd="/w") == Identified("p", ("p",))
