"""Names of blend modes in OpenRaster files: the specification's, and Krita's for the rest."""

from __future__ import annotations

from editor.document.blending import BlendMode

# The specification lists SVG's names. Krita writes its own with a prefix where SVG has none, and
# reads them back; other programs take an unknown name as normal.
_NAMES: dict[BlendMode, str] = {
    BlendMode.NORMAL: "svg:src-over",
    BlendMode.MULTIPLY: "svg:multiply",
    BlendMode.SCREEN: "svg:screen",
    BlendMode.OVERLAY: "svg:overlay",
    BlendMode.DARKEN: "svg:darken",
    BlendMode.LIGHTEN: "svg:lighten",
    BlendMode.COLOR_DODGE: "svg:color-dodge",
    BlendMode.COLOR_BURN: "svg:color-burn",
    BlendMode.HARD_LIGHT: "svg:hard-light",
    BlendMode.SOFT_LIGHT: "svg:soft-light",
    BlendMode.DIFFERENCE: "svg:difference",
    BlendMode.COLOR: "svg:color",
    BlendMode.LUMINOSITY: "svg:luminosity",
    BlendMode.HUE: "svg:hue",
    BlendMode.SATURATION: "svg:saturation",
    BlendMode.DISSOLVE: "krita:dissolve",
    BlendMode.LINEAR_BURN: "krita:linear_burn",
    BlendMode.DARKER_COLOR: "krita:darker color",
    BlendMode.LINEAR_DODGE: "krita:linear_dodge",
    BlendMode.LIGHTER_COLOR: "krita:lighter color",
    BlendMode.VIVID_LIGHT: "krita:vivid_light",
    BlendMode.LINEAR_LIGHT: "krita:linear light",
    BlendMode.PIN_LIGHT: "krita:pin_light",
    BlendMode.HARD_MIX: "krita:hard_mix_photoshop",
    BlendMode.EXCLUSION: "krita:exclusion",
    BlendMode.SUBTRACT: "krita:subtract",
    BlendMode.DIVIDE: "krita:divide",
}
_OTHER_NAMES: dict[str, BlendMode] = {
    "svg:plus": BlendMode.LINEAR_DODGE,  # what Krita and MyPaint write for adding colours
    "svg:src-atop": BlendMode.NORMAL,  # clipped to what is below; the caller sets that
    "svg:exclusion": BlendMode.EXCLUSION,
    "krita:add": BlendMode.LINEAR_DODGE,
    "krita:soft_light": BlendMode.SOFT_LIGHT,
    "krita:hard mix": BlendMode.HARD_MIX,
}
_MODES = {name: mode for mode, name in _NAMES.items()} | _OTHER_NAMES

CLIPPED = "svg:src-atop"


def composite_op(mode: BlendMode, *, clipped: bool = False) -> str:
    """The attribute for a layer; pass-through is no mode here but an attribute of its group."""
    if mode in (BlendMode.NORMAL, BlendMode.PASS_THROUGH):
        return CLIPPED if clipped else _NAMES[BlendMode.NORMAL]
    return _NAMES[mode]


def blend_mode(name: str) -> BlendMode | None:
    """The mode of an attribute; None when there is no such mode here."""
    return _MODES.get(name)
