"""The upscaler's training: what its pictures are, and that a run learns and resumes exactly."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from engine.models.inf_dit import InfDit
from engine.models.inf_dit_weights import rename_weights
from engine.models.starter_codec import StarterCodec
from engine.training.loop.optimiser import Rates, SharedOptimiser, share_model
from engine.training.loop.process_team import Tickets
from engine.training.loop.run_state import SavePlace, load_run, save_run
from engine.training.upscaler.art import (
    CROP_PX,
    CropPool,
    FloatImage,
    bleed,
    draw_crops,
    is_held_out,
)
from engine.training.upscaler.data import UpscaleBatch, UpscaleData, network_inputs, tokens_of
from engine.training.upscaler.evaluate import Pair, sheet
from engine.training.upscaler.export import exported
from engine.training.upscaler.metrics import edge_width, find_edges, luma, psnr, ssim
from engine.training.upscaler.model import (
    HEAD_GAIN,
    SIGMA_MAX,
    estimate,
    local_estimate,
    new_upscaler,
)
from engine.training.upscaler.train import Stage, UpscalerPlan, UpscalerTrainer, token_loss

RATES = Rates(muon=3e-3, adam=1.5e-3)


def disc(side: int, radius: float, softness: float = 0.5) -> FloatImage:
    """A red disc as straight RGBA in [0, 1]; its edge goes over twice `softness` pixels."""
    y, x = np.mgrid[:side, :side] + 0.5 - side / 2
    rgba = np.zeros((side, side, 4), np.float32)
    rgba[..., 0] = 1
    rgba[..., 3] = np.clip((radius - np.hypot(x, y)) / (2 * softness) + 0.5, 0, 1)
    return rgba


@pytest.fixture
def pool() -> CropPool:
    discs = [disc(CROP_PX, radius) for radius in (40, 60, 80)]
    pixels = np.rint(np.stack(discs) * 255).astype(np.uint8)
    return CropPool(pixels, torch.eye(3, 128), [400] * 3, "three discs")


@pytest.fixture
def batch(pool: CropPool) -> UpscaleBatch:
    return UpscaleData(pool, StarterCodec()).draw(np.random.default_rng(0), 2)


def test_colours_go_on_under_the_alpha_and_stay_where_it_is_full() -> None:
    rgba = disc(64, 20)
    rgba[rgba[..., 3] == 0, :3] = (0, 1, 0)  # what must not be seen
    filled = bleed(rgba)
    assert np.allclose(filled, (1, 0, 0), atol=1e-3)


def test_crops_stay_inside_and_most_have_an_edge() -> None:
    picture = np.rint(disc(600, 200) * 255).astype(np.uint8)
    crops = draw_crops(picture, np.random.default_rng(0), 10)
    assert all(crop.shape == (CROP_PX, CROP_PX, 4) for crop in crops)
    assert sum(0 < crop[..., 3].mean() < 255 for crop in crops) >= 7


def test_a_tenth_of_the_concepts_is_held_out() -> None:
    share = np.mean([is_held_out(f"1f{number:03x}") for number in range(2000)])
    assert 0.07 < share < 0.13


def test_batches_are_repeatable_in_range_and_close_to_their_target(
    pool: CropPool, batch: UpscaleBatch
) -> None:
    again = UpscaleData(pool, StarterCodec()).draw(np.random.default_rng(0), 2)
    assert torch.equal(batch.enlarged, again.enlarged)
    assert batch.target.shape == batch.enlarged.shape == (2, 3, 128, 128)
    assert batch.lr.shape == (2, 3, 32, 32)
    assert float(batch.enlarged.abs().max()) <= 1
    assert float((batch.enlarged - batch.target).abs().mean()) < 0.1


def test_inputs_of_the_network_lie_on_the_target() -> None:
    """A step at a known place stays there in all three pictures."""
    large = np.zeros((CROP_PX, CROP_PX, 3), np.float32)
    large[:, 96:] = 1
    small = np.asarray(cv2.resize(large, (48, 48), interpolation=cv2.INTER_AREA), np.float32)
    target, enlarged, lr = network_inputs(large, small)
    assert int((target[0, 0, 0] > 0).nonzero()[0]) == 64
    assert int((enlarged[0, 0, 0] > 0).nonzero()[0]) == 64
    assert int((lr[0, 0, 0] > 0).nonzero()[0]) == 16


def test_single_tokens_give_what_the_whole_network_gives(batch: UpscaleBatch) -> None:
    model = new_upscaler(1)
    torch.nn.init.normal_(model.head.weight, std=0.05)
    with torch.no_grad():
        whole = estimate(model, batch.enlarged, batch.enlarged, batch.lr, batch.vectors,
                         sigma=SIGMA_MAX, origin=(5, 7))  # fmt: skip
        tokens = tokens_of(batch)
        levels = torch.full((2,), float(np.log(SIGMA_MAX) / 4))
        condition = model.condition(levels, batch.vectors)[tokens.picture]
        single = local_estimate(model, tokens.enlarged, tokens.enlarged, tokens.ring, condition)
    grid = single.reshape(2, 32, 32, 3, 4, 4).permute(0, 3, 1, 4, 2, 5).reshape(whole.shape)
    inside = np.s_[..., 4:-4, 4:-4]  # at the picture's edge the network pads with nothing
    assert torch.allclose(grid[inside], whole[inside], atol=1e-3)
    assert float((whole - batch.enlarged).abs().max()) > 0.05


def _plan(stage: Stage) -> UpscalerPlan:
    return UpscalerPlan("tiny", 1, 0, 1, 2, 1, 0.5, stage, RATES, 3)


def _trainer(pool: CropPool, stage: Stage) -> UpscalerTrainer:
    model = new_upscaler(3)
    optimiser = SharedOptimiser(model, share_model(model, 1))
    return UpscalerTrainer(model, optimiser, UpscaleData(pool, StarterCodec()), _plan(stage), 0)


def test_steps_on_tokens_lower_the_error(batch: UpscaleBatch) -> None:
    model = new_upscaler(3)
    optimiser = SharedOptimiser(model, share_model(model, 1))
    losses = []
    for _ in range(60):
        loss = token_loss(model, batch, torch.Generator().manual_seed(0))
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step(RATES)
        losses.append(float(loss.detach()))
    assert min(losses) < 0.8 * losses[0]


def test_a_resumed_run_goes_on_exactly(pool: CropPool, tmp_path: Path) -> None:
    first = _trainer(pool, Stage.PICTURES)
    first.step(RATES, Tickets(1))
    save_run(SavePlace(tmp_path), first.model, first.optimiser, first.random_state(),
             step=1, data_hash=pool.digest)  # fmt: skip
    expected = first.step(RATES, Tickets(1))

    second = _trainer(pool, Stage.PICTURES)
    saved = load_run(tmp_path)
    assert saved is not None
    second.model.load_state_dict(saved.weights)
    second.restore(saved, 0)
    assert second.step(RATES, Tickets(1)) == expected
    for name, value in first.model.state_dict().items():
        assert torch.equal(second.model.state_dict()[name], value), name


def test_exported_weights_load_as_inf_dit_with_the_gain_inside() -> None:
    model = new_upscaler(1)
    torch.nn.init.normal_(model.head.weight, std=0.05)
    weights = {key: value.float() for key, value in exported(model.state_dict()).items()}
    assert rename_weights(weights, "export").keys() == model.state_dict().keys()
    loaded = InfDit.from_state_dict(weights, "export")
    assert loaded.sizes == model.sizes
    assert torch.allclose(loaded.head.weight, model.head.weight * HEAD_GAIN, rtol=1e-3, atol=1e-2)


@pytest.mark.parametrize(("softness", "expected"), [(0.5, 1.6), (1.5, 2.4), (3.0, 4.8)])
def test_width_of_an_edge_is_measured(softness: float, expected: float) -> None:
    """10 to 90 % is four fifths of a ramp; reading between pixels widens the sharpest one."""
    sharp, soft = disc(256, 80), disc(256, 80, softness)
    points = find_edges(sharp[..., 3].astype(np.float64) * 255)
    assert len(points.rows) > 50
    width = edge_width(soft[..., 3].astype(np.float64) * 255, points)
    assert width == pytest.approx(expected, abs=0.35)


def test_equal_pictures_score_best_and_the_sheet_shows_every_method() -> None:
    rgba = np.rint(disc(256, 80) * 255).astype(np.uint8)
    picture = np.ascontiguousarray(rgba[..., :3] * (rgba[..., 3:] > 127))
    blurred = np.asarray(cv2.GaussianBlur(picture, (0, 0), 2), np.uint8)
    assert psnr(picture, picture) > psnr(blurred, picture)
    assert ssim(picture, picture) == pytest.approx(1)
    assert ssim(blurred, picture) < 1
    assert luma(picture).max() == pytest.approx(255 * 0.299)
    low = np.asarray(cv2.resize(picture, (64, 64), interpolation=cv2.INTER_AREA), np.uint8)
    pairs = [Pair("disc", low, picture)]
    assert sheet(pairs, {"one": [picture], "two": [blurred]}).shape == (128, 4 * 128, 3)


def test_places_along_an_edge_do_not_choose_how_it_lies_between_the_pixels() -> None:
    """On a clean edge in every direction: half levels are no more frequent than others."""
    fine = disc(1024, 330)[..., 3]
    clean = cv2.resize(fine, (256, 256), interpolation=cv2.INTER_AREA).astype(np.float64) * 255
    chosen, along = (edge_width(clean, find_edges(clean, along=each)) for each in (False, True))
    assert chosen > 1.55
    assert along == pytest.approx(1.41, abs=0.08)
