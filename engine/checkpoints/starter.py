"""Loads the starter model that ships in `resources/starter_model`."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from torch import Tensor

from engine.checkpoints.bundle import Checkpoint
from engine.checkpoints.safetensors_files import load_checked
from engine.errors import CheckpointError
from engine.models.feature_net import FeatureNet
from engine.models.region_transformer import RegionTransformer
from engine.models.starter_codec import StarterCodec
from engine.models.text_encoders import SentenceEncoder, load_sentence_encoder
from engine.prompts.backgrounds import BackgroundTable
from engine.prompts.concepts import ConceptTable, load_concepts
from engine.requests import SamplingOptions

STARTER_NAME = "starter"
STARTER_FOLDER = Path(__file__).resolve().parents[2] / "resources" / "starter_model"
_WEIGHT_FILES = ("transformer", "codec", "text_encoder")


def load_starter(folder: Path | None = None) -> Checkpoint:
    """The starter as float32 networks on the CPU, ready to sample.

    Raises:
        CheckpointError: A file is missing, cut off or does not fit; the message names it.
    """
    place = folder or STARTER_FOLDER
    config = _read_config(place / "config.json")
    weights = {name: load_checked(place / f"{name}.safetensors") for name in _WEIGHT_FILES}
    return Checkpoint(
        name=STARTER_NAME,
        weights_hash=_hash_files([place / f"{name}.safetensors" for name in _WEIGHT_FILES]),
        transformer=_transformer(config, weights["transformer"], place),
        codec=_codec(weights["codec"], place),
        text=_text_encoder(weights["text_encoder"], place),
        max_entries=config["transformer"]["max_layer_num"],
        sampling=SamplingOptions(**config["sampling"]),
    )


def load_starter_concepts(text: SentenceEncoder, folder: Path | None = None) -> ConceptTable:
    """The nouns the starter knows; `text` is the encoder of the same checkpoint.

    Raises:
        CheckpointError: The table is missing or broken.
    """
    return load_concepts(folder or STARTER_FOLDER, text.embed)


def load_starter_backgrounds(text: SentenceEncoder) -> BackgroundTable:
    """The backgrounds the starter knows."""
    return BackgroundTable(text.embed)


def load_starter_feature_net(folder: Path | None = None) -> tuple[FeatureNet, Tensor]:
    """The judge of drawings, and one unit vector per concept (`n d`, order of the concept table).

    Raises:
        CheckpointError: The file is missing, cut off or does not fit.
    """
    path = (folder or STARTER_FOLDER) / "feature_net.safetensors"
    weights = load_checked(path)
    try:
        return FeatureNet.from_state_dict(weights), weights["prototypes"].float()
    except (KeyError, RuntimeError) as error:
        raise _misfit(path, error) from error


def _read_config(path: Path) -> dict[str, Any]:
    try:
        config = json.loads(path.read_text("utf-8"))
        sizes, sampling = config["transformer"], config["sampling"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CheckpointError(
            f"{path} cannot be read as a model configuration; reinstall Layerloom.", str(error)
        ) from error
    return {"transformer": sizes, "sampling": sampling}


def _transformer(
    config: dict[str, Any], weights: dict[str, Tensor], place: Path
) -> RegionTransformer:
    full = {key: value.float() for key, value in weights.items()}
    source = str(place / "transformer.safetensors")
    sizes = config["transformer"]
    model: RegionTransformer = RegionTransformer.from_state_dict(sizes, full, source)
    model.requires_grad_(requires_grad=False)
    return model


def _codec(weights: dict[str, Tensor], place: Path) -> StarterCodec:
    try:
        return StarterCodec.from_state_dict(weights)
    except RuntimeError as error:
        raise _misfit(place / "codec.safetensors", error) from error


def _text_encoder(weights: dict[str, Tensor], place: Path) -> SentenceEncoder:
    try:
        return load_sentence_encoder(weights, place / "tokenizer.json")
    except (KeyError, RuntimeError) as error:
        raise _misfit(place / "text_encoder.safetensors", error) from error
    except Exception as error:  # tokenizers raises plain Exception for a missing or broken file
        raise _misfit(place / "tokenizer.json", error) from error


def _misfit(path: Path, error: Exception) -> CheckpointError:
    return CheckpointError(
        f"{path} does not hold the weights of the starter model; reinstall Layerloom.", str(error)
    )


def _hash_files(paths: list[Path]) -> str:
    """BLAKE2b over the files in order, 16 hex digits."""
    digest = hashlib.blake2b(digest_size=8)
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()
