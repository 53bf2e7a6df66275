"""Decoded records of JSON and JSON lines files, one at a time in memory, with their places in the file."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from warmtui.errors import SourceError
from warmtui.text import JSON_ERRORS, decode_utf8, limit_depth, load_json

MAX_RECORD = 256 * 2**20
"""Bytes of one line, or of a file that is one document; decoded it takes several times that."""
MAX_UNPACKED = 2**30
"""Bytes that a compressed file may hold; it is unpacked into memory."""
BUFFER_BYTES = 2**17
"""Lines often hold whole files; Python's own buffer of 8 KB would copy them many times."""
PEEK_LINES = 20
"""How many lines are searched for a session if the first one is not JSON."""
SUFFIXES = (".json", ".jsonl", ".ndjson", ".traj")
COMPRESSED = (".gz", ".zst")
_BOM = b"\xef\xbb\xbf"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_LIMIT = f"{MAX_RECORD // 2**20} MB"
_DECODER = json.JSONDecoder()


class Record(NamedTuple):
    """One value of a file: its place and its content."""

    offset: int
    length: int
    line: int
    """Line number from 1; 0 where the file is one document, or several after each other."""
    value: Any
    """Decoded; None when that was not possible."""
    trouble: str
    """What was wrong with it; empty when nothing was."""


def is_json(path: Path) -> bool:
    """Whether a file is taken for JSON or JSON lines, by its name or its first bytes."""
    if path.is_dir():
        return False
    if named_json(path):
        return True
    try:
        with path.open("rb") as file:
            start = file.read(4096)
    except OSError:
        return False
    return start.removeprefix(_BOM).lstrip()[:1] in (b"{", b"[")


def named_json(path: Path) -> bool:
    """Whether a file's name says that it is JSON, compressed or not."""
    name = path.name.lower()
    for suffix in COMPRESSED:
        name = name.removesuffix(suffix)
    return name.endswith(SUFFIXES)


def open_records(path: Path) -> BinaryIO:
    """Open a file for reading; a compressed one is unpacked into memory.

    Raises:
        SourceError: it is damaged or unpacks to more than `MAX_UNPACKED`.
        OSError: it cannot be read.
    """
    suffix = path.suffix.lower()
    if suffix not in COMPRESSED:
        return path.open("rb", buffering=BUFFER_BYTES)
    try:
        raw = _unzstd(path) if suffix == ".zst" else _gunzip(path)
    except (EOFError, gzip.BadGzipFile) as error:
        raise SourceError(f"{path} is damaged: {error}", "fetch or compress it again") from error
    if len(raw) > MAX_UNPACKED:
        raise SourceError(f"{path} unpacks to more than {MAX_UNPACKED // 2**30} GB", "unpack it and split it")
    return io.BytesIO(raw)


def _gunzip(path: Path) -> bytes:
    import zlib

    try:
        with gzip.open(path) as file:
            return file.read(MAX_UNPACKED + 1)
    except zlib.error as error:
        raise EOFError(str(error)) from error


def _unzstd(path: Path) -> bytes:
    import zstandard  # only Codex compresses its files so

    try:
        with path.open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file) as reader:
            return bytes(reader.read(MAX_UNPACKED + 1))
    except zstandard.ZstdError as error:
        raise EOFError(str(error)) from error


def decode(raw: bytes) -> tuple[Any, str]:
    """Decode one record.

    Returns:
        The value and what was wrong; the value is None when nothing could be read, and what is wrong is
        empty when nothing is.
    """
    if raw.startswith(_BOM):
        raw = raw[len(_BOM) :]
    try:
        return load_json(raw), ""
    except UnicodeDecodeError:
        try:
            return load_json(decode_utf8(raw)), "bytes that are not UTF-8 were replaced by U+FFFD"
        except JSON_ERRORS:
            return None, "it is not UTF-8 and not JSON; left out"
    except RecursionError:
        return None, "it is nested too deeply; left out"
    except ValueError:
        return None, "it is not JSON; left out"


def read_records(path: Path) -> Iterator[Record]:
    """Yield the records of a file in order, one at a time in memory; empty lines are left out.

    Several documents after each other, and several records on one line (two writers at once), are taken
    apart.

    Args:
        path: the file; a byte order mark at its start and carriage returns are dropped.

    Raises:
        SourceError: it is in UTF-16, damaged, or one document past `MAX_RECORD`.
        OSError: it cannot be read.
    """
    with open_records(path) as file:
        if file.read(2) in _UTF16:
            raise SourceError(f"{path} is in UTF-16", "save it as UTF-8")
        if _is_document(file):
            raw = read_at(file, 0, MAX_RECORD + 1)
            if len(raw) > MAX_RECORD:
                raise SourceError(
                    f"{path} is one JSON document of more than {_LIMIT}", "write a session a line"
                )
            yield from _read_line(raw, 0, 0)
            return
        for number, (offset, raw) in enumerate(_lines(file), 1):
            if len(raw) > MAX_RECORD:
                yield Record(offset, 0, number, None, f"it is longer than {_LIMIT}; left out")
            elif not raw.isspace() and _bare(raw):
                yield from _read_line(raw, offset, number)


def _read_line(raw: bytes, offset: int, line: int) -> Iterator[Record]:
    """Yield the record of one line, or of a whole document; several if it holds several."""
    value, trouble = decode(raw)
    if value is None and trouble.startswith("it is not JSON"):
        values = list(split_values(raw))
        if len(values) > 1 or (values and values[0][1] < len(raw)):
            for start, length, part in values:
                yield Record(offset + start, length, line, part, "")
            end = values[-1][0] + values[-1][1]
            if raw[end:].strip():
                yield Record(offset + end, len(raw) - end, line, None, "what follows is not JSON; left out")
            return
    yield Record(offset, len(raw), line, value, trouble)


def split_values(raw: bytes) -> Iterator[tuple[int, int, Any]]:
    """Yield the objects and lists that stand one after the other, up to the first thing that is neither.

    Yields:
        Offset and length in bytes, and the decoded value.
    """
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return
    at = offset = 0
    while at < len(text):
        start = at
        while start < len(text) and text[start] in " \t\r\n\ufeff":
            start += 1
        if text[start : start + 1] not in ("{", "["):
            return
        try:
            value, end = _DECODER.raw_decode(text, start)
            limit_depth(value)
        except JSON_ERRORS:
            return
        offset += len(text[at:start].encode())
        length = len(text[start:end].encode())
        yield offset, length, value
        offset, at = offset + length, end


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
    """Whether a file is JSON over several lines: one value, or several after each other.

    It is when its first line opens a value without closing it, and no line after it is a session.
    """
    lines = (line for _, raw in _lines(file) if (line := _bare(raw)))
    first = next(lines, b"")
    if first[:1] not in (b"{", b"[") or decode(first)[0] is not None or next(split_values(first), None):
        return False
    return not any(
        isinstance(value := decode(line)[0], dict) and "messages" in value
        for line in islice(lines, PEEK_LINES)
        if line[:1] == b"{"
    )
