"""The background that is nearest to any words, and the shades that its colours have to have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.prompts.english.colours import split_colours, split_shades
from engine.prompts.english.scenery import (
    BACKGROUND_KINDS,
    BACKGROUND_NAMES,
    DEFAULT_BACKGROUND,
    SMALL_WORDS,
    BackgroundKind,
)
from engine.prompts.english.shades import PLAIN_COLOURS, Colour, to_lab
from engine.prompts.english.words import nearest_spelling
from engine.prompts.vocabulary.matching import PhraseTable, SentenceVectors

_PLAIN, _GRADIENT, _TWO_COLOURS = (
    [kind.phrase for kind in BACKGROUND_KINDS].index(phrase)
    for phrase in ("plain {}", "{} gradient", "{} to {} gradient")
)
_SLIP = 0.9  # similarity of a background whose name was misspelled
_ONLY_LIGHT = {"light": "white", "bright": "white", "pale": "white", "dark": "black"}
_PALE = 75  # of 100: drawn as light, a pale pattern keeps its ground
_UNDRAWABLE = ("white", "brown")  # as patterns: on their own tint there is nothing to see, or dark


@dataclass(frozen=True, slots=True)
class BackgroundMatch:
    """The known background that stands for some words.

    Attributes:
        phrase: What goes into the caption, e.g. "blue to pink gradient".
        exact: The words named it themselves.
        similarity: Cosine of the sentence vectors, 1 when exact.
        shades: What its colours shall look like, as `engine.pipelines.background_shades` reads it;
            empty = as the models draw them.
        missed: Colours that were asked for and that this background cannot have.
    """

    phrase: str
    exact: bool
    similarity: float
    shades: str = ""
    missed: tuple[Colour, ...] = ()


class BackgroundTable:
    """Finds the nearest known background."""

    def __init__(self, vectors: SentenceVectors) -> None:
        entries = [
            (word, index)
            for index, kind in enumerate(BACKGROUND_KINDS)
            for word in (*kind.words, *kind.related)
        ]
        self._table = PhraseTable(entries, vectors)

    def nearest(self, words: str) -> BackgroundMatch:
        """The known background nearest to any words; empty words give the default one."""
        text = words.lower().replace("background", " ").replace("backdrop", " ").strip()
        if not text:
            return BackgroundMatch(DEFAULT_BACKGROUND, True, 1.0)
        colours, rest = split_shades(text)
        if not colours and rest in _ONLY_LIGHT:
            colours, rest = [Colour(_ONLY_LIGHT[rest])], ""
        said = [word for word in rest.split() if word not in SMALL_WORDS]
        if not said or said == ["plain"]:
            index, similarity, exact = _PLAIN, 1.0, True
        else:
            index, similarity, exact = self._lookup(" ".join(said))
        if index in (_PLAIN, _GRADIENT) and len(colours) > 1:
            index = _TWO_COLOURS
        kind = BACKGROUND_KINDS[index]
        if kind.on_ground and colours and _names_only_the_ground(text):
            colours = [_seen_on(colours[0], kind), *colours]
        return _in_colours(kind, colours, BackgroundMatch("", exact, similarity))

    def _lookup(self, plain: str) -> tuple[int, float, bool]:
        """Kind by its own phrase, by a word of it, then by meaning."""
        for index, kind in enumerate(BACKGROUND_KINDS):
            head = " ".join(w for w in kind.phrase.split() if w not in ("{}", "to", "with"))
            if plain in (head, split_colours(head)[1], *kind.words):
                return index, 1.0, True
            if plain in kind.related:
                return index, 1.0, False
        if slip := nearest_spelling(plain, sorted(BACKGROUND_NAMES)):
            index, _, _ = self._lookup(slip)
            return index, _SLIP, False
        index, similarity = self._table.nearest(plain)
        return index, similarity, False


def _names_only_the_ground(text: str) -> bool:
    """ "polka dots on navy": nothing says what colour the dots are."""
    pattern, on, _ground = text.partition(" on ")
    return bool(on) and not split_shades(pattern)[0]


def _seen_on(ground: Colour, kind: BackgroundKind) -> Colour:
    """A colour for a pattern: white, and on what is pale that of the kind."""
    pale = to_lab(ground.rgb)[0] > _PALE
    return Colour(kind.default_colours[0] if pale else "white")


def _in_colours(
    kind: BackgroundKind, colours: Sequence[Colour], found: BackgroundMatch
) -> BackgroundMatch:
    """The match with its phrase, and with what has to be done about shades."""
    places = kind.phrase.count("{}")
    used = list(colours[: 2 if kind.on_ground else places])
    missed = tuple(colours[len(used) :])
    if not places:
        found = replace(found, phrase=kind.phrase)
        other = [c for c in colours if c.number or c.word not in kind.own_colours]
        if len(other) == 1 and to_lab(other[0].rgb)[0] <= kind.turned:
            return replace(found, shades=str(_numbered(other[0])))
        return replace(found, missed=tuple(other))
    if places == 2 and len(used) == 2:
        used = _told_apart(used)
        drawn, shades = [colour.word for colour in used], " to ".join(map(str, used))
    else:
        if len(used) == 2:
            used = [_numbered(colour) for colour in used]
        drawn, shades = _pattern(kind, used), " on ".join(map(str, used))
    if not any(colour.number for colour in used):
        shades = ""
    phrase = _fill(kind, drawn)
    return replace(found, phrase=phrase, shades=shades, missed=missed)


def _pattern(kind: BackgroundKind, used: Sequence[Colour]) -> list[str]:
    """What one colour, or one on another, is drawn as."""
    drawn = [colour.word for colour in used]
    if kind is not BACKGROUND_KINDS[_PLAIN] and used and used[0].number:
        drawn[0] = _drawn_as(used)
    return drawn


def _drawn_as(used: Sequence[Colour]) -> str:
    """The colour word for a pattern: that of the ground where the pattern itself is pale."""
    pale = used[0].word in _UNDRAWABLE and to_lab(used[0].rgb)[0] > _PALE
    ground = used[-1].word
    return ("yellow" if ground in _UNDRAWABLE else ground) if pale else used[0].word


def _told_apart(used: Sequence[Colour]) -> list[Colour]:
    """Two colours of a gradient that the models draw as two: "navy to light blue" are both blue."""
    if used[0].word != used[1].word or used[0] == used[1]:
        return list(used)
    first, second = (_numbered(colour) for colour in used)
    lighter = to_lab(first.rgb)[0] > to_lab(second.rgb)[0]
    other = "black" if first.word == "white" else "white"
    if lighter == (other == "white"):
        return [replace(first, word=other), second]
    return [first, replace(second, word=other)]


def _numbered(colour: Colour) -> Colour:
    """With what it looks like, also where the models know it."""
    return colour if colour.number else replace(colour, number=PLAIN_COLOURS[colour.word])


def _fill(kind: BackgroundKind, colours: Sequence[str]) -> str:
    wanted = kind.phrase.count("{}")
    chosen = [*colours, *(c for c in kind.default_colours if c not in colours)][:wanted]
    return kind.phrase.format(*chosen)
