"""Layers with alpha: no halos, exact plateaus, one grid of blocks, resuming, memory, bad input."""

from __future__ import annotations

import itertools
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine.errors import EngineError, JobCancelled, RequestError
from engine.pipelines.job_reporter import JobReporter
from engine.pipelines.picture_upscaling import filtered, upscale_pictures
from engine.pipelines.transparency import bled, plateau
from engine.pipelines.upscale_runs import pass_boxes, runs_of
from engine.pipelines.upscaler import Upscaler, fingerprint_of
from engine.progress import Phase, PhaseRates, Progress
from engine.requests import Corners
from engine.requests.upscale import (
    PixelArray,
    UpscaleMode,
    UpscalePicture,
    UpscaleRequest,
    UpscaleResult,
)
from engine.sampling.edm import EdmMethod, EdmSchedule
from tests.engine.small_inf_dit import SIZES, tiny_model

ROOT = Path(__file__).parents[2]
SIDE = SIZES.block_px


def tiny_upscaler(seed: int = 0) -> Upscaler:
    network = tiny_model(SIZES, seed)
    return Upscaler(
        network,
        lambda _picture: torch.zeros(1, SIZES.vector),
        "tiny",
        fingerprint_of(network),
        EdmSchedule(steps=2, sigma_min=0.5),
        EdmMethod.HEUN,
        keep_tones=True,
        crisp_edges=True,
    )


def disc(side: int = 24, colour: tuple[int, int, int] = (200, 30, 60)) -> PixelArray:
    """A soft disc whose transparent pixels hold garbage."""
    y, x = np.mgrid[:side, :side] - (side - 1) / 2
    pixels = np.zeros((side, side, 4), np.uint8)
    pixels[..., :3] = np.random.default_rng(3).integers(0, 256, (side, side, 3))
    alpha = np.clip((side / 3 - np.hypot(x, y)) * 128 + 128, 0, 255)
    pixels[..., 3] = alpha
    pixels[alpha >= 1, :3] = colour
    return pixels


def request(*pictures: UpscalePicture, folder: Path, **change: Any) -> UpscaleRequest:
    return UpscaleRequest(pictures, seed=7, scratch=str(folder), **change)


def picture(pixels: PixelArray, target: Corners | None = None, key: str = "a") -> UpscalePicture:
    height, width = pixels.shape[:2]
    return UpscalePicture(key, f"Layer {key}", pixels, target or (0, 0, 4 * width, 4 * height))


def run(
    asked: UpscaleRequest,
    upscaler: Upscaler | None = None,
    report: Callable[[Progress], None] = lambda _progress: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> UpscaleResult:
    job = JobReporter(report, cancelled, PhaseRates())
    return upscale_pictures(asked, lambda: upscaler or tiny_upscaler(), job)


def test_colour_spreads_under_transparent_pixels() -> None:
    pixels = disc()
    rgb = bled(pixels)
    assert np.abs(rgb.astype(int) - (200, 30, 60)).max() <= 1
    two = np.zeros((9, 16, 4), np.uint8)
    two[:, :2], two[:, -2:] = (255, 0, 0, 255), (0, 0, 255, 255)
    spread = bled(two).astype(int)
    assert (spread[:, 3] == (255, 0, 0)).all()
    assert (spread[:, 12] == (0, 0, 255)).all()
    assert np.array_equal(spread[two[..., 3] > 0], two[..., :3][two[..., 3] > 0])
    faint = np.zeros((1, 9, 4), np.uint8)
    faint[0, :3] = (10, 20, 30, 200)
    faint[0, 3] = (255, 255, 255, 1)
    assert (bled(faint)[0, 4:] == (10, 20, 30)).all()
    assert bled(np.zeros((3, 5, 4), np.uint8)).shape == (3, 5, 3)


@pytest.mark.parametrize("mode", UpscaleMode)
@pytest.mark.parametrize("scale", [1.5, 4, 6])
def test_flat_alpha_stays_exactly_flat(tmp_path: Path, mode: UpscaleMode, scale: float) -> None:
    pixels = disc(20)
    side = round(20 * scale)
    asked = request(picture(pixels, (3, 5, 3 + side, 5 + side)), folder=tmp_path, mode=mode)
    (made,) = run(asked).pictures
    assert made.pixels.shape == (side, side, 4)
    nearest = ((np.arange(side) + 0.5) / scale).astype(int)
    for value in (0, 255):
        flat = plateau(pixels[..., 3], value)[nearest][:, nearest]
        assert flat.any()
        assert (made.pixels[..., 3][flat] == value).all()


@pytest.mark.parametrize("mode", UpscaleMode)
def test_masks_are_enlarged_like_alpha(tmp_path: Path, mode: UpscaleMode) -> None:
    coverage = np.ascontiguousarray(disc(16)[..., 3])
    made = run(request(picture(coverage), folder=tmp_path, mode=mode)).pictures[0].pixels
    assert made.shape == (64, 64)
    layer = run(request(picture(disc(16)), folder=tmp_path, mode=mode)).pictures[0].pixels
    assert np.array_equal(made, layer[..., 3])


def test_garbage_under_alpha_0_does_not_matter(tmp_path: Path) -> None:
    pixels, other = disc(), disc()
    other[other[..., 3] == 0] = 0
    one, two = (run(request(picture(p), folder=tmp_path)).pictures[0].pixels
                for p in (pixels, other))  # fmt: skip
    assert np.array_equal(one, two)


def test_the_fast_mode_makes_no_halo() -> None:
    """One colour inside, whatever is outside: no composite may leave the range between both."""
    made = filtered(disc(), (96, 96)).astype(float)
    seen = made[..., 3] > 0
    assert np.abs(made[seen][:, :3] - (200, 30, 60)).max() <= 1


def test_constant_and_transparent_pictures_cost_nothing(tmp_path: Path) -> None:
    empty, opaque = np.zeros((8, 8, 4), np.uint8), np.full((8, 8, 4), 255, np.uint8)
    grey = np.full((8, 8), 70, np.uint8)
    asked = request(*(picture(p, key=k) for k, p in (("a", empty), ("b", opaque), ("c", grey))),
                    folder=tmp_path)  # fmt: skip
    kinds = [(run.picture, run.kind) for run in runs_of(asked, tiny_upscaler())]
    assert kinds == [(1, "colour")]
    first, second, third = (made.pixels for made in run(asked).pictures)
    assert not first.any()
    assert (second[..., 3] == 255).all()
    assert (third == 70).all()


def test_transparent_blocks_are_skipped_unless_told_otherwise(tmp_path: Path) -> None:
    pixels = np.zeros((40, 40, 4), np.uint8)
    pixels[:12, :12] = disc(12)
    few, all_of_them = (
        runs_of(request(picture(pixels), folder=tmp_path, skip_transparent=skip), tiny_upscaler())
        for skip in (True, False)
    )
    blocks = 160 // SIDE
    assert [r.plan.blocks for r in all_of_them] == [blocks**2] * 2
    assert few[0].plan.blocks <= 8**2
    assert few[1].plan.blocks <= 8**2
    made = run(request(picture(pixels), folder=tmp_path)).pictures[0].pixels
    assert not made[60:, 60:, 3].any()
    dense = run(request(picture(pixels), folder=tmp_path, skip_transparent=False)).pictures[0]
    assert np.array_equal(made[..., 3] == 0, dense.pixels[..., 3] == 0)


def test_layers_share_one_grid_of_blocks(tmp_path: Path) -> None:
    """The same pixels at the same place of the document get the same noise."""
    rng = np.random.default_rng(0)
    scene = np.full((24, 24, 4), 255, np.uint8)
    scene[..., :3] = rng.integers(0, 256, (24, 24, 3))
    whole = runs_of(request(picture(scene), folder=tmp_path), tiny_upscaler())[0]
    part = runs_of(
        request(picture(scene[5:, 7:], (28, 20, 96, 96)), folder=tmp_path), tiny_upscaler()
    )[0]
    assert whole.options.origin == (0, 0)
    assert part.options.origin == (20 // SIDE, 28 // SIDE)
    assert part.options.lead == (20 % SIDE, 28 % SIDE)
    assert part.plan.grid.rows == 96 // SIDE - 20 // SIDE
    left = runs_of(request(picture(scene, (-20, -3, 76, 93)), folder=tmp_path), tiny_upscaler())[0]
    assert left.options.origin == (-1, -3)
    assert left.options.lead == (SIDE - 3, 4)


@pytest.mark.parametrize(
    ("size", "target"),
    [
        ((4, 4), (0, 0, 16, 16)),
        ((4, 4), (3, 5, 67, 69)),
        ((5, 3), (1, 2, 81, 50)),
        ((100, 7), (-9, 40, 241, 68)),
        ((1, 50), (0, 0, 300, 51)),
        ((7, 7), (11, 11, 11 + 29, 11 + 29)),
    ],
)
def test_passes_grow_by_at_most_the_scale(size: tuple[int, int], target: Corners) -> None:
    pixels = np.zeros((size[1], size[0], 4), np.uint8)
    boxes = pass_boxes(picture(pixels, target), 4)
    assert boxes[-1] == target
    sizes = [size, *((b[2] - b[0], b[3] - b[1]) for b in boxes)]
    for (w0, h0), (w1, h1) in itertools.pairwise(sizes):
        assert w0 <= w1 <= 4 * w0
        assert h0 <= h1 <= 4 * h0


def test_the_plan_comes_first_and_progress_counts_blocks(tmp_path: Path) -> None:
    seen: list[Progress] = []
    asked = request(picture(disc(12)), picture(disc(8), key="b"), folder=tmp_path)
    result = run(asked, report=seen.append)
    plan = next(p.estimate for p in seen if p.estimate)
    assert plan == result.estimate
    steps = [p for p in seen if p.phase is Phase.ENLARGE]
    assert steps[-1].step == steps[-1].steps == plan.evaluations
    assert plan.evaluations == sum(r.plan.evaluations for r in runs_of(asked, tiny_upscaler()))
    assert plan.seconds == pytest.approx(plan.evaluations * plan.seconds_per_evaluation)
    assert [p.phase for p in seen].index(Phase.PLAN) < [p.phase for p in seen].index(Phase.ENLARGE)
    assert list(tmp_path.iterdir()) == []
    only = run(replace(asked, plan_only=True))
    assert only.pictures == ()
    assert replace(only.estimate, seconds=0, seconds_per_evaluation=0, scratch="") == replace(
        plan, seconds=0, seconds_per_evaluation=0, scratch=""
    )
    assert list(tmp_path.iterdir()) == []


def test_a_limit_of_memory_moves_the_cache_to_the_disk(tmp_path: Path) -> None:
    free = request(picture(disc(20)), folder=tmp_path)
    (plain,) = run(free).pictures
    estimate = run(replace(free, plan_only=True)).estimate
    tight = replace(free, max_memory_bytes=estimate.memory_bytes - 10_000)
    result = run(tight)
    assert result.estimate.memory_bytes <= estimate.memory_bytes - 10_000
    assert result.estimate.scratch_bytes > estimate.scratch_bytes
    assert np.array_equal(result.pictures[0].pixels, plain.pixels)
    for mode in UpscaleMode:
        with pytest.raises(RequestError, match=r"needs 0\.\d\d GB of memory and may use 0\.00 GB"):
            run(replace(free, max_memory_bytes=1000, mode=mode))


KILLED = """
import os, signal, sys
from pathlib import Path
import torch
from engine.progress import Phase
from tests.engine.test_picture_upscaling import disc, picture, request, run

torch.set_num_threads(int(sys.argv[3]))

def report(progress):
    if progress.phase is Phase.ENLARGE and progress.step >= int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)

run(request(picture(disc(12)), picture(disc(9), (5, 6, 77, 78), "b"), folder=Path(sys.argv[1])),
    report=report)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no such signal there")
def test_a_killed_job_goes_on_with_the_same_bytes(tmp_path: Path) -> None:
    """At a block chosen by chance, in every part of the job."""
    asked = request(
        picture(disc(12)), picture(disc(9), (5, 6, 77, 78), "b"), folder=tmp_path / "plain"
    )
    plain = run(asked)
    total = plain.estimate.evaluations
    chosen = np.random.default_rng().integers(1, total, 2)
    for step in (*chosen, total - 1):
        folder = tmp_path / f"killed at {step}"
        done = subprocess.run(
            [sys.executable, "-c", KILLED, str(folder), str(step), str(torch.get_num_threads())],
            cwd=ROOT, check=False, timeout=300,
        )  # fmt: skip
        assert done.returncode == -signal.SIGKILL, step
        assert list(folder.iterdir()), step
        seen: list[Progress] = []
        again = run(replace(asked, scratch=str(folder)), report=seen.append)
        for one, two in zip(plain.pictures, again.pictures, strict=True):
            assert np.array_equal(one.pixels, two.pixels), step
        steps = [p for p in seen if p.phase is Phase.ENLARGE]
        assert steps[-1].step == steps[-1].steps <= total
        assert list(folder.iterdir()) == []


def test_half_a_finished_pass_is_made_again(tmp_path: Path) -> None:
    """As a power cut leaves it."""
    asked = request(picture(disc(12)), folder=tmp_path)
    plain = run(asked)

    def stop(progress: Progress) -> None:
        if progress.phase is Phase.ENLARGE and progress.step == progress.steps:
            raise MemoryError

    with pytest.raises(MemoryError):
        run(asked, report=stop)
    kept = list(tmp_path.rglob("*.npy"))
    assert kept
    for path in kept:
        path.write_bytes(path.read_bytes()[:-100])
    again = run(asked)
    assert np.array_equal(again.pictures[0].pixels, plain.pictures[0].pixels)


@pytest.mark.parametrize("keep", [True, False])
def test_a_cancelled_job_leaves_its_work_only_when_it_is_to_go_on(
    tmp_path: Path, *, keep: bool
) -> None:
    asked = request(picture(disc(12)), folder=tmp_path, keep_scratch=keep)
    steps = iter(range(10_000))
    with pytest.raises(JobCancelled):
        run(asked, cancelled=lambda: next(steps) > 100)
    assert bool(list(tmp_path.iterdir())) == keep
    seen: list[Progress] = []
    run(asked, report=seen.append)
    plan = next(p.estimate for p in seen if p.estimate)
    first = next(p for p in seen if p.phase is Phase.ENLARGE and p.step)
    assert (first.steps < plan.evaluations) == keep


@pytest.mark.parametrize(
    ("pixels", "target", "words"),
    [
        (np.zeros((0, 4, 4), np.uint8), (0, 0, 8, 8), "has no pixels"),
        (np.zeros((4, 4, 4), np.uint8), (0, 0, 200_000, 8), "would be 200000 px; at most 30000"),
        (np.zeros((4, 4, 4), np.uint8), (0, 0, 30_000, 30_000), "too large"),
        (np.zeros((4, 4, 4), np.uint8), (0, 0, 3, 8), "cannot make it smaller"),
    ],
)
def test_impossible_pictures(
    tmp_path: Path, pixels: PixelArray, target: Corners, words: str
) -> None:
    with pytest.raises(RequestError, match=words) as refusal:
        run(request(picture(pixels, target), folder=tmp_path))
    assert '"Layer a"' in refusal.value.message


@pytest.mark.parametrize("mode", UpscaleMode)
def test_nothing_to_enlarge_is_done_at_once(tmp_path: Path, mode: UpscaleMode) -> None:
    assert run(request(folder=tmp_path, mode=mode)).pictures == ()


def test_a_full_disk_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int, _size: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("engine.pipelines.scratch._allocate", full)
    with pytest.raises(EngineError, match="not enough space in"):
        run(request(picture(disc(8)), folder=tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_weights_that_are_no_numbers_are_one_sentence(tmp_path: Path) -> None:
    upscaler = tiny_upscaler()
    upscaler.network.head.bias.data[3] = float("nan")
    with pytest.raises(EngineError, match="not numbers"):
        run(request(picture(disc(8)), folder=tmp_path), upscaler)
    assert list(tmp_path.iterdir()) == []
