"""An engine without networks, for faults that the real one cannot be made to have on demand.

`EngineService(on_event, runtime_factory=lambda: FakeRuntime(Outcome.STALL))` behaves like the real
service in every other respect.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from enum import Enum, auto

import numpy as np

from engine.errors import EngineError, JobCancelled
from engine.progress import LayerPreview, Phase, Progress
from engine.requests import (
    GeneratedLayer,
    GenerationRequest,
    LayerKind,
    LayerRecord,
    LayerRequest,
    LayerResult,
    LayoutRequest,
    LayoutResult,
    RegionBox,
    Request,
    Result,
    RgbaArray,
    TrialRequest,
    TrialResult,
    derive_layer_id,
)
from engine.requests.upscale import (
    UpscaledPicture,
    UpscaleEstimate,
    UpscaleRequest,
    UpscaleResult,
)

BACKGROUND_RGBA = (40, 60, 120, 255)
OBJECT_COLOURS = ((220, 40, 40, 255), (40, 200, 60, 255), (230, 200, 40, 255))
DEFAULT_BOX_COUNT = 2


class Outcome(Enum):
    """What a run does after its first reports."""

    FINISH = auto()
    FAIL = auto()  # an EngineError with a sentence
    CRASH = auto()  # an exception that nobody expected
    OUT_OF_MEMORY = auto()
    STALL = auto()  # until cancelled, reporting all the time
    IGNORE_CANCEL = auto()  # finishes although it was cancelled


class FakeRuntime:
    """Stands in for `engine.runtime.StarterRuntime`.

    Args:
        outcome: The same for every job, or a function of the request.
        steps: Reports of the denoising phase.
        step_seconds: Wait after each report.
    """

    def __init__(
        self,
        outcome: Outcome | Callable[[Request], Outcome] = Outcome.FINISH,
        steps: int = 3,
        step_seconds: float = 0.0,
    ) -> None:
        self._outcome = outcome if callable(outcome) else lambda _request: outcome
        self._steps = steps
        self._step_seconds = step_seconds
        self.requests: list[Request] = []

    def run(
        self,
        request: Request,
        report: Callable[[Progress], None],
        cancelled: Callable[[], bool],
    ) -> Result:
        self.requests.append(request)
        outcome = self._outcome(request)
        if isinstance(request, UpscaleRequest):
            return _upscaled(request, outcome, report, cancelled)
        if isinstance(request, TrialRequest):
            report(Progress(Phase.DENOISE, 1, 4, None, ()))
            _misbehave(outcome, report, cancelled)
            return TrialResult(np.full((8, 8, 4), 255, np.uint8), 1.5)
        layers = _make_layers(request)
        previews = tuple(_preview(layer) for layer in layers)
        for step in range(1, self._steps + 1):
            if cancelled() and outcome is not Outcome.IGNORE_CANCEL:
                raise JobCancelled
            eta = (self._steps - step) * self._step_seconds
            report(Progress(Phase.DENOISE, step, self._steps, eta, previews))
            time.sleep(self._step_seconds)
        _misbehave(outcome, report, cancelled)
        seconds = {"denoise": self._steps * self._step_seconds}
        if isinstance(request, LayerRequest):
            return LayerResult(layers[0], (), seconds, _further(request))
        return LayoutResult(request.width, request.height, request.seed, layers, (), seconds)


def _misbehave(
    outcome: Outcome, report: Callable[[Progress], None], cancelled: Callable[[], bool]
) -> None:
    if outcome is Outcome.FAIL:
        raise EngineError("The fake engine refuses this job; ask another one.", "on demand")
    if outcome is Outcome.CRASH:
        raise ZeroDivisionError("on demand")
    if outcome is Outcome.OUT_OF_MEMORY:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried 1 TB")
    while outcome is Outcome.STALL:
        if cancelled():
            raise JobCancelled
        report(Progress(Phase.DECODE, 0, 1))
        time.sleep(0.005)


ESTIMATE = UpscaleEstimate(
    pictures=1, blocks=4, evaluations=12, evaluations_done=0, memory_bytes=50_000_000,
    scratch_bytes=20_000_000, seconds_per_evaluation=0.5, seconds=6.0, scratch="",
)  # fmt: skip


def _upscaled(
    request: UpscaleRequest,
    outcome: Outcome,
    report: Callable[[Progress], None],
    cancelled: Callable[[], bool],
) -> UpscaleResult:
    """Every pixel repeated."""
    report(Progress(Phase.PLAN, 1, 1, estimate=ESTIMATE))
    if request.plan_only:
        return UpscaleResult((), ESTIMATE, (), {})
    for step in range(3):
        if cancelled() and outcome is not Outcome.IGNORE_CANCEL:
            raise JobCancelled
        report(Progress(Phase.ENLARGE, step, 3, 3.0 - step))
    while outcome is Outcome.IGNORE_CANCEL and not cancelled():  # it ends after the cancel only
        time.sleep(0.005)
    _misbehave(outcome, report, cancelled)
    made = []
    for picture in request.pictures:
        height, width = picture.pixels.shape[:2]
        rows = np.arange(picture.size[1]) * height // picture.size[1]
        columns = np.arange(picture.size[0]) * width // picture.size[0]
        made.append(UpscaledPicture(picture.key, picture.pixels[rows][:, columns]))
    return UpscaleResult(tuple(made), ESTIMATE, (), {"enlarge": 0.0})


def _make_layers(request: GenerationRequest) -> tuple[GeneratedLayer, ...]:
    if isinstance(request, LayerRequest):
        return (_layer(request, request.box, request.kind, 1),)
    whole = RegionBox(
        derive_layer_id(request.seed, "background", 0), 0, 0, request.width, request.height,
        "background",
    )  # fmt: skip
    boxes = request.boxes or _default_boxes(request)
    background = _layer(request, whole, LayerKind.BACKGROUND, 0)
    objects = [_layer(request, box, LayerKind.OBJECT, z) for z, box in enumerate(boxes, 1)]
    return (background, *objects)


def _further(request: LayerRequest) -> tuple[GeneratedLayer, ...]:
    """The variations after the first, each with the next attempt."""
    boxes = (replace(request.box, attempt=request.box.attempt + i) for i in range(1, request.count))
    return tuple(_layer(request, box, request.kind, 1) for box in boxes)


def _default_boxes(request: LayoutRequest) -> tuple[RegionBox, ...]:
    count = request.layer_count or DEFAULT_BOX_COUNT
    step, height = max(1, request.width // count), request.height
    return tuple(
        RegionBox(
            derive_layer_id(request.seed, "object", i),
            i * step, height // 4, (i + 1) * step, height - height // 4, f"object {i + 1}",
        )
        for i in range(count)
    )  # fmt: skip


def _layer(
    request: GenerationRequest, box: RegionBox, kind: LayerKind, z_index: int
) -> GeneratedLayer:
    corners = (box.x0, box.y0, box.x1, box.y1)
    own = request.prompt if isinstance(request, LayerRequest) and kind is LayerKind.OBJECT else ""
    name = box.name or box.prompt or own or kind.value
    pixels = _pixels(box, kind, request.seed + z_index + box.attempt)
    record = LayerRecord(
        typed_prompt=request.prompt,
        effective_prompt=f"{name}, {request.style} style",
        concept=name,
        style=request.style,
        box=corners,
        z_index=z_index,
        canvas_size=(request.width, request.height),
        seed=request.seed,
        attempt=box.attempt,
        steps=request.sampling.steps,
        true_guidance=request.sampling.true_guidance,
        distilled_guidance=None,
        route="alone" if isinstance(request, LayerRequest) else "together",
        token_count=64,
        checkpoint=request.checkpoint,
        weights_hash="0" * 32,
        engine_version="0",
    )
    return GeneratedLayer(box.layer_id, name, kind, corners, pixels, record)


def _pixels(box: RegionBox, kind: LayerKind, seed: int) -> RgbaArray:
    """An opaque plane, or a disc with soft edges, so alpha is neither all 0 nor all 255."""
    if kind is LayerKind.BACKGROUND:
        return np.full((box.height, box.width, 4), BACKGROUND_RGBA, np.uint8)
    pixels = np.full(
        (box.height, box.width, 4), OBJECT_COLOURS[seed % len(OBJECT_COLOURS)], np.uint8
    )
    y, x = np.mgrid[0 : box.height, 0 : box.width]
    radius = np.hypot((y + 0.5) / box.height - 0.5, (x + 0.5) / box.width - 0.5)
    pixels[..., 3] = np.clip((0.5 - radius) * 1000, 0, 255)
    return pixels


def _preview(layer: GeneratedLayer) -> LayerPreview:
    step = max(1, max(layer.pixels.shape[:2]) // 32)
    return LayerPreview(layer.layer_id, layer.name, layer.box, layer.pixels[::step, ::step].copy())
