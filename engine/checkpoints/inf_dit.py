"""Inf-DiT weights on disk: the published pickle is converted once, then only safetensors is read.

python -m engine.checkpoints.inf_dit PUBLISHED.pt TARGET.safetensors

A pickle can hold code, so it is opened in a process of its own and by a reader that only makes
tensors and plain containers. Files in the safetensors form hold numbers only.
"""

from __future__ import annotations

import argparse
import pickle
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import save_file
from torch import Tensor

from engine.checkpoints.safetensors_files import load_checked
from engine.errors import CheckpointError
from engine.models.clip_vision import PREFIX, ClipVision
from engine.models.inf_dit import InfDit
from engine.sentences import sentence

_MODULE_KEY = "module"  # of the published dictionary: the weights; the rest is about training
_FAILED = 4


def load_inf_dit(path: str | Path) -> tuple[InfDit, ClipVision | None]:
    """The network, and the vision tower when the file has it; float types as they were saved.

    Raises:
        CheckpointError: The file is missing, damaged, or lacks a weight.
    """
    weights = load_checked(path)
    tower = {k.removeprefix(PREFIX): v for k, v in weights.items() if k.startswith(PREFIX)}
    vision = ClipVision.from_state_dict(tower, str(path)) if tower else None
    return InfDit.from_state_dict(weights, str(path)), vision


def convert_published(source: str | Path, target: str | Path) -> None:
    """Converts the published pickle in a process of its own; `target` appears when complete.

    Raises:
        CheckpointError: The pickle cannot be read, holds more than numbers, or lacks a weight.
    """
    command = [sys.executable, "-m", __name__, str(source), str(target)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # no shell
    if done.returncode == 0:
        return
    last = (done.stderr.strip().splitlines() or [""])[-1]
    if done.returncode == _FAILED:
        raise CheckpointError(last)
    raise CheckpointError(
        sentence(
            "{source} could not be converted; the converter ended unexpectedly.", source=source
        ),
        done.stderr,
    )


def _convert(source: Path, target: Path) -> None:
    """The work itself, in the process of its own."""
    weights = needed_weights(read_pickle(source), source)
    InfDit.from_state_dict(weights, str(source))  # refuses what would not load later
    fresh = target.with_name(target.name + ".new")
    try:
        save_file({key: value.contiguous().clone() for key, value in weights.items()}, fresh)
        fresh.replace(target)
    except (OSError, SafetensorError) as error:
        raise CheckpointError(
            sentence("{target} cannot be written; choose another place.", target=target), str(error)
        ) from error
    finally:
        fresh.unlink(missing_ok=True)


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


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit status; the last line of stderr is a sentence when it failed."""
    parser = argparse.ArgumentParser(description="Converts the published Inf-DiT pickle")
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    options = parser.parse_args(arguments)
    try:
        _convert(options.source, options.target)
    except CheckpointError as error:
        print(error.message, file=sys.stderr)  # noqa: T201  # a command of its own
        return _FAILED
    return 0


if __name__ == "__main__":
    sys.exit(main())
