"""The list of templates: its rows, and the search that it is narrowed with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, get_args

from rich.text import Text

from warmtui.analysis.stats import SCORE_FROM
from warmtui.errors import UsageError
from warmtui.model.template import DamagedTemplate, Template, TemplateType
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
TYPES: tuple[TemplateType, ...] = get_args(TemplateType)
SORTS = ("updated", "name", "used", "success", "type")


def sort_value(name: str, effects: Mapping[str, Effect]) -> Callable[[Template], tuple[Any, ...]]:
    """Return the sort key of a column; templates without a value come last."""

    def success(template: Template) -> tuple[Any, ...]:
        effect = effects.get(template.id)
        rate = effect.reliability if effect is not None else None
        if rate is None or rate.n < SCORE_FROM:
            return (1, 0.0, 0)
        return (0, -rate.value, -rate.n)

    keys: dict[str, Callable[[Template], tuple[Any, ...]]] = {
        "name": lambda template: (template.name.casefold(),),
        "used": lambda template: (-template.usage.started,),
        "success": success,
        "type": lambda template: (template.version.task_type,),
    }
    return keys[name]


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
    """Templates in the chosen order, damaged ones last.

    Args:
        tokens: returns about how many tokens a template costs; called once per version, when its row is
            first drawn.
    """

    def __init__(self, glyphs: Glyphs, tokens: Callable[[Template], int]) -> None:
        self.glyphs = glyphs
        self.effects: dict[str, Effect] = {}
        """How the sessions of each template went, by template id."""
        self.sort = "updated"
        self.reverse = False
        self._tokens = tokens
        self._known_tokens: dict[tuple[str, str], int] = {}
        self._all: tuple[Template, ...] = ()
        self._shown: list[Template] = []
        self._damaged: tuple[DamagedTemplate, ...] = ()
        self._layout: Layout = fit(COLUMNS, 80)

    def put(self, templates: Sequence[Template], damaged: Sequence[DamagedTemplate] = ()) -> None:
        """Show these templates.

        Args:
            templates: the one updated last comes first.
            damaged: shown below them, whatever the order.
        """
        self._all = tuple(templates)
        self._damaged = tuple(damaged)
        self.arrange()

    def arrange(self) -> None:
        """Sort the rows by `sort` and `reverse`."""
        shown = list(self._all)
        # the library lists by the last update already
        if self.sort != "updated":
            shown.sort(key=sort_value(self.sort, self.effects))
        if self.reverse:
            shown.reverse()
        self._shown = shown

    def template(self, index: int) -> Template | None:
        """Return the template at an index; None for a damaged one."""
        return self._shown[index] if 0 <= index < len(self._shown) else None

    def damaged(self, index: int) -> DamagedTemplate | None:
        """Return the damaged template at an index."""
        index -= len(self._shown)
        return self._damaged[index] if 0 <= index < len(self._damaged) else None

    def of_id(self, key: str) -> Template | None:
        """Return a template by its id; None for a damaged one."""
        return next((template for template in self._shown if template.id == key), None)

    def tokens(self, template: Template) -> int:
        """Return about how many tokens a template costs with every request."""
        key = (template.id, template.version.content_hash)
        if key not in self._known_tokens:
            self._known_tokens[key] = self._tokens(template)
        return self._known_tokens[key]

    def __len__(self) -> int:
        return len(self._shown) + len(self._damaged)

    def key(self, index: int) -> str:
        """Return the template's id."""
        row = self.template(index) or self.damaged(index)
        return row.id if row is not None else ""

    def resize(self, width: int) -> None:
        """Choose the columns for a width."""
        self._layout = fit(COLUMNS, width)

    def column_at(self, x: int) -> str | None:
        """Return the column at a cell of the header."""
        return self._layout.column_at(x)

    def header(self, width: int) -> Line:
        """Return the line of column titles."""
        down = (self.sort in ("used", "success")) != self.reverse
        return self._layout.header(self.sort, descending=down, glyphs=self.glyphs)

    def render(self, index: int, width: int, state: RowState) -> Sequence[Line]:
        """Return the line of a template."""
        if (damaged := self.damaged(index)) is not None:
            return [self._layout.row(_damaged_cells(damaged), glyphs=self.glyphs)]
        template = self.template(index)
        if template is None:
            return [Text("")]
        effect = self.effects.get(template.id)
        rate = effect.reliability if effect is not None else None
        used = template.usage.started
        cells: dict[str, Cell] = {
            "name": template.name,
            "version": str(template.version.number),
            "tokens": f"{self.glyphs.about} {self.tokens(template):,}",
            "used": f"{used:,}" if used else Text("0", FAINT),
            "success": bars.reliability(rate, self._layout.width_of("success") or 14, glyphs=self.glyphs),
            "calls": f"{rate.n:,}" if rate else "",
            "type": template.version.task_type,
            "tags": Text(", ".join(template.tags), MUTED),
        }
        return [self._layout.row(cells, glyphs=self.glyphs)]


class Search(NamedTuple):
    """What to look for, as `Library.listing` takes it."""

    words: str
    tags: tuple[str, ...]
    type: TemplateType | None


def parse_search(text: str) -> Search:
    """Parse a search.

    Args:
        text: words, any number of `tag:NAME` and `type:NAME`, separated by blanks.

    Raises:
        UsageError: there is no such type.
    """
    words: list[str] = []
    tags: list[str] = []
    found: TemplateType | None = None
    for word in text.split():
        name, colon, value = word.partition(":")
        if colon and value and name == "tag":
            tags.append(value)
        elif colon and value and name == "type":
            # A prefix is enough, so that there is no complaint while a person types.
            found = next((type_name for type_name in TYPES if type_name.startswith(value)), None)
            if found is None:
                raise UsageError(f"there is no type {value}", f"there are: {', '.join(TYPES)}")
        elif word not in ("tag:", "type:"):
            words.append(word)
    return Search(" ".join(words), tuple(tags), found)
