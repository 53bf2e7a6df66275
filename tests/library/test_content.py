from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from pydantic import ValidationError
from seeds import note

from warmtui.library.search import fold_text, searchable_text
from warmtui.library.templates import content_of, read_content
from warmtui.model.template import Draft, Seed


def test_the_canonical_form_is_pinned() -> None:
    content = content_of(
        Draft(name="n", description='ü "q" \\ \n \x7f', task_type="file", seed=Seed(system_context="a\0b"))
    )
    assert content.text == (
        '{"description":"ü \\"q\\" \\\\ \\n \x7f","masked":[],"seed":{"context_markers":[],"recoveries":[],'
        '"system_context":"a\\u0000b","tool_examples":[],"user_patterns":null},"sources":[],'
        '"task_type":"file"}'
    )
    assert content.hash == hashlib.sha256(content.text.encode("utf-8")).hexdigest()
    assert content.hash == "5a55b7650e550bc50e59ab0958eb6a7dfc79bb497ee76c5da3ef7e0773124bfc"


def test_only_a_seed_with_notes_has_the_field() -> None:
    with_note = Draft(name="n", task_type="file", seed=Seed(notes=(note("convention", "make test"),)))
    text = content_of(with_note).text
    assert '"notes":[{"id":"n1","kind":"convention",' in text
    assert '"notes"' not in content_of(Draft(name="n", task_type="file", seed=Seed())).text
    assert read_content(text).seed == with_note.seed


def test_name_and_tags_have_no_part_in_the_hash(draft: Any) -> None:
    assert content_of(draft()) == content_of(draft(name="other", tags=("x",)))


@pytest.mark.parametrize(
    "change",
    [{"description": "other"}, {"task_type": "mixed"}, {"seed": Seed()}, {"sources": ()}, {"masked": ()}],
)
def test_everything_else_has(draft: Any, change: dict[str, Any]) -> None:
    assert content_of(draft()).hash != content_of(draft().model_copy(update=change)).hash


def test_content_is_read_back(draft: Any) -> None:
    given = draft()
    kept = read_content(content_of(given).text)
    assert (kept.seed, kept.sources, kept.masked, kept.description, kept.task_type) == (
        given.seed,
        given.sources,
        given.masked,
        given.description,
        given.task_type,
    )


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", "[" * 100_000, '{"seed": NaN}'])
def test_what_is_no_content_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        read_content(text)


def test_unknown_fields_and_wrong_types_are_refused(draft: Any) -> None:
    whole = json.loads(content_of(draft()).text)
    with pytest.raises(ValidationError):
        read_content(json.dumps(whole | {"more": 1}))
    with pytest.raises(ValidationError):
        read_content(json.dumps(whole | {"description": 1}))


def test_folding() -> None:
    assert fold_text("STRASSE ﬁne Ⅷ \0\ud800") == "strasse fine viii  \ufffd"
    assert fold_text("straße") == fold_text("STRASSE")


def test_the_searched_text_holds_words_and_leaves_out_ids(draft: Any) -> None:
    given = draft(tags=("Tagged",))
    text = searchable_text(given.name, given.tags, given.description, given.seed)
    words = "deploy tagged service one terminal make makefile python built fridays"
    for word in words.split():
        assert word in text
    for word in ("hermes", "call_0", "balanced", "detailed", "preference"):
        assert word not in text


def test_the_searched_text_is_bounded() -> None:
    seed = Seed(system_context="ﷺ" * 1_000_000)
    assert len(searchable_text("n", (), "d", seed)) == 200_000
