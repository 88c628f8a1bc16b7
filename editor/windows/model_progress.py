"""Work of the model manager: what is being done, how far it is, and a button to stop it."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from editor.translations import decimal, tr

_STEPS = 1000


class ModelProgress(QWidget):
    """Hidden while nothing is done."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.text = QLabel(self)
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(4)
        self.cancel = QPushButton(tr("Cancel"), self)
        self.cancel.setAutoDefault(False)
        self._what = ""
        texts = QVBoxLayout()
        texts.setSpacing(6)
        texts.addWidget(self.text)
        texts.addWidget(self.bar)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(14)
        layout.addLayout(texts, 1)
        layout.addWidget(self.cancel)
        self.hide()

    def begin(self, text: str) -> None:
        """Show it with nothing done yet; the whole is not known."""
        self._what = text
        self.text.setText(text)
        self.bar.setRange(0, 0)
        self.bar.setAccessibleName(text)
        self.cancel.setEnabled(True)
        self.show()

    def report(self, done: int, total: int) -> None:
        """Bytes done of all."""
        if total <= 0:
            return
        self.bar.setRange(0, _STEPS)
        self.bar.setValue(round(_STEPS * done / total))
        said = tr(
            "{what} {done} of {total} GB",
            what=self._what, done=decimal(done / 1e9, 2), total=decimal(total / 1e9, 2),
        )  # fmt: skip
        self.text.setText(said)

    def report_share(self, text: str, share: float) -> None:
        """What is being done, and its finished part, 0 to 1."""
        self.bar.setRange(0, _STEPS)
        self.bar.setValue(round(_STEPS * share))
        self.text.setText(f"{self._what} {text}")

    def stopping(self) -> None:
        """The user wants it to stop."""
        self.cancel.setEnabled(False)
        self.text.setText(tr("Stopping…"))
