"""Shades of colours: words and numbers for colours that the models do not know by name.

The models draw eleven colours. "Navy", "dark green" or "#1a2b3c" is drawn in the nearest of them
and moved to the shade afterwards (`engine.pipelines.background_shades`, `recolouring`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

from engine.prompts.captions import COLOUR_WORDS

Rgb = tuple[float, float, float]  # each in [0, 1]

# What a plain colour word looks like, where it has to be lighter, darker or set.
PLAIN_COLOURS = {
    "red": "#d93636", "orange": "#f28a2e", "yellow": "#fbcf3b", "green": "#3fae56",
    "blue": "#2f7fe0", "purple": "#8a55c7", "pink": "#f78fb8", "brown": "#8a5a3b",
    "grey": "#9aa0a6", "white": "#ffffff", "black": "#1e1f24",
}  # fmt: skip
# The nearest colour that the models know -> shades of it. Those of two words are one word with a
# hyphen here; `join_shades` makes them so.
_TABLE = {
    "red": "crimson c4183c, scarlet e8321f, maroon 6d1a2a, burgundy 7a1730, ruby c2154f, "
           "brick-red a3432f, wine-red 722f3f, blood-red 9c1015, cherry-red cc1a36, "
           "ruby-red c2154f",
    "orange": "coral ff7f5e, peach ffc9a3, apricot fbb57a, terracotta c8643f, rust b1491f, "
              "rust-red a8431f, burnt-orange c4561a",
    "yellow": "gold d6a92c, mustard d3a11e, amber ffb300, mustard-yellow d3a11e, "
              "lemon-yellow fbe94b",
    "green": "lime a8d83a, mint a6e6c8, olive 7d7d2c, emerald 14a06a, sage a3b899, jade 1fa67a, "
             "chartreuse b6e02a, lime-green a8d83a, mint-green a6e6c8, olive-green 7d7d2c, "
             "emerald-green 14a06a, sage-green a3b899, forest-green 22603a, sea-green 2f9a78, "
             "moss-green 7a8a3a, bottle-green 0f4a34, apple-green 8fc73e",
    "blue": "navy 1b2a57, teal 0f8285, turquoise 3cccc4, aqua 54d6dd, cyan 22c7e0, azure 2f8fee, "
            "cobalt 1746b0, petrol 0d5565, ultramarine 2a2fb5, navy-blue 1b2a57, "
            "sky-blue 87c9f0, baby-blue b4dcf5, royal-blue 2f55cf, midnight-blue 171f4a, "
            "steel-blue 4a7ba6, powder-blue b5d6e6, ice-blue d4eef8, cobalt-blue 1746b0, "
            "turquoise-blue 3cccc4",
    "purple": "lavender c7b5ec, lilac c9a3dd, mauve b88bb5, violet 7d3fc4, indigo 3f2f94",
    "pink": "magenta d6249f, fuchsia e0319a, salmon fa8f7c, hot-pink ff4fa3, rose-gold e0a899, "
            "salmon-pink fa8f7c, baby-pink f9cfdd",
    "brown": "beige ecdfc3, tan cfa97a, khaki b9aa78, taupe 8c7b6c, bronze a9713a, "
             "copper b8693c, chocolate-brown 5a3222",
    "grey": "silver c3c7cc, slate 5e6b78, charcoal-grey 45494f, slate-grey 5e6b78",
    "white": "cream fbf1d8, ivory fbf8ea, off-white f5f3ec",
    "black": "charcoal 36393f, anthracite 33373c",
}  # fmt: skip
_SAME = {"gray": "grey", "rosy": "pink", "golden": "yellow", "chocolate": "brown"}
# Share of white (above 0) or black (below 0) that an adjective mixes in.
_MIXED = {
    "light": 0.42, "pale": 0.62, "pastel": 0.55, "dark": -0.45, "deep": -0.3, "bright": 0.0,
    "vivid": 0.0,
}  # fmt: skip
# Share of a light grey that it mixes in.
_GREYED = {"dusty": 0.4, "muted": 0.4}
_GREY = 0.72
SHADES = (*_MIXED, *_GREYED)
_HEX = re.compile(r"# ?([0-9a-f]{6}|[0-9a-f]{3})(?![^\W_])")


def _named() -> dict[str, tuple[str, str]]:
    named = {word: (word, "") for word in COLOUR_WORDS} | {w: (k, "") for w, k in _SAME.items()}
    for known, shades in _TABLE.items():
        for shade in shades.split(", "):
            word, number = shade.split()
            named[word] = (known, f"#{number}")
    for word, (known, number) in list(named.items()):
        if word.endswith("-grey"):
            named[word.replace("-grey", "-gray")] = (known, number)
    return named


_NAMED = _named()  # word -> (colour word of the models, number or "" when it is that colour)
# These are things as well: "a peach and a coral".
NOUN_SHADES = frozenset((
    "coral", "peach", "apricot", "rust", "mustard", "amber", "lime", "mint", "olive",
    "sage", "jade", "salmon", "chocolate", "bronze", "copper", "cream", "lavender",
    "ruby", "emerald", "slate", "charcoal", "petrol",
))  # fmt: skip
_TWO_WORDS = re.compile(
    r"(?<![\w-])(" + "|".join(
        word.replace("-", " ") for word in sorted(_NAMED, key=len, reverse=True) if "-" in word
    ) + r")(?![\w-])"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Colour:
    """A colour that was asked for.

    Attributes:
        word: The nearest that the models know, one of `captions.COLOUR_WORDS`.
        number: What it has to look like, such as "#1b2a57"; empty = as the models draw it.
    """

    word: str
    number: str = ""

    def __str__(self) -> str:
        return f"{self.word} {self.number}".strip()

    @classmethod
    def read(cls, text: str) -> Colour:
        """The inverse of `str`: "blue #1b2a57"; a record may hold anything."""
        word, _, number = text.strip().partition(" ")
        return cls(word, number if _HEX.fullmatch(number) else "")

    @property
    def rgb(self) -> Rgb:
        """What it looks like, or is to look like."""
        return rgb_of(self.number or PLAIN_COLOURS.get(self.word, "#808080"))


def rgb_of(number: str) -> Rgb:
    """Of "#1b2a57" or "#abc"."""
    digits = number.removeprefix("#")
    digits = digits if len(digits) == 6 else "".join(2 * digit for digit in digits)
    red, green, blue = (int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4))
    return red, green, blue


def join_shades(text: str) -> str:
    """A sentence in lower case with each shade as one word: "sky blue" -> "sky-blue", and the
    number of a colour without a space, which reading other languages puts there."""
    return _TWO_WORDS.sub(lambda match: match[0].replace(" ", "-"), _HEX.sub(r"#\1", text))


def known_colour(word: str) -> str:
    """The colour word of the models for a single word, or an empty string."""
    plain = word.strip(",.;").lower()
    if plain in _NAMED:
        return _NAMED[plain][0]
    return _nearest(plain) if _HEX.fullmatch(plain) else ""


def shade(word: str, adjectives: Sequence[str] = ()) -> Colour:
    """A colour word or number with what was said before it: "navy", or "dark" and "green".

    Raises:
        ValueError: It is no colour.
    """
    plain = word.strip(",.;").lower()
    known = known_colour(plain)
    if not known:
        raise ValueError(f"{word} is no colour")
    number = _NAMED[plain][1] if plain in _NAMED else _long(plain)
    greyed = max((_GREYED.get(adjective, 0.0) for adjective in adjectives), default=0.0)
    if greyed:
        rgb = rgb_of(number or PLAIN_COLOURS[known])
        number = _mixed_with(rgb, greyed, _GREY)
    mixed = sum(_MIXED.get(adjective, 0.0) for adjective in adjectives)
    if not mixed or (known in ("white", "black") and (mixed > 0) == (known == "white")):
        return Colour(known, number)
    rgb = rgb_of(number or PLAIN_COLOURS[known])
    return Colour(known, _mixed_with(rgb, abs(mixed), float(mixed > 0)))


def _long(number: str) -> str:
    return "#" + "".join(f"{round(255 * value):02x}" for value in rgb_of(number))


def _mixed_with(rgb: Rgb, share: float, towards: float) -> str:
    share = min(share, 0.85)
    mixed = (value + (towards - value) * share for value in rgb)
    return "#" + "".join(f"{round(255 * value):02x}" for value in mixed)


def to_lab(rgb: Sequence[float]) -> tuple[float, float, float]:
    """CIE Lab of one colour."""
    pixel = np.array([[rgb]], np.float32)
    light, a, b = cv2.cvtColor(pixel, cv2.COLOR_RGB2LAB)[0, 0]
    return float(light), float(a), float(b)


@cache
def _nearest(number: str) -> str:
    """The colour word whose shades are nearest to a colour, as people see it."""
    own = to_lab(rgb_of(number))

    def away(entry: tuple[str, str]) -> float:
        other = to_lab(rgb_of(entry[1] or PLAIN_COLOURS[entry[0]]))
        return sum((a - b) ** 2 for a, b in zip(own, other, strict=True))

    return min(_NAMED.values(), key=away)[0]
