"""The nouns the starter model knows, and which of them stands for any phrase.

The model draws what it was trained on. A phrase is answered by the concept with that name, else by
one with that keyword or synonym, else by the nearest in meaning; the caller tells the user when it
differs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import CheckpointError
from engine.prompts.colours import split_colours
from engine.prompts.matching import PhraseTable, SentenceVectors
from engine.sentences import sentence

if TYPE_CHECKING:
    from torch import Tensor

SYNONYMS_FILE = "synonyms.json"
_FILLERS = ("a", "an", "the", "some", "one", "my", "little", "small", "big", "large", "cute", "of")


@dataclass(frozen=True, slots=True)
class Concept:
    """One noun.

    Attributes:
        label: The word for captions.
        hexcode: Code point of the drawings it was learned from.
        tags: Other words for it.
        aspect: Width over height of its drawing; boxes of this shape suit it.
        colour: Colour word of its own drawing.
    """

    label: str
    hexcode: str
    tags: tuple[str, ...]
    aspect: float
    colour: str


@dataclass(frozen=True, slots=True)
class ConceptMatch:
    """The concept that stands for a phrase.

    Attributes:
        colour: Colour word found in the phrase, or "".
        exact: The phrase named the concept by its label (singular or plural).
        similarity: 1 when exact or found by keyword, else the cosine of the sentence vectors.
    """

    concept: Concept
    colour: str
    exact: bool
    similarity: float

    @property
    def phrase(self) -> str:
        """Colour and label, for captions: "red apple"."""
        return f"{self.colour} {self.concept.label}" if self.colour else self.concept.label


class ConceptTable:
    """All concepts with their sentence vectors.

    Args:
        vectors: Encodes phrases (`SentenceEncoder.embed`).
        known: Unit vectors of the concepts' labels, `n d`; computed when None.
        synonyms: Further words -> label; "poodle" is a dog.
    """

    def __init__(
        self,
        concepts: list[Concept],
        vectors: SentenceVectors,
        known: Tensor | None = None,
        synonyms: Mapping[str, str] | None = None,
    ) -> None:
        self.concepts = concepts
        self._by_label = {c.label: c for c in concepts}
        by_synonym = {
            word: self._by_label[label]
            for word, label in (synonyms or {}).items()
            if label in self._by_label
        }
        self._by_tag = by_synonym | _unambiguous_tags(concepts)
        entries = [(concept.label, index) for index, concept in enumerate(concepts)]
        self._table = PhraseTable(entries, vectors, known)

    def by_label(self, label: str) -> Concept | None:
        """The concept of exactly this label."""
        return self._by_label.get(label)

    def nearest(self, phrase: str) -> ConceptMatch:
        """The concept for a noun phrase such as "a red apple" or "two puppies"; never fails."""
        colours, rest = split_colours(phrase)
        words = [word.strip(",.;!?'\"") for word in rest.split()]
        noun = " ".join(word for word in words if word not in _FILLERS)
        if not noun and colours:  # "an orange": the colour word was the noun
            noun = phrase.lower().split()[-1].strip(",.;!?")
            colours = colours[:-1]
        colour = colours[0] if colours else ""
        for form in _forms(noun):
            if form in self._by_label:
                return ConceptMatch(self._by_label[form], colour, True, 1.0)
        for form in _forms(noun):
            if form in self._by_tag:
                return ConceptMatch(self._by_tag[form], colour, False, 1.0)
        index, similarity = self._table.nearest(noun or phrase)
        return ConceptMatch(self.concepts[index], colour, False, similarity)


def _forms(noun: str) -> list[str]:
    """The noun and its likely singulars, also of its last word alone as a fallback."""
    forms = [noun]
    for ending, replacement in (("ies", "y"), ("ves", "f"), ("es", ""), ("s", "")):
        if noun.endswith(ending):
            forms.append(noun.removesuffix(ending) + replacement)
    forms.append(noun + "s")  # "scissor" and "headphone" are known in the plural
    return forms


def _unambiguous_tags(concepts: list[Concept]) -> dict[str, Concept]:
    """Keywords that belong to one concept only; "animal" or "food" would say nothing."""
    owners: dict[str, list[Concept]] = {}
    for concept in concepts:
        for tag in concept.tags:
            owners.setdefault(tag.lower(), []).append(concept)
    return {tag: found[0] for tag, found in owners.items() if len(found) == 1}


def load_concepts(folder: Path, vectors: SentenceVectors) -> ConceptTable:
    """Reads `concepts.json` and `concepts.safetensors` of a starter model's folder.

    Raises:
        CheckpointError: A file is missing or not what it should be.
    """
    from safetensors.torch import load_file

    try:
        rows = json.loads((folder / "concepts.json").read_text("utf-8"))
        concepts = [
            Concept(r["label"], r["hexcode"], tuple(r["tags"]), r["aspect"], r["colour"])
            for r in rows
        ]
        known = load_file(folder / "concepts.safetensors")["labels"].float()
        synonyms = json.loads((folder / SYNONYMS_FILE).read_text("utf-8"))
        table = ConceptTable(concepts, vectors, known, dict(synonyms))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CheckpointError(
            sentence(
                "The concept table in {folder} cannot be read; reinstall Layerloom.", folder=folder
            ),
            str(error),
        ) from error
    return table
