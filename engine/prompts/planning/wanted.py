"""The objects of a sentence one by one, before they are understood and placed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from engine.composition.relations import TYING, Relation
from engine.composition.traits import Place, Size, Traits
from engine.prompts.captions import with_article
from engine.prompts.grammar.parsed import ParsedObject, ParsedPrompt
from engine.prompts.languages.reading import Reading
from engine.prompts.vocabulary.concepts import ConceptTable
from engine.prompts.vocabulary.understanding import as_it_is
from engine.requests import RegionBox

# Whether what stands so to another object lies over it.
_OVER = {
    Relation.ON: True, Relation.IN_FRONT_OF: True, Relation.BELOW: True, Relation.BEHIND: False,
    Relation.HELD_BY: True,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """One object of the sentence; `number` and `target` count through the whole sentence.

    Attributes:
        phrase: In English.
        typed: The same in the user's words.
        whole: All that was said of it, in English; empty = there is nothing but the phrase.
        effect: That was said of it.
        as_typed: A part of the phrase in the user's words.
        shares: Whether the relation was said of another one and may be meant of this as well.
        worn: Garments of a person, in English: "blue shirt".
        called: The user's words for what is drawn, where nobody wrote the drawing's name.
        drawn: What is drawn for them, if it is several: "man, woman, child".
    """

    phrase: str
    typed: str
    number: int = -1
    relation: Relation | None = None
    target: int | None = None
    whole: str = ""
    effect: str = ""
    as_typed: Callable[[str], str] = as_it_is
    shares: bool = False
    worn: tuple[str, ...] = ()
    called: str = ""
    drawn: str = ""


def wanted_of(item: ParsedObject, reading: Reading) -> Wanted:
    """What an object of a sentence asks for, standing by itself."""
    whole = with_article(item.said) if item.said != item.phrase else ""
    return Wanted(
        item.phrase, reading.as_typed(item.said),
        whole=whole, effect=item.effect, as_typed=reading.as_typed, worn=item.worn,
        called=reading.as_typed(item.called) if item.called else "",
    )  # fmt: skip


def single_object(parsed: ParsedPrompt, reading: Reading, concepts: ConceptTable) -> ParsedObject:
    """What a single layer or box shows, without a phrase if nothing is named. "Two hearts" are one
    drawing there."""
    whole = " ".join(reading.english.lower().split())
    if concepts.drawn_together(whole):
        return ParsedObject(whole)
    return parsed.objects[0] if parsed.objects else ParsedObject(parsed.background)


def expand(
    objects: Sequence[ParsedObject], reading: Reading, *, groups: bool = True
) -> list[Wanted]:
    """ "two cats" becomes two. A relation points at the first of several; all of them have it if
    it says on, above, below, before or behind what they are, else the first.

    Args:
        groups: Whether "a family" becomes several people.
    """
    each = [_one_by_one(item, reading, groups=groups) for item in objects]
    first = [0, *accumulate(map(len, each))]
    wanted: list[Wanted] = []
    for item, several in zip(objects, each, strict=True):
        target = None if item.target is None else first[item.target]
        for copy, one in enumerate(several):
            own = replace(one, number=len(wanted))
            if not copy or item.relation in TYING:  # "two cats on a sofa"
                own = replace(own, relation=item.relation, target=target, shares=item.shares)
            wanted.append(own)
    return _between(wanted)


def _one_by_one(item: ParsedObject, reading: Reading, *, groups: bool) -> list[Wanted]:
    """All that an object of a sentence asks for, untied."""
    one = wanted_of(item, reading)
    if not (item.members and groups):
        return [one] * item.count
    kinds = dict.fromkeys(item.members)
    typed = reading.as_typed(item.phrase)
    several = [
        replace(wanted_of(replace(item, phrase=member), reading), called=typed)
        for member in item.members
    ]
    if len(kinds) == 1:  # a mother
        return [replace(own, typed=one.typed, whole=one.whole) for own in several]
    return [replace(own, drawn=", ".join(kinds)) for own in several]


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


def resolved(pairs: Sequence[Assignment], known: Sequence[Traits]) -> list[Assignment]:
    """Relations as things can have them: a fish is in a bucket, but a dog in a hat is before it,
    and a house that is named with a cat is not on its skateboard.

    Args:
        known: What each object is.
    """
    of_number = {wanted.number: traits for (wanted, _), traits in zip(pairs, known, strict=True)}
    found: list[Assignment] = []
    for (wanted, box), own in zip(pairs, known, strict=True):
        target = None if wanted.target is None else of_number.get(wanted.target)
        if target and wanted.shares and not _may_share(own, wanted.relation, target):
            found.append((replace(wanted, relation=None, target=None), box))
        elif target and wanted.relation is Relation.IN and not (target.shelter or target.vessel):
            found.append((replace(wanted, relation=Relation.IN_FRONT_OF), box))
        else:
            found.append((wanted, box))
    return found


def _may_share(own: Traits, relation: Relation | None, target: Traits) -> bool:
    """A bird over a house as another one is; a thing on another one that is not much smaller."""
    flies = own.place is Place.SKY
    if relation is Relation.ABOVE:
        return flies
    return not flies and list(Size).index(own.size) <= list(Size).index(target.size) + 1


def layer_order(pairs: Sequence[Assignment], known: Sequence[Traits]) -> list[int]:
    """Indices from bottom to top. What has no drawn box is where its relation needs it: behind
    another one or in it below, on it, before it or at its foot above.

    Args:
        known: What each object is.
    """
    index_of = {
        wanted.number: index
        for index, (wanted, box) in enumerate(pairs)
        if box is None and wanted.number >= 0
    }
    order = list(range(len(pairs)))
    for index, (wanted, box) in enumerate(pairs):
        target = None if wanted.target is None else index_of.get(wanted.target)
        if box is not None or target is None or wanted.relation is None:
            continue
        over = _OVER.get(wanted.relation)
        if wanted.relation is Relation.IN:
            over = known[target].shelter  # a bird in a tree, but a fish in a bucket
        own_place, target_place = order.index(index), order.index(target)
        if over is not None and over == (own_place < target_place):
            order.insert(target_place, order.pop(own_place))
    return order


def again(wanted: Wanted) -> Wanted:
    """Another one of the same, standing by itself."""
    return replace(wanted, number=-1, relation=None, target=None, shares=False)
