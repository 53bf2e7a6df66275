"""What a call is about: the files, addresses, names and programs in its arguments, and their shape."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import orjson

from warmtui.analysis.argument_targets import MAX_TARGETS, in_code, in_command, in_sql, in_values
from warmtui.analysis.command_purpose import Job, Lead, job_of, lead, main_job
from warmtui.analysis.shell import Command, parse
from warmtui.analysis.tools import task_type_of
from warmtui.model.outcome import JudgedCall

MAX_ARGUMENT_CHARACTERS = 200_000
"""Arguments past this are not decoded: a file of that size written inline is about its path alone."""
_COMMAND_KEYS = ("command", "cmd", "commands", "script")
_CODE_KEYS = ("code", "source_code", "python", "script", "cell")
_SQL_KEYS = ("query", "sql", "statement")
_SQL = re.compile(
    r"\s*(select|insert|update|delete|show|describe|desc|explain|create|alter|drop|with|pragma|use|truncate)\b",
    re.IGNORECASE,
)
_LONG_NUMBER = re.compile(r"\d{19}")
_QUERY_PROGRAMS = frozenset({"sqlite3", "psql", "mysql", "mariadb", "duckdb"})


class CallShape(NamedTuple):
    """One call, taken apart as far as comparing calls needs it."""

    tool: str
    values: dict[str, object] | None
    """The arguments; None when they are not a JSON object."""
    commands: tuple[Command, ...]
    """Of a shell call: its simple commands."""
    leads: tuple[Lead, ...]
    """Of a shell call: how each of them begins."""
    job: Job
    """What kind of work a shell call does; `other` for tools that are not a shell."""
    code: str
    """Code that the call runs, given as an argument or on a command line."""
    sql: str
    """The database statement, when the call is one."""
    targets: frozenset[str]
    """What it is about, each with its kind in front: `file:src/a.py`, `url:…`, `name:…`, `id:…`,
    `program:pytest`, `module:shop.cart`, `table:flights`."""
    skeleton: str
    """The argument shape: argument names, of a shell call programs, subcommands and flags."""

    def files(self) -> frozenset[str]:
        """Return the files and folders it is about."""
        return frozenset(target[5:] for target in self.targets if target.startswith("file:"))


def arguments_of(text: str) -> dict[str, object] | None:
    """Decode a call's arguments.

    Returns:
        The object, or None when the text is not one JSON object or is past `MAX_ARGUMENT_CHARACTERS`.
    """
    if len(text) > MAX_ARGUMENT_CHARACTERS or text.lstrip()[:1] != "{":
        return None
    try:
        if _LONG_NUMBER.search(text):
            # orjson turns integers past 64 bits into floats, and two ids into one
            raise orjson.JSONDecodeError("a long number", "", 0)
        value = orjson.loads(text)
    except (orjson.JSONDecodeError, UnicodeEncodeError):
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return None
    return value if isinstance(value, dict) else None


def command_line(tool: str, values: dict[str, object]) -> str:
    """Return the command line that a call gives to a shell, or an empty text."""
    for key in _COMMAND_KEYS:
        value = values.get(key)
        if isinstance(value, str) and (key != "script" or tool in ("shell", "bash", "terminal")):
            return value
        if isinstance(value, list) and value and all(isinstance(word, str) for word in value):
            words = [str(word) for word in value]
            if len(words) > 2 and posixpath.basename(words[0]) in ("bash", "sh", "zsh") and "c" in words[1]:
                return words[2]
            return " ".join(words)
    return ""


def _first(values: dict[str, object], keys: tuple[str, ...]) -> str:
    return next((value for key in keys if isinstance(value := values.get(key), str) and value), "")


def _flags(words: tuple[str, ...]) -> list[str]:
    options = (word for word in words if word.startswith("-") and word.strip("-"))
    return sorted({option.partition("=")[0] for option in options})


def _step(command: Command, how: Lead) -> str:
    parts = [*command.wrappers]
    if how.interpreter and (how.module or how.program != how.interpreter):
        parts.append(f"{how.interpreter} -m" if how.module else how.interpreter)
    parts.append(how.program)
    if how.subcommand:
        parts.append(how.subcommand)
    if how.code:
        parts.append("‹code›")
    return " ".join([*parts, *_flags(how.rest)])


def _skeleton(shape: CallShape) -> str:
    if shape.commands:
        steps = [
            _step(command, how)
            for command, how in zip(shape.commands, shape.leads, strict=True)
            if command.program not in ("echo", "printf", "true", ":")
        ]
        return " ; ".join(steps)[:400]
    if shape.sql:
        tables = sorted(target[6:] for target in shape.targets if target.startswith("table:"))
        kind = shape.sql.split(None, 1)[0].upper() if shape.sql.split() else ""
        return f"{kind} {','.join(tables)}"
    if shape.code:
        return "code " + ",".join(sorted(t[7:] for t in shape.targets if t.startswith("module:")))
    if shape.values is None:
        return ""
    given = ((key, value) for key, value in shape.values.items() if value != "")
    return ",".join(sorted(f"{key}[]" if isinstance(value, list) else key for key, value in given))


def shape_of(tool: str, arguments: str, cwd: str = "") -> CallShape:
    """Take one call apart.

    Args:
        tool: its name.
        arguments: the original text, usually a JSON object.
        cwd: the session's working directory, absolute; paths in it become relative to it.

    >>> shape = shape_of("terminal", '{"command": "cd src && python3 -m pytest -q tests/a.py | tail -3"}')
    >>> shape.job, sorted(shape.files()), shape.skeleton
    ('test', ['src/tests/a.py'], 'python3 -m pytest -q ; tail -3')
    """
    values = arguments_of(arguments)
    if values is None:
        return CallShape(tool, None, (), (), "other", "", "", frozenset(), "")
    runs_code = task_type_of(tool) == "code"
    line = "" if runs_code else command_line(tool, values)
    code = "" if line else _first(values, (*_CODE_KEYS, *_COMMAND_KEYS) if runs_code else _CODE_KEYS)
    sql = "" if line or code else next((t for t in [_first(values, _SQL_KEYS)] if _SQL.match(t)), "")
    commands = parse(line) if line else ()
    leads = tuple(lead(command) for command in commands)
    job = main_job(tuple(job_of(c, how) for c, how in zip(commands, leads, strict=True)))
    found: dict[str, None] = {}
    sources: list[Iterator[str]] = []
    for command, how in zip(commands, leads, strict=True):
        sources.append(in_command(command, how, cwd))
        if how.code:
            code = how.code if not code else f"{code}\n{how.code}"
        if command.program in _QUERY_PROGRAMS:
            sources.append(in_sql(" ".join(command.words[1:])))
    if code:
        sources.append(in_code(code, cwd))
    if sql:
        sources.append(in_sql(sql))
    if not line and not sql and not code:
        sources.append(in_values(values, cwd))
    elif line:
        where: dict[str, object] = {
            key: values[key] for key in ("cwd", "workdir", "working_directory") if key in values
        }
        sources.append(in_values(where, cwd))
    for source in sources:
        for target in source:
            found.setdefault(target)
            if len(found) >= MAX_TARGETS:
                break
    shape = CallShape(tool, values, commands, leads, job, code, sql, frozenset(found), "")
    return shape._replace(skeleton=_skeleton(shape))


def shapes_of(calls: Sequence[JudgedCall]) -> tuple[CallShape, ...]:
    """Take calls apart, their paths as they were written.

    What is found in a session rests on these four times over, and making them is a third of the work.
    """
    return tuple(shape_of(one.call.tool, one.call.arguments) for one in calls)


def shapes_in(
    cwd: str, calls: Sequence[JudgedCall], shapes: Sequence[CallShape] | None = None
) -> tuple[CallShape, ...]:
    """Take calls apart, the paths in them relative to a session's folder.

    Args:
        cwd: the folder, absolute; may be empty.
        calls: the calls.
        shapes: what `shapes_of` gave for them, when the caller has it already.
    """
    shapes = shapes_of(calls) if shapes is None else shapes
    root = cwd.rstrip("/")
    if not root:
        return tuple(shapes)
    return tuple(_in_folder(one, root, call) for one, call in zip(shapes, calls, strict=True))


def _in_folder(shape: CallShape, root: str, call: JudgedCall) -> CallShape:
    here, inside = f"file:{root}", f"file:{root}/"
    if not any(one.startswith(here) for one in shape.targets):
        return shape
    if len(shape.targets) >= MAX_TARGETS:
        # paths that become one leave room for others
        return shape_of(call.call.tool, call.call.arguments, root)
    targets = {
        f"file:{one[len(inside) :]}" if one.startswith(inside) else "file:." if one == here else one
        for one in shape.targets
    }
    return shape._replace(targets=frozenset(targets))


def targets_of(tool: str, arguments: str, cwd: str = "") -> frozenset[str]:
    """Return what a call is about; see `CallShape.targets`.

    >>> sorted(targets_of("read_file", '{"path": "./src/a.py"}'))
    ['file:src/a.py']
    """
    return shape_of(tool, arguments, cwd).targets
