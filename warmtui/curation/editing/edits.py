"""The edits of a draft. Each is a frozen record that applies itself and labels its undo step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from warmtui.curation.candidates.candidate import item_id
from warmtui.curation.candidates.deduplicate import record_key
from warmtui.curation.editing import mask_review
from warmtui.curation.editing.fields import (
    editor_text,
    error_of,
    field_label,
    items_label,
    position_label,
    record_of,
    short_label,
    spec_of,
    with_value,
)
from warmtui.curation.editing.state import (
    SINGLES,
    DraftState,
    PendingText,
    find_item,
    free_id,
    remove_items,
    sessions_of,
    siblings,
    with_item,
)
from warmtui.curation.folders import SessionFolders, make_relative
from warmtui.curation.redact import Secrets
from warmtui.curation.seed_texts import SYSTEM_CONTEXT, Place, map_texts
from warmtui.curation.summaries import single_line
from warmtui.model.template import BY_HAND, Note, NoteKind, Recovery, Seed, TemplateType
from warmtui.text import without_surrogates


class Edit(Protocol):
    """One change of a draft."""

    def apply(self, state: DraftState) -> DraftState:
        """Return the state after the edit; an equal one if what the edit names does not exist."""

    def label(self, before: Seed) -> str:
        """Say what the edit does to a seed, for its undo step: `edited note of example 2`."""


def apply(state: DraftState, edit: Edit) -> DraftState:
    """Apply an edit.

    Returns:
        The new state, or the very same object when nothing changed.

    Raises:
        ValueError: a `SetField` names a field that its item does not have; a mistake of the caller.
    """
    after = edit.apply(state)
    # the same object tells a history that there is nothing to undo
    return state if after == state else after


@dataclass(frozen=True, slots=True)
class AddNote:
    """Add a note that a person wrote, at the end of its kind."""

    kind: NoteKind
    text: str

    def apply(self, state: DraftState) -> DraftState:
        """Return the state with the note; the same one when it says nothing, or says what a note says."""
        text = single_line(without_surrogates(self.text))
        used = {item.id for item in state.seed.items()}
        name = free_id(item_id(self.kind, "", "", text, 0), used)
        note = Note(id=name, kind=self.kind, text=text, provenance=BY_HAND)
        if not text or record_key(note) in map(record_key, state.seed.notes):
            return state
        return replace(state, seed=state.seed.with_items((note,)))

    def label(self, _before: Seed) -> str:
        """Say what was added."""
        return f"added {self.kind.replace('_', ' ')}: {short_label(self.text)}"


@dataclass(frozen=True, slots=True)
class Remove:
    """Remove items, by id; single parts by their name."""

    items: tuple[str, ...]

    def apply(self, state: DraftState) -> DraftState:
        """Return the state without the items."""
        return remove_items(state, self.items)

    def label(self, before: Seed) -> str:
        """Say what was removed."""
        return f"removed {items_label(before, self.items)}"


@dataclass(frozen=True, slots=True)
class Clear:
    """Remove every item; name, description, tags and type stay."""

    def apply(self, state: DraftState) -> DraftState:
        """Return the state without items."""
        return remove_items(state, (*SINGLES, *(item.id for item in state.seed.items())))

    def label(self, _before: Seed) -> str:
        """Say that the template was cleared."""
        return "cleared the template"


@dataclass(frozen=True, slots=True)
class Move:
    """Move an item among those listed with it, at most to the end."""

    item: str
    by: int
    """How many positions down; negative is up."""

    def apply(self, state: DraftState) -> DraftState:
        """Return the state with the item at its new position."""
        found = find_item(state.seed, self.item)
        if found is None:
            return state
        items = list(siblings(state.seed, found))
        position = items.index(found.item)
        items.insert(min(max(position + self.by, 0), len(items) - 1), items.pop(position))
        # the other kinds of notes keep their places
        together = {item.id for item in items}
        moved = iter(items)
        order = tuple(next(moved) if item.id in together else item for item in state.seed.group(found.group))
        return replace(state, seed=state.seed.model_copy(update={found.group: order}))

    def label(self, before: Seed) -> str:
        """Say which item moved where."""
        return f"moved {position_label(before, self.item)} {'down' if self.by > 0 else 'up'}"


@dataclass(frozen=True, slots=True)
class SetField:
    """Type a text into a field. A text that is not valid yet is kept beside the last valid value."""

    item: str
    field: str
    text: str

    def apply(self, state: DraftState) -> DraftState:
        """Return the state with the text in its field, or pending.

        Raises:
            ValueError: the item has no such field.
        """
        record = record_of(state.seed, self.item)
        if record is None and self.item != SYSTEM_CONTEXT:
            return state
        spec = spec_of(record, self.field)
        text = without_surrogates(self.text)
        others = tuple(
            pending for pending in state.pending if (pending.item, pending.field) != (self.item, self.field)
        )
        if record is None:
            seed = state.seed.model_copy(update={SYSTEM_CONTEXT: text})
            return replace(state, seed=seed, pending=others)
        # the editor indents arguments; leaving them alone must not reformat them
        if text == editor_text(spec, record):
            return replace(state, pending=others)
        # the seed keeps its last valid value, so it can be previewed and saved at any time
        if error_of(spec, text) is not None:
            return replace(state, pending=(*others, PendingText(self.item, self.field, text)))
        changed = with_value(record, spec, text)
        if changed == record:
            return replace(state, pending=others)
        return replace(state, seed=with_item(state.seed, changed), pending=others)

    def label(self, before: Seed) -> str:
        """Say which field was edited."""
        return f"edited {field_label(before, self.item, self.field)}"


@dataclass(frozen=True, slots=True)
class ToggleShown:
    """Show recoveries as a line instead of messages, and the other way round."""

    items: tuple[str, ...]

    def apply(self, state: DraftState) -> DraftState:
        """Return the state with those of the items that are recoveries toggled."""
        for name in dict.fromkeys(self.items):
            found = find_item(state.seed, name)
            if found and isinstance(found.item, Recovery):
                other = "line" if found.item.shown_as == "messages" else "messages"
                toggled = found.item.model_copy(update={"shown_as": other})
                state = replace(state, seed=with_item(state.seed, toggled))
        return state

    def label(self, before: Seed) -> str:
        """Say what is now shown differently."""
        return f"changed how {items_label(before, self.items)} is shown"


@dataclass(frozen=True, slots=True)
class MakeRelative:
    """Make absolute paths relative, in one item or in all."""

    folders: tuple[SessionFolders, ...]
    """An item uses the folders of its own session, else the first ones that name no session."""
    item: str | None = None

    def apply(self, state: DraftState) -> DraftState:
        """Return the state with `{cwd}` and `{home}` in place of the folders."""
        origins = sessions_of(state)

        def change(place: Place, text: str) -> str:
            if self.item is not None and place.item != self.item:
                return text
            folders = self._folders_of(place.item, origins)
            return make_relative(text, folders, is_json=place.is_json)

        return replace(state, seed=map_texts(state.seed, change))

    def _folders_of(
        self, item: str, origins: Mapping[str, frozenset[tuple[str, str]]]
    ) -> SessionFolders | None:
        sessions = {session for _, session in origins.get(item, ())}
        own = (folders for folders in self.folders if folders.session_id in sessions)
        general = (folders for folders in self.folders if folders.session_id is None)
        return next(own, None) or next(general, None)

    def label(self, before: Seed) -> str:
        """Say where paths were made relative."""
        return f"made paths relative in {position_label(before, self.item) if self.item else 'all items'}"


@dataclass(frozen=True, slots=True)
class Rename:
    """Name the template."""

    name: str

    def apply(self, state: DraftState) -> DraftState:
        """Return the state with the name."""
        return replace(state, name=without_surrogates(self.name))

    def label(self, _before: Seed) -> str:
        """Say the new name."""
        return f"named it {short_label(self.name)}"


@dataclass(frozen=True, slots=True)
class Describe:
    """Describe the template."""

    description: str

    def apply(self, state: DraftState) -> DraftState:
        """Return the state with the description."""
        return replace(state, description=without_surrogates(self.description))

    def label(self, _before: Seed) -> str:
        """Say that the description changed."""
        return "edited the description"


@dataclass(frozen=True, slots=True)
class SetTags:
    """Tag the template; each tag once, stripped, in the order given."""

    tags: tuple[str, ...]

    def apply(self, state: DraftState) -> DraftState:
        """Return the state with the tags."""
        tags = (without_surrogates(tag).strip() for tag in self.tags)
        return replace(state, tags=tuple(dict.fromkeys(filter(None, tags))))

    def label(self, _before: Seed) -> str:
        """Say that the tags changed."""
        return "changed the tags"


@dataclass(frozen=True, slots=True)
class SetType:
    """Say what the template is for; None lets its examples decide."""

    task_type: TemplateType | None

    def apply(self, state: DraftState) -> DraftState:
        """Return the state with the type."""
        return replace(state, task_type=self.task_type)

    def label(self, _before: Seed) -> str:
        """Say the new type."""
        return f"set the type to {self.task_type or 'what the examples tell'}"


@dataclass(frozen=True, slots=True)
class Restore:
    """Put the original back in a masked place, and let saving keep it."""

    item: str
    field: str
    ordinal: int
    original: str
    known: Secrets = ()

    def apply(self, state: DraftState) -> DraftState:
        """Return the state with the original in its field."""
        original = without_surrogates(self.original)
        return mask_review.restore(state, self.item, self.field, self.ordinal, original, self.known)

    def label(self, before: Seed) -> str:
        """Say where a masked place was restored."""
        return f"restored a masked place in {field_label(before, self.item, self.field)}"


@dataclass(frozen=True, slots=True)
class Keep:
    """Let saving keep a place that is not masked."""

    item: str
    field: str
    ordinal: int
    known: Secrets = ()

    def apply(self, state: DraftState) -> DraftState:
        """Return the state that remembers the place."""
        return mask_review.keep(state, self.item, self.field, self.ordinal, self.known)

    def label(self, before: Seed) -> str:
        """Say where a place stays unmasked."""
        return f"left a place unmasked in {field_label(before, self.item, self.field)}"


@dataclass(frozen=True, slots=True)
class Remask:
    """Mask everything in a field, restored places too; with an ordinal, only one place."""

    item: str
    field: str
    known: Secrets = ()
    ordinal: int | None = None

    def apply(self, state: DraftState) -> DraftState:
        """Return the state with the places masked."""
        return mask_review.remask(state, self.item, self.field, self.known, self.ordinal)

    def label(self, before: Seed) -> str:
        """Say which field was masked."""
        return f"masked {field_label(before, self.item, self.field)}"


@dataclass(frozen=True, slots=True)
class Accept:
    """Leave a masked place masked and mark it as reviewed."""

    item: str
    field: str
    ordinal: int

    def apply(self, state: DraftState) -> DraftState:
        """Return the state that remembers the review."""
        return mask_review.accept(state, self.item, self.field, self.ordinal)

    def label(self, before: Seed) -> str:
        """Say where a masked place was accepted."""
        return f"accepted a masked place in {position_label(before, self.item)}"
