"""The engine's records and those of documents: the same fields, each in the other's terms."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from editor.document.pixels import PixelBuffer
from editor.document.recipe import GenerationRecord, JobEntry
from engine.requests import LayerRecord, RecordEntry

_SHARED = tuple(item.name for item in fields(LayerRecord) if item.name != "entries")
_ENTRY = tuple(item.name for item in fields(RecordEntry))


def to_document_record(record: LayerRecord, pixels: PixelBuffer) -> GenerationRecord:
    """The engine's record as the document keeps it, with what is known of the pixels."""
    visible = pixels.alpha_box
    if not visible.is_empty:
        visible = visible.translated(*record.box[:2])
    return GenerationRecord(
        **_values(record, _SHARED),
        entries=tuple(JobEntry(**_values(entry, _ENTRY)) for entry in record.entries),
        pixel_hash=pixels.content_hash,
        visible_box=visible.as_tuple(),
    )


def to_engine_record(record: GenerationRecord, layer_id: str) -> LayerRecord:
    """A document's record as the engine repeats it.

    Args:
        layer_id: The layer's; the noise of records without a name for it derives from that.
    """
    values = _values(record, _SHARED) | {"noise_id": record.noise_id or layer_id}
    entries = tuple(RecordEntry(**_values(entry, _ENTRY)) for entry in record.entries)
    return LayerRecord(**values, entries=entries)


def _values(record: object, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(record, name) for name in names}
