"""The library as the rooms above see it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from warmtui.later import Later
from warmtui.library import find, kept_json, names
from warmtui.library.find import TemplateRef
from warmtui.library.kept_json import JsonListing
from warmtui.library.shelf import Shelf
from warmtui.library.text import shown

if TYPE_CHECKING:
    from warmtui.library import reading, templates
    from warmtui.library.reading import Listing
    from warmtui.library.templates import Saved
    from warmtui.model.template import Draft, Template, TemplateType, Version
else:
    # a listing as JSON needs no records, which take longer to load than all else here
    reading, templates = Later("warmtui.library.reading"), Later("warmtui.library.templates")


class Library(Shelf):
    """Templates, versions, drafts and usage in one SQLite file.

    Nothing is opened or created before it is needed: reading a library that does not exist finds
    nothing, and the first save creates it. A library that cannot be written can still be read. One
    instance may be used by many tasks of one event loop; they take turns.

    Wherever a `ref` is asked for it is a template's name, its id, or the start of an id that no other
    template shares; `@` and a number after it mean one version. Every method may raise:

        LibraryError: the file is damaged, locked, full, read-only, or not a library of this warmtui. A
            write that raises has changed nothing.

    Use it as an async context manager, or call `close`.

    Args:
        path: of the file.
        clock: gives the current time; a naive one is taken as local time.
        make_id: gives ids for new templates, `t_` and ten letters of `a-z2-7`.
        patience: seconds to wait for another program that is writing.
        mask: replaces secrets in every name, description and tag before it is kept. What is masked inside
            a seed is the caller's decision, because a person may want some of it unmasked.

    Raises:
        UsageError: the path cannot be one.
    """

    async def resolve(self, ref: str, *, deleted: bool = False) -> TemplateRef:
        """What a reference means.

        Args:
            ref: the reference.
            deleted: look among the deleted templates instead of those in use.

        Raises:
            UsageError: it is empty or asks for version 0.
            NotFoundError: nothing fits, or there is no such version; close names are suggested.
            AmbiguousError: it fits several; they are listed.
        """
        async with self._kept_for(f"template {shown(ref)}") as transaction:
            return await find.find(transaction, ref, deleted=deleted)

    async def get(self, ref: str, *, deleted: bool = False) -> Template:
        """A template with its current version, or with the one that the reference asks for.

        Raises:
            UsageError, NotFoundError, AmbiguousError: as `resolve`.
        """
        async with self._kept_for(f"template {shown(ref)}") as transaction:
            found = await find.find(transaction, ref, deleted=deleted)
            return await reading.template_of(transaction, found)

    async def get_version(self, ref: str, number: int) -> Version:
        """One version of a template.

        Args:
            ref: the reference, without `@version`.
            number: of the version, from 1.

        Raises:
            UsageError, NotFoundError, AmbiguousError: as `resolve`.
        """
        async with self._kept_for(f"template {shown(ref)}") as transaction:
            found = await find.find_whole(transaction, ref)
            if not 1 <= number <= found.version:
                raise find.no_such_version(found.name, number, found.version)
            template = await reading.template_of(transaction, found._replace(version=number))
            return template.version

    async def versions(self, ref: str) -> tuple[Version, ...]:
        """The versions of a template, the first first; `verify` names the damaged ones that are left out.

        Raises:
            UsageError, NotFoundError, AmbiguousError: as `resolve`.
        """
        async with self._kept_for(f"template {shown(ref)}") as transaction:
            found = await find.find_whole(transaction, ref)
            return await reading.versions_of(transaction, found.id)

    async def listing(
        self,
        *,
        type: TemplateType | None = None,  # noqa: A002 - the word of the command's --type
        tags: Iterable[str] = (),
        query: str | None = None,
        deleted: bool = False,
    ) -> Listing:
        """The templates that fit, newest updated first, and those whose record is damaged.

        Args:
            type: only those of this task type.
            tags: only those that have all of these.
            query: only those that hold every word of it, in any case and as a part of a word, in name,
                tags, description or seed (the first 200,000 characters of them). No text is refused.
            deleted: the deleted ones instead of those in use.

        Raises:
            UsageError: one of `tags` cannot be a tag.
        """
        async with self._store.reading() as transaction:
            if transaction is None:
                return reading.Listing((), ())
            return await reading.listing_of(
                transaction, task_type=type, tags=tags, query=query, deleted=deleted
            )

    async def json_listing(
        self,
        *,
        type: TemplateType | None = None,  # noqa: A002 - the word of the command's --type
        tags: Iterable[str] = (),
        query: str | None = None,
        deleted: bool = False,
    ) -> JsonListing:
        """What `listing` finds, as JSON and in a fraction of the time.

        Args:
            type: as for `listing`.
            tags: as for `listing`.
            query: as for `listing`.
            deleted: as for `listing`.

        Raises:
            UsageError: as for `listing`.
        """
        async with self._store.reading() as transaction:
            if transaction is None:
                return JsonListing((), ())
            return await kept_json.listing_of(
                transaction, task_type=type, tags=tags, query=query, deleted=deleted
            )

    async def list(
        self,
        *,
        type: TemplateType | None = None,  # noqa: A002 - the word of the command's --type
        tags: Iterable[str] = (),
        query: str | None = None,
        deleted: bool = False,
    ) -> tuple[Template, ...]:
        """The templates of `listing`; damaged ones are left out, `listing` and `verify` name them."""
        return (await self.listing(type=type, tags=tags, query=query, deleted=deleted)).templates

    async def free_name(self, base: str) -> str:
        """`base`, or `base_2`, `base_3`, …: the first that no template in use has.

        Save with `expected_version=0` to be told when somebody took it in between.

        Raises:
            UsageError: `base` cannot be a name.
        """
        checked = name = names.checked_name(self._mask(base))
        async with self._store.reading() as transaction:
            number = 1
            while transaction and await find.find_by_name(transaction, name):
                number += 1
                ending = f"_{number}"
                name = checked[: names.NAME_CHARACTERS - len(ending)] + ending
        return name

    # Templates: writing

    async def save(
        self, draft: Draft, *, template: str | None = None, expected_version: int | None = None
    ) -> Saved:
        """Save a draft as a new template, or as a new version of one.

        Args:
            draft: what to save.
            template: the template to save to; it takes the draft's name and exactly its tags. Without
                it, the draft goes to the template that has its name, whose tags are added to, and
                makes a new one when no template in use has it.
            expected_version: the version that the draft was made from; 0 when the name is to be free.

        Returns:
            What it came to. Content that is the same as that of the current version (see
            `content.content_of` for what is compared) makes no version.

        Raises:
            UsageError: the name or a tag cannot be one.
            NotFoundError, AmbiguousError: `template`, as `resolve`.
            ConflictError: the current version is not the expected one, or the name belongs to another.
        """
        update = {
            "name": self._mask(draft.name),
            "description": self._mask(draft.description),
            "tags": tuple(map(self._mask, draft.tags)),
        }
        prepared = templates.Prepared.of(draft.model_copy(update=update))
        async with self._store.writing() as transaction:
            return await templates.save(
                transaction,
                prepared,
                template=template,
                expected_version=expected_version,
                make_id=self._make_id,
            )

    async def revert(self, ref: str, number: int, *, expected_version: int | None = None) -> Saved:
        """Make a new version with the content of an older one.

        Args:
            ref: the reference, without `@version`.
            number: of the version whose content is wanted.
            expected_version: as for `save`.

        Returns:
            What it came to; nothing is made when the current version has that content already.

        Raises:
            UsageError, NotFoundError, AmbiguousError: as `resolve`.
            ConflictError: the current version is not the expected one.
        """
        await self.resolve(ref)
        async with self._store.writing() as transaction:
            return await templates.revert(transaction, ref, number, expected_version)

    async def duplicate(self, ref: str, name: str) -> Saved:
        """Make a new template, with the same tags, from a template or one version of it.

        Args:
            ref: the reference.
            name: of the new template.

        Raises:
            UsageError: the name cannot be one.
            NotFoundError, AmbiguousError: as `resolve`.
            ConflictError: the name is in use.
        """
        checked = names.checked_name(self._mask(name))
        await self.resolve(ref)
        async with self._store.writing() as transaction:
            return await templates.duplicate(transaction, ref, checked, self._make_id)

    async def rename(self, ref: str, name: str) -> Template:
        """Give a template another name.

        Returns:
            The template as it stands now.

        Raises:
            UsageError: the name cannot be one.
            NotFoundError, AmbiguousError: as `resolve`.
            ConflictError: the name is in use.
        """
        checked = names.checked_name(self._mask(name))
        await self.resolve(ref)
        async with self._store.writing() as transaction:
            return await templates.rename(transaction, ref, checked)

    async def set_tags(self, ref: str, add: Iterable[str] = (), remove: Iterable[str] = ()) -> Template:
        """Add and remove tags; what is in both is removed.

        Returns:
            The template as it stands now.

        Raises:
            UsageError: one of them cannot be a tag.
            NotFoundError, AmbiguousError: as `resolve`.
        """
        added = names.checked_tags(map(self._mask, add))
        # A tag can stand in the library as typed, from before tags were masked.
        typed = tuple(remove)
        removed = names.checked_tags((*typed, *map(self._mask, typed)))
        await self.resolve(ref)
        async with self._store.writing() as transaction:
            return await templates.set_tags(transaction, ref, added, removed)

    async def delete(self, ref: str) -> Template:
        """Put a template among the deleted; its name is free again, and `undelete` brings it back.

        Returns:
            The template as it stands now.

        Raises:
            UsageError, NotFoundError, AmbiguousError: as `resolve`.
        """
        await self.resolve(ref)
        async with self._store.writing() as transaction:
            return await templates.delete(transaction, ref)

    async def undelete(self, ref: str) -> Template:
        """Bring a deleted template back.

        Returns:
            The template as it stands now.

        Raises:
            UsageError, NotFoundError, AmbiguousError: as `resolve`, among the deleted ones.
            ConflictError: its name is in use by now.
        """
        await self.resolve(ref, deleted=True)
        async with self._store.writing() as transaction:
            return await templates.undelete(transaction, ref)
