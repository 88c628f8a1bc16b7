"""What the File menu does: new, open, save, export, and the question about unsaved changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QMainWindow, QMenu, QMessageBox

from editor.document.document import Document
from editor.document.errors import DocumentError
from editor.document.state import DocumentState
from editor.edit_session import EditSession
from editor.formats.errors import FormatError, SaveCancelled
from editor.settings import Settings
from editor.theme import Theme
from editor.translations import tr
from editor.windows.background_work import BackgroundWork, Steps, WorkCancelled
from editor.windows.export_dialog import ExportChoice, ExportDialog, ExportFormat
from editor.windows.new_document_dialog import NewDocumentDialog
from editor.windows.toast import ToastKind

Then = Callable[[], None]
_SUFFIXES = {ExportFormat.PSD: (".psd", ".psb"), ExportFormat.PNG: (".png",)}


@dataclass(frozen=True, slots=True)
class _Opened:
    """A file that was read; saving over one that is not ours would lose what we do not keep."""

    document: Document
    path: Path
    is_ours: bool


class FileController(QObject):
    """Handlers of the actions whose name begins with "files.".

    Args:
        say: Shows a sentence to the user.

    Signals:
        title_changed: The document has another file or name.
        failed: A file was not read or not written, and the user was told.
    """

    title_changed = Signal()
    failed = Signal()

    def __init__(
        self,
        window: QMainWindow,
        session: EditSession,
        theme: Theme,
        settings: Settings,
        say: Callable[[str, ToastKind], None],
    ) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self._theme = theme
        self._settings = settings
        self._say = say
        self.work = BackgroundWork(self)

    @property
    def title(self) -> str:
        """Name of the document for the title bar."""
        path = self._session.path
        return tr("Untitled") if path is None else path.name

    # Actions

    def new(self) -> None:
        self.after_question(self._ask_size)

    def open(self) -> None:
        self.after_question(self._ask_file)

    def save(self) -> None:
        self.save_then(None)

    def save_as(self) -> None:
        self._ask_target(ExportFormat.PSD, lambda path: self._save_layers(path, None))

    def export(self) -> None:
        dialog = ExportDialog(include_prompts=self._settings.include_prompts, parent=self._window)
        dialog.chosen.connect(self._export_as)
        dialog.open()

    def quit(self) -> None:
        self._window.close()

    def add_recent_menu(self, menu: QMenu, before: str) -> None:
        """Add a menu of the last files, filled each time it opens, before an action of `menu`."""
        recent = QMenu(tr("Open &Recent"), menu)
        recent.aboutToShow.connect(lambda: self._fill_recent(recent))
        places = [action.objectName() for action in menu.actions()]
        menu.insertMenu(menu.actions()[places.index(before) - 1], recent)

    # Parts that tests and the command line of the window use directly

    def open_path(self, path: Path) -> None:
        """Read a file in the background and show it; what is edited meanwhile is asked about."""
        before = self._session.document.snapshot()

        def done(opened: _Opened) -> None:
            if self._session.document.snapshot() is before:
                self._show_opened(opened)
            else:
                self.after_question(lambda: self._show_opened(opened))

        text = tr("Opening {name}", name=path.name)
        self.work.submit(text, lambda steps: _read(path, steps), done, self._failed)

    def export_to(self, path: Path, kind: ExportFormat, *, include_prompts: bool) -> None:
        """Write a copy in the background; the document stays as modified as it was."""
        snapshot = self._session.document.snapshot()

        def done(_result: Any) -> None:
            self._say(tr("Exported {name}", name=path.name), ToastKind.DONE)

        self.work.submit(
            tr("Exporting {name}", name=path.name),
            lambda steps: _write(snapshot, path, kind, steps, include_prompts=include_prompts),
            done,
            self._failed,
        )

    def save_then(self, then: Then | None) -> None:
        """Save, asking for a name when there is none; `then` runs only when it is saved."""
        path = self._session.path
        if path is None:
            self._ask_target(ExportFormat.PSD, lambda chosen: self._save_layers(chosen, then))
        else:
            self._save_layers(path, then)

    def after_question(self, then: Then) -> None:
        """Run `then` when nothing is unsaved, or after the user saved or gave up the changes."""
        if not self._session.document.modified:
            then()
            return
        buttons = QMessageBox.StandardButton
        box = QMessageBox(self._window)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setWindowTitle(tr("Unsaved Changes"))
        box.setText(tr("Save the changes to “{title}”?", title=self.title))
        box.setInformativeText(tr("Otherwise they are lost."))
        box.setStandardButtons(buttons.Save | buttons.Discard | buttons.Cancel)
        box.setDefaultButton(buttons.Save)

        def answered(code: int) -> None:
            if code == buttons.Save.value:
                self.save_then(then)
            elif code == buttons.Discard.value:
                then()

        box.finished.connect(answered)
        box.open()

    # Steps

    def _fill_recent(self, menu: QMenu) -> None:
        menu.clear()
        for path in self._settings.recent_files:
            action = menu.addAction(path.name)
            action.setToolTip(str(path))
            action.triggered.connect(
                lambda _=False, path=path: self.after_question(lambda: self.open_path(path))
            )
        if menu.isEmpty():
            menu.addAction(tr("No files yet")).setEnabled(False)

    def _ask_size(self) -> None:
        dialog = NewDocumentDialog(self._theme, self._settings.new_size, self._window)
        dialog.chosen.connect(self._create)
        dialog.open()

    def _create(self, width: int, height: int) -> None:
        self._settings.new_size = (width, height)
        self._session.open(Document(width, height), None)
        self.title_changed.emit()

    def _ask_file(self) -> None:
        dialog = self._file_dialog(tr("Open"), tr("Photoshop documents (*.psd *.psb)"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda name: self.open_path(Path(name)))
        dialog.open()

    def _show_opened(self, opened: _Opened) -> None:
        self._session.open(opened.document, opened.path if opened.is_ours else None)
        self._remember(opened.path)
        self.title_changed.emit()
        if not opened.is_ours:
            says = tr(
                "{name} comes from another program; Save will ask for a new name.",
                name=opened.path.name,
            )
            self._say(says, ToastKind.INFO)

    def _export_as(self, choice: ExportChoice) -> None:
        self._settings.include_prompts = choice.include_prompts

        def write(path: Path) -> None:
            self.export_to(path, choice.format, include_prompts=choice.include_prompts)

        self._ask_target(choice.format, write)

    def _ask_target(
        self, kind: ExportFormat, then: Callable[[Path], None], name: str | None = None
    ) -> None:
        """Ask where to write; a name that says another format is corrected and asked about again.

        The dialog itself asks before an existing file is replaced, so it must see the last name.
        """
        names = {
            ExportFormat.PSD: tr("Photoshop document (*.psd)"),
            ExportFormat.PNG: tr("PNG picture (*.png)"),
        }
        dialog = self._file_dialog(tr("Save"), names[kind])
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(kind.value)
        dialog.selectFile(name or Path(self.title).stem + f".{kind.value}")

        def chosen(text: str) -> None:
            path = Path(text)
            if path.suffix.lower() in _SUFFIXES[kind]:
                then(path)
                return
            right = path.with_suffix(f".{kind.value}")
            says = tr(
                "{name} is no name for this format; save it as {better}.",
                name=path.name,
                better=right.name,
            )
            self._say(says, ToastKind.INFO)
            self._ask_target(kind, then, str(right))

        dialog.fileSelected.connect(chosen)
        dialog.open()

    def _file_dialog(self, title: str, name_filter: str) -> QFileDialog:
        dialog = QFileDialog(self._window, title, str(self._settings.last_folder), name_filter)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        return dialog

    def _save_layers(self, path: Path, then: Then | None) -> None:
        history = self._session.history
        snapshot = history.document.snapshot()

        def done(_result: Any) -> None:
            if self._session.history is history:
                # What was changed while the file was written is not in it.
                if history.document.snapshot() is snapshot:
                    self._session.mark_saved(path)
                self._session.path = path
            self._remember(path)
            self.title_changed.emit()
            self._say(tr("Saved {name}", name=path.name), ToastKind.DONE)
            if then is not None:
                self.after_question(then)  # asks again when something was changed meanwhile

        self.work.submit(
            tr("Saving {name}", name=path.name),
            # The working file always keeps the prompts; leaving them out is for exported copies.
            lambda steps: _write(snapshot, path, ExportFormat.PSD, steps, include_prompts=True),
            done,
            self._failed,
        )

    def _remember(self, path: Path) -> None:
        self._settings.last_folder = path.parent
        self._settings.add_recent_file(path)

    def _failed(self, error: Exception) -> None:
        if isinstance(error, WorkCancelled):
            self._say(tr("Cancelled"), ToastKind.INFO)
        elif isinstance(error, SaveCancelled):
            self._say(error.message, ToastKind.INFO)
        elif isinstance(error, FormatError | DocumentError):
            self._say(error.message, ToastKind.ERROR)
        else:
            text = tr("The file could not be read or written; the log has the details.")
            self._say(text, ToastKind.ERROR)
        self.failed.emit()


def _read(path: Path, steps: Steps) -> _Opened:
    from editor.formats.psd import read_psd, written_by_us  # as in _write

    opened = _Opened(read_psd(path), path, written_by_us(path))
    if steps.cancelled():
        raise WorkCancelled
    return opened


def _write(
    snapshot: DocumentState,
    path: Path,
    kind: ExportFormat,
    steps: Steps,
    *,
    include_prompts: bool,
) -> None:
    # Imported here: psd-tools and Pillow would take a third of the window's start.
    if kind is ExportFormat.PNG:
        from editor.formats.png import write_png

        write_png(snapshot, path)
    else:
        from editor.formats.psd import write_psd

        write_psd(
            snapshot,
            path,
            include_recipes=include_prompts,
            progress=steps.progress,
            cancelled=steps.cancelled,
        )
