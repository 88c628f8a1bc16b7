"""Colours moved to others smoothly, so that patterns, gradients and antialiased edges stay.

A map of colours is computed from what is there and what it shall look like; it is one function of
a pixel's colour, so whatever was a mixture of two colours is the same mixture of the moved ones.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.float32]  # h w 3 in [0, 1]
Colour = npt.NDArray[np.float32]  # 3

NEUTRAL_CHROMA = 0.08  # largest minus smallest channel: below, a colour is a grey
_LUMINANCE = np.array((0.299, 0.587, 0.114), np.float32)
_NEARLY = 0.02
_APART = 0.08  # two colours nearer than this are no gradient
_BEYOND = 0.1  # of a gradient's length that colours may lie outside of it


def moved(picture: Picture, source: Colour, target: Sequence[float]) -> Picture:
    """All colours moved so that one becomes another; white and black stay.

    Of colours a linear map does it: tints, tones and mixtures of the source become those of the
    target. A grey has no hue to go by, so there lightness decides.
    """
    aim = np.asarray(target, np.float32)
    if chroma(source) < NEUTRAL_CHROMA:
        return _by_lightness(picture, float(source @ _LUMINANCE), aim)
    white = np.ones(3, np.float32)
    across = np.cross(white, source)  # other hues: they fade along with the colour
    across /= np.linalg.norm(across)
    fading = min(1.0, chroma(aim) / chroma(source))
    before = np.stack((white, source, across), 1)
    after = np.stack((white, aim, across * fading), 1)
    return _clipped(picture @ (after @ np.linalg.inv(before)).T)


def shifted(picture: Picture, source: Colour, target: Sequence[float]) -> Picture:
    """All colours moved by as much as one: what is even stays as even as it is."""
    return _clipped(picture + (np.asarray(target, np.float32) - source))


def between(
    picture: Picture, sources: Sequence[Colour], targets: Sequence[Sequence[float]]
) -> Picture | None:
    """All colours between two moved to those between two others; None when the two are one."""
    first, second = sources
    aims = np.asarray(targets, np.float32)
    way = second - first
    length = float(np.linalg.norm(way))
    if length < _APART:
        return None
    along = (picture - first) @ way / length**2
    aside = picture - first - along[..., None] * way
    along = np.clip(along, -_BEYOND, 1 + _BEYOND)[..., None]
    kept = min(1.0, float(np.linalg.norm(aims[1] - aims[0])) / length)
    return _clipped(aims[0] + along * (aims[1] - aims[0]) + kept * aside)


def main_colour(picture: Picture) -> Colour:
    """The purest colour of a background, that of its pattern or gradient; of greys the darkest."""
    purity = picture.max(2) - picture.min(2)
    most = float(np.percentile(purity, 95))
    if most >= NEUTRAL_CHROMA:
        return _mean(picture, purity >= 0.9 * most)
    lightness = picture @ _LUMINANCE
    return _mean(picture, lightness <= np.percentile(lightness, 10) + _NEARLY)


def ground_colour(picture: Picture) -> Colour:
    """The palest colour of a background, on which its pattern lies; of greys the lightest."""
    purity = picture.max(2) - picture.min(2)
    if float(np.percentile(purity, 95)) >= NEUTRAL_CHROMA:
        return _mean(picture, purity <= np.percentile(purity, 5) + _NEARLY)
    lightness = picture @ _LUMINANCE
    return _mean(picture, lightness >= np.percentile(lightness, 90) - _NEARLY)


def ends(picture: Picture) -> tuple[Colour, Colour]:
    """The colours at the top and the bottom."""
    rows = max(1, len(picture) // 25)
    top, bottom = picture[:rows].mean((0, 1)), picture[-rows:].mean((0, 1))
    return np.asarray(top, np.float32), np.asarray(bottom, np.float32)


def chroma(colour: Colour) -> float:
    """Largest minus smallest channel."""
    return float(colour.max() - colour.min())


def _by_lightness(picture: Picture, lightness: float, target: Colour) -> Picture:
    """Black, the target and white at their places on the scale from dark to light."""
    middle = min(max(lightness, 0.02), 0.98)
    at = picture @ _LUMINANCE
    channels = [np.interp(at, (0, middle, 1), (0, value, 1)) for value in target]
    return _clipped(np.stack(channels, -1))


def _mean(picture: Picture, where: npt.NDArray[np.bool_]) -> Colour:
    return np.asarray(picture[where].mean(0), np.float32)


def _clipped(picture: npt.NDArray[np.floating]) -> Picture:
    return np.asarray(np.clip(picture, 0, 1), np.float32)
