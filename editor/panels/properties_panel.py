"""Place and size of what can be seen of the selected layer, or of a layout box, in pixels."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QGridLayout, QLineEdit, QSpinBox, QVBoxLayout, QWidget

from editor.commands.layout_commands import MoveBox, RenameBox
from editor.commands.transform_commands import MoveLayers, ScaleLayer
from editor.document import affine
from editor.document.document import Document
from editor.document.errors import DocumentError
from editor.document.events import Change, ChangeKind
from editor.document.geometry import Rect
from editor.document.layers import GroupLayer, Layer, RasterLayer
from editor.document.layout import LayoutBox
from editor.document.pixels import MAX_SIDE_PX
from editor.edit_session import EditSession
from editor.panels.widgets import (
    GAP_PX,
    MARGIN_PX,
    ElidedLabel,
    field_label,
    number_field,
    panel_title,
    row,
    show_beginning,
)
from editor.tools.picking import frame_of, stretched_bounds, visible_box
from editor.tools.text_setting import TextSetter
from editor.translations import tr, tr_count

_MAX_OFFSET_PX = 100_000
_RELEVANT = (
    ChangeKind.SELECTION
    | ChangeKind.LAYER_PLACE
    | ChangeKind.LAYER_PIXELS
    | ChangeKind.LAYER_INFO
    | ChangeKind.LAYERS_REMOVED
    | ChangeKind.LAYOUT
    | ChangeKind.CANVAS_SIZE
)


class PropertiesPanel(QWidget):
    """Four numbers, and for a layout box also its name and prompt.

    Args:
        text_setter: Who sets a live text anew that is scaled here.
    """

    def __init__(
        self,
        session: EditSession,
        text_setter: Callable[[], TextSetter | None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._text_setter = text_setter
        self.title = panel_title(tr("Properties"), self)
        self.subject = ElidedLabel(self)
        self.subject.setObjectName("muted")
        self.subject.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.x_px = self._number(tr("Left edge"), -_MAX_OFFSET_PX, _MAX_OFFSET_PX)
        self.y_px = self._number(tr("Top edge"), -_MAX_OFFSET_PX, _MAX_OFFSET_PX)
        self.width_px = self._number(tr("Width"), 1, MAX_SIDE_PX)
        self.height_px = self._number(tr("Height"), 1, MAX_SIDE_PX)
        self.box_prompt = QLineEdit(self)
        self.box_prompt.setPlaceholderText(tr("Empty: from the sentence"))
        self.box_prompt.editingFinished.connect(self._box_described)
        self._box_label = field_label(tr("Box prompt"), self.box_prompt)
        self.box_name = QLineEdit(self)
        self.box_name.setPlaceholderText(tr("Empty: from the prompt"))
        self.box_name.editingFinished.connect(self._box_named)
        self._name_label = field_label(tr("Name"), self.box_name)
        self._lay_out()
        session.changed.connect(self._on_change)
        session.replaced.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show the selected layer or box."""
        document = self._session.document
        box, layer = _selected_box(document), _selected_layer(document)
        rect = box.rect if box is not None else visible_box(layer) if layer is not None else None
        locked = layer is not None and document.is_locked(layer.layer_id)
        for field, value in zip(self._numbers, _values(rect), strict=True):
            with QSignalBlocker(field):
                field.setEnabled(rect is not None and not locked)
                field.setValue(value)
                if rect is None:
                    field.clear()
        for part in (self._box_label, self.box_prompt, self._name_label, self.box_name):
            part.setVisible(box is not None)
        if box is not None and not self.box_prompt.hasFocus():
            show_beginning(self.box_prompt, box.prompt)
        if box is not None and not self.box_name.hasFocus():
            show_beginning(self.box_name, box.name)
        self.subject.setText(self._describe(document, box, layer))

    @property
    def _numbers(self) -> tuple[QSpinBox, ...]:
        return self.x_px, self.y_px, self.width_px, self.height_px

    def _number(self, name: str, low: int, high: int) -> QSpinBox:
        field = number_field(name, low, high, self)
        field.setKeyboardTracking(False)
        field.valueChanged.connect(self._edited)
        return field

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(GAP_PX)
        letters = (tr("X"), tr("Y"), tr("W"), tr("H"))
        for place, (letter, field) in enumerate(zip(letters, self._numbers, strict=True)):
            label = field_label(letter, field)
            label.setFixedWidth(14)
            grid.addWidget(label, place // 2, place % 2 * 2, Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(field, place // 2, place % 2 * 2 + 1)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(3, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN_PX, 12, MARGIN_PX, 12)
        layout.setSpacing(GAP_PX)
        head = row(self.title, self.subject)
        head.setStretch(1, 1)
        layout.addLayout(head)
        layout.addSpacing(2)
        layout.addLayout(grid)
        layout.addWidget(self._box_label)
        layout.addWidget(self.box_prompt)
        layout.addWidget(self._name_label)
        layout.addWidget(self.box_name)

    def _describe(self, document: Document, box: LayoutBox | None, layer: Layer | None) -> str:
        if box is not None:
            number = [other.box_id for other in document.boxes].index(box.box_id) + 1
            return tr("Layout box {number}", number=number)
        if layer is not None:
            return layer.name
        count = len(document.selected_ids)
        if count > 1:
            return tr_count("{count} layer selected", "{count} layers selected", count)
        return tr("Nothing selected")

    def _edited(self) -> None:
        x, y, width, height = (field.value() for field in self._numbers)
        rect = Rect.from_size(x, y, width, height)
        document = self._session.document
        box, layer = _selected_box(document), _selected_layer(document)
        if box is not None:
            self._session.push(MoveBox(box.box_id, rect))
        elif layer is not None:
            self._place(layer, rect)
        self.refresh()

    def _place(self, layer: Layer, rect: Rect) -> None:
        old = visible_box(layer)
        if rect.size == old.size:
            dx, dy = rect.x0 - old.x0, rect.y0 - old.y0
            self._session.push(MoveLayers((layer.layer_id,), dx, dy))
        else:
            bounds = stretched_bounds(layer.bounds, frame_of(layer), rect.as_tuple())
            self._scale(layer, bounds)

    def _scale(self, layer: Layer, bounds: Rect) -> None:
        setter, drawn = self._text_setter(), None
        if setter is not None and isinstance(layer, RasterLayer) and layer.text is not None:
            change = affine.stretch(layer.bounds.as_tuple(), bounds.as_tuple())
            try:
                drawn = setter.set(layer.text.mapped(change)).draw()
            except DocumentError as error:
                self._session.refused.emit(error.message)
                return
        self._session.push(ScaleLayer(layer.layer_id, bounds, drawn))

    def _box_described(self) -> None:
        box = _selected_box(self._session.document)
        text = self.box_prompt.text().strip()
        if box is not None and text != box.prompt:
            self._session.push(RenameBox(box.box_id, prompt=text))

    def _box_named(self) -> None:
        box = _selected_box(self._session.document)
        name = self.box_name.text().strip()
        if box is not None and name != box.name:
            self._session.push(RenameBox(box.box_id, name=name))

    def _on_change(self, change: Change) -> None:
        if change.kinds & _RELEVANT:
            self.refresh()


def _selected_box(document: Document) -> LayoutBox | None:
    chosen = document.selected_box_ids
    return document.box(chosen[0]) if len(chosen) == 1 else None


def _selected_layer(document: Document) -> Layer | None:
    chosen = document.selected_ids
    if len(chosen) != 1:
        return None
    try:
        layer = document.layer(chosen[0])
    except DocumentError:  # it was removed by the change that is being announced
        return None
    return None if isinstance(layer, GroupLayer) and not layer.children else layer


def _values(rect: Rect | None) -> tuple[int, int, int, int]:
    return (0, 0, 1, 1) if rect is None else (rect.x0, rect.y0, rect.width, rect.height)
