"""Enlarging in the engine on behalf of a window: one job at a time, its result one undo step.

The engine is the bridge's; a job waits there until the one before it has ended.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer, Signal

from editor.commands.command import Command
from editor.commands.history import History
from editor.commands.upscale_commands import UpscaleTarget
from editor.document.errors import DocumentError
from editor.document.identity import new_id
from editor.document.state import DocumentState
from editor.edit_session import EditSession
from editor.generation import upscaling
from editor.generation.upscaling import (
    PreviewPart,
    UpscaleMethod,
    UpscalePlanView,
    UpscalePreview,
)
from editor.jobs.progress import JobProgressView, ProgressMeter, sentence_about
from editor.jobs.queue import JobKind, JobRow
from editor.jobs_bridge import GESTURE_RETRY_MS, JobsBridge
from editor.translations import tr, tr_sentence
from engine.errors import EngineError
from engine.jobs import JobCancelled, JobEvent, JobFailed, JobFinished, JobProgress
from engine.requests.upscale import UpscaleRequest, UpscaleResult

_log = logging.getLogger("layerloom.jobs")


@dataclass(slots=True, eq=False)
class _Asked:
    """A job of the engine.

    Attributes:
        deliver: Gets the result.
        shown: Whether its progress and its end are told.
        engine_id: Empty while its request is being made.
    """

    deliver: Callable[[UpscaleResult], None]
    shown: bool
    engine_id: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class _Prepared:
    """A result whose command was built for a certain state of the document."""

    asked: _Asked
    target: UpscaleTarget
    result: UpscaleResult
    history: History
    state: DocumentState
    command: Future[Command]


class UpscaleJobs(QObject):
    """Plans, previews and enlarges.

    Signals:
        busy_changed: Enlarging began or ended; see `busy`.
        progressed(JobProgressView): How far it is.
        finished(float): The result is in the document; seconds it took.
        failed(str): One sentence for the user; of plans and previews as well.
        cancelled: The document is as it was.
    """

    busy_changed = Signal()
    progressed = Signal(object)
    finished = Signal(float)
    failed = Signal(str)
    cancelled = Signal()
    _requested = Signal(object, object)
    _ready = Signal(object)

    def __init__(self, session: EditSession, bridge: JobsBridge, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._bridge = bridge
        self._asked: _Asked | None = None
        self._row: JobRow | None = None  # as the queue shows it
        self._meter = ProgressMeter()
        self._clock = QElapsedTimer()
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="upscaled")
        bridge.beside.connect(self._on_event)
        bridge.beside_cancelled.connect(self.cancel)
        self.busy_changed.connect(self._leave_queue)
        self._requested.connect(self._submit, Qt.ConnectionType.QueuedConnection)
        self._ready.connect(self._land, Qt.ConnectionType.QueuedConnection)
        session.replaced.connect(self.cancel)

    @property
    def busy(self) -> bool:
        """Whether pixels are being made for the document."""
        return self._asked is not None and self._asked.shown

    def upscale(self, target: UpscaleTarget, method: UpscaleMethod) -> None:
        """Enlarge; nothing happens while that is being done already."""
        history = self._session.history
        state = history.document.snapshot()

        def request() -> UpscaleRequest:
            return upscaling.upscale_request(state, target, method)

        def deliver(result: UpscaleResult) -> None:
            asked = self._asked
            if asked is not None:
                self._prepare(asked, target, result, history)

        if self.busy:
            return
        self._ask(request, deliver, shown=True)
        title = tr("Upscale to {width} × {height} px", width=target.width, height=target.height)
        self._row = JobRow(new_id(), JobKind.UPSCALE, title, True, tr("Waiting"), 0.0, None)
        self._bridge.show_beside(self._row)
        self.busy_changed.emit()

    def plan(
        self,
        target: UpscaleTarget,
        method: UpscaleMethod,
        deliver: Callable[[UpscalePlanView], None],
    ) -> None:
        """Find out what enlarging would take; takes the place of an earlier question."""
        state = self._session.document.snapshot()
        self._ask(
            lambda: upscaling.upscale_request(state, target, method, plan_only=True),
            lambda result: deliver(upscaling.plan_view(result.estimate)),
        )

    def preview(
        self,
        target: UpscaleTarget,
        method: UpscaleMethod,
        center: tuple[float, float],
        deliver: Callable[[UpscalePreview], None],
    ) -> None:
        """Enlarge a small part around a place in document pixels; as `plan`."""
        state = self._session.document.snapshot()
        parts: list[PreviewPart] = []

        def request() -> UpscaleRequest:
            parts.append(upscaling.preview_part(state, target, center))
            return upscaling.preview_request(parts[0], method, state.seed)

        self._ask(request, lambda result: deliver(upscaling.preview_of(parts[0], result)))

    def cancel(self) -> None:
        """Stop whatever runs at its next block; the document stays as it is."""
        asked = self._asked
        if asked is None:
            return
        self._drop()
        if asked.shown:
            self.busy_changed.emit()
            self.cancelled.emit()

    def stop(self) -> None:
        """The window has closed."""
        self.cancel()
        self._pool.shutdown(wait=True)

    def _ask(
        self,
        make_request: Callable[[], UpscaleRequest],
        deliver: Callable[[UpscaleResult], None],
        *,
        shown: bool = False,
    ) -> None:
        """Begin a job; its request is made in the pool, for it copies pixels."""
        if self.busy:
            return
        self._drop()
        asked = self._asked = _Asked(deliver, shown)
        self._meter = ProgressMeter()
        self._clock.start()
        future = self._pool.submit(make_request)
        future.add_done_callback(lambda done: self._requested.emit(asked, done))

    def _submit(self, asked: _Asked, request: Future[UpscaleRequest]) -> None:
        if self._asked is not asked:  # cancelled meanwhile
            return
        try:
            asked.engine_id = self._bridge.submit_beside(request.result())
        except (EngineError, DocumentError, MemoryError) as error:
            self._fail(asked, sentence_about(error))

    def _drop(self) -> None:
        """Whatever runs is not wanted any more."""
        if self._asked is not None and self._asked.engine_id:
            self._bridge.cancel_beside(self._asked.engine_id)
        self._asked = None

    def _on_event(self, event: JobEvent) -> None:
        asked = self._asked
        if asked is None or event.job_id != asked.engine_id:
            return
        match event:
            case JobProgress(progress=progress) if asked.shown:
                self._show(self._meter.view(progress, self._clock.elapsed() / 1000))
            case JobFinished(result=UpscaleResult() as result):
                if not asked.shown:
                    self._asked = None
                asked.deliver(result)
            case JobFailed(message=message, detail=detail):
                _log.error("Enlarging failed: %s\n%s", message, detail)
                self._fail(asked, tr_sentence(message))
            case JobCancelled():  # by the engine itself: who cancels here has no job any more
                self.cancel()

    def _show(self, view: JobProgressView) -> None:
        """In the queue, and to whoever listens."""
        if self._row is not None:
            self._row = replace(
                self._row, text=view.text, share=view.share, eta_seconds=view.eta_seconds
            )
            self._bridge.show_beside(self._row)
        self.progressed.emit(view)

    def _leave_queue(self) -> None:
        if not self.busy and self._row is not None:
            self._row = None
            self._bridge.show_beside(None)

    def _prepare(
        self, asked: _Asked, target: UpscaleTarget, result: UpscaleResult, history: History
    ) -> None:
        """Build the command in the pool: it draws turned layers anew."""
        state = history.document.snapshot()

        def announce(future: Future[Command]) -> None:
            if not future.cancelled():
                self._ready.emit(_Prepared(asked, target, result, history, state, future))

        future = self._pool.submit(upscaling.upscale_command, result, target, state)
        future.add_done_callback(announce)

    def _land(self, prepared: _Prepared) -> None:
        """Push the command, between gestures and onto the state it was built for."""
        asked, history = prepared.asked, prepared.history
        if self._asked is not asked:  # cancelled meanwhile
            return
        if history.in_gesture or not self._bridge.may_land():
            QTimer.singleShot(GESTURE_RETRY_MS, self, lambda: self._land(prepared))
            return
        if history.document.snapshot() is not prepared.state:
            self._prepare(asked, prepared.target, prepared.result, history)
            return
        try:
            history.push(prepared.command.result())
        except Exception as error:  # whatever it is, the next job must be possible
            _log.exception("An enlarged picture could not be put into the document.")
            self._fail(asked, sentence_about(error))
            return
        self._asked = None
        self.busy_changed.emit()
        self.finished.emit(self._clock.elapsed() / 1000)

    def _fail(self, asked: _Asked, sentence: str) -> None:
        self._asked = None
        if asked.shown:
            self.busy_changed.emit()
        self.failed.emit(sentence)
