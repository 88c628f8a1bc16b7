"""The model manager: what is on this computer, what can be had, its licence, size and health."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QMessageBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from editor.document.pixels import RgbaArray
from editor.model_library import STATE_NAMES, ModelEntry, ModelState
from editor.panels.widgets import mark_primary, muted_label, panel_title, rule
from editor.translations import mark, tr
from editor.windows.model_details import ModelDetails
from editor.windows.model_progress import ModelProgress

SIZE = QSize(860, 600)
LIST_WIDTH_PX = 320
ROW_HEIGHT_PX = 50
HEADING_HEIGHT_PX = 30
ENTRY_ROLE = Qt.ItemDataRole.UserRole

_SECTIONS = (
    (mark("Built in"), (ModelState.BUILT_IN,)),
    (mark("On this computer"), (ModelState.READY, ModelState.CHANGED)),
    (mark("To be had"), (ModelState.ON_HUB, ModelState.TO_BRING)),
)


class ModelsDialog(QDialog):
    """Shows entries; what is to be done with them is announced.

    Signals:
        brought(Path): A file or folder was chosen or dropped.
        check_wanted(ModelEntry), trial_wanted(ModelEntry), run_wanted(ModelEntry): A button was
            pressed.
        removed(ModelEntry): After the user agreed.
        download_wanted(ModelEntry, str): With the token, empty = none given.
        cancel_wanted: The work that runs should stop.
        shown(ModelEntry): It is chosen in the list.
    """

    brought = Signal(object)
    check_wanted = Signal(object)
    trial_wanted = Signal(object)
    run_wanted = Signal(object)
    removed = Signal(object)
    download_wanted = Signal(object, str)
    cancel_wanted = Signal()
    shown = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._pictures: dict[str, RgbaArray] = {}
        self.setWindowTitle(tr("Models"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAcceptDrops(True)
        self.resize(SIZE)
        self.list = QListWidget(self)
        self.list.setObjectName("models")
        self.list.setAccessibleName(tr("Models"))
        self.list.setFixedWidth(LIST_WIDTH_PX)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.currentItemChanged.connect(self._show_current)
        self.details = ModelDetails(self)
        self._hide_details()
        self.details.check.clicked.connect(lambda: self._announce(self.check_wanted))
        self.details.test_run.clicked.connect(lambda: self._announce(self.trial_wanted))
        self.details.run_settings.clicked.connect(lambda: self._announce(self.run_wanted))
        self.details.remove.clicked.connect(self._ask_remove)
        self.details.download.clicked.connect(self._ask_download)
        self.details.show_folder.clicked.connect(self._show_folder)
        self.progress = ModelProgress(self)
        self.progress.cancel.clicked.connect(self.cancel_wanted)
        self.message = muted_label(self)
        self.message.setObjectName("note")
        self.message.hide()
        self._lay_out()

    @property
    def entry(self) -> ModelEntry | None:
        """The chosen entry."""
        item = self.list.currentItem()
        found = None if item is None else item.data(ENTRY_ROLE)
        return found if isinstance(found, ModelEntry) else None

    def show_entries(self, entries: Sequence[ModelEntry], chosen: str = "") -> None:
        """Fill the list; `chosen` is the key of the row to choose, else the row stays."""
        current = self.entry
        wanted = chosen or (current.key if current else "")
        self.list.clear()
        for title, states in _SECTIONS:
            rows = [entry for entry in entries if entry.state in states]
            if rows:
                self._add_heading(tr(title))
            for entry in rows:
                self._add_row(entry)
        items = [self.list.item(place) for place in range(self.list.count())]
        usable = [item for item in items if item.data(ENTRY_ROLE) is not None]
        keys = [item.data(ENTRY_ROLE).key for item in usable]
        if usable:
            self.list.setCurrentItem(usable[keys.index(wanted) if wanted in keys else 0])

    def show_plan(self, entry: ModelEntry, sentence: str) -> None:
        """How the entry would run on this computer, if it is still the chosen one."""
        if self.entry == entry:
            self.details.show_plan(sentence)

    def show_run(self, entry: ModelEntry, text: str) -> None:
        """How the user wants the entry to be run, if it is still the chosen one."""
        if self.entry is not None and self.entry.key == entry.key:
            self.details.show_run(text)

    def show_trial(self, key: str, pixels: RgbaArray) -> None:
        """What a model made in its test run; stays with it as long as the window is open."""
        self._pictures[key] = pixels
        if self.entry is not None and self.entry.key == key:
            self.details.show_picture(pixels)

    def begin(self, text: str) -> None:
        """Work has begun: buttons that would begin more are off."""
        self.message.hide()
        self.progress.begin(text)
        self._enable(idle=False)

    def end(self, sentence: str = "") -> None:
        """Work has ended, with a sentence for the user or none."""
        self.progress.hide()
        self.message.setText(sentence)
        self.message.setVisible(bool(sentence))
        self._enable(idle=True)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self.bring.isEnabled() and _dropped(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path = _dropped(event)
        if path is not None:
            event.acceptProposedAction()
            self.brought.emit(path)

    def _hide_details(self) -> None:
        """Until the first entry is there; they keep their place."""
        policy = self.details.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.details.setSizePolicy(policy)
        self.details.hide()

    def _lay_out(self) -> None:
        intro = muted_label(self)
        intro.setText(
            tr(
                "Layerloom comes with a small starter model, which runs on every computer without "
                "a network. FLUX-size models draw almost anything, but need a graphics card and 8 "
                "to 60 GB on the disk. Bring one that you have, or download one: nothing is "
                "fetched before you ask for it."
            )
        )
        middle = QHBoxLayout()
        middle.setSpacing(16)
        middle.addWidget(self.list)
        middle.addWidget(self.details, 1)
        foot = QHBoxLayout()
        self.bring = self._make_bring()
        foot.addWidget(self.bring)
        hint = muted_label(self)
        hint.setText(tr("or drop a folder or file here"))
        foot.addWidget(hint, 1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        foot.addWidget(buttons)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 20, 22, 18)
        layout.setSpacing(12)
        layout.addWidget(panel_title(tr("Models"), self))
        layout.addWidget(intro)
        layout.addLayout(middle, 1)
        layout.addWidget(self.progress)
        layout.addWidget(self.message)
        layout.addWidget(rule(self))
        layout.addLayout(foot)

    def _make_bring(self) -> QPushButton:
        button = QPushButton(tr("Bring a Model…"), self)
        button.setAutoDefault(False)
        menu = QMenu(button)
        menu.addAction(tr("Folder…"), lambda: self._choose(folder=True))
        menu.addAction(tr("File…"), lambda: self._choose(folder=False))
        button.setMenu(menu)
        return button

    def _choose(self, *, folder: bool) -> None:
        from PySide6.QtWidgets import QFileDialog

        dialog = QFileDialog(self, tr("Bring a Model"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if folder:
            dialog.setFileMode(QFileDialog.FileMode.Directory)
            dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        else:
            dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
            endings = "*.safetensors *.gguf *.onnx *.pt *.pth *.ckpt"
            dialog.setNameFilter(tr("Models ({endings})", endings=endings))
        dialog.fileSelected.connect(lambda path: self.brought.emit(Path(path)))
        dialog.open()

    def _add_heading(self, title: str) -> None:
        item = QListWidgetItem(self.list)
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        item.setSizeHint(QSize(0, HEADING_HEIGHT_PX))
        item.setData(Qt.ItemDataRole.AccessibleTextRole, title)
        heading = QLabel(title, self.list)
        heading.setObjectName("sectionTitle")
        heading.setContentsMargins(10, 8, 10, 0)
        self.list.setItemWidget(item, heading)

    def _add_row(self, entry: ModelEntry) -> None:
        state = tr(STATE_NAMES[entry.state])
        item = QListWidgetItem(self.list)
        item.setData(ENTRY_ROLE, entry)
        item.setSizeHint(QSize(0, ROW_HEIGHT_PX))
        spoken = ", ".join((entry.title, state, entry.size, entry.licence))
        item.setData(Qt.ItemDataRole.AccessibleTextRole, spoken)
        self.list.setItemWidget(item, _row(entry, state, self.list))

    def _show_current(self) -> None:
        entry = self.entry
        if entry is not None:
            self.details.show_entry(entry)
            self.details.show()
            self.details.show_picture(self._pictures.get(entry.key))
            self.shown.emit(entry)

    def _announce(self, signal: object) -> None:
        if self.entry is not None:
            signal.emit(self.entry)  # type: ignore[attr-defined]

    def _show_folder(self) -> None:
        if self.entry is not None and self.entry.path:
            place = Path(self.entry.path)
            folder = place if place.is_dir() else place.parent
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))

    def _ask_remove(self) -> None:
        entry = self.entry
        if entry is None:
            return
        text = tr("Remove “{title}” from the list?", title=entry.title)
        info = tr("Files that you brought stay where they are; downloaded ones are deleted.")
        self._ask(text, info, tr("Remove"), lambda: self.removed.emit(entry))

    def _ask_download(self) -> None:
        entry = self.entry
        if entry is None:
            return
        text = tr("Download {title} ({size})?", title=entry.title, size=entry.size)
        info = tr(
            "Licence: {name}. {allows}\nIt is fetched from {hub}.",
            name=entry.licence, allows=entry.allows, hub=entry.hub,
        )  # fmt: skip
        token = self.details.token.text().strip()
        yes = tr("Download")
        self._ask(text, info, yes, lambda: self.download_wanted.emit(entry, token))

    def _ask(self, text: str, info: str, yes: str, agreed: object) -> None:
        box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setWindowTitle(tr("Models"))
        box.setText(text)
        box.setInformativeText(info)
        button = box.addButton(yes, QMessageBox.ButtonRole.AcceptRole)
        mark_primary(button)
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        button.clicked.connect(agreed)
        box.open()

    def _enable(self, *, idle: bool) -> None:
        self.bring.setEnabled(idle)
        self.details.set_idle(idle)


def _dropped(event: QDropEvent) -> Path | None:
    """The one local file or folder of a drop."""
    urls = event.mimeData().urls()
    return Path(urls[0].toLocalFile()) if len(urls) == 1 and urls[0].isLocalFile() else None


def _row(entry: ModelEntry, state: str, parent: QWidget) -> QWidget:
    """Title, and below it state and size."""
    page = QWidget(parent)
    page.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    layout = QVBoxLayout(page)
    layout.setContentsMargins(10, 5, 10, 5)
    layout.setSpacing(1)
    title = QLabel(page)
    title.setTextFormat(Qt.TextFormat.PlainText)
    title.setText(
        tr("{title} (recommended)", title=entry.title) if entry.recommended else entry.title
    )
    below = QLabel(page)
    below.setObjectName("muted")
    words = (state, entry.key, entry.size) if entry.is_here else (state, entry.size)
    below.setText(" · ".join(words))
    layout.addWidget(title)
    layout.addWidget(below)
    return page
