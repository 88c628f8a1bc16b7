"""Enlarges the pictures of a request: colour and alpha apart, by the network or a plain filter.

Finished passes are kept in the job's scratch folder until the end, and the pass in work has its
state there (`upscale_state.py`), so that an equal request goes on after a kill with equal bytes.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from engine.errors import RequestError
from engine.pipelines.finishing import finish_enlarged
from engine.pipelines.job_reporter import JobReporter
from engine.pipelines.low_resolution import RgbArray
from engine.pipelines.scratch_folders import job_folder, passing_folder, scratch_root
from engine.pipelines.transparency import bled, keep_plateaus, keep_range
from engine.pipelines.upscale import UpscaleProgress, upscale
from engine.pipelines.upscale_plan import UpscaleOptions
from engine.pipelines.upscale_runs import (
    PlaneKind,
    Run,
    alpha_of,
    memory_sentence,
    result_bytes,
    runs_of,
)
from engine.pipelines.upscaler import Upscaler
from engine.progress import Phase, PlannedPhase
from engine.requests import check_request
from engine.requests.upscale import (
    PixelArray,
    UpscaledPicture,
    UpscaleEstimate,
    UpscaleMode,
    UpscalePicture,
    UpscaleRequest,
    UpscaleResult,
)
from engine.sampling.edm import EdmMethod, EdmSchedule

_TIMED_BLOCKS = 2  # on each side of the picture that is timed


def upscale_pictures(
    request: UpscaleRequest, load: Callable[[], Upscaler], job: JobReporter
) -> UpscaleResult:
    """Does a request.

    Args:
        load: Gives the network; not asked in the fast mode.

    Raises:
        RequestError: It can never succeed.
        EngineError: No space for the scratch files, weights that are missing or give no numbers.
        JobCancelled: The reporter said so.
    """
    check_request(request)
    if request.mode is UpscaleMode.FAST:
        return _filtered(request, job)
    upscaler = load()
    job.enter(Phase.PLAN)
    runs = runs_of(request, upscaler)
    root = scratch_root(request.scratch)
    if request.plan_only:
        estimate = _estimate(request, runs, _time_block(upscaler, root), root, 0)
        job.announce(estimate)
        job.leave()
        return UpscaleResult((), estimate, (), job.seconds)
    fingerprint = _fingerprint(request, upscaler)
    with job_folder(root, fingerprint, keep_on_cancel=request.keep_scratch) as folder:
        done = sum(run.plan.evaluations for run in runs if _result_of(run, folder).exists())
        estimate = _estimate(request, runs, _time_block(upscaler, folder), folder, done)
        job.announce(estimate)
        made = _Work(request, upscaler, runs, folder, job).all()
    job.leave()
    return UpscaleResult(made, estimate, (), job.seconds)


@dataclass(slots=True, eq=False)
class _Work:
    """The runs of one job.

    Attributes:
        done: Evaluations of finished runs.
        begun_at: Evaluations that were done before this process took the job up.
    """

    request: UpscaleRequest
    upscaler: Upscaler
    runs: list[Run]
    folder: Path
    job: JobReporter
    done: int = 0
    begun_at: int | None = None
    total: int = field(init=False)

    def __post_init__(self) -> None:
        self.total = sum(run.plan.evaluations for run in self.runs)

    def all(self) -> tuple[UpscaledPicture, ...]:
        """Every picture in order."""
        self.job.plan([PlannedPhase(Phase.FINISH, 1.0)])
        self.job.enter(Phase.ENLARGE, float(self.total))
        made = tuple(
            UpscaledPicture(picture.key, self._picture(index, picture))
            for index, picture in enumerate(self.request.pictures)
        )
        self.job.enter(Phase.FINISH, 1.0)
        return made

    def _picture(self, index: int, picture: UpscalePicture) -> PixelArray:
        width, height = picture.size
        out = np.zeros((height, width, *picture.pixels.shape[2:]), np.uint8)
        alpha = alpha_of(out)
        alpha[:] = alpha_of(picture.pixels)[0, 0]  # where it is the same everywhere
        for kind in PlaneKind:
            runs = [run for run in self.runs if (run.picture, run.kind) == (index, kind)]
            if runs:
                self._plane(runs, picture.pixels, alpha if kind is PlaneKind.ALPHA else out)
        keep_plateaus(alpha_of(picture.pixels), alpha)
        return out

    def _plane(self, runs: list[Run], pixels: PixelArray, out: PixelArray) -> None:
        """Enlarges a plane into the result, in its passes."""
        source: RgbArray | None = None
        for run in runs:
            kept = _result_of(run, self.folder)
            loaded = _load(kept, run)
            if loaded is None:
                if source is None:
                    source = _source(pixels, run.kind)
                into = out if run.is_last else np.empty((*run.size[::-1], 3), np.uint8)
                self._run(run, source, into)
                _save(kept, into[..., :3] if run.kind is PlaneKind.COLOUR else into)
                source = into
            else:
                if run.is_last:
                    _paste(out, loaded, 0, 0)
                source = loaded
            self.done += run.plan.evaluations

    def _run(self, run: Run, source: RgbArray, out: PixelArray) -> None:
        vector = self.upscaler.embed(source)
        upscale(
            self.upscaler.network,
            source,
            run.size,
            vector,
            run.options,
            scratch=self.folder / run.name,
            on_line=lambda line: _paste(out, line.pixels, line.x0, line.y0),
            report=self._report,
            cancelled=self.job.cancelled,
            skipped=run.skipped,
        )
        plane = out[..., :3] if run.kind is PlaneKind.COLOUR else out
        finish_enlarged(source, plane, run.options)

    def _report(self, progress: UpscaleProgress) -> None:
        done = self.done + progress.done
        if self.begun_at is None:
            self.begun_at = done - 1
        self.job.step(done - self.begun_at, self.total - self.begun_at)


def _source(pixels: PixelArray, kind: PlaneKind) -> RgbArray:
    if kind is PlaneKind.COLOUR:
        return bled(pixels)
    return np.repeat(alpha_of(pixels)[..., None], 3, axis=2)


def _paste(out: PixelArray, pixels: PixelArray, x0: int, y0: int) -> None:
    """RGB into RGB or RGBA; as grey into a single channel."""
    height, width = pixels.shape[:2]
    place = np.s_[y0 : y0 + height, x0 : x0 + width]
    if out.ndim == 3:
        out[place][..., :3] = pixels
    elif pixels.ndim == 2:
        out[place] = pixels
    else:
        out[place] = (pixels.sum(2, dtype=np.uint16) + 1) // 3


def _result_of(run: Run, folder: Path) -> Path:
    return folder / f"{run.name}.npy"


def _save(path: Path, pixels: PixelArray) -> None:
    fresh = path.with_name(path.name + ".new")
    with fresh.open("wb") as file:
        np.save(file, pixels)
    fresh.replace(path)


def _load(path: Path, run: Run) -> PixelArray | None:
    """A finished pass; None when there is none, or a power cut left half of it."""
    try:
        loaded = np.load(path)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, EOFError):
        path.unlink(missing_ok=True)
        return None
    return np.asarray(loaded, np.uint8) if loaded.shape[:2] == run.size[::-1] else None


def _time_block(upscaler: Upscaler, folder: Path) -> float:
    """Seconds of an evaluation of one block, measured on a small picture after a first one."""
    sizes = upscaler.network.sizes
    side = _TIMED_BLOCKS * sizes.block_px
    source = np.full((side // sizes.scale, side // sizes.scale, 3), 128, np.uint8)
    options = UpscaleOptions(seed=0, schedule=EdmSchedule(steps=1), method=EdmMethod.EULER)
    marks = [time.perf_counter()]
    with passing_folder(folder) as scratch:
        upscale(
            upscaler.network, source, (side, side), upscaler.embed(source), options,
            scratch=scratch / "state", on_line=lambda _line: None,
            report=lambda _progress: marks.append(time.perf_counter()),
        )  # fmt: skip
    return (marks[-1] - marks[1]) / (len(marks) - 2)


def _estimate(
    request: UpscaleRequest, runs: list[Run], seconds: float, folder: Path, done: int
) -> UpscaleEstimate:
    results = result_bytes(request)
    left = sum(run.plan.evaluations for run in runs) - done
    return UpscaleEstimate(
        pictures=len(request.pictures),
        blocks=sum(run.plan.blocks for run in runs if run.is_last),
        evaluations=left + done,
        evaluations_done=done,
        memory_bytes=results
        + max((run.plan.memory_bytes + run.pixel_bytes for run in runs), default=0),
        scratch_bytes=results
        + max((run.plan.scratch_bytes for run in runs), default=0)
        + sum(run.pixel_bytes for run in runs),
        seconds_per_evaluation=seconds,
        seconds=left * seconds,
        scratch=str(folder),
    )


def _fingerprint(request: UpscaleRequest, upscaler: Upscaler) -> str:
    """Of all that the result depends on: 32 hexadecimal digits."""
    digest = hashlib.blake2b(digest_size=16)
    digest.update(f"{upscaler.fingerprint} {request.seed} {request.skip_transparent} ".encode())
    finish = f"{upscaler.keep_tones} {upscaler.crisp_edges}"
    digest.update(f"{upscaler.schedule} {upscaler.method} {finish}".encode())
    for picture in request.pictures:
        digest.update(f"{picture.key} {picture.target} {picture.pixels.shape}".encode())
        digest.update(np.ascontiguousarray(picture.pixels).tobytes())
    return digest.hexdigest()


def _filtered(request: UpscaleRequest, job: JobReporter) -> UpscaleResult:
    """The fast mode: Lanczos' filter on colour and alpha apart."""
    job.enter(Phase.PLAN)
    results = result_bytes(request)
    areas = [picture.size[0] * picture.size[1] for picture in request.pictures]
    estimate = UpscaleEstimate(
        pictures=len(request.pictures), blocks=0, evaluations=0, evaluations_done=0,
        memory_bytes=results + 3 * max(areas, default=0), scratch_bytes=0,
        seconds_per_evaluation=0.0, seconds=0.0, scratch="",
    )  # fmt: skip
    limit = request.max_memory_bytes
    if limit is not None and estimate.memory_bytes > limit:
        raise RequestError(memory_sentence(estimate.memory_bytes, limit))
    job.announce(estimate)
    if request.plan_only:
        job.leave()
        return UpscaleResult((), estimate, (), job.seconds)
    job.enter(Phase.ENLARGE)
    made = []
    for number, picture in enumerate(request.pictures):
        made.append(UpscaledPicture(picture.key, filtered(picture.pixels, picture.size)))
        job.step(number + 1, len(request.pictures))
    job.leave()
    return UpscaleResult(tuple(made), estimate, (), job.seconds)


def filtered(pixels: PixelArray, size: tuple[int, int]) -> PixelArray:
    """Pixels or coverage enlarged to width and height by Lanczos' filter.

    Transparent pixels lend their colour to nothing, and flat alpha stays exactly flat.
    """
    low = alpha_of(pixels)
    alpha = np.asarray(cv2.resize(low, size, interpolation=cv2.INTER_LANCZOS4), np.uint8)
    keep_plateaus(low, alpha)
    if pixels.ndim == 2:
        return alpha
    out = np.empty((*alpha.shape, 4), np.uint8)
    rgb = bled(pixels)
    colour = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_LANCZOS4), np.uint8)
    keep_range(rgb, colour)
    out[..., :3] = colour
    out[..., 3] = alpha
    return out
