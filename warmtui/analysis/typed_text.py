"""What a person typed in a message, without what they pasted, as sentences that can be quoted."""

from __future__ import annotations

import re
from collections.abc import Sequence

MAX_QUOTE = 200
"""Characters of a quotation."""
MAX_TYPED = 1_500
"""Characters that a person types by hand; a longer text is a document, and its rules are its own."""
SHORT_SENTENCE = 25
"""A shorter sentence is quoted with the one before it, which says what it is about."""

_MAX_READ = 20_000
_FENCE = re.compile(r"^[ \t]*(```|~~~).*?(?:^[ \t]*\1|\Z)", re.DOTALL | re.MULTILINE)
_BLOCK = re.compile(r"<([a-zA-Z][\w-]{1,40})>.*?(?:</\1>|\Z)", re.DOTALL)
_QUOTED = re.compile(r'"[^"\n]{80,2000}"|“[^”\n]{80,2000}”|«[^»\n]{80,2000}»')
_DOCUMENT = re.compile(r"^(?:#{1,6} \S|diff --git |[-+]{3} \S)", re.MULTILINE)
"""Where a plan, a file or a diff begins that goes to the end of the message."""
_PASTED_LINE = re.compile(
    r"\s*(?:>|\||[│⨯✗✘×]|\$ |[-+]{3} |@@ |at \S+ ?\(|(?:FAIL|ERROR|Uncaught)\b|File \"|Traceback|"
    r"\S+:\d+(?::\d+)?[: ]|\d{1,2}:\d{2}:\d{2}|"
    r"\[?\d{4}-\d\d-\d\d|(?:\w+ ?)?(?:[Ee]rror|ERROR|WARN(?:ING)?|INFO|DEBUG)\b ?[:\[(]|\([\w.]+ [\d.]+\) )"
)
"""How lines of a quotation, table, diff, stack trace or log begin."""
_CODE_END = re.compile(r"[{};]\s*\Z|\A\s*[)\]}]+[;,]?\s*\Z")
_SPANS = re.compile(r"`[^`\n]{1,200}`|https?://\S{1,500}")
_CODE_SIGNS = "(){}[]=<>;$_*\\|"
_ROLE = re.compile(
    r"\s*(?:#+ *)?(?:You are|Act as|Your (?:task|role|job) is)\b(?! (?:right|wrong|not|doing|still))"
)
"""How prompts that programs send in a person's name begin."""
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"'”)]?\s+|(?<=[。！？])\s*|\s*\n+\s*")
_BULLET = re.compile(r"\A(?:[-*•]|\d{1,2}[.)]|[a-z]\))\s+")

_COMPLAINTS = re.compile(
    r"exactly (?:one|1) (?:action|command|tool call|(?:bash |code )*block)|"
    r"(?:please )?(?:re)?format your (?:action|answer|output|response|reply|command)|"
    r"in triple backticks|<(?:response|format)_example>|"
    r"no (?:action|command|code|sql code|tool call) (?:was |were )?found in your|"
    r"your (?:last|previous) (?:response|message|output|action) (?:was|is|did|does|could|has|contained)",
    re.IGNORECASE,
)
_SEARCHED = 300
"""Characters of a message that are searched for a complaint: a long request may mention the format too."""


def complains_of_format(text: str) -> bool:
    """Whether a message begins like a harness's complaint about the form of an answer."""
    return _COMPLAINTS.search(text[:_SEARCHED]) is not None


def typed_part(text: str) -> str:
    r"""Return what was typed of a message: no code blocks, tags, long quotations, plans and logs.

    >>> typed_part("fix this:\n```\nError: no\n```\nand never use sudo")
    'fix this:\nand never use sudo'
    """
    typed = _FENCE.sub("", text[:_MAX_READ])
    typed = _QUOTED.sub("", _BLOCK.sub("", typed))
    document = _DOCUMENT.search(typed)
    if document is not None:
        typed = typed[: document.start()]
    lines = typed.splitlines()
    kept = [
        line for line in lines if line.strip() and not _PASTED_LINE.match(line) and not _CODE_END.search(line)
    ]
    typed = "\n".join(kept).strip()
    return "" if len(typed) > MAX_TYPED or _ROLE.match(typed) else typed


def sentences(typed: str) -> tuple[str, ...]:
    r"""Divide what was typed into sentences; a line is one at least.

    >>> sentences("ok. use uv, not pip!\nthanks")
    ('ok.', 'use uv, not pip!', 'thanks')
    """
    parts = (_BULLET.sub("", part.strip()) for part in _SENTENCE_END.split(typed))
    lines = (" ".join(part.split()) for part in parts if any(map(str.isalnum, part)))
    # what ends with a colon only leads to what was pasted below it
    return tuple(line for line in lines if not line.endswith((":", "：")) and _is_prose(line))


def sentences_with(part: str, text: str) -> tuple[str, ...]:
    """Return the sentences of any text that hold a part, as they are written.

    >>> sentences_with("b.example", "See https://a.example. Fetch https://b.example now!")
    ('Fetch https://b.example now!',)
    """
    if part not in text:
        return ()
    return tuple(sentence for sentence in _SENTENCE_END.split(text) if part in sentence)


def _is_prose(line: str) -> bool:
    """Whether a line is made of words; output of programs and code are rich in numbers and signs."""
    words = _SPANS.sub("", line).replace(" ", "")
    letters = sum(map(str.isalpha, words))
    signs = sum(words.count(sign) for sign in _CODE_SIGNS)
    return letters >= 0.6 * len(words) and signs <= 0.06 * len(words)


def quote(parts: Sequence[str], chosen: Sequence[int]) -> str:
    """Return some sentences of a message on one line, whole ones first, `…` where something was left out.

    Args:
        parts: the sentences of a message.
        chosen: the indexes of those that matter, in order; all are meant if it is empty.
    """
    if not chosen and len(whole := " ".join(parts)) <= MAX_QUOTE:
        return whole
    wanted = list(chosen) or list(range(len(parts)))
    first = wanted[0]
    if len(parts[first]) < SHORT_SENTENCE and first > 0:
        wanted.insert(0, first - 1)
    said, previous = "", -1
    for index in wanted:
        gap = " … " if said and index > previous + 1 else " " if said else ""
        if said and len(said) + len(gap) + len(parts[index]) > MAX_QUOTE:
            break
        said += gap + parts[index]
        previous = index
    return cut_at_clause(said)


def cut_at_clause(line: str) -> str:
    """Cut a line to `MAX_QUOTE` characters, at the end of a clause where one is near, else of a word."""
    if len(line) <= MAX_QUOTE:
        return line
    head = line[: MAX_QUOTE - 1]
    clause = max(head.rfind(mark) for mark in (", ", "; ", ": ", " - ", "，", "、"))
    at = clause if clause > MAX_QUOTE // 2 else head.rfind(" ")
    return f"{head[:at] if at > MAX_QUOTE // 2 else head}…"
