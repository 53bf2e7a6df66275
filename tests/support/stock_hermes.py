"""Stock Hermes Agent, run with a scripted model in a home of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

SCRIPT = Path(__file__).parent.parent / "e2e" / "scripted_llm.py"
TIMEOUT = 120
"""Seconds; a run takes three, the first on a machine ten."""


class ScriptedModel:
    """Answers what the turns say, and keeps what it was asked; a context manager."""

    def __init__(self, folder: Path, turns: Iterable[Mapping[str, Any]] = ()) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.port = 0
        lines = "".join(json.dumps(turn) + "\n" for turn in turns)
        (folder / "turns.jsonl").write_text(lines, encoding="utf-8")
        (folder / "requests.jsonl").touch()

    def __enter__(self) -> ScriptedModel:
        files = [str(self.folder / "turns.jsonl"), str(self.folder / "requests.jsonl")]
        self._server = subprocess.Popen(
            [sys.executable, str(SCRIPT), "0", *files],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._server.stdout is not None
        word, port = self._server.stdout.readline().split()
        assert word == "ready"
        self.port = int(port)
        return self

    def __exit__(self, *error: object) -> None:
        self._server.terminate()
        self._server.wait(timeout=TIMEOUT)
        assert self._server.stdout is not None
        self._server.stdout.close()

    def requests(self) -> list[dict[str, Any]]:
        """The bodies of the requests of conversations, oldest first; probes and titles are left out."""
        lines = (self.folder / "requests.jsonl").read_text(encoding="utf-8").splitlines()
        bodies = [entry["body"] for entry in map(json.loads, lines) if "/chat/completions" in entry["path"]]
        return [body for body in bodies if body.get("tools")]

    def last_messages(self) -> list[dict[str, Any]]:
        """The messages of the last request of a conversation."""
        return list(self.requests()[-1]["messages"])


class StockHermes:
    """Hermes with a fresh home, a fresh `HERMES_HOME` and a folder to work in."""

    def __init__(self, program: Path, folder: Path, model: ScriptedModel) -> None:
        self.program = program
        self.model = model
        self.home = folder / "hermes-home"
        self.user_home = folder / "home"
        self.work = folder / "work"
        for made in (self.home, self.user_home, self.work):
            made.mkdir()
        self.config = self.home / "config.yaml"
        self.config.write_text(
            "# written by the tests\n"
            "model: {default: scripted, provider: custom, "
            f"base_url: http://127.0.0.1:{model.port}/v1}}\n"
            "security: {tirith_enabled: false}  # no download of a scanner\n",
            encoding="utf-8",
        )

    @property
    def env(self) -> dict[str, str]:
        """The whole environment it gets."""
        return {
            "PATH": f"{self.program.parent}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self.user_home),
            "HERMES_HOME": str(self.home),
            "OPENAI_API_KEY": "x",
            "LC_ALL": "C.UTF-8",
        }

    @property
    def state_db(self) -> Path:
        return self.home / "state.db"

    def run(self, *words: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """Run `hermes WORDS…` in the work folder; its output is text."""
        return self._call([str(self.program), *words], env)

    def chat(
        self, text: str, *words: str, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Say one thing, as a script would; more words are options of `hermes chat`."""
        done = self.run("chat", *words, "-q", text, "-Q", "--yolo", env=env)
        assert done.returncode == 0, done.stderr
        return done

    def talk(self, *texts: str) -> str:
        """Have a conversation, which leaves a `state.db`; returns the id of its session."""
        session = ""
        for text in texts:
            done = self.chat(text, *(("--resume", session) if session else ()))
            session = done.stderr.rsplit("session_id: ", 1)[1].strip()
        return session

    def python(self, code: str, *words: str) -> str:
        """Run Python code with Hermes' own modules; returns what it printed."""
        done = self._call([str(self.program.parent / "python3"), "-c", code, *words], None)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _call(self, command: list[str], env: Mapping[str, str] | None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self.work,
            env={**self.env, **(env or {})},
            capture_output=True,
            text=True,
            check=False,
            timeout=TIMEOUT,
            stdin=subprocess.DEVNULL,
        )


StartHermes = Callable[[Iterable[Mapping[str, Any]]], StockHermes]
"""Makes a Hermes whose model says the given turns."""


def as_sent(messages: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return a prefill as Hermes 0.19.0 sends it.

    Hermes strips the white space around every content, and rewrites the arguments of every call: compact,
    keys sorted, ASCII only. What the arguments say does not change.
    """
    sent: list[dict[str, Any]] = []
    for message in messages:
        new = dict(message)
        if isinstance(new.get("content"), str):
            new["content"] = new["content"].strip()
        if isinstance(new.get("tool_calls"), list):
            new["tool_calls"] = [_call_as_sent(call) for call in new["tool_calls"]]
        sent.append(new)
    return sent


def _call_as_sent(call: dict[str, Any]) -> dict[str, Any]:
    value = json.loads(call["function"]["arguments"])
    arguments = json.dumps(value, separators=(",", ":"), sort_keys=True)
    return {**call, "function": {**call["function"], "arguments": arguments}}
