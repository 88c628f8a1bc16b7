"""The layers panel: the stack with its blend mode and opacity, and the buttons under it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QMenu,
    QStackedLayout,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from editor.actions.action_set import ActionSet
from editor.actions.tag_actions import COLOR_TAG_MENU, TAG_ACTIONS
from editor.commands.paint_commands import SetSelection
from editor.commands.property_commands import SetExpanded
from editor.document.events import Change, ChangeKind
from editor.document.layers import GroupLayer
from editor.document.selections import alpha_selection, combined, selection_mode
from editor.edit_session import EditSession
from editor.panels.layer_delegate import Index, LayerDelegate, RowParts
from editor.panels.layer_look import LayerLook
from editor.panels.layer_model import LayerModel, LayerRole
from editor.panels.thumbnails import Thumbnails
from editor.panels.widgets import GAP_PX, MARGIN_PX, action_button, panel_title, rule
from editor.theme import Theme
from editor.translations import mark, tr

_BUTTONS = ("layer.add", "layer.duplicate", "layer.group", "layer.merge_down", "edit.delete")
_MARKS = ("layer.toggle_visible", "layer.toggle_locked")  # colour tags follow in the menu
_CONTEXT_MENU = (
    ("generate.regenerate",),
    ("layer.rename", "layer.duplicate", "layer.group", "layer.ungroup", "layer.merge_down"),
    ("layer.mask_reveal_all", "layer.mask_toggle_enabled", "layer.mask_delete"),
    ("layer.toggle_clipped",),
    ("layer.raise", "layer.lower"),
    _MARKS,
    ("edit.delete",),
)


class LayersPanel(QWidget):
    """Shows and edits the layer stack; topmost layer first."""

    def __init__(
        self, session: EditSession, theme: Theme, actions: ActionSet, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self._session = session
        self.thumbnails = Thumbnails(self)
        self.look = LayerLook(session, self)
        self.tree = LayerTree(session, theme, self.thumbnails, actions, self)
        self._empty = self._make_empty_hint()
        self._lay_out(actions)
        session.changed.connect(self._on_change)
        session.replaced.connect(self._show_right_page)
        theme.changed.connect(self.tree.viewport().update)
        self._show_right_page()

    def _lay_out(self, actions: ActionSet) -> None:
        head = QVBoxLayout()
        head.setContentsMargins(MARGIN_PX, 12, MARGIN_PX, 6)
        head.setSpacing(10)
        head.addWidget(panel_title(tr("Layers"), self))
        head.addWidget(self.look)
        body = QWidget(self)
        self._pages = QStackedLayout(body)
        self._pages.addWidget(self.tree)
        self._pages.addWidget(self._empty)
        foot = QHBoxLayout()
        foot.setContentsMargins(GAP_PX, 5, GAP_PX, 5)
        foot.setSpacing(2)
        for action_id in _BUTTONS[:-1]:
            foot.addWidget(action_button(actions[action_id], self))
        foot.addStretch(1)
        foot.addWidget(action_button(actions[_BUTTONS[-1]], self))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(rule(self))
        layout.addWidget(body, 1)
        layout.addWidget(rule(self))
        layout.addLayout(foot)

    def _make_empty_hint(self) -> QLabel:
        label = QLabel(tr("No layers yet.\nGenerate a picture or add an empty layer."), self)
        label.setObjectName("muted")
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        label.setWordWrap(True)
        label.setMargin(MARGIN_PX)
        return label

    def _on_change(self, change: Change) -> None:
        if change.kinds & (ChangeKind.LAYERS_ADDED | ChangeKind.LAYERS_REMOVED):
            self._show_right_page()

    def _show_right_page(self) -> None:
        has_layers = bool(self._session.document.layers)
        self._pages.setCurrentWidget(self.tree if has_layers else self._empty)


class LayerTree(QTreeView):
    """The rows; its selection and the document's follow each other.

    Signals:
        zoom_to_layer(str): A thumbnail was double-clicked.
    """

    zoom_to_layer = Signal(str)

    def __init__(
        self,
        session: EditSession,
        theme: Theme,
        thumbnails: Thumbnails,
        actions: ActionSet,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("layers")
        self.setAccessibleName(tr("Layers"))
        self._session = session
        self._actions = actions
        self._syncing = False
        self._layers = LayerModel(session, self)
        self._set_behaviour()
        self.setModel(self._layers)
        self.setItemDelegate(
            LayerDelegate(
                theme,
                thumbnails,
                on_eye=self._layers.toggle_visible,
                on_lock=self._layers.toggle_locked,
                on_arrow=self._toggle_expanded,
                on_mask=self._layers.edit_mask,
                on_mask_switch=self._layers.toggle_mask,
                on_picture=self._layers.edit_pixels,
                parent=self,
            )
        )
        thumbnails.ready.connect(self.viewport().update)
        self._layers.modelReset.connect(self._follow_document)
        self.selectionModel().selectionChanged.connect(self._selection_changed)
        session.changed.connect(self._on_change)
        self._follow_document()

    def _set_behaviour(self) -> None:
        self.setHeaderHidden(True)
        self.setRootIsDecorated(False)
        self.setIndentation(18)
        self.setUniformRowHeights(True)
        self.setItemsExpandable(False)  # the arrow in the row does it, through a command
        self.setExpandsOnDoubleClick(False)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setDropIndicatorShown(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    @property
    def writing(self) -> bool:
        """Whether a name is being written."""
        return self.state() is QAbstractItemView.State.EditingState

    def rename_active(self) -> None:
        """Open the name of the active layer for editing."""
        active = self._session.document.active_id
        index = self._layers.index_of(active) if active else QModelIndex()
        if index.isValid():
            self.scrollTo(index)
            self.edit(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.writing:  # the line edit's own keys
            super().keyPressEvent(event)
        elif event.key() == Qt.Key.Key_Space and self.currentIndex().isValid():
            self._layers.toggle_visible(self.currentIndex())
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self.rename_active()
        elif event.modifiers() or not self._walk(event.key()):
            super().keyPressEvent(event)

    def _walk(self, key: int) -> bool:
        """Right opens a group or goes into it, Left closes it or goes out; as in every tree.

        Returns False when the key is another one or there is nowhere to go.
        """
        index = self.currentIndex()
        layer = self._layers.layer_of(index) if index.isValid() else None
        is_open = isinstance(layer, GroupLayer) and layer.expanded
        if key == Qt.Key.Key_Right and isinstance(layer, GroupLayer) and not is_open:
            self._toggle_expanded(index)
            return True
        if key == Qt.Key.Key_Left and is_open:
            self._toggle_expanded(index)
            return True
        target = QModelIndex()
        if key == Qt.Key.Key_Right and is_open:
            target = self._layers.index(0, 0, index)
        elif key == Qt.Key.Key_Left and layer is not None:
            target = self._layers.parent(index)
        if target.isValid():
            self.setCurrentIndex(target)
        return target.isValid()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._press_picture(event):
            return
        super().mousePressEvent(event)
        if not self.indexAt(event.position().toPoint()).isValid():
            self._session.document.select(())

    def _press_picture(self, event: QMouseEvent) -> bool:
        """With Control held a press on a thumbnail selects what can be seen of that layer."""
        position, held = event.position().toPoint(), event.modifiers()
        index = self.indexAt(position)
        if not (index.isValid() and held & Qt.KeyboardModifier.ControlModifier):
            return False
        if not RowParts.of(self.visualRect(index)).thumbnail.contains(position):
            return False
        document = self._session.document
        layer = self._layers.layer_of(index)
        shift, alt = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier
        mode = selection_mode(shift=bool(held & shift), alt=bool(held & alt))
        found = alpha_selection((layer,) if layer else (), document.canvas)
        joined = combined(document.selection, found, mode)
        self._session.push(SetSelection(joined, mark("Select Visible Part")))
        return True

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.make_context_menu().popup(event.globalPos() + QPoint(2, 2))

    def make_context_menu(self) -> QMenu:
        """What can be done with the selected layers."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for section in _CONTEXT_MENU:
            if not menu.isEmpty():
                menu.addSeparator()
            for action_id in section:
                menu.addAction(self._actions[action_id])
            if section == _MARKS:
                menu.addMenu(self._color_tags(menu))
        return menu

    def _color_tags(self, parent: QMenu) -> QMenu:
        menu = QMenu(tr(COLOR_TAG_MENU), parent)
        for spec in TAG_ACTIONS:
            menu.addAction(self._actions[spec.action_id])
        return menu

    def _toggle_expanded(self, index: Index) -> None:
        layer = self._layers.layer_of(index)
        if isinstance(layer, GroupLayer):
            self._session.push(SetExpanded(layer.layer_id, not layer.expanded))

    def _selection_changed(self, _on: QItemSelection, _off: QItemSelection) -> None:
        if self._syncing:
            return
        chosen = [
            index.data(LayerRole.LAYER_ID) for index in self.selectionModel().selectedIndexes()
        ]
        current = self.currentIndex().data(LayerRole.LAYER_ID)
        if current in chosen:  # the last one is the active layer
            chosen.remove(current)
            chosen.append(current)
        with self._quietly():
            self._session.document.select(chosen)

    def _on_change(self, change: Change) -> None:
        if change.kinds & ChangeKind.LAYER_INFO:
            self._expand_groups()
        if change.kinds & ChangeKind.SELECTION and not self._syncing:
            self._follow_document()

    def _follow_document(self) -> None:
        with self._quietly():
            self._expand_groups()
            model = self.selectionModel()
            selection = QItemSelection()
            index = QModelIndex()
            for layer_id in self._session.document.selected_ids:
                index = self._layers.index_of(layer_id)
                selection.select(index, index)
            flags = QItemSelectionModel.SelectionFlag
            model.select(selection, flags.ClearAndSelect)
            model.setCurrentIndex(index, flags.NoUpdate)
            if index.isValid():
                self.scrollTo(index)

    def _expand_groups(self) -> None:
        for index, expanded in self._layers.groups():
            self.setExpanded(index, expanded)

    @contextmanager
    def _quietly(self) -> Iterator[None]:
        before, self._syncing = self._syncing, True
        try:
            yield
        finally:
            self._syncing = before
