"""The known models: roles, hub names, licences, what each is good for. Data in `catalogue.json`.

Knows no torch, so lists and plans come at once. Nothing here fetches anything.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from engine.errors import RequestError
from engine.sentences import sentence

_FILE = Path(__file__).with_name("catalogue.json")


class Role(StrEnum):
    """What a model is for."""

    BASE = "base"  # text to picture
    ART_ADAPTER = "art_adapter"
    TRANSPARENT_DECODER = "transparent_decoder"
    MATTING = "matting"
    UPSCALER = "upscaler"
    CLIP = "clip"
    TEXT_ENCODERS = "text_encoders"


class Feature(StrEnum):
    """What a user can do with full-size models."""

    TEXT_TO_LAYERS = "text_to_layers"  # ART+
    LAYER_FLUX = "layer_flux"
    MULTI_LAYER_FLUX = "multi_layer_flux"
    MATTING = "matting"
    UPSCALE = "upscale"


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence in one line.

    Attributes:
        allows: What it lets people do, as a sentence.
        commercial: Whether it plainly allows commercial use.
        words: All of them stand in its text; empty = there is no text to compare.
    """

    name: str
    allows: str
    commercial: bool
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Component:
    """One network of a model.

    Attributes:
        part: Its folder in a diffusers layout.
        network: A name of `architectures.Network`, or "clip_vision".
        parameters: Number of values.
        bytes_each: Of a value as it is computed with before any quantisation.
    """

    part: str
    network: str
    parameters: int
    bytes_each: int

    @property
    def bytes(self) -> int:
        """Of all weights."""
        return self.parameters * self.bytes_each


@dataclass(frozen=True, slots=True)
class KnownModel:
    """An entry of the catalogue.

    Attributes:
        model_id: What the terminal calls it.
        layout: A name of `recognise.Layout`: how it lies on the disk.
        hub: Name on the hub; None = there is no download, the user brings it.
        files: Patterns of the files that are wanted from the hub.
        gated: Whether the hub asks for an agreement and a token.
        unlocks: Features it is needed for.
        needs: Ids of the models it does not work without.
        steps: Sampling steps it was made for.
        guided: Whether a step takes two evaluations.
        sha256: File -> hash, where its makers publish one.
    """

    model_id: str
    title: str
    role: Role
    layout: str
    hub: str | None
    files: tuple[str, ...]
    gated: bool
    licence: Licence
    unlocks: tuple[Feature, ...]
    needs: tuple[str, ...]
    steps: int
    guided: bool
    components: tuple[Component, ...]
    note: str
    recommended: bool
    sha256: dict[str, str]

    @property
    def bytes(self) -> int:
        """Of all weights as they are published; 0 = not known before the hub is asked."""
        return sum(component.bytes for component in self.components)

    @property
    def makes_layers(self) -> bool:
        """Whether it makes all layers of a picture, and is not just a part of what does."""
        return Feature.TEXT_TO_LAYERS in self.unlocks and len(self.components) > 1

    @property
    def makes_pictures(self) -> bool:
        """Whether it makes layers or pictures from words alone."""
        return self.makes_layers or Feature.LAYER_FLUX in self.unlocks


@cache
def catalogue() -> tuple[KnownModel, ...]:
    """All entries, the recommended ones first."""
    content = json.loads(_FILE.read_text("utf-8"))
    licences = {
        key: Licence(**value | {"words": tuple(value["words"])})
        for key, value in content["licences"].items()
    }
    return tuple(_read(entry, licences) for entry in content["models"])


def known_model(model_id: str) -> KnownModel:
    """The entry with this id.

    Raises:
        RequestError: There is none; the sentence names those that there are.
    """
    for entry in catalogue():
        if entry.model_id == model_id:
            return entry
    raise RequestError(
        sentence(
            'The model "{model_id}" is not known; choose one of {known}.',
            model_id=model_id,
            known=", ".join(entry.model_id for entry in catalogue()),
        )
    )


def _read(entry: dict[str, Any], licences: dict[str, Licence]) -> KnownModel:
    fields = {key: value for key, value in entry.items() if key != "id"}
    return KnownModel(
        **fields
        | {
            "model_id": entry["id"],
            "role": Role(entry["role"]),
            "licence": licences[entry["licence"]],
            "files": tuple(entry["files"]),
            "unlocks": tuple(Feature(name) for name in entry["unlocks"]),
            "needs": tuple(entry["needs"]),
            "components": tuple(Component(**part) for part in entry["components"]),
        }
    )
