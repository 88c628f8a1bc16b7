"""The recipe: its concepts keep their order."""

from __future__ import annotations

from engine.training.recipe import load_recipe


def test_the_recipe_keeps_its_first_concepts_first() -> None:
    concepts = load_recipe().concepts
    widenings = [concept.widening for concept in concepts]
    assert widenings == sorted(widenings)
    assert set(widenings) == {0, 1, 2}
    assert len({concept.hexcode for concept in concepts}) == len(concepts)
