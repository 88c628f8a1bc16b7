"""The compositor against float64 with psd-tools' blend functions, and its promises."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from editor.document.blending import LAYER_MODES, BlendMode
from editor.document.compositor import (
    CompositingCancelled,
    composite,
    composite_between,
    composite_layers,
    draw_layers,
    flatten,
    level_rect,
)
from editor.document.document import Document
from editor.document.geometry import Rect
from editor.document.layers import GroupLayer, Layer, RasterLayer
from editor.document.pixels import PixelBuffer
from editor.document.surface import Surface
from tests.document.oracle import levels, oracle_composite, over
from tests.document.scenes import flat_layer, noise_layer

EXACT_MODES = [mode for mode in LAYER_MODES if mode is not BlendMode.DISSOLVE]
SIDE = 96


def errors(layers: tuple[Layer, ...], side: int = SIDE) -> tuple[float, npt.NDArray[np.float64]]:
    """Largest error of alpha, and the error of colour per pixel, both in 8-bit levels."""
    document = Document(side, side, layers)
    ours = composite(document).astype(float)
    colour, alpha = levels(oracle_composite(layers, document.canvas))
    wrong = np.abs(ours[..., :3] - colour).max(axis=2)
    wrong[ours[..., 3] == 0] = 0  # no colour is stored there
    return float(np.abs(ours[..., 3:] - alpha).max()), wrong


def unstable(layers: tuple[Layer, ...], side: int = SIDE) -> npt.NDArray[np.bool_]:
    """Where float64 itself jumps when the top layer's backdrop changes by a millionth."""
    below, top = oracle_composite(layers[:-1], Rect(0, 0, side, side)), layers[-1]
    assert isinstance(top, RasterLayer)
    results = []
    for shift in (-4e-5, 0, 4e-5):
        pixels = top.pixels.array / 255
        shifted = (np.clip(below[0] + shift, 0, 1), below[1])
        results.append(over(shifted, (pixels[..., :3], pixels[..., 3:]), top)[0])
    spread = np.max(results, axis=0) - np.min(results, axis=0)
    jumps: npt.NDArray[np.bool_] = spread.max(axis=2) * 255 > 0.3
    return jumps


@pytest.mark.parametrize("mode", EXACT_MODES)
@pytest.mark.parametrize("opaque", [True, False], ids=["opaque", "translucent"])
def test_every_mode_is_within_one_level(mode: BlendMode, opaque: bool) -> None:
    layers = (
        noise_layer(SIDE, SIDE, 1, opaque=opaque),
        noise_layer(SIDE, SIDE, 2, opacity=0.8, blend_mode=mode),
    )
    alpha_error, wrong = errors(layers)
    assert alpha_error <= 0.51
    jumps = unstable(layers) if mode.name.endswith("ER_COLOR") else np.zeros(wrong.shape, bool)
    assert jumps.mean() < 0.02
    assert wrong[~jumps].max() <= 0.6


@pytest.mark.parametrize("mode", EXACT_MODES)
def test_every_mode_over_a_stack(mode: BlendMode) -> None:
    layers = (
        *(noise_layer(SIDE, SIDE, seed, opacity=0.6) for seed in range(4)),
        noise_layer(SIDE, SIDE, 9, opacity=0.9, blend_mode=mode),
    )
    alpha_error, wrong = errors(layers)
    assert alpha_error <= 0.51
    jumps = unstable(layers)
    assert jumps.mean() < 0.06
    assert wrong[~jumps].max() <= 1


@pytest.mark.parametrize("mode", [BlendMode.COLOR_BURN, BlendMode.COLOR_DODGE])
@pytest.mark.parametrize("backdrop", [0, 255])
@pytest.mark.parametrize("source", [0, 1, 254, 255])
def test_burn_and_dodge_at_the_ends_after_many_layers(
    mode: BlendMode, backdrop: int, source: int
) -> None:
    """A backdrop of 0.9999999 instead of 1 would make these jump by many levels."""
    grey = (backdrop, backdrop, backdrop)
    layers = (
        flat_layer((*grey, 255), SIDE, SIDE),
        *(flat_layer((*grey, a), SIDE, SIDE, opacity=0.3) for a in (1, 77, 200, 3, 254)),
        flat_layer((source, source, source, 255), SIDE, SIDE, opacity=0.7, blend_mode=mode),
    )
    _, wrong = errors(layers)
    assert wrong.max() <= 0.51


def test_fifty_faint_layers_do_not_accumulate_error() -> None:
    layers = (
        noise_layer(SIDE, SIDE, 99, opaque=True),
        *(noise_layer(SIDE, SIDE, seed, opacity=0.3) for seed in range(50)),
    )
    alpha_error, wrong = errors(layers)
    assert alpha_error == 0
    assert wrong.max() <= 0.51


@pytest.mark.parametrize("group_mode", [BlendMode.PASS_THROUGH, *EXACT_MODES])
def test_groups_blend_as_psd_groups_do(group_mode: BlendMode) -> None:
    group = GroupLayer(
        blend_mode=group_mode,
        opacity=0.7,
        children=(
            noise_layer(60, 50, 2, offset=(5, -7), opacity=0.9),
            noise_layer(40, 70, 3, offset=(30, 20), blend_mode=BlendMode.MULTIPLY),
            GroupLayer(children=(noise_layer(20, 20, 4, blend_mode=BlendMode.SCREEN),)),
        ),
    )
    layers = (noise_layer(SIDE, SIDE, 1, opaque=True), group)
    alpha_error, wrong = errors(layers)
    assert alpha_error <= 0.51
    jumping = {BlendMode.HARD_MIX, BlendMode.DARKER_COLOR, BlendMode.LIGHTER_COLOR}
    few = np.quantile(wrong, 0.999) if group_mode in jumping else wrong.max()
    assert few <= 1


def test_pass_through_differs_from_isolated() -> None:
    multiply = noise_layer(SIDE, SIDE, 2, blend_mode=BlendMode.MULTIPLY)
    base = noise_layer(SIDE, SIDE, 1, opaque=True)
    through = Document(SIDE, SIDE, (base, GroupLayer(children=(multiply,))))
    isolated = Document(
        SIDE, SIDE, (base, GroupLayer(children=(multiply,), blend_mode=BlendMode.NORMAL))
    )
    loose = Document(SIDE, SIDE, (base, multiply))
    assert np.array_equal(flatten(through), flatten(loose))
    assert not np.array_equal(flatten(isolated), flatten(loose))


def test_dissolve_is_random_in_place_but_the_same_each_time() -> None:
    layer = flat_layer((200, 100, 50, 255), 128, 128, opacity=0.25, blend_mode=BlendMode.DISSOLVE)
    document = Document(128, 128, (layer,))
    picture = flatten(document)
    assert set(np.unique(picture[..., 3])) == {0, 255}
    assert 0.2 < (picture[..., 3] == 255).mean() < 0.3
    assert np.array_equal(picture, flatten(document))
    part = composite(document, Rect(37, 11, 90, 100))
    assert np.array_equal(part, picture[11:100, 37:90])
    other = Document(
        128,
        128,
        (flat_layer((0, 0, 0, 255), 128, 128, opacity=0.25, blend_mode=BlendMode.DISSOLVE),),
    )
    assert not np.array_equal(picture[..., 3], flatten(other)[..., 3])


@pytest.mark.parametrize("rect", [(0, 0, 300, 280), (250, 250, 270, 262), (-20, -5, 3, 400)])
def test_a_part_equals_the_same_part_of_the_whole(rect: tuple[int, int, int, int]) -> None:
    layers = (
        noise_layer(300, 280, 1, opaque=True),
        noise_layer(200, 300, 2, offset=(-30, 40), opacity=0.4),
        noise_layer(280, 90, 3, offset=(100, 100), blend_mode=BlendMode.SOFT_LIGHT),
        GroupLayer(opacity=0.5, children=(noise_layer(90, 90, 4, offset=(200, 200)),)),
    )
    document = Document(300, 280, layers)
    whole = np.zeros((700, 700, 4), np.uint8)
    whole[200:480, 200:500] = flatten(document)
    x0, y0, x1, y1 = rect
    expected = whole[200 + y0 : 200 + y1, 200 + x0 : 200 + x1]
    assert np.array_equal(composite(document, Rect(*rect)), expected)


def test_an_empty_document_is_transparent() -> None:
    assert not flatten(Document(5, 3)).any()
    assert flatten(Document(5, 3)).shape == (3, 5, 4)
    assert composite(Document(5, 3), Rect(2, 2, 2, 2)).shape == (0, 0, 4)


def test_hidden_and_skipped_layers_are_left_out() -> None:
    base, top = flat_layer((10, 20, 30, 255)), flat_layer((99, 99, 99, 255))
    group = GroupLayer(children=(flat_layer((1, 2, 3, 255)),))
    document = Document(4, 4, (base, top, group))
    only_base = composite(document, skip=(top.layer_id, group.layer_id))
    assert tuple(only_base[0, 0]) == (10, 20, 30, 255)
    hidden = Document(4, 4, (base, flat_layer((9, 9, 9, 255), visible=False)))
    assert np.array_equal(flatten(hidden), only_base)


@pytest.mark.parametrize("offset", [(0, 0), (3, 3), (-9, 0), (0, 70), (2, -9)])
def test_single_pixel_layers_anywhere(offset: tuple[int, int]) -> None:
    layer = flat_layer((250, 3, 7, 128), 1, 1, offset=offset)
    picture = flatten(Document(4, 4, (layer,)))
    inside = 0 <= offset[0] < 4 and 0 <= offset[1] < 4
    assert int((picture[..., 3] > 0).sum()) == int(inside)
    if inside:
        assert tuple(picture[offset[1], offset[0]]) == (250, 3, 7, 128)


@pytest.mark.parametrize("size", [(1, 40), (40, 1), (1, 1), (257, 1)])
def test_thin_layers_keep_their_pixels(size: tuple[int, int]) -> None:
    layer = noise_layer(*size, seed=5)
    picture = flatten(Document(*size, layers=(layer,)))
    seen = picture[..., 3] > 0
    assert np.array_equal(picture[seen], layer.pixels.array[seen])


def test_one_normal_layer_comes_out_unchanged() -> None:
    layer = noise_layer(SIDE, SIDE, 3)
    picture = flatten(Document(SIDE, SIDE, (layer,)))
    expected = layer.pixels.array.copy()
    expected[expected[..., 3] == 0] = 0
    assert np.array_equal(picture, expected)


def test_levels_average_squares_weighted_by_alpha() -> None:
    pixels = np.zeros((4, 4, 4), np.uint8)
    pixels[0, 1] = (200, 100, 0, 255)
    pixels[2:, 2:] = (7, 8, 9, 255)
    layer = RasterLayer(pixels=PixelBuffer.from_array(pixels))
    small = composite(Document(4, 4, (layer,)), level=1)
    assert small.shape == (2, 2, 4)
    assert tuple(small[0, 0]) == (200, 100, 0, 64)
    assert tuple(small[1, 1]) == (7, 8, 9, 255)
    assert not small[0, 1].any()


@pytest.mark.parametrize("level", [1, 2, 3])
def test_levels_put_layers_on_the_grid_of_the_document(level: int) -> None:
    """A level of moved layers is the scaled full picture, not layers moved by whole pixels."""
    layers = (
        flat_layer((255, 255, 255, 255), 64, 64),
        flat_layer((0, 0, 0, 255), 21, 13, offset=(5, 17)),
        flat_layer((90, 160, 30, 255), 30, 30, offset=(-3, 33)),
    )
    document = Document(64, 64, layers)
    small = composite(document, level=level).astype(float)
    side = 1 << level
    full = flatten(document).astype(float)
    expected = full.reshape(64 // side, side, 64 // side, side, 4).mean(axis=(1, 3))
    assert np.abs(small - expected).max() <= 2  # layers do not know which pixels others cover


def test_level_rect_covers_what_it_is_asked_for() -> None:
    assert level_rect(Rect(0, 0, 5, 4), 1) == Rect(0, 0, 3, 2)
    assert level_rect(Rect(-3, -4, 5, 9), 2) == Rect(-1, -1, 2, 3)


def test_compositing_can_be_cancelled() -> None:
    document = Document(600, 600, (noise_layer(600, 600),))
    asked = iter([False, True])
    with pytest.raises(CompositingCancelled):
        composite(document, cancelled=lambda: next(asked))


def test_layers_by_themselves_may_lie_outside_the_canvas() -> None:
    layer = flat_layer((1, 2, 3, 255), offset=(-4, -4))
    assert np.array_equal(composite_layers((layer,), layer.bounds), layer.pixels.array)


def test_what_was_written_for_one_row_is_not_seen_by_the_next() -> None:
    """Bytes of an opaque light pixel are no number as a float; beside a layer they must not count.

    The row machine works on whole vectors, so a layer that ends inside of one meets them.
    """
    rect = Rect(0, 0, 100, 4)
    below = Surface.transparent(rect)
    draw_layers(below, (flat_layer((250, 240, 230, 255), 100, 4),))
    for mode in EXACT_MODES:
        narrow = flat_layer((20, 30, 40, 200), 10, 4, offset=(30, 0), blend_mode=mode)
        made = composite_between((narrow,), rect, below=below)
        beside = np.delete(made, np.s_[30:40], axis=1)
        assert (beside == (250, 240, 230, 255)).all(), mode
