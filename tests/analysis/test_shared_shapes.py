"""Shapes computed once for a session give the same findings as shapes computed each time."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_session import agent, call, made, person, shell

from warmtui.analysis.call_shape import MAX_TARGETS, shape_of, shapes_in, shapes_of
from warmtui.analysis.calls import judge_calls
from warmtui.analysis.markers import find_markers
from warmtui.analysis.recoveries import find_recoveries
from warmtui.analysis.user_patterns import find_patterns
from warmtui.curation.candidates import find_candidates
from warmtui.registry import open_source

FOLDER = "/home/dev/shop"


def test_findings_are_the_same_on_every_recorded_session(recordings: Path) -> None:
    source = open_source(recordings)
    ids = [header.id for header in source.listing().headers]
    read = 0
    for session in source.read(ids):
        calls = judge_calls(session, now=4_102_444_800.0)
        shapes = shapes_of(calls)
        recoveries, markers = find_recoveries(session, calls), find_markers(session, calls)
        patterns = find_patterns(session, calls)
        assert find_recoveries(session, calls, shapes) == recoveries
        assert find_markers(session, calls, shapes) == markers
        assert find_patterns(session, calls, shapes) == patterns
        alone = find_candidates(session, calls, recoveries, markers, patterns.first_ten)
        assert find_candidates(session, calls, recoveries, markers, patterns.first_ten, shapes) == alone
        read += bool(calls)
    source.close()
    assert read > 5


@pytest.mark.parametrize("cwd", ["", "/", FOLDER, f"{FOLDER}/", "/home/dev"])
def test_paths_become_relative_as_when_the_folder_is_known_from_the_start(cwd: str) -> None:
    calls = made(
        person("go"),
        agent(
            "",
            shell(f"cd {FOLDER}/src && python3 -m pytest ../tests/a.py {FOLDER} > {FOLDER}//out.txt"),
            shell("ls /home/dev/shopping /home/dev/shop/."),
            call("read_file", {"path": f"file://{FOLDER}/a/../b.py"}),
            call("execute_code", {"code": f"open('{FOLDER}/c.py')"}),
            call("search_files", {"paths": [f"{FOLDER}/f{n}.py" for n in range(MAX_TARGETS + 9)]}),
            call("read_files", {"paths": [f"{FOLDER}/a.py", "a.py"] * 40, "more": ["b.py"] * 9}),
            call("patch", "not JSON"),
        ),
    ).calls
    assert shapes_in(cwd, calls) == tuple(
        shape_of(judged.call.tool, judged.call.arguments, cwd) for judged in calls
    )
    assert shapes_in(cwd, calls, shapes_of(calls)) == shapes_in(cwd, calls)
