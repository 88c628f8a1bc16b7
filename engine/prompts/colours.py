"""Colour words in phrases: which one is meant, and what is left of the phrase."""

from __future__ import annotations

import itertools

from engine.prompts.captions import COLOUR_WORDS

_SYNONYMS = {
    "gray": "grey", "silver": "grey", "crimson": "red", "scarlet": "red", "maroon": "red",
    "ruby": "red", "navy": "blue", "azure": "blue", "cyan": "blue", "turquoise": "blue",
    "teal": "blue", "violet": "purple", "lilac": "purple", "lavender": "purple",
    "magenta": "pink", "rosy": "pink", "golden": "yellow", "lime": "green", "emerald": "green",
    "beige": "brown", "tan": "brown", "chocolate": "brown", "cream": "white", "ivory": "white",
}  # fmt: skip
SHADES = ("light", "dark", "bright", "pale", "deep", "pastel")


def split_colours(phrase: str) -> tuple[list[str], str]:
    """ "a dark navy car" -> (["blue"], "a car").

    A colour word that ends the phrase stays a noun when nothing but articles would be left: "an
    orange" is the fruit, "lime" too. Shades beside a colour are dropped with it.
    """
    words = [part for word in phrase.lower().split() for part in _parts(word)]
    colours = [canonical_colour(word) for word in words]
    for index, pair in enumerate(itertools.pairwise(words)):
        if pair == ("ice", "cream"):
            colours[index + 1] = ""
    rest = [w for w, c in zip(words, colours, strict=True) if not c]
    if any(colours):
        rest = [word for word in rest if word not in SHADES]
    return [c for c in colours if c], " ".join(rest)


def _parts(word: str) -> list[str]:
    """Words of a hyphenated one: "wine-red" is red, "blue-haired" says nothing of the whole."""
    parts = word.split("-")
    if parts in ([word], ["ice", "cream"]):
        return parts
    if canonical_colour(parts[-1]):
        return [part for part in parts if canonical_colour(part)]
    if canonical_colour(parts[0]) and parts[-1].endswith("ed"):
        return parts[:1] if parts[-1] in ("coloured", "colored") else []
    return parts


def canonical_colour(word: str) -> str:
    """The colour word the models know for this word, or an empty string."""
    plain = word.strip(",.;").lower()
    return plain if plain in COLOUR_WORDS else _SYNONYMS.get(plain, "")
