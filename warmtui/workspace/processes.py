"""Processes of our own beside the app: starting and ending them, and frames through their pipes."""

from __future__ import annotations

import asyncio
import pickle
import struct
from asyncio.subprocess import Process
from contextlib import suppress
from typing import Any, BinaryIO

from warmtui.workspace.helping import serving

_LENGTH = struct.Struct(">Q")


async def started(module: str) -> Process:
    """Start a process. Cancelled meanwhile, it ends it first: asyncio leaves pipes of a half made one open.

    Args:
        module: whose `serve` it runs.

    Raises:
        OSError: it cannot be started.
    """
    starting = asyncio.ensure_future(
        asyncio.create_subprocess_exec(
            *serving(module),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
    )
    stopped: asyncio.CancelledError | None = None
    while not starting.done():
        try:
            await asyncio.wait([starting])
        except asyncio.CancelledError as error:
            stopped = error
    if stopped is None:
        return starting.result()
    with suppress(OSError):
        await ended(starting.result())
    raise stopped


async def ended(process: Process) -> None:
    """Kill the process and wait until it is gone and its pipes are closed, which takes some milliseconds.

    An app that ends cancels its workers more than once; who left at the second time would leave the pipes.
    """
    with suppress(ProcessLookupError):
        process.kill()
    stopped: asyncio.CancelledError | None = None
    while True:
        try:
            if process.stdout is not None:
                with suppress(OSError):
                    await process.stdout.read()  # a full pipe is never seen to end, and wait would not end
            await process.wait()
            break
        except asyncio.CancelledError as error:
            stopped = error
    if stopped is not None:
        raise stopped


def frame(value: object) -> bytes:
    """Return a value as it goes through a pipe: its length, then the pickle."""
    data = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
    return _LENGTH.pack(len(data)) + data


def write(out: BinaryIO, value: object) -> None:
    """Write a value to a pipe, at once."""
    out.write(frame(value))
    out.flush()


def read(source: BinaryIO) -> Any:
    """Read the next value from a pipe; None at its end, also where that comes in the middle of one.

    Raises:
        pickle.UnpicklingError: it is none.
    """
    head = source.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    data = source.read(length)
    return pickle.loads(data) if len(data) == length else None


async def heard(source: asyncio.StreamReader) -> Any:
    """Read the next value of another process.

    Raises:
        EOFError: the process ended.
        OSError: the pipe broke.
        pickle.UnpicklingError: it is no value.
    """
    (length,) = _LENGTH.unpack(await source.readexactly(_LENGTH.size))
    return pickle.loads(await source.readexactly(length))
