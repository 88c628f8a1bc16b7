"""FLUX.1's original names of weights (single files, GGUF) in those of diffusers.

The original fuses queries, keys and values (and the MLP's way up in single blocks) into one matrix
and keeps shift before scale in the last norm; diffusers has them apart and the other way round.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from engine.errors import CheckpointError
from engine.sentences import sentence

PREFIX = "model.diffusion_model."  # some tools save the whole pipeline's names


@dataclass(frozen=True, slots=True)
class _Piece:
    """Rows `begin` to `end` of `parts` equal ones go to `name`; swapped = halves change place."""

    name: str
    begin: int = 0
    end: int = 1
    parts: int = 1
    swapped: bool = False


def _split(*names: str, widths: Sequence[int] = ()) -> tuple[_Piece, ...]:
    sizes = widths or [1] * len(names)
    begins = [sum(sizes[:index]) for index in range(len(names))]
    return tuple(
        _Piece(name, begin, begin + size, sum(sizes))
        for name, begin, size in zip(names, begins, sizes, strict=True)
    )


_D, _S = "transformer_blocks.{n}.", "single_transformer_blocks.{n}."
_TIME = "time_text_embed."
_MODULES: dict[str, tuple[_Piece, ...]] = {
    "img_in": _split("x_embedder"),
    "txt_in": _split("context_embedder"),
    "time_in.in_layer": _split(f"{_TIME}timestep_embedder.linear_1"),
    "time_in.out_layer": _split(f"{_TIME}timestep_embedder.linear_2"),
    "guidance_in.in_layer": _split(f"{_TIME}guidance_embedder.linear_1"),
    "guidance_in.out_layer": _split(f"{_TIME}guidance_embedder.linear_2"),
    "vector_in.in_layer": _split(f"{_TIME}text_embedder.linear_1"),
    "vector_in.out_layer": _split(f"{_TIME}text_embedder.linear_2"),
    "final_layer.linear": _split("proj_out"),
    "final_layer.adaLN_modulation.1": (_Piece("norm_out.linear", swapped=True),),
    "double_blocks.{n}.img_mod.lin": _split(f"{_D}norm1.linear"),
    "double_blocks.{n}.txt_mod.lin": _split(f"{_D}norm1_context.linear"),
    "double_blocks.{n}.img_attn.qkv": _split(*(f"{_D}attn.to_{x}" for x in "qkv")),
    "double_blocks.{n}.txt_attn.qkv": _split(*(f"{_D}attn.add_{x}_proj" for x in "qkv")),
    "double_blocks.{n}.img_attn.proj": _split(f"{_D}attn.to_out.0"),
    "double_blocks.{n}.txt_attn.proj": _split(f"{_D}attn.to_add_out"),
    "double_blocks.{n}.img_attn.norm.query_norm": _split(f"{_D}attn.norm_q"),
    "double_blocks.{n}.img_attn.norm.key_norm": _split(f"{_D}attn.norm_k"),
    "double_blocks.{n}.txt_attn.norm.query_norm": _split(f"{_D}attn.norm_added_q"),
    "double_blocks.{n}.txt_attn.norm.key_norm": _split(f"{_D}attn.norm_added_k"),
    "double_blocks.{n}.img_mlp.0": _split(f"{_D}ff.net.0.proj"),
    "double_blocks.{n}.img_mlp.2": _split(f"{_D}ff.net.2"),
    "double_blocks.{n}.txt_mlp.0": _split(f"{_D}ff_context.net.0.proj"),
    "double_blocks.{n}.txt_mlp.2": _split(f"{_D}ff_context.net.2"),
    "single_blocks.{n}.linear1": _split(
        *(f"{_S}attn.to_{x}" for x in "qkv"), f"{_S}proj_mlp", widths=(1, 1, 1, 4)
    ),
    "single_blocks.{n}.linear2": _split(f"{_S}proj_out"),
    "single_blocks.{n}.modulation.lin": _split(f"{_S}norm.linear"),
    "single_blocks.{n}.norm.query_norm": _split(f"{_S}attn.norm_q"),
    "single_blocks.{n}.norm.key_norm": _split(f"{_S}attn.norm_k"),
}


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ShapeOnly:
    """A tensor of which only the shape is known."""

    shape: tuple[int, ...]


def to_diffusers(
    weights: Mapping[str, T],
    source: str,
    *,
    rows: Callable[[T, int, int], T],
    swap_halves: Callable[[T], T],
) -> dict[str, T]:
    """Original names to diffusers' names.

    Args:
        weights: Tensors, or shapes.
        rows: `(weight, begin, end)`, of which the rows are wanted.
        swap_halves: The rows' second half before the first.

    Raises:
        CheckpointError: A name is not one of FLUX.1, or rows cannot be divided.
    """
    renamed: dict[str, T] = {}
    for full_key, weight in weights.items():
        key = full_key.removeprefix(PREFIX)
        module, _, last = key.rpartition(".")
        pieces, number = _pieces(module)
        if pieces is None or last not in ("weight", "bias", "scale"):
            raise CheckpointError(
                sentence(
                    "{source} holds the weight {key}, which FLUX.1 does not have; choose another "
                    "file.",
                    source=source,
                    key=full_key,
                )
            )
        ending = "weight" if last == "scale" else last
        for piece in pieces:
            part = _part(weight, piece, source, full_key, rows)
            name = piece.name.replace("{n}", number)
            renamed[f"{name}.{ending}"] = swap_halves(part) if piece.swapped else part
    return renamed


def shapes_to_diffusers(
    shapes: Mapping[str, tuple[int, ...]], source: str
) -> dict[str, tuple[int, ...]]:
    """`to_diffusers` of shapes alone."""

    def rows(shape: ShapeOnly, begin: int, end: int) -> ShapeOnly:
        return ShapeOnly((end - begin, *shape.shape[1:]))

    wrapped = {key: ShapeOnly(shape) for key, shape in shapes.items()}
    renamed = to_diffusers(wrapped, source, rows=rows, swap_halves=lambda shape: shape)
    return {key: value.shape for key, value in renamed.items()}


def read_flux_config(shapes: Mapping[str, tuple[int, ...]], source: str) -> dict[str, Any]:
    """The configuration of a FLUX.1 transformer from the shapes of its weights, diffusers' names.

    Raises:
        CheckpointError: A weight that tells a size is missing or has other axes than it must.
    """
    try:
        head = shapes["transformer_blocks.0.attn.norm_q.weight"][0]
        width, channels = shapes["x_embedder.weight"]
        axis = 2 * (head * 7 // 32)  # 56 of 128 for rows and for columns
        return {
            "patch_size": 1,
            "in_channels": channels,
            "num_layers": _count(shapes, "transformer_blocks"),
            "num_single_layers": _count(shapes, "single_transformer_blocks"),
            "attention_head_dim": head,
            "num_attention_heads": width // head,
            "joint_attention_dim": shapes["context_embedder.weight"][1],
            "pooled_projection_dim": shapes[f"{_TIME}text_embedder.linear_1.weight"][1],
            "guidance_embeds": f"{_TIME}guidance_embedder.linear_1.weight" in shapes,
            "axes_dims_rope": (head - 2 * axis, axis, axis),
        }
    except (KeyError, ValueError, IndexError, ZeroDivisionError) as error:
        raise CheckpointError(
            sentence("{source} lacks weights of FLUX.1; get it again.", source=source), str(error)
        ) from error


def _count(shapes: Mapping[str, object], name: str) -> int:
    numbers = {int(key.split(".")[1]) for key in shapes if key.startswith(f"{name}.")}
    return max(numbers, default=-1) + 1


def _pieces(module: str) -> tuple[tuple[_Piece, ...] | None, str]:
    match = re.match(r"(double_blocks|single_blocks)\.(\d{1,4})\.", module)
    if match is None:
        return _MODULES.get(module), ""
    general = f"{match[1]}.{{n}}.{module[match.end() :]}"
    return _MODULES.get(general), match[2]


def _part(weight: T, piece: _Piece, source: str, key: str, rows: Callable[[T, int, int], T]) -> T:
    if piece.parts == 1:
        return weight
    shape = weight.shape  # type: ignore[attr-defined]
    if not shape or shape[0] % piece.parts:
        raise CheckpointError(
            sentence(
                "{source}: the weight {key} has the shape {shape}, which is not that of FLUX.1.",
                source=source,
                key=key,
                shape=tuple(shape),
            )
        )
    unit = shape[0] // piece.parts
    return rows(weight, piece.begin * unit, piece.end * unit)
