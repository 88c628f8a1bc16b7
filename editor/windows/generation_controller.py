"""Between the panels and the engine: starts jobs and shows how they go."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal

from editor.canvas.view import CanvasView
from editor.jobs.progress import JobOutcome, JobProgressView
from editor.jobs_bridge import JobsBridge
from editor.panels.generate_panel import GeneratePanel
from editor.panels.regenerate_section import RegenerateSection
from editor.settings import Settings
from editor.translations import decimal, tr, tr_count
from editor.windows.toast import ToastKind


class GenerationController(QObject):
    """Handlers of the actions whose name begins with "generation.".

    Args:
        say: Shows a sentence to the user.

    Signals:
        busy_changed: A job began or ended.
    """

    busy_changed = Signal()

    def __init__(
        self,
        bridge: JobsBridge,
        panel: GeneratePanel,
        section: RegenerateSection,
        canvas: CanvasView,
        settings: Settings,
        *,
        say: Callable[[str, ToastKind], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._panel = panel
        self._section = section
        self._canvas = canvas
        self._settings = settings
        self._say = say
        panel.generate_wanted.connect(self.generate)
        panel.cancel_wanted.connect(self.cancel)
        section.regenerate_wanted.connect(self.regenerate)
        for prompt in (panel.prompt, section.prompt):
            prompt.escaped.connect(self.cancel)
        canvas.escaped.connect(self.cancel)
        bridge.busy_changed.connect(self._show_busy)
        bridge.progressed.connect(self._show_progress)
        bridge.previewed.connect(canvas.show_previews)
        bridge.finished.connect(self._show_outcome)
        bridge.failed.connect(self._show_failure)
        bridge.cancelled.connect(self._show_cancelled)

    @property
    def busy(self) -> bool:
        return self._bridge.busy

    def generate(self) -> None:
        """Start a job with what the panel says."""
        if self._bridge.busy:
            return
        self._canvas.finish_writing()
        choices = self._panel.choices
        if not choices.prompt and not self._boxes_say_everything():
            self._say(tr("Write first what the picture should show."), ToastKind.INFO)
            self._panel.prompt.setFocus()
            return
        self._settings.style, self._settings.steps = choices.style, choices.steps
        started = self._bridge.generate(
            choices.prompt,
            choices.style,
            self._panel.seed.take(),
            choices.steps,
            replaces=choices.replaces,
        )
        if started:
            self._show_start()

    def regenerate(self) -> None:
        """Make the selected layer again; the others stay as they are."""
        layer_id = self._section.layer_id
        if layer_id is None or self._bridge.busy:
            return
        self._canvas.finish_writing()
        prompt = self._section.prompt_text
        if self._bridge.regenerate(layer_id, prompt, self._panel.choices.steps):
            self._show_start()

    def cancel(self) -> None:
        if self._bridge.busy:
            self._panel.status.show_ending(tr("Cancelling"))
            self._bridge.cancel()

    def new_seed(self) -> None:
        self._panel.seed.roll()

    def _boxes_say_everything(self) -> bool:
        boxes = self._canvas.document.boxes
        return bool(boxes) and all(box.prompt for box in boxes)

    def _show_start(self) -> None:
        self._panel.status.start(tr("Waiting for the model"))

    def _show_busy(self) -> None:
        busy = self._bridge.busy
        if busy:
            self._leave_fields()
        self._canvas.escape_for_job = busy
        self._panel.set_busy(busy=busy)
        self._section.set_busy(busy=busy)
        if not busy:
            self._canvas.clear_previews()
        self.busy_changed.emit()

    def _leave_fields(self) -> None:
        """Keys go to the canvas: a button that is disabled would pass them on to another field."""
        if not (self._canvas.busy or self._canvas.writing):
            self._canvas.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_progress(self, view: JobProgressView) -> None:
        self._panel.status.show_progress(view.text, view.share, view.eta_seconds)

    def _show_outcome(self, outcome: JobOutcome) -> None:
        text = tr_count(
            "{count} layer in {seconds} s",
            "{count} layers in {seconds} s",
            outcome.layer_count,
            seconds=decimal(outcome.seconds, 1),
        )
        self._panel.status.finish(text, outcome.notes)

    def _show_failure(self, sentence: str) -> None:
        self._panel.status.finish("", ())
        self._say(sentence, ToastKind.ERROR)

    def _show_cancelled(self) -> None:
        self._panel.status.finish(tr("Cancelled"), ())
