"""Whether a layer still is what its record says: made once more, and compared pixel by pixel."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

import cv2
import numpy as np
import numpy.typing as npt

from editor.document.document import Document
from editor.document.geometry import Rect
from editor.document.layers import RasterLayer
from editor.document.pixels import PixelBuffer, RgbaArray
from editor.document.recipe import GenerationRecord
from editor.document.state import DocumentState
from editor.document.variations import shown_variation
from editor.generation.context import context_layer, is_background, visible_hash
from editor.generation.records import to_engine_record
from editor.generation.sampling import STARTER
from editor.translations import tr, tr_sentence
from engine.errors import EngineError
from engine.requests import (
    ContextLayer,
    LayerKind,
    LayerPixels,
    LayerRecord,
    LayerRequest,
    LayerResult,
    RegionBox,
    SamplingOptions,
)

MAX_LEVELS, MEAN_LEVELS = 3.0, 0.5  # of 255, premultiplied: other machines round differently
SCALED_MEAN_LEVELS = 4.0  # after the layer was scaled and is scaled back
# A cleaned drawing consists of regions of one colour: by a rounding, a small one joins another.
CLEANED_FITS = ("cleaned", "curved")
CLEANED_SHARE = 0.02  # of the pixels of an unedited layer, however far off

Levels = npt.NDArray[np.float32]  # h w 4 premultiplied, 0 to 255
Run = Callable[[LayerRequest], LayerResult | EngineError]  # a refusal comes back, as its error


class Agreement(StrEnum):
    """Outcome for one layer."""

    EXACT = "exact"
    CLOSE = "within tolerance"
    DIFFERENT = "different"
    UNCHECKED = "cannot be checked"  # something that it was made from is not there any more
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


def verify_layers(document: Document | DocumentState, run: Run) -> list[LayerCheck]:
    """A verdict for each raster layer, bottom to top.

    Args:
        run: Does a job in the engine.
    """
    return [_check(document, layer, run) for layer in document.raster_layers()]


def made_again(
    document: Document | DocumentState, layer: RasterLayer, run: Run
) -> LayerResult | EngineError:
    """What the layer's record makes; what it was refined from is made first where it is not kept.

    Raises ValueError for a layer without a record of the engine's.
    """
    record = layer.record
    if record is None or not _can_be_repeated(record):
        raise ValueError(f"{layer.name} has no record")
    start = _kept_source(layer, record)
    if start is None and record.source_record is not None:
        earlier = replace(layer, record=record.source_record, variations=(), shown_variation="")
        source = made_again(document, earlier, run)
        if isinstance(source, EngineError):
            return source
        start = _source_of(source, record)
        if start is None:
            return EngineError(tr("The pixels that it was refined from cannot be made again."))
    beside = _held_layers(document, record)
    if isinstance(beside, EngineError):
        return beside
    return run(_repeat_request(document, layer, record, beside, start))


def _check(document: Document | DocumentState, layer: RasterLayer, run: Run) -> LayerCheck:
    if layer.record is None or not _can_be_repeated(layer.record):
        return LayerCheck(layer.layer_id, layer.name, Agreement.UNKNOWN)
    result = made_again(document, layer, run)
    if isinstance(result, LayerResult):
        return _compare(layer, result)
    why = tr_sentence(result.message)
    return LayerCheck(layer.layer_id, layer.name, Agreement.UNCHECKED, (why,))


def _can_be_repeated(record: GenerationRecord) -> bool:
    """Whether it is a record of the engine's; those of imported and painted layers are not."""
    return record.steps > 0 and bool(record.route)


def _repeat_request(
    document: Document | DocumentState,
    layer: RasterLayer,
    record: GenerationRecord,
    beside: tuple[ContextLayer, ...],
    start: LayerPixels | None,
) -> LayerRequest:
    """A job that makes the layer exactly as its record says.

    Args:
        beside: What was held still in its job.
        start: What it was refined from.
    """
    behind = record.z_index == 0 and is_background(document, layer)
    width, height = record.box[2] - record.box[0], record.box[3] - record.box[1]
    return LayerRequest(
        prompt=record.typed_prompt or layer.name,
        width=max(record.canvas_size[0], width),
        height=max(record.canvas_size[1], height),
        seed=record.seed,
        box=RegionBox(layer.layer_id, 0, 0, width, height, layer.name, attempt=record.attempt),
        kind=LayerKind.BACKGROUND if behind else LayerKind.OBJECT,
        sampling=SamplingOptions(record.steps, record.true_guidance, tries=1),
        checkpoint=record.checkpoint or STARTER,
        context=beside,
        start=start,
        strength=record.strength if start else None,
        repeat=to_engine_record(record, layer.layer_id),
    )


def _compare(layer: RasterLayer, result: LayerResult) -> LayerCheck:
    """The verdict on a layer whose record was repeated."""
    made = PixelBuffer.from_array(result.layer.pixels)
    now, again = _visible(layer.original), _visible(made)
    reasons = [*_changes(layer, result.layer.record)]
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
    agreement = _agreement(difference, scaled, CLEANED_SHARE if _may_jump(layer) else 0.0)
    if agreement is Agreement.EXACT:
        return LayerCheck(layer.layer_id, layer.name, agreement, (), 0.0, 0.0)
    if not reasons:
        reasons.append(tr("The engine gives other pixels on this machine."))
    return LayerCheck(
        layer.layer_id, layer.name, agreement, tuple(reasons), round(largest, 2), round(mean, 3)
    )


def _agreement(difference: Levels, scaled: bool, far_share: float) -> Agreement:
    """The verdict on premultiplied differences, `h w 4` in levels of 255.

    Args:
        far_share: Of the pixels, how many may differ by more than `MAX_LEVELS`.
    """
    mean = float(difference.mean()) if difference.size else 0.0
    if scaled:
        return Agreement.CLOSE if mean <= SCALED_MEAN_LEVELS else Agreement.DIFFERENT
    if not difference.any():
        return Agreement.EXACT
    far = float((difference.max(2) > MAX_LEVELS).mean())
    return Agreement.CLOSE if far <= far_share and mean <= MEAN_LEVELS else Agreement.DIFFERENT


def _may_jump(layer: RasterLayer) -> bool:
    """Whether it is a cleaned drawing with the very pixels that it was made with."""
    record = layer.record
    unedited = record is not None and record.pixel_hash == layer.original.content_hash
    return record is not None and record.fit in CLEANED_FITS and unedited


def _changes(layer: RasterLayer, now: LayerRecord) -> list[str]:
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
    return reasons


def _visible(pixels: PixelBuffer) -> RgbaArray:
    """Cropped to what can be seen."""
    return np.ascontiguousarray(pixels.read(pixels.alpha_box))


def _premultiplied(rgba: RgbaArray) -> Levels:
    values = rgba.astype(np.float32)
    values[..., :3] *= values[..., 3:] / 255
    return values


def _held_layers(
    document: Document | DocumentState, record: GenerationRecord
) -> tuple[ContextLayer, ...] | EngineError:
    """What was held still in the job, as it looked then: now, or among the variations."""
    hashes = {entry.layer_id: entry.pixel_hash for entry in record.entries if entry.pixel_hash}
    held = []
    for layer in document.raster_layers():
        wanted = hashes.get(layer.layer_id)
        if wanted is None:
            continue
        then = next((one for one in _looks(layer) if visible_hash(one.pixels) == wanted), None)
        if then is None:
            return EngineError(
                tr('"{name}", which it was made beside, has changed since.', name=layer.name)
            )
        held.append(context_layer(document, then))
    return tuple(held)


def _looks(layer: RasterLayer) -> Iterator[RasterLayer]:
    """The layer as it is, then as it would be with each of its variations."""
    yield layer
    for kept in layer.variations:
        upright = replace(layer, pixels=kept.pixels, offset=kept.box[:2], record=kept.record)
        yield replace(upright, source=None, matrix=None)


def _kept_source(layer: RasterLayer, record: GenerationRecord) -> LayerPixels | None:
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


def _source_of(made: LayerResult, record: GenerationRecord) -> LayerPixels | None:
    """What was made from the record of the source; None when that is not what was refined."""
    pixels = made.layer.pixels
    if visible_hash(PixelBuffer.from_array(pixels)) != record.source_hash:
        return None
    return LayerPixels(made.layer.box, pixels, record.source_hash)
