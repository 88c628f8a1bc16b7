"""What becomes of the colour that is said of an object."""

from __future__ import annotations

from dataclasses import replace

from engine.composition.traits import traits_of
from engine.prompts.english.colours import said_shade, split_colours
from engine.prompts.vocabulary.concepts import ConceptMatch
from engine.prompts.vocabulary.understanding import object_caption_phrase


def caption_and_shade(phrase: str, match: ConceptMatch, clothes: str = "") -> tuple[str, str]:
    """The caption of an object, and what its colour has to look like, as `str(shades.Colour)`.

    People are asked for without a colour, and what they wear is turned afterwards: told to draw a
    blue superhero, a model that saw none makes the face blue.

    Args:
        clothes: A garment in a colour that can be seen on a person; empty = none was said.
    """
    shade = said_shade(phrase, match.colour, match.concept.label)
    if match.colour and traits_of(match.concept.label).dressed:
        shade = shade or match.colour
        match = replace(match, colour="")
    if clothes and not shade:
        colour = split_colours(clothes)[0][0]
        shade = said_shade(clothes, colour) or colour
    return object_caption_phrase(phrase, match), shade
