"""Asks what to do with documents that a crash left unsaved, and says where its log is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QDateTime, QLocale, QSize, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QFont, QFontMetrics, QPainter, QPixmap
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMessageBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from editor.panels.widgets import mark_primary, muted_label, panel_title, rule
from editor.session.autosave_store import AutosaveEntry
from editor.translations import tr

THUMBNAIL = QSize(96, 72)
ROW_HEIGHT_PX = 92
SHOWN_ROWS = 3
WIDTH_PX = 540
ROW_MARGINS_PX = 2 * 22 + 2 * 8 + 12 + 24  # of the dialog, the row, beside the picture, to spare
BUTTON_PADDING_PX = 17  # as in the style sheet, with the border


@dataclass(frozen=True, slots=True)
class Found:
    """One document that can be recovered; `run_id` says which run left it."""

    run_id: str
    entry: AutosaveEntry


class RecoveryDialog(QDialog):
    """A list of documents with Recover, Discard and Later; without documents only the notice.

    Signals:
        recovered(Found), discarded(Found): What was chosen. Recovering closes the dialog.
        finished: As of every dialog, also after Later.
    """

    recovered = Signal(object)
    discarded = Signal(object)

    def __init__(self, found: list[Found], crash_log: Path | None, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Recover Unsaved Work"))
        self.setMinimumWidth(WIDTH_PX)
        self._crash_log = crash_log
        self.list = QListWidget(self)
        self.list.setObjectName("recovery")
        self.list.setAccessibleName(tr("Documents that can be recovered"))
        self.list.setSpacing(2)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for one in found:
            self._add(one)
        self.list.setCurrentRow(0)
        self.list.setFixedHeight(min(len(found), SHOWN_ROWS) * ROW_HEIGHT_PX + 8)
        self.list.itemActivated.connect(self._recover)
        self.recover = QPushButton(tr("Recover"), self)
        self.recover.setMinimumWidth(_default_button_width(self.recover))
        self.discard = QPushButton(tr("Discard…"), self)
        self._lay_out(has_documents=bool(found))

    def _lay_out(self, *, has_documents: bool) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 20, 22, 18)
        layout.setSpacing(12)
        title = tr("Layerloom did not end properly last time")
        layout.addWidget(panel_title(title, self))
        says = muted_label(self)
        layout.addWidget(says)
        if has_documents:
            says.setText(
                tr(
                    "These documents have changes that were not saved. "
                    "A recovered document opens as it was; its file changes only when you save."
                )
            )
            layout.addWidget(self.list)
        else:
            says.setText(tr("There was nothing unsaved, so no work was lost."))
            self.list.hide()
        if self._crash_log is not None:
            layout.addWidget(rule(self))
            layout.addLayout(self._make_log_row(self._crash_log))
        layout.addWidget(self._make_buttons(has_documents=has_documents))

    def _make_log_row(self, path: Path) -> QHBoxLayout:
        text = muted_label(self)
        text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        text.setText(tr("Details for a report: {path}", path=_breakable(path)))
        show = QPushButton(tr("Show Folder"), self)
        show.setAutoDefault(False)
        show.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent))))
        line = QHBoxLayout()
        line.setSpacing(12)
        line.addWidget(text, 1)
        line.addWidget(show, 0, Qt.AlignmentFlag.AlignTop)
        return line

    def _make_buttons(self, *, has_documents: bool) -> QDialogButtonBox:
        box = QDialogButtonBox(self)
        for button in (self.recover, self.discard):
            button.setVisible(has_documents)
        if not has_documents:
            box.addButton(QDialogButtonBox.StandardButton.Close)
            box.rejected.connect(self.reject)
            return box
        box.addButton(self.recover, QDialogButtonBox.ButtonRole.AcceptRole)
        box.addButton(self.discard, QDialogButtonBox.ButtonRole.DestructiveRole)
        later = box.addButton(tr("Later"), QDialogButtonBox.ButtonRole.RejectRole)
        later.setToolTip(tr("Ask again at the next start"))
        self.recover.setDefault(True)
        mark_primary(self.recover)
        self.recover.clicked.connect(self._recover)
        self.discard.clicked.connect(self._ask_discard)
        box.rejected.connect(self.reject)
        return box

    def _add(self, found: Found) -> None:
        entry = found.entry
        where = tr("never saved") if entry.path is None else str(entry.path)
        moment = _moment(entry.saved_at)
        item = QListWidgetItem(self.list)
        item.setSizeHint(QSize(0, ROW_HEIGHT_PX - 4))
        item.setToolTip(where)
        item.setData(Qt.ItemDataRole.UserRole, found)
        spoken = ", ".join((entry.name, where, moment))
        item.setData(Qt.ItemDataRole.AccessibleTextRole, spoken)
        self.list.setItemWidget(item, _row(entry, where, moment, self.list))

    def _current(self) -> Found | None:
        item = self.list.currentItem()
        found = None if item is None else item.data(Qt.ItemDataRole.UserRole)
        return found if isinstance(found, Found) else None

    def _recover(self) -> None:
        found = self._current()
        if found is not None and self.isVisible():  # Enter activates the row and the button
            self.accept()
            self.recovered.emit(found)

    def _ask_discard(self) -> None:
        found = self._current()
        if found is None:
            return
        buttons = QMessageBox.StandardButton
        box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setWindowTitle(tr("Discard"))
        box.setText(tr("Discard the unsaved changes of “{name}”?", name=found.entry.name))
        box.setInformativeText(tr("They cannot be brought back."))
        box.setStandardButtons(buttons.Discard | buttons.Cancel)
        box.setDefaultButton(buttons.Cancel)
        box.finished.connect(
            lambda code: self._discard(found) if code == buttons.Discard.value else None
        )
        box.open()

    def _discard(self, found: Found) -> None:
        for row in range(self.list.count()):
            if self.list.item(row).data(Qt.ItemDataRole.UserRole) == found:
                self.list.takeItem(row)
                break
        self.discarded.emit(found)
        if self.list.count() == 0:
            self.reject()


def _row(entry: AutosaveEntry, where: str, moment: str, parent: QWidget) -> QWidget:
    """Thumbnail, name, file and time of one document."""
    page = QWidget(parent)
    page.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    picture = QLabel(page)
    picture.setPixmap(_picture(entry.thumbnail, parent.devicePixelRatioF()))
    texts = QVBoxLayout()
    texts.setSpacing(3)
    texts.addStretch(1)
    for text, style in ((entry.name, "rowName"), (where, "muted"), (moment, "muted")):
        label = QLabel(page)
        label.setObjectName(style)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setText(_elided(label, text))
        texts.addWidget(label)
    texts.addStretch(1)
    line = QHBoxLayout(page)
    line.setContentsMargins(8, 4, 8, 4)
    line.setSpacing(12)
    line.addWidget(picture)
    line.addLayout(texts, 1)
    return page


def _elided(label: QLabel, text: str) -> str:
    width = WIDTH_PX - THUMBNAIL.width() - ROW_MARGINS_PX
    return label.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, width)


def _default_button_width(button: QPushButton) -> int:
    """The style sheet makes a default button's text bold, which its own size does not know."""
    font = button.font()
    font.setWeight(QFont.Weight.DemiBold)
    text = QFontMetrics(font).horizontalAdvance(button.text())
    return text + 2 * BUTTON_PADDING_PX


def _moment(seconds: float) -> str:
    """Date and time in the user's form."""
    moment = QDateTime.fromSecsSinceEpoch(int(seconds))
    return QLocale().toString(moment, QLocale.FormatType.ShortFormat)


def _picture(data: bytes, ratio: float) -> QPixmap:
    """The thumbnail in the middle of a place of fixed size, so that names stand in line."""
    place = QPixmap(THUMBNAIL * ratio)
    place.fill(Qt.GlobalColor.transparent)
    picture = QPixmap()
    if data and picture.loadFromData(data):
        mode = Qt.TransformationMode.SmoothTransformation
        fitted = picture.scaled(place.size(), Qt.AspectRatioMode.KeepAspectRatio, mode)
        painter = QPainter(place)
        painter.drawPixmap(
            (place.width() - fitted.width()) // 2, (place.height() - fitted.height()) // 2, fitted
        )
        painter.end()
    place.setDevicePixelRatio(ratio)
    return place


def _breakable(path: Path) -> str:
    """A path that a label may wrap behind each separator."""
    return str(path).replace("/", "/\u200b").replace("\\", "\\\u200b")
