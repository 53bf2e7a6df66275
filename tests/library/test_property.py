"""Whatever is done in whatever order, the library agrees with a plain model of it and stays whole."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from warmtui.errors import ConflictError
from warmtui.library.library import Library
from warmtui.model.template import Draft, Seed

pytestmark = pytest.mark.slow

NAMES = st.sampled_from(["a", "b", "c"])
TEXTS = st.sampled_from(["one", "two", "three"])
TAGS = st.frozensets(st.sampled_from(["x", "y", "z"]), max_size=2)


@dataclass
class Kept:
    name: str
    texts: list[str]
    tags: set[str]
    deleted: bool = False


@dataclass
class Model:
    templates: dict[str, Kept] = field(default_factory=dict)

    def in_use(self, name: str) -> str | None:
        for template_id, kept in self.templates.items():
            if kept.name == name and not kept.deleted:
                return template_id
        return None


class Machine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.folder = tempfile.TemporaryDirectory()
        self.runner = asyncio.Runner()
        ticks = count()
        self.library = Library(
            Path(self.folder.name) / "library.db",
            clock=lambda: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=next(ticks)),
        )

    def run_in_loop(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)

    def teardown(self) -> None:
        self.run_in_loop(self.library.close())
        self.runner.close()
        self.folder.cleanup()

    def pick(self, data: st.DataObject, *, deleted: bool) -> str | None:
        ids = [template_id for template_id, kept in self.model.templates.items() if kept.deleted == deleted]
        return data.draw(st.sampled_from(ids)) if ids else None

    @rule(name=NAMES, text=TEXTS, tags=TAGS)
    def save(self, name: str, text: str, tags: frozenset[str]) -> None:
        draft = Draft(name=name, task_type="code", tags=tuple(tags), seed=Seed(system_context=text))
        saved = self.run_in_loop(self.library.save(draft))
        known = self.model.in_use(name)
        assert saved.created == (known is None)
        kept = self.model.templates.setdefault(saved.template.id, Kept(name, [], set()))
        assert known in (None, saved.template.id)
        assert saved.unchanged == (kept.texts[-1:] == [text])
        if not saved.unchanged:
            kept.texts.append(text)
        kept.tags |= tags

    @rule(data=st.data(), name=NAMES, text=TEXTS, tags=TAGS)
    def save_to(self, data: st.DataObject, name: str, text: str, tags: frozenset[str]) -> None:
        template_id = self.pick(data, deleted=False)
        if template_id is None:
            return
        draft = Draft(name=name, task_type="code", tags=tuple(tags), seed=Seed(system_context=text))
        kept = self.model.templates[template_id]
        try:
            self.run_in_loop(self.library.save(draft, template=template_id, expected_version=len(kept.texts)))
        except ConflictError:
            assert self.model.in_use(name) not in (None, template_id)
            return
        assert self.model.in_use(name) in (None, template_id)
        kept.name, kept.tags = name, set(tags)
        if kept.texts[-1] != text:
            kept.texts.append(text)

    @rule(data=st.data())
    def revert(self, data: st.DataObject) -> None:
        template_id = self.pick(data, deleted=False)
        if template_id is None:
            return
        kept = self.model.templates[template_id]
        number = data.draw(st.integers(1, len(kept.texts)))
        saved = self.run_in_loop(self.library.revert(template_id, number))
        if not saved.unchanged:
            kept.texts.append(kept.texts[number - 1])

    @rule(data=st.data(), add=TAGS, remove=TAGS)
    def tag(self, data: st.DataObject, add: frozenset[str], remove: frozenset[str]) -> None:
        template_id = self.pick(data, deleted=False)
        if template_id is not None:
            self.run_in_loop(self.library.set_tags(template_id, add, remove))
            kept = self.model.templates[template_id]
            kept.tags = (kept.tags | add) - remove

    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        template_id = self.pick(data, deleted=False)
        if template_id is not None:
            self.run_in_loop(self.library.delete(template_id))
            self.model.templates[template_id].deleted = True

    @rule(data=st.data())
    def undelete(self, data: st.DataObject) -> None:
        template_id = self.pick(data, deleted=True)
        if template_id is None:
            return
        kept = self.model.templates[template_id]
        try:
            self.run_in_loop(self.library.undelete(template_id))
        except ConflictError:
            assert self.model.in_use(kept.name)
        else:
            assert not self.model.in_use(kept.name)
            kept.deleted = False

    @rule()
    def reopen(self) -> None:
        path = self.library.path
        self.run_in_loop(self.library.close())
        self.library = Library(path, clock=lambda: datetime(2027, 1, 1, tzinfo=UTC))

    @precondition(lambda self: self.model.templates)
    @invariant()
    def it_agrees_with_the_model(self) -> None:
        assert self.run_in_loop(self.library.verify()) == ()
        for deleted in (False, True):
            kept = {
                template.id: (template.name, set(template.tags), template.versions)
                for template in self.run_in_loop(self.library.listing(deleted=deleted)).templates
            }
            assert kept == {
                template_id: (known.name, known.tags, len(known.texts))
                for template_id, known in self.model.templates.items()
                if known.deleted == deleted
            }
        for text in ("one", "two", "three"):
            found = {template.id for template in self.run_in_loop(self.library.listing(query=text)).templates}
            assert found == {
                template_id
                for template_id, known in self.model.templates.items()
                if not known.deleted and known.texts[-1] == text
            }
        for template_id, known in self.model.templates.items():
            if not known.deleted:
                versions = self.run_in_loop(self.library.versions(template_id))
                assert [version.seed.system_context for version in versions] == known.texts


Machine.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestLibrary = Machine.TestCase
