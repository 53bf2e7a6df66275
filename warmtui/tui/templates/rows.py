"""The list of templates, row by row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rich.text import Text

from warmtui.analysis.stats import SCORE_FROM
from warmtui.library import DamagedTemplate
from warmtui.model.template import Template
from warmtui.tui.list.columns import Cell, Column, Layout, fit
from warmtui.tui.list.row_source import RowSource, RowState
from warmtui.tui.widgets import bars
from warmtui.tui.widgets.glyphs import Glyphs
from warmtui.tui.widgets.paint import FAINT, MUTED, WARNING, Line
from warmtui.workspace.effect import Effect

COLUMNS = (
    Column("name", "name", 18, 30, priority=0, grow=True),
    Column("version", "v", 2, 3, priority=1, align="right"),
    Column("tokens", "tokens", 8, 8, priority=2, align="right"),
    Column("used", "used", 4, 5, priority=3, align="right"),
    Column("success", "success", 14, 20, priority=4),
    Column("calls", "calls", 5, 6, priority=7, align="right"),
    Column("type", "type", 8, 8, priority=5),
    Column("tags", "tags", 8, 22, priority=6),
)
SORTS = ("updated", "name", "used", "success", "type")


def sort_value(name: str, effects: Mapping[str, Effect]) -> Callable[[Template], tuple[Any, ...]]:
    """Return the key that sorts templates by a column; those without a value come last."""

    def success(one: Template) -> tuple[Any, ...]:
        effect = effects.get(one.id)
        rate = effect.reliability if effect is not None else None
        if rate is None or rate.n < SCORE_FROM:
            return (1, 0.0, 0)
        return (0, -rate.value, -rate.n)

    found: dict[str, Callable[[Template], tuple[Any, ...]]] = {
        "name": lambda one: (one.name.casefold(),),
        "used": lambda one: (-one.usage.started,),
        "success": success,
        "type": lambda one: (one.version.task_type,),
    }
    return found[name]


def _damaged_cells(damaged: DamagedTemplate) -> dict[str, Cell]:
    return {
        "name": damaged.name,
        "version": str(damaged.version or "–"),
        "tokens": Text("damaged", WARNING),
        "used": f"{damaged.started:,}",
        "success": "",
        "calls": "",
        "type": Text("damaged", WARNING),
        "tags": Text(", ".join(damaged.tags), MUTED),
    }


class TemplateRows(RowSource):
    """Templates in their present order.

    Args:
        glyphs: the signs to draw with.
        tokens: about what a template costs; asked once per version, when its row comes into sight.
    """

    def __init__(self, glyphs: Glyphs, tokens: Callable[[Template], int]) -> None:
        self.glyphs = glyphs
        self.effects: dict[str, Effect] = {}
        """What became of the sessions of each, by its id."""
        self.sort = "updated"
        self.reverse = False
        self._tokens = tokens
        self._known_tokens: dict[tuple[str, str], int] = {}
        self._all: tuple[Template, ...] = ()
        self._shown: list[Template] = []
        self._damaged: tuple[DamagedTemplate, ...] = ()
        self._places: dict[str, int] = {}
        self._layout: Layout = fit(COLUMNS, 80)

    def put(self, templates: Sequence[Template], damaged: Sequence[DamagedTemplate] = ()) -> None:
        """Show other templates.

        Args:
            templates: newest updated first.
            damaged: shown below them in any order of the list.
        """
        self._all = tuple(templates)
        self._damaged = tuple(damaged)
        self.arrange()

    def arrange(self) -> None:
        """Sort anew."""
        shown = list(self._all)
        if self.sort != "updated":
            shown.sort(key=sort_value(self.sort, self.effects))
        if self.reverse:
            shown.reverse()
        self._shown = shown
        ids = (*(template.id for template in shown), *(damaged.id for damaged in self._damaged))
        self._places = {row_id: index for index, row_id in enumerate(ids)}

    def template(self, index: int) -> Template | None:
        """Return the template at a position; None for a damaged one."""
        return self._shown[index] if 0 <= index < len(self._shown) else None

    def damaged(self, index: int) -> DamagedTemplate | None:
        """Return the damaged template at a position."""
        index -= len(self._shown)
        return self._damaged[index] if 0 <= index < len(self._damaged) else None

    def of_id(self, key: str) -> Template | None:
        """Return a template by its id; None for a damaged one."""
        place = self._places.get(key)
        return None if place is None else self.template(place)

    def tokens(self, one: Template) -> int:
        """Return about what a template costs with every request."""
        key = (one.id, one.version.content_hash)
        if key not in self._known_tokens:
            self._known_tokens[key] = self._tokens(one)
        return self._known_tokens[key]

    def __len__(self) -> int:
        return len(self._shown) + len(self._damaged)

    def key(self, index: int) -> str:
        """Return the template's id."""
        row = self.template(index) or self.damaged(index)
        return row.id if row is not None else ""

    def index_of(self, key: str) -> int | None:
        """Return where a template stands."""
        return self._places.get(key)

    def resize(self, width: int) -> None:
        """Choose the columns for a width."""
        self._layout = fit(COLUMNS, width)

    def column_at(self, x: int) -> str | None:
        """Return the column at a cell of the header."""
        return self._layout.at(x)

    def header(self, width: int) -> Line:
        """Return the line of heads."""
        down = (self.sort in ("used", "success")) != self.reverse
        return self._layout.header(self.sort, descending=down, glyphs=self.glyphs)

    def render(self, index: int, width: int, state: RowState) -> Sequence[Line]:
        """Return one template's line."""
        if (damaged := self.damaged(index)) is not None:
            return [self._layout.row(_damaged_cells(damaged), glyphs=self.glyphs)]
        one = self.template(index)
        if one is None:
            return [Text("")]
        effect = self.effects.get(one.id)
        rate = effect.reliability if effect is not None else None
        enough = rate is not None and rate.n >= SCORE_FROM
        used = one.usage.started
        cells: dict[str, Cell] = {
            "name": one.name,
            "version": str(one.version.number),
            "tokens": f"{self.glyphs.about} {self.tokens(one):,}",
            "used": f"{used:,}" if used else Text("0", FAINT),
            "success": bars.score(
                rate.value if rate and enough else None,
                rate.low if rate else 0.0,
                rate.high if rate else 1.0,
                self._layout.width_of("success") or 14,
                glyphs=self.glyphs,
            ),
            "calls": f"{rate.n:,}" if rate else "",
            "type": one.version.task_type,
            "tags": Text(", ".join(one.tags), MUTED),
        }
        return [self._layout.row(cells, glyphs=self.glyphs)]
