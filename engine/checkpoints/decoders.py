"""Transparent decoders as they lie on the disk: in ART's folders, converted, or by themselves."""

from __future__ import annotations

import hashlib
from pathlib import Path

import torch

from engine.checkpoints.architectures import Network
from engine.checkpoints.check import component_config, decoder_config
from engine.checkpoints.flux_files import read_weights
from engine.checkpoints.recognise import Layout
from engine.checkpoints.shelf import Shelf, ShelfModel
from engine.checkpoints.weight_files import weight_files
from engine.errors import RequestError
from engine.models.transparent_decoder import TransparentDecoder
from engine.sentences import sentence

_CONVERTED = "transparent_decoder"  # what the shelf calls the one of a pickle


def decoder_place(model: ShelfModel) -> Path | None:
    """The folder or file with a model's transparent decoder; None = it has none."""
    if Layout(model.layout) is Layout.ART_FUSED:
        return Path(model.path) / "transp_vae"
    if Layout(model.layout) is Layout.TRANSPARENT_DECODER:
        return Path(model.path)
    converted = model.converted.get(_CONVERTED)
    return Path(converted) if converted else None


def read_decoder(place: Path) -> TransparentDecoder:
    """The network in float32. Raises CheckpointError when it is damaged or does not fit."""
    weights = read_weights(place, torch.float32)
    config = component_config(place, Network.TRANSPARENT_DECODER) if place.is_dir() else {}
    sizes = config or decoder_config({k: tuple(v.shape) for k, v in weights.items()}, place)
    made: TransparentDecoder = TransparentDecoder.from_state_dict(sizes, weights, str(place))
    return made


def any_decoder(shelf: Shelf) -> tuple[TransparentDecoder, str]:
    """(the first transparent decoder on the shelf, 8 digits of its content's hash).

    Raises:
        RequestError: There is none.
        CheckpointError: It is damaged or does not fit.
    """
    for model in shelf.models():
        place = decoder_place(model)
        if place is not None and not model.changed:
            return read_decoder(place), _digest(place)
    raise RequestError(
        sentence("This model has no transparent decoder; choose the route matting or colour.")
    )


def _digest(place: Path) -> str:
    digest = hashlib.blake2b(digest_size=4)
    for path in sorted(weight_files(place).files):
        with path.open("rb") as content:
            digest.update(hashlib.file_digest(content, "sha256").digest())
    return digest.hexdigest()
