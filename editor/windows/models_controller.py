"""Opens the model manager and does its work in a thread of its own: downloads may take hours."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

import resources
from editor.document.errors import DocumentError
from editor.document.pixels import RgbaArray
from editor.jobs.progress import JobProgressView
from editor.model_library import LayoutSize, ModelEntry, ModelLibrary
from editor.model_runs import ModelRun
from editor.model_trials import ModelTrials
from editor.session.places import user_places
from editor.settings import Settings
from editor.translations import decimal, tr
from editor.windows.background_work import BackgroundWork, Steps, WorkCancelled
from editor.windows.model_run_dialog import ModelRunDialog, run_summary
from editor.windows.models_dialog import ModelsDialog

_REPORT_EVERY_S = 0.1


class ModelsController(QObject):
    """Handlers of the actions whose name begins with "models.".

    Signals:
        listed(tuple): The entries of the list, whenever they were read.
    """

    listed = Signal(object)
    _progressed = Signal(float, float)  # bytes: more than a C int holds

    def __init__(self, window: QWidget, trials: ModelTrials, settings: Settings) -> None:
        super().__init__(window)
        self._window = window
        self._settings = settings
        self.run_dialog: ModelRunDialog | None = None
        self.library = ModelLibrary(
            user_places().models, Path(str(resources.locate("starter_model")))
        )
        self._work = BackgroundWork(self)
        self._work.failed.connect(self._ended)
        self._work.cancelled.connect(self._ended)
        self._looks = BackgroundWork(self)  # a look at a list need not wait for a download
        self._looks.failed.connect(self._ended)
        self._progressed.connect(self._report, Qt.ConnectionType.QueuedConnection)
        self._trials = trials
        trials.progressed.connect(self._show_trial_progress)
        trials.finished.connect(self._show_trial)
        trials.failed.connect(self._ended)
        trials.cancelled.connect(lambda: self._ended(tr("Cancelled")))
        self.dialog: ModelsDialog | None = None

    @property
    def busy(self) -> bool:
        """Whether something is being checked, fetched or tried."""
        return self._work.busy or self._trials.busy

    def manage(self) -> None:
        """Show the manager; the lists come when they were read."""
        if self.dialog is not None:
            self.dialog.raise_()
            return
        dialog = self.dialog = ModelsDialog(self._window)
        dialog.destroyed.connect(self._forget)
        dialog.brought.connect(self.bring)
        dialog.check_wanted.connect(self._check)
        dialog.trial_wanted.connect(self._try)
        dialog.run_wanted.connect(self._ask_run)
        dialog.removed.connect(self._remove)
        dialog.download_wanted.connect(self._download)
        dialog.cancel_wanted.connect(self._cancel)
        dialog.shown.connect(self._plan)
        dialog.finished.connect(self._work.cancel)
        dialog.finished.connect(self._trials.cancel)
        dialog.open()
        self._refresh()

    def bring(self, path: Path) -> None:
        """Check a file or folder and put it on the list."""

        def add(report: Callable[[int, int], None], cancelled: Callable[[], bool]) -> str:
            return self.library.add(path, report, cancelled)

        done = tr("“{name}” was checked and is ready.", name=path.name)
        self._do(tr("Checking {name}:", name=path.name), add, done)

    def look(self) -> None:
        """Read the list, if there ever was one; used when the window has opened."""
        if self.library.has_models():
            self._refresh()

    def plan_layout(self, key: str, size: LayoutSize, deliver: Callable[[str], None]) -> None:
        """Tell how a model would make all layers here, or why it cannot."""

        def plan(_steps: Steps) -> str:
            try:
                return self.library.plan_layout(key, size)
            except DocumentError as error:
                return error.message

        failure = tr("That did not work; the log has the details.")
        self._looks.submit("", plan, deliver, failure=failure)

    def stop(self) -> None:
        """End what runs; used when the window closes."""
        for work in (self._work, self._looks):
            work.cancel()
            work.stop()

    def _check(self, entry: ModelEntry) -> None:
        def check(report: Callable[[int, int], None], cancelled: Callable[[], bool]) -> str:
            self.library.check(entry.key, report, cancelled)
            return entry.key

        done = tr("“{name}” is what it was when it was added.", name=entry.title)
        self._do(tr("Checking {name}:", name=entry.title), check, done)

    def _remove(self, entry: ModelEntry) -> None:
        def remove(_report: Callable[[int, int], None], _cancelled: Callable[[], bool]) -> str:
            self.library.remove(entry.key)
            return ""

        self._do(tr("Removing {name}", name=entry.title), remove, "")

    def _download(self, entry: ModelEntry, token: str) -> None:
        def fetch(report: Callable[[int, int], None], cancelled: Callable[[], bool]) -> str:
            return self.library.download(entry.key, token, report, cancelled)

        done = tr("“{name}” was downloaded and is ready.", name=entry.title)
        self._do(tr("Downloading {name}:", name=entry.title), fetch, done)

    def _do(
        self,
        text: str,
        work: Callable[[Callable[[int, int], None], Callable[[], bool]], str],
        done: str,
    ) -> None:
        """Run something of the library; afterwards the list is read again."""
        if self.dialog is None:
            return
        self.dialog.begin(text)

        def run(steps: Steps) -> tuple[str, tuple[ModelEntry, ...]]:
            try:
                key = work(self._reporter(), steps.cancelled)
            except Exception as error:
                if steps.cancelled():
                    raise WorkCancelled from error
                raise
            return key, self.library.entries()

        self._work.submit(
            text,
            run,
            lambda found: self._show(found[1], chosen=found[0], sentence=done),
            failure=tr("That did not work; the log has the details."),
        )

    def _reporter(self) -> Callable[[int, int], None]:
        last = 0.0

        def report(done: int, total: int) -> None:
            nonlocal last
            now = time.monotonic()
            if done >= total or now - last > _REPORT_EVERY_S:
                last = now
                self._progressed.emit(float(done), float(total))

        return report

    def _refresh(self) -> None:
        self._looks.submit(
            tr("Looking for models"),
            lambda _steps: self.library.entries(),
            self._show,
            failure=tr("The list of models cannot be read; the log has the details."),
        )

    def _show(
        self, entries: tuple[ModelEntry, ...], *, chosen: str = "", sentence: str = ""
    ) -> None:
        self.listed.emit(entries)
        if self.dialog is not None:
            self.dialog.end(sentence)
            self.dialog.show_entries(entries, chosen)

    def _plan(self, entry: ModelEntry) -> None:
        """How the chosen model would run here, and is to run."""
        if self.dialog is not None and entry.is_here:
            self.dialog.show_run(entry, run_summary(self._settings.model_run(entry.key)))
        self._looks.submit(
            "",
            lambda _steps: self.library.plan(entry),
            lambda sentence: self.dialog.show_plan(entry, sentence) if self.dialog else None,
            failure=tr("The list of models cannot be read; the log has the details."),
        )

    def _try(self, entry: ModelEntry) -> None:
        """A test run, after whatever the engine does now."""
        if self.dialog is not None:
            self.dialog.begin(tr("Test run of {name}:", name=entry.title))
            self._trials.begin(entry.key, self._settings.model_run(entry.key))

    def _ask_run(self, entry: ModelEntry) -> None:
        """Show the run settings of a model; which kernels there are comes when they were tried."""
        if self.dialog is None:
            return
        run = self._settings.model_run(entry.key)
        asked = self.run_dialog = ModelRunDialog(entry.title, run, self.dialog)
        asked.chosen.connect(lambda chosen: self._take_run(entry, chosen))
        asked.destroyed.connect(self._forget_run)
        asked.open()
        self._looks.submit(
            "",
            lambda _steps: self.library.attention(),
            lambda found: self.run_dialog.show_kernels(*found) if self.run_dialog else None,
            failure=tr("That did not work; the log has the details."),
        )

    def _take_run(self, entry: ModelEntry, run: ModelRun) -> None:
        self._settings.set_model_run(entry.key, run)
        if self.dialog is not None:
            self.dialog.show_run(entry, run_summary(run))

    def _forget_run(self) -> None:
        self.run_dialog = None

    def _show_trial_progress(self, view: JobProgressView) -> None:
        if self.dialog is not None and self.dialog.progress.cancel.isEnabled():
            self.dialog.progress.report_share(view.text, view.share)

    def _show_trial(self, key: str, pixels: RgbaArray, seconds: float, note: str) -> None:
        if self.dialog is not None:
            text = tr(
                "The model works here; the picture took {seconds} s.", seconds=decimal(seconds, 1)
            )
            self.dialog.end(f"{text} {note}".strip())
            self.dialog.show_trial(key, pixels)

    def _cancel(self) -> None:
        self._work.cancel()
        self._trials.cancel()
        if self.dialog is not None:
            self.dialog.progress.stopping()

    def _report(self, done: float, total: float) -> None:
        if self.dialog is not None:
            self.dialog.progress.report(int(done), int(total))

    def _ended(self, sentence: str) -> None:
        if self.dialog is not None:
            self.dialog.end(sentence)

    def _forget(self) -> None:
        self.dialog = None
