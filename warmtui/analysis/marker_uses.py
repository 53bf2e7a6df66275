"""The uses of every path, URL, command and name in a session: where, and through which tool."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from warmtui.analysis.call_shape import CallShape, shapes_of
from warmtui.analysis.command_purpose import CommandStep, Purpose
from warmtui.analysis.patterns import word_set
from warmtui.analysis.shell import Command
from warmtui.analysis.text_references import (
    MAX_TEXT,
    code_spans,
    is_file_name,
    lasting_path,
    names_in,
    paths_in,
    urls_in,
)
from warmtui.analysis.tools import CREATING_KEYS, command_line
from warmtui.model.outcome import JudgedCall
from warmtui.model.session import Session
from warmtui.model.template import MarkerKind

MAX_RESULT = 40_000
"""Characters of a result that are searched, half from each end."""
MAX_COMMAND = 120
"""Characters of a command that is worth remembering; a longer one is a script."""
SHORT_MESSAGE = 1_000
"""Characters of a message that a person types by hand; a longer one is pasted text."""

_MISSING = re.compile(
    r"no such file|not found|does not exist|doesn't exist|cannot access|can't open|cannot open|cannot find",
    re.IGNORECASE,
)
_MISSING_WORDS = ("no such", "not found", "exist", "cannot", "can't")
"""One of these is in all that `_MISSING` finds."""
_DEFINITION = re.compile(
    r"\b(?:class|def|func|fn|function|interface|struct|trait|enum|type|module|const|TABLE|VIEW)[ \t]{1,4}"
    r"([A-Za-z_]\w{3,60})"
)
_TELLING: frozenset[Purpose] = frozenset({"test", "build", "check", "install", "run", "query", "other"})
"""Purposes whose command lines belong to a project; everybody knows the others."""
_SHELL_BUILTINS = word_set(
    """
    alias bind compgen declare fg bg jobs seq set trap ulimit umask wait
    kill pkill killall pgrep bc expr yes timeout return break eval let
    """
)
_PLAIN = re.compile(r"[\w./:@%+=, -]+\Z")
"""Text that means the same without its quotes."""
_PROGRAM = re.compile(r"[\w./~][\w./~+@-]{0,79}\Z")
_ON_FILES = word_set("add rm mv diff show restore blame ls-files grep")
"""Subcommands of git whose words are mostly files."""
_ALONE = frozenset({"make", "pytest", "tox", "nox", "rake", "ninja", "gradle"})
"""Programs worth knowing without any argument."""
_REDIRECTION = re.compile(r"\s?\d?(?:>>?|<)\s?(?:&\d|[^\s&]{1,200})")
_SEPARATOR = re.compile(r"&&|\|\||[;|\n]")

CandidateKey = tuple[MarkerKind, str]


@dataclass(slots=True)
class CandidateUse:
    """How a session used one candidate."""

    first: int
    """Index of the first message that holds it."""
    calls: int = 0
    """Successful calls whose arguments hold it."""
    mentions: int = 0
    """Messages whose text holds it while none of their calls does."""
    positions: set[int] = field(default_factory=set)
    """Indexes of the messages that hold it."""
    turns: set[int] = field(default_factory=set)
    tools: Counter[str] = field(default_factory=Counter)
    by_hand: bool = False
    """Whether the person named it in a message short enough to be typed."""

    def add_position(self, position: int, turn: int) -> None:
        """Record a message that holds it."""
        self.first = min(self.first, position)
        self.positions.add(position)
        self.turns.add(turn)

    def absorb(self, other: CandidateUse) -> None:
        """Add the uses of another candidate to this one's."""
        self.first = min(self.first, other.first)
        self.calls += other.calls
        self.mentions += other.mentions if other.calls else len(other.positions - self.positions)
        self.positions |= other.positions
        self.turns |= other.turns
        self.tools += other.tools
        self.by_hand |= other.by_hand


@dataclass(slots=True)
class SessionUses:
    """All candidates of a session, and what its calls did to files."""

    cwd: str
    found: dict[CandidateKey, CandidateUse] = field(default_factory=dict)
    made: set[str] = field(default_factory=set)
    """Files that the session created."""
    removed: set[str] = field(default_factory=set)
    stems: dict[str, str] = field(default_factory=dict)
    """Command text to its stem: what stays when its file arguments vary."""
    references: set[str] = field(default_factory=set)
    """Words that commands of git and of code hosts took: branches, repositories, places of an API."""
    defined: set[str] = field(default_factory=set)
    """Names whose definition appears in a result."""

    def add_call(self, key: CandidateKey, judged: JudgedCall) -> None:
        """Count a use in a call's arguments."""
        use = self.found.setdefault(key, CandidateUse(judged.position))
        use.add_position(judged.position, judged.turn)
        use.calls += 1
        use.tools[judged.call.tool] += 1

    def add_mention(self, key: CandidateKey, position: int, turn: int, *, by_hand: bool) -> None:
        """Count a use in a message's text, unless one of its calls was counted."""
        use = self.found.setdefault(key, CandidateUse(position))
        use.by_hand |= by_hand
        if position not in use.positions:
            use.add_position(position, turn)
            use.mentions += 1


def count_uses(
    session: Session, calls: Sequence[JudgedCall], shapes: Sequence[CallShape] | None = None
) -> SessionUses:
    """Count all uses in a session; `shapes` may be given if the caller has them already.

    Only calls with outcome `ok` count; of calls that repeat the call before them in the same turn only the
    first counts.
    """
    shapes = shapes_of(calls) if shapes is None else shapes
    counted = [(call, shape) for call, shape in zip(calls, shapes, strict=True) if not call.housekeeping]
    uses = SessionUses(session.header.cwd or _usual_folder(shape for _, shape in counted))
    before: tuple[int, str, str] | None = None
    for judged, shape in counted:
        same = (judged.turn, judged.call.tool, judged.call.arguments)
        # an agent in a loop does not make a path more important
        if judged.verdict.outcome == "ok" and same != before:
            _count_call(uses, judged, shape)
        before = same
    _count_mentions(uses, session)
    _fold_short_paths(uses)
    return uses


def _usual_folder(shapes: Iterable[CallShape]) -> str:
    """Return the absolute folder that most commands ran in; empty if no folder comes up twice."""
    folders: Counter[str] = Counter()
    for shape in shapes:
        folders.update({step.command.directory for step in shape.steps if step.command.directory[:1] == "/"})
    folder, count = next(iter(folders.most_common(1)), ("", 0))
    return folder if count > 1 else ""


def _count_call(uses: SessionUses, judged: JudgedCall, shape: CallShape) -> None:
    result = ends(judged.result.text).replace("\\n", "\n") if judged.result is not None else ""
    uses.defined.update(_DEFINITION.findall(result))
    lowered = result.lower()
    missing: list[str] = []
    # looking for plain words first is five times as fast
    if any(word in lowered for word in _MISSING_WORDS):
        missing = [line for line in result.split("\n") if _MISSING.search(line)]
    creates = not shape.steps and not CREATING_KEYS.isdisjoint(shape.values or {})
    for path in sorted(shape.files()):
        normal = lasting_path(path, uses.cwd)
        # a call that worked may still report one of several files as missing
        if normal is None or any(normal.rsplit("/", 1)[-1] in line for line in missing):
            continue
        if creates and ("path", normal) not in uses.found:
            uses.made.add(normal)
        uses.removed.discard(normal)
        uses.add_call(("path", normal), judged)
    line = command_line(judged.call.tool, shape.values or {})
    for step in shape.steps:
        _count_files(uses, judged, step.command)
        if step.purpose == "vcs" and step.invocation.subcommand not in _ON_FILES:
            uses.references.update(
                word.rpartition("=")[2].strip("/") for word in step.invocation.rest if "/" in word
            )
        text = _command_text(step, line, uses)
        if text is not None:
            uses.add_call(("command", text), judged)
    for target in sorted(shape.targets):
        if target.startswith("url:http"):
            uses.add_call(("url", target[4:]), judged)
    values = (shape.values or {}).values()
    text = "\n".join(value[:MAX_TEXT] for value in values if isinstance(value, str))
    for name in sorted(names_in(text)):
        uses.add_call(("identifier", name), judged)


def ends(text: str) -> str:
    """Return the beginning and end of a long text, a short one whole."""
    return text if len(text) <= MAX_RESULT else f"{text[: MAX_RESULT // 2]}\n{text[-MAX_RESULT // 2 :]}"


def _under(directory: str, path: str) -> str:
    return f"{directory}/{path}" if directory and path[:1] not in ("/", "~") else path


def _count_files(uses: SessionUses, judged: JudgedCall, command: Command) -> None:
    """Record which files a command created and removed."""
    named = [_under(command.directory, word) for word in command.words[1:] if word[:1] != "-"]
    made = [_under(command.directory, path) for path in command.writes]
    if command.program in ("touch", "mkdir"):
        made += named
    for path in made:
        normal = lasting_path(path, uses.cwd)
        known = uses.found.get(("path", normal or ""))
        if normal is not None and (known is None or known.first == judged.position):
            uses.made.add(normal)
    # a file that is made again later is taken off the list of removed ones
    if command.program == "rm":
        uses.removed.update(filter(None, (lasting_path(path, uses.cwd) for path in named)))


def _command_text(step: CommandStep, line: str, uses: SessionUses) -> str | None:
    """Return the form of a command under which its uses are counted, and record its stem.

    None for commands that everybody knows (`ls`, `git status`), for inline code, and for scripts that the
    session made for itself.
    """
    command, invocation, purpose = step
    if purpose not in _TELLING or invocation.code or command.piped or command.inline:
        return None
    if command.program in _SHELL_BUILTINS or not _PROGRAM.match(invocation.program):
        return None
    if len(command.words) == 1 and invocation.program not in _ALONE and "/" not in command.words[0]:
        return None
    if invocation.interpreter == invocation.program:
        return None
    for word in command.words[1:] if command.words[0][:1] == "/" else command.words:
        if "/" in word or is_file_name(word):
            normal = lasting_path(_under(command.directory, word), uses.cwd)
            if normal in uses.made or normal in uses.removed:
                return None
            if normal is None and (is_file_name(word) or word.startswith("/tmp/")):
                return None
    inside = command.directory.rstrip("/") not in ("", uses.cwd.rstrip("/"))
    prefix = f"cd {command.directory} && " if inside else ""
    stem = _stem(step)
    written = _as_written(command, line)
    if not _PLAIN.match(stem):
        stem = written
    text = written or stem
    text = prefix + (text if len(prefix) + len(text) <= MAX_COMMAND else stem)
    uses.stems[text] = prefix + stem
    return text if len(prefix) < len(text) <= MAX_COMMAND else None


def _stem(step: CommandStep) -> str:
    """Return a command without its file arguments: what stays the same from use to use."""
    command, invocation, _ = step
    start = command.words[: len(command.words) - len(invocation.rest)]
    script = "/" in invocation.program or is_file_name(invocation.program)
    kept: list[str] = []
    for word in () if script else invocation.rest:
        if "/" in word or is_file_name(word) or "=" in word:
            break
        kept.append(word)
    while kept and kept[-1].startswith("-"):
        kept.pop()
    # an escaped space is a word too, but an invisible one
    return " ".join(word for word in (*command.wrappers, *start, *kept) if word.strip()).strip()


def _as_written(command: Command, line: str) -> str:
    """Return the part of a command line that runs a command, without redirections, on one line.

    Empty if the part cannot be found.
    """
    given = [word for word in (*command.wrappers, *command.words) if word]
    for part in _SEPARATOR.split(line):
        # the first part with all the words will do: repeated commands read the same
        if all(word in part for word in given):
            return " ".join(_REDIRECTION.sub("", part).split())
    return ""


def _count_mentions(uses: SessionUses, session: Session) -> None:
    turn = -1
    commands = {text for kind, text in uses.found if kind == "command"}
    for position, message in enumerate(session.messages):
        person = message.origin == "person"
        turn += person
        if not person and message.origin != "agent":
            continue
        by_hand = person and len(message.text) <= SHORT_MESSAGE
        for path in dict.fromkeys(paths_in(message.text)):
            normal = lasting_path(path, uses.cwd)
            if normal is not None:
                uses.add_mention(("path", normal), position, turn, by_hand=by_hand)
        for url in dict.fromkeys(urls_in(message.text)):
            uses.add_mention(("url", url), position, turn, by_hand=by_hand)
        for name in sorted(names_in(message.text)):
            uses.add_mention(("identifier", name), position, turn, by_hand=by_hand)
        for span in dict.fromkeys(code_spans(message.text)):
            text = " ".join(span.split())
            if text in commands:
                uses.add_mention(("command", text), position, turn, by_hand=by_hand)


def _fold_short_paths(uses: SessionUses) -> None:
    """Count mentions of a path's end for the path, if only one path ends so."""
    by_name: dict[str, list[str]] = {}
    for (kind, path), use in uses.found.items():
        if kind == "path" and use.calls:
            by_name.setdefault(path.rsplit("/", 1)[-1], []).append(path)
    for key in [key for key, use in uses.found.items() if key[0] == "path" and not use.calls]:
        short = key[1]
        candidates = by_name.get(short.rsplit("/", 1)[-1], ())
        # a diff names a file a/… and b/…
        whole = [
            path for path in candidates if path.endswith(f"/{short}") or short in (f"a/{path}", f"b/{path}")
        ]
        if len(whole) == 1:
            uses.found["path", whole[0]].absorb(uses.found.pop(key))
