"""What speaks for a concept beside WordNet's tree: how a word is explained, and keywords of emoji.

An explanation is compared word by word, rare words counting more: the tiara is a "jeweled
headdress" as the crown is. Keywords of a drawing are those of several collections; of a word that
few drawings have, they say much.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from engine.prompts.english.words import singular
from engine.prompts.vocabulary.concepts import plain_key
from engine.training.recipe import Concept
from engine.training.words.concept_senses import Places
from engine.training.words.wordnet import Nouns

Floats = npt.NDArray[np.float32]

_OWN_WORD = 2.0  # how much a name counts beside a word of the explanation
_SHORTEST = 3  # letters of a word that says something
_HIGHEST = 6  # steps from a concept to what it is a kind of
_NAMED = 2.0  # a concept's label in an explanation


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """Votes for concepts, by their number.

    Attributes:
        votes: Keyword -> numbers of the concepts that have it.
        weights: How rare each word is in explanations.
        rows: Word -> its row of `table`.
        table: How much of each concept's explanation a word is, `w n`.
        plainer: Concept -> the one that it is with something added: "beach umbrella" -> "umbrella".
        added: What that is: "beach".
    """

    votes: Mapping[str, frozenset[int]] = field(default_factory=dict)
    weights: Mapping[str, float] = field(default_factory=dict)
    rows: Mapping[str, int] = field(default_factory=dict)
    table: Floats = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    plainer: Mapping[int, int] = field(default_factory=dict)
    added: Mapping[int, frozenset[str]] = field(default_factory=dict)

    def owners(self, word: str) -> frozenset[int]:
        """Numbers of the concepts that have a word as a keyword."""
        return self.votes.get(plain_key(word), frozenset())

    def keyword(self, word: str, number: int) -> float:
        """1 if it is a keyword of this concept only, less the more concepts have it, else 0."""
        owners = self.owners(word)
        return 1 / len(owners) if number in owners else 0.0

    def compound(self, word: str) -> frozenset[int]:
        """The concepts that have both parts of a word as keywords: "spaceship"."""
        key = plain_key(word)
        places = range(_SHORTEST, len(key) - _SHORTEST + 1)
        halves = (self.owners(key[:i]) & self.owners(key[i:]) for i in places)
        return frozenset[int]().union(*halves)

    def explained(self, nouns: Nouns, offset: str, word: str) -> Floats:
        """How alike the explanations of a synset and of the concepts are, 0 to 1, `n`, the word
        itself left out."""
        said = _weighted(_said(nouns, offset), self.weights)
        known = [w for w in said if w in self.rows and w != singular(word)]
        weights = np.array([said[w] for w in known], np.float32)
        alike: Floats = weights @ self.table[[self.rows[w] for w in known]]
        return alike

    def is_particular(self, nouns: Nouns, offset: str, number: int) -> bool:
        """Whether a concept is a plainer one with something added that a sense says nothing of."""
        added = self.added.get(number)
        return added is not None and not added & set(_said(nouns, offset))


NO_EVIDENCE = Evidence()


def gather(
    nouns: Nouns,
    concepts: Sequence[Concept],
    places: Sequence[Places],
    keywords: Mapping[str, Iterable[str]],
) -> Evidence:
    """From WordNet's explanations and the keywords of each drawing.

    Args:
        places: `concept_senses.senses_of`.
        keywords: By code point.
    """
    votes: dict[str, set[int]] = defaultdict(set)
    for number, concept in enumerate(concepts):
        for word in (*concept.label.split(), *keywords.get(concept.hexcode, ())):
            votes[plain_key(word)].add(number)
    weights = _rarity(nouns)
    explained: list[dict[str, float]] = []
    for concept, starts in zip(concepts, places, strict=True):
        said: dict[str, float] = defaultdict(float)
        for offset, away in starts:
            if not away:
                for word, often in _said(nouns, offset).items():
                    said[word] += often
        for name in (concept.label, *keywords.get(concept.hexcode, ())):
            for word in _parts(name):
                said[word] += _NAMED if name == concept.label else 1.0
        explained.append(_weighted(said, weights))
    rows = {
        word: row for row, word in enumerate(sorted({word for said in explained for word in said}))
    }
    table = np.zeros((len(rows), len(concepts)), np.float32)
    for number, row in enumerate(explained):
        table[[rows[word] for word in row], number] = list(row.values())
    owners = {word: frozenset(numbers) for word, numbers in votes.items()}
    plainer = _plainer(nouns, concepts, places, keywords)
    added = {n: frozenset(_parts(concepts[n].label.rpartition(" ")[0])) for n in plainer}
    return Evidence(owners, weights, rows, table, plainer, added)


def _plainer(
    nouns: Nouns,
    concepts: Sequence[Concept],
    places: Sequence[Places],
    keywords: Mapping[str, Iterable[str]],
) -> dict[int, int]:
    """Concepts that end with the label of another one, which is a keyword of them too, and that are
    a kind of it or nothing that WordNet has: neither "hot dog" nor "teddy bear"."""
    numbers = {concept.label: number for number, concept in enumerate(concepts)}
    found = {}
    for number, concept in enumerate(concepts):
        head = concept.label.rpartition(" ")[2]
        other = numbers.get(head, number)
        if other != number and head in keywords.get(concept.hexcode, ()):
            own = [offset for offset, away in places[number] if not away]
            above = {o for start in own for o, _ in nouns.around(start, _HIGHEST, down=False)}
            if not own or above & {offset for offset, _ in places[other]}:
                found[number] = other
    return found


def _rarity(nouns: Nouns) -> dict[str, float]:
    in_texts: Counter[str] = Counter()
    for synset in nouns.synsets.values():
        in_texts.update({w for text in (synset.gloss, *synset.words) for w in _parts(text)})
    count = len(nouns.synsets)
    return {word: math.log(count / often) for word, often in in_texts.items()}


def _said(nouns: Nouns, offset: str) -> dict[str, float]:
    """The words of an explanation, of the names and of what it is a kind of."""
    synset = nouns.synsets[offset]
    said: dict[str, float] = defaultdict(float)
    for word in _parts(synset.gloss):
        said[word] += 1.0
    for name in synset.words:
        for word in _parts(name):
            said[word] += _OWN_WORD / len(synset.words)
    for above in synset.above:
        for name in nouns.synsets[above].words[:2]:
            for word in _parts(name):
                said[word] += 1.0
    return said


def _weighted(said: Mapping[str, float], weights: Mapping[str, float]) -> dict[str, float]:
    known = {w: min(often, 2.0) * weights[w] for w, often in said.items() if w in weights}
    length = math.sqrt(sum(value * value for value in known.values())) or 1.0
    return {word: value / length for word, value in known.items()}


def _parts(text: str) -> list[str]:
    return [singular(w) for w in re.findall(r"[a-z]+", text.lower()) if len(w) >= _SHORTEST]
