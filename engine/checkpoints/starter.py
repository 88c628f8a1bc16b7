"""Loads the starter model that ships in `resources/starter_model`."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from engine.checkpoints.bundle import Checkpoint
from engine.checkpoints.safetensors_files import load_checked
from engine.errors import CheckpointError, RequestError
from engine.models.feature_net import FeatureNet
from engine.models.region_transformer import RegionTransformer
from engine.models.starter_codec import StarterCodec
from engine.models.text_encoders import SentenceEncoder, load_sentence_encoder
from engine.prompts.vocabulary.backgrounds import BackgroundTable
from engine.prompts.vocabulary.concepts import ConceptTable, load_concepts
from engine.requests import STARTER_NAME, SamplingOptions, check_sampling
from engine.sentences import sentence

STARTER_FOLDER = Path(__file__).resolve().parents[2] / "resources" / "starter_model"
_WEIGHT_FILES = ("transformer", "codec", "text_encoder")
# What a picture depends on beside the request: the networks, what words mean, which drawing passes.
_HASHED_FILES = (
    *(f"{name}.safetensors" for name in _WEIGHT_FILES),
    "config.json", "tokenizer.json", "concepts.json", "concepts.safetensors",
    "feature_net.safetensors",
)  # fmt: skip


def load_starter(folder: Path | None = None) -> Checkpoint:
    """The starter as float32 networks on the CPU, ready to sample.

    Raises:
        CheckpointError: A file is missing, cut off or does not fit; the message names it.
    """
    place = folder or STARTER_FOLDER
    sizes, sampling = _read_config(place / "config.json")
    weights = {name: load_checked(place / f"{name}.safetensors") for name in _WEIGHT_FILES}
    return Checkpoint(
        name=STARTER_NAME,
        weights_hash=_hash_files([place / name for name in _HASHED_FILES]),
        transformer=_transformer(sizes, weights["transformer"], place),
        codec=_codec(weights["codec"], place),
        text=_text_encoder(weights["text_encoder"], place),
        max_entries=sizes["max_layer_num"],
        sampling=sampling,
    )


def joint_background(folder: Path) -> bool:
    """Set by whoever measured that the checkpoint's backgrounds hold together with objects.

    Raises:
        CheckpointError: The configuration is missing or broken.
    """
    return bool(_read_json(folder / "config.json").get("joint_background", False))


def clear_likeness(folder: Path) -> dict[str, float]:
    """By style, how alike to its concept's prototype a drawing has to be to be clearly its noun.

    Empty = the checkpoint does not say; `engine.training.judge.clear_bars` measures it.

    Raises:
        CheckpointError: The configuration is missing or broken.
    """
    path = folder / "config.json"
    bars = _read_json(path).get("clear_likeness", {})
    if not isinstance(bars, dict) or not all(_is_cosine(bar) for bar in bars.values()):
        raise _no_configuration(path, ValueError("clear_likeness"))
    return {style: float(bar) for style, bar in bars.items()}


def _is_cosine(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and -1 <= value <= 1


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


def _read_config(path: Path) -> tuple[dict[str, Any], SamplingOptions]:
    """Sizes of the transformer, and how to sample. Raises CheckpointError naming the file."""
    config = _read_json(path)
    try:
        sizes, sampling = dict(config["transformer"]), SamplingOptions(**config["sampling"])
        check_sampling(sampling)
        sizes["max_layer_num"] = int(sizes["max_layer_num"])
    except (ValueError, KeyError, TypeError, RequestError) as error:
        raise _no_configuration(path, error) from error
    try:
        with torch.device("meta"):  # also wrong sizes are the configuration's fault
            RegionTransformer(**{k: v for k, v in sizes.items() if not k.startswith("_")})
    except Exception as error:  # whatever the network's constructor makes of them
        raise _no_configuration(path, error) from error
    return sizes, sampling


def _read_json(path: Path) -> dict[str, Any]:
    if not path.exists():
        raise CheckpointError(
            sentence("The model configuration {path} is missing; reinstall Layerloom.", path=path)
        )
    try:
        config = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise _no_configuration(path, error) from error
    if not isinstance(config, dict):
        raise _no_configuration(path, TypeError("no JSON object"))
    return config


def _no_configuration(path: Path, error: Exception) -> CheckpointError:
    detail = f"{type(error).__name__}: {error}"
    return CheckpointError(
        sentence(
            "{path} is no configuration of the starter model; reinstall Layerloom.", path=path
        ),
        detail,
    )


def _transformer(
    sizes: dict[str, Any], weights: dict[str, Tensor], place: Path
) -> RegionTransformer:
    full = {key: value.float() for key, value in weights.items()}
    source = str(place / "transformer.safetensors")
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
        path = place / "tokenizer.json"
        if path.exists():
            text = sentence("The word list {path} is damaged; reinstall Layerloom.", path=path)
        else:
            text = sentence("The word list {path} is missing; reinstall Layerloom.", path=path)
        raise CheckpointError(text, str(error)) from error


def _misfit(path: Path, error: Exception) -> CheckpointError:
    return CheckpointError(
        sentence(
            "{path} does not hold the weights of the starter model; reinstall Layerloom.", path=path
        ),
        str(error),
    )


def _hash_files(paths: list[Path]) -> str:
    """BLAKE2b over names and contents of the files in order, 16 hex digits.

    Raises:
        CheckpointError: A file is missing or cannot be read.
    """
    digest = hashlib.blake2b(digest_size=8)
    for path in paths:
        try:
            content = path.read_bytes()
        except OSError as error:
            raise CheckpointError(
                sentence(
                    "{path} of the starter model cannot be read; reinstall Layerloom.", path=path
                ),
                str(error),
            ) from error
        digest.update(f"{path.name}/{len(content)}/".encode())
        digest.update(content)
    return digest.hexdigest()
