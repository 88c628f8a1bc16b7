"""What a pipeline says while it works: phases, steps, rough pictures; and whether to stop."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from engine.errors import JobCancelled
from engine.progress import JobClock, LayerPreview, Phase, PhaseRates, PlannedPhase, Progress
from engine.requests.upscale import UpscaleEstimate

PREVIEW_INTERVAL_S = 0.2  # at most five pictures a second


class JobReporter:
    """Passes progress on, with times and estimates, and turns a cancel into an exception."""

    def __init__(
        self,
        report: Callable[[Progress], None],
        cancelled: Callable[[], bool],
        rates: PhaseRates,
    ) -> None:
        self.cancelled = cancelled
        self._report = report
        self._clock = JobClock((), rates)
        self._phase = Phase.LOAD
        self._last_preview_s = -PREVIEW_INTERVAL_S

    @property
    def seconds(self) -> dict[str, float]:
        """Wall time by phase name, rounded to milliseconds; finished phases only."""
        return {name: round(seconds, 3) for name, seconds in self._clock.seconds.items()}

    def plan(self, later: Sequence[PlannedPhase]) -> None:
        """Says what comes, as soon as the work is known."""
        self._clock.replan(later)

    def enter(self, phase: Phase, work: float | None = None) -> None:
        """Begins a phase. Raises JobCancelled when the job is to stop."""
        self._clock.enter(phase, work)
        self._phase = phase
        self.step(0, 1)

    def leave(self) -> None:
        """Ends the last phase."""
        self._clock.leave()

    def step(self, done: int, steps: int, previews: tuple[LayerPreview, ...] = ()) -> None:
        """Reports a step. Raises JobCancelled when the job is to stop."""
        if self.cancelled():
            raise JobCancelled
        eta = self._clock.eta_seconds(done / steps)
        self._report(Progress(self._phase, done, steps, eta, previews))

    def announce(self, estimate: UpscaleEstimate) -> None:
        """Says what the job will take. Raises JobCancelled when the job is to stop."""
        if self.cancelled():
            raise JobCancelled
        self._report(Progress(self._phase, 1, 1, estimate.seconds, estimate=estimate))

    def preview_due(self) -> bool:
        """Whether another picture may be shown now; asking starts the next interval."""
        now = time.perf_counter()
        if now - self._last_preview_s < PREVIEW_INTERVAL_S:
            return False
        self._last_preview_s = now
        return True
