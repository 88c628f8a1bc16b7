"""Keeps the open document in the autosave, and brings back what a crash left."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QWidget

from editor.document.document import Document
from editor.document.state import DocumentState
from editor.edit_session import EditSession
from editor.session.autosave import Autosaver, Offer
from editor.session.autosave_store import AutosaveEntry
from editor.session.runs import AbandonedRun, Run, find_abandoned, trim_crash_logs
from editor.translations import tr
from editor.windows.file_controller import FileController
from editor.windows.recovery_dialog import Found, RecoveryDialog
from editor.windows.toast import ToastKind

GESTURE_MS = 4000  # a long drag is stored on the way


class SafetyController(QObject):
    """Does nothing before `begin`, as in tests and benchmarks of other things.

    Attributes:
        ended: The window was closed properly: the run has nothing to recover.

    Signals:
        trouble_changed(str): Why nothing is autosaved, as a sentence; empty when all is well.
    """

    trouble_changed = Signal(str)
    _trouble = Signal(str)  # these two come from the autosave's thread
    _stored = Signal(str, int)

    def __init__(
        self,
        window: QWidget,
        session: EditSession,
        files: FileController,
        say: Callable[[str, ToastKind], None],
    ) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self._files = files
        self._say = say
        self.ended = False
        self._run: Run | None = None
        self._saver: Autosaver | None = None
        self._offered: tuple[DocumentState, bool, Path | None] | None = None
        self._abandoned: list[AbandonedRun] = []
        self._offers = 0
        self._to_discard: tuple[Found, int] | None = None  # and the offer of what was recovered
        self._on_the_way = QTimer(self)
        self._on_the_way.setSingleShot(True)
        self._on_the_way.setInterval(GESTURE_MS)
        self._on_the_way.timeout.connect(self.store_now)
        self._trouble.connect(self.trouble_changed, Qt.ConnectionType.QueuedConnection)
        self._stored.connect(self._discard_recovered, Qt.ConnectionType.QueuedConnection)

    # The open document

    def begin(self, run: Run) -> None:
        """Store the open document from now on."""
        self._run = run
        self._files.backups = run.places.backups
        if run.trouble is not None:
            self.trouble_changed.emit(run.trouble)
            return
        self._saver = Autosaver(
            run.autosave_path,
            on_trouble=lambda text: self._trouble.emit(text or ""),
            on_stored=lambda offer: self._stored.emit(offer.state.document_id, offer.number),
        )
        self._session.changed.connect(self.consider)
        self._session.history_changed.connect(self.consider)
        self._session.replaced.connect(self.store_now)
        self._files.title_changed.connect(self.consider)
        self.store_now()

    def consider(self, *_: object) -> None:
        """Store the document now, or in a while when a gesture goes on."""
        if self._session.history.in_gesture:
            if not self._on_the_way.isActive():
                self._on_the_way.start()
        else:
            self.store_now()

    def store_now(self, *_: object) -> None:
        """Offer the present content to the autosave; costs nothing here."""
        self._on_the_way.stop()
        document, path = self._session.document, self._session.path
        state = document.snapshot()
        if self._saver is None or self._is_offered(state, document.modified, path):
            return
        self._offered = (state, document.modified, path)
        entry = AutosaveEntry(state.document_id, self._files.title, path)
        self._offers += 1
        self._saver.offer(Offer(state, entry if document.modified else None, self._offers))

    def _is_offered(self, state: DocumentState, modified: bool, path: Path | None) -> bool:
        if self._offered is None:
            return False
        last_state, last_modified, last_path = self._offered
        return state is last_state and modified == last_modified and path == last_path

    def end(self) -> None:
        """The window closes and nothing is to be recovered."""
        self._on_the_way.stop()
        if self._saver is not None:
            self._saver.close(remove=True)
            self._saver = None
        self._leave_abandoned()
        self.ended = True

    # What a crash left

    def look_back(self) -> None:
        """At the start: offer what earlier runs left, and say when one ended badly."""
        if self._run is None:
            return
        trim_crash_logs(self._run.places)
        self._find()
        if not self._abandoned:
            return
        found, log = self._found(), self._crash_log()
        damaged = next((run.kept_path for run in self._abandoned if run.is_damaged), None)
        for run in list(self._abandoned):
            if not run.entries:
                run.remove()
                self._abandoned.remove(run)
        if damaged is not None:
            text = tr("An autosave could not be read; it stays for a report: {path}", path=damaged)
            self._say(text, ToastKind.ERROR)
        if found or log is not None:
            self._ask(found, log)
        elif damaged is None:
            text = tr("Layerloom did not end properly last time; nothing was unsaved.")
            self._say(text, ToastKind.INFO)

    def recover(self) -> None:
        """From the menu: the same list, also for what was put off."""
        if self._run is not None:
            self._find()
        found = self._found()
        if found:
            self._ask(found, self._crash_log())
        else:
            self._leave_abandoned()
            self._say(tr("There is no unsaved work to recover."), ToastKind.INFO)

    def _find(self) -> None:
        self._leave_abandoned()
        if self._run is not None:
            self._abandoned = find_abandoned(self._run.places)

    def _found(self) -> list[Found]:
        return [Found(run.run_id, entry) for run in self._abandoned for entry in run.entries]

    def _crash_log(self) -> Path | None:
        return next((run.crash_log for run in self._abandoned if run.crash_log), None)

    def _ask(self, found: list[Found], log: Path | None) -> None:
        dialog = RecoveryDialog(found, log, self._window)
        dialog.recovered.connect(self._recover)
        dialog.discarded.connect(self._discard)
        dialog.rejected.connect(self._leave_abandoned)
        dialog.open()

    def _recover(self, found: Found) -> None:
        self._files.after_question(lambda: self._load(found))

    def _load(self, found: Found) -> None:
        run = self._run_of(found)
        if run is None:
            return

        def done(state: DocumentState) -> None:
            document = Document.from_state(state)
            self._session.open(document, found.entry.path, saved=False)  # offers it
            self._to_discard = found, self._offers
            self._files.title_changed.emit()
            self._say(tr("Recovered {name}", name=found.entry.name), ToastKind.DONE)

        text = tr("Recovering {name}", name=found.entry.name)
        self._files.work.submit(
            text,
            lambda _: run.load(found.entry.key),
            self._files.replacing(done),
            failure=tr("The autosave could not be read; the log has the details."),
            failed=self._leave_abandoned,
            lands=True,
        )

    def _discard_recovered(self, document_id: str, number: int) -> None:
        """Give up the old copy once this run holds the document as recovered or later."""
        if self._to_discard is None:
            return
        found, recovered = self._to_discard
        if found.entry.key == document_id and number >= recovered:
            self._to_discard = None
            self._discard(found)
            self._leave_abandoned()

    def _discard(self, found: Found) -> None:
        run = self._run_of(found)
        if run is not None:
            run.discard(found.entry.key)
            if not run.entries:
                self._abandoned.remove(run)

    def _run_of(self, found: Found) -> AbandonedRun | None:
        return next((run for run in self._abandoned if run.run_id == found.run_id), None)

    def _leave_abandoned(self) -> None:
        """Let other instances, or the next start, ask about the rest."""
        for run in self._abandoned:
            run.leave()
        self._abandoned = []
