from __future__ import annotations

from collections.abc import Callable

from made_session import Call, agent, call, person, shell

from warmtui.analysis.comparison import Side
from warmtui.analysis.comparison.parts import errors_of, patterns_of, recoveries_of

MakeSide = Callable[..., Side]
MISSING = "bash: line 3: {}: command not found"
OK = "Ran 3 tests in 0.1s\n\nOK"


def fails(command: str, result: str) -> Call:
    return shell(command, result, "error")


def tried(side: MakeSide, *calls: Call) -> Side:
    return side(person("do it"), *(agent("", made_call) for made_call in calls))


def pytest_fixed(side: MakeSide, more: str = "") -> Side:
    return tried(
        side, fails("pytest" + more, MISSING.format("pytest")), shell(f"python3 -m unittest{more}", OK)
    )


def test_the_same_change_is_one_recovery(side: MakeSide) -> None:
    sides = [pytest_fixed(side), pytest_fixed(side, " tests/test_a.py"), tried(side)]
    found = recoveries_of([compared.profile for compared in sides[:2]])
    assert [row.change for row in found.common] == ["pytest → python3 -m unittest"]
    assert [len(recoveries) for recoveries in found.common[0].found] == [1, 1]
    assert found.apart == ()
    found = recoveries_of([compared.profile for compared in sides])
    assert found.common == ()
    assert [len(recoveries) for recoveries in found.apart[0].found] == [1, 1, 0]


def test_the_same_shapes_are_one_recovery_whatever_the_words(side: MakeSide) -> None:
    profile, other = pytest_fixed(side).profile, pytest_fixed(side).profile
    said_otherwise = other.recoveries[0].model_copy(update={"change": "another runner"})
    found = recoveries_of([profile, other.model_copy(update={"recoveries": (said_otherwise,)})])
    assert [row.change for row in found.common] == ["pytest → python3 -m unittest"]


def test_two_recoveries_that_a_third_joins_are_one(side: MakeSide) -> None:
    profile = pytest_fixed(side).profile
    base = profile.recoveries[0]
    other_calls = {"failed": base.failed.model_copy(update={"arguments": "{}"})}
    by_words = base.model_copy(update=other_calls)
    by_shape = base.model_copy(update={"change": "another runner"})
    both_ways = profile.model_copy(update={"recoveries": (by_words, by_shape)})
    assert len(recoveries_of([both_ways, both_ways.model_copy(update={"recoveries": ()})]).apart) == 2
    found = recoveries_of([both_ways, profile])
    assert [[len(part) for part in row.found] for row in found.common] == [[2, 1]]
    assert found.apart == ()


def test_other_paths_are_other_recoveries(side: MakeSide) -> None:
    def misnamed(name: str) -> Side:
        path = {"path": f"shop/{name}"}
        wrong = call("read_file", path, f'{{"error": "File not found: shop/{name}"}}', "error")
        return tried(side, wrong, call("read_file", {"path": f"src/shop/{name}"}, '{"content": "x"}'))

    sides = [misnamed("cart.py"), misnamed("stock.py")]
    found = recoveries_of([compared.profile for compared in sides])
    assert found.common == ()
    assert [row.change for row in found.apart] == [
        "path shop/cart.py → src/shop/cart.py",
        "path shop/stock.py → src/shop/stock.py",
    ]


def test_errors_are_one_when_type_and_shape_are(side: MakeSide) -> None:
    first = tried(side, fails("podman ps", MISSING.format("podman")))
    other = tried(side, fails("podman ps", MISSING.format("podman")), fails("podman x", "Error: no"))
    found = errors_of([first.profile, other.profile])
    assert [(row.shape, row.counts, row.recovered) for row in found.common] == [
        ("bash: line ‹n›: podman: command not found", (1, 1), (0, 0))
    ]
    assert [(row.counts, row.message_ids) for row in found.apart] == [((0, 1), (None, "m3"))]


def test_patterns_in_common_and_apart(side: MakeSide) -> None:
    first = side(person("/run it"), agent("", shell("ls"), call("read_file", {"path": "a.py"})))
    other = side(person("why?"), agent("", shell("ls")), person("no, not that way"))
    found = patterns_of([first.profile, other.profile, side(agent("nobody asked")).profile])
    assert found.request_styles == ("command_driven", "terse", None)
    assert found.feedback_styles == ("balanced", "corrections_only", None)
    assert found.corrections == ((), ("no, not that way",), ())
    assert found.domains.common == ()
    assert {(row.text, row.sessions) for row in found.domains.apart} == {
        ("terminal", (0, 1)),
        ("file", (0,)),
        ("python", (0,)),
    }
    pair = patterns_of([first.profile, other.profile])
    assert [row.text for row in pair.preferred_tools.common] == ["terminal"]
    assert [row.text for row in pair.preferred_tools.apart] == ["read_file"]
