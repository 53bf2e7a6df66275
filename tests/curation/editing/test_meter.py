"""What each part costs."""

from __future__ import annotations

from warmtui.curation.bootstrap import ACKNOWLEDGEMENT, FRAMING
from warmtui.curation.editing import (
    DraftState,
    Part,
    SetField,
    ToggleShown,
    apply,
    heading,
    parts,
    seed_tokens,
    total,
)
from warmtui.text import TOKEN_OVERHEAD, estimate_tokens


def by_name(state: DraftState) -> dict[str, Part]:
    return {part.name: part for part in parts(state)}


def test_the_parts_stand_in_order_and_add_up(shop: DraftState) -> None:
    counted = parts(shop)
    assert [part.name for part in counted] == [
        "context", "preferences", "how I work", "conventions", "recoveries", "dead ends", "known noise",
        "examples", "markers", "framing",
    ]  # fmt: skip
    assert total(counted) == seed_tokens(shop.seed)
    assert all(part.tokens > 0 for part in counted)


def test_framing_is_what_every_template_pays(shop: DraftState) -> None:
    framing = 2 * TOKEN_OVERHEAD + estimate_tokens(FRAMING) + estimate_tokens(ACKNOWLEDGEMENT)
    assert by_name(shop)["framing"].tokens == framing
    assert all(part.tokens == 0 and part.items == () for part in parts(DraftState()))


def test_every_item_has_a_row_with_its_words_and_tokens(shop: DraftState) -> None:
    found = by_name(shop)
    assert [row.id for row in found["examples"].items] == ["e1", "e2"]
    assert sum(row.tokens for row in found["examples"].items) == found["examples"].tokens
    assert [row.words for row in found["recoveries"].items] == [
        "terminal: pytest → python3 -m unittest",
        "read_file: shop/cart.py → src/shop/cart.py",
    ]
    assert found["markers"].items[0].words == "src/shop/coupons.py (path, used 9×)"
    assert [row.words for row in found["preferences"].items] == [
        "“do not push to main” (seen in 2 sessions)",
        "“one commit for each task”",
    ]
    assert [row.id for name in ("conventions", "dead ends", "known noise") for row in found[name].items] == [
        "n2", "n4", "n5",
    ]  # fmt: skip
    assert found["context"].items[0].id == "system_context"
    assert found["how I work"].items[0].words.startswith("Asks tersely")
    assert all(row.tokens > 0 for part in parts(shop) for row in part.items)


def test_a_change_shows_in_its_part_only(shop: DraftState) -> None:
    after = apply(shop, SetField("e1", "calls.0.result", "x" * 4_000))
    grown = {
        name: part.tokens - by_name(shop)[name].tokens
        for name, part in by_name(after).items()
        if part.tokens != by_name(shop)[name].tokens
    }
    assert list(grown) == ["examples"]
    assert 900 < grown["examples"] <= 1_000


def test_a_recovery_costs_more_as_messages(shop: DraftState) -> None:
    after = apply(shop, ToggleShown(("r1",)))
    assert by_name(after)["recoveries"].tokens > by_name(shop)["recoveries"].tokens
    assert by_name(after)["recoveries"].items[0].tokens > by_name(shop)["recoveries"].items[0].tokens


def test_the_editor_says_where_it_is(shop: DraftState) -> None:
    assert heading(shop.seed, "e2") == "Example 2 of 2"
    assert heading(shop.seed, "r1") == "Recovery 1 of 2"
    assert heading(shop.seed, "n3") == "Preference 2 of 2"
    assert heading(shop.seed, "n4") == "Dead end 1 of 1"
    assert heading(shop.seed, "system_context") == "Context"
    assert heading(shop.seed, "gone") == ""


def test_a_recovery_without_a_told_change_shows_both_calls(shop: DraftState) -> None:
    after = apply(shop, SetField("r2", "change", " "))
    words = by_name(after)["recoveries"].items[1].words
    assert words == "read_file `shop/cart.py` → read_file `src/shop/cart.py`"
