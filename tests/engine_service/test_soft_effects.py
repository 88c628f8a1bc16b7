"""Shadows and glows made smooth: where and as strong as drawn, under a drawing that stays."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import torch
from torch import Tensor

from engine.pipelines.drawing_fit import Fit, placed_pixels, softened_by
from engine.pipelines.soft_effects import GLOW, SHADOW, laid_over, soft_parts
from engine.prompts.captions import EFFECTS
from engine.requests import RgbaArray
from engine.training.evaluation.edge_metrics import roughness
from engine.training.layered_data import with_effect

SIDE = 160
BOX = (0, 0, SIDE, SIDE)


def disc(centre: int = 80, radius: int = 44) -> RgbaArray:
    """A red disc with a green middle on nothing."""
    large = np.zeros((4 * SIDE, 4 * SIDE, 4), np.uint8)
    cv2.circle(large, (4 * centre, 4 * 80), 4 * radius, (200, 30, 30, 255), -1)
    cv2.circle(large, (4 * centre, 4 * 80), 2 * radius, (30, 160, 60, 255), -1)
    small = cv2.resize(large, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    small[small[..., 3] > 0, :3] = np.where(
        small[small[..., 3] > 0, :3].sum(1, keepdims=True) > 0,
        small[small[..., 3] > 0, :3],
        (200, 30, 30),
    )
    return np.asarray(small, np.uint8)


def as_drawn(rgba: RgbaArray, speckle: float = 0.0) -> Tensor:
    """Straight RGBA `4 h w`, the halo uneven in blocks of 4 px as a network's."""
    drawn = torch.from_numpy(rgba.copy()).permute(2, 0, 1).float() / 255
    blocks = np.random.default_rng(4).uniform(1 - speckle, 1 + speckle, (SIDE // 4, SIDE // 4))
    uneven = torch.from_numpy(np.kron(blocks, np.ones((4, 4)))).float()
    soft = drawn[3] < 0.75
    drawn[3] = torch.where(soft, (drawn[3] * uneven).clamp(0, 0.7), drawn[3])
    return drawn


@pytest.mark.parametrize("effect", EFFECTS)
def test_a_speckled_halo_becomes_the_smooth_one(effect: str) -> None:
    true = with_effect(disc(), effect)
    drawn = as_drawn(true, 0.7)
    parts = soft_parts(drawn, effect)
    assert parts is not None
    inner = slice(parts.margin, -parts.margin)
    own, halo = parts.drawing[3, inner, inner], parts.halo[inner, inner]
    alpha = (own + halo * (1 - own)).numpy()
    soft = (disc()[..., 3] == 0) & (true[..., 3] > 0)
    before, after = (
        np.abs(each * 255 - true[..., 3])[soft].mean() for each in (drawn[3].numpy(), alpha)
    )
    assert after < 0.7 * before
    rough = [
        roughness(np.rint(plane * 255).astype(np.uint8)) for plane in (drawn[3].numpy(), alpha)
    ]
    assert rough[1] < 0.5 * rough[0]
    strength = float(alpha[soft].sum() / (true[..., 3][soft] / 255).sum())
    assert 0.75 < strength < 1.15, "as strong as it was drawn"


def test_the_solid_part_keeps_its_values() -> None:
    drawn = as_drawn(with_effect(disc(), SHADOW), 0.5)
    parts = soft_parts(drawn, SHADOW)
    assert parts is not None
    inner = slice(parts.margin, -parts.margin)
    full = drawn[3] >= 1
    assert torch.equal(parts.drawing[:, inner, inner][:, full], drawn[:, full])
    over = laid_over(np.full((2, 2), 0.4, np.float32), (0, 0, 0), np.full((2, 2, 4), 255, np.uint8))
    assert (over == 255).all()


def test_a_shadow_that_is_missing_on_one_side_stays_missing_there() -> None:
    drawn = as_drawn(with_effect(disc(), GLOW))
    drawn[3, :, :76] *= drawn[3, :, :76] > 0.75
    parts = soft_parts(drawn, GLOW)
    assert parts is not None
    row = parts.halo[parts.margin + 80]
    left, right = row[parts.margin + 80 - 50], row[parts.margin + 80 + 50]
    assert left < 0.1 * right


@pytest.mark.parametrize("fit", [Fit.FILLED, Fit.CURVED])
def test_a_halo_that_the_frame_cut_ends_inside_the_box(fit: Fit) -> None:
    drawn = as_drawn(with_effect(disc(centre=110), GLOW))
    assert drawn[3, 70:90, -1].max() > 0.1, "cut"
    cut, whole = (placed_pixels(drawn, BOX, BOX, fit, effect) for effect in ("", GLOW))
    assert cut[60:100, -1, 3].max() > 25 or fit is Fit.CURVED, "as it was drawn"
    assert max(whole[edge][..., 3].max() for edge in (0, -1)) <= 3
    assert max(whole[:, edge, 3].max() for edge in (0, -1)) <= 3
    outward = whole[80, :, 3].astype(int)
    assert (np.diff(outward[outward.argmax() :]) <= 1).all()


def test_what_is_no_halo_of_the_effect_stays() -> None:
    glowing = as_drawn(with_effect(disc(), GLOW))
    assert soft_parts(glowing, SHADOW) is None, "light"
    assert soft_parts(as_drawn(disc()), GLOW) is None, "nothing there"
    assert soft_parts(glowing, "") is None
    ghost = as_drawn(disc())
    ghost[3] *= 0.5
    assert soft_parts(ghost, GLOW) is None, "translucent"
    plain = placed_pixels(as_drawn(disc()), BOX, BOX, Fit.CURVED)
    assert np.array_equal(placed_pixels(as_drawn(disc()), BOX, BOX, Fit.CURVED, GLOW), plain)


def test_refined_and_contained_drawings_are_left_alone() -> None:
    for fit in (Fit.CURVED, Fit.FILLED):
        assert softened_by(fit, GLOW, drawn=True) == GLOW
        assert softened_by(fit, GLOW, drawn=False) == f"{GLOW} added"
        assert softened_by(fit, "", drawn=False) == ""
    for fit in (Fit.KEPT, Fit.CONTAINED):
        assert softened_by(fit, GLOW, drawn=True) == softened_by(fit, GLOW, drawn=False) == ""


@pytest.mark.parametrize("effect", EFFECTS)
def test_a_drawing_without_a_halo_gets_the_one_of_the_art(effect: str) -> None:
    plain = disc()
    box = (0, 0, plain.shape[1], plain.shape[0])
    decoded = torch.from_numpy(plain).permute(2, 0, 1).float() / 255
    made = placed_pixels(decoded, box, box, Fit.FILLED, f"{effect} added").astype(float)
    seen, halo = made[..., 3] > 250, (made[..., 3] > 5) & (made[..., 3] < 200)
    assert seen.sum() > 0.3 * seen.size  # the drawing, nearly as large as its box
    assert halo.sum() > 0.08 * seen.size
    assert made[0, :, 3].max() < 40  # it ends inside the box
    assert made[:, 0, 3].max() < 40
    colour = made[halo][:, :3].mean()
    assert colour < 40 if effect == SHADOW else colour > 200
    rows = np.nonzero(seen)[0].mean(), np.nonzero(halo)[0].mean()
    assert (rows[1] > rows[0] + 1) == (effect == SHADOW)
