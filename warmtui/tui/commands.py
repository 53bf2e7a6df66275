"""Commands: one record from which binding, footer, palette, help and keymap are made, so they agree.

A widget, screen or app lists what it can do once::

    class Sessions(Screen[None]):
        KEYS = (
            Command(id="sessions.sort", key="s", action="sort", label="sort", title="Sort by another column"),
        )
        BINDINGS = bindings(*KEYS)

`CommandProvider` in `App.COMMANDS` then offers in the palette what the focused widget, its screen and the
app list in `KEYS`, as far as their `check_action` allows it.
"""

from __future__ import annotations

from collections.abc import Coroutine, Iterator
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple, Protocol, runtime_checkable

from textual.actions import ActionParseResult, parse
from textual.binding import Binding
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.dom import DOMNode
from textual.keys import format_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """An action that a person can run by key or from the palette.

    Args:
        id: `scope.name`; what a keymap in the settings names. Unique over the app.
        key: the one key it has unless the keymap says otherwise.
        action: the Textual action, such as `sort` or `app.open('templates')`.
        title: a whole phrase, for palette and help.
        label: a word or two for the footer; without it the footer leaves it out.
        also: further keys; each is a binding of its own, `id.key`, because two keys under one id clash
            with themselves when remapped.
        palette: whether the palette offers it; moving a cursor is not worth a line there.
        show_key: how the footer writes the key, where its name is too long.
    """

    id: str
    key: str
    action: str
    title: str
    label: str = ""
    also: tuple[str, ...] = ()
    palette: bool = True
    show_key: str | None = None

    def each_key(self) -> Iterator[tuple[str, str]]:
        """Yield binding id and default key, the main one first."""
        yield self.id, self.key
        for key in self.also:
            yield f"{self.id}.{key}", key


def bindings(*commands: Command) -> list[Binding]:
    """Return what a class puts into `BINDINGS`: one binding with an id per command and key."""
    return [
        Binding(
            key,
            command.action,
            command.label or command.title,
            show=bool(command.label) and number == 0,
            key_display=command.show_key if number == 0 else None,
            id=binding_id,
        )
        for command in commands
        for number, (binding_id, key) in enumerate(command.each_key())
    ]


class Offer(NamedTuple):
    """A command within reach, and the node that has it."""

    node: DOMNode
    command: Command
    enabled: bool
    """False when `check_action` returned None: shown grey."""
    key: str
    """As the footer writes it, the keymap applied; empty when another widget has the key."""


def offers(node: DOMNode) -> list[Offer]:
    """Return the commands within reach of a node: its own, its parents' up to a modal, the app's.

    Args:
        node: the focused widget, or the screen when nothing is focused.

    Returns:
        The nearest first; those that `check_action` hides (False) are left out.
    """
    displays = _displays(node)
    found: list[Offer] = []
    seen: set[str] = set()
    for owner in node.ancestors_with_self:
        for command in _listed(owner):
            state = _state(owner, command)
            if command.id not in seen and state is not False:
                seen.add(command.id)
                found.append(Offer(owner, command, bool(state), displays.get(command.id, "")))
        if owner.is_modal:
            break
    return found


def _displays(node: DOMNode) -> dict[str, str]:
    """Return the keys that work now as they are written, by binding id, the keymap applied."""
    ascii_only = node.app.has_class("-ascii")
    return {
        active.binding.id: key_name(active.binding.key, ascii_only=ascii_only)
        for active in node.screen.active_bindings.values()
        if active.binding.id
    }


def key_name(key: str, *, ascii_only: bool = False) -> str:
    """Return how a key is written on screen: `question_mark` → `?`, `enter` by its name.

    Args:
        key: as Textual names it.
        ascii_only: write arrows as words.
    """
    return (
        key if key == "enter" or (ascii_only and key in ("up", "down", "left", "right")) else format_key(key)
    )


class Help(NamedTuple):
    """A command as help shows it."""

    id: str
    keys: tuple[str, ...]
    """As the footer writes them, the main one first."""
    title: str
    reason: str
    """Why it cannot run now; empty when it can."""


def helps(node: DOMNode) -> dict[str, list[Help]]:
    """Return the commands within reach of a node, for the help.

    Args:
        node: the focused widget, or the screen when nothing is focused.

    Returns:
        By scope, the screen's own first and the app's last. Commands that are hidden now, and those whose
        keys another widget has, are left out.
    """
    displays = _displays(node)
    found: dict[str, list[Help]] = {}
    for offer in sorted(
        offers(node), key=lambda offer: (offer.node is offer.node.app, offer.node is not node.screen)
    ):
        keys = [displays[name] for name, _key in offer.command.each_key() if name in displays]
        if keys:
            reason = "" if offer.enabled else why_not(offer.node, offer.command.action)
            scope = offer.command.id.partition(".")[0]
            if scope == "room":  # what every screen has is the screen's own
                scope = next(iter(found), scope)
            entry = Help(offer.command.id, tuple(keys), offer.command.title, reason)
            found.setdefault(scope, []).append(entry)
    return found


def _listed(node: DOMNode) -> Iterator[Command]:
    """Yield the `KEYS` of a node's class and of the classes it inherits from."""
    for kind in type(node).__mro__:
        yield from vars(kind).get("KEYS", ())


def _state(node: DOMNode, command: Command) -> bool | None:
    """Ask the node that an action belongs to whether it may run: True, False (hidden) or None (grey)."""
    target, name, parameters = _target(node, command.action)
    return target.check_action(name, parameters)


def _target(node: DOMNode, action: str | ActionParseResult) -> ActionTarget:
    namespace, name, parameters = parse(action) if isinstance(action, str) else action
    targets: dict[str, DOMNode] = {"app": node.app, "screen": node.screen}
    return ActionTarget(targets.get(namespace, node), name, parameters)


class ActionTarget(NamedTuple):
    """An action, and the node that runs it."""

    node: DOMNode
    name: str
    parameters: tuple[object, ...]


@runtime_checkable
class Explains(Protocol):
    """A node that gives reasons for grey keys; screens, lists and the app do."""

    def why_not(self, action: str, parameters: tuple[object, ...] = ()) -> str:
        """Return why an action cannot run now, as part of a sentence; empty when it can."""
        ...


def why_not(node: DOMNode, action: str | ActionParseResult) -> str:
    """Return why an action is grey.

    Args:
        node: where its key is bound.
        action: as in its command.

    Returns:
        The reason; empty when the action can run, is hidden, or nothing is known of it.
    """
    target, name, parameters = _target(node, action)
    if target.check_action(name, parameters) is not None or not isinstance(target, Explains):
        return ""
    return target.why_not(name, parameters)


class CommandProvider(Provider):
    """Offers in the palette every enabled command within reach, with its key."""

    def _offers(self) -> list[Offer]:
        reach = offers(self.focused or self.screen)
        return [offer for offer in reach if offer.enabled and offer.command.palette]

    def _run(self, offer: Offer) -> partial[Coroutine[object, object, bool]]:
        return partial(self.app.run_action, offer.command.action, offer.node)

    async def discover(self) -> Hits:
        """List everything, nearest first."""
        for offer in self._offers():
            yield DiscoveryHit(offer.command.title, self._run(offer), help=offer.key or None)

    async def search(self, query: str) -> Hits:
        """List what matches the words typed."""
        matcher = self.matcher(query)
        for offer in self._offers():
            score = matcher.match(offer.command.title)
            if score > 0:
                title = matcher.highlight(offer.command.title)
                yield Hit(score, title, self._run(offer), text=offer.command.title, help=offer.key or None)
