"""Which words are a background: the kinds that the models know, places, patterns, and colours."""

from __future__ import annotations

from dataclasses import dataclass

from engine.prompts.english.colours import split_colours
from engine.prompts.english.words import singular

DEFAULT_BACKGROUND = "plain white"
BACKGROUND_COLOURS = (
    "red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "grey", "white", "black",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class BackgroundKind:
    """A family of backgrounds.

    Attributes:
        phrase: With `{}` for each colour it takes ("{} to {} gradient").
        words: Other ways to say it, without colours.
        default_colours: Used when the words name fewer colours.
        related: Words for what is only near to it: nobody who says "forest" means a meadow.
        own_colours: What is in the picture anyway, where the words have no place for a colour.
        turned: Whether all of such a picture can be moved to another colour; 0 = no, else how light
            that may be, of 100.
        on_ground: Whether it is a pattern of one colour on a ground of another.
    """

    phrase: str
    words: tuple[str, ...]
    default_colours: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    own_colours: tuple[str, ...] = ()
    turned: int = 0
    on_ground: bool = False


BACKGROUND_KINDS = (
    BackgroundKind("plain {}", ("plain", "solid", "colour", "flat", "wall", "studio"), ("white",),
                   related=("room", "kitchen", "table", "floor", "street", "office")),
    BackgroundKind("{} gradient", ("gradient", "fade", "blend", "soft"), ("blue",)),
    BackgroundKind("{} to {} gradient", ("two colour gradient",), ("blue", "pink")),
    BackgroundKind("sunset gradient", ("sunset", "sunset sky", "dusk", "sunrise", "dawn"),
                   own_colours=("orange", "red", "pink", "purple", "yellow")),
    BackgroundKind("starry night sky", ("night", "night sky", "stars", "space", "galaxy",
                                        "milky way", "universe", "outer space"),
                   own_colours=("blue", "black"), turned=45),
    BackgroundKind("blue sky with clouds", ("sky", "cloudy sky", "clouds", "day", "air"),
                   own_colours=("blue", "white"), turned=100),
    BackgroundKind("green hills", ("hills", "meadow", "field", "grass", "lawn", "landscape"),
                   related=("forest", "park", "garden", "national park"),
                   own_colours=("green", "blue")),
    BackgroundKind("sandy beach", ("beach", "sand", "shore", "coast"),
                   related=("desert", "island"), own_colours=("yellow", "brown", "blue")),
    BackgroundKind("snowy hills", ("snow", "winter", "snowy field"), related=("ice",),
                   own_colours=("white", "blue")),
    BackgroundKind("{} waves", ("waves", "sea", "ocean", "water"), ("blue",),
                   related=("lake", "river", "underwater"), on_ground=True),
    BackgroundKind("{} polka dots", ("dots", "polka dots", "spots"), ("pink",),
                   related=("confetti",), on_ground=True),
    BackgroundKind("{} stripes", ("stripes", "lines", "striped"), ("blue",), on_ground=True),
    BackgroundKind("{} checks", ("checks", "checkered", "squares"), ("red",),
                   related=("grid", "tiles"), on_ground=True),
    BackgroundKind("{} sunburst", ("sunburst", "rays", "burst", "beams"), ("yellow",),
                   related=("comic",), on_ground=True),
    BackgroundKind("{} bokeh", ("bokeh", "blurred lights", "lights"), ("purple",),
                   related=("glow", "party")),
)  # fmt: skip
# Words that are a background by themselves.
BACKGROUND_NAMES = frozenset(
    word for kind in BACKGROUND_KINDS for word in (*kind.words, *kind.related)
)
# With places that are rather a background than an object.
SCENERY = BACKGROUND_NAMES | {
    "gradient", "starry night sky", "starry sky", "starry night", "green hills", "sandy beach",
    "snowy hills", "night sky", "room", "kitchen", "street", "city", "mountains", "table", "floor",
    "ground", "outdoors", "sea", "seaside", "hill", "jungle", "woods", "rain", "fog", "mist",
    "sunshine", "sunlight", "storm", "cityscape", "skyline",
}  # fmt: skip
# Patterns of one colour on a ground of another.
PATTERN_NAMES = frozenset(
    word for kind in BACKGROUND_KINDS if kind.on_ground for word in kind.words
)
# What a background in any colour is called.
_COLOURED_NAMES = frozenset(
    word
    for kind in BACKGROUND_KINDS
    if "{}" in kind.phrase
    for phrase in (*kind.words, kind.phrase)
    for word in phrase.split()
)
SMALL_WORDS = ("a", "an", "the", "to", "with", "of", "and", "in", "on", "from")


def is_scenery(noun: str) -> bool:
    """Whether a noun is a background rather than an object."""
    return noun in SCENERY or singular(noun) in SCENERY


def takes_colours(words: str) -> bool:
    """Whether colours that follow a background are its own: "a gradient in blue and pink", but not
    "green hills in pink", nor "a blue gradient in pink"."""
    colours, rest = split_colours(words)
    named = set(rest.split()) - set(SMALL_WORDS)
    return not colours and (not named or bool(named & _COLOURED_NAMES))
