"""Names of the blend modes for people, as the menus of all layer editors give them."""

from __future__ import annotations

from editor.document.blending import BlendMode
from editor.translations import mark

# Shown with `tr`.
BLEND_NAMES: dict[BlendMode, str] = {
    BlendMode.PASS_THROUGH: mark("Pass Through"),
    BlendMode.NORMAL: mark("Normal"),
    BlendMode.DISSOLVE: mark("Dissolve"),
    BlendMode.DARKEN: mark("Darken"),
    BlendMode.MULTIPLY: mark("Multiply"),
    BlendMode.COLOR_BURN: mark("Color Burn"),
    BlendMode.LINEAR_BURN: mark("Linear Burn"),
    BlendMode.DARKER_COLOR: mark("Darker Color"),
    BlendMode.LIGHTEN: mark("Lighten"),
    BlendMode.SCREEN: mark("Screen"),
    BlendMode.COLOR_DODGE: mark("Color Dodge"),
    BlendMode.LINEAR_DODGE: mark("Linear Dodge"),
    BlendMode.LIGHTER_COLOR: mark("Lighter Color"),
    BlendMode.OVERLAY: mark("Overlay"),
    BlendMode.SOFT_LIGHT: mark("Soft Light"),
    BlendMode.HARD_LIGHT: mark("Hard Light"),
    BlendMode.VIVID_LIGHT: mark("Vivid Light"),
    BlendMode.LINEAR_LIGHT: mark("Linear Light"),
    BlendMode.PIN_LIGHT: mark("Pin Light"),
    BlendMode.HARD_MIX: mark("Hard Mix"),
    BlendMode.DIFFERENCE: mark("Difference"),
    BlendMode.EXCLUSION: mark("Exclusion"),
    BlendMode.SUBTRACT: mark("Subtract"),
    BlendMode.DIVIDE: mark("Divide"),
    BlendMode.HUE: mark("Hue"),
    BlendMode.SATURATION: mark("Saturation"),
    BlendMode.COLOR: mark("Color"),
    BlendMode.LUMINOSITY: mark("Luminosity"),
}
