"""The evidence for keeping a candidate: a sum of named points, each with a reason in plain words.

The points are this project's own. They were tuned on the `dev` half of the measured sessions
(`benchmarks/candidates.py --half dev`): what a person would keep there must reach `BAR`, what any agent does
anyway must stay below it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from math import log2
from typing import NamedTuple

import orjson

from warmtui.analysis.call_arguments import canonical
from warmtui.analysis.call_shape import CallShape, shape_of, shapes_in
from warmtui.analysis.command_purpose import CONVENTIONS, Purpose
from warmtui.analysis.markers import FoundMarker
from warmtui.analysis.preferences import FoundPreference, PreferenceSign
from warmtui.analysis.recoveries import FoundRecovery, approach_of
from warmtui.analysis.results import found_nothing, gave_no_rows, readable_result
from warmtui.analysis.scratch_files import ScratchFiles, find_scratch_files, name_of
from warmtui.curation.detect.values import words
from warmtui.model.outcome import JudgedCall
from warmtui.model.session import Session
from warmtui.text import counted


class Facts(NamedTuple):
    """What the whole session says about its calls."""

    shapes: tuple[CallShape, ...]
    uses: Mapping[int, int]
    """For each successful call: how often it, or its family, succeeded."""
    scratch: ScratchFiles
    """What the session made for itself."""
    answers: frozenset[int]
    """The last query of each turn, if it returned rows: no other attempt followed it."""


def family(shape: CallShape) -> str:
    """Return the tool and approach of a call. Calls of one family show the same thing."""
    if shape.steps:
        return f"{shape.tool}: {' + '.join(sorted(approach_of(shape)))}"
    return f"{shape.tool}: {shape.skeleton}"


def facts_of(
    session: Session, calls: Sequence[JudgedCall], shapes: Sequence[CallShape] | None = None
) -> Facts:
    """Gather what the session says about its calls as a whole.

    Args:
        session: the session, for its working directory.
        calls: its judged calls, in order.
        shapes: the result of `shapes_of` for them, when the caller has it.
    """
    cwd = session.header.cwd or ""
    shapes = shapes_in(cwd, calls, shapes)
    groups: dict[str, list[int]] = {}
    previous = (-1, "")
    looping: set[int] = set()
    queries: dict[int, int] = {}
    for index, (call, shape) in enumerate(zip(calls, shapes, strict=True)):
        if shape.sql:
            queries[call.turn] = index
        if call.verdict.outcome != "ok" or call.housekeeping:
            continue
        exact = f"{call.call.tool} {canonical(call.call.arguments)}"
        key = family(shape) if shape.purpose in CONVENTIONS or is_nested(shape) else exact
        groups.setdefault(key, []).append(index)
        # a call repeated at once is an agent in a loop, not one that returns to what worked
        looping.update({index} if (call.turn, exact) == previous else ())
        previous = (call.turn, exact)
    uses = {index: len(set(group) - looping) for group in groups.values() for index in group}
    return Facts(
        shapes,
        uses,
        find_scratch_files(calls, shapes, cwd),
        frozenset(
            index
            for index in queries.values()
            if calls[index].verdict.outcome == "ok" and not gave_no_rows(calls[index])
        ),
    )


def is_nested(shape: CallShape) -> bool:
    """Whether the arguments of a plain call contain lists or objects."""
    values = shape.values or {}
    if len(values) < 2 or shape.steps or shape.sql or shape.code:
        return False
    return any(isinstance(value, (list, dict)) and value for value in values.values())


BAR = 2.0
"""From this much evidence on, a candidate is worth keeping by default."""

CONVENTION = 2.5
"""A command line that is the project's way to test, build, check or install."""
OWN_CODE = 1.5
"""It runs the project's own code or starts its program."""
PROBE = 0.0
"""It runs a few lines of code once, to find something out."""
SET_UP = 2.0
"""It runs code with the path or environment set up as the project needs it."""
SHOWS_SCHEMA = 2.0
"""It shows which tables and columns exist."""
ORIENTATION = 1.5
"""It reads a file that says how things are done: README, Makefile, pyproject.toml, …"""
STRUCTURED = 1.5
"""Its arguments contain lists or objects: a shape worth showing when it recurs."""
MANY_ARGUMENTS = 1.0
"""Four plain arguments or more."""
ANSWER = 2.0
"""The last query of a turn, if it returned rows from two tables or more: it shows how they are joined."""
SAMPLE = 1.5
"""A query that shows what the rows of a table look like."""
OTHER_PROGRAM = 1.0
"""A program that none of our tables lists: a convention when it recurs."""
USED_AGAIN = 0.6
"""Factor of log2(successful uses); the product is at most `USED_AGAIN_MOST`."""
USED_AGAIN_MOST = 2.0
READ_AGAIN = 0.3
"""The same factor for reading a file: a marker says better where the file is."""
SHORT = 0.5
SHORT_TOKENS = 150
"""Up to this many tokens, an example counts as short."""

GLANCE = -2.0
"""What any agent does anyway: ls, cat, git status, a search."""
ONE_OFF = -1.0
"""An edit, a read or a fetch that belongs to one step of one task."""
FOUND_NOTHING = -2.0
COMPOUND = -0.75
"""The command line also edits or removes files."""
LONG = -0.5
LONG_RESULT = 4_000
"""Above this many characters, an example shows little of a result."""
INLINE = -2.0
"""It writes a file within the command line."""
DESTRUCTIVE = -6.0
"""The command line also discards work: `git stash`, `git checkout -- x`, `rm`. It outweighs everything in a
call's favour, because nobody wants that repeated."""
SCRATCH = -6.0
"""It runs a file that this session made for itself, or concerns only such files and tables."""
ABOUT_SCRATCH = -1.0
"""It concerns such a file among others."""
ONLY_IDS = -2.0
"""Its arguments are only identifiers of this session's case."""
REPORTED = -1.25
"""A run that reported failures shows the command, but a run without failures shows it better."""
SAME_SHAPE = -3.0
"""For each better candidate of the same family."""

RECOVERY = 3.0
RECOVERY_SURE = 1.5
"""Factor of the pair's strength (0..1)."""
RECOVERY_USED = 0.4
"""For each later use of the fixed shape, at most `RECOVERY_USES` of them."""
RECOVERY_USES = 5
RETRY = -3.5
"""Only time passed between the two calls."""

PREFERENCE: Mapping[PreferenceSign, tuple[float, str]] = {
    "refused": (4.0, "said when a call was refused"),
    "language": (3.0, "the person's language, in which the agent answers"),
    "rule": (2.0, "put as a rule"),
    "handover": (2.0, "what is to become of the work: asked for, then done"),
    "stopped": (1.5, "said when the agent was stopped"),
    "answered": (1.5, "answer to a question of the agent"),
    "conceded": (1.5, "the agent agreed that it was right"),
    "undone": (1.5, "the agent then took back its work"),
    "repeated": (1.5, "said more than once"),
    "first": (1.5, "what comes before the work"),
    "changed": (1.0, "the agent then changed what it had written"),
    "wish": (1.0, "says how it should be"),
    "doubt": (1.5, "doubts the agent's way"),
    "check": (1.0, "asks for a check"),
    "habit": (1.0, "asks for checks again and again"),
    "emphasis": (0.5, "with an exclamation mark"),
    "later": (0.5, "not part of the first request"),
}
"""Points of what speaks for a preference. A form of words alone stays below `BAR`; a rule after the first
request, or any two signs of its being meant for longer, reach it."""
PREFERENCE_CUSTOMER = -2.5
"""The agent used neither files nor commands: what a customer wants is about their own case."""
PREFERENCE_LASTING = frozenset({"refused", "language", "rule", "repeated"})
"""Signs that outweigh that."""

PATTERNS = 1.0
PATTERNS_WORDS = 1.0
"""Added from `PATTERNS_MESSAGES` messages of the person on: fewer show no habit."""
PATTERNS_MESSAGES = 5
PATTERNS_CORRECTION = 0.5
"""For each of the person's corrections, at most three."""

MARKER = 0.9
"""Factor of log2(1 + uses) · (1 + log2(turns)); the product is at most `MARKER_MOST`."""
MARKER_MOST = 3.0
BARE_NAME = -3.0
"""A marker that is one common word, or a name that a framework gives to every project."""

NEVER = words(
    """
    think calculate sequentialthinking wait sleep finish submit transfer_to_human_agents delegate_task
    process text_to_speech Task ExitPlanMode
    """
)
"""Tools whose calls teach nothing about a project: thinking, arithmetic, waiting, delegating."""

_WAYS: dict[Purpose, str] = {
    "test": "how tests are run here",
    "build": "how it is built here",
    "check": "how it is checked here",
    "install": "how things are installed here",
}
_ORIENTATION = re.compile(
    r"(?:\A|/)(?:README|CONTRIBUTING|AGENTS|CLAUDE|HACKING|DEVELOPMENT|Makefile|justfile|Dockerfile|Procfile|"
    r"docker-compose|compose|pyproject\.toml|setup\.(?:py|cfg)|tox\.ini|noxfile\.py|package\.json|Cargo\.toml|"
    r"go\.mod|pom\.xml|build\.gradle|requirements[\w-]*\.txt|CMakeLists\.txt|\.pre-commit-config|conftest\.py|"
    r"\.env\.example)[\w.-]*\Z",
    re.IGNORECASE,
)
_SCHEMA = re.compile(
    r"\A\s*(?:show\s+(?:tables|columns|full|create|databases)|describe\b|desc\b|pragma\s+table_info|\.schema|\.tables)|"
    r"information_schema|sqlite_master",
    re.IGNORECASE,
)
_SHELL_SCHEMA = re.compile(
    r"\.schema|\.tables|information_schema|sqlite_master|\\d\b|show tables", re.IGNORECASE
)
_ROWS = re.compile(r"\A\s*select\s+\*\s+from\s+[\w.`\"]{1,80}\s+limit\s+\d{1,3}\s*;?\s*\Z", re.IGNORECASE)
_PROBE_WORDS = frozenset(
    {"--version", "-V", "--help", "-h", "version", "help", "--collect-only", "--fixtures"}
)
_REPEATED = re.compile(r'\A\[Duplicate tool output|"status":\s*"unchanged"|unchanged since last read')
_PROGRAM_NAME = re.compile(r"[A-Za-z][\w./-]{0,80}\Z")
_NOTHING_RUN = re.compile(
    r"no tests ran|collected 0 items|Ran 0 tests|Found 0 test|0 tests? (?:run|passed)\b"
)
_SATISFIED = "already satisfied"
_TELLING_VCS = frozenset(
    {"commit", "push", "rebase", "tag", "merge", "cherry-pick", "pr", "release", "worktree"}
)
_ID_VALUE = re.compile(r"#?[\w@.+-]{0,60}\d[\w@.+-]{0,60}\Z")
_FAILURES = re.compile(
    r"\b[1-9]\d{0,6} (?:failed|failures?|errors?|exceptions?|problems?)\b|"
    r"\b(?:failed|failures|errors|exceptions)\s?[:=]\s?[1-9]|"
    r"DO \*?NOT\*? COMMIT|Traceback \(most recent call last\)",
    re.IGNORECASE,
)
"""What runners print when something failed in a run that exited with 0."""
_THROWS_AWAY = frozenset({"checkout", "reset", "stash", "restore", "clean"})
"""Subcommands of git that discard or set aside changes; `checkout` only with files."""


_FRAMEWORK_NAMES = words(
    """
    full_clean clean_fields get_queryset get_context_data get_object as_view as_sql to_python
    get_prep_value get_absolute_url save_model setUp tearDown setUpClass tearDownClass setUpTestData
    assertEqual assertTrue assertFalse assertRaises assertRaisesMessage assertIn assertIsNone TestCase
    SimpleTestCase fit_transform useState useEffect componentDidMount toString hashCode forEach
    addEventListener setTimeout to_dict from_dict to_json from_json to_string read_csv
    """
)
"""Names that a framework gives to every project, from the manuals of Django, unittest, React and pandas."""


class Evidence(NamedTuple):
    """The points of one candidate, and why."""

    points: float
    reasons: tuple[str, ...]


def _places(shape: CallShape) -> Iterable[str]:
    """Return the files of a call, and for a shell call also the words that may be folders."""
    names = (target for target in shape.targets if shape.steps and target.startswith("name:"))
    return shape.files() | {name.removeprefix("name:") for name in names}


def _structure(shape: CallShape) -> tuple[float, str]:
    if is_nested(shape):
        return STRUCTURED, "arguments with structure"
    if len(shape.values or {}) >= 4:
        return MANY_ARGUMENTS, "many arguments"
    return ONE_OFF, "a step of one task"


def _only_ids(shape: CallShape) -> bool:
    values = (shape.values or {}).values()
    return bool(values) and all(
        isinstance(value, (int, float)) or (isinstance(value, str) and _ID_VALUE.match(value) is not None)
        for value in values
    )


def _runs_own_code(shape: CallShape) -> bool:
    """Whether a call imports or starts something outside the language's standard library."""
    # a standard library says nothing about the project, an import of its own does
    modules = {target[7:].split(".")[0] for target in shape.targets if target.startswith("module:")}
    return bool(modules - sys.stdlib_module_names) or bool(shape.files())


def _own_code(shape: CallShape, uses: int) -> tuple[float, str]:
    inline = bool(shape.code)
    assigned = any(step.command.assigned for step in shape.steps)
    if assigned or "sys.path" in shape.code:
        return SET_UP, "sets up what this project's code needs to run"
    # code within the call is thrown away after it, unless it recurs
    if inline and uses < 2:
        return PROBE, "a probe of one moment"
    return OWN_CODE, "runs this project's own code"


def _orients(shape: CallShape) -> bool:
    return any(_ORIENTATION.search(path) for path in shape.files())


def _is_file_tool(shape: CallShape) -> bool:
    return bool(shape.files()) and not shape.steps and not shape.code and not shape.sql


def _kind_points(shape: CallShape, index: int, facts: Facts) -> tuple[float, str] | None:
    """Return the points for the kind of call, None when the kind says nothing."""
    uses = facts.uses.get(index, 1)
    if shape.steps:
        return _command_points(shape, uses)
    if shape.sql:
        return _query_points(shape, gave_answer=index in facts.answers)
    if shape.code:
        return _own_code(shape, uses) if _runs_own_code(shape) else (GLANCE, "says nothing about the project")
    if _is_file_tool(shape):
        return _file_points(shape, uses)
    if _only_ids(shape):
        return ONLY_IDS, "only about this case"
    return _structure(shape)


def _command_points(shape: CallShape, uses: int) -> tuple[float, str]:
    typed = {word for step in shape.steps for word in step.command.words}
    subcommands = {step.invocation.subcommand for step in shape.steps}
    purpose = shape.purpose
    if typed & _PROBE_WORDS:
        return GLANCE, "a look at a program's help or version"
    if purpose in CONVENTIONS:
        return CONVENTION, _WAYS[purpose]
    if purpose == "query" and _SHELL_SCHEMA.search(" ".join(typed)):
        return SHOWS_SCHEMA, "shows what tables and columns there are"
    if purpose in ("look", "search") and _orients(shape):
        return ORIENTATION, "a file that says how things are done"
    if purpose == "run" and (not shape.code or _runs_own_code(shape)):
        return _own_code(shape, uses)
    if purpose == "vcs" and subcommands & _TELLING_VCS:
        return OWN_CODE, "how changes are recorded here"
    if purpose in ("look", "search", "vcs"):
        return GLANCE, "any agent does this anyway"
    if purpose == "other" and all(_PROGRAM_NAME.match(step.invocation.program) for step in shape.steps):
        return OTHER_PROGRAM, "a program of this project's own choice"
    return ONE_OFF, "a step of one task"


def _query_points(shape: CallShape, *, gave_answer: bool) -> tuple[float, str]:
    tables = sum(target.startswith("table:") for target in shape.targets)
    if _SCHEMA.search(shape.sql):
        return SHOWS_SCHEMA, "shows what tables and columns there are"
    if _ROWS.match(shape.sql):
        return SAMPLE, "shows what the rows look like"
    if gave_answer and tables > 1:
        return ANSWER, "the query that gave the answer, over several tables"
    return ONE_OFF, "a query on the way"


def _file_points(shape: CallShape, uses: int) -> tuple[float, str] | None:
    writes = shape.files_written()
    if not writes and _orients(shape):
        return ORIENTATION, "a file that says how things are done"
    if writes or uses < 2:
        return ONE_OFF, "a step of one task"
    return None


def _penalties(shape: CallShape, call: JudgedCall, facts: Facts) -> Iterable[tuple[float, str]]:
    result = call.result.text if call.result is not None else ""
    report = readable_result(result[:200_000]) if shape.purpose in CONVENTIONS else ""
    nothing = found_nothing(call) and shape.purpose not in ("build", "check")
    if (
        nothing
        or _REPEATED.search(result[:400])
        or _NOTHING_RUN.search(report)
        or (_SATISFIED in report and "Successfully" not in report)
    ):
        yield FOUND_NOTHING, "found nothing"
    if len(result) > LONG_RESULT and shape.purpose not in CONVENTIONS:
        yield LONG, "long result"
    if any(len(step.command.inline) > 200 for step in shape.steps):
        yield INLINE, "writes a file within the command"
    if len(shape.steps) > 1 and destroys(shape):
        yield DESTRUCTIVE, "throws work away besides"
    purposes = {step.purpose for step in shape.steps}
    if purposes & {"edit", "remove"} and shape.purpose not in ("edit", "remove"):
        yield COMPOUND, "edits files besides"
    if call.verdict.findings or (
        shape.purpose in (*CONVENTIONS, "run") and _FAILURES.search(readable_result(result[-20_000:]))
    ):
        yield REPORTED, "reported failures"
    if facts.scratch.needed_by(shape):
        yield SCRATCH, "rests on what was made for this task"
    elif any(facts.scratch.holds(path) for path in _places(shape)):
        yield ABOUT_SCRATCH, "about a file made for this task"


def call_evidence(index: int, call: JudgedCall, facts: Facts, tokens: int) -> Evidence:
    """Add up the evidence for keeping one call as an example.

    Args:
        index: index of the call among the session's calls.
        call: a call whose outcome is `ok`.
        facts: the session's facts.
        tokens: what the example would cost.

    Returns:
        The points and their reasons, the strongest first.
    """
    shape = facts.shapes[index]
    kind = _kind_points(shape, index, facts)
    found = [] if kind is None else [kind]
    uses = facts.uses.get(index, 1)
    # the logarithm keeps a loop over many files from outweighing everything
    if uses > 1:
        again = READ_AGAIN if _is_file_tool(shape) else USED_AGAIN
        found.append((min(USED_AGAIN_MOST, again * log2(uses)), f"worked and was used again ({uses}×)"))
    if tokens <= SHORT_TOKENS:
        found.append((SHORT, "short"))
    found += _penalties(shape, call, facts)
    found.sort(key=lambda item: -item[0])
    return Evidence(round(sum(points for points, _ in found), 3), tuple(reason for _, reason in found))


def destroys(shape: CallShape) -> bool:
    """Whether a part of a command line discards files or changes."""
    for _, invocation, purpose in shape.steps:
        if purpose == "remove":
            return True
        if invocation.program == "git" and invocation.subcommand in _THROWS_AWAY:
            files = "--" in invocation.rest or any("." in word for word in invocation.rest)
            if invocation.subcommand != "checkout" or files:
                return True
    return False


def recovery_evidence(recovery: FoundRecovery) -> Evidence:
    """Add up the evidence for keeping a recovery.

    `RECOVERY` + `RECOVERY_SURE` · strength + `RECOVERY_USED` · min(used after, `RECOVERY_USES`).
    """
    points = RECOVERY + RECOVERY_SURE * recovery.strength
    points += RECOVERY_USED * min(recovery.used_after, RECOVERY_USES)
    reasons = [
        f"fixed an error, used {recovery.used_after}× after" if recovery.used_after else "fixed an error"
    ]
    if len(recovery.failures) > 1:
        reasons.append(f"the failure came {len(recovery.failures)}×")
    if recovery.change.endswith("a retry"):
        points += RETRY
        reasons.append("nothing changed but the time")
    shape = shape_of(recovery.fixed.call.tool, recovery.fixed.call.arguments)
    if len(shape.steps) > 1 and destroys(shape):
        points += DESTRUCTIVE
        reasons.append("throws work away besides")
    return Evidence(round(points, 3), tuple(reasons))


def preference_evidence(preference: FoundPreference) -> Evidence:
    """Add up the evidence for keeping words of the person: what they stood against, and their form."""
    signs = sorted((PREFERENCE[sign] for sign in preference.signs), key=lambda pair: -pair[0])
    points = sum(points for points, _ in signs)
    reasons = [reason for _, reason in signs]
    if not preference.working and PREFERENCE_LASTING.isdisjoint(preference.signs):
        points += PREFERENCE_CUSTOMER
        reasons.append("perhaps a customer's words: no files or commands were used")
    return Evidence(points, tuple(reasons))


def patterns_evidence(messages: int, corrections: int) -> Evidence:
    """Add up the evidence for keeping the user patterns: how many words they are drawn from."""
    points = PATTERNS + PATTERNS_CORRECTION * min(3, corrections)
    if messages >= PATTERNS_MESSAGES:
        points += PATTERNS_WORDS
    reasons = [f"from {counted(messages, 'message')} of the person"]
    if corrections:
        reasons.append(counted(corrections, "correction"))
    return Evidence(points, tuple(reasons))


def is_bare(name: str) -> bool:
    """Whether a name says nothing about a project: a single word, or a framework's name.

    >>> [is_bare(name) for name in ("_print", "full_clean", "table_alias", "SubFigure")]
    [True, True, False, False]
    """
    bare = name.strip("_")
    humps = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+", bare)
    return len(humps) < 2 or bare in _FRAMEWORK_NAMES


def marker_evidence(marker: FoundMarker, scratch: ScratchFiles, *, by_hand: bool) -> Evidence:
    """Add up the evidence for keeping a marker: it recurred, in several turns.

    Args:
        marker: the marker.
        scratch: what the session made for itself; a marker that names it leads nowhere.
        by_hand: the person named it, which makes even a bare name worth knowing.
    """
    points = MARKER * log2(1 + marker.uses) * (1 + log2(max(1, marker.turns)))
    where = f" in {marker.turns} turns" if marker.turns > 1 else ""
    reasons = [f"used {marker.uses}×{where}"]
    # a path used a hundred times is no better than a recovery
    points = min(MARKER_MOST, points)
    if _names_scratch(marker, scratch):
        points += SCRATCH
        reasons.append("made for this task")
    if marker.kind == "identifier" and not by_hand and is_bare(marker.text):
        points += BARE_NAME
        reasons.append("a name that any project may have")
    return Evidence(round(points, 3), tuple(reasons))


def _names_scratch(marker: FoundMarker, scratch: ScratchFiles) -> bool:
    if marker.kind == "path":
        return scratch.holds(marker.text)
    if marker.kind == "command":
        line = orjson.dumps({"command": marker.text}).decode() if marker.text.isprintable() else "{}"
        return scratch.needed_by(shape_of("terminal", line))
    if marker.kind == "identifier":
        names = {name_of(path) for path in scratch.paths} | {
            table.rsplit(".", 1)[-1] for table in scratch.tables
        }
        return marker.text in names or marker.text.lower() in names
    return False
