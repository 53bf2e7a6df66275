"""The library: templates with their versions, drafts and usage, in one SQLite file."""

from __future__ import annotations

import json
import secrets
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self

from warmtui.errors import ConflictError, LibraryError, NotFoundError, UsageError
from warmtui.library import care, names, search
from warmtui.library.backups import copy_files
from warmtui.library.drafts import KEY_CHARACTERS, KeptDraft
from warmtui.library.names import (
    TemplateRef,
    check_name,
    check_tags,
    find,
    find_by_name,
    find_whole,
    no_such_version,
    quote,
)
from warmtui.library.sqlite import stamp
from warmtui.library.store import Store, Transaction
from warmtui.library.templates import (
    Content,
    TemplateRow,
    content_of,
    content_of_version,
    listing,
    row_of,
    sound_versions,
    template_of,
    uses_of,
)
from warmtui.model.template import Draft, Listing, Saved, Template, TemplateType, Use, Version
from warmtui.temporary import TemporaryFolder

PATIENCE = 5.0
"""Seconds to wait for another program that is saving; a save takes milliseconds."""
_ID_TRIES = 20
_NOTHING: Mapping[str, str | None] = MappingProxyType({})


def _random_id() -> str:
    return names.ID_PREFIX + "".join(secrets.choice(names.ID_LETTERS) for _ in range(names.ID_LENGTH))


class Library:
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

    def __init__(
        self,
        path: Path,
        *,
        clock: Callable[[], datetime],
        make_id: Callable[[], str] = _random_id,
        patience: float = PATIENCE,
        mask: Callable[[str], str] = str,
    ) -> None:
        self._store = Store(path, clock=clock, patience=patience)
        self._clock = clock
        self._make_id = make_id
        self._mask = mask

    @property
    def path(self) -> Path:
        """The absolute path of the file."""
        return self._store.path

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the file once what is under way has ended; closing twice does nothing."""
        await self._store.close()

    # Templates: reading

    async def resolve(self, ref: str, *, deleted: bool = False) -> TemplateRef:
        """Find the template that a reference means.

        Args:
            ref: the reference.
            deleted: look among the deleted templates instead of those in use.

        Raises:
            UsageError: it is empty or asks for version 0.
            NotFoundError: nothing fits, or there is no such version; close names are suggested.
            AmbiguousError: it fits several; they are listed.
        """
        async with self._existing(ref) as transaction:
            return await find(transaction, ref, deleted=deleted)

    async def get(self, ref: str, *, deleted: bool = False) -> Template:
        """Read a template with its current version, or with the one that the reference asks for."""
        async with self._existing(ref) as transaction:
            return await template_of(transaction, await find(transaction, ref, deleted=deleted))

    async def get_version(self, ref: str, number: int) -> Version:
        """Read one version of a template.

        Args:
            ref: the reference, without `@version`.
            number: of the version, from 1.
        """
        async with self._existing(ref) as transaction:
            found = await find_whole(transaction, ref)
            if not 1 <= number <= found.version:
                raise no_such_version(found.name, number, found.version)
            return (await template_of(transaction, found._replace(version=number))).version

    async def versions(self, ref: str) -> tuple[Version, ...]:
        """Read the versions of a template, oldest first; damaged ones are left out, `verify` names them."""
        async with self._existing(ref) as transaction:
            return await sound_versions(transaction, (await find_whole(transaction, ref)).id)

    async def listing(
        self,
        *,
        task_type: TemplateType | None = None,
        tags: Iterable[str] = (),
        query: str | None = None,
        deleted: bool = False,
    ) -> Listing:
        """List the templates that fit, newest updated first, and those that are damaged.

        Args:
            task_type: only those of this task type.
            tags: only those that have all of these.
            query: only those that hold every word of it, in any case and as a part of a word, in name,
                tags, description or seed (the first 200,000 characters of them). No text is refused.
            deleted: the deleted ones instead of those in use.

        Raises:
            UsageError: one of `tags` cannot be a tag.
        """
        async with self._store.reading() as transaction:
            if transaction is None:
                return Listing((), ())
            return await listing(transaction, task_type=task_type, tags=tags, query=query, deleted=deleted)

    async def free_name(self, base: str) -> str:
        """Return `base`, or `base_2`, `base_3`, …: the first that no template in use has.

        Save with `expected_version=0` to get an error if another program took it meanwhile.

        Raises:
            UsageError: `base` cannot be a name.
        """
        checked = name = check_name(self._mask(base))
        async with self._store.reading() as transaction:
            number = 1
            while transaction and await find_by_name(transaction, name):
                number += 1
                ending = f"_{number}"
                # A long name gives way to its number.
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
            The result. Content that equals that of the current version (`templates.content_of` says what
            is compared) makes no version.

        Raises:
            UsageError: the name or a tag cannot be one.
            ConflictError: the current version is not the expected one, or the name belongs to another.
        """
        name = check_name(self._mask(draft.name))
        tags = check_tags(map(self._mask, draft.tags))
        content = content_of(draft.model_copy(update={"description": self._mask(draft.description)}))
        async with self._store.writing() as transaction:
            if template is None:
                found = await find_by_name(transaction, name)
            else:
                found = await find_whole(transaction, template)
            _expect_version(name, found, expected_version)
            if found is None:
                return await self._create(transaction, name, tags, content)
            before = await row_of(transaction, found)
            if template is None:
                tags = tuple(sorted({*before.tags, *tags}))
            return await _change(transaction, before, name, tags, content)

    async def revert(self, ref: str, number: int, *, expected_version: int | None = None) -> Saved:
        """Make a new version with the content of an older one.

        Args:
            ref: the reference, without `@version`.
            number: of the version whose content is wanted.
            expected_version: as for `save`.

        Returns:
            The result; no version is made when the current one has that content already.

        Raises:
            ConflictError: the current version is not the expected one.
        """
        async with self._changing(ref) as transaction:
            found = await find_whole(transaction, ref)
            _expect_version(found.name, found, expected_version)
            if not 1 <= number <= found.version:
                raise no_such_version(found.name, number, found.version)
            before = await row_of(transaction, found)
            content = await content_of_version(transaction, found._replace(version=number))
            return await _change(transaction, before, found.name, before.tags, content)

    async def duplicate(self, ref: str, name: str) -> Saved:
        """Make a new template, with the same tags, from a template or one version of it.

        Args:
            ref: the reference.
            name: of the new template.

        Raises:
            UsageError: the name cannot be one.
            ConflictError: the name is in use.
        """
        checked = check_name(self._mask(name))
        async with self._changing(ref) as transaction:
            found = await find(transaction, ref)
            await _require_free(transaction, checked)
            content = await content_of_version(transaction, found)
            tags = (await row_of(transaction, found)).tags
            return await self._create(transaction, checked, tags, content)

    async def rename(self, ref: str, name: str) -> Template:
        """Give a template another name.

        Raises:
            UsageError: the name cannot be one.
            ConflictError: the name is in use.
        """
        checked = check_name(self._mask(name))
        async with self._changing(ref) as transaction:
            before = await row_of(transaction, await find_whole(transaction, ref))
            return (await _change(transaction, before, checked, before.tags, None)).template

    async def set_tags(self, ref: str, add: Iterable[str] = (), remove: Iterable[str] = ()) -> Template:
        """Add and remove tags; what is in both is removed.

        Raises:
            UsageError: one of them cannot be a tag.
        """
        added = check_tags(map(self._mask, add))
        # A tag can be in the library as typed, from before tags were masked.
        typed = tuple(remove)
        removed = check_tags((*typed, *map(self._mask, typed)))
        async with self._changing(ref) as transaction:
            before = await row_of(transaction, await find_whole(transaction, ref))
            tags = tuple(sorted({*before.tags, *added} - {*removed}))
            return (await _change(transaction, before, before.name, tags, None)).template

    async def delete(self, ref: str) -> Template:
        """Put a template among the deleted; its name is free again, and `undelete` brings it back."""
        async with self._changing(ref) as transaction:
            found = await find_whole(transaction, ref)
            await transaction.rows(
                "UPDATE templates SET deleted_at = ?, updated_at = ? WHERE id = ?",
                transaction.now,
                transaction.now,
                found.id,
            )
            return await template_of(transaction, found)

    async def undelete(self, ref: str) -> Template:
        """Bring a deleted template back.

        Raises:
            ConflictError: its name is in use by now.
        """
        async with self._changing(ref, deleted=True) as transaction:
            found = await find_whole(transaction, ref, deleted=True)
            remedy = f"rename the one in use (`warmtui rename`), then `warmtui undelete {found.id}`"
            await _require_free(transaction, found.name, remedy)
            await transaction.rows(
                "UPDATE templates SET deleted_at = NULL, updated_at = ? WHERE id = ?",
                transaction.now,
                found.id,
            )
            return await template_of(transaction, found)

    async def _create(
        self, transaction: Transaction, name: str, tags: tuple[str, ...], content: Content
    ) -> Saved:
        template_id = await self._free_id(transaction)
        await transaction.rows(
            "INSERT INTO templates (id, name, created_at, updated_at, current_version) "
            "VALUES (?, ?, ?, ?, 1)",
            template_id,
            name,
            transaction.now,
            transaction.now,
        )
        await _add_version(transaction, template_id, 1, content)
        await _put_tags(transaction, template_id, tags)
        made = await _index_text(transaction, TemplateRef(template_id, name, 1, pinned=False))
        return Saved(made, made.version, created=True, unchanged=False)

    async def _free_id(self, transaction: Transaction) -> str:
        for _ in range(_ID_TRIES):
            template_id = self._make_id()
            if not await transaction.row("SELECT 1 FROM templates WHERE id = ?", template_id):
                return template_id
        raise LibraryError(f"no free id was found in {transaction.path}", "try again")

    # Drafts: what the app has open and unsaved

    async def put_draft(self, key: str, content: str) -> None:
        """Keep an unsaved state, in place of the draft under the same key.

        Args:
            key: 1 to 200 characters of the caller's choosing.
            content: the caller's JSON, kept as it is except for lone surrogates, which become U+FFFD.

        Raises:
            UsageError: the key is empty or too long.
        """
        await self.put_drafts({key: content})

    async def put_drafts(
        self, contents: Mapping[str, str | None], *, expected: Mapping[str, str | None] = _NOTHING
    ) -> bool:
        """Keep or drop several unsaved states at once: all or none.

        Args:
            contents: by key as for `put_draft`; None drops the draft.
            expected: by key the content that must be there, None for no draft.

        Returns:
            Whether they were kept: False if something else than expected is there.

        Raises:
            UsageError: a key is empty or too long.
        """
        for key in contents:
            if not 1 <= len(key) <= KEY_CHARACTERS:
                raise UsageError(
                    f"the draft key {quote(key)} cannot be kept", f"use 1 to {KEY_CHARACTERS} characters"
                )
        async with self._store.writing() as transaction:
            for key, content in expected.items():
                row = await transaction.row("SELECT content FROM drafts WHERE key = ?", key)
                if (row[0] if row else None) != content:
                    return False
            for key, content in contents.items():
                if content is None:
                    await transaction.rows("DELETE FROM drafts WHERE key = ?", key)
                    continue
                await transaction.rows(
                    "INSERT INTO drafts (key, content, updated_at) VALUES (?, ?, ?) ON CONFLICT (key) "
                    "DO UPDATE SET content = excluded.content, updated_at = excluded.updated_at",
                    key,
                    content,
                    transaction.now,
                )
        return True

    async def drafts(self, prefix: str) -> tuple[KeptDraft, ...]:
        """Return the drafts whose keys begin with a text, by key."""
        async with self._store.reading() as transaction:
            if transaction is None:
                return ()
            rows = await transaction.rows(
                "SELECT key, content, updated_at FROM drafts "
                "WHERE substr(key, 1, length(?)) = ? ORDER BY key",
                prefix,
                prefix,
            )
            return tuple(KeptDraft(*row) for row in rows)

    async def get_draft(self, key: str) -> KeptDraft | None:
        """Return the draft under a key, None without one."""
        async with self._store.reading() as transaction:
            if transaction is None:
                return None
            row = await transaction.row("SELECT key, content, updated_at FROM drafts WHERE key = ?", key)
            return KeptDraft(*row) if row else None

    async def newest_draft(self, *, besides: Sequence[str]) -> str | None:
        """Return the key of the draft that was kept last, None without one.

        Args:
            besides: keys that begin with one of these are passed over.
        """
        async with self._store.reading() as transaction:
            if transaction is None:
                return None
            others = " AND ".join(["substr(key, 1, length(?)) <> ?"] * len(besides)) or "1"
            row = await transaction.row(
                f"SELECT key FROM drafts WHERE {others} ORDER BY updated_at DESC, key",
                *(prefix for prefix in besides for _ in range(2)),
            )
            return row[0] if row else None

    async def drop_draft(self, key: str) -> bool:
        """Forget the draft under a key; return whether there was one."""
        # Reading first writes nothing, and creates no library, when there is nothing to forget.
        if await self.get_draft(key) is None:
            return False
        async with self._store.writing() as transaction:
            there = await transaction.row("SELECT 1 FROM drafts WHERE key = ?", key)
            await transaction.rows("DELETE FROM drafts WHERE key = ?", key)
            return there is not None

    # Usage

    async def record_use(
        self,
        template_id: str,
        version: int,
        *,
        agent: str,
        session_id: str | None,
        source: str,
        started_at: datetime,
        command: tuple[str, ...],
        exit_code: int | None = None,
        candidates: tuple[str, ...] = (),
    ) -> None:
        """Record that a template, which may be deleted by now, started a session.

        Args:
            template_id: the whole id.
            version: the version that was used.
            agent: which program was started.
            session_id: the session it made, None when that is not known.
            source: where the agent keeps its sessions.
            started_at: when the command began.
            command: its words; mask what is secret before.
            exit_code: how it ended, None while it runs.
            candidates: the sessions that fit, when there was not exactly one.

        Raises:
            NotFoundError: there is no such template or version.
        """
        # Before a lock is waited for or a file is created.
        async with self._existing(template_id):
            pass
        async with self._store.writing() as transaction:
            if not await transaction.row(
                "SELECT 1 FROM versions WHERE template_id = ? AND number = ?", template_id, version
            ):
                raise NotFoundError(
                    f"there is no version {version} of a template {quote(template_id)}",
                    "`warmtui list` shows what there is",
                )
            await transaction.rows(
                "INSERT INTO uses (template_id, version, agent, session_id, source, started_at, command, "
                "exit_code, candidates) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                template_id,
                version,
                agent,
                session_id,
                source,
                stamp(started_at),
                json.dumps(command, ensure_ascii=False),
                exit_code,
                json.dumps(candidates, ensure_ascii=False),
            )

    async def uses(self, ref: str) -> tuple[Use, ...]:
        """Read the uses of a template, all versions, newest first."""
        async with self._existing(ref) as transaction:
            return await uses_of(transaction, (await find_whole(transaction, ref)).id)

    # Care

    async def verify(self) -> tuple[str, ...]:
        """Check SQLite's structures, references, version numbers, names and hashes.

        Returns:
            The problems, one line each.
        """
        async with self._store.reading() as transaction:
            return await care.find_problems(transaction) if transaction else ()

    async def back_up(self, file: Path | None = None) -> Path:
        """Copy everything to a new file, whole or not at all.

        Args:
            file: the copy; by default one named after the time in `backups` beside the library.

        Returns:
            The path of the copy.

        Raises:
            FileThereError: a file is there.
            NotFoundError: nothing has been kept yet.
            WarmtuiError: the copy cannot be written.
        """
        copy = await self._store.back_up(file)
        if copy is None:
            raise NotFoundError(f"there is no library {self.path}", "nothing has been saved there yet")
        return copy

    async def put_back(self, file: Path) -> Path | None:
        """Take over the content of a backup in place of everything that is in the library.

        Args:
            file: the backup; it is not written to.

        Returns:
            A copy of what was in the library; None if there was nothing.

        Raises:
            LibraryError: the backup is no library or is damaged. Nothing was changed then.
            WarmtuiError: the copy cannot be written. Nothing was changed then.
        """
        with TemporaryFolder() as folder:
            sound = folder / "sound.db"
            try:
                copy = copy_files(file, folder)
            except OSError as error:
                raise LibraryError(f"{file} cannot be read: {error.strerror or error}") from error
            try:
                async with Library(copy, clock=self._clock) as backup:
                    problems = await backup.verify()
                    if not problems:
                        await backup.back_up(sound)
            except LibraryError as error:
                raise LibraryError(error.what.replace(str(copy), str(file)), error.remedy) from error
            except NotFoundError:
                raise LibraryError(f"{file} holds no library", "name another backup") from None
            if problems:
                raise LibraryError(f"{file} is damaged: {problems[0]}", "name another backup")
            return await self._store.put_back(sound)

    # Transactions

    @asynccontextmanager
    async def _existing(self, ref: str) -> AsyncIterator[Transaction]:
        """Begin a reading transaction; without a library, raise that the template does not exist."""
        async with self._store.reading() as transaction:
            if transaction is None:
                raise NotFoundError(
                    f"there is no template {quote(ref)} in the library {self.path}",
                    "nothing has been saved there yet",
                )
            yield transaction

    @asynccontextmanager
    async def _changing(self, ref: str, *, deleted: bool = False) -> AsyncIterator[Transaction]:
        """Begin a writing transaction for a template that exists.

        A missing template is reported before a lock is waited for or a file is created.
        """
        await self.resolve(ref, deleted=deleted)
        async with self._store.writing() as transaction:
            yield transaction


def _expect_version(name: str, found: TemplateRef | None, expected: int | None) -> None:
    """Refuse a save that was made from another version than the current one."""
    current = found.version if found else 0
    if expected is None or expected == current:
        return
    if found is None:
        raise ConflictError(
            f"there is no template {quote(name)} any more: version {expected} was expected",
            "`warmtui list --deleted` shows whether it was deleted; save under another name to keep yours",
        )
    if expected == 0:
        raise _taken(name, "choose another name")
    raise ConflictError(
        f"the template {quote(found.name)} is at version {current}, not {expected}: "
        "it was saved elsewhere in between",
        f"`warmtui diff {found.id} {expected} {current}` shows what changed; then save again",
    )


def _taken(name: str, remedy: str) -> ConflictError:
    return ConflictError(f"a template named {quote(name)} exists already", remedy)


async def _require_free(transaction: Transaction, name: str, remedy: str = "choose another name") -> None:
    if await find_by_name(transaction, name):
        raise _taken(name, remedy)


async def _change(
    transaction: Transaction, before: TemplateRow, name: str, tags: tuple[str, ...], content: Content | None
) -> Saved:
    """Bring a template to this name, these tags and this content (None keeps it), where they differ."""
    if name != before.name:
        await _require_free(transaction, name)
    unchanged = content is None or content == (before.content, before.content_hash)
    if unchanged and name == before.name and tags == before.tags:
        template = await template_of(
            transaction, TemplateRef(before.id, before.name, before.number, pinned=False)
        )
        return Saved(template, template.version, created=False, unchanged=True)
    number = before.number
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
    after = await _index_text(transaction, TemplateRef(before.id, name, number, pinned=False))
    return Saved(after, after.version, created=False, unchanged=unchanged)


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


async def _index_text(transaction: Transaction, found: TemplateRef) -> Template:
    """Bring the search up to date with a template that was just written, and read it back."""
    template = await template_of(transaction, found)
    version = template.version
    text = search.searchable_text(template.name, template.tags, version.description, version.seed)
    await search.update(transaction, template.id, text)
    return template
