"""Wide edges of enlarged drawings become clean ones; what is soft stays as it is."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from engine.pipelines import crisp_edges
from engine.pipelines.crisp_edges import crispen_edges
from engine.training.upscaler.metrics import edge_width, find_edges

Bytes = npt.NDArray[np.uint8]
SIDE, FINE = 160, 4


def blob() -> npt.NDArray[np.float32]:
    """A white shape on black, its outline in all directions: `SIDE * FINE` px, 0 or 255."""
    y, x = (np.mgrid[: SIDE * FINE, : SIDE * FINE] + 0.5) / FINE - SIDE / 2
    outline = SIDE * 0.33 * (1 + 0.12 * np.sin(3 * np.arctan2(y, x) + 0.4))
    return np.asarray((np.hypot(x, y) < outline) * 255, np.float32)


def reduced(picture: npt.NDArray[np.float32], side: int = SIDE) -> Bytes:
    small = cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA)
    return np.asarray(np.rint(small), np.uint8)


def softened(picture: Bytes, sigma: float) -> Bytes:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.uint8)


def stepped() -> Bytes:
    """The blob as an enlargement leaves it: steps of four pixels, and too soft."""
    coarse = cv2.resize(reduced(blob(), SIDE // 4), (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    hard = np.clip((coarse.astype(np.float32) - 128) * 3 + 128, 0, 255)
    blocks = cv2.resize(reduced(blob(), SIDE // 2), (SIDE, SIDE), interpolation=cv2.INTER_NEAREST)
    return softened(np.asarray(np.rint(0.5 * hard + 0.5 * blocks), np.uint8), 0.6)


def crisp(picture: Bytes) -> Bytes:
    out = picture.copy()
    crispen_edges(out)
    return out


def width(picture: Bytes) -> float:
    plane = picture.astype(np.float64)
    return edge_width(plane, find_edges(plane, along=True))


def test_a_wide_edge_gets_the_width_of_clean_vector_art_and_comes_nearer_to_it() -> None:
    true = reduced(blob())
    wide = softened(true, 0.75)
    made = crisp(wide)
    assert width(wide) > 2
    assert width(made) == pytest.approx(width(true), abs=0.15)
    apart = [np.abs(picture.astype(float) - true).mean() for picture in (wide, made)]
    assert apart[1] < 0.5 * apart[0]


def test_steps_along_an_edge_are_smoothed() -> None:
    true, rough = reduced(blob()).astype(float), stepped()
    before, after = (np.abs(picture - true).mean() for picture in (rough, crisp(rough)))
    assert after < 0.8 * before


def test_nothing_leaves_the_range_around_it() -> None:
    rng = np.random.default_rng(1)
    noise = rng.integers(0, 256, (12, 15, 3), np.uint8)
    picture = np.asarray(cv2.resize(noise, (90, 72)), np.uint8)
    made, kernel = crisp(picture), np.ones((3, 3), np.uint8)
    assert (made >= cv2.erode(picture, kernel)).all()
    assert (made <= cv2.dilate(picture, kernel)).all()


@pytest.mark.parametrize("sigma", [4, 6, 12])  # of an enlarged pixel of one, one and a half, three
def test_soft_shadows_and_glows_stay_soft(sigma: float) -> None:
    shadow = softened(reduced(blob()), sigma)
    assert np.abs(crisp(shadow).astype(int) - shadow).max() <= 1


def test_gradients_and_brush_strokes_stay_as_they_are() -> None:
    y, x = np.mgrid[:SIDE, :SIDE]
    gradient = np.asarray(x * 255 // SIDE, np.uint8)
    steep = np.asarray(np.clip(x * 24 - 800, 0, 255), np.uint8)  # all of it in 11 px
    stroke = np.asarray(255 * np.exp(-(((y - 80) / 9.0) ** 2)), np.uint8)
    for picture in (gradient, steep, stroke):
        assert np.abs(crisp(picture).astype(int) - picture).max() <= 1


def test_thin_lines_and_clean_edges_stay_as_they_are() -> None:
    lines = np.full((64, 64), 240, np.uint8)
    lines[:, 20], lines[40, :], lines[:, 50:] = 20, 20, 90
    assert np.array_equal(crisp(lines), lines)
    clean = reduced(blob())
    assert np.abs(crisp(clean).astype(float) - clean).mean() < 0.25


@pytest.mark.parametrize("pixels", [1, 1 << 12, 1 << 13])
def test_strips_join_exactly(monkeypatch: pytest.MonkeyPatch, pixels: int) -> None:
    rough = np.dstack([stepped(), softened(reduced(blob()), 0.8), 255 - stepped()])
    whole = crisp(rough)
    assert not np.array_equal(whole, rough)
    monkeypatch.setattr(crisp_edges, "_STRIP_PIXELS", pixels)
    assert np.array_equal(crisp(rough), whole)


def test_a_grey_plane_and_a_view_of_a_larger_array_are_changed_in_place() -> None:
    rough = stepped()
    rgba = np.dstack([rough] * 3 + [np.full_like(rough, 9)])
    crispen_edges(rgba[..., :3])
    assert np.array_equal(rgba[..., 1], crisp(rough))
    assert (rgba[..., 3] == 9).all()


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (40, 1), (5, 3, 3)])
def test_any_size(shape: tuple[int, ...]) -> None:
    assert crisp(np.full(shape, 7, np.uint8)).shape == shape
