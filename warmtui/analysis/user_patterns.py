"""User patterns: how a person asks, answers and corrects, and what they work with."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Literal, NamedTuple

from warmtui.analysis.call_shape import CallShape, shapes_of
from warmtui.analysis.text_references import language_of, lasting_path
from warmtui.analysis.tools import TASK_TYPES, task_type_of
from warmtui.model.outcome import JudgedCall
from warmtui.model.profile import PatternsRecord
from warmtui.model.session import Session
from warmtui.model.template import FeedbackStyle, RequestStyle, UserPatterns

FIRST_MESSAGES = 10
"""Messages of the person that the prototypes read."""
COMMANDS_ABOVE = 0.3
"""Above this share of messages that begin with `/`, a person is command-driven (prototypes)."""
QUESTIONS_ABOVE = 0.5
"""Above this share of messages that contain a `?`, a person is conversational (prototypes)."""
TERSE_BELOW = 50
"""Below this average of characters, a person is terse (prototypes)."""
DETAILED_ABOVE = 200
"""Above this average of characters, a person is detailed (prototypes)."""
CORRECTIONS_ABOVE = 0.5
"""Above this share of answers that begin with a correction, feedback is corrections only."""
MAX_DOMAINS = 5
MAX_TOOLS = 5
"""Most preferred tools: a longer list would express no preference."""
MAX_CORRECTIONS = 5
"""Nobody would read more, and each is sent with every request."""
CORRECTION_CHARACTERS = 200
"""Most characters of a person's words; longer ones are shortened."""

# thanks and doubts are not corrections, even if they begin with such a word
_CORRECTING = re.compile(
    r"\W*(?:(?:no|nope|not|wrong|incorrect|instead|actually|stop|undo|revert|don['’]?t|do not)\b"
    r"|(?:that|this|it)(?:['’]?s| is| was) (?:not|wrong|incorrect)\b"
    r"|(?:that|this|it) (?:isn|wasn)['’]?t\b)",
    re.IGNORECASE,
)
_NOT_CORRECTING = re.compile(
    r"\W*(?:no,? (?:problem|worries|thanks|thank you|rush|hurry)|not (?:bad|sure|yet))\b", re.IGNORECASE
)


def request_style(texts: Sequence[str]) -> RequestStyle:
    """Return how a person asks, by their messages; `balanced` without any."""
    if not texts:
        return "balanced"
    if sum(text.lstrip().startswith("/") for text in texts) / len(texts) > COMMANDS_ABOVE:
        return "command_driven"
    if sum("?" in text for text in texts) / len(texts) > QUESTIONS_ABOVE:
        return "conversational"
    return _by_length(texts)


def feedback_style(texts: Sequence[str]) -> FeedbackStyle:
    """Return how a person answers, by all their messages in order; `balanced` without an answer."""
    # the first message is a request
    answers = texts[1:]
    if not answers:
        return "balanced"
    if sum(map(is_correction, answers)) / len(answers) > CORRECTIONS_ABOVE:
        return "corrections_only"
    return _by_length(answers)


def _by_length(texts: Sequence[str]) -> Literal["terse", "detailed", "balanced"]:
    average = sum(map(len, texts)) / len(texts)
    if average < TERSE_BELOW:
        return "terse"
    return "detailed" if average > DETAILED_ABOVE else "balanced"


def is_correction(text: str) -> bool:
    """Whether a message starts with a correction: no, not, wrong, instead, actually, stop, undo and so on."""
    return _CORRECTING.match(text) is not None and _NOT_CORRECTING.match(text) is None


def find_patterns(
    session: Session, calls: Sequence[JudgedCall], shapes: Sequence[CallShape] | None = None
) -> PatternsRecord:
    """Find how the person of a session asks, answers and corrects, and what they work with.

    Only messages that the person wrote count, not the agent's own prompts and summaries. Domains are the task
    types of the calls (without `general`, which says nothing) and the languages of their files, most calls
    first. Preferred tools are the most used ones of which a call worked. Housekeeping calls do not count.

    Args:
        session: the session.
        calls: its judged calls, in order.
        shapes: the result of `shapes_of(calls)`, if the caller has it already.
    """
    texts = [message.text for message in session.messages if message.origin == "person"]
    if not texts:
        return PatternsRecord(messages=0, first_ten=None, all=None)
    shapes = shapes_of(calls) if shapes is None else shapes
    counted = [
        _Touched(call, shape.files())
        for call, shape in zip(calls, shapes, strict=True)
        if not call.housekeeping
    ]
    everything = _patterns(texts, counted)
    if len(texts) <= FIRST_MESSAGES:
        return PatternsRecord(messages=len(texts), first_ten=everything, all=everything)
    early = [touched for touched in counted if touched.call.turn < FIRST_MESSAGES]
    first_ten = _patterns(texts[:FIRST_MESSAGES], early)
    return PatternsRecord(messages=len(texts), first_ten=first_ten, all=everything)


class _Touched(NamedTuple):
    """A call with the files it is about."""

    call: JudgedCall
    files: frozenset[str]


def _patterns(texts: Sequence[str], calls: Sequence[_Touched]) -> UserPatterns:
    # a tool whose every call failed is no preference
    worked = {call.call.tool for call, _ in calls if call.verdict.outcome != "error"}
    tools = Counter(call.call.tool for call, _ in calls if call.call.tool in worked)
    return UserPatterns(
        request_style=request_style(texts),
        feedback_style=feedback_style(texts),
        domains=_domains(calls),
        # ties keep the order of first use
        preferred_tools=tuple(tool for tool, _ in tools.most_common(MAX_TOOLS)),
        corrections=_corrections(texts[1:]),
    )


def _domains(calls: Sequence[_Touched]) -> tuple[str, ...]:
    found: Counter[str] = Counter(dict.fromkeys(TASK_TYPES, 0))
    for call, files in calls:
        found[task_type_of(call.call.tool)] += 1
        lasting = filter(None, map(lasting_path, files))
        found.update(sorted({language for path in lasting if (language := language_of(path))}))
    # that a tool is of no known type says nothing about the person
    del found["general"]
    return tuple(domain for domain, uses in found.most_common(MAX_DOMAINS) if uses)


def _corrections(answers: Sequence[str]) -> tuple[str, ...]:
    """Return the person's corrections, each once, in order; a lone "no" teaches nothing."""
    found: dict[str, None] = {}
    for text in answers:
        if is_correction(text):
            short = shortened(text)
            if " " in short:
                found.setdefault(short)
    return tuple(found)[:MAX_CORRECTIONS]


def shortened(text: str) -> str:
    """Return a person's words on one line, cut between words to at most `CORRECTION_CHARACTERS`."""
    line = " ".join(text[: 4 * CORRECTION_CHARACTERS].split())
    if len(line) <= CORRECTION_CHARACTERS:
        return line
    cut = line[: CORRECTION_CHARACTERS - 1]
    return f"{cut[: cut.rfind(' ')] if ' ' in cut else cut}…"


_ASKS: dict[RequestStyle, str] = {
    "command_driven": "Asks with slash-commands.",
    "conversational": "Asks in questions.",
    "terse": "Asks tersely, in a few words.",
    "detailed": "Asks in detail, with the context.",
    "balanced": "Asks in a sentence or two.",
}
_ANSWERS: dict[FeedbackStyle, str] = {
    "terse": "Answers tersely.",
    "detailed": "Answers at length.",
    "corrections_only": "Speaks up mostly to correct.",
    "balanced": "",
}
_WORK = {"code": "code execution", "file": "files", "terminal": "the terminal"}


def in_words(patterns: UserPatterns) -> tuple[str, ...]:
    """Write patterns as short sentences, for the section "How I work".

    >>> in_words(UserPatterns(request_style="terse", feedback_style="balanced", domains=("file", "python")))
    ('Asks tersely, in a few words.', 'Works mostly with files and python.')
    """
    sentences = [_ASKS[patterns.request_style], _ANSWERS[patterns.feedback_style]]
    if patterns.domains:
        sentences.append(
            f"Works mostly with {_listed([_WORK.get(domain, domain) for domain in patterns.domains])}."
        )
    if patterns.preferred_tools:
        sentences.append(f"Tools used most: {', '.join(patterns.preferred_tools)}.")
    if patterns.corrections:
        sentences.append(f"Corrects with: {'; '.join(f'“{words}”' for words in patterns.corrections)}.")
    return tuple(filter(None, sentences))


def _listed(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else words[0]
