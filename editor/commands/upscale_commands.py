"""Enlarging with pixels that the engine makes: the document, a layer, or the selected region."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from editor.commands.canvas_commands import CropCanvas
from editor.commands.command import Command
from editor.commands.refusals import require_unlocked
from editor.document.enlarging import Frame, Piece, Values, enlarged, pieces
from editor.document.errors import DocumentError
from editor.document.geometry import Rect
from editor.document.layers import walk
from editor.document.pixels import check_size
from editor.document.state import DocumentState
from editor.translations import mark, tr


class UpscaleScope(Enum):
    """What is enlarged."""

    DOCUMENT = "document"
    LAYER = "layer"  # or a group; it grows around its middle
    SELECTION = "selection"  # the canvas is cropped to it first


@dataclass(frozen=True, slots=True)
class UpscaleTarget:
    """What is enlarged, to which size.

    Attributes:
        width, height: In pixels; not smaller than now.
        layer_id: Of the layer or group, for that scope.
    """

    scope: UpscaleScope
    width: int
    height: int
    layer_id: str = ""


@dataclass(frozen=True, eq=False)
class Upscale(Command):
    """Put enlarged pixels into the document.

    Attributes:
        made: Pixels and coverage by the key of their piece; see `needed`.
    """

    target: UpscaleTarget
    made: Mapping[str, Values]

    @property
    def label(self) -> str:
        return tr("Upscale")

    def apply(self, state: DocumentState) -> DocumentState:
        base, frame, ids = _framed(state, self.target)
        return enlarged(base, frame, self.made, ids)


def needed(state: DocumentState, target: UpscaleTarget) -> tuple[Piece, ...]:
    """What must be made for `Upscale`. Raises DocumentError when it is refused."""
    base, frame, ids = _framed(state, target)
    return pieces(base, frame, ids)


def scope_box(state: DocumentState, scope: UpscaleScope, layer_id: str = "") -> Rect:
    """What is enlarged, in document pixels. Raises DocumentError when there is nothing."""
    if scope is UpscaleScope.DOCUMENT:
        return state.canvas
    if scope is UpscaleScope.LAYER:
        layer = state.layer(layer_id)
        if layer.bounds.is_empty:
            raise DocumentError(tr('"{name}" has no pixels to enlarge.', name=layer.name))
        return layer.bounds
    if state.selection is None:
        raise DocumentError(tr("Nothing is selected; select a part of the picture first."))
    box = state.canvas if state.selection.outside else state.selection.shown_box
    box = box.intersection(state.canvas)
    if box.is_empty:
        raise DocumentError(tr("The selection lies outside the canvas."))
    return box


def _framed(
    state: DocumentState, target: UpscaleTarget
) -> tuple[DocumentState, Frame, frozenset[str] | None]:
    """The document to enlarge, how, and which layers of it; None = all of it."""
    is_layer = target.scope is UpscaleScope.LAYER
    check_size(target.width, target.height, mark("A layer") if is_layer else mark("A canvas"))
    if is_layer:
        require_unlocked(state, (target.layer_id,))
    box = scope_box(state, target.scope, target.layer_id)
    if target.width < box.width or target.height < box.height:
        raise DocumentError(
            tr(
                "The new size of {width} × {height} px is smaller than {old_width} × {old_height} "
                "px; upscaling only makes larger. Use Image Size instead.",
                width=target.width, height=target.height,
                old_width=box.width, old_height=box.height,
            )
        )  # fmt: skip
    across, down = target.width / box.width, target.height / box.height
    if is_layer:
        ids = frozenset(layer.layer_id for layer in walk((state.layer(target.layer_id),)))
        x0 = round((box.x0 + box.x1 - target.width) / 2)
        y0 = round((box.y0 + box.y1 - target.height) / 2)
        return state, Frame(across, down, x0 - across * box.x0, y0 - down * box.y0), ids
    if target.scope is UpscaleScope.SELECTION:
        state = CropCanvas(box, delete_pixels=True).apply(state)
    return state, Frame(across, down), None
