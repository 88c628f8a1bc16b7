"""What the command line shows while it works, and how it waits for the engine."""

from __future__ import annotations

import io
import json
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import Any, TextIO

from editor.jobs.progress import LONG_S, phase_text
from editor.session.places import user_places
from engine.errors import EngineError
from engine.jobs import JobCancelled, JobEvent, JobFailed, JobFinished, JobProgress
from engine.progress import Progress
from engine.requests import Request, Result
from engine.requests.upscale import UpscaleEstimate
from engine.service import EngineService, starter_factory

_POLL_S = 0.1  # signals are handled between two looks into the queue
_LAST_EVENTS = (JobCancelled, JobFailed, JobFinished)
_PATIENCE_S = 3.0  # for the engine to stop after a cancel; loading torch cannot be interrupted


class Interrupted(Exception):
    """The user pressed Ctrl+C; the job or the writing of its files was stopped.

    Attributes:
        written: Files that were complete before.
    """

    def __init__(self, written: Sequence[Path] = ()) -> None:
        super().__init__()
        self.written = tuple(written)


class JobRefused(EngineError):
    """The engine refused or failed; `bad_input` tells which."""

    def __init__(self, failed: JobFailed) -> None:
        super().__init__(failed.message, failed.detail)
        self.bad_input = failed.bad_input


class Terminal:
    """Events as JSON lines on stdout, progress for people on stderr.

    When the reader of a stream goes away (`| head -1`), the job goes on without that stream: its
    files are still wanted.

    Args:
        as_json: Nothing but JSON goes to stdout.
    """

    def __init__(self, as_json: bool) -> None:
        self._as_json = as_json
        self._live = sys.stderr.isatty()
        self._line_open = False

    def progress(self, progress: Progress) -> None:
        """Shows a step."""
        eta = progress.eta_seconds
        if progress.estimate is not None:
            self._plan(progress.estimate)
            return
        self.event(
            "progress",
            phase=progress.phase.value,
            step=progress.step,
            steps=progress.steps,
            eta_seconds=None if eta is None else round(eta, 1),
        )
        text = phase_text(progress.phase)
        if progress.steps > 1:
            text += f" {progress.step}/{progress.steps}"
        if eta is not None:
            text += f", {spoken_time(eta)} left"
        self.working(text)

    def working(self, text: str) -> None:
        """What is being done at present, for people; on a terminal over what it was before."""
        if self._live:
            _write(sys.stderr, f"\r\x1b[K{text}")
            self._line_open = True
        else:
            _write(sys.stderr, text + "\n")

    def _plan(self, plan: UpscaleEstimate) -> None:
        """What enlarging will take, before it starts."""
        self.event("plan", **asdict(plan))
        self.end_line()
        if not plan.evaluations:
            _write(sys.stderr, f"plan: {plan.memory_bytes / 1e9:.2f} GB of memory\n")
            return
        again = f", {plan.evaluations_done} of them done before" if plan.evaluations_done else ""
        _write(
            sys.stderr,
            f"plan: {plan.blocks} blocks, {plan.evaluations} evaluations{again}; "
            f"{plan.memory_bytes / 1e9:.2f} GB of memory, {plan.scratch_bytes / 1e9:.2f} GB in "
            f"{plan.scratch}; about {spoken_time(plan.seconds)} "
            f"({1000 * plan.seconds_per_evaluation:.1f} ms for the first block)\n",
        )
        if plan.seconds >= LONG_S:
            _write(sys.stderr, "That is long; --mode fast is done at once, with softer edges.\n")

    def event(self, kind: str, **values: Any) -> None:
        """One JSON object on a line of its own; nothing without `--json`."""
        if self._as_json:
            self.print_json({"event": kind, **values})

    def print_json(self, content: dict[str, Any]) -> None:
        """An object on stdout, whatever the mode."""
        _write(sys.stdout, json.dumps(content) + "\n")

    def text(self, line: str) -> None:
        """A line for people on stdout; nothing with `--json`."""
        self.end_line()
        if not self._as_json:
            _write(sys.stdout, line + "\n")

    def error(self, message: str) -> None:
        """A sentence about what went wrong."""
        self.end_line()
        _write(sys.stderr, f"layerloom: {message}\n")
        self.event("error", message=message)

    def end_line(self) -> None:
        """Leaves the line that progress is written over."""
        if self._line_open:
            _write(sys.stderr, "\n")
            self._line_open = False


def spoken_time(seconds: float) -> str:
    """A time that is only guessed, e.g. "40 s", "7 min" or "2 h 5 min"."""
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"


def _write(stream: TextIO, text: str) -> None:
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:  # no complaint now, nor when Python flushes at exit
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), stream.fileno())


def allow_any_text() -> None:
    """Lets names through that the terminal's encoding lacks, as escapes."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


class Interrupt:
    """Whether Ctrl+C was pressed; usable as a `cancelled` callback."""

    def __init__(self) -> None:
        self._pressed = threading.Event()

    def __call__(self) -> bool:
        return self._pressed.is_set()

    def press(self, _number: int, _frame: FrameType | None) -> None:
        """The signal handler; a second press ends the program the usual way."""
        self._pressed.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)


@contextmanager
def watch_interrupt() -> Iterator[Interrupt]:
    """Turns Ctrl+C into a flag while the block runs; main thread only."""
    interrupt = Interrupt()
    before = signal.signal(signal.SIGINT, interrupt.press)
    try:
        yield interrupt
    finally:
        signal.signal(signal.SIGINT, before)


def run_job(
    request: Request, weights: Path | None, terminal: Terminal, interrupt: Interrupt
) -> Result:
    """Runs one job on an engine of its own.

    Raises:
        JobRefused: It could not be done.
        Interrupted: Ctrl+C.
    """
    with engine_jobs(weights, terminal, interrupt) as run:
        answer = run(request)
    if isinstance(answer, JobRefused):
        raise answer
    return answer


@contextmanager
def engine_jobs(
    weights: Path | None, terminal: Terminal, interrupt: Interrupt
) -> Iterator[Callable[[Request], Result | JobRefused]]:
    """One engine for jobs one after the other: a function that does a job, or returns the refusal.

    It raises Interrupted on Ctrl+C. The engine starts with the first job.
    """
    events: queue.Queue[JobEvent] = queue.Queue()
    # No window needs the cores, so the worker keeps its priority.
    factory = starter_factory(weights, models=user_places().models)
    service = EngineService(events.put, runtime_factory=factory, niceness=0)
    started = False

    def run(request: Request) -> Result | JobRefused:
        nonlocal started
        if not started:
            terminal.working("Loading the engine")
            service.start()
            started = True
        try:
            return _wait(service, service.submit(request), events, terminal, interrupt)
        except JobRefused as refusal:
            return refusal

    try:
        yield run
    finally:
        if started:
            service.shutdown()


def _wait(
    service: EngineService,
    job_id: str,
    events: queue.Queue[JobEvent],
    terminal: Terminal,
    interrupt: Interrupt,
) -> Result:
    while True:
        if interrupt():
            _stop(service, job_id, events, terminal)
            raise Interrupted
        try:
            event = events.get(timeout=_POLL_S)
        except queue.Empty:
            continue
        match event:
            case JobProgress(progress=progress):
                terminal.progress(progress)
            case JobFinished(result=result):
                return result
            case JobFailed():
                raise JobRefused(event)


def _stop(
    service: EngineService, job_id: str, events: queue.Queue[JobEvent], terminal: Terminal
) -> None:
    """Cancels and waits for the engine's last word, so that no thread is torn down at work."""
    service.cancel(job_id)
    try:
        while not isinstance(events.get(timeout=_PATIENCE_S), _LAST_EVENTS):
            continue
    except queue.Empty:
        terminal.error("Cancelled; nothing was written.")
        leave_at_once(130)


def leave_at_once(code: int) -> None:
    """Ends the process although the engine is busy in a library that cannot be interrupted."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
