"""Test runs of brought models in the engine on behalf of a window; the document is not touched."""

from __future__ import annotations

import logging

from PySide6.QtCore import QElapsedTimer, QObject, Signal

from editor.jobs.orders import model_use
from editor.jobs.progress import ProgressMeter
from editor.jobs_bridge import JobsBridge
from editor.model_runs import ModelRun
from editor.translations import tr_sentence
from engine.errors import EngineError
from engine.jobs import JobCancelled, JobEvent, JobFailed, JobFinished, JobProgress
from engine.requests import TrialRequest, TrialResult

_log = logging.getLogger("layerloom.jobs")


class ModelTrials(QObject):
    """One test run at a time; it waits in the engine until the job before it has ended.

    Signals:
        progressed(JobProgressView): How far it is.
        finished(str, object, float, str): The model's key, its picture as `h w 4` RGBA, seconds,
            and a note or "".
        failed(str): One sentence for the user.
        cancelled: It was stopped.
    """

    progressed = Signal(object)
    finished = Signal(str, object, float, str)
    failed = Signal(str)
    cancelled = Signal()

    def __init__(self, bridge: JobsBridge, parent: QObject) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._key = self._engine_id = ""
        self._meter = ProgressMeter()
        self._clock = QElapsedTimer()
        bridge.beside.connect(self._on_event)

    @property
    def busy(self) -> bool:
        """Whether a model is being tried."""
        return bool(self._engine_id)

    def begin(self, key: str, run: ModelRun | None = None) -> None:
        """Try a model of the list, run as it is wished."""
        if self.busy:
            return
        self._key = key
        self._meter = ProgressMeter()
        self._clock.start()
        use = model_use(run or ModelRun(), key)
        try:
            self._engine_id = self._bridge.submit_beside(
                TrialRequest(key, adapters=use.adapters, run=use.run)
            )
        except EngineError as error:
            self.failed.emit(tr_sentence(error.message))

    def cancel(self) -> None:
        """Stop at the next step."""
        if self._engine_id:
            self._bridge.cancel_beside(self._engine_id)

    def _on_event(self, event: JobEvent) -> None:
        if not self._engine_id or event.job_id != self._engine_id:
            return
        if isinstance(event, JobProgress):
            view = self._meter.view(event.progress, self._clock.elapsed() / 1000)
            self.progressed.emit(view)
        elif isinstance(event, JobFinished | JobFailed | JobCancelled):
            self._engine_id = ""
            self._tell_end(event)

    def _tell_end(self, event: JobFinished | JobFailed | JobCancelled) -> None:
        match event:
            case JobFinished(result=TrialResult() as result):
                note = " ".join(tr_sentence(each) for each in result.notes)
                self.finished.emit(self._key, result.pixels, result.seconds, note)
            case JobFailed(message=message, detail=detail):
                _log.error("A test run failed: %s\n%s", message, detail)
                self.failed.emit(tr_sentence(message))
            case _:
                self.cancelled.emit()
