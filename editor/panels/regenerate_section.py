"""The selected layer again: its prompt, how it was made, and the button for another try."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from editor.document.events import Change, ChangeKind
from editor.document.layers import RasterLayer
from editor.document.recipe import GenerationRecord
from editor.edit_session import EditSession
from editor.panels.edit_check import EditCheck
from editor.panels.generate_panel import PromptEdit
from editor.panels.style_names import style_name
from editor.panels.widgets import GAP_PX, MARGIN_PX, muted_label, panel_title
from editor.theme import Theme
from editor.translations import tr

PROMPT_HEIGHT_PX = 58
_RELEVANT = (
    ChangeKind.SELECTION
    | ChangeKind.LAYER_INFO
    | ChangeKind.LAYER_PIXELS
    | ChangeKind.LAYERS_REMOVED
)


class RegenerateSection(QWidget):
    """Shown while exactly one layer with pixels is selected.

    Args:
        prompt_of: The prompt that would give a layer again.

    Signals:
        regenerate_wanted: The button was pressed; read `layer_id` and `prompt_text`.
    """

    regenerate_wanted = Signal()

    def __init__(
        self,
        session: EditSession,
        theme: Theme,
        prompt_of: Callable[[RasterLayer], str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._prompt_of = prompt_of
        self._shown: tuple[str, GenerationRecord | None] | None = None
        self._proposed = ""
        self._busy = False
        self.prompt = PromptEdit(tr("What this layer shows, in English…"), self)
        self.prompt.setAccessibleName(tr("Prompt of the layer"))
        self.prompt.setFixedHeight(PROMPT_HEIGHT_PX)
        self.recipe = muted_label(self)
        self.edits = EditCheck(self)
        self.edits.ready.connect(self.refresh)
        self.button = QPushButton(tr("Regenerate Layer"), self)
        theme.set_icon(self.button, "regenerate")
        self.button.setToolTip(tr("Makes this layer again and leaves all others as they are"))
        self.button.clicked.connect(self.regenerate_wanted)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN_PX, 12, MARGIN_PX, MARGIN_PX)
        layout.setSpacing(GAP_PX)
        layout.addWidget(panel_title(tr("Regenerate"), self))
        layout.addWidget(self.prompt)
        layout.addWidget(self.recipe)
        layout.addWidget(self.button)
        self.prompt.textChanged.connect(self._enable)
        session.changed.connect(self._on_change)
        session.replaced.connect(self.refresh)
        self.refresh()

    @property
    def layer_id(self) -> str | None:
        """The layer the section is about."""
        layer = self._layer()
        return None if layer is None else layer.layer_id

    @property
    def prompt_text(self) -> str:
        return self.prompt.toPlainText().strip()

    def set_busy(self, *, busy: bool) -> None:
        """No second job while one runs."""
        self._busy = busy
        self._enable()

    def refresh(self) -> None:
        """Show the selected layer; a text being written survives unless the layer changed."""
        layer = self._layer()
        self.setVisible(layer is not None)
        shown = None if layer is None else (layer.layer_id, layer.record)
        if layer is not None:
            self._propose(self._prompt_of(layer), anew=shown != self._shown)
            self.recipe.setText(self._describe(layer))
        self._shown = shown
        self._enable()

    def _propose(self, prompt: str, *, anew: bool) -> None:
        """Follow the layer as long as nobody wrote a prompt of their own."""
        written = self.prompt.toPlainText()
        if (anew or written == self._proposed) and written != prompt:
            self.prompt.setPlainText(prompt)
        self._proposed = prompt

    def _layer(self) -> RasterLayer | None:
        document = self._session.document
        if len(document.selected_ids) != 1 or not document.has_layer(document.selected_ids[0]):
            return None
        layer = document.layer(document.selected_ids[0])
        return layer if isinstance(layer, RasterLayer) else None

    def _describe(self, layer: RasterLayer) -> str:
        record = layer.record
        if record is None:
            return tr("Not generated so far; a try fills the box of this layer.")
        parts = [style_name(record.style)] if record.style else []
        parts.append(tr("seed {seed}", seed=record.seed))
        parts.append(tr("try {attempt}", attempt=record.attempt + 1))
        if self.edits.edited(layer):
            parts.append(tr("edited since"))
        return " · ".join(parts)

    def _enable(self) -> None:
        layer = self._layer()
        locked = layer is not None and self._session.document.is_locked(layer.layer_id)
        free = layer is not None and not locked and not self._busy
        self.button.setEnabled(free and bool(self.prompt_text))

    def _on_change(self, change: Change) -> None:
        if change.kinds & _RELEVANT:
            self.refresh()
