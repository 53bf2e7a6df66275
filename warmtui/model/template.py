"""Templates: a named seed with its metadata; every save is a new immutable version.

These records cross files and the library, so they are strict pydantic models: unknown fields and wrong
types are refused, and the error names where they are.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer

from warmtui.model.session import Problem

TemplateType = Literal["code", "file", "research", "terminal", "general", "mixed"]
RequestStyle = Literal["command_driven", "conversational", "terse", "detailed", "balanced"]
FeedbackStyle = Literal["terse", "detailed", "corrections_only", "balanced"]
NoteKind = Literal["preference", "convention", "dead_end", "known_noise"]
"""The person's words that should hold next time; how things are done here; what was refused again and again
and never solved; what fails or warns already, whatever is changed."""
MarkerKind = Literal["path", "url", "command", "identifier"]
Thumb = Literal["good", "bad"]


class Record(BaseModel):
    """Base of every record that is stored or exchanged: strict, immutable, closed."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


class Provenance(Record):
    """Where an item came from."""

    agent: str
    session_id: str
    message_id: str | None = None
    call_id: str | None = None


class SeenRecord(Record):
    """Base of what may be seen in several sessions."""

    also_seen: tuple[Provenance, ...] = ()
    """Where else it was seen: one place in each of the other sessions."""

    @model_serializer(mode="wrap")
    def _serialize_seen(self, serialize: SerializerFunctionWrapHandler) -> dict[str, object]:
        """Leave `also_seen` out while there is none: so an item of one session keeps its bytes and hash."""
        fields: dict[str, object] = serialize(self)
        places = fields.pop("also_seen", None)
        return fields | {"also_seen": places} if places else fields


BY_HAND = Provenance(agent="", session_id="")
"""Of a note that a person wrote while curating, and no session says."""


class ExampleCall(Record):
    """One call with its result, as an example shows it."""

    tool: str
    arguments: str
    """The exact JSON text of the arguments, home and working folders as `{home}` and `{cwd}`."""
    result: str
    """The instructive part of the result."""
    result_characters: int
    """Length of the whole result in characters, before it was shortened."""


class ToolExample(SeenRecord):
    """A demonstration: the user's words, the call(s), the result(s), a closing sentence."""

    id: str
    before: str
    """The user's words before the call."""
    before_invented: bool = False
    """Written by warmtui, because the session had none that fit."""
    calls: Annotated[tuple[ExampleCall, ...], Field(min_length=1)]
    closing: str
    closing_invented: bool = False
    note: str = ""
    provenance: Provenance


class Recovery(SeenRecord):
    """A failed call and the later call that did the same job right."""

    id: str
    failed: ExampleCall
    error: str
    """The error in one line."""
    error_type: str
    fixed: ExampleCall
    change: str
    """What changed between the two, in words."""
    shown_as: Literal["line", "messages"] = "line"
    before: str = ""
    before_invented: bool = False
    closing: str = ""
    closing_invented: bool = False
    note: str = ""
    provenance: Provenance


class UserPatterns(Record):
    """How the person asks and answers."""

    request_style: RequestStyle
    feedback_style: FeedbackStyle
    domains: tuple[str, ...] = ()
    preferred_tools: tuple[str, ...] = ()
    corrections: tuple[str, ...] = ()
    """The person's own correcting words, shortened."""


class ContextMarker(SeenRecord):
    """A path, URL, command or identifier that the session kept coming back to."""

    id: str
    text: str
    kind: MarkerKind
    uses: int
    provenance: Provenance


class Note(SeenRecord):
    """A lesson that is said in a line."""

    id: str
    kind: NoteKind
    text: str
    """For a preference the person's own words, without quotation marks around them."""
    provenance: Provenance
    """The message or call that it was first seen in."""
    seen: int = 1
    """In how many sessions it was seen."""


Item = Recovery | ToolExample | ContextMarker | Note
"""What stands in one of the lists of a seed: it has an id and an order."""
Group = Literal["recoveries", "tool_examples", "context_markers", "notes"]
GROUPS: dict[type[Record], Group] = {
    Recovery: "recoveries",
    ToolExample: "tool_examples",
    ContextMarker: "context_markers",
    Note: "notes",
}
"""The list of a seed that holds the items of a type, in the order of the seed."""


class Seed(Record):
    """The parts a warm start is made of, each in the person's order."""

    system_context: str = ""
    user_patterns: UserPatterns | None = None
    recoveries: tuple[Recovery, ...] = ()
    tool_examples: tuple[ToolExample, ...] = ()
    context_markers: tuple[ContextMarker, ...] = ()
    notes: tuple[Note, ...] = ()

    @model_serializer(mode="wrap")
    def _serialize(self, serialize: SerializerFunctionWrapHandler) -> dict[str, object]:
        """Leave `notes` out while there are none.

        So a seed of before there were notes keeps its bytes, and with them its hash and its call ids.
        """
        fields: dict[str, object] = serialize(self)
        if not self.notes:
            fields.pop("notes", None)
        return fields

    def is_empty(self) -> bool:
        """Whether there is nothing to start with."""
        return not (self.system_context.strip() or self.user_patterns or self.items())

    def group(self, group: Group) -> tuple[Item, ...]:
        """Return the items of one list."""
        items: tuple[Item, ...] = getattr(self, group)
        return items

    def items(self) -> tuple[Item, ...]:
        """Return every item, in the order of the seed."""
        return tuple(item for group in GROUPS.values() for item in self.group(group))

    def with_items(self, items: Iterable[Item]) -> Seed:
        """Return the seed with more items, each at the end of its list."""
        more: dict[Group, list[Item]] = {}
        for item in items:
            more.setdefault(GROUPS[type(item)], []).append(item)
        return self.model_copy(update={group: (*self.group(group), *more[group]) for group in more})


def seen_also(item: Item, places: Iterable[Provenance]) -> Item:
    """Return an item with more places where it was seen: one for each session that it does not name yet."""
    known = {(place.agent, place.session_id) for place in (item.provenance, *item.also_seen)}
    more: dict[tuple[str, str], Provenance] = {}
    for place in places:
        if place != BY_HAND and (place.agent, place.session_id) not in known:
            more.setdefault((place.agent, place.session_id), place)
    return item.model_copy(update={"also_seen": (*item.also_seen, *more.values())}) if more else item


class SourceSession(Record):
    """A session that a template was made from."""

    agent: str
    id: str
    title: str | None = None
    source: str = ""


class MaskedPlace(Record):
    """Something that was masked before saving: its kind and place, never its text."""

    kind: str
    """Kebab-case kind of the secret or personal datum, `github-token`."""
    slot: str
    """The slot that replaced it, `‹secret:github-token›`."""
    item: str
    """The id of the item it was in, or `system_context`, `user_patterns`."""
    field: str


class Draft(Record):
    """A template about to be saved: everything but the version's number, hash and time."""

    name: str
    description: str = ""
    task_type: TemplateType
    tags: tuple[str, ...] = ()
    seed: Seed
    sources: tuple[SourceSession, ...] = ()
    masked: tuple[MaskedPlace, ...] = ()


class Usage(Record):
    """How often a template started a session, and how those sessions were rated."""

    started: int = 0
    thumbs_up: int = 0
    thumbs_down: int = 0


class Version(Record):
    """One saved state of a template; never changed after."""

    number: int
    content_hash: str
    """SHA-256 over the canonical JSON of the draft, hex."""
    created_at: str
    """ISO 8601 UTC with `Z`."""
    description: str
    seed: Seed
    task_type: TemplateType
    sources: tuple[SourceSession, ...]
    masked: tuple[MaskedPlace, ...] = ()


class Template(Record):
    """A template as it is now: its current version, with its name, tags, dates and usage."""

    id: str
    name: str
    tags: tuple[str, ...]
    created_at: str
    updated_at: str
    deleted_at: str | None = None
    versions: int
    """How many versions there are; they are numbered from 1."""
    version: Version
    usage: Usage = Usage()


# What the library answers


class Saved(NamedTuple):
    """The result of a save."""

    template: Template
    """As it is now."""
    version: Version
    """Its current version: the new one, or the one that already had this content."""
    created: bool
    """The template is new."""
    unchanged: bool
    """The current version already had this content, so no version was made."""


class DamagedTemplate(NamedTuple):
    """A template whose current version cannot be trusted; it is listed and never used."""

    id: str
    name: str
    tags: tuple[str, ...]
    version: int | None
    """The number of the current version, None where that is damaged too."""
    started: int
    """How often an agent was started with it."""


class Listing(NamedTuple):
    """The templates of a listing; damage to one does not hide the others."""

    templates: tuple[Template, ...]
    problems: tuple[Problem, ...]
    """What is wrong with each damaged template."""
    damaged: tuple[DamagedTemplate, ...] = ()


class Use(Record):
    """One start of an agent with a template."""

    id: int
    template_id: str
    version: int
    agent: str
    session_id: str | None
    """The session it started; None if it could not be identified."""
    source: str
    """Where the agent keeps its sessions."""
    started_at: str
    """ISO 8601 UTC with `Z`."""
    command: tuple[str, ...]
    """The words of the command."""
    exit_code: int | None
    """None while it runs, and when warmtui ended first."""
    candidates: tuple[str, ...]
    """The sessions that fit, when there was not exactly one."""
    thumb: Thumb | None
    """The person's rating of the session."""
