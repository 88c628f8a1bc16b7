"""Which model makes the picture: the starter, or one that the user has brought, and how it runs."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from editor.model_library import STARTER_KEY, ModelEntry, ModelState
from editor.panels.widgets import field_label, muted_label, row, wheel_needs_focus
from editor.translations import tr


class ModelChoice(QWidget):
    """Hidden as long as there is nothing to choose from.

    Signals:
        chosen(str): The user took another model; its key.
        changed: Another model counts now, whoever took it.
    """

    chosen = Signal(str)
    changed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.box = QComboBox(self)
        self.box.addItem(tr("Starter"), STARTER_KEY)
        wheel_needs_focus(self.box)
        self.box.setMinimumContentsLength(6)  # a long name must not widen the panel
        self.box.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.plan = muted_label(self)
        self.plan.setWordWrap(True)
        self.plan.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        line = row(field_label(tr("Model"), self.box), self.box)
        line.setStretch(1, 1)
        layout.addLayout(line)
        layout.addWidget(self.plan)
        self.box.activated.connect(lambda _row: self.chosen.emit(self.key))
        self.box.currentIndexChanged.connect(self._show_other)
        self.hide()

    @property
    def key(self) -> str:
        """What requests call the model."""
        return str(self.box.currentData() or STARTER_KEY)

    def show_models(
        self, entries: Sequence[ModelEntry], wanted: str, *, keep_missing: bool = False
    ) -> None:
        """Offer the starter and every model that makes pictures and is as it was checked.

        The wanted one stays in the list when its files have changed, so that nobody gets a picture
        of another model without being told.

        Args:
            keep_missing: The wanted one also stays when it is not on the list any more.
        """
        offered = [
            entry
            for entry in entries
            if entry.makes_pictures and (entry.state is ModelState.READY or entry.key == wanted)
        ]
        known = {STARTER_KEY, *(entry.key for entry in offered)}
        self.box.blockSignals(True)
        self.box.clear()
        self.box.addItem(tr("Starter"), STARTER_KEY)
        for entry in offered:
            self.box.addItem(_name(entry, offered), entry.key)
        if keep_missing and wanted not in known:
            self.box.addItem(tr("{name} (missing)", name=wanted), wanted)
        self.box.setCurrentIndex(max(0, self.box.findData(wanted)))
        self.box.blockSignals(False)
        self.setVisible(self.box.count() > 1)
        self._show_other()

    def show_plan(self, key: str, sentence: str) -> None:
        """How the model would run here, if it is still the chosen one; "" hides the line."""
        if key == self.key:
            self.plan.setText(sentence)
            self.plan.setVisible(bool(sentence))

    def _show_other(self) -> None:
        self.show_plan(self.key, "")
        self.changed.emit()


def _name(entry: ModelEntry, offered: Sequence[ModelEntry]) -> str:
    """Its title, with the name on the list where two have the same."""
    alike = [other for other in offered if other.title == entry.title]
    return f"{entry.title} ({entry.key})" if len(alike) > 1 else entry.title
