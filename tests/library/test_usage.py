from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from warmtui.errors import LibraryError, NotFoundError
from warmtui.library.library import Library
from warmtui.model.template import Usage, Use

AT = datetime(2026, 3, 1, 12, tzinfo=timezone(timedelta(hours=2)))


async def _use(library: Library, template_id: str, version: int = 1, **more: Any) -> None:
    values: dict[str, Any] = {
        "agent": "hermes",
        "session_id": "s9",
        "source": "/home/x/.hermes/state.db",
        "started_at": AT,
        "command": ("hermes", "chat", "-q", "what's up"),
        "exit_code": 0,
    }
    await library.record_use(template_id, version, **(values | more))


async def test_uses_are_kept_and_counted(library: Library, draft: Any) -> None:
    template_id = (await library.save(draft())).template.id
    await _use(library, template_id)
    await _use(
        library,
        template_id,
        session_id=None,
        exit_code=None,
        candidates=("s1", "s2"),
        started_at=AT + timedelta(minutes=1),
    )
    uses = await library.uses("deploy")
    assert uses == (
        Use(
            id=2,
            template_id=template_id,
            version=1,
            agent="hermes",
            session_id=None,
            source="/home/x/.hermes/state.db",
            started_at="2026-03-01T10:01:00.000Z",
            command=("hermes", "chat", "-q", "what's up"),
            exit_code=None,
            candidates=("s1", "s2"),
            thumb=None,
        ),
        uses[1],
    )
    assert uses[1].id == 1
    assert (await library.get("deploy")).usage == Usage(started=2)
    assert ((await library.listing()).templates)[0].usage.started == 2


async def test_uses_outlive_new_versions_and_deletion(library: Library, draft: Any) -> None:
    template_id = (await library.save(draft())).template.id
    await _use(library, template_id)
    await library.save(draft(text="two"))
    await library.delete("deploy")
    await _use(library, template_id, version=2)
    await library.undelete("deploy")
    assert [use.version for use in await library.uses("deploy")] == [2, 1]


async def test_a_use_of_nothing_is_refused(library: Library, draft: Any) -> None:
    with pytest.raises(NotFoundError):
        await _use(library, "t_aaaaaaaaaa")
    assert not library.path.exists()
    template_id = (await library.save(draft())).template.id
    for wrong in ((template_id, 2), ("deploy", 1), ("t_aaaaaaaaaa", 1)):
        with pytest.raises(NotFoundError):
            await _use(library, *wrong)
    assert await library.uses("deploy") == ()


async def test_hostile_words_are_kept(library: Library, draft: Any) -> None:
    template_id = (await library.save(draft())).template.id
    await _use(library, template_id, command=("\0", "\udcff", '"', ""), source="/x/\udcff")
    (use,) = await library.uses("deploy")
    assert use.command == ("\0", "\ufffd", '"', "")
    assert use.source == "/x/\ufffd"


async def test_a_naive_time_is_local(library: Library, draft: Any) -> None:
    template_id = (await library.save(draft())).template.id
    await _use(library, template_id, started_at=datetime.fromtimestamp(0))  # noqa: DTZ006 - the case tested
    assert (await library.uses("deploy"))[0].started_at == datetime.fromtimestamp(0, UTC).strftime(
        "%Y-%m-%dT%H:%M:%S.000Z"
    )


@pytest.mark.parametrize("words", ["", "{}", "[1]", "nonsense"])
async def test_a_damaged_use_is_said_to_be(
    library: Library, draft: Any, raw: Callable[..., list[tuple[Any, ...]]], words: str
) -> None:
    template_id = (await library.save(draft())).template.id
    await _use(library, template_id)
    raw("UPDATE uses SET command = ?", words)
    with pytest.raises(LibraryError, match="usage of the template"):
        await library.uses("deploy")
