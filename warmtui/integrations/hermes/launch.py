"""Start Hermes with a prefill."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from warmtui.errors import LaunchError
from warmtui.integrations.base import RunResult
from warmtui.integrations.hermes.home import hermes_home
from warmtui.integrations.hermes.prefill import PREFILL_VARIABLE
from warmtui.integrations.process import Finished, run_command

_QUIET_ID = re.compile(rb"^session_id: ([A-Za-z0-9_.:-]{1,128})\r?$", re.MULTILINE)
"""What `hermes chat -q … -Q` prints to stderr as its last line."""
_SUMMARY_ID = re.compile(rb"^Session:[ \t]{1,16}([A-Za-z0-9_.:-]{1,128})\r?$", re.MULTILINE)
"""What `hermes chat -q …` and the interactive agent print to stdout when they end."""


def run(
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    prefill: bytes,
    clock: Callable[[], float] = time.time,
) -> RunResult:
    """Run a command with a prefill and wait for it.

    The prefill is in a private file outside Hermes' home. `HERMES_PREFILL_MESSAGES_FILE` names it to the
    command, and it is removed when the command ends, however it ends.

    Args:
        command: the program and its arguments.
        env: the environment it gets.
        prefill: the prefill file's content.
        clock: the time in Unix seconds.

    Returns:
        Exit code, printed session id, and the time of start and end.

    Raises:
        LaunchError: the command is empty, not found, or cannot be executed.
    """
    folder = _private_folder(env)
    try:
        file = folder / "prefill.json"
        try:
            file.touch(mode=0o600)
            file.write_bytes(prefill)
        except OSError as error:
            raise LaunchError(f"{file} cannot be written: {error.strerror or error}", "set TMPDIR") from error
        done = run_command(command, env={**env, PREFILL_VARIABLE: str(file)}, clock=clock)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return RunResult(done.exit_code, _printed_id(done), done.started_at, done.ended_at)


def _private_folder(env: Mapping[str, str]) -> Path:
    home = os.path.realpath(hermes_home(env))
    bases = [base for base in (tempfile.gettempdir(), "/var/tmp", "/tmp") if Path(base).is_dir()]
    outside = [base for base in bases if not Path(os.path.realpath(base)).is_relative_to(home)]
    try:
        return Path(tempfile.mkdtemp(prefix="warmtui-", dir=(outside or bases)[0]))
    except OSError as error:
        raise LaunchError(
            f"no temporary file can be made: {error.strerror or error}", "set TMPDIR"
        ) from error


def _printed_id(done: Finished) -> str | None:
    """The last id printed; stderr first, because what the model says goes to stdout."""
    for pattern in (_QUIET_ID, _SUMMARY_ID):
        for output in (done.stderr, done.stdout):
            found = pattern.findall(output)
            if found:
                return str(found[-1], "ascii")
    return None
