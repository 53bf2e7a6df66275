"""An input for a path, with completion; right arrow or Tab accepts it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.suggester import Suggester
from textual.widgets import Input

from warmtui.workspace.path_completion import complete


class PathInput(Input):
    """A path, from the current folder, absolute or from `~`.

    Right arrow at the end takes the whole of what is offered. Tab goes as far as is certain and says what
    fits; where it can do neither, it goes on to the next field.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("tab", "complete", "complete", show=False)]

    @dataclass
    class Fits(Message):
        """Tab was pressed: the names that continue the input, none when there is only one."""

        path_input: PathInput
        names: tuple[str, ...]

        @property
        def control(self) -> PathInput:
            """The input."""
            return self.path_input

    def __init__(self, value: str, *, placeholder: str = "", id: str) -> None:  # noqa: A002 - Textual's own name
        super().__init__(value, placeholder=placeholder, id=id, classes="-line", suggester=_Paths())

    def action_complete(self) -> None:
        """Complete as far as is certain, else post the names that fit, else go to the next field."""
        found = complete(self.value)
        if found.text != self.value:
            self.value = found.text
            self.cursor_position = len(found.text)
            found = complete(found.text)
        elif len(found.fits) < 2:
            self.post_message(self.Fits(self, ()))
            self.screen.focus_next()
            return
        self.post_message(self.Fits(self, found.fits if len(found.fits) > 1 else ()))


class _Paths(Suggester):
    """Suggests the first path that continues the input."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        """Return a path that begins with the input."""
        found = await asyncio.to_thread(complete, value)
        if not found.fits or not value or value.endswith("/"):
            return None
        head = value[: value.rfind("/") + 1]
        return head + found.fits[0]
