"""Layers that a new one is made beside: their entries in a record, and its place among them."""

from __future__ import annotations

from engine.requests import ContextLayer, RecordEntry, RegionBox


def held_entry(layer: ContextLayer) -> RecordEntry:
    """What a record says of a layer that is held still."""
    return RecordEntry(layer.layer_id, layer.layer_id, 0, layer.box, layer.content.pixel_hash)


def place_among(box: RegionBox, count: int) -> int:
    """How many of the other objects lie below the layer of a box; all when it says nothing."""
    return count if box.below is None else max(0, min(box.below, count))
