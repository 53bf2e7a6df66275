"""The library's file, and what is kept in it beside templates: drafts, usage, and their care."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from warmtui.errors import NotFoundError
from warmtui.later import Later
from warmtui.library import find, names
from warmtui.library.connection import Store, Transaction
from warmtui.library.text import shown, stamp

if TYPE_CHECKING:
    from warmtui.library import care, drafts, usage
    from warmtui.library.drafts import KeptDraft
    from warmtui.library.usage import Thumb, Use
else:
    care, drafts, usage = (Later(f"warmtui.library.{name}") for name in ("care", "drafts", "usage"))

PATIENCE = 5.0
"""Seconds to wait for another program that is saving; a save takes milliseconds."""


def random_id() -> str:
    """A template id: `t_` and ten letters of base32 from the system's randomness."""
    return names.ID_PREFIX + "".join(secrets.choice(names.ID_LETTERS) for _ in range(names.ID_LENGTH))


def _as_typed(text: str) -> str:
    return text


class Shelf:
    """The part of `Library` that is not about templates; its docstring says how both are used."""

    def __init__(
        self,
        path: Path,
        *,
        clock: Callable[[], datetime],
        make_id: Callable[[], str] = random_id,
        patience: float = PATIENCE,
        mask: Callable[[str], str] = _as_typed,
    ) -> None:
        self._store = Store(path, clock=clock, patience=patience)
        self._make_id = make_id
        self._mask = mask

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        clock: Callable[[], datetime],
        make_id: Callable[[], str] = random_id,
        patience: float = PATIENCE,
        mask: Callable[[str], str] = _as_typed,
    ) -> Self:
        """The library at a path, to be used as `async with Library.open(…) as library`.

        Args:
            path: as for the class.
            clock: as for the class.
            make_id: as for the class.
            patience: as for the class.
            mask: as for the class.

        Raises:
            UsageError: the path cannot be one.
        """
        return cls(path, clock=clock, make_id=make_id, patience=patience, mask=mask)

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

    async def put_draft(self, key: str, content: str) -> None:
        """Keep what is open and unsaved, in place of the draft under the same key.

        Args:
            key: 1 to 200 characters of the caller's choosing.
            content: the caller's JSON, kept as it is but for lone surrogates, which become U+FFFD.

        Raises:
            UsageError: the key is empty or too long.
        """
        drafts.checked_key(key)
        async with self._store.writing() as transaction:
            await drafts.put(transaction, key, content)

    async def get_draft(self, key: str) -> KeptDraft | None:
        """The draft under a key, None without one."""
        async with self._store.reading() as transaction:
            return await drafts.get(transaction, key) if transaction else None

    async def list_drafts(self) -> tuple[KeptDraft, ...]:
        """All drafts, newest first."""
        async with self._store.reading() as transaction:
            return await drafts.all_of(transaction) if transaction else ()

    async def drop_draft(self, key: str) -> bool:
        """Forget the draft under a key; whether there was one."""
        if await self.get_draft(key) is None:
            return False
        async with self._store.writing() as transaction:
            return await drafts.drop(transaction, key)

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
    ) -> int:
        """Keep that a template started a session; a deleted template's use is kept too.

        Args:
            template_id: the whole id.
            version: the version that was used.
            agent: which program was started.
            session_id: the session it made, None when that is not known.
            source: where the agent keeps its sessions.
            started_at: when the command began.
            command: its words; mask what is secret before.
            exit_code: how it ended, None while it runs.
            candidates: the sessions it may have been, when there was not exactly one.

        Returns:
            The number of the use, for `finish_use`.

        Raises:
            NotFoundError: there is no such template or version.
        """
        await self._require_kept(f"template {shown(template_id)}")
        async with self._store.writing() as transaction:
            return await usage.record(
                transaction,
                template_id,
                version,
                agent=agent,
                session_id=session_id,
                source=source,
                started_at=stamp(started_at),
                command=command,
                exit_code=exit_code,
                candidates=candidates,
            )

    async def finish_use(
        self,
        use_id: int,
        *,
        session_id: str | None,
        exit_code: int | None,
        candidates: tuple[str, ...] = (),
    ) -> None:
        """Complete a use that was recorded when its command began.

        Args:
            use_id: from `record_use`.
            session_id: as for `record_use`.
            exit_code: as for `record_use`.
            candidates: as for `record_use`.

        Raises:
            NotFoundError: there is no such use.
        """
        await self._require_kept(f"use {use_id}")
        async with self._store.writing() as transaction:
            await usage.finish(
                transaction, use_id, session_id=session_id, exit_code=exit_code, candidates=candidates
            )

    async def uses(self, ref: str) -> tuple[Use, ...]:
        """The uses of a template, all versions, newest first.

        Raises:
            UsageError, NotFoundError, AmbiguousError: as `resolve`.
        """
        async with self._kept_for(f"template {shown(ref)}") as transaction:
            found = await find.find_whole(transaction, ref)
            return await usage.of_template(transaction, found.id)

    async def rate(self, session_id: str, thumb: Thumb | None, *, agent: str | None = None) -> int:
        """Keep the person's thumb with every use that started a session.

        Args:
            session_id: the whole id of the session.
            thumb: `good`, `bad`, or None to take it back.
            agent: whose session, where two agents share an id.

        Returns:
            How many uses were rated.

        Raises:
            NotFoundError: no template is known to have started that session.
        """
        await self._require_kept(f"use that started the session {shown(session_id)}")
        async with self._store.writing() as transaction:
            return await usage.rate(transaction, session_id, thumb, agent)

    # Care

    async def backup(self, path: Path) -> None:
        """Write the library's present state to a new file, which is whole or not there at all.

        The file is a library of its own (mode 0600), and can be opened or put in place of this one.

        Raises:
            UsageError: there is a file already.
            NotFoundError: there is no library yet.
            LibraryError: the file cannot be written.
        """
        async with self._kept_for("template to back up") as transaction:
            await care.backup(transaction, path)

    async def verify(self) -> tuple[str, ...]:
        """Check everything kept: SQLite's structures, references, version numbers, names and hashes.

        Returns:
            What is wrong, one line each; empty when nothing is.
        """
        async with self._store.reading() as transaction:
            return await care.verify(transaction) if transaction else ()

    @asynccontextmanager
    async def _kept_for(self, wanted: str) -> AsyncIterator[Transaction]:
        """A reading transaction, where `wanted` is missing as long as nothing was ever kept."""
        async with self._store.reading() as transaction:
            if transaction is None:
                raise NotFoundError(
                    f"there is no {wanted} in the library {self.path}",
                    "nothing has been saved there yet",
                )
            yield transaction

    async def _require_kept(self, wanted: str) -> None:
        """Refuse what concerns something kept while nothing is, without creating the file."""
        async with self._kept_for(wanted):
            pass
