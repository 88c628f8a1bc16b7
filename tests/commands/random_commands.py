"""Random commands for a document, drawn from whole numbers so that failures shrink well."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from editor.commands.align_commands import (
    AlignEdge,
    AlignLayers,
    AlignTo,
    DistributeLayers,
    Spread,
)
from editor.commands.canvas_commands import (
    ChangeCanvasSize,
    ChangeImageSize,
    CropCanvas,
    CropToSelection,
    TrimCanvas,
    TurnCanvas,
)
from editor.commands.clip_commands import Clip, CutLayers, PlaceClips
from editor.commands.command import Command
from editor.commands.generation_commands import InsertGeneratedLayers
from editor.commands.group_commands import GroupLayers, UngroupLayers
from editor.commands.guide_commands import AddGuide, ClearGuides, MoveGuide, RemoveGuide
from editor.commands.layer_commands import (
    AddLayer,
    DuplicateLayers,
    MergeCommands,
    RemoveLayers,
    ReorderLayers,
)
from editor.commands.layout_commands import (
    AddBox,
    MoveBox,
    RemoveBoxes,
    ResizeCanvas,
    SetSeed,
)
from editor.commands.mask_commands import (
    AddMask,
    ApplyMasks,
    IsolateGroups,
    MaskFill,
    RemoveMasks,
    SetClipped,
    SetMaskEnabled,
)
from editor.commands.merge_commands import FlattenImage, MergeGroup, MergeVisible
from editor.commands.paint_commands import (
    PaintLayer,
    PatchMask,
    PatchPixels,
    SetMask,
    SetSelection,
)
from editor.commands.pixel_commands import MergeDown, ReplaceLayerContent
from editor.commands.property_commands import (
    RenameLayer,
    SetBlendMode,
    SetColorTag,
    SetExpanded,
    SetLocked,
    SetOpacity,
    SetVisible,
)
from editor.commands.selection_commands import (
    DeleteSelectedPixels,
    FillSelection,
    LayerFromSelection,
)
from editor.commands.text_commands import RasterizeText, WriteText
from editor.commands.transform_commands import (
    ApplyTransform,
    MoveLayers,
    ScaleLayer,
    TransformLayers,
)
from editor.commands.variation_commands import (
    PickVariation,
    RemoveVariation,
    SetWish,
    SwitchVariation,
)
from editor.document.blending import BlendMode
from editor.document.color_tags import ColorTag
from editor.document.document import Document
from editor.document.geometry import Rect
from editor.document.guides import Guide, Orientation
from editor.document.layers import GroupLayer, RasterLayer
from editor.document.layout import LayoutBox
from editor.document.masks import CoverageBuffer, Mask
from editor.document.pixels import PixelBuffer
from editor.document.text import DrawnText, TextContent
from editor.document.turning import Turn
from editor.document.variations import Variation, with_new
from editor.document.wishes import LayerWish
from tests.document.scenes import noise, noise_layer

MODES = tuple(BlendMode)
FILLS = tuple(MaskFill)
TURNS = tuple(Turn)
EDGES, SPREADS = tuple(AlignEdge), tuple(Spread)
ENDS = tuple(AlignTo)
ORIENTATIONS = tuple(Orientation)


@dataclass(frozen=True)
class Draw:
    """Numbers that a command is made of; each is used modulo what there is."""

    kind: int
    which: int
    a: int
    b: int

    def layers(self, document: Document, count: int = 1) -> tuple[str, ...]:
        ids = [layer.layer_id for layer in document.all_layers()]
        picked = (
            [ids[(self.which + i * (1 + self.a)) % len(ids)] for i in range(count)] if ids else []
        )
        return tuple(dict.fromkeys(picked))

    def layer(self, document: Document) -> str:
        return (*self.layers(document), "none")[0]

    def group(self, document: Document) -> str | None:
        groups = [
            layer.layer_id for layer in document.all_layers() if isinstance(layer, GroupLayer)
        ]
        return (None, *groups)[self.b % (len(groups) + 1)]

    def box(self, document: Document) -> str:
        boxes = [box.box_id for box in document.boxes] or ["none"]
        return boxes[self.which % len(boxes)]

    def rect(self) -> Rect:
        return Rect.from_size(self.a % 30 - 8, self.b % 30 - 8, self.which % 20, self.a % 13)

    def mask(self) -> Mask:
        rng = np.random.default_rng(self.which)
        values = rng.choice(np.array([0, 90, 255], np.uint8), (1 + self.b % 14, 1 + self.a % 17))
        return Mask(
            coverage=CoverageBuffer.from_array(values),
            offset=(self.a % 20 - 4, self.b % 20 - 4),
            outside=255 * (self.which % 2),
            enabled=self.a % 5 != 0,
        )

    def pixels(self) -> PixelBuffer:
        return PixelBuffer.from_array(noise(1 + self.a % 12, 1 + self.b % 9, self.which))

    def patch(self) -> Rect:
        """Often across the edge of a tile of the wide layer, sometimes outside of all layers."""
        x = (self.a % 40 - 10, 256 - self.a % 30, 20)[self.kind % 3]
        return Rect.from_size(x, self.b % 40 - 8, 1 + self.which % 37, 1 + self.b % 23)

    def wide_mask(self) -> Mask:
        coverage = CoverageBuffer.from_array(noise(1 + self.b % 290, 1 + self.a % 9, 1)[..., 3])
        offset = self.which % 20 - 5, self.a % 20 - 5
        return Mask(coverage=coverage, offset=offset, outside=255 * (self.b % 2))

    def guide(self) -> Guide:
        return Guide(ORIENTATIONS[self.which % 2], self.a % 24)

    def text(self) -> TextContent:
        linear = (1.0, self.b % 3 / 2, 0.0, (-1.0) ** self.a)
        return TextContent(text=f"T {self.a}", family="Sans", size_px=4.0, linear=linear)

    def matrix(self) -> tuple[float, float, float, float, float, float]:
        """Turned, stretched and moved by a little."""
        turn = (self.a % 9 - 4) / 8
        return 0.6 + self.b % 5 / 5, -turn, float(self.a % 7), turn, 1.0, float(self.b % 7)

    def blank(self) -> npt.NDArray[np.uint8]:
        return np.zeros((*self.patch().size[::-1], 4), np.uint8)


DRAWS = st.builds(
    Draw,
    kind=st.integers(0, 51),
    which=st.integers(0, 200),
    a=st.integers(0, 200),
    b=st.integers(0, 200),
)


def _variation_command(draw: Draw, document: Document) -> Command:
    """A try at a layer that becomes a variation, or what can be done with those it has."""
    layer = document.layer(draw.layer(document))
    if not isinstance(layer, RasterLayer) or len(layer.variations) < 2 or draw.a % 3 == 0:
        pixels, place = draw.pixels(), (draw.a % 20, draw.b % 20)
        variations: tuple[Variation, ...] = ()
        if isinstance(layer, RasterLayer):
            rect = pixels.bounds.translated(*place)
            variations = with_new(layer, pixels, rect, None)
        return ReplaceLayerContent(
            layer.layer_id,
            pixels,
            place,
            variations=variations,
            shown_variation=pixels.content_hash if variations else "",
        )
    chosen = layer.variations[draw.b % len(layer.variations)].variation_id
    return (
        SwitchVariation(layer.layer_id, chosen),
        RemoveVariation(layer.layer_id, chosen),
        PickVariation(layer.layer_id, chosen, f"{draw.which} {draw.a}"),
        SetWish((layer.layer_id,), LayerWish(prompt=f"a {draw.b}")),
    )[draw.which % 4]


MAKERS: tuple[Callable[[Draw, Document], Command], ...] = (
    lambda d, doc: AddLayer(
        noise_layer(1 + d.a % 16, 1 + d.b % 16, d.which, offset=(d.a % 24 - 4, d.b % 24 - 4)),
        d.group(doc),
        d.which % 4,
    ),
    lambda d, doc: RemoveLayers(d.layers(doc, 1 + d.b % 2)),
    lambda d, doc: DuplicateLayers(d.layers(doc, 2), salt=f"{d.which} {d.a} {d.b}"),
    lambda d, doc: ReorderLayers(d.layers(doc, 1 + d.a % 3), d.group(doc), d.which % 5),
    lambda d, doc: GroupLayers(d.layers(doc, 1 + d.b % 3)),
    lambda d, doc: UngroupLayers(d.layers(doc)),
    lambda d, doc: MoveLayers(d.layers(doc, 2), d.a % 9 - 4, d.b % 9 - 4),
    lambda d, doc: ScaleLayer(d.layer(doc), d.rect()),
    lambda d, doc: SetOpacity(d.layers(doc, 2), d.a / 200),
    lambda d, doc: SetBlendMode(d.layers(doc), MODES[d.a % len(MODES)]),
    lambda d, doc: SetVisible(d.layers(doc, 2), d.a % 2 == 0),
    lambda d, doc: SetLocked(d.layers(doc), d.a % 4 == 0),
    lambda d, doc: SetColorTag(d.layers(doc, 2), list(ColorTag)[d.a % len(ColorTag)]),
    lambda d, doc: RenameLayer(d.layer(doc), f"名 {d.a}"),
    lambda d, doc: SetExpanded(d.layer(doc), d.a % 2 == 0),
    lambda d, doc: MergeDown(d.layer(doc)),
    lambda d, doc: ReplaceLayerContent(d.layer(doc), d.pixels(), (d.a % 20, d.b % 20)),
    lambda d, doc: InsertGeneratedLayers(
        (noise_layer(12, 10, d.which),), (12 + d.a % 20, 30), seed=d.b
    ),
    lambda d, doc: AddBox(LayoutBox(Rect(0, 0, 1 + d.a % 12, 1 + d.b % 12))),
    lambda d, doc: MoveBox(d.box(doc), d.rect()),
    lambda d, doc: MergeCommands((RemoveBoxes((d.box(doc),)), SetSeed(d.a)), "Two"),
    lambda d, doc: AddMask(d.layer(doc), FILLS[d.a % len(FILLS)]),
    lambda d, doc: SetMask(d.layer(doc), d.mask()),
    lambda d, doc: SetMaskEnabled(d.layers(doc, 2), d.a % 2 == 0),
    lambda d, doc: PatchMask(d.layer(doc), d.mask().bounds, d.mask().coverage.array),
    lambda d, doc: ApplyMasks(d.layers(doc, 2)) if d.a % 3 else RemoveMasks(d.layers(doc, 2)),
    lambda d, doc: SetClipped(d.layers(doc, 1 + d.b % 2), d.a % 3 != 0),
    lambda d, doc: SetClipped(d.layers(doc, 3), True),
    lambda d, doc: IsolateGroups((d.group(doc) or "none",), d.a % 2 == 0),
    lambda d, doc: SetSelection(d.mask() if d.a % 4 else None),
    lambda d, doc: ResizeCanvas(6 + d.a % 30, 6 + d.b % 30),
    # Patches come more often than the rest: much of an afternoon is painting.
    lambda d, doc: PatchPixels(d.layer(doc), d.patch(), noise(*d.patch().size, d.which)),
    lambda d, doc: PatchPixels(d.layer(doc), d.patch(), d.blank(), "Erase", stroke="eraser"),
    lambda d, doc: PatchPixels(
        d.layer(doc), d.patch(), noise(*d.patch().size, d.which), stroke=d.kind
    ),
    lambda d, doc: PatchMask(d.layer(doc), d.patch(), noise(*d.patch().size, d.which)[..., 0]),
    lambda d, doc: PatchMask(d.layer(doc), d.patch(), d.blank()[..., 0], stroke="mask"),
    lambda d, doc: SetMask(d.layer(doc), d.wide_mask()),
    lambda d, doc: (
        CutLayers(d.layers(doc, 1 + d.a % 2))
        if d.b % 3 == 0
        else PlaceClips((Clip(d.pixels()), Clip(d.pixels(), (d.a % 9, 3))), salt=f"{d.which} {d.a}")
    ),
    lambda d, doc: TurnCanvas(TURNS[d.a % len(TURNS)]),
    lambda d, doc: (
        CropCanvas(Rect.from_size(d.a % 9 - 4, d.b % 9 - 4, 8 + d.which % 30, 8 + d.a % 30))
        if d.b % 3
        else TrimCanvas()
    ),
    lambda d, doc: ChangeImageSize(8 + d.a % 30, 8 + d.b % 30),
    lambda d, doc: MergeGroup(d.group(doc) or "none") if d.a % 3 else MergeVisible(f"{d.which}"),
    lambda d, doc: LayerFromSelection(d.layer(doc), d.a % 2 == 0, f"{d.which} {d.a} {d.b}"),
    lambda d, doc: (
        DeleteSelectedPixels(d.layer(doc))
        if d.a % 2
        else FillSelection(d.layer(doc), (9, 8, 7, d.a))
    ),
    lambda d, doc: TransformLayers(
        tuple(doc.layer(layer_id) for layer_id in d.layers(doc)), d.matrix()
    ),
    lambda d, doc: ApplyTransform(d.layers(doc, 3)),
    lambda d, doc: (
        AlignLayers(d.layers(doc, 2), EDGES[d.a % len(EDGES)], ENDS[d.b % len(ENDS)])
        if d.which % 2
        else DistributeLayers(d.layers(doc, 4), SPREADS[d.a % len(SPREADS)], ENDS[d.b % len(ENDS)])
    ),
    lambda d, doc: (
        AddGuide(d.guide()),
        MoveGuide(d.which % 3, float(d.a % 24)),
        RemoveGuide(d.which % 3),
        AddGuide(d.guide()),
        ClearGuides(),
    )[d.b % 5],
    lambda d, doc: (
        RasterizeText(("text", *d.layers(doc)))
        if d.which % 4 == 0
        else WriteText("text", d.text(), DrawnText(d.pixels(), (d.a % 20, d.b % 20)))
    ),
    lambda d, doc: PaintLayer(d.layer(doc), d.pixels(), (d.a % 20 - 4, d.b % 20 - 4)),
    lambda d, doc: FlattenImage(f"{d.which}") if d.a % 8 == 0 else CropToSelection(),
    lambda d, doc: ChangeCanvasSize(8 + d.a % 30, 8 + d.b % 30, (d.which % 3 / 2, 0.5)),
    _variation_command,
)


def make_command(draw: Draw, document: Document) -> Command:
    """The command that a draw stands for in this document; it may be refused."""
    return MAKERS[draw.kind % len(MAKERS)](draw, document)
