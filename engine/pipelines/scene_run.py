"""One run of the sampler over a document: some layers are made, others held still beside them.

A generation with all layers together, one layer again in the context of the others, and the exact
repetition of either from a record are the same call: only the parts differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from engine.models.geometry import Box
from engine.pipelines.document_pixels import native_background, native_object
from engine.pipelines.drawing_fit import frame_around
from engine.pipelines.layer_making import BACKGROUND_ENTRY, FIRST_OBJECT
from engine.pipelines.layer_model import LayerModel
from engine.pipelines.layout_to_layers import RegionSampling
from engine.pipelines.native_canvas import DrawingPlace, NativeCanvas
from engine.requests import Corners, LayerPixels, RecordEntry, SamplingOptions
from engine.sampling.noise import WHOLE_IMAGE_ID, NoiseKey


@dataclass(frozen=True, slots=True, eq=False)
class ScenePart:
    """One layer of a run.

    Attributes:
        entry: What records say of it.
        held: What it looks like while it is held still; None = it is made.
        start: What it is refined from; None = noise alone.
    """

    entry: RecordEntry
    held: LayerPixels | None = None
    start: LayerPixels | None = None


@dataclass(frozen=True, slots=True, eq=False)
class SceneRun:
    """A run, ready for the sampler.

    Attributes:
        parts: The background or None, then the objects, bottom to top.
        places: Where each object is drawn, or what is shown there of one that is held or refined;
            None = the canvas is too narrow for it.
    """

    canvas: NativeCanvas
    parts: tuple[ScenePart | None, ...]
    places: tuple[DrawingPlace | None, ...]
    sampling: RegionSampling

    @property
    def entries(self) -> tuple[RecordEntry, ...]:
        """All parts as records keep them."""
        return tuple(part.entry if part else RecordEntry() for part in self.parts)

    def rect(self, index: int) -> Corners:
        """Document pixels that the part of this index covers."""
        if index == 0:
            return (0, 0, self.canvas.document_width, self.canvas.document_height)
        place = self.places[index - 1]
        if place is None:
            raise ValueError("the canvas has no place for this object")
        return place.rect

    def decode(self, model: LayerModel, latents: Sequence[Tensor | None], index: int) -> Tensor:
        """RGBA in [0, 1], `4 H W`, of the part of this index."""
        entry = BACKGROUND_ENTRY + index
        return model.checkpoint.codec.decode(latents, self.sampling.layout.boxes, {entry})[entry]


def plan_run(
    model: LayerModel,
    size: tuple[int, int],
    parts: Sequence[ScenePart | None],
    *,
    seed: int,
    caption: str,
    options: SamplingOptions,
    negative_prompt: str = "",
    strength: float | None = None,
    whole: bool = False,
    whole_contents: bool = True,
) -> SceneRun | None:
    """Places all parts on the native canvas and gives each its noise; None = nothing has a place.

    Usually there is no whole-image entry: the starter was trained with and without it, and nothing
    of it would be shown. With one it is on a canvas of its own (`NativeCanvas.for_whole`).

    Args:
        whole: Make the whole image as well, as entry 0.
        size: (width, height) of the document.
        parts: The background or None, then the objects, bottom to top.
        whole_contents: Show all of what is held or refined inside its box. Records of older
            versions do not: then what lay beyond the frame of a new drawing was cut off.
    """
    canvas = NativeCanvas.for_whole(*size) if whole else NativeCanvas.fit(*size, len(parts) - 1)
    places = [
        _place(canvas, part, whole_contents, as_it_lies=whole) if part else None
        for part in parts[1:]
    ]
    boxes: list[Box | None] = [canvas.box if whole else None, canvas.box if parts[0] else None]
    boxes += [place.native if place else None for place in places]
    if not any(boxes):
        return None
    keys: list[NoiseKey | None] = [NoiseKey(seed, WHOLE_IMAGE_ID) if whole else None]
    for box, part in zip(boxes[BACKGROUND_ENTRY:], parts, strict=True):
        entry = part.entry if part else None
        keys.append(NoiseKey(seed, entry.noise_id, entry.attempt) if box and entry else None)
    sampling = model.sampling(
        canvas.box, boxes, keys, caption, options, negative_prompt=negative_prompt
    )
    run = SceneRun(canvas, tuple(parts), tuple(places), sampling)
    return replace(run, sampling=_with_pixels(model, run, strength))


def _place(
    canvas: NativeCanvas, part: ScenePart, whole_contents: bool, *, as_it_lies: bool
) -> DrawingPlace | None:
    """Where a part is drawn; what is held beside a whole image must lie exactly where it does."""
    if as_it_lies and part.held is not None:
        return canvas.place_as_it_lies(part.entry.box)
    place, content = canvas.place_together(part.entry.box), part.held or part.start
    if place is None or content is None or not whole_contents:
        return place
    return replace(place, rect=frame_around(content, part.entry.box, place.rect))


def _with_pixels(model: LayerModel, run: SceneRun, strength: float | None) -> RegionSampling:
    """The sampling with the latents of all that is held or refined."""
    held: list[Tensor | None] = [None] * BACKGROUND_ENTRY
    starts: list[Tensor | None] = [None] * BACKGROUND_ENTRY
    for index, part in enumerate(run.parts):
        present = run.sampling.layout.boxes[BACKGROUND_ENTRY + index] is not None
        content = part.held if part and present else None
        start = part.start if part and present else None
        held.append(None if content is None else _latents(model, run, index, content))
        starts.append(None if start is None else _latents(model, run, index, start))
    any_held = any(entry is not None for entry in held)
    return replace(
        run.sampling,
        held=tuple(held) if any_held else (),
        starts=tuple(starts) if strength is not None else (),
        strength=strength,
    )


def _latents(model: LayerModel, run: SceneRun, index: int, content: LayerPixels) -> Tensor:
    """`16 h w` of a layer as it looks now, in the place where it would be drawn."""
    if index == 0:
        rgba = native_background(content, run.canvas)
    else:
        box = run.sampling.layout.boxes[FIRST_OBJECT + index - 1]
        if box is None:
            raise ValueError("only what has a place has latents")
        rgba = native_object(content, run.rect(index), box.width, box.height)
    return encoded(model, rgba)


@torch.no_grad()
def encoded(model: LayerModel, rgba: Tensor) -> Tensor:
    """Latents `16 h w` of RGBA in [0, 1], `4 H W`."""
    return model.checkpoint.codec.encode(rgba[None])[0].float()
