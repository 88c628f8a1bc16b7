"""Documents on the model's canvas: no distortion, on the grid, inside; pixels without fringes."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.models.geometry import TOKEN_PX, Box
from engine.pipelines.document_pixels import background_pixels, object_pixels
from engine.pipelines.native_canvas import (
    LARGE_SIDE_PX,
    SMALL_SIDE_PX,
    DrawingPlace,
    NativeCanvas,
    place_alone,
)
from engine.requests import Corners

SIDES = st.integers(16, 8192)


def check_place(place: DrawingPlace, asked: Corners) -> None:
    x0, y0, x1, y1 = place.rect
    assert asked[0] <= x0 < x1 <= asked[2]
    assert asked[1] <= y0 < y1 <= asked[3]
    box = place.native
    assert all(value % TOKEN_PX == 0 for value in (box.x0, box.y0, box.x1, box.y1))
    # the shape of the box is kept, up to whole pixels
    assert abs((x1 - x0) - (y1 - y0) * box.width / box.height) <= box.width / box.height + 1


@settings(max_examples=200, deadline=None)
@given(SIDES, SIDES, st.data())
def test_any_box_of_any_document_has_a_place(width: int, height: int, data: st.DataObject) -> None:
    canvas = NativeCanvas.fit(width, height, data.draw(st.integers(0, 8)))
    assert max(canvas.width, canvas.height) in (SMALL_SIDE_PX, LARGE_SIDE_PX)
    assert canvas.width % TOKEN_PX == canvas.height % TOKEN_PX == 0
    assert canvas.width >= width * canvas.scale - 1e-6
    assert canvas.height >= height * canvas.scale - 1e-6
    x0, y0 = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    asked = (x0, y0, data.draw(st.integers(x0 + 1, width)), data.draw(st.integers(y0 + 1, height)))
    check_place(place_alone(asked), asked)
    check_place(place_alone(asked, trained_most=False), asked)
    together = canvas.place_together(asked)
    if together is not None:
        check_place(together, asked)
        box = together.native
        assert box.x0 >= 0
        assert box.y0 >= 0
        assert box.x1 <= canvas.width
        assert box.y1 <= canvas.height


@pytest.mark.parametrize(
    ("asked", "native"),
    [
        ((0, 0, 256, 256), Box(0, 0, 128, 128)),
        ((256, 128, 448, 320), Box(128, 64, 224, 160)),
        ((0, 0, 160, 224), Box(0, 0, 80, 112)),
    ],
)
def test_boxes_on_the_grid_stay_where_they_are(asked: Corners, native: Box) -> None:
    place = NativeCanvas.fit(512, 512, 5).place_together(asked)
    assert place == DrawingPlace(native, asked)


@pytest.mark.parametrize(
    ("size", "objects", "canvas"),
    [
        ((512, 512), 2, (192, 192)),
        ((512, 512), 5, (256, 256)),
        ((1024, 576), 2, (256, 144)),
        ((300, 400), 0, (192, 256)),
    ],
)
def test_canvases_like_those_of_the_training(
    size: tuple[int, int], objects: int, canvas: tuple[int, int]
) -> None:
    fitted = NativeCanvas.fit(*size, objects)
    assert (fitted.width, fitted.height) == canvas


@pytest.mark.parametrize(
    ("asked", "native", "rect"),
    [
        ((10, 20, 210, 150), (128, 128), (45, 20, 175, 150)),
        ((0, 0, 100, 150), (128, 128), (0, 25, 100, 125)),
        ((0, 0, 200, 100), (160, 112), (28, 0, 171, 100)),  # longer than 1.6
    ],
)
def test_alone_in_the_square_that_the_model_knows_best(
    asked: Corners, native: tuple[int, int], rect: Corners
) -> None:
    place = place_alone(asked)
    assert (place.native.width, place.native.height) == native
    assert place.rect == rect


def test_as_versions_did_that_only_contained_drawings() -> None:
    assert place_alone((0, 0, 200, 140), trained_most=False).native == Box(0, 0, 160, 112)


def test_a_canvas_too_narrow_for_drawings() -> None:
    assert NativeCanvas.fit(8192, 16).place_together((0, 0, 100, 16)) is None


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        ((512, 512), (40, 51, 377, 203)),
        ((512, 512), (500, 0, 512, 512)),
        ((1000, 370), (3, 4, 5, 6)),
        ((300, 1100), (-20, 700, 90, 1130)),
    ],
)
def test_a_place_that_neither_moves_nor_scales(size: tuple[int, int], shown: Corners) -> None:
    canvas = NativeCanvas.fit(*size, 2)
    place = canvas.place_as_it_lies(shown)
    native = (place.native.x0, place.native.y0, place.native.x1, place.native.y1)
    assert all(side % 16 == 0 for side in native)
    assert 0 <= native[0] < native[2] <= canvas.width
    assert 0 <= native[1] < native[3] <= canvas.height
    assert np.abs(np.multiply(place.rect, canvas.scale) - native).max() <= 0.5 * canvas.scale + 1e-6
    cut = (max(0, shown[0]), max(0, shown[1]), min(size[0], shown[2]), min(size[1], shown[3]))
    air = np.multiply((1, 1, -1, -1), np.subtract(cut, place.rect))
    assert air.min() >= -1
    assert air.max() <= 16 / canvas.scale + 1


def test_object_pixels_have_no_fringe_and_stay_in_their_part() -> None:
    decoded = torch.zeros(4, 32, 32)
    decoded[0] = 1  # red even where transparent; the rest of the colour must not leak in
    decoded[3, 8:24, 8:24] = 1
    decoded[1, :, :8] = 1  # yellow, but transparent
    pixels = object_pixels(decoded, (10, 10, 110, 90), (30, 20, 90, 80))
    assert pixels.shape == (80, 100, 4)
    alpha = pixels[..., 3]
    assert alpha[:10].max() == alpha[:, :20].max() == alpha[:, 80:].max() == 0
    assert alpha[40, 50] == 255
    visible = pixels[alpha > 8]
    assert visible[:, 0].min() >= 254
    assert visible[:, 1:3].max() <= 1
    assert pixels[alpha == 0].max() == 0


def test_soft_alpha_survives_in_size() -> None:
    decoded = torch.full((4, 16, 16), 0.5)
    pixels = object_pixels(decoded, (0, 0, 16, 16), (0, 0, 16, 16))
    assert np.array_equal(np.unique(pixels), [128])


@pytest.mark.parametrize("size", [(512, 512), (300, 200), (100, 37), (1600, 90)])
def test_backgrounds_fill_the_document_without_distortion(size: tuple[int, int]) -> None:
    canvas = NativeCanvas.fit(*size)
    y, x = torch.meshgrid(
        torch.arange(canvas.height * 2.0), torch.arange(canvas.width * 2.0), indexing="ij"
    )
    decoded = torch.stack([x / 512, y / 512, torch.zeros_like(x), torch.ones_like(x)])
    pixels = background_pixels(decoded, canvas)
    assert pixels.shape == (size[1], size[0], 4)
    assert pixels[..., 3].min() == 255
    right, bottom = (side * canvas.scale * 2 / 512 * 255 for side in size)
    assert pixels[:, -1, 0].mean() == pytest.approx(right, abs=4)
    assert pixels[-1, :, 1].mean() == pytest.approx(bottom, abs=4)
