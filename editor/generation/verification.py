"""Whether a layer still is what its record says: made once more, and compared pixel by pixel."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np

from editor.document.document import Document
from editor.document.geometry import Rect
from editor.document.layers import RasterLayer
from editor.document.pixels import PixelBuffer, RgbaArray
from editor.document.recipe import GenerationRecord
from editor.document.state import DocumentState
from editor.document.variations import shown_variation
from editor.generation.context import context_layer, is_background, visible_hash
from editor.translations import tr
from engine.requests import (
    LayerKind,
    LayerPixels,
    LayerRecord,
    LayerRequest,
    LayerResult,
    RecordEntry,
    RegionBox,
    SamplingOptions,
)

MAX_LEVELS, MEAN_LEVELS = 3.0, 0.5  # of 255, premultiplied: other machines round differently
SCALED_MEAN_LEVELS = 4.0  # after the layer was scaled and is scaled back


class Agreement(StrEnum):
    """Outcome for one layer."""

    EXACT = "exact"
    CLOSE = "within tolerance"
    DIFFERENT = "different"
    UNKNOWN = "no record"


@dataclass(frozen=True, slots=True)
class LayerCheck:
    """One layer, compared with what its record makes.

    Attributes:
        reasons: Sentences on why it is not exact; empty = it is.
        largest, mean: Difference in levels of 255, premultiplied; None = it was not compared.
    """

    layer_id: str
    name: str
    agreement: Agreement
    reasons: tuple[str, ...] = ()
    largest: float | None = None
    mean: float | None = None


def can_be_repeated(layer: RasterLayer) -> bool:
    """Whether the layer has a record of the engine's; imported and painted ones have none."""
    return layer.record is not None and layer.record.steps > 0 and bool(layer.record.route)


def repeat_request(document: Document | DocumentState, layer: RasterLayer) -> LayerRequest:
    """A job that makes the layer exactly as its record says.

    Raises ValueError for a layer that cannot be repeated.
    """
    record = layer.record
    if record is None or not can_be_repeated(layer):
        raise ValueError(f"{layer.name} has no record")
    behind = record.z_index == 0 and is_background(document, layer)
    width, height = record.box[2] - record.box[0], record.box[3] - record.box[1]
    held = {entry.layer_id for entry in record.entries if entry.pixel_hash}
    others = [other for other in document.raster_layers() if other.layer_id in held]
    return LayerRequest(
        prompt=record.typed_prompt or layer.name,
        width=max(record.canvas_size[0], width),
        height=max(record.canvas_size[1], height),
        seed=record.seed,
        box=RegionBox(layer.layer_id, 0, 0, width, height, layer.name, attempt=record.attempt),
        kind=LayerKind.BACKGROUND if behind else LayerKind.OBJECT,
        sampling=SamplingOptions(record.steps, record.true_guidance, tries=1),
        context=tuple(context_layer(document, other) for other in others),
        start=_source(layer, record),
        strength=record.strength if _source(layer, record) else None,
        repeat=_engine_record(layer, record),
    )


def compare(
    document: Document | DocumentState, layer: RasterLayer, result: LayerResult
) -> LayerCheck:
    """The verdict on a layer whose record was repeated."""
    made = PixelBuffer.from_array(result.layer.pixels)
    now, again = _visible(layer.original), _visible(made)
    reasons = [*_changes(document, layer, result.layer.record)]
    scaled = now.shape != again.shape
    if scaled and now.size and again.size:
        reasons.append(tr("It was scaled, or cut, after it was made."))
        size = (now.shape[1], now.shape[0])
        again = np.asarray(cv2.resize(again, size, interpolation=cv2.INTER_AREA), np.uint8)
    elif now.size != again.size:
        reasons.append(tr("Its record makes an empty layer, or it is empty now."))
        return LayerCheck(layer.layer_id, layer.name, Agreement.DIFFERENT, tuple(reasons))
    difference = np.abs(_premultiplied(now) - _premultiplied(again))
    largest, mean = (float(difference.max()), float(difference.mean())) if now.size else (0.0, 0.0)
    agreement = _agreement(largest, mean, scaled)
    if agreement is Agreement.EXACT:
        return LayerCheck(layer.layer_id, layer.name, agreement, (), 0.0, 0.0)
    if not reasons:
        reasons.append(tr("The engine gives other pixels on this machine."))
    return LayerCheck(
        layer.layer_id, layer.name, agreement, tuple(reasons), round(largest, 2), round(mean, 3)
    )


def _agreement(largest: float, mean: float, scaled: bool) -> Agreement:
    if scaled:
        return Agreement.CLOSE if mean <= SCALED_MEAN_LEVELS else Agreement.DIFFERENT
    if largest == 0:
        return Agreement.EXACT
    near = largest <= MAX_LEVELS and mean <= MEAN_LEVELS
    return Agreement.CLOSE if near else Agreement.DIFFERENT


def _changes(document: Document | DocumentState, layer: RasterLayer, now: LayerRecord) -> list[str]:
    """What is not any more as it was when the layer was made."""
    record = layer.record
    if record is None:
        return []
    reasons = []
    if layer.matrix is None and record.pixel_hash not in ("", layer.pixels.content_hash):
        reasons.append(tr("Its pixels were edited after it was made."))
    if record.weights_hash != now.weights_hash:
        reasons.append(tr("It was made with other weights."))
    if record.engine_version != now.engine_version:
        reasons.append(
            tr("It was made by version {version} of the engine.", version=record.engine_version)
        )
    hashes = {entry.layer_id: entry.pixel_hash for entry in record.entries if entry.pixel_hash}
    for other in document.raster_layers():
        wanted = hashes.get(other.layer_id)
        if wanted and wanted != visible_hash(other.pixels):
            reasons.append(
                tr('"{name}", which it was made beside, has changed since.', name=other.name)
            )
    return reasons


def _visible(pixels: PixelBuffer) -> RgbaArray:
    """Cropped to what can be seen."""
    return np.ascontiguousarray(pixels.read(pixels.alpha_box))


def _premultiplied(rgba: RgbaArray) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    values = rgba.astype(np.float32)
    values[..., :3] *= values[..., 3:] / 255
    return values


def _source(layer: RasterLayer, record: GenerationRecord) -> LayerPixels | None:
    """The pixels it was refined from, where the layer still keeps them among its variations."""
    if record.strength is None or not record.source_hash:
        return None
    shown = shown_variation(layer)
    for variation in layer.variations if shown else ():
        if shown and visible_hash(variation.pixels) == record.source_hash:
            x, y = (record.box[axis] - shown.box[axis] for axis in (0, 1))
            box = Rect(*variation.box).translated(x, y).as_tuple()
            return LayerPixels(box, variation.pixels.array, record.source_hash)
    return None


def _engine_record(layer: RasterLayer, record: GenerationRecord) -> LayerRecord:
    return LayerRecord(
        typed_prompt=record.typed_prompt,
        effective_prompt=record.effective_prompt,
        concept=record.concept,
        style=record.style,
        box=record.box,
        z_index=record.z_index,
        canvas_size=record.canvas_size,
        seed=record.seed,
        attempt=record.attempt,
        steps=record.steps,
        true_guidance=record.true_guidance,
        distilled_guidance=record.distilled_guidance,
        route=record.route,
        token_count=record.token_count,
        checkpoint=record.checkpoint,
        weights_hash=record.weights_hash,
        engine_version=record.engine_version,
        context_layers=record.context_layers,
        negative_prompt=record.negative_prompt,
        mode=record.mode,
        alpha_route=record.alpha_route,
        strength=record.strength,
        source_hash=record.source_hash,
        noise_id=record.noise_id or layer.layer_id,
        entries=tuple(
            RecordEntry(e.layer_id, e.noise_id, e.attempt, e.box, e.pixel_hash)
            for e in record.entries
        ),
    )
