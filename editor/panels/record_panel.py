"""How the selected layer was generated: every value of its record, to read, copy and paste."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QGridLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from editor.document.events import Change, ChangeKind
from editor.document.layers import RasterLayer
from editor.document.recipe import RecordStatus
from editor.edit_session import EditSession
from editor.panels.edit_check import EditCheck
from editor.panels.record_rows import record_rows, status_text
from editor.panels.widgets import GAP_PX, MARGIN_PX, muted_label, panel_title, row, rule
from editor.theme import Theme
from editor.translations import tr

_RELEVANT = (
    ChangeKind.SELECTION
    | ChangeKind.LAYER_INFO
    | ChangeKind.LAYER_PIXELS
    | ChangeKind.LAYERS_REMOVED
)


class RecordPanel(QWidget):
    """Follows the one selected layer.

    Signals:
        copy_wanted, paste_wanted: The settings shall be copied or put on the selected layers.
    """

    copy_wanted = Signal()
    paste_wanted = Signal()

    def __init__(self, session: EditSession, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self._session = session
        self.edits = EditCheck(self)
        self.edits.ready.connect(self.refresh)
        self.status = QLabel(self)
        self.status.setObjectName("badge")
        self.hint = muted_label(self)
        self.copy = QPushButton(tr("Copy Settings"), self)
        self.paste = QPushButton(tr("Paste Settings"), self)
        theme.set_icon(self.copy, "duplicate")
        self.copy.setToolTip(tr("Copies prompt, seed, steps and guidance for other layers"))
        self.paste.setToolTip(tr("Puts copied settings on the selected layers, for the next try"))
        self.copy.clicked.connect(self.copy_wanted)
        self.paste.clicked.connect(self.paste_wanted)
        self.paste.setEnabled(False)
        self._grid = QGridLayout()
        self._lay_out()
        session.changed.connect(self._on_change)
        session.replaced.connect(self.refresh)
        self.refresh()

    @property
    def texts(self) -> dict[str, str]:
        """What the panel shows, by the names of the rows."""
        return dict(self._shown)

    def showEvent(self, event: object) -> None:
        super().showEvent(event)  # type: ignore[arg-type]
        self.refresh()

    def refresh(self) -> None:
        """Show the record of the selected layer."""
        layer = self._layer()
        record = layer.record if layer is not None else None
        self.copy.setEnabled(record is not None)
        self.hint.setVisible(record is None)
        self.status.setVisible(record is not None)
        if layer is None:
            self.hint.setText(tr("Select one layer to see how it was generated."))
        elif record is None:
            self.hint.setText(
                tr('"{name}" was not generated, so it has no record.', name=layer.name)
            )
        status = RecordStatus.CURRENT if layer is None else layer.status(self.edits.edited(layer))
        self.status.setText(status_text(status))
        self.status.setProperty("tone", status.value)
        self.status.style().unpolish(self.status)
        self.status.style().polish(self.status)
        rows = [] if layer is None else record_rows(self._session.document, layer)
        self._fill(rows)

    def stop(self) -> None:
        """End the work beside the window."""
        self.edits.stop()

    def _layer(self) -> RasterLayer | None:
        document = self._session.document
        if len(document.selected_ids) != 1 or not document.has_layer(document.selected_ids[0]):
            return None
        layer = document.layer(document.selected_ids[0])
        return layer if isinstance(layer, RasterLayer) else None

    def _lay_out(self) -> None:
        self._shown: list[tuple[str, str]] = []
        self._labels: list[tuple[QLabel, QLabel]] = []
        head = row(panel_title(tr("Generation Record"), self), self.status)
        head.setStretch(0, 1)
        head.setContentsMargins(MARGIN_PX, 12, MARGIN_PX, 8)
        page = QWidget(self)
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(5)
        self._grid.setColumnStretch(1, 1)
        inner = QVBoxLayout(page)
        inner.setContentsMargins(MARGIN_PX, 10, MARGIN_PX, 10)
        inner.addWidget(self.hint)
        inner.addLayout(self._grid)
        inner.addStretch(1)
        scroll = QScrollArea(self)
        scroll.setObjectName("panel")
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(page)
        foot = row(self.copy, self.paste)
        foot.setContentsMargins(MARGIN_PX, GAP_PX, MARGIN_PX, GAP_PX)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(rule(self))
        layout.addWidget(scroll, 1)
        layout.addWidget(rule(self))
        layout.addLayout(foot)

    def _fill(self, rows: list[tuple[str, str]]) -> None:
        if rows == self._shown:
            return
        self._shown = rows
        while len(self._labels) < len(rows):
            self._add_labels()
        for place, (name, value) in enumerate(self._labels):
            there = place < len(rows)
            name.setVisible(there)
            value.setVisible(there)
            if there:
                name.setText(rows[place][0])
                value.setText(rows[place][1])

    def _add_labels(self) -> None:
        name, value = QLabel(self), QLabel(self)
        name.setObjectName("fieldLabel")
        name.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        value.setWordWrap(True)
        value.setObjectName("recordValue")
        value.setTextFormat(Qt.TextFormat.PlainText)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        place = len(self._labels)
        self._grid.addWidget(name, place, 0)
        self._grid.addWidget(value, place, 1)
        self._labels.append((name, value))

    def _on_change(self, change: Change) -> None:
        if change.kinds & _RELEVANT and self.isVisible():
            self.refresh()
