"""Landing the layers of a generation in the document as one step."""

from __future__ import annotations

from dataclasses import dataclass, replace

from editor.commands.command import Command
from editor.commands.refusals import require_unlocked
from editor.document import tree
from editor.document.errors import DocumentError
from editor.document.layers import RasterLayer, walk
from editor.document.layout import LayoutBox
from editor.document.state import DocumentState
from editor.translations import tr


@dataclass(frozen=True)
class InsertGeneratedLayers(Command):
    """Put generated layers into the stack, bottom to top: one undo step.

    The topmost object is selected, never the background with it: a drag moves what is selected.

    They go on top, or where the lowest of the replaced layers was: with an opaque background among
    them, everything that stays must stay above it or be covered. Groups that become empty go too.

    Attributes:
        canvas_size: (width, height) the layers were made for; a document without layers takes
            this size. None = leave the size.
        seed: Becomes the document's seed; None = keep.
        boxes: Becomes the layout (e.g. the automatic one); None = keep.
        replaced_ids: Layers to remove in the same step, e.g. those of the last generation.
    """

    layers: tuple[RasterLayer, ...]
    canvas_size: tuple[int, int] | None = None
    seed: int | None = None
    boxes: tuple[LayoutBox, ...] | None = None
    replaced_ids: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        return tr("Generate Layers")

    @property
    def icon(self) -> str:
        return "generate"

    def apply(self, state: DocumentState) -> DocumentState:
        require_unlocked(state, self.replaced_ids)
        kept = tree.remove(state.layers, self.replaced_ids, drop_emptied=True)
        new_ids = [layer.layer_id for layer in self.layers]
        rest = replace(state, layers=kept)
        if len(set(new_ids)) != len(new_ids) or any(rest.has_layer(i) for i in new_ids):
            raise DocumentError(tr("A generated layer is already in the document."), str(new_ids))
        width, height = state.width, state.height
        if not kept and self.canvas_size is not None:
            width, height = self.canvas_size
        return replace(
            state,
            width=width,
            height=height,
            layers=tree.insert(kept, self.layers, None, self._index(state, kept)),
            seed=state.seed if self.seed is None else self.seed,
            boxes=state.boxes if self.boxes is None else self.boxes,
        )

    def _index(self, state: DocumentState, kept: tree.Layers) -> int | None:
        """Place at the root: below everything kept that is not wholly below what is replaced."""
        if not self.replaced_ids:
            return None
        remaining = {layer.layer_id for layer in kept}
        index = 0
        for root in state.layers:
            if any(layer.layer_id in self.replaced_ids for layer in walk((root,))):
                break
            index += root.layer_id in remaining
        return index

    @property
    def selects(self) -> tuple[str, ...]:
        objects = [layer for layer in self.layers if layer.record is None or layer.record.z_index]
        return tuple(layer.layer_id for layer in objects[-1:])
