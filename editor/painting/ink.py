"""What covered pixels become: painted with a colour or a picture, erased, or another mask value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from editor.document.blending import LAYER_MODES, BlendMode
from editor.document.geometry import Rect
from editor.document.kernel.layout import WIDTH_PX
from editor.document.kernel.program import Program
from editor.document.masks import Coverage
from editor.document.pixels import RgbaArray
from editor.document.tiles import Values

Rgb = tuple[int, int, int]

_WEIGHTS = 0.299, 0.587, 0.114  # of red, green and blue in brightness
_NORMAL = LAYER_MODES.index(BlendMode.NORMAL)


class Ink(Protocol):
    """Turns covered values into others."""

    def applied(self, old: Values, coverage: Coverage) -> Values:
        """New values of the shape of `old`; where the coverage is 0 they are the old ones."""


@dataclass(frozen=True, slots=True)
class ColorInk:
    """Lays one colour over straight RGBA8; opacity 0..255 on top of the coverage."""

    color: Rgb
    opacity: int = 255

    def applied(self, old: Values, coverage: Coverage) -> Values:
        color = np.array((*self.color, 255), np.uint8)
        return _laid_over(old, color, coverage, self.opacity)


@dataclass(frozen=True, slots=True)
class EraserInk:
    """Takes alpha away from straight RGBA8 and leaves the colour under it as it is."""

    opacity: int = 255

    def applied(self, old: Values, coverage: Coverage) -> Values:
        left = 1 - coverage.astype(np.float32) * np.float32(self.opacity / 255**2)
        new = old.copy()
        new[..., 3] = np.rint(old[..., 3] * left)
        return new


@dataclass(frozen=True, slots=True)
class ValueInk:
    """Moves 8-bit coverage (a mask) towards a value; opacity 0..255 on top of the coverage."""

    value: int
    opacity: int = 255

    def applied(self, old: Values, coverage: Coverage) -> Values:
        share = coverage.astype(np.float32) * np.float32(self.opacity / 255**2)
        before = old.astype(np.float32)
        return np.asarray(np.rint(before + (self.value - before) * share), np.uint8)


@dataclass(frozen=True, slots=True)
class PictureInk:
    """Lays straight RGBA8 pixels (h w 4, of the size of what they cover) over others."""

    pixels: RgbaArray
    opacity: int = 255

    def applied(self, old: Values, coverage: Coverage) -> Values:
        return _laid_over(old, self.pixels, coverage, self.opacity)


@dataclass(frozen=True, slots=True)
class MaskPictureInk:
    """Moves 8-bit coverage to the brightness of straight RGBA8 pixels, as far as they cover."""

    pixels: RgbaArray
    opacity: int = 255

    def applied(self, old: Values, coverage: Coverage) -> Values:
        wanted = self.pixels[..., :3].astype(np.float32) @ np.array(_WEIGHTS, np.float32)
        share = coverage.astype(np.float32) * self.pixels[..., 3]
        share *= np.float32(self.opacity / 255**3)
        before = old.astype(np.float32)
        return np.asarray(np.rint(before + (wanted - before) * share), np.uint8)


def brightness(color: Rgb) -> int:
    """The grey of a colour, 0 to 255, as the eye weighs the channels."""
    return round(sum(part * weight for part, weight in zip(color, _WEIGHTS, strict=True)))


def _laid_over(old: Values, source: Values, coverage: Coverage, opacity: int) -> RgbaArray:
    old, coverage = np.ascontiguousarray(old), np.ascontiguousarray(coverage)
    height, width = coverage.shape
    out = np.empty((height, width, 4), np.uint8)
    for x in range(0, width, WIDTH_PX):
        part = slice(x, min(x + WIDTH_PX, width))
        piece = source if source.ndim == 1 else source[:, part]
        _lay_strip(old[:, part], piece, coverage[:, part], opacity, out[:, part])
    # What is not covered keeps its colour even where it is transparent.
    words, before = out.view(np.uint32)[..., 0], old.view(np.uint32)[..., 0]
    np.copyto(words, before, where=coverage == 0)
    return out


def _lay_strip(
    old: RgbaArray, source: Values, coverage: Coverage, opacity: int, out: RgbaArray
) -> None:
    area = Rect(0, 0, old.shape[1], old.shape[0])
    program = Program(area)
    program.begin()
    program.new_source(area)
    program.pixels(old, area, 255)
    program.blend(_NORMAL, 0)
    program.new_source(area)
    if source.ndim == 1:
        program.colour(source, area, opacity)
    else:
        program.pixels(source, area, opacity)
    program.mask(coverage, area, 0)
    program.blend(_NORMAL, 0)
    program.write(out, bgra=False)
    program.run()
