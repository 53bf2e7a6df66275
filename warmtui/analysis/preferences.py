"""Preferences: the person's own words that should hold next time.

What tells a lasting wish from a request of the task is what the words stood against or go beyond: a call that
was refused, work that was stopped or undone, an answer that begins with "You're right", something asked for
twice, a step that comes after the work, or the form of a rule (never, always, instead of). A request that was
merely carried out is no preference.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from warmtui.analysis.call_shape import CallShape, shapes_of
from warmtui.analysis.command_purpose import EDITS
from warmtui.analysis.preference_words import (
    ENGLISH,
    LanguageWords,
    general_request,
    language_of_text,
    without_numbers,
)
from warmtui.analysis.tools import serves_customers
from warmtui.analysis.typed_text import MAX_QUOTE, complains_of_format, quote, sentences, typed_part
from warmtui.model.outcome import JudgedCall
from warmtui.model.session import Session

PreferenceSign = Literal[
    "refused", "stopped", "answered", "conceded", "undone", "repeated", "handover",
    "changed", "rule", "wish", "doubt", "correction", "check", "first", "habit", "emphasis", "later",
    "report",
    "language", "form",
]  # fmt: skip
"""What speaks for a preference.

- `refused`, `stopped`: said when a call was refused or work was interrupted.
- `answered`: to a question of the agent.
- `conceded`, `undone`: the agent's answer admits it, or it took back its work after it.
- `changed`: the agent then changed a file that it had written before.
- `repeated`: said more than once.
- `handover`: about commits, pull requests and the like, and the agent then did that.
- `rule`, `wish`, `doubt`, `correction`, `check`, `first`: the form of the sentence.
- `habit`: checks are asked for in more than one message.
- `emphasis`: an exclamation mark behind it.
- `later`: not in the first message, which states the task.
- `report`: says that something does not work, which speaks against it.
- `language`: the language that both write.
- `form`: what a harness wrote, more than once, about the form of the agent's answers.
"""

_SAID = re.compile(
    r"\bthe user said:\s*|\b(?:with|provided) the following feedback:\s*(?:<feedback>\s*)?",
    re.IGNORECASE,
)
"""What stands before the person's words in the result of a refused call: Claude Code, opencode, Cline."""
_FEEDBACK_END = "</feedback>"
_PROGRAM_SAID = re.compile(r"\s*The user wants to clarify these questions")
_QUESTION = re.compile(r'"([^"\n]{1,600})"\s?=\s?"([^"\n]{1,600})"')
"""A question of the agent and the person's answer, in the result of its asking tool."""
_ASKERS = re.compile(r"\A(?:mcp__\w+?__)?ask|question|user_?input|clarify", re.IGNORECASE)
_STOPPED_SAID = "[Request interrupted by user"
_STOPPED = re.compile(rf"{re.escape(_STOPPED_SAID)}|<turn_aborted>")
_TOO_SHORT = re.compile(r"\W*(?:\w+\W+){0,2}\w*\W*\Z")
"""At most three words: a yes, a continue, a thanks."""
_NOT_TYPED = ("/", "!", "<", "@agent")
"""How messages begin that choose a command of the agent."""
_UNDOES = re.compile(
    r"(?:\b|\\n)(?:git (?:checkout (?:HEAD )?-- |restore\b|revert\b|reset --hard\b)|gh (?:pr|issue) close\b)",
    re.IGNORECASE,
)
_HANDS_OVER = re.compile(
    r"(?:\b|\\n)git(?: -C \S{1,200})? (?:commit|push|merge|rebase|checkout -b|switch -c|tag|worktree add)\b"
    r"|(?:\b|\\n)(?:gh|glab) (?:pr|mr|issue|release|api|run) |pull_request|create_branch|push_files",
    re.IGNORECASE,
)
"""Commands and tools that hand work over, in arguments as they are written: a line end is `\\n`."""
_ORDERS: frozenset[PreferenceSign] = frozenset({"rule", "handover"})
"""Signs of sentences that say what to do, whatever else they mention."""
_STRONG: frozenset[PreferenceSign] = frozenset({"rule", "first", "handover", "repeated"})
"""Signs of sentences that are quoted alone; others are quoted where a message has none of these."""
_EMPHASIS = re.compile(r"(?<!thanks)(?<!thank you)!\Z", re.IGNORECASE)
_COMPLAINT = 300
"""Characters of a complaint that say what is wanted."""
_WORD = re.compile(r"\w+")


class FoundPreference(NamedTuple):
    """Words of the person that should hold next time."""

    words: str
    """As said, on one line; `Answer in Korean.` for a language, a sentence about the form of answers."""
    position: int
    """Index of the message they stand in, or of the result of the refused call."""
    signs: tuple[PreferenceSign, ...]
    """What speaks for it, the most telling first."""
    calls: tuple[int, ...]
    """Indexes of the calls that followed in the same turn."""
    customer: bool = False
    """Whether the person may be a customer: the agent had an application's tools only."""


def find_preferences(
    session: Session, calls: Sequence[JudgedCall], shapes: Sequence[CallShape] | None = None
) -> tuple[FoundPreference, ...]:
    """Find the person's words that should hold next time, in order of their place.

    Only words of the person count, without what they pasted. The evidence of each is in its `signs`; whether
    that is enough to keep it is for the caller to judge.

    Args:
        session: the session.
        calls: its judged calls, in order.
        shapes: the result of `shapes_of` for them, when the caller has it.
    """
    session_words = _SessionWords(session, calls, shapes_of(calls) if shapes is None else shapes)
    found = [
        *session_words.refusals(),
        *session_words.messages(),
        *session_words.language(),
        *session_words.form(),
    ]
    # of words that come again, the first stand for all
    once = {_same(preference): preference for preference in sorted(found, key=_place, reverse=True)}
    # of words that differ in a number only, the last say which number holds
    latest = {
        _same(preference._replace(words=without_numbers(preference.words))): preference
        for preference in sorted(once.values(), key=_place)
    }
    checks = sum("check" in preference.signs for preference in found) > 1
    return tuple(
        preference._replace(signs=(*preference.signs, "habit"))
        if checks and "check" in preference.signs
        else preference
        for preference in sorted(latest.values(), key=_place)
    )


def _same(preference: FoundPreference) -> str:
    """Return a key that preferences which ask for the same have in common."""
    return handover_form(preference.words) or _plain(preference.words)


def handover_form(words: str) -> str:
    """Return the general form of a request to hand work over; empty for other words and for rules.

    >>> handover_form("just make a PR to fix the total"), handover_form("Never push to main")
    ('make pr', '')
    """
    language = language_of_text(words) or ENGLISH
    parts = sentences(words)
    if any(_sentence_signs(part, language) for part in parts):
        return ""
    asks = any(language.handover.search(part) and _is_request(part, language) for part in parts)
    return general_request(words) if asks else ""


def _place(preference: FoundPreference) -> int:
    return preference.position


class _SessionWords:
    """The words of one session's person, with what went before and after them."""

    def __init__(self, session: Session, calls: Sequence[JudgedCall], shapes: Sequence[CallShape]) -> None:
        self.session, self.calls = session, calls
        self.written = [
            shape.files_written() if call.verdict.outcome == "ok" and _edits(shape) else frozenset[str]()
            for call, shape in zip(calls, shapes, strict=True)
        ]
        self.places = [call.position for call in calls]
        self.customer = serves_customers(call.call.tool for call in calls)
        self.said = [index for index, message in enumerate(session.messages) if message.origin == "person"]
        self.typed = {index: typed_part(session.messages[index].text) for index in self.said}
        self.copies = _copies(self.typed.values())
        self.stops = {
            call.result_index: call for call in calls if call.verdict.outcome in ("denied", "interrupted")
        }

    def refusals(self) -> Iterator[FoundPreference]:
        """Yield the words in results: refusals, and answers to the questions of the agent."""
        known = {" ".join(text.split()) for text in self.typed.values()}
        for call in self.calls:
            if call.result is None:
                continue
            if call.verdict.outcome == "denied" and (said := _SAID.search(call.result.text)) is not None:
                words = call.result.text[said.end() :].partition(_FEEDBACK_END)[0]
                if _PROGRAM_SAID.match(words) or " ".join(typed_part(words).split()) in known:
                    continue
                asked = _ASKERS.search(call.call.tool) is not None
                yield from self._judged(
                    call.result_index, typed_part(words), ["answered" if asked else "refused"]
                )
            elif _ASKERS.search(call.call.tool):
                options = call.call.arguments
                for question, answer in _QUESTION.findall(call.result.text[:20_000]):
                    own = answer not in options
                    words = quote((f"{question} → {answer}",), ())
                    signs: tuple[PreferenceSign, ...] = ("answered", "later") if own else ("answered",)
                    yield self._found(words, call.result_index, signs)

    def messages(self) -> Iterator[FoundPreference]:
        """Yield the preferences in the person's messages."""
        for number, index in enumerate(self.said):
            typed = self.typed[index]
            if not typed or typed.startswith((*_NOT_TYPED, _STOPPED_SAID)) or complains_of_format(typed):
                continue
            signs: list[PreferenceSign] = []
            before = next(
                (at for at in range(index - 1, -1, -1) if self.session.messages[at].origin != "system"), -1
            )
            if before in self.stops:
                result = self.session.messages[before].text
                said = _SAID.search(result)
                own_words = said is not None and _PROGRAM_SAID.match(result, said.end()) is None
                if _ASKERS.search(self.stops[before].call.tool):
                    signs.append("answered")
                else:
                    signs.append("refused" if own_words else "stopped")
            elif before >= 0 and _STOPPED.match(self.session.messages[before].text.lstrip()):
                signs.append("stopped")
            if number:
                signs += self._answer_signs(index)
                if _TOO_SHORT.match(typed):
                    signs = [sign for sign in signs if sign == "refused"]
                signs.append("later")
            yield from self._judged(index, typed, signs)

    def _judged(self, position: int, typed: str, signs: list[PreferenceSign]) -> Iterator[FoundPreference]:
        """Yield the preference that a message states, if it states any."""
        parts = sentences(typed)
        if not parts:
            return
        words_of = language_of_text(typed) or ENGLISH
        by_sentence = [_sentence_signs(part, words_of) for part in parts]
        for part, its_signs in zip(parts, by_sentence, strict=True):
            # a question that comes again is about something new
            if self.copies[_plain(part)] > 1 and not part.endswith(("?", "？")):
                its_signs.append("repeated")
        # the first message states the task, which may be to hand something over
        if position > min(self.said, default=-1) and self._hands_over(position):
            for part, its_signs in zip(parts, by_sentence, strict=True):
                if words_of.handover.search(part) and _is_request(part, words_of):
                    its_signs.append("handover")
        chosen = [index for index, its_signs in enumerate(by_sentence) if its_signs]
        context = [sign for sign in signs if sign not in ("later", "changed", "report")]
        if not chosen and not context:
            return
        whole = " ".join(parts)
        # an order that names what fails is no report of it
        reported = [parts[index] for index in chosen if _ORDERS.isdisjoint(by_sentence[index])]
        if words_of.reports.search(" ".join(reported if chosen else parts)) and "refused" not in signs:
            signs = [*signs, "report"]
        found = dict.fromkeys(sign for its_signs in by_sentence for sign in its_signs)
        if any(_EMPHASIS.search(parts[index]) for index in chosen):
            found["emphasis"] = None
        ordered = dict.fromkeys((*context, *found, *signs))
        if any(not _STRONG.isdisjoint(by_sentence[index]) for index in chosen):
            chosen = [index for index in chosen if not _STRONG.isdisjoint(by_sentence[index])]
        words = quote(parts, () if "refused" in context and len(whole) <= MAX_QUOTE else chosen)
        yield self._found(words, position, tuple(ordered))

    def _found(self, words: str, position: int, signs: tuple[PreferenceSign, ...]) -> FoundPreference:
        return FoundPreference(words, position, signs, self._calls_after(position), self.customer)

    def _turn_end(self, position: int) -> int:
        at = bisect_right(self.said, position)
        return self.said[at] if at < len(self.said) else len(self.session.messages)

    def _calls_after(self, position: int) -> tuple[int, ...]:
        end = self._turn_end(position)
        return tuple(range(bisect_right(self.places, position), bisect_left(self.places, end)))

    def _hands_over(self, position: int) -> bool:
        following = (self.calls[index].call for index in self._calls_after(position))
        return any(_HANDS_OVER.search(call.tool) or _HANDS_OVER.search(call.arguments) for call in following)

    def _answer_signs(self, position: int) -> Iterator[PreferenceSign]:
        """Yield what the answer says of a message: that the person was right, that work was undone."""
        following = self.session.messages[position + 1 : self._turn_end(position)]
        answer = next((message.text for message in following if message.origin == "agent"), "").lstrip()
        if any(table.concessions.match(answer) for table in (language_of_text(answer) or ENGLISH, ENGLISH)):
            yield "conceded"
        after = self._calls_after(position)
        if any(_UNDOES.search(self.calls[index].call.arguments) for index in after[:4]):
            yield "undone"
        if after:
            before = frozenset[str]().union(*self.written[: after[0]])
            if not before.isdisjoint(frozenset[str]().union(*(self.written[index] for index in after))):
                yield "changed"

    def language(self) -> Iterator[FoundPreference]:
        """Yield the person's language, if it is not English and the agent answers in it."""
        spoken = self._languages(self.said, lambda index: self.typed[index])
        if spoken is None or spoken[0] is ENGLISH:
            return
        agents = [index for index, message in enumerate(self.session.messages) if message.origin == "agent"]
        answered = self._languages(agents, lambda index: self.session.messages[index].text)
        if answered is not None and answered[0] is spoken[0]:
            yield self._found(f"Answer in {spoken[0].name}.", spoken[1], ("language",))

    def form(self) -> Iterator[FoundPreference]:
        """Yield what a harness wants answers to look like, if it had to say so."""
        complaints = [
            index
            for index, message in enumerate(self.session.messages)
            if message.role == "user" and complains_of_format(message.text)
        ]
        if not complaints:
            return
        first = complaints[0]
        parts = sentences(self.session.messages[first].text[:_COMPLAINT])
        if parts:
            yield self._found(f"Refused for their form: {quote(parts, (0,))}", first, ("form",))

    def _languages(
        self, positions: Sequence[int], text_of: Callable[[int], str]
    ) -> tuple[LanguageWords, int] | None:
        """Return the language of more than half of some messages, and the first of them in it."""
        spoken = {
            index: language
            for index in positions
            if (text := text_of(index)) and not text.startswith(_NOT_TYPED)
            if (language := language_of_text(text)) is not None
        }
        if not spoken:
            return None
        language, count = Counter(spoken.values()).most_common(1)[0]
        if 2 * count <= len(spoken):
            return None
        return language, next(index for index, its_language in spoken.items() if its_language is language)


def _edits(shape: CallShape) -> bool:
    return not shape.steps or shape.purpose in EDITS


def _sentence_signs(sentence: str, words: LanguageWords) -> list[PreferenceSign]:
    # people write commands, and often rules, in English
    tables = (words,) if words is ENGLISH else (words, ENGLISH)
    signs: list[PreferenceSign] = []
    for table in tables:
        if table.rules.search(sentence):
            signs.append("rule")
        elif table.progress.search(sentence):
            continue
        if table.wishes.search(sentence):
            signs.append("wish")
        if table.doubts.search(sentence):
            signs.append("doubt")
        if table.corrections.search(sentence):
            signs.append("correction")
        if table.checks.search(sentence):
            signs.append("check")
        if table.first.search(sentence):
            signs.append("first")
    return list(dict.fromkeys(signs))


def _is_request(sentence: str, words: LanguageWords) -> bool:
    """Whether a sentence asks for something to be done, and not how things stand."""
    if words.progress.search(sentence):
        return False
    return not sentence.endswith(("?", "？")) or words.asks.search(sentence) is not None


def _copies(typed: Iterable[str]) -> Counter[str]:
    """Count in how many messages the person said the same sentence; short ones do not count."""
    return Counter(
        plain
        for text in typed
        for plain in {_plain(sentence) for sentence in sentences(text) if not _TOO_SHORT.match(sentence)}
    )


def _plain(text: str) -> str:
    return " ".join(_WORD.findall(text.lower()))
