"""Cuts the pictures of a request into runs: one network pass over one plane of one picture each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from engine.errors import RequestError
from engine.pipelines.block_order import Place
from engine.pipelines.transparency import plateau
from engine.pipelines.upscale_plan import UpscaleOptions, UpscalePlan, plan_upscale
from engine.pipelines.upscaler import Upscaler
from engine.requests import Corners
from engine.requests.upscale import PixelArray, UpscalePicture, UpscaleRequest
from engine.sentences import sentence

_ALPHA_MARGIN_PX = 4  # low-resolution pixels that an edge of alpha has around it


class PlaneKind(StrEnum):
    """What a run enlarges."""

    COLOUR = "colour"  # RGB, filled where nothing is seen
    ALPHA = "alpha"  # alpha or coverage as a grey picture


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """One pass over one plane.

    Attributes:
        picture: Index in the request.
        number, passes: Which pass of how many.
        target: Place on the canvas of this pass, in its pixels.
        options: With the picture's place and the memory it may use.
        skipped: Blocks that are left out.
    """

    picture: int
    kind: PlaneKind
    number: int
    passes: int
    target: Corners
    options: UpscaleOptions
    skipped: frozenset[Place]
    plan: UpscalePlan

    @property
    def name(self) -> str:
        """Of its scratch files."""
        return f"{self.picture}-{self.kind}-{self.number}"

    @property
    def is_last(self) -> bool:
        return self.number == self.passes - 1

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the target."""
        return self.target[2] - self.target[0], self.target[3] - self.target[1]

    @property
    def pixel_bytes(self) -> int:
        """Of what it makes, beside the result: only passes on the way need their own."""
        return 0 if self.is_last else 3 * self.size[0] * self.size[1]


def runs_of(request: UpscaleRequest, upscaler: Upscaler) -> list[Run]:
    """All runs in order, each within the memory that the request allows.

    Raises:
        RequestError: Not even without a cache in main memory.
    """
    runs: list[Run] = []
    for index, picture in enumerate(request.pictures):
        for kind in _planes(picture.pixels):
            runs += _passes(request, index, kind, upscaler)
    if request.max_memory_bytes is None:
        return runs
    return [_within(run, request, upscaler) for run in runs]


def result_bytes(request: UpscaleRequest) -> int:
    """Of all enlarged pictures together."""
    return sum(
        picture.size[0] * picture.size[1] * (4 if picture.pixels.ndim == 3 else 1)
        for picture in request.pictures
    )


def _planes(pixels: PixelArray) -> Iterator[PlaneKind]:
    alpha = alpha_of(pixels)
    if pixels.ndim == 3 and alpha.any():
        yield PlaneKind.COLOUR
    if alpha.min() != alpha.max():
        yield PlaneKind.ALPHA


def alpha_of(pixels: PixelArray) -> PixelArray:
    """Alpha of RGBA, or coverage itself: `h w`."""
    return pixels[..., 3] if pixels.ndim == 3 else pixels


def _passes(
    request: UpscaleRequest, index: int, kind: PlaneKind, upscaler: Upscaler
) -> Iterator[Run]:
    picture, sizes = request.pictures[index], upscaler.network.sizes
    boxes = pass_boxes(picture, sizes.scale)
    for number, box in enumerate(boxes):
        options = upscaler.options(request.seed).at(box[0], box[1], sizes.block_px)
        size = (box[2] - box[0], box[3] - box[1])
        skipped: frozenset[Place] = frozenset()
        if request.skip_transparent:
            skipped = _unseen(picture.pixels, kind, size, options.lead, sizes.block_px)
        plan = plan_upscale(sizes, upscaler.network.dtype, *size, options, skipped=skipped)
        yield Run(index, kind, number, len(boxes), box, options, skipped, plan)


def pass_boxes(picture: UpscalePicture, scale: int) -> list[Corners]:
    """Places on the way to the target, it included; each on a canvas 1/scale of the next one."""
    height, width = picture.pixels.shape[:2]
    spans = [
        _spans(length, start, end, scale)
        for length, start, end in zip(
            (width, height), picture.target[:2], picture.target[2:], strict=True
        )
    ]
    count = max(map(len, spans))
    across, down = ((([span[0]] * count) + span)[-count:] for span in spans)
    # A side that needs fewer passes than the other one keeps its length in the first of them.
    across, down = (
        _kept(span, length) for span, length in zip((across, down), (width, height), strict=True)
    )
    return [(x0, y0, x1, y1) for (x0, x1), (y0, y1) in zip(across, down, strict=True)]


def _spans(length: int, start: int, end: int, scale: int) -> list[tuple[int, int]]:
    spans = [(start, end)]
    while end - start > length * scale ** len(spans):
        first, last = spans[0]
        spans.insert(0, (first // scale, -(-last // scale)))
    return spans


def _kept(spans: list[tuple[int, int]], length: int) -> list[tuple[int, int]]:
    """Spans that neither shrink nor grow by more than rounding allows: 4 times the one before."""
    out = []
    for start, end in spans:
        length = min(max(end - start, length), 4 * length)
        out.append((start, start + length))
    out[-1] = spans[-1]
    return out


def _unseen(
    pixels: PixelArray, kind: PlaneKind, size: tuple[int, int], lead: Place, side: int
) -> frozenset[Place]:
    """Blocks in which nothing of a plane matters."""
    alpha = alpha_of(pixels)
    seen = kind is PlaneKind.COLOUR
    matters = alpha > 0 if seen else ~(plateau(alpha, 0) | plateau(alpha, 255))
    if matters.all():
        return frozenset()
    sums = np.zeros((alpha.shape[0] + 1, alpha.shape[1] + 1), np.int64)
    sums[1:, 1:] = matters.cumsum(0).cumsum(1)
    rows = _windows(alpha.shape[0], size[1], lead[0], side, kind)
    columns = _windows(alpha.shape[1], size[0], lead[1], side, kind)
    (top, bottom), (left, right) = rows.T, columns.T
    found = (
        sums[np.ix_(bottom, right)] - sums[np.ix_(top, right)]
        - sums[np.ix_(bottom, left)] + sums[np.ix_(top, left)]
    )  # fmt: skip
    return frozenset((int(row), int(column)) for row, column in np.argwhere(found == 0))


def _windows(low: int, large: int, lead: int, side: int, kind: PlaneKind) -> npt.NDArray[np.intp]:
    """First and last low-resolution pixel (half-open) that each block of a line looks at."""
    blocks = np.arange(-(-(lead + large) // side))
    around = side if kind is PlaneKind.COLOUR else _ALPHA_MARGIN_PX * large / low
    first = np.floor((blocks * side - lead - around) * low / large)
    last = np.ceil(((blocks + 1) * side - lead + around) * low / large)
    return np.stack([first, last], 1).clip(0, low).astype(np.intp)


def memory_sentence(needed: int, limit: int) -> str:
    """Why a limit in bytes is too low."""
    return sentence(
        "The job needs {needed:.2f} GB of memory and may use {limit:.2f} GB; "
        "allow more or choose a smaller size.",
        needed=needed / 1e9,
        limit=limit / 1e9,
    )


def _within(run: Run, request: UpscaleRequest, upscaler: Upscaler) -> Run:
    """The run with as much of its cache in main memory as the limit leaves."""
    limit = request.max_memory_bytes
    if limit is None:
        return run
    sizes, dtype = upscaler.network.sizes, upscaler.network.dtype
    rest = run.plan.memory_bytes - run.plan.cache_bytes + run.pixel_bytes + result_bytes(request)
    if rest > limit:
        raise RequestError(memory_sentence(rest, limit))
    options = replace(run.options, cache_bytes=limit - rest)
    plan = plan_upscale(sizes, dtype, *run.size, options, skipped=run.skipped)
    return replace(run, options=options, plan=plan)
