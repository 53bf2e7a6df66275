"""A save that returned is there whatever happens to the process, and nothing is ever half there."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from warmtui.library.library import Library

pytestmark = pytest.mark.slow

KILLS = 60

Clock = Callable[[], datetime]


class Saver:
    """The process that forks the ones to be killed."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).parent / "children" / "saving.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )

    def start(self, path: Path, seed: str, size: int, rounds: int = 1_000_000) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{path} {seed} {size} {rounds}\n")

    def saved(self, kill_after: float | None, *, saves: int = 0) -> list[tuple[str, int, str]]:
        """The saves that the child acknowledged until it ended, killed some seconds after so many or not."""
        assert self.process.stdout is not None
        pid = 0
        saved = []
        for line in self.process.stdout:
            first, *rest = line.split()
            if first == "pid":
                pid = int(rest[0])
            elif first == "saved":
                saved.append((rest[0], int(rest[1]), rest[2]))
            else:
                assert int(rest[0]) == (0 if kill_after is None else -signal.SIGKILL)
                break
            if kill_after is not None and len(saved) == saves:
                time.sleep(kill_after)
                os.kill(pid, signal.SIGKILL)
                saves = -1
        assert pid
        return saved

    def close(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        assert self.process.wait(timeout=60) == 0
        self.process.stdout.close()


@pytest.fixture
def savers() -> Iterator[tuple[Saver, Saver]]:
    two = Saver(), Saver()
    yield two
    for saver in two:
        saver.close()


@pytest.fixture
def saver(savers: tuple[Saver, Saver]) -> Saver:
    return savers[0]


async def _check(path: Path, clock: Clock, acknowledged: list[tuple[str, int, str]]) -> None:
    async with Library(path, clock=clock) as library:
        assert await library.verify() == ()
        kept = {
            (template.name, version.number): version.content_hash
            for template in (await library.listing()).templates
            for version in await library.versions(template.id)
        }
        deleted = {template.name for template in (await library.listing(deleted=True)).templates}
    for name, number, content_hash in acknowledged:
        assert kept.get((name, number)) == content_hash or name in deleted


@pytest.mark.parametrize("size", [100, 300_000], ids=["small", "large"])
async def test_killed_while_saving(saver: Saver, path: Path, clock: Clock, size: int) -> None:
    chance = random.Random(size)
    acknowledged: list[tuple[str, int, str]] = []
    wanted = 0
    for number in range(KILLS // 2):
        saver.start(path, f"run{number}", size)
        wanted += (saves := chance.randint(0, 5))
        acknowledged += saver.saved(kill_after=chance.uniform(0, 0.03), saves=saves)
        await _check(path, clock, acknowledged)
    assert len(acknowledged) >= wanted > KILLS


async def test_killed_while_the_library_is_made(saver: Saver, tmp_path: Path, clock: Clock) -> None:
    chance = random.Random(1)
    for number in range(KILLS // 2):
        path = tmp_path / str(number) / "library.db"
        saver.start(path, "first", 100)
        acknowledged = saver.saved(kill_after=chance.uniform(0, 0.03))
        await _check(path, clock, acknowledged)


async def test_two_processes_saving_at_once(savers: tuple[Saver, Saver], path: Path, clock: Clock) -> None:
    for number, saver in enumerate(savers):
        saver.start(path, f"all{number}", 100, rounds=60)
    acknowledged = [saver.saved(kill_after=None) for saver in savers]
    assert min(map(len, acknowledged)) >= 80
    await _check(path, clock, [*acknowledged[0], *acknowledged[1]])


async def test_one_of_two_processes_is_killed(savers: tuple[Saver, Saver], path: Path, clock: Clock) -> None:
    chance = random.Random(2)
    for number in range(KILLS // 6):
        for which, saver in enumerate(savers):
            saver.start(path, f"all{number}{which}", 10_000, rounds=30)
        acknowledged = savers[0].saved(kill_after=chance.uniform(0.02, 0.1))
        acknowledged += savers[1].saved(kill_after=None)
        await _check(path, clock, acknowledged)
