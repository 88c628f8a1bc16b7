"""What a layer's prompt and name say about each other."""

from __future__ import annotations

import re

from editor.document.layers import RasterLayer
from editor.document.recipe import RecordKind
from editor.translations import tr

_SHORTEST_STEM = 3
_LONGEST_ENDING = 2


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
    named = _says(record.typed_prompt, name) or record.concept in name.lower()
    return name if name and named else record.concept or layer.name


def has_automatic_name(layer: RasterLayer) -> bool:
    """Whether a layer still has the name that generating gave it, such as "red apple 2"."""
    record = layer.record
    if record is None:
        return False
    name, concept = layer.name.lower(), record.concept.lower()
    bare = name.rstrip("0123456789 ")
    return bool(bare) and (concept in (name, bare) or _says(record.typed_prompt, bare))


def _says(prompt: str, name: str) -> bool:
    """Whether a prompt names a layer so, perhaps with its words elsewhere and in the plural: "gold
    welly" of "wellies in navy and gold"."""
    said, words = prompt.lower(), name.lower().split()
    spoken = re.findall(r"[\w'’-]+", said)
    return " ".join(words) in said or all(
        any(_is_form(other, word) for other in spoken) for word in words
    )


def _is_form(word: str, noun: str) -> bool:
    """Whether a word is a noun or its plural: "wellies", "wolves"."""
    if len(noun) < _SHORTEST_STEM:
        return word == noun
    return word.startswith(noun[:-1]) and len(word) - len(noun) <= _LONGEST_ENDING


def _without_copy(name: str) -> str:
    """A name without what duplicating added to it, in English or the language of the window."""
    for ending in (" copy", tr("{name} copy", name="")):
        while name.endswith(ending):
            name = name.removesuffix(ending)
    return name
