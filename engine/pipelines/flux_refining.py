"""Pictures of FLUX's own models begun from a given picture instead of noise alone.

The pipelines of diffusers take start latents and a schedule, so both kinds are refined by one rule,
the starter's: begin at sigma = strength on the straight line between the picture and the noise, and
take the steps of the full schedule below it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from engine.models.geometry import pack_latents

RgbArray = npt.NDArray[np.uint8]  # h w 3

_PACKED_PX = 16
_HALVINGS = 40  # of the interval in which a sigma is looked for


def refining_arguments(
    pipeline: Any,
    start: RgbArray,
    strength: float,
    *,
    steps: int,
    generator: torch.Generator,
) -> dict[str, Any]:
    """Arguments `latents` and `sigmas` for a pipeline of FLUX.1 or FLUX.2 klein.

    Args:
        start: The picture to refine, in the size that is to be made.
        strength: Noise level to begin at, above 0 to 1.
        generator: Draws the noise.
    """
    height, width = start.shape[:2]
    tokens = (height // _PACKED_PX) * (width // _PACKED_PX)
    given = schedule_from(_shifted(pipeline, tokens, steps), strength, steps)
    clean = _encoded(pipeline, start)
    noise = torch.randn(clean.shape, generator=generator).to(clean)
    mixed = (1 - strength) * clean + strength * noise
    return {"latents": _as_taken(pipeline, mixed), "sigmas": given}


def schedule_from(shifted: Callable[[float], float], strength: float, steps: int) -> list[float]:
    """Sigmas before the shift whose shifted values are the strength and the full schedule below it.

    Args:
        shifted: What the scheduler makes of a sigma; grows with it.
    """
    full = [float(sigma) for sigma in np.linspace(1.0, 1 / steps, steps)]
    if strength >= 1:
        return full
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if shifted(middle) < strength:
            low = middle
        else:
            high = middle
    return [high, *(sigma for sigma in full if shifted(sigma) < strength)]


def _shifted(pipeline: Any, tokens: int, steps: int) -> Callable[[float], float]:
    """The pipeline's own schedule for a picture of that many tokens, as a function."""
    scheduler = type(pipeline.scheduler).from_config(pipeline.scheduler.config)
    mu = _mu(pipeline, tokens, steps)

    def shifted(sigma: float) -> float:
        scheduler.set_timesteps(sigmas=[max(sigma, 1e-6)], mu=mu)
        return float(scheduler.sigmas[0])

    return shifted


def _mu(pipeline: Any, tokens: int, steps: int) -> float:
    if _is_klein(pipeline):
        from diffusers.pipelines.flux2.pipeline_flux2_klein import compute_empirical_mu

        return float(compute_empirical_mu(image_seq_len=tokens, num_steps=steps))
    from diffusers.pipelines.flux.pipeline_flux import calculate_shift

    names = ("base_image_seq_len", "max_image_seq_len", "base_shift", "max_shift")
    usual = (256, 4096, 0.5, 1.15)
    config = pipeline.scheduler.config
    values = [config.get(name, value) for name, value in zip(names, usual, strict=True)]
    return float(calculate_shift(tokens, *values))


@torch.no_grad()
def _encoded(pipeline: Any, start: RgbArray) -> Tensor:
    """Scaled latents of a picture in float32, `1 c h w`; klein's come in patches of 2 x 2."""
    vae = pipeline.vae
    pixels = torch.from_numpy(start.astype(np.float32)).permute(2, 0, 1)[None] / 127.5 - 1
    mode: Tensor = vae.encode(pixels.to(vae.device, vae.dtype), return_dict=False)[0].mode().float()
    if not _is_klein(pipeline):
        scaled: Tensor = (mode - vae.config.shift_factor) * vae.config.scaling_factor
        return scaled
    patches = torch.nn.functional.pixel_unshuffle(mode, 2)
    mean, variance = (
        plane.view(1, -1, 1, 1).to(patches) for plane in (vae.bn.running_mean, vae.bn.running_var)
    )
    normalised: Tensor = (patches - mean) / torch.sqrt(variance + vae.config.batch_norm_eps)
    return normalised


def _as_taken(pipeline: Any, latents: Tensor) -> Tensor:
    """Latents in the form that the pipeline's call takes; FLUX.1 wants tokens."""
    return latents if _is_klein(pipeline) else pack_latents(latents)


def _is_klein(pipeline: Any) -> bool:
    return type(pipeline).__name__ == "Flux2KleinPipeline"
