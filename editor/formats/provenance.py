"""Where a layer came from, kept inside a PSD so that it can be regenerated after re-opening.

Two places: each layer's own metadata (travels with a duplicated layer) and the document's XMP
(survives programs that drop the first). On reading, layers are matched with the document's list
by their own id, then layer number, pixel hash, name and box, in that order.
"""

from __future__ import annotations

import functools
import importlib.metadata
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from editor.document.errors import RecordError
from editor.document.geometry import Corners, Rect
from editor.document.identity import new_id
from editor.document.layers import GroupLayer, Layer, RasterLayer
from editor.document.layout import MAX_BOXES, MAX_TEXT_CHARACTERS, LayoutBox
from editor.document.recipe import SEED_LIMIT, GenerationRecord
from editor.document.state import DocumentState
from editor.document.wishes import LayerWish
from editor.formats.xmp import Json, Origin, read_packet, write_packet

SCHEMA_VERSION = 1
_DOCUMENT_KEY = "document"
_LAYER_KEY = "layer"
_MAX_ID_LENGTH = 64


@dataclass(frozen=True, slots=True)
class LayerFacts:
    """What is known of one layer in a file; None = unknown, or a group without pixels.

    Attributes:
        layer_id: Our id, from the layer's own metadata or the document's list.
        number: The PSD's layer id (`lyid`), from 1.
        box: (x0, y0, x1, y1) in document pixels, as stored.
        pixel_hash: `psd_planes.pixel_hash`.
        record: The generation record as JSON.
        mask: `psd_masks.StoredMask.fingerprint`; not part of the XMP.
    """

    layer_id: str | None
    number: int | None
    name: str
    box: Corners | None
    pixel_hash: str | None
    record: Json | None = None
    mask: str | None = None


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """What the document's XMP says beyond its layers."""

    document_id: str | None
    seed: int
    boxes: tuple[LayoutBox, ...]
    layers: tuple[LayerFacts, ...]


@functools.cache
def application() -> str:
    """Name and version that are written into files."""
    try:
        return f"Layerloom {importlib.metadata.version('layerloom')}"
    except importlib.metadata.PackageNotFoundError:
        return "Layerloom"


def record_json(layer: RasterLayer, pixel_hash: str) -> Json | None:
    """The layer's record for a file, its pixel hash in the file's terms.

    In memory the hash of a record covers every byte of the layer; in a file only what can be
    seen. An untouched layer gets the file's hash, an edited one keeps a hash that fits neither.
    The boxes of a scaled object are those it has now. Beside the fields of the record there are
    "status" (`RecordStatus`, for readers) and "wish", which makes a layer out of date.
    """
    if layer.record is None:
        return None
    content = layer.record.to_json()
    if layer.source is not None and layer.record.z_index > 0:
        # A file has no unscaled pixels; without them only the boxes tell the object's size.
        content["box"] = list(layer.bounds.as_tuple())
        content["visible_box"] = list(layer.opaque_box.as_tuple())
    recorded = layer.record.pixel_hash
    if recorded == layer.pixels.content_hash:
        content["pixel_hash"] = pixel_hash
    content["status"] = layer.status(recorded not in ("", layer.original.content_hash)).value
    if layer.wish is not None:
        content["wish"] = layer.wish.to_json()
    return content


def restore_record(content: Json | None, layer: RasterLayer, pixel_hash: str) -> RasterLayer:
    """The inverse of `record_json`; a record that cannot be read leaves the layer without one."""
    if content is None:
        return layer
    try:
        record = GenerationRecord.from_json(content)
    except RecordError:
        return layer
    if record.pixel_hash == pixel_hash:
        record = replace(record, pixel_hash=layer.pixels.content_hash)
    return replace(layer, record=record, wish=LayerWish.from_json(content.get("wish")))


def layer_packet(facts: LayerFacts) -> str:
    """XMP for one layer's own metadata."""
    content = {
        "schema_version": SCHEMA_VERSION,
        "layer_id": facts.layer_id,
        "pixel_hash": facts.pixel_hash,
        "record": facts.record,
    }
    return write_packet(_LAYER_KEY, content, application())


def document_packet(state: DocumentState, layers: Iterable[LayerFacts]) -> bytes:
    """XMP for the document: canvas, seed, layout and the facts of every layer."""
    content = {
        "schema_version": SCHEMA_VERSION,
        "app": application(),
        "document_id": state.document_id,
        "seed": str(state.seed),
        "width": state.width,
        "height": state.height,
        "boxes": [_box_json(box) for box in state.boxes],
        "layers": [_facts_json(facts) for facts in layers],
    }
    return write_packet(_DOCUMENT_KEY, content, application(), origin=origin_of(state)).encode()


def origin_packet(state: DocumentState) -> bytes | None:
    """XMP that says only that the picture was generated, without how; None when it was not."""
    origin = origin_of(state)
    return None if origin is None else write_packet(None, {}, application(), origin=origin).encode()


def origin_of(state: DocumentState) -> Origin | None:
    """Whether the layers that can be seen were generated, some of them, or none."""
    made = [
        layer.record is not None
        for layer in state.raster_layers()
        if layer.visible and not layer.pixels.alpha_box.is_empty
    ]
    if not any(made):
        return None
    return Origin.GENERATED if all(made) else Origin.PARTLY_GENERATED


def without_recipes(state: DocumentState) -> DocumentState:
    """The document without anything that tells how its layers were made.

    Prompts, seeds, wishes, variations (each has a recipe), the layout, and the kept file of another
    program, whose metadata may hold recipes too. Names stay: people chose or saw them.
    """
    layers = tuple(_without_recipe(layer) for layer in state.layers)
    return replace(state, layers=layers, boxes=(), seed=0, kept=None)


def _without_recipe(layer: Layer) -> Layer:
    if isinstance(layer, GroupLayer):
        children = tuple(_without_recipe(child) for child in layer.children)
        return replace(layer, children=children, kept=None)
    if isinstance(layer, RasterLayer):
        return replace(layer, record=None, variations=(), shown_variation="", wish=None, kept=None)
    return layer


def read_layer_packet(packet: str | None) -> tuple[str | None, Json | None]:
    """(layer id, record) of a layer's own metadata; None where absent or not ours."""
    content = None if packet is None else read_packet(_LAYER_KEY, packet)
    if content is None or _is_newer(content):
        return None, None
    return _identifier(content.get("layer_id")), _object(content.get("record"))


def read_document_packet(packet: bytes | None) -> DocumentFacts | None:
    """The document's own XMP; None where absent or not ours, and no field is trusted."""
    content = None if packet is None else read_packet(_DOCUMENT_KEY, packet)
    if content is None or _is_newer(content):
        return None
    layers = [_read_facts(entry) for entry in _objects(content.get("layers"))]
    boxes = [_read_box(entry) for entry in _objects(content.get("boxes"))]
    return DocumentFacts(
        document_id=_identifier(content.get("document_id")),
        seed=_read_seed(content.get("seed")),
        boxes=tuple(box for box in boxes if box is not None),
        layers=tuple(layers),
    )


def usable_boxes(boxes: Iterable[LayoutBox], canvas: Rect) -> tuple[LayoutBox, ...]:
    """What of a file's layout fits the document: cut to the canvas, ids used once, at most 50."""
    usable: dict[str, LayoutBox] = {}
    for box in boxes:
        inside = box.rect.intersection(canvas)
        if not inside.is_empty and box.box_id not in usable and len(usable) < MAX_BOXES:
            usable[box.box_id] = replace(box, rect=inside)
    return tuple(usable.values())


def match_layers(found: Sequence[LayerFacts], listed: Sequence[LayerFacts]) -> list[LayerFacts]:
    """The facts of each found layer, with id and record as far as they can be restored.

    Every layer gets an id of its own. A layer whose metadata names an id that is not listed came
    from another document; it is not mistaken for one of ours.
    """
    own_ids = {facts.layer_id for facts in listed}
    matches: dict[int, LayerFacts] = {}
    free = list(listed)
    for key_of in _MATCHING:
        by_key = {key: facts for facts in reversed(free) if (key := key_of(facts)) is not None}
        for index, facts in enumerate(found):
            foreign = facts.layer_id is not None and facts.layer_id not in own_ids
            key = None if index in matches or foreign else key_of(facts)
            if key is not None and key in by_key:
                matches[index] = by_key.pop(key)
        taken = {id(facts) for facts in matches.values()}
        free = [facts for facts in free if id(facts) not in taken]
    return _with_unique_ids(found, matches)


def _with_unique_ids(
    found: Sequence[LayerFacts], matches: dict[int, LayerFacts]
) -> list[LayerFacts]:
    used = {facts.layer_id for facts in matches.values()}
    result = []
    for index, facts in enumerate(found):
        match = matches.get(index)
        record = facts.record
        if match is not None:
            layer_id = match.layer_id
            record = record or match.record
        else:
            layer_id = facts.layer_id or f"psd-{facts.number or index + 1}"
            layer_id = new_id() if layer_id in used else layer_id
            used.add(layer_id)
        result.append(replace(facts, layer_id=layer_id or new_id(), record=record))
    return result


def _together(*parts: Hashable | None) -> Hashable | None:
    return None if any(part is None for part in parts) else parts


# The last resort (the number alone) comes after name and box: some programs number anew.
_MATCHING: tuple[Callable[[LayerFacts], Hashable | None], ...] = (
    lambda facts: _together(facts.layer_id, facts.number),
    lambda facts: facts.layer_id,
    lambda facts: _together(facts.number, facts.pixel_hash),
    lambda facts: _together(facts.number, facts.name),
    lambda facts: facts.pixel_hash,
    lambda facts: _together(facts.name, facts.box),
    lambda facts: facts.number,
)


def _facts_json(facts: LayerFacts) -> Json:
    return {
        "layer_id": facts.layer_id,
        "lyid": facts.number,
        "name": facts.name,
        "box": None if facts.box is None else list(facts.box),
        "pixel_hash": facts.pixel_hash,
        "record": facts.record,
    }


def _read_facts(entry: Json) -> LayerFacts:
    number, name, box = entry.get("lyid"), entry.get("name"), entry.get("box")
    pixel_hash = entry.get("pixel_hash")
    return LayerFacts(
        layer_id=_identifier(entry.get("layer_id")),
        number=number if _is_whole(number) else None,
        name=name if isinstance(name, str) else "",
        box=_read_corners(box),
        pixel_hash=pixel_hash if isinstance(pixel_hash, str) else None,
        record=_object(entry.get("record")),
    )


def _box_json(box: LayoutBox) -> Json:
    return {
        "id": box.box_id,
        "box": list(box.rect.as_tuple()),
        "name": box.name,
        "prompt": box.prompt,
    }


def _read_box(entry: Json) -> LayoutBox | None:
    corners, box_id = _read_corners(entry.get("box")), _identifier(entry.get("id"))
    name, prompt = entry.get("name"), entry.get("prompt")
    if corners is None or Rect(*corners).is_empty or box_id is None:
        return None
    return LayoutBox(Rect(*corners), _box_text(name), _box_text(prompt), box_id)


def _box_text(value: Any) -> str:
    """A text as long as layouts may have it, of characters that can be encoded."""
    text = value[:MAX_TEXT_CHARACTERS] if isinstance(value, str) else ""
    return text.encode("utf-8", "replace").decode()


def _read_corners(value: Any) -> Corners | None:
    if not isinstance(value, list) or len(value) != 4 or not all(map(_is_whole, value)):
        return None
    x0, y0, x1, y1 = value
    return x0, y0, x1, y1


def _read_seed(value: Any) -> int:
    """A seed written as decimal digits; 0 for anything else."""
    if not isinstance(value, str) or not value.isascii() or not value.isdigit():
        return 0
    seed = int(value[:20])
    return seed if seed < SEED_LIMIT else 0


def _is_newer(content: Json) -> bool:
    version: Any = content.get("schema_version")
    return not _is_whole(version) or bool(version > SCHEMA_VERSION)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < SEED_LIMIT


def _identifier(value: Any) -> str | None:
    usable = isinstance(value, str) and 0 < len(value) <= _MAX_ID_LENGTH and value.isprintable()
    return value if usable else None


def _object(value: Any) -> Json | None:
    return value if isinstance(value, dict) else None


def _objects(value: Any) -> list[Json]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
