"""The shipped upscaler: it loads, and makes a known edge sharper than bicubic does."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from engine.checkpoints.starter_upscaler import (
    STARTER_UPSCALER_FOLDER,
    embed_picture,
    load_starter_upscaler,
)
from engine.errors import CheckpointError
from engine.models.feature_net import FeatureNet
from engine.pipelines.crisp_edges import crispen_edges
from engine.pipelines.job_reporter import JobReporter
from engine.pipelines.low_resolution import BlockPixels, to_bytes
from engine.pipelines.picture_upscaling import upscale_pictures
from engine.pipelines.upscale import upscale_picture
from engine.pipelines.upscaler import load_upscaler
from engine.progress import PhaseRates
from engine.requests.upscale import UPSCALER_NAME, UpscalePicture, UpscaleRequest


def _disc(side: int, scale: int) -> np.ndarray:
    """White disc on blue, drawn at `scale` and averaged down."""
    y, x = np.mgrid[: side * scale, : side * scale] + 0.5 - side * scale / 2
    inside = (np.hypot(x, y) < 0.3 * side * scale).astype(float)
    share = inside.reshape(side, scale, side, scale).mean((1, 3))[..., None]
    mixed = share * 255 + (1 - share) * np.array([20, 60, 200])
    return np.asarray(np.rint(mixed), np.uint8)


def test_it_makes_a_known_edge_sharper_and_truer_than_bicubic(tmp_path: Path) -> None:
    starter = load_upscaler(UPSCALER_NAME)
    low, truth = _disc(32, 16), _disc(128, 4).astype(float)
    made = upscale_picture(
        starter.network,
        low,
        (128, 128),
        starter.embed,
        starter.options(seed=1),
        scratch=tmp_path / "job",
    ).astype(float)  # fmt: skip
    sizes = starter.network.sizes
    bicubic = to_bytes(BlockPixels(low, 128, 128, sizes.block_px, sizes.lr_block_px).whole()[1][0])
    assert np.abs(made - truth).mean() < 0.8 * np.abs(bicubic - truth).mean()
    steps = [np.abs(np.diff(picture[64, :, 0].astype(float))).max() for picture in (made, bicubic)]
    assert steps[0] > 1.2 * steps[1]
    assert np.abs(made[60:68, 60:68] - 255).max() <= 4  # flat parts stay flat


def test_a_picture_has_a_unit_vector_of_the_width_that_the_weights_want() -> None:
    starter = load_starter_upscaler()
    vector = starter.embed(_disc(40, 4)[:, :25])
    assert vector.shape == (1, starter.network.sizes.vector)
    assert float(vector.norm()) == pytest.approx(1, abs=1e-4)


def test_a_picture_of_one_row_has_a_vector() -> None:
    torch.manual_seed(0)
    vector = embed_picture(FeatureNet().eval(), np.zeros((1, 1000, 3), np.uint8))
    assert bool(vector.isfinite().all())


def test_weights_are_small() -> None:
    assert (STARTER_UPSCALER_FOLDER / "upscaler.safetensors").stat().st_size < 15e6


@pytest.mark.parametrize("name", ["config.json", "upscaler.safetensors"])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    shutil.copytree(STARTER_UPSCALER_FOLDER, tmp_path / "copy")
    (tmp_path / "copy" / name).unlink()
    with pytest.raises(CheckpointError, match=name.replace(".", r"\.")):
        load_starter_upscaler(tmp_path / "copy")


@pytest.mark.parametrize(
    "schedule", [None, {"steps": 0, "sigma_min": 1, "sigma_max": 1}, {"steps": 1}, "one step"]
)
def test_a_broken_configuration_is_refused(tmp_path: Path, schedule: object) -> None:
    shutil.copytree(STARTER_UPSCALER_FOLDER, tmp_path / "copy")
    (tmp_path / "copy/config.json").write_text(json.dumps({"schedule": schedule}), "utf-8")
    with pytest.raises(CheckpointError, match="no configuration of the starter upscaler"):
        load_starter_upscaler(tmp_path / "copy")


def test_edges_of_the_starter_are_crispened_in_layers_and_pictures_alike(tmp_path: Path) -> None:
    starter = load_upscaler(UPSCALER_NAME)
    low = np.asarray(
        cv2.GaussianBlur(_disc(24, 16), (0, 0), 0.8), np.uint8
    )  # softer than the network was trained on
    job = JobReporter(lambda _progress: None, lambda: False, PhaseRates())
    opaque = np.dstack([low, np.full_like(low[..., 0], 255)])
    asked = UpscaleRequest(
        (UpscalePicture("a", "a", opaque, (0, 0, 96, 96)),), seed=1, scratch=str(tmp_path)
    )
    (layer,) = upscale_pictures(asked, lambda: starter, job).pictures
    plain = replace(starter, crisp_edges=False)
    made, expected = (
        upscale_picture(
            each.network, low, (96, 96), each.embed, each.options(seed=1), scratch=tmp_path / "job"
        )
        for each in (starter, plain)
    )
    assert not np.array_equal(made, expected)
    crispen_edges(expected)
    assert np.array_equal(made, expected)
    assert np.array_equal(layer.pixels[..., :3], made)
