"""How a layer was generated: enough to generate it again on the same weights.

A record travels inside PSD and native files as JSON. The seed is a string there: 64-bit whole
numbers lose their last digits in readers that know only floating point.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from editor.document.errors import RecordError

SCHEMA_VERSION = 1


class RecordKind(StrEnum):
    """Where the pixels of a layer came from."""

    PROMPTED = "prompted"  # with all layers of a sentence
    REGENERATED = "regenerated"  # by itself, in place of an earlier try
    UPSCALED = "upscaled"
    PAINTED = "painted"
    IMPORTED = "imported"


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationRecord:
    """Recipe of one layer; never changes, an edit of the layer gives it another record.

    Attributes:
        typed_prompt: What the user wrote for the job.
        effective_prompt: What the text encoder received.
        concept: The known concept that was drawn; empty when unknown.
        box: (x0, y0, x1, y1) in document pixels as asked.
        z_index: Place in the stack of its job, background = 0.
        canvas_size: (width, height) of the document in pixels.
        seed: 0 to 2^63 - 1.
        attempt: Counts the tries at this layer, from 0.
        true_guidance: Classifier-free guidance with two evaluations; 1 = one evaluation.
        distilled_guidance: Value of the guidance embedding; None = the checkpoint has none.
        route: "together" (all layers at once) or "alone" (this box by itself).
        token_count: Image tokens of the job; the sigma schedule depends on it.
        checkpoint, weights_hash, engine_version: What computed it.
        context_layers: Ids of the layers sampled in the same job.
        parent_layer_id: Layer that this one was made from; empty = none.
        pixel_hash: `PixelBuffer.content_hash` when it was generated; another hash in the layer
            means the pixels were edited since. Empty = unknown.
    """

    typed_prompt: str
    seed: int
    box: tuple[int, int, int, int]
    canvas_size: tuple[int, int]
    kind: RecordKind = RecordKind.PROMPTED
    effective_prompt: str = ""
    negative_prompt: str = ""
    concept: str = ""
    style: str = ""
    z_index: int = 0
    attempt: int = 0
    steps: int = 0
    true_guidance: float = 1.0
    distilled_guidance: float | None = None
    route: str = ""
    token_count: int = 0
    checkpoint: str = ""
    weights_hash: str = ""
    engine_version: str = ""
    context_layers: tuple[str, ...] = ()
    parent_layer_id: str = ""
    pixel_hash: str = ""

    def to_json(self) -> dict[str, Any]:
        """A JSON object (dict of plain values), with "schema_version" and the seed as a string."""
        raise NotImplementedError

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> GenerationRecord:
        """Inverse of `to_json`; unknown fields are ignored.

        Raises RecordError naming the field that is missing or wrong, or a newer schema version.
        """
        raise NotImplementedError
