"""Style presets: how pictures look, as data files in `resources/styles`; each may set a few fields.

A file is a JSON object: "names" by language code ("en" is required), "style" (what the model calls
it), and optionally "order", "steps", "guidance", "words" (added to the prompt) and "negative".
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import resources
from editor import translations
from editor.document.wishes import MAX_STEPS


@dataclass(frozen=True, slots=True)
class StylePreset:
    """One entry of the style list.

    Attributes:
        preset_id: Name of its file.
        names: By language code.
        style: What the model calls it.
        steps: None = as they are set.
        guidance: None = the default.
        words: Added to the prompt; empty = none.
        negative: Negative prompt; empty = none.
    """

    preset_id: str
    names: dict[str, str]
    style: str
    order: int = 0
    steps: int | None = None
    guidance: float | None = None
    words: str = ""
    negative: str = field(default="")

    @property
    def name(self) -> str:
        """In the window's language, or English."""
        return self.names.get(translations.current_language(), self.names["en"])


@cache
def presets() -> tuple[StylePreset, ...]:
    """All shipped presets in their order."""
    found = [read_preset(path) for path in sorted(resources.locate("styles").glob("*.json"))]
    return tuple(sorted(found, key=lambda preset: (preset.order, preset.preset_id)))


def read_preset(path: Path) -> StylePreset:
    """A preset from its file. Raises ValueError naming the file and the field that is wrong."""
    try:
        data: Any = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path}: not a JSON text in UTF-8") from error
    if not isinstance(data, dict):
        raise ValueError(f"{path}: must be a JSON object")
    names, steps, guidance = data.get("names"), data.get("steps"), data.get("guidance")
    if not isinstance(names, dict) or not isinstance(names.get("en"), str):
        raise ValueError(f'{path}: "names" must be an object with a text for "en"')
    if not isinstance(data.get("style"), str):
        raise ValueError(f'{path}: "style" must be a text')
    if steps is not None and not (isinstance(steps, int) and 1 <= steps <= MAX_STEPS):
        raise ValueError(f'{path}: "steps" must be a whole number from 1 to {MAX_STEPS}')
    if guidance is not None and not isinstance(guidance, int | float):
        raise ValueError(f'{path}: "guidance" must be a number')
    return StylePreset(
        path.stem,
        {str(code): str(name) for code, name in names.items()},
        data["style"],
        int(data.get("order", 0)),
        steps,
        guidance,
        str(data.get("words", "")),
        str(data.get("negative", "")),
    )
