"""Variations: other pictures of a layer that stay inside it, each with its recipe.

A layer with variations shows one of them. The others lie ready in their full size, so switching
loses nothing and keeps place, scaling, turn, mask and blend mode. Their boxes are given in a space
of the layer's own: where they lie to each other. What was done to the layer since is what leads
from the box of the shown one to where the layer is now.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from editor.document import affine
from editor.document.affine import Matrix
from editor.document.errors import DocumentError
from editor.document.geometry import Corners, Rect
from editor.document.pixels import PixelBuffer
from editor.document.recipe import GenerationRecord
from editor.document.tiles import Tile
from editor.translations import tr

if TYPE_CHECKING:
    from editor.document.layers import RasterLayer

MAX_VARIATIONS = 32  # of one layer; the oldest that is not shown makes room


@dataclass(frozen=True, kw_only=True)
class Variation:
    """One picture of a layer.

    Attributes:
        variation_id: Hash of the pixels: the same picture is kept once.
        box: (x0, y0, x1, y1) of the pixels in the layer's own space.
        pixels: Unscaled.
        record: How it was generated; None for pixels of the user's own.
        edited: True = pixels that were painted on after they were generated.
    """

    variation_id: str
    box: Corners
    pixels: PixelBuffer
    record: GenerationRecord | None = None
    edited: bool = False


def shown_variation(layer: RasterLayer) -> Variation | None:
    """The variation a layer shows, as it was before it was painted on; None = it has none."""
    for variation in layer.variations:
        if variation.variation_id == layer.shown_variation:
            return variation
    return None


def find_variation(layer: RasterLayer, variation_id: str) -> Variation:
    """A variation by its id. Raises DocumentError when the layer has it no longer."""
    for variation in layer.variations:
        if variation.variation_id == variation_id:
            return variation
    raise DocumentError(
        tr('"{name}" does not have that variation any more.', name=layer.name), variation_id
    )


def kept_variations(layer: RasterLayer) -> tuple[Variation, ...]:
    """All variations of a layer, what it shows now among them.

    A layer without variations gets its first one, unless there is nothing to be seen in it.
    Pixels that were painted on become a variation right behind the one that they were painted on.
    """
    shown, now = shown_variation(layer), layer.original
    if any(now is v.pixels or now.content_hash == v.variation_id for v in layer.variations):
        return layer.variations
    if shown is None:
        if now.alpha_box.is_empty:
            return layer.variations
        return (*layer.variations, _variation_of(layer, layer.bounds.as_tuple(), edited=False))
    into = affine.stretch(_frame_in_original(layer, shown), shown.box)
    painted = _variation_of(layer, _rounded(into, now.bounds.as_tuple()), edited=True)
    place = layer.variations.index(shown)
    before = layer.variations[:place] if shown.edited else layer.variations[: place + 1]
    return (*before, painted, *layer.variations[place + 1 :])


def with_new(
    layer: RasterLayer, pixels: PixelBuffer, rect: Rect, record: GenerationRecord | None
) -> tuple[Variation, ...]:
    """A layer's variations with another one, the last.

    Args:
        rect: Where the pixels lie in the document, before the layer is turned.
    """
    kept = kept_variations(layer)
    shown_id = layer.original.content_hash
    shown = next((v for v in kept if v.variation_id == shown_id), None)
    box = rect.as_tuple()
    if shown is not None and layer.matrix is not None:
        box = shown.box  # in place of what is shown, wherever that was turned to
    elif shown is not None:
        box = _rounded(affine.stretch(layer.bounds.as_tuple(), shown.box), box)
    new = Variation(variation_id=pixels.content_hash, box=box, pixels=pixels, record=record)
    others = [v for v in kept if v.variation_id != new.variation_id]
    while len(others) >= MAX_VARIATIONS:
        others.remove(next(v for v in others if v is not shown))
    return (*others, new)


def without_variations(layer: RasterLayer) -> RasterLayer:
    """The layer with what it shows alone."""
    return replace(layer, variations=(), shown_variation="")


def matrix_of(layer: RasterLayer, variation: Variation) -> Matrix:
    """Takes the pixels of a variation to where they lie in the document."""
    present = layer.matrix or affine.stretch(
        layer.original.bounds.as_tuple(), layer.bounds.as_tuple()
    )
    shown = shown_variation(layer)
    if shown is None:
        place: tuple[float, ...] = layer.original.bounds.as_tuple()
    else:
        into = affine.stretch(shown.box, _frame_in_original(layer, shown))
        place = _mapped(into, variation.box)
    return affine.compose(present, affine.stretch(variation.pixels.bounds.as_tuple(), place))


def deduplicated(pixels: PixelBuffer, known: Iterable[PixelBuffer]) -> PixelBuffer:
    """The same pixels, sharing every tile that one of `known` has too."""
    tiles = pixels.tiles
    digests: dict[bytes, Tile] = {}
    for other in known:
        if other.size == pixels.size and other.content_hash == pixels.content_hash:
            return other
        digests |= {tile.digest: tile for tile in other.tiles.stored().values()}
    shared = {cell: digests.get(tile.digest, tile) for cell, tile in tiles.stored().items()}
    return PixelBuffer.from_tiles(tiles.with_tiles(shared))


def _variation_of(layer: RasterLayer, box: Corners, *, edited: bool) -> Variation:
    pixels = layer.original
    return Variation(
        variation_id=pixels.content_hash, box=box, pixels=pixels, record=layer.record, edited=edited
    )


def _frame_in_original(layer: RasterLayer, shown: Variation) -> Corners:
    """Where the shown variation's pixels lie in those of the layer, which may have been painted on.

    Painting beyond the edge makes a layer larger; the tiles that both share tell where.
    """
    now, before = layer.original.tiles, shown.pixels.tiles
    if now.bounds.size == before.bounds.size:
        return now.bounds.as_tuple()
    places = {tile.digest: cell for cell, tile in now.stored().items() if tile.pixels is not None}
    for cell, tile in before.stored().items():
        if tile.pixels is not None and tile.digest in places:
            there, here = now.rect_of(places[tile.digest]), before.rect_of(cell)
            return before.bounds.translated(there.x0 - here.x0, there.y0 - here.y0).as_tuple()
    return now.bounds.as_tuple()


def _rounded(matrix: Matrix, rect: Corners) -> Corners:
    x0, y0, x1, y1 = _mapped(matrix, rect)
    return round(x0), round(y0), max(round(x0) + 1, round(x1)), max(round(y0) + 1, round(y1))


def _mapped(matrix: Matrix, rect: Corners) -> tuple[float, float, float, float]:
    x0, y0 = affine.apply(matrix, rect[0], rect[1])
    x1, y1 = affine.apply(matrix, rect[2], rect[3])
    return x0, y0, x1, y1
