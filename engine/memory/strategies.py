"""Ways to run a network that is larger than the card: what each puts where, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from engine.memory.machine import Device
from engine.sentences import sentence


class Strategy(StrEnum):
    """How a model is fitted into memory."""

    ALL = "all_on_gpu"
    MODEL_OFFLOAD = "model_offload"
    GROUP_OFFLOAD = "group_offload"
    EIGHT_BIT = "8bit"
    FOUR_BIT = "4bit"
    GGUF = "gguf"
    SEQUENTIAL = "sequential"


@dataclass(frozen=True, slots=True)
class Traits:
    """What a strategy does.

    Attributes:
        title: Its name for people.
        explained: What happens, in one sentence.
        bits: Stored for each weight of the transformer; None = as published.
        exact: Whether the numbers are those of the published weights.
        slowdown: Of each evaluation against the published weights on the card; unpacking costs.
        devices: Where it works.
    """

    title: str
    explained: str
    bits: float | None
    exact: bool
    slowdown: float
    devices: frozenset[Device]


_CARDS = frozenset({Device.CUDA, Device.ROCM})
_EVERYWHERE = frozenset(Device)
# 8 and 4 bits: one scale of 16 bits for 128 weights, one of 32 bits for 64; GGUF: Q4_K's 4.5 bits.
TRAITS: dict[Strategy, Traits] = {
    Strategy.ALL: Traits(
        sentence("all on the GPU"),
        sentence("All networks stay on the card; the text encoders leave after the prompt."),
        None, True, 1.0, _EVERYWHERE,
    ),
    Strategy.MODEL_OFFLOAD: Traits(
        sentence("model offload"),
        sentence("One network at a time is on the card; the others wait in main memory."),
        None, True, 1.0, _CARDS,
    ),
    Strategy.GROUP_OFFLOAD: Traits(
        sentence("group offload with streams"),
        sentence("Two blocks of a network are on the card: one computes while the next arrives."),
        None, True, 1.05, _CARDS,
    ),
    Strategy.EIGHT_BIT: Traits(
        sentence("8-bit weights"),
        sentence("Weights are rounded to 8 bits; pictures differ slightly."),
        8.125, False, 1.15, frozenset({Device.CUDA, Device.ROCM, Device.MPS}),
    ),
    Strategy.FOUR_BIT: Traits(
        sentence("4-bit weights"),
        sentence("Weights are rounded to 4 bits; pictures differ visibly in detail."),
        4.5, False, 1.3, _CARDS,
    ),
    Strategy.GGUF: Traits(
        sentence("GGUF file"),
        sentence("A file that was rounded to about 4 bits beforehand is unpacked block by block."),
        4.5, False, 1.6, _EVERYWHERE,
    ),
    Strategy.SEQUENTIAL: Traits(
        sentence("sequential offload"),
        sentence("One weight at a time is on the card; slow, and it fits nearly everywhere."),
        None, True, 1.0, _CARDS,
    ),
}  # fmt: skip
# From the most memory on the card to the least.
CHEAPER = (
    Strategy.ALL,
    Strategy.MODEL_OFFLOAD,
    Strategy.EIGHT_BIT,
    Strategy.GGUF,
    Strategy.FOUR_BIT,
    Strategy.GROUP_OFFLOAD,
    Strategy.SEQUENTIAL,
)
