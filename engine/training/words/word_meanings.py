"""Which words of WordNet mean one of the model's nouns, and which are near to one.

WordNet has words, their senses and what each is a kind of; here are the ways from the senses of a
word to the nouns, each with its cost. `word_choice` weighs them.
"""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence, Set
from dataclasses import dataclass, field

from engine.prompts.english.colours import may_be_of_a_name, split_colours
from engine.prompts.english.words import singular
from engine.prompts.vocabulary.concepts import plain_key
from engine.training.recipe import Concept
from engine.training.words.concept_senses import ANIMAL, FOOD, PLANT, THINGS, Places
from engine.training.words.everyday import EverydayWords
from engine.training.words.word_choice import NEAR_THINGS, Candidates, Cosines, Speaking
from engine.training.words.word_evidence import NO_EVIDENCE, Evidence
from engine.training.words.wordnet import Nouns, Synset

_MOST_WORDS = 2
_DEEPEST_KIND = 5
_FARTHEST = 3  # steps to what a word and a concept have in common
_DEAREST = 2.3  # what the way to a relative may cost
_DEAREST_UNHEARD = 1.6  # the same for a word without vector
_EXAMPLE = 1.5  # what the way to an example costs
_TOO_GENERAL = 40  # so many concepts below say nothing
_OF_A_KIND = 0.3  # what a step costs from a kind of a concept to it
_UP, _DOWN = 1.0, 0.6  # the same between other things: up from the word, down to the concept
_ABOVE = 0.65  # what a step to a concept costs from what it is a kind of, which must be near
_BY_MEANING = 1.9  # what the concept nearest by sentence vectors costs
_BY_SPELLING = 2.3  # the same for a word that the text encoder knows in pieces
_LATER = 0.1  # what each widening of the recipe costs: first came the commonest things
_NAMESAKE = 0.3  # what a concept costs whose label is another name of a sense
_USUAL_SENSES = 2  # of a label, by which it is another name
_YOUNG_OR_FEMALE = 0.4  # "a young pig"
_LONGEST_SAYING = 5
_RANKS = ("genus", "family", "order", "class", "subfamily", "superfamily", "suborder", "phylum")
_SAID_OF = frozenset((
    "a", "an", "the", "young", "female", "male", "adult", "baby", "small", "little", "large",
    "domestic", "domesticated", "wild", "immature",
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """Word -> label of the concept that it means, and of the concept that is near to it."""

    synonyms: dict[str, str]
    relatives: dict[str, str]

    def without_plurals(self, own: EverydayWords, labels: Collection[str]) -> Found:
        """Without names that are the plural of what people call another thing: WordNet has a herb
        "clocks", and two clocks are none."""
        usual = {plain_key(word): label for word, label in own.meant.items()}
        usual |= {label: label for label in labels}

        def is_plural(word: str, label: str) -> bool:
            one = singular(word)
            return one != word and word not in usual and usual.get(one, label) != label

        synonyms, relatives = (
            {word: label for word, label in words.items() if not is_plural(word, label)}
            for words in (self.synonyms, self.relatives)
        )
        return Found(synonyms, relatives)

    def beside(self, own: EverydayWords, owners: Mapping[str, Sequence[str]]) -> Found:
        """With words written by hand, which win; without those that a keyword of one concept
        answers in the same way, and those that would lose a colour: a "black bear" is a bear, while
        a "golden retriever" has its colour in the name of its breed, and a "sun cream" is no sun.
        What dictionaries have beside a name that ends with a noun says less than the noun: a
        "saddle horn" is no postal horn.

        Args:
            owners: Concepts by label and keyword.
        """
        meant = {plain_key(word): label for word, label in own.meant.items()}
        near = {plain_key(word): label for word, label in own.near.items()}
        synonyms = self.synonyms | meant

        def is_wanted(word: str, label: str) -> bool:
            colours, rest = split_colours(word)
            if colours and not split_colours(label)[0] and rest in owners:
                by_hand = meant.get(word) == label and owners[rest] != [label]
                return by_hand and may_be_of_a_name(word)
            return owners.get(word) != [label]

        def ends_with_noun(word: str) -> bool:
            words = word.split()
            ends = (" ".join(words[begin:]) for begin in range(1, len(words)))
            return any(
                form in table
                for end in ends
                for form in (end, singular(end))
                for table in (synonyms, owners)
            )

        relatives = {w: label for w, label in self.relatives.items() if not ends_with_noun(w)}
        relatives = {w: label for w, label in (relatives | near).items() if w not in synonyms}
        return Found({w: label for w, label in synonyms.items() if is_wanted(w, label)}, relatives)


@dataclass(slots=True)
class ConceptMap:
    """Where concepts are: by synset, (number of the concept, steps to it).

    Attributes:
        kinds: Synsets at a concept and below it.
        passed: Synsets above a concept.
    """

    labels: Mapping[str, int]
    kinds: dict[str, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))
    passed: dict[str, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))


def find_words(
    nouns: Nouns,
    concepts: Sequence[Concept],
    places: Sequence[Places],
    cosines: Cosines,
    *,
    nearest: Callable[[str], int | None] = lambda _word: None,
    is_foreign: Callable[[str], bool] = lambda _word: False,
    is_heard: Callable[[str], bool] = lambda _word: True,
    evidence: Evidence = NO_EVIDENCE,
) -> Found:
    """Words of things that are a concept, or near to one.

    Args:
        places: `concept_senses.senses_of`.
        cosines: Of the sentence vectors, 0 where a word has none.
        nearest: Number of the concept that the sentence vectors choose for a word; None for words
            that have no vector, which get near relatives only.
        is_foreign: Whether a word would be read in another language if English did not know it.
        is_heard: Whether the vector of a word is that of the word and not of pieces of it.
        evidence: What else speaks for a concept.
    """
    spread = map_concepts(nouns, concepts, places)
    labels = {plain_key(concept.label) for concept in concepts}
    found = Found({}, {})
    for word, senses in sorted(thing_words(nouns, spread).items()):
        key = plain_key(word)
        if key in labels:
            continue
        heard = is_heard(word)
        speaking = Speaking(nouns, word, senses, evidence, cosines, concepts, heard)
        known = senses if heard else _of_one_kind(nouns, senses)
        meanings = _meanings(known, spread, concepts)
        meanings += _sayings(nouns, senses, spread.labels)
        meanings += _namesakes(nouns, senses, spread.labels)
        agreed = speaking.agreed()
        meant = speaking.best(meanings) if agreed is None else agreed
        if meant is not None:
            found.synonyms[key] = concepts[meant].label
            continue
        guess = nearest(word)
        farthest = _DEAREST_UNHEARD if guess is None else _DEAREST
        candidates = _neighbours(nouns, senses, spread, farthest)
        by_meaning = _BY_MEANING if heard else _BY_SPELLING
        candidates += [] if guess is None else [(guess, by_meaning, 0)]
        near = speaking.best(candidates + speaking.likely())
        if near is not None and (near != guess or is_foreign(word) or _ends_with(key, labels)):
            found.relatives[key] = concepts[near].label
    return found


def map_concepts(nouns: Nouns, concepts: Sequence[Concept], places: Sequence[Places]) -> ConceptMap:
    """What is at, below and near above the senses of the concepts."""
    spread = ConceptMap({concept.label: number for number, concept in enumerate(concepts)})
    for number, starts in enumerate(places):
        for start, away in starts:
            for offset, depth in nouns.around(start, _DEEPEST_KIND, down=True):
                spread.kinds[offset].append((number, depth + away))
            for offset, depth in nouns.around(start, _FARTHEST, down=False):
                spread.passed[offset].append((number, depth + away))
    return spread


def thing_words(nouns: Nouns, spread: ConceptMap) -> dict[str, list[str]]:
    """Plain words in lower case with those of their senses that are things, the usual one first.

    Who says the name of something to eat means that, and not a plant or an island, unless it is an
    animal.
    """
    plain = {
        word.lower()
        for offset, synset in nouns.synsets.items()
        if synset.kind in THINGS or offset in spread.kinds
        for word in synset.words
        if is_plain(word) or (synset.kind in NEAR_THINGS and _is_brand(word, synset, nouns))
    }
    usual = {}
    for word in plain:
        senses = [
            offset
            for offset in nouns.senses.get(word, ())
            if nouns.synsets[offset].kind in THINGS or offset in spread.kinds
        ]
        if any(nouns.synsets[offset].kind == FOOD for offset in senses):
            senses = [o for o in senses if nouns.synsets[o].kind != PLANT]
            senses.sort(key=lambda offset: nouns.synsets[offset].kind not in (FOOD, ANIMAL))
        usual[word] = senses
    return usual


def _is_brand(word: str, synset: Synset, nouns: Nouns) -> bool:
    """Whether a word is written with a capital without being Latin: "Dalmatian", "Persian cat"."""
    latin = any(other.split()[0] in _RANKS for other in synset.words)
    last = word.rsplit(maxsplit=1)[-1]
    above = {
        w
        for o in synset.above
        for near, _ in nouns.around(o, _FARTHEST, down=False)
        for w in nouns.synsets[near].words
    }
    return not latin and (last == word or last in above) and is_plain(word.lower())


def is_plain(word: str) -> bool:
    """Whether it is of one or two words in small Latin letters; hyphens may be in it."""
    letters = word.replace(" ", "").replace("-", "")
    return (
        letters.isalpha()
        and letters.isascii()
        and letters.islower()
        and (len(word.split()) <= _MOST_WORDS)
    )


def _of_one_kind(nouns: Nouns, senses: Sequence[str]) -> list[str]:
    """The first sense and those of its kind: a bugle is no herb."""
    return [o for o in senses if nouns.synsets[o].kind == nouns.synsets[senses[0]].kind]


def _meanings(senses: Sequence[str], places: ConceptMap, concepts: Sequence[Concept]) -> Candidates:
    """Concepts that a word means: it is a kind of them, or one step above."""
    candidates: Candidates = []
    for rank, offset in enumerate(senses):
        for number, depth in places.kinds.get(offset, ()):
            candidates.append((number, _OF_A_KIND * depth, rank))
        for number, depth in places.passed.get(offset, ()):
            if depth == 1:
                rarer = _LATER * concepts[number].widening  # "timepiece" is the common one
                candidates.append((number, _ABOVE + rarer, max(rank, 1)))
    return candidates


def _sayings(nouns: Nouns, senses: Sequence[str], labels: Mapping[str, int]) -> Candidates:
    """Concepts that a word is explained by: the duckling is a "young duck"."""
    said = [explained_as(nouns.synsets[offset].gloss, labels) for offset in senses]
    return [
        (number, _YOUNG_OR_FEMALE, rank) for rank, number in enumerate(said) if number is not None
    ]


def _namesakes(nouns: Nouns, senses: Sequence[str], labels: Mapping[str, int]) -> Candidates:
    """Concepts whose label is another name of a sense, if that is a usual sense of the label: the
    streetcar is a tram, the penitentiary no pen."""
    return [
        (labels[name], _NAMESAKE, 0)
        for offset in senses[:1]
        for name in nouns.synsets[offset].words
        if name in labels and offset in nouns.senses[name][:_USUAL_SENSES]
    ]


def _ends_with(word: str, labels: Set[str]) -> bool:
    """Whether a word would be taken for the label that it ends with: a spaceship for a ship."""
    return any(word.endswith(label) for label in labels)


def explained_as(gloss: str, labels: Mapping[str, int]) -> int | None:
    """The number of the concept of explanations such as "adult female chicken"."""
    words = re.sub(r"[^a-z ]", " ", gloss).split()
    said = list(itertools.takewhile(_SAID_OF.__contains__, words))
    if not said or len(words) > _LONGEST_SAYING:
        return None
    return labels.get(" ".join(words[len(said) :]))


def _neighbours(
    nouns: Nouns, senses: Sequence[str], places: ConceptMap, farthest: float
) -> Candidates:
    """Concepts that have something in common with a word that is none of them, or are named as an
    example of what it is said of: the cub is "the young of mammals such as the bear"."""
    candidates: Candidates = []
    for rank, offset in enumerate(senses):
        for label in _examples(nouns.synsets[offset].gloss, places.labels):
            candidates.append((places.labels[label], _EXAMPLE, rank))
        if nouns.synsets[offset].kind not in NEAR_THINGS:
            continue
        for above, up in nouns.around(offset, _FARTHEST, down=False):
            reached = places.passed.get(above, ())
            if len(reached) <= _TOO_GENERAL:
                candidates += [(n, _UP * up + _DOWN * down, rank) for n, down in reached]
    return [candidate for candidate in candidates if candidate[1] <= farthest]


def _examples(gloss: str, labels: Mapping[str, int]) -> list[str]:
    """The labels after "such as"."""
    words = re.sub(r"[^a-z ]", " ", gloss.partition(" such as ")[2]).split()
    return [word for word in words if word in labels]
