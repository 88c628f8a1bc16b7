"""From the document's colours to the screen's: an ICC profile applied tile by tile.

The screen is taken to be sRGB, as Qt does not tell its profile. littleCMS does the work, in the
thread that fills tiles; documents without a profile, or with one that means sRGB, skip it.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from editor.canvas.drafts import DraftSource
from editor.canvas.tiles import Bgra, TileKey, TileSource, is_opaque
from editor.document.geometry import Rect

Convert = Callable[[Bgra], Bgra]  # straight RGBA to straight RGBA, h w 4

_GRID = 9  # colours per channel that decide whether a profile means sRGB
_SAME_LEVELS = 1


@lru_cache(maxsize=4)
def conversion(profile: bytes) -> Convert | None:
    """From a profile to sRGB; None when there is nothing to convert, or the profile is no use."""
    from PIL import Image, ImageCms

    try:
        transform = ImageCms.buildTransform(
            ImageCms.ImageCmsProfile(io.BytesIO(profile)),
            ImageCms.createProfile("sRGB"),
            "RGBA",
            "RGBA",
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
            ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError):
        return None  # damaged, or not for RGB: shown as it is

    def convert(straight: Bgra) -> Bgra:
        image = ImageCms.applyTransform(Image.fromarray(straight), transform)
        return np.asarray(image, np.uint8)

    steps = np.linspace(0, 255, _GRID)
    grid = np.stack(np.meshgrid(steps, steps, steps, [255]), axis=-1).reshape(_GRID, -1, 4)
    changed = np.abs(convert(grid.astype(np.uint8)) - grid.astype(np.uint8).astype(int)).max()
    return convert if changed > _SAME_LEVELS else None


@dataclass(frozen=True, slots=True)
class ManagedSource:
    """Another source with its colours converted for the screen."""

    source: TileSource
    profile: bytes

    @property
    def width(self) -> int:
        return self.source.width

    @property
    def height(self) -> int:
        return self.source.height

    @property
    def drafts(self) -> DraftSource | None:
        drafts = self.source.drafts
        return drafts if drafts is None else _ManagedDrafts(drafts, self.profile)

    def begin(self) -> None:
        self.source.begin()

    def render(
        self, key: TileKey, rect: Rect, cancelled: Callable[[], bool], *, again: bool
    ) -> Bgra:
        pixels = self.source.render(key, rect, cancelled, again=again)
        return _for_screen(pixels, self.profile)

    def prepare(self, key: TileKey, rect: Rect) -> None:
        self.source.prepare(key, rect)


@dataclass(frozen=True, slots=True)
class _ManagedDrafts:
    """Drafts with their colours converted for the screen, before they are enlarged."""

    source: DraftSource
    profile: bytes

    @property
    def edited(self) -> tuple[str, ...]:
        return self.source.edited

    def layers_per_frame(self, level: int, view: Rect) -> int:
        return self.source.layers_per_frame(level, view)

    def prepare(self, level: int, view: Rect) -> None:
        self.source.prepare(level, view)

    def draft(
        self, level: int, rect: Rect, view: Rect, *, coarse: bool = False
    ) -> tuple[Bgra, bool]:
        pixels, opaque = self.source.draft(level, rect, view, coarse=coarse)
        return _for_screen(pixels, self.profile), opaque


def _for_screen(pixels: Bgra, profile: bytes) -> Bgra:
    convert = conversion(profile)
    return pixels if convert is None else _converted(pixels, convert)


def _converted(pixels: Bgra, convert: Convert) -> Bgra:
    """Premultiplied BGRA through a conversion of straight colours."""
    straight = cv2.cvtColor(pixels, cv2.COLOR_BGRA2RGBA)
    opaque = is_opaque(pixels)
    if not opaque:
        straight = cv2.cvtColor(straight, cv2.COLOR_mRGBA2RGBA)
    shown = convert(np.asarray(straight, np.uint8))
    if not opaque:
        shown = np.asarray(cv2.cvtColor(shown, cv2.COLOR_RGBA2mRGBA), np.uint8)
    return np.asarray(cv2.cvtColor(shown, cv2.COLOR_RGBA2BGRA), np.uint8)
