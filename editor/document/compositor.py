"""From layers to one picture: the same code makes the canvas, exports and thumbnails.

For each tile the layers become a list of instructions, which compiled code does row by row
(`kernel`). Nothing the size of the picture is held but the result. A pixel's value does not depend
on which rectangle was asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Protocol

import numpy as np

from editor.document.blending import LAYER_MODES, BlendMode
from editor.document.clipping import ClipRun, clip_runs
from editor.document.geometry import Rect
from editor.document.kernel.program import Program
from editor.document.layers import GroupLayer, Layer, RasterLayer
from editor.document.masks import Mask
from editor.document.pixels import PixelBuffer, RgbaArray
from editor.document.state import DocumentState
from editor.document.surface import Picture, Surface, tiles_of
from editor.document.tiles import part_of

_FULL = 255
_BAND_ROWS = 256  # worked on at once where rows are not held: few enough not to search long


class HasState(Protocol):
    """A document; its current state is composited."""

    def snapshot(self) -> DocumentState: ...


class CompositingCancelled(Exception):
    """Raised by `composite` when its `cancelled` function said so."""


def composite(
    document: DocumentState | HasState,
    rect: Rect | None = None,
    *,
    level: int = 0,
    skip: Collection[str] = (),
    cancelled: Callable[[], bool] | None = None,
    bgra: bool = False,
) -> RgbaArray:
    """Composite part of a document -> h w 4 straight RGBA uint8.

    Args:
        document: A document or (in another thread: always) its snapshot.
        rect: What to composite, in pixels *of the level*; default the whole canvas. Parts outside
            the canvas come out transparent.
        level: 0 = full size; n = each pixel averages 2^n x 2^n document pixels of each layer.
            Blend modes other than Normal are then an approximation of the scaled full picture.
        skip: Ids of layers or groups to leave out, as if they were hidden.
        cancelled: Asked before each tile; True raises CompositingCancelled.
        bgra: Premultiplied BGRA instead, as screens take it.

    Colour under alpha 0 is 0.
    """
    state = document if isinstance(document, DocumentState) else document.snapshot()
    canvas = level_rect(state.canvas, level)
    wanted = canvas if rect is None else rect
    out = np.zeros((wanted.height, wanted.width, 4), np.uint8)
    job = _Job(level, frozenset(skip))
    for tile in tiles_of(wanted.intersection(canvas)):
        if cancelled is not None and cancelled():
            raise CompositingCancelled
        program = Program(tile)
        program.begin()
        job.draw_layers(program, state.layers, tile)
        program.write(part_of(out, wanted, tile), bgra=bgra)
        program.run()
    return out


def flatten(document: DocumentState | HasState) -> RgbaArray:
    """The whole canvas at full size, height width 4 straight RGBA uint8."""
    return composite(document)


def composite_layers(layers: tuple[Layer, ...], rect: Rect) -> RgbaArray:
    """Composite some layers by themselves on transparency -> h w 4 straight RGBA uint8.

    `rect` is in document pixels and may reach outside the canvas.
    """
    return composite_between(layers, rect)


def composite_between(
    layers: tuple[Layer, ...],
    rect: Rect,
    *,
    level: int = 0,
    skip: Collection[str] = (),
    below: Surface | None = None,
    above: Surface | None = None,
    bgra: bool = False,
) -> RgbaArray:
    """Composite some layers between surfaces made earlier -> h w 4 uint8, as `composite`.

    Args:
        layers: Children of one group or the root, bottom to top; a base and the layers clipped to
            it must stay together (`clip_runs`).
        rect: In pixels of the level; may reach outside the canvas.
        below: What to begin with, covering `rect`; None = transparency.
        above: Laid over the result with the mode Normal, covering `rect`.
    """
    out = np.empty((rect.height, rect.width, 4), np.uint8)
    job = _Job(level, frozenset(skip))
    for tile in tiles_of(rect):
        program = Program(tile)
        program.begin(below.part(tile).planes if below is not None else None)
        job.draw_layers(program, layers, tile)
        if above is not None:
            program.lay(above.part(tile).planes, tile)
        program.write(part_of(out, rect, tile), bgra=bgra)
        program.run()
    return out


def draft_between(
    layers: tuple[Layer, ...],
    rect: Rect,
    *,
    level: int,
    below: Picture,
    above: Picture,
    moving: Collection[str] = (),
) -> RgbaArray:
    """As `composite_between` from pictures in bytes -> h w 4 premultiplied BGRA.

    A quarter of the memory traffic, for pictures that are soon replaced by exact ones: what lies
    below and above was rounded to bytes, so that the result may be off by a level or two.

    Args:
        moving: Ids of layers that may lie a quarter of the level's pixel aside. They need a fourth
            of the reduced pictures, most of which a drag would use once only.
    """
    out = np.empty((rect.height, rect.width, 4), np.uint8)
    job = _Job(level, moving=frozenset(moving))
    alone = job.plain_layer(layers)
    if alone is not None:
        for band in rect.tiles(rect.width, _BAND_ROWS):
            if not job.draw_between(band, alone, below, above, part_of(out, rect, band)):
                break
        else:
            return out
    for tile in tiles_of(rect):
        program = Program(tile)
        program.begin_bytes(below.part(tile).pixels)
        job.draw_layers(program, layers, tile)
        program.lay_bytes(above.part(tile).pixels)
        program.write(part_of(out, rect, tile), bgra=True)
        program.run()
    return out


def draw_layers(
    surface: Surface, layers: tuple[Layer, ...], level: int = 0, skip: Collection[str] = ()
) -> None:
    """Lay layers over what a surface holds; arguments as in `composite_between`."""
    job = _Job(level, frozenset(skip))
    for tile in tiles_of(surface.rect):
        target = surface.part(tile)
        program = Program(tile)
        program.begin(target.planes)
        job.draw_layers(program, layers, tile)
        program.store(target.planes)
        program.run()


def level_rect(rect: Rect, level: int) -> Rect:
    """Pixels of a level that a rectangle of document pixels touches."""
    return Rect(
        rect.x0 >> level,
        rect.y0 >> level,
        -(-rect.x1 >> level),
        -(-rect.y1 >> level),
    )


@dataclass(frozen=True)
class _Job:
    """Turns layers into instructions; holds what stays the same through a composite."""

    level: int = 0
    skip: frozenset[str] = frozenset()
    moving: frozenset[str] = frozenset()  # placed to half a pixel of the level

    def draw_layers(self, program: Program, layers: tuple[Layer, ...], area: Rect) -> None:
        """Instructions for the children of a group or the root, inside `area`."""
        runs = [run for run in clip_runs(layers) if self._shows(run.base)]
        first = max((i for i, run in enumerate(runs) if self._hides_all(run.base, area)), default=0)
        for run in runs[first:]:
            clipped = tuple(layer for layer in run.clipped if self._shows(layer))
            if clipped:
                self._draw_clipped(program, ClipRun(run.base, clipped), area)
            else:
                self._draw(program, run.base, area)

    def plain_layer(self, layers: tuple[Layer, ...]) -> RasterLayer | None:
        """The only one shown, when it does nothing but lie there in mode Normal."""
        shown = [run for run in clip_runs(layers) if self._shows(run.base)]
        if len(shown) != 1 or shown[0].clipped:
            return None
        layer = shown[0].base
        if not isinstance(layer, RasterLayer) or layer.blend_mode is not BlendMode.NORMAL:
            return None
        return layer if _mask_of(layer) is None else None

    def draw_between(
        self, rect: Rect, layer: RasterLayer, below: Picture, above: Picture, target: RgbaArray
    ) -> bool:
        """A plain layer between two pictures; False when it has tiles of one colour."""
        program = Program(rect)
        program.between(below.part(rect).pixels, above.part(rect).pixels, target)
        pixels, x, y = self._placed(layer)
        spans = list(pixels.tiles.spans(rect.translated(-x, -y)))
        if any(tile.colour is not None for tile, _, _ in spans):
            return False
        if sum((x1 - x0) * (y1 - y0) for _, (x0, y0, x1, y1), _ in spans) < rect.area:
            program.nothing()
        for span in spans:
            program.span_between(span, x, y, layer.opacity_level)
        program.run()
        return True

    def _shows(self, layer: Layer) -> bool:
        return layer.visible and layer.opacity > 0 and layer.layer_id not in self.skip

    def _hides_all(self, layer: Layer, rect: Rect) -> bool:
        """True when nothing under this layer can be seen in the rectangle."""
        if not isinstance(layer, RasterLayer) or layer.blend_mode is not BlendMode.NORMAL:
            return False
        if layer.opacity_level < _FULL or _mask_of(layer):
            return False
        pixels, x, y = self._placed(layer)
        local = rect.translated(-x, -y)
        return pixels.bounds.contains(local) and pixels.tiles.is_opaque_in(local)

    def _draw(self, program: Program, layer: Layer, area: Rect) -> None:
        if isinstance(layer, GroupLayer) and layer.blend_mode is BlendMode.PASS_THROUGH:
            self._draw_through(program, layer, area)
        elif self._source(program, layer, area, layer.opacity_level):
            program.blend(LAYER_MODES.index(layer.blend_mode), _dissolve_seed(layer.layer_id))

    def _draw_clipped(self, program: Program, run: ClipRun, area: Rect) -> None:
        """The base alone gives the alpha; on it the clipped layers see an opaque backdrop."""
        base = run.base
        area = self._area_of(base, area)
        if area.is_empty:
            return
        pushed = program.push(area, empty=True)
        if self._source(program, base, area, _FULL):
            program.blend(LAYER_MODES.index(BlendMode.NORMAL), 0)
        program.clip_to(area)
        for layer in run.clipped:
            self._draw(program, layer, area)
        program.pop(pushed, area, base.opacity_level, clipped=True)
        through = base.blend_mode is BlendMode.PASS_THROUGH
        mode = BlendMode.NORMAL if through else base.blend_mode
        program.blend(LAYER_MODES.index(mode), _dissolve_seed(base.layer_id))

    def _draw_through(self, program: Program, group: GroupLayer, area: Rect) -> None:
        """A pass-through group; its opacity and mask fade between with and without it."""
        area = self._area_of(group, area)
        if area.is_empty:
            return
        mask = _mask_of(group)
        if group.opacity_level == _FULL and mask is None:
            self.draw_layers(program, group.children, area)
            return
        pushed = program.push(area, empty=False)
        self.draw_layers(program, group.children, area)
        program.everywhere(area, group.opacity_level)
        self._apply_mask(program, mask, area)
        program.fade(pushed, area)

    def _source(self, program: Program, layer: Layer, area: Rect, opacity: int) -> bool:
        """A layer or an isolated group as the source, masked; False when nothing lies in `area`."""
        area = self._area_of(layer, area)
        if area.is_empty:
            return False
        if isinstance(layer, RasterLayer):
            pixels, x, y = self._placed(layer)
            program.new_source(area)
            for span in pixels.tiles.spans(area.translated(-x, -y)):
                program.span(span, x, y, opacity)
        elif isinstance(layer, GroupLayer):
            pushed = program.push(area, empty=True)
            self.draw_layers(program, layer.children, area)
            program.pop(pushed, area, opacity)
        self._apply_mask(program, _mask_of(layer), area)
        return True

    def _area_of(self, layer: Layer, area: Rect) -> Rect:
        """The part of `area` that a layer can change."""
        # Not `opaque_box`: measuring it looks at every pixel once more, the kernel only at those
        # of tiles that exist.
        area = area.intersection(level_rect(layer.bounds, self.level))
        mask = _mask_of(layer)
        if mask is not None and mask.outside == 0:
            area = area.intersection(level_rect(mask.bounds, self.level))
        return area

    def _apply_mask(self, program: Program, mask: Mask | None, area: Rect) -> None:
        if mask is None:
            return
        mask = mask.reduced(self.level)
        covered = area.intersection(mask.bounds)
        if not covered.is_empty:
            program.mask(mask.read(covered), covered, mask.outside)

    def _placed(self, layer: RasterLayer) -> tuple[PixelBuffer, int, int]:
        """The layer's pixels at this level, and where their corner lies."""
        x, y = layer.offset
        if self.level == 0:
            return layer.pixels, x, y
        side = 1 << self.level
        if layer.layer_id in self.moving:
            x, y = (round(2 * place / side) * side // 2 for place in (x, y))
        reduced = layer.pixels.reduced(self.level, x % side, y % side)
        return reduced, x >> self.level, y >> self.level


def _mask_of(layer: Layer) -> Mask | None:
    """The mask that counts; None when there is none or it is disabled."""
    return layer.mask if layer.mask is not None and layer.mask.enabled else None


@lru_cache(maxsize=4096)
def _dissolve_seed(layer_id: str) -> int:
    return int.from_bytes(blake2b(layer_id.encode(), digest_size=4).digest(), "little")
