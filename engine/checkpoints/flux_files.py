"""Reads FLUX weights of every layout under diffusers' names: folders, files, GGUF, adapters."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from engine.checkpoints.flux_names import read_flux_config, shapes_to_diffusers, to_diffusers
from engine.checkpoints.lora import LoraAdapter, merge_lora
from engine.checkpoints.recognise import Layout
from engine.checkpoints.safetensors_files import load_checked
from engine.checkpoints.shelf import ShelfModel
from engine.checkpoints.weight_files import weight_files
from engine.errors import CheckpointError
from engine.models.region_transformer import check_weights
from engine.requests.run_options import AdapterUse
from engine.sentences import sentence


@dataclass(frozen=True, slots=True)
class LoraChoice:
    """An adapter of the user's list, and how strongly it is merged."""

    path: Path
    weight: float = 1.0


def read_weights(place: Path, dtype: torch.dtype | None) -> dict[str, Tensor]:
    """All weights of a network's folder or file, mapped from the disk.

    Args:
        dtype: What floats become; None = as they were saved.
    """
    weights: dict[str, Tensor] = {}
    for file in weight_files(place).files:
        weights |= load_file(file)
    if dtype is None:
        return weights
    return {k: v.to(dtype) if v.is_floating_point() else v for k, v in weights.items()}


def read_transformer(
    model: ShelfModel, dtype: torch.dtype
) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """(configuration, weights in diffusers' names) of a FLUX.1 transformer in any layout.

    GGUF is unpacked; `gguf_transformer` keeps it packed.

    Raises:
        CheckpointError: The model has no such transformer.
    """
    place, layout = Path(model.path), Layout(model.layout)
    if layout in (Layout.FLUX1_FOLDER, Layout.ART_FUSED):
        config = json.loads((place / "transformer" / "config.json").read_text("utf-8"))
        return config, read_weights(place / "transformer", dtype)
    if layout is Layout.FLUX1_FILE:
        renamed = to_diffusers(
            load_file(place),
            str(place),
            rows=lambda weight, begin, end: weight[begin:end],
            swap_halves=_swap_halves,
        )
        weights = {key: value.to(dtype).contiguous() for key, value in renamed.items()}
        return read_flux_config(
            {k: tuple(v.shape) for k, v in weights.items()}, str(place)
        ), weights
    raise CheckpointError(
        sentence(
            "{title} ({path}) is no FLUX.1 transformer that adapters can be merged into; choose "
            "FLUX.1 dev as a folder or as one safetensors file.",
            title=model.title,
            path=model.path,
        )
    )


def merge_adapters(weights: dict[str, Tensor], adapters: Sequence[LoraChoice]) -> dict[str, Tensor]:
    """Merges adapters in order. Raises CheckpointError naming the one that does not fit."""
    for each in adapters:
        weights = merge_lora(
            weights, LoraAdapter(_read_adapter(each.path), each.weight, str(each.path))
        )
    return weights


def adapter_uses(adapters: Sequence[LoraChoice]) -> tuple[AdapterUse, ...]:
    """What records say of adapters.

    Raises:
        CheckpointError: One cannot be read.
    """
    return tuple(
        AdapterUse(each.path.name, adapter_hash(each.path), each.weight) for each in adapters
    )


def adapter_hash(path: Path) -> str:
    """SHA-256 of an adapter's file, read again only when its size or time has changed.

    Raises:
        CheckpointError: It cannot be read.
    """
    try:
        state = path.stat()
        return _content_hash(path.absolute(), state.st_size, state.st_mtime_ns)
    except OSError as error:
        raise _no_adapter(path, str(error)) from error


@lru_cache(maxsize=64)
def _content_hash(path: Path, _bytes: int, _changed_ns: int) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _no_adapter(path: Path, detail: str) -> CheckpointError:
    return CheckpointError(
        sentence(
            "The adapter {path} is missing or damaged; check its name or get it again.", path=path
        ),
        detail,
    )


def _read_adapter(path: Path) -> dict[str, Tensor]:
    try:
        return load_checked(path)
    except CheckpointError as error:
        raise _no_adapter(path, f"{error.message} {error.detail}") from error


def flux_transformer(config: dict[str, Any], weights: dict[str, Tensor], source: str) -> Any:
    """A stock FLUX.1 transformer around the weights; nothing is copied."""
    from diffusers.models.transformers.transformer_flux import FluxTransformer2DModel

    with torch.device("meta"):
        made: Any = FluxTransformer2DModel(**{k: v for k, v in config.items() if k[0] != "_"})
    check_weights(made, weights, source)
    made.load_state_dict(weights, assign=True)
    return made.eval().requires_grad_(requires_grad=False)


@dataclass(frozen=True, slots=True, eq=False)
class _Packed:
    """A tensor of a GGUF file: bytes `rows bytes` (or plain values), and how they are packed."""

    data: Tensor
    kind: Any

    @property
    def shape(self) -> tuple[int, ...]:
        """Only the number of rows is that of the unpacked tensor."""
        return tuple(self.data.shape)


def gguf_transformer(path: Path, dtype: torch.dtype) -> Any:
    """A FLUX.1 transformer whose matrices stay packed; diffusers unpacks each when it is used.

    Raises:
        CheckpointError: The file has other weights than FLUX.1.
    """
    from diffusers.models.transformers.transformer_flux import FluxTransformer2DModel

    packed = to_diffusers(
        _read_gguf(path),
        str(path),
        rows=lambda value, begin, end: _Packed(value.data[begin:end], value.kind),
        swap_halves=lambda value: _Packed(_swap_halves(value.data), value.kind),
    )
    config = read_flux_config(_gguf_shapes(path), str(path))
    with torch.device("meta"):
        model: Any = FluxTransformer2DModel(**config)
    missing = sorted(model.state_dict().keys() - packed.keys())
    if missing:
        raise CheckpointError(
            sentence("{source} lacks weights of FLUX.1; get it again.", source=path), str(missing)
        )
    for key, value in packed.items():
        _place(model, key, value, dtype)
    return model.eval().requires_grad_(requires_grad=False)


def _gguf_shapes(path: Path) -> dict[str, tuple[int, ...]]:
    from engine.checkpoints.gguf_header import read_gguf

    shapes = {key: tensor.shape for key, tensor in read_gguf(path).tensors.items()}
    return shapes_to_diffusers(shapes, str(path))


def _read_gguf(path: Path) -> dict[str, _Packed]:
    import gguf

    reader = gguf.GGUFReader(path)
    return {
        str(tensor.name): _Packed(torch.from_numpy(tensor.data.copy()), tensor.tensor_type)
        for tensor in reader.tensors
    }


def _place(model: nn.Module, key: str, value: _Packed, dtype: torch.dtype) -> None:
    """Puts a weight where it belongs; a packed matrix turns its layer into diffusers' own kind."""
    import gguf
    from diffusers.quantizers.gguf.utils import GGUFLinear, GGUFParameter

    module_name, _, name = key.rpartition(".")
    parent = model.get_submodule(module_name)
    plain = value.kind in (gguf.GGMLQuantizationType.F32, gguf.GGMLQuantizationType.F16)
    if plain:
        setattr(parent, name, nn.Parameter(value.data.to(dtype), requires_grad=False))
        return
    if not isinstance(parent, GGUFLinear):
        linear: Any = parent
        with torch.device("meta"):
            made: Any = GGUFLinear(
                linear.in_features, linear.out_features, linear.bias is not None, dtype
            )
        if linear.bias is not None:
            made.bias = linear.bias
        owner, _, last = module_name.rpartition(".")
        setattr(model.get_submodule(owner), last, made)
        parent = made
    setattr(parent, name, GGUFParameter(value.data, quant_type=value.kind))


def _swap_halves(weight: Tensor) -> Tensor:
    first, second = weight.chunk(2)
    return torch.cat([second, first])
