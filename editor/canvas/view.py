"""The canvas widget: shows the document, moves the view and hands input to the tools."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QHideEvent,
    QPainter,
    QPaintEvent,
    QRegion,
    QShowEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from editor.canvas import accessibility, exposure, page
from editor.canvas.aids import ViewAids
from editor.canvas.box_editor import BoxEditor
from editor.canvas.colors import CanvasColors
from editor.canvas.display_colors import ManagedSource
from editor.canvas.document_picture import DocumentPicture
from editor.canvas.interactive import InteractiveWidget
from editor.canvas.late_frames import LateFrames
from editor.canvas.marching_ants import MarchingAnts
from editor.canvas.overlay_style import OverlayStyle
from editor.canvas.overlays import (
    OVERLAY_MARGIN_PX,
    device_rect,
    held_tags,
    paint_overlays,
)
from editor.canvas.previews import PreviewInput, PreviewShow
from editor.canvas.text_editing import TextEditing
from editor.canvas.text_input import TextInput
from editor.canvas.tile_renderer import TileRenderer
from editor.canvas.tile_sources import EditingSource
from editor.canvas.tiles import TileSource
from editor.canvas.zoomable import rects_of, to_device, to_logical
from editor.commands.history import History
from editor.commands.layout_commands import RenameBox
from editor.document.document import Document
from editor.document.events import Change, ChangeKind
from editor.document.geometry import Rect
from editor.document.guides import Orientation
from editor.document.state import DocumentState
from editor.tools.overlay import OverlayItem
from editor.tools.tool import Effects, Live, ToolId
from editor.translations import tr


class CanvasView(InteractiveWidget):
    """The document on the screen.

    Call `shutdown` when the window closes: it ends the thread that fills tiles.

    Signals:
        zoom_changed: From ZoomableWidget.
        selection_changed: Other layers or boxes are selected.
        cursor_moved: From InteractiveWidget.
        hint: A sentence for the status line.
        tool_changed: Id of the chosen tool.
        gesture_finished: A drag ended or was cancelled; results that waited may land now.
        edit_guide_wanted: Place of a guide whose position shall be typed.
        escaped: Escape was pressed while `escape_for_job` holds and no tool needs it.
    """

    selection_changed = Signal()
    hint = Signal(str)
    tool_changed = Signal(str)
    gesture_finished = Signal()
    edit_guide_wanted = Signal(int)
    escaped = Signal()

    def __init__(self, history: History, *, parent: QWidget | None = None) -> None:
        super().__init__(history, parent)
        self._history = history
        self._colors = CanvasColors()
        self._aids = ViewAids()
        self._layout_mode = False
        self._overlay: tuple[OverlayItem, ...] = ()
        self._renderer = TileRenderer(self)
        self._renderer.set_colors(self._colors, self._ratio)
        self._renderer.tiles_arrived.connect(self._on_tiles)
        self._renderer.failed.connect(self._on_render_error)
        self._picture = DocumentPicture(
            self._renderer,
            document=lambda: self.document,
            viewport=lambda: self._viewport,
            make_source=self.make_source,
        )
        self._previews = PreviewShow(self)
        self._previews.changed.connect(self._update_document_rect)
        self._ants = MarchingAnts(self)
        self._ants.moved.connect(self._update_device_region)
        self._box_editor = BoxEditor(self)
        self._box_editor.committed.connect(self._on_box_written)
        self._late = LateFrames(self._renderer, self._wanted_overlay, self._show_overlay, self)
        self._connect_interaction()
        self._texts = TextEditing(
            self,
            self._interaction.tools.text,
            document=lambda: self.document,
            perform=self._interaction.perform,
            on_screen=self._point_on_screen,
        )
        self._set_up_widget()
        self._attach(history)

    def _set_up_widget(self) -> None:
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(tr(accessibility.CANVAS_NAME))

    def _connect_interaction(self) -> None:
        interaction = self._interaction
        interaction.edit_box_wanted.connect(self.edit_box)
        interaction.edit_text_wanted.connect(self.edit_text)
        interaction.edit_guide_wanted.connect(self.edit_guide_wanted)
        interaction.live_changed.connect(self._show_live)
        interaction.overlay_changed.connect(self._refresh_overlay)
        interaction.hint.connect(self.hint)
        interaction.escaped.connect(self.escaped)
        interaction.finished.connect(self._renderer.settle)
        interaction.finished.connect(self.gesture_finished)

    # What the window uses

    def sizeHint(self) -> QSize:
        return QSize(900, 700)

    @property
    def history(self) -> History:
        """The history of the shown document."""
        return self._history

    @property
    def document(self) -> Document:
        """The shown document."""
        return self._history.document

    @property
    def writing(self) -> bool:
        """Whether the prompt of a layout box is being written in the picture."""
        return self._box_editor.box_id is not None

    @property
    def tiles_ready(self) -> bool:
        """Whether everything visible is painted from up-to-date, exact tiles."""
        return self._renderer.idle

    @property
    def follows(self) -> bool:
        """Whether everything visible shows the newest change, if only as a draft."""
        return self._renderer.follows

    @property
    def draft_drop(self) -> int | None:
        """How many mip levels coarser than the screen a draft is that is shown; None = none is."""
        return self._renderer.draft_drop

    @property
    def showing_previews(self) -> bool:
        """Whether layers that are being made are shown."""
        return self._previews.active

    @property
    def layout_mode(self) -> bool:
        """Whether layout boxes are shown whatever tool is chosen."""
        return self._layout_mode

    @layout_mode.setter
    def layout_mode(self, shown: bool) -> None:
        self._layout_mode = shown
        self._refresh_overlay()

    def set_document(self, history: History) -> None:
        """Show another document, fitted to the view."""
        self._box_editor.close_line(keep=True)
        self._interaction.set_history(history)
        self._detach()
        self._renderer.set_source(None, None)
        self._picture.forget()
        self._previews.drop()
        self._attach(history)
        self.zoom_to_fit()
        self.selection_changed.emit()

    def set_tool(self, tool_id: ToolId | str) -> None:
        """Choose a tool by its id: "move", "layout", "hand" or "zoom"."""
        self._box_editor.close_line(keep=True)
        if self._interaction.choose(ToolId(tool_id)):
            self.tool_changed.emit(str(self.tool_id))
            self.hint.emit(tr(self._interaction.tool.hint))

    def finish_writing(self) -> None:
        """Keep the prompt or text being written and the transform, before they are needed."""
        self._box_editor.close_line(keep=True)
        self._interaction.finish()

    def show_previews(self, previews: Sequence[PreviewInput]) -> None:
        """Paint layers that are being made over the document, which is not touched.

        Args:
            previews: Bottom to top: (layer id, name, box in document pixels, h w 4 straight RGBA
                uint8 of any size, or None while there is nothing to see yet).
        """
        self._previews.show(previews)

    def clear_previews(self) -> None:
        """Take the previews away as soon as the tiles under them are up to date."""
        self._previews.leave()
        # The command that lands the layers may follow in the same turn of the event loop.
        QTimer.singleShot(0, self, self._settle_previews)

    def edit_box(self, box_id: str) -> None:
        """Open the line in which the prompt of a layout box is written."""
        box = self.document.box(box_id)
        self._box_editor.open(box_id, box.prompt, self._on_screen(box.rect))

    def edit_text(self, layer_id: str) -> None:
        """Go on with a live text layer, with the text tool."""
        self.set_tool(ToolId.TEXT)
        self.perform(self.tools.text.begin(self.document, layer_id))

    @property
    def text_input(self) -> TextInput:
        """What takes the keys while a text is written."""
        return self._texts.input

    def apply_theme(self, colors: CanvasColors) -> None:
        """Paint in other colours."""
        self._colors = colors
        self._renderer.set_colors(colors, self._ratio)
        self.update()

    @property
    def aids(self) -> ViewAids:
        """What the user has switched on to place things by."""
        return self._aids

    @aids.setter
    def aids(self, aids: ViewAids) -> None:
        self._aids = aids
        self._interaction.set_aids(aids)
        self.update()

    @property
    def colors(self) -> CanvasColors:
        """The colours in use."""
        return self._colors

    def pull_guide(self, orientation: Orientation) -> None:
        """A ruler was pressed: mouse events passed on from it pull a new guide."""
        self.setFocus(Qt.FocusReason.MouseFocusReason)  # so that Escape can break it off
        self._interaction.pull_guide(orientation)

    def set_reduced_motion(self, reduced: bool) -> None:
        """Keep the light in waiting boxes and the edge of the selection still."""
        self._previews.reduced_motion = reduced
        self._ants.set_reduced_motion(reduced)
        self.update()

    def shutdown(self) -> None:
        """End the thread and let go of the document; `set_document` brings the view back."""
        self._interaction.cancel()
        self._detach()
        self._previews.stop()
        self._ants.stop()
        self._renderer.shutdown()
        self._picture.forget()

    # Document

    def make_source(self, state: DocumentState, edited: tuple[str, ...]) -> TileSource:
        """What tiles of a snapshot are made with; `edited` are the layers likely to change."""
        source = EditingSource(state, edited, self._picture.prefixes)
        profile = state.color_profile
        return source if profile is None else ManagedSource(source, profile)

    def _attach(self, history: History) -> None:
        self._history = history
        self._disconnect = self.document.changed.connect(self._on_change)
        self._show_all()
        self._ants.set_selection(self.document.selection)
        self._describe()
        self._refresh_overlay()

    def _detach(self) -> None:
        self._disconnect()

    def _on_change(self, change: Change) -> None:
        if change.kinds & ~(ChangeKind.SELECTION | ChangeKind.SAVED):
            self._interaction.document_changed()
        if self._picture.changes_all(change):
            self._show_all()
        elif change.kinds.is_visual:
            self._picture.show_changed(change.dirty, gesture=self._interaction.busy)
        if change.kinds & (ChangeKind.LAYERS_ADDED | ChangeKind.LAYERS_REMOVED):
            self.update()  # a page without layers looks different
        if change.kinds & ChangeKind.PIXEL_SELECTION:
            self._show_selection()
        if change.kinds & ~ChangeKind.SAVED:
            self._describe()
            self._refresh_overlay()
        if change.kinds & ChangeKind.SELECTION:
            self._picture.follow_selection()
            self.selection_changed.emit()
            accessibility.announce(self, accessibility.describe_selection(self.document))

    def _show_live(self, live: Live) -> None:
        was_live = self._picture.live
        self._picture.show_live(live, gesture=self._interaction.busy)
        if not self.document.layers and was_live != self._picture.live:
            self.update()  # a page without layers looks different

    def _show_selection(self) -> None:
        before = QRegion(self._ants.region(self._viewport))
        self._ants.set_selection(self.document.selection)
        self._update_device_region(before.united(self._ants.region(self._viewport)))

    def _show_all(self) -> None:
        self._picture.show_all()
        self.show_page_of(self.document.width, self.document.height)

    def _describe(self) -> None:
        self.setAccessibleDescription(accessibility.describe_document(self.document))

    def about_to_press(self) -> None:
        self._box_editor.close_line(keep=True)

    # View

    @property
    def visible_middle(self) -> tuple[float, float]:
        """Middle of what can be seen of the document, in its pixels."""
        x0, y0, x1, y1 = self._viewport.visible_rect()
        return (x0 + x1) / 2, (y0 + y1) / 2

    def viewport_changed(self) -> None:
        if self._viewport.width > 1:  # a widget that has no size yet needs no tiles
            self._renderer.request(self._viewport)
        self._box_editor.follow(self.document.boxes, self._on_screen)
        self._texts.place()

    def show_moved(self, dx: int, dy: int) -> None:
        """Move what is on the screen and paint only the strips that come in."""
        ratio = self._ratio
        if dx % ratio or dy % ratio or self._shows_what_stays():
            self.update()
            return
        style = self._style()
        moving = exposure.moving_box(self._overlay, self._viewport, style)
        if moving is None:
            self.scroll(round(dx / ratio), round(dy / ratio))
        else:  # the surface around the page looks the same everywhere
            box = exposure.moved_part(moving, dx, dy, self._viewport)
            self.scroll(round(dx / ratio), round(dy / ratio), to_logical(box, ratio))
        self._update_device_region(held_tags(self._overlay, self._viewport, style, dx, dy))

    def _shows_what_stays(self) -> bool:
        """Whether anything in view does not move with the page."""
        widgets = (child for child in self.children() if isinstance(child, QWidget))
        return (
            not self.document.layers
            or self._keyboard_focus
            or self._previews.active
            or any(child.isVisible() for child in widgets)
        )

    def ratio_changed(self) -> None:
        self._renderer.set_colors(self._colors, self._ratio)

    # Painting

    def _style(self) -> OverlayStyle:
        return OverlayStyle(self._colors, self._ratio, self.font())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.scale(1 / self._ratio, 1 / self._ratio)
        exposed = to_device(event.rect(), self._ratio)
        style, viewport = self._style(), self._viewport
        parts = [to_device(rect, self._ratio) for rect in exposure.pieces_of(event.region())]
        for part in parts:
            page.paint_surround(painter, viewport, part, style)
        moving = exposure.moving_box(self._overlay, viewport, style)
        if not self._shows_what_stays() and not exposure.touches(moving, parts):
            painter.end()  # nothing but the surface around the page
            return
        if self.document.layers or self._picture.live or self._previews.visible:
            for part in parts:
                self._renderer.paint(painter, viewport, part)
        else:
            page.paint_empty_page(painter, viewport, style, hint=not self._overlay)
        if viewport.shows_grid and self._aids.pixel_grid:
            page.paint_pixel_grid(painter, viewport, exposed, style)
        self._previews.paint(painter, viewport, style)
        self._ants.paint(painter, viewport, style)
        paint_overlays(painter, viewport, self._overlay, style, exposure.region_of(parts))
        if self._keyboard_focus:
            page.paint_focus(painter, viewport, style)
        painter.end()

    def _wanted_overlay(self) -> tuple[OverlayItem, ...]:
        return self._interaction.overlay(with_layout=self._layout_mode)

    def _refresh_overlay(self) -> None:
        self._late.refresh(dragging=self._interaction.busy)

    def _show_overlay(self, items: tuple[OverlayItem, ...]) -> None:
        if items == self._overlay:
            return
        touched = exposure.changed_region(self._overlay, items, self._viewport, self._style())
        hint_changes = bool(items) != bool(self._overlay) and not self.document.layers
        self._overlay = items
        self._box_editor.follow(self.document.boxes, self._on_screen)
        if hint_changes:
            self.update()
        else:
            self._update_device_region(touched)

    def _on_tiles(self, rects: list[Rect]) -> None:
        # With the frames around what moves: one rectangle is painted faster than a ring as well.
        margin = OVERLAY_MARGIN_PX + 2 if self._renderer.draft_drop is not None else 2
        for rect in rects:
            self._update_document_rect(rect, margin)
        self._renderer.request(self._viewport)
        self._late.show_arrived()
        self._settle_previews()

    def _settle_previews(self) -> None:
        if self._renderer.idle:
            self._previews.settle()

    def _update_document_rect(self, rect: Rect, margin: int = 2) -> None:
        if not rect.is_empty:
            self.update(self._on_screen(rect).adjusted(-margin, -margin, margin, margin))

    def _update_device_region(self, region: QRegion) -> None:
        for rect in rects_of(region):
            self.update(to_logical(rect, self._ratio))

    def _on_screen(self, rect: Rect) -> QRect:
        """Where document pixels lie in the widget, in logical pixels."""
        return to_logical(device_rect(rect.as_floats(), self._viewport), self._ratio)

    def _point_on_screen(self, x: float, y: float) -> QPoint:
        device_x, device_y = self._viewport.to_device(x, y)
        return QPoint(round(device_x / self._ratio), round(device_y / self._ratio))

    def _on_render_error(self) -> None:
        self.hint.emit(tr("Part of the picture could not be drawn; the log has the details."))
        self._settle_previews()

    # Boxes

    def _on_box_written(self, box_id: str, text: str) -> None:
        if any(box.box_id == box_id for box in self.document.boxes):
            self._interaction.perform(Effects(commands=(RenameBox(box_id, prompt=text),)))

    # Qt's events

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._ants.set_shown(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._ants.set_shown(False)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.shutdown()
        super().closeEvent(event)
