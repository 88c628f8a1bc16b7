"""Scores of the decoder are of drawings that it has never seen."""

from __future__ import annotations

from engine.training.codec.score import trained_codes
from engine.training.recipe import load_recipe


def test_the_codec_is_scored_with_concepts_it_never_trains_on() -> None:
    concepts = load_recipe().concepts
    held_out = {concept.hexcode for concept in concepts if concept.widening >= 2}
    assert len(held_out) > 60
    assert not held_out & trained_codes()
    assert len(trained_codes()) == len(concepts) - len(held_out)
