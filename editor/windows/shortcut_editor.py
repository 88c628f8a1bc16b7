"""The list of keyboard shortcuts: searched, recorded anew, reset; conflicts are asked about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PySide6.QtCore import QModelIndex, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from editor.actions.shortcuts import (
    Changes,
    assigned,
    holders,
    is_reserved,
    keys_of,
    native,
)
from editor.actions.spec import plain
from editor.actions.table import ACTIONS, ActionSpec, Menu, find
from editor.canvas.accessibility import announce
from editor.panels.widgets import mark_primary, muted_label
from editor.theme import Theme
from editor.translations import tr
from editor.windows.key_recorder import KeyRecorder

ID_ROLE = Qt.ItemDataRole.UserRole + 1
LIST_SIZE_PX = (520, 420)


class ShortcutEditor(QDialog):
    """Works on a copy; only Save announces it.

    Signals:
        chosen(dict): Changes against the table, when saved.
    """

    chosen = Signal(object)

    def __init__(
        self, theme: Theme, changes: Mapping[str, tuple[str, ...]], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Keyboard Shortcuts"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._theme = theme
        self._changes: Changes = dict(changes)
        self._items: dict[str, QTreeWidgetItem] = {}
        self._adds = False
        self._wanted: tuple[str, ...] = ()
        self._make_list()
        self._make_foot()
        self._lay_out()
        self._show_all()
        self.accepted.connect(lambda: self.chosen.emit(dict(self._changes)))
        self.search.setFocus()

    @property
    def changes(self) -> Changes:
        """What would be saved now."""
        return dict(self._changes)

    @property
    def action_id(self) -> str:
        """The chosen action; empty when none is."""
        item = self.tree.currentItem()
        return "" if item is None else str(item.data(0, ID_ROLE) or "")

    def choose(self, action_id: str) -> None:
        """Make an action the chosen one."""
        self.tree.setCurrentItem(self._items[action_id])

    # Assembly

    def _make_list(self) -> None:
        self.search = QLineEdit(self)
        self.search.setPlaceholderText(tr("Search by name or key"))
        self.search.setAccessibleName(tr("Search by name or key"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._filter)
        self.tree = QTreeWidget(self)
        self.tree.setObjectName("shortcuts")
        self.tree.setAccessibleName(tr("Actions and their shortcuts"))
        self.tree.setColumnCount(2)
        self.tree.setHeaderLabels([tr("Action"), tr("Shortcut")])
        self.tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.tree.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.tree.header().setStretchLastSection(False)
        self.tree.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.tree.setMinimumSize(*LIST_SIZE_PX)
        self.tree.setIndentation(14)
        self.tree.setRootIsDecorated(False)
        for menu in Menu:
            self._add_menu(menu)
        self.tree.expandAll()
        self.tree.currentItemChanged.connect(self._on_choice)
        self.tree.activated.connect(self._begin)  # Enter or a double click

    def _add_menu(self, menu: Menu) -> None:
        head = QTreeWidgetItem([_plain(menu.value)])
        head.setFlags(Qt.ItemFlag.ItemIsEnabled)
        font = self.font()
        font.setBold(True)
        head.setFont(0, font)
        self.tree.addTopLevelItem(head)
        for spec in ACTIONS:
            if spec.menu is menu:
                item = QTreeWidgetItem([_title(spec)])
                item.setData(0, ID_ROLE, spec.action_id)
                head.addChild(item)
                self._items[spec.action_id] = item

    def _make_foot(self) -> None:
        """Below the list: buttons, or the field that waits for a key, or the question."""
        self.foot = QStackedWidget(self)
        self.record = _button(tr("Record…"), self)
        self.add = _button(tr("Add Another…"), self)
        self.remove = _button(tr("Remove"), self)
        self.reset = _button(tr("Reset"), self)
        self.record.clicked.connect(lambda: self._begin(adds=False))
        self.add.clicked.connect(lambda: self._begin(adds=True))
        self.remove.clicked.connect(lambda: self._apply(()))
        self.reset.clicked.connect(self._reset)
        self.foot.addWidget(_in_a_row(self.record, self.add, self.remove, self.reset))
        self.recorder = KeyRecorder(self)
        self.recorder.recorded.connect(self._recorded)
        self.recorder.given_up.connect(self._end)
        self.foot.addWidget(self.recorder)
        self.question = muted_label(self)
        self.question.setObjectName("")  # it must not be overlooked
        self.take_over = _button(tr("Take It Over"), self)
        self.leave = _button(tr("Leave It"), self)
        self.take_over.clicked.connect(lambda: self._apply(self._wanted))
        self.leave.clicked.connect(self._end)
        self.foot.addWidget(_in_a_row(self.question, self.take_over, self.leave))
        self.note = muted_label(self)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 20, 22, 18)
        layout.setSpacing(10)
        layout.addWidget(self.search)
        layout.addWidget(self.tree, 1)
        layout.addWidget(self.foot)
        layout.addWidget(self.note)
        buttons = QDialogButtonBox(self)
        self.reset_all = buttons.addButton(tr("Reset All"), QDialogButtonBox.ButtonRole.ResetRole)
        self.save = buttons.addButton(tr("Save"), QDialogButtonBox.ButtonRole.AcceptRole)
        mark_primary(self.save)
        buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        self.reset_all.setAutoDefault(False)
        self.reset_all.clicked.connect(self._reset_all)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout.addSpacing(4)
        layout.addWidget(buttons)

    # The list

    def _show_all(self) -> None:
        for action_id, item in self._items.items():
            spec = find(action_id)
            keys = keys_of(spec, self._changes)
            item.setText(1, ", ".join(native(key) for key in keys))
            changed = action_id in self._changes
            font = self.font()
            font.setBold(changed)
            item.setFont(1, font)
            state = tr("changed") if changed else ""
            item.setToolTip(1, state)
            spoken = (_title(spec), item.text(1) or tr("no shortcut"), state)
            text = ", ".join(part for part in spoken if part)
            item.setData(0, Qt.ItemDataRole.AccessibleTextRole, text)
        self._on_choice()

    def _filter(self, text: str) -> None:
        wanted = text.casefold().strip()
        for place in range(self.tree.topLevelItemCount()):
            head = self.tree.topLevelItem(place)
            if head is None:
                continue
            shown = 0
            for item in filter(None, map(head.child, range(head.childCount()))):
                fits = wanted in f"{item.text(0)} {item.text(1)}".casefold()
                item.setHidden(not fits)
                shown += fits
            head.setHidden(not shown)

    def _on_choice(self) -> None:
        chosen = bool(self.action_id)
        spec = find(self.action_id) if chosen else None
        keys = keys_of(spec, self._changes) if spec is not None else ()
        self.record.setEnabled(chosen)
        self.add.setEnabled(bool(keys))
        self.remove.setEnabled(bool(keys))
        self.reset.setEnabled(self.action_id in self._changes)
        self.reset_all.setEnabled(bool(self._changes))

    # Changing

    def _begin(self, _index: QModelIndex | None = None, *, adds: bool = False) -> None:
        if self.action_id:
            self._adds = adds
            self._say("")
            self._show_foot(1)
            self.recorder.setFocus()

    def _show_foot(self, page: int) -> None:
        with QSignalBlocker(self.recorder):  # it loses the focus and is not given up
            self.foot.setCurrentIndex(page)

    def _end(self) -> None:
        self._show_foot(0)
        self.tree.setFocus()

    def _recorded(self, key: str) -> None:
        if is_reserved(key):
            self._say(tr("{key} moves around in the program; hold Ctrl or Alt.", key=native(key)))
            return
        present = keys_of(find(self.action_id), self._changes) if self._adds else ()
        self._ask((*present, key), key)

    def _reset(self) -> None:
        keys = find(self.action_id).shortcuts
        self._ask(keys, ", ".join(keys))

    def _ask(self, keys: tuple[str, ...], key: str) -> None:
        """Assign the keys, after a question when they belong to other actions."""
        others = holders(keys, self._changes, self.action_id)
        if not others:
            self._apply(keys)
            return
        self._wanted = keys
        names = ", ".join(f"{_title(spec)} ({_plain(spec.menu.value)})" for spec in others)
        text = tr("{key} belongs to {names}.", key=native(key), names=names)
        self.question.setText(text)
        self._show_foot(2)
        self.leave.setFocus()
        announce(self.question, text)

    def _apply(self, keys: Iterable[str]) -> None:
        self._changes = assigned(self._changes, self.action_id, keys)
        self._show_all()
        self._say("")
        self._end()

    def _reset_all(self) -> None:
        self._changes = {}
        self._show_all()
        self._end()

    def _say(self, text: str) -> None:
        self.note.setText(text)
        announce(self.note, text)


def _title(spec: ActionSpec) -> str:
    title = _plain(spec.title)
    return f"{_plain(spec.submenu)} › {title}" if spec.submenu else title


def _plain(text: str) -> str:
    return plain(tr(text))


def _button(text: str, parent: QWidget) -> QPushButton:
    button = QPushButton(text, parent)
    button.setAutoDefault(False)
    return button


def _in_a_row(*widgets: QWidget) -> QWidget:
    page = QWidget()
    layout = QHBoxLayout(page)
    layout.setContentsMargins(0, 0, 0, 0)
    stretch = QLabel(page)
    for widget in widgets:
        layout.addWidget(widget, 1 if isinstance(widget, QLabel) else 0)
    if not any(isinstance(widget, QLabel) for widget in widgets):
        layout.addWidget(stretch, 1)
    return page
