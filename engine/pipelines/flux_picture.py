"""Pictures of FLUX's own models, flat RGB: the raw material of LayerFLUX at full size.

The models of diffusers do the sampling; this hands pictures to whoever cuts objects out.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch

from engine.checkpoints.flux_files import LoraChoice
from engine.checkpoints.full_size import FluxParts, PlaceText, klein_text, load_flux, unchanged
from engine.checkpoints.recognise import Layout
from engine.checkpoints.shelf import Shelf
from engine.errors import CheckpointError, EngineError, JobCancelled
from engine.models.attention import usable_here
from engine.models.first_block_cache import relative_error
from engine.models.text_encoders import TextEncoder
from engine.models.tiled_decoder import with_tiles
from engine.pipelines.flux_refining import refining_arguments
from engine.pipelines.picture_runs import run_with
from engine.requests.run_options import RunOptions, RunOutcome
from engine.sentences import sentence

RgbArray = npt.NDArray[np.uint8]
OnPictureStep = Callable[[int, int], object]
_CPU = torch.device("cpu")


@dataclass(frozen=True, slots=True, eq=False)
class PictureOptions:
    """How a picture is made beyond its caption, size and number of steps.

    Attributes:
        guidance: The distilled one; None = the model's own.
        negative: What to stay away from; counts with a true guidance above 1.
        true_guidance: Two evaluations per step above 1.
        start: `height width 3`, to be refined instead of noise alone.
        strength: How far from `start`, above 0 to 1.
        run: Attention's kernel and first-block caching.
        outcome: Gets what came of these.
    """

    guidance: float | None = None
    negative: str = ""
    true_guidance: float = 1.0
    start: RgbArray | None = None
    strength: float = 1.0
    run: RunOptions = field(default_factory=RunOptions)
    outcome: RunOutcome = field(default_factory=RunOutcome)


_USUAL = PictureOptions()


class PictureModel(Protocol):
    """Anything that makes a flat picture from a caption."""

    @property
    def takes_negative_prompts(self) -> bool:
        """Whether the model has true guidance."""
        ...

    def usable(self, run: RunOptions) -> RunOptions:
        """The same, by another kernel if the wanted one does not work here."""
        ...

    def picture(
        self,
        caption: str,
        width: int,
        height: int,
        *,
        seed: int,
        steps: int,
        options: PictureOptions = ...,
        on_step: OnPictureStep = ...,
        cancelled: Callable[[], bool] = ...,
    ) -> RgbArray:
        """`height width 3`; sides are multiples of 16.

        Raises:
            JobCancelled: `cancelled` said so; asked after every step.
            EngineError: The picture holds no numbers.
        """
        ...


@dataclass(frozen=True, slots=True, eq=False)
class DiffusersPicture:
    """A pipeline of diffusers as a `PictureModel`.

    Attributes:
        text: Encodes prompts; the pipeline has no text encoders.
        guidance: The distilled one of FLUX.1 dev; ignored by schnell and klein.
        device: Where it computes.
    """

    pipeline: Any
    text: TextEncoder
    guidance: float = 3.5
    device: torch.device = _CPU

    @property
    def takes_negative_prompts(self) -> bool:
        """See `PictureModel`."""
        return "negative_prompt" in inspect.signature(self.pipeline.__call__).parameters

    def usable(self, run: RunOptions) -> RunOptions:
        """See `PictureModel`."""
        network = self.pipeline.transformer
        heads = int(network.config["attention_head_dim"])
        return usable_here(run, self.device, network.dtype, heads)

    @torch.no_grad()
    def picture(
        self,
        caption: str,
        width: int,
        height: int,
        *,
        seed: int,
        steps: int,
        options: PictureOptions = _USUAL,
        on_step: OnPictureStep = lambda _done, _steps: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> RgbArray:
        """See `PictureModel`."""
        words = self._encoded(caption, options)

        def draw(run: RunOptions, before: int = 0, runs: int = 1) -> tuple[Any, torch.Tensor]:
            """(picture, final latents)"""
            kept: list[torch.Tensor] = []

            def after(
                pipeline: Any, index: int, _time: Any, values: dict[str, Any]
            ) -> dict[str, Any]:
                if cancelled():
                    raise JobCancelled
                kept[:] = [values["latents"]]
                count = int(pipeline.num_timesteps)
                on_step(before * count + index + 1, runs * count)
                return values

            generator = torch.Generator().manual_seed(seed)
            with run_with(self.pipeline.transformer, run, options.outcome, self.device):
                made = self.pipeline(
                    width=width, height=height, num_inference_steps=steps,
                    guidance_scale=self.guidance if options.guidance is None else options.guidance,
                    generator=generator, output_type="np", callback_on_step_end=after,
                    **words, **self._wished(options, steps, generator),
                ).images[0]  # fmt: skip
            return made, kept[0]

        if options.run.measure_cache:
            _, exact = draw(replace(options.run, first_block_cache=0.0), 0, 2)
            made, latents = draw(options.run, 1, 2)
            off = relative_error([latents], [exact])
            options.outcome.error = max(options.outcome.error or 0.0, off)
        else:
            made, _ = draw(options.run)
        if not np.isfinite(made).all():
            raise EngineError(
                sentence("The model's weights give values that are not numbers; get them again.")
            )
        pixels: RgbArray = np.rint(made * 255).astype(np.uint8)
        return pixels

    def _steers_away(self, options: PictureOptions) -> bool:
        wanted = bool(options.negative) and options.true_guidance > 1
        return wanted and self.takes_negative_prompts

    def _encoded(self, caption: str, options: PictureOptions) -> dict[str, Any]:
        """The words as arguments of the pipeline; the encoders have left when it begins."""
        pipeline = self.pipeline
        names = {"": caption}
        if self._steers_away(options):
            names["negative_"] = options.negative
        made: dict[str, Any] = {}
        for kind, words in names.items():
            states = self.text.encode([words])
            to = {"device": self.device, "dtype": pipeline.transformer.dtype}
            made[f"{kind}prompt_embeds"] = states.states.to(**to)
            if "pooled_prompt_embeds" in inspect.signature(pipeline.__call__).parameters:
                made[f"{kind}pooled_prompt_embeds"] = states.pooled.to(**to)
        return made

    def _wished(
        self, options: PictureOptions, steps: int, generator: torch.Generator
    ) -> dict[str, Any]:
        """Further arguments of the pipeline."""
        made: dict[str, Any] = {}
        if self._steers_away(options):
            made["true_cfg_scale"] = options.true_guidance
        if options.start is not None:
            made |= refining_arguments(
                self.pipeline, options.start, options.strength, steps=steps, generator=generator
            )
        return made


def load_picture_model(
    shelf: Shelf,
    name: str,
    dtype: torch.dtype,
    adapters: Sequence[LoraChoice] = (),
    *,
    place_text: PlaceText = lambda _network: None,
    device: torch.device = _CPU,
) -> DiffusersPicture:
    """FLUX.1 in any layout, or FLUX.2 klein.

    Args:
        place_text: Puts a text encoder where it computes; it leaves after each new prompt.
        device: Where the pipeline will compute; it is put there by the caller.

    Raises:
        CheckpointError: As `full_size.load_flux`.
    """
    _quiet_libraries()
    model = shelf.get(name)
    if Layout(model.layout) is Layout.FLUX2_FOLDER:
        if adapters:
            raise CheckpointError(
                sentence(
                    "{title} takes no LoRA files here; they are merged into FLUX.1 only.",
                    title=model.title,
                )
            )
        text = klein_text(shelf, unchanged(model), dtype, place_text)
        return DiffusersPicture(_klein(Path(model.path), dtype), text, 1.0, device)
    transformer, parts = load_flux(shelf, name, dtype, adapters, place_text)
    return DiffusersPicture(_quiet(_flux(transformer, parts)), parts.text, device=device)


def _flux(transformer: Any, parts: FluxParts) -> Any:
    from diffusers import FluxPipeline

    make: Any = FluxPipeline
    return make(
        scheduler=parts.scheduler, vae=parts.vae, transformer=transformer,
        text_encoder=None, tokenizer=None, text_encoder_2=None, tokenizer_2=None,
    )  # fmt: skip


def _klein(place: Path, dtype: torch.dtype) -> Any:
    from diffusers import (
        AutoencoderKLFlux2,
        FlowMatchEulerDiscreteScheduler,
        Flux2KleinPipeline,
        Flux2Transformer2DModel,
    )

    local: dict[str, Any] = {"local_files_only": True}
    classes: tuple[Any, ...] = (AutoencoderKLFlux2, Flux2Transformer2DModel)
    vae, transformer = (
        kind.from_pretrained(place / part, torch_dtype=dtype, **local)
        for kind, part in zip(classes, ("vae", "transformer"), strict=True)
    )
    make: Any = Flux2KleinPipeline
    schedule: Any = FlowMatchEulerDiscreteScheduler
    return _quiet(
        make(
            scheduler=schedule.from_pretrained(place / "scheduler", **local),
            vae=with_tiles(vae),
            text_encoder=None,
            tokenizer=None,
            transformer=transformer,
            is_distilled=True,
        )
    )


def _quiet(pipeline: Any) -> Any:
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def _quiet_libraries() -> None:
    """No bars and no advice for programmers between what the program says itself."""
    import diffusers.utils
    import transformers.utils

    for logging in (diffusers.utils.logging, transformers.utils.logging):
        logging.set_verbosity_error()
        logging.disable_progress_bar()
