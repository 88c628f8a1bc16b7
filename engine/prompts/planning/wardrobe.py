"""What becomes of what a person wears: the colour of the clothes that are drawn, or a note."""

from __future__ import annotations

from collections.abc import Sequence

from engine.composition.traits import Worn, traits_of
from engine.prompts.english.colours import split_colours
from engine.prompts.grammar.parsed import Ignored, Reason
from engine.prompts.vocabulary.concepts import Concept
from engine.prompts.vocabulary.vocabulary import Vocabulary


def coloured_clothes(worn: Sequence[str], concept: Concept, words: Vocabulary) -> str:
    """The garment whose colour the drawing's clothes get: "blue coat"; empty = there is none.

    Args:
        worn: Garments, in English.
        concept: What stands for the person.
    """
    if not traits_of(concept.label).shows_clothes:
        return ""
    on_body = (garment for garment in worn if words.worn(garment) is Worn.BODY)
    return next((garment for garment in on_body if split_colours(garment)[0]), "")


def not_shown(worn: Sequence[str], concept: Concept, words: Vocabulary) -> list[Ignored]:
    """The garments that the drawing may not show, for the notes."""
    shown = coloured_clothes(worn, concept, words)
    reason = Reason.HEAD if traits_of(concept.label).head else Reason.FEATURE
    return [Ignored(garment, reason) for garment in worn if garment != shown]
