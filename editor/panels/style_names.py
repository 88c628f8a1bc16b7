"""Names of the drawing styles for people."""

from __future__ import annotations

from editor.translations import mark, tr

_NAMES = {
    "flat": mark("Flat"), "glossy": mark("Glossy"), "outlined": mark("Outlined"), "3d": mark("3D"),
}  # fmt: skip


def style_name(style: str) -> str:
    """Name of a style of the model; one that is not known here is shown as the model calls it."""
    return tr(_NAMES[style]) if style in _NAMES else style.replace("_", " ").title()
