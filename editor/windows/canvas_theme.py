"""Colours of the canvas for a theme of the window."""

from __future__ import annotations

from dataclasses import replace

from editor.canvas import colors
from editor.theme import Tokens

_OWN = {"dark": colors.DARK, "light": colors.LIGHT, "contrast": colors.CONTRAST}


def canvas_colors(tokens: Tokens) -> colors.CanvasColors:
    """The canvas's own set for dark, light or high contrast, with the window's base and accent."""
    own = _OWN[tokens.name]
    return replace(
        own,
        surround=tokens.base,
        accent=tokens.accent,
        muted_text=tokens.text_muted,
        ruler=tokens.panel,
        ruler_text=tokens.text_muted,
        ruler_edge=tokens.border,
    )
