"""Saves in a process of its own, to be killed; run by test_crash.py.

Each line of standard input is a run: `PATH SEED SIZE ROUNDS`. A child is forked for it, so that the
imports are paid for once. Standard output gets `pid N`, then `saved NAME VERSION HASH` after each save that
returned, and `ended CODE` once the child is gone.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
from datetime import UTC, datetime
from pathlib import Path

from warmtui.library.library import Library
from warmtui.model.template import Draft, Saved, Seed


def say(line: str) -> None:
    os.write(1, f"{line}\n".encode())


def acknowledge(saved: Saved) -> None:
    say(f"saved {saved.template.name} {saved.version.number} {saved.version.content_hash}")


async def save_on(path: Path, seed: str, size: int, rounds: int) -> None:
    chance = random.Random(seed)
    async with Library(path, clock=lambda: datetime.now(UTC), patience=30) as library:
        for count in range(1, rounds + 1):
            name = f"{seed[:3]}-{chance.randrange(4)}"
            text = f"{count} " + "x" * chance.randrange(size)
            draft = Draft(
                name=name, task_type="code", tags=(f"tag{count % 5}",), seed=Seed(system_context=text)
            )
            saved = await library.save(draft)
            acknowledge(saved)
            if count % 3 == 0:
                acknowledge(await library.revert(name, 1))
            if count % 4 == 0:
                await library.put_draft(f"draft{seed}", text)
            if count % 5 == 0:
                own = await library.save(draft.model_copy(update={"name": f"own-{seed}"}))
                acknowledge(own)
                await library.delete(own.template.id)
                await library.undelete(own.template.id)


def main() -> None:
    for line in sys.stdin:
        path, seed, size, rounds = line.split()
        pid = os.fork()
        if pid == 0:
            asyncio.run(save_on(Path(path), seed, int(size), int(rounds)))
            os._exit(0)
        say(f"pid {pid}")
        _, status = os.waitpid(pid, 0)
        say(f"ended {os.waitstatus_to_exitcode(status)}")


if __name__ == "__main__":
    main()
