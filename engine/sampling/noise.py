"""Start noise of each layer by itself, so that editing one layer leaves the others' noise alone.

Derivation: the key of a layer is (document seed, layer id, attempt). Its text
"layerloom-noise/1/<seed>/<attempt>/<layer id>" is hashed with BLAKE2b to the 128-bit key of a
Philox counter generator. Row y of the layer's own latent grid starts at counter word 2 = y; along
the row come the columns, in each column the channels. Every two 64-bit outputs give two normals by
Box and Muller's formula. So the value at (channel, y, x) of a box depends on the layer's key and on
nothing else: not on the canvas, the other layers, where the box stands or how large it is. NumPy
guarantees the stream of Philox across versions, so a seed keeps its picture's noise.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

WHOLE_IMAGE_ID = "whole-image"
BACKGROUND_ID = "background"
_DOMAIN = "layerloom-noise/1"
_UNIT = 2.0**-53


@dataclass(frozen=True, slots=True)
class NoiseKey:
    """Whose noise it is.

    Attributes:
        seed: Of the document.
        layer_id: Stable identity of the layer; `WHOLE_IMAGE_ID` and `BACKGROUND_ID` for the first
            two entries.
        attempt: Counts the tries at this layer.
    """

    seed: int
    layer_id: str
    attempt: int = 0


def layer_noise(key: NoiseKey, channels: int, height: int, width: int) -> Tensor:
    """Standard normal noise `channels height width`, float32, on the CPU.

    Args:
        channels: Even.
        height, width: Of the box in latent pixels.
    """
    philox_key = _philox_key(key)
    rows = [_row(philox_key, y, channels * width) for y in range(height)]
    field = np.stack(rows).reshape(height, width, channels).transpose(2, 0, 1)
    return torch.from_numpy(np.ascontiguousarray(field, dtype=np.float32))


def _philox_key(key: NoiseKey) -> npt.NDArray[np.uint64]:
    text = f"{_DOMAIN}/{key.seed}/{key.attempt}/{key.layer_id}"
    digest = hashlib.blake2b(text.encode(), digest_size=16).digest()
    return np.frombuffer(digest, dtype="<u8")


def _row(philox_key: npt.NDArray[np.uint64], y: int, count: int) -> npt.NDArray[np.float64]:
    generator = np.random.Philox(key=philox_key, counter=[0, 0, y, 0])
    bits = generator.random_raw(count)
    # (0, 1]: the logarithm below must not see 0
    uniform = ((bits >> np.uint64(11)) + 1).astype(np.float64) * _UNIT
    radius = np.sqrt(-2 * np.log(uniform[0::2]))
    angle = 2 * np.pi * uniform[1::2]
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1).ravel()
