"""LayerFLUX: one object from a plain FLUX model on a grey ground, cut out of it afterwards.

Needs no training and no weights beyond a model of the FLUX family (art-plus 7.3).
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from engine import __version__
from engine.errors import RequestError
from engine.matting.acceptance import reasons_to_reject
from engine.matting.routes import Cutout, FlatDrawing, Rgba, cut_out
from engine.models.drawing_size import DRAWING_AREAS, drawing_size
from engine.models.geometry import TOKEN_PX
from engine.pipelines.alpha_of_drawings import (
    net_for,
    own_digest,
    require_recorded,
    route_name,
    route_of,
)
from engine.pipelines.box_fitting import (
    background_picture,
    fitted,
    object_on_grey,
    resized,
)
from engine.pipelines.flux_picture import PictureModel, PictureOptions, RgbArray
from engine.pipelines.job_reporter import JobReporter
from engine.pipelines.layer_making import CUTOUT
from engine.progress import LayerPreview, Phase
from engine.requests import (
    AlphaRoute,
    GeneratedLayer,
    LayerKind,
    LayerRecord,
    LayerRequest,
    LayerResult,
    LayoutRequest,
)
from engine.requests.run_options import AdapterUse, RunOutcome, cache_notes, options_again
from engine.sampling.noise import WHOLE_IMAGE_ID, NoiseKey
from engine.sentences import sentence

Rgb = npt.NDArray[np.float32]  # h w 3 in [0, 1]

DEFAULT_ROUTE = AlphaRoute.AUTO  # of the bake-off's routes that need no transparent decoder
_GROUND = "isolated on a solid gray background, no shadow"
_PREVIEW_PX = 64


@dataclass(frozen=True, slots=True, eq=False)
class DecoderRoute:
    """A transparent decoder for flat pictures.

    Attributes:
        decode: Picture on grey -> straight RGBA.
        digest: Of its weights, 8 digits.
    """

    decode: Callable[[RgbArray], Rgba]
    digest: str


@dataclass(frozen=True, slots=True)
class _Tried:
    """Which drawing a layer is of those that were tried.

    Attributes:
        alpha_route: As records name it; empty = it was not cut out.
        next_attempt: The first that was not drawn.
    """

    alpha_route: str
    attempt: int
    next_attempt: int


def _no_decoder() -> DecoderRoute:
    raise RequestError(
        sentence("This model has no transparent decoder; choose the route matting or colour.")
    )


@dataclass(frozen=True, slots=True, eq=False)
class FluxLayerModel:
    """A text-to-image model of the FLUX family.

    Attributes:
        name: What requests call it; records carry it.
        weights_hash: Over its weight files and adapters.
        find_decoder: Loads a transparent decoder for the alpha route of that name. Raises
            RequestError when there is none.
        adapters: The user's own that were merged, in order.
        seconds: Of each picture of the job.
    """

    name: str
    weights_hash: str
    picture: PictureModel
    find_decoder: Callable[[], DecoderRoute] = _no_decoder
    adapters: tuple[AdapterUse, ...] = ()
    seconds: list[float] = field(default_factory=list)


def generate_flux_layer(
    model: FluxLayerModel, request: LayerRequest, job: JobReporter
) -> LayerResult:
    """Draws each layer of the request until nothing speaks against it, `sampling.tries` times.

    A background is one drawing of the whole canvas that is not cut out. What was wrong with a try
    is said in the notes.

    Raises:
        RequestError: The alpha route needs a transparent decoder, or the pixels that a record was
            refined from are missing.
        CheckpointError: The matting model cannot be used.
        JobCancelled: The job was cancelled; asked at every step.
    """
    asked = _as_recorded(model, request)
    pictures = request.count + len(request.beside)
    job.enter(Phase.DENOISE, picture_work(asked) * pictures)
    notes = usual_notes(model, asked)
    if request.context and request.repeat is None:
        notes.append(
            sentence("This model draws a layer by itself; it did not look at the other layers.")
        )
    drawn = FluxDrawing(model, job, notes, planned=pictures)
    made, attempt = [], request.box.attempt
    for _ in range(request.count):
        made.append(drawn.layer(replace(asked, box=replace(asked.box, attempt=attempt))))
        attempt = made[-1].record.next_attempt
    beside = [
        drawn.layer(replace(asked, box=box, prompt=box.prompt or asked.prompt, start=None))
        for box in request.beside
    ]
    notes += cache_notes(drawn.outcome.record(asked.run))
    job.enter(Phase.FINISH)
    job.leave()
    return LayerResult(
        made[0], tuple(dict.fromkeys(notes)), job.seconds, tuple(made[1:]), tuple(beside)
    )


def usual_notes(model: FluxLayerModel, request: LayerRequest | LayoutRequest) -> list[str]:
    """What the model cannot do of what was asked: why a negative prompt does not count."""
    if not request.negative_prompt:
        return []
    if not model.picture.takes_negative_prompts:
        return [sentence("This model takes no negative prompt; it was left out.")]
    if request.sampling.true_guidance <= 1:
        return [sentence("A negative prompt needs a guidance above 1; it was left out.")]
    return []


def _as_recorded(model: FluxLayerModel, request: LayerRequest) -> LayerRequest:
    """The request with everything that its record says, if it has one to repeat."""
    record = request.repeat
    if record is None:
        return request
    if record.strength is not None and request.start is None:
        raise RequestError(sentence("The pixels that the layer was refined from are not kept."))
    guidance = record.distilled_guidance
    options = replace(
        request.sampling, steps=record.steps, true_guidance=record.true_guidance, tries=1,
        distilled_guidance=request.sampling.distilled_guidance if guidance is None else guidance,
    )  # fmt: skip
    x0, y0, x1, y1 = record.box
    return replace(
        request, sampling=options, negative_prompt=record.negative_prompt,
        alpha_route=route_of(record.alpha_route), strength=record.strength,
        run=model.picture.usable(options_again(record.run)),
        seed=record.seed, style=record.style,
        box=replace(request.box, x0=x0, y0=y0, x1=x1, y1=y1, attempt=record.attempt),
    )  # fmt: skip


@dataclass(slots=True)
class FluxDrawing:
    """Layers of one job, drawn one after the other.

    Attributes:
        notes: Gets sentences for the user.
        planned: Pictures that the job will take at least; another try makes it longer.
        mode: Of the records; empty = the layer was asked for by itself.
        outcome: Of the run options, over all layers so far.
    """

    model: FluxLayerModel
    job: JobReporter
    notes: list[str]
    planned: int
    mode: str = ""
    outcome: RunOutcome = field(default_factory=RunOutcome)
    _drawn: int = 0
    _decoder: DecoderRoute | None = None
    _own: RunOutcome = field(default_factory=RunOutcome)  # of the layer in hand

    def layer(self, request: LayerRequest) -> GeneratedLayer:
        """The layer that a request is about; its context and count do not matter."""
        box, self._own = request.box, RunOutcome()
        prompt = request.repeat.effective_prompt if request.repeat else flux_prompt(request)
        corners = (box.x0, box.y0, box.x1, box.y1)
        if request.kind is LayerKind.BACKGROUND:
            image = self._picture(request, prompt, box.attempt)
            opaque = np.dstack([image, np.ones(image.shape[:2], np.float32)])
            pixels = resized(opaque, box.width, box.height)
            name, tried = box.name or "background", _Tried("", box.attempt, box.attempt + 1)
        else:
            cutout, tried = self._best_cutout(request, prompt)
            pixels = fitted(cutout.rgba, box.width, box.height)
            name = box.name or request.prompt
        record = self._record(request, prompt, tried)
        made = GeneratedLayer(box.layer_id, name, request.kind, corners, pixels, record)
        self.outcome.add(self._own)
        self._drawn += 1
        self.planned = max(self.planned, self._drawn)
        self.job.step(self._drawn, self.planned, (_preview(made),))
        return made

    def whole(self, prompt: str, background: LayerRequest) -> Rgb:
        """A flat picture of the background's size, `h w 3` in [0, 1], for the harmony score."""
        box = replace(background.box, layer_id=WHOLE_IMAGE_ID)
        return self._picture(replace(background, box=box), prompt, 0)

    def _best_cutout(self, request: LayerRequest, prompt: str) -> tuple[Cutout, _Tried]:
        """The first cut-out without fault, or else the one with the fewest."""
        route = request.alpha_route or DEFAULT_ROUTE
        net = net_for(request.matting_model, route)
        decoder = self._found_decoder() if route is AlphaRoute.DECODER else None
        require_recorded(request.repeat, decoder.digest if decoder else own_digest(net))
        first = request.box.attempt
        best: tuple[int, float, Cutout, int] | None = None
        for number in range(first, first + request.sampling.tries):
            image = self._picture(request, prompt, number)
            decoded = decoder.decode(_bytes(image)) if decoder else None
            cutout = cut_out(FlatDrawing(image, decoded), route, net)
            faults = () if request.repeat else reasons_to_reject(cutout.alpha, request.prompt)
            if best is None or (-len(faults), cutout.score) > (-best[0], best[1]):
                best = (len(faults), cutout.score, cutout, number)
            if not faults:
                break
            self._say_faults(request, number, faults)
        if best is None:
            raise ValueError("a request has at least one try")
        name = f"{route.value}:{decoder.digest}" if decoder else route_name(best[2], net)
        return best[2], _Tried(name, best[3], number + 1)

    def _found_decoder(self) -> DecoderRoute:
        """Read from the disk once in a job."""
        if self._decoder is None:
            self._decoder = self.model.find_decoder()
        return self._decoder

    def _say_faults(self, request: LayerRequest, number: int, faults: tuple[str, ...]) -> None:
        self.notes.append(
            sentence(
                "{name}: try {number} has faults: {reasons}.",
                name=request.box.name or request.prompt,
                number=number + 1,
                reasons=", ".join(faults),
            )
        )

    def _picture(self, request: LayerRequest, prompt: str, attempt: int) -> Rgb:
        """One drawing; noise from the seed, the layer and the attempt alone."""
        width, height = _size(request)
        options = request.sampling
        noise_id = request.repeat.noise_id if request.repeat else request.box.layer_id

        def on_step(done: int, steps: int) -> None:
            self.job.step(self._drawn * steps + done, max(self.planned, self._drawn + 1) * steps)

        begun = time.perf_counter()
        pixels = self.model.picture.picture(
            prompt, width, height, seed=picture_seed(NoiseKey(request.seed, noise_id, attempt)),
            steps=options.steps, on_step=on_step, cancelled=self.job.cancelled,
            options=PictureOptions(
                options.distilled_guidance, request.negative_prompt, options.true_guidance,
                _start(request, (width, height)), request.strength or 1.0,
                run=request.run, outcome=self._own,
            ),
        )  # fmt: skip
        self.model.seconds.append(time.perf_counter() - begun)
        return np.asarray(pixels.astype(np.float32) / 255, np.float32)

    def _record(self, request: LayerRequest, prompt: str, tried: _Tried) -> LayerRecord:
        box, options, before = request.box, request.sampling, request.repeat
        width, height = _size(request)
        start = request.start if request.strength is not None else None
        guided = bool(request.negative_prompt) and not usual_notes(self.model, request)
        made = LayerRecord(
            typed_prompt=request.prompt,
            effective_prompt=prompt,
            concept=request.prompt,
            style=request.style,
            box=(box.x0, box.y0, box.x1, box.y1),
            z_index=0 if request.kind is LayerKind.BACKGROUND else 1 + (box.below or 0),
            canvas_size=(request.width, request.height),
            seed=request.seed,
            attempt=tried.attempt,
            steps=options.steps,
            true_guidance=options.true_guidance if guided else 1.0,
            distilled_guidance=options.distilled_guidance,
            route=CUTOUT,
            token_count=width * height // TOKEN_PX**2,
            checkpoint=self.model.name,
            weights_hash=self.model.weights_hash,
            engine_version=__version__,
            negative_prompt=request.negative_prompt if guided else "",
            mode=self.mode,
            alpha_route=tried.alpha_route,
            strength=request.strength if start else None,
            source_hash=start.pixel_hash if start else "",
            noise_id=box.layer_id,
            run=self._own.record(request.run, self.model.adapters),
            next_attempt=tried.next_attempt,
        )
        if before is None:
            return made
        return replace(before, weights_hash=made.weights_hash, engine_version=__version__)


def flux_prompt(request: LayerRequest) -> str:
    """What the text encoders get."""
    words = f"{request.prompt.strip().rstrip('.')}, {request.style} style"
    return words if request.kind is LayerKind.BACKGROUND else f"{words}, {_GROUND}"


def picture_work(request: LayerRequest) -> float:
    """Tokens times evaluations of one drawing; only the first of its tries is counted."""
    width, height = _size(request)
    guided = bool(request.negative_prompt) and request.sampling.true_guidance > 1
    return float(width * height // TOKEN_PX**2 * request.sampling.steps * (2 if guided else 1))


def picture_seed(key: NoiseKey) -> int:
    """A number for the generator of a picture: equal for equal seed, layer and attempt."""
    text = f"layerloom-flux/1/{key.seed}/{key.attempt}/{key.layer_id}"
    digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little") >> 1


def _size(request: LayerRequest) -> tuple[int, int]:
    return drawing_size(request.box.width, request.box.height, DRAWING_AREAS)


def _start(request: LayerRequest, size: tuple[int, int]) -> RgbArray | None:
    """What is refined, as a drawing shows it; None = the drawing begins with noise alone."""
    if request.start is None or request.strength is None:
        return None
    box = request.box
    corners = (box.x0, box.y0, box.x1, box.y1)
    shown = background_picture if request.kind is LayerKind.BACKGROUND else object_on_grey
    return shown(request.start, corners, size)


def _bytes(image: Rgb) -> RgbArray:
    return np.asarray(np.rint(image * 255), np.uint8)


def _preview(layer: GeneratedLayer) -> LayerPreview:
    """The finished layer, small."""
    pixels = layer.pixels
    step = max(1, max(pixels.shape[:2]) // _PREVIEW_PX)
    return LayerPreview(layer.layer_id, layer.name, layer.box, pixels[::step, ::step].copy())
