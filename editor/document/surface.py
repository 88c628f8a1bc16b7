"""Where layers are accumulated: planar float32, premultiplied, one tile at a time.

Instead of alpha the transparency 1 - alpha is kept: every layer multiplies it by 1 - a, so an
opaque backdrop stays exactly opaque, whatever is laid over it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
import numpy.typing as npt

from editor.document.blending import BlendMode, blend
from editor.document.geometry import Rect

Plane = npt.NDArray[np.float32]
RgbaArray = npt.NDArray[np.uint8]

_LEAST_ALPHA = np.float32(0.5 / 255)  # less is stored as 0


@dataclass(frozen=True)
class Source:
    """Pixels to lay over a surface.

    Attributes:
        colour: Three planes h w, straight, 0..255 (uint8 or float32).
        alpha: h w, 0..1, with opacity worked in; None = opaque everywhere.
    """

    colour: tuple[npt.NDArray[np.generic], ...]
    alpha: Plane | None


@dataclass
class Surface:
    """An accumulator for one rectangle.

    Attributes:
        rect: What it covers, in pixels of the level composited.
        colour: 3 h w, premultiplied, 0..255.
        clear: h w, 1 - alpha.
    """

    rect: Rect
    colour: Plane
    clear: Plane

    @classmethod
    def transparent(cls, rect: Rect) -> Surface:
        shape = rect.height, rect.width
        return cls(rect, np.zeros((3, *shape), np.float32), np.ones(shape, np.float32))

    def part(self, rect: Rect) -> Surface:
        """A view of a part; drawing on it draws here."""
        rows = slice(rect.y0 - self.rect.y0, rect.y1 - self.rect.y0)
        columns = slice(rect.x0 - self.rect.x0, rect.x1 - self.rect.x0)
        return Surface(rect, self.colour[:, rows, columns], self.clear[rows, columns])

    def copy(self) -> Surface:
        return Surface(self.rect, self.colour.copy(), self.clear.copy())

    def draw(self, source: Source, mode: BlendMode, dissolve_seed: int = 0) -> None:
        """Lay pixels of the same size over this with a blend mode.

        With a the source's alpha, s its colour, b and ab those of the backdrop:
        colour = a (1 - ab) s + a ab B(b, s) + (1 - a) ab b ; alpha = a + ab (1 - a).
        """
        if mode is BlendMode.DISSOLVE:
            source = Source(source.colour, self._dissolved(source.alpha, dissolve_seed))
            mode = BlendMode.NORMAL
        if mode is not BlendMode.NORMAL:
            source = self._blended(source, mode)
        if source.alpha is None:
            for plane, new in zip(self.colour, source.colour, strict=True):
                plane[...] = new
            self.clear[...] = 0
            return
        kept = 1 - source.alpha
        added = np.empty_like(kept)
        for plane, new in zip(self.colour, source.colour, strict=True):
            np.multiply(plane, kept, out=plane)
            np.multiply(new, source.alpha, out=added, casting="unsafe")
            np.add(plane, added, out=plane)
        self.clear *= kept

    def fade_from(self, before: Surface, opacity: float) -> None:
        """Keep only `opacity` (0..1) of what was drawn since the copy `before`."""
        share = np.float32(opacity)
        self.colour += (before.colour - self.colour) * (1 - share)
        self.clear += (before.clear - self.clear) * (1 - share)

    def as_source(self, opacity: float) -> Source:
        """The content as one picture to lay over another surface."""
        alpha = 1 - self.clear
        return Source(tuple(self._straight(alpha)), alpha * np.float32(opacity))

    def to_rgba(self) -> RgbaArray:
        """h w 4 straight uint8; colour under alpha 0 is 0."""
        if not self.clear.any():
            opaque = np.full(self.clear.shape, 255, np.uint8)
            return _merged([*map(_rounded, self.colour), opaque])
        alpha = 1 - self.clear
        colour = self._straight(alpha)
        colour *= alpha >= _LEAST_ALPHA
        return _merged([*map(_rounded, colour), _rounded(alpha, 255)])

    def _straight(self, alpha: Plane) -> Plane:
        floor = np.maximum(alpha, np.float32(1e-7))
        return cast("Plane", self.colour / floor)

    def _blended(self, source: Source, mode: BlendMode) -> Source:
        """The source with its colour replaced by (1 - ab) s + ab B(b, s)."""
        backdrop_alpha = 1 - self.clear
        level = np.float32(1 / 255)
        colour = np.stack([plane.astype(np.float32) for plane in source.colour]) * level
        mixed = blend(mode, self._straight(backdrop_alpha) * level, colour)
        mixed = (colour + backdrop_alpha * (mixed - colour)) * np.float32(255)
        return Source(tuple(mixed), source.alpha)

    def _dissolved(self, alpha: Plane | None, seed: int) -> Plane | None:
        """Each pixel either wholly there or not, with the probability of its alpha."""
        if alpha is None:
            return None
        return (_noise(self.rect, seed) < alpha).astype(np.float32)


def _rounded(plane: Plane, scale: float = 1) -> npt.NDArray[np.uint8]:
    """Rounded and limited to 0..255 in one pass; values are never below 0."""
    return cast("npt.NDArray[np.uint8]", cv2.convertScaleAbs(plane, alpha=scale))


def _merged(planes: list[npt.NDArray[np.uint8]]) -> RgbaArray:
    return np.asarray(cv2.merge(planes), np.uint8).reshape(*planes[0].shape, 4)


def _noise(rect: Rect, seed: int) -> Plane:
    """h w values in [0, 1) that depend only on position and seed (murmur3's last rounds)."""
    x = np.arange(rect.x0, rect.x1, dtype=np.int64).astype(np.uint32)
    y = np.arange(rect.y0, rect.y1, dtype=np.int64).astype(np.uint32)
    h = (x * np.uint32(0x9E3779B1))[None, :] ^ (y * np.uint32(0x85EBCA77))[:, None]
    h ^= np.uint32(seed & 0xFFFFFFFF)
    h ^= h >> np.uint32(16)
    h *= np.uint32(0x85EBCA6B)
    h ^= h >> np.uint32(13)
    h *= np.uint32(0xC2B2AE35)
    h ^= h >> np.uint32(16)
    return (h >> np.uint32(8)).astype(np.float32) * np.float32(2**-24)
