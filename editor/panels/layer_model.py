"""Qt item model over the layer tree, topmost layer first; it holds no state of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from itertools import count
from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QTimer,
)

from editor.commands.layer_commands import ReorderLayers
from editor.commands.mask_commands import SetMaskEnabled
from editor.commands.property_commands import RenameLayer, SetLocked, SetVisible
from editor.document.color_tags import TAG_NAMES, ColorTag
from editor.document.events import Change, ChangeKind
from editor.document.layers import GroupLayer, Layer, RasterLayer
from editor.edit_session import EditSession
from editor.panels.kept_badge import kept_explained, kept_names
from editor.translations import tr

MIME_TYPE = "application/x-layerloom-layers"
Index = QModelIndex | QPersistentModelIndex

_STRUCTURE = ChangeKind.LAYERS_ADDED | ChangeKind.LAYERS_REMOVED | ChangeKind.LAYER_ORDER
_NAME_ROLES = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole)
_CONTENT = ChangeKind.LAYER_LOOK | ChangeKind.LAYER_INFO | ChangeKind.LAYER_PIXELS


class Painted(Enum):
    """Which part of the active layer painting goes to."""

    PIXELS = "pixels"
    MASK = "mask"


class LayerRole(IntEnum):
    """Roles beyond Qt's own."""

    LAYER = Qt.ItemDataRole.UserRole + 1
    LAYER_ID = Qt.ItemDataRole.UserRole + 2
    PAINTED = Qt.ItemDataRole.UserRole + 3  # what painting changes: Painted; None = another layer


@dataclass(eq=False)
class _Node:
    """One row; `key` is what a QModelIndex carries, so that a stale index finds nothing."""

    key: int
    layer_id: str
    row: int
    parent: _Node | None
    children: list[_Node] = field(default_factory=list)


class LayerModel(QAbstractItemModel):
    """Rows are layers; a row's children are the layers of a group.

    Structural changes reset the model; all others announce the touched rows only.
    """

    def __init__(self, session: EditSession, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._keys = count(1)
        self._root = _Node(0, "", 0, None)
        self._nodes: dict[str, _Node] = {}
        self._by_key: dict[int, _Node] = {}
        session.changed.connect(self._on_change)
        session.replaced.connect(self.rebuild)
        self.rebuild()

    def rebuild(self) -> None:
        """Read the whole tree again."""
        self.beginResetModel()
        self._root = _Node(0, "", 0, None)
        self._nodes = {}
        self._by_key = {}
        self._fill(self._root, self._session.document.layers)
        self.endResetModel()

    def index_of(self, layer_id: str) -> QModelIndex:
        """Index of a layer; invalid when there is none."""
        node = self._nodes.get(layer_id)
        return QModelIndex() if node is None else self.createIndex(node.row, 0, node.key)

    def layer_of(self, index: Index) -> Layer | None:
        """Layer of an index; None for the root or a row that is gone."""
        node = self._node(index)
        document = self._session.document
        if node is self._root or not document.has_layer(node.layer_id):
            return None
        return document.layer(node.layer_id)

    def groups(self) -> Iterator[tuple[QModelIndex, bool]]:
        """Every group with whether it is open."""
        for layer_id in self._nodes:
            layer = self._session.document.layer(layer_id)
            if isinstance(layer, GroupLayer):
                yield self.index_of(layer_id), layer.expanded

    # Structure

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008
        children = self._node(parent).children
        if column != 0 or not 0 <= row < len(children):
            return QModelIndex()
        return self.createIndex(row, column, children[row].key)

    def parent(self, index: Index) -> QModelIndex:  # type: ignore[override]
        above = self._node(index).parent
        if above is None or above is self._root:
            return QModelIndex()
        return self.createIndex(above.row, 0, above.key)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return len(self._node(parent).children)

    def columnCount(self, _parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 1

    # Content

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        layer = self.layer_of(index)
        if layer is None:
            return None
        if role in _NAME_ROLES:
            return layer.name
        answers: dict[int, Callable[[Layer], Any]] = {
            Qt.ItemDataRole.ToolTipRole: _tool_tip,
            Qt.ItemDataRole.AccessibleTextRole: self._spoken,
            LayerRole.LAYER: lambda found: found,
            LayerRole.LAYER_ID: lambda found: found.layer_id,
            LayerRole.PAINTED: self._painted,
        }
        return answers[role](layer) if role in answers else None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        layer = self.layer_of(index)
        name = str(value).strip()
        if layer is None or role != Qt.ItemDataRole.EditRole or not name or name == layer.name:
            return False
        return self._session.push(RenameLayer(layer.layer_id, name))

    def flags(self, index: Index) -> Qt.ItemFlag:
        layer = self.layer_of(index)
        if layer is None:
            return Qt.ItemFlag.ItemIsDropEnabled
        flags = (
            Qt.ItemFlag.ItemIsEnabled
            | Qt.ItemFlag.ItemIsSelectable
            | Qt.ItemFlag.ItemIsEditable
            | Qt.ItemFlag.ItemIsDragEnabled
        )
        return flags | Qt.ItemFlag.ItemIsDropEnabled if isinstance(layer, GroupLayer) else flags

    def toggle_visible(self, index: Index) -> None:
        """Show or hide the layer of a row."""
        layer = self.layer_of(index)
        if layer is not None:
            self._session.push(SetVisible((layer.layer_id,), not layer.visible))

    def toggle_locked(self, index: Index) -> None:
        """Lock or unlock the layer of a row."""
        layer = self.layer_of(index)
        if layer is not None:
            self._session.push(SetLocked((layer.layer_id,), not layer.locked))

    def edit_mask(self, index: Index) -> None:
        """Select the layer of a row and paint on its mask."""
        layer = self.layer_of(index)
        if layer is not None:
            if self._session.document.active_id != layer.layer_id:
                self._session.document.select([layer.layer_id])
            self._session.document.edit_mask(True)

    def edit_pixels(self, index: Index) -> None:
        """Paint on the pixels again if this is the active layer's row."""
        layer = self.layer_of(index)
        if layer is not None and self._session.document.active_id == layer.layer_id:
            self._session.document.edit_mask(False)

    def toggle_mask(self, index: Index) -> None:
        """Switch the mask of a row off or on."""
        layer = self.layer_of(index)
        if layer is not None and layer.mask is not None:
            self._session.push(SetMaskEnabled((layer.layer_id,), not layer.mask.enabled))

    # Drag and drop

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        return [MIME_TYPE]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        data = QMimeData()
        data.setData(MIME_TYPE, "\n".join(self._node(i).layer_id for i in indexes).encode())
        return data

    def canDropMimeData(
        self, data: QMimeData, _action: Qt.DropAction, _row: int, _column: int, parent: Index
    ) -> bool:
        layer = self.layer_of(parent)
        inside_itself = any(
            above.layer_id in _dragged_ids(data) for above in self._path(self._node(parent))
        )
        return data.hasFormat(MIME_TYPE) and not inside_itself and _can_hold(layer)

    def dropMimeData(
        self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index
    ) -> bool:
        """Queues the command: the view must finish its drag before the rows change under it.

        Returns False, because True would make the view remove the dragged rows itself.
        """
        if not self.canDropMimeData(data, action, row, column, parent):
            return False
        node = self._node(parent)
        # Rows count from the top, the document's index from the bottom; on a group = at its top.
        index = None if row < 0 else len(node.children) - row
        command = ReorderLayers(_dragged_ids(data), node.layer_id or None, index)
        QTimer.singleShot(0, self, lambda: self._session.push(command))
        return False

    # Internals

    def _fill(self, parent: _Node, layers: Sequence[Layer]) -> None:
        for row, layer in enumerate(reversed(layers)):
            node = _Node(next(self._keys), layer.layer_id, row, parent)
            parent.children.append(node)
            self._nodes[layer.layer_id] = node
            self._by_key[node.key] = node
            if isinstance(layer, GroupLayer):
                self._fill(node, layer.children)

    def _node(self, index: Index) -> _Node:
        if not index.isValid():
            return self._root
        return self._by_key.get(int(index.internalId()), self._root)

    def _path(self, node: _Node) -> Iterator[_Node]:
        current: _Node | None = node
        while current is not None and current is not self._root:
            yield current
            current = current.parent

    def _on_change(self, change: Change) -> None:
        if change.kinds & _STRUCTURE:
            self.rebuild()
        elif change.kinds & (_CONTENT | ChangeKind.SELECTION):
            for layer_id in change.layer_ids:
                index = self.index_of(layer_id)
                if index.isValid():
                    self.dataChanged.emit(index, index)

    def _painted(self, layer: Layer) -> Painted | None:
        document = self._session.document
        if document.active_id != layer.layer_id:
            return None
        return Painted.MASK if document.editing_mask else Painted.PIXELS

    def _spoken(self, layer: Layer) -> str:
        parts = [layer.name, tr("group") if isinstance(layer, GroupLayer) else ""]
        parts.append("" if layer.visible else tr("hidden"))
        parts.append(tr("locked") if layer.locked else "")
        parts.append(tr("clipped") if layer.clipped else "")
        if layer.color_tag is not ColorTag.NONE:
            parts.append(tr("color tag {color}", color=tr(TAG_NAMES[layer.color_tag])))
        stale = isinstance(layer, RasterLayer) and layer.is_out_of_date
        parts.append(tr("out of date") if stale else "")
        if layer.mask is not None:
            parts.append(tr("masked") if layer.mask.enabled else tr("mask disabled"))
        parts.append(kept_names(layer))
        return ", ".join(part for part in parts if part)


def _tool_tip(layer: Layer) -> str:
    return "\n".join(filter(None, (layer.name, kept_explained(layer))))


def _dragged_ids(data: QMimeData) -> tuple[str, ...]:
    return tuple(bytes(data.data(MIME_TYPE).data()).decode().split("\n"))


def _can_hold(layer: Layer | None) -> bool:
    return layer is None or isinstance(layer, GroupLayer)
