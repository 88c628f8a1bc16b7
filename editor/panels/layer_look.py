"""Blend mode and opacity of the selected layers."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QComboBox, QSlider, QVBoxLayout, QWidget

from editor.commands.property_commands import SetBlendMode, SetOpacity
from editor.document.blend_names import BLEND_NAMES
from editor.document.blending import LAYER_MODES, BlendMode
from editor.document.events import Change, ChangeKind
from editor.document.layers import GroupLayer, Layer
from editor.edit_session import EditSession
from editor.panels.widgets import GAP_PX, number_field, row, wheel_needs_focus
from editor.translations import tr

# The last mode of each group of the usual menu: normal, darken, lighten, contrast, inversion.
_ENDS_OF_GROUPS = (
    BlendMode.DISSOLVE,
    BlendMode.DARKER_COLOR,
    BlendMode.LIGHTER_COLOR,
    BlendMode.HARD_MIX,
    BlendMode.DIVIDE,
)


class LayerLook(QWidget):
    """A combo box with the 27 modes and a slider with a number; drags are one undo step."""

    def __init__(self, session: EditSession, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self.mode = QComboBox(self)
        self.mode.setAccessibleName(tr("Blend mode"))
        self.mode.setToolTip(tr("Blend mode"))
        self.mode.setMaxVisibleItems(32)
        self.mode.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        self.slider.setRange(0, 100)
        self.slider.setPageStep(10)
        self.slider.setAccessibleName(tr("Opacity"))
        self.slider.setToolTip(tr("Opacity"))
        wheel_needs_focus(self.mode)
        wheel_needs_focus(self.slider)
        self.percent = number_field(tr("Opacity in percent"), 0, 100, self)
        self.percent.setSuffix(" %")
        self.percent.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.percent.setFixedWidth(62)
        self.percent.setKeyboardTracking(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        above = row(self.mode, self.percent, spacing=GAP_PX)
        above.setStretch(0, 1)
        layout.addLayout(above)
        layout.addWidget(self.slider)
        self._connect()
        self.refresh()

    def refresh(self) -> None:
        """Show the values of the active layer."""
        layer = self._session.document.active_layer
        self.setEnabled(layer is not None)
        with QSignalBlocker(self.mode), QSignalBlocker(self.slider), QSignalBlocker(self.percent):
            self._fill_modes(with_pass_through=isinstance(layer, GroupLayer))
            self._show(layer)

    def _connect(self) -> None:
        self.mode.activated.connect(self._mode_chosen)
        self.slider.sliderPressed.connect(self._begin_drag)
        self.slider.sliderReleased.connect(self._end_drag)
        self.slider.valueChanged.connect(self._opacity_chosen)
        self.percent.valueChanged.connect(self._opacity_chosen)
        self._session.changed.connect(self._on_change)
        self._session.replaced.connect(self.refresh)

    def _begin_drag(self) -> None:
        self._session.history.begin_gesture()

    def _end_drag(self) -> None:
        self._session.history.end_gesture()

    def _show(self, layer: Layer | None) -> None:
        percent = 100 if layer is None else round(layer.opacity * 100)
        mode = BlendMode.NORMAL if layer is None else layer.blend_mode
        self.slider.setValue(percent)
        self.percent.setValue(percent)
        self.mode.setCurrentIndex(self.mode.findData(mode.id))

    def _fill_modes(self, *, with_pass_through: bool) -> None:
        has_it = self.mode.findData(BlendMode.PASS_THROUGH.id) >= 0
        if self.mode.count() and has_it == with_pass_through:
            return
        self.mode.clear()
        for mode in (BlendMode.PASS_THROUGH, *LAYER_MODES) if with_pass_through else LAYER_MODES:
            self.mode.addItem(tr(BLEND_NAMES[mode]), mode.id)
            if mode in _ENDS_OF_GROUPS:
                self.mode.insertSeparator(self.mode.count())

    def _mode_chosen(self) -> None:
        mode = BlendMode.from_id(str(self.mode.currentData()))
        chosen = self._session.document.selected_ids
        if chosen:
            self._session.push(SetBlendMode(chosen, mode))
        self.refresh()

    def _opacity_chosen(self, percent: int) -> None:
        chosen = self._session.document.selected_ids
        if chosen:
            self._session.push(SetOpacity(chosen, percent / 100))
        self.refresh()

    def _on_change(self, change: Change) -> None:
        if change.kinds & (
            ChangeKind.SELECTION | ChangeKind.LAYER_LOOK | ChangeKind.LAYERS_REMOVED
        ):
            self.refresh()
