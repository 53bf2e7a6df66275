#!/usr/bin/env python3
"""A loopback OpenAI-compatible chat server that replays scripted assistant turns, so stock Hermes runs
without a model.

usage: scripted_llm.py PORT TURNS.jsonl REQUESTS.jsonl
       PORT 0 takes a free one; "ready PORT" is printed when it listens.

TURNS.jsonl     one assistant turn a line:
                {"content": str|null, "calls": [[tool_name, {args}], ...], "prompt_tokens": int}
REQUESTS.jsonl  every request is appended as {"path", "body"}: what the agent really sent.
Requests without tools (titles, summaries) are answered with a fixed sentence and consume no turn.
Past the last turn it answers "done".
"""

from __future__ import annotations

import itertools
import json
import sys
import threading
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

SUMMARY = "The shop service: cart totals, coupons and stock, with tests run by python3 -m unittest."


class Script:
    """The turns that are left, and the file that takes the requests."""

    def __init__(self, turns: Path, requests: Path) -> None:
        text = turns.read_bytes()
        self.turns = iter([json.loads(line) for line in text.splitlines() if line.strip()])
        self.ids = itertools.count()
        self.prefix = f"call_{zlib.crc32(text) & 0xFFFF:04x}"
        self.requests = requests
        self.lock = threading.Lock()

    def answer(self, path: str, body: dict[str, Any]) -> tuple[dict[str, Any], int]:
        """Log a request; give the next message and the prompt tokens it claims."""
        with self.lock:
            with self.requests.open("a", encoding="utf-8") as log:
                log.write(json.dumps({"path": path, "body": body}) + "\n")
            if not path.endswith("/chat/completions"):
                return {}, 0
            turn = next(self.turns, {"content": "done"}) if body.get("tools") else {"content": SUMMARY}
            message: dict[str, Any] = {"role": "assistant", "content": turn.get("content")}
            if turn.get("calls"):
                message["tool_calls"] = [
                    {
                        "index": index,
                        "id": f"{self.prefix}_{next(self.ids):04d}",
                        "type": "function",
                        "function": {
                            "name": name,
                            "arguments": args if isinstance(args, str) else json.dumps(args),
                        },
                    }
                    for index, (name, args) in enumerate(turn["calls"])
                ]
            return message, int(turn.get("prompt_tokens", 1200))


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    script: Script

    def log_message(self, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        model = {"id": "scripted", "object": "model", "context_length": 200_000}
        self.send_json({"object": "list", "data": [model]})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
        message, prompt = self.script.answer(self.path, body)
        if not message:
            self.send_json({})
            return
        finish = "tool_calls" if message.get("tool_calls") else "stop"
        usage = {"prompt_tokens": prompt, "completion_tokens": 80, "total_tokens": prompt + 80}
        head = {"id": "c", "created": 1, "model": "scripted"}
        if body.get("stream"):
            self.send_stream(head, message, finish, usage)
            return
        for call in message.get("tool_calls", []):
            call.pop("index")
        choice = {"index": 0, "message": message, "finish_reason": finish}
        self.send_json({**head, "object": "chat.completion", "usage": usage, "choices": [choice]})

    def send_json(self, value: dict[str, Any]) -> None:
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def send_stream(
        self, head: dict[str, Any], message: dict[str, Any], finish: str, usage: dict[str, Any]
    ) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        head = {**head, "object": "chat.completion.chunk"}
        parts: tuple[tuple[dict[str, Any], str | None], ...] = ((message, None), ({}, finish))
        for delta, reason in parts:
            choice = {"index": 0, "delta": delta, "finish_reason": reason}
            self.wfile.write(b"data: " + json.dumps({**head, "choices": [choice]}).encode() + b"\n\n")
        tail = json.dumps({**head, "choices": [], "usage": usage}).encode()
        self.wfile.write(b"data: " + tail + b"\n\ndata: [DONE]\n\n")
        self.wfile.flush()
        self.close_connection = True


def main() -> None:
    Handler.script = Script(Path(sys.argv[2]), Path(sys.argv[3]))
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
    print("ready", server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
