"""Document values with every field away from its default, made from the annotations alone.

A field that the model gains later is filled too, without a change here, unless it has rules of its
own; then give an allowed value in `SPECIAL`.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from itertools import cycle
from typing import Any, Union, get_args, get_origin, get_type_hints

import numpy as np

from editor.document.blending import BlendMode
from editor.document.layers import GroupLayer, Layer, RasterLayer
from editor.document.masks import CoverageBuffer
from editor.document.pixels import PixelBuffer
from editor.document.recipe import GenerationRecord
from editor.document.state import DocumentState

_numbers = cycle(range(3, 1000))  # within the rules of every field

SPECIAL: dict[str, Callable[[], Any]] = {
    "opacity": lambda: 128 / 255,
    "blend_mode": lambda: BlendMode.MULTIPLY,
    "outside": lambda: 255,
    "resolution_ppi": lambda: 300.5,
    "source_record": lambda: GenerationRecord(
        typed_prompt="林檎", seed=4, box=(0, 0, 8, 9), canvas_size=(8, 9)
    ),
    "layers": lambda: (filled(RasterLayer), filled(GroupLayer)),
    "children": lambda: (filled(RasterLayer), filled(RasterLayer)),
}


def filled(cls: type[Any]) -> Any:
    """An instance whose fields all differ from their defaults."""
    hints = get_type_hints(cls)
    return cls(**{item.name: _away(item, hints[item.name]) for item in fields(cls) if item.init})


def _away(item: Any, hint: Any) -> Any:
    value = SPECIAL[item.name]() if item.name in SPECIAL else _value(hint, item.default)
    if item.default is not MISSING:
        assert value != item.default, f"give {item.name} another value in SPECIAL"
    return value


def _value(hint: Any, default: Any) -> Any:
    origin, arms = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _value(next(arm for arm in arms if arm is not types.NoneType), default)
    if origin is tuple:
        inner = (arms[0],) * 2 if arms[1:] == (Ellipsis,) else arms
        return tuple(_value(arm, MISSING) for arm in inner)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return next(member for member in reversed(list(hint)) if member != default)
    if is_dataclass(hint):
        return filled(hint)  # type: ignore[arg-type]
    return _PLAIN[hint](default)


def _pixels(_default: Any) -> PixelBuffer:
    """Random, with colour under alpha 0."""
    random = np.random.default_rng(next(_numbers))
    array = random.integers(0, 256, (5, 7, 4), dtype=np.uint8)
    array[:2, :, 3] = 0
    return PixelBuffer.from_array(array)


def _coverage(_default: Any) -> CoverageBuffer:
    random = np.random.default_rng(next(_numbers))
    return CoverageBuffer.from_array(random.integers(0, 256, (4, 3), dtype=np.uint8))


_PLAIN: dict[Any, Callable[[Any], Any]] = {
    bool: lambda default: default is not True,
    int: lambda _: next(_numbers),
    float: lambda _: next(_numbers) + 0.25,
    str: lambda _: f"text {next(_numbers)} 林檎 \x00 \ud800 </x>",
    bytes: lambda _: bytes(range(256)) + str(next(_numbers)).encode(),
    PixelBuffer: _pixels,
    CoverageBuffer: _coverage,
}


def filled_state() -> DocumentState:
    """A document with one layer of each kind, every field filled."""
    state: DocumentState = filled(DocumentState)
    return state


def kinds_of_layers() -> set[type[Layer]]:
    """All classes of layers that the document package defines."""
    return {cls for cls in _subclasses(Layer) if cls.__module__.startswith("editor.")}


def _subclasses(cls: type[Layer]) -> set[type[Layer]]:
    found = set(cls.__subclasses__())
    return found.union(*(_subclasses(inner) for inner in found)) if found else found
