"""Drawing styles that the shipped starter model knows, as its own folder says."""

from __future__ import annotations

import json
from pathlib import Path

_CONFIG = Path(__file__).resolve().parents[2] / "resources" / "starter_model" / "config.json"
_OLDEST = ("flat", "glossy")  # of weights from before the folder named its styles


def known_styles() -> tuple[str, ...]:
    """Style words of the captions, the default first.

    A folder that cannot be read gives the oldest ones: loading the model names what is wrong.
    """
    return styles_of(_CONFIG)


def styles_of(config: Path) -> tuple[str, ...]:
    """Styles named by the `config.json` of a starter model."""
    try:
        named = json.loads(config.read_text("utf-8")).get("styles", _OLDEST)
    except (OSError, ValueError, AttributeError, RecursionError):
        return _OLDEST
    words = tuple(word for word in named if isinstance(word, str)) if named else ()
    return words or _OLDEST
