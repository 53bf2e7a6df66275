"""Where Hermes lives and which prefill it is already told to use.

Read from the source of Hermes 0.19.0 and confirmed by running it: variables in its `.env` files win over the
environment, a sticky profile moves its home, and relative prefill paths start at its home.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from warmtui.errors import LaunchError, WarmtuiError

PREFILL_VARIABLE = "HERMES_PREFILL_MESSAGES_FILE"
PREFILL_KEY = "prefill_messages_file"
CONFIG_NAME = "config.yaml"

PrefillWhere = Literal[".env", "environment", "prefill_messages_file", "agent.prefill_messages_file"]
PrefillMode = Literal["combine", "replace"]
ChatDict = Mapping[str, object]
"""One message of a prefill file, as JSON holds it; another tool may have put more keys into it than ours."""

_PROFILE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_VALUE_FLAGS = frozenset(
    {"-z", "--oneshot", "-m", "--model", "--provider", "-t", "--toolsets", "-r", "--resume", "-s", "--skills"}
    | {"--usage-file"}
)
"""Options of `hermes` whose next word is a value, so never a `-p` of its own."""
_REFERENCE = re.compile(r"\$\{([^{}]+)\}")
_ENV_LINE = re.compile(rf"[ \t]*(?:export[ \t]+)?'?{PREFILL_VARIABLE}'?[ \t]*(?:=[ \t]*(.*))?")


@dataclass(frozen=True, slots=True)
class Prefill:
    """A prefill that Hermes is already told to use."""

    where: PrefillWhere
    """What names it: a variable in a `.env` file of Hermes, the environment, or a key of `config.yaml`."""
    named_in: Path | None
    """The file that names it; None for the environment."""
    path: Path | None
    """The prefill file; None when nothing names one although the `.env` file sets the variable."""
    messages: tuple[ChatDict, ...]
    problem: str = ""
    """Why it cannot be read, in one sentence; empty when it can. Hermes then starts without it."""
    fixed_by: Path | None = None
    """A `.env` file that sets the variable: it wins over the environment, so a launch cannot add to it."""


def hermes_root(environ: Mapping[str, str]) -> Path:
    """The folder that holds Hermes' default home and its profiles.

    Args:
        environ: the environment variables; `HERMES_HOME` and `HOME` are read.

    Returns:
        `$HERMES_HOME` (of a profile's home: the folder above `profiles`), else `~/.hermes`.
    """
    named = environ.get("HERMES_HOME", "").strip()
    home = _expand_user(named, environ) if named else _expand_user("~/.hermes", environ)
    return home.parent.parent if home.parent.name == "profiles" else home


def hermes_home(environ: Mapping[str, str], command: Sequence[str] = ()) -> Path:
    """The home that Hermes will use.

    Args:
        environ: the environment variables; `HERMES_HOME` and `HOME` are read.
        command: a command that starts Hermes, for its `-p`/`--profile`; may be empty.

    Returns:
        `$HERMES_HOME`, default `~/.hermes`; a profile that the command names, or else one that was made
        sticky (`hermes profile use`), moves it to `profiles/<name>` below.
    """
    root = hermes_root(environ)
    named = environ.get("HERMES_HOME", "").strip()
    profile = _profile_in(command)
    if not profile:
        if named and _expand_user(named, environ).parent.name == "profiles":
            return _expand_user(named, environ)
        profile = _first_line(root / "active_profile")
    if profile in ("", "default") or not _PROFILE_NAME.fullmatch(profile):
        return root
    return root / "profiles" / profile


def configured_prefill(home: Path, environ: Mapping[str, str]) -> Prefill | None:
    """Find the prefill that Hermes would send on its own, as Hermes finds it.

    Args:
        home: Hermes' home.
        environ: the environment that Hermes would get.

    Returns:
        What is configured, with its messages or the reason why they cannot be read; None when nothing is.
        A `config.yaml` that cannot be read is reported in the same way, with no path.
    """
    managed = Path(environ.get("HERMES_MANAGED_DIR", "").strip() or "/etc/hermes")
    for file in (managed / ".env", home / ".env"):
        value = _env_file_value(file)
        if value is None:
            continue
        if value:
            found = _read(value, home, environ, ".env", file)
        else:  # set to nothing: it still wins over the environment, and config.yaml decides
            found = _from_config(home, environ, managed) or Prefill(".env", file, None, ())
        return replace(found, fixed_by=file)
    named = environ.get(PREFILL_VARIABLE, "").strip()
    if named:
        return _read(named, home, environ, "environment", None)
    return _from_config(home, environ, managed)


def prepare_prefill(
    own: Sequence[ChatDict], configured: Prefill | None, mode: PrefillMode
) -> tuple[ChatDict, ...]:
    """Decide what a started Hermes is sent: the configured messages, then ours, or ours alone.

    Args:
        own: the messages of the template.
        configured: what `configured_prefill` found.
        mode: `combine` puts the configured messages before ours, `replace` leaves them out. Ours are not
            repeated when the configured ones are the same.

    Returns:
        The messages for the prefill file.

    Raises:
        LaunchError: a `.env` file of Hermes names a prefill; it wins over what a launch can say, so the
            template would silently not be sent.
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
    from warmtui.agents.yaml_key import read_scalar  # takes longer to load than all else in here

    problem: Prefill | None = None
    files = [managed / CONFIG_NAME]
    if environ.get("HERMES_IGNORE_USER_CONFIG") != "1":
        files.append(home / CONFIG_NAME)
    keys: tuple[PrefillWhere, ...] = ("prefill_messages_file", "agent.prefill_messages_file")
    for key in keys:
        for file in files:
            try:
                text = file.read_bytes().decode("utf-8")
                value = read_scalar(text, *key.split("."))
            except FileNotFoundError:
                continue
            except (OSError, UnicodeDecodeError, WarmtuiError) as error:
                problem = problem or Prefill(key, file, None, (), f"{file} cannot be read: {error}")
                continue
            if value:
                return _read(value, home, environ, key, file)
    return problem


def _read(
    value: str, home: Path, environ: Mapping[str, str], where: PrefillWhere, named_in: Path | None
) -> Prefill:
    if named_in is not None:
        value = _REFERENCE.sub(lambda found: environ.get(found[1], found[0]), value)
    path = home / _expand_user(value, environ)
    try:
        data = json.loads(path.read_bytes().decode("utf-8"))
    except FileNotFoundError:
        return Prefill(where, named_in, path, (), f"{path} does not exist")
    except (OSError, ValueError, RecursionError) as error:
        return Prefill(where, named_in, path, (), f"{path} cannot be read: {error}")
    if not isinstance(data, list) or not all(isinstance(message, dict) for message in data):
        return Prefill(where, named_in, path, (), f"{path} is not a JSON array of messages")
    return Prefill(where, named_in, path, tuple(data))


def _env_file_value(file: Path) -> str | None:
    """What a `.env` file sets the variable to; None when it does not. The last line wins."""
    try:
        text = file.read_bytes().decode("utf-8", errors="replace")
    except OSError:
        return None  # no such file, or one that Hermes, run by the same person, cannot read either
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


def _profile_in(command: Sequence[str]) -> str:
    """The profile that a `hermes …` command names, as Hermes reads its own words; else empty."""
    if not command or Path(command[0]).name != "hermes":
        return ""
    words = list(command[1:])
    while words:
        word = words.pop(0)
        if word == "--":
            break
        if word in ("-p", "--profile") and words:
            return words[0]
        if word.startswith("--profile="):
            return word.removeprefix("--profile=")
        if word in _VALUE_FLAGS and words:
            words.pop(0)
    return ""


def _first_line(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""  # Hermes passes over an unreadable one as well


def _expand_user(text: str, environ: Mapping[str, str]) -> Path:
    home = environ.get("HOME", "")
    if home and (text == "~" or text.startswith("~/")):
        return Path(home) / text[2:]
    path = Path(text)
    try:
        return path.expanduser()
    except RuntimeError:  # ~nobody-of-that-name
        return path
