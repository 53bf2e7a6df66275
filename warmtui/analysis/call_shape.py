"""What a call is about: the files, addresses, names and programs in its arguments, and their shape."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from warmtui.analysis.call_arguments import arguments_of
from warmtui.analysis.command_purpose import EDITS, CommandStep, Purpose, main_purpose, steps_of
from warmtui.analysis.patterns import word_set
from warmtui.analysis.tools import COMMAND_KEYS, WRITING_KEYS, command_line, task_type_of
from warmtui.model.outcome import JudgedCall

MAX_TEXT = 20_000
"""Characters of one argument that are searched."""
MAX_TARGETS = 64
"""Targets kept of one call; a call with more is about nothing in particular."""

_PATH_KEYS = word_set(
    "path paths file files file_path file_paths filepath filename target_file source_file notebook_path "
    "directory dir folder root cwd workdir working_directory old_path new_path"
)
_URL_KEYS = frozenset({"url", "urls", "uri", "link", "href"})
_NAME_KEYS = word_set(
    "pattern query regex search symbol name glob keyword keywords text selector title topic table"
)
_SQL_TABLE = re.compile(
    r"(?:\b(?:from|join|into|update|table|describe)|\A\s*desc)\s+[`\"\[]?([A-Za-z_][\w.$]{0,79})",
    re.IGNORECASE,
)
_SQL_STRING = re.compile(r"'([^'\n]{1,80})'")
_EXTENSION = re.compile(r"[^/\s]{0,120}\.(?:[A-Za-z][A-Za-z0-9]{0,7}|7z)\Z")
_NOT_PATH = re.compile(r"[\s\"'`<>|;$(){}=,*?!\\]|://")
_VERSION = re.compile(r"v?\d+(?:\.\d+)+\Z")
_DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+\Z")
_KNOWN_EXTENSIONS = word_set(
    "py pyi js jsx ts tsx mjs cjs json jsonl yaml yml toml ini cfg conf md rst txt log csv tsv html css scss "
    "xml sql sh bash zsh go rs java kt c h cc cpp hpp cs rb php pl lua r jl swift scala ex exs erl hs clj "
    "ipynb lock env gz zip tar tgz bz2 xz pdf png jpg svg diff patch db sqlite sqlite3 proto tf gradle "
    "properties service dockerfile vue svelte bat ps1 make mk cmake po pot in out tmp bak"
)
_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+([\w.]{1,80})[ \t]+import|import[ \t]+([\w., \t]{1,160}))", re.MULTILINE
)
_CODE_PATH = re.compile(r"['\"]([\w./~-]{1,120})['\"]")
_PATCH = "*** Begin Patch"
_PATCH_FILE = re.compile(r"^\*\*\* (?:Update|Add|Delete) File: ([^\n]{1,300})$", re.MULTILINE)
_IDENTIFIER_KEY = re.compile(r"(?:\A|_)ids?\Z|Ids?\Z")
_PATTERN_FIRST = frozenset({"grep", "egrep", "fgrep", "rg", "ag", "ack", "sed", "awk", "gawk", "jq", "perl"})
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
    """The parts of a call by which calls are compared."""

    tool: str
    values: dict[str, object] | None
    """The decoded arguments; None if they are not a JSON object."""
    steps: tuple[CommandStep, ...]
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

    def targets_of(self, kind: str) -> frozenset[str]:
        """Return the targets of one kind without their prefix."""
        prefix = f"{kind}:"
        return frozenset(target[len(prefix) :] for target in self.targets if target.startswith(prefix))

    def files(self) -> frozenset[str]:
        """Return the files and folders the call is about."""
        return self.targets_of("file")

    def files_written(self) -> frozenset[str]:
        """Return the files that the call creates or changes."""
        if not self.steps:
            writes = self.values is not None and not WRITING_KEYS.isdisjoint(self.values)
            return self.files() if writes else frozenset()
        files: set[str] = set()
        for command, invocation, purpose in self.steps:
            paths = list(command.writes)
            if purpose in EDITS or invocation.program in ("git", "unzip", "tar"):
                paths += [word for word in invocation.rest if not word.startswith("-")]
            files.update(posixpath.normpath(posixpath.join(command.directory, path)) for path in paths)
        return frozenset(files)

    def subjects(self) -> frozenset[str]:
        """Return the targets without the programs that the call uses."""
        return frozenset(target for target in self.targets if not target.startswith("program:"))

    def step_with_purpose(self, purpose: Purpose) -> CommandStep | None:
        """Return the first step of the command line with this purpose."""
        return next((step for step in self.steps if step.purpose == purpose), None)


def _first_text(values: dict[str, object], keys: tuple[str, ...]) -> str:
    return next((value for key in keys if isinstance(value := values.get(key), str) and value), "")


def _flags(words: tuple[str, ...]) -> list[str]:
    options = (word for word in words if word.startswith("-") and word.strip("-"))
    return sorted({option.partition("=")[0] for option in options})


def _step_skeleton(step: CommandStep) -> str:
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
        tables = sorted(shape.targets_of("table"))
        kind = shape.sql.split(None, 1)[0].upper() if shape.sql.split() else ""
        return f"{kind} {','.join(tables)}"
    if shape.code:
        return "code " + ",".join(sorted(shape.targets_of("module")))
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
    if values is None and arguments.startswith(_PATCH):
        values = {"input": arguments}
    if values is None:
        return CallShape(tool, None, (), "other", "", "", frozenset(), "")
    # `command` of a tool that runs code is code, not a command line
    runs_code = task_type_of(tool) == "code"
    line = "" if runs_code else command_line(tool, values)
    code = "" if line else _first_text(values, (*_CODE_KEYS, *COMMAND_KEYS) if runs_code else _CODE_KEYS)
    query = "" if line or code else _first_text(values, _SQL_KEYS)
    sql = query if _SQL.match(query) else ""
    steps = steps_of(line) if line else ()
    sources: list[Iterator[str]] = []
    for step in steps:
        sources.append(_command_targets(step, cwd))
        if step.invocation.code:
            code = f"{code}\n{step.invocation.code}" if code else step.invocation.code
        if step.command.program in _QUERY_PROGRAMS:
            sources.append(_sql_targets(" ".join(step.command.words[1:])))
    if code:
        sources.append(_code_targets(code, cwd))
    if sql:
        sources.append(_sql_targets(sql))
    if not line and not sql and not code:
        sources.append(_value_targets(values, cwd))
    elif line:
        sources.append(_value_targets({key: values[key] for key in _FOLDER_KEYS if key in values}, cwd))
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


def normal_path(path: str, directory: str = "", cwd: str = "") -> str:
    """Normalise a path; inside the session's folder it becomes relative to that folder.

    Args:
        path: as written in the call.
        directory: the folder a relative path starts from, relative to `cwd` or absolute.
        cwd: the session's working directory, absolute; may be empty.

    >>> normal_path("./src//a.py"), normal_path("/home/dev/shop/src/a.py", cwd="/home/dev/shop")
    ('src/a.py', 'src/a.py')
    >>> normal_path("a.py", directory="src")
    'src/a.py'
    """
    if path.startswith("file://"):
        path = path[7:]
    if directory and not path.startswith(("/", "~")):
        path = posixpath.join(directory, path)
    path = posixpath.normpath(path)
    if path.startswith("//"):
        path = path[1:]
    root = cwd.rstrip("/")
    if root and path.startswith(root + "/"):
        return path[len(root) + 1 :]
    return "." if root and path == root else path


def looks_like_path(word: str) -> bool:
    """Whether a word is a file or folder rather than a name, a number or an option."""
    if not word or len(word) > 300 or word.startswith("-") or _NOT_PATH.search(word) or _VERSION.match(word):
        return False
    # an address such as user@host; a leading @ begins a scoped package or a response file
    if "@" in word and not word.startswith("@"):
        return False
    if "/" in word:
        return any(char.isalnum() for char in word) and not word.startswith("s/")
    if _EXTENSION.match(word) is None:
        return False
    extension = word.rsplit(".", 1)[1].lower()
    return extension in _KNOWN_EXTENSIONS or _DOTTED.match(word) is None


def _command_targets(step: CommandStep, cwd: str) -> Iterator[str]:
    """Yield the targets of a shell command; `cwd` is the session's folder, absolute or empty."""
    command, invocation, _ = step
    program = invocation.program
    yield f"program:{posixpath.basename(program)}"
    is_script = invocation.interpreter and not invocation.module and not invocation.code
    if is_script or "/" in program or command.words[0].startswith("./"):
        yield f"file:{normal_path(program, command.directory, cwd)}"
    for path in command.writes:
        yield f"file:{normal_path(path, command.directory, cwd)}"
    expects_pattern = command.program in _PATTERN_FIRST
    for i, word in enumerate(invocation.rest):
        previous = invocation.rest[i - 1] if i else ""
        if word.startswith(("http://", "https://")):
            yield f"url:{word}"
        elif word.startswith("-"):
            _, equals, value = word.partition("=")
            if equals and looks_like_path(value):
                yield f"file:{normal_path(value, command.directory, cwd)}"
        elif expects_pattern and previous not in ("-A", "-B", "-C", "-m", "-f", "--include"):
            expects_pattern = False
            yield f"name:{word[:120]}"
        elif command.program == "find" and previous in ("-name", "-iname", "-path"):
            yield f"name:{word.strip('*')}"
        elif previous in ("-k", "-t", "-m") and not looks_like_path(word):
            yield f"name:{word}"
        else:
            yield from _operand_targets(word, step, cwd)


def _operand_targets(word: str, step: CommandStep, cwd: str) -> Iterator[str]:
    word, node, test = word.partition("::")
    if looks_like_path(word):
        yield f"file:{normal_path(word, step.command.directory, cwd)}"
        if node:
            yield f"name:{test}"
    elif _DOTTED.match(word):
        yield f"module:{word}"
    elif step.command.program not in ("echo", "printf") and 2 < len(word) <= 80 and not word.isdigit():
        yield f"name:{word}"


def _code_targets(code: str, cwd: str) -> Iterator[str]:
    """Yield the modules and files that Python code names in its first `MAX_TEXT` characters."""
    code = code[:MAX_TEXT]
    for found in _IMPORT.finditer(code):
        if found.group(1):
            yield f"module:{found.group(1)}"
        else:
            for name in found.group(2).split(","):
                parts = name.split()
                if parts:
                    yield f"module:{parts[0]}"
    for found in _CODE_PATH.finditer(code):
        if looks_like_path(found.group(1)):
            yield f"file:{normal_path(found.group(1), cwd=cwd)}"


def _sql_targets(sql: str) -> Iterator[str]:
    """Yield the tables and short texts that a statement names in its first `MAX_TEXT` characters."""
    sql = sql[:MAX_TEXT]
    for found in _SQL_TABLE.finditer(sql):
        yield f"table:{found.group(1).lower()}"
    for found in _SQL_STRING.finditer(sql):
        yield f"name:{found.group(1).lower()}"


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value[:MAX_TARGETS]:
            if isinstance(item, str):
                yield item


def _value_targets(values: dict[str, object], cwd: str) -> Iterator[str]:
    """Yield the targets of plain arguments; an argument's name and form tell its kind."""
    for key, value in values.items():
        for text in _strings(value):
            if not text or len(text) > 400:
                if text.lstrip().startswith(_PATCH):
                    for found in _PATCH_FILE.finditer(text):
                        yield f"file:{normal_path(found.group(1).strip(), cwd=cwd)}"
                continue
            if "://" in text[:12]:
                yield f"url:{text}"
            elif key in _PATH_KEYS:
                yield f"file:{normal_path(text, cwd=cwd)}"
            elif key in _URL_KEYS:
                yield f"url:{text}"
            elif _IDENTIFIER_KEY.search(key):
                yield f"id:{text}"
            elif key in _NAME_KEYS:
                yield f"name:{text}"
            elif looks_like_path(text):
                yield f"file:{normal_path(text, cwd=cwd)}"
            elif len(text) <= 80:
                yield f"value:{text}"
        if isinstance(value, int) and not isinstance(value, bool) and _IDENTIFIER_KEY.search(key):
            yield f"id:{value}"
