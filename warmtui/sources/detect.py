"""Finding out what a path holds by looking at it."""

from __future__ import annotations

from pathlib import Path

from warmtui.errors import SourceError
from warmtui.sources.base import Source
from warmtui.sources.live_database import MAGIC


def open_source(path: Path) -> Source:
    """Open whatever session source a path is.

    Args:
        path: an SQLite database, a JSON or JSONL file, or a folder that holds a `state.db`.

    Returns:
        The open source.

    Raises:
        SourceError: nothing readable is there, or nothing that any reader knows.
    """
    path = path.expanduser().resolve()
    if path.is_dir():
        database = path / "state.db"
        if not database.is_file():
            raise SourceError(f"{path} is a folder without a state.db", "give the file itself")
        path = database
    if is_json(path):
        from warmtui.sources.openai.file import JsonFile

        return JsonFile(path)
    from warmtui.sources.hermes.database import HermesDatabase

    return HermesDatabase(path)


def is_json(path: Path) -> bool:
    """Whether a file is taken for JSON or JSON lines, by its name or its first bytes."""
    if path.suffix.lower() in (".json", ".jsonl", ".ndjson"):
        return True
    try:
        with path.open("rb") as file:
            start = file.read(4096)
    except OSError:
        return False  # the reader says what is wrong with it
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    return not start.startswith(MAGIC) and text[:1] in (b"{", b"[")
