"""The main window: canvas in the middle, generate panel left, properties and layers right."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from PySide6.QtCore import QByteArray, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QIcon
from PySide6.QtWidgets import (
    QDockWidget,
    QMainWindow,
    QPushButton,
    QTabWidget,
    QToolBar,
    QWidget,
)

from editor import jobs_bridge
from editor.actions.action_set import ActionSet
from editor.actions.table import ACTIONS, Choice, Condition, Menu
from editor.canvas.rulers import CanvasFrame
from editor.canvas.view import CanvasView
from editor.document.document import Document
from editor.document.events import Change, ChangeKind
from editor.edit_session import EditSession
from editor.jobs_bridge import JobsBridge
from editor.model_trials import ModelTrials
from editor.panels.color_panel import ColorPanel
from editor.panels.generate_panel import GeneratePanel
from editor.panels.history_panel import HistoryPanel
from editor.panels.layers_panel import LayersPanel
from editor.panels.options_bar import OptionsBar
from editor.panels.properties_panel import PropertiesPanel
from editor.panels.queue_panel import QueuePanel
from editor.panels.record_panel import RecordPanel
from editor.panels.regenerate_section import RegenerateSection
from editor.panels.tool_options.context import OptionsContext
from editor.panels.widgets import gap, spacer, stacked
from editor.settings import Settings
from editor.style_presets import presets
from editor.theme import Theme
from editor.tools.tool import ToolId
from editor.translations import tr
from editor.upscale_jobs import UpscaleJobs
from editor.windows.aids_controller import AidsController
from editor.windows.arrange_controller import ArrangeController
from editor.windows.background_work import BackgroundWork
from editor.windows.canvas_menu import CanvasMenu
from editor.windows.clipboard_controller import ClipboardController
from editor.windows.commands_controller import CommandsController
from editor.windows.conditions import what_holds
from editor.windows.file_controller import FileController
from editor.windows.first_paint import FirstPaint
from editor.windows.focus_order import set_focus_order
from editor.windows.generation_controller import GenerationController
from editor.windows.help_controller import HelpController, icon_path
from editor.windows.image_controller import ImageController
from editor.windows.layer_controller import LayerController
from editor.windows.mask_controller import MaskController
from editor.windows.model_choice_controller import ModelChoiceController
from editor.windows.models_controller import ModelsController
from editor.windows.paint_controller import PaintController
from editor.windows.safety_controller import SafetyController
from editor.windows.selection_controller import SelectionController
from editor.windows.status_bar import StatusBar
from editor.windows.toast import Toast, ToastKind
from editor.windows.transform_controller import TransformController
from editor.windows.upscale_controller import UpscaleController
from editor.windows.view_controller import ViewController

SIDE_WIDTH_PX = 290
GENERATE_HEIGHT_PX = 300  # its prompt, its button and how the job is going
DETAILS_HEIGHT_PX, LAYERS_HEIGHT_PX = 390, 360
BAR_GAP_PX = 3  # beside the buttons of the tool bar
DEFAULT_SIZE = QSize(1360, 860)


class MainWindow(QMainWindow):
    """Puts the parts together and keeps actions, title and status bar up to date.

    Args:
        make_bridge: Makes the bridge to the engine; tests give one with another engine.

    Attributes:
        engine_ended: False after closing when the engine's thread could not be stopped in time.

    Signals:
        painted: The window was painted for the first time; the engine may start.
    """

    painted = Signal()

    def __init__(
        self,
        theme: Theme,
        settings: Settings,
        *,
        document: Document | None = None,
        make_bridge: Callable[[EditSession, QObject], JobsBridge] = JobsBridge,
    ) -> None:
        super().__init__()
        self.setWindowIcon(QIcon(icon_path()))
        self.setAcceptDrops(False)
        self._theme = theme
        self._settings = settings
        self._may_close = False
        self._closes_after_work = False
        self.engine_ended = True
        self.session = EditSession(
            document or Document(*settings.new_size),
            self,
            undo_bytes=settings.undo_megabytes << 20,
        )
        self.bridge = make_bridge(self.session, self)
        self.canvas = CanvasView(self.session.history, parent=self)
        self.canvas_frame = CanvasFrame(self.canvas, self)
        self.setCentralWidget(self.canvas_frame)
        self.toast = Toast(theme, self.canvas)
        self._make_controllers()
        self.actions_by_id = ActionSet(self, theme, self._find_handler)
        self._make_panels()
        self._make_bars()
        self.commands = CommandsController(self, theme, self.actions_by_id, settings)
        self._make_generation()
        self._connect()
        self._restore_layout()
        self._refresh_all()
        self.generate_panel.prompt.setFocus()

    def say(self, text: str, kind: ToastKind = ToastKind.INFO) -> None:
        """Show a sentence over the canvas."""
        self.toast.show_text(text, kind)

    @property
    def condition(self) -> Condition:
        """What holds now, for enabling actions."""
        return what_holds(
            self.session.history,
            busy=self.bridge.busy,
            copied_settings=self.generation.has_settings,
        )

    # Assembly

    def _make_controllers(self) -> None:
        self.work = BackgroundWork(self)
        self.files = FileController(
            self,
            self.session,
            self._theme,
            self._settings,
            work=self.work,
            say=self.say,
            finish_writing=self.canvas.finish_writing,
        )
        self.safety = SafetyController(self, self.session, self.files, self.say)
        self.layers = LayerController(self.session, self._rename_active, self)
        self.masks = MaskController(self.session, self)
        self.view = ViewController(
            self, self.canvas, self._theme, self._settings, docks=self.docks, say=self.say
        )
        self.aids = AidsController(self.session, self.canvas_frame, self._settings, self)
        self.arrange = ArrangeController(self.session, self._settings, self)
        self.image = ImageController(
            self.session, self.work, self.canvas.finish_writing,
            colors=self.canvas.tools.colors, theme=self._theme, parent=self,
        )  # fmt: skip
        self.upscaling = UpscaleController(
            self.session, UpscaleJobs(self.session, self.bridge, self), self.canvas, self._theme,
            say=self.say, show_queue=self._find_handler("generation.open_queue"), parent=self,
        )  # fmt: skip
        self.clipboard = ClipboardController(self.session, self.files, self.canvas, self.say, self)
        self.selecting = SelectionController(self.session, self.say, self)
        self.transforming = TransformController(self.session, self.canvas, self)
        self.paint = PaintController(self.canvas, self._settings, self)
        self.help = HelpController(self, self._theme)
        self.models = ModelsController(self, ModelTrials(self.bridge, self), self._settings)

    def _find_handler(self, text: str) -> Callable[..., Any]:
        """A handler by "controller.method"; looked up when called, as controllers come later."""
        controller, method = text.split(".")

        def call(*arguments: str) -> None:
            getattr(getattr(self, controller), method)(*arguments)

        return call

    def _make_panels(self) -> None:
        self.generate_panel = GeneratePanel(
            self.session,
            self._theme,
            [preset for preset in presets() if preset.style in jobs_bridge.styles()],
            self._settings.steps or jobs_bridge.default_steps(),
        )
        self.generate_panel.set_style(self._settings.style)
        self.properties_panel = PropertiesPanel(self.session, lambda: self.canvas.tools.text.setter)
        self.regenerate_section = RegenerateSection(
            self.session, self._theme, jobs_bridge.prompt_of, jobs_bridge.model_of
        )
        self.queue_panel = QueuePanel(self.bridge, self._theme)
        self.record_panel = RecordPanel(self.session, self._theme)
        self.layers_panel = LayersPanel(self.session, self._theme, self.actions_by_id)
        left, right = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea
        details = stacked(self.properties_panel, self.regenerate_section)
        self._dock("generate", tr("Generate"), self.generate_panel, left)
        self._dock("details", tr("Properties"), details, right)
        self._dock("layers", tr("Layers"), self.layers_panel, right)
        queue = self._dock("queue", tr("Queue"), self.queue_panel, left, hidden=True)
        record = self._dock("record", tr("Generation Record"), self.record_panel, left, hidden=True)
        self.color_panel = ColorPanel(self.canvas.tools.colors, self._theme)
        # Opened by a click on the colours.
        color = self._dock("color", tr("Color"), self.color_panel, left, hidden=True)
        self.paint.color_dock = color
        self.history_panel = HistoryPanel(self.session, self._theme)
        self._dock("history", tr("History"), self.history_panel, left, hidden=True)
        self.generate_panel.setMinimumHeight(GENERATE_HEIGHT_PX)
        self._group(queue, record)
        CanvasMenu(self.canvas, self.session, self.layers_panel.tree.make_context_menu)

    def _group(self, *docks: QDockWidget) -> None:
        """Panels that share one place as tabs: together they leave room for what is above."""
        self.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        for before, dock in pairwise(docks):
            self.tabifyDockWidget(before, dock)
        for dock in docks:
            dock.toggleViewAction().triggered.connect(
                lambda shown, dock=dock: dock.raise_() if shown else None
            )

    def _dock(
        self,
        name: str,
        title: str,
        content: QWidget,
        area: Qt.DockWidgetArea,
        *,
        hidden: bool = False,
    ) -> QDockWidget:
        dock = QDockWidget(title, self)
        dock.setObjectName(f"dock_{name}")
        dock.setTitleBarWidget(QWidget(dock))  # the panel has its own heading
        dock.setFeatures(QDockWidget.DockWidgetFeature.DockWidgetClosable)
        content.setMinimumWidth(250)
        dock.setWidget(content)
        self.addDockWidget(area, dock)
        dock.setVisible(not hidden)
        return dock

    def docks(self) -> list[QDockWidget]:
        """All panels."""
        return self.findChildren(QDockWidget)

    def _regions(self) -> list[QWidget]:
        """Parts of the window in the order in which they are read: left, middle, right, below."""
        left = Qt.DockWidgetArea.LeftDockWidgetArea
        of_left = [dock for dock in self.docks() if self.dockWidgetArea(dock) is left]
        of_right = [dock for dock in self.docks() if dock not in of_left]
        return [
            self._tool_bar,
            self.options_bar,
            *of_left,
            self.canvas_frame,
            *of_right,
            self.status_bar,
        ]

    def _make_bars(self) -> None:
        self.actions_by_id.fill_menu_bar()
        self.files.add_recent_menu(self.actions_by_id.menu(Menu.FILE), after="file.open")
        view_menu = self.actions_by_id.menu(Menu.VIEW)
        view_menu.addSeparator()
        self.view.add_motion_action(view_menu)
        view_menu.addSeparator()
        for dock in self.docks():
            view_menu.addAction(dock.toggleViewAction())
        bar = QToolBar(tr("Tools"), self)
        bar.setObjectName("tool_bar")
        bar.setMovable(False)
        bar.setIconSize(QSize(20, 20))
        bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        bar.addWidget(gap(BAR_GAP_PX, bar))
        self.actions_by_id.fill_tool_bar(bar, Menu.TOOLS)
        bar.addSeparator()
        self.actions_by_id.fill_tool_bar(bar, Menu.EDIT)
        bar.addWidget(spacer(bar))
        bar.addWidget(self._make_export_button(bar))
        bar.addWidget(gap(BAR_GAP_PX, bar))
        self.addToolBar(bar)
        self.addToolBarBreak()
        context = OptionsContext(
            self._theme, self.session, self.canvas.tools, self.actions_by_id, self.canvas.perform
        )
        self.options_bar = OptionsBar(context, self)
        self.addToolBar(self.options_bar)
        self._tool_bar = bar
        self.status_bar = StatusBar(self._theme, self.actions_by_id, self.canvas.zoom_to, self)
        self.setStatusBar(self.status_bar)

    def _make_export_button(self, bar: QToolBar) -> QPushButton:
        """A push button that follows the export action, which itself stays in the menu."""
        action = self.actions_by_id["file.export"]
        button = QPushButton(tr("Export"), bar)
        self._theme.set_icon(button, "export")
        button.setToolTip(action.toolTip())
        button.setEnabled(action.isEnabled())
        button.clicked.connect(action.trigger)
        action.enabledChanged.connect(button.setEnabled)
        return button

    def _make_generation(self) -> None:
        self.generation = GenerationController(
            self.bridge,
            self.generate_panel,
            self.regenerate_section,
            self.canvas,
            self._settings,
            session=self.session,
            say=self.say,
            parent=self,
        )
        self.generation.follow_panels(self.queue_panel, self.record_panel)
        self.model_choice = ModelChoiceController(
            self.models,
            self.generate_panel,
            self.regenerate_section,
            session=self.session,
            settings=self._settings,
            parent=self,
        )
        self.painted.connect(self.models.look)
        self.generate_panel.draw_boxes_wanted.connect(self.actions_by_id["tool.box"].trigger)
        self.generate_panel.clear_boxes_wanted.connect(self.layers.clear_boxes)
        for button, action_id in (
            (self.generate_panel.draw_boxes, "tool.box"),
            (self.generate_panel.seed.dice, "generate.new_seed"),
        ):
            self.actions_by_id.show_key(button, action_id, button.toolTip())

    def _connect(self) -> None:
        session, canvas = self.session, self.canvas
        session.changed.connect(self._on_change)
        session.history_changed.connect(self._refresh_actions)
        session.history_changed.connect(self._refresh_title)
        session.replaced.connect(self._on_replaced)
        session.refused.connect(lambda text: self.say(text, ToastKind.ERROR))
        canvas.zoom_changed.connect(self.status_bar.show_zoom)
        canvas.cursor_moved.connect(self.status_bar.show_cursor)
        canvas.hint.connect(self._show_hint)
        canvas.tool_changed.connect(self._on_tool)
        self.files.title_changed.connect(self._refresh_title)
        self._connect_work()
        self.generation.busy_changed.connect(self._refresh_actions)
        self.bridge.may_land = self._nothing_is_held
        self.work.may_land = lambda: self._may_change() and not self.files.asking
        for waiting in (self.bridge, self.work):
            canvas.gesture_finished.connect(waiting.land_waiting)
        canvas.gesture_finished.connect(self.safety.consider)
        self.safety.trouble_changed.connect(self.status_bar.show_trouble)
        self._first_paint = FirstPaint(self.canvas, self.painted.emit)

    def _connect_work(self) -> None:
        work = self.work
        work.progressed.connect(self._show_work)
        work.busy_changed.connect(self._on_work_busy)
        work.failed.connect(lambda text: self.say(text, ToastKind.ERROR))
        work.cancelled.connect(lambda text: self.say(text, ToastKind.INFO))
        for ended in (work.failed, work.cancelled):
            ended.connect(self._stay_open)
        self.status_bar.cancel_work_wanted.connect(work.cancel)

    def _restore_layout(self) -> None:
        self.resize(DEFAULT_SIZE)
        docks = self.docks()
        self.resizeDocks(docks, [SIDE_WIDTH_PX] * len(docks), Qt.Orientation.Horizontal)
        heights = [DETAILS_HEIGHT_PX, LAYERS_HEIGHT_PX]
        self.resizeDocks(docks[1:3], heights, Qt.Orientation.Vertical)
        geometry, state = self._settings.geometry, self._settings.window_state
        if geometry is not None:
            self.restoreGeometry(geometry)
        if state is not None:
            self.restoreState(state)
        for tool in self.canvas.tools:
            if tool.options is not None:
                tool.options.restore(self._settings.tool_options(str(tool.tool_id)))

    # Following the document

    def _on_change(self, change: Change) -> None:
        if change.kinds & ChangeKind.CANVAS_SIZE:
            self._refresh_size()
        if change.kinds & ChangeKind.SAVED:
            self._refresh_title()
        if change.kinds & (ChangeKind.LAYOUT | ChangeKind.LAYERS_ADDED | ChangeKind.LAYERS_REMOVED):
            self._show_boxes()
        if change.kinds & ChangeKind.LAYOUT and not self.session.document.boxes:
            self.status_bar.show_hint("")  # it told where the last box lies
        self._refresh_actions()

    def _show_hint(self, text: str) -> None:
        """In the status bar, unless the options bar says the same already."""
        tool = self.canvas.tools[self.canvas.tool_id]
        doubled = text == tr(tool.hint) and self.options_bar.says_hint(tool.tool_id)
        self.status_bar.show_hint("" if doubled else text)

    def _nothing_is_held(self) -> bool:
        """Nothing that new layers would disturb, a crop that is not applied included."""
        return self._may_change() and not self.canvas.busy

    def _may_change(self) -> bool:
        """No drag and no text in the picture or in a row, which other content would disturb."""
        if self.session.history.in_gesture:
            return False
        canvas, tree = self.canvas, self.layers_panel.tree
        return not (canvas.holds_document or canvas.writing or tree.writing)

    def _show_boxes(self) -> None:
        """Boxes stay visible with any tool while there is nothing but them."""
        self.canvas.layout_mode = not self.session.document.layers

    def _on_replaced(self) -> None:
        self.canvas.set_document(self.session.history)
        self._refresh_all()

    def _on_tool(self, tool_id: str) -> None:
        for spec in ACTIONS:
            if spec.choice is Choice.TOOL and spec.argument == tool_id:
                self.actions_by_id[spec.action_id].setChecked(True)
        self.options_bar.show_tool(ToolId(tool_id))
        set_focus_order(self._regions())  # a tool's options are made when it is first chosen

    def _refresh_all(self) -> None:
        self._on_tool(str(self.canvas.tool_id))
        self.actions_by_id[f"view.theme_{self._theme.mode}"].setChecked(True)
        self.actions_by_id[f"view.language_{self._settings.language}"].setChecked(True)
        for spec in ACTIONS:
            if spec.toggle:
                on = self.aids.is_on(spec.argument) if spec.argument else self.arrange.to_canvas
                self.actions_by_id[spec.action_id].setChecked(on)
        self.status_bar.show_zoom(self.canvas.zoom)
        self._show_boxes()
        self._refresh_size()
        self._refresh_actions()
        self._refresh_title()

    def _refresh_size(self) -> None:
        document = self.session.document
        self.status_bar.show_size(document.width, document.height)

    def _refresh_actions(self) -> None:
        self.actions_by_id.update(self.condition)
        history = self.session.history
        undo, redo = history.undo_label, history.redo_label
        self.actions_by_id["edit.undo"].setText(
            tr("&Undo {step}", step=undo) if undo else tr("&Undo")
        )
        self.actions_by_id["edit.redo"].setText(
            tr("&Redo {step}", step=redo) if redo else tr("&Redo")
        )

    def _refresh_title(self) -> None:
        self.setWindowTitle(f"{self.files.title}[*]")  # Qt adds the program, as to dialogs
        self.setWindowModified(self.session.document.modified)

    def _rename_active(self) -> None:
        self.layers_panel.tree.rename_active()

    # Closing

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self._may_close:
            self.canvas.finish_writing()
        if not self._may_close and self.work.busy:
            event.ignore()
            self._closes_after_work = True
            self.say(tr("Work is still going on; the window closes after that."))
            return
        if not self._may_close and self.session.document.modified:
            event.ignore()
            self.files.after_question(self._close_soon)
            return
        self._settings.geometry = QByteArray(self.saveGeometry())
        self._settings.window_state = QByteArray(self.saveState())
        self.paint.remember()
        self._settings.job_times = self.bridge.times.to_json()
        for tool in self.canvas.tools:
            if tool.options is not None:
                self._settings.set_tool_options(str(tool.tool_id), tool.options.to_json())
        self._settings.sync()
        self.hide()  # what follows may wait for threads
        self.upscaling.stop()
        self.engine_ended = self.bridge.shutdown()
        self.work.stop()
        self.models.stop()
        self.safety.end()
        self.layers_panel.thumbnails.stop()
        self.regenerate_section.stop()
        self.record_panel.stop()
        self.canvas.shutdown()
        super().closeEvent(event)

    def close_without_question(self) -> None:
        """Close; unsaved changes are lost."""
        self._may_close = True
        self.close()

    def _show_work(self, text: str, share: float) -> None:
        if self.work.busy:  # the last report may come after the end
            self.status_bar.show_work(text, share)

    def _on_work_busy(self) -> None:
        if self.work.busy:
            return
        self.status_bar.hide_work()
        if self._closes_after_work:
            self._closes_after_work = False
            QTimer.singleShot(0, self, self.close)

    def _stay_open(self) -> None:
        """The user must see what was said about the work."""
        self._closes_after_work = False

    def _close_soon(self) -> None:
        QTimer.singleShot(0, self, self.close_without_question)  # after the dialog has closed
