"""What a call is for in its project: the uses by which calls are worth keeping, and families of calls.

A test run or a merge request shows how a project works; a look at a file shows only what an agent happened to
read. Two calls of a family show the same thing with other words.
"""

from __future__ import annotations

import posixpath
import re
from itertools import islice, takewhile
from typing import Literal

from warmtui.analysis.call_shape import CallShape
from warmtui.analysis.command_purpose import CommandStep
from warmtui.analysis.patterns import word_set
from warmtui.analysis.tools import group_of

CallUse = Literal[
    "runner",
    "service",
    "tool",
    "record",
    "program",
    "install",
    "query",
    "sql",
    "code",
    "file",
    "look",
    "agent",
]
"""`runner` tests, builds or checks the project by its own means; `service` asks or changes something on a
server (`gh`); `tool` is a tool of an MCP server, or of the application that the agent works in; `record`
writes history (`git commit`); `program` is any other program of the project's choice; `file` reads or edits
files; `agent` serves the agent itself."""

_MOST_TELLING_FIRST: tuple[CallUse, ...] = (
    "runner", "service", "record", "install", "program", "query", "code", "file", "look"
)  # fmt: skip
SERVICES = word_set(
    "gh glab hub tea jira linear acli aws gcloud az doctl heroku fly flyctl vercel netlify railway kubectl "
    "helm terraform pulumi ansible ansible-playbook argocd sentry-cli stripe supabase firebase wrangler ssh"
)
"""Command lines of services: code hosts, clouds, clusters, other machines."""
_RECORDS = word_set("commit push merge rebase tag cherry-pick worktree am revert")
"""Subcommands of git that write history; those of `_BRANCHES` do with an option or a new name."""
_BRANCHES: dict[str, frozenset[str]] = {
    "checkout": word_set("-b -B --track"),
    "switch": word_set("-c -C --create"),
}
_LISTS = word_set("-l --list --points-at --contains --merged --abort --show-current -n list")
_ABOUT_ITSELF = word_set("auth config login whoami completion status")
"""First words after a service that ask it only about itself."""
_PROBES = word_set("--version -V -Vv --help -h version help --collect-only --fixtures")
"""Words that make a command a look at a program."""
_BUILTINS = word_set(
    "alias bind compgen declare fg bg jobs seq set trap ulimit umask wait kill pkill killall pgrep bc expr "
    "yes timeout return break eval let command cd export source sleep exit unset local read shift"
)
_PROGRAM_NAME = re.compile(r"[A-Za-z][\w./-]{0,80}\Z")
_PLAIN_WORD = re.compile(r"[a-z][a-z-]{1,30}\Z")
_FIELD = re.compile(r"\b[A-Za-z]\w{2,60}(?=\s*\()")
"""A field of a GraphQL query that takes arguments: the first ones say what is asked or changed."""
_FIELDS = 3
_OPERATIONS = word_set("query mutation subscription")
_SERVICE_WORDS = 3
_SCHEMA = re.compile(
    r"\A\s*(?:show\s+(?:tables|columns|full|create|databases)|describe\b|desc\b|pragma\s+table_info|\.schema|\.tables)|"
    r"information_schema|sqlite_master",
    re.IGNORECASE,
)
_SHELL_SCHEMA = re.compile(
    r"\.schema|\.tables|information_schema|sqlite_master|\\d\b|show tables", re.IGNORECASE
)
_CHANGES = word_set(
    "create comment edit merge close reopen review checkout run rerun watch approve apply deploy publish "
    "upload update upgrade install add set"
)
"""Words after a service that tell it to do something."""
_METHODS = word_set("POST PUT PATCH DELETE")


def use_of(shape: CallShape) -> CallUse:
    """Return what a call is for.

    A command line is for what its most telling command is for; what only filters another's output is not
    looked at.

    Args:
        shape: the call, taken apart.
    """
    if shape.steps:
        return min((_use_of_step(step) for step in shape.steps), key=_MOST_TELLING_FIRST.index)
    group = group_of(shape.tool)
    if group in ("plan", "agent", "process", "shell"):
        return "agent"
    if group == "mcp" or (group == "other" and _is_called_by_arguments(shape)):
        return "tool"
    if shape.sql:
        return "sql"
    if shape.code or (shape.values or {}).keys() == {"input"}:
        return "code"
    return "file" if group == "edit" or shape.files() else "look"


def changes_service(shape: CallShape) -> bool:
    """Whether a command line makes or changes something at a service, and does not only ask."""
    for _, invocation, _ in shape.steps:
        if posixpath.basename(invocation.program) in SERVICES:
            # the last of the plain words is the verb: `gh run list`, `gh workflow run`
            verb = (invocation.subcommand, *_plain_words(invocation.rest))[-1]
            sent = any(
                word in _METHODS or word.removeprefix("query=").lstrip().startswith("mutation")
                for word in invocation.rest
            )
            if verb in _CHANGES or sent:
                return True
    return False


def shows_schema(shape: CallShape) -> bool:
    """Whether a query only shows which tables and columns there are."""
    if shape.sql:
        return _SCHEMA.search(shape.sql) is not None
    typed = " ".join(word for step in shape.steps for word in step.command.words)
    return use_of(shape) == "query" and _SHELL_SCHEMA.search(typed) is not None


def telling_steps(shape: CallShape) -> tuple[CommandStep, ...]:
    """Return the commands of a line that its use comes from, without what stands around them."""
    use = use_of(shape)
    return tuple(step for step in shape.steps if _use_of_step(step) == use)


def ways_of(shape: CallShape) -> frozenset[str]:
    """Return how each telling command of a line is run, without its other arguments."""
    return frozenset(map(_way, telling_steps(shape)))


def _is_called_by_arguments(shape: CallShape) -> bool:
    """Whether the arguments of a tool are neither a program's text nor files."""
    return not (shape.sql or shape.code or shape.files()) and (shape.values or {}).keys() != {"input"}


def _use_of_step(step: CommandStep) -> CallUse:
    command, invocation, purpose = step
    program = posixpath.basename(invocation.program)
    if purpose in ("look", "search") or not _PROBES.isdisjoint(command.words):
        return "look"
    if command.piped and invocation.code:
        # code that formats what another command printed
        return "look"
    if purpose in ("test", "build", "check"):
        return "runner"
    if purpose == "install":
        return "install"
    if program in SERVICES:
        return "look" if invocation.subcommand in _ABOUT_ITSELF else "service"
    if program == "git":
        return "record" if _writes_history(step) else "look"
    if purpose in ("edit", "remove"):
        return "file"
    if invocation.code:
        return "code"
    if any(wrapper.endswith(" run") for wrapper in command.wrappers) or " " in invocation.subcommand:
        # `uv run x`, `npm run x`
        return "runner"
    if purpose == "query":
        return "query"
    is_program = purpose == "run" or _PROGRAM_NAME.match(invocation.program) is not None
    return "program" if is_program and command.program not in _BUILTINS else "look"


def _writes_history(step: CommandStep) -> bool:
    words = step.invocation.rest
    branches = _BRANCHES.get(step.invocation.subcommand)
    if branches is not None:
        return not branches.isdisjoint(words)
    if step.invocation.subcommand not in _RECORDS or not _LISTS.isdisjoint(words):
        return False
    # `git tag` alone lists
    return step.invocation.subcommand != "tag" or any(not word.startswith("-") for word in words)


def family_of(shape: CallShape) -> str:
    """Return a key that calls share which show the same thing: the same way with other files or numbers.

    What stands before and after the telling command does not count: `mise run test | tail -25` is
    `mise run test`. All looks at a database's schema are one family.
    """
    use = use_of(shape)
    if shows_schema(shape):
        return f"{use}: schema"
    if not shape.steps:
        return f"{use} {shape.tool}: {shape.skeleton}"
    return f"{use}: {' + '.join(sorted(ways_of(shape)))}"


def _way(step: CommandStep) -> str:
    command, invocation, _ = step
    names = [assigned.partition("=")[0] for assigned in command.assigned]
    words = [
        *sorted(names),
        *command.wrappers,
        invocation.interpreter,
        invocation.program,
        invocation.subcommand,
    ]
    if invocation.program in SERVICES:
        words += _service_words(invocation.rest)
    elif step.purpose == "install":
        # what is installed is what it shows
        words += [word for word in invocation.rest if not word.startswith("-")]
    return " ".join(filter(None, words))


def _plain_words(rest: tuple[str, ...]) -> list[str]:
    return list(takewhile(_PLAIN_WORD.match, rest[:_SERVICE_WORDS]))


def _service_words(rest: tuple[str, ...]) -> list[str]:
    """Return what a service is asked for: subcommands, and what a GraphQL query or a path names."""
    words = _plain_words(rest)
    for word in rest:
        if "{" in word:
            found = (field for field in _FIELD.findall(word[:2_000]) if field not in _OPERATIONS)
            return [*words, *islice(found, _FIELDS)]
        if word.startswith("repos/"):
            # `repos/dev/shop/pulls/7/comments` asks for comments of pulls
            return [*words, *filter(_PLAIN_WORD.match, word.partition("?")[0].split("/")[3:])]
    return words
