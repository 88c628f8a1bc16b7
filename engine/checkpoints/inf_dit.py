"""Inf-DiT weights on disk: safetensors is loaded, and what `pickles` needs of the published pickle.

A pickle can hold code, so it is opened in a process of its own and by a reader that only makes
tensors and plain containers. Files in the safetensors form hold numbers only.
"""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from engine.checkpoints.safetensors_files import load_checked
from engine.errors import CheckpointError
from engine.models.clip_vision import PREFIX, ClipVision
from engine.models.inf_dit import InfDit
from engine.sentences import sentence

_MODULE_KEY = "module"  # of the published dictionary: the weights; the rest is about training


def load_inf_dit(path: str | Path) -> tuple[InfDit, ClipVision | None]:
    """The network, and the vision tower when the file has it; float types as they were saved.

    Raises:
        CheckpointError: The file is missing, damaged, or lacks a weight.
    """
    weights = load_checked(path)
    tower = {k.removeprefix(PREFIX): v for k, v in weights.items() if k.startswith(PREFIX)}
    vision = ClipVision.from_state_dict(tower, str(path)) if tower else None
    return InfDit.from_state_dict(weights, str(path)), vision


def read_pickle(source: Path) -> Any:
    """What a PyTorch file holds, by a reader that only makes tensors and plain containers.

    Raises:
        CheckpointError: It is missing, damaged, or holds code.
    """
    try:
        return torch.load(source, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise CheckpointError(sentence("{source} is missing.", source=source)) from error
    except pickle.UnpicklingError as error:
        if not _is_pickle(source):
            raise CheckpointError(
                sentence("{source} is no PyTorch checkpoint; choose another file.", source=source)
            ) from error
        raise CheckpointError(
            sentence(
                "{source} holds more than numbers and was not opened; "
                "get it from its makers again.",
                source=source,
            )
        ) from error
    except (OSError, RuntimeError, EOFError, ValueError) as error:
        raise CheckpointError(
            sentence("{source} is damaged or no PyTorch file; get it again.", source=source)
        ) from error


def _is_pickle(source: Path) -> bool:
    """Whether a file starts as PyTorch's do: a ZIP archive, or a pickle of protocol 2 or later."""
    with source.open("rb") as stream:
        start = stream.read(4)
    return start == b"PK\x03\x04" or start[:1] == b"\x80"


def needed_weights(content: Any, source: Path) -> dict[str, Tensor]:
    """The weights of network and vision tower; tables that the model computes stay behind."""
    module = content.get(_MODULE_KEY) if isinstance(content, Mapping) else None
    if not isinstance(module, Mapping):
        raise CheckpointError(
            sentence(
                "{source} holds no weights under {key!r}; get it again.",
                source=source,
                key=_MODULE_KEY,
            )
        )
    return {key: value for key, value in module.items() if _is_used(key, value)}


def _is_used(key: str, value: Any) -> bool:
    beside_the_tower = key.startswith("image_encoder.") and not key.startswith(PREFIX)
    return isinstance(value, Tensor) and ".rope." not in key and not beside_the_tower
