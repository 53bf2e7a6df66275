"""Results for long texts are remembered, and nothing but their cost changes by it."""

from __future__ import annotations

from warmtui.curation.long_texts import LONG, cache_long_texts
from warmtui.curation.redact import redact

TOKEN = "ghp_" + "a1B2c3D4e5F6g7H8i9J0" + "k1L2m3N4o5P6q7R8"


class Counted:
    def __init__(self) -> None:
        self.done = 0

    def __call__(self, _text: str, *_rest: str) -> int:
        self.done += 1
        return self.done


def test_a_long_text_is_gone_through_once() -> None:
    count = cache_long_texts(Counted())
    assert [count("x" * LONG) for _ in range(3)] == [1, 1, 1]


def test_short_texts_are_not_remembered() -> None:
    count = cache_long_texts(Counted())
    assert [count("x" * (LONG - 1)) for _ in range(3)] == [1, 2, 3]


def test_what_else_the_result_depends_on_counts() -> None:
    count = cache_long_texts(Counted())
    assert [count("x" * LONG, rest) for rest in ("a", "b", "a")] == [1, 2, 1]


def test_the_longest_ago_goes_when_there_is_no_room() -> None:
    count = cache_long_texts(Counted(), room=2 * LONG)
    found = [count(letter * LONG) for letter in "abacab"]
    assert found == [1, 2, 1, 3, 1, 4]


def test_what_is_longer_than_the_room_is_not_kept() -> None:
    count = cache_long_texts(Counted(), room=LONG)
    assert [count("x" * (LONG + 1)) for _ in range(2)] == [1, 2]


def test_a_long_text_is_redacted_like_a_short_one() -> None:
    words, line = "word " * LONG, f"export GITHUB_TOKEN={TOKEN}"
    for _ in range(2):
        assert redact(words + line).text == words + redact(line).text
        assert redact(words + line, ("word word",)).text != words + redact(line).text
    assert TOKEN not in redact(words + line).text
