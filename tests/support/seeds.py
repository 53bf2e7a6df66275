"""Seeds, their parts, and the drafts, versions and templates that hold them."""

from __future__ import annotations

from typing import Any

from warmtui.model.template import (
    ContextMarker,
    Draft,
    ExampleCall,
    Note,
    NoteKind,
    Provenance,
    Recovery,
    Seed,
    Template,
    ToolExample,
    UserPatterns,
    Version,
)

AT = "2026-01-01T00:00:00Z"
FROM = Provenance(agent="hermes", session_id="s1", message_id="12", call_id="call_0")


def call(tool: str, arguments: str, result: str) -> ExampleCall:
    return ExampleCall(tool=tool, arguments=arguments, result=result, result_characters=len(result))


def example(name: str, *calls: ExampleCall, **more: Any) -> ToolExample:
    """Return an example with short words before and after its calls."""
    words: dict[str, Any] = {"before": "b", "closing": "c", "provenance": FROM}
    return ToolExample(id=name, calls=calls, **words | more)


def recovery(name: str, failed: ExampleCall, fixed: ExampleCall, change: str, **more: Any) -> Recovery:
    """Return a recovery of a file that was not found."""
    error: dict[str, Any] = {"error": "No such file", "error_type": "FileNotFound", "provenance": FROM}
    return Recovery(id=name, failed=failed, fixed=fixed, change=change, **error | more)


def marker(name: str, text: str = "x", uses: int = 1) -> ContextMarker:
    """Return a marker of a path."""
    return ContextMarker(id=name, text=text, kind="path", uses=uses, provenance=FROM)


def note(kind: NoteKind, text: str, name: str = "n1", seen: int = 1) -> Note:
    """Return a lesson that is said in a line."""
    return Note(id=name, kind=kind, text=text, seen=seen, provenance=FROM)


def version(seed: Seed | None = None, **more: Any) -> Version:
    """Return the first version of a template."""
    given: dict[str, Any] = {
        "number": 1,
        "content_hash": "0" * 64,
        "created_at": AT,
        "description": "d",
        "sources": (),
    }
    return Version(**given | {"seed": seed or Seed(), "task_type": "terminal"} | more)


def template(
    content: Version, name: str = "shop", *, versions: int = 1, tags: tuple[str, ...] = ()
) -> Template:
    """Return a template whose current version is the given one."""
    return Template(
        id=f"t_{name}", name=name, tags=tags, created_at=AT, updated_at=AT, versions=versions, version=content
    )


def full_seed() -> Seed:
    """Return a seed with two of every part."""
    tests = call(
        "terminal",
        '{"command": "cd {cwd} && python3 -m unittest discover -s tests"}',
        '{"output": "Ran 3 tests in 0.001s\\n\\nOK", "exit_code": 0, "error": null}',
    )
    missing = call(
        "terminal", '{"command": "pytest -q"}', '{"output": "pytest: command not found", "exit_code": 127}'
    )
    wrong = call("read_file", '{"path": "shop/cart.py"}', '{"error": "File not found: shop/cart.py"}')
    right = call("read_file", '{"path": "src/shop/cart.py"}', '{"content": "1|def total(items): ..."}')
    status = call("terminal", '{"command": "git status --short"}', '{"output": "", "exit_code": 0}')
    search = call("search_files", '{"pattern": "coupon", "path": "{home}/notes"}', '{"total_count": 0}')
    go_on = "Please go on with the work in this project."
    return Seed(
        system_context="A small shop. Money is integer cents.",
        user_patterns=UserPatterns(
            request_style="terse",
            feedback_style="corrections_only",
            domains=("code", "python"),
            preferred_tools=("terminal", "patch"),
            corrections=("no, keep whole cents",),
        ),
        recoveries=(
            recovery(
                "r1", missing, tests, "pytest → python3 -m unittest",
                error="pytest: command not found", error_type="CommandNotFound",
            ),
            recovery(
                "r2", wrong, right, "shop/cart.py → src/shop/cart.py",
                error="File not found: shop/cart.py", shown_as="messages",
                before="fix the cart total", closing="The module is src/shop/cart.py.",
            ),
        ),
        tool_examples=(
            example("e1", tests, status, before="tests for coupons", closing="Added and green."),
            example(
                "e2", search, before=go_on, before_invented=True, closing="Done.", closing_invented=True
            ),
        ),
        context_markers=(
            marker("m1", "src/shop/coupons.py", 9),
            ContextMarker(
                id="m2", text="python3 -m unittest discover -s tests", kind="command", uses=6, provenance=FROM
            ),
        ),
        notes=(
            note("preference", "do not push to main", "n1", seen=2),
            note("convention", "Prices are checked with scripts/prices.sh before a commit", "n2"),
            note("preference", "one commit for each task", "n3"),
            note("dead_end", "pip install pytest is refused: no network", "n4"),
            note("known_noise", "tests.test_vat.VatTest.test_old_rate fails", "n5"),
        ),
    )  # fmt: skip


def draft(name: str = "shop", seed: Seed | None = None) -> Draft:
    return Draft(name=name, task_type="terminal", seed=seed or full_seed())
