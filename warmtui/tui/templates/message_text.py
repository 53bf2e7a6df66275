"""Messages as they will be sent, written out for reading."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from warmtui.curation.tokens import message_tokens
from warmtui.model.chat import ChatMessage
from warmtui.tui.widgets.glyphs import UNICODE, Glyphs
from warmtui.tui.widgets.paint import ACCENT, FAINT, WARNING


def messages_text(messages: Sequence[ChatMessage], room: int, *, glyphs: Glyphs = UNICODE) -> Text:
    """Return numbered messages with their calls; invented ones say so.

    Args:
        messages: in their order.
        room: characters of content that are shown at most.
        glyphs: the signs to draw with.
    """
    text = Text()
    for number, one in enumerate(messages, 1):
        mark = "  written by warmtui" if one.invented else ""
        text.append(f"\n{number:>2} {one.role:<9}", ACCENT)
        text.append(f" {glyphs.about} {message_tokens(one):,}{mark}\n", FAINT)
        body = one.content[:room]
        room -= len(body)
        if body:
            text.append("".join(f"   {line}\n" for line in body.splitlines()))
        for call in one.calls:
            words = f"{call.tool} {call.arguments}"[: max(0, room)]
            room -= len(words)
            text.append(f"   {glyphs.cursor} {words}\n")
        if room <= 0:
            text.append("… more than is shown here; the export has all\n", WARNING)
            break
    return text
