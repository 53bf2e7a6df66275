"""A command line put right: the same words and more, or another program.

The rules prefer silence. An identical retry, a program that was mended in between and another job are work or
chance, and teach the next session nothing.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from warmtui.analysis.call_shape import CallShape
from warmtui.analysis.command_purpose import CONVENTIONS, EDITS, LOOKS, CommandStep, Purpose
from warmtui.analysis.patterns import word_set
from warmtui.analysis.recoveries.changes import (
    CLOSE_TEXT,
    MAX_COMPARED,
    MAX_SHOWN,
    SIMILAR_TEXT,
    Fix,
    arrow,
    command_change,
    joined,
    line_change,
    only_reads,
    run_as,
    short,
    similarity,
    token_change,
    value_change,
)
from warmtui.analysis.recoveries.failures import Attempt, Failure, Trial, any_written
from warmtui.analysis.results import found_nothing, readable_result
from warmtui.analysis.tools import command_line

_NO_PACKAGE = re.compile(r"-|\.\Z|[\w./-]*requirements[\w./-]*\.txt\Z")
"""Arguments of an install command that name no package: it installs the project's own list."""
_FILTERS = word_set("grep egrep fgrep rg sort uniq wc awk gawk cut sed jq tr xargs comm diff join column")
"""Programs that, after a pipe, shape what was asked for; `head` and `tail` only shorten it."""
_TELLING: frozenset[Purpose] = EDITS | {"test", "build", "check", "install", "run", "query"}
_TALK = word_set("cd echo printf export set true sleep source pushd popd")
"""Programs that only prepare or announce what a line does."""
_TEST_FILE = re.compile(r"(?:\A|/)(?:test_[\w.-]*|[\w.-]*[_.]tests?)\.\w{1,4}\Z")
_OBSTACLE = re.compile(
    r"\bGH\d{3}\b|protected|(?:not|isn't|n't) (?:be )?(?:allowed|permitted|supported|enabled)|prohibit|policy"
    r"|forbidden|already|must be (?:run|made|used|done)|refus|reject|disabled|deprecated"
    r"|read-only|no longer|instead|only (?:be|for|in|on|with)\b",
    re.IGNORECASE,
)
"""What stands in the way of a command, whatever its words."""
_NAME = re.compile(r"[A-Za-z_][\w-]{2,60}")
_SAYS_NOTHING = re.compile(r"(?:[\w ]{0,40}\bexit\w* (?:code|status|with)[\w :]{0,20})?\W*\Z", re.IGNORECASE)
"""An error line without a message: nothing tells that the right word was changed."""
_PATTERN_WORD = re.compile(r"no matches found: (\S{2,200})")
_UNKNOWN_WORD = re.compile(
    r"(?:unknown|invalid|unrecognized|unsupported|no such)\b[^\n\"'`]{0,40}"
    r"[\"'`]([A-Za-z][\w.-]{2,40})[\"'`]",
    re.IGNORECASE,
)
"""A word that a program says it does not know, in quotes."""
_SITE = re.compile(r"\w{1,10}://[^/\s?#]{1,200}(?=[/?#]|\Z)")
_NO_ADDRESS = re.compile(r"\b404\b|not found|\b410\b", re.IGNORECASE)
MOST_WORDS = 100
"""Words of a command that is compared; a longer one is a list of files or data."""
NEAR = 2
"""Calls between a failure and a fix whose words alone would not do."""
MOST_ADDED = 6
"""Words that a fix adds to a command at most; with more it is another one."""
OTHER_WAY = 4
"""Calls after a failure in which another way round an obstacle counts."""


def words_added(trial: Trial) -> Fix | None:
    """Pair a command with the same one run elsewhere, or with words added, dropped or one replaced."""
    failed, failure, later, between = trial
    if not failed.shape.steps or not later.shape.steps or trial.same_call:
        return None
    if failure.how not in ("failed", "findings") or failed.shape.purpose == "remove":
        return None
    if later.shape.purpose in LOOKS and found_nothing(later.call):
        return None
    if failure.kind == "timeout":
        return _longer_time(failed, later)
    if failure.how == "findings" and later.call.verdict.findings:
        return None
    if failure.kind == "module" and _wrote_module(failure, between):
        return None
    quoted = _quoted(failed, later, failure)
    if quoted is not None:
        return quoted
    mended = any_written(between)
    # with findings or something missing, only where it ran can have been wrong: other words run other tests
    whole = failure.how == "failed" and failure.kind not in ("command", "module") and not mended
    whole = whole and keeps_all_parts(failed.shape, later.shape)
    for step, other in _pairs_of_steps(failed.shape, later.shape, failure):
        # a here-document is content, not a command line that was typed wrong
        if step.command.inline or other.command.inline:
            continue
        strength = _ran_elsewhere(step, other, failure)
        if not strength and whole:
            strength = (
                _more(step, other, trial) or _less(step, other, failure) or _replaced(step, other, trial)
            )
        parts = command_change(step, other) if strength else []
        if parts:
            return Fix(joined(parts), strength)
    longer = _longer_line(failed, later) if whole else None
    return longer or _without_refused(failed, later, failure)


def _quoted(failed: Attempt, later: Attempt, failure: Failure) -> Fix | None:
    """Return the fix if a word that the shell took for a pattern is in quotes later."""
    word = _PATTERN_WORD.search(failure.text)
    if word is None or word[1] not in _line(failed.shape):
        return None
    line = _line(later.shape)
    is_quoted = any(f"{quote}{word[1]}" in line for quote in "'\"")
    return Fix(f"quoted {short(word[1], MAX_SHOWN)}", 0.85) if is_quoted else None


def _without_refused(failed: Attempt, later: Attempt, failure: Failure) -> Fix | None:
    """Return the fix if a word that a program does not know is gone from the same command."""
    refused = _UNKNOWN_WORD.search(failure.text)
    if refused is None:
        return None
    word = re.compile(rf"(?<![\w-]){re.escape(refused[1])}(?![\w-])")
    for step in failed.shape.steps:
        if not any(map(word.search, step.command.words[1:])):
            continue
        for other in later.shape.steps:
            same = other.command.words[:3] == step.command.words[:3]
            if same and not any(map(word.search, other.command.words[1:])):
                return Fix(f"without {refused[1]}", 0.8)
    return None


def _pairs_of_steps(
    before: CallShape, after: CallShape, failure: Failure
) -> Iterator[tuple[CommandStep, CommandStep]]:
    """Yield the commands of two lines that may be the same one, those that the failure names first."""
    # what a line is for, not what stands around it
    steps = [
        step
        for step in before.steps
        if (step.purpose in (before.purpose, "other") or step.command.program in failure.names)
        and step.command.program not in _TALK
        and not _is_filter(step)
    ]
    steps.sort(key=lambda step: -sum(failure.mentions(word) for word in step.command.words[1:]))
    for step in steps[:4]:
        for other in after.steps[:12]:
            same = posixpath.basename(step.invocation.program) == posixpath.basename(other.invocation.program)
            if same and max(len(step.command.words), len(other.command.words)) <= MOST_WORDS:
                yield step, other


def _same_word(word: str, other: str) -> bool:
    """Whether two words are equal, or the same path with and without the folder before it."""
    return word == other or (
        "/" in word + other and (word.endswith(f"/{other}") or other.endswith(f"/{word.removeprefix('./')}"))
    )


def _within(words: Sequence[str], others: Sequence[str]) -> bool:
    """Whether words stand among others in the same order."""
    rest = iter(others)
    return all(any(_same_word(word, other) for other in rest) for word in words)


def _arguments(step: CommandStep) -> tuple[str, ...]:
    invocation = step.invocation
    return (*((invocation.subcommand,) if invocation.subcommand else ()), *invocation.rest)


def _ran_elsewhere(step: CommandStep, other: CommandStep, failure: Failure) -> float:
    """Return how certain it is that a command ran in another environment, folder or by another program."""
    before, after = step.command, other.command
    moved = before.directory != after.directory
    if moved and before.directory and after.directory and failure.kind not in ("path", "usage"):
        # the same command for another part of the project is another job
        return 0.0
    same_place = not moved and run_as(step) == run_as(other) and set(after.assigned) <= set(before.assigned)
    old, new = _arguments(step), _arguments(other)
    if same_place or len(new) - len(old) > MOST_ADDED or not _within(old, new):
        return 0.0
    if step.invocation.code != other.invocation.code:
        return 0.0
    return 0.9 if len(old) == len(new) else 0.8


def _more(step: CommandStep, other: CommandStep, trial: Trial) -> float:
    """Return how certain it is that the words that a command gained were missing."""
    old, new = _arguments(step), _arguments(other)
    added = [word for word in new if word not in old]
    if not added or len(new) - len(old) > MOST_ADDED or not _within(old, new):
        return 0.0
    if any(trial.failure.mentions(word.partition("=")[0]) for word in added):
        return 0.85
    told = trial.failure.kind != "other" and step.purpose not in ("run", "look", "search", "other")
    return 0.6 if told and len(trial.between) <= NEAR else 0.0


def _less(step: CommandStep, other: CommandStep, failure: Failure) -> float:
    """Return how certain it is that the words that a command lost were refused."""
    old, new = _arguments(step), _arguments(other)
    dropped = [word for word in old if word not in new]
    if not dropped or not new or not _within(new, old) or step.invocation.subcommand in dropped:
        return 0.0
    refused = failure.kind == "usage" or any(failure.mentions(word) for word in dropped)
    return 0.85 if refused else 0.0


def _replaced(step: CommandStep, other: CommandStep, trial: Trial) -> float:
    """Return how certain it is that the one word of a command that changed was wrong."""
    failure = trial.failure
    old, new = _arguments(step), _arguments(other)
    matcher = SequenceMatcher(None, old[:80], new[:80], autojunk=False)
    changes = [code for code in matcher.get_opcodes() if code[0] != "equal"]
    gone = [word for _, i, j, _, _ in changes for word in old[i:j]]
    came = [word for _, _, _, k, m in changes for word in new[k:m]]
    if not gone or not came or len(changes) > 2 or len(gone) > 2 or len(came) > 4:
        return 0.0
    # with two changes, the message must name what was wrong
    if len(changes) > 1 and failure.kind != "usage":
        return 0.0
    if len(old) == len(gone) and step.purpose not in CONVENTIONS:
        return 0.0
    alike = similarity(" ".join(gone), " ".join(came))
    if step.purpose in LOOKS:
        return 0.7 if failure.kind == "usage" and alike >= CLOSE_TEXT else 0.0
    if failure.kind != "usage" and (step.purpose == "test" or step.invocation.subcommand in gone):
        # another test or another task is another job
        return 0.0
    names = set(_NAME.findall(" ".join(came))) ^ set(_NAME.findall(" ".join(gone)))
    if failure.kind == "usage" or any(map(failure.mentions, (*gone, *names))):
        return 0.8 if alike or step.purpose in CONVENTIONS else 0.6
    near = (
        len(trial.between) <= NEAR
        and not _SAYS_NOTHING.match(failure.line)
        and step.purpose in {*CONVENTIONS, "query", "vcs"}
    )
    return 0.6 if near and alike >= CLOSE_TEXT else 0.0


def _longer_line(failed: Attempt, later: Attempt) -> Fix | None:
    """Return the fix of a line that a longer one holds whole: something was done first."""
    line, other = _line(failed.shape), _line(later.shape)
    before, after = line[:MAX_COMPARED].split(), other[:MAX_COMPARED].split()
    added = len(after) - len(before)
    if not 0 < added <= 2 * MOST_ADDED or len(before) < 2 or not _within(before, after):
        return None
    if before[-1] != after[-1]:
        # what comes after a command does not set it right
        return None
    return Fix(joined(line_change(line, other)), 0.8)


def _longer_time(failed: Attempt, later: Attempt) -> Fix | None:
    """Pair a command that took too long with the same one narrowed, or with more time."""
    for step in failed.shape.steps:
        invocation = step.invocation
        for other in later.shape.steps:
            if other.invocation.action != invocation.action or step.purpose in (*LOOKS, *EDITS):
                continue
            # without a common argument it is another task
            shares_arguments = not set(invocation.rest).isdisjoint(other.invocation.rest)
            if invocation.rest and not invocation.module and not shares_arguments:
                continue
            parts = command_change(step, other)
            # the tool's own limit stands beside the command line
            parts += _limit_changes(failed.shape, later.shape)
            parts = parts or token_change(_line(failed.shape), _line(later.shape))
            return Fix(joined(parts), 0.8) if parts else None
    return None


def _limit_changes(before: CallShape, after: CallShape) -> list[str]:
    """Describe the arguments beside the command line that are new, or set a time limit."""
    values = before.values or {}
    keys = [key for key in after.values or {} if key not in values or key in ("timeout", "background")]
    return [change for change in value_change(before, after) if any(key in change for key in keys)]


def another_program(trial: Trial) -> Fix | None:
    """Pair a command with the other one that did its job: for a missing program, or round an obstacle."""
    failed, failure, later, between = trial
    if failure.how != "failed":
        return None
    if not failed.shape.steps or not later.shape.steps:
        return _other_address(trial)
    match failure.kind:
        case "command":
            return _missing_program(failed, later, failure, between)
        case "module":
            return _missing_module(failed, later, failure, between)
        case "permission" if trial.same_call:
            allowed = any(
                step.command.program in ("chmod", "chown") and failed.shape.files() & attempt.shape.files()
                for attempt in between
                for step in attempt.shape.steps
            )
            return Fix("after chmod", 0.8) if allowed else None
        case _:
            return _other_address(trial) or _round_obstacle(trial)


def _other_address(trial: Trial) -> Fix | None:
    """Pair an address that does not exist with the next that does on the same site."""
    if len(trial.between) >= OTHER_WAY or not _NO_ADDRESS.search(trial.failure.line):
        return None
    if found_nothing(trial.later.call):
        return None
    for gone in sorted(trial.failed.shape.targets_of("url")):
        site = _SITE.match(gone)
        for address in sorted(trial.later.shape.targets_of("url") - trial.failed.shape.targets_of("url")):
            if site is not None and address.startswith(site[0]):
                return Fix(arrow(gone, address, MAX_SHOWN), 0.6)
    return None


def _round_obstacle(trial: Trial) -> Fix | None:
    """Pair a command that was not allowed with one of the next that does something to the same object."""
    failed, failure, later, between = trial
    if len(between) >= OTHER_WAY or trial.same_call or not _OBSTACLE.search(failure.line):
        return None
    for step in failed.shape.steps:
        for other in later.shape.steps:
            if step.purpose in (*LOOKS, *EDITS) or other.purpose != step.purpose or only_reads(other):
                continue
            shared = {word for word in _arguments(step) if len(word) > 2 and not word.startswith("-")}
            if not shared & set(_arguments(other)) or _arguments(step) == _arguments(other):
                continue
            parts = [arrow(_told(step), _told(other))]
            return Fix(joined(parts), 0.65)
    return None


def _told(step: CommandStep) -> str:
    return " ".join((*step.command.wrappers, *step.command.words))


def installs(attempts: Sequence[Attempt]) -> Iterator[Attempt]:
    """Yield the calls that installed something."""
    for attempt in attempts:
        call, shape = attempt
        if call.verdict.outcome != "ok" or shape.purpose != "install":
            continue
        result = readable_result(call.result.text) if call.result else ""
        if "already satisfied" not in result or "Successfully installed" in result:
            yield attempt


def installed_between(names: frozenset[str], between: Sequence[Attempt]) -> str:
    """Describe what was installed between two calls, if it can have supplied one of the missing names.

    An install that found everything there already shows that the module was missing for another reason.
    """
    for _, shape in installs(between):
        words = " ".join(word for step in shape.steps for word in step.command.words).lower()
        supplied = next((name for name in sorted(names) if name.lower().split(".")[0] in words), None)
        if supplied is not None:
            return f"installed {supplied} first"
        if all(_NO_PACKAGE.match(word) for step in shape.steps for word in step.invocation.rest):
            return f"ran {run_as(shape.steps[-1])} first"
    return ""


def _runs_own_script(step: CommandStep, attempts: Sequence[Attempt]) -> bool:
    """Whether a command runs a file that one of these calls wrote."""
    path = posixpath.normpath(posixpath.join(step.command.directory, step.invocation.program))
    return any(path in attempt.shape.files_written() for attempt in attempts)


def _missing_program(
    failed: Attempt, later: Attempt, failure: Failure, between: Sequence[Attempt]
) -> Fix | None:
    """Return the fix if a later call ran the missing program: installed, found elsewhere, or replaced."""
    step = _step_running(failed.shape, failure.names)
    if step is None:
        return None
    if failed.shape.skeleton == later.shape.skeleton:
        # the same command works now, so something was installed in between, or chance helped
        installed = installed_between(failure.names, between)
        return Fix(installed, 0.9) if installed else None
    typed = run_as(step)
    close = [again for again in later.shape.steps if similarity(typed, run_as(again)) >= CLOSE_TEXT]
    other = close[0] if close else _other_for(step, later.shape)
    if other is None or (_still_uses(other, failure.names) and not _reached_otherwise(step, other, failure)):
        return None
    shared = failed.shape.subjects() & later.shape.subjects()
    # a script that the session wrote for itself is no way for the next one, nor is a test run as a script
    own_test = _TEST_FILE.search(other.invocation.program) is not None and not shared
    if own_test or _runs_own_script(other, [*between, later]):
        return None
    code, other_code = step.invocation.code, other.invocation.code
    if step.purpose == "test":
        strength = 0.9 if shared or not failed.shape.files() else 0.75
    elif close or shared or (code and other_code and similarity(code, other_code) >= SIMILAR_TEXT):
        strength = 0.8
    else:
        return None
    return Fix(joined(command_change(step, other, with_code=False)), strength)


def _other_for(step: CommandStep, shape: CallShape) -> CommandStep | None:
    """Return the command of a line that may do another one's job: a look or a run only on the same object."""
    if step.purpose in ("test", "build", "check", "install"):
        return shape.step_with_purpose(step.purpose)
    words = {word for word in _arguments(step) if not word.startswith("-")}
    return next(
        (
            other
            for other in shape.steps
            if other.purpose == step.purpose
            and (
                step.invocation.code
                or any(_same_word(word, own) for word in words for own in _arguments(other))
            )
        ),
        None,
    )


def _step_running(shape: CallShape, programs: frozenset[str]) -> CommandStep | None:
    """Return the first step of a command line that uses any of these programs."""
    for step in shape.steps:
        invocation = step.invocation
        names = {step.command.program, invocation.program, invocation.interpreter}
        if not programs.isdisjoint({*names, posixpath.basename(invocation.program)}):
            return step
    return None


def _still_uses(step: CommandStep, names: frozenset[str]) -> bool:
    program = step.invocation.program
    used = (step.command.program, program, posixpath.basename(program), step.invocation.interpreter)
    return not names.isdisjoint(used)


def _reached_otherwise(step: CommandStep, other: CommandStep, failure: Failure) -> bool:
    """Whether the missing name itself was found in another place or through another interpreter."""
    word = other.command.words[0]
    if (word != step.command.words[0] and "/" in word) or other.command.wrappers != step.command.wrappers:
        return True
    return failure.kind == "module" and run_as(step) != run_as(other)


def _missing_module(
    failed: Attempt, later: Attempt, failure: Failure, between: Sequence[Attempt]
) -> Fix | None:
    """Return the fix if a later call ran where the missing module could be found."""
    for step in failed.shape.steps:
        if step.invocation.module and step.invocation.program in failure.names:
            return _missing_program(failed, later, failure, between)
    if _wrote_module(failure, between):
        return None
    installed = installed_between(failure.names, between)
    shared = failed.shape.subjects() & later.shape.subjects()
    for step in failed.shape.steps:
        if step.purpose not in ("test", "run", "build", "check"):
            continue
        for other in later.shape.steps:
            same_aim = _same_command(step, other) or (shared and other.purpose == step.purpose)
            if same_aim and (installed or _runs_elsewhere(step, other)):
                return Fix(joined([installed, *command_change(step, other)]), 0.85)
    return None


def _wrote_module(failure: Failure, between: Sequence[Attempt]) -> bool:
    """Whether the session wrote the missing module itself: then it was not missing from the environment."""
    roots = {name.split(".")[0] for name in failure.names}
    written = [path for attempt in between for path in attempt.shape.files_written()]
    return any(part in roots for path in written for part in posixpath.splitext(path)[0].split("/"))


def _same_command(step: CommandStep, other: CommandStep) -> bool:
    code, other_code = step.invocation.code, other.invocation.code
    if code:
        return bool(other_code) and similarity(code, other_code) >= 0.7
    return step.invocation.action == other.invocation.action


def _runs_elsewhere(step: CommandStep, other: CommandStep) -> bool:
    """Whether the second command looks for modules in other places than the first."""
    code, other_code = step.invocation.code, other.invocation.code
    return (
        run_as(step) != run_as(other)
        or not set(other.command.assigned) <= set(step.command.assigned)
        or other.command.directory != step.command.directory
        or bool(code and "sys.path" in other_code and "sys.path" not in code)
    )


def _line(shape: CallShape) -> str:
    return command_line(shape.tool, shape.values or {})


def keeps_all_parts(before: CallShape, after: CallShape) -> bool:
    """Whether a command line still has the filters and telling purposes of an earlier one.

    A filter may be replaced (`cut` by `awk`); fewer filters ask for something else.
    """
    if not before.steps or not after.steps:
        return True
    return _purposes(before) <= _purposes(after) and _count_filters(before) <= _count_filters(after)


def _is_filter(step: CommandStep) -> bool:
    return step.command.piped and step.command.program in _FILTERS


def _count_filters(shape: CallShape) -> int:
    return sum(map(_is_filter, shape.steps))


def _purposes(shape: CallShape) -> set[Purpose]:
    return {step.purpose for step in shape.steps if not step.command.piped and step.purpose in _TELLING}
