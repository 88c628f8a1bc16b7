"""How many of a thing a phrase asks for: "three apples", "two pairs of gloves"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.prompts.english.words import DETERMINERS, VAGUE_COUNTS, number_of
from engine.prompts.grammar.nouns import Nouns

_ALWAYS_SEVERAL = ("many", "several", "countless")  # other than "some bread", "a bunch of grapes"


@dataclass(frozen=True, slots=True)
class Counted:
    """What is counted, and how often.

    Attributes:
        number: None = it was not counted.
        vague: Whether it is our choice, as of "several".
        pairs: Of "two pairs of" and "a pair of"; 0 = they are not counted in pairs.
    """

    words: list[str]
    number: int | None = None
    vague: bool = False
    pairs: int = 0

    @property
    def drawings(self) -> int:
        """How many of a noun whose drawing shows several: "two pairs of gloves" are two."""
        return self.pairs or (1 if self.vague else self.number or 1)


def take_count(words: Sequence[str]) -> Counted:
    """Takes the count off the front."""
    rest = list(words)
    while rest and rest[0] in DETERMINERS:
        rest.pop(0)
    if len(rest) > 1 and (number := number_of(rest[0])) is not None:
        rest.pop(0)
        if rest[0] in ("dozen", "pair", "pairs") and len(rest) > 1:
            pairs = 0 if rest[0] == "dozen" else number
            count = number * VAGUE_COUNTS[rest[0].removesuffix("s")]
            return Counted(rest[1:], count, pairs=pairs)
        return Counted(rest, number)
    if len(rest) > 1 and rest[0] in VAGUE_COUNTS:
        pairs = 1 if rest[0] == "pair" else 0
        vague = rest[0] not in _ALWAYS_SEVERAL
        return Counted(rest[1:], VAGUE_COUNTS[rest[0]], vague=vague, pairs=pairs)
    return Counted(rest)


def names_counted(words: Sequence[str], nouns: Nouns) -> bool:
    """Whether the words are a known noun of several words with no more than an article or a
    number."""
    rest = take_count(words).words
    return len(rest) > 1 and nouns.knows_either(" ".join(rest))
