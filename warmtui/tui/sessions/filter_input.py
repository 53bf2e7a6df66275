"""The line in which the filter of the sessions is typed."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

from textual import work
from textual.suggester import Suggester
from textual.widgets import Input

from warmtui.analysis.filters import complete
from warmtui.workspace.sessions import Sessions

LEARN_SECONDS = 1.0
"""The least number of seconds between two queries for the values of fields."""


class FilterSuggester(Suggester):
    """Completes the field or value that is being typed; the right arrow takes it.

    Args:
        values: returns the values that a filter can name, by field.
    """

    def __init__(self, values: Callable[[], Mapping[str, Sequence[str]]]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._values = values

    async def get_suggestion(self, value: str) -> str | None:
        """Return the whole text with the first completion, when that continues what is typed."""
        for completion in complete(value, len(value), self._values())[:5]:
            whole = value[: completion.start] + completion.replacement
            if whole.startswith(value) and whole != value:
                return whole
        return None


class FilterInput(Input):
    """An input for a filter, with completion of fields and of the values that the sessions have.

    Args:
        sessions: those that are filtered.
    """

    def __init__(self, sessions: Sessions) -> None:
        super().__init__(
            placeholder="tool:terminal errors<5% messages>100 since:7d words",
            id="filter",
            suggester=FilterSuggester(lambda: self.values),
        )
        self.values: Mapping[str, Sequence[str]] = {}
        """The values that a filter can name, by field, as far as they are known."""
        self.outdated = True
        """Whether sessions changed since the values were learned."""
        self._sessions = sessions
        self._learned_at = 0.0

    def learn(self) -> None:
        """Learn what values fields have, while the filter is open and sessions changed."""
        waited = time.monotonic() - self._learned_at > LEARN_SECONDS
        if self.has_class("-open") and self.outdated and waited:
            self.outdated, self._learned_at = False, time.monotonic()
            self._query_values()

    @work(exclusive=True, group="learn")
    async def _query_values(self) -> None:
        self.values = await self._sessions.values_of_fields()


def one_phrase(free_text: str) -> str:
    """Return a word or phrase of the filter that one can go to in a message; words apart give none.

    >>> one_phrase("coupon"), one_phrase('"not found"'), one_phrase("coupon cart")
    ('coupon', 'not found', '')
    """
    words = free_text[1:-1] if len(free_text) > 2 and free_text[0] == free_text[-1] == '"' else free_text
    return "" if '"' in words or (" " in words and words == free_text) else words
