"""What Upscale in the Image menu does: the dialog, its plans and previews, and the work."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from editor.canvas.view import CanvasView
from editor.commands.upscale_commands import UpscaleScope, UpscaleTarget, scope_box
from editor.document.errors import DocumentError
from editor.document.geometry import Rect
from editor.edit_session import EditSession
from editor.generation.upscaling import UpscalePlanView, UpscalePreview
from editor.jobs.progress import JobProgressView
from editor.panels.job_status import readable_seconds
from editor.theme import Theme
from editor.translations import tr
from editor.upscale_jobs import UpscaleJobs
from editor.windows.toast import ToastKind
from editor.windows.upscale_dialog import UpscaleDialog


class UpscaleController(QObject):
    """Handlers of the actions whose name begins with "upscaling.".

    Args:
        say: Shows a sentence to the user.
        show_queue: Opens the panel in which a job goes on without the dialog.
    """

    def __init__(
        self,
        session: EditSession,
        jobs: UpscaleJobs,
        canvas: CanvasView,
        theme: Theme,
        *,
        say: Callable[[str, ToastKind], None],
        show_queue: Callable[[], None],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self.jobs = jobs
        self._canvas = canvas
        self._theme = theme
        self._say = say
        self._show_queue = show_queue
        self._window = parent
        self._layer_id = ""
        self.dialog: UpscaleDialog | None = None
        self._plan_is_due = False  # what it takes was asked for and is not known yet
        jobs.busy_changed.connect(self._on_busy)
        jobs.progressed.connect(self._on_progress)
        jobs.finished.connect(self._on_finished)
        jobs.failed.connect(self._on_failed)
        jobs.cancelled.connect(self._on_cancelled)

    def ask(self) -> None:
        """Show the dialog."""
        if self.jobs.busy:
            text = tr("Something is being upscaled; wait for it or cancel it in the queue first.")
            self._say(text, ToastKind.INFO)
            return
        self._canvas.finish_writing()
        document = self._session.document
        self._layer_id = document.active_id or ""
        dialog = UpscaleDialog(self._boxes(), self._theme, self._window)
        dialog.plan_wanted.connect(self._plan)
        dialog.preview_wanted.connect(self._preview)
        dialog.start_wanted.connect(self._start)
        dialog.cancel_wanted.connect(self.jobs.cancel)
        dialog.background.clicked.connect(self._show_queue)
        dialog.finished.connect(self._forget)
        self.dialog = dialog
        dialog.open()

    def stop(self) -> None:
        """The window has closed."""
        self.jobs.stop()

    def _boxes(self) -> dict[UpscaleScope, Rect]:
        state = self._session.document.snapshot()
        boxes = {}
        for scope in UpscaleScope:
            if scope is UpscaleScope.LAYER and not self._layer_id:
                continue
            try:
                boxes[scope] = scope_box(state, scope, self._layer_id)
            except DocumentError:
                continue
        return boxes

    def _target(self, dialog: UpscaleDialog) -> UpscaleTarget:
        layer_id = self._layer_id if dialog.scope is UpscaleScope.LAYER else ""
        return UpscaleTarget(dialog.scope, *dialog.size_px, layer_id)

    def _plan(self) -> None:
        if self.dialog is not None:
            self._plan_is_due = True
            self.jobs.plan(self._target(self.dialog), self.dialog.method, self._show_plan)

    def _show_plan(self, plan: UpscalePlanView) -> None:
        if self.dialog is not None:
            self._plan_is_due = False
            self.dialog.show_plan(plan.blocks, plan.seconds, plan.memory_bytes, plan.scratch_bytes)

    def _preview(self) -> None:
        if self.dialog is not None:
            self._plan_is_due |= self.dialog.wait_for_preview()
            target, method = self._target(self.dialog), self.dialog.method
            self.jobs.preview(target, method, self._canvas.visible_middle, self._show_preview)

    def _show_preview(self, preview: UpscalePreview) -> None:
        if self.dialog is not None:
            self.dialog.show_preview(preview.bicubic, preview.enlarged)
            if self._plan_is_due:  # the preview took the place of the question
                self._plan()

    def _start(self) -> None:
        if self.dialog is not None:
            self.jobs.upscale(self._target(self.dialog), self.dialog.method)

    def _on_busy(self) -> None:
        if self.dialog is not None:
            self.dialog.set_busy(busy=self.jobs.busy)

    def _on_progress(self, view: JobProgressView) -> None:
        if self.dialog is not None:
            self.dialog.status.show_progress(view.text, view.share, view.eta_seconds)

    def _on_finished(self, seconds: float) -> None:
        if self.dialog is not None:
            self.dialog.done(UpscaleDialog.DialogCode.Accepted)
        document = self._session.document
        self._say(
            tr(
                "Upscaled to {width} × {height} px in {time}",
                width=document.width, height=document.height, time=readable_seconds(seconds),
            ),
            ToastKind.INFO,
        )  # fmt: skip

    def _on_failed(self, sentence: str) -> None:
        if self.dialog is not None:
            self.dialog.show_failure(sentence)
        else:
            self._say(sentence, ToastKind.ERROR)

    def _on_cancelled(self) -> None:
        if self.dialog is not None:
            self.dialog.show_cancelled()
        else:
            self._say(tr("Cancelled; the document is as it was."), ToastKind.INFO)

    def _forget(self) -> None:
        self.dialog = None
