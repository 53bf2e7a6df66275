"""Editing a template: everything behind the Curate screen except the screen itself. Pure.

A `DraftState` holds the template. Edits make a new state; `History` applies them and can undo them.
`fields_of` gives the editor of an item, `parts` the rows and the token meter, `problems` what to review.
`to_draft` makes what is saved; `dump` and `load` keep drafts across a crash.
"""

from __future__ import annotations

from warmtui.curation.editing.conversion import from_draft, from_template, task_type_of_seed, to_draft
from warmtui.curation.editing.edits import (
    Accept,
    Clear,
    Describe,
    Edit,
    Keep,
    MakeRelative,
    Move,
    Remask,
    Remove,
    Rename,
    Restore,
    SetField,
    SetTags,
    SetType,
    ToggleShown,
    apply,
)
from warmtui.curation.editing.fields import Field, FieldKind, fields_of
from warmtui.curation.editing.history import History, Step, UndoResult
from warmtui.curation.editing.json_text import Invalid, object_error
from warmtui.curation.editing.labels import field_label, heading
from warmtui.curation.editing.mask_review import ReviewedPlace, original_of, review
from warmtui.curation.editing.meter import Part, Row, parts, seed_tokens, total
from warmtui.curation.editing.picks import Offer, Pick, Unpick, is_picked, suggest_additions
from warmtui.curation.editing.problems import Limits, Problem, ProblemKind, problems
from warmtui.curation.editing.serialization import LoadedDraft, dump, load
from warmtui.curation.editing.state import Base, DraftState, Pending
from warmtui.curation.folders import SessionFolders

__all__ = [
    "Accept",
    "Base",
    "Clear",
    "Describe",
    "DraftState",
    "Edit",
    "Field",
    "FieldKind",
    "History",
    "Invalid",
    "Keep",
    "Limits",
    "LoadedDraft",
    "MakeRelative",
    "Move",
    "Offer",
    "Part",
    "Pending",
    "Pick",
    "Problem",
    "ProblemKind",
    "Remask",
    "Remove",
    "Rename",
    "Restore",
    "ReviewedPlace",
    "Row",
    "SessionFolders",
    "SetField",
    "SetTags",
    "SetType",
    "Step",
    "ToggleShown",
    "UndoResult",
    "Unpick",
    "apply",
    "dump",
    "field_label",
    "fields_of",
    "from_draft",
    "from_template",
    "heading",
    "is_picked",
    "load",
    "object_error",
    "original_of",
    "parts",
    "problems",
    "review",
    "seed_tokens",
    "suggest_additions",
    "task_type_of_seed",
    "to_draft",
    "total",
]
