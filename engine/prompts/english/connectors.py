"""The words that join the pieces of a sentence, and where they say one thing is."""

from __future__ import annotations

from collections.abc import Sequence

from engine.composition.relations import Relation

COMMA = ","  # stands for every punctuation mark
COLON = ":"  # but for this one, until `briefs` has read what stands before it


# Longest first: the first that fits at a place wins. None as a relation = only a separator; the
# flag says whether what follows may be a background ("a place").
_CONNECTORS: tuple[tuple[str, Relation | None, bool], ...] = (
    ("to the left of", Relation.LEFT_OF, False),
    ("to the right of", Relation.RIGHT_OF, False),
    ("on the left of", Relation.LEFT_OF, False),
    ("on the right of", Relation.RIGHT_OF, False),
    ("in the middle of", None, True),
    ("in the shape of", None, False),
    ("in front of", Relation.IN_FRONT_OF, True),
    ("on top of", Relation.ON, True),
    ("as well as", None, False),
    ("walking to", None, True),
    ("walks to", None, True),
    ("going to", None, True),
    ("flying to", None, True),
    ("running to", None, True),
    ("to the", None, True),  # not "to" alone, which joins the colours of a gradient
    ("to an", None, True),
    ("to a", None, True),
    ("full of", None, False),
    ("filled with", None, False),
    ("covered in", None, False),
    ("covered with", None, False),
    ("decorated with", None, False),
    ("hatching from", Relation.IN, False),
    ("coming out of", Relation.IN, False),
    ("out of", Relation.IN, False),
    ("surrounded by", Relation.BESIDE, False),
    ("together with", Relation.BESIDE, False),
    ("playing with", Relation.BESIDE, False),
    ("along with", Relation.BESIDE, False),
    ("plays with", Relation.BESIDE, False),
    ("waiting for", Relation.BESIDE, False),
    ("looking for", Relation.BESIDE, False),
    ("looking at", Relation.BESIDE, False),
    ("looks at", Relation.BESIDE, False),
    ("left of", Relation.LEFT_OF, False),
    ("right of", Relation.RIGHT_OF, False),
    ("shaped like", None, False),
    ("dressed as", None, False),
    ("look like", None, False),
    ("looks like", None, False),
    ("looking like", None, False),
    ("next to", Relation.BESIDE, False),
    ("close to", Relation.BESIDE, False),
    ("and", None, False),
    ("plus", None, False),
    ("versus", Relation.BESIDE, False),
    ("vs", Relation.BESIDE, False),
    ("with", None, False),
    ("between", Relation.BETWEEN, False),
    ("among", Relation.BESIDE, True),
    ("near", Relation.BESIDE, True),
    ("beside", Relation.BESIDE, False),
    ("besides", Relation.BESIDE, False),
    ("behind", Relation.BEHIND, False),
    ("above", Relation.ABOVE, True),
    ("over", Relation.ABOVE, True),
    ("under", Relation.BELOW, True),
    ("underneath", Relation.BELOW, True),
    ("below", Relation.BELOW, True),
    ("beneath", Relation.BELOW, True),
    ("riding", Relation.ON, False),
    ("rides", Relation.ON, False),
    ("wearing", None, False),
    ("wears", None, False),
    ("holding", None, False),
    ("holds", None, False),
    ("carrying", None, False),
    ("carries", None, False),
    ("eating", None, False),
    ("eats", None, False),
    ("playing", None, False),
    ("plays", None, False),
    ("reading", None, False),
    ("reads", None, False),
    ("driving", None, False),
    ("drives", None, False),
    ("showing", None, False),
    ("featuring", None, False),
    ("depicting", None, False),
    ("containing", None, False),
    ("including", None, False),
    ("chasing", Relation.BESIDE, False),
    ("casting", None, False),
    ("against", Relation.IN_FRONT_OF, True),
    ("before", Relation.IN_FRONT_OF, True),
    ("onto", Relation.ON, True),
    ("upon", Relation.ON, True),
    ("on", Relation.ON, True),
    ("towards", None, True),
    ("toward", None, True),
    ("into", Relation.IN, True),
    ("inside", Relation.IN, True),
    ("in", Relation.IN, True),
    ("at", None, True),
    ("during", None, True),
    ("by", Relation.BESIDE, True),
    ("across", None, True),
    ("around", Relation.BESIDE, True),
    ("while", None, False),
    ("like", None, False),
    ("as", None, False),
    ("or", None, False),
    ("through", None, True),
)
# What follows these is no other thing, but how the thing before looks.
SIMILES = frozenset((
    "in the shape of", "shaped like", "dressed as", "look like", "looks like", "looking like",
    "like", "as",
))  # fmt: skip
CONNECTOR_WORDS = frozenset(word for words, _, _ in _CONNECTORS for word in words.split())


def _by_first_word() -> dict[str, list[tuple[tuple[str, ...], Relation | None, bool]]]:
    """The connectors that begin with a word, in their order."""
    found: dict[str, list[tuple[tuple[str, ...], Relation | None, bool]]] = {}
    for words, relation, place in _CONNECTORS:
        split = tuple(words.split())
        found.setdefault(split[0], []).append((split, relation, place))
    return found


_BY_FIRST_WORD = _by_first_word()


def cut_at(tokens: Sequence[str], index: int) -> tuple[int, Relation | None, bool]:
    """(number of tokens, relation, may be a place) of the cut that begins here; 0 = none."""
    if tokens[index] == COMMA:
        return 1, None, False
    for words, relation, place in _BY_FIRST_WORD.get(tokens[index], ()):
        if tuple(tokens[index : index + len(words)]) == words:
            return len(words), relation, place
    return 0, None, False
