"""Which synonyms say more than their noun: a labrador is a dog, but a dog is not a labrador.

What is a kind of a noun has no drawing of its own, so the product says that something else was
drawn. WordNet knows most of them; of the words that people say the hand has the last word
(`recipes/kinds.tsv`: a label, words of kinds of it, and words that only look like them).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.prompts.english.words import singular
from engine.prompts.vocabulary.concepts import plain_key
from engine.prompts.vocabulary.understanding import says_how_much
from engine.training.recipe import RECIPES
from engine.training.words.concept_senses import Places
from engine.training.words.everyday import EverydayWords, read_everyday
from engine.training.words.word_meanings import ConceptMap, explained_as
from engine.training.words.wordnet import Nouns

KINDS_FILE = RECIPES / "kinds.tsv"
_SHORTEST_END = 4  # letters of a name that ends a longer word: "chair" of "armchair"


@dataclass(frozen=True, slots=True)
class Kinds:
    """Words as they are looked up, each with the label of which they say more or as much."""

    more: Mapping[str, str]
    same: Mapping[str, str]


def read_kinds(labels: Collection[str], path: Path = KINDS_FILE) -> Kinds:
    """The words that are written down by hand.

    Raises:
        EverydayError: A line has no concept or too many columns, or a word stands twice.
    """
    table: EverydayWords = read_everyday(path, labels)
    more, same = (
        {plain_key(word): label for word, label in words.items()}
        for words in (table.meant, table.near)
    )
    return Kinds(more, same)


def find_hyponyms(
    words: Mapping[str, str],
    nouns: Nouns,
    *,
    places: Sequence[Places],
    spread: ConceptMap,
    tags: Mapping[str, Sequence[str]],
    own: Kinds,
) -> dict[str, str]:
    """The words that name a kind of their noun.

    What a keyword of the drawing says is seen in it. Otherwise WordNet knows: a sense that is one
    of the noun's is the same, one below it a kind. Of words that it does not have, those that end
    with a name of the noun ("gaming chair") or are explained as one ("a young duck") are kinds of
    it, unless what stands before is a name or keyword of it ("kitty cat") or says how much ("slice
    of pizza").

    Args:
        words: Synonyms and keywords with the label of the only noun that they name.
        places: `concept_senses.senses_of`.
        spread: `word_meanings.map_concepts` of them.
        tags: Keywords by label.
        own: By hand, which wins.
    """
    names, spoken = {}, {}
    for label, number in spread.labels.items():
        own_words = (w for offset, _ in places[number] for w in nouns.synsets[offset].words)
        names[label] = {plain_key(word) for word in (label, *own_words)}
        spoken[label] = names[label] | {plain_key(word) for word in tags.get(label, ())}
    senses = _senses_by_key(nouns)

    def is_kind(word: str, label: str) -> bool:
        if own.same.get(word) == label or _is_one_of(word, spoken[label]):
            return False
        number = spread.labels[label]
        of_word = (*senses[word], *senses[singular(word)])
        depth = _depth(of_word, spread, number)
        if depth is not None:
            return depth > 0
        glosses = (nouns.synsets[offset].gloss for offset in of_word)
        explained = any(explained_as(gloss, spread.labels) == number for gloss in glosses)
        return explained or _ends_with(word, names[label], spoken[label])

    return {
        word: label
        for word, label in words.items()
        if own.more.get(word) == label or is_kind(word, label)
    }


def _is_one_of(word: str, names: Collection[str]) -> bool:
    """Whether a word is a name, perhaps in the plural or with its spaces elsewhere."""
    closed = {name.replace(" ", "") for known in names for name in (known, singular(known))}
    return not closed.isdisjoint(form.replace(" ", "") for form in (word, singular(word)))


def _senses_by_key(nouns: Nouns) -> defaultdict[str, tuple[str, ...]]:
    """The senses of words as they are looked up: "black-billed cuckoo" without its hyphen."""
    found: defaultdict[str, tuple[str, ...]] = defaultdict(tuple)
    for word, senses in nouns.senses.items():
        found[plain_key(word)] += senses
    return found


def _depth(senses: Sequence[str], spread: ConceptMap, number: int) -> int | None:
    """How many steps the nearest of the senses is below a concept; negative above it, None if none
    is either."""
    below = [d for o in senses for n, d in spread.kinds.get(o, ()) if n == number]
    above = [-d for o in senses for n, d in spread.passed.get(o, ()) if n == number and d]
    return min(below, default=max(above, default=None))


def _ends_with(word: str, names: Collection[str], spoken: Collection[str]) -> bool:
    """Whether a word is a name with something before it that says more than what is spoken of the
    noun anyway."""
    for name in {form for known in names for form in (known, singular(known))}:
        for whole in (word, singular(word)):
            before = whole.removesuffix(name)
            if before == whole or not (before.endswith(" ") or len(name) >= _SHORTEST_END):
                continue
            if not (_is_one_of(before.strip(), spoken) or says_how_much(before)):
                return True
    return False
