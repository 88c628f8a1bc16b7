"""Live text layers: written, written anew, turned into pixels."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace

from editor.commands.command import Command
from editor.commands.refusals import outermost, require_some, require_unlocked
from editor.document import tree
from editor.document.layer_placement import baked, showing
from editor.document.layers import Layer, RasterLayer, rasters
from editor.document.state import DocumentState
from editor.document.text import DrawnText, TextContent
from editor.translations import tr

MAX_NAME_CHARACTERS = 40


@dataclass(frozen=True, eq=False)
class WriteText(Command):
    """Give a text layer other content, or add it when there is none of this id yet.

    Merges within a gesture. A layer named after its text stays so.

    Attributes:
        drawn: What the content looks like, by the caller.
        parent_id, index: Where a new layer goes; see `AddLayer`.
    """

    layer_id: str
    content: TextContent
    drawn: DrawnText
    parent_id: str | None = None
    index: int | None = None

    @property
    def label(self) -> str:
        return tr("Text")

    @property
    def merge_key(self) -> Hashable:
        return (WriteText, self.layer_id)

    @property
    def selects(self) -> tuple[str, ...]:
        return (self.layer_id,)

    def apply(self, state: DocumentState) -> DocumentState:
        if not state.has_layer(self.layer_id):
            new = RasterLayer(
                layer_id=self.layer_id,
                name=text_name(self.content),
                pixels=self.drawn.pixels,
                offset=self.drawn.offset,
                source=self.drawn.source,
                matrix=self.drawn.matrix,
                text=self.content,
            )
            return replace(
                state, layers=tree.insert(state.layers, (new,), self.parent_id, self.index)
            )
        require_unlocked(state, (self.layer_id,))
        layer = state.raster(self.layer_id)
        named = layer.text is not None and layer.name == text_name(layer.text)
        written = replace(
            showing(layer, self.drawn),
            name=text_name(self.content) if named else layer.name,
            text=self.content,
        )
        return replace(state, layers=tree.replace_layers(state.layers, {self.layer_id: written}))


@dataclass(frozen=True, eq=False)
class RedrawText(Command):
    """Sharp pixels for a live text whose pixels were resampled.

    Attributes:
        joins: `merge_key` of the command of the same gesture that it becomes one step with.
    """

    layer_id: str
    drawn: DrawnText
    joins: Hashable = None

    @property
    def label(self) -> str:
        return tr("Text")

    @property
    def merge_key(self) -> Hashable | None:
        return self.joins

    def apply(self, state: DocumentState) -> DocumentState:
        layer = state.raster(self.layer_id)
        drawn = showing(layer, self.drawn)
        return replace(state, layers=tree.replace_layers(state.layers, {self.layer_id: drawn}))


@dataclass(frozen=True)
class RasterizeText(Command):
    """Turn live texts among layers (and in groups) into plain pixels that look the same."""

    layer_ids: tuple[str, ...]

    @property
    def label(self) -> str:
        return tr("Rasterize Text")

    def apply(self, state: DocumentState) -> DocumentState:
        require_some(self.layer_ids)
        require_unlocked(state, self.layer_ids)
        chosen = tuple(state.layer(i) for i in outermost(state, self.layer_ids))
        plain: dict[str, Layer] = {
            layer.layer_id: replace(baked(layer), text=None)
            for layer in rasters(chosen)
            if layer.text is not None
        }
        return replace(state, layers=tree.replace_layers(state.layers, plain))


def text_name(content: TextContent) -> str:
    """The name of a layer after its text: the first line with letters, cut to 40 characters."""
    lines = [line.strip() for line in content.text.splitlines() if line.strip()]
    return lines[0][:MAX_NAME_CHARACTERS] if lines else tr("Text")
