"""How a full-size model is run: attention's kernel and first-block caching; and what came of it.

Torch-free, so that the window and the terminal may use it at start.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from engine.errors import RequestError
from engine.sentences import sentence

MAX_CACHE_THRESHOLD = 1.0


class Attention(StrEnum):
    """Who computes attention; what is there depends on the machine (`models/attention.py`)."""

    AUTO = "auto"
    SDPA = "sdpa"  # torch picks one of its own kernels for every shape
    SDPA_FLASH = "sdpa-flash"
    SDPA_EFFICIENT = "sdpa-efficient"
    SDPA_CUDNN = "sdpa-cudnn"
    SDPA_MATH = "sdpa-math"
    FLASH = "flash"  # the package flash-attn
    XFORMERS = "xformers"
    SAGE = "sage"  # rounds queries and keys to 8 bits


@dataclass(frozen=True, slots=True)
class RunOptions:
    """Wishes for one job on a full-size model.

    Attributes:
        attention: AUTO = the best exact one of the machine.
        first_block_cache: An evaluation whose first block changed less than this share since the
            last whole one takes what the other blocks gave then; 0 = off, up to
            `MAX_CACHE_THRESHOLD`.
        measure_cache: Do the job without the cache as well, and say how far the result is off.
    """

    attention: Attention = Attention.AUTO
    first_block_cache: float = 0.0
    measure_cache: bool = False

    @property
    def is_usual(self) -> bool:
        """Whether nothing was asked for."""
        return self == RunOptions()


@dataclass(slots=True)
class RunOutcome:
    """What a job says of its run while it is on; grows with each run of the job.

    Attributes:
        attention: The kernel that was used; empty before the first run.
        reason: Why that one, in a sentence.
        error: See `RunRecord.cache_error`; the largest of all runs.
    """

    attention: str = ""
    reason: str = ""
    evaluations: int = 0
    reused: int = 0
    error: float | None = None

    def add(self, other: RunOutcome) -> None:
        """Takes in what came of another part of the job."""
        self.attention, self.reason = other.attention, other.reason
        self.evaluations += other.evaluations
        self.reused += other.reused
        if other.error is not None:
            self.error = max(self.error or 0.0, other.error)

    def record(self, options: RunOptions, adapters: tuple[AdapterUse, ...] = ()) -> RunRecord:
        """For the records of what was made."""
        return RunRecord(
            self.attention or Attention.SDPA.value,
            options.first_block_cache,
            self.evaluations,
            self.reused,
            self.error,
            adapters,
        )


@dataclass(frozen=True, slots=True)
class AdapterUse:
    """An adapter that was merged into the model.

    Attributes:
        name: Of its file; where it lies is nobody else's business.
        sha256: Of its content, which it is found by when the job is done again.
    """

    name: str
    sha256: str
    weight: float


@dataclass(frozen=True, slots=True)
class RunRecord:
    """How a layer's job was run on a full-size model.

    Attributes:
        attention: The `Attention` that was used, never AUTO.
        first_block_cache: As it was asked for; 0 = off.
        evaluations: Of the network, in all.
        reused: Evaluations that took the other blocks' part from an earlier one.
        cache_error: Distance of the final latents to those of the exact run, as a share of the
            latter's length, over all that was made and not held still; None = it was not measured.
        adapters: The user's own, in the order they were merged.
    """

    attention: str = Attention.SDPA.value
    first_block_cache: float = 0.0
    evaluations: int = 0
    reused: int = 0
    cache_error: float | None = None
    adapters: tuple[AdapterUse, ...] = ()


def check_run_options(options: RunOptions) -> None:
    """Refuse what can never succeed. Raises RequestError naming the field."""
    threshold = options.first_block_cache
    if not (math.isfinite(threshold) and 0 <= threshold <= MAX_CACHE_THRESHOLD):
        raise RequestError(
            sentence(
                "The limit of first-block caching is {value:g}; choose between 0 (off) and "
                "{limit:g}.",
                value=threshold,
                limit=MAX_CACHE_THRESHOLD,
            )
        )
    if options.measure_cache and not threshold:
        raise RequestError(
            sentence("There is no error of first-block caching to measure while it is off.")
        )


def cache_notes(record: RunRecord) -> tuple[str, ...]:
    """What first-block caching did, for the user; empty = it was off."""
    if not record.first_block_cache or not record.evaluations:
        return ()
    counts = {"reused": record.reused, "evaluations": record.evaluations}
    if record.cache_error is None:
        return (
            sentence(
                "First-block caching: {reused} of {evaluations} evaluations were taken from "
                "earlier ones; how far the result is off was not measured.",
                **counts,
            ),
        )
    return (
        sentence(
            "First-block caching: {reused} of {evaluations} evaluations were taken from earlier "
            "ones; the result is {error:.1f} % off the exact one.",
            **counts,
            error=100 * record.cache_error,
        ),
    )


def options_again(record: RunRecord | None) -> RunOptions:
    """What a recorded job was run with, for doing it again."""
    if record is None:
        return RunOptions()
    known = record.attention in set(Attention)
    kernel = Attention(record.attention) if known else Attention.AUTO
    threshold = min(max(record.first_block_cache, 0.0), MAX_CACHE_THRESHOLD)
    return RunOptions(kernel, threshold)
