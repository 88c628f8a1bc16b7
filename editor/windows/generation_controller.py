"""Between the panels and the engine: starts jobs and shows how they go."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QApplication, QDockWidget, QMainWindow, QWidget

from editor.canvas.view import CanvasView
from editor.commands.layout_commands import SetLayoutBoxes
from editor.commands.variation_commands import SetWish, copied_settings
from editor.document.errors import DocumentError
from editor.document.wishes import LayerWish
from editor.edit_session import EditSession
from editor.jobs.orders import LayerSettings, PictureSettings
from editor.jobs.progress import JobOutcome, JobProgressView
from editor.jobs.times import JobTimes
from editor.jobs_bridge import JobsBridge, boxes_of, prompt_of
from editor.panels.generate_panel import GenerateChoices, GeneratePanel
from editor.panels.prompt_history import PromptHistory
from editor.panels.queue_panel import QueuePanel
from editor.panels.record_panel import RecordPanel
from editor.panels.regenerate_section import RegenerateSection
from editor.settings import Settings
from editor.translations import decimal, mark, tr, tr_count
from editor.windows.toast import ToastKind

OPENED_HEIGHT_PX = 260


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
        session: EditSession,
        say: Callable[[str, ToastKind], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._bridge = bridge
        self._panel = panel
        self._section = section
        self._canvas = canvas
        self._settings = settings
        self._say = say
        self._copied: LayerWish | None = None
        self._was_busy = self._was_waiting = self._queue_came = False
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
        bridge.ended.connect(canvas.clear_previews)
        bridge.noted.connect(lambda text: say(text, ToastKind.INFO))

    def follow_panels(self, queue: QueuePanel, record: RecordPanel) -> None:
        """Connect the panels that come and go: they open by themselves when they are needed."""
        self._queue_panel, self._record_panel = queue, record
        self._bridge.times = JobTimes.from_json(self._settings.job_times)
        self._bridge.queue_changed.connect(self._show_queue)
        self._section.record_wanted.connect(lambda: _open_dock(record))
        record.copy_wanted.connect(self.copy_settings)
        record.paste_wanted.connect(self.paste_settings)
        self._history = PromptHistory(lambda: self._settings.prompts, self._panel)
        self._history.chosen.connect(self._panel.prompt.setPlainText)
        self._panel.history_wanted.connect(lambda: self._history.open_below(self._panel.history))

    def open_queue(self) -> None:
        """Show the queue panel."""
        _open_dock(self._queue_panel)

    @property
    def busy(self) -> bool:
        return self._bridge.busy

    @property
    def has_settings(self) -> bool:
        """Whether settings of a layer were copied."""
        return self._copied is not None

    def generate(self) -> None:
        """Start a job with what the panel says, after those that wait."""
        self._generate(first=False)

    def generate_next(self) -> None:
        """The same, before those that wait."""
        self._generate(first=True)

    def regenerate(self) -> None:
        """Make the selected layer again; the others stay as they are."""
        layer_id = self._section.layer_id
        if layer_id is None:
            return
        self._canvas.finish_writing()
        prompt = self._section.prompt_text
        if prompt and self._section.keep_prompt():
            choices, model = self._panel.choices, self._section.model_key
            settings = LayerSettings(
                layer_id,
                prompt,
                choices.steps if model == choices.model else None,
                self._section.count,
                self._section.same_noise,
                self._section.strength,
                self._section.in_context,
                model=model,
                run=self._settings.model_run(model or ""),
            )
            self._settings.add_prompt(prompt)
            self._bridge.regenerate(settings)

    def rerun(self) -> None:
        """Make every layer again that is out of date, from the bottom up; one undo step each."""
        self._canvas.finish_writing()
        document = self._session.document
        for layer in document.raster_layers():
            if layer.is_out_of_date and not document.is_locked(layer.layer_id):
                wished = layer.wish.prompt if layer.wish is not None else None
                prompt = wished or prompt_of(layer)
                in_context = self._section.in_context
                settings = LayerSettings(layer.layer_id, prompt, in_context=in_context)
                self._bridge.regenerate(settings)

    def cancel(self) -> None:
        """Stop the running job; the next one begins."""
        if self._bridge.busy:
            self._panel.status.show_ending(tr("Cancelling"))
            self._bridge.cancel()

    def cancel_all(self) -> None:
        """Stop the running job and forget those that wait."""
        if self._bridge.busy:
            self._panel.status.show_ending(tr("Cancelling"))
            self._bridge.cancel_all()

    def step_variation(self, direction: str) -> None:
        """Show the next variation of the selected layer, or the one before."""
        self._section.strip.step(1 if direction == "next" else -1)

    def pick_variation(self) -> None:
        """Put the variation that is chosen in the strip into the stack as a layer."""
        self._section.strip.pick.click()

    def copy_settings(self) -> None:
        """Keep the settings of the selected layer for others."""
        document = self._session.document
        try:
            layer = document.raster(document.selected_ids[0])
            self._copied = copied_settings(layer)
        except DocumentError as error:
            self._say(error.message, ToastKind.ERROR)
            return
        self._say(tr('The settings of "{name}" were copied.', name=layer.name), ToastKind.INFO)
        self._record_panel.paste.setEnabled(True)
        self.busy_changed.emit()

    def paste_settings(self) -> None:
        """Wish the copied settings for the selected layers."""
        if self._copied is not None:
            chosen = self._session.document.selected_ids
            text = mark("Paste Generation Settings")
            self._session.push(SetWish(chosen, self._copied, text))

    def boxes_of_layers(self) -> None:
        """Make the places of the generated layers the layout, to be changed and run again."""
        document = self._session.document
        self._session.push(SetLayoutBoxes(boxes_of(document.snapshot())))

    def new_seed(self) -> None:
        self._panel.seed.roll()

    def _generate(self, *, first: bool) -> None:
        self._canvas.finish_writing()
        choices = self._panel.choices
        if not self._can_generate(choices):
            return
        self._settings.style, self._settings.steps = choices.preset, choices.steps
        for box in reversed(self._session.document.boxes if choices.per_box else ()):
            self._settings.add_prompt(box.prompt)
        self._settings.add_prompt(choices.prompt)
        settings = PictureSettings(
            choices.prompt,
            choices.style,
            self._panel.seed.take(),
            choices.steps,
            choices.replaces,
            choices.per_box,
            choices.negative,
            choices.guidance,
            choices.model,
            self._settings.model_run(choices.model),
        )
        self._bridge.generate(settings, first=first)

    def _can_generate(self, choices: GenerateChoices) -> bool:
        """Whether nothing is missing; otherwise a sentence says what, and its field gets focus."""
        boxes = self._session.document.boxes
        silent = [number for number, box in enumerate(boxes, 1) if not box.prompt]
        if choices.per_box and not boxes:
            self._say(tr("Draw a box first; each box becomes a layer."), ToastKind.INFO)
        elif choices.per_box and silent:
            text = tr("Box {number} is empty; write what it shows.", number=silent[0])
            self._say(text, ToastKind.INFO)
            self._panel.box_prompts.focus_box(boxes[silent[0] - 1].box_id)
        elif not choices.prompt and not self._boxes_say_everything():
            self._say(tr("Write first what the picture should show."), ToastKind.INFO)
            self._panel.prompt.setFocus()
        else:
            return True
        return False

    def _boxes_say_everything(self) -> bool:
        boxes = self._canvas.document.boxes
        return bool(boxes) and all(box.prompt for box in boxes)

    def _show_busy(self) -> None:
        busy = self._bridge.busy
        if busy and not self._was_busy:
            self._leave_fields()
        self._was_busy = busy
        if self._bridge.running:
            self._panel.status.start(tr("Waiting for the model"))
        self._canvas.escape_for_job = busy
        self._panel.set_busy(busy=busy)
        self._section.set_busy(busy=busy)
        self.busy_changed.emit()

    def _show_queue(self) -> None:
        """The queue opens when jobs begin to wait, not again after it was closed.

        If it came by itself it goes by itself, so that Generate has its room back.
        """
        jobs, panel = len(self._bridge.rows), self._queue_panel
        dock, focused = panel.parentWidget(), QApplication.focusWidget()
        if dock is None:
            return
        if jobs > 1 and not self._was_waiting:
            self._queue_came = dock.isHidden()
            _open_dock(panel)
        elif dock.isHidden():
            self._queue_came = False
        elif not jobs and self._queue_came and not (focused and panel.isAncestorOf(focused)):
            dock.hide()
        self._was_waiting = jobs > 1

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


def _open_dock(panel: QWidget) -> None:
    """Show the dock of a panel, as high as a few rows need, before those that share its place."""
    dock, window = panel.parentWidget(), panel.window()
    if not isinstance(dock, QDockWidget) or not isinstance(window, QMainWindow):
        return
    if dock.isHidden():
        beside = any(not other.isHidden() for other in window.tabifiedDockWidgets(dock))
        dock.show()
        if not beside:
            window.resizeDocks([dock], [OPENED_HEIGHT_PX], Qt.Orientation.Vertical)
    dock.raise_()
