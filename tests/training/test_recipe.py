"""The recipe: its concepts keep their order."""

from __future__ import annotations

import pytest

from engine.training import icon_data
from engine.training.art import sources
from engine.training.icon_data import list_items
from engine.training.recipe import Concept, Recipe, load_recipe


def test_the_recipe_keeps_its_first_concepts_first() -> None:
    concepts = load_recipe().concepts
    widenings = [concept.widening for concept in concepts]
    assert widenings == sorted(widenings)
    assert set(widenings) == {0, 1, 2, 3}
    assert len({concept.hexcode for concept in concepts}) == len(concepts)


def test_figures_have_no_copies_in_other_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(icon_data, "colour_word", lambda _drawing, _body: "yellow")
    monkeypatch.setattr(sources, "tight_render", lambda _style, _code: None)
    concepts = (Concept("heart hands", "1faf6", 3, figure=True), Concept("pennant", "1f6a9", 3))
    items = list_items(Recipe("small", ("flat",), concepts))
    assert [item.label for item in items if item.recolour] == ["pennant"] * 7
