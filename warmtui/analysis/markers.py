"""Context markers: the paths, URLs, commands and names that a session kept coming back to."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from math import log2
from typing import NamedTuple

from warmtui.analysis.call_shape import CallShape
from warmtui.analysis.command_purpose import steps_of
from warmtui.analysis.marker_uses import CandidateKey, CandidateUse, SessionUses, count_uses, ends
from warmtui.analysis.text_references import EXTENSIONS, extension_of, is_file_name, lasting_path
from warmtui.analysis.tools import group_of
from warmtui.model.outcome import JudgedCall
from warmtui.model.session import Session
from warmtui.model.template import MarkerKind

MAX_MARKERS = 20
"""Markers of one session."""
MAX_NAMES = 5
"""Names among those markers: they tell a new session the least, and every session is full of them."""
MIN_MESSAGES = 2
"""Messages that must hold a marker, unless the person named it."""
PERSON_WEIGHT = 1.5
"""Weight of what the person named."""
NAME_WEIGHT = 0.5
"""Weight of names relative to paths and commands."""
_SCRATCH = re.compile(
    r"(?:re?pro|verif|check|debug|tmp|temp|scratch|demo|fix|updat|patch|modif|appl|inspect|try|trial|example"
    r"|investig|explor|analy|probe|test_|test\b|run_|minimal|simple|replace|edit|insert|find_|out|result|mre)",
    re.IGNORECASE,
)
_SCRATCH_FOLDER = re.compile(r"(?:repro|scratch|sandbox|playground|debug_)", re.IGNORECASE)
_HEXADECIMAL = re.compile(r"[0-9a-f]{12}")


class FoundMarker(NamedTuple):
    """A marker with the uses that rank it."""

    text: str
    kind: MarkerKind
    uses: int
    """Successful calls whose arguments hold it, plus messages whose text does while their calls do not."""
    turns: int
    """Number of turns it was used in."""
    tools: tuple[str, ...]
    """Tools whose calls used it, most used first."""
    first_message_id: str


def find_markers(
    session: Session, calls: Sequence[JudgedCall], shapes: Sequence[CallShape] | None = None
) -> tuple[FoundMarker, ...]:
    """Find what a session kept coming back to.

    Candidates come from the arguments of successful calls and from the text of person and agent; results
    only confirm that something exists, or show that it does not. `MIN_MESSAGES` messages must hold a
    candidate, unless the person named it and a call used it.

    Markers are ordered by log2(1 + uses) · (1 + log2(turns)) · (1 + log2(tools)): a return in another turn or
    through another tool counts for more than a repetition in a loop. Names weigh `NAME_WEIGHT` of that, what
    the person named `PERSON_WEIGHT`; ties go to the earlier message.

    Args:
        session: the session.
        calls: its judged calls, in order.
        shapes: the result of `shapes_of(calls)`, if the caller has it already.

    Returns:
        The markers, best first, at most `MAX_MARKERS`.
    """
    uses = count_uses(session, calls, shapes)
    commands = _commands(uses)
    # a tool's own name is no name of the project
    tools = {call.call.tool for call in calls}
    kept: list[tuple[CandidateKey, CandidateUse]] = list(commands.items())
    scripts = {_script_path(text, uses.cwd) for _, text in commands}
    for key, use in uses.found.items():
        kind, text = key
        if (
            (kind == "path" and text not in scripts and _is_lasting_path(text, use, uses, calls))
            or (kind == "url" and _is_lasting_url(text, use))
            or (kind == "identifier" and _is_telling_name(text, use, uses, tools))
        ):
            kept.append((key, use))
    kept.sort(key=lambda item: (-_score(*item), item[1].first, item[0][1]))
    return tuple(
        FoundMarker(
            text,
            kind,
            use.calls + use.mentions,
            len(use.turns),
            tuple(tool for tool, _ in use.tools.most_common()),
            session.messages[use.first].id,
        )
        for (kind, text), use in _without_redundant(kept)[:MAX_MARKERS]
    )


def _score(key: CandidateKey, use: CandidateUse) -> float:
    weight = (PERSON_WEIGHT if use.by_hand else 1.0) * (NAME_WEIGHT if key[0] == "identifier" else 1.0)
    spread = (1 + log2(max(1, len(use.turns)))) * (1 + log2(max(1, len(use.tools))))
    return weight * log2(1 + use.calls + use.mentions) * spread


def _commands(uses: SessionUses) -> dict[CandidateKey, CandidateUse]:
    """Return the commands that came back, one for each stem.

    The stem represents its forms (say, a test runner with other files each time), unless one form makes up
    half of the uses.
    """
    stems: dict[str, list[tuple[str, CandidateUse]]] = {}
    for (kind, text), use in uses.found.items():
        if kind == "command":
            stems.setdefault(uses.stems[text], []).append((text, use))
    kept: dict[CandidateKey, CandidateUse] = {}
    for stem, forms in stems.items():
        total = sum(use.calls for _, use in forms)
        text, best = max(forms, key=lambda form: form[1].calls)
        if best.calls >= MIN_MESSAGES and 2 * best.calls >= total:
            kept["command", text] = best
        elif total >= MIN_MESSAGES and len(forms) > 1:
            # no form stands out: what they share is the convention
            joined = CandidateUse(min(use.first for _, use in forms))
            for _, use in forms:
                joined.absorb(use)
            if len(joined.positions) >= MIN_MESSAGES:
                kept["command", stem] = joined
        elif best.by_hand:
            kept["command", text] = best
    return kept


def _script_path(command_text: str, cwd: str) -> str | None:
    """Return the path of the script that a command runs; None for a program on the search path."""
    step = next(iter(steps_of(command_text)), None)
    if step is None:
        return None
    program = step.invocation.program
    if "/" not in program and not is_file_name(program):
        return None
    return lasting_path(posixpath.join(step.command.directory, program), cwd)


def _is_lasting_path(path: str, use: CandidateUse, uses: SessionUses, calls: Sequence[JudgedCall]) -> bool:
    """Whether a path exists, will last, and is more than a folder at the root."""
    if path in uses.removed:
        return False
    name, _, rest = path.partition("/")
    passing = (not rest and path in uses.made and _SCRATCH.match(name)) or _SCRATCH_FOLDER.match(name)
    if passing and not use.by_hand:
        return False
    if not is_file_name(path):
        if path.count("/") - path.startswith("/") < 1 or path in uses.references:
            return False
        if use.calls and all(group_of(tool) == "edit" for tool in use.tools):
            # only written about, so it may be a repository or a page
            return False
    elif "/" not in path and path.split(".", 1)[0].lower() in EXTENSIONS:
        # `tar.gz` is a kind of file
        return False
    if path.startswith(("/", "~")) and uses.cwd and not use.by_hand:
        # outside the project: the agent's own files, another project
        return False
    if not use.calls:
        # nobody opened it, so it must at least be seen to exist
        return use.by_hand and is_file_name(path) and _is_shown(path, calls)
    return use.by_hand or len(use.positions) >= MIN_MESSAGES


def _is_shown(path: str, calls: Sequence[JudgedCall]) -> bool:
    """Whether a successful result shows a path."""
    return any(
        call.verdict.outcome == "ok"
        and call.result is not None
        and path in call.result.text
        and _holds(ends(call.result.text), path)
        for call in calls
    )


def _holds(text: str, path: str) -> bool:
    """Whether a text holds a path as itself, not inside another path."""
    start = text.find(path)
    while start >= 0:
        before, after = text[start - 1 : start], text[start + len(path) : start + len(path) + 1]
        if not (before.isalnum() or before in tuple("_-./")) and not (
            after.isalnum() or after in tuple("_-/")
        ):
            return True
        start = text.find(path, start + 1)
    return False


def _is_lasting_url(url: str, use: CandidateUse) -> bool:
    # a long hexadecimal number is a commit or a token
    if _HEXADECIMAL.search(url):
        return False
    return use.by_hand or (use.calls > 0 and len(use.positions) >= MIN_MESSAGES)


def _is_telling_name(name: str, use: CandidateUse, uses: SessionUses, tools: set[str]) -> bool:
    """Whether a name is the project's own and came back, in text and in arguments, over several turns.

    Single tests do not count: they belong to one task.
    """
    if name not in uses.defined or name in tools or name.startswith(("__", "test_")):
        return False
    return use.calls > 0 and use.mentions > 0 and len(use.turns) >= MIN_MESSAGES


def _folders(path: str) -> Iterator[str]:
    """Yield every parent folder of a path."""
    slash = path.rfind("/")
    while slash >= 0:
        yield path[:slash]
        slash = path.rfind("/", 0, slash)


def _without_redundant(
    ranked: list[tuple[CandidateKey, CandidateUse]],
) -> list[tuple[CandidateKey, CandidateUse]]:
    """Drop the parent folders of listed paths, which say more, and names beyond `MAX_NAMES`."""
    inside = {folder for key, _ in ranked if key[0] == "path" for folder in _folders(key[1])}
    names = 0
    kept = []
    for key, use in ranked:
        kind, text = key
        if kind == "path" and not extension_of(text) and text in inside:
            continue
        if kind == "identifier":
            names += 1
            if names > MAX_NAMES:
                continue
        kept.append((key, use))
    return kept
