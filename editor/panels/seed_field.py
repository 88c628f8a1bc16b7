"""The seed: a number, a dice that rolls another one, and a lock that keeps it."""

from __future__ import annotations

import secrets

from PySide6.QtCore import QRegularExpression
from PySide6.QtGui import QRegularExpressionValidator
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from editor.document.recipe import SEED_LIMIT
from editor.panels.widgets import icon_button, row
from editor.theme import Theme
from editor.translations import tr

ROLLED_LIMIT = 1_000_000_000  # rolled seeds stay short enough to be read out


class SeedField(QWidget):
    """Unlocked, every new job rolls another seed; locked, the same picture comes again.

    What it shows is the seed of the last picture, until the next one is asked for.
    """

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._used = False  # the shown seed has made a picture
        self.edit = QLineEdit(self)
        self.edit.setValidator(
            QRegularExpressionValidator(QRegularExpression("[0-9]{1,19}"), self.edit)
        )
        self.edit.setAccessibleName(tr("Seed"))
        self.edit.textEdited.connect(self._typed)
        self.edit.editingFinished.connect(self._tidy)
        self.dice = icon_button(theme, "dice", tr("Roll a new seed"), self)
        self.dice.clicked.connect(self.roll)
        self.lock = icon_button(theme, "unlock", "", self)
        self.lock.setCheckable(True)
        self.lock.toggled.connect(self._show_lock)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(row(self.edit, self.dice, self.lock, spacing=4))
        self._show_lock(locked=False)
        self.roll()

    @property
    def value(self) -> int:
        """The seed, 0 to 2^63 - 1."""
        text = self.edit.text()
        return min(int(text), SEED_LIMIT - 1) if text.isdecimal() else 0

    @value.setter
    def value(self, seed: int) -> None:
        self._used = self._used and seed == self.value
        self.edit.setText(str(seed))

    @property
    def locked(self) -> bool:
        return self.lock.isChecked()

    def roll(self) -> None:
        """Another seed, also when locked: the user asked for it."""
        self.value = secrets.randbelow(ROLLED_LIMIT)

    def take(self) -> int:
        """The seed of the next picture: the one shown, or another if that one has been used."""
        if self._used and not self.locked:
            self.roll()
        self._used = True
        return self.value

    def _typed(self) -> None:
        self.lock.setChecked(True)  # who types a seed wants that one

    def _tidy(self) -> None:
        self.value = self.value  # 007 becomes 7, too large becomes the largest

    def _show_lock(self, locked: bool) -> None:
        self._theme.set_icon(self.lock, "lock" if locked else "unlock")
        text = (
            tr("The seed is kept; click for a new one with every picture")
            if locked
            else tr("Every picture gets a new seed; click to keep this one")
        )
        self.lock.setToolTip(text)
        self.lock.setAccessibleName(text)
