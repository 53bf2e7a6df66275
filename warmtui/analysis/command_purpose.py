"""What kind of work a shell command does: the difference between a project's test run and a glance at a file.

The tables are this project's own, written down from the tools' documentation and from the recorded sessions.
They decide what embodies a convention and what is a glance that any agent makes anyway.
"""

from __future__ import annotations

import posixpath
import re
from typing import Literal, NamedTuple

from warmtui.analysis.shell import Command

Job = Literal[
    "test", "build", "check", "install", "run", "query", "vcs", "edit", "remove", "search", "look", "other"
]
"""`check` is a linter, formatter or type checker; `query` asks a database or a server; `look` only shows."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


CONVENTIONS: frozenset[Job] = frozenset({"test", "build", "check", "install"})
"""Jobs whose command line is a convention of the project rather than a step of one task."""

_ORDER: tuple[Job, ...] = (
    "test",
    "build",
    "check",
    "install",
    "query",
    "run",
    "vcs",
    "edit",
    "remove",
    "search",
    "look",
    "other",
)
"""Which job a line of several commands is said to do."""

_PROGRAMS: dict[Job, frozenset[str]] = {
    "test": _words(
        "pytest py.test unittest nosetests nose2 tox nox jest vitest mocha ava karma rspec phpunit ctest "
        "bats cypress playwright trial doctest gotestsum nextest runtests runtests.py minitest pest ginkgo "
        "behave cucumber robot"
    ),
    "build": _words(
        "make gmake cmake ninja bazel meson mvn gradle gradlew ant sbt tsc webpack vite rollup esbuild "
        "sphinx-build mkdocs javac gcc g++ cc clang rustc msbuild xcodebuild hugo"
    ),
    "check": _words(
        "ruff flake8 pylint pycodestyle pyflakes mypy pyright black isort bandit eslint prettier tslint "
        "stylelint shellcheck golangci-lint gofmt rubocop clang-format clang-tidy pre-commit autopep8 yapf "
        "hadolint yamllint markdownlint biome standard swiftlint ktlint py_compile compileall"
    ),
    "install": _words("pip pip3 apt apt-get yum dnf brew apk easy_install gem composer bower"),
    "query": _words(
        "sqlite3 psql mysql mariadb mongo mongosh redis-cli curl wget http httpie duckdb clickhouse-client "
        "kubectl helm aws gcloud az terraform ansible ansible-playbook ssh scp rsync"
    ),
    "vcs": _words("git hg svn gh glab jj"),
    "edit": _words("touch mkdir cp mv tee ln chmod chown patch apply_patch truncate install"),
    "remove": _words("rm rmdir unlink shred"),
    "search": _words("grep egrep fgrep rg ag ack find fd fdfind locate zgrep ugrep"),
    "look": _words(
        "ls ll dir cat bat head tail less more pwd which whereis type echo printf wc file stat tree du df "
        "env printenv whoami id date uname hostname nl awk gawk cut sort uniq tr column diff cmp comm xxd od "
        "hexdump strings md5sum sha1sum sha256sum basename dirname realpath readlink true false : test [ [[ "
        "history ps top free sleep clear man help exit submit read jq yq"
    ),
    "run": _words(
        "python python2 python3 pypy pypy3 ipython node deno bun ruby perl php lua julia Rscript java bash "
        "sh zsh uvicorn gunicorn flask docker docker-compose podman streamlit django-admin"
    ),
}
_BY_PROGRAM: dict[str, Job] = {name: job for job, names in _PROGRAMS.items() for name in names}
_INTERPRETERS = re.compile(r"(?:python|pypy|node|ruby|perl|php|deno|bun|lua|julia|bash|sh|zsh)[\d.]*\Z")
_PACKAGE_MANAGERS = frozenset({"npm", "yarn", "pnpm", "bun"})
_SUBCOMMANDS = _words(
    "git pip pip3 npm yarn pnpm bun docker docker-compose podman cargo go make gmake kubectl helm uv poetry "
    "pipenv conda mvn gradle gradlew apt apt-get brew dotnet mix rails rake bundle terraform aws gcloud "
    "az gh systemctl service hatch pdm composer gem swift bazel sbt ruff unittest manage.py sphinx-build"
)
"""Programs whose first word says what they do."""
_TEST_FILE = re.compile(r"(?:test_[\w.-]*|[\w.-]*[_.]tests?)\.(?:py|js|ts|rb|php|sh|mjs)\Z")
_TEST_SCRIPT = re.compile(r"(?:run[_-]?)?tests?(?:\.(?:sh|py|js|bat))?\Z", re.IGNORECASE)
_BUILD_SCRIPT = re.compile(r"(?:build|deploy|release|setup|bootstrap|install)(?:\.(?:sh|py|js|bat))?\Z")
_SETUP_PY: dict[str, Job] = {"test": "test", "install": "install", "develop": "install", "build_ext": "build"}
_SCRIPT_WORDS: tuple[tuple[str, Job], ...] = (
    ("test", "test"),
    ("spec", "test"),
    ("e2e", "test"),
    ("build", "build"),
    ("compile", "build"),
    ("lint", "check"),
    ("format", "check"),
    ("fmt", "check"),
    ("typecheck", "check"),
    ("type-check", "check"),
    ("check", "check"),
    ("install", "install"),
    ("deploy", "build"),
    ("migrate", "run"),
    ("start", "run"),
    ("serve", "run"),
    ("dev", "run"),
    ("run", "run"),
)
"""What a target of make, npm and the like is named after what it does."""
_CARGO_GO: dict[str, Job] = {
    "test": "test",
    "nextest": "test",
    "bench": "test",
    "build": "build",
    "generate": "build",
    "publish": "build",
    "clippy": "check",
    "fmt": "check",
    "vet": "check",
    "check": "check",
    "install": "install",
    "get": "install",
    "add": "install",
    "mod": "install",
    "run": "run",
}
_SANE = re.compile(r"[\w./:@+~{}\[-]{1,120}\Z")
"""What the name of a program looks like; prose given to a shell does not."""
_CONTAINER_LOOKS = _words("ps images logs inspect get describe top stats version info status")
_INSTALL_WORDS = frozenset({"install", "i", "ci", "add", "sync", "update", "upgrade", "restore"})


class Lead(NamedTuple):
    """How a command begins: what is run, through what, without what it is run on."""

    interpreter: str
    """`python3` of `python3 -m pytest` and `python3 x.py`; empty when the program runs by itself."""
    program: str
    """`pytest`, `git`, `bin/test`, `x.py`; of inline code the interpreter itself."""
    subcommand: str
    """`diff` of `git diff`; empty for programs that have none."""
    rest: tuple[str, ...]
    """The words behind these."""
    module: bool = False
    """The program was named with `-m`."""
    code: str = ""
    """Code given inline, with `-c`, `-e` or as a here-document."""


def lead(command: Command) -> Lead:
    """Tell how a command begins.

    >>> from warmtui.analysis.shell import parse
    >>> lead(parse("python3 -m unittest discover -s tests")[0])[:4]
    ('python3', 'unittest', 'discover', ('-s', 'tests'))
    """
    words = command.words
    name = command.program
    if _INTERPRETERS.match(name) is None or name in ("true",):
        rest = words[1:]
        shown = name if words[0].startswith("/") else posixpath.normpath(words[0])
        return _with_subcommand("", shown, rest)
    i = 1
    while i < len(words):
        word = words[i]
        if word == "-m" and i + 1 < len(words):
            found = _with_subcommand(name, words[i + 1], words[i + 2 :])
            return found._replace(module=True)
        if word in ("-c", "-e", "-pe", "-ne", "--eval", "-p") and i + 1 < len(words):
            return Lead(name, name, "", words[i + 2 :], code=words[i + 1])
        if word == "-":
            break
        if word.startswith("-"):
            i += 2 if word in ("-W", "-X") else 1
            continue
        return _with_subcommand(name, posixpath.normpath(word), words[i + 1 :])
    return Lead(name, name, "", (), code=command.inline)


def _with_subcommand(interpreter: str, program: str, rest: tuple[str, ...]) -> Lead:
    name = posixpath.basename(program)
    if name in _SUBCOMMANDS:
        for i, word in enumerate(rest):
            if not word.startswith("-") and "=" not in word:
                two = (name in _PACKAGE_MANAGERS and word == "run") or word == "compose"
                if two and i + 1 < len(rest):
                    return Lead(interpreter, program, f"{word} {rest[i + 1]}", rest[:i] + rest[i + 2 :])
                if name == "unittest" and word != "discover":
                    break
                return Lead(interpreter, program, word, rest[:i] + rest[i + 1 :])
            if name in ("git", "make", "gmake", "docker", "kubectl") and word in ("-C", "-f", "-n", "-c"):
                break
    return Lead(interpreter, program, "", rest)


def _named_after(text: str) -> Job | None:
    lowered = text.lower()
    return next((job for word, job in _SCRIPT_WORDS if word in lowered), None)


def job_of(command: Command, how: Lead | None = None) -> Job:
    """Tell what kind of work one command does.

    Args:
        command: as `shellwords.parse` gives it.
        how: its lead, when the caller has it already.

    >>> from warmtui.analysis.shell import parse
    >>> [job_of(c) for c in parse("cd x; bin/test a.py && ls | wc -l && npm run lint")]
    ['test', 'look', 'look', 'check']
    """
    how = how or lead(command)
    name = posixpath.basename(how.program)
    sub = how.subcommand
    if name in _PACKAGE_MANAGERS:
        if sub.split(" ")[0] in _INSTALL_WORDS or not sub:
            return "install"
        return _named_after(sub) or "run"
    if name in ("cargo", "go", "dotnet", "swift", "mix"):
        return _CARGO_GO.get(sub, "build")
    if name in (
        "make",
        "gmake",
        "rake",
        "just",
        "task",
        "invoke",
        "inv",
        "bazel",
        "mvn",
        "gradle",
        "gradlew",
    ):
        return _named_after(sub) or "build"
    if name in ("uv", "poetry", "pipenv", "conda", "pdm", "hatch", "rye", "bundle"):
        return "install" if sub in _INSTALL_WORDS or sub in ("lock", "create", "pip") else "run"
    if name in ("pip", "pip3", "apt", "apt-get", "brew", "gem", "composer", "apk", "yum", "dnf"):
        return "install" if sub in _INSTALL_WORDS or not sub else "look"
    if name == "git" and sub == "grep":
        return "search"
    if (
        name in ("docker", "podman", "kubectl", "docker-compose", "systemctl")
        and sub.removeprefix("compose ") in _CONTAINER_LOOKS
    ):
        return "look"
    if name in ("docker", "docker-compose", "podman") and sub in ("build", "compose build"):
        return "build"
    if name == "manage.py":
        return _named_after(sub) or "run"
    if name == "setup.py":
        return next((_SETUP_PY[word] for word in how.rest if word in _SETUP_PY), "build")
    if name == "sed":
        edits = any(w.startswith("-i") or w.startswith("--in-place") for w in how.rest)
        return "edit" if edits else "look"
    if name in ("ruff", "tsc", "biome"):
        return "check"
    if _SANE.match(how.program) is None:
        return "other"
    known = _BY_PROGRAM.get(name)
    if known == "look" and "/" in how.program:
        # `bin/test` is a project's script, /bin/ls was shortened to `ls` already
        known = None
    if command.writes and (known == "look" or known is None) and command.inline:
        return "edit"
    if known in ("look", "search") and command.writes:
        return "edit"
    if how.code:
        return "run"
    if known is not None:
        return known
    if _TEST_FILE.match(name) or _TEST_SCRIPT.match(name):
        return "test"
    if _BUILD_SCRIPT.match(name):
        return "build"
    if how.interpreter or "/" in how.program:
        return "run"
    return "other"


def main_job(jobs: tuple[Job, ...]) -> Job:
    """Tell what a line of several commands does: its most telling part."""
    return min(jobs, key=_ORDER.index, default="other")
