"""Checked reading of `.safetensors` files: what is wrong is said in a sentence before use.

The header is examined by itself first (`safetensors_header.py`), so a cut-off or foreign file never
reaches the mapping code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from engine.checkpoints.safetensors_header import REINSTALL, TensorEntry, read_header
from engine.errors import CheckpointError
from engine.sentences import sentence


def load_checked(
    path: str | Path, expected: Mapping[str, Sequence[int]] | None = None
) -> dict[str, Tensor]:
    """All tensors of a file, on the CPU in the dtypes they were saved in.

    Args:
        path: A `.safetensors` file.
        expected: Key -> shape of every tensor that must be there, and no other; None = any.

    Raises:
        CheckpointError: The file is missing, unreadable, cut off, not in this format, has missing,
            unknown or wrongly shaped tensors, or holds NaN or infinity.
    """
    file = Path(path)
    entries = read_header(file)
    if expected is not None:
        _compare(file, entries, expected)
    try:
        tensors = load_file(file)
    except (SafetensorError, OSError) as error:
        raise CheckpointError(
            sentence(
                "The weights file {file} could not be read; {reinstall}.",
                file=file,
                reinstall=REINSTALL,
            ),
            str(error),
        ) from error
    for key, tensor in tensors.items():
        if tensor.is_floating_point() and not bool(tensor.isfinite().all()):
            raise CheckpointError(
                sentence(
                    "The weights file {file} holds values that are not numbers; {reinstall}.",
                    file=file,
                    reinstall=REINSTALL,
                ),
                f"NaN or infinity in {key}",
            )
    return tensors


def _compare(
    file: Path, entries: Mapping[str, TensorEntry], expected: Mapping[str, Sequence[int]]
) -> None:
    missing = [key for key in expected if key not in entries]
    unknown = [key for key in entries if key not in expected]
    wrong = [
        f"{key}: {entries[key].shape} instead of {tuple(shape)}"
        for key, shape in expected.items()
        if key in entries and entries[key].shape != tuple(shape)
    ]
    if missing:
        raise _misfit(file, sentence("lacks {weight}", weight=_first(missing)), missing)
    if wrong:
        raise _misfit(
            file, sentence("has the wrong shape at {weight}", weight=_first(wrong)), wrong
        )
    if unknown:
        raise _misfit(
            file, sentence("has the unknown weight {weight}", weight=_first(unknown)), unknown
        )


def _first(problems: Sequence[str]) -> str:
    more = len(problems) - 1
    if not more:
        return problems[0]
    return sentence("{problem} (and {count} more)", problem=problems[0], count=more)


def _misfit(file: Path, problem: str, all_problems: Sequence[str]) -> CheckpointError:
    return CheckpointError(
        sentence(
            "The weights file {file} {problem}; it does not fit this version, {reinstall}.",
            file=file,
            problem=problem,
            reinstall=REINSTALL,
        ),
        "\n".join(all_problems),
    )
