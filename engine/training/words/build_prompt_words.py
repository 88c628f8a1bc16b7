"""Writes the words of other languages that stand for the model's vocabulary.

Run: `python -m engine.training.words.build_prompt_words`. Sources: `recipes/nouns.tsv`,
`recipes/everyday` and `recipes/prompt_words.toml` (ours), and the label tables of emojibase (MIT)
for all its languages.
"""

from __future__ import annotations

import json
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from engine.checkpoints.starter import STARTER_FOLDER
from engine.prompts.captions import COLOUR_WORDS
from engine.prompts.english.colours import split_colours
from engine.prompts.languages.languages import FILE
from engine.prompts.languages.text import normalised
from engine.training.art import sources as art
from engine.training.recipe import RECIPES, Concept, load_recipe
from engine.training.words.everyday import FOLDER, languages, read_everyday

_SAME = {"es-mx": "es"}  # tables that add to another one
_ENGLISH = ("en", "en-gb")
_WIDE = 2  # from this widening on labels are those of rarer things
_USUAL_NAMES = 2  # of a thing in everyday speech: a dog is "cachorro" and "cão"
_STEM = 4  # a keyword of this length may end otherwise inside the label
_ENDING = 2  # letters that a form of a colour word has more or less


def build(labels: Path, concepts: tuple[Concept, ...]) -> dict[str, dict[str, str]]:
    """Language -> foreign words -> English. Our own entries win over the tables, those of everyday
    speech over their keywords only."""
    small = tomllib.loads((RECIPES / "prompt_words.toml").read_text("utf-8"))
    nouns = _own_nouns()
    english = _entries(labels / "en")
    tables: dict[str, dict[str, str]] = {}
    titles: dict[str, set[str]] = defaultdict(set)
    for folder in sorted(labels.iterdir()):
        if not (folder / "data.json").exists() or folder.name in _ENGLISH:
            continue
        name = _SAME.get(folder.name, folder.name)
        words = tables.setdefault(name, {})
        colours = _colour_words(small.get(name, {}))
        entries = _entries(folder)
        ours = [entries[c.hexcode] for c in concepts if c.hexcode in entries]
        titles[name] |= {normalised(entry["label"]) for entry in ours}
        others = [found for other, found in nouns.items() if other != name]
        for word, label in _from_labels(entries, english, concepts).items():
            keyword = word not in titles[name]
            if keyword and any(found.get(word, label) != label for found in others):
                continue  # "velo", a veil beside the Spanish bride, is a bicycle in French
            colour = "" if word in titles[name] else _feminine_colour(word, colours)
            words.setdefault(word, colour or label)
    for name, found in nouns.items():
        titles[name] |= found.keys()
        tables[name].update(found)
    for name, found in _everyday(tables, concepts).items():
        colours = _colour_words(small.get(name, {}))
        for word, label in found.items():
            if word not in titles[name] and not _only_coloured(word, found, colours):
                tables[name][word] = label
    for name, words in tables.items():
        for meaning, own in small.get(name, {}).items():
            words.update({normalised(word): meaning for word in own})
    return tables


def _everyday(
    tables: Mapping[str, Mapping[str, str]], concepts: Sequence[Concept]
) -> dict[str, dict[str, str]]:
    """Language -> words of everyday speech as they are looked up -> label. A rarer name of a thing
    is left out if it is the usual word for another one elsewhere, as "kuchen" is a pie in Chile, or
    a single character, which longer words contain.

    Args:
        tables: The words of all languages that are known already.
    """
    labels = {concept.label for concept in concepts}
    read = {name: read_everyday(FOLDER / f"{name}.tsv", labels).meant for name in languages()}
    found = {
        name: {normalised(word): label for word, label in meant.items()}
        for name, meant in read.items()
    }
    first = {name: _first_names(words) for name, words in found.items()}
    usual = {name: _first_names(words, _USUAL_NAMES) for name, words in found.items()}

    def is_usual_elsewhere(word: str, label: str, name: str) -> bool:
        others = [known for table in (tables, first) for n, known in table.items() if n != name]
        return any(known.get(word, label) != label for known in others)

    return {
        name: {
            word: label
            for word, label in words.items()
            if word in first[name]
            or (
                len(word) > 1 and (word in usual[name] or not is_usual_elsewhere(word, label, name))
            )
        }
        for name, words in found.items()
    }


def _first_names(words: Mapping[str, str], count: int = 1) -> dict[str, str]:
    """The first words of each concept -> its label."""
    found: Counter[str] = Counter()
    firsts: dict[str, str] = {}
    for word, label in words.items():
        found[label] += 1
        if found[label] <= count:
            firsts[word] = label
    return firsts


def _colour_words(own: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The words for colours of a language -> English."""
    return {
        normalised(word): meaning
        for meaning, found in own.items()
        if meaning in COLOUR_WORDS
        for word in found
    }


def _feminine_colour(word: str, colours: Mapping[str, str]) -> str:
    """The colour that a keyword is the feminine form of: "roja" of the red apple's label is "rojo"
    and no apple; empty = none."""
    return colours.get(f"{word[:-1]}o", "") if word.endswith("a") else ""


def _only_coloured(word: str, names: Mapping[str, str], colours: Iterable[str]) -> bool:
    """Whether a name is another name with a colour, which would be lost: "rosa roja" is a red rose,
    "coche azul" a blue car. Concepts that have a colour in their label keep theirs."""
    if split_colours(names[word])[0]:
        return False
    parts = word.split()
    for part in parts:
        rest = " ".join(other for other in parts if other != part)
        if rest in names and any(_is_form(part, colour) for colour in colours):
            return True
    return False


def _is_form(word: str, colour: str) -> bool:
    """Whether a word is a colour word or has another ending: "roja", "rote"."""
    stem = colour[:-1] if len(colour) > _STEM - 1 else colour
    return word.startswith(stem) and abs(len(word) - len(colour)) <= _ENDING


def _own_nouns() -> dict[str, dict[str, str]]:
    lines = (RECIPES / "nouns.tsv").read_text("utf-8").splitlines()
    _, *names = lines[0].split("\t")
    nouns: dict[str, dict[str, str]] = {name: {} for name in names}
    for line in lines[1:]:
        label, *cells = line.split("\t")
        for name, cell in zip(names, cells, strict=True):
            nouns[name] |= {normalised(word): label for word in cell.split("/") if word}
    return nouns


def _entries(folder: Path) -> dict[str, Any]:
    """A language's label table by code point."""
    table = json.loads((folder / "data.json").read_text("utf-8"))
    return {entry["hexcode"].lower().replace("-fe0f", ""): entry for entry in table}


def _from_labels(
    entries: dict[str, Any], english: dict[str, Any], concepts: tuple[Concept, ...]
) -> dict[str, str]:
    """Labels, and the keywords that are a part of their label, if they name one concept.

    Other keywords ("jungle" for the monkey) belong to a thing but do not name it. A label that
    names a colour, as the apple's does, keeps it. The label of a standing dog says "dog", so it is
    the dog's.
    """
    owners: dict[str, list[Concept]] = defaultdict(list)
    titles: dict[str, str] = {}
    long_titles: dict[str, str] = {}
    names: set[str] = set()
    for concept in concepts:
        names.add(concept.label)
        entry = entries.get(concept.hexcode)
        if entry is None:
            continue
        label = normalised(entry["label"])
        title = english[concept.hexcode]["label"].lower()
        named = _colour_beside(concept.label, title)
        meant = title if title in names else concept.label
        # "articulated lorry" may be one word elsewhere that says "truck" as well
        into = long_titles if concept.widening >= _WIDE and " " in title else titles
        into.setdefault(label, f"{named} {meant}".strip())
        for tag in dict.fromkeys(map(normalised, entry.get("tags", ()))):
            part = tag in label or (len(tag) >= _STEM and tag[:-1] in label)
            if part and not (named and " " in tag):  # "red apple" is no name of the apple
                owners[tag].append(concept)
    found = {tag: _only_owner(shared) for tag, shared in owners.items()}
    return long_titles | {tag: owner.label for tag, owner in found.items() if owner} | titles


def _colour_beside(label: str, title: str) -> str:
    """The colour that a title says and the label does not."""
    colours = split_colours(title)[0]
    said = label in COLOUR_WORDS or bool(split_colours(label)[0])
    return colours[0] if colours and not said else ""


def _only_owner(shared: Sequence[Concept]) -> Concept | None:
    """The concept that a keyword of several names: the one of which the others are kinds, or the
    only one of those that the recipe had before its wider nouns."""
    base = shared[0]
    if all(f" {concept.label}".endswith(f" {base.label}") for concept in shared):
        return base
    before = [concept for concept in shared if concept.widening < _WIDE]
    return before[0] if len(before) == 1 else None


def main() -> None:
    """Writes the table into the starter model's folder."""
    labels = art.fetch_package(*art.LABELS_PACKAGE)
    tables = build(labels, load_recipe().concepts)
    text = json.dumps(tables, ensure_ascii=False, indent=0, sort_keys=True)
    (STARTER_FOLDER / FILE).write_text(text + "\n", "utf-8")
    for name, words in sorted(tables.items()):
        print(f"{name}: {len(words)} words")


if __name__ == "__main__":
    main()
