"""The evidence for keeping a candidate: a sum of named points, each with a reason in plain words.

The points are this project's own. They follow what people kept who read whole sessions from end to end, with
every call labelled: what they kept must reach `BAR`, what any agent does anyway must stay below it. Chosen on
all repositories but one, the points for `USES` hold on that one too (86 % of its lessons; 88 % when chosen on
all).
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import log2
from typing import NamedTuple

import orjson

from warmtui.analysis.application_calls import cannot_be_taken_back, is_nested, telling_arguments
from warmtui.analysis.call_arguments import canonical
from warmtui.analysis.call_shape import CallShape, shape_of, shapes_in
from warmtui.analysis.call_use import CallUse, changes_service, family_of, shows_schema, telling_steps, use_of
from warmtui.analysis.command_purpose import CONVENTIONS
from warmtui.analysis.dead_ends import MIN_FAILURES, FoundDeadEnd
from warmtui.analysis.known_noise import FoundNoise, NoiseSign
from warmtui.analysis.markers import FoundMarker
from warmtui.analysis.preferences import FoundPreference, PreferenceSign
from warmtui.analysis.recoveries import FoundRecovery
from warmtui.analysis.results import found_nothing, gave_no_rows, readable_result
from warmtui.analysis.scratch_files import ScratchFiles, find_scratch_files, name_of
from warmtui.analysis.tools import group_of
from warmtui.curation.detect.values import words
from warmtui.model.outcome import JudgedCall
from warmtui.model.session import Session
from warmtui.model.template import MarkerKind
from warmtui.text import counted


class Facts(NamedTuple):
    """What the whole session says about its calls."""

    shapes: tuple[CallShape, ...]
    call_uses: tuple[CallUse, ...]
    """What each call is for."""
    uses: Mapping[int, int]
    """For each successful call: how often it, or its family, succeeded."""
    successes: Mapping[str, int]
    """How many calls of each tool succeeded."""
    scratch: ScratchFiles
    """What the session made for itself."""
    answers: frozenset[int]
    """The last query of each turn, if it returned rows: no other attempt followed it."""
    new_references: frozenset[int]
    """Calls with a short result that is the first to give an address: they made something."""
    clean: frozenset[str]
    """Programs of runs that reported no failures, and the families of these runs."""
    asked_for: frozenset[int]
    """The first telling call that succeeded after each short request."""
    after_edit: frozenset[int]
    """Calls after an edit in the same turn."""

    @property
    def by_application(self) -> bool:
        """Whether most calls are of tools of an application or of tool servers."""
        return 2 * self.call_uses.count("tool") > len(self.call_uses)


def facts_of(
    session: Session, calls: Sequence[JudgedCall], shapes: Sequence[CallShape] | None = None
) -> Facts:
    """Gather what the session says about its calls as a whole.

    Args:
        session: the session, for its working directory and the requests.
        calls: its judged calls, in order.
        shapes: the result of `shapes_of` for them, when the caller has it.
    """
    cwd = session.header.cwd or ""
    shapes = shapes_in(cwd, calls, shapes)
    call_uses = tuple(map(use_of, shapes))
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
        by_family = call_uses[index] in _BY_FAMILY or _is_nested_call(shape)
        groups.setdefault(family_of(shape) if by_family else exact, []).append(index)
        # a call repeated at once is an agent in a loop, not one that returns to what worked
        looping.update({index} if (call.turn, exact) == previous else ())
        previous = (call.turn, exact)
    uses = {index: len(set(group) - looping) for group in groups.values() for index in group}
    return Facts(
        shapes,
        call_uses,
        uses,
        Counter(call.call.tool for call in calls if call.verdict.outcome == "ok"),
        find_scratch_files(calls, shapes, cwd),
        frozenset(
            index
            for index in queries.values()
            if calls[index].verdict.outcome == "ok" and not gave_no_rows(calls[index])
        ),
        frozenset(_new_references(session, calls)),
        frozenset(_clean_runs(calls, shapes, call_uses)),
        frozenset(_asked_for(session, calls, call_uses)),
        frozenset(_after_edit(calls, shapes)),
    )


def _is_nested_call(shape: CallShape) -> bool:
    plain = not (shape.steps or shape.sql or shape.code)
    return plain and is_nested(shape.values or {})


_BY_FAMILY: frozenset[CallUse] = frozenset({"runner", "record", "install"})
"""Uses that other arguments repeat: another test file is the same way to run tests."""


def _new_references(session: Session, calls: Sequence[JudgedCall]) -> Iterator[int]:
    by_result = {call.result_index: index for index, call in enumerate(calls) if call.result is not None}
    seen: set[str] = set()
    for position, message in enumerate(session.messages):
        for call in message.calls:
            seen.update(_address_ends(call.arguments))
        found = _address_ends(message.text)
        index = by_result.get(position)
        if index is not None and len(message.text) <= _SHORT_RESULT:
            arguments = calls[index].call.arguments
            if any(end not in arguments for end in found - seen):
                yield index
        seen |= found


def _address_ends(text: str) -> set[str]:
    """Return the last part of each address in a text: the number of an issue, the name of a page."""
    if "://" not in text:
        return set()
    return {found.rstrip("/.,").rsplit("/", 1)[-1] for found in _ADDRESS.findall(text[:_SEARCHED])}


def _clean_runs(
    calls: Sequence[JudgedCall], shapes: Sequence[CallShape], call_uses: Sequence[CallUse]
) -> Iterator[str]:
    for call, shape, use in zip(calls, shapes, call_uses, strict=True):
        if use == "runner" and call.verdict.outcome == "ok" and not reports_failures(call):
            yield from (step.invocation.program for step in telling_steps(shape))
            yield family_of(shape)


def reports_failures(call: JudgedCall) -> bool:
    """Whether a run that worked reported failures: red tests, findings of a linter."""
    if call.verdict.findings:
        return True
    text = call.result.text if call.result is not None else ""
    return _FAILURES.search(readable_result(text[-20_000:])) is not None


def _asked_for(session: Session, calls: Sequence[JudgedCall], call_uses: Sequence[CallUse]) -> Iterator[int]:
    requests = [message.text for message in session.messages if message.origin == "person"]
    seen: set[int] = set()
    for index, (call, use) in enumerate(zip(calls, call_uses, strict=True)):
        if call.turn in seen or call.turn < 0 or call.verdict.outcome != "ok" or use not in (*_RUNS, "tool"):
            continue
        seen.add(call.turn)
        if len(requests[call.turn]) <= SHORT_REQUEST:
            yield index


def _after_edit(calls: Sequence[JudgedCall], shapes: Sequence[CallShape]) -> Iterator[int]:
    edited = -1
    for index, (call, shape) in enumerate(zip(calls, shapes, strict=True)):
        if call.turn == edited:
            yield index
        if call.verdict.outcome == "ok" and (shape.purpose == "edit" or group_of(shape.tool) == "edit"):
            edited = call.turn


MAX_ARGUMENTS = 4_000
"""Above this many characters of arguments, a call is no example: it would take half of the default budget."""
BAR = 2.0
"""From this much evidence on, a candidate is worth keeping by default."""

USES: Mapping[CallUse, tuple[float, str]] = {
    "runner": (3.0, "how the project is run here"),
    "tool": (2.5, "a tool that this project chose"),
    "service": (2.25, "how a service is asked or changed here"),
    "record": (2.0, "how changes are recorded here"),
    "program": (1.0, "a program that this project chose"),
    "install": (2.0, "how things are installed here"),
    "query": (0.5, "a query on the way"),
    "sql": (-1.0, "a query on the way"),
    "code": (0.0, "a probe of one moment"),
    "file": (-2.0, "a step of one task"),
    "look": (-2.0, "any agent does this anyway"),
    "agent": (-2.0, "says nothing about the project"),
}
"""What a call is for. In sessions read from end to end, people kept 80 % of the runs by the project's own
runner, 64 % of the calls of tool servers, 56 % of those of services, 29 % of what writes history, 20 % of the
project's programs, 3 % of other commands and hardly a read, search or edit."""

APPLICATION = 1.5
"""A tool that the agent's application gives it, not a tool server that somebody set up for the project."""
ITS_TOOLS = 2.0
"""The same in a session whose calls are mostly of such tools: they are what its work is done with."""
ONE_RECORD = 0.0
"""It only says which record is meant: a customer's own number, or nothing at all."""
TELLING = 2
"""So many other arguments show how such a tool is called, or one that is a list or an object."""
SHOWS_SCHEMA = 2.0
"""It shows which tables and columns exist."""
ANSWER = 2.0
"""The last query of a turn, if it returned rows from two tables or more: it shows how they are joined."""
SAMPLE = 2.0
"""A query that shows what the rows of a table look like."""
SET_UP = 2.0
"""It runs code with the path or environment set up as the project needs it."""
USED_AGAIN = 0.6
"""Factor of log2(successful uses); the product is at most `USED_AGAIN_MOST`."""
USED_AGAIN_MOST = 2.0
ONLY_SUCCESS = 1.0
"""The only success of a tool that takes `MANY_ARGUMENTS` or more: nothing else shows how it is called."""
MANY_ARGUMENTS = 3
CHANGES = 0.75
"""A service is told to do something, not only asked."""
NEW_REFERENCE = 1.0
"""Its short result gives an address that the call does not name: it made something."""
ASKED_FOR = 0.75
"""The first telling call after a short request, such as "make a pr"."""
SHORT_REQUEST = 200
"""Characters of such a request."""
AFTER_EDIT = 0.5
"""A command after an edit in the same turn: 32 % of those were kept, 10 % of the others."""

FOUND_NOTHING = -2.0
COMPOUND = -0.75
"""The command line also edits or removes files."""
INLINE = -2.0
"""It writes a file within the command line."""
FINAL = -6.0
"""It moves money or ends a record of the application: nobody wants that imitated."""
CALL_FORM = 2.5
"""A line with the form of such a call, where its arguments are nested."""
RECORDS_FORM = 2.0
"""A line with the forms of the numbers by which records are looked up: of two tools, or with a sign."""
RECORD_FORM = 1.0
"""The same for one tool: better than nothing."""
HANDED_IN = 2.0
"""A line with the last call, which shows the changes to whoever asked for them."""
DESTRUCTIVE = -6.0
"""The command line also discards work: `git stash`, `git checkout -- x`, `rm`. It outweighs everything in a
call's favour, because nobody wants that repeated."""
SCRATCH = -6.0
"""It runs a file that this session made for itself, or concerns only such files and tables."""
MOSTLY_LOOKS = -1.0
"""Most commands of the line only look: it serves to find one's way."""
ABOUT_SCRATCH = -1.0
"""It concerns such a file among others."""
REPORTED = -0.75
"""A run that reported failures shows the command, but a run without failures shows it better."""
WRONG_WAY = -3.0
"""It reported failures and the same program, run in another way, did not."""
LOWERED = -3.0
"""There is a better call of the same family. It counts once, however many there are."""

RECOVERY = 3.0
RECOVERY_SURE = 1.5
"""Factor of the pair's strength (0..1)."""
RECOVERY_USED = 0.4
"""For each later use of the fixed shape, at most `RECOVERY_USES` of them."""
RECOVERY_USES = 5

PREFERENCE: Mapping[PreferenceSign, tuple[float, str]] = {
    "refused": (4.0, "said when a call was refused"),
    "language": (3.0, "the person's language, in which the agent answers"),
    "form": (3.0, "answers of another form were refused again and again"),
    "rule": (2.0, "put as a rule"),
    "handover": (2.0, "says what to do with the work, and the agent did it"),
    "stopped": (1.5, "said when the agent was stopped"),
    "answered": (1.5, "answers a question of the agent"),
    "conceded": (1.25, "the agent agreed with it"),
    "undone": (1.5, "the agent then took back its work"),
    "repeated": (1.5, "said more than once"),
    "first": (1.5, "says what to do before the work"),
    "changed": (1.0, "the agent then changed what it had written"),
    "wish": (1.0, "says how it should be"),
    "doubt": (1.5, "doubts the agent's way"),
    "correction": (1.5, "says that the agent's way was not what was meant"),
    "check": (1.0, "asks for a check"),
    "habit": (1.0, "asks for checks again and again"),
    "emphasis": (0.5, "with an exclamation mark"),
    "later": (0.5, "said after the first request"),
    "report": (-1.0, "says that something does not work"),
}
"""Points of what speaks for a preference. A form of words alone stays below `BAR`; a rule after the first
request, or any two signs of its being meant for longer, reach it."""
PREFERENCE_CUSTOMER = -2.5
"""The agent had an application's tools only: what a customer wants is about their own case."""
PREFERENCE_LASTING = frozenset({"refused", "language", "form"})
"""Signs that outweigh that."""

KNOWN_NOISE: Mapping[NoiseSign, tuple[float, str]] = {
    "before_and_after": (3.5, "failed before anything was changed, and after it"),
    "said": (2.5, "the agent found that it failed before"),
    "every_result": (2.0, "the same warning with many commands"),
}
"""Points of known noise: seen to fail without the change, told so by the agent, or merely printed often."""

DEAD_END = 2.0
"""Something failed twice with the same message and never worked."""
DEAD_END_AGAIN = 0.5
"""For each further time, at most `DEAD_END_TIMES` of them."""
DEAD_END_TIMES = 3

PATTERNS = 1.0
PATTERNS_WORDS = 1.0
"""Added from `PATTERNS_MESSAGES` messages of the person on: fewer show no habit."""
PATTERNS_MESSAGES = 5
PATTERNS_CORRECTION = 0.5
"""For each of the person's corrections, at most three."""
PATTERNS_CUSTOMER = -2.0
"""The next person that an application serves is another one."""
FILLS_IN = 1.0
"""From this much evidence on, a candidate below the bar may be taken where nothing else is."""

MARKER = 0.9
"""Factor of x = log2(1 + uses) · (1 + log2(turns)); the points are `MARKER_MOST` · x / (x + `MARKER_MOST` -
`BAR`): they reach the bar at x = 2, grow ever more slowly, and no marker outweighs a recovery."""
MARKER_MOST = 3.5
NAME = -2.0
"""A name in the code: a search finds it as quickly."""
EVERYWHERE = -2.0
"""A file that every project has at its root: any agent looks there first."""
ONE_TASK = -2.0
"""A test file, an issue, a merge request: it belongs to one task."""

NEVER = words(
    """
    think calculate sequentialthinking wait sleep finish submit transfer_to_human_agents delegate_task
    process text_to_speech Task ExitPlanMode
    """
)
"""Tools whose calls teach nothing about a project: thinking, arithmetic, waiting, delegating."""

_ROWS = re.compile(r"\A\s*select\s+\*\s+from\s+[\w.`\"]{1,80}\s+limit\s+\d{1,3}\s*;?\s*\Z", re.IGNORECASE)
_REPEATED = re.compile(r'\A\[Duplicate tool output|"status":\s*"unchanged"|unchanged since last read')
_NOTHING_RUN = re.compile(
    r"no tests ran|collected 0 items|Ran 0 tests|Found 0 test|"
    r"0 tests? (?:run|passed)\b"
)
_SATISFIED = "already satisfied"
_FAILURES = re.compile(
    r"\b[1-9]\d{0,6} (?:failed|failures?|errors?|exceptions?|problems?)\b|"
    r"\b(?:failed|failures|errors|exceptions)\s?[:=]\s?[1-9]|"
    r"DO \*?NOT\*? COMMIT|Traceback \(most recent call last\)",
    re.IGNORECASE,
)
"""What runners print when something failed in a run that exited with 0."""
_THROWS_AWAY = frozenset({"checkout", "reset", "stash", "restore", "clean"})
"""Subcommands of git that discard or set aside changes; `checkout` only with files."""


class Evidence(NamedTuple):
    """The points of one candidate, and why."""

    points: float
    reasons: tuple[str, ...]


def _places(shape: CallShape) -> Iterable[str]:
    """Return the files of a call, and for a shell call also the words that may be folders."""
    names = (target for target in shape.targets if shape.steps and target.startswith("name:"))
    return shape.files() | {name.removeprefix("name:") for name in names}


def _use_points(shape: CallShape, index: int, facts: Facts) -> tuple[float, str]:
    """Return the points for what a call is for."""
    use = facts.call_uses[index]
    if use == "tool" and group_of(shape.tool) != "mcp":
        telling = telling_arguments(shape.values or {})
        if not telling and not _is_nested_call(shape):
            return ONE_RECORD, "says only which record is meant"
        shows_form = telling >= TELLING or _is_nested_call(shape)
        return ITS_TOOLS if facts.by_application and shows_form else APPLICATION, "a tool of the application"
    if use == "sql" and (points := _query_points(shape, gave_answer=index in facts.answers)):
        return points
    if use == "query" and shows_schema(shape):
        return SHOWS_SCHEMA, "shows what tables and columns there are"
    if use in ("code", "program") and _sets_up(shape):
        return SET_UP, "sets up what this project's code needs to run"
    return USES[use]


def _sets_up(shape: CallShape) -> bool:
    """Whether a call prepares the path or environment for code that is not the standard library."""
    modules = {target[7:].split(".")[0] for target in shape.targets if target.startswith("module:")}
    if not (modules - sys.stdlib_module_names or shape.files()):
        return False
    return "sys.path" in shape.code or any(step.command.assigned for step in shape.steps)


def _query_points(shape: CallShape, *, gave_answer: bool) -> tuple[float, str] | None:
    tables = sum(target.startswith("table:") for target in shape.targets)
    if shows_schema(shape):
        return SHOWS_SCHEMA, "shows what tables and columns there are"
    if _ROWS.match(shape.sql):
        return SAMPLE, "shows what the rows look like"
    if gave_answer and tables > 1:
        return ANSWER, "the query that gave the answer, over several tables"
    return None


def _bonuses(shape: CallShape, index: int, call: JudgedCall, facts: Facts) -> Iterable[tuple[float, str]]:
    use = facts.call_uses[index]
    uses = facts.uses.get(index, 1)
    # the logarithm keeps a loop over many files from outweighing everything; a service asked again is a wait
    if uses > 1 and use not in ("service", "file", "look", "agent"):
        yield min(USED_AGAIN_MOST, USED_AGAIN * log2(uses)), f"worked and was used again ({uses}×)"
    if use == "tool" and len(shape.values or ()) >= MANY_ARGUMENTS and facts.successes[shape.tool] == 1:
        yield ONLY_SUCCESS, "the only call that shows its arguments"
    if use == "service" and changes_service(shape):
        yield CHANGES, "makes or changes something there"
    if use in _MAKES and index in facts.new_references:
        yield NEW_REFERENCE, "its result holds a new address"
    # a customer asks for each call of such a tool
    if index in facts.asked_for and (use != "tool" or group_of(shape.tool) == "mcp"):
        yield ASKED_FOR, "what the person asked for"
    if index in facts.after_edit and use in _RUNS:
        yield AFTER_EDIT, "done after an edit"


_MAKES: frozenset[CallUse] = frozenset({"tool", "service", "record", "program"})
_RUN_CODE: frozenset[CallUse] = frozenset({"runner", "install", "program", "code"})
_RUNS: frozenset[CallUse] = frozenset({"runner", "service", "record", "program", "install"})
"""Uses of a command that does something."""
_ADDRESS = re.compile(r"https?://[^\s\"'<>)\]}]{8,300}")
_SHORT_RESULT = 1_000
_SEARCHED = 20_000
"""Characters of a text that are searched for addresses."""


def _penalties(shape: CallShape, index: int, call: JudgedCall, facts: Facts) -> Iterable[tuple[float, str]]:
    result = call.result.text if call.result is not None else ""
    report = readable_result(result[:200_000]) if shape.purpose in CONVENTIONS else ""
    # a call that writes has nothing to say when it worked
    nothing = found_nothing(call) and facts.call_uses[index] not in (*_RUNS, "file")
    if (
        nothing
        or _REPEATED.search(result[:400])
        or _NOTHING_RUN.search(report)
        or (_SATISFIED in report and "Successfully" not in report)
    ):
        yield FOUND_NOTHING, "found nothing"
    apart = [step for step in shape.steps if not step.command.piped]
    if len(apart) > 2 and 4 * len(telling_steps(shape)) <= len(apart) and facts.call_uses[index] == "service":
        yield MOSTLY_LOOKS, "most of the command only looks at things"
    # what a service is sent is no file
    others = shape.steps if facts.call_uses[index] not in ("service", "record") else ()
    if any(len(step.command.inline) > 200 for step in others):
        yield INLINE, "writes a file within the command"
    if facts.call_uses[index] == "tool" and cannot_be_taken_back(shape.tool, shape.values or {}):
        yield FINAL, "cannot be taken back"
    if len(shape.steps) > 1 and destroys(shape):
        yield DESTRUCTIVE, "also throws work away"
    purposes = {step.purpose for step in shape.steps}
    if purposes & {"edit", "remove"} and shape.purpose not in ("edit", "remove"):
        yield COMPOUND, "also edits files"
    if call.verdict.findings or (facts.call_uses[index] in _RUN_CODE and reports_failures(call)):
        yield REPORTED, "reported failures"
        programs = {step.invocation.program for step in telling_steps(shape)}
        if programs & facts.clean and family_of(shape) not in facts.clean:
            yield WRONG_WAY, "worked when run in another way"
    if facts.scratch.needed_by(shape):
        yield SCRATCH, "rests on what was made for this task"
    elif any(facts.scratch.holds(path) for path in _places(shape)):
        yield ABOUT_SCRATCH, "about a file made for this task"


def call_evidence(index: int, call: JudgedCall, facts: Facts) -> Evidence:
    """Add up the evidence for keeping one call as an example.

    Args:
        index: index of the call among the session's calls.
        call: a call whose outcome is `ok`.
        facts: the session's facts.

    Returns:
        The points and their reasons, the strongest first.
    """
    shape = facts.shapes[index]
    found = [_use_points(shape, index, facts), *_bonuses(shape, index, call, facts)]
    found += _penalties(shape, index, call, facts)
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
    way = f" by {recovery.way}" if recovery.way else ""
    reasons = [f"fixed an error{way} ({recovery.sureness})"]
    if recovery.used_after:
        reasons.append(f"used {recovery.used_after}× afterwards")
    if len(recovery.failures) > 1:
        reasons.append(f"the failure occurred {len(recovery.failures)}×")
    shape = shape_of(recovery.fixed.call.tool, recovery.fixed.call.arguments)
    if len(shape.steps) > 1 and destroys(shape):
        points += DESTRUCTIVE
        reasons.append("also throws work away")
    return Evidence(round(points, 3), tuple(reasons))


def preference_evidence(preference: FoundPreference) -> Evidence:
    """Add up the evidence for keeping words of the person: what they stood against, and their form."""
    signs = sorted((PREFERENCE[sign] for sign in preference.signs), key=lambda pair: -pair[0])
    points = sum(points for points, _ in signs)
    reasons = [reason for _, reason in signs]
    if preference.customer and PREFERENCE_LASTING.isdisjoint(preference.signs):
        points += PREFERENCE_CUSTOMER
        reasons.append("perhaps a customer's words: the agent had an application's tools only")
    return Evidence(points, tuple(reasons))


def noise_evidence(noise: FoundNoise) -> Evidence:
    """Return the evidence for keeping known noise, by what shows that it was there before."""
    points, reason = KNOWN_NOISE[noise.sign]
    return Evidence(points, (reason, f"seen in {counted(len(noise.calls), 'result')}"))


def dead_end_evidence(dead_end: FoundDeadEnd) -> Evidence:
    """Return the evidence for keeping a dead end: how often it was met."""
    times = len(dead_end.calls)
    points = DEAD_END + DEAD_END_AGAIN * min(times - MIN_FAILURES, DEAD_END_TIMES)
    return Evidence(points, (f"failed {times}× with the same message and never worked",))


def patterns_evidence(messages: int, corrections: int, *, customer: bool = False) -> Evidence:
    """Add up the evidence for keeping the user patterns: how many words they are drawn from.

    Args:
        messages: how many messages of the person there are.
        corrections: how many of them correct the agent.
        customer: whether the person may be a customer, see `serves_customers`.
    """
    points = PATTERNS + PATTERNS_CORRECTION * min(3, corrections)
    if messages >= PATTERNS_MESSAGES:
        points += PATTERNS_WORDS
    reasons = [f"from {counted(messages, 'message')} of the person"]
    if corrections:
        reasons.append(counted(corrections, "correction"))
    if customer:
        points += PATTERNS_CUSTOMER
        reasons.append("perhaps a customer, who will not come back")
    return Evidence(points, tuple(reasons))


def marker_evidence(marker: FoundMarker, scratch: ScratchFiles) -> Evidence:
    """Add up the evidence for keeping a marker: it recurred, in several turns.

    Args:
        marker: the marker.
        scratch: what the session made for itself; a marker that names it leads nowhere.
    """
    x = MARKER * log2(1 + marker.uses) * (1 + log2(max(1, marker.turns)))
    where = f" in {marker.turns} turns" if marker.turns > 1 else ""
    reasons = [f"used {marker.uses}×{where}"]
    points = MARKER_MOST * x / (x + MARKER_MOST - BAR)
    if _names_scratch(marker, scratch):
        points += SCRATCH
        reasons.append("made for this task")
    if marker.kind == "identifier":
        points += NAME
        reasons.append("a name that a search finds")
    if marker.kind == "path" and _EVERYWHERE.match(marker.text):
        points += EVERYWHERE
        reasons.append("every project has one")
    if _ONE_TASK[marker.kind].search(marker.text):
        points += ONE_TASK
        reasons.append("of one task")
    return Evidence(round(points, 3), tuple(reasons))


_EVERYWHERE = re.compile(
    r"(?:README|CHANGELOG|CHANGES|HISTORY|LICENSE|CLAUDE|AGENTS|GEMINI|pyproject|setup|package|package-lock|"
    r"Cargo|go|pom|tsconfig|requirements|Makefile|Dockerfile)(?:\.[a-z-]{1,6})?\Z"
)
_NEVER = re.compile(r"(?!)")
_ONE_TASK: Mapping[MarkerKind, re.Pattern[str]] = {
    "path": re.compile(r"(?:\A|/)(?:test_[^/]*|[^/]*[._-](?:test|tests|spec)\.\w{1,5})\Z"),
    "url": re.compile(r"/(?:\d+|[A-Z]{2,10}-\d+)(?:/|#|\Z)"),
    "command": _NEVER,
    "identifier": _NEVER,
}


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


def can_be_example(call: JudgedCall, shape: CallShape) -> bool:
    """Whether a call worked, and shows something that fits into a template."""
    return (
        not call.housekeeping
        and call.verdict.outcome == "ok"
        and call.result is not None
        and call.call.tool not in NEVER
        and shape.values is not None
        and len(call.call.arguments) <= MAX_ARGUMENTS
    )
