"""What a piece of a sentence says that a person wears: no layer of its own, but part of the person.

"In a blue shirt" and "with a top hat" need a noun that is worn, "wearing" needs none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engine.composition.relations import Relation
from engine.composition.traits import Worn
from engine.prompts.english.connectors import COMMA
from engine.prompts.english.people import MAY_BE_WORN, WEARING
from engine.prompts.english.words import DETERMINERS, singular
from engine.prompts.grammar.nouns import Nouns
from engine.prompts.grammar.parsed import ParsedObject
from engine.prompts.grammar.phrases import noun_of

_INSIDE = frozenset((Relation.ON, Relation.IN, Relation.BELOW))
_CONJURED = frozenset(("rabbit", "bunny", "hare"))


def is_worn(words: Sequence[str], cut: str, nouns: Nouns, *, goes_on: bool) -> bool:
    """Whether a piece behind a person says what that person wears.

    Args:
        cut: The words before the piece.
        goes_on: Whether the piece before it did: "in a red shirt and a green scarf".
    """
    if cut in WEARING:
        return True
    if not (cut in MAY_BE_WORN or (goes_on and cut in ("and", COMMA))):
        return False
    return nouns.worn(_named(words)) is not None


def doer_of(objects: Sequence[ParsedObject]) -> int:
    """Index of who wears or holds what is said next: the cat of "a cat in a box wearing a hat"."""
    last = len(objects) - 1
    before = objects[last - 1]
    return last - 1 if last and before.target == last and before.relation in _INSIDE else last


def is_hat(words: Sequence[str], cut: str, wearer: str, nouns: Nouns) -> bool:
    """Whether a piece behind an animal or a thing says what is on its head: "a dog in a red hat",
    but not "a rabbit in a hat"."""
    conjured = cut == "in" and wearer.rsplit(maxsplit=1)[-1] in _CONJURED
    return cut in WEARING | MAY_BE_WORN and not conjured and nouns.worn(_named(words)) is Worn.HEAD


def wearing(person: ParsedObject, words: Sequence[str], cut: str, nouns: Nouns) -> ParsedObject:
    """The person who wears what a piece says: of "two boys in red shirts" each has one."""
    several = person.count > 1 and not nouns.knows(noun_of(words, nouns))
    said = singular(" ".join(words)) if several else " ".join(words)
    link = "and" if cut == COMMA else cut
    if link == "and" and not person.wearing:  # "with blue eyes and a red hat", without the eyes
        link = "with"
    return replace(
        person,
        wearing=f"{person.wearing} {link} {said}".strip(),
        worn=(*person.worn, _named(said.split())),
    )


def clothed(person: ParsedObject, colour: str) -> ParsedObject:
    """A person in clothes of a colour: "a man in black"."""
    return replace(
        person,
        wearing=f"{person.wearing} in {colour}".strip(),
        worn=(*person.worn, f"{colour} clothes"),
    )


def _named(words: Sequence[str]) -> str:
    return " ".join(word for word in words if word not in DETERMINERS)
