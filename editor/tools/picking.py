"""Which layer is under the pointer, and which layers may be moved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from editor.document.clipping import clip_runs
from editor.document.compositor import composite_layers
from editor.document.document import Document
from editor.document.geometry import Rect
from editor.document.layer_placement import seen_box, stretched
from editor.document.layers import GroupLayer, Layer, RasterLayer
from editor.document.masks import Mask
from editor.tools.handles import FloatRect
from editor.translations import tr, tr_count

MIN_ALPHA = 13  # 5 %: the outer haze of a shadow or glow is not what one aims at
REACH_PX = 2.0  # screen pixels around the pointer that count, so thin strokes can be hit


def topmost_at(document: Document, x: float, y: float, pixel: float) -> RasterLayer | None:
    """The topmost visible layer with something to see at a position in document pixels."""
    exact = Rect.from_size(int(x // 1), int(y // 1), 1, 1)
    around = exact.expanded(max(1, round(REACH_PX * pixel)))
    for rect in (exact, around):
        for candidate in _visible_from_top(document.layers, _Limits()):
            if _has_paint(candidate, rect):
                return candidate.layer
    return None


@dataclass(frozen=True, slots=True)
class _Limits:
    """What lets less of a layer be seen: opacities, masks and clipping, its groups' too."""

    opacity: float = 1.0
    masks: tuple[Mask, ...] = ()
    bases: tuple[Layer, ...] = ()

    def with_layer(self, layer: Layer) -> _Limits:
        masks = self.masks
        if layer.mask is not None and layer.mask.enabled:
            masks = (*masks, layer.mask)
        return replace(self, opacity=self.opacity * layer.opacity, masks=masks)


@dataclass(frozen=True, slots=True)
class _Candidate:
    layer: RasterLayer
    limits: _Limits


def _visible_from_top(layers: tuple[Layer, ...], limits: _Limits) -> Iterator[_Candidate]:
    for run in reversed(list(clip_runs(layers))):
        if not run.base.visible:
            continue  # with it, what is clipped to it
        on_base = replace(limits, bases=(*limits.bases, run.base))
        for layer in reversed((run.base, *run.clipped)):
            own = (limits if layer is run.base else on_base).with_layer(layer)
            if not layer.visible:
                continue
            if isinstance(layer, GroupLayer):
                yield from _visible_from_top(layer.children, own)
            elif isinstance(layer, RasterLayer):
                yield _Candidate(layer, own)


def _has_paint(candidate: _Candidate, rect: Rect) -> bool:
    layer, limits = candidate.layer, candidate.limits
    inside = rect.intersection(layer.bounds)
    if inside.is_empty:
        return False
    pixels = layer.pixels.read(inside.translated(-layer.offset[0], -layer.offset[1]))
    alpha = pixels[..., 3] * limits.opacity
    for mask in limits.masks:
        alpha = alpha * (mask.read(inside) / 255)
    for base in limits.bases:
        if alpha.max() >= MIN_ALPHA:
            alpha = alpha * (composite_layers((base,), inside)[..., 3] / 255)
    return bool(alpha.max() >= MIN_ALPHA)


def click_target(document: Document, hit: Layer, *, inner: bool) -> str:
    """What a click on a layer selects: the outermost group around it, or the layer itself.

    The layer itself when `inner` (a double click) or when the user already works in that group.
    """
    root = root_of(document, hit.layer_id)
    working_inside = any(
        selected != root and root_of(document, selected) == root
        for selected in document.selected_ids
    )
    return hit.layer_id if inner or working_inside else root


def root_of(document: Document, layer_id: str) -> str:
    """The layer itself or the outermost group around it."""
    while (parent := document.parent_id(layer_id)) is not None:
        layer_id = parent
    return layer_id


def frame_of(layer: Layer) -> FloatRect:
    """The frame around what can be seen of a layer; around its pixels when all are transparent."""
    return visible_box(layer).as_floats()


def visible_box(layer: Layer) -> Rect:
    """What `frame_of` frames, in whole pixels."""
    box = seen_box(layer)
    return layer.bounds if box.is_empty else box


def stretched_bounds(bounds: Rect, frame: FloatRect, target: FloatRect) -> Rect:
    """Where all pixels of a layer lie when its frame is stretched onto `target`; at least 1 x 1.

    Args:
        bounds, frame: Where they lay before.
    """
    return stretched(bounds, frame, target)


def frame_around(document: Document, layer_ids: Iterable[str]) -> FloatRect:
    """The smallest frame around the frames of some layers (at least one)."""
    frames = [frame_of(document.layer(layer_id)) for layer_id in layer_ids]
    x0, y0, x1, y1 = zip(*frames, strict=True)
    return min(x0), min(y0), max(x1), max(y1)


def locked_hint(document: Document, layer_ids: Iterable[str]) -> str:
    """The sentence that says why a layer does not move."""
    names = [document.layer(i).name for i in layer_ids if document.is_locked(i)]
    if not names:
        return ""
    return tr_count(
        '"{name}" is locked; unlock in the layers panel to move.',
        "{count} layers are locked; unlock in the layers panel to move.",
        len(names),
        name=names[0] or tr("This layer"),
    )
