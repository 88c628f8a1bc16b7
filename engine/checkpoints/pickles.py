"""PyTorch files (pickles) become safetensors once, in a process of its own that reads numbers only.

python -m engine.checkpoints.pickles SOURCE TARGET.safetensors [SOURCE TARGET ...]

Three kinds are known: Inf-DiT as published, a transparent decoder of ART's form, and a layer
embedding (`layer_pe.pth`). What else a file holds (optimiser, counters) stays behind.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import save_file
from torch import Tensor

from engine.checkpoints.inf_dit import needed_weights, read_pickle
from engine.errors import CheckpointError
from engine.models.inf_dit import InfDit
from engine.sentences import sentence

_FAILED = 4
LAYER_EMBEDDING_KEY = "layer_pe"  # of `region_transformer`, which takes seconds to import
_DECODER_KEY = "model"
_DECODER_PREFIX = "decoder."


def convert_pickle(source: str | Path, target: str | Path) -> None:
    """`convert_pickles` of one file."""
    convert_pickles([(source, target)])


def convert_pickles(pairs: Sequence[tuple[str | Path, str | Path]]) -> None:
    """Converts files (source, target) in one process; each target appears when it is complete.

    Raises:
        CheckpointError: A file cannot be read, holds more than numbers, or is of no known kind.
    """
    words = [str(word) for pair in pairs for word in pair]
    source = ", ".join(words[::2])
    command = [sys.executable, "-m", __name__, *words]
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


def select_weights(content: Any, source: Path) -> dict[str, Tensor]:
    """The weights of whichever kind it is.

    Raises:
        CheckpointError: It is none of them.
    """
    if isinstance(content, Mapping) and "module" in content:
        weights = needed_weights(content, source)
        InfDit.from_state_dict(weights, str(source))  # refuses what would not load later
        return weights
    if isinstance(content, Mapping) and isinstance(content.get(_DECODER_KEY), Mapping):
        content = content[_DECODER_KEY]
    if isinstance(content, Mapping):
        embedding = content.get(LAYER_EMBEDDING_KEY)
        if isinstance(embedding, Tensor):
            return {LAYER_EMBEDDING_KEY: embedding}
        decoder = {
            key: value
            for key, value in content.items()
            if isinstance(key, str)
            and key.startswith(_DECODER_PREFIX)
            and isinstance(value, Tensor)
        }
        if f"{_DECODER_PREFIX}fc_in.weight" in decoder:
            return decoder
    raise CheckpointError(
        sentence(
            "{source} is neither Inf-DiT nor a transparent decoder nor a layer embedding; choose "
            "another file.",
            source=source,
        )
    )


def _convert(source: Path, target: Path) -> None:
    """The work itself, in the process of its own."""
    weights = select_weights(read_pickle(source), source)
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


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit status; the last line of stderr is a sentence when it failed."""
    parser = argparse.ArgumentParser(description="Converts a PyTorch file to safetensors")
    parser.add_argument("files", type=Path, nargs="+", help="source and target by turns")
    files = parser.parse_args(arguments).files
    try:
        for source, target in zip(files[::2], files[1::2], strict=True):
            _convert(source, target)
    except CheckpointError as error:
        print(error.message, file=sys.stderr)  # noqa: T201  # a command of its own
        return _FAILED
    return 0


if __name__ == "__main__":
    sys.exit(main())
