from __future__ import annotations

from typing import Any

import pytest
from made_session import Said, agent, call, made, person, shell

from warmtui.analysis.preference_words import LANGUAGES, language_of_text
from warmtui.analysis.preferences import FoundPreference, find_preferences
from warmtui.curation.candidates.evidence import BAR, preference_evidence

REFUSED = (
    "The user doesn't want to proceed with this tool use. The tool use was rejected (eg. if it was a file "
    "edit, the new_string was NOT written to the file). To tell you how to proceed, the user said:\n"
)
WROTE = agent("", call("write_file", {"path": "cart.py", "content": "a"}, "ok"))
FIRST = person("the cart rounds wrong, have a look")


def kept(*said: Said) -> list[FoundPreference]:
    """Return the preferences of a session that reach the bar."""
    return [found for found in find_preferences(*made(*said)) if preference_evidence(found).points >= BAR]


@pytest.mark.parametrize(
    "result",
    [
        f"{REFUSED}use pnpm here",
        "The user rejected permission to use this specific tool call "
        "with the following feedback: use pnpm here",
        "The user denied this operation and provided the following feedback:\n"
        "<feedback>\nuse pnpm here\n</feedback>",
    ],
    ids=["Claude Code", "opencode", "Cline"],
)
def test_the_words_of_a_refusal_stand_in_its_result(result: str) -> None:
    refused = shell("npm test", result, "denied")
    (found,) = kept(FIRST, agent("", refused), agent("", shell("pnpm test")))
    assert (found.words, found.position, found.calls) == ("use pnpm here", 2, (1,))
    assert found.signs[0] == "refused"


def test_the_words_of_a_refusal_that_a_source_tells_apart_count_once() -> None:
    refused = shell("npm test", f"{REFUSED}use pnpm here", "denied")
    (found,) = kept(FIRST, agent("", refused), person("use pnpm here"), agent("", shell("pnpm test")))
    assert (found.words, found.position) == ("use pnpm here", 3)
    assert found.signs[0] == "refused"


def test_a_session_may_hold_nothing_but_a_refusal() -> None:
    (found,) = kept(agent("", shell("npm test", f"{REFUSED}use pnpm here", "denied")))
    assert found.words == "use pnpm here"


@pytest.mark.parametrize(
    "result",
    [
        f"{REFUSED}The user wants to clarify these questions.\n Take their response into account",
        "The user doesn't want to proceed with this tool use. STOP what you are doing and wait.",
    ],
)
def test_a_refusal_without_words_is_no_preference(result: str) -> None:
    assert not kept(FIRST, agent("", shell("npm test", result, "denied")))


LASTING = [
    "never push to main",
    "ok, but please don't touch the lock file",
    "You should always run the tests with -x first",
    "from now on write commits in the imperative",
    "commit as each task is done",
    "Please ask before you change the schema",
    "could we do something to prevent this from happening again?",
    "fix it, `ssh build` if you need a linux box",
    "ask me before you change the schema",
    "Niemals auf main pushen, bitte.",
    "Ne touche pas au fichier de verrouillage, utilise toujours uv.",
    "No uses npm, usa siempre pnpm en este proyecto.",
    "Não use npm, use sempre pnpm neste projeto.",
    "Non usare npm, usa sempre pnpm in questo progetto.",
    "Никогда не пушь в main",
    "不要修改配置文件",
    "請勿更新任何檔案內容",
    "テストは必ず実行してください",
    "설정 파일은 수정하지 마세요",
]
ONE_OFF = [
    "please fix the test",
    "now add a button for the export",
    "don't worry about the docs",
    "I don't know why it fails",
    "it never returns, and it always prints nothing",
    "thanks!",
    "yes please",
    "the bot should ask me about the weather",
    "please check the numbers of May",
    "looks good enough for now, thanks!",
    "do the changes need a migration, and how does it work?",
    "do it like this:\n```\nalways: true\nnever: false\n```",
    "> never push to main\nwhat does this line of the guide mean",
    "2026-04-12 10:00:01 ERROR never use this pool after each task",
    "The review says: \"" + "You should never slice bytes of a string, always use runes instead. " * 2 + '"',
    "Implement this plan:\n# Plan\nNever touch the lock file.\n## Steps\n- always run tests",
    "<skill>\nAlways answer in JSON.\n</skill>",
    "x" * 1_600 + " never push to main",
    "/review never push to main",
    "bitte den Test reparieren",
    "修复这个测试",
    "테스트를 고쳐주세요",
    "检查一下为什么测试失败了",
    "テストが失敗する理由を確認して",
    "No funciona, y no se ha guardado nada.",
    "La lista nunca se carga.",
    "Es ist immer noch rot, die Tests laufen nie durch.",
    "ça ne marche toujours pas",
    "diff --git a/x.py b/x.py\n+++ b/x.py\n+# so never support it",
    "ERROR in ./src/app.js: please never import it twice (app.js:3:1)",
]  # fmt: skip


@pytest.mark.parametrize("text", LASTING)
def test_a_rule_of_the_person_should_hold_next_time(text: str) -> None:
    (found,) = kept(FIRST, agent("done", shell("ls")), person(text), agent("ok"))
    assert found.words == text


@pytest.mark.parametrize("text", ONE_OFF)
def test_a_request_of_the_task_is_no_preference(text: str) -> None:
    assert not kept(FIRST, agent("done", shell("ls")), person(text), agent("fixed", shell("make test")))


@pytest.mark.parametrize(
    ("before", "text", "after", "sign"),
    [
        ([WROTE], "strings has that helper", [agent("You're right."), WROTE], "conceded"),
        ([WROTE], "das gibt es in util", [agent("Du hast recht, ja."), WROTE], "conceded"),
        ([agent("done")], "the old file was fine", [agent("", shell("git checkout -- a.py"))], "undone"),
        ([agent("done")], "ok make a pr", [agent("", shell("git push && gh pr create"))], "handover"),
        ([agent("됐습니다")], "이제 머지하죠", [agent("", shell("gh pr merge 3"))], "handover"),
        ([agent("done"), person("check it twice now"), agent("ok")], "check it twice now", [], "repeated"),
        ([WROTE], "the sum should not be a float", [WROTE], "changed"),
        ([agent("done")], "monitor the pr for failures", [agent("", shell("gh pr checks 3"))], "handover"),
        ([WROTE], "that's not what I meant", [WROTE], "correction"),
        ([WROTE], "no, the total is an integer", [WROTE], "correction"),
        ([WROTE], "das war so nicht gemeint", [WROTE], "correction"),
        ([agent("done")], "are you sure?", [agent("I looked again: yes.")], "doubt"),
        (
            [agent("done"), person("make a push. Only what is needed, with the notes."), agent("ok")],
            "Only what is needed, with the notes.",
            [],
            "repeated",
        ),
        (
            [agent("", shell("sleep 9", "[Request interrupted by user]", "interrupted"))],
            "the code is right, look at the test",
            [agent("ok", shell("git restore cart.py"))],
            "stopped",
        ),
    ],
)  # fmt: skip
def test_what_went_before_or_after_makes_a_preference(
    before: list[Said], text: str, after: list[Said], sign: Any
) -> None:
    found = [found for found in kept(FIRST, agent("", shell("ls")), *before, person(text), *after)
             if found.words == text]  # fmt: skip
    assert [sign in preference.signs for preference in found] == [True]


def test_the_same_request_for_other_work_is_one() -> None:
    push = agent("", shell("git push && gh pr create"))
    asked = [person("make a PR"), push, person("just make a pr to fix the total"), push]
    assert [found.words for found in kept(FIRST, agent("", shell("ls")), *asked)] == ["make a PR"]


def test_of_words_that_differ_in_a_number_the_last_hold() -> None:
    steps = [f"Never leave out the loss, step {step}" for step in ("8", "16", "1,600")]
    found = kept(person("train it"), *(said for step in steps for said in (agent("ok"), person(step))))
    assert [preference.words for preference in found] == steps[-1:]


def test_a_report_of_a_failure_is_no_wish() -> None:
    said = (WROTE, person("the sum is still not right"), agent("You're right, it rounds."), WROTE)
    assert not kept(FIRST, *said)


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("can you explain the change?", agent("Great question! It rounds.")),
        ("what is on the branch?", agent("", shell("git log --oneline"))),
        ("yes please", agent("You're right, on it")),
        ("does PR#3 fix this?", agent("", shell("gh pr checkout 3"))),
        ("I am looking at the branch, it is only a moment", agent("", shell("git push"))),
        ("diagnosed the cause: git commits are signed", agent("", shell("git commit -m x"))),
        ("[Request interrupted by user for tool use]", agent("ok")),
        (
            "the total should be in the footer",
            agent("", call("write_file", {"path": "new.py", "content": "a"})),
        ),
    ],
)
def test_an_answer_that_makes_none(text: str, after: Said) -> None:
    assert not kept(FIRST, agent("", shell("ls")), person(text), after)


def test_the_first_message_states_the_task_even_if_that_is_to_hand_it_over() -> None:
    assert not kept(person("make a pr for the license"), agent("", shell("git commit -m x && gh pr create")))


def test_only_the_persons_messages_count() -> None:
    harness = Said("Never skip the todo list. You should always keep it.", "harness")
    assert not kept(FIRST, agent("", shell("ls")), harness, agent("Never push to main."))


def test_a_complaint_about_the_form_of_an_answer_is_the_harness_speaking() -> None:
    nag = person(
        "Please always provide EXACTLY ONE action in triple backticks, found 2 actions.\n\nFormat it so."
    )
    (found,) = kept(FIRST, agent("", shell("ls")), nag, agent("", shell("ls")), nag)
    assert found.words == (
        "Refused for their form: "
        "Please always provide EXACTLY ONE action in triple backticks, found 2 actions."
    )
    assert found.signs == ("form",)


def test_what_a_customer_wants_is_about_their_case() -> None:
    said = (person("I want another seat"), agent("", call("get_booking", {"id": "B1"})))
    assert not kept(
        *said, person("Yes, book that instead, and make sure it is by the window!"), agent("Booked.")
    )
    assert not kept(*said, person("Never call me by phone."), agent("Noted."))
    assert kept(FIRST, agent("Hello."), person("Never call me by phone."), agent("Noted."))


def test_a_person_who_asks_for_checks_again_and_again_has_a_habit() -> None:
    ask, source = person("can you check that against the docs?"), person("do you have a link to the docs?")
    assert not kept(FIRST, agent("", shell("ls")), ask, agent("ok"))
    words = [
        found.words for found in kept(FIRST, agent("", shell("ls")), ask, agent("ok"), source, agent("yes"))
    ]
    assert words == [ask.text, source.text]


def test_long_messages_are_quoted_by_their_sentences() -> None:
    text = (
        "Now add the export of invoices as CSV, with a header line and the sums of each month in columns. "
        "Use a semicolon as delimiter. Never write into the user's home folder! The button goes to the right."
    )
    (found,) = kept(FIRST, agent("", shell("ls")), person(text), agent("ok"))
    assert found.words == "Never write into the user's home folder!"
    assert "emphasis" in found.signs


def test_an_answer_in_the_persons_language_is_a_preference() -> None:
    korean = [
        found.words for found in kept(person("릴리즈 상태 확인"), agent("확인했습니다"), person("좋아요"))
    ]
    assert korean == ["Answer in Korean."]
    assert not kept(person("릴리즈 상태 확인"), agent("The release is out, and the tag is there."))


def test_an_answer_to_a_question_of_the_agent_is_quoted_with_it() -> None:
    arguments = {"questions": [{"question": "Which database?", "options": [{"label": "SQLite"}]}]}
    result = 'User has answered your questions: "Which database?"="Postgres, as in the other services".'
    (found,) = kept(FIRST, agent("", shell("ls"), call("AskUserQuestion", arguments, result)))
    assert found.words == "Which database? → Postgres, as in the other services"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("can you have a look at the cart", "English"),
        ("kannst du dir das bitte ansehen, es ist kaputt", "German"),
        ("peux-tu regarder le panier pour moi", "French"),
        ("puedes mirar el carrito, por favor", "Spanish"),
        ("você pode olhar o carrinho para mim", "Portuguese"),
        ("puoi guardare il carrello per favore", "Italian"),
        ("посмотри корзину", "Russian"),
        ("看一下购物车", "Chinese"),
        ("カートを見てください", "Japanese"),
        ("장바구니를 봐주세요", "Korean"),
        ("git status", None),
    ],
)
def test_the_language_of_a_text(text: str, language: str | None) -> None:
    found = language_of_text(text)
    assert (found.name if found else None) == language


def test_every_language_has_a_name_of_its_own() -> None:
    assert len({language.name for language in LANGUAGES}) == len(LANGUAGES) == 10
