"""The settings that only the app knows: theme and keys."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from docs_example import settings_example
from ui import MARATHON, Ui
from workspaces import environ_in

from warmtui.curation.editing import Pick, is_picked
from warmtui.tui.app import WarmtuiApp
from warmtui.tui.configuration import RESERVED, all_commands, check, check_keymap
from warmtui.tui.curate.draft_session import DraftSession
from warmtui.tui.themes import OFFERED
from warmtui.workspace import Workspace
from warmtui.workspace.settings import Settings
from warmtui.workspace.settings_file import parse

FILE = Path("config.toml")


def told(settings: Settings) -> list[tuple[str, str, str]]:
    return [problem[1:] for problem in check(settings, FILE).problems]


def test_commands_are_found_wherever_they_are_listed() -> None:
    found = {command.id for command in all_commands()}
    for name in ("app.help", "room.back", "sessions.sort", "timeline.fold", "timeline.part", "rows.down"):
        assert name in found


def test_names_are_unique_and_no_screen_has_a_key_twice() -> None:
    names = [name for command in all_commands() for name, _key in command.each_key()]
    assert len(names) == len(set(names))
    for scope in {name.partition(".")[0] for name in names}:
        keys = [
            key
            for command in all_commands()
            for name, key in command.each_key()
            if name.partition(".")[0] == scope
        ]
        assert len(keys) == len(set(keys)), scope


def test_every_default_may_be_written_down() -> None:
    keymap = {name: key for command in all_commands() for name, key in command.each_key()}
    assert check_keymap(keymap, all_commands()) == (keymap, {})


@pytest.mark.parametrize("theme", OFFERED)
def test_every_theme_on_offer_is_taken(theme: str) -> None:
    assert check(Settings(theme=theme), FILE) == (theme, {}, ())


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        (Settings(theme="norrd"), ("theme", "there is no theme 'norrd'", "did you mean nord?")),
        (
            Settings(keys={"sessions.srot": "o"}),
            ('keys."sessions.srot"', "no command is called sessions.srot", "did you mean sessions.sort?"),
        ),
        (
            Settings(keys={"sessions.sort": "c"}),
            ('keys."sessions.sort"', "sessions.curate has this key already", "give one of the two another"),
        ),
        (
            Settings(keys={"sessions.sort": "j"}),
            ('keys."sessions.sort"', "rows.down.j has this key already", "give one of the two another"),
        ),
        (
            Settings(keys={"sessions.sort": "supper+x"}),
            (
                'keys."sessions.sort"',
                "no key is called supper+x",
                "write it as x, f5, ctrl+e or question_mark",
            ),
        ),
    ],
)
def test_what_is_wrong_is_told_and_has_its_default(settings: Settings, problem: tuple[str, str, str]) -> None:
    assert told(settings) == [problem]
    assert check(settings, FILE)[:2] == ("", {})


@pytest.mark.parametrize("key", sorted(RESERVED))
def test_the_ways_out_stay(key: str) -> None:
    [(place, _text, remedy)] = told(Settings(keys={"app.help": key}))
    assert (place, remedy) == ('keys."app.help"', "give it another key")


def test_the_documented_keys_and_theme_are_right() -> None:
    configuration = check(parse(settings_example(), FILE).settings, FILE)
    assert configuration.problems == ()
    assert configuration.keymap == {"sessions.sort": "o", "app.help": "f1"}


KEYS_AND_THEME = """
theme = "nord"
[thresholds]
tokens = 1234
[keys]
"sessions.sort" = "o"
"sessions.curate" = "C"
"""
WRONG = """
theme = "norrd"
signs = 1
[keys]
"[/]" = "x"
"sessions.sort" = "c"
"sessions.reverse" = "o"
"""


@pytest.mark.size(150, 40)
@pytest.mark.parametrize("settings", [KEYS_AND_THEME])
async def test_keys_theme_and_thresholds_hold_in_the_app(app: WarmtuiApp, ui: Ui) -> None:
    screen = await ui.sessions()
    assert app.theme == "nord"
    before = screen.rows.sort
    await ui.press("s")
    assert screen.rows.sort == before
    await ui.press("o", shows="o sort")
    assert screen.rows.sort != before
    await ui.press("C", shows="of 1,234")
    assert not ui.toasts


@pytest.mark.parametrize("settings", [WRONG])
async def test_the_app_starts_with_defaults_for_what_is_wrong_and_says_so(app: WarmtuiApp, ui: Ui) -> None:
    screen = await ui.sessions()
    [toast] = ui.toasts
    for words in ("signs, theme", 'keys."[/]"', "…", "warmtui doctor explains"):
        assert words in toast
    assert app.theme in OFFERED
    before = screen.rows.sort
    await ui.press("s", "o")
    assert screen.rows.sort != before
    assert screen.rows.reverse


def test_doctor_tells_everything_with_place_and_remedy(tmp_path: Path, recordings: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('theme = "norrd"\n[keys]\n"sessions.srot" = "o"\n[thresholds]\ntokens = 1\n')
    done = subprocess.run(
        [sys.executable, "-m", "warmtui", "doctor", "--json", "--source", str(recordings)],
        capture_output=True,
        text=True,
        check=False,
        env=environ_in(tmp_path, PATH="/usr/bin:/bin"),
    )
    assert (done.returncode, done.stderr) == (1, "")
    checks = [finding for finding in json.loads(done.stdout)["checks"] if finding["name"] == "settings"]
    assert [finding["status"] for finding in checks] == ["problem"] * 3
    assert [(finding["text"].partition(": ")[0], finding["remedy"]) for finding in checks] == [
        (f"{file}, thresholds.tokens", "mend it, or take it out to have the default, 2000"),
        (f"{file}, theme", "did you mean nord?"),
        (f'{file}, keys."sessions.srot"', "did you mean sessions.sort?"),
    ]


@pytest.mark.parametrize("settings", ["[thresholds]\nrecoveries = 1\nexamples = 0\n"])
async def test_suggestions_and_warnings_keep_to_the_thresholds(workspace: Workspace) -> None:
    await workspace.sessions.refresh(force=True)
    [key] = [session for session in workspace.sessions.table if session.id == MARATHON]
    draft = await DraftSession.of_sessions(workspace, [key])
    draft.apply(Pick(draft.suggestion(), suggested=True))
    assert (len(draft.state.seed.recoveries), len(draft.state.seed.tool_examples)) == (1, 0)
    more = [offer for offer in draft.offers.values() if not is_picked(draft.state, offer)]
    draft.apply(Pick(tuple(more)))
    await draft.check()
    told = [problem.text for problem in draft.problems() if problem.kind == "limit"]
    assert any(words.endswith("recoveries, more than 1") for words in told)
    assert any(words.endswith("examples, more than 0") for words in told)
