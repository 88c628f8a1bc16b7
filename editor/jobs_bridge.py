"""The only place where the window and the engine meet: requests go out, Qt signals come in.

Events of the engine arrive in its thread. They are queued to the interface thread, progress is
thinned out on the way, and a result waits there until nobody is in the middle of something; then
it becomes one undo step. A job that was cancelled, failed or belongs to another document changes
nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer, Signal

from editor import generation
from editor.commands.command import Command
from editor.commands.history import History
from editor.document.document import Document
from editor.document.errors import DocumentError
from editor.document.layers import RasterLayer
from editor.document.state import DocumentState
from editor.edit_session import EditSession
from editor.jobs.mailbox import Mailbox
from editor.jobs.progress import (
    JobOutcome,
    JobProgressView,
    ProgressMeter,
    phase_text,
    preview_row,
    sentence_about,
)
from editor.translations import tr_sentence
from engine.errors import EngineError
from engine.jobs import (
    JobCancelled,
    JobEvent,
    JobFailed,
    JobFinished,
    JobProgress,
    JobStarted,
    OnEvent,
)
from engine.progress import LayerPreview, Phase, Progress
from engine.requests import DEFAULT_STEPS, LayerResult, LayoutResult, Request
from engine.service import EngineService

PREVIEW_INTERVAL_MS = 200
GESTURE_RETRY_MS = 50

_log = logging.getLogger("layerloom.jobs")


@dataclass(frozen=True, slots=True)
class _Submitted:
    """A request on its way and what it was made for."""

    job_id: str
    request: Request
    history: History
    replaces: bool


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A result whose command was built for a certain state of the document."""

    job: _Submitted
    result: LayoutResult | LayerResult
    state: DocumentState
    command: Future[Command]


class JobsBridge(QObject):
    """Owns the engine service of a window; one job at a time.

    Signals:
        busy_changed: A job was submitted or ended; see `busy`.
        progressed(JobProgressView): At most one per turn of the event loop.
        previewed(list): Rows (layer id, name, rect, straight RGBA or None), at most 5 a second.
        finished(JobOutcome): The result is in the document, as one undo step.
        failed(str): One sentence for the user.
        cancelled: The document is as it was.

    Attributes:
        may_land: Asked before a result goes into the document; False while a drag is going on or a
            text in the picture is being written, for the result then waits.
    """

    busy_changed = Signal()
    progressed = Signal(object)
    previewed = Signal(list)
    finished = Signal(object)
    failed = Signal(str)
    cancelled = Signal()
    _arrived = Signal(object)
    _prepared = Signal(object)

    def __init__(
        self,
        session: EditSession,
        parent: QObject | None = None,
        *,
        make_service: Callable[[OnEvent], EngineService] = EngineService,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._mailbox = Mailbox(self._arrived.emit)
        self._service = make_service(self._mailbox.put)
        self._started = False
        self._job: _Submitted | None = None
        self._engine_has_it = False
        self._cancel_wanted = False
        self._waiting: _Prepared | None = None
        self.may_land: Callable[[], bool] = lambda: True
        self._meter = ProgressMeter()
        self._clock = QElapsedTimer()
        self._previews: tuple[LayerPreview, ...] = ()
        self._preview_timer = QTimer(self)
        self._preview_timer.setSingleShot(True)
        self._preview_timer.setInterval(PREVIEW_INTERVAL_MS)
        self._preview_timer.timeout.connect(self._flush_previews)
        self._landing_timer = QTimer(self)
        self._landing_timer.setSingleShot(True)
        self._landing_timer.timeout.connect(self._land_waiting)
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="results")
        self._arrived.connect(self._on_arrival, Qt.ConnectionType.QueuedConnection)
        self._prepared.connect(self._land, Qt.ConnectionType.QueuedConnection)
        session.replaced.connect(self.cancel)

    @property
    def busy(self) -> bool:
        """Whether a job is waiting, running, or finished and not yet in the document."""
        return self._job is not None

    def warm_up(self) -> None:
        """Start the engine thread, which imports torch and loads the weights."""
        if not self._started:
            self._started = True
            self._service.start()

    def generate(
        self, prompt: str, style: str, seed: int, steps: int, *, replaces: bool = False
    ) -> bool:
        """Make the layers of a sentence; False when it was refused at once, with `failed`.

        Args:
            replaces: The new layers take the place of the unlocked ones that were generated.
        """
        return self._submit(
            lambda document: generation.layout_request(
                document, prompt, style=style, seed=seed, steps=steps
            ),
            replaces=replaces,
        )

    def regenerate(self, layer_id: str, prompt: str, steps: int) -> bool:
        """Make one layer again, as the next try; False when it was refused at once."""
        return self._submit(
            lambda document: generation.layer_request(document, layer_id, prompt, steps=steps)
        )

    def cancel(self) -> None:
        """Stop the job at its next step, or at once while the engine does not work on it.

        Whatever the engine still says about it, the document stays as it is.
        """
        if self._job is None:
            return
        self._cancel_wanted = True
        self._previews = ()
        self._preview_timer.stop()
        self._service.cancel(self._job.job_id)
        if not self._engine_has_it:
            self._end_cancelled()

    def land_waiting(self) -> None:
        """A drag has ended: a result that waited for it may come now."""
        if self._waiting is not None:
            self._landing_timer.start(0)

    def shutdown(self) -> bool:
        """End the engine thread; events that are still on their way are dropped.

        Returns:
            False when the thread did not end in time; it may be in an import or a long operation
            that nothing can interrupt.
        """
        self._job = None
        self._preview_timer.stop()
        self._landing_timer.stop()
        ended = self._service.shutdown() if self._started else True
        self._pool.shutdown(wait=True)
        return ended

    def _submit(
        self, make_request: Callable[[Document], Request], *, replaces: bool = False
    ) -> bool:
        if self._job is not None:
            return False
        self.warm_up()
        try:
            request = make_request(self._session.document)
            job_id = self._service.submit(request)
        except (EngineError, DocumentError) as error:
            self.failed.emit(tr_sentence(error.message))
            return False
        self._job = _Submitted(job_id, request, self._session.history, replaces)
        self._engine_has_it = self._cancel_wanted = False
        self._meter = ProgressMeter()
        self._clock.start()
        self.busy_changed.emit()
        return True

    # Events, in the interface thread

    def _on_arrival(self, event: JobEvent | None) -> None:
        if event is None:
            event = self._mailbox.take_progress()
        if event is None or self._job is None or event.job_id != self._job.job_id:
            return
        self._engine_has_it = isinstance(event, JobStarted | JobProgress)
        if isinstance(event, JobFailed):
            _log.error("Job failed: %s\n%s", event.message, event.detail)
        if self._cancel_wanted:
            if not self._engine_has_it:  # its last word, which may be a result
                self._end_cancelled()
        else:
            self._on_event(self._job, event)

    def _on_event(self, job: _Submitted, event: JobEvent) -> None:
        match event:
            case JobStarted():
                self.progressed.emit(JobProgressView(phase_text(Phase.LOAD), 0.0, None))
            case JobProgress(progress=progress):
                self._show(progress)
            case JobFinished(result=result):
                self._prepare(job, result)
            case JobFailed(message=message):
                self._end()
                self.failed.emit(tr_sentence(message))
            case JobCancelled():
                self._end_cancelled()

    def _show(self, progress: Progress) -> None:
        self.progressed.emit(self._meter.view(progress, self._clock.elapsed() / 1000))
        if progress.previews:
            self._previews = progress.previews
            if not self._preview_timer.isActive():
                self._flush_previews()

    def _flush_previews(self) -> None:
        previews, self._previews = self._previews, ()
        if previews and self._job is not None:
            self.previewed.emit([preview_row(preview) for preview in previews])
            self._preview_timer.start()

    def _prepare(self, job: _Submitted, result: LayoutResult | LayerResult) -> None:
        """Build the command in the pool: copying and hashing the pixels takes frames."""
        state = job.history.document.snapshot()

        def announce(future: Future[Command]) -> None:
            if not future.cancelled():
                self._prepared.emit(_Prepared(job, result, state, future))

        self._pool.submit(_command_for, result, job, state).add_done_callback(announce)

    def _land(self, prepared: _Prepared) -> None:
        """Push the command, between gestures and onto the state it was built for."""
        job = prepared.job
        if self._job is not job:  # cancelled meanwhile, as it is when another file is opened
            return
        if job.history.in_gesture or not self.may_land():  # the end comes soon
            self._waiting = prepared
            self._landing_timer.start(GESTURE_RETRY_MS)
        elif job.history.document.snapshot() is not prepared.state:
            self._prepare(job, prepared.result)
        else:
            self._push(prepared)

    def _land_waiting(self) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            self._land(waiting)

    def _push(self, prepared: _Prepared) -> None:
        seconds = self._clock.elapsed() / 1000
        result = prepared.result
        try:
            prepared.job.history.push(prepared.command.result())
        except Exception as error:  # whatever it is, the next job must be possible
            _log.exception("A result could not be put into the document.")
            self._end()
            self.failed.emit(sentence_about(error))
            return
        count = len(result.layers) if isinstance(result, LayoutResult) else 1
        self._end()
        self.finished.emit(JobOutcome(tuple(map(tr_sentence, result.notes)), seconds, count))

    def _end_cancelled(self) -> None:
        self._end()
        self.cancelled.emit()

    def _end(self) -> None:
        self._job = None
        self._previews = ()
        self._preview_timer.stop()
        self._waiting = None
        self._landing_timer.stop()
        self.busy_changed.emit()


def _command_for(
    result: LayoutResult | LayerResult, job: _Submitted, state: DocumentState
) -> Command:
    return generation.command_for(result, job.request, state, replaces=job.replaces)


def styles() -> tuple[str, ...]:
    """Styles the shipped model knows."""
    return generation.styles()


def default_steps() -> int:
    """Steps that suffice for the shipped model."""
    return DEFAULT_STEPS


def prompt_of(layer: RasterLayer) -> str:
    """The prompt that would give a layer again: its own, or else its name."""
    return generation.prompt_of(layer)
