"""Classifier-free guidance under its own name.

Two things are called guidance around FLUX. *True guidance* runs the network twice, with and
without the prompt, and pushes away from the second answer; it is here. *Distilled guidance* is a
number that guidance-distilled checkpoints take as an input beside the time; it costs nothing and is
an argument of the denoiser's network.
"""

from __future__ import annotations

from torch import Tensor

from engine.sampling.samplers import Denoiser


def with_true_guidance(positive: Denoiser, negative: Denoiser | None, scale: float) -> Denoiser:
    """v = v_neg + scale (v_pos - v_neg).

    At scale 1 the negative answer cancels out, so `positive` itself is returned: one evaluation per
    step instead of two.

    Raises:
        ValueError: `scale` is not 1 and there is no negative denoiser.
    """
    if scale == 1:
        return positive
    if negative is None:
        raise ValueError("true guidance other than 1 needs a negative prompt")
    other = negative

    def guided(latents: Tensor, sigma: float) -> Tensor:
        without = other(latents, sigma)
        return without + scale * (positive(latents, sigma) - without)

    return guided
