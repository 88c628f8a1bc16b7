"""The objects of a sentence one by one, before they are understood and placed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from engine.prompts.connectors import Relation
from engine.prompts.groups import TYING
from engine.prompts.languages import Reading
from engine.prompts.parsed import ParsedObject
from engine.prompts.understanding import as_it_is
from engine.requests import RegionBox

# Whether what stands so to another object lies over it.
_OVER = {
    Relation.ON: True, Relation.IN_FRONT_OF: True, Relation.BELOW: True, Relation.BEHIND: False,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """One object of the sentence; `number` and `target` count through the whole sentence.

    Attributes:
        phrase: In English.
        typed: The same in the user's words.
        whole: The whole prompt of a box, in English; empty = there is nothing but the phrase.
        effect: That was said of it.
        as_typed: A part of the phrase in the user's words.
    """

    phrase: str
    typed: str
    number: int = -1
    relation: Relation | None = None
    target: int | None = None
    whole: str = ""
    effect: str = ""
    as_typed: Callable[[str], str] = as_it_is


def expand(objects: Sequence[ParsedObject], reading: Reading) -> list[Wanted]:
    """ "two cats" becomes two. A relation points at the first of several; all of them have it if
    it says on, above, below, before or behind what they are, else the first.
    """
    first: list[int] = []
    total = 0
    for item in objects:
        first.append(total)
        total += item.count
    wanted: list[Wanted] = []
    for item in objects:
        target = None if item.target is None else first[item.target]
        typed = reading.as_typed(item.phrase)
        one = Wanted(
            item.phrase, typed, len(wanted), item.relation, target,
            effect=item.effect, as_typed=reading.as_typed,
        )  # fmt: skip
        copies = [replace(again(one), number=one.number + copy) for copy in range(1, item.count)]
        if item.relation in TYING:  # "two cats on a sofa"
            copies = [replace(copy, relation=item.relation, target=target) for copy in copies]
        wanted += [one, *copies]
    return _between(wanted)


def _between(wanted: Sequence[Wanted]) -> list[Wanted]:
    """What is between two things gets the second of them, which says nothing itself, beside it."""
    found = list(wanted)
    for item in wanted:
        second = len(found) if item.target is None else item.target + 1
        free = second < len(found) and found[second].relation is None and second != item.number
        if item.relation is Relation.BETWEEN and free:
            found[second] = replace(found[second], relation=Relation.BESIDE, target=item.number)
    return found


Assignment = tuple[Wanted, RegionBox | None]


def stacked(pairs: Sequence[Assignment]) -> list[Assignment]:
    """Layers without a drawn box in the order that their relations ask for: what is behind another
    one below it, what is on it, in front of it or at its foot above it."""
    ordered = list(pairs)
    for wanted, _ in pairs:
        places = {
            item.number: place
            for place, (item, box) in enumerate(ordered)
            if box is None and item.number >= 0
        }
        own = places.get(wanted.number)
        target = None if wanted.target is None else places.get(wanted.target)
        if own is None or target is None or wanted.relation not in _OVER:
            continue
        if _OVER[wanted.relation] == (own < target):
            ordered.insert(target, ordered.pop(own))
    return ordered


def again(wanted: Wanted) -> Wanted:
    """Another one of the same, standing by itself."""
    return Wanted(wanted.phrase, wanted.typed, effect=wanted.effect, as_typed=wanted.as_typed)
