"""A checkpoint: every network a job needs, under one name."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.models.geometry import MAX_ENTRIES
from engine.models.latent_codec import LatentCodec
from engine.models.region_transformer import RegionTransformer
from engine.models.text_encoders import TextEncoder
from engine.requests import SamplingOptions
from engine.requests.run_options import AdapterUse


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Networks that belong together, ready for use.

    Attributes:
        name: What requests call it.
        weights_hash: Over all weight files; part of every generation record.
        max_entries: Entries the layer embedding has places for: whole image, background and the
            objects.
        sampling: Steps and guidance that suit these weights.
        adapters: The user's own that were merged, in order.
    """

    name: str
    weights_hash: str
    transformer: RegionTransformer
    codec: LatentCodec
    text: TextEncoder
    max_entries: int = MAX_ENTRIES
    sampling: SamplingOptions = field(default_factory=SamplingOptions)
    adapters: tuple[AdapterUse, ...] = ()
