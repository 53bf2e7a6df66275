"""The message list that a session starts with."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seeds import full_seed, note

from warmtui.curation.bootstrap import ACKNOWLEDGEMENT, CALL_ID_LENGTH, FRAMING, bootstrap, call_id, seed_hash
from warmtui.curation.folders import Folders
from warmtui.exchange.checks import check
from warmtui.exchange.messages import to_bytes
from warmtui.model.template import NoteKind, Seed

GOLDEN = Path(__file__).with_name("golden_bootstrap.json")
HERE = Folders(home="/home/ann", cwd="/home/ann/my shop")


def test_a_whole_bootstrap_to_the_byte() -> None:
    """To accept a change on purpose: python3 -m pytest … then look at the file that the failure names."""
    made = to_bytes(bootstrap(full_seed(), HERE))
    assert made == GOLDEN.read_bytes()


def test_another_process_makes_the_same_bytes() -> None:
    code = (
        "import sys; from seeds import full_seed; from warmtui.curation.bootstrap import bootstrap\n"
        "from warmtui.curation.folders import Folders\n"
        "from warmtui.exchange.messages import to_bytes\n"
        f"sys.stdout.buffer.write(to_bytes(bootstrap(full_seed(), Folders({HERE.home!r}, {HERE.cwd!r}))))"
    )
    support = str(Path(__file__).parents[1] / "support")
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        check=True,
        env={"PYTHONPATH": support, "PYTHONHASHSEED": "7"},
    )
    assert done.stdout == to_bytes(bootstrap(full_seed(), HERE))


def test_the_parts_stand_in_their_order() -> None:
    messages = bootstrap(full_seed(), HERE)
    opening = messages[0].content
    assert opening.startswith(FRAMING)
    titles = [line for line in opening.splitlines() if line.startswith("## ")]
    assert titles == [
        "## Context",
        "## How I work",
        "## How things are done here",
        "## Known failures and what fixed them",
        "## Dead ends: do not try these again",
        "## Known noise: these fail already",
        "## Where things are",
    ]
    assert (messages[1].role, messages[1].content) == ("assistant", ACKNOWLEDGEMENT)
    assert messages[-1].role == "assistant"
    assert not messages[-1].calls


def test_what_warmtui_wrote_itself_is_marked() -> None:
    invented = [message.content for message in bootstrap(full_seed(), HERE) if message.invented]
    assert invented == [ACKNOWLEDGEMENT, "Please go on with the work in this project.", "Done."]


def test_every_provider_takes_it() -> None:
    assert check(bootstrap(full_seed(), HERE), after_system=True) == ()


def test_folders_become_those_of_the_place() -> None:
    text = to_bytes(bootstrap(full_seed(), HERE)).decode()
    assert "{cwd}" not in text
    assert "{home}" not in text
    assert "cd /home/ann/my shop && python3" in text
    assert "/home/ann/notes" in text


@pytest.mark.parametrize(
    ("kind", "section"),
    [
        ("preference", "## How I work\n- “never push to {cwd}”"),
        ("convention", "## How things are done here\n- never push to {cwd}"),
        ("dead_end", "## Dead ends: do not try these again\n- never push to {cwd}"),
        ("known_noise", "## Known noise: these fail already\n- never push to {cwd}"),
    ],
)
def test_a_note_stands_in_the_section_of_its_kind(kind: NoteKind, section: str) -> None:
    seed = Seed(notes=(note(kind, " never push\nto {cwd}"),))
    expected = section.replace("{cwd}", HERE.cwd or "")
    assert bootstrap(seed, HERE)[0].content == f"{FRAMING}\n\n{expected}"


def test_a_seed_of_before_there_were_notes_keeps_its_call_ids() -> None:
    fields = '"user_patterns":null,"recoveries":[],"tool_examples":[],"context_markers":[]'
    kept = f'{{"system_context":"x",{fields}}}'
    assert seed_hash(Seed.model_validate_json(kept)) == hashlib.sha256(kept.encode()).hexdigest()


PARTS = ["system_context", "user_patterns", "recoveries", "tool_examples", "context_markers", "notes"]


@pytest.mark.parametrize("part", PARTS)
def test_a_part_alone_makes_a_whole_start(part: str) -> None:
    seed = Seed(**{part: getattr(full_seed(), part)})
    messages = bootstrap(seed, HERE)
    assert messages[0].content.startswith(FRAMING)
    assert check(messages, after_system=True) == ()


def test_an_empty_seed_starts_with_nothing() -> None:
    assert bootstrap(Seed(), HERE) == ()


@given(st.text("0123456789abcdef", min_size=1, max_size=64), st.integers(0, 500))
def test_call_ids_are_what_the_strictest_provider_takes(digest: str, position: int) -> None:
    identity = call_id(digest, position)
    assert len(identity) == CALL_ID_LENGTH
    assert identity.isascii()
    assert identity.isalnum()
    assert identity != call_id(digest, position + 1)
