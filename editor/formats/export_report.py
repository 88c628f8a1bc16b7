"""What an export approximates or leaves out, item by item: for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from editor.document.layers import Layer, RasterLayer
from editor.document.state import DocumentState
from editor.formats.files import FileFormat, format_of, is_folder_name
from editor.translations import tr

_NAME_UNITS = 255


class Change(StrEnum):
    """What happens to something; the value is for programs."""

    FLATTENED = "flattened"
    ON_WHITE = "transparency_on_white"
    TEXT_RASTERISED = "text_rasterised"
    TRANSFORM_APPLIED = "transform_applied"
    VARIATIONS_LEFT_OUT = "variations_left_out"
    SELECTION_LEFT_OUT = "selection_left_out"
    NAME_CUT = "name_cut"
    MASK_WORKED_IN = "mask_worked_in_for_others"
    MODE_UNKNOWN = "mode_unknown_to_others"
    RECIPES_LEFT_OUT = "recipes_left_out"
    WRITTEN_AS_PSB = "written_as_psb"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is not in the file as it is in the document.

    Attributes:
        layer: Name of the layer; None = the whole document.
        text: One sentence.
    """

    change: Change
    layer: str | None
    text: str

    def as_json(self) -> dict[str, str | None]:
        return {**asdict(self), "change": self.change.value}


def export_report(
    state: DocumentState, path: str | Path, *, include_recipes: bool = True
) -> tuple[Item, ...]:
    """What a file of this name will not hold as the document does; empty = nothing."""
    kind = format_of(path)
    folder = is_folder_name(path)
    if kind is None and not folder:
        return tuple(_of_pictures(state, Path(path).suffix.lower()))
    items: list[Item] = []
    if kind in (None, FileFormat.PSD):
        for layer in state.all_layers():
            items += _of_layer(layer)
        if state.selection is not None:
            text = tr("The selection is left out.")
            items.append(Item(Change.SELECTION_LEFT_OUT, None, text))
    elif kind is FileFormat.OPENRASTER:
        for layer in state.all_layers():
            items += _of_layer_for_others(layer)
    if not include_recipes and _has_recipes(state):
        text = tr("Prompts, seeds and the layout are left out, as asked for.")
        items.append(Item(Change.RECIPES_LEFT_OUT, None, text))
    return tuple(items)


def _of_pictures(state: DocumentState, suffix: str) -> Iterator[Item]:
    if len(state.all_layers()) > 1:
        text = tr("The visible layers become one picture.")
        yield Item(Change.FLATTENED, None, text)
    if suffix in (".jpg", ".jpeg") and not _is_opaque(state):
        text = tr("What is transparent becomes white, because a JPEG has no transparency.")
        yield Item(Change.ON_WHITE, None, text)


def _of_layer(layer: Layer) -> Iterator[Item]:
    name = layer.name
    if len(name.encode("utf-16-le", "replace")) // 2 > _NAME_UNITS:
        text = tr('The name "{name}…" is cut to 255 characters.', name=name[:30])
        yield Item(Change.NAME_CUT, name, text)
    if not isinstance(layer, RasterLayer):
        return
    if layer.text is not None:
        text = tr('The text of "{name}" becomes pixels.', name=name)
        yield Item(Change.TEXT_RASTERISED, name, text)
    elif layer.matrix is not None or layer.source is not None:
        text = tr('The transform of "{name}" is applied for good.', name=name)
        yield Item(Change.TRANSFORM_APPLIED, name, text)
    if layer.variations:
        text = tr('Of the variations of "{name}" only the shown one is kept.', name=name)
        yield Item(Change.VARIATIONS_LEFT_OUT, name, text)


def _of_layer_for_others(layer: Layer) -> Iterator[Item]:
    """We read all of it again; other programs see less."""
    from editor.formats.ora_modes import composite_op

    if layer.mask is not None:
        text = tr('Other programs see the mask of "{name}" worked in.', name=layer.name)
        yield Item(Change.MASK_WORKED_IN, layer.name, text)
    if composite_op(layer.blend_mode).startswith("krita:"):
        text = tr(
            'Only Krita knows the blend mode of "{name}"; others show it as Normal.',
            name=layer.name,
        )
        yield Item(Change.MODE_UNKNOWN, layer.name, text)


def _is_opaque(state: DocumentState) -> bool:
    """Whether a layer surely covers the whole canvas."""
    return any(
        isinstance(layer, RasterLayer)
        and layer.visible
        and layer.opacity_level == 255
        and layer.mask is None
        and layer.bounds.contains(state.canvas)
        and layer.pixels.is_opaque
        for layer in state.layers
    )


def _has_recipes(state: DocumentState) -> bool:
    return bool(state.boxes) or any(layer.record is not None for layer in state.raster_layers())
