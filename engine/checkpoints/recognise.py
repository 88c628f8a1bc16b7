"""Tells what a brought file or folder is, by configurations and names of weights.

Reads headers and small JSON files only; weights are never touched and pickles never opened.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from engine.checkpoints.gguf_header import GGUF_MAGIC, read_gguf
from engine.checkpoints.safetensors_header import read_header
from engine.errors import CheckpointError
from engine.sentences import sentence

_MAX_JSON_BYTES = 64_000_000  # an index of a hundred thousand weights has a tenth of that
# Where ART's folders keep what; both names of a split folder's parts are those of its makers.
ART_CKPT = "anonymous_region_transformer_ckpt"
LAYER_EMBEDDING_FILE = "layer_pe.pth"
LORA_FILE = "pytorch_lora_weights.safetensors"
PROVENANCE = sentence(
    "This model has the form of ART, whose authors withdrew its weights because the training data "
    "may have come from illegal sources; find out where this copy comes from before you use it."
)
_NO_LICENCE = sentence(
    "Licence not stated: ask whoever made this network before you use its results."
)


class Layout(StrEnum):
    """How a model lies on the disk."""

    FLUX1_FOLDER = "flux1_folder"
    FLUX1_PARTS = "flux1_parts"  # everything of it but the transformer
    FLUX2_FOLDER = "flux2_folder"
    FLUX1_FILE = "flux1_file"
    FLUX1_GGUF = "flux1_gguf"
    ART_FUSED = "art_fused"
    ART_SPLIT = "art_split"
    CLD_LORA = "cld_lora"
    TRANSPARENT_DECODER = "transparent_decoder"
    INF_DIT_FILE = "inf_dit_file"
    CLIP_VISION = "clip_vision"
    LORA_FILE = "lora_file"
    ONNX_FILE = "onnx_file"
    PICKLE = "pickle"


@dataclass(frozen=True, slots=True)
class Found:
    """What was recognised.

    Attributes:
        path: The folder or file.
        model_id: Its entry in the catalogue; "" = none.
        title: For lists.
        notice: Something that the user must know; "" = nothing.
    """

    path: Path
    layout: Layout
    model_id: str
    title: str
    notice: str = ""


def recognise(path: str | Path) -> Found:
    """What a file or folder is.

    Raises:
        CheckpointError: It is missing, damaged, or nothing that is known.
    """
    place = Path(path)
    if place.is_dir():
        return _folder(place)
    if not place.exists():
        raise CheckpointError(sentence("{path} is missing.", path=place))
    return _file(place)


def read_json_object(path: Path) -> dict[str, Any]:
    """A JSON object.

    Raises:
        CheckpointError: The file is missing, too large, damaged, or holds something else.
    """
    try:
        if path.stat().st_size > _MAX_JSON_BYTES:
            raise ValueError("too large")
        content = json.loads(path.read_text("utf-8"))
        if not isinstance(content, dict):
            raise TypeError("no JSON object")
    except FileNotFoundError as error:
        raise CheckpointError(
            sentence("{path} is missing; the folder is incomplete, get it again.", path=path)
        ) from error
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise CheckpointError(
            sentence("{path} is damaged or no configuration; get it again.", path=path), str(error)
        ) from error
    return content


def _folder(place: Path) -> Found:
    if (place / "model_index.json").is_file():
        return _diffusers_folder(place)
    if (place / "decouple_LoRA").is_dir() and (place / "prism_ft_LoRA").is_dir():
        return Found(place, Layout.CLD_LORA, "art-plus", sentence("CLD's adapters"), PROVENANCE)
    if (place / ART_CKPT / LAYER_EMBEDDING_FILE).is_file():
        title = sentence("ART, as adapters for FLUX.1 dev")
        return Found(place, Layout.ART_SPLIT, "art-plus", title, PROVENANCE)
    if (place / "transformer" / "config.json").is_file() and _has_layer_embedding(place):
        return _fused(place)
    raise _unknown(place)


def _diffusers_folder(place: Path) -> Found:
    index = read_json_object(place / "model_index.json")
    kind = _class_of(index, "transformer")
    if kind == "Flux2Transformer2DModel":
        return Found(place, Layout.FLUX2_FOLDER, "flux2-klein-4b", "FLUX.2 klein")
    if "Flux" not in kind:
        raise _unknown(place)
    if not (place / "transformer").is_dir():
        return Found(
            place, Layout.FLUX1_PARTS, "flux1-text-encoders",
            sentence("FLUX.1's text encoders and autoencoder"),
        )  # fmt: skip
    if _has_layer_embedding(place):
        return _fused(place)
    guided = read_json_object(place / "transformer" / "config.json").get("guidance_embeds", False)
    model_id, title = ("flux1-dev", "FLUX.1 dev") if guided else ("flux1-schnell", "FLUX.1 schnell")
    return Found(place, Layout.FLUX1_FOLDER, model_id, title)


def _fused(place: Path) -> Found:
    return Found(
        place, Layout.ART_FUSED, "art-plus", sentence("ART, merged into FLUX.1 dev"), PROVENANCE
    )


def _class_of(index: Mapping[str, Any], part: str) -> str:
    value = index.get(part)
    named = isinstance(value, list) and len(value) == 2 and isinstance(value[1], str)
    return str(value[1]) if named and isinstance(value, list) else ""


def _has_layer_embedding(place: Path) -> bool:
    """By the configuration, or by the index of the shards."""
    config = place / "transformer" / "config.json"
    if config.is_file() and "max_layer_num" in read_json_object(config):
        return True
    for index in (place / "transformer").glob("*.safetensors.index.json"):
        if "layer_pe" in read_json_object(index).get("weight_map", {}):
            return True
    return False


def _file(place: Path) -> Found:
    try:
        with place.open("rb") as stream:
            start = stream.read(8)
    except OSError as error:
        raise CheckpointError(
            sentence("{path} cannot be read; change its permissions.", path=place), str(error)
        ) from error
    if start.startswith(GGUF_MAGIC):
        return _gguf(place)
    if start.startswith((b"PK\x03\x04", b"\x80\x02", b"\x80\x04")):
        title = sentence("a PyTorch file, to be converted")
        return Found(place, Layout.PICKLE, "", title)
    if place.suffix.lower() == ".onnx":
        # Networks of one form come from many makers under many licences; no file tells which.
        title = sentence("a matting network (ONNX)")
        return Found(place, Layout.ONNX_FILE, "", title, _NO_LICENCE)
    if place.suffix.lower() != ".safetensors" and start[7:] != b"\x00":
        raise _unknown(place)
    return _safetensors(place)


def _gguf(place: Path) -> Found:
    content = read_gguf(place)
    if not any(key.endswith("double_blocks.0.img_attn.qkv.weight") for key in content.tensors):
        raise _unknown(place)
    guided = any(".guidance_in." in f".{key}" for key in content.tensors)
    return Found(
        place, Layout.FLUX1_GGUF, "flux1-dev" if guided else "flux1-schnell",
        sentence("a FLUX.1 transformer, rounded (GGUF)"),
    )  # fmt: skip


def _safetensors(place: Path) -> Found:
    keys = read_header(place).keys()
    if any(key.endswith("double_blocks.0.img_attn.qkv.weight") for key in keys):
        guided = any("guidance_in." in key for key in keys)
        model_id = "flux1-dev" if guided else "flux1-schnell"
        return Found(
            place, Layout.FLUX1_FILE, model_id, sentence("a FLUX.1 transformer in one file")
        )
    if "mixins.patch_embed.proj.weight" in keys:
        return Found(place, Layout.INF_DIT_FILE, "inf-dit", "Inf-DiT")
    if "decoder.fc_in.weight" in keys:
        title = sentence("a transparent decoder of ART's form")
        return Found(place, Layout.TRANSPARENT_DECODER, "transparent-decoder", title, PROVENANCE)
    if "visual.conv1.weight" in keys:
        return Found(place, Layout.CLIP_VISION, "clip-vision-datacomp", "CLIP ViT-L/14")
    if any(key.endswith(".lora_A.weight") for key in keys):
        return Found(place, Layout.LORA_FILE, "", sentence("an adapter (LoRA)"))
    raise _unknown(place)


def _unknown(place: Path) -> CheckpointError:
    return CheckpointError(
        sentence(
            "{path} is no model that is known here; bring a FLUX folder or file, an ART or CLD "
            "folder, Inf-DiT, a LoRA, or a matting network as ONNX.",
            path=place,
        )
    )
