"""What the command palette lists for a query: best first, and without a query the recent ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from editor.actions.fuzzy import Match, fuzzy_match
from editor.translations import tr

PLACE_SEPARATOR = " › "
_ENABLED_BONUS = 12
_RECENT_BONUS = 6
_PLACE_PENALTY = 40  # found by the menu or the English name only


@dataclass(frozen=True, slots=True)
class Command:
    """One line of the palette.

    Attributes:
        action_id: Stable name.
        title: In the user's language, without key marks.
        place: Menus it is in, e.g. "Layer".
        keys: Shortcut as the platform writes it; may be empty.
        reason: Why it cannot be used now; empty when it can or nothing is known.
        also: Other names it is found by, such as the English one.
    """

    action_id: str
    title: str
    place: str = ""
    keys: str = ""
    enabled: bool = True
    reason: str = ""
    also: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A command and the letters of its title to be shown bold."""

    command: Command
    places: tuple[int, ...] = ()


def distinct(commands: Sequence[Command]) -> list[Command]:
    """The commands, those of equal titles with their menu before the name: "Align: Left Edges"."""
    count = Counter(command.title for command in commands)
    return [
        _with_menu(command) if count[command.title] > 1 and command.place else command
        for command in commands
    ]


def _with_menu(command: Command) -> Command:
    menu = command.place.rpartition(PLACE_SEPARATOR)[2]
    return replace(command, title=tr("{menu}: {name}", menu=menu, name=command.title))


def search(query: str, commands: Iterable[Command], recent: Sequence[str]) -> list[Found]:
    """The commands that fit a query.

    Args:
        recent: Ids of the commands used last, newest first.
    """
    listed = list(commands)
    if not query.strip():
        return _by_recency(listed, recent)
    scored: list[tuple[int, int, Found]] = []
    for order, command in enumerate(listed):
        found = _match(query, command)
        if found is not None:
            score = found.score + _ENABLED_BONUS * command.enabled
            score += _RECENT_BONUS * (command.action_id in recent)
            scored.append((-score, order, Found(command, found.places)))
    return [found for _, _, found in sorted(scored, key=lambda item: item[:2])]


def _by_recency(commands: list[Command], recent: Sequence[str]) -> list[Found]:
    """Recent commands first, then the rest in the order of the menus."""
    by_id = {command.action_id: command for command in commands}
    first = [by_id[action_id] for action_id in recent if action_id in by_id]
    rest = [command for command in commands if command not in first]
    return [Found(command) for command in (*first, *rest)]


def _match(query: str, command: Command) -> Match | None:
    title = fuzzy_match(query, command.title)
    if title is not None:
        return title
    wider = fuzzy_match(query, f"{command.place} {command.title} {command.also}")
    return None if wider is None else Match(wider.score - _PLACE_PENALTY, ())
