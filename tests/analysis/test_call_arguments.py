from __future__ import annotations

from made_session import agent, call, made, person

from warmtui.analysis.call_arguments import canonical
from warmtui.analysis.repeats import repeats


def test_the_same_call_is_counted_however_it_is_spaced() -> None:
    both, one = ('{"b": 1, "a": 2}', '{"a":2,"b":1}', '{ "a" : 2, "b" : 1 }'), '{"a": 2}'
    others = [call("f", one), call("g", both[0]), call("todo", "{}"), call("todo", "{}")]
    session = made(
        person("go"), agent("", call("f", both[0]), call("f", both[1], "no", "error"), *others),
        agent("", call("f", both[2])),
    )  # fmt: skip
    [repeat] = repeats(session.calls)
    assert (repeat.tool, repeat.arguments, repeat.count, repeat.failed) == ("f", '{"a":2,"b":1}', 3, 1)


def test_more_often_comes_first_and_ties_stay_in_order() -> None:
    session = made(person("go"), agent("", *(call(tool, "{}") for tool in "abccbac")))
    assert [repeat.tool for repeat in repeats(session.calls)] == ["c", "a", "b"]


def test_arguments_that_are_no_json_are_compared_as_words() -> None:
    assert canonical("a  b\nc") == "a b c"


def test_long_numbers_and_lone_surrogates_stay_what_they_are() -> None:
    assert canonical('{"b": 0, "a": 99999999999999999999999}') == '{"a":99999999999999999999999,"b":0}'
    assert canonical('{"a": 99999999999999999999999}') != canonical('{"a": 99999999999999999999998}')
    assert canonical('{"a": "\ud800"}') == canonical('{ "a":"\ud800" }') != canonical('{"a": "\ud801"}')
