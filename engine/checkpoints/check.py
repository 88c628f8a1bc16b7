"""Checks a recognised model before it is taken up: shapes, kinds of numbers, licence, values.

The order is that of cost: configurations and headers first, then one pass over the bytes. Nothing
is loaded; the networks that the shapes are held against stand on the meta device.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from engine.checkpoints.architectures import Architecture, Network, architecture
from engine.checkpoints.catalogue import Licence, known_model
from engine.checkpoints.flux_names import read_flux_config, shapes_to_diffusers
from engine.checkpoints.gguf_header import read_gguf
from engine.checkpoints.recognise import ART_CKPT, LORA_FILE, Found, Layout, read_json_object
from engine.checkpoints.safetensors_header import TensorEntry
from engine.checkpoints.scan import FileHealth, scan_file
from engine.checkpoints.weight_files import WeightFiles, compare, weight_files
from engine.errors import CheckpointError
from engine.matting.onnx_net import check_matting_file
from engine.models.inf_dit import InfDit
from engine.sentences import sentence

_MAX_LAYERS, _MAX_SIZE = 400, 2_000_000  # beyond: a configuration made to exhaust the machine
_FOLDERS: dict[Layout, dict[str, Network]] = {
    Layout.FLUX1_FOLDER: {
        "transformer": Network.FLUX1, "vae": Network.VAE, "text_encoder": Network.CLIP_TEXT,
        "text_encoder_2": Network.T5,
    },
    Layout.FLUX1_PARTS: {
        "vae": Network.VAE, "text_encoder": Network.CLIP_TEXT, "text_encoder_2": Network.T5,
    },
    Layout.FLUX2_FOLDER: {
        "transformer": Network.FLUX2, "vae": Network.VAE2, "text_encoder": Network.QWEN3,
    },
    Layout.ART_FUSED: {
        "transformer": Network.REGION, "transp_vae": Network.TRANSPARENT_DECODER,
    },
}  # fmt: skip
_ADAPTERS = {
    Layout.ART_SPLIT: (
        f"pre_fuse_lora/{LORA_FILE}", f"{ART_CKPT}/{LORA_FILE}", f"extra_lora/{LORA_FILE}",
    ),
    Layout.CLD_LORA: (
        f"pre_trained_LoRA/{LORA_FILE}", f"prism_ft_LoRA/{LORA_FILE}",
        f"decouple_LoRA/transformer/{LORA_FILE}",
    ),
}  # fmt: skip
_OPTIONAL_ADAPTERS = {f"extra_lora/{LORA_FILE}"}


@dataclass(frozen=True, slots=True)
class Checked:
    """A model that passed.

    Attributes:
        files: Weight files with their hashes, in the order they were read.
        parameters: Values in all weights.
    """

    found: Found
    files: tuple[FileHealth, ...]
    parameters: int

    @property
    def bytes(self) -> int:
        """Of all weight files."""
        return sum(file.bytes for file in self.files)


def check_model(
    found: Found,
    base: Architecture | None = None,
    report: Callable[[int, int], object] = lambda _done, _total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Checked:
    """Checks everything that can be checked without loading.

    Args:
        base: The transformer that adapters are for; None = FLUX.1 dev as published.
        report: Gets bytes read and bytes in all.

    Raises:
        CheckpointError: Something is wrong; the sentence says what.
        JobCancelled: `cancelled` said so.
    """
    parts = check_headers(found, base)
    check_licence(found)
    files = [file for part in parts for file in part.files]
    total, done = sum(file.stat().st_size for file in files), 0

    def count(size: int) -> None:
        nonlocal done
        done += size
        report(done, total)

    healthy = tuple(scan_file(file, count, cancelled) for file in files)
    values = sum(_values(entry) for part in parts for entry in part.entries.values())
    return Checked(found, healthy, values)


def check_headers(found: Found, base: Architecture | None = None) -> list[WeightFiles]:
    """Configurations, names, shapes and kinds of numbers; reads headers only.

    Args:
        base: As in `check_model`.

    Raises:
        CheckpointError: Something does not fit.
    """
    place, layout = found.path, found.layout
    if layout in _FOLDERS:
        return [_component(place / part, kind) for part, kind in _FOLDERS[layout].items()]
    if layout in _ADAPTERS:
        return _adapters(place, _ADAPTERS[layout], base or architecture(Network.FLUX1))
    if layout is Layout.FLUX1_FILE:
        return [_flux_file(place)]
    if layout is Layout.FLUX1_GGUF:
        return [_gguf(place)]
    if layout is Layout.PICKLE:
        raise CheckpointError(
            sentence(
                "{path} is a PyTorch file, which can hold code; make numbers of it first with "
                '"layerloom models convert".',
                path=place,
            )
        )
    if layout is Layout.ONNX_FILE:
        check_matting_file(place)
        return [WeightFiles((place,), {})]
    return [_checked_single(place, layout)]


def check_licence(found: Found) -> None:
    """Compares a licence file with the licence that is known for the model.

    Raises:
        CheckpointError: It is another one; then the folder is not what it seems to be.
    """
    if not found.model_id or not found.path.is_dir():
        return
    licence = known_model(found.model_id).licence
    for file in sorted(found.path.glob("LICEN[CS]E*")):
        if licence.words and not _has_words(file, licence):
            raise CheckpointError(
                sentence(
                    "{file} is not the licence of {title}, which is {licence}; the folder is a "
                    "mixture, get it again from its makers.",
                    file=file, title=found.title, licence=licence.name,
                )
            )  # fmt: skip


def _has_words(file: Path, licence: Licence) -> bool:
    with file.open("rb") as stream:
        text = re.sub(r"\s+", " ", stream.read(200_000).decode("utf-8", "replace")).lower()
    return all(words.lower() in text for words in licence.words)


def _values(entry: TensorEntry) -> int:
    count = 1
    for side in entry.shape:
        count *= side
    return count


def component_config(place: Path, network: Network) -> dict[str, Any]:
    """The `config.json` of a network's folder, looked at for absurd sizes.

    Raises:
        CheckpointError: It is missing, damaged, or asks for a network beyond all measure.
    """
    path = place / "config.json"
    if network is Network.TRANSPARENT_DECODER and not path.is_file():
        return {}
    config = read_json_object(path)
    for key, value in config.items():
        limit = _MAX_LAYERS if "layers" in key and "per" not in key else _MAX_SIZE
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) > limit:
            raise CheckpointError(
                sentence(
                    "{path} asks for {key} = {value}; get it again.",
                    path=path,
                    key=key,
                    value=value,
                )
            )
    return config


def _component(place: Path, network: Network) -> WeightFiles:
    found = weight_files(place)
    config = component_config(place, network)
    expected = architecture(network, config, str(place / "config.json"))
    if network is Network.CLIP_TEXT:
        found = _without_prefix(found)
    compare(found, expected.shapes, place, expected.optional)
    return found


def _without_prefix(found: WeightFiles) -> WeightFiles:
    """CLIP's names with and without the whole model's prefix; old files have a table of numbers."""
    entries = {key.removeprefix("text_model."): entry for key, entry in found.entries.items()}
    entries.pop("embeddings.position_ids", None)
    return WeightFiles(found.files, entries)


def _flux_file(place: Path) -> WeightFiles:
    found = weight_files(place)
    _compare_flux(found, place)
    return found


def _compare_flux(found: WeightFiles, place: Path) -> None:
    shapes = shapes_to_diffusers(found.shapes, str(place))
    config = read_flux_config(shapes, str(place))
    expected = architecture(Network.FLUX1, config, str(place))
    first = next(iter(found.entries.values()))
    renamed = {
        key: TensorEntry("BF16", shape, first.begin, first.begin) for key, shape in shapes.items()
    }
    compare(WeightFiles(found.files, renamed), expected.shapes, place)
    compare(found, found.shapes, place)  # the kinds of numbers, under the file's own names


def _gguf(place: Path) -> WeightFiles:
    tensors = read_gguf(place).tensors
    entries = {
        key: TensorEntry("BF16", tensor.shape, tensor.offset, tensor.offset + tensor.bytes)
        for key, tensor in tensors.items()
    }
    found = WeightFiles((place,), entries)
    _compare_flux(found, place)
    return found


def _adapters(place: Path, names: tuple[str, ...], base: Architecture) -> list[WeightFiles]:
    parts = []
    for name in names:
        if name in _OPTIONAL_ADAPTERS and not (place / name).exists():
            continue
        parts.append(
            weight_files(place / name) if (place / name).is_file() else _lost(place / name)
        )
        check_adapter(parts[-1], base, place / name)
    return parts


def _lost(path: Path) -> WeightFiles:
    raise CheckpointError(
        sentence("{path} is missing; the folder is incomplete, get it again.", path=path)
    )


def check_adapter(found: WeightFiles, base: Architecture | None, place: Path) -> None:
    """Every pair of an adapter, and that the base has a place for each.

    Args:
        base: None = any; pairs are only compared with each other.

    Raises:
        CheckpointError: Half a pair, an unknown name, or shapes that do not go together.
    """
    for key, entry in found.entries.items():
        module, _, which = key.rpartition(".lora_")
        if which == "B.weight" or key.endswith(".alpha"):
            continue
        up = found.entries.get(f"{module}.lora_B.weight")
        if which != "A.weight" or up is None or len(entry.shape) != 2 or len(up.shape) != 2:
            raise _no_place(place, key)
        target = base.shapes.get(module.removeprefix("transformer.") + ".weight") if base else None
        wrong_target = target is not None and target != (up.shape[0], entry.shape[1])
        if entry.shape[0] != up.shape[1] or wrong_target or (base is not None and target is None):
            raise _no_place(place, key)


def _no_place(place: Path, key: str) -> CheckpointError:
    return CheckpointError(
        sentence(
            "{place} does not fit FLUX.1: there is no place for its weight {key}. Choose an "
            "adapter made for it.",
            place=place, key=key,
        )
    )  # fmt: skip


def _checked_single(place: Path, layout: Layout) -> WeightFiles:
    found = weight_files(place)
    if layout is Layout.TRANSPARENT_DECODER:
        config = decoder_config(found.shapes, place)
        compare(found, architecture(Network.TRANSPARENT_DECODER, config, str(place)).shapes, place)
    elif layout is Layout.LORA_FILE:
        check_adapter(found, None, place)
    elif layout is Layout.INF_DIT_FILE:
        with torch.device("meta"):  # its sizes are read from the shapes
            published = {key: torch.empty(shape) for key, shape in found.shapes.items()}
        InfDit.from_state_dict(published, str(place))
    return found


def decoder_config(shapes: dict[str, tuple[int, ...]], place: Path) -> dict[str, Any]:
    """Sizes of a transparent decoder from the shapes of its weights; heads are 64 wide.

    Raises:
        CheckpointError: A weight that tells a size is missing.
    """
    try:
        width, channels = shapes["decoder.fc_in.weight"]
        first = "decoder.encoder.layers.encoder_layer_0."
        mlp = shapes.get(f"{first}mlp.0.weight") or shapes[f"{first}mlp.linear_1.weight"]
        layers = {
            key.split("encoder_layer_")[1].split(".")[0]
            for key in shapes
            if "encoder_layer_" in key
        }
        return {
            "hidden_dim": width, "num_layers": len(layers), "num_heads": width // 64,
            "mlp_dim": mlp[0], "in_channels": channels,
            "out_dim": shapes["decoder.fc_out.weight"][0], "axes_dim": (8, 28, 28),
        }  # fmt: skip
    except (KeyError, ValueError, IndexError) as error:
        raise CheckpointError(
            sentence(
                "{source} lacks weights of a transparent decoder; get it again.", source=place
            ),
            str(error),
        ) from error
