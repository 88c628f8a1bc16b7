"""Drawings in the boxes that were drawn for them: filled, whole, in shape, with steep edges."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from engine.errors import RequestError
from engine.pipelines import document_pixels
from engine.pipelines.document_pixels import native_object
from engine.pipelines.drawing_fit import (
    MAX_STRETCH,
    MAX_ZOOM,
    Fit,
    fit_named,
    frame_around,
    placed_pixels,
    softened_named,
)
from engine.requests import Corners, LayerPixels

FRAME = (110, 110, 238, 238)  # 128 px, as decoded


def drawing(rows: tuple[int, int], columns: tuple[int, int]) -> Tensor:
    """A red block with antialiased edges in a clear frame of 128 px."""
    rgba = torch.zeros(4, 128, 128)
    rgba[0] = 1
    rgba[3, rows[0] - 1 : rows[1] + 1, columns[0] - 1 : columns[1] + 1] = 0.2
    rgba[3, rows[0] : rows[1], columns[0] : columns[1]] = 1
    return rgba


def seen(alpha: np.ndarray) -> Corners:
    rows, columns = np.nonzero(alpha > 64)
    return int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1


def overlap(alpha: np.ndarray) -> float:
    x0, y0, x1, y1 = seen(alpha)
    return float((x1 - x0) * (y1 - y0) / alpha.size)


@pytest.mark.parametrize(
    ("rows", "columns"),
    [((4, 124), (4, 124)), ((20, 108), (20, 108)), ((2, 90), (30, 120)), ((10, 110), (20, 100))],
)
def test_the_object_fills_its_box_in_the_middle(
    rows: tuple[int, int], columns: tuple[int, int]
) -> None:
    alpha = placed_pixels(drawing(rows, columns), (100, 100, 250, 248), FRAME, Fit.FILLED)[..., 3]
    assert alpha.shape == (148, 150)
    x0, y0, x1, y1 = seen(alpha)
    assert abs(x0 - (150 - x1)) <= 1
    assert abs(y0 - (148 - y1)) <= 1
    assert overlap(alpha) >= 0.7
    # Nothing is cut: what is soft at the rim is still there.
    assert 0 < alpha[0].max() < 255 or y0 > 0


def test_a_shape_that_nearly_fills_is_not_stretched() -> None:
    round_one = drawing((14, 114), (14, 114))
    x0, y0, x1, y1 = seen(placed_pixels(round_one, (0, 0, 140, 115), FRAME, Fit.FILLED)[..., 3])
    assert abs((x1 - x0) - (y1 - y0)) <= 1
    assert y1 - y0 >= 110


def test_a_shape_far_from_the_boxs_is_stretched_within_the_bound() -> None:
    long_one = drawing((34, 94), (4, 124))
    pixels = placed_pixels(long_one, (0, 0, 128, 128), (0, 0, 128, 128), Fit.FILLED)
    x0, y0, x1, y1 = seen(pixels[..., 3])
    assert x1 - x0 >= 124
    assert (y1 - y0) * 2 / (x1 - x0) == pytest.approx(MAX_STRETCH, abs=0.03)


def test_specks_are_not_blown_up() -> None:
    speck = drawing((60, 70), (60, 70))
    x0, _, x1, _ = seen(
        placed_pixels(speck, (0, 0, 256, 256), (0, 0, 256, 256), Fit.FILLED)[..., 3]
    )
    assert x1 - x0 == pytest.approx(2 * 10 * MAX_ZOOM, abs=3)
    assert (x0 + x1) / 2 == pytest.approx(128, abs=1)


def test_soft_shadows_are_neither_cut_nor_taken_for_the_object() -> None:
    shaded = drawing((20, 80), (20, 80))
    shadow = torch.linspace(0.2, 0.01, 24)
    shaded[3, 81:105, 30:80] = shadow[:, None]
    pixels = placed_pixels(shaded, (0, 0, 150, 150), (11, 11, 139, 139), Fit.FILLED)
    alpha = pixels[..., 3].astype(int)
    below = alpha[seen(alpha)[3] + 2 :, 75]
    assert len(below) >= 30
    assert below[-1] <= 8  # it ends by itself, not at the box
    assert np.diff(below).max() <= 1
    x0, _y0, x1, _y1 = seen(alpha)
    assert abs(x0 - (150 - x1)) <= 1


def test_edges_are_steep_after_enlarging() -> None:
    ramp = torch.tensor([0.0, 0.1, 0.5, 0.9, 1.0])
    profile = torch.ones(128)
    profile[:5], profile[123:] = ramp, ramp.flip(0)
    soft = torch.full((4, 128, 128), 0.5)
    soft[3] = torch.minimum(profile[:, None], profile)
    box = (0, 0, 200, 200)

    def softness(fit: Fit) -> float:
        alpha = placed_pixels(soft, box, box, fit)[..., 3].astype(float)
        return float((alpha * (255 - alpha)).sum())

    assert softness(Fit.KEPT) < 0.9 * softness(Fit.CONTAINED)


def test_large_drawings_are_made_in_strips_that_do_not_show(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = placed_pixels(drawing((20, 108), (20, 108)), (0, 0, 200, 200), FRAME, Fit.FILLED)
    monkeypatch.setattr(document_pixels, "_ROWS_AT_ONCE", 17)
    strips = placed_pixels(drawing((20, 108), (20, 108)), (0, 0, 200, 200), FRAME, Fit.FILLED)
    assert np.abs(strips.astype(int) - whole).max() <= 1


def test_colours_have_no_fringe() -> None:
    pixels = placed_pixels(drawing((20, 108), (20, 108)), (0, 0, 200, 200), FRAME, Fit.FILLED)
    visible = pixels[pixels[..., 3] > 16]
    assert visible[:, 0].min() >= 250
    assert visible[:, 1:3].max() <= 4
    assert pixels[pixels[..., 3] == 0].max() == 0


def test_nothing_to_see_stays_nothing() -> None:
    assert (
        placed_pixels(torch.zeros(4, 64, 64), (0, 0, 90, 70), (0, 0, 70, 70), Fit.FILLED).max() == 0
    )


def test_a_fitted_drawing_is_seen_whole_by_the_next_run() -> None:
    asked, frame = (50, 60, 350, 260), (100, 60, 300, 260)
    pixels = placed_pixels(drawing((20, 108), (4, 124)), asked, frame, Fit.FILLED)
    content = LayerPixels(asked, pixels)
    whole = frame_around(content, asked, frame)
    x0, _y0, x1, _y1 = seen(pixels[..., 3])
    assert whole[0] <= asked[0] + x0
    assert whole[2] >= asked[0] + x1
    assert whole[2] - whole[0] == whole[3] - whole[1]
    assert native_object(content, whole, 128, 128)[3, :, (0, -1)].max() < 0.5
    # and goes back where it was, even what lies beyond the frame of a new drawing
    again = placed_pixels(native_object(content, whole, 256, 256), asked, whole, Fit.KEPT)
    assert np.abs(np.subtract(seen(again[..., 3]), seen(pixels[..., 3]))).max() <= 2


def test_what_lies_in_its_frame_is_taken_from_there() -> None:
    asked, frame = (0, 0, 300, 200), (50, 0, 250, 200)
    pixels = placed_pixels(drawing((20, 108), (20, 108)), asked, frame, Fit.CONTAINED)
    assert frame_around(LayerPixels(asked, pixels), asked, frame) == frame
    nothing = LayerPixels(asked, np.zeros((200, 300, 4), np.uint8))
    assert frame_around(nothing, asked, frame) == frame


def test_fits_of_records() -> None:
    assert fit_named("") is Fit.CONTAINED
    assert fit_named("filled") is Fit.FILLED
    assert fit_named("cleaned") is Fit.CLEANED
    assert fit_named("curved") is Fit.CURVED
    with pytest.raises(RequestError, match="does not say enough"):
        fit_named("by a later version")
    assert [softened_named(name) for name in ("", "glow")] == ["", "glow"]
    with pytest.raises(RequestError, match="does not say enough"):
        softened_named("by a later version")
