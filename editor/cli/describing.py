"""Layers of a document: found by name, described in a line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from editor.document.document import Document
from editor.document.errors import DocumentError
from editor.document.layers import Layer
from editor.jobs.progress import phase_text
from engine.progress import Phase

_OWN_WORK = {"land": "filling the layers", "write": "writing"}


def described(document: Document) -> dict[str, Any]:
    """What `layerloom inspect --json` prints."""
    # Imported here: psd-tools would take longer than exporting a picture.
    from editor.formats.inspect import describe

    return describe(document)


def layer_line(layer: dict[str, Any]) -> str:
    """A layer of `described`, for people; a second line tells how it was generated.

    Equal hashes = not one visible pixel is another.
    """
    x0, y0, x1, y1 = layer["box"]
    look = ", ".join((layer["blend_mode"], f"{layer['opacity']:.0%}", *_particulars(layer)))
    shown = f"  pixels {layer['pixel_hash'][:12]}" if layer["pixel_hash"] else ""
    line = f'  {layer["id"]}  "{layer["name"]}"  ({x0}, {y0})-({x1}, {y1})  {look}{shown}'
    recipe = layer["recipe"]
    if not recipe:
        return line
    made = f"{recipe['style']}, seed {recipe['seed']}, {recipe['steps']} steps"
    return f'{line}\n      from "{recipe["typed_prompt"]}"; {made}'


def _particulars(layer: Mapping[str, Any]) -> list[str]:
    """What is not so with most layers."""
    mask = layer["mask"]
    facts = {
        "hidden": not layer["visible"],
        "with mask": mask is not None and mask["enabled"],
        "with disabled mask": mask is not None and not mask["enabled"],
        "clipped": layer["clipped"],
    }
    return [words for words, holds in facts.items() if holds]


def spoken_seconds(seconds: Mapping[str, float]) -> str:
    """Wall times by phase in words, e.g. "drawing 2.10 s, writing 0.05 s"."""
    return ", ".join(f"{_work(name)} {value:.2f} s" for name, value in seconds.items())


def _work(name: str) -> str:
    text = _OWN_WORK.get(name) or phase_text(Phase(name))
    return text[0].lower() + text[1:]


def find_layer(document: Document, wanted: str) -> Layer:
    """The layer with this id, or else the only one with this name."""
    layers = document.all_layers()
    if found := [layer for layer in layers if layer.layer_id == wanted]:
        return found[0]
    named = [layer for layer in layers if layer.name == wanted]
    if len(named) == 1:
        return named[0]
    if named:
        ids = ", ".join(layer.layer_id for layer in named)
        raise DocumentError(f'{len(named)} layers are called "{wanted}"; use an id: {ids}.')
    names = ", ".join(f'"{layer.name}"' for layer in layers) or "none"
    raise DocumentError(f'There is no layer "{wanted}"; the file has {names}.')
