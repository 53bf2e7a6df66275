"""Compare what the commands print with the goldens, byte for byte.

usage: python tools/goldens.py [--write] [--small] [--corpora DIR]... [--outputs DIR]

The goldens are outputs, not code: sessions, profiles, outcomes, extracts, starts, exports, comparisons, the
commands that keep templates, every help page, and what redaction and the instruction rules find. Three sets:

- `recordings`: the sessions in `assets/recordings`, and texts for the rules, in `tests/goldens/recordings/`.
- `generated`: sessions from `benchmarks/_make_state_db.py` and a chat log made of them, compressed in
  `tests/goldens/generated/`. `--small` leaves it out.
- `corpora`: sessions and strings that may not be committed, from the folders that `--corpora` names. Only
  hashes are kept, in `tests/goldens/corpora.json`. A name that is not there yet is written with `--write`.

A difference is printed as a unified diff and the exit code is 1. For `corpora` only the names can be printed:
write the outputs at both commits with `--outputs DIR` and compare the two folders.

The clock, the home folder, the width and the locale are fixed, the scratch folder and random ids are
replaced, so that the outputs are the same on every machine and with every Python.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import gzip
import hashlib
import io
import json
import lzma
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, pairwise
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
GOLDENS = ROOT / "tests" / "goldens"
HASHES = GOLDENS / "corpora.json"
RULE_TEXTS = GOLDENS / "texts.jsonl.xz"
"""Texts for the rules, a line each: `[text, [[known value, kind], …]]`."""
NOW = 1_796_000_000.0
"""What the clock shows: some days after the newest recording."""
GENERATED_SESSIONS = 300
CHAT_SESSIONS = 20
DIFF_LINES = 40
"""Lines of one difference that are printed."""
DIFFS_SHOWN = 12
PROJECT = "/usr"
"""The working directory of starts and exports: a folder that every machine has."""
TARGETS = ("hermes-prefill", "hermes-session", "openai-json")
TEMPLATE_ID = re.compile(r"\bt_[a-z0-9]{10}\b")
INDEX_NAME = re.compile(r"\.words-[0-9-]+\.db")
"""Names the rules that sessions are read by, which change often."""
LONG = frozenset({"comparisons", "redactions"})
"""Kinds whose goldens on the recordings are compressed too."""
ITEM = "===== "

Outputs = dict[str, dict[str, str]]
"""Outputs by kind and name of the item."""


class Text(NamedTuple):
    """One text that the rules look at."""

    name: str
    text: str
    known: tuple[tuple[str, str], ...] = ()
    """Values that are known to be secrets, with their kinds."""


class Commands:
    """Runs `warmtui` in this process, with an environment of its own in a scratch folder."""

    def __init__(self, scratch: Path, source: Path) -> None:
        self.scratch = scratch
        self.options = ("--source", str(source), "--library", str(scratch / f"{source.stem}-library.db"))

    def __call__(self, *words: str) -> str:
        """Return what a command prints; what it says on stderr and a failing exit code stand below."""
        from warmtui.cli.main import main

        out, err = _Captured(), _Captured()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main([*words[:1], *self.options, *words[1:]])
        text = out.text()
        if said := err.text():
            text += f"--- stderr\n{said}"
        if code:
            text += f"--- exit {code}\n"
        text = text.replace(str(self.scratch.resolve()), "/scratch").replace(str(self.scratch), "/scratch")
        return INDEX_NAME.sub(".words-RULES.db", TEMPLATE_ID.sub("t_TEMPLATEID", text))


class _Captured(io.TextIOWrapper):
    """A text stream that keeps its bytes."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8", newline="\n", write_through=True)

    def text(self) -> str:
        """Return all that was written."""
        self.flush()
        kept = self.buffer
        assert isinstance(kept, io.BytesIO)
        return kept.getvalue().decode()


def fix_environment(scratch: Path) -> None:
    """Fix all that differs between machines. Call it before anything of the package is imported."""
    for name in list(os.environ):
        if name.startswith(("WARMTUI_", "HERMES_", "LC_", "XDG_")) or name in ("NO_COLOR", "LANGUAGE"):
            del os.environ[name]
    os.environ.update(
        HOME="/home/you",
        USER="you",
        LOGNAME="you",
        LANG="C.UTF-8",
        TZ="UTC",
        TERM="dumb",
        COLUMNS="120",
        LINES="40",
        SHELL="/bin/bash",
        EDITOR="true",
        HERMES_HOME=str(scratch / "hermes"),
        WARMTUI_LIBRARY=str(scratch / "library.db"),
        WARMTUI_CONFIG=str(scratch / "config.toml"),
        XDG_DATA_HOME=str(scratch / "data"),
        XDG_CACHE_HOME=str(scratch / "cache"),
    )
    time.tzset()
    time.time = lambda: NOW
    os.chdir(scratch)


def session_outputs(run: Commands, sessions: Sequence[str], *, texts: bool = True) -> Outputs:
    """Return what the reading commands and `extract --dry-run` print for the sessions.

    Args:
        run: runs the commands on the source.
        sessions: their ids.
        texts: also what a person reads; else JSON alone.
    """
    kinds: Outputs = {
        "sessions": {"all": run("sessions", "--all", "--json")},
        "outcomes": dict(_by_session(run("outcomes", "--all", "--json"))),
        "profiles": {session: run("profile", session, "--json") for session in sessions},
        "extracts": {
            session: run("extract", session, "--name", "golden", "--dry-run", "--json")
            for session in sessions
        },
    }
    if texts:
        kinds["sessions-text"] = {
            " ".join(words) or "plain": run("sessions", *words)
            for words in (
                (),
                ("--all",),
                *(("--sort", order) for order in ("score", "errors", "messages", "calls")),
            )
        }
        kinds["profiles-text"] = {session: run("profile", session) for session in sessions}
        kinds["extracts-text"] = {
            session: run("extract", session, "--name", "golden", "--dry-run") for session in sessions
        }
    return kinds


def _by_session(lines: str) -> Iterator[tuple[str, str]]:
    """Yield the lines of `outcomes --json` by session."""
    found: dict[str, list[str]] = {}
    for line in lines.splitlines(keepends=True):
        name = json.loads(line)["session"] if line.startswith("{") else "other"
        found.setdefault(name, []).append(line)
    for name, kept in found.items():
        yield name, "".join(kept)


def template_outputs(run: Commands, sessions: Sequence[str]) -> Outputs:
    """Return what is printed when a template is made of each session, shown, tried and exported."""
    kinds: Outputs = {"templates": {}, "starts": {}, "exports": {}}
    for number, session in enumerate(sessions):
        name = f"golden-{number}"
        made = run("extract", session, "--name", name, "--budget", "4000")
        if "--- exit" in made:
            kinds["templates"][session] = made
            continue
        kinds["templates"][session] = made + run("show", name, "--json")
        kinds["starts"][session] = run("test", name, "go on", "--cwd", PROJECT)
        for target in TARGETS:
            kinds["exports"][f"{session} {target}"] = run("export", name, "--to", target, "--cwd", PROJECT)
    return kinds


def comparison_outputs(run: Commands, sessions: Sequence[str]) -> Outputs:
    """Return what `compare` prints for each session and the next, and for three at once."""
    pairs = list(pairwise(sessions))
    found = {f"{left} {right}": run("compare", left, right, "--json") for left, right in pairs}
    found |= {f"{left} {right} text": run("compare", left, right) for left, right in pairs}
    found["three"] = run("compare", *sessions[:3])
    return {"comparisons": found}


def command_outputs(run: Commands, session: str) -> Outputs:
    """Return what a run through the other commands prints, in their order, and every help page."""
    from warmtui.cli.main import COMMANDS

    script = [
        ("build", "--name", "built", "--min-messages", "5", "--dry-run", "--json"),
        ("build", "--name", "built", "--min-messages", "5"),
        ("extract", session, "--name", "first", "--tag", "one", "--description", "for goldens"),
        ("extract", session, "--name", "first", "--max-examples", "1"),
        ("list",),
        ("list", "--json"),
        ("list", "golden", "--json"),
        ("list", "--tag", "one"),
        ("show", "first"),
        ("show", "first@1", "--json"),
        ("diff", "first", "1", "2"),
        ("diff", "first", "1", "2", "--json"),
        ("revert", "first", "1"),
        ("tag", "first", "two", "--remove", "one"),
        ("rename", "first", "second"),
        ("duplicate", "second@1", "copy", "--json"),
        ("merge", "second", "built", "--name", "merged", "--json"),
        ("delete", "copy"),
        ("list", "--deleted", "--json"),
        ("undelete", "copy"),
        ("test", "merged", "--cwd", PROJECT),
        ("test", "merged", "hello", "--json", "--cwd", PROJECT),
        ("export", "second", "--to", "openai-json", "-o", "out.json"),
        ("export", "second", "--to", "openai-json", "-o", "out.json"),
        ("export", "second", "-o", "out.json", "--force", "--json"),
        ("install", "second", "--cwd", PROJECT, "--json"),
        ("uninstall", "--json"),
        ("outcomes", session),
        ("paths",),
        ("paths", "--json"),
        ("completion", "bash"),
        ("completion", "zsh"),
        ("completion", "fish"),
        ("profile", "nothing"),
        ("profile", "2026"),
        ("show", "nothing"),
        ("export", "second", "--to", "nothing"),
        ("compare", session),
        ("outcomes",),
        ("sesions",),
    ]
    names = [name for rows in COMMANDS.values() for name, *_ in rows]
    return {
        "commands": {f"{number:02} {' '.join(words)}": run(*words) for number, words in enumerate(script)},
        "help": {name: run(name, "--help") for name in names},
    }


def finding_outputs(texts: Iterable[Text]) -> Outputs:
    """Return what redaction and the instruction rules find in each text that they find anything in."""
    from warmtui.curation.instructions import instruction_flags
    from warmtui.curation.redact import Known, redact

    redacted: dict[str, str] = {}
    flagged: dict[str, str] = {}
    count = 0
    for name, text, known in texts:
        count += 1
        result = redact(text, tuple(Known(*value) for value in known))
        if result.findings:
            lines = [
                f"{found.kind} {found.start}-{found.end} {found.rule} {found.slot}"
                for found in result.findings
            ]
            redacted[name] = "\n".join([*lines, f"text {_digest(result.text)}", ""])
        if flags := instruction_flags(text):
            flagged[name] = "".join(f"{flag!r}\n" for flag in flags)
    total = {"texts": f"{count}\n"}
    return {"redactions": redacted | total, "instructions": flagged | total}


def stored_texts(database: Path) -> Iterator[Text]:
    """Yield the contents and calls of every message in a Hermes database."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        rows = connection.execute("SELECT id, content, tool_calls FROM messages ORDER BY id").fetchall()
    for number, content, calls in rows:
        if content:
            yield Text(f"{number:06} content", content)
        if calls:
            yield Text(f"{number:06} calls", calls)


def rule_texts() -> Iterator[Text]:
    """Yield the texts that are kept for the rules: what their tests look at."""
    for number, line in enumerate(lzma.decompress(RULE_TEXTS.read_bytes()).splitlines()):
        text, known = json.loads(line)
        yield Text(f"texts {number:04}", text, tuple((value, kind) for value, kind in known))


def recordings(scratch: Path) -> Outputs:
    """Return the outputs on the bundled recordings."""
    database = scratch / "recordings" / "state.db"
    database.parent.mkdir()
    shutil.copyfile(ROOT / "assets" / "recordings" / "state.db", database)
    _age(database)
    sessions = list(_session_ids(database))
    run = Commands(scratch, database)
    full = [session for session in sessions if "empty" not in session]
    return {
        **session_outputs(run, sessions),
        **template_outputs(run, full),
        **comparison_outputs(run, full),
        **command_outputs(run, full[0]),
        **finding_outputs([*stored_texts(database), *rule_texts()]),
    }


def generated(scratch: Path) -> Outputs:
    """Return the outputs on a generated database, and on a chat log made of its first sessions."""
    database = scratch / "generated" / "state.db"
    database.parent.mkdir()
    maker = [sys.executable, str(ROOT / "benchmarks" / "_make_state_db.py"), str(database)]
    subprocess.run([*maker, str(GENERATED_SESSIONS)], check=True, stdout=subprocess.DEVNULL)
    _age(database)
    sessions = _session_ids(database)
    run = Commands(scratch, database)
    full = [session for session, messages in sessions.items() if messages]
    chats = scratch / "chats.jsonl"
    write_chats(database, full[:CHAT_SESSIONS], chats)
    chat_run = Commands(scratch, chats)
    chat_ids = [row["id"] for row in json.loads(chat_run("sessions", "--all", "--json"))["sessions"]]
    outputs = {
        **session_outputs(run, full[::3], texts=False),
        **template_outputs(run, full[::15]),
        **comparison_outputs(run, full[::15]),
        "build": {"all": run("build", "--name", "built", "--dry-run", "--json")},
        **finding_outputs(islice(stored_texts(database), 0, None, 5)),
    }
    return outputs | {f"chat-{kind}": found for kind, found in session_outputs(chat_run, chat_ids).items()}


def _session_ids(database: Path) -> dict[str, int]:
    """Return the sessions of a Hermes database, oldest first, with the number of their messages."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        rows = connection.execute("SELECT id, message_count FROM sessions ORDER BY started_at, id")
        return dict(rows.fetchall())


def _age(database: Path) -> None:
    """Let a file be as old as if it had been written a day before the fixed clock."""
    os.utime(database, (NOW - 86_400, NOW - 86_400))


def write_chats(database: Path, sessions: Iterable[str], path: Path) -> None:
    """Write sessions of a Hermes database as a log of OpenAI chats, a conversation a line."""
    with contextlib.closing(sqlite3.connect(database)) as connection, path.open("w") as lines:
        for session in sessions:
            messages = []
            for role, content, call_id, calls in connection.execute(
                "SELECT role, content, tool_call_id, tool_calls FROM messages"
                " WHERE session_id = ? ORDER BY id",
                (session,),
            ):
                message: dict[str, Any] = {"role": role, "content": content}
                if call_id:
                    message["tool_call_id"] = call_id
                if calls:
                    message["tool_calls"] = json.loads(calls)
                messages.append(message)
            lines.write(json.dumps({"id": session, "messages": messages}) + "\n")
    _age(path)


def corpora(scratch: Path, folders: Iterable[Path]) -> Outputs:
    """Return the outputs on the files of some folders.

    `*.jsonl.gz` with `messages` is a corpus of sessions, with `text` one of strings for the rules; of the
    sessions in `*.tar.gz` only the lines go through the rules.
    """
    outputs: Outputs = {}
    for folder in folders:
        for path in sorted(folder.glob("*.jsonl.gz")):
            with gzip.open(path, "rt", encoding="utf-8") as lines:
                rows = [json.loads(line) for line in lines]
            name = path.name.partition(".")[0]
            if "text" in rows[0]:
                found = finding_outputs(Text(f"{number:05}", row["text"]) for number, row in enumerate(rows))
            else:
                found = _corpus(scratch, name, rows)
            outputs |= {f"{folder.name}/{name}/{kind}": items for kind, items in found.items()}
        for path in sorted(folder.glob("*.tar.gz")):
            found = finding_outputs(_archived_texts(path))
            outputs |= {f"{folder.name}/{path.name}/{kind}": items for kind, items in found.items()}
    return outputs


def _corpus(scratch: Path, name: str, rows: Sequence[dict[str, Any]]) -> Outputs:
    path = scratch / f"{name}.jsonl"
    with path.open("w", encoding="utf-8") as lines:
        for row in rows:
            lines.write(json.dumps({"id": row["session_id"], "messages": row["messages"]}) + "\n")
    _age(path)
    run = Commands(scratch, path)
    sessions = [row["id"] for row in json.loads(run("sessions", "--all", "--json"))["sessions"]]
    texts = (
        Text(f"{row['session_id']} {number:04}", json.dumps(message, ensure_ascii=False))
        for row in rows
        for number, message in enumerate(row["messages"])
    )
    return {**session_outputs(run, sessions, texts=False), **finding_outputs(texts)}


def _archived_texts(path: Path) -> Iterator[Text]:
    with tarfile.open(path) as archive:
        for member in archive:
            stream = archive.extractfile(member) if member.name.endswith(".jsonl") else None
            if stream is not None:
                for number, line in enumerate(stream.read().decode(errors="replace").splitlines()):
                    yield Text(f"{member.name} {number:05}", line)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def joined(items: dict[str, str]) -> str:
    """Return the items of one kind as one text."""
    return "".join(
        f"{ITEM}{name}\n{text}" + ("" if text.endswith("\n") else "\n⏎\n") for name, text in items.items()
    )


def parted(text: str) -> dict[str, str]:
    """Return the items that `joined` has put together; texts without a last line break keep their mark."""
    items: dict[str, str] = {}
    for part in re.split(f"(?m)^{ITEM}", text)[1:]:
        name, _, rest = part.partition("\n")
        items[name] = rest
    return items


def kept_path(folder: Path, kind: str) -> Path:
    """Return where the goldens of one kind lie: as text while they are short, else compressed."""
    short = folder.name == "recordings" and kind not in LONG
    return folder / (f"{kind}.txt" if short else f"{kind}.txt.xz")


def write(folder: Path, outputs: Outputs) -> None:
    """Write the goldens of one set and remove those of kinds that are gone."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {kept_path(folder, kind): joined(items) for kind, items in outputs.items()}
    for path in folder.iterdir():
        if path not in wanted:
            path.unlink()
    for path, text in wanted.items():
        if read(path) != text:
            data = text.encode()
            path.write_bytes(lzma.compress(data, preset=9) if path.suffix == ".xz" else data)


def read(path: Path) -> str:
    """Return the goldens in a file, empty when there is none."""
    if not path.exists():
        return ""
    data = path.read_bytes()
    return (lzma.decompress(data) if path.suffix == ".xz" else data).decode()


def differences(folder: Path, outputs: Outputs) -> list[str]:
    """Return the unified difference of every item that is not as its golden."""
    found = []
    for kind, items in outputs.items():
        new = joined(items)
        old = read(kept_path(folder, kind))
        if new == old:
            continue
        before, after = parted(old), parted(new)
        for name in [*before, *(name for name in after if name not in before)]:
            if before.get(name) != after.get(name):
                found.append(
                    _diff(f"{folder.name}/{kind}: {name}", before.get(name, ""), after.get(name, ""))
                )
    gone = {path for path in folder.glob("*") if path not in {kept_path(folder, kind) for kind in outputs}}
    return found + [
        f"{folder.name}/{path.name}: nothing of this kind is made any more" for path in sorted(gone)
    ]


def _diff(title: str, before: str, after: str) -> str:
    lines = list(
        difflib.unified_diff(
            before.splitlines(), after.splitlines(), f"golden {title}", f"now    {title}", lineterm="", n=2
        )
    )
    if len(lines) > DIFF_LINES:
        lines[DIFF_LINES:] = [f"… {len(lines) - DIFF_LINES} more lines"]
    return "\n".join(lines)


def hash_differences(outputs: Outputs, *, renew: bool) -> list[str]:
    """Compare the corpora's hashes, and keep the new ones when `renew` says so."""
    kept: dict[str, dict[str, str]] = json.loads(HASHES.read_text()) if HASHES.exists() else {}
    now = {kind: _hashes(items) for kind, items in outputs.items()}
    if renew:
        HASHES.write_text(json.dumps(kept | now, indent=0, ensure_ascii=False) + "\n")
        return []
    found = []
    for kind, hashes in now.items():
        before = kept.get(kind, {})
        names = [name for name in {**before, **hashes} if before.get(name) != hashes.get(name)]
        found += [f"{kind}: {name}" for name in names]
    return found


def _hashes(items: dict[str, str]) -> dict[str, str]:
    """Return one short hash a session, or a group of strings, so that the file stays small."""
    groups: dict[str, str] = {}
    for name, text in items.items():
        group = name.rpartition(" ")[0] or name
        groups[group] = groups.get(group, "") + joined({name: text})
    return {group: _digest(text)[:10] for group, text in groups.items()}


def write_outputs(folder: Path, outputs: Outputs) -> None:
    """Write outputs as text, for a comparison by other tools."""
    for kind, items in outputs.items():
        path = folder / f"{kind}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(joined(items), encoding="utf-8", errors="surrogatepass")


def main() -> int:
    """Compare or write the goldens; return the exit code."""
    parser = argparse.ArgumentParser(prog="dev.py goldens", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--write", action="store_true", help="write the goldens anew")
    parser.add_argument("--small", action="store_true", help="the recordings alone")
    parser.add_argument("--corpora", type=Path, action="append", default=[], metavar="DIR")
    parser.add_argument("--outputs", type=Path, metavar="DIR", help="also write the outputs as text there")
    options = parser.parse_args()
    folders = [folder.resolve() for folder in options.corpora]
    if missing := [str(folder) for folder in folders if not folder.is_dir()]:
        parser.error(f"no such folder: {', '.join(missing)}")
    kept = options.outputs and options.outputs.resolve()
    found: list[str] = []
    with tempfile.TemporaryDirectory(prefix="warmtui-goldens-") as name:
        scratch = Path(name)
        before = Path.cwd()
        fix_environment(scratch)
        sys.path.insert(0, str(ROOT))  # the package beside this file, wherever another is installed
        sets = (
            {"recordings": recordings}
            if options.small
            else {"recordings": recordings, "generated": generated}
        )
        for title, make in sets.items():
            outputs = make(scratch)
            if options.write:
                write(GOLDENS / title, outputs)
            found += differences(GOLDENS / title, outputs)
            if kept:
                write_outputs(kept / title, outputs)
        if folders:
            outputs = corpora(scratch, folders)
            found += hash_differences(outputs, renew=options.write)
            if kept:
                write_outputs(kept / "corpora", outputs)
        os.chdir(before)
    for text in found[:DIFFS_SHOWN]:
        print(text)
    if len(found) > DIFFS_SHOWN:
        print(f"… {len(found) - DIFFS_SHOWN} more items differ")
    print(f"goldens: {len(found)} items differ" if found else "goldens: no difference")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
