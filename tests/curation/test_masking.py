"""Masking a whole seed."""

from __future__ import annotations

import json

from seeds import FROM, call, full_seed

from warmtui.curation.bootstrap import bootstrap
from warmtui.curation.editing.maskings import masked_places, masked_seed
from warmtui.curation.folders import Folders
from warmtui.curation.masking import mask
from warmtui.curation.texts import every_text
from warmtui.exchange.messages import to_bytes
from warmtui.model.template import ContextMarker, Seed, ToolExample, UserPatterns

TOKEN = "ghp_" + "R2d9Xk4LmQ8sT1vW6yZ3bC7fH0jN5pAe1uGo"


def with_secrets() -> Seed:
    arguments = json.dumps(
        {"command": f"curl -H 'Authorization: Bearer {TOKEN}' /home/dev/shop/x", "n": 'a"b'}
    )
    return Seed(
        system_context=f"The token is {TOKEN}.",
        tool_examples=(
            ToolExample(
                id="e1",
                before=f"use {TOKEN} in /home/dev/shop",
                calls=(call("terminal", arguments, f'{{"output": "token={TOKEN}", "exit_code": 0}}'),),
                closing="Mail ann.smith@corp-mail.io, see /home/dev/.ssh/id",
                provenance=FROM,
            ),
        ),
        context_markers=(
            ContextMarker(id="m1", text="/home/dev/shop/src/cart.py", kind="path", uses=3, provenance=FROM),
        ),
    )


def test_no_text_of_a_seed_keeps_a_secret_or_a_name() -> None:
    masked = mask(with_secrets(), home="/home/dev", cwd="/home/dev/shop")
    whole = masked.seed.model_dump_json()
    assert TOKEN not in whole
    assert TOKEN[4:20] not in whole
    assert "ann.smith" not in whole
    assert "/home/dev" not in whole
    assert {place.item for place in masked.places} == {"system_context", "e1"}
    assert {place.kind for place in masked.places} >= {"github-token", "email"}


def test_masked_arguments_are_still_the_json_they_were() -> None:
    masked = mask(with_secrets(), home="/home/dev", cwd="/home/dev/shop")
    made = bootstrap(masked.seed, Folders(home="/h", cwd='/odd "folder"'))
    [arguments] = [one.arguments for message in made for one in message.calls]
    assert json.loads(arguments)["n"] == 'a"b'
    assert json.loads(arguments)["command"].endswith('/odd "folder"/x')
    json.loads(to_bytes(made))


def test_masking_twice_changes_nothing() -> None:
    once = mask(with_secrets(), home="/home/dev", cwd="/home/dev/shop")
    assert masked_seed(once.seed, ()) == once.seed
    assert masked_places(once.seed) == once.places


def test_tool_names_and_domains_are_masked_too() -> None:
    patterns = UserPatterns(request_style="terse", feedback_style="terse", domains=(TOKEN,))
    example = ToolExample(
        id="e1", before="go", calls=(call(TOKEN, "{}", "ok"),), closing="ok", provenance=FROM
    )
    masked = mask(Seed(user_patterns=patterns, tool_examples=(example,)), home=None, cwd=None)
    assert TOKEN[4:20] not in masked.seed.model_dump_json()
    assert {(place.item, place.field) for place in masked.places} == {
        ("user_patterns", "domains.0"),
        ("e1", "calls.0.tool"),
    }


def test_values_that_are_known_are_found_wherever_they_stand() -> None:
    seed = Seed(system_context="log in with hunter2hunter2, then go on")
    masked = mask(seed, home=None, cwd=None, known=["hunter2hunter2"])
    assert "hunter2" not in masked.seed.system_context
    assert len(masked.places) == 1


def test_a_seed_without_secrets_stays_as_it_is() -> None:
    seed = full_seed()
    masked = mask(seed, home=None, cwd=None)
    assert masked.places == ()
    assert [text for _, text in every_text(masked.seed)] == [
        text.replace("{cwd}", "{{cwd}}").replace("{home}", "{{home}}") for _, text in every_text(seed)
    ]
