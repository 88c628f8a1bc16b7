"""How far a job is: phases, steps, previews, and an estimate of the time left."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from engine.requests import Corners, RgbaArray
from engine.requests.upscale import UpscaleEstimate


class Phase(StrEnum):
    """Parts of a job in the order they run; `seconds` of a result has their names as keys."""

    LOAD = "load"  # weights from disk, first job only
    UNDERSTAND = "understand"  # sentence, concepts, boxes, text encoder
    DENOISE = "denoise"
    DECODE = "decode"
    CHECK = "check"  # does each box show its noun
    ALONE = "alone"  # objects that did not clearly enough are drawn by themselves
    FINISH = "finish"  # resampling to document pixels, records
    PLAN = "plan"  # of enlarging: blocks, memory, a timed block
    ENLARGE = "enlarge"


@dataclass(frozen=True, slots=True, eq=False)
class LayerPreview:
    """A rough picture of a layer while it is denoised.

    Attributes:
        layer_id: The id that the finished layer will have.
        box: (x0, y0, x1, y1) in document pixels; the pixels are to be stretched over it.
        pixels: h w 4, straight alpha, much smaller than the box.
    """

    layer_id: str
    name: str
    box: Corners
    pixels: RgbaArray


@dataclass(frozen=True, slots=True, eq=False)
class Progress:
    """One report.

    Attributes:
        phase: Running now.
        step: Done steps of this phase, 0 to `steps`.
        steps: At least 1.
        eta_seconds: Wall time left for the whole job; None = not known yet.
        previews: Bottom to top, background first; empty = no new ones.
        estimate: What enlarging will take; said once, before it starts.
    """

    phase: Phase
    step: int
    steps: int
    eta_seconds: float | None = None
    previews: tuple[LayerPreview, ...] = ()
    estimate: UpscaleEstimate | None = None


@dataclass(frozen=True, slots=True)
class PlannedPhase:
    """One phase of a plan and its amount of work, in a unit that grows with its time.

    Tokens x evaluations for denoising, pixels for decoding, 1 where nothing is known.
    """

    phase: Phase
    work: float


@dataclass(slots=True)
class PhaseRates:
    """Seconds per unit of work, learned from finished phases; lives as long as the engine.

    The newest measurement counts half, so a machine that becomes busy is noticed at the next job.
    """

    seconds_per_work: dict[Phase, float] = field(default_factory=dict)

    def learn(self, phase: Phase, work: float, seconds: float) -> None:
        """Takes a finished phase into account; phases without work teach nothing."""
        if work <= 0:
            return
        rate = seconds / work
        known = self.seconds_per_work.get(phase)
        self.seconds_per_work[phase] = rate if known is None else (known + rate) / 2

    def predict(self, planned: PlannedPhase) -> float | None:
        """Expected seconds; None when this phase was never seen."""
        rate = self.seconds_per_work.get(planned.phase)
        return None if rate is None else rate * planned.work


class JobClock:
    """Times the phases of one job and estimates what is left.

    The running phase extrapolates its own steps once one is done, later phases are predicted from
    the learned rates. A phase that was never measured counts nothing as long as another one could
    be estimated: an early first number is better than none. Only drawing alone is as fast as
    denoising, until it is known better.
    """

    def __init__(
        self,
        plan: Sequence[PlannedPhase],
        rates: PhaseRates,
        now: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._plan = list(plan)
        self._rates = rates
        self._now = now
        self._seconds: dict[Phase, float] = {}
        self._running: PlannedPhase | None = None
        self._started = 0.0

    @property
    def seconds(self) -> Mapping[str, float]:
        """Wall time by phase name, finished phases only."""
        return {phase.value: seconds for phase, seconds in self._seconds.items()}

    def replan(self, later: Sequence[PlannedPhase]) -> None:
        """Replaces the phases to come, when the work became known."""
        self._plan = list(later)

    def enter(self, phase: Phase, work: float | None = None) -> None:
        """Ends the running phase and starts another one.

        Args:
            work: Replaces the planned amount.
        """
        self.leave()
        phases = [item.phase for item in self._plan]
        planned = self._plan[phases.index(phase)] if phase in phases else None
        # What was planned before it was not needed.
        self._plan = self._plan[phases.index(phase) + 1 :] if phase in phases else self._plan
        amount = work if work is not None else planned.work if planned else 0.0
        self._running = PlannedPhase(phase, amount)
        self._started = self._now()

    def leave(self) -> None:
        """Ends the running phase, if any, and learns from it."""
        if self._running is None:
            return
        elapsed = self._now() - self._started
        phase = self._running.phase
        self._seconds[phase] = self._seconds.get(phase, 0.0) + elapsed
        self._rates.learn(phase, self._running.work, elapsed)
        self._running = None

    def eta_seconds(self, done: float) -> float | None:
        """Wall time left for the job.

        Args:
            done: Finished share of the running phase, 0 to 1.
        """
        parts = [self._predicted(item, done) for item in self._plan]
        if self._running is not None:
            parts.append(self._remaining_of_running(self._running, done))
        known = [part for part in parts if part is not None]
        return max(0.0, sum(known)) if known else None

    def _predicted(self, planned: PlannedPhase, done: float) -> float | None:
        """Expected seconds of a phase to come; `done` is the finished share of the running one."""
        known = self._rates.predict(planned)
        if known is not None or planned.phase is not Phase.ALONE:
            return known
        running = self._running
        if running and running.phase is Phase.DENOISE and done > 0 and running.work > 0:
            return (self._now() - self._started) / done * planned.work / running.work
        return self._rates.predict(replace(planned, phase=Phase.DENOISE))

    def _remaining_of_running(self, running: PlannedPhase, done: float) -> float | None:
        elapsed = self._now() - self._started
        if done > 0:
            return elapsed / done * (1 - done)
        predicted = self._rates.predict(running)
        return None if predicted is None else predicted - elapsed
