"""The prefill that Hermes is already configured to use, and starting Hermes with ours.

The rules are those of Hermes 0.19.0, read from its source and confirmed by running it: variables in its
`.env` files win over the environment, and relative prefill paths start at its home.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from warmtui.errors import LaunchError, WarmtuiError
from warmtui.files import write_file
from warmtui.integrations.base import Prefill, RunResult
from warmtui.integrations.hermes.home import expand_user, hermes_home
from warmtui.integrations.process import Finished, run_command
from warmtui.model.chat import ChatDict, PrefillMode
from warmtui.temporary import TemporaryFolder

PREFILL_VARIABLE = "HERMES_PREFILL_MESSAGES_FILE"
PREFILL_KEY = "prefill_messages_file"
CONFIG_NAME = "config.yaml"

_REFERENCE = re.compile(r"\$\{([^{}]+)\}")
_ENV_LINE = re.compile(rf"[ \t]*(?:export[ \t]+)?'?{PREFILL_VARIABLE}'?[ \t]*(?:=[ \t]*(.*))?")
_QUIET_ID = re.compile(rb"^session_id: ([A-Za-z0-9_.:-]{1,128})\r?$", re.MULTILINE)
"""What `hermes chat -q … -Q` prints to stderr as its last line."""
_SUMMARY_ID = re.compile(rb"^Session:[ \t]{1,16}([A-Za-z0-9_.:-]{1,128})\r?$", re.MULTILINE)
"""What `hermes chat -q …` and the interactive agent print to stdout when they end."""


def configured_prefill(home: Path, environ: Mapping[str, str]) -> Prefill | None:
    """Find the prefill that Hermes sends on its own, by Hermes' own rules.

    Args:
        home: Hermes' home.
        environ: the environment that Hermes would get.

    Returns:
        The configured prefill, with its messages or the reason why they cannot be read; None without one.
        A `config.yaml` that cannot be read is reported in the same way, without a path.
    """
    managed = Path(environ.get("HERMES_MANAGED_DIR", "").strip() or "/etc/hermes")
    for file in (managed / ".env", home / ".env"):
        value = _env_file_value(file)
        if value is None:
            continue
        if value:
            found = _read(value, home, environ, ".env")
        else:  # an empty value still wins over the environment, and config.yaml decides
            found = _from_config(home, environ, managed) or Prefill(".env", None, ())
        return replace(found, fixed_by=file)
    named = environ.get(PREFILL_VARIABLE, "").strip()
    if named:
        return _read(named, home, environ, "environment")
    return _from_config(home, environ, managed)


def prepare_prefill(
    own: Sequence[ChatDict], configured: Prefill | None, mode: PrefillMode
) -> tuple[ChatDict, ...]:
    """Combine the configured messages and ours for a launch.

    Args:
        own: the messages of the template.
        configured: what `configured_prefill` found.
        mode: `combine` puts the configured messages before ours, `replace` leaves them out. Equal messages
            are not repeated.

    Returns:
        The messages for the prefill file.

    Raises:
        LaunchError: a `.env` file of Hermes names a prefill. It wins over the variable that a launch sets,
            so Hermes would not send the template.
    """
    if configured is not None and configured.fixed_by is not None:
        raise LaunchError(
            f"{configured.fixed_by} sets {PREFILL_VARIABLE}, and Hermes lets that win over the environment, "
            "so the template would not be sent",
            f"take the line out, or name the file as {PREFILL_KEY} in {CONFIG_NAME} instead",
        )
    if configured is None or mode == "replace" or list(configured.messages) == list(own):
        return tuple(own)
    return (*configured.messages, *own)


def _from_config(home: Path, environ: Mapping[str, str], managed: Path) -> Prefill | None:
    from warmtui.integrations.hermes.yaml_key import read_scalar  # slower to load than all the rest

    problem: Prefill | None = None
    files = [managed / CONFIG_NAME]
    if environ.get("HERMES_IGNORE_USER_CONFIG") != "1":
        files.append(home / CONFIG_NAME)
    for key in (PREFILL_KEY, f"agent.{PREFILL_KEY}"):
        for file in files:
            try:
                text = file.read_bytes().decode("utf-8")
                value = read_scalar(text, *key.split("."))
            except FileNotFoundError:
                continue
            except (OSError, UnicodeDecodeError, WarmtuiError) as error:
                problem = problem or Prefill(key, None, (), f"{file} cannot be read: {error}")
                continue
            if value:
                return _read(value, home, environ, key)
    return problem


def _read(value: str, home: Path, environ: Mapping[str, str], where: str) -> Prefill:
    if where != "environment":
        value = _REFERENCE.sub(lambda found: environ.get(found[1], found[0]), value)
    path = home / expand_user(value, environ)
    try:
        data = json.loads(path.read_bytes().decode("utf-8"))
    except FileNotFoundError:
        return Prefill(where, path, (), f"{path} does not exist")
    except (OSError, ValueError, RecursionError) as error:
        return Prefill(where, path, (), f"{path} cannot be read: {error}")
    if not isinstance(data, list) or not all(isinstance(message, dict) for message in data):
        return Prefill(where, path, (), f"{path} is not a JSON array of messages")
    return Prefill(where, path, tuple(data))


def _env_file_value(file: Path) -> str | None:
    """Return what a `.env` file sets the variable to; None when it does not. The last line wins."""
    try:
        text = file.read_bytes().decode("utf-8", errors="replace")
    except OSError:
        return None  # Hermes, run by the same person, cannot read it either
    value: str | None = None
    for line in text.splitlines():
        found = _ENV_LINE.fullmatch(line)
        if found is None or found[1] is None:
            continue
        raw = found[1].strip()
        if raw[:1] in ("'", '"'):
            value = raw[1:].split(raw[0])[0]
        else:
            value = re.split(r"(?:^|\s)#", raw, maxsplit=1)[0].rstrip()
    return None if value is None else value.strip()


def run_with_prefill(command: Sequence[str], *, env: Mapping[str, str], prefill: bytes) -> RunResult:
    """Run a command with a prefill and wait for it.

    The prefill is in a private file outside Hermes' home. `HERMES_PREFILL_MESSAGES_FILE` names it to the
    command, and it is removed when the command ends, however it ends.

    Args:
        command: the program and its arguments.
        env: the environment it gets.
        prefill: the prefill file's content.

    Returns:
        Exit code, printed session id, and the time of the start.

    Raises:
        LaunchError: the command is empty, not found, or cannot be executed.
    """
    try:
        # TMPDIR may lie in Hermes' home.
        folder = TemporaryFolder(outside=hermes_home(env))
        write_file(folder.path / "prefill.json", prefill)
    except WarmtuiError as error:
        raise LaunchError(error.what, error.remedy) from error
    with folder:
        started_at = time.time()
        done = run_command(command, env={**env, PREFILL_VARIABLE: str(folder.path / "prefill.json")})
    return RunResult(done.exit_code, _printed_id(done), started_at)


def _printed_id(done: Finished) -> str | None:
    """The last id printed; stderr first, because what the model says goes to stdout."""
    for pattern in (_QUIET_ID, _SUMMARY_ID):
        for output in (done.stderr, done.stdout):
            found = pattern.findall(output)
            if found:
                return str(found[-1], "ascii")
    return None
