"""The command that masks secrets and personal data in any text."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from warmtui.cli import output
from warmtui.cli.options import common, run
from warmtui.display import display_text
from warmtui.errors import UsageError, WarmtuiError
from warmtui.text import JSON_ERRORS, counted, load_json

if TYPE_CHECKING:
    from warmtui.curation.redact import Secrets
    from warmtui.workspace import Workspace

LARGEST = 64_000_000
"""Most bytes of a text, or of one line of JSON lines. Masking needs a text whole, and takes about ten times
its size in memory."""


@click.command("redact")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--jsonl", is_flag=True, help='Lines {"text"} in, {"text", "findings"} out.')
@common
def redact_command(file: Path | None, jsonl: bool) -> int:
    """Print FILE, or what comes from a pipe, with secrets and personal data masked.

    Masks what it recognises, which is never everything. The keys in the environment and in the agents' .env
    files are masked too. What was found is counted on stderr, by kind.
    """
    if file is None and sys.stdin.isatty():
        raise UsageError("there is no text to mask", "name a file, or send the text through a pipe")

    async def known(workspace: Workspace) -> Secrets:
        return workspace.context.known_secrets()

    secrets = run(known)
    try:
        with sys.stdin.buffer if file is None else file.open("rb") as stream:
            return _redact_lines(stream, secrets) if jsonl else _redact_text(stream, secrets)
    except OSError as error:
        if error.filename is None:
            raise
        raise WarmtuiError(f"{file} cannot be read: {error.strerror or error}") from error


def _redact_text(stream: BinaryIO, known: Secrets) -> int:
    from collections import Counter

    from warmtui.curation.redact import redact

    data = stream.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise WarmtuiError(f"a text of more than {LARGEST:,} bytes is not masked", "split it at line breaks")
    # Bytes that are not UTF-8 come out as they went in.
    redaction = redact(data.decode("utf-8", "surrogateescape"), known)
    if sys.stdout.isatty():
        output.line(display_text(redaction.text).removesuffix("\n"))
    else:
        sys.stdout.buffer.write(redaction.text.encode("utf-8", "surrogateescape"))
    kinds = Counter(finding.kind for finding in redaction.findings)
    said = ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items()))
    found = f"masked {counted(len(redaction.findings), 'place')}: {said}" if kinds else "none recognised"
    output.note(f"warmtui: {found}")
    return 0


def _redact_lines(stream: BinaryIO, known: Secrets) -> int:
    bad = 0
    number = 0
    while line := stream.readline(LARGEST + 1):
        number += 1
        if len(line) > LARGEST:
            raise WarmtuiError(
                f"line {number} has more than {LARGEST:,} bytes", "the lines before it are done"
            )
        if not line.strip():
            continue
        answer = _redact_line(line, known)
        if "error" in answer:
            bad += 1
            output.note(f"warmtui: line {number}: {answer['error']}")
        output.print_json_line(answer)
    return 1 if bad else 0


def _redact_line(line: bytes, known: Secrets) -> dict[str, Any]:
    from warmtui.curation.redact import redact

    try:
        value = load_json(line)
    except JSON_ERRORS as error:
        return {"text": None, "findings": [], "error": f"it is not JSON: {error}"}
    text = value.get("text") if isinstance(value, dict) else None
    if not isinstance(text, str):
        return {"text": None, "findings": [], "error": 'it is no object with a "text"'}
    redaction = redact(text, known)
    findings = [finding._asdict() for finding in redaction.findings]
    return {"text": redaction.text, "findings": findings}
