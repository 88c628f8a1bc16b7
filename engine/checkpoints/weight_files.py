"""The weight files of one network's folder: one file, or shards with an index; headers only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from engine.checkpoints.recognise import read_json_object
from engine.checkpoints.safetensors_header import TensorEntry, read_header
from engine.errors import CheckpointError
from engine.sentences import sentence

_STEMS = ("diffusion_pytorch_model", "model")  # diffusers' and transformers' names
FLOATS = frozenset({"F32", "F16", "BF16", "F8_E4M3"})
_NAMED = 3


@dataclass(frozen=True, slots=True)
class WeightFiles:
    """Where each weight of a network is.

    Attributes:
        files: Safetensors files, in the order of their names.
        entries: Weight -> its header entry.
    """

    files: tuple[Path, ...]
    entries: dict[str, TensorEntry]

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Of all weights."""
        return {key: entry.shape for key, entry in self.entries.items()}

    @property
    def bytes(self) -> int:
        """Of all weights."""
        return sum(entry.end - entry.begin for entry in self.entries.values())


def weight_files(place: Path) -> WeightFiles:
    """The files of a network: a safetensors file, or a folder with one or with shards and index.

    Raises:
        CheckpointError: There are none, a shard is missing or damaged, or a weight is not where the
            index says.
    """
    if place.is_file():
        return WeightFiles((place,), read_header(place))
    for stem in _STEMS:
        index = place / f"{stem}.safetensors.index.json"
        if index.is_file():
            return _sharded(place, index)
        if (single := place / f"{stem}.safetensors").is_file():
            return WeightFiles((single,), read_header(single))
    raise CheckpointError(
        sentence(
            "{folder} has no weights as safetensors; the folder is incomplete, get it again.",
            folder=place,
        )
    )


def compare(
    found: WeightFiles,
    expected: Mapping[str, tuple[int, ...]],
    place: Path,
    optional: frozenset[str] = frozenset(),
) -> None:
    """Holds names, shapes and kinds of numbers against what the network needs.

    Raises:
        CheckpointError: They differ; the sentence names the first weights.
    """
    missing = [key for key in expected if key not in found.entries and key not in optional]
    if missing:
        raise CheckpointError(
            sentence(
                "{place} lacks {weights}; the files are incomplete, get them again.",
                place=place, weights=_some(missing),
            )
        )  # fmt: skip
    unknown = [key for key in found.entries if key not in expected]
    if unknown:
        raise CheckpointError(
            sentence(
                "{place} holds {weights}, which its configuration does not have; weights and "
                "configuration do not belong together.",
                place=place, weights=_some(unknown),
            )
        )  # fmt: skip
    for key, entry in found.entries.items():
        if entry.shape != tuple(expected[key]):
            raise CheckpointError(
                sentence(
                    "{place}: {key} has the shape {shape} instead of {wanted}; weights and "
                    "configuration do not belong together.",
                    place=place, key=key, shape=entry.shape, wanted=tuple(expected[key]),
                )
            )  # fmt: skip
        if entry.dtype not in FLOATS and not key.endswith("num_batches_tracked"):  # a counter
            raise CheckpointError(
                sentence(
                    "{place}: {key} is stored as {dtype}, which cannot be computed with; bring the "
                    "model in 16 bits.",
                    place=place, key=key, dtype=entry.dtype,
                )
            )  # fmt: skip


def _sharded(place: Path, index: Path) -> WeightFiles:
    mapped = read_json_object(index).get("weight_map")
    if not isinstance(mapped, dict) or not mapped:
        raise CheckpointError(
            sentence("{path} is damaged or no configuration; get it again.", path=index)
        )
    names = sorted({str(name) for name in mapped.values()})
    entries: dict[str, TensorEntry] = {}
    for name in names:
        shard = place / name
        if PurePosixPath(name).name != name or not shard.is_file():  # no way out of the folder
            raise CheckpointError(
                sentence("{path} is missing; the folder is incomplete, get it again.", path=shard)
            )
        for key, entry in read_header(shard).items():
            if mapped.get(key) != name:
                raise CheckpointError(
                    sentence(
                        "{path} holds {key}, which the index has elsewhere; get the folder again.",
                        path=shard, key=key,
                    )
                )  # fmt: skip
            entries[key] = entry
    lost = [key for key in mapped if key not in entries]
    if lost:
        raise CheckpointError(
            sentence(
                "{place} lacks {weights}; the files are incomplete, get them again.",
                place=place, weights=_some(lost),
            )
        )  # fmt: skip
    return WeightFiles(tuple(place / name for name in names), entries)


def _some(keys: list[str]) -> str:
    rest = len(keys) - _NAMED
    return ", ".join(keys[:_NAMED]) + (f" and {rest} more" if rest > 0 else "")
