"""Text in several looks as rows: wrapped, its looks kept, harmless."""

from __future__ import annotations

from hostile import LINES
from pilots import hostile_characters
from rich.text import Text

from warmtui.tui.list.row_source import RowState
from warmtui.tui.list.text_list import CHUNK, Piece, TextRows

STATE = RowState(cursor=False, marked=False, focused=False)


def drawn(text: Text, width: int) -> list[Text]:
    rows = TextRows()
    rows.put_text(text)
    rows.resize(width)
    lines = [line for index in range(len(rows)) for line in rows.render(index, width, STATE)]
    assert len(lines) == sum(rows.height(index) for index in range(len(rows)))
    texts = [line for line in lines if isinstance(line, Text)]
    assert len(texts) == len(lines)
    return texts


def test_a_line_is_wrapped_without_the_blank_it_is_wrapped_at() -> None:
    text = Text("one two three\n\nfour")
    assert [line.plain for line in drawn(text, 7)] == ["one two", "three", "", "four"]


def test_every_part_keeps_its_look() -> None:
    text = Text("plain ").append("loud words", "bold")
    first, second = drawn(text, 10)
    assert (first.plain, second.plain) == ("plain loud", "words")
    assert [(span.start, span.end, span.style) for span in first.spans] == [(6, 10, "bold")]
    assert [(span.start, span.end, span.style) for span in second.spans] == [(0, 5, "bold")]


def test_what_strangers_wrote_is_shown_and_not_obeyed() -> None:
    for words in LINES:
        for line in drawn(Text("ours ", "bold").append(words[:400]), 40):
            assert not hostile_characters(line.plain)
            assert line.cell_len <= 40


def test_a_long_line_goes_on_in_the_next_row_and_loses_nothing() -> None:
    text = "x" * (2 * CHUNK + 1)
    rows = TextRows([Piece(f"{text}\nend")])
    rows.resize(80)
    assert "".join(rows.lines) == f"{text}end"
    assert len(rows) == 4
    assert rows.height(0) == CHUNK // 80
    assert rows.index_of("3") == 3
    assert rows.index_of("4") is None
