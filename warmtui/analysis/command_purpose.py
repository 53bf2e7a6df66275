"""The purpose of a shell command: a test run, a build, a query, or a mere look at a file.

The tables come from the tools' documentation and from recorded sessions. They tell a project's conventions
from commands that any agent would run anyway.
"""

from __future__ import annotations

import posixpath
import re
from typing import Literal, NamedTuple

from warmtui.analysis.patterns import word_set
from warmtui.analysis.shell import Command, parse

Purpose = Literal[
    "test", "build", "check", "install", "run", "query", "vcs", "edit", "remove", "search", "look", "other"
]
"""`check` is a linter, formatter or type checker; `query` asks a database or a server; `look` only shows."""

CONVENTIONS: frozenset[Purpose] = frozenset({"test", "build", "check", "install"})
"""Purposes whose command line is a convention of the project rather than a step of one task."""
EDITS: frozenset[Purpose] = frozenset({"edit", "remove"})
"""Purposes that change files."""
LOOKS: frozenset[Purpose] = frozenset({"look", "search"})
"""Purposes that only show files."""

_MOST_TELLING_FIRST: tuple[Purpose, ...] = (
    "test", "build", "check", "install", "query", "run", "vcs", "edit", "remove", "search", "look", "other"
)  # fmt: skip

_PROGRAMS: dict[Purpose, frozenset[str]] = {
    "test": word_set(
        "pytest py.test unittest nosetests nose2 tox nox jest vitest mocha ava karma rspec phpunit ctest "
        "bats cypress playwright trial doctest gotestsum nextest runtests runtests.py minitest pest ginkgo "
        "behave cucumber robot"
    ),
    "build": word_set(
        "make gmake cmake ninja bazel meson mvn gradle gradlew ant sbt tsc webpack vite rollup esbuild "
        "sphinx-build mkdocs javac gcc g++ cc clang rustc msbuild xcodebuild hugo"
    ),
    "check": word_set(
        "ruff flake8 pylint pycodestyle pyflakes mypy pyright black isort bandit eslint prettier tslint "
        "stylelint shellcheck golangci-lint gofmt rubocop clang-format clang-tidy pre-commit autopep8 yapf "
        "hadolint yamllint markdownlint biome standard swiftlint ktlint py_compile compileall"
    ),
    "install": word_set("pip pip3 apt apt-get yum dnf brew apk easy_install gem composer bower"),
    "query": word_set(
        "sqlite3 psql mysql mariadb mongo mongosh redis-cli curl wget http httpie duckdb clickhouse-client "
        "kubectl helm aws gcloud az terraform ansible ansible-playbook ssh scp rsync"
    ),
    "vcs": word_set("git hg svn gh glab jj"),
    "edit": word_set("touch mkdir cp mv tee ln chmod chown patch apply_patch truncate install"),
    "remove": word_set("rm rmdir unlink shred"),
    "search": word_set("grep egrep fgrep rg ag ack find fd fdfind locate zgrep ugrep"),
    "look": word_set(
        "ls ll dir cat bat head tail less more pwd which whereis type echo printf wc file stat tree du df "
        "env printenv whoami id date uname hostname nl awk gawk cut sort uniq tr column diff cmp comm xxd od "
        "hexdump strings md5sum sha1sum sha256sum basename dirname realpath readlink true false : test [ [[ "
        "history ps top free sleep clear man help exit submit read jq yq"
    ),
    "run": word_set(
        "python python2 python3 pypy pypy3 ipython node deno bun ruby perl php lua julia Rscript java bash "
        "sh zsh uvicorn gunicorn flask docker docker-compose podman streamlit django-admin"
    ),
}
_BY_PROGRAM: dict[str, Purpose] = {
    program: purpose for purpose, programs in _PROGRAMS.items() for program in programs
}
_INTERPRETERS = re.compile(r"(?:python|pypy|node|ruby|perl|php|deno|bun|lua|julia|bash|sh|zsh)[\d.]*\Z")
_PACKAGE_MANAGERS = frozenset({"npm", "yarn", "pnpm", "bun"})
_RUN_VERBS: dict[str, frozenset[str]] = {
    **dict.fromkeys(_PACKAGE_MANAGERS, frozenset({"run"})),
    "mise": frozenset({"run", "r"}),
    "turbo": frozenset({"run"}),
    "deno": frozenset({"task"}),
    "pixi": frozenset({"run"}),
    **dict.fromkeys(("docker", "podman"), frozenset({"compose"})),
}
"""Programs with subcommands of two words: what follows these verbs is the name of a script or action."""
_SUBCOMMANDS = word_set(
    "git pip pip3 npm yarn pnpm bun docker docker-compose podman cargo go make gmake kubectl helm uv poetry "
    "pipenv conda mvn gradle gradlew apt apt-get brew dotnet mix rails rake bundle terraform aws gcloud "
    "az gh glab mise turbo pixi deno systemctl service hatch pdm composer gem swift bazel sbt ruff unittest "
    "manage.py sphinx-build"
)
"""Programs whose first argument says what they do."""
_TEST_FILE = re.compile(r"(?:test_[\w.-]*|[\w.-]*[_.]tests?)\.(?:py|js|ts|rb|php|sh|mjs)\Z")
_TEST_SCRIPT = re.compile(r"(?:run[_-]?)?tests?(?:\.(?:sh|py|js|bat))?\Z", re.IGNORECASE)
_BUILD_SCRIPT = re.compile(r"(?:build|deploy|release|setup|bootstrap|install)(?:\.(?:sh|py|js|bat))?\Z")
_SETUP_PY: dict[str, Purpose] = {
    "test": "test",
    "install": "install",
    "develop": "install",
    "build_ext": "build",
}
_SCRIPT_WORDS: tuple[tuple[Purpose, tuple[str, ...]], ...] = (
    ("test", ("test", "spec", "e2e")),
    ("build", ("build", "compile")),
    ("check", ("lint", "format", "fmt", "typecheck", "type-check", "check")),
    ("install", ("install",)),
    ("build", ("deploy",)),
    ("run", ("migrate", "start", "serve", "dev", "run")),
)
"""Targets of make, scripts of npm and the like are named after what they do: the first match decides."""
_CARGO_GO: dict[str, Purpose] = {
    **dict.fromkeys(("test", "nextest", "bench"), "test"),
    **dict.fromkeys(("build", "generate", "publish"), "build"),
    **dict.fromkeys(("clippy", "fmt", "vet", "check"), "check"),
    **dict.fromkeys(("install", "get", "add", "mod"), "install"),
    "run": "run",
}
_TOOLCHAIN_LOOKS = word_set("doc env list version tool metadata tree search info help")
_PROGRAM_NAME = re.compile(r"[\w./:@+~{}\[-]{1,120}\Z")
"""The form of a program's name; prose that was given to a shell does not have it."""
_CONTAINERS = frozenset({"docker", "podman", "kubectl", "docker-compose", "systemctl"})
_CONTAINER_LOOKS = word_set("ps images logs inspect get describe top stats version info status")
_TASK_RUNNERS = word_set("make gmake rake just task invoke inv bazel mvn gradle gradlew turbo")
_INSTALL_WORDS = frozenset({"install", "i", "ci", "add", "sync", "update", "upgrade", "restore"})


class Invocation(NamedTuple):
    """How a command runs its program, and with what arguments."""

    interpreter: str
    """`python3` of `python3 -m pytest` and `python3 x.py`; empty when the program runs by itself."""
    program: str
    """`pytest`, `git`, `bin/test`, `x.py`; for inline code the interpreter itself."""
    subcommand: str
    """`diff` of `git diff`; empty for programs without subcommands."""
    rest: tuple[str, ...]
    """The other arguments."""
    module: bool = False
    """Whether `-m` names the program."""
    code: str = ""
    """Inline code, given with `-c`, `-e` or as a here-document."""

    @property
    def action(self) -> tuple[str, str]:
        """The program with its subcommand."""
        return self.program, self.subcommand


class CommandStep(NamedTuple):
    """One command of a command line, with how it runs its program and what for."""

    command: Command
    invocation: Invocation
    purpose: Purpose


def steps_of(line: str) -> tuple[CommandStep, ...]:
    """Split a command line into its commands, with the purpose of each.

    >>> [step.purpose for step in steps_of("cd x; bin/test a.py && ls | wc -l && npm run lint")]
    ['test', 'look', 'look', 'check']
    >>> steps_of("python3 -m unittest discover -s tests")[0].invocation[:4]
    ('python3', 'unittest', 'discover', ('-s', 'tests'))
    """
    steps = []
    for command in parse(line):
        invocation = _invocation_of(command)
        steps.append(CommandStep(command, invocation, _purpose_of(command, invocation)))
    return tuple(steps)


def main_purpose(steps: tuple[CommandStep, ...]) -> Purpose:
    """Return the purpose of a whole command line: that of its most telling step."""
    return min((step.purpose for step in steps), key=_MOST_TELLING_FIRST.index, default="other")


def _invocation_of(command: Command) -> Invocation:
    arguments = command.words
    name = command.program
    if _INTERPRETERS.match(name) is None:
        shown = name if arguments[0].startswith("/") else posixpath.normpath(arguments[0])
        return _with_subcommand("", shown, arguments[1:])
    i = 1
    while i < len(arguments):
        word = arguments[i]
        if word == "-m" and i + 1 < len(arguments):
            invocation = _with_subcommand(name, arguments[i + 1], arguments[i + 2 :])
            return invocation._replace(module=True)
        if word in ("-c", "-e", "-pe", "-ne", "--eval", "-p") and i + 1 < len(arguments):
            return Invocation(name, name, "", arguments[i + 2 :], code=arguments[i + 1])
        if word == "-":
            # the code comes on standard input
            break
        if word.startswith("-"):
            i += 2 if word in ("-W", "-X") else 1
            continue
        return _with_subcommand(name, posixpath.normpath(word), arguments[i + 1 :])
    return Invocation(name, name, "", (), code=command.inline)


def _with_subcommand(interpreter: str, program: str, rest: tuple[str, ...]) -> Invocation:
    name = posixpath.basename(program)
    if name in _SUBCOMMANDS:
        for i, word in enumerate(rest):
            if not word.startswith("-") and "=" not in word:
                if word in _RUN_VERBS.get(name, ()) and i + 1 < len(rest):
                    return Invocation(interpreter, program, f"{word} {rest[i + 1]}", rest[:i] + rest[i + 2 :])
                if name == "unittest" and word != "discover":
                    # a module of tests
                    break
                return Invocation(interpreter, program, word, rest[:i] + rest[i + 1 :])
            if name in ("git", "make", "gmake", "docker", "kubectl") and word in ("-C", "-f", "-n", "-c"):
                # the next word is the option's value, not a subcommand
                break
    return Invocation(interpreter, program, "", rest)


def _purpose_of_script(name: str) -> Purpose | None:
    lowered = name.lower()
    for purpose, signs in _SCRIPT_WORDS:
        if any(sign in lowered for sign in signs):
            return purpose
    return None


def _purpose_of(command: Command, invocation: Invocation) -> Purpose:
    name = posixpath.basename(invocation.program)
    purpose = _purpose_of_subcommand(name, invocation)
    if purpose is not None:
        return purpose
    if _PROGRAM_NAME.match(invocation.program) is None:
        return "other"
    known = _BY_PROGRAM.get(name)
    if known == "look" and "/" in invocation.program:
        # `bin/test` is a project's script; `/bin/ls` was shortened to `ls` already
        known = None
    if command.writes and (known == "look" or known is None) and command.inline:
        return "edit"
    # `cat > a.py` and `grep x > found.txt` make files
    if known in ("look", "search") and command.writes:
        return "edit"
    if invocation.code:
        return "run"
    if known is not None:
        return known
    if _TEST_FILE.match(name) or _TEST_SCRIPT.match(name):
        return "test"
    if _BUILD_SCRIPT.match(name):
        return "build"
    return "run" if invocation.interpreter or "/" in invocation.program else "other"


def _purpose_of_subcommand(name: str, invocation: Invocation) -> Purpose | None:
    """Return the purpose of a program that does different things by its subcommand; None for others."""
    subcommand = invocation.subcommand
    if name in _PACKAGE_MANAGERS:
        if subcommand.split(" ")[0] in _INSTALL_WORDS or not subcommand:
            return "install"
        return _purpose_of_script(subcommand) or "run"
    if name in ("mise", "pixi"):
        verb, _, script = subcommand.partition(" ")
        return _purpose_of_script(script) or "run" if script else "install" if verb == "install" else "other"
    if name in ("cargo", "go", "dotnet", "swift", "mix"):
        if subcommand in _TOOLCHAIN_LOOKS:
            return "look"
        return _CARGO_GO.get(subcommand, "build")
    if name in _TASK_RUNNERS:
        return _purpose_of_script(subcommand) or "build"
    if name in ("uv", "poetry", "pipenv", "conda", "pdm", "hatch", "rye", "bundle"):
        installs = subcommand in _INSTALL_WORDS or subcommand in ("lock", "create", "pip")
        return "install" if installs else "run"
    if name in ("pip", "pip3", "apt", "apt-get", "brew", "gem", "composer", "apk", "yum", "dnf"):
        return "install" if subcommand in _INSTALL_WORDS or not subcommand else "look"
    if name == "git" and subcommand == "grep":
        return "search"
    if name in _CONTAINERS and subcommand.removeprefix("compose ") in _CONTAINER_LOOKS:
        return "look"
    if name in ("docker", "docker-compose", "podman") and subcommand in ("build", "compose build"):
        return "build"
    if name == "manage.py":
        return _purpose_of_script(subcommand) or "run"
    if name == "setup.py":
        return next((_SETUP_PY[word] for word in invocation.rest if word in _SETUP_PY), "build")
    if name == "sed":
        edits = any(word.startswith(("-i", "--in-place")) for word in invocation.rest)
        return "edit" if edits else "look"
    return "check" if name in ("ruff", "tsc", "biome") else None
