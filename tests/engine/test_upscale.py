"""The block scheduler against the whole picture at once; resuming, cancelling, bad input."""

from __future__ import annotations

import itertools
import json
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from engine.errors import EngineError, JobCancelled, RequestError
from engine.models.inf_dit import InfDit, InfDitSizes, cache_bytes_per_block
from engine.pipelines import upscale as upscale_module
from engine.pipelines.low_resolution import BlockPixels, RgbArray, to_bytes
from engine.pipelines.upscale import FinishedLine, UpscaleProgress, upscale, upscale_picture
from engine.pipelines.upscale_plan import UpscaleOptions, UpscalePlan, pass_sizes, plan_upscale
from engine.sampling.edm import EdmMethod, EdmSchedule, Preconditioning, sample_edm
from engine.sampling.noise import NoiseKey, layer_noise
from tests.engine.small_inf_dit import SIZES, tiny_model

ROOT = Path(__file__).parents[2]
SIDE = SIZES.block_px
SLOT = cache_bytes_per_block(SIZES, torch.float32)
# Heun divides by the next noise level: few steps down to 0.002 would magnify rounding by hundreds.
OPTIONS = UpscaleOptions(seed=5, schedule=EdmSchedule(steps=3, sigma_min=0.5))
VECTOR = torch.linspace(-1, 1, SIZES.vector)[None]


def picture(height: int, width: int, seed: int = 0) -> RgbArray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def whole_at_once(
    model: InfDit, source: RgbArray, size: tuple[int, int], options: UpscaleOptions
) -> Tensor:
    """The same numbers by the whole-picture forward: `3 h w`."""
    pixels = BlockPixels(source, *size, SIDE, SIZES.lr_block_px)
    lr, large = pixels.whole()
    rows = []
    for row in range(pixels.rows):
        places = [(row, column) for column in range(pixels.columns)]
        keys = [
            NoiseKey(options.seed, f"upscale/{r + options.origin[0]}/{c + options.origin[1]}")
            for r, c in places
        ]
        rows.append(torch.cat([layer_noise(key, 3, SIDE, SIDE) for key in keys], 2))
    sigmas = options.schedule.sigmas()
    noisy = sigmas[0] * torch.cat(rows, 1)[None] + (large if options.init_noise else 0)

    def estimate(state: Tensor, sigma: float) -> Tensor:
        factors = Preconditioning.at(sigma)
        inputs = torch.cat([state, large], 1) * factors.c_in
        first_token = tuple(block * SIZES.block_tokens for block in options.origin)
        network: Tensor = model(
            inputs, torch.tensor([factors.c_noise]), VECTOR, lr, origin=first_token
        )
        return factors.c_skip * state + factors.c_out * network

    samples = sample_edm(estimate, noisy, sigmas, method=options.method)
    return samples[0, :, : size[1], : size[0]]


class Canvas:
    """Collects finished lines; every pixel must come."""

    def __init__(self, size: tuple[int, int]) -> None:
        self.pixels = np.full((size[1], size[0], 3), np.nan, np.float64)
        self.lines: list[tuple[int, int]] = []

    def __call__(self, line: FinishedLine) -> None:
        height, width = line.pixels.shape[:2]
        self.pixels[line.y0 : line.y0 + height, line.x0 : line.x0 + width] = line.pixels
        self.lines.append((line.x0, line.y0))


def run(
    folder: Path,
    source: RgbArray,
    size: tuple[int, int],
    options: UpscaleOptions,
    model: InfDit | None = None,
) -> Canvas:
    canvas = Canvas(size)
    upscale(
        model or tiny_model(), source, size, VECTOR, options,
        scratch=folder / "scratch", on_line=canvas,
    )  # fmt: skip
    assert not np.isnan(canvas.pixels).any()
    assert not (folder / "scratch").exists()
    return canvas


@pytest.fixture
def floats(monkeypatch: pytest.MonkeyPatch) -> None:
    """Finished pixels stay float, so that they can be compared finely."""
    monkeypatch.setattr(upscale_module, "to_bytes", lambda block: block.permute(1, 2, 0).numpy())


@pytest.mark.usefixtures("floats")
@pytest.mark.parametrize("method", EdmMethod)
@pytest.mark.parametrize(
    ("source", "size"),
    [
        ((2, 2), (8, 8)),
        ((6, 10), (40, 24)),  # wider than high: swept by columns
        ((10, 6), (24, 40)),
        ((1, 11), (44, 4)),
        ((7, 5), (20, 28)),  # sides that do not fill their blocks
        ((9, 9), (23, 17)),  # another scale
        ((9, 9), (9, 9)),
    ],
)
def test_any_size_equals_the_whole_picture_at_once(
    tmp_path: Path, source: tuple[int, int], size: tuple[int, int], method: EdmMethod
) -> None:
    model, rgb = tiny_model(), picture(*source)
    options = replace(OPTIONS, method=method)
    whole = whole_at_once(model, rgb, size, options).permute(1, 2, 0).numpy()
    ours = run(tmp_path, rgb, size, options, model).pixels
    assert np.abs(ours - whole).max() < 1e-5
    assert whole.std() > 0.2


@pytest.mark.usefixtures("floats")
@pytest.mark.parametrize("change", [
    {"lines": 2}, {"lines": 3}, {"lines": 50},
    {"cache_bytes": 0}, {"cache_bytes": 3 * SLOT}, {"lines": 2, "cache_bytes": 2 * SLOT},
])  # fmt: skip
def test_batches_and_cache_do_not_change_the_numbers(
    tmp_path: Path, change: dict[str, Any]
) -> None:
    rgb, size = picture(8, 12), (48, 32)
    plain = run(tmp_path, rgb, size, OPTIONS).pixels
    other = run(tmp_path, rgb, size, replace(OPTIONS, **change)).pixels
    assert np.abs(plain - other).max() < 1e-5
    if "lines" not in change:  # the same blocks at the same time: the same bytes
        assert np.array_equal(plain, other)


@pytest.mark.usefixtures("floats")
def test_a_place_in_a_shared_grid(tmp_path: Path) -> None:
    rgb, size, options = picture(6, 4), (16, 24), replace(OPTIONS, origin=(3, 700))
    whole = whole_at_once(tiny_model(), rgb, size, options).permute(1, 2, 0).numpy()
    assert np.abs(run(tmp_path, rgb, size, options).pixels - whole).max() < 1e-5


@pytest.mark.usefixtures("floats")
def test_the_other_sizes_of_a_network(tmp_path: Path) -> None:
    sizes = InfDitSizes(
        hidden=18, layers=3, heads=3, head_dim=4, mlp=20, patch_px=2, block_tokens=4,
        lr_patch_px=1, lr_block_tokens=2, vector=5, time=8,
    )  # fmt: skip
    model, rgb = tiny_model(sizes, 3), picture(5, 7)
    whole = whole_at_once(model, rgb, (28, 20), OPTIONS).permute(1, 2, 0).numpy()
    assert np.abs(run(tmp_path, rgb, (28, 20), OPTIONS, model).pixels - whole).max() < 1e-5


def test_equal_jobs_give_equal_bytes_and_seeds_matter(tmp_path: Path) -> None:
    rgb, size = picture(4, 6), (24, 16)
    one, two = (run(tmp_path, rgb, size, OPTIONS).pixels for _ in range(2))
    assert np.array_equal(one, two)
    for change in ({"seed": 6}, {"origin": (0, 1)}, {"init_noise": False}):
        assert not np.array_equal(one, run(tmp_path, rgb, size, replace(OPTIONS, **change)).pixels)


def test_finished_lines_come_along_the_longer_side(tmp_path: Path) -> None:
    assert run(tmp_path, picture(6, 4), (16, 24), OPTIONS).lines == [(0, 0), (0, 8), (0, 16)]
    assert run(tmp_path, picture(4, 6), (24, 16), OPTIONS).lines == [(0, 0), (8, 0), (16, 0)]


def test_the_plan_and_the_progress(tmp_path: Path) -> None:
    rgb, size, options = picture(6, 4), (16, 24), replace(OPTIONS, lines=2)
    plan = plan_upscale(SIZES, torch.float32, *size, options)
    assert (plan.blocks, plan.evaluations, plan.cache.slots) == (6, 6 * 5, plan.grid.slots())
    assert plan.seconds(0.5) == 15
    assert plan.scratch_bytes == 3 * 6 * 3 * 4 * SIDE**2
    seen: list[UpscaleProgress] = []
    upscale(
        tiny_model(), rgb, size, VECTOR, options, scratch=tmp_path / "s", report=seen.append,
        on_line=lambda _line: None,
    )  # fmt: skip
    assert [p.total for p in seen] == [30] * len(seen)
    assert seen[-1].done == 30
    assert all(a.done < b.done for a, b in itertools.pairwise(seen))
    assert seen[-1].eta_seconds == 0


def plan_for(width: int, height: int, **change: Any) -> UpscalePlan:
    return plan_upscale(SIZES, torch.float32, width, height, replace(OPTIONS, **change))


def test_memory_does_not_grow_with_the_longer_side() -> None:
    small, tall, wide = plan_for(80, 800), plan_for(80, 8000), plan_for(8000, 80)
    assert small.memory_bytes == tall.memory_bytes == wide.memory_bytes
    assert small.cache_bytes == 12 * SLOT
    spilled = plan_for(80, 800, cache_bytes=5 * SLOT)
    assert spilled.cache_bytes == 5 * SLOT
    assert spilled.scratch_bytes == small.scratch_bytes + 7 * SLOT


def test_the_plan_of_the_published_size() -> None:
    sizes = InfDitSizes(
        hidden=1280, layers=28, heads=16, head_dim=80, mlp=5120, patch_px=4, block_tokens=32,
        lr_patch_px=2, lr_block_tokens=16, vector=768, time=192,
    )  # fmt: skip
    plan = plan_upscale(sizes, torch.bfloat16, 4096, 4096, UpscaleOptions(seed=0))
    assert (plan.blocks, plan.evaluations) == (1024, 39_936)
    assert plan.cache_bytes == 34 * 140 * 2**20
    banner = plan_upscale(sizes, torch.bfloat16, 2048, 30_000, UpscaleOptions(seed=0))
    assert banner.cache_bytes == 18 * 140 * 2**20


@pytest.mark.parametrize("after", [1, 7, 13, 26, 29])
@pytest.mark.parametrize("method", EdmMethod)
def test_a_cancelled_job_goes_on_with_the_same_bytes(
    tmp_path: Path, method: EdmMethod, after: int
) -> None:
    rgb, size = picture(6, 4), (16, 24)
    options = replace(OPTIONS, method=method, cache_bytes=2 * SLOT)
    expected = run(tmp_path, rgb, size, options).pixels
    canvas, asked = Canvas(size), iter(range(1000))
    job: dict[str, Any] = {"scratch": tmp_path / "again", "on_line": canvas}
    arguments = (tiny_model(), rgb, size, VECTOR, options)
    total = 6 * method.evaluations(3)
    if after < total:
        with pytest.raises(JobCancelled):
            upscale(*arguments, **job, cancelled=lambda: next(asked) >= after)
        assert (tmp_path / "again" / "journal.json").exists()
    begun: list[UpscaleProgress] = []
    upscale(*arguments, **job, report=begun.append)
    if after < total:
        assert begun[0].done == after // 6 * 6 + 1  # complete evaluations are not done again
    assert np.array_equal(canvas.pixels, expected)


KILLED = """
import os, signal, sys
from pathlib import Path
import numpy as np
from tests.engine.test_upscale import OPTIONS, VECTOR, picture, tiny_model, upscale

def report(progress):
    if progress.done == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)

upscale(tiny_model(), picture(6, 4), (16, 24), VECTOR, OPTIONS, scratch=Path(sys.argv[1]),
        on_line=lambda line: None, report=report)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no such signal there")
def test_a_killed_process_goes_on_with_the_same_bytes(tmp_path: Path) -> None:
    """Killed in the middle of Heun's second evaluation, which has overwritten some blocks."""
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path / "scratch"), "22"], cwd=ROOT, check=False,
        timeout=300,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL
    rgb, size = picture(6, 4), (16, 24)
    resumed, plain = Canvas(size), Canvas(size)
    begun: list[UpscaleProgress] = []
    upscale(
        tiny_model(), rgb, size, VECTOR, OPTIONS, scratch=tmp_path / "scratch", on_line=resumed,
        report=begun.append,
    )  # fmt: skip
    upscale(tiny_model(), rgb, size, VECTOR, OPTIONS, scratch=tmp_path / "plain", on_line=plain)
    assert begun[0].done == 19
    assert np.array_equal(resumed.pixels, plain.pixels)


@pytest.mark.parametrize("what", ["seed", "picture", "weights", "vector", "broken", "lost file"])
def test_what_another_job_left_is_not_taken_up(tmp_path: Path, what: str) -> None:
    rgb, size, folder = picture(6, 4), (16, 24), tmp_path / "scratch"
    asked = iter(range(1000))
    old = {
        "seed": (tiny_model(), rgb, VECTOR, replace(OPTIONS, seed=9)),
        "picture": (tiny_model(), picture(6, 4, seed=1), VECTOR, OPTIONS),
        "weights": (tiny_model(seed=1), rgb, VECTOR, OPTIONS),
        "vector": (tiny_model(), rgb, -VECTOR, OPTIONS),
    }.get(what, (tiny_model(), rgb, VECTOR, OPTIONS))
    with pytest.raises(JobCancelled):
        upscale(
            old[0], old[1], size, old[2], old[3], scratch=folder, on_line=lambda _line: None,
            cancelled=lambda: next(asked) > 20,
        )  # fmt: skip
    if what == "broken":
        (folder / "journal.json").write_text('{"fingerprint":')
    if what == "lost file":
        (folder / "even").unlink()
    assert np.array_equal(
        run(tmp_path, rgb, size, OPTIONS).pixels, run(tmp_path / "b", rgb, size, OPTIONS).pixels
    )


@pytest.mark.parametrize("damage", ["lost", "short", "long"])
@pytest.mark.parametrize("evaluations", [1, 2])
@pytest.mark.parametrize(
    ("method", "name"),
    [
        (EdmMethod.HEUN, "even"),
        (EdmMethod.HEUN, "odd"),
        (EdmMethod.HEUN, "clean"),
        (EdmMethod.EULER, "even"),
        (EdmMethod.EULER, "odd"),
    ],
)
def test_a_damaged_file_begins_the_job_anew(
    tmp_path: Path, method: EdmMethod, name: str, evaluations: int, damage: str
) -> None:
    rgb, size, folder = picture(6, 4), (16, 24), tmp_path / "scratch"
    options, asked = replace(OPTIONS, method=method), iter(range(1000))
    arguments = (tiny_model(), rgb, size, VECTOR, options)
    with pytest.raises(JobCancelled):
        upscale(
            *arguments, scratch=folder, on_line=lambda _line: None,
            cancelled=lambda: next(asked) > 6 * evaluations,
        )  # fmt: skip
    content = (folder / name).read_bytes()
    (folder / name).unlink()
    if damage != "lost":
        (folder / name).write_bytes(content[:-4] if damage == "short" else content + content)
    begun: list[UpscaleProgress] = []
    canvas = Canvas(size)
    upscale(*arguments, scratch=folder, on_line=canvas, report=begun.append)
    assert begun[0].done == 1
    assert np.array_equal(canvas.pixels, run(tmp_path / "b", rgb, size, options).pixels)


@pytest.mark.parametrize("field", ["evaluations_done", "steps_done"])
@pytest.mark.parametrize("value", [None, "2", -1, 40])
def test_a_journal_with_impossible_counts_is_not_taken_up(
    tmp_path: Path, field: str, value: object
) -> None:
    folder, asked = tmp_path / "scratch", iter(range(1000))
    arguments = (tiny_model(), picture(6, 4), (16, 24), VECTOR, OPTIONS)
    with pytest.raises(JobCancelled):
        upscale(
            *arguments, scratch=folder, on_line=lambda _line: None,
            cancelled=lambda: next(asked) > 12,
        )  # fmt: skip
    journal = json.loads((folder / "journal.json").read_text())
    (folder / "journal.json").write_text(json.dumps(journal | {field: value}))
    begun: list[UpscaleProgress] = []
    upscale(*arguments, scratch=folder, on_line=lambda _line: None, report=begun.append)
    assert begun[0].done == 1


def test_other_files_in_the_scratch_folder_stay(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("precious")
    upscale(
        tiny_model(), picture(2, 2), (8, 8), VECTOR, OPTIONS, scratch=tmp_path,
        on_line=lambda _line: None,
    )  # fmt: skip
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_several_passes(tmp_path: Path) -> None:
    assert pass_sizes((10, 10), (40, 40), 4) == [(40, 40)]
    assert pass_sizes((10, 10), (41, 10), 4) == [(11, 10), (41, 10)]
    assert pass_sizes((3, 5), (100, 100), 4) == [(7, 7), (25, 25), (100, 100)]
    rgb, seen = picture(2, 3), list[UpscaleProgress]()
    out = upscale_picture(
        tiny_model(), rgb, (30, 30), lambda _rgb: VECTOR, OPTIONS, scratch=tmp_path / "s",
        report=seen.append,
    )  # fmt: skip
    assert out.shape == (30, 30, 3)
    assert out.dtype == np.uint8
    assert seen[-1].done == seen[-1].total
    assert [p.done for p in seen] == list(range(1, seen[-1].total + 1))
    step = upscale_picture(
        tiny_model(), rgb, (8, 8), lambda _rgb: VECTOR, OPTIONS, scratch=tmp_path / "s"
    )
    last = upscale_picture(
        tiny_model(), step, (30, 30), lambda _rgb: VECTOR, OPTIONS, scratch=tmp_path / "s"
    )
    assert np.array_equal(out, last)


@pytest.mark.parametrize(
    ("source", "size", "words"),
    [
        ((0, 4), (8, 8), "no pixels"),
        ((4, 4), (3, 8), "smaller than the picture"),
        ((4, 4), (17, 16), "enlarge it several times"),
        ((50_000, 1), (4, 200_000), "between 1 and 100000"),
    ],
)
def test_impossible_sizes(
    tmp_path: Path, source: tuple[int, int], size: tuple[int, int], words: str
) -> None:
    with pytest.raises(RequestError, match=words):
        run(tmp_path, np.zeros((*source, 3), np.uint8), size, OPTIONS)
    assert list(tmp_path.iterdir()) == []


def test_weights_that_are_no_numbers(tmp_path: Path) -> None:
    model = tiny_model()
    model.head.bias.data[3] = float("nan")
    with pytest.raises(EngineError, match="not numbers"):
        run(tmp_path, picture(2, 2), (8, 8), OPTIONS, model)


def test_no_space_for_the_scratch_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int, _size: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("engine.pipelines.scratch._allocate", full)
    with pytest.raises(EngineError, match="not enough space"):
        run(tmp_path, picture(2, 2), (8, 8), OPTIONS)


def test_half_precision_stays_near(tmp_path: Path) -> None:
    rgb, size = picture(4, 4), (16, 16)
    model = tiny_model().to(torch.bfloat16)
    half = run(tmp_path, rgb, size, replace(OPTIONS, cache_bytes=SLOT), model).pixels
    full = to_bytes(whole_at_once(tiny_model(), rgb, size, OPTIONS)).astype(float)
    assert np.abs(half - full).mean() < 4
