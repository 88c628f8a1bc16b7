"""The selected layer again: its prompt, its variations, and the button for another try."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QLabel,
    QPushButton,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from editor.commands.variation_commands import (
    PickVariation,
    RemoveVariation,
    SetWish,
    SwitchVariation,
)
from editor.document.events import Change, ChangeKind
from editor.document.layers import RasterLayer
from editor.document.recipe import GenerationRecord
from editor.document.wishes import LayerWish
from editor.edit_session import EditSession
from editor.model_library import STARTER_KEY, ModelEntry
from editor.panels.edit_check import EditCheck
from editor.panels.model_choice import ModelChoice
from editor.panels.prompt_edit import PromptEdit
from editor.panels.style_names import style_name
from editor.panels.thumbnails import Thumbnails
from editor.panels.variation_strip import VariationStrip
from editor.panels.widgets import (
    GAP_PX,
    MARGIN_PX,
    field_label,
    icon_button,
    muted_label,
    number_field,
    panel_title,
    row,
    wheel_needs_focus,
)
from editor.theme import Theme
from editor.translations import tr

PROMPT_HEIGHT_PX = 46
LEAST_PERCENT, FULL_PERCENT = 5, 100
COUNTS = (1, 2, 3, 4, 6, 8)
_RELEVANT = (
    ChangeKind.SELECTION
    | ChangeKind.LAYER_INFO
    | ChangeKind.LAYER_PIXELS
    | ChangeKind.LAYERS_REMOVED
)


class RegenerateSection(QWidget):
    """Shown while exactly one layer with pixels is selected; a live text says itself what it is.

    Args:
        prompt_of: The prompt that would give a layer again.
        model_of: The model that made a layer.

    Signals:
        regenerate_wanted: The button was pressed; read `layer_id` and `prompt_text`.
        record_wanted: The line about how the layer was made was clicked.
    """

    regenerate_wanted = Signal()
    record_wanted = Signal()

    def __init__(
        self,
        session: EditSession,
        theme: Theme,
        prompt_of: Callable[[RasterLayer], str],
        model_of: Callable[[RasterLayer], str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._prompt_of = prompt_of
        self._model_of = model_of
        self._models: tuple[ModelEntry, ...] = ()
        self._usual_model = STARTER_KEY
        self._proposed_for: tuple[str, GenerationRecord | None] | None = None
        self._shown: tuple[str, GenerationRecord | None, LayerWish | None] | None = None
        self._proposed = ""
        self._busy = False
        self.edits = EditCheck(self)
        self.edits.ready.connect(self.refresh)
        self.thumbnails = Thumbnails(self)
        self._make_fields(theme)
        self.strip = VariationStrip(
            theme,
            self.thumbnails,
            on_switch=self._switch,
            on_pick=self._pick,
            on_remove=self._remove,
            parent=self,
        )
        self._lay_out()
        self.prompt.textChanged.connect(self._enable)
        self.prompt.left.connect(self.keep_prompt)
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

    @property
    def count(self) -> int:
        """Variations wanted."""
        return int(self.counts.currentData() or 1)

    @property
    def same_noise(self) -> bool:
        """Whether only the words shall make the difference."""
        return self.lock.isChecked()

    @property
    def strength(self) -> float | None:
        """How far from the present pixels; None = anew, from noise only."""
        value = self.percent.value()
        return None if value >= FULL_PERCENT else value / 100

    @property
    def in_context(self) -> bool:
        """Whether the layer shall match the others."""
        return self.context.isChecked()

    @property
    def model_key(self) -> str:
        """What requests call the model that is to make the layer."""
        return self.model.key

    def show_models(self, entries: Sequence[ModelEntry], usual: str) -> None:
        """Offer other models; one that the user chose for the layer stays chosen.

        Args:
            usual: For layers that no model made.
        """
        self._models, self._usual_model = tuple(entries), usual
        if self._layer() is not None:
            self.model.show_models(self._models, self.model.key, keep_missing=True)

    def set_busy(self, *, busy: bool) -> None:
        """While a job runs, another one joins the queue."""
        self._busy = busy
        self._enable()

    def keep_prompt(self) -> bool:
        """Note a prompt that was written on the layer, which is then out of date.

        False when the layer refused it; the prompt is then as it was.
        """
        layer, text = self._layer(), self.prompt_text
        if layer is None or text in ("", self._proposed):
            return True
        wish = replace(layer.wish or LayerWish(), prompt=text)
        if self._session.push(SetWish((layer.layer_id,), wish)):
            return True
        self.prompt.setPlainText(self._proposed)
        return False

    def refresh(self) -> None:
        """Show the selected layer; a text being written survives unless the layer changed."""
        layer = self._layer()
        self.setVisible(layer is not None)
        shown = None if layer is None else (layer.layer_id, layer.record, layer.wish)
        if layer is not None:
            wished = layer.wish.prompt if layer.wish is not None else None
            self._propose(wished or self._prompt_of(layer), anew=shown != self._shown)
            self._propose_model(layer)
            self.recipe.setText(self._describe(layer))
            self.badge.setVisible(layer.is_out_of_date)
            self.lock.setVisible(layer.record is not None)
        self.strip.show_layer(layer)
        self._shown = shown
        self._enable()

    def stop(self) -> None:
        """End the work beside the window."""
        self.edits.stop()
        self.thumbnails.stop()

    def _make_fields(self, theme: Theme) -> None:
        self.prompt = PromptEdit(tr("What this layer shows…"), self)
        self.prompt.setAccessibleName(tr("Prompt of the layer"))
        self.prompt.setFixedHeight(PROMPT_HEIGHT_PX)
        self.badge = QLabel(tr("Out of date"), self)
        self.badge.setObjectName("badge")
        self.badge.setProperty("tone", "out_of_date")
        self.badge.setToolTip(tr("Prompt, box or settings were changed since this was made"))
        self.recipe = muted_label(self)
        self.record = QToolButton(self)
        theme.set_icon(self.record, "info", "text_muted")
        self.record.setToolTip(tr("Show the generation record"))
        self.record.setAccessibleName(tr("Show the generation record"))
        self.record.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.record.clicked.connect(self.record_wanted)
        self.model = ModelChoice(self)
        self.model.box.setAccessibleName(tr("Model for this layer"))
        self.button = QPushButton(tr("Regenerate"), self)
        self.button.setObjectName("tight")  # else German needs more than the panel has
        theme.set_icon(self.button, "regenerate")
        self.button.clicked.connect(self.regenerate_wanted)
        self.counts = QComboBox(self)
        for count in COUNTS:
            self.counts.addItem(f"{count} ×", count)
        self.counts.setAccessibleName(tr("Number of variations"))
        self.counts.setToolTip(tr("How many variations to make"))
        self.counts.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        wheel_needs_focus(self.counts)
        self.percent = number_field(tr("Strength"), LEAST_PERCENT, FULL_PERCENT, self)
        self.percent.setSuffix(" %")
        self.percent.setValue(FULL_PERCENT)
        self.percent.setFixedWidth(62)
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        self.slider.setRange(LEAST_PERCENT, FULL_PERCENT)
        self.slider.setValue(FULL_PERCENT)
        self.slider.setPageStep(10)
        self.slider.setAccessibleName(tr("Strength"))
        wheel_needs_focus(self.slider)
        for field in (self.percent, self.slider):
            field.setToolTip(tr("100 % draws anew; less refines what is there"))
        self.slider.valueChanged.connect(self.percent.setValue)
        self.percent.valueChanged.connect(self.slider.setValue)
        self.context = QCheckBox(tr("Match the other layers"), self)
        self.context.setToolTip(tr("Draws the layer beside the others, which stay as they are"))
        self.lock = icon_button(theme, "lock", tr("Keep the noise of this layer"), self)
        self.lock.setCheckable(True)
        self.lock.setToolTip(
            tr("Keep the noise of this layer, so that only the words make the difference")
        )

    def _lay_out(self) -> None:
        head = row(panel_title(tr("Regenerate"), self), self.badge)
        head.setStretch(0, 1)
        line = row(self.recipe, self.record, spacing=4)
        line.setStretch(0, 1)
        buttons = row(self.button, self.counts, self.lock, spacing=4)
        buttons.setStretch(0, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN_PX, 12, MARGIN_PX, MARGIN_PX)
        layout.setSpacing(GAP_PX)
        layout.addLayout(head)
        layout.addWidget(self.prompt)
        layout.addWidget(self.model)
        strength = row(field_label(tr("Strength"), self.slider), self.slider, self.percent)
        strength.setStretch(1, 1)
        layout.addLayout(buttons)
        layout.addWidget(self.strip)
        layout.addLayout(strength)
        layout.addWidget(self.context)
        layout.addLayout(line)

    def _propose(self, prompt: str, *, anew: bool) -> None:
        """Follow the layer as long as nobody wrote a prompt of their own."""
        written = self.prompt.toPlainText()
        if (anew or written == self._proposed) and written != prompt:
            self.prompt.setPlainText(prompt)
        self._proposed = prompt

    def _propose_model(self, layer: RasterLayer) -> None:
        """The model that made the layer, until another one is chosen for it."""
        if (layer.layer_id, layer.record) != self._proposed_for:
            self._proposed_for = layer.layer_id, layer.record
            generated = layer.record is not None and layer.record.steps > 0
            wanted = self._model_of(layer) if generated else self._usual_model
            self.model.show_models(self._models, wanted, keep_missing=True)

    def _layer(self) -> RasterLayer | None:
        document = self._session.document
        if len(document.selected_ids) != 1 or not document.has_layer(document.selected_ids[0]):
            return None
        layer = document.layer(document.selected_ids[0])
        return layer if isinstance(layer, RasterLayer) and layer.text is None else None

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
        self.button.setEnabled(layer is not None and not locked and bool(self.prompt_text))
        self.button.setText(tr("Add to Queue") if self._busy else tr("Regenerate"))
        if locked:
            self.button.setToolTip(tr("This layer is locked; unlock it to make it again"))
        elif not self.prompt_text:
            self.button.setToolTip(tr("Write first what this layer shows"))
        else:
            self.button.setToolTip(tr("Makes this layer again and leaves all others as they are"))

    def _switch(self, variation_id: str) -> None:
        if (layer_id := self.layer_id) is not None:
            self._session.push(SwitchVariation(layer_id, variation_id))
            self.refresh()

    def _pick(self, variation_id: str) -> None:
        if (layer_id := self.layer_id) is not None:
            self._session.push(PickVariation(layer_id, variation_id))

    def _remove(self, variation_id: str) -> None:
        if (layer_id := self.layer_id) is not None:
            self._session.push(RemoveVariation(layer_id, variation_id))

    def _on_change(self, change: Change) -> None:
        if change.kinds & _RELEVANT:
            self.refresh()
