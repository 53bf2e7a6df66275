"""The records of a JSON file: its lines, or the one document it is."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from warmtui.errors import SourceError
from warmtui.sources.text import JSON_ERRORS, decode_utf8, loads

MAX_RECORD = 256 * 2**20
"""Bytes of one line, or of a file that is one document; decoded it takes several times that."""
_LIMIT = f"{MAX_RECORD // 2**20} MB"
PEEK_LINES = 20
"""Lines in which a session is looked for when the first one is not JSON."""
_BOM = b"\xef\xbb\xbf"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


class Record(NamedTuple):
    """One line, or the whole document, where it stands and what it holds."""

    offset: int
    length: int
    line: int
    """From 1; 0 for a document."""
    value: Any
    """Decoded; None when that was not possible."""
    trouble: str
    """What was wrong with it; empty when nothing was."""


def decode(raw: bytes) -> tuple[Any, str]:
    """Decode one record.

    Returns:
        The value and what was wrong; the value is None when nothing could be read, and what is wrong is
        empty when nothing is.
    """
    raw = _bare(raw)
    try:
        return loads(raw), ""
    except UnicodeDecodeError:
        try:
            return loads(decode_utf8(raw)), "bytes that are not UTF-8 were replaced by U+FFFD"
        except JSON_ERRORS:
            return None, "it is not UTF-8 and not JSON; left out"
    except RecursionError:
        return None, "it is nested too deeply; left out"
    except ValueError:
        return None, "it is not JSON; left out"


def read_records(path: Path) -> Iterator[Record]:
    """Yield the records of a file in order, one at a time in memory; empty lines are passed over.

    Args:
        path: the file; a byte order mark at its start and carriage returns are dropped.

    Raises:
        SourceError: it is in UTF-16, or one document past `MAX_RECORD`.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        if file.read(2) in _UTF16:
            raise SourceError(f"{path} is in UTF-16", "save it as UTF-8")
        if _is_document(file):
            raw = read_at(file, 0, MAX_RECORD + 1)
            if len(raw) > MAX_RECORD:
                raise SourceError(
                    f"{path} is one JSON document of more than {_LIMIT}", "write a session a line"
                )
            yield Record(0, len(raw), 0, *decode(raw))
            return
        for number, (offset, raw) in enumerate(_lines(file), 1):
            if len(raw) > MAX_RECORD:
                yield Record(offset, 0, number, None, f"it is longer than {_LIMIT}; left out")
            elif _bare(raw):
                yield Record(offset, len(raw), number, *decode(raw))


def read_at(file: BinaryIO, offset: int, length: int) -> bytes:
    """Read bytes of an open file."""
    file.seek(offset)
    return file.read(length)


def _bare(raw: bytes) -> bytes:
    return raw.removeprefix(_BOM).strip()


def _lines(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """The lines with their offsets; of one past the limit only its beginning."""
    file.seek(0)
    offset = 0
    while raw := file.readline(MAX_RECORD + 1):
        yield offset, raw
        offset += len(raw)
        if len(raw) > MAX_RECORD:
            while raw and not raw.endswith(b"\n"):
                raw = file.readline(MAX_RECORD)
                offset += len(raw)


def _is_document(file: BinaryIO) -> bool:
    """Whether a file is one JSON value over several lines.

    It is when its first line opens a value without closing it, and no line after it is a session.
    """
    lines = (line for _, raw in _lines(file) if (line := _bare(raw)))
    first = next(lines, b"")
    if first[:1] not in (b"{", b"[") or decode(first)[0] is not None:
        return False
    return not any(
        isinstance(value := decode(line)[0], dict) and "messages" in value
        for line in islice(lines, PEEK_LINES)
        if line[:1] == b"{"
    )
