"""Loads the starter's upscaler, a small Inf-DiT, from `resources/starter_upscaler`."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from engine.checkpoints.safetensors_files import load_checked
from engine.checkpoints.starter import load_starter_feature_net
from engine.errors import CheckpointError
from engine.models.feature_net import INPUT_PX, FeatureNet, centre_drawing
from engine.models.inf_dit import InfDit
from engine.sentences import sentence

STARTER_UPSCALER_FOLDER = Path(__file__).resolve().parents[2] / "resources" / "starter_upscaler"


@dataclass(frozen=True, slots=True)
class NoiseLevels:
    """Number of evaluations, and the levels that they begin and end with."""

    steps: int
    sigma_min: float
    sigma_max: float


@dataclass(frozen=True, slots=True, eq=False)
class StarterUpscaler:
    """The network with all that it wants to be asked with.

    Attributes:
        embed: Condition vector `1 v` of a whole low-resolution picture, 8-bit RGB `h w 3`.
        fingerprint: Of the weights file, 32 hexadecimal digits.
        noise_levels: Of the training: Euler steps from the enlarged input plus noise.
    """

    network: InfDit
    embed: Callable[[npt.NDArray[np.uint8]], Tensor]
    fingerprint: str
    noise_levels: NoiseLevels


def load_starter_upscaler(folder: Path | None = None) -> StarterUpscaler:
    """The starter's upscaler as a float32 network on the CPU.

    Raises:
        CheckpointError: A file is missing, cut off or does not fit; the message names it.
    """
    place = folder or STARTER_UPSCALER_FOLDER
    path = place / "upscaler.safetensors"
    noise_levels = _read_noise_levels(place / "config.json")
    weights = {name: value.float() for name, value in load_checked(path).items()}
    network = InfDit.from_state_dict(weights, str(path))
    net, _ = load_starter_feature_net()
    return StarterUpscaler(
        network=network,
        embed=functools.partial(embed_picture, net),
        fingerprint=hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest(),
        noise_levels=noise_levels,
    )


@torch.no_grad()
def embed_picture(net: FeatureNet, rgb: npt.NDArray[np.uint8]) -> Tensor:
    """Feature vector of an 8-bit RGB picture `h w 3`, unit, `1 d`.

    It stands where the published network has its vision tower's.
    """
    scale = min(1.0, 2 * INPUT_PX / max(rgb.shape[:2]))
    size = (max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale)))
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    opaque = np.concatenate([small, np.full_like(small[..., :1], 255)], 2).astype(np.float32) / 255
    drawing = centre_drawing(torch.from_numpy(opaque).permute(2, 0, 1).contiguous())
    return net.embed(drawing[None])


def _read_noise_levels(path: Path) -> NoiseLevels:
    try:
        values = json.loads(path.read_text("utf-8"))["schedule"]
        levels = NoiseLevels(
            int(values["steps"]), float(values["sigma_min"]), float(values["sigma_max"])
        )
        if levels.steps < 1 or not 0 < levels.sigma_min <= levels.sigma_max:
            raise ValueError(str(levels))
    except FileNotFoundError as error:
        raise CheckpointError(
            sentence("The model configuration {path} is missing; reinstall Layerloom.", path=path)
        ) from error
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise CheckpointError(
            sentence(
                "{path} is no configuration of the starter upscaler; reinstall Layerloom.",
                path=path,
            ),
            f"{type(error).__name__}: {error}",
        ) from error
    return levels
