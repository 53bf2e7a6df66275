"""Excerpts: results shortened to their instructive parts, messages to a few words.

Deterministic; a mark shows every cut.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from warmtui.analysis.results import MISSING, decode_json
from warmtui.analysis.tools import task_type_of
from warmtui.curation.redact import redact

RESULT_CHARACTERS = 500
"""About how long a shortened result is."""
WORDS_CHARACTERS = 200
"""How long shortened words of the person and the agent are at most."""
MAX_DECODED = 20_000_000
"""Above this many characters, a result is cut as text: decoding it takes several times its size in memory."""
_MAX_ITEMS = 3
"""The first item of a long list gets a third of the room: it shows the shape of the others."""
_MIN_STRING = 24
"""Below this many characters, cutting saves nothing, because the mark is longer."""
_MAX_DEPTH = 4
_TAIL_SHARE = {"terminal": 0.6, "code": 0.6}
"""Share of the excerpt that is taken from the end, by task type: commands end with their summary."""
_DEFAULT_TAIL_SHARE = 0.35
_MARGIN = 1_000
"""Characters beyond a cut that are searched for a secret it would split; longer secrets have line ends."""


def cut_mark(characters: int) -> str:
    """Return the mark of a cut.

    >>> cut_mark(12000)
    '… [cut from 12000 characters]'
    """
    return f"… [cut from {characters} characters]"


def cut_middle(text: str, limit: int, tail_share: float = _DEFAULT_TAIL_SHARE) -> str:
    """Cut a text in its middle, at line ends where some are near.

    Args:
        text: of any length.
        limit: characters that stay, without the mark.
        tail_share: the share of them that is taken from the end.

    Returns:
        The text itself if it is at most as long as `limit` and the mark, else head, mark and tail.
    """
    mark = cut_mark(len(text))
    if len(text) <= limit + len(mark):
        return text
    tail_size = int(limit * tail_share)
    head = _whole_words(text, limit - tail_size)
    tail = _whole_words_at_end(text, tail_size) if tail_size else ""
    if not tail:
        return f"{head}{mark}"
    return f"{head}\n{mark}\n{tail}" if "\n" in text else f"{head}{mark}{tail}"


def _whole_words(text: str, size: int) -> str:
    """Return about the first `size` characters, up to the end of a line or else of a word.

    No rule recognises half a secret, so a word too long to be kept whole is masked before it is cut.
    """
    # few secrets span lines, so a cut at a line end seldom splits one
    head = text[:size]
    line = head.rfind("\n")
    if line > size * 0.7:
        return head[:line]
    word = max(head.rfind(" "), head.rfind("\t"), line)
    if word > size * 0.5:
        return head[:word]
    return redact(text[: size + _MARGIN]).text[:size]


def _whole_words_at_end(text: str, size: int) -> str:
    """Return about the last `size` characters, as `_whole_words` returns the first."""
    tail = text[len(text) - size :]
    key_end = tail.find("-----END ")
    if key_end >= 0 and "-----BEGIN " not in tail[:key_end]:
        # the lines before it are the rest of a key whose beginning is cut off
        tail = tail[tail.find("-----", key_end + 9) + 5 :]
    line = tail.find("\n")
    if 0 <= line < size * 0.3:
        return tail[line + 1 :]
    word = min((at for at in (tail.find(" "), tail.find("\t"), line) if at >= 0), default=size)
    if word < size * 0.5:
        return tail[word + 1 :]
    return redact(text[max(0, len(text) - size - _MARGIN) :]).text[-size:]


def shorten_words(text: str, limit: int = WORDS_CHARACTERS) -> str:
    r"""Return the beginning of some words on one line, cut at the end of a word.

    >>> shorten_words("fix  the\n\ncart", 40)
    'fix the cart'
    >>> shorten_words("one two three", 9)
    'one two…'
    """
    # a prefix is enough: text beyond it cannot change the first words
    flat = " ".join(text[: limit * 20].split())
    if len(flat) <= limit and len(text) <= limit * 20:
        return flat
    head = flat[: limit - 1]
    if len(flat) >= limit and flat[limit - 1 : limit] != " ":
        space = head.rfind(" ")
        if space > limit // 2:
            head = head[:space]
    return head.rstrip() + "…"


def _shrunk(value: object, room: int, depth: int = 0) -> object:
    """Cut a decoded value to about `room` characters: long texts in their middle, then the last items."""
    if isinstance(value, str):
        if len(value) <= max(_MIN_STRING, room):
            return value
        return cut_middle(value, max(_MIN_STRING, room - len(cut_mark(len(value)))), 0.4)
    if not isinstance(value, (dict, list)) or _size(value) <= room:
        return value
    if depth >= _MAX_DEPTH or room < _MIN_STRING:
        return f"… [{len(value)} left out]"
    if isinstance(value, dict):
        # small values (an exit code, a status) say more than the long text beside them
        small = [key for key, inner in value.items() if _size(inner) <= _MIN_STRING]
        kept: dict[str, object] = {}
        used = 0
        for key in small:
            used += len(key) + _size(value[key]) + 6
            if used <= room or not kept:
                kept[key] = value[key]
        large = [key for key in value if key not in kept and key not in small]
        for place, key in enumerate(large):
            share = max(0, room - used) // (len(large) - place)
            if share > len(key) + _MIN_STRING or not kept:
                kept[key] = _shrunk(value[key], share - len(key) - 6, depth + 1)
                used += len(key) + _size(kept[key]) + 6
        shown = {key: kept[key] for key in value if key in kept}
        if len(shown) < len(value):
            shown["…"] = f"{len(value) - len(shown)} more"
        return shown
    items: list[object] = []
    used = 0
    for item in value:
        small_item = _shrunk(item, room // _MAX_ITEMS if not items else room - used, depth + 1)
        if items and used + _size(small_item) > room:
            break
        items.append(small_item)
        used += _size(small_item) + 2
    if len(items) < len(value):
        items.append(f"… [{len(value) - len(items)} more]")
    return items


def _size(value: object) -> int:
    """Return about how many characters a decoded value takes; counting stops when it is large."""
    if isinstance(value, str):
        return len(value) + 2
    if isinstance(value, dict):
        total = 2
        for key, inner in value.items():
            total += len(key) + 4 + _size(inner)
            if total > RESULT_CHARACTERS * 10:
                break
        return total
    if isinstance(value, list):
        total = 2
        for inner in value:
            total += 2 + _size(inner)
            if total > RESULT_CHARACTERS * 10:
                break
        return total
    return len(str(value)) if not isinstance(value, int) else 8


def _dumps_like(text: str) -> Callable[[object], str]:
    """Return a JSON encoder that uses the spacing of `text`."""
    spaced = '": ' in text[:2_000] or '", "' in text[:2_000]

    def dumps(value: object) -> str:
        if spaced:
            return json.dumps(value, ensure_ascii=False)
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    return dumps


def _shorten_json(text: str, limit: int) -> str | None:
    """Shorten a JSON result so that it stays valid JSON; None if it is not JSON or does not get shorter."""
    if text.lstrip()[:1] not in ("{", "[") or len(text) > MAX_DECODED:
        return None
    value, behind = decode_json(text)
    if value is MISSING or len(behind) > limit:
        return None
    dumps = _dumps_like(text)
    room = limit
    shortest: str | None = None
    # escapes and names make the text longer than counted, so tighten until it fits
    for _ in range(5):
        try:
            shown = dumps(_shrunk(value, room))
        except (RecursionError, ValueError):
            return None
        shortest = shown if shortest is None or len(shown) < len(shortest) else shortest
        if len(shown) <= limit + 40:
            return shown
        room = room * 2 // 3
    return shortest


def shorten_result(text: str, tool: str, limit: int = RESULT_CHARACTERS) -> str:
    """Shorten a tool result to its instructive parts.

    A JSON result stays valid JSON: long texts are cut in their middle, long lists after their first items,
    and text that the agent appended (loop warnings) is dropped. Any other text keeps its head and tail; a
    command's result keeps more of the tail, which holds the summary.

    Args:
        text: the whole result.
        tool: the tool that returned it.
        limit: about how many characters stay.

    Returns:
        The result itself if it is short enough, else about `limit` characters with a mark.
    """
    if len(text) <= limit:
        return text
    as_json = _shorten_json(text, limit)
    if as_json is not None and len(as_json) < len(text):
        return as_json
    return cut_middle(text, limit, _TAIL_SHARE.get(task_type_of(tool), _DEFAULT_TAIL_SHARE))
