"""Recipe files: which concepts and styles a model is trained on."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

RECIPES = Path(__file__).resolve().parent / "recipes"
# Tables of a recipe and with which widening they came.
CONCEPT_TABLES = {
    "concepts": 0,
    "added_concepts": 1,
    "wider_concepts": 2,
    "sign_concepts": 3,
    "figure_concepts": 3,
}
_FIGURES = "figure_concepts"


@dataclass(frozen=True, slots=True)
class Concept:
    """One noun and the code point of its drawings.

    Attributes:
        widening: With which widening of the recipe it came; 0 is the first recipe.
        figure: A face, a hand or a person: it is not drawn in other colours.
    """

    label: str
    hexcode: str
    widening: int = 0
    figure: bool = False


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
        Concept(label, code, widening, figure=table == _FIGURES)
        for table, widening in CONCEPT_TABLES.items()
        for label, code in data.get(table, {}).items()
    ]
    return Recipe(data["name"], tuple(data["styles"]), tuple(concepts))
