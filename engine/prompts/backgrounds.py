"""What the models know as a background: kinds, their phrases, and the nearest one to any words."""

from __future__ import annotations

from dataclasses import dataclass

from engine.prompts.colours import split_colours
from engine.prompts.matching import PhraseTable, SentenceVectors

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
    """

    phrase: str
    words: tuple[str, ...]
    default_colours: tuple[str, ...] = ()


BACKGROUND_KINDS = (
    BackgroundKind("plain {}", ("plain", "solid", "colour", "flat", "wall", "studio"), ("white",)),
    BackgroundKind("{} gradient", ("gradient", "fade", "blend", "soft"), ("blue",)),
    BackgroundKind("{} to {} gradient", ("two colour gradient",), ("blue", "pink")),
    BackgroundKind("sunset gradient", ("sunset", "sunset sky", "dusk", "sunrise", "dawn")),
    BackgroundKind("starry night sky", ("night", "night sky", "stars", "space", "galaxy",
                                        "milky way", "universe", "outer space")),
    BackgroundKind("blue sky with clouds", ("sky", "cloudy sky", "clouds", "day", "air")),
    BackgroundKind("green hills", ("hills", "meadow", "field", "grass", "lawn", "park", "landscape",
                                   "garden", "forest", "national park")),
    BackgroundKind("sandy beach", ("beach", "sand", "desert", "shore", "coast", "island")),
    BackgroundKind("snowy hills", ("snow", "winter", "ice", "snowy field")),
    BackgroundKind("{} waves", ("waves", "sea", "ocean", "water", "lake", "river", "underwater"),
                   ("blue",)),
    BackgroundKind("{} polka dots", ("dots", "polka dots", "spots", "confetti"), ("pink",)),
    BackgroundKind("{} stripes", ("stripes", "lines", "striped"), ("blue",)),
    BackgroundKind("{} checks", ("checks", "checkered", "grid", "squares", "tiles"), ("red",)),
    BackgroundKind("{} sunburst", ("sunburst", "rays", "burst", "beams", "comic"), ("yellow",)),
    BackgroundKind("{} bokeh", ("bokeh", "blurred lights", "glow", "lights", "party"), ("purple",)),
)  # fmt: skip
# Words that are a background by themselves.
BACKGROUND_NAMES = frozenset(word for kind in BACKGROUND_KINDS for word in kind.words)


@dataclass(frozen=True, slots=True)
class BackgroundMatch:
    """The known background that stands for some words.

    Attributes:
        phrase: What goes into the caption, e.g. "blue to pink gradient".
        exact: The words named it themselves.
        similarity: Cosine of the sentence vectors, 1 when exact.
    """

    phrase: str
    exact: bool
    similarity: float


class BackgroundTable:
    """Finds the nearest known background."""

    def __init__(self, vectors: SentenceVectors) -> None:
        entries = [
            (word, index) for index, kind in enumerate(BACKGROUND_KINDS) for word in kind.words
        ]
        self._table = PhraseTable(entries, vectors)

    def nearest(self, words: str) -> BackgroundMatch:
        """The known background nearest to any words; empty words give the default one."""
        text = words.lower().replace("background", " ").replace("backdrop", " ").strip()
        if not text:
            return BackgroundMatch(DEFAULT_BACKGROUND, True, 1.0)
        colours, rest = split_colours(text)
        named = [colour for colour in colours if colour in BACKGROUND_COLOURS]
        if not rest or rest in ("plain", "to", "and"):
            kind = BACKGROUND_KINDS[0] if len(named) < 2 else BACKGROUND_KINDS[2]
            return BackgroundMatch(_fill(kind, named), True, 1.0)
        index, similarity, exact = self._lookup(rest)
        if index == 1 and len(named) > 1:
            index = 2
        return BackgroundMatch(_fill(BACKGROUND_KINDS[index], named), exact, similarity)

    def _lookup(self, rest: str) -> tuple[int, float, bool]:
        """Kind by its own phrase, by a word of it, then by meaning."""
        plain = " ".join(w for w in rest.split() if w not in ("a", "an", "the", "to", "with", "of"))
        for index, kind in enumerate(BACKGROUND_KINDS):
            head = " ".join(w for w in kind.phrase.split() if w not in ("{}", "to", "with"))
            if plain in (head, split_colours(head)[1].replace("with ", ""), *kind.words):
                return index, 1.0, True
        index, similarity = self._table.nearest(plain or rest)
        return index, similarity, False


def _fill(kind: BackgroundKind, colours: list[str]) -> str:
    wanted = kind.phrase.count("{}")
    chosen = (colours + [c for c in kind.default_colours if c not in colours])[:wanted]
    return kind.phrase.format(*chosen)
