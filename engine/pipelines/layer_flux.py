"""LayerFLUX: one object from a plain FLUX pipeline on a grey ground, cut out of it afterwards.

Needs no training and no extra weights beyond a diffusers folder of the FLUX family (art-plus 7.3).
"""

from __future__ import annotations

import hashlib
import inspect
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import torch

from engine import __version__
from engine.checkpoints.recognise import Layout, recognise
from engine.errors import CheckpointError
from engine.matting.acceptance import reasons_to_reject
from engine.matting.cleanup import tight_box
from engine.matting.routes import Cutout, FlatDrawing, cut_out
from engine.models.geometry import TOKEN_PX
from engine.pipelines.alpha_of_drawings import net_for, route_name, route_of
from engine.pipelines.job_reporter import JobReporter
from engine.pipelines.layer_making import CUTOUT
from engine.progress import Phase
from engine.requests import (
    AlphaRoute,
    GeneratedLayer,
    LayerKind,
    LayerRecord,
    LayerRequest,
    LayerResult,
    RgbaArray,
)
from engine.sampling.noise import NoiseKey
from engine.sentences import sentence

Rgb = npt.NDArray[np.float32]  # h w 3 in [0, 1]
Rgba = npt.NDArray[np.float32]  # h w 4 in [0, 1], straight alpha

DEFAULT_ROUTE = AlphaRoute.AUTO  # of the bake-off's routes that need no transparent decoder
_GROUND = "isolated on a solid gray background, no shadow"
_PIPELINES = {Layout.FLUX1_FOLDER: "FluxPipeline", Layout.FLUX2_FOLDER: "Flux2KleinPipeline"}


@dataclass(frozen=True, slots=True, eq=False)
class FluxLayerModel:
    """A text-to-image pipeline of the FLUX family.

    Attributes:
        name: Of its folder; records carry it.
        weights_hash: Over names and sizes of its weight files and its configuration.
        areas: Least and greatest number of pixels of a drawing.
    """

    name: str
    weights_hash: str
    pipeline: Any
    areas: tuple[int, int] = (512**2, 1024**2)

    @property
    def takes_negative_prompts(self) -> bool:
        """Whether the pipeline has true guidance."""
        return "negative_prompt" in inspect.signature(self.pipeline.__call__).parameters


def load_flux_layer_model(folder: Path, dtype: torch.dtype = torch.float32) -> FluxLayerModel:
    """Loads a diffusers folder from disk; nothing is fetched and no pickle is read.

    Raises:
        CheckpointError: It is no FLUX pipeline, or a part is missing or broken.
    """
    found = recognise(folder)
    name = _PIPELINES.get(found.layout)
    if name is None:
        raise CheckpointError(
            sentence(
                "{folder} is no FLUX pipeline; choose a folder with model_index.json of FLUX.1 or "
                "FLUX.2 klein.",
                folder=folder,
            ),
            str(found.layout),
        )
    import diffusers

    try:
        pipeline = getattr(diffusers, name).from_pretrained(
            folder,
            dtype=dtype,
            use_safetensors=True,
            local_files_only=True,
            **_tokenizers(folder),
        )
    except Exception as error:  # whatever diffusers and transformers make of a broken folder
        raise CheckpointError(
            sentence("The model in {folder} cannot be loaded; check it.", folder=folder),
            f"{type(error).__name__}: {error}",
        ) from error
    pipeline.set_progress_bar_config(disable=True)
    return FluxLayerModel(folder.name, _hash_of(folder), pipeline)


def _tokenizers(folder: Path) -> dict[str, Any]:
    """By what their own files say: the class that the index names may want another form of them."""
    from transformers import AutoTokenizer

    return {
        name: AutoTokenizer.from_pretrained(folder / name, local_files_only=True)
        for name in ("tokenizer", "tokenizer_2")
        if (folder / name).is_dir()
    }


def _hash_of(folder: Path) -> str:
    digest = hashlib.blake2b(digest_size=8)
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".json":
            digest.update(path.read_bytes())
        elif path.suffix == ".safetensors":
            digest.update(json.dumps([path.name, path.stat().st_size]).encode())
    return digest.hexdigest()


def generate_flux_layer(
    model: FluxLayerModel, request: LayerRequest, job: JobReporter
) -> LayerResult:
    """Draws an object until nothing speaks against it, `sampling.tries` times at most.

    A background is one drawing of the whole canvas that is not cut out. What was wrong with a try
    is said in the notes.

    Raises:
        RequestError: The alpha route needs a transparent decoder.
        CheckpointError: The matting model cannot be used.
        JobCancelled: The job was cancelled; asked at every step.
    """
    job.enter(Phase.DENOISE)
    notes: list[str] = []
    if request.negative_prompt and not model.takes_negative_prompts:
        notes.append(sentence("This model takes no negative prompt; it was left out."))
    made, attempt = [], request.box.attempt
    for _ in range(request.count):
        layer = _layer(model, request, attempt, notes, job)
        attempt = layer.record.attempt + 1
        made.append(layer)
    job.enter(Phase.FINISH)
    job.leave()
    return LayerResult(made[0], tuple(notes), job.seconds, tuple(made[1:]))


def _layer(
    model: FluxLayerModel,
    request: LayerRequest,
    attempt: int,
    notes: list[str],
    job: JobReporter,
) -> GeneratedLayer:
    prompt = request.repeat.effective_prompt if request.repeat else flux_prompt(request)
    box = request.box
    corners = (box.x0, box.y0, box.x1, box.y1)
    if request.kind is LayerKind.BACKGROUND:
        image = _draw(model, request, prompt, attempt, job)
        opaque = np.dstack([image, np.ones(image.shape[:2], np.float32)])
        pixels = _resized(opaque, box.width, box.height)
        record = _record(model, request, prompt, attempt, "")
        return GeneratedLayer(
            box.layer_id, box.name or "background", request.kind, corners, pixels, record
        )
    best, used = _best_cutout(model, request, prompt, attempt=attempt, notes=notes, job=job)
    net = net_for(request.matting_model, _route(request))
    record = _record(model, request, prompt, used, route_name(best, net))
    return GeneratedLayer(
        box.layer_id, box.name or request.prompt, request.kind, corners,
        fitted(best.rgba, box.width, box.height), record,
    )  # fmt: skip


def flux_prompt(request: LayerRequest) -> str:
    """What the text encoders get."""
    words = f"{request.prompt.strip().rstrip('.')}, {request.style} style"
    return words if request.kind is LayerKind.BACKGROUND else f"{words}, {_GROUND}"


def _route(request: LayerRequest) -> AlphaRoute:
    if request.repeat is not None:
        return route_of(request.repeat.alpha_route)
    return request.alpha_route or DEFAULT_ROUTE


def _best_cutout(
    model: FluxLayerModel,
    request: LayerRequest,
    prompt: str,
    *,
    attempt: int,
    notes: list[str],
    job: JobReporter,
) -> tuple[Cutout, int]:
    """The first cut-out without fault, or else the one with the fewest; and its attempt."""
    route = _route(request)
    net = net_for(request.matting_model, route)
    tries = 1 if request.repeat else request.sampling.tries
    best: tuple[int, float, Cutout, int] | None = None
    for number in range(tries):
        image = _draw(model, request, prompt, attempt + number, job)
        cutout = cut_out(FlatDrawing(image), route, net)
        faults = () if request.repeat else reasons_to_reject(cutout.alpha, request.prompt)
        if best is None or (-len(faults), cutout.score) > (-best[0], best[1]):
            best = (len(faults), cutout.score, cutout, attempt + number)
        if not faults:
            break
        notes.append(
            sentence(
                "Try {number} has faults: {reasons}.",
                number=attempt + number + 1,
                reasons=", ".join(faults),
            )
        )
    if best is None:
        raise ValueError("a request has at least one try")
    return best[2], best[3]


def drawing_size(width: int, height: int, areas: tuple[int, int]) -> tuple[int, int]:
    """Width and height to draw at: the box's aspect, multiples of 16, an area that suits."""
    area = min(max(width * height, areas[0]), areas[1])
    aspect = min(max(width / height, 0.25), 4.0)
    ideal = math.sqrt(area * aspect), math.sqrt(area / aspect)
    return tuple(max(TOKEN_PX, round(side / TOKEN_PX) * TOKEN_PX) for side in ideal)  # type: ignore[return-value]


def _draw(
    model: FluxLayerModel, request: LayerRequest, prompt: str, attempt: int, job: JobReporter
) -> Rgb:
    """One picture; noise from the seed, the layer and the attempt alone."""
    width, height = drawing_size(request.box.width, request.box.height, model.areas)
    options = request.sampling
    noise_id = request.repeat.noise_id if request.repeat else request.box.layer_id

    def on_step(_pipeline: object, index: int, _time: object, values: dict[str, Any]) -> Any:
        job.step(index + 1, options.steps)  # raises when the job is to stop
        return values

    arguments: dict[str, Any] = {
        "prompt": prompt,
        "width": width,
        "height": height,
        "num_inference_steps": options.steps,
        "guidance_scale": options.distilled_guidance,
        "generator": _generator(NoiseKey(request.seed, noise_id, attempt)),
        "output_type": "np",
        "callback_on_step_end": on_step,
    }
    if request.negative_prompt and model.takes_negative_prompts and options.true_guidance > 1:
        arguments |= {
            "negative_prompt": request.negative_prompt,
            "true_cfg_scale": options.true_guidance,
        }
    with torch.inference_mode():
        images = model.pipeline(**arguments).images
    return np.asarray(np.clip(np.nan_to_num(images[0], nan=0.5), 0, 1), np.float32)


def _generator(key: NoiseKey) -> torch.Generator:
    text = f"layerloom-flux/1/{key.seed}/{key.attempt}/{key.layer_id}"
    digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest, "little") >> 1)


def fitted(rgba: Rgba, width: int, height: int) -> RgbaArray:
    """The visible part in a box of this size: contained, centred, resampled premultiplied."""
    out = np.zeros((height, width, 4), np.uint8)
    box = tight_box(rgba[..., 3])
    if box is None:
        return out
    part = rgba[box[1] : box[3], box[0] : box[2]]
    scale = min(width / part.shape[1], height / part.shape[0])
    columns = max(1, min(width, round(part.shape[1] * scale)))
    rows = max(1, min(height, round(part.shape[0] * scale)))
    x, y = (width - columns) // 2, (height - rows) // 2
    out[y : y + rows, x : x + columns] = _resized(part, columns, rows)
    return out


def _resized(rgba: Rgba, width: int, height: int) -> RgbaArray:
    planes = np.dstack([rgba[..., :3] * rgba[..., 3:], rgba[..., 3:]]).astype(np.float32)
    shrinks = width * height < planes.shape[0] * planes.shape[1]
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LANCZOS4
    planes = np.clip(cv2.resize(planes, (width, height), interpolation=how), 0, 1)
    alpha = np.rint(planes[..., 3:] * 255)
    colour = np.clip(planes[..., :3] / np.maximum(planes[..., 3:], 1e-6), 0, 1) * 255
    colour = np.where(alpha > 0, np.rint(colour), 0)
    return np.asarray(np.concatenate([colour, alpha], -1), np.uint8)


def _record(
    model: FluxLayerModel, request: LayerRequest, prompt: str, attempt: int, alpha_route: str
) -> LayerRecord:
    box, options = request.box, request.sampling
    width, height = drawing_size(box.width, box.height, model.areas)
    return LayerRecord(
        typed_prompt=request.prompt,
        effective_prompt=prompt,
        concept=request.prompt,
        style=request.style,
        box=(box.x0, box.y0, box.x1, box.y1),
        z_index=0 if request.kind is LayerKind.BACKGROUND else 1,
        canvas_size=(request.width, request.height),
        seed=request.seed,
        attempt=attempt,
        steps=options.steps,
        true_guidance=options.true_guidance,
        distilled_guidance=options.distilled_guidance,
        route=CUTOUT,
        token_count=width * height // TOKEN_PX**2,
        checkpoint=model.name,
        weights_hash=model.weights_hash,
        engine_version=__version__,
        negative_prompt=request.negative_prompt,
        alpha_route=alpha_route,
        noise_id=request.repeat.noise_id if request.repeat else box.layer_id,
    )
