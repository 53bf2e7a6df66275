"""The commands of a command line by their role: which decide the exit code, which only read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from warmtui.analysis.patterns import word_set
from warmtui.analysis.shell import CLOSERS, tokens, unwrap
from warmtui.analysis.tools import MAX_COMMAND

READ_ONLY_COMMANDS = word_set(
    """
    cat tac nl head tail less more bat zcat strings xxd hexdump od base64 file stat
    sed awk gawk mawk grep egrep fgrep zgrep rg ag ack jq yq xmllint
    find fd ls eza tree du df wc basename dirname realpath readlink which type
    sort uniq cut tr column paste comm rev fold fmt tee diff cmp md5sum sha1sum sha256sum
    echo printf env printenv history date id whoami pwd uname hostname ps top free
    cd pushd popd export set source . test [ [[ true : for in sleep
    mkdir touch cp mv ln rm rmdir chmod chown gunzip
    """
)
"""Commands that print files, names or their input. An exception or `error:` in their output is content; only
their own failure lines count."""
_READ_ONLY_GIT = word_set(
    """
    show log diff blame grep status ls-files ls-tree cat-file shortlog reflog describe rev-parse
    """
)
_SHORTENING = word_set("head tail cat tee less more")
"""Commands that pass on what they are given, or an end of it."""
_REMOTE = word_set("docker podman kubectl ssh nerdctl")
_SHELLS = word_set("sh bash zsh dash ksh fish")
_ARGUMENT_LIMIT = 40
"""Arguments of a command that are kept."""
_NESTING_LIMIT = 4
"""Levels of `bash -c '…'` that are followed."""


class Stage(NamedTuple):
    """A command of a pipeline, without wrappers such as `sudo` and `timeout 5`."""

    program: str
    """As written, with its path: `/usr/bin/python3`."""
    arguments: tuple[str, ...]
    names: frozenset[str]
    """Names under which it may report a failure: its own, its `-m` module's, its wrappers', and those of the
    programs it runs."""

    @property
    def name(self) -> str:
        """The program without its path."""
        return self.program.rsplit("/", 1)[-1]


class CommandLine(NamedTuple):
    """The commands of a command line, by what they say about its exit code."""

    deciding: tuple[Stage, ...]
    """The candidates for deciding the exit code, in order: the last command of each pipeline in the last list
    joined by `&&`; all commands of a loop or condition."""
    others: tuple[Stage, ...]
    forgiving: bool
    """Whether `||` allows a command to fail."""
    shortened: tuple[Stage, ...] = ()
    """The commands whose output `head`, `tail` and the like pass on in the last of the deciding pipelines."""


class _Pipeline(NamedTuple):
    joiner: str
    """The operator before it; `;` for a line break."""
    stages: tuple[Stage | None, ...]
    """None for a closing word such as `done`."""


def read_command(text: str) -> CommandLine:
    """Return the commands of a command line of any length or validity, by their role."""
    return _read(text, _NESTING_LIMIT)


def only_reads(stages: Sequence[Stage]) -> bool:
    """Whether there are commands, and all of them only read."""
    return bool(stages) and all(map(_is_read_only, stages))


def _is_read_only(stage: Stage) -> bool:
    if stage.name == "git":
        return any(word in _READ_ONLY_GIT for word in stage.arguments[:4])
    return stage.name in READ_ONLY_COMMANDS


def _read(text: str, levels: int) -> CommandLine:
    pipelines = list(_pipelines(text[:MAX_COMMAND]))
    deciding = _deciding(pipelines)
    chosen = {id(stage) for stage in deciding}
    stages = (stage for pipeline in pipelines for stage in pipeline.stages)
    others = [stage for stage in stages if stage is not None and id(stage) not in chosen]
    forgiving = any(pipeline.joiner == "||" for pipeline in pipelines)
    script = _inline_script(deciding[0]) if levels and len(deciding) == 1 else ""
    if script:
        inner = _read(script, levels - 1)
        return CommandLine(
            inner.deciding or tuple(deciding),
            (*others, *inner.others),
            forgiving or inner.forgiving,
            inner.shortened,
        )
    return CommandLine(tuple(deciding), tuple(others), forgiving, _shortened(pipelines))


def _shortened(pipelines: list[_Pipeline]) -> tuple[Stage, ...]:
    stages = [stage for stage in pipelines[-1].stages if stage is not None] if pipelines else []
    if not stages or stages[-1].name not in _SHORTENING:
        return ()
    while stages and stages[-1].name in _SHORTENING:
        stages.pop()
    return tuple(stages[-1:])


def _inline_script(stage: Stage) -> str:
    """Return the script of `bash -c 'script'`; empty for other commands."""
    if stage.name in _SHELLS:
        for option, value in pairwise(stage.arguments):
            if option.startswith("-") and option.endswith("c") and not option.startswith("--"):
                return value
    return ""


def _deciding(pipelines: list[_Pipeline]) -> list[Stage]:
    """Return the candidates for deciding the exit code, in order."""
    if not pipelines:
        return []
    strict = any(
        stage is not None and stage.name == "set" and _sets_errexit(stage.arguments)
        for pipeline in pipelines
        for stage in pipeline.stages
    )
    first = len(pipelines) - 1
    if pipelines[-1].stages[-1] is None or strict:
        # inside a loop, a condition or `set -e`, any command can decide
        first = 0
    else:
        while first > 0 and pipelines[first].joiner == "&&":
            first -= 1
    deciding: list[Stage] = []
    for pipeline in pipelines[first:]:
        if pipeline.joiner == "||" and not strict:
            # what precedes `||` may fail
            deciding = []
        stage = pipeline.stages[-1]
        if stage is not None:
            deciding.append(stage)
    return deciding


def _sets_errexit(arguments: Iterable[str]) -> bool:
    return any(word.startswith("-") and "e" in word and word != "-o" for word in arguments)


def _pipelines(text: str) -> Iterator[_Pipeline]:
    """Yield the pipelines in order; commands inside `<(…)` are left out."""
    joiner = ";"
    stages: list[Stage | None] = []
    command: list[str] = []
    depth = 0
    after_redirect = in_test = False
    for kind, token in tokens(text):
        if kind == "redirect":
            after_redirect = True
        elif kind == "word":
            if after_redirect:
                after_redirect = False
            elif depth == 0:
                command.append(token)
                in_test = (in_test or token == "[[") and token != "]]"
        elif token == "(":
            depth += bool(depth or command or after_redirect)
        elif token == ")":
            depth = max(0, depth - 1)
            after_redirect = False
        elif kind == "operator":
            after_redirect = False
            # inside `[[ … ]]`, `&&` joins conditions rather than commands
            if depth or (in_test and token != "\n"):
                continue
            if command:
                stages.append(_stage(command))
                command = []
            if token in ("|", "|&"):
                continue
            if stages:
                yield _Pipeline(joiner, tuple(stages))
                stages = []
                joiner = ";"
            if token in ("&&", "||"):
                joiner = token
    if command:
        stages.append(_stage(command))
    if stages:
        yield _Pipeline(joiner, tuple(stages))


def _stage(command: list[str]) -> Stage | None:
    """Return the command of a pipeline's words, None for a closing word."""
    if command[0] in CLOSERS:
        return None
    unwrapped = unwrap(command)
    program, *arguments = unwrapped.words or command[-1:]
    kept = tuple(arguments[:_ARGUMENT_LIMIT])
    name = program.rsplit("/", 1)[-1]
    wrappers = [wrapper.split()[0] for wrapper in unwrapped.wrappers]
    return Stage(program, kept, frozenset((*wrappers, name, *_programs_run_by(name, kept))))


def _programs_run_by(name: str, arguments: tuple[str, ...]) -> Iterator[str]:
    """Yield the names of the programs that a program runs in its place."""
    if name.startswith("python") and "-m" in arguments[:-1]:
        yield arguments[arguments.index("-m") + 1].split(".")[0]
    elif name == "find":
        for option, word in pairwise(arguments):
            if option in ("-exec", "-execdir"):
                yield word.rsplit("/", 1)[-1]
    elif name == "xargs" or (
        name in _REMOTE and (name == "ssh" or "exec" in arguments or "run" in arguments)
    ):
        for word in arguments:
            if not word.startswith("-") and not word.isdigit() and word != "{}":
                yield word.rsplit("/", 1)[-1]
