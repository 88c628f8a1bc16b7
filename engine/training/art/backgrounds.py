"""Procedural backgrounds that come with their words; they follow `engine.prompts.english.scenery`.

No permissive package of labelled backgrounds exists (training-art, section 5), so these are drawn.
Everything is computed on unit coordinates, so any size and aspect works.
"""

from __future__ import annotations

import colorsys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from engine.prompts.english.scenery import BACKGROUND_COLOURS, BACKGROUND_KINDS

Rgb = npt.NDArray[np.float32]  # h w 3 in [0, 1]
Colour = npt.NDArray[np.float32]  # 3

# Hue in degrees, saturation, value of each colour word.
_PALETTE = {
    "red": (356, 0.78, 0.88), "orange": (28, 0.82, 0.97), "yellow": (48, 0.7, 0.99),
    "green": (130, 0.55, 0.72), "blue": (214, 0.68, 0.92), "purple": (272, 0.55, 0.78),
    "pink": (335, 0.38, 0.98), "brown": (24, 0.6, 0.5), "grey": (220, 0.04, 0.62),
    "white": (40, 0.02, 0.98), "black": (230, 0.15, 0.12),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Background:
    """A drawn background and the phrase for it."""

    phrase: str
    pixels: Rgb


def named_colour(word: str, rng: np.random.Generator) -> Colour:
    """A shade that a person would call by this word."""
    hue, saturation, value = _PALETTE[word]
    turn = (hue + rng.uniform(-8, 8)) / 360 % 1
    saturation = float(np.clip(saturation * rng.uniform(0.8, 1.15), 0, 1))
    value = float(np.clip(value * rng.uniform(0.92, 1.06), 0, 1))
    return np.array(colorsys.hsv_to_rgb(turn, saturation, value), np.float32)


def lighter(colour: Colour, amount: float) -> Colour:
    """Mixed with white."""
    return np.asarray(colour + (1 - colour) * amount, np.float32)


def darker(colour: Colour, amount: float) -> Colour:
    """Mixed with black."""
    return np.asarray(colour * (1 - amount), np.float32)


def draw_background(height: int, width: int, rng: np.random.Generator) -> Background:
    """A background of a random kind in random colours."""
    index = int(rng.choice(len(BACKGROUND_KINDS), p=_SHARES))
    kind = BACKGROUND_KINDS[index]
    count = kind.phrase.count("{}")
    # A white pattern on lightened white would be no pattern.
    usable = BACKGROUND_COLOURS if " to " in kind.phrase or index == 0 else _PATTERN_COLOURS
    words = [str(w) for w in rng.choice(usable, count, replace=False)]
    return draw_kind(index, words, height, width, rng)


def draw_kind(
    index: int, words: Sequence[str], height: int, width: int, rng: np.random.Generator
) -> Background:
    """A background of `BACKGROUND_KINDS[index]` in the colours that its phrase takes."""
    colours = [named_colour(word, rng) for word in words]
    pixels = _PAINTERS[index](_Field(height, width, rng), colours)
    phrase = BACKGROUND_KINDS[index].phrase.format(*words)
    return Background(phrase, np.clip(pixels, 0, 1).astype(np.float32))


class _Field:
    """Unit coordinates of a canvas and its random generator."""

    def __init__(self, height: int, width: int, rng: np.random.Generator) -> None:
        self.height, self.width, self.rng = height, width, rng
        y, x = np.mgrid[0:height, 0:width].astype(np.float32)
        self.y = (y + 0.5) / height
        self.x = (x + 0.5) / width
        self.aspect = width / height

    def ramp(self, top: Colour, bottom: Colour) -> Rgb:
        """Vertical gradient."""
        return np.asarray(top + (bottom - top) * self.y[..., None], np.float32)

    def stops(self, colours: list[Colour]) -> Rgb:
        """Vertical gradient through several colours."""
        at = np.linspace(0, 1, len(colours))
        channels = [np.interp(self.y, at, [c[i] for c in colours]) for i in range(3)]
        return np.stack(channels, -1).astype(np.float32)

    def paint(self, under: Rgb, colour: Colour, coverage: npt.NDArray[np.float32]) -> Rgb:
        """Colour over a picture where coverage (`h w` in [0, 1]) says."""
        return np.asarray(under + (colour - under) * coverage[..., None], np.float32)

    def edge(self, signed: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Antialiased coverage of where `signed` (in units of the height) is positive."""
        return np.asarray(np.clip(signed * self.height + 0.5, 0, 1), np.float32)

    def disc(self, cx: float, cy: float, radius: float) -> npt.NDArray[np.float32]:
        """Coverage of a disc; centre in unit coordinates, radius in heights."""
        distance = np.hypot((self.x - cx) * self.aspect, self.y - cy)
        return self.edge((radius - distance).astype(np.float32))


def _plain(_: _Field, colours: list[Colour]) -> Rgb:
    return np.broadcast_to(colours[0], (_.height, _.width, 3)).copy()


def _gradient(f: _Field, colours: list[Colour]) -> Rgb:
    return f.ramp(lighter(colours[0], 0.55), darker(colours[0], 0.08))


def _two_colours(f: _Field, colours: list[Colour]) -> Rgb:
    return f.ramp(colours[0], colours[1])


def _sunset(f: _Field, _: list[Colour]) -> Rgb:
    top, middle, low = (named_colour(w, f.rng) for w in ("purple", "pink", "orange"))
    yellow = lighter(named_colour("yellow", f.rng), 0.2)
    return f.stops([darker(top, 0.15), (middle + top) * np.float32(0.5), middle, low, yellow])


def _night(f: _Field, _: list[Colour]) -> Rgb:
    blue = named_colour("blue", f.rng)
    picture = f.ramp(darker(blue, 0.85), darker(blue, 0.55))
    for _i in range(int(f.rng.integers(14, 30))):
        radius = f.rng.uniform(0.006, 0.02)
        star = f.disc(f.rng.uniform(0, 1), f.rng.uniform(0, 1), radius)
        picture = f.paint(picture, np.array([1, 1, 0.9], np.float32), star)
    return picture


def _clouds(f: _Field, _: list[Colour]) -> Rgb:
    blue = named_colour("blue", f.rng)
    picture = f.ramp(lighter(blue, 0.15), lighter(blue, 0.6))
    white = np.ones(3, np.float32)
    for _i in range(int(f.rng.integers(2, 5))):
        cx, cy, size = f.rng.uniform(0, 1), f.rng.uniform(0.08, 0.6), f.rng.uniform(0.05, 0.1)
        for dx in (-1.2, -0.5, 0.3, 1.1):
            grown = size * (1.3 - 0.4 * abs(dx))
            puff = f.disc(cx + dx * size / f.aspect, cy - 0.2 * grown, grown)
            picture = f.paint(picture, white, puff)
    return picture


def _hill_line(f: _Field, base: float, height: float) -> npt.NDArray[np.float32]:
    phase, waves = f.rng.uniform(0, 6.3), f.rng.uniform(0.6, 1.6)
    return np.asarray(f.y - (base + height * np.sin(f.x * 6.28 * waves + phase)), np.float32)


def _hills(f: _Field, _: list[Colour], word: str = "green") -> Rgb:
    blue = named_colour("blue", f.rng)
    picture = f.ramp(lighter(blue, 0.3), lighter(blue, 0.75))
    tone = named_colour(word, f.rng)
    picture = f.paint(picture, lighter(tone, 0.3), f.edge(_hill_line(f, 0.55, 0.06)))
    return f.paint(picture, tone, f.edge(_hill_line(f, 0.7, 0.06)))


def _snow(f: _Field, colours: list[Colour]) -> Rgb:
    return _hills(f, colours, "white")


def _beach(f: _Field, _: list[Colour]) -> Rgb:
    blue = named_colour("blue", f.rng)
    picture = f.ramp(lighter(blue, 0.35), lighter(blue, 0.75))
    sea = np.asarray(f.y - f.rng.uniform(0.4, 0.48), np.float32)
    picture = f.paint(picture, darker(blue, 0.1), f.edge(sea))
    sand = np.array([0.96, 0.85, 0.62], np.float32) * f.rng.uniform(0.95, 1.02)
    return f.paint(picture, sand.astype(np.float32), f.edge(_hill_line(f, 0.66, 0.025)))


def _waves(f: _Field, colours: list[Colour]) -> Rgb:
    picture = _plain(f, [lighter(colours[0], 0.6)])
    for i, base in enumerate((0.25, 0.45, 0.65, 0.85)):
        line = _hill_line(f, base, 0.03)
        picture = f.paint(picture, lighter(colours[0], 0.45 - 0.15 * i), f.edge(line))
    return picture


def _dots(f: _Field, colours: list[Colour]) -> Rgb:
    picture = _plain(f, [lighter(colours[0], 0.72)])
    pitch = f.rng.uniform(0.16, 0.26)
    row = np.floor(f.y / pitch)
    x = (f.x * f.aspect / pitch + 0.5 * (row % 2)) % 1 - 0.5
    distance = np.hypot(x, f.y / pitch % 1 - 0.5) * pitch
    return f.paint(picture, colours[0], f.edge((0.27 * pitch - distance).astype(np.float32)))


def _stripes(f: _Field, colours: list[Colour]) -> Rgb:
    picture = _plain(f, [lighter(colours[0], 0.7)])
    pitch = f.rng.uniform(0.16, 0.3)
    along = f.x * f.aspect + f.y * f.rng.choice([0.0, 1.0])
    wave = np.abs(along / pitch % 1 - 0.5) * pitch
    return f.paint(picture, colours[0], f.edge((0.25 * pitch - wave).astype(np.float32)))


def _checks(f: _Field, colours: list[Colour]) -> Rgb:
    pitch = f.rng.choice([0.125, 0.1875, 0.25])
    cells = np.floor(f.x * f.aspect / pitch) + np.floor(f.y / pitch)
    return f.paint(
        _plain(f, [lighter(colours[0], 0.75)]), colours[0], (cells % 2).astype(np.float32)
    )


def _sunburst(f: _Field, colours: list[Colour]) -> Rgb:
    x, y = (f.x - 0.5) * f.aspect, f.y - 0.5
    rays = int(f.rng.integers(8, 13))
    radius = np.hypot(x, y)
    swing = np.sin(np.arctan2(y, x) * rays + f.rng.uniform(0, 6.3)) * radius / rays
    picture = _plain(f, [lighter(colours[0], 0.55)])
    return f.paint(picture, colours[0], f.edge(swing.astype(np.float32)))


def _bokeh(f: _Field, colours: list[Colour]) -> Rgb:
    picture = f.ramp(darker(colours[0], 0.35), darker(colours[0], 0.1))
    for _i in range(int(f.rng.integers(8, 15))):
        spot = f.disc(f.rng.uniform(0, 1), f.rng.uniform(0, 1), f.rng.uniform(0.04, 0.13))
        soft = cv2.GaussianBlur(spot, (0, 0), 0.012 * f.height) * np.float32(
            f.rng.uniform(0.2, 0.5)
        )
        picture = f.paint(picture, lighter(colours[0], 0.6), np.asarray(soft, np.float32))
    return picture


_PATTERN_COLOURS = tuple(word for word in BACKGROUND_COLOURS if word != "white")
_Painter = Callable[[_Field, list[Colour]], Rgb]
_PAINTERS: tuple[_Painter, ...] = (  # in the order of BACKGROUND_KINDS
    _plain, _gradient, _two_colours, _sunset, _night, _clouds, _hills, _beach, _snow, _waves,
    _dots, _stripes, _checks, _sunburst, _bokeh,
)  # fmt: skip
_WEIGHTS = np.array([2.5, 2.5, 2, 1.5, 1, 1, 1, 0.8, 0.6, 0.9, 0.9, 0.9, 0.6, 0.8, 0.7])
_SHARES = _WEIGHTS / _WEIGHTS.sum()
