"""How answers are printed: data to stdout, everything else to stderr, no colour where it is not wanted."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

import click
import orjson
from rich.cells import cell_len, set_cell_size

from warmtui.display import display_json, display_line, display_text
from warmtui.model.chat import ChatMessage, CheckFinding
from warmtui.model.session import Problem
from warmtui.model.stats import Rate

PROBLEMS_SHOWN = 5
"""Places whose problems are shown, and problems of each."""
BAR = 10
WIDE_INTERVAL = 0.30
"""A rate whose interval is wider is dimmed: it says little (docs/definitions.md)."""


def put_json(data: bytes) -> None:
    """Write JSON to stdout; for a terminal, control characters are escaped, which changes no value."""
    if sys.stdout.isatty():
        data = display_json(data.decode()).encode()
    # Bytes: JSON is UTF-8 whatever the encoding of the terminal.
    sys.stdout.buffer.write(data)


def print_json(value: object) -> None:
    """Print one JSON document: UTF-8, two-space indent, one trailing newline."""
    put_json(orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def print_json_line(value: object) -> None:
    """Print one line of JSON lines."""
    put_json(orjson.dumps(value) + b"\n")


class JsonArray:
    """A JSON document with one long array, printed piece by piece in the format of `print_json`.

    Args:
        schema: the document's.
        name: of the array.
    """

    def __init__(self, schema: str, name: str) -> None:
        self._head = {"schema": schema, name: []}
        self._begun = False

    def put(self, items: Iterable[object]) -> None:
        """Print more items of the array."""
        # dumped one level deep, so that what is between the brackets has the right indent
        text = orjson.dumps({"": list(items)}, option=orjson.OPT_INDENT_2)
        begin, end = text.index(b"[") + 1, text.rindex(b"]")
        inside = text[begin:end].removesuffix(b"\n  ")
        if inside:
            put_json((b"," if self._begun else self._opening()) + inside)
            self._begun = True

    def _opening(self) -> bytes:
        return orjson.dumps(self._head, option=orjson.OPT_INDENT_2).removesuffix(b"]\n}")

    def close(self, rest: dict[str, object]) -> None:
        """Print what follows the array."""
        last = orjson.dumps(rest, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).removeprefix(b"{")
        put_json((b"\n  ]" if self._begun else self._opening() + b"]") + b"," + last)


def note(text: str) -> None:
    """Say something beside the data, on stderr."""
    click.echo(display_line(text), err=True)


def report_problems(problems: Sequence[Problem]) -> None:
    """Name what could not be read, on stderr, each place once."""
    by_place: dict[str, list[str]] = {}
    for problem in dict.fromkeys(problems):
        by_place.setdefault(problem.place, []).append(problem.text)
    left = sum(map(len, by_place.values()))
    for place, texts in islice(by_place.items(), PROBLEMS_SHOWN):
        shown = texts[:PROBLEMS_SHOWN]
        note(f"warmtui: {place}: {'; '.join(shown)}")
        left -= len(shown)
    if left:
        note(f"warmtui: and {left} more problems (--json lists all)")


def line(text: str = "") -> None:
    """Print one line whose content was cleaned already."""
    click.echo(text)


def style(text: str, **how: Any) -> str:
    """Style text for a terminal that takes colour; plain elsewhere and with NO_COLOR."""
    return click.style(text, **how) if colours() else text


def colours() -> bool:
    """Return whether stdout takes colour."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def width() -> int:
    """Return how many columns a line may have."""
    return shutil.get_terminal_size((100, 24)).columns


def clip(text: str, columns: int) -> str:
    """Return untrusted text cleaned, on one line, in at most `columns` cells."""
    # Cleaning megabytes for one line takes long, and a cell rarely holds more than four characters.
    clean = display_line(text[: columns * 4 + 8])
    return clean if cell_len(clean) <= columns else set_cell_size(clean, max(0, columns - 1)).rstrip() + "…"


def wrapped(text: str, columns: int) -> list[str]:
    """Return untrusted text cleaned, over as many lines of at most `columns` cells as it takes.

    Words that are longer than a line, such as paths, are broken.
    """
    from rich.console import Console
    from rich.text import Text

    console = Console(width=max(20, columns), color_system=None)
    return [line.plain.rstrip() for line in Text(display_line(text)).wrap(console, max(20, columns))]


def pad(text: str, columns: int) -> str:
    """Return untrusted text cleaned, clipped and filled to exactly `columns` cells."""
    clean = clip(text, columns)
    return clean + " " * (columns - cell_len(clean))


def bar(rate: Rate | None, cells: int = BAR) -> str:
    """Draw a rate with its interval: ━ up to the rate, ┿ at it, ─ to the upper end of the interval."""
    if rate is None:
        return "·" + " " * (cells - 1)
    at = min(cells - 1, int(rate.value * cells))
    low, high = int(rate.low * cells), min(cells - 1, int(rate.high * cells))
    return "".join(
        "┿" if cell == at else "━" if cell < at and cell < low else "─" if low <= cell <= high else " "
        for cell in range(cells)
    )


def spark(values: Sequence[float]) -> str:
    """Draw rates from 0 to 1 as a sparkline of block characters."""
    # 7.999 puts 1.0 into the last block.
    return "".join("▁▂▃▄▅▆▇█"[min(7, int(value * 7.999))] for value in values)


def percent(value: float | None) -> str:
    """Return a fraction as a percentage; – for None."""
    return "–" if value is None else f"{100 * value:.0f} %"


class ProgressLine:
    """A line on stderr that shows the progress of a long read; silent if stderr is not a terminal.

    Args:
        what: what is being done, "reading sessions".
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._shown = False
        self._start = time.monotonic()
        self._on = sys.stderr.isatty()

    def __call__(self, done: int, total: int) -> None:
        """Show the count, from half a second on."""
        if self._on and time.monotonic() - self._start > 0.5:
            sys.stderr.write(f"\r{self._what}: {done:,} of {total:,} ")
            sys.stderr.flush()
            self._shown = True

    def __enter__(self) -> ProgressLine:
        return self

    def __exit__(self, *exception: object) -> None:
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
        self._on = False  # from now on, the printed rows show the progress


def print_message(message: ChatMessage, tokens: int) -> None:
    """Print one message of a bootstrap as a person reads it: role, tokens, content, calls."""
    mark = "  ⟨written by warmtui⟩" if message.invented else ""
    line(style(f"{message.role:<10}", bold=True) + style(f" ≈ {tokens:,}{mark}", dim=True))
    for text in display_text(message.content).splitlines():
        line(f"  {text}")
    for call in message.calls:
        line(f"  → {display_line(call.tool)} {display_line(call.arguments)}")


def print_checks(findings: Sequence[CheckFinding]) -> None:
    """Say on stderr what a provider would refuse; nothing when none would."""
    for finding in findings[:PROBLEMS_SHOWN]:
        note(f"warmtui: message {finding.index + 1}, {finding.target}: {finding.text} ({finding.rule})")
