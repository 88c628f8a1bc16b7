"""What a layer's prompt and name say about each other."""

from __future__ import annotations

from editor.document.layers import RasterLayer
from editor.document.recipe import RecordKind
from editor.translations import tr


def prompt_of(layer: RasterLayer) -> str:
    """The prompt that would give this layer by itself again.

    A layer made with others has no prompt of its own: its name says it ("red apple"), unless it was
    renamed; then the concept does.
    """
    record = layer.record
    if record is None:
        return layer.name
    if record.kind is RecordKind.REGENERATED:
        return record.typed_prompt
    if record.z_index == 0:
        return f"{record.concept} background" if record.concept else layer.name
    name = _without_copy(layer.name.rstrip("0123456789 "))
    named = name.lower() in record.typed_prompt.lower() or record.concept in name.lower()
    return name if name and named else record.concept or layer.name


def has_automatic_name(layer: RasterLayer) -> bool:
    """Whether a layer still has the name that generating gave it, such as "red apple 2"."""
    record = layer.record
    if record is None:
        return False
    name, concept = layer.name.lower(), record.concept.lower()
    bare = name.rstrip("0123456789 ")
    said = f" {record.typed_prompt.lower()}"
    return bool(bare) and (concept in (name, bare) or f" {bare}" in said)


def _without_copy(name: str) -> str:
    """A name without what duplicating added to it, in English or the language of the window."""
    for ending in (" copy", tr("{name} copy", name="")):
        while name.endswith(ending):
            name = name.removesuffix(ending)
    return name
