"""The only place where the window and the engine meet: requests go out, Qt signals come in.

Events of the engine arrive in its thread. They are queued to the interface thread, progress is
thinned out on the way, and a result waits there until nobody is in the middle of something; then
it becomes one undo step. A job that was cancelled, failed or belongs to another document changes
nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer, Signal

from editor import generation
from editor.commands.command import Command
from editor.commands.generation_commands import InsertGeneratedLayers
from editor.document.errors import DocumentError
from editor.document.identity import new_id
from editor.document.layers import RasterLayer
from editor.document.layout import LayoutBox
from editor.document.state import DocumentState
from editor.document.wishes import LayerWish
from editor.edit_session import EditSession
from editor.jobs.mailbox import Mailbox
from editor.jobs.orders import (
    LayerSettings,
    Order,
    PictureSettings,
    layer_request,
    picture_request,
)
from editor.jobs.progress import (
    JobOutcome,
    JobProgressView,
    ProgressMeter,
    preview_row,
    sentence_about,
)
from editor.jobs.queue import JobKind, JobQueue, JobRow, QueuedJob
from editor.jobs.times import JobTimes
from editor.session.places import user_places
from editor.translations import tr, tr_count, tr_sentence
from engine.errors import EngineError
from engine.jobs import (
    EngineRuntime,
    JobCancelled,
    JobEvent,
    JobFailed,
    JobFinished,
    JobProgress,
    JobStarted,
    OnEvent,
)
from engine.progress import LayerPreview, Phase, Progress
from engine.requests import DEFAULT_STEPS, GenerationRequest, LayerResult, LayoutResult, Request
from engine.service import EngineService

PREVIEW_INTERVAL_MS = 200
GESTURE_RETRY_MS = 50

_log = logging.getLogger("layerloom.jobs")


@dataclass(frozen=True, slots=True, eq=False)
class _Running:
    """The job that the engine has.

    Attributes:
        engine_id: What the engine calls it.
        asked: The wish of the layer that the request was made from.
    """

    job: QueuedJob
    request: GenerationRequest
    engine_id: str
    asked: LayerWish


_Step = tuple[Command, int]


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A result whose command was built for a certain state of the document.

    Attributes:
        step: The command, and how many layers it takes away that somebody had worked on.
    """

    running: _Running
    result: LayoutResult | LayerResult
    state: DocumentState
    step: Future[_Step]


class JobsBridge(QObject):
    """Owns the engine service of a window and the queue before it; the engine has one job.

    Signals:
        busy_changed: A job began or ended; see `busy`.
        queue_changed: Jobs came, went or changed places; see `rows`.
        beside_cancelled: The job of `show_beside` is not wanted any more.
        ended: The running job is over, whichever way; the signal that says how comes after it.
        noted(str): A sentence about the queue for the user.
        progressed(JobProgressView): At most one per turn of the event loop.
        beside(JobEvent): News of a job that came in by `submit_beside`, or of one long cancelled.
        previewed(list): Rows (layer id, name, rect, straight RGBA or None), at most 5 a second.
        finished(JobOutcome): The result is in the document, as one undo step.
        failed(str): One sentence for the user.
        cancelled: The document is as it was.

    Attributes:
        may_land: Asked before a result goes into the document; False while a drag is going on or a
            text in the picture is being written, for the result then waits.
    """

    busy_changed = Signal()
    queue_changed = Signal()
    beside_cancelled = Signal()
    ended = Signal()
    noted = Signal(str)
    progressed = Signal(object)
    beside = Signal(object)
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
        make_service: Callable[[OnEvent], EngineService] | None = None,
    ) -> None:
        """`make_service` makes the engine around the function that takes its events."""
        super().__init__(parent)
        self._session = session
        self._mailbox = Mailbox(self._arrived.emit)
        self._service = (make_service or window_engine)(self._mailbox.put)
        self._started = False
        self.times = JobTimes()
        self._queue = JobQueue()
        self._beside: JobRow | None = None
        self._running: _Running | None = None
        self._view = JobProgressView("", 0.0, None)
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
        session.replaced.connect(self.cancel_all)

    @property
    def busy(self) -> bool:
        """Whether a job is waiting, running, or finished and not yet in the document."""
        return self._running is not None or bool(self._queue.jobs)

    @property
    def running(self) -> bool:
        """Whether the engine has a job, or its result waits to land."""
        return self._running is not None

    @property
    def rows(self) -> tuple[JobRow, ...]:
        """What runs, that of `show_beside` included, and what waits, in order."""
        rows = []
        if self._running is not None:
            view, job = self._view, self._running.job
            rows.append(
                JobRow(
                    job.job_id, job.kind, job.title, True, view.text, view.share, view.eta_seconds
                )
            )
        if self._beside is not None:
            rows.insert(len(rows) if self._engine_has_it else 0, self._beside)
        etas = [row.eta_seconds for row in rows]
        for job in self._queue.jobs:
            etas.append(job.seconds)
            rows.append(JobRow(job.job_id, job.kind, job.title, False, tr("Waiting"), 0.0, None))
        return tuple(
            replace(row, eta_seconds=eta) for row, eta in zip(rows, _added(etas), strict=True)
        )

    def warm_up(self) -> None:
        """Start the engine thread, which imports torch and loads the weights."""
        if not self._started:
            self._started = True
            self._service.start()

    def generate(self, settings: PictureSettings, *, first: bool = False) -> bool:
        """Make the layers of a sentence; False when it was refused at once, with `failed`.

        The boxes count as they are now, also when the job has to wait.

        Args:
            first: Before the jobs that wait.
        """
        state = self._session.document.snapshot()
        order = Order(
            JobKind.PICTURE,
            settings.prompt or tr("Picture from the boxes"),
            lambda _now: picture_request(state, settings),
            replaces=settings.replaces,
        )
        return self._add(order, first=first)

    def regenerate(self, settings: LayerSettings, *, first: bool = False) -> bool:
        """Make one layer again, as the next try; False when it was refused at once, with `failed`.

        While a job for the same layer waits, this one takes its place; while one runs, it is
        refused: the layer would change under the eyes of whoever judges the first result.
        """
        document, layer_id = self._session.document, settings.layer_id
        name = document.layer(layer_id).name if document.has_layer(layer_id) else ""
        if self._running is not None and self._running.job.layer_id == layer_id:
            self.failed.emit(
                tr(
                    '"{name}" is being made at this moment; wait for it or cancel that job first.',
                    name=name,
                )
            )
            return False
        order = Order(JobKind.LAYER, name, lambda now: layer_request(now, settings), layer_id)
        return self._add(order, first=first)

    def submit_beside(self, request: Request) -> str:
        """Give the engine a job that is not in the queue; `beside` tells of it by the id returned.

        Raises EngineError when the engine is shutting down.
        """
        self.warm_up()
        return self._service.submit(request)

    def cancel_beside(self, engine_id: str) -> None:
        """Stop such a job at its next step."""
        self._service.cancel(engine_id)

    def show_beside(self, row: JobRow | None) -> None:
        """List such a job among the others, or how far it is; None = it is over."""
        self._beside = row
        self.queue_changed.emit()

    def cancel(self) -> None:
        """Stop the running job at its next step, or at once while the engine does not work on it.

        Whatever the engine still says about it, the document stays as it is. The next job begins.
        """
        if self._running is None:
            return
        self._cancel_wanted = True
        self._previews = ()
        self._preview_timer.stop()
        self._service.cancel(self._running.engine_id)
        if not self._engine_has_it:
            self._end_cancelled()

    def cancel_job(self, job_id: str) -> None:
        """Stop a job, or take it out of the queue; an id of another one is ignored."""
        if self._running is not None and self._running.job.job_id == job_id:
            self.cancel()
        elif self._beside is not None and self._beside.job_id == job_id:
            self.beside_cancelled.emit()
        elif self._queue.remove(job_id):
            self.queue_changed.emit()

    def cancel_all(self) -> None:
        """Empty the queue and stop what runs."""
        self._queue.clear()
        self.queue_changed.emit()
        if self._beside is not None:
            self.beside_cancelled.emit()
        self.cancel()

    def move_job(self, job_id: str, place: int) -> None:
        """Let a waiting job run as the given one of those that wait, 0 = next."""
        if self._queue.move(job_id, place):
            self.queue_changed.emit()

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
        self._running = None
        self._preview_timer.stop()
        self._landing_timer.stop()
        ended = self._service.shutdown() if self._started else True
        self._pool.shutdown(wait=True)
        return ended

    def _add(self, order: Order, *, first: bool) -> bool:
        self.warm_up()
        try:
            request = order.make_request(self._session.document.snapshot())
        except (EngineError, DocumentError) as error:
            self.failed.emit(tr_sentence(error.message))
            return False
        job = QueuedJob(
            job_id=new_id(),
            kind=order.kind,
            title=order.title,
            make_request=order.make_request,
            request=request,
            history=self._session.history,
            layer_id=order.layer_id,
            replaces=order.replaces,
            seconds=self.times.seconds(request),
        )
        if self._queue.add(job, first=first):
            text = tr('The waiting job for "{name}" was replaced by the new one.', name=job.title)
            self.noted.emit(text)
        if self._running is None:
            self._start_next()
        self.queue_changed.emit()
        return True

    def _start_next(self) -> None:
        """Give the engine the next job; those that became impossible say so and are dropped."""
        while self._running is None and (job := self._queue.take()) is not None:
            state = job.history.document.snapshot()
            try:
                request = job.make_request(state)
                asked = state.raster(job.layer_id).wish if job.layer_id else None
                engine_id = self._service.submit(request)
            except (EngineError, DocumentError) as error:
                self.failed.emit(tr_sentence(error.message))
                continue
            self._running = _Running(job, request, engine_id, asked or LayerWish())
            self._engine_has_it = self._cancel_wanted = False
            self._meter = ProgressMeter()
            self._view = JobProgressView(tr("Waiting for the model"), 0.0, job.seconds)
            self._clock.start()
        self.busy_changed.emit()

    # Events, in the interface thread

    def _on_arrival(self, event: JobEvent | None) -> None:
        if event is None:
            event = self._mailbox.take_progress()
        running = self._running
        if event is None:
            return
        if running is None or event.job_id != running.engine_id:
            self.beside.emit(event)
            return
        self._engine_has_it = isinstance(event, JobStarted | JobProgress)
        if isinstance(event, JobFailed):
            _log.error("Job failed: %s\n%s", event.message, event.detail)
        if self._cancel_wanted:
            if not self._engine_has_it:  # its last word, which may be a result
                self._end_cancelled()
        else:
            self._on_event(running, event)

    def _on_event(self, running: _Running, event: JobEvent) -> None:
        match event:
            case JobStarted():
                self._show(Progress(Phase.LOAD, 0, 1), running.job)
            case JobProgress(progress=progress):
                self._show(progress, running.job)
            case JobFinished(result=LayoutResult() | LayerResult() as result):
                self._prepare(running, result)
            case JobFailed(message=message):
                self._end(lambda: self.failed.emit(tr_sentence(message)))
            case JobCancelled():
                self._end_cancelled()

    def _show(self, progress: Progress, job: QueuedJob) -> None:
        elapsed = self._clock.elapsed() / 1000
        if progress.eta_seconds is None and job.seconds is not None:
            progress = replace(progress, eta_seconds=max(0.0, job.seconds - elapsed))
        self._view = self._meter.view(progress, elapsed)
        self.progressed.emit(self._view)
        if progress.previews:
            self._previews = progress.previews
            if not self._preview_timer.isActive():
                self._flush_previews()

    def _flush_previews(self) -> None:
        previews, self._previews = self._previews, ()
        if previews and self._running is not None:
            self.previewed.emit([preview_row(preview) for preview in previews])
            self._preview_timer.start()

    def _prepare(self, running: _Running, result: LayoutResult | LayerResult) -> None:
        """Build the command in the pool: copying and hashing the pixels takes frames."""
        state = running.job.history.document.snapshot()

        def announce(future: Future[_Step]) -> None:
            if not future.cancelled():
                self._prepared.emit(_Prepared(running, result, state, future))

        self._pool.submit(_step_for, result, running, state).add_done_callback(announce)

    def _land(self, prepared: _Prepared) -> None:
        """Push the command, between gestures and onto the state it was built for."""
        running = prepared.running
        if self._running is not running:  # cancelled meanwhile, as when another file is opened
            return
        history = running.job.history
        if history.in_gesture or not self.may_land():  # the end comes soon
            self._waiting = prepared
            self._landing_timer.start(GESTURE_RETRY_MS)
        elif history.document.snapshot() is not prepared.state:
            self._prepare(running, prepared.result)
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
            command, lost = prepared.step.result()
            prepared.running.job.history.push(command)
        except Exception as error:  # whatever it is, the next job must be possible
            _log.exception("A result could not be put into the document.")
            sentence = sentence_about(error)
            self._end(lambda: self.failed.emit(sentence))
            return
        self.times.learn(prepared.running.request, result.seconds)
        self._queue.foresee(self.times.seconds)
        count = len(result.layers) if isinstance(result, LayoutResult) else 1
        notes = (*_about_lost(lost), *map(tr_sentence, result.notes))
        outcome = JobOutcome(notes, seconds, count)
        self._end(lambda: self.finished.emit(outcome))

    def _end_cancelled(self) -> None:
        self._end(self.cancelled.emit)

    def _end(self, say: Callable[[], None]) -> None:
        """The running job is over; say how, then begin the next one."""
        self._running = None
        self._engine_has_it = False
        self._previews = ()
        self._preview_timer.stop()
        self._waiting = None
        self._landing_timer.stop()
        self.ended.emit()
        say()
        self._start_next()
        self.queue_changed.emit()


def _added(seconds: Iterable[float | None]) -> Iterator[float | None]:
    """Each with all before it; unknown from the first unknown one on."""
    total: float | None = 0.0
    for value in seconds:
        total = None if total is None or value is None else total + value
        yield total


def window_engine(
    on_event: OnEvent, runtime_factory: Callable[[], EngineRuntime] | None = None
) -> EngineService:
    """The engine of a window: the starter, and what the user has brought."""
    models = user_places().models
    return EngineService(on_event, runtime_factory=runtime_factory, models=models)


def _step_for(result: LayoutResult | LayerResult, running: _Running, state: DocumentState) -> _Step:
    command = generation.command_for(
        result, running.request, state, replaces=running.job.replaces, asked=running.asked
    )
    gone = command.replaced_ids if isinstance(command, InsertGeneratedLayers) else ()
    replaced = (layer for layer in state.raster_layers() if layer.layer_id in gone)
    return command, sum(map(generation.worked_on, replaced))


def _about_lost(count: int) -> tuple[str, ...]:
    """A note on the work that went with replaced layers."""
    if not count:
        return ()
    text = tr_count(
        "{count} layer that you had changed was replaced. Undo brings it back.",
        "{count} layers that you had changed were replaced. Undo brings them back.",
        count,
    )
    return (text,)


def styles() -> tuple[str, ...]:
    """Styles the shipped model knows."""
    return generation.styles()


def default_steps() -> int:
    """Steps that suffice for the shipped model."""
    return DEFAULT_STEPS


def usual_steps(model: str) -> int:
    """Steps that a model was made for."""
    return generation.usual_sampling(model, user_places().models).steps


def prompt_of(layer: RasterLayer) -> str:
    """The prompt that would give a layer again: its own, or else its name."""
    return generation.prompt_of(layer)


def model_of(layer: RasterLayer) -> str:
    """The model that made a layer."""
    return generation.model_of(layer)


def boxes_of(document: DocumentState) -> tuple[LayoutBox, ...]:
    """The places and prompts of the generated objects as a layout, bottom to top."""
    return generation.boxes_of(document)
