"""How a layer was generated: what was asked, and what computed it.

A layer can be made again on the same weights from its record: `noise_id` gives its noise, and for
one that was made with others `entries` says what stood in the same job. What an entry that was held
still looked like is not copied, only its hash; that layer must be in the document unchanged. The
pixels that a layer was refined from are not copied either: their own record makes them again.

A record travels inside PSD files as JSON. The seed is a string there: 64-bit whole
numbers lose their last digits in readers that know only floating point.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from editor.document.errors import RecordError
from editor.document.geometry import Corners
from editor.document.run_details import RunDetails, read_run_details
from editor.translations import tr

SCHEMA_VERSION = 1
SEED_LIMIT = 2**63
MAX_ENTRIES = 64  # a model holds 52
MAX_SOURCES = 8  # how often in a row a layer can be refined and still be made again from nothing


class RecordKind(StrEnum):
    """Where the pixels of a layer came from."""

    PROMPTED = "prompted"  # with all layers of a sentence
    REGENERATED = "regenerated"  # by itself, in place of an earlier try
    UPSCALED = "upscaled"
    PAINTED = "painted"
    IMPORTED = "imported"


class RecordStatus(StrEnum):
    """Whether a layer is what its record says."""

    CURRENT = "current"
    EDITED = "edited"  # painted on since
    OUT_OF_DATE = "out_of_date"  # prompt, box or settings were changed since


@dataclass(frozen=True, slots=True)
class JobEntry:
    """One place of the job that a layer was made in: the background is the first, then objects.

    Attributes:
        layer_id: The layer in the document; empty = this place was not used.
        noise_id: What its noise derived from.
        attempt: Of its noise.
        box: (x0, y0, x1, y1) in document pixels.
        pixel_hash: Of the visible pixels it was held still with; empty = it was made in this job.
    """

    layer_id: str = ""
    noise_id: str = ""
    attempt: int = 0
    box: Corners = (0, 0, 0, 0)
    pixel_hash: str = ""

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return {
            "layer_id": self.layer_id,
            "noise_id": self.noise_id,
            "attempt": self.attempt,
            "box": list(self.box),
            "pixel_hash": self.pixel_hash,
        }


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
        attempt: Counts the tries at this layer, from 0; the layer is the best of those of its job.
        next_attempt: The first that its job drew nothing of, so that the next drawing is a new one;
            0 = unknown, in records of older versions.
        recolour: What the drawing was recoloured to afterwards, because the model does not draw the
            colour that was asked for: a colour word ("blue"), with the number of a shade
            ("blue #1b2a57"), and "throughout" where all its parts were; of a background also two
            ("brown #ecdfc3 to green #a6e6c8", "red #7a1730 on white #ffffff"); empty = it is as
            drawn.
        softened: "soft shadows" or "glow" of the drawing that was made smooth afterwards, with
            " added" behind it when the drawing was made without; empty = it is as drawn, as in
            records of older versions.
        true_guidance: Classifier-free guidance with two evaluations; 1 = one evaluation.
        distilled_guidance: Value of the guidance embedding; None = the checkpoint has none.
        route: "together" (all layers at once), "alone" (this box by itself), "context" (the other
            layers held still beside it) or "cutout" (a flat picture, then cut out of its ground).
        token_count: Image tokens of the job; the sigma schedule depends on it.
        checkpoint, weights_hash, engine_version: What computed it.
        context_layers: Ids of the layers sampled in the same job.
        parent_layer_id: Layer that this one was made from; empty = none.
        pixel_hash: `PixelBuffer.content_hash` when it was generated; another hash in the layer
            means the pixels were edited since. Empty = unknown.
        visible_box: (x0, y0, x1, y1) in document pixels around what could be seen (alpha > 0) when
            it was generated in `box`; tells how far a layer was moved whose transparent margins
            are gone, as in files. All 0 = unknown, or nothing could be seen.
        mode: "art" (one sentence for all), "multilayer" (a sentence per box); empty = by itself.
        alpha_route: How the transparency was found: "decoder", "matting" or "colour"; empty = the
            decoder, in records of older versions.
        strength: How far from the pixels it was refined from, above 0 to 1; None = from noise only.
        source_hash: Hash of the visible pixels it was refined from; empty = none.
        noise_id: What its noise derives from; empty = the layer's id.
        entries: Everything in the job in order; empty = it was made by itself.
        fit: Where the drawing lies in its box: "filled" (what can be seen fills it), "cleaned"
            (that, with even fills), "curved" (that, with borders that are smooth curves) or "kept"
            (where the pixels were that it was refined from); empty = contained as it was decoded,
            as in records of older versions, or it has no such box.
        source_record: How the pixels it was refined from were made, with the box that they had
            then; None = it was not refined, or they were not as they were made.
        run: How a full-size model was run; None = the starter.
    """

    typed_prompt: str
    seed: int
    box: Corners
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
    visible_box: Corners = (0, 0, 0, 0)
    mode: str = ""
    alpha_route: str = ""
    strength: float | None = None
    source_hash: str = ""
    noise_id: str = ""
    entries: tuple[JobEntry, ...] = ()
    fit: str = ""
    source_record: GenerationRecord | None = None
    run: RunDetails | None = None
    next_attempt: int = 0
    recolour: str = ""
    softened: str = ""

    @property
    def source_count(self) -> int:
        """How many records of sources there are one inside the other."""
        return 0 if self.source_record is None else 1 + self.source_record.source_count

    def to_json(self) -> dict[str, Any]:
        """A JSON object (dict of plain values), with "schema_version" and the seed as a string."""
        data: dict[str, Any] = {"schema_version": SCHEMA_VERSION}
        for item in fields(self):
            value = getattr(self, item.name)
            data[item.name] = list(value) if isinstance(value, tuple) else value
        data["kind"] = self.kind.value
        data["seed"] = str(self.seed)
        data["entries"] = [entry.to_json() for entry in self.entries]
        if self.source_record is None:
            del data["source_record"]
        else:
            data["source_record"] = self.source_record.to_json()
        for name in ("next_attempt", "recolour", "softened"):
            if not data[name]:
                del data[name]  # a record of an older version stays as it was
        if self.run is None:
            del data["run"]
        else:
            data["run"] = self.run.to_json()
        return data

    @classmethod
    def from_json(cls, data: object) -> GenerationRecord:
        """Inverse of `to_json`; unknown fields are ignored, missing ones take their default.

        Raises RecordError naming the field that is missing or wrong, or a newer schema version.
        """
        if not isinstance(data, Mapping):
            raise RecordError(tr("The generation record must be a JSON object."))
        version = data.get("schema_version", SCHEMA_VERSION)
        if not _is_whole(version) or not 1 <= version <= SCHEMA_VERSION:
            raise RecordError(
                tr(
                    "The generation record has schema version {version!r}; this program reads "
                    "up to {newest}. Use a newer version of the program.",
                    version=version,
                    newest=SCHEMA_VERSION,
                )
            )
        for name in ("typed_prompt", "seed", "box", "canvas_size"):
            if name not in data:
                raise RecordError(tr("The generation record lacks the field {name}.", name=name))
        values = {name: read(name, data[name]) for name, read in _READERS.items() if name in data}
        return cls(**values)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise RecordError(tr("The field {name} of the generation record must be text.", name=name))
    return value


def _whole(name: str, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise RecordError(
            tr("The field {name} of the generation record must be a whole number.", name=name)
        )
    return value


def _number(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise RecordError(
            tr("The field {name} of the generation record must be a number.", name=name)
        )
    return float(value)


def _number_or_none(name: str, value: object) -> float | None:
    return None if value is None else _number(name, value)


def _seed(name: str, value: object) -> int:
    text = value if isinstance(value, str) else ""
    if not (text.isascii() and text.isdigit() and len(text) <= 19 and int(text) < SEED_LIMIT):
        raise RecordError(
            tr(
                "The field {name} of the generation record must be a whole number "
                "from 0 to 2^63 - 1, written as text.",
                name=name,
            )
        )
    return int(text)


def _kind(name: str, value: object) -> RecordKind:
    try:
        return RecordKind(_text(name, value))
    except ValueError:
        known = ", ".join(RecordKind)
        raise RecordError(
            tr(
                "The field {name} of the generation record must be one of {known}.",
                name=name,
                known=known,
            )
        ) from None


def _wholes(count: int) -> Callable[[str, object], tuple[int, ...]]:
    def read(name: str, value: object) -> tuple[int, ...]:
        if not isinstance(value, list | tuple) or len(value) != count:
            raise RecordError(
                tr(
                    "The field {name} of the generation record must be {count} whole numbers.",
                    name=name,
                    count=count,
                )
            )
        return tuple(_whole(name, item) for item in value)

    return read


def _texts(name: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise RecordError(
            tr("The field {name} of the generation record must be a list of texts.", name=name)
        )
    return tuple(_text(name, item) for item in value)


def _source_record(name: str, value: object) -> GenerationRecord | None:
    inner, count = value, 0
    while isinstance(inner, Mapping):
        inner, count = inner.get("source_record"), count + 1
        if count > MAX_SOURCES:
            raise RecordError(
                tr("The field {name} of the generation record is nested too deep.", name=name)
            )
    return None if value is None else GenerationRecord.from_json(value)


def _entries(name: str, value: object) -> tuple[JobEntry, ...]:
    if not isinstance(value, list | tuple) or len(value) > MAX_ENTRIES:
        raise RecordError(
            tr("The field {name} of the generation record must be a list of objects.", name=name)
        )
    return tuple(_entry(name, item) for item in value)


def _entry(name: str, value: object) -> JobEntry:
    if not isinstance(value, Mapping):
        raise RecordError(
            tr("The field {name} of the generation record must be a list of objects.", name=name)
        )
    known = {
        key: read(f"{name}.{key}", value[key])
        for key, read in _ENTRY_READERS.items()
        if key in value
    }
    return JobEntry(**known)


_ENTRY_READERS: dict[str, Callable[[str, object], Any]] = {
    "layer_id": _text,
    "noise_id": _text,
    "attempt": _whole,
    "box": _wholes(4),
    "pixel_hash": _text,
}
_READERS: dict[str, Callable[[str, object], Any]] = {
    "typed_prompt": _text,
    "seed": _seed,
    "box": _wholes(4),
    "canvas_size": _wholes(2),
    "kind": _kind,
    "effective_prompt": _text,
    "negative_prompt": _text,
    "concept": _text,
    "style": _text,
    "z_index": _whole,
    "attempt": _whole,
    "steps": _whole,
    "true_guidance": _number,
    "distilled_guidance": _number_or_none,
    "route": _text,
    "token_count": _whole,
    "checkpoint": _text,
    "weights_hash": _text,
    "engine_version": _text,
    "context_layers": _texts,
    "parent_layer_id": _text,
    "pixel_hash": _text,
    "visible_box": _wholes(4),
    "mode": _text,
    "alpha_route": _text,
    "strength": _number_or_none,
    "source_hash": _text,
    "noise_id": _text,
    "entries": _entries,
    "fit": _text,
    "source_record": _source_record,
    "run": read_run_details,
    "next_attempt": _whole,
    "recolour": _text,
    "softened": _text,
}
