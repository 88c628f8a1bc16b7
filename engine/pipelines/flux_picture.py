"""Pictures of FLUX's own models, flat RGB: the raw material of LayerFLUX at full size.

The models of diffusers do the sampling; this hands pictures to whoever cuts objects out.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch

from engine.checkpoints.flux_files import LoraChoice
from engine.checkpoints.full_size import FluxParts, load_flux
from engine.checkpoints.recognise import Layout
from engine.checkpoints.shelf import Shelf
from engine.errors import EngineError, JobCancelled
from engine.pipelines.flux_refining import refining_arguments
from engine.sentences import sentence

RgbArray = npt.NDArray[np.uint8]
OnPictureStep = Callable[[int, int], object]


@dataclass(frozen=True, slots=True, eq=False)
class PictureOptions:
    """How a picture is made beyond its caption, size and number of steps.

    Attributes:
        guidance: The distilled one; None = the model's own.
        negative: What to stay away from; counts with a true guidance above 1.
        true_guidance: Two evaluations per step above 1.
        start: `height width 3`, to be refined instead of noise alone.
        strength: How far from `start`, above 0 to 1.
    """

    guidance: float | None = None
    negative: str = ""
    true_guidance: float = 1.0
    start: RgbArray | None = None
    strength: float = 1.0


_USUAL = PictureOptions()


class PictureModel(Protocol):
    """Anything that makes a flat picture from a caption."""

    @property
    def takes_negative_prompts(self) -> bool:
        """Whether the model has true guidance."""
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
        guidance: The distilled one of FLUX.1 dev; ignored by schnell and klein.
    """

    pipeline: Any
    guidance: float = 3.5

    @property
    def takes_negative_prompts(self) -> bool:
        """See `PictureModel`."""
        return "negative_prompt" in inspect.signature(self.pipeline.__call__).parameters

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

        def after(pipeline: Any, index: int, _time: Any, values: dict[str, Any]) -> dict[str, Any]:
            if cancelled():
                raise JobCancelled
            on_step(index + 1, int(pipeline.num_timesteps))
            return values

        generator = torch.Generator().manual_seed(seed)
        made = self.pipeline(
            prompt=caption, width=width, height=height, num_inference_steps=steps,
            guidance_scale=self.guidance if options.guidance is None else options.guidance,
            generator=generator, output_type="np", callback_on_step_end=after,
            **self._wished(options, steps, generator),
        ).images[0]  # fmt: skip
        if not np.isfinite(made).all():
            raise EngineError(
                sentence("The model's weights give values that are not numbers; get them again.")
            )
        pixels: RgbArray = np.rint(made * 255).astype(np.uint8)
        return pixels

    def _wished(
        self, options: PictureOptions, steps: int, generator: torch.Generator
    ) -> dict[str, Any]:
        """Further arguments of the pipeline."""
        made: dict[str, Any] = {}
        if options.negative and options.true_guidance > 1 and self.takes_negative_prompts:
            made["negative_prompt"] = options.negative
            made["true_cfg_scale"] = options.true_guidance
        if options.start is not None:
            made |= refining_arguments(
                self.pipeline, options.start, options.strength, steps=steps, generator=generator
            )
        return made


def load_picture_model(
    shelf: Shelf, name: str, dtype: torch.dtype, adapters: Sequence[LoraChoice] = ()
) -> DiffusersPicture:
    """FLUX.1 in any layout, or FLUX.2 klein.

    Raises:
        CheckpointError: As `full_size.load_flux`.
    """
    _quiet_libraries()
    model = shelf.get(name)
    if Layout(model.layout) is Layout.FLUX2_FOLDER:
        return DiffusersPicture(_klein(Path(model.path), dtype), guidance=1.0)
    transformer, parts = load_flux(shelf, name, dtype, adapters)
    return DiffusersPicture(_quiet(_flux(transformer, parts)))


def _flux(transformer: Any, parts: FluxParts) -> Any:
    from diffusers import FluxPipeline

    make: Any = FluxPipeline
    text = parts.text
    return make(
        scheduler=parts.scheduler, vae=parts.vae, text_encoder=text.clip,
        tokenizer=text.clip_tokenizer, text_encoder_2=text.t5, tokenizer_2=text.t5_tokenizer,
        transformer=transformer,
    )  # fmt: skip


def _klein(place: Path, dtype: torch.dtype) -> Any:
    from diffusers import (
        AutoencoderKLFlux2,
        FlowMatchEulerDiscreteScheduler,
        Flux2KleinPipeline,
        Flux2Transformer2DModel,
    )
    from transformers import AutoTokenizer, Qwen3ForCausalLM

    local: dict[str, Any] = {"local_files_only": True}
    classes: tuple[Any, ...] = (AutoencoderKLFlux2, Flux2Transformer2DModel)
    vae, transformer = (
        kind.from_pretrained(place / part, torch_dtype=dtype, **local)
        for kind, part in zip(classes, ("vae", "transformer"), strict=True)
    )
    make: Any = Flux2KleinPipeline
    schedule: Any = FlowMatchEulerDiscreteScheduler
    text: Any = Qwen3ForCausalLM
    return _quiet(
        make(
            scheduler=schedule.from_pretrained(place / "scheduler", **local),
            vae=vae,
            text_encoder=text.from_pretrained(place / "text_encoder", dtype=dtype, **local).eval(),
            tokenizer=AutoTokenizer.from_pretrained(place / "tokenizer", **local),
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
