"""The engine's records and those of documents: the same fields, each in the other's terms."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from editor.document.pixels import PixelBuffer
from editor.document.recipe import GenerationRecord, JobEntry
from editor.document.run_details import AdapterDetails, RunDetails
from engine.requests import LayerRecord, RecordEntry
from engine.requests.run_options import AdapterUse, RunRecord

_APART = ("entries", "run")  # hold records of their own
_SHARED = tuple(item.name for item in fields(LayerRecord) if item.name not in _APART)
_ENTRY = tuple(item.name for item in fields(RecordEntry))
_RUN = tuple(item.name for item in fields(RunRecord) if item.name != "adapters")
_ADAPTER = tuple(item.name for item in fields(AdapterUse))


def to_document_record(record: LayerRecord, pixels: PixelBuffer) -> GenerationRecord:
    """The engine's record as the document keeps it, with what is known of the pixels."""
    visible = pixels.alpha_box
    if not visible.is_empty:
        visible = visible.translated(*record.box[:2])
    return GenerationRecord(
        **_values(record, _SHARED),
        entries=tuple(JobEntry(**_values(entry, _ENTRY)) for entry in record.entries),
        run=_run_details(record.run),
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
    return LayerRecord(**values, entries=entries, run=to_engine_run(record.run))


def to_engine_run(run: RunDetails | None) -> RunRecord | None:
    """How a full-size model was run, as the engine repeats it."""
    if run is None:
        return None
    adapters = tuple(AdapterUse(**_values(each, _ADAPTER)) for each in run.adapters)
    return RunRecord(**_values(run, _RUN), adapters=adapters)


def _run_details(run: RunRecord | None) -> RunDetails | None:
    if run is None:
        return None
    adapters = tuple(AdapterDetails(**_values(each, _ADAPTER)) for each in run.adapters)
    return RunDetails(**_values(run, _RUN), adapters=adapters)


def _values(record: object, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(record, name) for name in names}
