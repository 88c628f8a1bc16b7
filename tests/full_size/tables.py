"""Reads the tables of `tests/data/full_size` and compares the networks on the meta device."""

from __future__ import annotations

import itertools
import math
import re
from dataclasses import dataclass
from pathlib import Path

import torch

from engine.checkpoints.architectures import Network, Shapes, architecture
from engine.models.inf_dit import InfDit

FOLDER = Path(__file__).resolve().parents[1] / "data" / "full_size"


def read_table(name: str) -> Shapes:
    """Weight -> shape of every line of a table, its ranges and words written out."""
    shapes: Shapes = {}
    for line in (FOLDER / f"{name}.txt").read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        pattern, *sides = line.split()
        for key in _expand(pattern):
            assert key not in shapes, key
            shapes[key] = tuple(map(int, sides))
    return shapes


def count(shapes: Shapes) -> int:
    """Values in all weights."""
    return sum(math.prod(shape) for shape in shapes.values())


@dataclass(frozen=True, slots=True)
class Comparison:
    """A network against its table.

    Attributes:
        title: For people.
        differences: Weights that only one side has or whose shapes differ.
        parameters: By the table.
        bytes_each: Of a value as it is computed with.
    """

    title: str
    weights: int
    parameters: int
    differences: tuple[str, ...]
    bytes_each: int = 2


def compare_all() -> list[Comparison]:
    """All networks of full size."""
    additions = read_table("art_additions")
    flux = read_table("flux_dev")
    return [
        _compare("FLUX.1-dev transformer", flux, _ours(Network.FLUX1)),
        _compare(
            "ART's additions (layer_pe)", additions, _without(_ours(Network.REGION), flux)
        ),
        _compare("ART transformer", flux | additions, _ours(Network.REGION)),
        _compare(
            "transparent decoder", read_table("transparent_decoder"),
            _ours(Network.TRANSPARENT_DECODER), bytes_each=4,
        ),
        _compare("T5-XXL encoder", read_table("t5_xxl"), _ours(Network.T5)),
        _compare(
            "CLIP-L text tower",
            read_table("clip_l"),
            {f"text_model.{key}": shape for key, shape in _ours(Network.CLIP_TEXT).items()},
        ),
        _compare("FLUX.1 autoencoder", read_table("flux_vae"), _ours(Network.VAE)),
        _inf_dit(),
    ]  # fmt: skip


def _inf_dit() -> Comparison:
    """Our names differ from the published ones, so the table goes through the loader itself."""
    table = read_table("inf_dit")
    with torch.device("meta"):
        published = {key: torch.empty(shape) for key, shape in table.items()}
        model = InfDit.from_state_dict(published, "the table")
    loaded = {key: tuple(value.shape) for key, value in model.state_dict().items()}
    unused = sum(
        math.prod(shape)
        for key, shape in table.items()
        if "k_layer_norm" in key or "position_embeddings" in key
    )
    lost = count(table) - unused - count(loaded)
    differences = [] if lost == 0 else [f"{lost} values are not loaded"]
    if loaded != _ours(Network.INF_DIT):
        differences.append("the published sizes are not those of the table")
    return Comparison("Inf-DiT", len(table), count(table), tuple(differences))


def _compare(title: str, table: Shapes, ours: Shapes, bytes_each: int = 2) -> Comparison:
    keys = sorted(table.keys() | ours.keys())
    differing = tuple(
        f"{key}: {table.get(key)} in the table, {ours.get(key)} in the network"
        for key in keys
        if table.get(key) != ours.get(key)
    )
    return Comparison(title, len(table), count(table), differing, bytes_each)


def _ours(network: Network) -> Shapes:
    made = architecture(network)
    return {key: shape for key, shape in made.shapes.items() if key not in made.optional}


def _without(shapes: Shapes, others: Shapes) -> Shapes:
    return {key: shape for key, shape in shapes.items() if key not in others}


def _expand(pattern: str) -> list[str]:
    """`a.{0..2}.{b,c}` -> six names."""
    parts = re.split(r"\{([^}]*)\}", pattern)
    choices = [[part] if index % 2 == 0 else _words(part) for index, part in enumerate(parts)]
    return ["".join(words) for words in itertools.product(*choices)]


def _words(text: str) -> list[str]:
    if ".." in text:
        first, last = map(int, text.split(".."))
        return [str(number) for number in range(first, last + 1)]
    return text.split(",")
