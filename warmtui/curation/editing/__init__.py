"""Editing a template: everything behind the Curate screen except the screen itself. Pure.

A `DraftState` holds the template. Edits make a new state; `History` applies them and can undo them.
`fields_of` gives the editor of an item, `parts` the rows and the token meter, `problems` what to review.
`to_draft` makes what is saved; `dump` and `load` keep drafts across a crash.
"""

from __future__ import annotations

from warmtui.curation.editing.edits import (
    Accept,
    AddNote,
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
from warmtui.curation.editing.fields import EditorField, InvalidText, field_label, fields_of, heading
from warmtui.curation.editing.history import History, UndoStep
from warmtui.curation.editing.mask_review import ReviewedPlace, original_of, review
from warmtui.curation.editing.meter import Part, PartItem, parts, seed_tokens, total
from warmtui.curation.editing.picks import Offer, Pick, Unpick, is_picked, suggest_additions
from warmtui.curation.editing.problems import DraftProblem, problems
from warmtui.curation.editing.serialization import (
    dump,
    from_draft,
    from_template,
    load,
    task_type_of_seed,
    to_draft,
)
from warmtui.curation.editing.state import Base, DraftState
from warmtui.curation.folders import SessionFolders

__all__ = [
    "Accept",
    "AddNote",
    "Base",
    "Clear",
    "Describe",
    "DraftProblem",
    "DraftState",
    "Edit",
    "EditorField",
    "History",
    "InvalidText",
    "Keep",
    "MakeRelative",
    "Move",
    "Offer",
    "Part",
    "PartItem",
    "Pick",
    "Remask",
    "Remove",
    "Rename",
    "Restore",
    "ReviewedPlace",
    "SessionFolders",
    "SetField",
    "SetTags",
    "SetType",
    "ToggleShown",
    "UndoStep",
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
