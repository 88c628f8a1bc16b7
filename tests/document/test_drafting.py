"""Drafts of the compositor: from pictures in bytes, within a level or two of the exact result."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from editor.document.blending import BlendMode
from editor.document.compositor import composite_between, draft_between
from editor.document.geometry import Rect
from editor.document.layers import Layer, RasterLayer
from editor.document.masks import CoverageBuffer, Mask
from editor.document.pixels import PixelBuffer
from editor.document.surface import Picture

RECT = Rect(-20, -10, 720, 330)  # wider than a row of the kernel, over the layers' edges


def noise(seed: int, width: int, height: int, **values: object) -> RasterLayer:
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 256, (height, width, 4), dtype=np.uint8)
    pixels[: height // 3, :, 3] = 0
    pixels[height // 2 :, :, 3] = 255
    return RasterLayer(pixels=PixelBuffer.from_array(pixels), **values)  # type: ignore[arg-type]


def picture(layers: tuple[Layer, ...], level: int) -> Picture:
    rect = level_of(RECT, level)
    return Picture(rect, composite_between(layers, rect, level=level, bgra=True))


def level_of(rect: Rect, level: int) -> Rect:
    return Rect(rect.x0 >> level, rect.y0 >> level, rect.x1 >> level, rect.y1 >> level)


MASK = Mask(
    coverage=CoverageBuffer.from_array(np.tile(np.arange(256, dtype=np.uint8), (200, 1))),
    offset=(30, 20),
    outside=255,
)
BELOW = noise(1, 700, 300), noise(2, 300, 300, offset=(200, 5), opacity=0.7)
ABOVE = (noise(3, 500, 100, offset=(-10, 150), opacity=0.5),)
PLAIN = noise(4, 640, 280, offset=(11, 13), opacity=0.8)
COLOUR = RasterLayer(pixels=PixelBuffer.filled(700, 300, (200, 40, 90, 128)))
EDITED = {
    "plain": (PLAIN,),
    "all over": (replace(PLAIN, pixels=noise(5, 900, 500).pixels, offset=(-90, -90)),),
    "one colour": (COLOUR,),
    "mode": (replace(PLAIN, blend_mode=BlendMode.MULTIPLY),),
    "mask": (replace(PLAIN, mask=MASK),),
    "two": (PLAIN, replace(COLOUR, opacity=0.3)),
    "clipped": (PLAIN, replace(COLOUR, clipped=True)),
    "hidden": (replace(PLAIN, visible=False),),
    "none": (),
}


@pytest.mark.parametrize("level", [0, 1, 2])
@pytest.mark.parametrize("above", [(), ABOVE])
@pytest.mark.parametrize("edited", EDITED)
def test_a_draft_is_within_two_levels(edited: str, above: tuple[Layer, ...], level: int) -> None:
    layers, rect = EDITED[edited], level_of(RECT, level)
    exact = composite_between((*BELOW, *layers, *above), rect, level=level, bgra=True)
    below = picture(BELOW, level)
    draft = draft_between(layers, rect, level=level, below=below, above=picture(above, level))
    assert draft.shape == exact.shape
    assert np.abs(draft.astype(int) - exact).max() <= 2
    assert (draft[..., :3] <= draft[..., 3:]).all(), "premultiplied"
    assert (draft[below.pixels[..., 3] == 255][:, 3] == 255).all(), "opaque stays opaque"


@pytest.mark.parametrize("level", [1, 2, 3])
def test_what_moves_lies_at_most_a_quarter_pixel_aside(level: int) -> None:
    side, rect = 1 << level, Rect(0, 0, 40, 30)
    nothing = Picture(rect, np.zeros((30, 40, 4), np.uint8))
    opaque = PixelBuffer.filled(20 * side, 20 * side, (200, 40, 90, 255))
    seen = set()
    for offset in range(3 * side):
        layer = RasterLayer(pixels=opaque, offset=(offset, 4 * side), layer_id="moving")
        draft = draft_between(
            (layer,), rect, level=level, below=nothing, above=nothing, moving=("moving",)
        )
        coverage = draft[15, :, 3] / 255
        assert coverage.sum() == pytest.approx(20, abs=0.01)
        middle = (coverage * (np.arange(40) + 0.5)).sum() / coverage.sum()
        assert abs(middle - 10 - offset / side) <= 0.26
        seen.add(draft.tobytes())
    assert len(seen) <= 7, "halves of pixels from 0 to 3, whatever the level"


def test_a_part_of_a_draft_has_the_same_pixels() -> None:
    below, above = picture(BELOW, 0), picture(ABOVE, 0)
    whole = draft_between((PLAIN,), RECT, level=0, below=below, above=above)
    part = Rect(40, 100, 531, 290)
    cut = draft_between((PLAIN,), part, level=0, below=below, above=above)
    rows = slice(part.y0 - RECT.y0, part.y1 - RECT.y0)
    columns = slice(part.x0 - RECT.x0, part.x1 - RECT.x0)
    assert np.abs(cut.astype(int) - whole[rows, columns]).max() <= 1
