"""Recipe files: which concepts and styles a model is trained on."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

RECIPES = Path(__file__).resolve().parent / "recipes"
CONCEPT_TABLES = ("concepts", "added_concepts", "wider_concepts")  # by widening


@dataclass(frozen=True, slots=True)
class Concept:
    """One noun and the code point of its drawings.

    Attributes:
        widening: With which widening of the recipe it came; 0 is the first recipe.
    """

    label: str
    hexcode: str
    widening: int = 0


@dataclass(frozen=True, slots=True)
class Recipe:
    """What to train on.

    Attributes:
        name: File stem; part of the data hash.
        styles: Art sets (keys of `art.sources.SETS`) used as style words.
    """

    name: str
    styles: tuple[str, ...]
    concepts: tuple[Concept, ...]


def load_recipe(name: str = "starter") -> Recipe:
    """Reads `recipes/NAME.toml`.

    Raises:
        FileNotFoundError: There is no such recipe.
    """
    data = tomllib.loads((RECIPES / f"{name}.toml").read_text("utf-8"))
    concepts = [
        Concept(label, code, widening)
        for widening, table in enumerate(CONCEPT_TABLES)
        for label, code in data.get(table, {}).items()
    ]
    return Recipe(data["name"], tuple(data["styles"]), tuple(concepts))
