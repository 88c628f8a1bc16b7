"""Frozen document values as JSON and back, field by field as their annotations say.

Nothing here names a field of a layer or of the document: what the model gains is saved as soon as
its type can be. Pixels, coverage and bytes stay outside of the JSON, as blobs under a key. Layers
are listed flat, each after the group around it; a group holds the ids of its children, so that
the depth of the tree is no depth of the JSON.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Hashable
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from functools import cache
from numbers import Integral, Real
from typing import Any, Protocol, Union, cast, get_args, get_origin, get_type_hints

from editor.document.errors import DocumentError
from editor.document.layers import GroupLayer, Layer, RasterLayer
from editor.document.masks import CoverageBuffer
from editor.document.pixels import PixelBuffer
from editor.document.state import DocumentState
from editor.formats.errors import FormatError
from editor.translations import tr

Json = dict[str, Any]
Blob = PixelBuffer | CoverageBuffer | bytes
PutBlob = Callable[[Blob], str]

MAX_DEPTH = 200  # groups in groups; far beyond what can be worked with
MAX_NUMBER = sys.float_info.max
LAYER_KINDS: dict[str, type[Layer]] = {"raster": RasterLayer, "group": GroupLayer}


class FieldError(FormatError):
    """A value that cannot be saved or read; the message goes on behind the file's name."""


class BlobSource(Protocol):
    """Where blobs are read from, by the keys that writing them gave.

    Each raises FormatError for a key that is not there or not of this kind.
    """

    def pixels(self, key: str) -> PixelBuffer: ...

    def coverage(self, key: str) -> CoverageBuffer: ...

    def data(self, key: str) -> bytes: ...


def encode_state(state: DocumentState, put: PutBlob) -> Json:
    """All fields of a document and its layers as plain values.

    Args:
        put: Stores a blob and returns its key; called again for a blob that occurs again.

    Raises FieldError when groups are nested too deep to be read back.
    """
    listed = []
    depths: dict[str | None, int] = {None: 0}
    for layer in state.all_layers():
        depth = depths[layer.layer_id] = depths[state.parent_id(layer.layer_id)] + 1
        _check_depth(depth)
        listed.append({"kind": _kind_of(layer), **_encode_fields(layer, put)})
    return {"document": _encode_fields(state, put), "layers": listed}


def decode_state(data: object, blobs: BlobSource) -> DocumentState:
    """Inverse of `encode_state`. A field that is missing takes its default.

    Raises FieldError with a sentence that names the field, without the name of the file.
    """
    try:
        return _decode_state(data, blobs)
    except RecursionError as error:
        raise _wrong("layers", tr("is nested too deep")) from error


def _decode_state(data: object, blobs: BlobSource) -> DocumentState:
    items = _member(data, "layers", list, "")
    built: dict[str, Layer] = {}
    depths: dict[str, int] = {}
    for index in range(len(items) - 1, -1, -1):  # children come after their group
        where = f"layers[{index}]"
        kind = _member(items[index], "kind", str, where)
        if kind not in LAYER_KINDS:
            raise _wrong(
                f"{where}.kind", tr("is {kind!r}, which this version does not know", kind=kind)
            )
        layer = _decode_fields(LAYER_KINDS[kind], items[index], where, _Reader(blobs, built))
        if layer.layer_id in depths:
            raise _wrong(f"{where}.layer_id", tr("is the id of two layers"))
        inner = layer.children if isinstance(layer, GroupLayer) else ()
        depths[layer.layer_id] = 1 + max((depths[child.layer_id] for child in inner), default=0)
        _check_depth(depths[layer.layer_id])
        built[layer.layer_id] = layer
    document = _member(data, "document", dict, "")
    reader = _Reader(blobs, built)
    state: DocumentState = _decode_fields(DocumentState, document, "document", reader)
    if built:
        raise _wrong("layers", tr("has layers that are in no group and not in the document"))
    return state


def _check_depth(depth: int) -> None:
    if depth > MAX_DEPTH:
        raise FieldError(
            tr(
                "its groups are nested more than {limit} deep; flatten some.",
                limit=MAX_DEPTH,
            )
        )


def _kind_of(layer: Layer) -> str:
    for kind, cls in LAYER_KINDS.items():
        if type(layer) is cls:
            return kind
    raise TypeError(f"unknown kind of layer: {type(layer).__name__}")


# Writing


def _encode_fields(value: Any, put: PutBlob) -> Json:
    return {item.name: _encode(getattr(value, item.name), put) for item in _saved_fields(value)}


def _encode(value: Any, put: PutBlob) -> Any:
    if isinstance(value, PixelBuffer | CoverageBuffer | bytes):
        return put(value)
    if isinstance(value, tuple):
        return [_encode(item, put) for item in value]
    if isinstance(value, Layer):
        return value.layer_id
    if is_dataclass(value):
        return _encode_fields(value, put)
    return _encode_plain(value)


def _encode_plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.name
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Real):  # numpy's numbers, as pixel arithmetic leaves them
        return int(value) if isinstance(value, Integral) else float(value)
    raise TypeError(f"a {type(value).__name__} cannot be saved")


def _saved_fields(value: Any) -> list[Field[Any]]:
    return [item for item in fields(value) if item.init]


# Reading


class _Reader:
    """What reading a field may need: blobs by key, and layers by id, each used once."""

    def __init__(self, blobs: BlobSource, layers: dict[str, Layer]) -> None:
        self.blobs = blobs
        self._layers = layers

    def take_layer(self, layer_id: object, where: str) -> Layer:
        layer = self._layers.pop(layer_id, None) if isinstance(layer_id, str) else None
        if layer is None:
            raise _wrong(where, tr("names a layer that is missing or already used"))
        return layer


@cache
def _hints(cls: Hashable) -> dict[str, Any]:
    return get_type_hints(cls)


def _decode_fields(cls: type[Any], data: object, where: str, reader: _Reader) -> Any:
    if not isinstance(data, dict):
        raise _wrong(where, tr("must be an object"))
    values = {}
    hints = _hints(cast("Hashable", cls))
    for item in fields(cls):
        name = f"{where}.{item.name}"
        if not item.init:
            continue
        if item.name in data:
            values[item.name] = _decode(hints[item.name], data[item.name], name, reader)
        elif item.default is MISSING and item.default_factory is MISSING:
            raise _wrong(name, tr("is missing"))
    try:
        return cls(**values)
    except DocumentError as error:
        raise FieldError(
            tr("{where} is not possible: {message}", where=where, message=error.message),
            error.detail,
        ) from error
    except (ValueError, TypeError, OverflowError) as error:
        raise _wrong(where, tr("has values that do not fit together")) from error


def _decode(hint: Any, value: Any, where: str, reader: _Reader) -> Any:
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return _decode_optional(hint, value, where, reader)
    if origin is tuple:
        return _decode_tuple(get_args(hint), value, where, reader)
    if hint in _PLAIN:
        return _PLAIN[hint](value, where)
    if isinstance(hint, type):
        return _decode_object(hint, value, where, reader)
    raise TypeError(f"{where}: a {hint} cannot be read")


def _decode_object(cls: type[Any], value: Any, where: str, reader: _Reader) -> Any:
    if cls in (PixelBuffer, CoverageBuffer, bytes):
        return _decode_blob(cls, _text(value, where), reader.blobs)
    if issubclass(cls, Enum):
        return _decode_choice(cls, value, where)
    if issubclass(cls, Layer):
        return reader.take_layer(value, where)
    if is_dataclass(cls):
        return _decode_fields(cls, value, where, reader)
    raise TypeError(f"{where}: a {cls.__name__} cannot be read")


def _decode_choice(cls: type[Enum], value: Any, where: str) -> Enum:
    if isinstance(value, str) and value in cls.__members__:
        return cls[value]
    raise _wrong(where, tr("must be one of {known}", known=", ".join(cls.__members__)))


def _decode_optional(hint: Any, value: Any, where: str, reader: _Reader) -> Any:
    arms = [arm for arm in get_args(hint) if arm is not types.NoneType]
    if len(arms) != 1:
        raise TypeError(f"{where}: a {hint} cannot be read")
    return None if value is None else _decode(arms[0], value, where, reader)


def _decode_tuple(arms: tuple[Any, ...], value: Any, where: str, reader: _Reader) -> Any:
    if not isinstance(value, list):
        raise _wrong(where, tr("must be a list"))
    if len(arms) == 2 and arms[1] is Ellipsis:
        arms = (arms[0],) * len(value)
    if len(arms) != len(value):
        raise _wrong(where, tr("must have {count} values", count=len(arms)))
    pairs = enumerate(zip(arms, value, strict=True))
    return tuple(_decode(arm, item, f"{where}[{i}]", reader) for i, (arm, item) in pairs)


def _decode_blob(hint: Any, key: str, blobs: BlobSource) -> Blob:
    if hint is PixelBuffer:
        return blobs.pixels(key)
    return blobs.coverage(key) if hint is CoverageBuffer else blobs.data(key)


def _text(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise _wrong(where, tr("must be text"))
    return value


def _whole(value: object, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise _wrong(where, tr("must be a whole number"))
    return value


def _number(value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong(where, tr("must be a number"))
    if not -MAX_NUMBER <= value <= MAX_NUMBER:  # NaN too
        raise _wrong(where, tr("must be a finite number"))
    return value  # a whole number stays one: the state's hash tells 72 from 72.0


def _truth(value: object, where: str) -> bool:
    if not isinstance(value, bool):
        raise _wrong(where, tr("must be true or false"))
    return value


_PLAIN: dict[Any, Callable[[object, str], Any]] = {
    str: _text,
    int: _whole,
    float: _number,
    bool: _truth,
}


def _member(data: object, name: str, kind: type, where: str) -> Any:
    value = data.get(name) if isinstance(data, dict) else None
    if not isinstance(value, kind):
        raise _wrong(f"{where}.{name}".lstrip("."), tr("is missing or of the wrong kind"))
    return value


def _wrong(where: str, problem: str) -> FieldError:
    return FieldError(tr("the field {where} {problem}.", where=where, problem=problem))
