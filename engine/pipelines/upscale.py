"""Enlarges a picture with Inf-DiT in memory that does not grow with the picture.

Every network evaluation sweeps over the blocks of the picture; the keys and values of about one
line of blocks are kept (`block_cache.py`), the pixels are in scratch files (`upscale_state.py`),
and the last evaluation gives finished pixels line by line. The numbers are those of the whole
picture at once; block order, batches and the size of the cache change nothing (inf-dit sheet, 4).
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from engine.errors import EngineError, JobCancelled
from engine.models.inf_dit import BlockBatch, InfDit
from engine.pipelines.block_cache import BlockCache
from engine.pipelines.block_order import Place
from engine.pipelines.finishing import finish_enlarged
from engine.pipelines.low_resolution import BlockPixels, RgbArray, to_bytes
from engine.pipelines.upscale_plan import (
    UpscaleOptions,
    UpscalePlan,
    check_scale,
    pass_sizes,
    plan_upscale,
)
from engine.pipelines.upscale_state import CACHE, UpscaleState
from engine.sampling.edm import EdmMethod, Preconditioning, euler_step, heun_step
from engine.sampling.noise import NoiseKey, layer_noise
from engine.sentences import sentence


@dataclass(frozen=True, slots=True)
class UpscaleProgress:
    """How far it is.

    Attributes:
        done, total: Block evaluations.
        eta_seconds: Time left by the speed so far; None before the first block.
    """

    done: int
    total: int
    eta_seconds: float | None


@dataclass(frozen=True, slots=True, eq=False)
class FinishedLine:
    """Finished pixels; lines come in the order of the sweep, and again after a resume.

    Lines in which every block was skipped come first.

    Attributes:
        x0, y0: Where they belong in the target.
        pixels: `h w 3`.
    """

    x0: int
    y0: int
    pixels: RgbArray


def upscale_picture(
    model: InfDit,
    source: RgbArray,
    size: tuple[int, int],
    embed: Callable[[RgbArray], Tensor],
    options: UpscaleOptions,
    *,
    scratch: Path,
    report: Callable[[UpscaleProgress], object] = lambda _progress: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> RgbArray:
    """Enlarges a picture to any size in as many passes as it takes; the result is in memory.

    Args:
        embed: CLIP vector of a picture, `1 v`; asked for each pass.
        scratch, report, cancelled: As in `upscale`.

    Raises:
        RequestError, EngineError, JobCancelled: As `upscale`.
    """
    passes = pass_sizes((source.shape[1], source.shape[0]), size, model.sizes.scale)
    plans = [plan_upscale(model.sizes, model.dtype, *each, options) for each in passes]
    total, before = sum(plan.evaluations for plan in plans), 0
    for number, (each, plan) in enumerate(zip(passes, plans, strict=True)):
        out = np.empty((each[1], each[0], 3), np.uint8)
        upscale(
            model, source, each, embed(source), options,
            scratch=scratch / f"pass-{number}", on_line=_pasting(out),
            report=_shifted(report, before, total), cancelled=cancelled,
        )  # fmt: skip
        finish_enlarged(source, out, options)
        source, before = out, before + plan.evaluations
    return source


def _pasting(out: RgbArray) -> Callable[[FinishedLine], None]:
    def paste(line: FinishedLine) -> None:
        height, width = line.pixels.shape[:2]
        out[line.y0 : line.y0 + height, line.x0 : line.x0 + width] = line.pixels

    return paste


def _shifted(
    report: Callable[[UpscaleProgress], object], before: int, total: int
) -> Callable[[UpscaleProgress], None]:
    """Progress of one pass as that of all; the time left is taken to go with the work left."""

    def pass_on(progress: UpscaleProgress) -> None:
        eta, left = progress.eta_seconds, progress.total - progress.done
        if eta is not None and left:
            eta *= (total - before - progress.done) / left
        report(UpscaleProgress(before + progress.done, total, eta if left else None))

    return pass_on


@torch.no_grad()
def upscale(
    model: InfDit,
    source: RgbArray,
    size: tuple[int, int],
    vector: Tensor,
    options: UpscaleOptions,
    *,
    scratch: Path,
    on_line: Callable[[FinishedLine], object],
    report: Callable[[UpscaleProgress], object] = lambda _progress: None,
    cancelled: Callable[[], bool] = lambda: False,
    skipped: frozenset[Place] = frozenset(),
) -> None:
    """Enlarges a picture.

    Args:
        source: `h w 3`, may be memory-mapped.
        size: Target width and height, at most the model's scale times the source.
        vector: CLIP vector of the whole picture, `1 v`.
        scratch: Folder of its own for this job. What a kill or a cancel left there is taken up
            again, unless it belongs to another picture or other options; it is removed at the end.
        on_line: Gets the finished pixels.
        report: Called after every batch of blocks.
        cancelled: Asked before every batch.
        skipped: Blocks that only get the enlarged input: nobody will see them.

    Raises:
        RequestError: An impossible size.
        EngineError: No space for the scratch files, or weights that give no numbers.
        JobCancelled: `cancelled` said so; the scratch files stay.
    """
    check_scale(source, *size, model.sizes.scale)
    sizes = model.sizes
    plan = plan_upscale(sizes, model.dtype, *size, options, skipped=skipped)
    pixels = BlockPixels(source, *size, sizes.block_px, sizes.lr_block_px, options.lead)
    state = UpscaleState(
        scratch, plan.grid.count, sizes.block_px, options.method,
        _fingerprint(model, source, size, vector, options, skipped=skipped),
    )  # fmt: skip
    cache = BlockCache(plan.grid, sizes, model.dtype, plan.cache, scratch / CACHE)
    job = _Job(model, pixels, vector, options, plan, state, cache, on_line)
    clock = _Clock(state.evaluations_done * plan.blocks, plan.evaluations, report)
    for number in range(state.evaluations_done, options.method.evaluations(options.schedule.steps)):
        for batch in job.sweep(number):
            if cancelled():
                raise JobCancelled
            job.run(batch)
            clock.tick(len(batch))
        job.finish()
    state.remove()


@dataclass(slots=True)
class _Clock:
    """Counts block evaluations and estimates the time left."""

    done: int
    total: int
    report: Callable[[UpscaleProgress], object]
    _begun: float = field(default_factory=time.monotonic)
    _here: int = 0

    def tick(self, blocks: int) -> None:
        self.done += blocks
        self._here += blocks
        left = (time.monotonic() - self._begun) / self._here * (self.total - self.done)
        self.report(UpscaleProgress(self.done, self.total, left))


@dataclass(frozen=True, slots=True)
class _Evaluation:
    """One evaluation of the network on the whole picture.

    Attributes:
        sigma: Noise level that it is evaluated at.
        before, after: Noise levels of the step; `sigma` is one of them.
        second: Whether this is Heun's evaluation at the end of the step.
    """

    sigma: float
    before: float
    after: float
    second: bool

    @classmethod
    def number(cls, index: int, sigmas: Sequence[float], method: EdmMethod) -> _Evaluation:
        step, second = divmod(index, 2) if method is EdmMethod.HEUN else (index, 0)
        before, after = sigmas[step], sigmas[step + 1]
        return cls(after if second else before, before, after, bool(second))

    @property
    def is_last(self) -> bool:
        """Whether its clean estimate is the result."""
        return self.after == 0


@dataclass(slots=True, eq=False)
class _Job:
    """One run.

    Attributes:
        vector: CLIP vector, `1 v`.
        sigmas: Of the schedule.
        evaluation, condition: Of the present evaluation.
        lines: Finished blocks of lines that are not complete, by number of the line.
    """

    model: InfDit
    pixels: BlockPixels
    vector: Tensor
    options: UpscaleOptions
    plan: UpscalePlan
    state: UpscaleState
    cache: BlockCache
    on_line: Callable[[FinishedLine], object]
    sigmas: tuple[float, ...] = ()
    evaluation: _Evaluation = _Evaluation(0, 0, 0, second=False)
    condition: Tensor = field(default_factory=lambda: torch.empty(0))
    lines: dict[int, dict[Place, RgbArray]] = field(default_factory=dict)

    def sweep(self, number: int) -> Iterable[list[Place]]:
        """Begins an evaluation; the batches of blocks to run, in order."""
        self.sigmas = self.options.schedule.sigmas()
        self.evaluation = _Evaluation.number(number, self.sigmas, self.options.method)
        factors = Preconditioning.at(self.evaluation.sigma)
        self.condition = self.model.condition(torch.tensor([factors.c_noise]), self.vector)
        self.cache.clear()
        self.lines.clear()
        if self.evaluation.is_last:
            for line in range(self.plan.grid.line_count):
                self._emit_if_complete(line)
        return self.plan.grid.batches()

    def finish(self) -> None:
        """Every block of the evaluation is done."""
        evaluation = self.evaluation
        if not evaluation.is_last:
            stepped = evaluation.second or self.options.method is EdmMethod.EULER
            self.state.finish_evaluation(stepped=stepped)

    def run(self, batch: Sequence[Place]) -> None:
        """One batch of blocks: network, step, and the new state or finished pixels."""
        evaluation = self.evaluation
        large = [self.pixels.enlarged(*place) for place in batch]
        noisy = [self._noisy(place, up) for place, up in zip(batch, large, strict=True)]
        first = [self._first_estimate(place) for place in batch]
        asked = [
            euler_step(x, clean, evaluation.before, evaluation.after) if clean is not None else x
            for x, clean in zip(noisy, first, strict=True)
        ]
        estimates = self._clean(batch, torch.cat(asked), torch.cat(large))
        for place, x, clean, new in zip(batch, noisy, first, estimates.split(1), strict=True):
            self._keep(place, x, clean, new)

    def _noisy(self, place: Place, large: Tensor) -> Tensor:
        """State at the beginning of the step, `1 3 s s`; the first one is made from its noise."""
        if self.state.steps_done:
            return self.state.noisy(self.plan.grid.index(place))
        row, column = self._in_shared_grid(place)
        key = NoiseKey(self.options.seed, f"upscale/{row}/{column}")
        side = self.model.sizes.block_px
        noise = layer_noise(key, 3, side, side)[None]
        start = large if self.options.init_noise else torch.zeros_like(large)
        return start + self.sigmas[0] * noise

    def _in_shared_grid(self, place: Place) -> Place:
        return place[0] + self.options.origin[0], place[1] + self.options.origin[1]

    def _first_estimate(self, place: Place) -> Tensor | None:
        """D at the beginning of the step, for Heun's second evaluation."""
        if not self.evaluation.second:
            return None
        return self.state.clean(self.plan.grid.index(place))

    def _clean(self, batch: Sequence[Place], noisy: Tensor, large: Tensor) -> Tensor:
        """D of some blocks, float32 `g 3 s s`."""
        factors = Preconditioning.at(self.evaluation.sigma)
        windows = [
            self.model.window(crop, row, column)
            for crop, row, column in (self.pixels.around(*place) for place in batch)
        ]
        self.cache.begin(batch)
        network = self.model.run_blocks(
            BlockBatch(
                torch.cat([noisy, large], 1) * factors.c_in,
                self.condition.expand(len(batch), -1),
                torch.cat(windows),
                torch.tensor([self._in_shared_grid(place) for place in batch])
                * self.model.sizes.block_tokens,
            ),
            self.cache,
        )
        self.cache.end()
        clean = factors.c_skip * noisy + factors.c_out * network.float().cpu()
        if not bool(clean.isfinite().all()):
            raise EngineError(
                sentence(
                    "The upscaler's weights give values that are not numbers; install them again."
                ),
                f"blocks {list(batch)} at sigma {self.evaluation.sigma}",
            )
        return clean

    def _keep(self, place: Place, noisy: Tensor, first: Tensor | None, new: Tensor) -> None:
        """What follows from the estimate of a block goes where the next evaluation finds it."""
        evaluation, index = self.evaluation, self.plan.grid.index(place)
        before, after = evaluation.before, evaluation.after
        if evaluation.is_last:
            self._emit(place, to_bytes(new[0]))
        elif first is not None:
            self.state.store_next(index, heun_step(noisy, first, new, before, after))
        elif self.options.method is EdmMethod.HEUN:
            self.state.store_clean(index, new)
        else:
            self.state.store_next(index, euler_step(noisy, new, before, after))

    def _emit(self, place: Place, block: RgbArray) -> None:
        """Collects finished blocks and passes each line on when it is complete."""
        number = self.plan.grid.line_of(place)
        self.lines.setdefault(number, {})[place] = block
        self._emit_if_complete(number)

    def _emit_if_complete(self, number: int) -> None:
        """A line all of whose computed blocks are there; the others get the enlarged input."""
        places, blocks = self.plan.grid.line(number), self.lines.get(number, {})
        if len(blocks) < len(places) - len(self.plan.grid.skipped.intersection(places)):
            return
        self.lines.pop(number, None)
        joined = np.concatenate(
            [blocks[p] if p in blocks else to_bytes(self.pixels.enlarged(*p)[0]) for p in places],
            axis=0 if self.plan.grid.by_columns else 1,
        )
        top, left = (side * self.model.sizes.block_px for side in places[0])
        skip_y, skip_x = self.pixels.lead
        y0, x0 = max(0, top - skip_y), max(0, left - skip_x)
        kept = joined[
            y0 - top + skip_y : self.pixels.height + skip_y - top,
            x0 - left + skip_x : self.pixels.width + skip_x - left,
        ]
        self.on_line(FinishedLine(x0, y0, np.ascontiguousarray(kept)))


def _fingerprint(
    model: InfDit,
    source: RgbArray,
    size: tuple[int, int],
    vector: Tensor,
    options: UpscaleOptions,
    *,
    skipped: frozenset[Place],
) -> str:
    """Of everything that the result depends on; another one means another job."""
    digest = hashlib.blake2b(digest_size=16)
    digest.update(
        f"{source.shape} {size} {options.seed} {options.schedule} {options.method} "
        f"{options.init_noise} {options.origin} {options.lead} {sorted(skipped)} {options.lines} "
        f"{model.sizes} {model.dtype}".encode()
    )
    for row in source:
        digest.update(np.ascontiguousarray(row).tobytes())
    digest.update(vector.float().cpu().contiguous().numpy().tobytes())
    for name, weight in model.state_dict().items():
        digest.update(f"{name} {float(weight.float().sum()):.9g}".encode())
    return digest.hexdigest()
