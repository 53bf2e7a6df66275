"""Context markers (A7): the paths, URLs, commands and names that a session kept coming back to."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from math import log2
from typing import NamedTuple

from warmtui.analysis.call_shape import CallShape
from warmtui.analysis.command_purpose import lead
from warmtui.analysis.marker_uses import Key, Use, Uses, count_uses, ends
from warmtui.analysis.shell import parse
from warmtui.analysis.text_references import extension_of, is_file_name, lasting_path
from warmtui.model.outcome import JudgedCall
from warmtui.model.session import Session
from warmtui.model.template import MarkerKind

MAX_MARKERS = 20
"""Of one session (PRODUCT.md, limits that are kept on purpose)."""
MAX_NAMES = 5
"""Of those, names: they tell a new session the least, and every session is full of them."""
MIN_PLACES = 2
"""Messages a marker must stand in, unless the person named it."""
PERSON_WEIGHT = 1.5
"""Weight of what the person named."""
NAME_WEIGHT = 0.5
"""Weight of names against places and commands."""


class FoundMarker(NamedTuple):
    """One marker with the use that ranks it."""

    text: str
    kind: MarkerKind
    uses: int
    """Successful calls whose arguments hold it, and messages whose words do while their calls do not."""
    turns: int
    """Different turns it was used in."""
    tools: tuple[str, ...]
    """Tools whose calls used it, most used first."""
    first_message_id: str


def find_markers(
    session: Session,
    calls: Sequence[JudgedCall],
    shapes: Sequence[CallShape] | None = None,
    *,
    limit: int = MAX_MARKERS,
) -> tuple[FoundMarker, ...]:
    """Find what a session kept coming back to.

    Paths, URLs, commands and names are taken from the arguments of calls that did what they were asked
    to, and from the words of person and agent; results only confirm that something exists, or show that
    it does not. A candidate must stand in `MIN_PLACES` messages, or be named by the person and used.

    The order is by log2(1 + uses) · (1 + log2(turns)) · (1 + log2(tools)), so that coming back in another
    turn or through another tool counts for more than being repeated in one loop. Names weigh
    `NAME_WEIGHT` of that, what the person named `PERSON_WEIGHT`; ties go to the earlier message.

    Args:
        session: the session.
        calls: its calls, judged, in order.
        shapes: what `targets.shapes_of` gave for them, when the caller has it already.
        limit: how many markers at most.

    Returns:
        The markers, best first.
    """
    uses = count_uses(session, calls, shapes)
    commands = _commands(uses)
    tools = {call.call.tool for call in calls}
    kept: list[tuple[Key, Use]] = list(commands.items())
    run = {_program(text, uses.cwd) for _, text in commands}
    for key, use in uses.found.items():
        kind, text = key
        if (
            (kind == "path" and text not in run and _is_lasting_path(text, use, uses, calls))
            or (kind == "url" and _is_lasting_url(text, use))
            or (kind == "identifier" and _is_telling_name(text, use, uses, tools))
        ):
            kept.append((key, use))
    kept.sort(key=lambda item: (-_score(*item), item[1].first, item[0][1]))
    return tuple(
        FoundMarker(
            text,
            kind,
            use.calls + use.words,
            len(use.turns),
            tuple(tool for tool, _ in use.tools.most_common()),
            session.messages[use.first].id,
        )
        for (kind, text), use in _without_surplus(kept)[:limit]
    )


def _score(key: Key, use: Use) -> float:
    weight = (PERSON_WEIGHT if use.by_hand else 1.0) * (NAME_WEIGHT if key[0] == "identifier" else 1.0)
    spread = (1 + log2(max(1, len(use.turns)))) * (1 + log2(max(1, len(use.tools))))
    return weight * log2(1 + use.calls + use.words) * spread


def _commands(uses: Uses) -> dict[Key, Use]:
    """The commands that came back, one for each stem.

    A stem that was used in several forms (other test files each time) stands for them, unless one form
    makes up half of its uses.
    """
    stems: dict[str, list[tuple[str, Use]]] = {}
    for (kind, text), use in uses.found.items():
        if kind == "command":
            stems.setdefault(uses.stems[text], []).append((text, use))
    kept: dict[Key, Use] = {}
    for stem, forms in stems.items():
        total = sum(use.calls for _, use in forms)
        text, best = max(forms, key=lambda form: form[1].calls)
        if best.calls >= MIN_PLACES and 2 * best.calls >= total:
            kept["command", text] = best
        elif total >= MIN_PLACES and len(forms) > 1:
            joined = Use(min(use.first for _, use in forms))
            for _, use in forms:
                joined.absorb(use)
            if len(joined.places) >= MIN_PLACES:
                kept["command", stem] = joined
        elif best.by_hand:
            kept["command", text] = best
    return kept


def _program(text: str, cwd: str) -> str | None:
    """The script that a command's text runs, as a path; None when it runs a program by name."""
    command = next(iter(parse(text)), None)
    if command is None:
        return None
    program = lead(command).program
    where = posixpath.join(command.directory, program)
    return lasting_path(where, cwd) if "/" in program or is_file_name(program) else None


_SCRATCH = re.compile(
    r"(?:re?pro|verif|check|debug|tmp|temp|scratch|demo|fix|updat|patch|modif|appl|inspect|try|trial|example"
    r"|investig|explor|analy|probe|test_|test\b|run_|minimal|simple|replace|edit|insert|find_|out|result|mre)",
    re.IGNORECASE,
)
_SCRATCH_FOLDER = re.compile(r"(?:repro|scratch|sandbox|playground|debug_)", re.IGNORECASE)


def _is_lasting_path(path: str, use: Use, uses: Uses, calls: Sequence[JudgedCall]) -> bool:
    """Whether a path is there, will be there, and is more than a folder at the root."""
    if path in uses.removed:
        return False
    name, _, rest = path.partition("/")
    passing = (not rest and path in uses.made and _SCRATCH.match(name)) or _SCRATCH_FOLDER.match(name)
    if passing and not use.by_hand:
        return False
    if not is_file_name(path) and path.count("/") - path.startswith("/") < 1:
        return False
    if not use.calls:
        return use.by_hand and is_file_name(path) and _is_shown(path, calls)
    return use.by_hand or len(use.places) >= MIN_PLACES


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
    """Whether a path stands in a text as itself, not inside of another one."""
    start = text.find(path)
    while start >= 0:
        before, after = text[start - 1 : start], text[start + len(path) : start + len(path) + 1]
        if not (before.isalnum() or before in tuple("_-./")) and not (
            after.isalnum() or after in tuple("_-/")
        ):
            return True
        start = text.find(path, start + 1)
    return False


_HEXADECIMAL = re.compile(r"[0-9a-f]{12}")


def _is_lasting_url(url: str, use: Use) -> bool:
    if _HEXADECIMAL.search(url):
        return False
    return use.by_hand or (use.calls > 0 and len(use.places) >= MIN_PLACES)


def _is_telling_name(name: str, use: Use, uses: Uses, tools: set[str]) -> bool:
    """Whether a name is the project's own and came back, in words and in arguments, over several turns.

    Single tests are out: they tell of the moment's work.
    """
    if name not in uses.defined or name in tools or name.startswith(("__", "test_")):
        return False
    return use.calls > 0 and use.words > 0 and len(use.turns) >= MIN_PLACES


def _folders(path: str) -> Iterator[str]:
    """Yield every folder that a path lies in."""
    slash = path.rfind("/")
    while slash >= 0:
        yield path[:slash]
        slash = path.rfind("/", 0, slash)


def _without_surplus(ranked: list[tuple[Key, Use]]) -> list[tuple[Key, Use]]:
    """Drop folders that a listed path lies in, which says as much and more, and names past the cap."""
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
