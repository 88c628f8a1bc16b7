"""The bar under the tool bar: the options of the chosen tool."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QLabel, QSizePolicy, QStackedWidget, QToolBar, QWidget

from editor.panels.tool_options.context import OptionsContext
from editor.panels.tool_options.registry import OPTIONS
from editor.tools.tool import ToolId
from editor.translations import tr

HEIGHT_PX = 32
SIDE_PX = 6  # beside the options, so that they begin under the buttons of the tool bar


class OptionsBar(QToolBar):
    """Shows one widget at a time; each is made when its tool is chosen for the first time.

    A tool without options shows in one sentence what it does.
    """

    def __init__(self, context: OptionsContext, parent: QWidget | None = None) -> None:
        super().__init__(tr("Tool Options"), parent)
        self.setObjectName("options_bar")
        self.setMovable(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self._context = context
        self._pages: dict[ToolId, QWidget] = {}
        self._stack = _Stack(self)
        self.addWidget(self._stack)

    def show_tool(self, tool_id: ToolId) -> None:
        """Show the options of a tool."""
        self._stack.setCurrentWidget(self.page(tool_id))

    def says_hint(self, tool_id: ToolId) -> bool:
        """Whether the bar shows the hint of a tool, in place of options."""
        return tool_id not in OPTIONS

    def page(self, tool_id: ToolId) -> QWidget:
        """The widget of a tool."""
        if tool_id not in self._pages:
            page = self._make(tool_id)
            self._pages[tool_id] = page
            self._stack.addWidget(page)
        return self._pages[tool_id]

    def _make(self, tool_id: ToolId) -> QWidget:
        factory = OPTIONS.get(tool_id)
        if factory is not None:
            return factory(self._context, self._stack)
        label = QLabel(tr(self._context.tools[tool_id].hint), self._stack)
        label.setObjectName("muted")
        return label


class _Stack(QStackedWidget):
    """As wide as the bar: many options must not keep the window from being made narrower."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(HEIGHT_PX)
        self.setContentsMargins(SIDE_PX, 0, SIDE_PX, 0)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, HEIGHT_PX)
