"""A network that enlarges, with all that it wants to be asked with."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from torch import Tensor

from engine.checkpoints.inf_dit import load_inf_dit
from engine.checkpoints.starter_upscaler import load_starter_upscaler
from engine.errors import CheckpointError
from engine.models.inf_dit import InfDit
from engine.pipelines.low_resolution import RgbArray, to_network
from engine.pipelines.upscale_plan import UpscaleOptions
from engine.requests.upscale import UPSCALER_NAME
from engine.sampling.edm import EdmMethod, EdmSchedule
from engine.sentences import sentence

_TOKENS_AT_ONCE = 512


@dataclass(frozen=True, slots=True, eq=False)
class Upscaler:
    """Inf-DiT ready to enlarge.

    Attributes:
        embed: Condition vector `1 v` of a whole low-resolution picture.
        name: For people and records.
        fingerprint: Of the weights.
        schedule, method, init_noise: As the weights were trained for.
        keep_tones, crisp_edges: As in `UpscaleOptions`.
    """

    network: InfDit
    embed: Callable[[RgbArray], Tensor]
    name: str
    fingerprint: str
    schedule: EdmSchedule = field(default_factory=EdmSchedule)
    method: EdmMethod = EdmMethod.HEUN
    init_noise: bool = True
    keep_tones: bool = False
    crisp_edges: bool = False

    def options(self, seed: int) -> UpscaleOptions:
        """Options of a picture at the canvas's corner; see `UpscaleOptions.at`.

        Small blocks are computed several at a time: alone they do not fill a processor.
        """
        return UpscaleOptions(
            seed=seed, schedule=self.schedule, method=self.method, init_noise=self.init_noise,
            lines=max(1, _TOKENS_AT_ONCE // self.network.sizes.tokens), keep_tones=self.keep_tones,
            crisp_edges=self.crisp_edges,
        )  # fmt: skip


def load_upscaler(checkpoint: str) -> Upscaler:
    """Inf-DiT by name, or from a file of converted weights with their vision tower.

    Raises:
        CheckpointError: A file is missing, cut off or lacks a weight; the message names it.
    """
    if checkpoint == UPSCALER_NAME:
        return _starter()
    network, vision = load_inf_dit(checkpoint)
    if vision is None:
        raise CheckpointError(
            sentence(
                "{source} has no vision tower; convert the published file as a whole.",
                source=checkpoint,
            )
        )

    def embed(picture: RgbArray) -> Tensor:
        vector: Tensor = vision.embed(to_network(picture))
        return vector

    return Upscaler(network, embed, Path(checkpoint).name, fingerprint_of(network))


def _starter() -> Upscaler:
    made = load_starter_upscaler()
    levels = made.noise_levels
    return Upscaler(
        made.network, made.embed, UPSCALER_NAME, made.fingerprint,
        EdmSchedule(levels.steps, levels.sigma_min, levels.sigma_max), EdmMethod.EULER,
        init_noise=True, keep_tones=True, crisp_edges=True,
    )  # fmt: skip


def fingerprint_of(network: InfDit) -> str:
    """Of a network's weights: sums tell other weights apart, and are quick."""
    digest = hashlib.blake2b(f"{network.sizes} {network.dtype}".encode(), digest_size=16)
    for name, weight in network.state_dict().items():
        digest.update(f"{name} {float(weight.double().sum()):.12g}".encode())
    return digest.hexdigest()
