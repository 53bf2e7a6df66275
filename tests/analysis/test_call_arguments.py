from __future__ import annotations

from made_session import agent, call, made, person

from warmtui.analysis.call_arguments import canonical, repeats


def test_the_same_call_is_counted_however_it_is_spaced() -> None:
    session = made(
        person("go"),
        agent("", call("f", '{"b": 1, "a": 2}'), call("f", '{"a":2,"b":1}', "no", "error")),
        agent(
            "", call("f", '{"a": 2}'), call("g", '{"a": 2, "b": 1}'), call("todo", "{}"), call("todo", "{}")
        ),
        agent("", call("f", '{ "a" : 2, "b" : 1 }')),
    )
    found = repeats(session.calls)
    assert [(repeat.tool, repeat.arguments, repeat.count, repeat.failed) for repeat in found] == [
        ("f", '{"a":2,"b":1}', 3, 1)
    ]


def test_more_often_comes_first_and_ties_stay_in_order() -> None:
    said = [
        call("a", "{}"),
        call("b", "{}"),
        call("c", "{}"),
        call("c", "{}"),
        call("b", "{}"),
        call("a", "{}"),
    ]
    session = made(person("go"), agent("", *said, call("c", "{}")))
    assert [repeat.tool for repeat in repeats(session.calls)] == ["c", "a", "b"]


def test_arguments_that_are_no_json_are_compared_as_words() -> None:
    assert canonical("a  b\nc") == "a b c"


def test_long_numbers_and_lone_surrogates_stay_what_they_are() -> None:
    assert canonical('{"b": 0, "a": 99999999999999999999999}') == '{"a":99999999999999999999999,"b":0}'
    assert canonical('{"a": 99999999999999999999999}') != canonical('{"a": 99999999999999999999998}')
    assert canonical('{"a": "\ud800"}') == canonical('{ "a":"\ud800" }') != canonical('{"a": "\ud801"}')
