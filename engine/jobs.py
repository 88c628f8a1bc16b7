"""Jobs of the engine thread: their states, the events they cause, and who runs them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from engine.progress import Progress
from engine.requests import Request, Result


class JobState(StrEnum):
    """Life of a job; the last three are final."""

    QUEUED = "queued"
    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class JobStarted:
    """The worker took the job from the queue."""

    job_id: str


@dataclass(frozen=True, slots=True)
class JobProgress:
    """The job went on; may come many times a second."""

    job_id: str
    progress: Progress


@dataclass(frozen=True, slots=True)
class JobFinished:
    """The job has a result; its last event."""

    job_id: str
    result: Result


@dataclass(frozen=True, slots=True)
class JobFailed:
    """The job cannot be done; its last event.

    Attributes:
        message: One sentence for the user.
        detail: For the log: a traceback or what was found.
        bad_input: True when the request itself was refused, so trying again cannot help.
    """

    job_id: str
    message: str
    detail: str = ""
    bad_input: bool = False


@dataclass(frozen=True, slots=True)
class JobCancelled:
    """The user cancelled the job; its last event, even if the result was nearly there."""

    job_id: str


JobEvent = JobStarted | JobProgress | JobFinished | JobFailed | JobCancelled
OnEvent = Callable[[JobEvent], None]


class EngineRuntime(Protocol):
    """What the worker thread drives: the real networks or, in tests, a fake for faults."""

    def run(
        self,
        request: Request,
        report: Callable[[Progress], None],
        cancelled: Callable[[], bool],
    ) -> Result:
        """Does a job, in the worker thread.

        Args:
            report: To be called at every step; cheap.
            cancelled: To be asked at every step.

        Raises:
            errors.JobCancelled: `cancelled` said so.
            EngineError: Anything else that has a sentence for the user.
        """
        ...


@dataclass(slots=True, eq=False)
class Job:
    """A submitted request. The state is written by the worker alone, the flag by anyone."""

    job_id: str
    request: Request
    state: JobState = JobState.QUEUED
    cancel_flag: threading.Event = field(default_factory=threading.Event)
