"""Shell command lines taken apart: which programs run, on what, and where. Tolerant, linear, never raises.

A model's command line is often malformed (an unclosed quote is the very error), so this reads what it can:
quotes, escapes, here-documents, `$(…)`, lists, pipes, redirections. It expands nothing.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import NamedTuple

MAX_CHARACTERS = 20_000
"""Of a command line that are looked at; what is longer is a file written inline, its head says enough."""

_MAX_NESTING = 3
"""How deep `bash -c "bash -c …"` is followed."""

_OPERATORS = ("&&", "||", ";;", "|&", ";", "|", "&", "(", ")")
_REDIRECTION = re.compile(r"\d{0,2}(?:&>>?|>>|>\||>&|<>|<&|>|<)")
_HEREDOC = re.compile(r"<<-?[ \t]*(?:'([^'\n]{1,80})'|\"([^\"\n]{1,80})\"|\\?([A-Za-z_][\w.-]{0,79}))")
_PLAIN = re.compile(r"[^\s'\"\\`$;|&<>()#]+")
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*\+?=")
_KEYWORDS = frozenset({"then", "do", "else", "elif", "if", "while", "until", "!", "{", "time", "coproc"})
_ENDS = frozenset({"fi", "done", "esac", "}"})
_RUNNERS = frozenset({"uv", "poetry", "pipenv", "hatch", "pdm", "rye", "conda", "mamba", "micromamba"})
_SIMPLE_WRAPPERS = frozenset(
    {"nohup", "command", "exec", "builtin", "setsid", "unbuffer", "doas", "xvfb-run"}
)
_SHELLS = frozenset({"bash", "sh", "zsh", "dash", "ksh"})
_OPTIONS_WITH_VALUE = {
    "sudo": frozenset({"-u", "-g", "-h", "-p", "-C"}),
    "env": frozenset({"-u", "-C", "-S"}),
    "nice": frozenset({"-n"}),
    "ionice": frozenset({"-c", "-n"}),
    "timeout": frozenset({"-s", "-k"}),
    "stdbuf": frozenset({"-i", "-o", "-e"}),
    "xargs": frozenset({"-I", "-n", "-P", "-d", "-L", "-a", "-s", "-E"}),
    "conda": frozenset({"-n", "-p", "--name", "--prefix"}),
    "uv": frozenset({"--with", "--python", "-p", "--extra", "--group", "--project", "--directory"}),
}


class Command(NamedTuple):
    """One simple command of a command line."""

    words: tuple[str, ...]
    """The program and its arguments, unquoted; never empty."""
    assigned: tuple[str, ...] = ()
    """`NAME=value` in front of it, or exported earlier on the line."""
    wrappers: tuple[str, ...] = ()
    """What it is run through: `sudo`, `uv run`, `timeout`, …"""
    directory: str = ""
    """The folder a `cd` before it went to, relative to where the shell began; empty without one."""
    writes: tuple[str, ...] = ()
    """Files its output is redirected to."""
    inline: str = ""
    """The text of its here-document."""
    piped: bool = False
    """It reads what the command before it printed."""

    @property
    def program(self) -> str:
        """The program without its folder: `/usr/bin/python3` is `python3`."""
        return posixpath.basename(self.words[0].rstrip("/")) or self.words[0]


class _Token(NamedTuple):
    kind: str
    """`word`, `op`, `redirect` or `inline`."""
    text: str


def _skip_substitution(text: str, start: int) -> int:
    """Return the index behind the `$(…)` that begins at `start`, or the end of the text."""
    depth, i, size = 0, start + 1, len(text)
    while i < size:
        char = text[i]
        if char == "\\":
            i += 1
        elif char == "'":
            end = text.find("'", i + 1)
            i = size if end < 0 else end
        elif char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
            if depth == 0:
                return i + 1
        i += 1
    return size


def _quoted(text: str, start: int) -> tuple[str, int]:
    """Return the content of the double quotes that open at `start`, and the index behind them."""
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
        elif char == "$" and text.startswith("$(", i):
            end = _skip_substitution(text, i)
            parts.append(text[i:end])
            i = end
        else:
            parts.append(char)
            i += 1
    return "".join(parts), size


def _tokens(text: str) -> Iterator[_Token]:
    i, size = 0, len(text)
    word: list[str] = []
    in_word = False
    waiting: list[str] = []
    """Delimiters of here-documents whose bodies begin at the next line."""
    while i < size:
        char = text[i]
        if char in " \t\r\n" or char in ";|&()<>":
            redirection = _REDIRECTION.match(text, i) if char in "<>&" else None
            if in_word:
                fd = redirection is not None and char != "&" and len(word) == 1 and word[0] in ("0", "1", "2")
                if not fd:
                    yield _Token("word", "".join(word))
                word, in_word = [], False
            if char == "\n":
                yield _Token("op", "\n")
                i += 1
                for delimiter in waiting:
                    start = stop = i
                    while i < size:
                        end = text.find("\n", i)
                        end = size if end < 0 else end
                        line = text[i:end]
                        i = min(size, end + 1)
                        if line.strip() == delimiter:
                            break
                        stop = i
                    yield _Token("inline", text[start:stop])
                waiting = []
                continue
            if char in " \t\r":
                i += 1
                continue
            heredoc = _HEREDOC.match(text, i) if char == "<" else None
            if heredoc is not None:
                waiting.append(next(group for group in heredoc.groups() if group))
                i = heredoc.end()
                continue
            if text.startswith("<<<", i):
                i += 3
                yield _Token("redirect", "<<<")
                continue
            if redirection is not None and not (char == "&" and text[i + 1 : i + 2] != ">"):
                yield _Token("redirect", redirection.group())
                i = redirection.end()
                continue
            operator = next((op for op in _OPERATORS if text.startswith(op, i)), char)
            yield _Token("op", operator)
            i += len(operator)
            continue
        if char == "#" and not in_word:
            end = text.find("\n", i)
            i = size if end < 0 else end
            continue
        in_word = True
        if char == "\\":
            if text[i + 1 : i + 2] != "\n":
                word.append(text[i + 1 : i + 2])
            i += 2
        elif char == "'":
            end = text.find("'", i + 1)
            end = size if end < 0 else end
            word.append(text[i + 1 : end])
            i = end + 1
        elif char == '"':
            content, i = _quoted(text, i)
            word.append(content)
        elif char == "`":
            end = text.find("`", i + 1)
            end = size if end < 0 else end + 1
            word.append(text[i:end])
            i = end
        elif text.startswith("$(", i):
            end = _skip_substitution(text, i)
            word.append(text[i:end])
            i = end
        else:
            plain = _PLAIN.match(text, i)
            end = plain.end() if plain else i + 1
            word.append(text[i:end])
            i = end
    if in_word:
        yield _Token("word", "".join(word))


class _Raw(NamedTuple):
    words: list[str]
    writes: list[str]
    inline: str
    piped: bool
    before: str
    """The operator in front of it."""


def _simple(text: str) -> Iterator[_Raw]:
    words: list[str] = []
    writes: list[str] = []
    inline, piped, before = "", False, ""
    target = ""
    last: _Raw | None = None
    for token in _tokens(text):
        if token.kind == "word":
            if target:
                if ">" in target and not token.text.isdigit() and token.text not in ("-", "/dev/null"):
                    writes.append(token.text)
                target = ""
            else:
                words.append(token.text)
        elif token.kind == "redirect":
            target = token.text
        elif token.kind == "inline":
            # the body follows the line end that already closed its command
            if last is not None:
                last = last._replace(inline=token.text)
        else:
            target = ""
            if last is not None:
                yield last
                last = None
            if words or writes:
                last = _Raw(words, writes, inline, piped, before)
            words, writes, inline = [], [], ""
            piped, before = token.text in ("|", "|&"), token.text
    if last is not None:
        yield last
    if words or writes:
        yield _Raw(words, writes, inline, piped, before)


def _drop_options(words: list[str], with_value: frozenset[str]) -> list[str]:
    i = 0
    while i < len(words) and words[i].startswith("-") and words[i] != "-":
        i += 2 if words[i] in with_value else 1
    return words[i:]


def _unwrap(words: list[str]) -> tuple[list[str], list[str], list[str]]:
    """Take assignments and wrappers off the front: `(words, assigned, wrappers)`."""
    assigned: list[str] = []
    wrappers: list[str] = []
    while words:
        first = words[0]
        name = posixpath.basename(first)
        if _ASSIGNMENT.match(first):
            assigned.append(first)
            words = words[1:]
        elif first in _KEYWORDS or first in _ENDS:
            words = words[1:]
        elif name in _SIMPLE_WRAPPERS and len(words) > 1:
            wrappers.append(name)
            words = words[1:]
        elif name in ("sudo", "env", "nice", "ionice", "stdbuf", "xargs") and len(words) > 1:
            wrappers.append(name)
            words = _drop_options(words[1:], _OPTIONS_WITH_VALUE[name])
        elif name == "timeout" and len(words) > 2:
            wrappers.append(name)
            words = _drop_options(words[1:], _OPTIONS_WITH_VALUE[name])[1:]
        elif name in _RUNNERS and words[1:2] == ["run"] and len(words) > 2:
            wrappers.append(f"{name} run")
            words = _drop_options(words[2:], _OPTIONS_WITH_VALUE.get(name, frozenset()))
        elif name in ("npx", "bunx", "uvx", "pipx") and len(words) > 1:
            wrappers.append(name)
            words = _drop_options(words[1:], frozenset({"-p", "--package", "--from", "--with"}))
            if name == "pipx" and words[:1] == ["run"]:
                words = words[1:]
        elif name == "bundle" and words[1:2] == ["exec"] and len(words) > 2:
            wrappers.append("bundle exec")
            words = words[2:]
        else:
            break
    return words, assigned, wrappers


def parse(text: str, _depth: int = 0) -> tuple[Command, ...]:
    r"""Take a command line apart into its simple commands, in order.

    `cd`, `export`, `for … in` heads and keywords are not commands themselves: their effect is in
    `directory` and `assigned`. The inside of `bash -c "…"` is taken apart too.

    Args:
        text: the line or lines a shell was given; anything past `MAX_CHARACTERS` is left out.

    >>> [c.words for c in parse("cd src && FOO=1 uv run pytest -q | tail -3")]
    [('pytest', '-q'), ('tail', '-3')]
    >>> parse("cd src && FOO=1 uv run pytest -q")[0][1:4]
    (('FOO=1',), ('uv run',), 'src')
    """
    directory = ""
    exported: list[str] = []
    found: list[Command] = []
    for raw in _simple(text[:MAX_CHARACTERS]):
        words, assigned, wrappers = _unwrap(list(raw.words))
        if not words:
            if assigned and not wrappers:
                exported += assigned
            elif raw.writes:
                found.append(Command((":",), writes=tuple(raw.writes), directory=directory))
            continue
        head = words[0]
        if head in ("cd", "pushd"):
            to = next((word for word in words[1:] if not word.startswith("-")), "")
            directory = posixpath.normpath(posixpath.join(directory, to)) if to else ""
            continue
        if head in ("export", "set", "source", ".", "unset", "shopt", "local", "declare"):
            exported += [word for word in words[1:] if head == "export" and _ASSIGNMENT.match(word)]
            if head in ("source", ".") and len(words) > 1:
                exported.append(f"source={words[1]}")
            continue
        if head in ("for", "case", "select", "function") or head in _ENDS:
            continue
        name = posixpath.basename(head)
        inner = _inner(words) if name in _SHELLS and _depth < _MAX_NESTING else None
        if inner is not None:
            for command in parse(inner, _depth + 1):
                inside = posixpath.normpath(posixpath.join(directory, command.directory or "."))
                found.append(
                    command._replace(
                        assigned=(*exported, *assigned, *command.assigned),
                        wrappers=(*wrappers, *command.wrappers),
                        directory="" if inside == "." else inside,
                    )
                )
            continue
        found.append(
            Command(
                tuple(words),
                (*exported, *assigned),
                tuple(wrappers),
                directory,
                tuple(raw.writes),
                raw.inline,
                raw.piped,
            )
        )
    return tuple(found)


def _inner(words: list[str]) -> str | None:
    """Return the command line that a shell is given with `-c`, if it is."""
    for i, word in enumerate(words[1:], 1):
        if word.startswith("-") and not word.startswith("--") and "c" in word:
            return words[i + 1] if i + 1 < len(words) else None
        if not word.startswith("-"):
            return None
    return None
