"""Small parts that all panels are built from: titles, sections, rules, tool buttons."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QMargins, QObject, QSize, Qt
from PySide6.QtGui import QAction, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from editor.theme import Theme
from editor.translations import decimal, tr

MARGIN_PX = 14
GAP_PX = 8
SCROLL_BAR_PX = 10  # as in the style sheet
LEAST_LABEL_PX = 40
LEAST_FIELDS_PX = 150  # a prompt and what is around it
CHIP_PADDING_PX = 12  # as in the style sheet, with the border
ICON_SIZE = QSize(18, 18)
MEGABYTE = 2**20
_STEPPING_KEYS = (
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_Left,
    Qt.Key.Key_Right,
    Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown,
)


def panel_title(text: str, parent: QWidget) -> QLabel:
    """Heading of a panel."""
    label = QLabel(text, parent)
    label.setObjectName("panelTitle")
    return label


def field_label(text: str, buddy: QWidget) -> QLabel:
    """Small label that belongs to a field; names the field for screen readers too."""
    label = QLabel(text, buddy.parentWidget())
    label.setObjectName("fieldLabel")
    label.setBuddy(buddy)
    if not buddy.accessibleName():
        buddy.setAccessibleName(text)
    return label


def muted_label(parent: QWidget) -> QLabel:
    """A line of secondary text that wraps."""
    label = QLabel(parent)
    label.setObjectName("muted")
    label.setWordWrap(True)
    return label


def show_beginning(field: QLineEdit, text: str) -> None:
    """Put a text into a field that nobody writes in; a long one is seen from its first word."""
    if field.text() != text:
        field.setText(text)
    field.setCursorPosition(0)


def number_field(name: str, low: int, high: int, parent: QWidget) -> QSpinBox:
    """A number without arrows, as designers expect it; changed by typing, keys and the wheel.

    The wheel counts only while the field has focus.
    """
    field = QSpinBox(parent)
    field.setRange(low, high)
    field.setAccessibleName(name)
    field.setToolTip(name)
    field.lineEdit().setTextMargins(7, 0, 7, 0)  # a style sheet does not reach the inner field
    wheel_needs_focus(field)
    return field


def wheel_needs_focus(field: QWidget) -> None:
    """Scrolling a panel must not change the value that happens to lie under the pointer."""
    field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # a wheel alone gives no focus either
    field.installEventFilter(_WheelGuard(field))
    if isinstance(field, QComboBox):
        arrows_open_list(field)


def arrows_open_list(box: QComboBox) -> None:
    """An arrow key that was meant for the canvas must not change a value: it opens the list."""
    box.installEventFilter(_ArrowGuard(box))


class _WheelGuard(QObject):
    """Passes the wheel on to what is around a field that has no focus."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.Wheel
            and isinstance(watched, QWidget)
            and not watched.hasFocus()
        ):
            event.ignore()
            return True
        return super().eventFilter(watched, event)


class _ArrowGuard(QObject):
    """Shows the list of a closed combo box instead of stepping through it unseen."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            isinstance(watched, QComboBox)
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() in _STEPPING_KEYS
        ):
            watched.showPopup()
            return True
        return super().eventFilter(watched, event)


def mark_primary(button: QAbstractButton) -> None:
    """Paint the button as the one that does what its dialog is for.

    Qt's default button will not do: it is whichever button has the focus, Cancel as well.
    """
    button.setProperty("primary", True)
    button.style().unpolish(button)  # a button box has polished it already
    button.style().polish(button)


def confirm_buttons(dialog: QDialog, text: str) -> QDialogButtonBox:
    """The button that accepts a dialog, with this text, and Cancel."""
    buttons = QDialogButtonBox(dialog)
    mark_primary(buttons.addButton(text, QDialogButtonBox.ButtonRole.AcceptRole))
    buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
    buttons.accepted.connect(dialog.accept)
    buttons.rejected.connect(dialog.reject)
    return buttons


def rule(parent: QWidget) -> QFrame:
    """A hairline between sections."""
    line = QFrame(parent)
    line.setObjectName("rule")
    line.setFixedHeight(1)
    return line


def action_button(action: QAction, parent: QWidget) -> QToolButton:
    """A button that shows the icon of an action and follows it."""
    button = QToolButton(parent)
    button.setDefaultAction(action)
    button.setIconSize(ICON_SIZE)
    button.setAccessibleName(action.text().replace("&", ""))
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button


def icon_button(
    theme: Theme, icon: str, text: str, parent: QWidget, color: str = "text"
) -> QToolButton:
    """A button with an icon in a token's colour; `text` is tool tip and accessible name."""
    button = QToolButton(parent)
    theme.set_icon(button, icon, color)
    button.setIconSize(ICON_SIZE)
    button.setToolTip(text)
    button.setAccessibleName(text)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button


def row(*widgets: QWidget, spacing: int = GAP_PX) -> QHBoxLayout:
    """Widgets beside each other."""
    layout = QHBoxLayout()
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(spacing)
    for widget in widgets:
        layout.addWidget(widget)
    return layout


def readable_bytes(count: int) -> str:
    """A size as people say it: "820 KB", "12.3 MB"."""
    if count < MEGABYTE:
        return tr("{size} KB", size=-(-count // 1024))
    return tr("{size} MB", size=decimal(count / MEGABYTE, 1))


class ElidedLabel(QLabel):
    """One line of plain text that ends in dots where it has too little room; the tip has all."""

    def __init__(self, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)

    def minimumSizeHint(self) -> QSize:
        return QSize(LEAST_LABEL_PX, super().minimumSizeHint().height())

    def setText(self, text: str) -> None:
        super().setText(text)
        self.setToolTip(text)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        room = self.contentsRect()
        mode = Qt.TextElideMode.ElideRight
        shown = self.fontMetrics().elidedText(self.text(), mode, room.width())
        painter = QPainter(self)
        self.style().drawItemText(
            painter, room, self.alignment(), self.palette(), True, shown, self.foregroundRole()
        )
        painter.end()


class WrappingButton(QPushButton):
    """A button whose text goes on in another line where it is wider than the button."""

    def __init__(self, text: str, parent: QWidget) -> None:
        super().__init__(text, parent)
        self._words = text.split()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def resizeEvent(self, event: QResizeEvent) -> None:
        room = self.width() - 2 * CHIP_PADDING_PX
        lines: list[str] = []
        for word in self._words:
            longer = f"{lines[-1]} {word}" if lines else word
            if lines and self.fontMetrics().horizontalAdvance(longer) > room:
                lines.append(word)
            else:
                lines[-1:] = [longer]
        self.setText("\n".join(lines))
        super().resizeEvent(event)


def gap(width_px: int, parent: QWidget) -> QWidget:
    """Free width in a tool bar, whose style knows only one margin for all four sides."""
    widget = QWidget(parent)
    widget.setFixedWidth(width_px)
    return widget


def spacer(parent: QWidget) -> QWidget:
    """Takes the free width of a tool bar."""
    widget = QWidget(parent)
    widget.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    return widget


def bar_in_margin(area: QScrollArea, *parts: QWidget) -> None:
    """Let the vertical scroll bar of an area take its room from the right margin of what it shows.

    What is on the page keeps its width, and its right edge that of the panels above and below.
    """
    margins: dict[QWidget, QMargins] = {}

    def follow(_low: int, high: int) -> None:
        room = SCROLL_BAR_PX if high > 0 else 0
        for part in parts:
            layout = part.layout()
            if layout is not None:
                usual = margins.setdefault(part, layout.contentsMargins())
                right = max(0, usual.right() - room)
                layout.setContentsMargins(usual.left(), usual.top(), right, usual.bottom())

    area.verticalScrollBar().rangeChanged.connect(follow)


def stacked(*widgets: QWidget) -> QScrollArea:
    """Widgets above each other in a panel that scrolls when it is too low."""
    page = QWidget()
    layout = QVBoxLayout(page)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    for place, widget in enumerate(widgets):
        if place:
            layout.addWidget(rule(page))
        layout.addWidget(widget)
    layout.addStretch(1)
    area = QScrollArea()
    area.setObjectName("panel")
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(page)
    bar_in_margin(area, *widgets)
    return area


class FittedScrollArea(QScrollArea):
    """As high as its page where there is room, and scrolled where there is not.

    Args:
        least_px: What is seen of a high page at least.
    """

    def __init__(self, page: QWidget, parent: QWidget, least_px: int = LEAST_FIELDS_PX) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.setWidget(page)
        self._page = page
        self._least_px = least_px
        page.installEventFilter(self)

    def sizeHint(self) -> QSize:
        page, width = self._page, self.viewport().width()
        layout = page.layout()
        high = page.sizeHint().height()
        if layout is not None and layout.hasHeightForWidth():
            high = layout.heightForWidth(max(width, page.minimumSizeHint().width()))
        return QSize(page.sizeHint().width(), high)

    def minimumSizeHint(self) -> QSize:
        width = super().minimumSizeHint().width()
        return QSize(width, min(self._least_px, self.sizeHint().height()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()  # in another width texts take other lines

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The page wants another height."""
        if event.type() is QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)
