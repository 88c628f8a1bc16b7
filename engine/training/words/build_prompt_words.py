"""Writes the words of other languages that stand for the model's vocabulary.

Run: `python -m engine.training.words.build_prompt_words`. Sources: `recipes/nouns.tsv` and
`recipes/prompt_words.toml` (ours), and the label tables of emojibase (MIT) for all its languages.
"""

from __future__ import annotations

import json
import tomllib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from engine.checkpoints.starter import STARTER_FOLDER
from engine.prompts.captions import COLOUR_WORDS
from engine.prompts.colours import split_colours
from engine.prompts.languages import FILE, normalised
from engine.training.art import sources as art
from engine.training.recipe import CONCEPT_TABLES, RECIPES, Concept, load_recipe

_SAME = {"es-mx": "es"}  # tables that add to another one
_ENGLISH = ("en", "en-gb")
_LATEST = len(CONCEPT_TABLES) - 1
_STEM = 4  # a keyword of this length may end otherwise inside the label


def build(labels: Path, concepts: tuple[Concept, ...]) -> dict[str, dict[str, str]]:
    """Language -> foreign words -> English; our own entries win over the tables."""
    small = tomllib.loads((RECIPES / "prompt_words.toml").read_text("utf-8"))
    nouns = _own_nouns()
    english = _entries(labels / "en")
    tables: dict[str, dict[str, str]] = {}
    for folder in sorted(labels.iterdir()):
        if not (folder / "data.json").exists() or folder.name in _ENGLISH:
            continue
        name = _SAME.get(folder.name, folder.name)
        words = tables.setdefault(name, {})
        colours = _colour_words(small.get(name, {}))
        entries = _entries(folder)
        titles = {normalised(entry["label"]) for entry in entries.values()}
        for word, label in _from_labels(entries, english, concepts).items():
            colour = "" if word in titles else _feminine_colour(word, colours)
            words.setdefault(word, colour or label)
    for name, words in tables.items():
        words.update(nouns.get(name, {}))
        for meaning, found in small.get(name, {}).items():
            words.update({normalised(word): meaning for word in found})
    return tables


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
        into = long_titles if concept.widening == _LATEST and " " in title else titles
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
    only one of those that the recipe had before its last widening."""
    base = shared[0]
    if all(f" {concept.label}".endswith(f" {base.label}") for concept in shared):
        return base
    before = [concept for concept in shared if concept.widening < _LATEST]
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
