"""A machine that gives less: files that cannot grow, permissions that count for root too."""

from __future__ import annotations

import ctypes
import os
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def no_file_above(size: int) -> Iterator[None]:
    """Let every write past `size` bytes fail, as it does on a full disk (Python ignores SIGXFSZ)."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Data(ctypes.Structure):
    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


@contextmanager
def bound_by_permissions() -> Iterator[None]:
    """Make file permissions count for root too, by laying down two capabilities for a while.

    Threads started meanwhile inherit that; capabilities(7): CAP_DAC_OVERRIDE is 1, CAP_DAC_READ_SEARCH 2.
    """
    if os.geteuid() != 0:
        yield
        return
    if sys.platform != "linux":
        pytest.skip("root is not bound by permissions here")
    libc = ctypes.CDLL(None, use_errno=True)
    header = _Header(0x20080522, 0)
    data = (_Data * 2)()
    assert libc.capget(ctypes.byref(header), data) == 0
    had = data[0].effective
    data[0].effective = had & ~0b110
    assert libc.capset(ctypes.byref(header), data) == 0
    try:
        yield
    finally:
        data[0].effective = had
        assert libc.capset(ctypes.byref(header), data) == 0
