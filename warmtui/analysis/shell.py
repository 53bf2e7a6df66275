"""Shell command lines taken apart: which programs run, on what, and where.

The parser is tolerant and linear, and never raises. A model's command line is often malformed (an unclosed
quote is the very error), so it reads what it can: quotes, escapes, here-documents, `$(…)`, lists, pipes and
redirections. It expands nothing.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from warmtui.analysis.patterns import word_set

MAX_CHARACTERS = 20_000
"""Characters of a command line that `parse` reads; a longer one holds a file written inline."""
KEYWORDS = word_set("then do else elif if while until ! { time coproc")
CLOSERS = word_set("fi done esac }")

_MAX_NESTING = 3
"""Levels of `bash -c "bash -c …"` that are followed."""
_WORD_END = frozenset(" \t\r\n;|&()<>")
_NOT_A_WORD = re.compile(
    r"""
      (?P<newline>\n)
    | (?P<heredoc><<-?[ \t]*(?:'([^'\n]{1,80})'|"([^"\n]{1,80})"|\\?([A-Za-z_][\w.-]{0,79})))
    | (?P<redirect><<<|&>>?|>>|>\||>&|<>|<&|>|<)
    | (?P<operator>&&|\|\||;;|\|&|[;|&()])
    | (?P<comment>\#[^\n]*)
    """,
    re.VERBOSE,
)
_PLAIN = re.compile(r"[^\s'\"\\`$;|&<>()#]+")
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*\+?=")
_SHELLS = word_set("bash sh zsh dash ksh")
_WRAPPERS = word_set("nohup command exec builtin setsid unbuffer doas xvfb-run chronic caffeinate eatmydata")
_OPTION_WRAPPERS = word_set("sudo env nice ionice stdbuf strace ltrace")
_RUNNERS = word_set("uv poetry pipenv hatch pdm rye conda mamba micromamba")
_PACKAGE_RUNNERS = word_set("npx bunx pnpx uvx pipx")
_PACKAGE_VERBS = {
    "mise": word_set("x exec"),
    "bundle": word_set("exec"),
    "pnpm": word_set("exec dlx"),
    "yarn": word_set("exec dlx"),
    "npm": word_set("exec x"),
}
_OPTIONS_WITH_VALUE = {
    "sudo": word_set("-u -g -h -p -C"),
    "env": word_set("-u -C -S"),
    "nice": word_set("-n"),
    "ionice": word_set("-c -n"),
    "timeout": word_set("-s -k"),
    "stdbuf": word_set("-i -o -e"),
    "strace": word_set("-e -o -p -s"),
    "ltrace": word_set("-e -o -p -s"),
    "xargs": word_set("-I -n -P -d -L -a -s -E"),
    "conda": word_set("-n -p --name --prefix"),
    "uv": word_set("--with --python -p --extra --group --project --directory"),
}
_PACKAGE_OPTIONS = word_set("-p --package --from --with")


class Token(NamedTuple):
    """A token of a command line."""

    kind: Literal["word", "operator", "redirect", "heredoc"]
    text: str
    """A word without its quotes, an operator (`;` and line breaks included), the body of a here-document."""


class Command(NamedTuple):
    """A simple command of a command line."""

    words: tuple[str, ...]
    """The program and its arguments without quotes; never empty."""
    assigned: tuple[str, ...] = ()
    """`NAME=value` in front of it, or exported earlier on the line."""
    wrappers: tuple[str, ...] = ()
    """What it is run through: `sudo`, `uv run`, `timeout`, …"""
    directory: str = ""
    """The folder that an earlier `cd` went to, relative to where the shell started; empty without one."""
    writes: tuple[str, ...] = ()
    """Files its output is redirected to."""
    inline: str = ""
    """The text of its here-document."""
    piped: bool = False
    """Whether it reads the output of the command before it."""

    @property
    def program(self) -> str:
        """The program without its folder: `python3` for `/usr/bin/python3`."""
        return posixpath.basename(self.words[0].rstrip("/")) or self.words[0]


class UnwrappedCommand(NamedTuple):
    """A simple command without its prefixes."""

    words: list[str]
    assigned: list[str]
    wrappers: list[str]


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of a command line; comments and blanks are dropped."""
    i, size = 0, len(text)
    delimiters: list[str] = []
    """The delimiters of the here-documents whose bodies begin on the next line."""
    while i < size:
        if text[i] in " \t\r":
            i += 1
            continue
        match = _NOT_A_WORD.match(text, i)
        if match is None:
            word, i = _word(text, i)
            # the 2 of `2>` names a stream
            if not (word in ("0", "1", "2") and text[i : i + 1] in ("<", ">")):
                yield Token("word", word)
            continue
        i = match.end()
        if match["newline"]:
            yield Token("operator", "\n")
            for delimiter in delimiters:
                body, i = _heredoc_body(text, i, delimiter)
                yield Token("heredoc", body)
            delimiters.clear()
        elif match["heredoc"]:
            delimiters.append(match[3] or match[4] or match[5])
        elif match["redirect"]:
            yield Token("redirect", match.group())
        elif match["operator"]:
            yield Token("operator", match.group())


def _word(text: str, start: int) -> tuple[str, int]:
    """Return the word that begins at `start`, without quotes, and the index after it."""
    parts: list[str] = []
    i, size = start, len(text)
    while i < size and text[i] not in _WORD_END:
        char = text[i]
        if char == "\\":
            if text[i + 1 : i + 2] != "\n":
                parts.append(text[i + 1 : i + 2])
            i += 2
        elif char == "'":
            end = _find(text, "'", i + 1)
            parts.append(text[i + 1 : end])
            i = end + 1
        elif char == '"':
            content, i = _double_quoted(text, i)
            parts.append(content)
        else:
            if char == "`":
                end = _find(text, "`", i + 1) + 1
            elif text.startswith("$(", i):
                end = _substitution_end(text, i)
            else:
                plain = _PLAIN.match(text, i)
                end = plain.end() if plain else i + 1
            parts.append(text[i:end])
            i = end
    return "".join(parts), i


def _find(text: str, char: str, start: int) -> int:
    """Return the index of a character, or the end of the text."""
    index = text.find(char, start)
    return len(text) if index < 0 else index


def _double_quoted(text: str, start: int) -> tuple[str, int]:
    """Return the content of the double quotes that open at `start`, and the index after them."""
    parts: list[str] = []
    i, size = start + 1, len(text)
    while i < size:
        char = text[i]
        if char == '"':
            return "".join(parts), i + 1
        if char == "\\" and i + 1 < size:
            if text[i + 1] != "\n":
                parts.append(text[i + 1] if text[i + 1] in '"\\$`' else text[i : i + 2])
            i += 2
        elif text.startswith("$(", i):
            end = _substitution_end(text, i)
            parts.append(text[i:end])
            i = end
        else:
            parts.append(char)
            i += 1
    return "".join(parts), size


def _substitution_end(text: str, start: int) -> int:
    """Return the index after the `$(…)` that begins at `start`, or the end of the text."""
    depth, i, size = 0, start + 1, len(text)
    while i < size:
        char = text[i]
        if char == "\\":
            i += 1
        elif char == "'":
            i = _find(text, "'", i + 1)
        elif char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
            if depth == 0:
                return i + 1
        i += 1
    return size


def _heredoc_body(text: str, start: int, delimiter: str) -> tuple[str, int]:
    """Return the body of a here-document that begins at `start`, and the index after its delimiter."""
    i = stop = start
    while i < len(text):
        end = _find(text, "\n", i)
        line = text[i:end]
        i = min(len(text), end + 1)
        if line.strip() == delimiter:
            break
        stop = i
    return text[start:stop], i


def _written_commands(text: str) -> Iterator[Command]:
    """Yield the simple commands as written, prefixes included; one that only redirects has no words."""
    words: list[str] = []
    writes: list[str] = []
    redirect = ""
    piped = False
    last: Command | None = None
    """Held back: the body of its here-document follows the line break that ends it."""
    for kind, token in tokens(text):
        if kind == "word" and redirect:
            # `>&1` and `>&-` name no file
            if ">" in redirect and not token.isdigit() and token not in ("-", "/dev/null"):
                writes.append(token)
            redirect = ""
        elif kind == "word":
            words.append(token)
        elif kind == "redirect":
            redirect = token
        elif kind == "heredoc":
            last = last._replace(inline=token) if last is not None else None
        else:
            redirect = ""
            if last is not None:
                yield last
            last = _written(words, writes, piped) if words or writes else None
            words, writes = [], []
            piped = token in ("|", "|&")
    if last is not None:
        yield last
    if words or writes:
        yield _written(words, writes, piped)


def _written(words: list[str], writes: list[str], piped: bool) -> Command:
    return Command(tuple(words), writes=tuple(writes), piped=piped)


def unwrap(words: list[str]) -> UnwrappedCommand:
    """Take keywords, assignments and wrappers such as `sudo` or `timeout 5` off the front of a command."""
    assigned: list[str] = []
    wrappers: list[str] = []
    i = 0
    while i < len(words):
        if _ASSIGNMENT.match(words[i]):
            assigned.append(words[i])
            i += 1
        elif words[i] in KEYWORDS or words[i] in CLOSERS:
            i += 1
        else:
            wrapper, behind = _wrapper_at(words, i)
            if not wrapper:
                break
            wrappers.append(wrapper)
            i = behind
    return UnwrappedCommand(words[i:], assigned, wrappers)


def _unwrap_all(words: list[str]) -> UnwrappedCommand:
    """Unwrap a command through `xargs` too: the program that it runs is the command."""
    words, assigned, wrappers = unwrap(words)
    while len(words) > 1 and posixpath.basename(words[0]) == "xargs":
        inner = unwrap(words[_after_options(words, 1, _OPTIONS_WITH_VALUE["xargs"]) :])
        assigned += inner.assigned
        wrappers += ["xargs", *inner.wrappers]
        words = inner.words
    return UnwrappedCommand(words, assigned, wrappers)


def _wrapper_at(words: list[str], start: int) -> tuple[str, int]:
    """Return the wrapper at `start` and the index of what it runs; an empty text if there is none."""
    name = posixpath.basename(words[start])
    following = words[start + 1 : start + 3]
    options = _OPTIONS_WITH_VALUE.get(name, frozenset())
    if not following or (name == "command" and following[0] in ("-v", "-V")):
        return "", start
    if name in _WRAPPERS:
        return name, start + 1
    if name in _OPTION_WRAPPERS:
        return name, _after_options(words, start + 1, options)
    if name in _PACKAGE_RUNNERS:
        behind = _after_options(words, start + 1, _PACKAGE_OPTIONS)
        return name, behind + (name == "pipx" and words[behind : behind + 1] == ["run"])
    if len(following) > 1:
        if name == "timeout":
            return name, _after_options(words, start + 1, options) + 1
        if name in _RUNNERS and following[0] == "run":
            return f"{name} run", _after_options(words, start + 2, options)
        if following[0] in _PACKAGE_VERBS.get(name, ()):
            # `mise x node@20 -- npm ci`: tools may stand before the dashes
            dashes = words.index("--", start) if "--" in words[start : start + 8] else start + 1
            return f"{name} {following[0]}", dashes + 1
    return "", start


def _after_options(words: list[str], start: int, with_value: frozenset[str]) -> int:
    """Return the index of the first word from `start` on that is neither an option nor its value."""
    i = start
    while i < len(words) and words[i].startswith("-") and words[i] != "-":
        i += 2 if words[i] in with_value else 1
    return i


def parse(text: str) -> tuple[Command, ...]:
    r"""Split a command line into its simple commands, in order.

    `cd`, `export`, the heads of loops and keywords are not commands: `directory` and `assigned` hold their
    effect. The inside of `bash -c "…"` is split too.

    Args:
        text: what the shell was given; anything past `MAX_CHARACTERS` is ignored.

    >>> [command.words for command in parse("cd src && FOO=1 uv run pytest -q | tail -3")]
    [('pytest', '-q'), ('tail', '-3')]
    >>> parse("cd src && FOO=1 uv run pytest -q")[0][1:4]
    (('FOO=1',), ('uv run',), 'src')
    """
    return _parse(text, 0)


def _parse(text: str, depth: int) -> tuple[Command, ...]:
    directory = ""
    exported: list[str] = []
    commands: list[Command] = []
    for written in _written_commands(text[:MAX_CHARACTERS]):
        words, assigned, wrappers = _unwrap_all(list(written.words))
        if not words:
            if assigned and not wrappers:
                exported += assigned
            elif written.writes:
                commands.append(Command((":",), writes=written.writes, directory=directory))
            continue
        head = words[0]
        if head in ("cd", "pushd"):
            # without a folder it goes home, which is unknown here
            folder = next((word for word in words[1:] if not word.startswith("-")), "")
            directory = posixpath.normpath(posixpath.join(directory, folder)) if folder else ""
            continue
        if head in ("export", "set", "source", ".", "unset", "shopt", "local", "declare"):
            exported += [word for word in words[1:] if head == "export" and _ASSIGNMENT.match(word)]
            if head in ("source", ".") and len(words) > 1:
                exported.append(f"source={words[1]}")
            continue
        if head in ("for", "case", "select", "function"):
            continue
        context = (*exported, *assigned)
        script = _inline_script(words) if depth < _MAX_NESTING else None
        if script is None:
            commands.append(
                written._replace(
                    words=tuple(words), assigned=context, wrappers=tuple(wrappers), directory=directory
                )
            )
            continue
        for command in _parse(script, depth + 1):
            inside = posixpath.normpath(posixpath.join(directory, command.directory or "."))
            commands.append(
                command._replace(
                    assigned=(*context, *command.assigned),
                    wrappers=(*wrappers, *command.wrappers),
                    directory="" if inside == "." else inside,
                )
            )
    return tuple(commands)


def _inline_script(words: list[str]) -> str | None:
    """Return the command line that a shell is given with `-c`, None for any other command."""
    if posixpath.basename(words[0]) not in _SHELLS:
        return None
    for i, word in enumerate(words[1:], 1):
        if word.startswith("-") and not word.startswith("--") and "c" in word:
            return words[i + 1] if i + 1 < len(words) else None
        if not word.startswith("-"):
            return None
    return None
