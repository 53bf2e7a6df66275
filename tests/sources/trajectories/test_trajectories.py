"""Trajectories of SWE-agent, mini-swe-agent and others that act in prose."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from warmtui.model.session import Evidence, Session, Usage
from warmtui.sources.openai.file import JsonFile
from warmtui.sources.trajectories.actions import command_call, said_in

ISSUE = "We're currently solving the following issue within our repository.\nISSUE:\nIt crashes."
PROMPT = "\n(Open file: n/a)\n(Current directory: /w)\nbash-$"


def session_of(tmp_path: Path, record: Any, name: str = "run.traj") -> Session:
    path = tmp_path / name
    path.write_text(json.dumps(record))
    source = JsonFile(path)
    (header,) = source.listing().headers
    (session,) = source.read([header.id])
    return session


def said(session: Session) -> list[Any]:
    """Return a session in short: origin and text, and for an answer its calls."""
    return [
        (message.origin, message.text, *((call.tool, json.loads(call.arguments)) for call in message.calls))
        for message in session.messages
    ]


def row(role: str, content: str, **more: Any) -> dict[str, Any]:
    return {"role": role, "content": content, "agent": "main", **more}


def step(action: str, observation: str, thought: str = "Hm.") -> dict[str, Any]:
    response = f"{thought}\n```\n{action}\n```"
    return {
        "action": action,
        "observation": observation,
        "response": response,
        "thought": thought,
        "state": "",
    }


DEMO = (
    "Here is a demonstration of how to correctly accomplish this task.\n--- DEMONSTRATION ---\n```\nls\n```"
)
HEAD = [row("system", "SETTING: shell."), row("user", DEMO, is_demo=True), row("user", ISSUE + PROMPT)]
STEPS = [
    step("find_file a.py\n", "Found 1"),
    step("python a.py\n", "8.2\n"),
    step("submit\n", "diff --git"),
]
TOLD = [
    ("system", "SETTING: shell."),
    ("harness", ISSUE + PROMPT),
    ("agent", "Hm.", ("find_file", {"file_name": "a.py"})),
    ("tool", "Found 1"),
    ("agent", "Hm.", ("bash", {"command": "python a.py"})),
    ("tool", "8.2\n"),
]
HISTORY = [
    *HEAD,
    row("assistant", "Hm.\n```\nfind_file a.py\n```", action="find_file a.py\n", thought="Hm.\n"),
    row("user", "Found 1" + PROMPT),
    row("assistant", "Hm.\n```\npython a.py\n```", action="python a.py\n", thought="Hm.\n"),
    row("user", "8.2\n" + PROMPT),
]
FIND = {
    "id": "c1",
    "type": "function",
    "function": {"name": "find_file", "arguments": '{"file_name":"a.py"}'},
}


def test_steps_are_taken_once_and_demonstrations_never(tmp_path: Path) -> None:
    record = {
        "environment": "main",
        "trajectory": STEPS,
        "history": HISTORY,
        "info": {"model_stats": {"instance_cost": 0.5, "tokens_sent": 900, "tokens_received": 40}},
    }
    session = session_of(tmp_path, record)
    assert said(session) == [*TOLD, ("agent", "Hm.", ("submit", {})), ("tool", "diff --git")]
    assert session.header.rows == len(session.messages)
    assert session.usage == Usage(900, 40, cost_usd=0.5)
    assert session.system_prompt == "SETTING: shell."


def test_a_history_alone(tmp_path: Path) -> None:
    unmarked = [{**entry, "is_demo": False} for entry in HISTORY]
    told = [*TOLD[:-1], ("tool", "8.2")]
    for history in (HISTORY, unmarked):
        assert said(session_of(tmp_path, {"history": history})) == told


def test_function_calls_keep_their_ids_and_arguments(tmp_path: Path) -> None:
    history = [
        HEAD[0],
        HEAD[2],
        row(
            "assistant",
            "Hm.",
            action="find_file a.py",
            thought="Hm.",
            tool_calls=[FIND],
            message_type="action",
        ),
        row("tool", "Found 1" + PROMPT, tool_call_ids=["c1"], message_type="observation"),
    ]
    for record in (
        {"history": history},
        {"history": history, "trajectory": [step("find_file a.py", "Found 1")]},
    ):
        session = session_of(tmp_path, record)
        assert said(session) == TOLD[:4]
        assert [session.messages[2].calls[0].id, session.messages[3].call_id] == ["c1", "c1"]


def test_rows_with_role_and_text(tmp_path: Path) -> None:
    common = {"mask": False, "cutoff_date": "01.01.2023", "system_prompt": None}
    record = {
        "instance_id": "a-1",
        "trajectory": [
            {**common, "role": "system", "text": None, "system_prompt": "SETTING: shell."},
            {**common, "role": "user", "text": ISSUE},
            {**common, "role": "ai", "text": "Hm.\n```\nopen a.py 3\n```"},
            {**common, "role": "user", "text": "[File: a.py]" + PROMPT},
            {**common, "role": "ai", "text": "I am done."},
            {**common, "role": "user", "text": "Your output was not formatted correctly."},
        ],
    }
    assert said(session_of(tmp_path, record)) == [
        ("system", "SETTING: shell."),
        ("harness", ISSUE),
        ("agent", "Hm.", ("open", {"path": "a.py", "line_number": 3})),
        ("tool", "[File: a.py]"),
        ("agent", "I am done."),
        ("harness", "Your output was not formatted correctly."),
    ]


MINI = [
    {"role": "system", "content": "Write exactly ONE bash code block."},
    {"role": "user", "content": "Please solve this issue: it crashes\n\n## Recommended Workflow"},
    {"role": "assistant", "content": "THOUGHT: look\n\n```bash\nls -la\n```"},
    {"role": "user", "content": "<returncode>2</returncode>\n<output>\nls: no\n</output>"},
    {"role": "assistant", "content": "```bash\nls\n```\n```bash\npwd\n```"},
    {"role": "user", "content": "Please always provide EXACTLY ONE action"},
    {"role": "assistant", "content": "```mswea_bash_command\npwd\n```"},
    {"role": "user", "content": "Interrupted by user: look in src instead"},
]


@pytest.mark.parametrize("wrapped", [False, True])
def test_observations_in_the_users_role_are_results(tmp_path: Path, wrapped: bool) -> None:
    record = {"messages": MINI, "trajectory_format": "mini-swe-agent-1"} if wrapped else MINI
    session = session_of(tmp_path, record, "run.traj.json")
    assert said(session)[1:] == [
        ("harness", MINI[1]["content"]),
        ("agent", "THOUGHT: look", ("bash", {"command": "ls -la"})),
        ("tool", MINI[3]["content"]),
        ("agent", MINI[4]["content"]),
        ("harness", MINI[5]["content"]),
        ("agent", "", ("bash", {"command": "pwd"})),
        ("person", "look in src instead"),
    ]
    assert session.messages[3].evidence == Evidence(exit_code=2)


REJECTED = "Commands not executed. The user rejected your commands with the following message:"


def test_actions_and_codes_that_stand_beside_the_text(tmp_path: Path) -> None:
    ran = {"returncode": 1, "raw_output": "no", "timestamp": 1764000000.0}
    call = {"id": "c9", "type": "function", "function": {"name": "bash", "arguments": '{"command": "ls"}'}}
    record = {
        "trajectory_format": "mini-swe-agent-1.1",
        "messages": [
            {"role": "assistant", "content": "Look.", "extra": {"actions": [{"command": "ls"}]}},
            {"role": "user", "content": "no", "extra": ran},
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "c9", "content": "no", "extra": ran},
            {"role": "assistant", "content": "Again.", "extra": {"actions": [{"command": "rm a"}]}},
            {
                "role": "user",
                "content": f"{REJECTED} no!",
                "extra": {"interrupt_type": "UserRejection"},
            },
            {"role": "exit", "content": "Submitted", "extra": {"exit_status": "Submitted"}},
        ],
    }
    session = session_of(tmp_path, record)
    assert [message.evidence for message in session.messages if message.role == "tool"] == [
        Evidence(exit_code=1),
        Evidence(exit_code=1),
        Evidence(denied=True),
    ]
    assert said(session)[-2:] == [("person", "no!"), ("harness", "Submitted")]
    assert session.messages[1].at == 1764000000.0
    assert not session.problems


def test_any_program_that_marks_its_observations(tmp_path: Path) -> None:
    turns = [
        ("human", "Count the files in /etc."),
        ("gpt", "Think: list.\n\nAct: bash\n\n```bash\nls /etc | wc -l\n```"),
        ("human", "The output of the OS:\n220"),
        ("gpt", "<execute>\nprint(1)\n</execute>"),
        ("human", "Observation:\n1"),
        ("gpt", "Two:\n```a\n1\n```\n```b\n2\n```"),
        ("human", "Observation:\nnothing"),
    ]
    record = {"conversations": [{"from": who, "value": text} for who, text in turns]}
    session = session_of(tmp_path, record)
    assert said(session) == [
        ("person", "Count the files in /etc."),
        ("agent", "Think: list.\n\nAct: bash", ("bash", {"command": "ls /etc | wc -l"})),
        ("tool", "The output of the OS:\n220"),
        ("agent", "", ("python", {"code": "print(1)"})),
        ("tool", "Observation:\n1"),
        ("agent", turns[5][1]),
        ("harness", "Observation:\nnothing"),
    ]
    assert [problem.text for problem in session.problems] == [
        "1 observation without an action that could be read"
    ]


def test_a_chat_with_code_in_it_stays_a_chat(tmp_path: Path) -> None:
    chat = [
        {"role": "user", "content": "how do I list files?"},
        {"role": "assistant", "content": "So:\n```bash\nls\n```"},
        {"role": "user", "content": "thanks, and hidden ones?"},
        {"role": "assistant", "content": "```bash\nls -a\n```"},
        {"role": "user", "content": "Observation: that works"},
        {"role": "assistant", "content": "Good."},
        {"role": "user", "content": "bye"},
    ]
    assert [message.origin for message in session_of(tmp_path, chat).messages][::2] == ["person"] * 4


@pytest.mark.parametrize(
    ("command", "tool", "arguments"),
    [
        ("open src/a.py 12", "open", {"path": "src/a.py", "line_number": 12}),
        ('open "my file.py"', "open", {"path": "my file.py"}),
        ("goto 40", "goto", {"line_number": 40}),
        ("create b.py", "create", {"filename": "b.py"}),
        ("scroll_down", "scroll_down", {}),
        ("find_file a.py src", "find_file", {"file_name": "a.py", "dir": "src"}),
        ('search_dir "def f" src', "search_dir", {"search_term": "def f", "dir": "src"}),
        (
            "edit 4:9\ndef f():\n    return 1\nend_of_edit",
            "edit",
            {"start_line": 4, "end_line": 9, "replacement_text": "def f():\n    return 1"},
        ),
        ("edit\nx = 1\nend_of_edit\n", "edit", {"replacement_text": "x = 1"}),
        ("edit 'a b' 'c' True", "edit", {"search": "a b", "replace": "c", "replace-all": "True"}),
        (
            "str_replace_editor view /w/a.py --view_range 1 20",
            "str_replace_editor",
            {"command": "view", "path": "/w/a.py", "view_range": [1, 20]},
        ),
        (
            "str_replace_editor create /w/a.py --file_text 'x = 1\ny = 2'",
            "str_replace_editor",
            {"command": "create", "path": "/w/a.py", "file_text": "x = 1\ny = 2"},
        ),
        ("ls -la", "bash", {"command": "ls -la"}),
        ("open a.py | head", "bash", {"command": "open a.py | head"}),
        ("open it's", "bash", {"command": "open it's"}),
        ("cat <<'E' > a\nx\nE", "bash", {"command": "cat <<'E' > a\nx\nE"}),
        ("search_file it's", "search_file", {"input": "it's"}),
    ],
)
def test_commands_of_the_editor_are_tools_of_their_own(command: str, tool: str, arguments: object) -> None:
    function = command_call(command)["function"]
    assert (function["name"], json.loads(function["arguments"])) == (tool, arguments)


@pytest.mark.parametrize(
    ("text", "words", "calls"),
    [
        (
            "Run it.\n<function=execute_bash>\n<parameter=command>\nls\n</parameter>\n</function>",
            "Run it.",
            [("execute_bash", {"command": "ls"})],
        ),
        ("<execute_bash>ls</execute_bash>", "", [("bash", {"command": "ls"})]),
        ('<tool_call>{"name": "f", "arguments": {"a": 1}}</tool_call>', "", [("f", {"a": 1})]),
        ("<tool_call>{broken</tool_call>", "<tool_call>{broken</tool_call>", []),
        ("<execute_bash>never closed", "<execute_bash>never closed", []),
        ("```python\nprint(1)\n```", "", [("python", {"code": "print(1)\n"})]),
        ("```bash\nls", "```bash\nls", []),
    ],
)
def test_markup(text: str, words: str, calls: list[Any]) -> None:
    read = said_in(text)
    assert read.text == words
    made = [call.get("function", call) for call in read.calls]
    assert [
        (call["name"], given if isinstance(given := call["arguments"], dict) else json.loads(given))
        for call in made
    ] == calls


def test_a_fence_inside_a_block_ends_it_only_for_programs_that_say_so() -> None:
    text = "```\ncreate a.md\n```python\nx\n```\nmore\n```"
    (call,) = said_in(text, swe_agent=True).calls
    assert "more" in call["function"]["arguments"]
