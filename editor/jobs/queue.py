"""The jobs that wait for the engine, in the order in which they will run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum

from editor.commands.history import History
from editor.document.state import DocumentState
from engine.requests import GenerationRequest


class JobKind(Enum):
    """What a job makes."""

    PICTURE = "picture"  # all layers of a sentence or of the boxes
    LAYER = "layer"  # one layer again, or variations of it
    UPSCALE = "upscale"  # more pixels; it has its turn as soon as the running job has ended


@dataclass(frozen=True, slots=True, eq=False)
class QueuedJob:
    """A job as the user ordered it.

    Attributes:
        title: What it makes, in the user's words.
        make_request: From the document as it is when the job starts.
        request: As it would be now; foresees how long it takes.
        history: Of the document that it was ordered for.
        layer_id: The layer that is made again; empty = a picture.
        replaces: The new layers take the place of those generated before.
        seconds: Expected wall time; None = not known on this machine yet.
    """

    job_id: str
    kind: JobKind
    title: str
    make_request: Callable[[DocumentState], GenerationRequest]
    request: GenerationRequest
    history: History
    layer_id: str = ""
    replaces: bool = False
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job as a list shows it.

    Attributes:
        running: The engine works on it, or its result waits to land.
        text: What it does, or that it waits.
        share: Finished part, 0 to 1.
        eta_seconds: Wall time until it ends, that of the jobs before it included; None = unknown.
    """

    job_id: str
    kind: JobKind
    title: str
    running: bool
    text: str
    share: float
    eta_seconds: float | None


class JobQueue:
    """A list that jobs enter at the back or at the front and leave at the front.

    Of one layer there is at most one job in it: a second one takes the place of the first.
    """

    def __init__(self) -> None:
        self._jobs: list[QueuedJob] = []

    @property
    def jobs(self) -> tuple[QueuedJob, ...]:
        """In the order in which they will run."""
        return tuple(self._jobs)

    def add(self, job: QueuedJob, *, first: bool = False) -> bool:
        """Put a job at the back, or at the front.

        Returns True when it replaced a job for the same layer; it then has that one's place.
        """
        for place, other in enumerate(self._jobs):
            if job.layer_id and other.layer_id == job.layer_id and other.history is job.history:
                self._jobs[place] = job
                if first:
                    self.move(job.job_id, 0)
                return True
        self._jobs.insert(0 if first else len(self._jobs), job)
        return False

    def move(self, job_id: str, place: int) -> bool:
        """Put a job at another place, 0 = next; False when it does not wait or is there already."""
        old = self._place(job_id)
        place = min(max(0, place), len(self._jobs) - 1)
        if old is None or old == place:
            return False
        self._jobs.insert(place, self._jobs.pop(old))
        return True

    def remove(self, job_id: str) -> bool:
        """Take a job out; False when it does not wait."""
        place = self._place(job_id)
        if place is None:
            return False
        del self._jobs[place]
        return True

    def clear(self) -> None:
        """Take all out."""
        self._jobs.clear()

    def take(self) -> QueuedJob | None:
        """The next job, which is not in the queue any more; None = there is none."""
        return self._jobs.pop(0) if self._jobs else None

    def foresee(self, seconds_of: Callable[[GenerationRequest], float | None]) -> None:
        """Expect other times, after more was learned."""
        self._jobs = [replace(job, seconds=seconds_of(job.request)) for job in self._jobs]

    def _place(self, job_id: str) -> int | None:
        places = [place for place, job in enumerate(self._jobs) if job.job_id == job_id]
        return places[0] if places else None
