"""Which concept a word is taken for, by WordNet, explanations, keywords and sentence vectors."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.training.recipe import Concept
from engine.training.words.concept_senses import ANIMAL, ARTIFACT, FOOD, NATURE, PLANT, THINGS
from engine.training.words.word_evidence import Evidence, Floats
from engine.training.words.wordnet import Nouns

NEAR_THINGS = frozenset((ANIMAL, ARTIFACT, FOOD, PLANT, *NATURE))  # may have relatives
_RARER_SENSE = 0.35  # what each sense costs that a word has before
_NEEDS_MEANING = 0.4  # cosine that a word must have to a concept if this is not its first sense
_MEANING = 1.5  # what a cosine of 1 is worth
_UNHEARD = 1.0  # what the way to a concept may cost for a rarer sense of a word without vector
_BY_KEYWORD = 1.9  # what a concept costs that has the word as a keyword
_BY_PARTS = 0.9  # the same for both parts of the word
_BY_EXPLANATION = 1.9  # what a concept costs that is explained alike
_EXPLAINED = 1.0  # what explanations that are the same are worth
_VOTE = 0.5  # what a keyword is worth that only one concept has
_AGREES = 0.7  # of the most alike explanation
_ALIKE = 0.2
_MOST_ALIKE = 3
_PARTICULAR = 0.3  # what a concept costs that is a plainer one with something added
_LATER = 0.1  # what each widening of the recipe costs: first came the commonest things

Cosines = Callable[[str, Sequence[int]], Sequence[float]]  # of a word to concepts, by number
Candidates = list[tuple[int, float, int]]  # number of the concept, cost, number of the sense


@dataclass(frozen=True)
class Speaking:
    """What is said of one word, and what it is best taken for.

    Attributes:
        senses: Those that are things, the usual one first.
        heard: Whether its sentence vector is its own.
    """

    nouns: Nouns
    word: str
    senses: Sequence[str]
    evidence: Evidence
    cosines: Cosines
    concepts: Sequence[Concept]
    heard: bool

    @functools.cached_property
    def explained(self) -> list[Floats]:
        """How alike the explanations of each sense and of the concepts are."""
        return [self.evidence.explained(self.nouns, o, self.word) for o in self.senses]

    def agreed(self) -> int | None:
        """The only concept that has the word as a keyword, if it is explained most like it."""
        owners = self.evidence.owners(self.word)
        if len(owners) != 1 or not self._is_usual(0):
            return None
        alike, (number,) = self.explained[0], owners
        sure = alike[number] >= max(_ALIKE, _AGREES * float(alike.max()))
        return number if sure and not self._adds(number, 0) else None

    def likely(self) -> Candidates:
        """Concepts that are explained alike or have the word as a keyword."""
        owners = self.evidence.owners(self.word)
        found: Candidates = [(number, _BY_KEYWORD, 0) for number in sorted(owners)]
        found += [(number, _BY_PARTS, 0) for number in sorted(self.evidence.compound(self.word))]
        for rank, offset in enumerate(self.senses):
            if self._is_usual(rank) and self.nouns.synsets[offset].kind in NEAR_THINGS:
                alike = self.explained[rank]
                best = (-alike).argsort(kind="stable")[:_MOST_ALIKE].tolist()
                found += [(n, _BY_EXPLANATION, rank) for n in best if alike[n] >= _ALIKE]
        return found

    def _is_usual(self, rank: int) -> bool:
        """Whether a sense is of the kind of the first one of all, which is a thing."""
        first, kinds = self.nouns.senses[self.word][0], self.nouns.synsets
        return kinds[first].kind in THINGS and kinds[self.senses[rank]].kind == kinds[first].kind

    def best(self, candidates: Candidates) -> int | None:
        """The candidate of the least cost; rarer senses must be near in meaning as well, or near in
        WordNet if the text encoder has not heard of the word and goes by its spelling.

        Of a concept that is a plainer one with something added ("beach umbrella") a word that says
        nothing of what was added is rather the plainer one.
        """
        plainer = self.evidence.plainer
        candidates = [
            *candidates,
            *((plainer[n], cost, rank) for n, cost, rank in candidates if self._adds(n, rank)),
        ]
        numbers = list(dict.fromkeys(number for number, _, _ in candidates))
        near = dict(zip(numbers, self.cosines(self.word, numbers), strict=True)) if numbers else {}
        rated = []
        for number, cost, rank in candidates:
            way = cost + _RARER_SENSE * rank
            alike = self._alike(rank, number)
            said = near[number] >= _NEEDS_MEANING or (alike >= _ALIKE and self._is_usual(rank))
            if not rank or said or (not self.heard and way <= _UNHEARD):
                spoken = _EXPLAINED * alike + _VOTE * self.evidence.keyword(self.word, number)
                later = _LATER * self.concepts[number].widening
                later += _PARTICULAR if self._adds(number, rank) else 0
                rated.append((way + later - _MEANING * near[number] - spoken, number))
        return min(rated)[1] if rated else None

    def _alike(self, rank: int, number: int) -> float:
        said = rank < len(self.senses) and self.evidence.rows
        return float(self.explained[rank][number]) if said else 0.0

    def _adds(self, number: int, rank: int) -> bool:
        """Whether a concept is a plainer one with something added that is not said."""
        if rank >= len(self.senses):
            return number in self.evidence.plainer
        return self.evidence.is_particular(self.nouns, self.senses[rank], number)
