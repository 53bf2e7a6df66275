"""The targets that a call's arguments name: files, addresses, modules, tables, programs."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from warmtui.analysis.command_purpose import Step
from warmtui.analysis.patterns import word_set

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
_PATCH_FILE = re.compile(r"^\*\*\* (?:Update|Add|Delete) File: ([^\n]{1,300})$", re.MULTILINE)
_IDENTIFIER_KEY = re.compile(r"(?:\A|_)ids?\Z|Ids?\Z")
_PATTERN_FIRST = frozenset({"grep", "egrep", "fgrep", "rg", "ag", "ack", "sed", "awk", "gawk", "jq", "perl"})


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


def command_targets(step: Step, cwd: str) -> Iterator[str]:
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


def _operand_targets(word: str, step: Step, cwd: str) -> Iterator[str]:
    word, node, test = word.partition("::")
    if looks_like_path(word):
        yield f"file:{normal_path(word, step.command.directory, cwd)}"
        if node:
            yield f"name:{test}"
    elif _DOTTED.match(word):
        yield f"module:{word}"
    elif step.command.program not in ("echo", "printf") and 2 < len(word) <= 80 and not word.isdigit():
        yield f"name:{word}"


def code_targets(code: str, cwd: str) -> Iterator[str]:
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


def sql_targets(sql: str) -> Iterator[str]:
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


def value_targets(values: dict[str, object], cwd: str) -> Iterator[str]:
    """Yield the targets of plain arguments; an argument's name and form tell its kind."""
    for key, value in values.items():
        for text in _strings(value):
            if not text or len(text) > 400:
                if text.lstrip().startswith("*** Begin Patch"):
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
