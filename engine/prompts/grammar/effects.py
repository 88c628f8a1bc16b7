"""Shadows and glows in the words of a sentence, and whether they are said of one object or all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.prompts.english.words import DETERMINERS

EFFECT_WORDS = {
    "shadow": "soft shadows", "shadows": "soft shadows", "glow": "glow", "glows": "glow",
    "glowing": "glow",
}  # fmt: skip
_DOES = frozenset(("glows", "glowing"))  # "the star glows"
_TAILS = frozenset(("effect", "effects"))
_EVERYTHING = frozenset(("everything", "everyone", "all", "each", "every", "both"))
_OF_THE_LAST = ("a", "an", "its", "his", "her")
_WITH = ("with", "casting")


@dataclass(frozen=True, slots=True)
class SaidEffect:
    """An effect in a piece of a sentence.

    Attributes:
        effect: One of `captions.EFFECTS`.
        rest: What the piece says besides; empty = it was said of what came before.
        of_all: Whether it says so: "everything glows".
        of_last: Whether it was said of one thing: "with a glow".
    """

    effect: str
    rest: list[str]
    of_all: bool = False
    of_last: bool = False


def says_everything(words: Sequence[str]) -> bool:
    """Whether a piece only says of what the next ones are: "each", "both"."""
    return bool(words) and words[0] in _EVERYTHING and _EVERYTHING.issuperset(words)


def effect_of(words: Sequence[str], cut: str, is_thing: Callable[[str], bool]) -> SaidEffect | None:
    """The effect that a piece names: "soft shadows", "a glowing star"; None = none.

    Args:
        cut: The words before the piece.
        is_thing: Whether words end with a known noun.
    """
    kept = [word for word in words if word not in _TAILS]
    named = [EFFECT_WORDS[word] for word in kept if word in EFFECT_WORDS]
    if not named:
        return None
    rest = [word for word in kept if word not in EFFECT_WORDS]
    things = [word for word in rest if word not in DETERMINERS]
    of_all = bool(_EVERYTHING & set(words)) and not is_thing(" ".join(things))
    does = kept[-1] in _DOES and is_thing(" ".join(things))
    if kept[-1] in EFFECT_WORDS and not does:
        of_last = not of_all and cut in _WITH and words[0] in _OF_THE_LAST
        return SaidEffect(named[0], [], of_all, of_last)
    return SaidEffect(named[0], rest)
