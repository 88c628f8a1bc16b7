"""What the vocabulary says of the words of a sentence, as the readers of it ask."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from engine.composition.traits import Worn
from engine.prompts.english.words import Known, singular

LONGEST_NAME = 6  # words of a noun: "sun behind rain cloud"


def _never(_noun: str) -> bool:
    return False


def _nobody(_noun: str) -> str:
    return ""


def _nowhere(_noun: str) -> Worn | None:
    return None


@dataclass(frozen=True, slots=True)
class Nouns:
    """The nouns that are known.

    Attributes:
        known: Whether the vocabulary of objects holds exactly this noun.
        heard: Whether a noun outside of it is known to be near to one.
        names: Further nouns, of this sentence only.
        person: The drawing of a person that a noun names: "kid" -> "child"; empty = it names none.
        worn: Where people wear what a noun names; None = they do not.
    """

    known: Known = _never
    heard: Known = _never
    names: frozenset[str] = frozenset()
    person: Callable[[str], str] = _nobody
    worn: Callable[[str], Worn | None] = _nowhere

    def with_names(self, names: Iterable[str]) -> Nouns:
        """The same and some nouns of a sentence."""
        return replace(self, names=self.names.union(names))

    def knows(self, noun: str) -> bool:
        """Whether this is exactly a noun of the vocabulary or of the sentence."""
        return bool(noun) and (noun in self.names or self.known(noun))

    def knows_either(self, noun: str) -> bool:
        """The same of the noun or its singular."""
        return self.knows(noun) or self.knows(singular(noun))

    def ends_known(self, words: Sequence[str]) -> bool:
        """Whether the words end with a noun as it is known: "old gloves", but not "old dogs"."""
        return any(self.knows(" ".join(words[start:])) for start in range(len(words)))

    def ends_known_either(self, words: Sequence[str]) -> bool:
        """Whether the words end with a noun, in the plural or not: "big old trees"."""
        return any(self.knows_either(" ".join(words[start:])) for start in range(len(words)))

    def ends_with_thing(self, words: Sequence[str]) -> bool:
        """Whether the words end with a noun that is known or heard of."""
        if not words:
            return False
        heard = self.heard(words[-1]) or self.heard(" ".join(words[-2:]))
        return heard or self.ends_known_either(words)

    def names_around(self, words: Sequence[str], place: int) -> bool:
        """Whether the word at a place is one of a noun of several words: "no" of "no entry"."""
        return any(
            self.knows_either(" ".join(words[begin:end]))
            for begin in range(max(0, place - LONGEST_NAME + 1), place + 1)
            for end in range(max(place + 1, begin + 2), min(len(words), begin + LONGEST_NAME) + 1)
        )

    def names_across(self, words: Sequence[str], place: int) -> bool:
        """Whether the word at a place and the one before it are of the same noun: "a" of "house in
        a garden", but not "the" of "the moon"."""
        return any(
            self.knows_either(" ".join(words[begin:end]))
            for begin in range(max(0, place - LONGEST_NAME + 1), place)
            for end in range(place + 1, min(len(words), begin + LONGEST_NAME) + 1)
        )
