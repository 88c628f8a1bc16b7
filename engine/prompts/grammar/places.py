"""Whether a piece of a sentence says what is behind everything: "on a beach", "stormy sea"."""

from __future__ import annotations

from collections.abc import Sequence

from engine.composition.relations import Relation
from engine.prompts.english.scenery import SCENERY, is_scenery
from engine.prompts.english.words import BACKGROUND_WORDS, DETERMINERS
from engine.prompts.grammar.counting import names_counted
from engine.prompts.grammar.nouns import Nouns
from engine.prompts.grammar.phrases import names_colours, noun_of
from engine.prompts.grammar.segments import Segment

_ALWAYS_BACKGROUND = frozenset(("gradient", "gradients", "sky"))
# By themselves nothing but a background: "stormy sea", but a "coffee table" is a thing.
_LANDSCAPES = frozenset((
    "sea", "ocean", "forest", "hills", "meadow", "field", "lake", "river", "landscape", "room",
    "kitchen", "street", "city", "mountains", "jungle", "woods", "garden", "park", "skyline",
))  # fmt: skip


def is_background(
    words: Sequence[str], segment: Segment, nouns: Nouns, *, beside_objects: bool
) -> bool:
    """Whether a piece names the background, by its words and by what stands before them.

    Args:
        beside_objects: Whether an object was named before.
    """
    noun = noun_of(words, nouns)
    if "sky" in words[:-1] and names_counted(words, nouns):  # "two sky lanterns"
        return False
    if (
        _says_background(words, beside_objects=beside_objects)
        or "sky" in words
        or (segment.is_place and names_colours(words))
    ):
        return True
    if is_scenery(noun):
        return segment.is_place or not nouns.knows_either(noun)
    if words[-1] in SCENERY:  # "in an empty room", "stormy sea", "on the ocean waves"
        whole = all(word in SCENERY or word in DETERMINERS for word in words)
        wide = segment.is_place or words[-1] in _LANDSCAPES
        unknown = "of" not in words and not nouns.ends_known_either(words)
        if (segment.is_place and whole) or (wide and unknown):
            return True
    under = segment.relation is Relation.BELOW and nouns.heard(noun)  # "under a parasol"
    if not segment.is_place or under:
        return False
    # "a cat on a bed", "on a bed a cat": the bed is drawn
    return not nouns.ends_known_either(noun.split())


def _says_background(words: Sequence[str], *, beside_objects: bool) -> bool:
    return (
        bool(_ALWAYS_BACKGROUND & set(words))
        or bool(BACKGROUND_WORDS & set(words))
        or (beside_objects and words == ["transparent"])
    )
