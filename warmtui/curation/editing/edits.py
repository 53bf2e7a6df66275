"""What can be done to a workbench: one small record for each, applied by `apply`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from warmtui.curation.candidates import Candidate, SystemContext
from warmtui.curation.editing.maskings import Secrets
from warmtui.curation.editing.relative import SessionFolders
from warmtui.model.template import (
    ContextMarker,
    Recovery,
    SourceSession,
    TemplateType,
    ToolExample,
    UserPatterns,
)


class Offer(NamedTuple):
    """What can be picked: a record, masked, with the session it is from."""

    id: str
    """Of the candidate; of listed items also the item's id."""
    record: Recovery | ToolExample | UserPatterns | ContextMarker | SystemContext
    source: SourceSession

    @classmethod
    def of(cls, candidate: Candidate, source: SourceSession) -> Offer:
        """Offer a candidate; it has to be masked already (`curation.masking.mask_candidate`)."""
        return cls(candidate.id, candidate.record, source)


@dataclass(frozen=True, slots=True)
class Pick:
    """Put what is offered at the end of its group; a single part replaces the one that is there."""

    offers: tuple[Offer, ...]
    suggested: bool = False
    """They are what was suggested: only for the words of the undo step."""


@dataclass(frozen=True, slots=True)
class Unpick:
    """Take out what is picked of these."""

    offers: tuple[Offer, ...]


@dataclass(frozen=True, slots=True)
class Remove:
    """Take items out, by id; single parts by their name."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Clear:
    """Take everything out; name, description, tags and type stay."""


@dataclass(frozen=True, slots=True)
class Move:
    """Move an item within its group, as far as it goes."""

    item: str
    by: int
    """Places down; negative is up."""


@dataclass(frozen=True, slots=True)
class SetField:
    """Type a text into a field; what is not valid yet is kept beside the last valid value."""

    item: str
    field: str
    text: str


@dataclass(frozen=True, slots=True)
class ToggleShown:
    """Show recoveries as a line where they were messages, and the other way."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MakeRelative:
    """Make absolute paths relative, in one item or in all."""

    folders: tuple[SessionFolders, ...]
    """Those of an item's own session count, else the first that name no session."""
    item: str | None = None


@dataclass(frozen=True, slots=True)
class Rename:
    """Name the template."""

    name: str


@dataclass(frozen=True, slots=True)
class Describe:
    """Describe the template."""

    description: str


@dataclass(frozen=True, slots=True)
class SetTags:
    """Tag the template; each tag once, stripped, in the order given."""

    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SetType:
    """Say what the template is for; None lets its examples tell."""

    task_type: TemplateType | None


@dataclass(frozen=True, slots=True)
class Restore:
    """Put the original back in a masked place, and let saving leave it."""

    item: str
    field: str
    ordinal: int
    original: str
    known: Secrets = ()


@dataclass(frozen=True, slots=True)
class Keep:
    """Let saving leave a place that is not masked."""

    item: str
    field: str
    ordinal: int
    known: Secrets = ()


@dataclass(frozen=True, slots=True)
class Remask:
    """Mask everything in a field, also what was restored; with an ordinal only one place."""

    item: str
    field: str
    known: Secrets = ()
    ordinal: int | None = None


@dataclass(frozen=True, slots=True)
class Accept:
    """Leave a masked place masked, and out of what there is to look at."""

    item: str
    field: str
    ordinal: int


Edit = (
    Pick
    | Unpick
    | Remove
    | Clear
    | Move
    | SetField
    | ToggleShown
    | MakeRelative
    | Rename
    | Describe
    | SetTags
    | SetType
    | Restore
    | Keep
    | Remask
    | Accept
)
