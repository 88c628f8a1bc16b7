"""What enlarging a picture will take: blocks, memory, disk; known before anything is computed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import torch

from engine.errors import RequestError
from engine.models.inf_dit import InfDitSizes, cache_bytes_per_block
from engine.pipelines.block_cache import CacheShape
from engine.pipelines.block_order import BlockGrid, Place
from engine.pipelines.low_resolution import RgbArray
from engine.sampling.edm import EdmMethod, EdmSchedule
from engine.sentences import sentence

MAX_TARGET_SIDE_PX = 100_000
# Working memory of a block in values per token and channel, and once more for the four neighbours:
# hidden, queries, keys, values, the joined keys and values, the MLP (inf-dit sheet, section 4.2).
_WORKING_VALUES = 24
_STATE_BYTES = 3 * 4  # a float32 RGB pixel


@dataclass(frozen=True, slots=True)
class UpscaleOptions:
    """How to enlarge.

    Attributes:
        seed: The noise of a block follows from it and from the block's place alone.
        init_noise: Start from the enlarged input plus noise instead of noise alone.
        lines: Lines of blocks computed side by side; more fill a large GPU and need more memory.
        cache_bytes: Main memory for keys and values; what exceeds it goes to a scratch file.
            None = all of it in memory.
        origin: Row and column of the picture's first block in a grid that several pictures share.
            Noise and positions follow from it; layers of one document then agree better where they
            overlap.
        keep_tones: Whether the result, reduced again, is brought to the tones of the input; for
            networks too small to keep them by themselves.
        crisp_edges: Whether its hard edges get the width of clean vector art; for networks that
            were made for drawings.
        lead: Target pixels (down, right) between the corner of that block and the picture.
    """

    seed: int
    schedule: EdmSchedule = field(default_factory=EdmSchedule)
    method: EdmMethod = EdmMethod.HEUN
    init_noise: bool = True
    lines: int = 1
    cache_bytes: int | None = None
    origin: Place = (0, 0)
    lead: tuple[int, int] = (0, 0)
    keep_tones: bool = False
    crisp_edges: bool = False

    def at(self, x: int, y: int, block_px: int) -> UpscaleOptions:
        """The same for a picture whose corner lies at (x, y) of a shared canvas, in its pixels."""
        (row, top), (column, left) = divmod(y, block_px), divmod(x, block_px)
        return replace(self, origin=(row, column), lead=(top, left))


@dataclass(frozen=True, slots=True)
class UpscalePlan:
    """What enlarging will take.

    Attributes:
        blocks: Of the picture, without those that are skipped.
        evaluations: Block evaluations in all, the unit of progress.
        cache_bytes: Keys and values in main memory.
        memory_bytes: Main memory beside the weights, the input and what the caller does with the
            result: cache, working memory of a batch, lines on their way out.
        scratch_bytes: On the disk: pixel states, and what the cache spills.
    """

    grid: BlockGrid
    cache: CacheShape
    blocks: int
    evaluations: int
    cache_bytes: int
    memory_bytes: int
    scratch_bytes: int

    def seconds(self, per_block_evaluation: float) -> float:
        """Time of the whole job, from the measured time of one block."""
        return self.evaluations * per_block_evaluation


def plan_upscale(
    sizes: InfDitSizes,
    dtype: torch.dtype,
    width: int,
    height: int,
    options: UpscaleOptions,
    *,
    skipped: frozenset[Place] = frozenset(),
) -> UpscalePlan:
    """The plan for a target of width x height px.

    Args:
        skipped: Blocks that are left out.

    Raises:
        RequestError: An impossible size.
    """
    for name, value in (("width", width), ("height", height)):
        if not 1 <= value <= MAX_TARGET_SIDE_PX:
            raise RequestError(
                sentence(
                    "The target {side} is {value} px; choose between 1 and {limit} px.",
                    side=sentence(name),
                    value=value,
                    limit=MAX_TARGET_SIDE_PX,
                )
            )
    side = sizes.block_px
    rows, columns = (
        -(-(a + b) // side) for a, b in zip(options.lead, (height, width), strict=True)
    )
    grid = BlockGrid.along_the_shorter_side(rows, columns, options.lines, skipped)
    cache = CacheShape.fit(grid, sizes, dtype, options.cache_bytes)
    per_slot = cache_bytes_per_block(sizes, dtype)
    states = 3 if options.method is EdmMethod.HEUN else 2
    line = 3 * side * side * grid.line_length
    working = grid.batch_size * sizes.tokens * sizes.hidden * _WORKING_VALUES * dtype.itemsize
    return UpscalePlan(
        grid=grid,
        cache=cache,
        blocks=grid.computed,
        evaluations=grid.computed * options.method.evaluations(options.schedule.steps),
        cache_bytes=cache.in_memory * per_slot,
        memory_bytes=cache.in_memory * per_slot + working + (options.lines + 1) * line,
        scratch_bytes=states * _STATE_BYTES * grid.count * side * side
        + (cache.slots - cache.in_memory) * per_slot,
    )


def check_scale(source: RgbArray, width: int, height: int, scale: int) -> None:
    """Refuses what one run cannot do. Raises RequestError with a sentence."""
    rows, columns = source.shape[:2]
    if not (rows and columns):
        raise RequestError(sentence("The picture to enlarge has no pixels."))
    if width < columns or height < rows:
        raise RequestError(
            sentence(
                "The target of {width} x {height} px is smaller than the picture "
                "({columns} x {rows} px); enlarging cannot make it smaller.",
                width=width,
                height=height,
                columns=columns,
                rows=rows,
            )
        )
    if width > columns * scale or height > rows * scale:
        raise RequestError(
            sentence(
                "{columns} x {rows} px can be enlarged to {width} x {height} px at once; "
                "enlarge it several times.",
                columns=columns,
                rows=rows,
                width=columns * scale,
                height=rows * scale,
            )
        )


def pass_sizes(size: tuple[int, int], target: tuple[int, int], scale: int) -> list[tuple[int, int]]:
    """Sizes (width, height) on the way to a target that is too large for one run, it included."""
    sizes = [target]
    while any(end > start * scale for start, end in zip(size, sizes[0], strict=True)):
        smaller = [max(s, -(-t // scale)) for s, t in zip(size, sizes[0], strict=True)]
        sizes.insert(0, (smaller[0], smaller[1]))
    return sizes
