"""Backgrounds that are drawn here, and the words for them."""

from __future__ import annotations

import numpy as np

from engine.prompts.english.scenery import BACKGROUND_KINDS
from engine.prompts.vocabulary.backgrounds import BackgroundTable
from engine.training.art.backgrounds import draw_background
from tests.helpers.letter_vectors import letter_vectors


def test_every_drawn_background_is_understood_as_itself() -> None:
    backgrounds = BackgroundTable(letter_vectors)
    rng = np.random.default_rng(0)
    phrases = {draw_background(16, 16, rng).phrase for _ in range(150)}
    assert len(phrases) > len(BACKGROUND_KINDS)
    for phrase in phrases:
        match = backgrounds.nearest(f"a {phrase} background")
        assert (match.phrase, match.exact) == (phrase, True)
