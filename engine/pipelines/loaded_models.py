"""Full-size models as they are in memory: loaded, placed for a strategy, the last one kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch

from engine.checkpoints.bundle import Checkpoint
from engine.checkpoints.decoders import any_decoder
from engine.checkpoints.flux_files import LoraChoice, adapter_uses
from engine.checkpoints.full_size import hash_of, load_art, unchanged
from engine.checkpoints.recognise import Layout
from engine.checkpoints.shelf import Shelf, ShelfModel
from engine.errors import RequestError
from engine.matting.routes import Rgba
from engine.memory.placement import free_memory, place
from engine.memory.strategies import Strategy
from engine.models.geometry import Box
from engine.models.latent_codec import FluxCodec
from engine.models.latent_preview import PreviewMatrix, fit_preview
from engine.pipelines.flux_picture import DiffusersPicture, RgbArray, load_picture_model
from engine.pipelines.job_reporter import JobReporter
from engine.pipelines.layer_flux import DecoderRoute, FluxLayerModel
from engine.progress import Phase
from engine.requests import AdapterChoice
from engine.sentences import sentence

DTYPE = torch.bfloat16
Model = TypeVar("Model")


@dataclass(frozen=True, slots=True, eq=False)
class ArtModel:
    """ART or ART+, ready to compute.

    Attributes:
        preview: Makes rough pictures of its latents.
    """

    checkpoint: Checkpoint
    preview: PreviewMatrix


@dataclass(frozen=True, slots=True)
class Wanted:
    """A model in one form; another strategy or other adapters are another form.

    Attributes:
        weights_hash: As `full_size.hash_of`: a file that was changed is another form, too.
    """

    name: str
    strategy: Strategy
    adapters: tuple[AdapterChoice, ...] = ()
    weights_hash: str = ""

    @property
    def loras(self) -> list[LoraChoice]:
        """The adapters for whoever merges them."""
        return [LoraChoice(Path(each.path), each.weight) for each in self.adapters]


class ModelSlot:
    """Holds the model that was used last; two would seldom fit."""

    def __init__(self) -> None:
        self._wanted: Wanted | None = None
        self._model: Any = None

    def get(self, wanted: Wanted, load: Callable[[], Model], job: JobReporter) -> Model:
        """The model in memory when it is the wanted one, or else the loaded one."""
        if self._wanted == wanted and self._model is not None:
            kept: Model = self._model
            return kept
        job.enter(Phase.LOAD, 1.0)
        self.clear()
        self._model = made = load()
        self._wanted = wanted
        return made

    def clear(self) -> None:
        """Let go of the model."""
        self._wanted = self._model = None
        free_memory()


def art_model(shelf: Shelf, wanted: Wanted, device: torch.device) -> ArtModel:
    """Loads and places ART. Raises CheckpointError as `load_art` does."""
    strategy = wanted.strategy
    checkpoint = load_art(
        shelf, wanted.name, DTYPE, wanted.loras, device=device,
        place_text=lambda network: place(network, _text_way(strategy), device),
    )  # fmt: skip
    place(checkpoint.transformer, strategy, device)
    return ArtModel(checkpoint, fit_preview(checkpoint.codec, device))


def flux_layer_model(shelf: Shelf, wanted: Wanted, device: torch.device) -> FluxLayerModel:
    """Loads and places a plain FLUX model. Raises CheckpointError as `load_picture_model` does."""
    model = unchanged(shelf.get(wanted.name))
    loras = wanted.loras
    made = load_picture_model(
        shelf, wanted.name, DTYPE, loras,
        place_text=lambda network: place(network, _text_way(wanted.strategy), device),
        device=device,
    )  # fmt: skip
    place_pipeline(made.pipeline, wanted.strategy, device)
    return FluxLayerModel(
        wanted.name, hash_of(model, loras), made, lambda: decoder_route(shelf, model, made),
        adapters=adapter_uses(loras),
    )  # fmt: skip


def _text_way(strategy: Strategy) -> Strategy:
    """How the text encoders are placed: T5 fits where the rest does."""
    whole = strategy in (Strategy.ALL, Strategy.MODEL_OFFLOAD)
    return Strategy.ALL if whole else Strategy.SEQUENTIAL


def place_pipeline(pipeline: Any, strategy: Strategy, device: torch.device) -> None:
    """Puts a pipeline of diffusers where it computes."""
    if device.type == "cpu" or strategy in (Strategy.ALL, Strategy.GGUF):
        pipeline.to(device)
        return
    kind = "block_level" if strategy is Strategy.GROUP_OFFLOAD else "leaf_level"
    options = {"num_blocks_per_group": 1} if kind == "block_level" else {}
    # The autoencoder is small, and its decoder is not called block by block.
    pipeline.enable_group_offload(
        onload_device=device, offload_type=kind, exclude_modules="vae", **options
    )
    pipeline.vae.to(device)


def decoder_route(shelf: Shelf, model: ShelfModel, picture: DiffusersPicture) -> DecoderRoute:
    """A transparent decoder of the shelf for FLUX.1's pictures (art-plus 7.3, step 3a).

    The picture stands for the whole image, the background and the object.

    Raises:
        RequestError: There is none on the shelf, or the model's latents are none of FLUX.1's.
    """
    if Layout(model.layout) is Layout.FLUX2_FOLDER:
        raise RequestError(
            sentence(
                "The transparent decoder reads latents of FLUX.1 only; choose the route matting or "
                "colour."
            )
        )
    decoder, digest = any_decoder(shelf)
    vae = picture.pipeline.vae
    codec = FluxCodec(vae, decoder.to(vae.device))

    def decode(image: RgbArray) -> Rgba:
        colour = torch.from_numpy(image.astype(np.float32) / 255).permute(2, 0, 1)
        latents = codec.encode(torch.cat([colour, torch.ones_like(colour[:1])])[None])[0]
        whole = Box(0, 0, image.shape[1], image.shape[0])
        rgba = codec.decode([latents] * 3, [whole] * 3, {2})[2]
        return np.ascontiguousarray(rgba.permute(1, 2, 0).float().cpu().numpy())

    return DecoderRoute(decode, digest)
