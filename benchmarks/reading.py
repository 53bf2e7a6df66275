"""How long reading JSON lines takes, beside a plain loop that reads and decodes the same lines.

usage: reading.py [PATH…] [--runs 15] [--json]

A path is whatever `--source` takes, or a home folder with `.claude` and `.codex` in it. Without one, small
sessions of every agent that writes JSON lines are made and read.

Every run opens the source anew, as a command does, and its files are in the file cache. `list` is finding
the sessions and reading their headers, `read` is reading all of them whole, and `loop` decodes each line
with orjson and keeps nothing. They take turns, so that other work on the machine costs all of them alike;
processor time is counted, and the medians of the pairs are given.
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import orjson

from warmtui.__main__ import COLLECT
from warmtui.registry import AGENTS, open_source
from warmtui.sources.base import Source
from warmtui.sources.json_records import named_json, open_records

T = TypeVar("T")
R = TypeVar("R")

START = 1_780_000_000
MADE_SESSIONS, MADE_TURNS = 30, 40
RESULT = '{}:\tdef handle(self, request: "Request") -> None:  # a line as a search prints it\n'


class Ratios(NamedTuple):
    """What one source gave."""

    name: str
    files: int
    megabytes: float
    sessions: int
    messages: int
    list: float
    """Times the loop, as the other one."""
    read: float


def files_of(path: Path) -> list[Path]:
    """Return the JSON lines files at a path."""
    found = sorted(path.rglob("*")) if path.is_dir() else [path]
    return [file for file in found if file.is_file() and named_json(file) and ".jsonl" in file.suffixes]


def places(path: Path) -> dict[str, Path]:
    """Return what is measured at a path, by name: each agent's own folder where it is a home."""
    environ = {"HOME": str(path)}
    located = {agent.name: agent.locate(environ).found for agent in AGENTS if agent.locate is not None}
    homes = {name: found[0] for name, found in located.items() if found and files_of(found[0])}
    return homes or {path.name: path}


def loop(files: Iterable[Path]) -> None:
    """Read and decode all lines."""
    for path in files:
        with open_records(path) as file:
            for line in file:
                with suppress(ValueError):  # half a line, or two on one
                    orjson.loads(line)


def timed(work: Callable[[T], R], what: T) -> tuple[float, R]:
    """Return the processor seconds of some work, without garbage of what came before it, and its result."""
    gc.collect()
    start = time.process_time()
    result = work(what)
    return time.process_time() - start, result


def read(source: Source) -> tuple[int, int]:
    """Read all sessions of a source and return how many there are, and how many messages."""
    sizes = [len(session.messages) for session in source.read([h.id for h in source.listing().headers])]
    return len(sizes), sum(sizes)


def measure(name: str, path: Path, runs: int) -> Ratios:
    """Measure one source."""
    files = files_of(path)
    counts = read(open_source(path))  # fills the file cache, and imports what reading needs
    listed, whole = [], []
    for _ in range(runs):
        floor, _ = timed(loop, files)
        opening, source = timed(open_source, path)
        reading, _ = timed(read, source)
        source.close()
        listed.append(opening / floor)
        whole.append(reading / floor)
    size = sum(file.stat().st_size for file in files) / 1e6
    return Ratios(name, len(files), size, *counts, statistics.median(listed), statistics.median(whole))


def moment(number: int) -> str:
    """Return a time as the agents write it, a second later for each number."""
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(START + number))


def result(number: int) -> str:
    """Return what a call brought back: between one line and eighty, as long on average as real ones are."""
    return "".join(RESULT.format(number + line) for line in range(1 + number * 7 % 80))


def claude_code(session: int) -> Iterator[dict[str, Any]]:
    """Yield the rows of a session of Claude Code."""
    parent = None

    def row(kind: str, number: int, **more: object) -> dict[str, Any]:
        nonlocal parent
        own = f"{session:08x}-0000-4000-8000-{number:012x}"
        frame = {
            "parentUuid": parent,
            "isSidechain": False,
            "userType": "external",
            "cwd": "/home/ada/app",
            "sessionId": f"{session:08x}-0000-4000-8000-000000000000",
            "version": "2.1.237",
            "gitBranch": "main",
            "type": kind,
            "uuid": own,
            "timestamp": moment(session * 10_000 + number),
        }
        parent = own
        return {**frame, **more}

    yield row("user", 1, message={"role": "user", "content": "Find who handles the requests, and mend it."})
    for turn in range(MADE_TURNS):
        call = f"toolu_{session:04}{turn:04}"
        made = {"type": "tool_use", "id": call, "name": "Bash", "input": {"command": f"rg -n handle {turn}"}}
        usage = {"input_tokens": 10, "cache_read_input_tokens": 900 * turn, "output_tokens": 40}
        said = {
            "id": f"msg_{call}",
            "type": "message",
            "role": "assistant",
            "model": "claude",
            "usage": usage,
        }
        yield row("assistant", 3 * turn + 2, message={**said, "content": [made]}, requestId=call)
        back = {"tool_use_id": call, "type": "tool_result", "content": result(turn), "is_error": False}
        used = {"stdout": result(turn), "stderr": "", "interrupted": False, "isImage": False}
        yield row("user", 3 * turn + 3, message={"role": "user", "content": [back]}, toolUseResult=used)
        text = {"type": "text", "text": f"It is handled in module {turn}. I will look at the next one."}
        yield row("assistant", 3 * turn + 4, message={**said, "id": f"said_{call}", "content": [text]})


def codex(session: int) -> Iterator[dict[str, Any]]:
    """Yield the rows of a rollout of Codex."""

    def row(kind: str, number: int, /, **payload: object) -> dict[str, Any]:
        return {"timestamp": moment(session * 10_000 + number), "type": kind, "payload": payload}

    own = f"{session:08x}-0000-7000-8000-000000000000"
    yield row(
        "session_meta", 0, id=own, timestamp=moment(session * 10_000), cwd="/home/ada/app", source="cli"
    )
    said = "Find who handles the requests, and mend it."
    words = {"role": "user", "content": [{"type": "input_text", "text": said}]}
    yield row("response_item", 1, type="message", **words)
    yield row("event_msg", 1, type="user_message", message=said, kind="plain")
    yield row("turn_context", 1, cwd="/home/ada/app", model="gpt-5", approval_policy="on-request")
    for turn in range(MADE_TURNS):
        call, at = f"call_{session:04}{turn:04}", 3 * turn + 2
        arguments = json.dumps({"cmd": f"rg -n handle {turn}", "workdir": "/home/ada/app"})
        yield row("response_item", at, type="reasoning", summary=[], encrypted_content="x" * 400)
        item = {"name": "exec_command", "arguments": arguments, "call_id": call}
        yield row("response_item", at, type="function_call", **item)
        head = "Chunk ID: 1\nWall time: 0.1 seconds\nProcess exited with code 0\nOutput:\n"
        output = head + result(turn)
        yield row("response_item", at + 1, type="function_call_output", call_id=call, output=output)
        info = {"total_token_usage": {"input_tokens": 900 * turn, "output_tokens": 40 * turn}}
        yield row("event_msg", at + 1, type="token_count", info=info)
        text = f"It is handled in module {turn}. I will look at the next one."
        yield row("event_msg", at + 2, type="agent_message", message=text)
        words = {"role": "assistant", "content": [{"type": "output_text", "text": text}]}
        yield row("response_item", at + 2, type="message", **words)


def chat(session: int) -> dict[str, Any]:
    """Return one session as an OpenAI-style chat."""
    messages: list[dict[str, Any]] = [{"role": "user", "content": "Find who handles the requests."}]
    for turn in range(MADE_TURNS):
        made = {"name": "terminal", "arguments": json.dumps({"command": f"rg -n handle {turn}"})}
        call = {"id": f"call_{turn}", "type": "function", "function": made}
        messages += (
            {"role": "assistant", "content": "", "tool_calls": [call]},
            {"role": "tool", "content": result(turn), "tool_call_id": f"call_{turn}"},
            {"role": "assistant", "content": f"It is handled in module {turn}."},
        )
    return {"id": f"chat-{session}", "model": "gpt-5", "messages": messages}


def write(path: Path, records: Iterable[dict[str, Any]]) -> None:
    """Write a JSON lines file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE) for record in records))


def make(folder: Path) -> list[Path]:
    """Write small sessions of each agent below a folder; return what is to be read."""
    for number in range(MADE_SESSIONS):
        own = f"{number:08x}-0000-4000-8000-000000000000"
        write(folder / f".claude/projects/-home-ada-app/{own}.jsonl", claude_code(number))
        write(folder / f".codex/sessions/2026/05/28/rollout-2026-05-28T00-00-00-{own}.jsonl", codex(number))
    write(folder / "chats.jsonl", map(chat, range(MADE_SESSIONS)))
    return [folder, folder / "chats.jsonl"]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("paths", type=Path, nargs="*", metavar="PATH")
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    gc.set_threshold(*COLLECT)  # as warmtui sets it
    with tempfile.TemporaryDirectory() as folder:
        paths = arguments.paths or make(Path(folder))
        sources = {name: place for path in paths for name, place in places(path.resolve()).items()}
        rows = [measure(name, place, arguments.runs) for name, place in sources.items()]
    if arguments.json:
        print(json.dumps([row._asdict() for row in rows]))
        return
    print(f"{'':24}{'files':>6}{'MB':>8}{'sessions':>10}{'messages':>10}{'list':>8}{'read':>8}")
    for row in rows:
        print(
            f"{row.name[:24]:24}{row.files:>6}{row.megabytes:>8.1f}{row.sessions:>10}{row.messages:>10}"
            f"{row.list:>6.2f} x{row.read:>6.2f} x"
        )


if __name__ == "__main__":
    main()
