"""What the next try at a layer shall be like, where that differs from how the layer was made.

A layer with a wish is out of date: its picture is not what its prompt and box say.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from editor.document.geometry import Corners
from editor.document.recipe import SEED_LIMIT, GenerationRecord

MAX_PROMPT_CHARACTERS = 2000
MAX_STEPS = 100
_MAX_COORDINATE_PX = 1_000_000


@dataclass(frozen=True, kw_only=True)
class LayerWish:
    """Settings for the next try; None = as the layer was made.

    Attributes:
        box: (x0, y0, x1, y1) in document pixels.
        seed: 0 to 2^63 - 1.
        guidance: Classifier-free guidance, from 1.
    """

    prompt: str | None = None
    negative_prompt: str | None = None
    box: Corners | None = None
    style: str | None = None
    seed: int | None = None
    steps: int | None = None
    guidance: float | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is wished."""
        return all(getattr(self, item.name) is None for item in fields(self))

    def to_json(self) -> dict[str, Any]:
        """A JSON object of what is wished; the seed as a string, as in records."""
        named = {item.name: getattr(self, item.name) for item in fields(self)}
        values = {name: value for name, value in named.items() if value is not None}
        if self.seed is not None:
            values["seed"] = str(self.seed)
        if self.box is not None:
            values["box"] = list(self.box)
        return values

    @classmethod
    def from_json(cls, data: object) -> LayerWish | None:
        """Inverse of `to_json`; what cannot be used is left out, None when nothing remains."""
        if not isinstance(data, Mapping):
            return None
        read = {name: reader(data[name]) for name, reader in _READERS.items() if name in data}
        wish = cls(**read)
        return None if wish.is_empty else wish


def settings_of(record: GenerationRecord, prompt: str) -> LayerWish:
    """The settings of a layer for another one: everything but its box.

    Args:
        prompt: What would give the layer by itself again.
    """
    return LayerWish(
        prompt=prompt,
        negative_prompt=record.negative_prompt,
        style=record.style or None,
        seed=record.seed,
        steps=record.steps or None,
        guidance=record.true_guidance,
    )


def differing(wish: LayerWish, record: GenerationRecord | None, prompt: str) -> LayerWish | None:
    """The part of a wish that is not so already; None = all of it is.

    Args:
        prompt: What would give the layer again as it is.
    """
    present = LayerWish(prompt=prompt)
    if record is not None:
        present = replace(settings_of(record, prompt), box=record.box)
    return _without(wish, present)


def unfulfilled(wish: LayerWish | None, asked: LayerWish | None) -> LayerWish | None:
    """What remains of a wish after a try that was asked for with `asked`."""
    return None if wish is None or asked is None else _without(wish, asked)


def _without(wish: LayerWish, met: LayerWish) -> LayerWish | None:
    open_values = {
        item.name: value
        for item in fields(wish)
        if (value := getattr(wish, item.name)) is not None
        and not _says_the_same(value, getattr(met, item.name))
    }
    return LayerWish(**open_values) if open_values else None


def _says_the_same(wished: object, present: object) -> bool:
    """Prompts are the same without article, full stop and capitals."""
    if isinstance(wished, str) and isinstance(present, str):
        return _bare(wished) == _bare(present)
    return wished == present


def _bare(prompt: str) -> str:
    words = prompt.lower().strip(" .,;").split()
    return " ".join(words[1:] if words[:1] in (["a"], ["an"], ["the"]) else words)


def _text(value: object) -> str | None:
    if not isinstance(value, str) or len(value) > MAX_PROMPT_CHARACTERS:
        return None
    return value.encode("utf-8", "replace").decode()


def _box(value: object) -> Corners | None:
    if not isinstance(value, list) or len(value) != 4:
        return None
    if not all(_is_whole(item) and abs(item) <= _MAX_COORDINATE_PX for item in value):
        return None
    x0, y0, x1, y1 = value
    return (x0, y0, x1, y1) if x0 < x1 and y0 < y1 else None


def _seed(value: object) -> int | None:
    digits = value if isinstance(value, str) and len(value) <= 19 else ""
    if not (digits.isascii() and digits.isdigit()):
        return None
    return int(digits) if int(digits) < SEED_LIMIT else None


def _steps(value: object) -> int | None:
    return value if isinstance(value, int) and _is_whole(value) and 0 < value <= MAX_STEPS else None


def _guidance(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) and value >= 1 else None


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_READERS: dict[str, Callable[[object], Any]] = {
    "prompt": _text,
    "negative_prompt": _text,
    "box": _box,
    "style": _text,
    "seed": _seed,
    "steps": _steps,
    "guidance": _guidance,
}
