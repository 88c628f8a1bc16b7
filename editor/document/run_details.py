"""How a full-size model was run for a layer: attention, caching, adapters; part of its record."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from editor.document.errors import RecordError
from editor.translations import tr

MAX_ADAPTERS = 64
_MAX_TEXT = 400


@dataclass(frozen=True, slots=True)
class AdapterDetails:
    """An adapter that was merged into the model.

    Attributes:
        name: Of its file, without a folder.
        sha256: Of its content; the file is found by it when the layer is made again.
        weight: 1 = as it was trained.
    """

    name: str
    sha256: str
    weight: float = 1.0

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return {"name": self.name, "sha256": self.sha256, "weight": self.weight}


@dataclass(frozen=True, slots=True)
class RunDetails:
    """What belongs into the record of a layer beside the model's name.

    Attributes:
        attention: Name of the kernel that was used.
        first_block_cache: Largest change of the first block at which the others were left out; 0 =
            every evaluation was computed.
        evaluations, reused: Of the network in all, and those that took an earlier one's part.
        cache_error: Distance to the exact run's result, as a share; None = it was not measured.
        adapters: In the order they were merged.
    """

    attention: str = ""
    first_block_cache: float = 0.0
    evaluations: int = 0
    reused: int = 0
    cache_error: float | None = None
    adapters: tuple[AdapterDetails, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return {
            "attention": self.attention,
            "first_block_cache": self.first_block_cache,
            "evaluations": self.evaluations,
            "reused": self.reused,
            "cache_error": self.cache_error,
            "adapters": [each.to_json() for each in self.adapters],
        }


def read_run_details(name: str, value: object) -> RunDetails | None:
    """Inverse of `to_json`; unknown fields are ignored.

    Raises:
        RecordError: A field holds something else than it should.
    """
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise _wrong(name)
    error = value.get("cache_error")
    adapters = value.get("adapters", [])
    if not isinstance(adapters, list | tuple) or len(adapters) > MAX_ADAPTERS:
        raise _wrong(f"{name}.adapters")
    return RunDetails(
        attention=_text(f"{name}.attention", value.get("attention", "")),
        first_block_cache=_number(f"{name}.first_block_cache", value.get("first_block_cache", 0)),
        evaluations=_count(f"{name}.evaluations", value.get("evaluations", 0)),
        reused=_count(f"{name}.reused", value.get("reused", 0)),
        cache_error=None if error is None else _number(f"{name}.cache_error", error),
        adapters=tuple(_adapter(f"{name}.adapters", each) for each in adapters),
    )


def _adapter(name: str, value: object) -> AdapterDetails:
    if not isinstance(value, Mapping):
        raise _wrong(name)
    return AdapterDetails(
        _text(f"{name}.name", value.get("name")),
        _text(f"{name}.sha256", value.get("sha256")),
        _number(f"{name}.weight", value.get("weight", 1.0)),
    )


def _text(name: str, value: object) -> str:
    if not isinstance(value, str) or len(value) > _MAX_TEXT:
        raise _wrong(name)
    return value


def _number(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _wrong(name)
    return float(value)


def _count(name: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise _wrong(name)
    return value


def _wrong(name: str) -> RecordError:
    return RecordError(
        tr("The field {name} of the generation record is of the wrong kind.", name=name)
    )
