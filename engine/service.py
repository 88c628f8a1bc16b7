"""The engine thread: one worker that owns torch, requests in, events out.

The window stays fluid beside it by a few rules, measured with a 16 ms timer while generating: the
thread is niced before its first torch operation, because torch's own threads inherit that; it
leaves one core free; the interpreter switches threads often; the garbage collector does not walk
through the imported libraries again and again.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import sys
import threading
import traceback
import uuid
from collections import deque
from collections.abc import Callable
from pathlib import Path

from engine import jobs
from engine.errors import EngineError, JobCancelled, RequestError
from engine.jobs import EngineRuntime, Job, JobState, OnEvent
from engine.libraries import importing
from engine.progress import Progress
from engine.requests import Request, check_request
from engine.sentences import sentence

_log = logging.getLogger("layerloom.engine")

STARTER_VARIABLE = "LAYERLOOM_STARTER"
NICENESS = 10
MAX_TORCH_THREADS = 4
SWITCH_INTERVAL_S = 0.0005  # ten times as often as the default: Python loops hold up the window
_MEMORY_WORDS = ("not enough memory", "can't allocate memory", "cannot allocate memory")


class EngineService:
    """Runs jobs one after the other in a thread of its own.

    Events of a job: `JobStarted`, any number of `JobProgress`, then exactly one of `JobFinished`,
    `JobFailed`, `JobCancelled`; a job that is cancelled while it waits has only the last. When
    `cancel` has returned, that one is `JobCancelled` unless another one was delivered before.
    Events are delivered in the worker thread, the last one while `cancel` and `submit` of other
    threads wait, so the callback should only pass them on.
    """

    def __init__(
        self,
        on_event: OnEvent,
        *,
        runtime_factory: Callable[[], EngineRuntime] | None = None,
        niceness: int = NICENESS,
        models: Path | None = None,
    ) -> None:
        """Prepares; nothing runs and nothing is imported before `start`.

        Args:
            on_event: Gets every event.
            runtime_factory: Called in the worker thread; None = the shipped starter model.
            models: Where the list of full-size models is kept; None = there are none.
            niceness: Added to the worker's nice value on Linux; 0 when no window needs the cores.
        """
        self._on_event = on_event
        self._factory = runtime_factory or starter_factory(load_now=True, models=models)
        self._niceness = niceness
        self._runtime: EngineRuntime | None = None
        self._waiting: deque[Job] = deque()
        self._running: Job | None = None
        self._changed = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._work, name="layerloom-engine", daemon=True)

    def start(self) -> None:
        """Starts the worker; call it when the window is visible, its imports take cores."""
        self._thread.start()

    def submit(self, request: Request) -> str:
        """Queues a job and returns its id. Raises EngineError after `shutdown`."""
        job = Job(uuid.uuid4().hex, request)
        with self._changed:
            if self._closing:
                raise EngineError(sentence("The engine is shutting down; start the program again."))
            self._waiting.append(job)
            self._changed.notify_all()
        return job.job_id

    def cancel(self, job_id: str) -> None:
        """Stops a job at its next step; unknown or finished ids are ignored."""
        with self._changed:
            for job in [*self._waiting, *([self._running] if self._running else [])]:
                if job.job_id == job_id:
                    job.cancel_flag.set()
            self._changed.notify_all()

    def shutdown(self, timeout_s: float = 5.0) -> bool:
        """Cancels what waits and what runs, lets the last events out and ends the worker.

        Returns whether the worker has ended; it cannot be interrupted inside a library.
        """
        with self._changed:
            self._closing = True
            for job in [*self._waiting, *([self._running] if self._running else [])]:
                job.cancel_flag.set()
            self._changed.notify_all()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    # In the worker thread

    def _work(self) -> None:
        _prepare_thread(self._niceness)
        with contextlib.suppress(Exception):  # the first job tries again and reports it
            self._runtime = self._make_runtime()
        while (job := self._next_job()) is not None:
            self._run(job)
            gc.collect()  # between jobs, so that it does not strike in a step
        self._runtime = None

    def _next_job(self) -> Job | None:
        """Waits for a job; None when the service closes."""
        while True:
            self._announce_cancelled()
            with self._changed:
                if self._waiting and not self._waiting[0].cancel_flag.is_set():
                    self._running = self._waiting.popleft()
                    return self._running
                if not self._waiting:
                    if self._closing:
                        return None
                    self._changed.wait()

    def _announce_cancelled(self) -> None:
        """Ends the waiting jobs that were cancelled, without waiting for the one that runs."""
        with self._changed:
            ended = [job for job in self._waiting if job.cancel_flag.is_set()]
            for job in ended:
                self._waiting.remove(job)
        for job in ended:
            self._finish(job, JobState.CANCELLED, jobs.JobCancelled(job.job_id))

    def _run(self, job: Job) -> None:
        job.state = JobState.RUNNING
        self._emit(jobs.JobStarted(job.job_id))

        def report(progress: Progress) -> None:
            self._announce_cancelled()
            if not job.cancel_flag.is_set():
                self._emit(jobs.JobProgress(job.job_id, progress))

        state, event = self._outcome(job, report)
        with self._changed:  # no cancel may fall between the last look at the flag and the event
            self._running = None
            if job.cancel_flag.is_set():  # also when the result came a moment too late
                state, event = JobState.CANCELLED, jobs.JobCancelled(job.job_id)
            self._finish(job, state, event)

    def _outcome(
        self, job: Job, report: Callable[[Progress], None]
    ) -> tuple[JobState, jobs.JobEvent]:
        try:
            check_request(job.request)
            if self._runtime is None:
                self._runtime = self._make_runtime()
            result = self._runtime.run(job.request, report, job.cancel_flag.is_set)
        except JobCancelled:
            return JobState.CANCELLED, jobs.JobCancelled(job.job_id)
        except Exception as error:
            message, detail = explain(error)
            _log.error("Job %s failed: %s\n%s", job.job_id, message, detail)
            bad_input = isinstance(error, RequestError)
            return JobState.FAILED, jobs.JobFailed(job.job_id, message, detail, bad_input)
        return JobState.FINISHED, jobs.JobFinished(job.job_id, result)

    def _make_runtime(self) -> EngineRuntime:
        gc.disable()  # walking through half-imported libraries stalls the window for nothing
        try:
            with importing():
                runtime = self._factory()
            gc.freeze()
        finally:
            gc.enable()
        return runtime

    def _finish(self, job: Job, state: JobState, event: jobs.JobEvent) -> None:
        job.state = state
        self._emit(event)

    def _emit(self, event: jobs.JobEvent) -> None:
        try:
            self._on_event(event)
        except Exception:
            _log.exception("A listener of the engine failed on %s", type(event).__name__)


def explain(error: Exception) -> tuple[str, str]:
    """(sentence for the user, detail for the log) of whatever went wrong in a job."""
    trace = "".join(traceback.format_exception(error))
    if isinstance(error, EngineError):
        return error.message, error.detail or trace
    if _is_out_of_memory(error):
        return (
            sentence(
                "There is not enough memory for this picture; close other programs or "
                "make it smaller."
            ),
            trace,
        )
    if isinstance(error, ImportError):
        name = error.name or sentence("a library")
        return (
            sentence(
                "The engine could not be loaded because of {name}; install the program again.",
                name=name,
            ),
            trace,
        )
    kind = type(error).__name__
    return sentence(
        "The engine failed unexpectedly ({kind}); please report it with the log.", kind=kind
    ), trace


def _is_out_of_memory(error: Exception) -> bool:
    """Python's own error, torch's for a GPU, or the text of torch's allocator for main memory."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    text = str(error).lower()
    return isinstance(error, RuntimeError) and any(words in text for words in _MEMORY_WORDS)


def _prepare_thread(niceness: int) -> None:
    """Low priority for this thread and for all that torch will start from it."""
    if niceness and sys.platform == "linux":
        with contextlib.suppress(OSError):
            own = threading.get_native_id()
            current = os.getpriority(os.PRIO_PROCESS, own)
            os.setpriority(os.PRIO_PROCESS, own, min(19, current + niceness))
    sys.setswitchinterval(min(sys.getswitchinterval(), SWITCH_INTERVAL_S))


def torch_threads(cores: int) -> int:
    """Threads that torch may use: one core is left to the window and to other programs.

    Threads of one operation wait for each other at its end, so a single busy core holds all of
    them up; and beyond a few, the starter's small matrices gain nothing. The number depends on the
    machine alone, so that window and terminal compute the same bytes.
    """
    return min(MAX_TORCH_THREADS, max(1, cores - 1))


def starter_factory(
    folder: str | Path | None = None,
    *,
    load_now: bool = False,
    models: Path | None = None,
) -> Callable[[], EngineRuntime]:
    """Makes the runtime of the starter model, to be called in the worker thread.

    Args:
        folder: The model's files; None = the environment variable LAYERLOOM_STARTER, or else the
            shipped ones.
        load_now: Load the weights at once instead of in the first job; if that fails, the first
            job tries again and reports it.
        models: Where the list of full-size models is kept; None = there are none.
    """
    chosen = folder or os.environ.get(STARTER_VARIABLE) or None

    def make() -> EngineRuntime:
        import torch

        torch.set_num_threads(torch_threads(_core_count()))
        with contextlib.suppress(RuntimeError):  # another part of the process was first
            torch.set_num_interop_threads(1)
        from engine.runtime import StarterRuntime

        runtime = StarterRuntime(Path(chosen) if chosen else None, models=models)
        if load_now:
            with contextlib.suppress(EngineError):
                runtime.load()
        return runtime

    return make


def _core_count() -> int:
    """Cores this process may use; containers often allow fewer than there are."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
