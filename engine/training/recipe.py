"""Recipe files: which concepts and styles a model is trained on."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

RECIPES = Path(__file__).resolve().parent / "recipes"


@dataclass(frozen=True, slots=True)
class Concept:
    """One noun and the code point of its drawings.

    Attributes:
        added: Whether it came with the last widening of the recipe.
    """

    label: str
    hexcode: str
    added: bool = False


@dataclass(frozen=True, slots=True)
class Recipe:
    """What to train on.

    Attributes:
        name: File stem; part of the data hash.
        styles: Art sets (keys of `artwork_sources.SETS`) used as style words.
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
    known = [Concept(label, code) for label, code in data["concepts"].items()]
    added = [Concept(label, code, True) for label, code in data.get("added_concepts", {}).items()]
    return Recipe(data["name"], tuple(data["styles"]), (*known, *added))
