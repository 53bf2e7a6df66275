"""Reading a shell command line: which of its commands decides the exit code.

Not a shell: quotes, substitutions, here-documents, lists, pipelines and the compound commands are told apart
well enough to find command names, in one pass and without backtracking.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from warmtui.analysis.patterns import words

_TOKEN = re.compile(
    r"""
      (?P<heredoc><<-?[ \t]*(?:'[^'\n]*'|"[^"\n]*"|[\w.\-]+))
    | (?P<redirect>\d*(?:&>>?|<<<|>>|>&|<&|>\||<>|<(?!\()|>(?!\())(?:&?\d+(?!\w)|&-)?)
    | (?P<word>(?:[^\s;&|()<>`'"\\\#$]|\\.|\\\n|\$(?!\()|(?<=\S)\#
              |'[^']*(?:'|\Z)|"(?:[^"\\]|\\.)*(?:"|\\?\Z)|`[^`]*(?:`|\Z))+)
    | (?P<comment>\#[^\n]*)
    | (?P<open>\$\(\(|\$\(|[<>]?\()
    | (?P<close>\))
    | (?P<operator>&&|\|\||\|&|;;|[;|&\n])
    | (?P<blank>[^\S\n]+|\\)
    """,
    re.VERBOSE | re.DOTALL,
)
READ_LIMIT = 60_000
"""Characters of a command line that are read; beyond lie here-documents, not commands."""

_KEYWORDS = words("if then elif else while until do { ! time coproc")
_CLOSERS = words("fi done esac } )")
_WRAPPERS = words(
    """
    sudo doas env nice ionice nohup timeout stdbuf command exec builtin xvfb-run setsid unbuffer chronic
    caffeinate time eatmydata strace ltrace
    """
)
_RUNNERS = {
    "uv": ("run",),
    "poetry": ("run",),
    "pipenv": ("run",),
    "pdm": ("run",),
    "hatch": ("run",),
    "rye": ("run",),
    "conda": ("run",),
    "bundle": ("exec",),
    "npx": (),
    "bunx": (),
    "pnpx": (),
    "uvx": (),
    "pnpm": ("exec", "dlx"),
    "yarn": ("exec", "dlx"),
    "npm": ("exec", "x"),
}
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*\+?=")
_REMOTE = words("docker podman kubectl ssh nerdctl")
_SHELLS = words("sh bash zsh dash ksh fish")
_QUOTES = str.maketrans("", "", "'\"\\")
_HEREDOC_LIMIT = 16
"""Here-documents of one command line that are skipped; keeps hostile input linear."""
_ARGUMENT_LIMIT = 40
"""Arguments of a command that are kept."""
_NESTING_LIMIT = 4
"""Levels of `bash -c '…'` that are looked into."""


class Stage(NamedTuple):
    """One command of a pipeline, wrappers such as `sudo` and `timeout 5` removed."""

    program: str
    """As written, with its path: `/usr/bin/python3`."""
    arguments: tuple[str, ...]
    names: frozenset[str]
    """Names it may print its failures under: its base name, `-m` module, wrapped and run programs."""

    @property
    def name(self) -> str:
        """Base name of the program."""
        return self.program.rsplit("/", 1)[-1]


class CommandLine(NamedTuple):
    """What matters of a command line."""

    deciding: tuple[Stage, ...]
    """The commands one of which decides the exit code, in order: the last of each pipeline of the last list
    joined by `&&`; all commands of a loop or condition."""
    others: tuple[Stage, ...]
    """The rest."""
    forgiving: bool
    """Whether `||` allows a command to fail."""


class _Pipeline(NamedTuple):
    joiner: str
    stages: tuple[Stage | None, ...]
    """None for a closing word such as `done`."""


def read_command(text: str) -> CommandLine:
    """Return the deciding and the other commands of a command line of any length or validity."""
    return _read(text, _NESTING_LIMIT)


def _read(text: str, levels: int) -> CommandLine:
    pipelines = list(_pipelines(text[:READ_LIMIT]))
    every = [stage for pipeline in pipelines for stage in pipeline.stages if stage is not None]
    chosen = _deciding(pipelines)
    picked = {id(stage) for stage in chosen}
    others = [stage for stage in every if id(stage) not in picked]
    forgiving = any(pipeline.joiner == "||" for pipeline in pipelines)
    if levels and len(chosen) == 1:
        script = _script(chosen[0])
        if script:
            inner = _read(script, levels - 1)
            deciding = inner.deciding or tuple(chosen)
            return CommandLine(deciding, (*others, *inner.others), forgiving or inner.forgiving)
    return CommandLine(tuple(chosen), tuple(others), forgiving)


def _script(stage: Stage) -> str:
    """Return the script of `bash -c 'script'`, else an empty text."""
    if stage.name in _SHELLS:
        for option, value in pairwise(stage.arguments):
            if option.startswith("-") and option.endswith("c") and not option.startswith("--"):
                return value
    return ""


def _deciding(pipelines: list[_Pipeline]) -> list[Stage]:
    """Return the commands of which one decides the exit code."""
    if not pipelines:
        return []
    strict = any(
        stage is not None and stage.name == "set" and _sets_errexit(stage.arguments)
        for pipeline in pipelines
        for stage in pipeline.stages
    )
    first = len(pipelines) - 1
    last = pipelines[-1].stages[-1]
    if last is None or strict:
        # inside a loop, a condition or `set -e` any command can be the one
        first = 0
    else:
        while first > 0 and pipelines[first].joiner == "&&":
            first -= 1
    chosen: list[Stage] = []
    for pipeline in pipelines[first:]:
        if pipeline.joiner == "||" and not strict:
            # what stands before `||` may fail
            chosen = []
        stage = pipeline.stages[-1]
        if stage is not None:
            chosen.append(stage)
    return chosen


def _sets_errexit(arguments: Iterable[str]) -> bool:
    return any(word.startswith("-") and "e" in word and word != "-o" for word in arguments)


def _pipelines(text: str) -> Iterator[_Pipeline]:
    """Yield the pipelines in order, each with the operator before it (`;` for a line break)."""
    joiner = ";"
    stages: list[Stage | None] = []
    tokens: list[str] = []
    depth = 0
    skip_word = in_test = False
    heredocs: list[str] = []
    skipped = 0
    position, end = 0, len(text)
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None:
            position += 1
            continue
        kind, token = match.lastgroup, match.group()
        position = match.end()
        if kind == "open":
            if depth or token[0] in "$<>" or tokens:
                depth += 1
        elif kind == "close":
            depth = max(0, depth - 1)
        elif kind == "heredoc":
            heredocs.append(token.lstrip("<- \t").strip("'\""))
        elif kind == "redirect":
            # `2>&1` is complete, `> file` takes the next word
            skip_word = not (token[-1].isdigit() and not token.isdigit()) and not token.endswith("-")
        elif kind == "word":
            if skip_word:
                skip_word = False
            elif depth == 0:
                tokens.append(token)
                if token == "[[":
                    in_test = True
                elif token == "]]":
                    in_test = False
        elif kind == "operator":
            skip_word = False
            if token == "\n" and heredocs:
                for delimiter in heredocs[: max(0, _HEREDOC_LIMIT - skipped)]:
                    position = _after_heredoc(text, position, delimiter)
                skipped += len(heredocs)
                heredocs.clear()
            if depth or (in_test and token != "\n"):
                continue
            if tokens:
                stages.append(_stage(tokens))
                tokens = []
            if token in ("|", "|&"):
                continue
            if stages:
                yield _Pipeline(joiner, tuple(stages))
                stages = []
                joiner = ";"
            if token in ("&&", "||"):
                joiner = token
    if tokens:
        stages.append(_stage(tokens))
    if stages:
        yield _Pipeline(joiner, tuple(stages))


def _after_heredoc(text: str, position: int, delimiter: str) -> int:
    """Return the position after the line that ends a here-document."""
    if not delimiter:
        return position
    found = re.compile(rf"^\t*{re.escape(delimiter)}[ \t]*$", re.MULTILINE).search(text, position)
    return found.end() if found is not None else len(text)


def _stage(tokens: list[str]) -> Stage | None:
    """Return the command of a pipeline's tokens, None for a closing word."""
    index = 0
    names: set[str] = set()
    while index < len(tokens):
        word = _unquoted(tokens[index])
        base = word.rsplit("/", 1)[-1]
        if word in _KEYWORDS or _ASSIGNMENT.match(word):
            index += 1
        elif word in _CLOSERS:
            return None
        elif base in _WRAPPERS and not (
            base == "command" and tokens[index + 1 : index + 2] in (["-v"], ["-V"])
        ):
            names.add(base)
            index = _after_options(tokens, index + 1)
        elif base in _RUNNERS and index + 1 < len(tokens):
            names.add(base)
            verbs = _RUNNERS[base]
            if verbs and tokens[index + 1] not in verbs:
                break
            index = _after_options(tokens, index + (2 if verbs else 1))
        else:
            break
    if index >= len(tokens):
        index = len(tokens) - 1
    program = _unquoted(tokens[index])
    arguments = tuple(_unquoted(word) for word in tokens[index + 1 : index + 1 + _ARGUMENT_LIMIT])
    base = program.rsplit("/", 1)[-1]
    return Stage(program, arguments, frozenset((*names, base, *_run_by(base, arguments))))


def _unquoted(word: str) -> str:
    """Return a word without its quotes; a word that is one quoted text keeps what is inside as it is."""
    if len(word) > 1 and word[0] == word[-1] and word[0] in "'\"" and word[0] not in word[1:-1]:
        return word[1:-1]
    return word.translate(_QUOTES)


def _after_options(tokens: list[str], index: int) -> int:
    """Skip a wrapper's options, their numbers (`timeout -k 5 30s`, `nice -n 5`) and assignments."""
    while index < len(tokens) - 1 and (
        tokens[index].startswith("-") or tokens[index][:1].isdigit() or _ASSIGNMENT.match(tokens[index])
    ):
        index += 1
    return index


def _run_by(name: str, arguments: tuple[str, ...]) -> Iterator[str]:
    """Yield the names of programs that this one runs in its place."""
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
