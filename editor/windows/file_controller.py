"""What the File menu does: new, open, save, export, and the question about unsaved changes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QMainWindow, QMenu, QMessageBox

from editor.document.document import Document
from editor.document.state import DocumentState
from editor.edit_session import EditSession
from editor.formats.export_report import Change, export_report
from editor.formats.files import (
    LAYERED_SUFFIXES,
    MANIFEST,
    FileFormat,
    OpenedFile,
    format_of,
    write_any,
    write_document,
)
from editor.formats.opening import OpenCancelled
from editor.formats.psd_losses import not_kept
from editor.importing import open_any
from editor.panels.widgets import mark_primary
from editor.session.backups import keep_copy
from editor.settings import Settings
from editor.theme import Theme
from editor.translations import mark, tr
from editor.windows.background_work import BackgroundWork, Steps, WorkCancelled
from editor.windows.export_dialog import ExportChoice, ExportDialog, ExportFormat
from editor.windows.new_document_dialog import NewDocumentDialog
from editor.windows.recent_menu import RecentMenu
from editor.windows.toast import ToastKind

Then = Callable[[], None]
_MOST_NOTES = 4  # a message that is read
_EXPORT_FILTERS = {
    ExportFormat.PSD: mark("Photoshop document (*.psd)"),
    ExportFormat.OPENRASTER: mark("OpenRaster (*.ora)"),
    ExportFormat.FOLDER: mark("Folder of pictures (*)"),
    ExportFormat.PNG: mark("PNG picture (*.png)"),
    ExportFormat.WEBP: mark("WebP picture (*.webp)"),
    ExportFormat.JPEG: mark("JPEG picture (*.jpg *.jpeg)"),
    ExportFormat.TIFF: mark("TIFF picture (*.tif *.tiff)"),
}


class FileController(QObject):
    """Handlers of the actions whose name begins with "files.".

    Args:
        say: Shows a sentence to the user.
        finish_writing: Puts what is being written in the picture into the document.

    Attributes:
        work: What reads and writes files.
        backups: Where a file is copied to before it is saved over; None = nowhere.

    Signals:
        title_changed: The document has another file or name.
    """

    title_changed = Signal()

    def __init__(
        self,
        window: QMainWindow,
        session: EditSession,
        theme: Theme,
        settings: Settings,
        *,
        work: BackgroundWork,
        say: Callable[[str, ToastKind], None],
        finish_writing: Callable[[], None],
    ) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self._theme = theme
        self._settings = settings
        self._say = say
        self._finish_writing = finish_writing
        self._questions = 0  # on the screen
        self.backups: Path | None = None
        self.work = work

    @property
    def title(self) -> str:
        """Name of the document for the title bar."""
        path = self._session.path
        return tr("Untitled") if path is None else path.name

    @property
    def asking(self) -> bool:
        """Whether the user is asked about unsaved changes: the document must stay till then."""
        return self._questions > 0

    # Actions

    def new(self) -> None:
        self.after_question(self._ask_size)

    def open(self) -> None:
        self.after_question(self._ask_file)

    def save(self) -> None:
        self.save_then(None)

    def save_as(self) -> None:
        self._ask_name(lambda path: self._save_layers(path, None))

    def export(self) -> None:
        state = self._session.document.snapshot()
        dialog = ExportDialog(
            include_prompts=self._settings.include_prompts,
            parent=self._window,
            changes=lambda kind, prompts: _changes(state, kind, prompts),
        )
        dialog.chosen.connect(self._export_as)
        dialog.open()

    def quit(self) -> None:
        self._window.close()

    def add_recent_menu(self, menu: QMenu, after: str) -> None:
        """Add a menu of the last files, filled each time it opens, behind an action of `menu`."""
        recent = RecentMenu(
            self._settings, lambda path: self.after_question(lambda: self.open_path(path)), menu
        )
        places = [action.objectName() for action in menu.actions()]
        menu.insertMenu(menu.actions()[places.index(after) + 1], recent)

    # Parts that tests and the command line of the window use directly

    def open_path(self, path: Path) -> None:
        """Read a file in the background and show it; what is edited meanwhile is asked about."""
        text = tr("Opening {name}", name=path.name)
        self.work.submit(
            text,
            lambda steps: _read(path, steps),
            self.replacing(self._show_opened),
            failure=tr("The file could not be read; the log has the details."),
            lands=True,
        )

    def replacing(self, show: Callable[[Any], None]) -> Callable[[Any], None]:
        """`show` for the end of a reading that begins now; it puts another document in place.

        When something is edited meanwhile, the user is asked first.
        """
        before = self._session.document.snapshot()

        def done(result: Any) -> None:
            if self._session.document.snapshot() is before:
                show(result)
            else:
                self.after_question(lambda: show(result))

        return done

    def export_to(self, path: Path, *, include_prompts: bool, compact: bool = False) -> None:
        """Write a copy in the background; the document stays as modified as it was.

        Args:
            path: Its ending decides the format; without one a folder is written.
        """
        self._finish_writing()
        snapshot = self._session.document.snapshot()

        def done(_result: Any) -> None:
            self._say(tr("Exported {name}", name=path.name), ToastKind.DONE)

        self.work.submit(
            tr("Exporting {name}", name=path.name),
            lambda steps: write_any(
                snapshot,
                path,
                include_recipes=include_prompts,
                compact=compact,
                progress=steps.progress,
                cancelled=steps.cancelled,
            ),
            done,
            failure=tr("The file could not be written; the log has the details."),
        )

    def save_then(self, then: Then | None) -> None:
        """Save, asking for a name when there is none; `then` runs only when it is saved."""
        path = self._session.path
        if path is None:
            self._ask_name(lambda chosen: self._save_layers(chosen, then))
        else:
            self._save_layers(path, then)

    def after_question(self, then: Then) -> None:
        """Run `then` when nothing is unsaved, or after the user saved or gave up the changes."""
        self._finish_writing()
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
        mark_primary(box.button(buttons.Save))

        def answered(code: int) -> None:
            self._questions -= 1
            if code == buttons.Save.value:
                self.save_then(then)
            elif code == buttons.Discard.value:
                then()

        self._questions += 1
        box.finished.connect(answered)
        box.open()

    # Steps

    def _ask_size(self) -> None:
        dialog = NewDocumentDialog(self._theme, self._settings.new_size, self._window)
        dialog.chosen.connect(self._create)
        dialog.open()

    def _create(self, width: int, height: int) -> None:
        self._settings.new_size = (width, height)
        self._session.open(Document(width, height), None)
        self.title_changed.emit()

    def _ask_file(self) -> None:
        patterns = " ".join([*(f"*{suffix}" for suffix in LAYERED_SUFFIXES), MANIFEST])
        every = tr("All documents ({patterns})", patterns=patterns)
        folders = tr("Folder of pictures ({manifest})", manifest=MANIFEST)
        filters = [every, *_name_filters().values(), folders]
        dialog = self._file_dialog(tr("Open"), ";;".join(filters))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda name: self.open_path(Path(name)))
        dialog.open()

    def _show_opened(self, opened: OpenedFile) -> None:
        self._session.open(opened.document, opened.path if opened.is_ours else None)
        self._remember(opened.path)
        self.title_changed.emit()
        says = list(opened.notes[:_MOST_NOTES])
        if not opened.is_ours:
            text = tr(
                "{name} comes from another program; Save will ask for a new name.",
                name=opened.path.name,
            )
            says.insert(0, text)
        if says:
            self._say(" ".join(says), ToastKind.INFO)

    def _export_as(self, choice: ExportChoice) -> None:
        self._settings.include_prompts = choice.include_prompts

        def write(path: Path) -> None:
            self.export_to(path, include_prompts=choice.include_prompts, compact=choice.compact)

        self._ask_target(choice.format, write)

    def _ask_name(self, then: Callable[[Path], None], name: str | None = None) -> None:
        """Ask where to save the layers; the ending of the name decides the format."""
        names = _name_filters()
        dialog = self._file_dialog(tr("Save"), ";;".join(names.values()))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        kinds = {text: kind for kind, text in names.items()}

        def use_suffix() -> None:
            dialog.setDefaultSuffix(kinds[dialog.selectedNameFilter()].value)

        present = format_of(self._session.path or "") or FileFormat.NATIVE
        dialog.selectNameFilter(names[present])
        use_suffix()
        dialog.filterSelected.connect(use_suffix)
        dialog.selectFile(name or f"{Path(self.title).stem}.{present.value}")

        def chosen(text: str) -> None:
            path = Path(text)
            if format_of(path) is not None:
                then(path)
                return
            kind = kinds[dialog.selectedNameFilter()]
            right = path.with_suffix(f".{kind.value}")
            self._say(_no_name_for_format(path, right), ToastKind.INFO)
            self._ask_name(then, str(right))

        dialog.fileSelected.connect(chosen)
        dialog.open()

    def _ask_target(
        self, kind: ExportFormat, then: Callable[[Path], None], name: str | None = None
    ) -> None:
        """Ask where to write; a name that says another format is corrected and asked about again.

        The dialog itself asks before an existing file is replaced, so it must see the last name.
        """
        dialog = self._file_dialog(tr("Export"), tr(_EXPORT_FILTERS[kind]))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        if kind is ExportFormat.FOLDER:
            dialog.selectFile(name or Path(self.title).stem)
            dialog.fileSelected.connect(lambda text: then(Path(text)))
            dialog.open()
            return
        dialog.setDefaultSuffix(kind.value)
        dialog.selectFile(name or Path(self.title).stem + f".{kind.value}")

        def chosen(text: str) -> None:
            path = Path(text)
            if path.suffix.lower() in kind.suffixes:
                then(path)
                return
            right = path.with_suffix(f".{kind.value}")
            self._say(_no_name_for_format(path, right), ToastKind.INFO)
            self._ask_target(kind, then, str(right))

        dialog.fileSelected.connect(chosen)
        dialog.open()

    def _file_dialog(self, title: str, name_filter: str) -> QFileDialog:
        dialog = QFileDialog(self._window, title, str(self._settings.last_folder), name_filter)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        return dialog

    def _save_layers(self, path: Path, then: Then | None) -> None:
        self._finish_writing()
        history = self._session.history
        snapshot, save_point = history.document.snapshot(), history.save_point()

        def done(_result: Any) -> None:
            if self._session.history is history:
                # What was changed while the file was written is not in it.
                self._session.mark_saved(path, save_point)
            self._remember(path)
            self.title_changed.emit()
            self._say_saved(path, snapshot)
            if then is not None:
                self.after_question(then)  # asks again when something was changed meanwhile

        reuse = [] if self._session.path is None else [self._session.path]
        backups = self.backups
        self.work.submit(
            tr("Saving {name}", name=path.name),
            lambda steps: _save(snapshot, path, steps, reuse, backups),
            done,
            failure=tr("The file could not be written; the log has the details."),
        )

    def _say_saved(self, path: Path, state: DocumentState) -> None:
        missing = not_kept(state) if format_of(path) is FileFormat.PSD else ()
        if missing:
            says = tr(
                "Saved {name} without {features}; save as .layerloom to keep everything.",
                name=path.name,
                features=", ".join(missing),
            )
            self._say(says, ToastKind.INFO)
        else:
            self._say(tr("Saved {name}", name=path.name), ToastKind.DONE)

    def _remember(self, path: Path) -> None:
        self._settings.last_folder = path.parent
        self._settings.add_recent_file(path)


def _changes(state: DocumentState, kind: ExportFormat, include_prompts: bool) -> list[str]:
    """What an export will not hold; that prompts are left out is said anyway."""
    name = "folder" if kind is ExportFormat.FOLDER else f"a.{kind.value}"
    items = export_report(state, name, include_recipes=include_prompts)
    unsaid = (Change.RECIPES_LEFT_OUT, Change.FLATTENED)
    return [item.text for item in items if item.change not in unsaid]


def _name_filters() -> dict[FileFormat, str]:
    """What file dialogs call each format."""
    return {
        FileFormat.NATIVE: tr("Layerloom document (*.layerloom)"),
        FileFormat.OPENRASTER: tr("OpenRaster (*.ora)"),
        FileFormat.PSD: tr("Photoshop document (*.psd *.psb)"),
    }


def _no_name_for_format(path: Path, better: Path) -> str:
    return tr(
        "{name} is no name for this format; save it as {better}.",
        name=path.name,
        better=better.name,
    )


def _read(path: Path, steps: Steps) -> OpenedFile:
    try:
        opened = open_any(path, progress=steps.progress, cancelled=steps.cancelled)
    except OpenCancelled as error:
        raise WorkCancelled from error
    if steps.cancelled():
        raise WorkCancelled
    return opened


def _save(
    snapshot: DocumentState, path: Path, steps: Steps, reuse: list[Path], backups: Path | None
) -> None:
    """Write the working file; it always keeps the prompts, leaving them out is for exports."""
    if backups is not None:
        keep_copy(path, backups)
    write_document(snapshot, path, reuse=reuse, progress=steps.progress, cancelled=steps.cancelled)
