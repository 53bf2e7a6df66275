"""Saving templates: each function is the body of one writing transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from warmtui.errors import ConflictError, LibraryError
from warmtui.library import search
from warmtui.library.connection import Transaction
from warmtui.library.content import Content, content_of, searched_text
from warmtui.library.find import TemplateRef, find, find_by_name, find_whole, no_such_version
from warmtui.library.names import checked_name, checked_tags
from warmtui.library.reading import damaged, template_of
from warmtui.library.text import hash_of, shown
from warmtui.model.template import Draft, Template, Version

_ID_TRIES = 20


class Saved(NamedTuple):
    """What a save came to."""

    template: Template
    """As it stands now."""
    version: Version
    """Its current version: the new one, or the one that already held the same."""
    created: bool
    """The template is new."""
    unchanged: bool
    """The content was that of the current version, so no version was made."""


class Prepared(NamedTuple):
    """A draft that was checked and put into the form it is kept in, before any lock is held."""

    name: str
    tags: tuple[str, ...]
    content: Content

    @classmethod
    def of(cls, draft: Draft) -> Prepared:
        """Check a draft.

        Raises:
            UsageError: its name or one of its tags cannot be one.
        """
        return cls(checked_name(draft.name), checked_tags(draft.tags), content_of(draft))


async def save(
    transaction: Transaction,
    prepared: Prepared,
    *,
    template: str | None,
    expected_version: int | None,
    make_id: Callable[[], str],
) -> Saved:
    """Save a draft; arguments, result and errors as `Library.save`."""
    if template is None:
        found = await find_by_name(transaction, prepared.name)
    else:
        found = await find_whole(transaction, template)
    _expect(prepared.name, found, expected_version)
    if found is None:
        made = await _create(transaction, prepared.name, prepared.tags, prepared.content, make_id)
        return Saved(made, made.version, created=True, unchanged=False)
    before = await template_of(transaction, found)
    if template is None:
        tags = tuple(sorted({*before.tags, *prepared.tags}))
    else:
        tags = prepared.tags
    return await _change(transaction, before, prepared.name, tags, prepared.content)


async def revert(transaction: Transaction, ref: str, number: int, expected_version: int | None) -> Saved:
    """Make the content of an older version the newest; as `Library.revert`."""
    found = await find_whole(transaction, ref)
    _expect(found.name, found, expected_version)
    if not 1 <= number <= found.version:
        raise no_such_version(found.name, number, found.version)
    before = await template_of(transaction, found)
    content = await _kept_content(transaction, found.id, number)
    return await _change(transaction, before, before.name, before.tags, content)


async def duplicate(transaction: Transaction, ref: str, name: str, make_id: Callable[[], str]) -> Saved:
    """Make a template of its own from a version of another; as `Library.duplicate`."""
    found = await find(transaction, ref)
    await _require_free(transaction, name)
    old = await template_of(transaction, found)
    content = await _kept_content(transaction, found.id, found.version)
    made = await _create(transaction, name, old.tags, content, make_id)
    return Saved(made, made.version, created=True, unchanged=False)


async def rename(transaction: Transaction, ref: str, name: str) -> Template:
    """Give a template another name; as `Library.rename`."""
    before = await template_of(transaction, await find_whole(transaction, ref))
    return (await _change(transaction, before, name, before.tags, None)).template


async def set_tags(transaction: Transaction, ref: str, add: Iterable[str], remove: Iterable[str]) -> Template:
    """Add and remove tags; as `Library.set_tags`."""
    before = await template_of(transaction, await find_whole(transaction, ref))
    tags = tuple(sorted({*before.tags, *checked_tags(add)} - {*checked_tags(remove)}))
    return (await _change(transaction, before, before.name, tags, None)).template


async def delete(transaction: Transaction, ref: str) -> Template:
    """Put a template among the deleted; as `Library.delete`."""
    found = await find_whole(transaction, ref)
    await transaction.rows(
        "UPDATE templates SET deleted_at = ?, updated_at = ? WHERE id = ?",
        transaction.now,
        transaction.now,
        found.id,
    )
    return await template_of(transaction, found)


async def undelete(transaction: Transaction, ref: str) -> Template:
    """Bring a deleted template back; as `Library.undelete`."""
    found = await find_whole(transaction, ref, deleted=True)
    await _require_free(
        transaction,
        found.name,
        f"rename the one in use (`warmtui rename`), then `warmtui undelete {found.id}`",
    )
    await transaction.rows(
        "UPDATE templates SET deleted_at = NULL, updated_at = ? WHERE id = ?", transaction.now, found.id
    )
    return await template_of(transaction, found)


def _expect(name: str, found: TemplateRef | None, expected: int | None) -> None:
    current = found.version if found else 0
    if expected is None or expected == current:
        return
    if found is None:
        raise ConflictError(
            f"there is no template {shown(name)} any more: version {expected} was expected",
            "`warmtui list --deleted` shows whether it was deleted; save under another name to keep yours",
        )
    if expected == 0:
        raise _taken(name, "choose another name")
    raise ConflictError(
        f"the template {shown(found.name)} is at version {current}, not {expected}: "
        "it was saved elsewhere in between",
        f"`warmtui diff {found.id} {expected} {current}` shows what changed; then save again",
    )


def _taken(name: str, remedy: str) -> ConflictError:
    return ConflictError(f"a template named {shown(name)} exists already", remedy)


async def _require_free(transaction: Transaction, name: str, remedy: str = "choose another name") -> None:
    if await find_by_name(transaction, name):
        raise _taken(name, remedy)


async def _kept_content(transaction: Transaction, template_id: str, number: int) -> Content:
    """The stored bytes, not what this warmtui would make of them: their hash stays what it was."""
    row = await transaction.row(
        "SELECT content, content_hash FROM versions WHERE template_id = ? AND number = ?",
        template_id,
        number,
    )
    if row is None or not isinstance(row[0], str) or hash_of(row[0]) != row[1]:
        raise damaged(transaction, template_id, number)
    return Content(*row)


async def _create(
    transaction: Transaction,
    name: str,
    tags: tuple[str, ...],
    content: Content,
    make_id: Callable[[], str],
) -> Template:
    template_id = await _new_id(transaction, make_id)
    await transaction.rows(
        "INSERT INTO templates (id, name, created_at, updated_at, current_version) VALUES (?, ?, ?, ?, 1)",
        template_id,
        name,
        transaction.now,
        transaction.now,
    )
    await _add_version(transaction, template_id, 1, content)
    await _put_tags(transaction, template_id, tags)
    return await _searchable(transaction, TemplateRef(template_id, name, 1, pinned=False))


async def _change(
    transaction: Transaction, before: Template, name: str, tags: tuple[str, ...], content: Content | None
) -> Saved:
    """Bring a template to this name, these tags and this content (None keeps it), where they differ."""
    if name != before.name:
        await _require_free(transaction, name)
    unchanged = content is None or content.hash == before.version.content_hash
    if unchanged and name == before.name and tags == before.tags:
        return Saved(before, before.version, created=False, unchanged=True)
    number = before.version.number
    if content is not None and not unchanged:
        number += 1
        await _add_version(transaction, before.id, number, content)
    await transaction.rows(
        "UPDATE templates SET name = ?, updated_at = ?, current_version = ? WHERE id = ?",
        name,
        transaction.now,
        number,
        before.id,
    )
    if tags != before.tags:
        await _put_tags(transaction, before.id, tags)
    after = await _searchable(transaction, TemplateRef(before.id, name, number, pinned=False))
    return Saved(after, after.version, created=False, unchanged=unchanged)


async def _new_id(transaction: Transaction, make_id: Callable[[], str]) -> str:
    for _ in range(_ID_TRIES):
        template_id = make_id()
        if not await transaction.row("SELECT 1 FROM templates WHERE id = ?", template_id):
            return template_id
    raise LibraryError(f"no free id was found in {transaction.path}", "try again")


async def _add_version(transaction: Transaction, template_id: str, number: int, content: Content) -> None:
    await transaction.rows(
        "INSERT INTO versions (template_id, number, content, content_hash, created_at) "
        "VALUES (?, ?, ?, ?, ?)",
        template_id,
        number,
        content.text,
        content.hash,
        transaction.now,
    )


async def _put_tags(transaction: Transaction, template_id: str, tags: tuple[str, ...]) -> None:
    await transaction.rows("DELETE FROM tags WHERE template_id = ?", template_id)
    for tag in tags:
        await transaction.rows("INSERT INTO tags (template_id, tag) VALUES (?, ?)", template_id, tag)


async def _searchable(transaction: Transaction, found: TemplateRef) -> Template:
    """Bring the search up to date with a template that was just written, and read it back."""
    template = await template_of(transaction, found)
    version = template.version
    text = searched_text(template.name, template.tags, version.description, version.seed)
    await search.update(transaction, template.id, text)
    return template
