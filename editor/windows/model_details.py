"""The right half of the model manager: everything about one model, and what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from editor.document.pixels import RgbaArray
from editor.model_library import STATE_NAMES, ModelEntry, ModelState
from editor.panels.widgets import mark_primary, muted_label
from editor.translations import mark, tr

PICTURE_PX = 144  # so that it is in sight below the rest
_LABELS = {
    "for": mark("Used for"),
    "licence": mark("Licence"),
    "size": mark("Size"),
    "here": mark("On this computer"),
    "run": mark("Run settings"),
    "place": mark("Place"),
    "hub": mark("From"),
}
_TONES = {
    ModelState.CHANGED: "out_of_date",
    ModelState.ON_HUB: "edited",
    ModelState.TO_BRING: "edited",
}


class ModelDetails(QWidget):
    """Shows one entry; the window that holds it connects the buttons."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._entry: ModelEntry | None = None
        self._idle = True
        self.title = QLabel(self)
        self.title.setObjectName("panelTitle")
        self.state = QLabel(self)
        self.state.setObjectName("badge")
        self.note = _wrapped(self)
        self.values = {name: _wrapped(self) for name in _LABELS}
        self.token = QLineEdit(self)
        self.token.setPlaceholderText(tr("Access token of the hub"))
        self.token.setAccessibleName(tr("Access token of the hub"))
        self.token.setEchoMode(QLineEdit.EchoMode.Password)
        self.check = self._button(tr("Check Files"))
        self.test_run = self._button(tr("Test Run"))
        self.test_run.setToolTip(tr("Make a small picture to see whether the model works here"))
        self.picture = QLabel(self)
        self.picture.setAccessibleName(tr("Picture of the test run"))
        self.picture.hide()
        self.run_settings = self._button(tr("Run Settings…"))
        self.show_folder = self._button(tr("Show Folder"))
        self.remove = self._button(tr("Remove…"))
        self.download = self._button(tr("Download…"))
        mark_primary(self.download)
        self._lay_out()

    def show_entry(self, entry: ModelEntry) -> None:
        """Everything that is known of it; what does not apply is hidden."""
        self._entry = entry
        self.title.setText(entry.title)
        self.state.setText(tr(STATE_NAMES[entry.state]))
        self.state.setProperty("tone", _TONES.get(entry.state, ""))
        self.state.style().unpolish(self.state)
        self.state.style().polish(self.state)
        note = _changed(entry) or entry.note
        self.note.setText(note)
        self.note.setVisible(bool(note))
        features = ", ".join(entry.features) or tr("other models need it")
        self._set("for", features)
        self._set("licence", f"{entry.licence}. {entry.allows}".strip())
        self._set("size", entry.size)
        self._set("here", "")
        self._set("run", "")
        self._set("place", entry.path)
        self._set("hub", entry.hub)
        self.set_idle(self._idle)

    def show_plan(self, sentence: str) -> None:
        """How it would run here; an empty sentence hides the line."""
        self._set("here", sentence)

    def show_run(self, text: str) -> None:
        """How the user wants it to be run; an empty text hides the line."""
        self._set("run", text)

    def show_picture(self, pixels: RgbaArray | None) -> None:
        """What the model made in its test run; None = nothing yet."""
        if pixels is not None:
            height, width = pixels.shape[:2]
            kind = QImage.Format.Format_RGBA8888
            image = QImage(pixels.tobytes(), width, height, 4 * width, kind)
            if height > PICTURE_PX:
                image = image.scaledToHeight(PICTURE_PX, Qt.TransformationMode.SmoothTransformation)
            self.picture.setPixmap(QPixmap.fromImage(image))
        self.picture.setVisible(pixels is not None)

    def set_idle(self, idle: bool) -> None:
        """Which buttons there are, and whether they can be used now."""
        self._idle = idle
        entry = self._entry
        if entry is None:
            return
        on_hub = entry.state is ModelState.ON_HUB
        for button, shown in (
            (self.check, entry.is_here),
            (self.test_run, entry.is_here and entry.makes_pictures),
            (self.run_settings, entry.is_here and entry.makes_pictures),
            (self.remove, entry.is_here),
            (self.show_folder, bool(entry.path)),
            (self.download, on_hub),
        ):
            button.setVisible(shown)
        for button in (self.check, self.test_run, self.remove, self.download):
            button.setEnabled(idle)
        self.token.setVisible(on_hub and entry.gated)
        self.token.setEnabled(idle)

    def _set(self, name: str, text: str) -> None:
        value = self.values[name]
        value.setText(text)
        value.setVisible(bool(text))
        self._labels[name].setVisible(bool(text))

    def _button(self, text: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setAutoDefault(False)
        button.hide()  # until a model is shown
        return button

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.state)
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(9)
        grid.setColumnStretch(1, 1)
        self._labels: dict[str, QLabel] = {}
        for place, (name, text) in enumerate(_LABELS.items()):
            label = QLabel(tr(text), self)
            label.setObjectName("fieldLabel")
            self._labels[name] = label
            grid.addWidget(label, place, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(self.values[name], place, 1)
        page = QWidget(self)
        inner = QVBoxLayout(page)
        inner.setContentsMargins(0, 0, 8, 0)
        inner.setSpacing(14)
        inner.addWidget(self.note)
        inner.addLayout(grid)
        inner.addWidget(self.picture, 0, Qt.AlignmentFlag.AlignLeft)
        inner.addStretch(1)
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(page)
        buttons = QHBoxLayout()
        buttons.addWidget(self.check)
        buttons.addWidget(self.test_run)
        buttons.addWidget(self.run_settings)
        buttons.addWidget(self.show_folder)
        buttons.addStretch(1)
        buttons.addWidget(self.remove)
        buttons.addWidget(self.download)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addLayout(head)
        layout.addWidget(area, 1)
        layout.addWidget(self.token)
        layout.addLayout(buttons)
        together = (
            self.check, self.test_run, self.run_settings, self.show_folder, self.remove,
        )  # fmt: skip
        # As wide as for a model that has them all, so that the window stays when one is chosen.
        gaps = (len(together) - 1) * buttons.spacing()
        self.setMinimumWidth(gaps + sum(button.sizeHint().width() for button in together))


def _changed(entry: ModelEntry) -> str:
    if not entry.changed:
        return ""
    return tr(
        "{path} is gone or is not what was checked. Put it back and check the files, or remove "
        "the model and bring it again.",
        path=entry.changed[0],
    )


def _wrapped(parent: QWidget) -> QLabel:
    label = muted_label(parent)
    label.setObjectName("recordValue")
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
    label.setMinimumWidth(1)  # a long path must not widen the window
    return label
