"""Masks, clipping and groups against float64, and which parts of the canvas they change."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from editor.document.blending import LAYER_MODES, BlendMode
from editor.document.clipping import clip_runs
from editor.document.compositor import (
    composite,
    composite_between,
    composite_layers,
    draw_layers,
    flatten,
)
from editor.document.document import Document
from editor.document.geometry import Rect
from editor.document.layers import GroupLayer, Layer
from editor.document.masks import CoverageBuffer, Mask
from editor.document.surface import Surface
from tests.document.oracle import levels, oracle_composite
from tests.document.scenes import flat_layer, noise_layer, noise_mask

EXACT_MODES = [mode for mode in LAYER_MODES if mode is not BlendMode.DISSOLVE]
JUMPING = {BlendMode.HARD_MIX, BlendMode.DARKER_COLOR, BlendMode.LIGHTER_COLOR}
SIDE = 96


def wrong_levels(layers: tuple[Layer, ...], side: int = SIDE) -> npt.NDArray[np.float64]:
    """Largest error of each pixel in 8-bit levels; colour counts where it is stored."""
    document = Document(side, side, layers)
    ours = flatten(document).astype(float)
    colour, alpha = levels(oracle_composite(layers, document.canvas))
    wrong = np.abs(ours[..., :3] - colour).max(axis=2)
    wrong[ours[..., 3] == 0] = 0
    wrong_alpha: npt.NDArray[np.float64] = np.abs(ours[..., 3:] - alpha)[..., 0]
    return np.asarray(np.maximum(wrong, wrong_alpha))


def few(wrong: npt.NDArray[np.float64], mode: BlendMode) -> float:
    """The largest error, without the pixels where a mode with a threshold may jump."""
    return float(np.quantile(wrong, 0.995) if mode in JUMPING else wrong.max())


@pytest.mark.parametrize("mode", EXACT_MODES)
@pytest.mark.parametrize("outside", [0, 255])
def test_masked_layers_of_every_mode(mode: BlendMode, outside: int) -> None:
    mask = noise_mask(50, 40, 5, offset=(20, 31), outside=outside)
    layers = (
        noise_layer(SIDE, SIDE, 1),
        noise_layer(80, 70, 2, offset=(3, 9), opacity=0.8, blend_mode=mode, mask=mask),
    )
    assert few(wrong_levels(layers), mode) <= 1


@pytest.mark.parametrize("mode", [BlendMode.PASS_THROUGH, *EXACT_MODES])
@pytest.mark.parametrize("outside", [0, 255])
def test_masked_groups_of_every_mode(mode: BlendMode, outside: int) -> None:
    group = GroupLayer(
        blend_mode=mode,
        opacity=0.9,
        mask=noise_mask(60, 60, 7, offset=(-10, 25), outside=outside),
        children=(
            noise_layer(70, 60, 2, offset=(5, -7), mask=noise_mask(30, 90, 8, outside=255)),
            noise_layer(40, 70, 3, offset=(30, 20), blend_mode=BlendMode.MULTIPLY),
        ),
    )
    assert few(wrong_levels((noise_layer(SIDE, SIDE, 1), group)), mode) <= 1


@pytest.mark.parametrize("base_mode", EXACT_MODES)
def test_a_clip_group_has_mode_opacity_and_alpha_of_its_base(base_mode: BlendMode) -> None:
    layers = (
        noise_layer(SIDE, SIDE, 1),
        noise_layer(60, 70, 2, offset=(11, 5), opacity=0.7, blend_mode=base_mode),
        noise_layer(SIDE, 40, 3, clipped=True, opacity=0.6),
        noise_layer(50, SIDE, 4, clipped=True, blend_mode=BlendMode.MULTIPLY),
    )
    assert few(wrong_levels(layers), base_mode) <= 1
    alone = Document(SIDE, SIDE, layers[1:])
    base = Document(SIDE, SIDE, layers[1:2])
    assert np.array_equal(flatten(alone)[..., 3], flatten(base)[..., 3])


@pytest.mark.parametrize("mode", EXACT_MODES)
def test_clipped_layers_of_every_mode_see_an_opaque_base(mode: BlendMode) -> None:
    layers = (
        noise_layer(SIDE, SIDE, 1),
        noise_layer(60, 70, 2, offset=(11, 5), mask=noise_mask(40, 40, 3, outside=255)),
        noise_layer(SIDE, 80, 3, clipped=True, opacity=0.8, blend_mode=mode),
    )
    assert few(wrong_levels(layers), mode) <= 1


@pytest.mark.parametrize("base_mode", [BlendMode.PASS_THROUGH, BlendMode.SCREEN])
@pytest.mark.parametrize("clipped_mode", [BlendMode.PASS_THROUGH, BlendMode.OVERLAY])
def test_groups_as_base_and_as_clipped_layer(base_mode: BlendMode, clipped_mode: BlendMode) -> None:
    base = GroupLayer(
        blend_mode=base_mode,
        opacity=0.8,
        mask=noise_mask(80, 60, 5),
        children=(noise_layer(70, 80, 2), noise_layer(40, 40, 3, blend_mode=BlendMode.MULTIPLY)),
    )
    clipped = GroupLayer(
        blend_mode=clipped_mode,
        clipped=True,
        opacity=0.5,
        children=(noise_layer(SIDE, 50, 6, blend_mode=BlendMode.DIFFERENCE),),
    )
    assert wrong_levels((noise_layer(SIDE, SIDE, 1, opaque=True), base, clipped)).max() <= 1


def test_deep_nests_of_everything() -> None:
    layers: tuple[Layer, ...] = (noise_layer(30, 30, 1),)
    for depth in range(12):
        mode = (BlendMode.NORMAL, BlendMode.PASS_THROUGH, BlendMode.SCREEN)[depth % 3]
        layers = (
            noise_layer(60, 90, depth, opacity=0.7),
            GroupLayer(
                children=layers,
                blend_mode=mode,
                opacity=0.9,
                mask=noise_mask(70, 70, depth, outside=255 * (depth % 2)),
            ),
            noise_layer(50, 50, depth + 50, clipped=True, offset=(depth, 20)),
        )
    assert wrong_levels(layers).max() <= 1


def test_a_disabled_mask_is_not_applied() -> None:
    layer = noise_layer(SIDE, SIDE, 2)
    disabled = replace(layer, mask=replace(noise_mask(9, 9), enabled=False))
    picture = flatten(Document(SIDE, SIDE, (layer,)))
    assert np.array_equal(flatten(Document(SIDE, SIDE, (disabled,))), picture)


def test_a_hidden_base_hides_what_is_clipped_to_it() -> None:
    base = flat_layer((10, 20, 30, 255), visible=False)
    clipped = flat_layer((200, 0, 0, 255), clipped=True)
    assert not flatten(Document(4, 4, (base, clipped))).any()
    assert not composite(
        Document(4, 4, (replace(base, visible=True), clipped)), skip=(base.layer_id,)
    ).any()


def test_the_lowest_layer_of_a_group_is_never_clipped() -> None:
    inner = flat_layer((200, 0, 0, 255), clipped=True)
    document = Document(4, 4, (flat_layer((0, 0, 0, 0)), GroupLayer(children=(inner,))))
    assert tuple(flatten(document)[0, 0]) == (200, 0, 0, 255)
    runs = list(clip_runs((inner, inner, flat_layer((1, 1, 1, 255)))))
    assert [len(run.clipped) for run in runs] == [1, 0]


@pytest.mark.parametrize("level", [1, 2, 3])
def test_masks_at_a_level_average_squares(level: int) -> None:
    layer = flat_layer((255, 255, 255, 255), 64, 64)
    coverage = np.zeros((21, 13), np.uint8)
    coverage[4:, 3:] = 255
    mask = Mask(coverage=CoverageBuffer.from_array(coverage), offset=(5, 17), outside=0)
    document = Document(64, 64, (replace(layer, mask=mask),))
    side = 1 << level
    expected = flatten(document)[..., 3].astype(float)
    expected = expected.reshape(64 // side, side, 64 // side, side).mean(axis=(1, 3))
    small = composite(document, level=level)[..., 3].astype(float)
    assert np.abs(small - expected).max() <= 1.5  # rounded at each level


def scene() -> tuple[Layer, ...]:
    return (
        noise_layer(300, 280, 1, opaque=True),
        noise_layer(200, 300, 2, offset=(-30, 40), mask=noise_mask(150, 90, 1, offset=(9, 60))),
        noise_layer(300, 90, 3, offset=(10, 100), clipped=True, blend_mode=BlendMode.SOFT_LIGHT),
        noise_layer(300, 280, 8, blend_mode=BlendMode.DISSOLVE, opacity=0.1),
        GroupLayer(
            opacity=0.5,
            mask=noise_mask(300, 200, 2, outside=255),
            children=(noise_layer(90, 90, 4, offset=(200, 150), blend_mode=BlendMode.HUE),),
        ),
        flat_layer((9, 200, 100, 130), 280, 90, offset=(3, 177), blend_mode=BlendMode.COLOR_BURN),
    )


@pytest.mark.parametrize(
    "rect", [(0, 0, 300, 280), (250, 250, 270, 262), (1, 1, 2, 2), (37, 90, 294, 213)]
)
def test_a_part_equals_the_same_part_of_the_whole(rect: tuple[int, int, int, int]) -> None:
    document = Document(300, 280, scene())
    x0, y0, x1, y1 = rect
    expected = flatten(document)[y0:y1, x0:x1]
    assert np.array_equal(composite(document, Rect(*rect)), expected)


def test_one_colour_is_composited_as_pixels_are() -> None:
    """Tiles of one colour take another way through the kernel, to the same bytes."""
    pixels = noise_layer(300, 280, 1)
    for rgba in ((13, 200, 99, 77), (255, 0, 1, 255), (5, 5, 5, 0)):
        flat = flat_layer(rgba, 300, 280, opacity=0.7)
        array = flat.pixels.array.copy()
        array[::256, 0] ^= 1  # no longer one colour
        dense = replace(flat, pixels=type(flat.pixels).from_array(array))
        one, other = (flatten(Document(300, 280, (pixels, layer))) for layer in (flat, dense))
        different = (one != other).any(axis=2)
        different[::256, 0] = False
        assert not different.any()


def test_layers_can_be_drawn_in_steps() -> None:
    """What a view keeps: everything below, the active layer, everything above."""
    layers = (*scene(), noise_layer(100, 100, 9, offset=(20, 20)), noise_layer(50, 280, 5))
    rect = Rect(3, 5, 261, 263)
    whole = composite_layers(layers, rect)
    below, above = Surface.transparent(rect), Surface.transparent(rect)
    draw_layers(below, layers[:5])
    draw_layers(above, layers[6:])  # Normal layers only
    kept = below.planes.copy()
    between = composite_between(layers[5:6], rect, below=below, above=above)
    assert np.abs(between.astype(int) - whole).max() <= 1
    assert (between != whole).mean() < 0.001
    assert np.array_equal(below.planes, kept)


def test_nothing_of_one_row_is_left_in_the_next() -> None:
    """Dissolve has gaps in its rows; bytes of the row before, read as numbers there, are NaN."""
    layer = noise_layer(256, 256, 8, blend_mode=BlendMode.DISSOLVE, opacity=0.1)
    picture = flatten(Document(256, 256, (layer,)))
    seen = picture[..., 3] > 0
    assert np.array_equal(picture[seen][:, :3], layer.pixels.array[seen][:, :3])


def test_screens_get_premultiplied_bgra() -> None:
    document = Document(300, 280, scene()[1:])
    straight = flatten(document).astype(float)
    premultiplied = straight[..., :3] * straight[..., 3:] / 255
    screen = composite(document, bgra=True)
    assert np.array_equal(screen[..., 3], straight[..., 3])
    assert np.abs(screen[..., 2::-1] - premultiplied).max() <= 1.6  # three roundings
    assert (screen[..., :3] <= screen[..., 3:]).all()
