"""Layers: frozen values in a tree; a changed layer is a new value with the same id."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from editor.document.affine import Matrix
from editor.document.blending import BlendMode
from editor.document.color_tags import ColorTag
from editor.document.errors import DocumentError
from editor.document.geometry import Rect, union_of
from editor.document.identity import new_id
from editor.document.kept import KeptLayer
from editor.document.masks import Mask
from editor.document.pixels import PixelBuffer
from editor.document.recipe import GenerationRecord, RecordStatus
from editor.document.text import TextContent
from editor.document.variations import Variation
from editor.document.wishes import LayerWish
from editor.translations import tr

MAX_OFFSET_PX = 1_000_000


def quantise_opacity(opacity: float) -> float:
    """Nearest n/255, n = 0..255, as PSD stores it; a round trip is then exact."""
    if not 0.0 <= opacity <= 1.0:
        raise DocumentError(
            tr("The opacity is {opacity:g}; it must be from 0 to 1.", opacity=opacity)
        )
    return round(opacity * 255) / 255


@dataclass(frozen=True, kw_only=True)
class Layer:
    """What raster layers and groups have in common.

    Attributes:
        name: Any text in any script; control characters are removed.
        opacity: 0..1, rounded to n/255.
        visible: False = not composited.
        locked: True = commands refuse to edit it; a locked group locks what is in it.
        mask: Multiplies the alpha, in document pixels; None = no mask.
        clipped: True = shown only where the nearest unclipped layer below, in the same group, is.
        color_tag: Its mark in the layers panel.
        kept: Its record in the PSD it was opened from; None for layers made here.
        layer_id: Identity; unique in the document and never reused.
    """

    name: str = ""
    opacity: float = 1.0
    blend_mode: BlendMode = BlendMode.NORMAL
    visible: bool = True
    locked: bool = False
    mask: Mask | None = None
    clipped: bool = False
    color_tag: ColorTag = ColorTag.NONE
    kept: KeptLayer | None = None
    layer_id: str = field(default_factory=new_id)

    def __post_init__(self) -> None:
        object.__setattr__(self, "opacity", quantise_opacity(self.opacity))
        object.__setattr__(self, "name", clean_name(self.name))

    @property
    def opacity_level(self) -> int:
        """Opacity as the whole number 0..255 that files store."""
        return round(self.opacity * 255)

    @property
    def bounds(self) -> Rect:
        """Rectangle of the stored pixels, in document pixels."""
        raise NotImplementedError

    @property
    def opaque_box(self) -> Rect:
        """Rectangle around the pixels with alpha > 0, in document pixels; EMPTY for none."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class RasterLayer(Layer):
    """A layer of pixels.

    Attributes:
        pixels: What is drawn, at scale 1.
        offset: (x, y) of the top left pixel in document pixels; may be negative.
        source: The pixels before scaling, or None while `pixels` are the original. Scaling always
            starts from them, so that repeated scaling loses nothing.
        matrix: How `source` was mapped to the document when that was more than scaling: row-major
            (a, b, c, d, e, f) with x' = a x + b y + c and y' = d x + e y + f; None = moved and
            scaled only. `pixels` are its result.
        record: How it was generated; None for anything else.
        text: What `pixels` were drawn from while the text is live; None = plain pixels.
        variations: Pictures kept inside the layer, the shown one among them; oldest first.
        shown_variation: Id of the one shown; empty = there are none. Painting on the layer leaves
            it: the variation then has the pixels before.
        wish: What the next try shall be like; None = as the layer was made.
    """

    pixels: PixelBuffer
    offset: tuple[int, int] = (0, 0)
    source: PixelBuffer | None = None
    matrix: Matrix | None = None
    record: GenerationRecord | None = None
    text: TextContent | None = None
    variations: tuple[Variation, ...] = ()
    shown_variation: str = ""
    wish: LayerWish | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.blend_mode is BlendMode.PASS_THROUGH:
            raise DocumentError(tr("Only groups can have the blend mode Pass Through."))
        if max(abs(value) for value in self.offset) > MAX_OFFSET_PX:
            raise DocumentError(
                tr('The layer "{name}" would be too far from the canvas.', name=self.name)
            )

    @property
    def bounds(self) -> Rect:
        return self.pixels.bounds.translated(*self.offset)

    @property
    def opaque_box(self) -> Rect:
        box = self.pixels.alpha_box
        return box if box.is_empty else box.translated(*self.offset)

    @property
    def is_out_of_date(self) -> bool:
        """Whether it was generated and its prompt, box or settings were changed since."""
        return self.record is not None and self.wish is not None

    def status(self, edited: bool | None) -> RecordStatus:
        """Out of date counts before edited; `edited` None = not known yet."""
        if self.is_out_of_date:
            return RecordStatus.OUT_OF_DATE
        return RecordStatus.EDITED if edited else RecordStatus.CURRENT

    @property
    def original(self) -> PixelBuffer:
        """The unscaled pixels."""
        return self.source or self.pixels


@dataclass(frozen=True, kw_only=True)
class GroupLayer(Layer):
    """A folder of layers; with PASS_THROUGH (the default) it blends as if it were not there.

    With any other blend mode the group is isolated: its layers are composited on transparency,
    then the result is blended as one layer.

    Attributes:
        children: Bottom to top.
        expanded: Shown open in the layers panel.
    """

    blend_mode: BlendMode = BlendMode.PASS_THROUGH
    children: tuple[Layer, ...] = ()
    expanded: bool = True

    @property
    def bounds(self) -> Rect:
        return union_of(child.bounds for child in self.children)

    @property
    def opaque_box(self) -> Rect:
        return union_of(layer.opaque_box for layer in rasters(self.children))


def clean_name(name: str) -> str:
    """Without control characters and outer spaces; scripts, joiners and emoji stay."""
    return "".join(" " if c in "\n\r\t" else c for c in name if c >= " " or c in "\n\r\t").strip()


def walk(layers: tuple[Layer, ...]) -> Iterator[Layer]:
    """Every layer, bottom to top, a group before what is in it."""
    waiting = list(reversed(layers))  # a stack: nested generators cost by depth
    while waiting:
        layer = waiting.pop()
        yield layer
        if isinstance(layer, GroupLayer):
            waiting.extend(reversed(layer.children))


def rasters(layers: tuple[Layer, ...]) -> Iterator[RasterLayer]:
    """Every raster layer, bottom to top."""
    return (layer for layer in walk(layers) if isinstance(layer, RasterLayer))
