"""The command palette: everything the program can do, found by a few letters and the keyboard."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QAction, QColor, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QGraphicsDropShadowEffect,
    QLabel,
    QLineEdit,
    QListView,
    QMainWindow,
    QMenu,
    QMenuBar,
    QVBoxLayout,
    QWidget,
)

from editor.actions.action_set import ActionSet
from editor.actions.command_search import PLACE_SEPARATOR, Command, Found, distinct, search
from editor.actions.spec import plain
from editor.canvas.accessibility import announce
from editor.settings import Settings
from editor.theme import Theme
from editor.translations import tr
from editor.windows.palette_delegate import FOUND_ROLE, ROW_HEIGHT_PX, PaletteDelegate

WIDTH_PX = 560
TOP_GAP_PX = 44
MAX_ROWS = 10
PAGE = MAX_ROWS - 1
MARGIN_PX = 8

_MOVES = {
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_PageDown: PAGE,
    Qt.Key.Key_PageUp: -PAGE,
}
Index = QModelIndex | QPersistentModelIndex


class CommandPalette(QFrame):
    """Opens over the window; Enter runs the chosen command, Escape or leaving it closes.

    Signals:
        ran(str): A command was run, by its id.
    """

    ran = Signal(str)

    def __init__(
        self, window: QMainWindow, theme: Theme, actions: ActionSet, settings: Settings
    ) -> None:
        super().__init__(window)
        self.setObjectName("palette")
        self._window = window
        self._actions = actions
        self._settings = settings
        self._focus_before: QWidget | None = None
        self._commands: list[Command] = []
        self._model = _Rows(self)
        self.query = QLineEdit(self)
        self.query.setPlaceholderText(tr("What do you want to do?"))
        self.query.setAccessibleName(tr("Search for a command"))
        self.query.installEventFilter(self)
        self.query.textChanged.connect(self._search)
        self.list = self._make_list(theme)
        self._nothing = QLabel(tr("No command of that name"), self)
        self._nothing.setObjectName("muted")
        self._nothing.setMargin(10)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN_PX, MARGIN_PX, MARGIN_PX, MARGIN_PX)
        layout.setSpacing(6)
        for widget in (self.query, self.list, self._nothing):
            layout.addWidget(widget)
        self._add_shadow()
        window.installEventFilter(self)
        self.hide()

    def toggle(self) -> None:
        """Open, or close when it is open."""
        if self.isVisible():
            self.close_palette()
            return
        self._focus_before = QApplication.focusWidget()
        self._commands = distinct(
            [_command(action, place, self._actions) for action, place in self._listed()]
        )
        self.query.clear()
        self._search("")
        self._place()
        self.show()
        self.raise_()
        self.query.setFocus(Qt.FocusReason.ShortcutFocusReason)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._follow_focus)

    def close_palette(self) -> None:
        """Close and give the focus back."""
        if self.isHidden():
            return
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.disconnect(self._follow_focus)
        had_focus = self.isAncestorOf(QApplication.focusWidget() or self._window)
        self.hide()
        if had_focus and self._focus_before is not None:
            self._focus_before.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def titles(self) -> list[str]:
        """The titles listed now, from top to bottom."""
        return [found.command.title for found in self._model.found]

    def _make_list(self, theme: Theme) -> QListView:
        view = QListView(self)
        view.setModel(self._model)
        view.setItemDelegate(PaletteDelegate(theme, view))
        view.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # typing goes on while one chooses
        view.setAccessibleName(tr("Commands"))
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.setUniformItemSizes(True)
        view.setMouseTracking(True)
        view.clicked.connect(self._run)
        return view

    def _add_shadow(self) -> None:
        shadow = QGraphicsDropShadowEffect(self)
        shadow.setBlurRadius(36)
        shadow.setOffset(0, 8)
        shadow.setColor(QColor(0, 0, 0, 110))
        self.setGraphicsEffect(shadow)

    # What is listed

    def _listed(self) -> Iterator[tuple[QAction, str]]:
        """All actions of the menus but the palette's own."""
        bar = self._window.menuBar()
        for action, place in _leaves(bar, ""):
            if action.objectName() != "view.palette":
                yield action, place

    def _search(self, query: str) -> None:
        self._model.show(search(query, self._commands, self._settings.recent_commands))
        count = len(self._model.found)
        self.list.setVisible(count > 0)
        self._nothing.setVisible(count == 0)
        self.list.setFixedHeight(min(count, MAX_ROWS) * ROW_HEIGHT_PX + 2)
        self._choose(0)
        self.adjustSize()

    def _choose(self, row: int) -> None:
        count = self._model.rowCount()
        if not count:
            return
        index = self._model.index(max(0, min(row, count - 1)), 0)
        self.list.setCurrentIndex(index)
        self.list.scrollTo(index)
        if self.isVisible():
            announce(self.query, str(index.data(Qt.ItemDataRole.AccessibleTextRole)))

    def _run(self, index: QModelIndex) -> None:
        """Run a command; one that cannot be used stays and shows why."""
        found = index.data(FOUND_ROLE)
        if not isinstance(found, Found) or not found.command.enabled:
            return
        command = found.command
        action = next(a for a, _ in self._listed() if _identity(a) == command.action_id)
        self.close_palette()
        self._settings.add_recent_command(command.action_id)
        action.trigger()
        self.ran.emit(command.action_id)

    # Keys, focus and place

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.query and isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.KeyPress and self._key_pressed(event):
                return True
        elif watched is self._window and event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def _key_pressed(self, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        row, count = self.list.currentIndex().row(), self._model.rowCount()
        if key in _MOVES:
            step = _MOVES[key]
            wraps = abs(step) == 1 and count > 0
            self._choose((row + step) % count if wraps else row + step)
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._run(self.list.currentIndex())
        elif key == Qt.Key.Key_Escape:
            self.close_palette()
        elif key in {Qt.Key.Key_Tab, Qt.Key.Key_Backtab}:
            pass  # there is nothing else to go to
        else:
            return False
        return True

    def _follow_focus(self, _old: QWidget | None, new: QWidget | None) -> None:
        if new is not None and not self.isAncestorOf(new):
            self.close_palette()

    def _place(self) -> None:
        self.setFixedWidth(min(WIDTH_PX, self._window.width() - 32))
        self.adjustSize()
        self.move((self._window.width() - self.width()) // 2, TOP_GAP_PX)


class _Rows(QAbstractListModel):
    """The found commands as a list model."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.found: list[Found] = []

    def show(self, found: list[Found]) -> None:
        self.beginResetModel()
        self.found = found
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.found)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        found = self.found[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return found.command.title
            case Qt.ItemDataRole.AccessibleTextRole:
                return _spoken(found.command)
            case _ if role == FOUND_ROLE:
                return found
        return None


def _leaves(menu: QMenuBar | QMenu, place: str) -> Iterator[tuple[QAction, str]]:
    """Actions of a menu and the menus in it, with the path of menus."""
    for action in menu.actions():
        inner = action.menu()
        title = plain(action.text())
        if isinstance(inner, QMenu):
            yield from _leaves(inner, f"{place}{PLACE_SEPARATOR}{title}" if place else title)
        elif not action.isSeparator() and title:
            yield action, place


def _command(action: QAction, place: str, actions: ActionSet) -> Command:
    keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    return Command(
        action_id=_identity(action),
        title=plain(action.text()),
        place=place,
        keys=keys,
        enabled=action.isEnabled(),
        reason=actions.reason(action.objectName()),
        also=actions.english_title(action.objectName()),
    )


def _identity(action: QAction) -> str:
    return action.objectName() or plain(action.text())


def _spoken(command: Command) -> str:
    parts = (command.title, command.keys, "" if command.enabled else command.reason)
    return ", ".join(part for part in parts if part)
