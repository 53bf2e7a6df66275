"""What strangers may have written: text that must neither act on a terminal nor break a layout.

`LINES` are texts for one widget. `write_sessions` and `fill_library` make whole sources of such text, for
the screens and commands that show them. Whatever a terminal would obey bears `TOKEN`, so that it can be
told from what the app itself writes.
"""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import hermes_db as hermes

from warmtui.library.library import Library
from warmtui.model.template import (
    ContextMarker,
    Draft,
    ExampleCall,
    Note,
    NoteKind,
    Provenance,
    Recovery,
    Seed,
    SourceSession,
    ToolExample,
    UserPatterns,
)

LINES = (
    "\x1b]52;c;aGk=\x07 clipboard",
    "\x1b]0;title\x07\x1b[2J\x1b[31m red",
    "\x9b31m C1 \x90dcs\x9c",
    "[/]",
    "[@click=app.quit]quit[/]",
    "[link=https://example.org]x",
    "[bold red]",
    "\u202eesrever\u202c \u2066isolate\u2069 \u200bzero\u200c \ufeff \u00ad",
    "NUL \x00 BEL \x07 BS \x08 DEL \x7f tab\tand\rreturn\r\nbreak\nline\u2028sep\u2029para",
    "lone \ud800 surrogates \udfff",
    "tags \U000e0041\U000e007f",
    "日本語のとても長いタイトルがここに来ます" * 5,
    "e" + "\u0301" * 500 + " zalgo " + "o\u0336\u0337" * 90,
    "👩\u200d🚀 👨\u200d👩\u200d👧\u200d👦 " + "👩\u200d" * 300 + "🚀",
    "a\u200db\u200d" * 200,
    "\u200d",
    "",
    " ",
    "…" * 300,
    "x" * 5_000_000,
    "é" * 1_000_000,
    "語" * 1_000_000,
)

TOKEN = "V0FSTVRVSQ"
"""In everything that acts: base64 of WARMTUI, as a clipboard sequence would carry it."""
ACTING = (
    f"\x1b]52;c;{TOKEN}==\x07",
    f"\x1b]0;{TOKEN}\x07",
    f"\x1b]2;{TOKEN}\x1b\\",
    f"\x1b]8;;https://{TOKEN}.example\x1b\\link\x1b]8;;\x1b\\",
    f"\x1bP{TOKEN}\x1b\\",
    f"\x1b_{TOKEN}\x1b\\",
    "\x1b[2J\x1b[?1049l\x1b[31;7777m",
    "\x1bc",
    f"\x9d52;c;{TOKEN}\x9c",
    "\x9b7777m",
)
"""Clipboard, titles, links, device strings, clearing, resets; in seven bits and in eight."""
OBEYED = tuple(
    sequence.encode()
    for sequence in (
        f"\x1b]52;c;{TOKEN}",
        f"\x1b]0;{TOKEN}",
        f"\x1b]2;{TOKEN}",
        f"\x1b]8;;https://{TOKEN}",
        f"\x1bP{TOKEN}",
        f"\x1b_{TOKEN}",
        "\x1b[31;7777m",
        "\x1bc",
        f"\x9d52;c;{TOKEN}",
        "\x9b7777m",
    )
)
"""Byte sequences that a terminal must never be sent."""
MARKUP = "[/] [@click=app.quit]quit[/] [link=https://example.org]x[/link] [bold red]b [/tmp/x] **md** `c` <b>"
ODD = (
    "\u202eesrever\u202c\u2066i\u2069\u200bz\u200c\ufeff\u00ad\u2028\u2029 NUL\x00BEL\x07BS\x08DEL\x7f\ttab"
    "\rcr \U000e0041 日本語 e"
    + "\u0301" * 60
    + " ก"
    + "\u0e47" * 60
    + " 👨\u200d👩\u200d👧\u200d👦"
    + "👩\u200d" * 40
    + "🚀"
)
NOT_UTF8 = b"surrogate \xed\xa0\x80 bytes \xff\xfe "


def evil(name: str) -> str:
    """Return a short text of every hostile kind that SQLite can hold as text.

    Args:
        name: harmless words at its beginning, by which it is found again on a screen.
    """
    return f"{name} {''.join(ACTING)} {MARKUP} {ODD}"


def write_sessions(path: Path, *, big: bool = False) -> None:
    """Write a `state.db` in which everything a stranger can write is hostile.

    Args:
        path: where; there must be no file yet.
        big: also sessions with a title, a call and results of 5 MB in one line, and of 250,000 lines.
    """
    db = hermes.create(path, wal=True)
    db.execute("BEGIN")
    for number in range(3):
        _working_session(db, f"evil{number}", started=2_000.0 + number)
    _odd_rows(db)
    if big:
        _big_session(db)
    db.execute("COMMIT")
    db.close()


def _working_session(db: sqlite3.Connection, name: str, started: float) -> None:
    """A session with a recovery, examples, corrections and markers, all of them hostile."""
    hermes.session(
        db,
        name,
        started_at=started,
        title=evil(f"title {name}"),
        model=evil("model"),
        source=evil("channel"),
        system_prompt=evil("prompt"),
        cwd="/home/\x1b]0;x\x07/[/]",
        end_reason=evil("end"),
    )
    place = "/home/dev/[@click=app.quit]/\u202epy.snopuoc"
    for turn in range(4):
        at = started + 10 * turn
        hermes.said(db, name, "user", evil(f"no, use tool {turn}"), timestamp=at)
        odd = ("terminal", evil("tool"), MARKUP, "terminal")[turn]
        failed, worked = f"{name}_{turn}_a", f"{name}_{turn}_b"
        hermes.called(db, name, (failed, "terminal", {"command": f"pytest {place}"}), timestamp=at + 1)
        output = {"output": evil("pytest: command not found"), "exit_code": 127, "error": None}
        hermes.answered(db, name, failed, json.dumps(output), timestamp=at + 2, tool_name="terminal")
        arguments = {"command": f"python3 -m pytest {place}", evil("key"): evil("value"), "path": place}
        hermes.called(db, name, (worked, odd, arguments), timestamp=at + 3, text=evil("agent"))
        output = {"output": evil("3 passed"), "exit_code": 0, "error": None}
        hermes.answered(db, name, worked, json.dumps(output), timestamp=at + 4, tool_name=odd)
        hermes.said(db, name, "assistant", evil(f"done {turn}"), timestamp=at + 5)
    _raw(db, name, NOT_UTF8)


def _raw(db: sqlite3.Connection, name: str, text: bytes) -> None:
    """A message whose text is no UTF-8, as `surrogateescape` and broken writers leave it."""
    db.execute(
        "INSERT INTO messages (session_id, role, content) VALUES (?, 'user', CAST(? AS TEXT))", (name, text)
    )


def _odd_rows(db: sqlite3.Connection) -> None:
    """Rows of types and values that no honest writer makes."""
    name = f"odd\x1b]0;{TOKEN}\x07\n[/]\u202e id"
    hermes.session(db, name, started_at=1e300, title="\n\n", parent_session_id=evil("parent"))
    hermes.said(db, name, evil("role"), evil("of a role nobody knows"), timestamp=-1e300)
    hermes.called(db, name, ("c", "", "{not json " + evil("arguments")), timestamp=9e999)
    hermes.answered(db, name, evil("call nobody made"), evil("answer"), tool_name="")
    hermes.session(db, "past", started_at=-9e999, title="before all time")
    hermes.said(db, "past", "user", evil("hello"), timestamp=-9e999)
    hermes.session(db, "bytes", started_at=1_900.0, title=b"\x1b[31m\xff bytes", model=7, source=1.5)
    hermes.said(db, "bytes", "user", None)
    hermes.insert(db, "messages", session_id="bytes", role="assistant", content="", tool_calls="[[[" + ODD)
    hermes.insert(db, "messages", session_id="bytes", role="assistant", content=b"\x00\xff", tool_calls="{}")


def _big_session(db: sqlite3.Connection) -> None:
    """Texts that freeze whatever looks at all of them."""
    hermes.session(db, "big", started_at=3_000.0, title="t" * 5_000_000)
    texts = {
        "line": "\x1b]0;x\x07" + "x" * 5_000_000,
        "wide": "語" * 1_600_000,
        "marks": "e" + "\u0301" * 2_500_000,
        "lines": "line [/]\n" * 250_000,
        "json": json.dumps({"output": "y" * 5_000_000, "exit_code": 0, "error": None}),
        "deep": "[" * 100_000,
    }
    for number, (kind, text) in enumerate(texts.items()):
        hermes.said(db, "big", "user", f"look at {kind}", timestamp=3_000.0 + number)
        arguments = {"command": f"cat {kind}"} if number else {"command": "z" * 5_000_000}
        hermes.called(db, "big", (kind, "terminal", arguments), timestamp=3_000.0 + number)
        hermes.answered(db, "big", kind, text, timestamp=3_000.0 + number, tool_name="terminal")


def hostile_seed() -> Seed:
    """Return a seed with every part, all of it hostile."""
    here = Provenance(agent="hermes", session_id=evil("session"), message_id="\x1b[2J", call_id="[/]")
    call = ExampleCall(
        tool=evil("tool"),
        arguments=json.dumps({evil("key"): evil("value")}),
        result=evil("result"),
        result_characters=10,
    )
    return Seed(
        system_context=evil("context"),
        user_patterns=UserPatterns(
            request_style="terse",
            feedback_style="detailed",
            domains=(evil("domain"),),
            preferred_tools=(evil("tool"),),
            corrections=(evil("correction"),),
        ),
        recoveries=(
            Recovery(
                id="r1",
                failed=call,
                error=evil("error"),
                error_type=evil("type"),
                fixed=call,
                change=evil("change"),
                shown_as="messages",
                before=evil("before"),
                closing=evil("closing"),
                note=evil("note"),
                provenance=here,
            ),
        ),
        tool_examples=(
            ToolExample(
                id="e1",
                before=evil("before"),
                calls=(call,),
                closing=evil("closing"),
                note=evil("note"),
                provenance=here,
            ),
        ),
        context_markers=(ContextMarker(id="m1", text=evil("marker"), kind="path", uses=3, provenance=here),),
        notes=tuple(
            Note(id=f"n{number}", kind=kind, text=evil(kind), seen=number, provenance=here)
            for number, kind in enumerate(get_args(NoteKind), 1)
        ),
    )


NAMES = (
    "[x]",
    "[@click=app.quit]x",
    "[link=https:example.org]y",
    "日本語" * 20,
    "👩\u200d" * 90 + "🚀",
    "e" + "\u0301" * 180,
)
"""Names that a library accepts; what a terminal would obey it refuses."""


async def fill_library(path: Path) -> None:
    """Keep templates with hostile names, tags, descriptions and seeds, and versions of them.

    The first has a name and a tag that no library accepts: it was written by another program.
    """
    async with Library(path, clock=lambda: datetime(2026, 11, 20, tzinfo=UTC)) as library:
        for name in NAMES:
            draft = Draft(
                name=name,
                description=evil("description"),
                task_type="code",
                tags=("[/]", "[@click=app.quit]", "語"),
                seed=hostile_seed(),
                sources=(
                    SourceSession(agent="hermes", id="evil0", title=evil("title"), source=evil("source")),
                ),
            )
            saved = await library.save(draft)
            changed = draft.seed.model_copy(update={"system_context": evil("changed")})
            await library.save(draft.model_copy(update={"seed": changed}), template=saved.template.id)
    with sqlite3.connect(path) as db:
        written: dict[str, Any] = {"name": evil("imported")[:190], "old": NAMES[0]}
        db.execute("UPDATE templates SET name = :name WHERE name = :old", written)
    db.close()
