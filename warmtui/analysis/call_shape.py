"""What a call is about: the files, addresses, names and programs in its arguments, and their shape."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from warmtui.analysis.argument_targets import (
    MAX_TARGETS,
    code_targets,
    command_targets,
    sql_targets,
    value_targets,
)
from warmtui.analysis.call_arguments import COMMAND_KEYS, arguments_of, command_line
from warmtui.analysis.command_purpose import Purpose, Step, main_purpose, steps_of
from warmtui.analysis.tools import task_type_of
from warmtui.model.outcome import JudgedCall

_CODE_KEYS = ("code", "source_code", "python", "script", "cell")
_SQL_KEYS = ("query", "sql", "statement")
_FOLDER_KEYS = ("cwd", "workdir", "working_directory")
_SQL = re.compile(
    r"\s*(select|insert|update|delete|show|describe|desc|explain|create|alter|drop|with|pragma|use|truncate)\b",
    re.IGNORECASE,
)
_QUERY_PROGRAMS = frozenset({"sqlite3", "psql", "mysql", "mariadb", "duckdb"})
_MAX_SKELETON = 400


class CallShape(NamedTuple):
    """A call, taken apart as far as is needed for comparing calls."""

    tool: str
    values: dict[str, object] | None
    """The decoded arguments; None if they are not a JSON object."""
    steps: tuple[Step, ...]
    """The commands of a shell call; empty for other tools."""
    purpose: Purpose
    """What a shell call is for; `other` for other tools."""
    code: str
    """Code that the call runs, from an argument or a command line."""
    sql: str
    """The database statement, if the call is one."""
    targets: frozenset[str]
    """What the call is about, prefixed with the kind: `file:src/a.py`, `url:…`, `name:…`, `id:…`,
    `program:pytest`, `module:shop.cart`, `table:flights`, `value:…`."""
    skeleton: str
    """The form of the arguments: their names; for a shell call its programs, subcommands and flags."""

    def files(self) -> frozenset[str]:
        """Return the files and folders the call is about."""
        return frozenset(target[5:] for target in self.targets if target.startswith("file:"))


def _first_text(values: dict[str, object], keys: tuple[str, ...]) -> str:
    return next((value for key in keys if isinstance(value := values.get(key), str) and value), "")


def _flags(words: tuple[str, ...]) -> list[str]:
    options = (word for word in words if word.startswith("-") and word.strip("-"))
    return sorted({option.partition("=")[0] for option in options})


def _step_skeleton(step: Step) -> str:
    invocation = step.invocation
    parts = [*step.command.wrappers]
    if invocation.interpreter and (invocation.module or invocation.program != invocation.interpreter):
        parts.append(f"{invocation.interpreter} -m" if invocation.module else invocation.interpreter)
    parts.append(invocation.program)
    if invocation.subcommand:
        parts.append(invocation.subcommand)
    if invocation.code:
        parts.append("‹code›")
    return " ".join([*parts, *_flags(invocation.rest)])


def _skeleton(shape: CallShape) -> str:
    if shape.steps:
        steps = [
            _step_skeleton(step)
            for step in shape.steps
            if step.command.program not in ("echo", "printf", "true", ":")
        ]
        return " ; ".join(steps)[:_MAX_SKELETON]
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
    """Take a call apart.

    Args:
        tool: the tool's name.
        arguments: the original text, usually a JSON object.
        cwd: the session's working directory, absolute; paths inside it become relative to it.

    >>> shape = shape_of("terminal", '{"command": "cd src && python3 -m pytest -q tests/a.py | tail -3"}')
    >>> shape.purpose, sorted(shape.files()), shape.skeleton
    ('test', ['src/tests/a.py'], 'python3 -m pytest -q ; tail -3')
    """
    values = arguments_of(arguments)
    if values is None:
        return CallShape(tool, None, (), "other", "", "", frozenset(), "")
    runs_code = task_type_of(tool) == "code"
    line = "" if runs_code else command_line(tool, values)
    code = "" if line else _first_text(values, (*_CODE_KEYS, *COMMAND_KEYS) if runs_code else _CODE_KEYS)
    query = "" if line or code else _first_text(values, _SQL_KEYS)
    sql = query if _SQL.match(query) else ""
    steps = steps_of(line) if line else ()
    sources: list[Iterator[str]] = []
    for step in steps:
        sources.append(command_targets(step, cwd))
        if step.invocation.code:
            code = f"{code}\n{step.invocation.code}" if code else step.invocation.code
        if step.command.program in _QUERY_PROGRAMS:
            sources.append(sql_targets(" ".join(step.command.words[1:])))
    if code:
        sources.append(code_targets(code, cwd))
    if sql:
        sources.append(sql_targets(sql))
    if not line and not sql and not code:
        sources.append(value_targets(values, cwd))
    elif line:
        sources.append(value_targets({key: values[key] for key in _FOLDER_KEYS if key in values}, cwd))
    shape = CallShape(tool, values, steps, main_purpose(steps), code, sql, _first_targets(sources), "")
    return shape._replace(skeleton=_skeleton(shape))


def _first_targets(sources: Sequence[Iterator[str]]) -> frozenset[str]:
    found: dict[str, None] = {}
    for source in sources:
        for target in source:
            found.setdefault(target)
            if len(found) >= MAX_TARGETS:
                break
    return frozenset(found)


def shapes_of(calls: Sequence[JudgedCall]) -> tuple[CallShape, ...]:
    """Take calls apart, with paths as written; do it once per session: it is a third of the analysis."""
    return tuple(shape_of(call.call.tool, call.call.arguments) for call in calls)


def shapes_in(
    cwd: str, calls: Sequence[JudgedCall], shapes: Sequence[CallShape] | None = None
) -> tuple[CallShape, ...]:
    """Take calls apart, with paths relative to a session's folder.

    Args:
        cwd: the folder, absolute; may be empty.
        calls: the calls.
        shapes: the result of `shapes_of(calls)`, if the caller has it already.
    """
    shapes = shapes_of(calls) if shapes is None else shapes
    root = cwd.rstrip("/")
    if not root:
        return tuple(shapes)
    return tuple(_in_folder(shape, root, call) for shape, call in zip(shapes, calls, strict=True))


def _in_folder(shape: CallShape, root: str, call: JudgedCall) -> CallShape:
    here, inside = f"file:{root}", f"file:{root}/"
    if not any(target.startswith(here) for target in shape.targets):
        return shape
    if len(shape.targets) >= MAX_TARGETS:
        # paths that become equal leave room for further targets
        return shape_of(call.call.tool, call.call.arguments, root)
    targets = {
        f"file:{target[len(inside) :]}"
        if target.startswith(inside)
        else "file:."
        if target == here
        else target
        for target in shape.targets
    }
    return shape._replace(targets=frozenset(targets))
