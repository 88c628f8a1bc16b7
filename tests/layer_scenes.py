"""Single layers in the real window, for `python -m tests.screenshots`: boxes with prompts, the
queue while it runs, the strip of variations, the generation record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget

from editor.commands.layout_commands import AddBox, MoveBox
from editor.document.geometry import Rect
from editor.document.layout import LayoutBox
from editor.jobs.orders import LayerSettings, PictureSettings
from editor.tools.tool import ToolId
from editor.windows.main_window import MainWindow

Wait = Callable[[Callable[[], bool]], None]

BOXES = (
    (Rect(96, 320, 464, 752), "a red apple"),
    (Rect(544, 240, 960, 816), "a brown dog"),
    (Rect(400, 64, 656, 288), "a yellow star"),
)
TRIES = 3
RECORD_HEIGHT_PX = 430


def _boxes(window: MainWindow, _wait: Wait) -> None:
    """A sentence per box, before the first picture; one box is changed afterwards."""
    for rect, prompt in BOXES:
        window.session.push(AddBox(LayoutBox(rect, prompt=prompt)))
    window.canvas.set_tool(ToolId.LAYOUT)
    window.generate_panel.set_per_box(per_box=True)
    window.generate_panel.prompt.setPlainText("a sunset gradient")
    window.session.document.select_boxes([window.session.document.boxes[1].box_id])


def _queue(window: MainWindow, wait: Wait) -> None:
    """A layer is made again, another one and pictures wait."""
    for layer in window.session.document.raster_layers()[1:]:
        window.bridge.regenerate(LayerSettings(layer.layer_id, f"a green {layer.name.split()[-1]}"))
    for prompt in ("a blue car and a green tree", "a yellow star over a night sky"):
        window.bridge.generate(PictureSettings(prompt, "flat", 1, 8))
    wait(lambda: window.bridge.rows[0].share > 0.7)
    window.queue_panel.choose(window.bridge.rows[1].job_id)


def _variations(window: MainWindow, wait: Wait) -> None:
    """Some tries at the selected layer, of which an earlier one is shown; its box was moved."""
    section = window.regenerate_section
    for _ in range(TRIES):
        window.generation.regenerate()
        wait(lambda: not window.bridge.busy)
    section.strip.step(-1)
    window.generation.boxes_of_layers()
    boxes = window.session.document.boxes
    window.session.push(MoveBox(boxes[0].box_id, boxes[0].rect.translated(24, 40)))
    window.canvas.set_tool(ToolId.LAYOUT)


def _record(window: MainWindow, _wait: Wait) -> None:
    """How the selected layer was made."""
    window.regenerate_section.record_wanted.emit()
    dock = window.record_panel.parentWidget()
    if isinstance(dock, QDockWidget):
        window.resizeDocks([dock], [RECORD_HEIGHT_PX], Qt.Orientation.Vertical)


LAYER_SCENES: Mapping[str, Callable[[MainWindow, Wait], None]] = {
    "variations": _variations,
    "record": _record,
    "queue": _queue,
}
EMPTY_SCENES: Mapping[str, Callable[[MainWindow, Wait], None]] = {"boxes": _boxes}


def put_layers_back(window: MainWindow, wait: Wait) -> None:
    """End the jobs and close what the scenes opened."""
    window.bridge.cancel_all()
    wait(lambda: not window.bridge.busy)
    window.generate_panel.set_per_box(per_box=False)
    for panel in (window.queue_panel, window.record_panel):
        dock = panel.parentWidget()
        if dock is not None:
            dock.hide()
