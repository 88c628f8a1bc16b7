"""What some words of a sentence mean beside others: "animals" are different ones, and who stands on
the moon stands on a full one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from engine.composition.relations import Relation
from engine.prompts.english.colours import split_colours
from engine.prompts.planning.wanted import Wanted
from engine.prompts.vocabulary.concepts import ConceptTable

_STOOD_ON = {"moon": "full moon"}  # labels


def meant(wanted: Sequence[Wanted], concepts: ConceptTable) -> list[Wanted]:
    """The objects of a sentence with the names of the drawings that they mean."""
    found = _different_ones(wanted, concepts)
    grounds = {item.target for item in found if item.relation is Relation.ON}
    return [
        _as_ground(item, concepts) if item.number in grounds and item.number >= 0 else item
        for item in found
    ]


def _different_ones(wanted: Sequence[Wanted], concepts: ConceptTable) -> list[Wanted]:
    """Several of a general kind as different members of it."""
    of_phrase: dict[str, list[int]] = defaultdict(list)
    for index, item in enumerate(wanted):
        of_phrase[item.phrase].append(index)
    found = list(wanted)
    for phrase, places in of_phrase.items():
        labels = concepts.members(phrase, len(places)) if len(places) > 1 else []
        for index, label in zip(places, labels, strict=False):
            found[index] = _called(found[index], label)
    return found


def _as_ground(item: Wanted, concepts: ConceptTable) -> Wanted:
    match = concepts.named(item.phrase)
    label = _STOOD_ON.get(match.concept.label, "") if match and match.exact else ""
    return _called(item, label) if label else item


def _called(item: Wanted, label: str) -> Wanted:
    """The object by the name of a drawing, which the layer gets as well: made again by the words of
    the user it would be another one."""
    colour = " ".join(split_colours(item.phrase)[0][:1])
    phrase = f"{colour} {label}".strip()
    return replace(item, phrase=phrase, typed=phrase, called=item.typed)
