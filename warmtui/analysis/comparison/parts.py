"""What all sessions share, and what only some of them have."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from warmtui.analysis.call_shape import shape_of
from warmtui.model.comparison import ErrorRow, MarkerRow, Parted, PatternsComparison, RecoveryRow, WordRow
from warmtui.model.profile import Profile, RecoveryRecord
from warmtui.model.template import MarkerKind

AnyRow = TypeVar("AnyRow", WordRow, MarkerRow, RecoveryRow, ErrorRow)


def _parted(
    kind: type[Parted[AnyRow]], rows: Iterable[AnyRow], in_all: Callable[[AnyRow], bool]
) -> Parted[AnyRow]:
    common: list[AnyRow] = []
    apart: list[AnyRow] = []
    for row in rows:
        (common if in_all(row) else apart).append(row)
    return kind(common=tuple(common), apart=tuple(apart))


def _words(lists: Sequence[Sequence[str]]) -> Parted[WordRow]:
    seen = dict.fromkeys(word for words in lists for word in words)
    rows = (WordRow(text=word, sessions=tuple(i for i, w in enumerate(lists) if word in w)) for word in seen)
    return _parted(Parted[WordRow], rows, lambda row: len(row.sessions) == len(lists))


def patterns_of(profiles: Sequence[Profile]) -> PatternsComparison:
    """Compare how the person asks, over all messages of each session."""
    patterns = [profile.user_patterns.all for profile in profiles]
    return PatternsComparison(
        request_styles=tuple(None if pattern is None else pattern.request_style for pattern in patterns),
        feedback_styles=tuple(None if pattern is None else pattern.feedback_style for pattern in patterns),
        domains=_words([() if pattern is None else pattern.domains for pattern in patterns]),
        preferred_tools=_words([() if pattern is None else pattern.preferred_tools for pattern in patterns]),
        corrections=tuple(() if pattern is None else pattern.corrections for pattern in patterns),
    )


def markers_of(profiles: Sequence[Profile]) -> Parted[MarkerRow]:
    """Compare the markers, most used over all sessions first."""
    uses: dict[tuple[MarkerKind, str], list[int]] = {}
    for number, profile in enumerate(profiles):
        for marker in profile.markers:
            uses.setdefault((marker.kind, marker.text), [0] * len(profiles))[number] = marker.uses
    ranked = sorted(uses.items(), key=lambda item: -sum(item[1]))
    rows = (MarkerRow(text=text, kind=kind, uses=tuple(counts)) for (kind, text), counts in ranked)
    return _parted(Parted[MarkerRow], rows, lambda row: all(row.uses))


def recoveries_of(profiles: Sequence[Profile]) -> Parted[RecoveryRow]:
    """Compare the recoveries.

    Two recoveries are the same if they have the same error type and either the same change in words, or the
    same skeletons of both calls, provided these differ between the failed call and the one that worked.
    """
    groups: list[_SameRecoveries] = []
    for number, profile in enumerate(profiles):
        for recovery in profile.recoveries:
            keys = _keys(recovery)
            # one recovery can link groups that had nothing in common before
            same = [group for group in groups if group.keys & keys]
            group = _SameRecoveries(keys, [[] for _ in profiles])
            group.found[number].append(recovery)
            if same:
                for other in [*same[1:], group]:
                    same[0].absorb(other)
                groups = [kept for kept in groups if kept not in same[1:]]
            else:
                groups.append(group)
    rows = (
        RecoveryRow(error_type=first.error_type, change=first.change, found=tuple(map(tuple, group.found)))
        for group in groups
        for first in [next(found[0] for found in group.found if found)]
    )
    return _parted(Parted[RecoveryRow], rows, lambda row: all(row.found))


@dataclass(eq=False)
class _SameRecoveries:
    """Recoveries that are the same, by session, with all their keys."""

    keys: set[tuple[str, ...]]
    found: list[list[RecoveryRecord]]

    def absorb(self, other: _SameRecoveries) -> None:
        self.keys |= other.keys
        for mine, theirs in zip(self.found, other.found, strict=True):
            mine += theirs


def _keys(recovery: RecoveryRecord) -> set[tuple[str, ...]]:
    keys: set[tuple[str, ...]] = {("change", recovery.error_type, recovery.change)}
    failed = shape_of(recovery.failed.tool, recovery.failed.arguments)
    fixed = shape_of(recovery.fixed.tool, recovery.fixed.arguments)
    if failed.steps and fixed.steps and failed.skeleton != fixed.skeleton:
        keys.add(("shape", recovery.error_type, failed.skeleton, fixed.skeleton))
    return keys


def errors_of(profiles: Sequence[Profile]) -> Parted[ErrorRow]:
    """Compare the error patterns, most frequent over all sessions first."""
    known = [
        {(pattern.error_type, pattern.shape): pattern for pattern in profile.error_patterns}
        for profile in profiles
    ]
    rows = []
    for error_type, shape in dict.fromkeys(key for patterns in known for key in patterns):
        found = [patterns.get((error_type, shape)) for patterns in known]
        rows.append(
            ErrorRow(
                error_type=error_type,
                shape=shape,
                counts=tuple(0 if pattern is None else pattern.count for pattern in found),
                recovered=tuple(0 if pattern is None else pattern.recovered for pattern in found),
                message_ids=tuple(None if pattern is None else pattern.message_id for pattern in found),
            )
        )
    rows.sort(key=lambda row: -sum(row.counts))
    return _parted(Parted[ErrorRow], rows, lambda row: all(row.counts))
