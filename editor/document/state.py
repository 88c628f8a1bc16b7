"""The whole content of a document as one frozen value: what commands turn into another value.

A state is also the snapshot that exporters and workers get: nothing in it ever changes, and
making it costs nothing because layers and pixels are shared, never copied.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

from editor.document.color_tags import ColorTag
from editor.document.errors import DocumentError
from editor.document.geometry import Rect
from editor.document.guides import Guide
from editor.document.identity import new_id
from editor.document.kept import KeptFile
from editor.document.layers import GroupLayer, Layer, RasterLayer, rasters, walk
from editor.document.layout import LayoutBox
from editor.document.masks import Mask
from editor.document.pixels import check_size
from editor.document.variations import Variation
from editor.translations import mark, tr


@dataclass(frozen=True, kw_only=True)
class DocumentState:
    """Everything that is saved and undone.

    Attributes:
        width, height: Canvas in pixels, 1 to 30000.
        layers: Root layers, bottom to top.
        boxes: Layout boxes, bottom to top.
        seed: Document seed, 0 to 2^63 - 1; noise of layers derives from it.
        selection: Where painting, filling and deleting act; None = everywhere.
        guides: Lines to snap to, in the order they were made.
        color_profile: ICC profile of the RGB values, as it came with the file; None = sRGB.
        resolution_ppi: Pixels per inch for printing, above 0.
        kept: The PSD that the document was opened from, when it has more than we edit.
        document_id: Identity through saves.
    """

    width: int
    height: int
    layers: tuple[Layer, ...] = ()
    boxes: tuple[LayoutBox, ...] = ()
    seed: int = 0
    selection: Mask | None = None
    guides: tuple[Guide, ...] = ()
    color_profile: bytes | None = None
    resolution_ppi: float = 72.0
    kept: KeptFile | None = None
    document_id: str = field(default_factory=new_id)

    def __post_init__(self) -> None:
        check_size(self.width, self.height, mark("A canvas"))

    @property
    def canvas(self) -> Rect:
        """(0, 0, width, height)."""
        return Rect(0, 0, self.width, self.height)

    @cached_property
    def _by_id(self) -> dict[str, Layer]:
        layers = list(walk(self.layers))
        found = {layer.layer_id: layer for layer in layers}
        if len(found) != len(layers):
            raise DocumentError(tr("Two layers have the same id."))
        return found

    @cached_property
    def _parents(self) -> dict[str, str]:
        return {
            child.layer_id: group.layer_id
            for group in self._by_id.values()
            if isinstance(group, GroupLayer)
            for child in group.children
        }

    def has_layer(self, layer_id: str) -> bool:
        return layer_id in self._by_id

    def layer(self, layer_id: str) -> Layer:
        """The layer with this id; raises DocumentError when there is none."""
        try:
            return self._by_id[layer_id]
        except KeyError:
            raise DocumentError(tr("That layer is no longer in the document."), layer_id) from None

    def raster(self, layer_id: str) -> RasterLayer:
        """As `layer`, for a raster layer; raises DocumentError for a group."""
        layer = self.layer(layer_id)
        if not isinstance(layer, RasterLayer):
            raise DocumentError(
                tr('"{name}" is a group; choose a layer with pixels.', name=layer.name)
            )
        return layer

    def parent_id(self, layer_id: str) -> str | None:
        """Id of the group around a layer; None = at the root."""
        self.layer(layer_id)
        return self._parents.get(layer_id)

    def siblings(self, layer_id: str) -> tuple[Layer, ...]:
        """All children of the group around a layer (or of the root), bottom to top, itself too."""
        parent_id = self.parent_id(layer_id)
        if parent_id is None:
            return self.layers
        parent = self.layer(parent_id)
        return parent.children if isinstance(parent, GroupLayer) else ()

    def locking_layer(self, layer_id: str) -> Layer | None:
        """Whose lock keeps commands from editing a layer; None = it is free.

        The layer itself, something in it, or a group around it; the first found in this order.
        Raises DocumentError for an unknown layer.
        """
        for inner in walk((self.layer(layer_id),)):
            if inner.locked:
                return inner
        parent = self.parent_id(layer_id)
        while parent is not None:
            group = self.layer(parent)
            if group.locked:
                return group
            parent = self.parent_id(parent)
        return None

    def is_locked(self, layer_id: str) -> bool:
        """Whether commands refuse to edit a layer; see `locking_layer`."""
        return self.locking_layer(layer_id) is not None

    def all_layers(self) -> tuple[Layer, ...]:
        """Every layer, bottom to top, a group before what is in it."""
        return tuple(self._by_id.values())

    def raster_layers(self) -> tuple[RasterLayer, ...]:
        """Every raster layer, bottom to top."""
        return tuple(rasters(self.layers))

    def box(self, box_id: str) -> LayoutBox:
        """The layout box with this id; raises DocumentError when there is none."""
        for box in self.boxes:
            if box.box_id == box_id:
                return box
        raise DocumentError(tr("That box is no longer in the layout."), box_id)

    def state_hash(self) -> str:
        """blake2b in hex over all content (pixels by their hash); equal for equal documents.

        Whether groups are shown open is left out: it is not undone.
        """
        content = [
            [self.document_id, self.width, self.height, self.seed, self.resolution_ppi],
            [_described_mask(self.selection), self.color_profile and self.color_profile.hex()],
            *([[self.kept.digest]] if self.kept else []),
            [[guide.orientation, guide.position] for guide in self.guides],
            [[b.box_id, b.rect.as_tuple(), b.name, b.prompt] for b in self.boxes],
            [_described(layer) for layer in self.layers],
        ]
        text = json.dumps(content, sort_keys=True, separators=(",", ":"))
        return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _described(layer: Layer) -> list[Any]:
    """All content of a layer as plain values, in a fixed order."""
    common = [
        layer.layer_id,
        layer.name,
        layer.opacity_level,
        layer.blend_mode.id,
        layer.visible,
        layer.locked,
        layer.clipped,
        _described_mask(layer.mask),
        *([layer.color_tag.value] if layer.color_tag is not ColorTag.NONE else []),
        *([asdict(layer.kept)] if layer.kept else []),
    ]
    if isinstance(layer, GroupLayer):
        return [*common, "group", [_described(child) for child in layer.children]]
    if not isinstance(layer, RasterLayer):
        raise TypeError(f"unknown kind of layer: {type(layer).__name__}")
    return [
        *common,
        "raster",
        layer.offset,
        layer.pixels.content_hash,
        layer.source.content_hash if layer.source else None,
        layer.matrix,
        layer.record.to_json() if layer.record else None,
        asdict(layer.text) if layer.text else None,
        [_described_variation(variation) for variation in layer.variations],
        layer.shown_variation,
        asdict(layer.wish) if layer.wish else None,
    ]


def _described_variation(variation: Variation) -> list[Any]:
    record = variation.record.to_json() if variation.record else None
    return [variation.pixels.content_hash, variation.box, record, variation.edited]


def _described_mask(mask: Mask | None) -> list[Any] | None:
    if mask is None:
        return None
    source = mask.source.content_hash if mask.source else None
    return [mask.coverage.content_hash, mask.offset, mask.outside, mask.enabled, source]
