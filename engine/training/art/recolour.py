"""Colour words for drawings: which colour dominates, and copies in another colour.

Without copies, "blue apple" would mean nothing: no set draws one.
"""

from __future__ import annotations

import tomllib
from functools import cache

import cv2
import numpy as np
import numpy.typing as npt

from engine.pipelines.recolouring import HUE_TARGETS, main_hue, nearness
from engine.training.art.sources import ByteImage
from engine.training.recipe import RECIPES

RECOLOUR_TARGETS = HUE_TARGETS  # of the copies
UNCOLOURED = "grey"  # a body without a colour
_COLOURFUL = 0.25  # saturation from which a pixel counts as coloured
_BODY_REACH = 45.0  # degrees around a body's colour in which its hue is looked for


@cache
def _bodies() -> dict[str, str]:
    bodies: dict[str, str] = tomllib.loads((RECIPES / "body_colours.toml").read_text("utf-8"))
    return bodies


def body_of(label: str) -> str:
    """The colour word of the part of a concept that is its body, UNCOLOURED, or empty: the
    part with most of the colour."""
    return _bodies().get(label, "")


def _hsv(rgba: ByteImage) -> npt.NDArray[np.float32]:
    """Hue in degrees, saturation and value in [0, 1]: float32 `h w 3`."""
    return np.asarray(cv2.cvtColor(rgba[..., :3].astype(np.float32) / 255, cv2.COLOR_RGB2HSV))


def _dominant_hue(
    hsv: npt.NDArray[np.float32], visible: npt.NDArray[np.bool_], body: str = ""
) -> float | None:
    """Mode of the hue among coloured visible pixels; None when the drawing or its body is grey."""
    coloured = visible & (hsv[..., 1] > _COLOURFUL) & (hsv[..., 2] > 0.15)
    if body == UNCOLOURED:
        return None
    if body:
        away = np.abs((hsv[..., 0] - RECOLOUR_TARGETS[body][0] + 180) % 360 - 180)
        own = coloured & (away < _BODY_REACH)
        return main_hue(hsv[..., 0][own], weight=hsv[..., 1][own]) if own.any() else None
    if coloured.sum() < 0.3 * max(visible.sum(), 1):
        return None
    return main_hue(hsv[..., 0][coloured], weight=hsv[..., 1][coloured])


def dominant_hue(rgba: ByteImage) -> float | None:
    """Hue in degrees that most of a drawing's coloured pixels have; None when it is mostly grey."""
    return _dominant_hue(_hsv(rgba), rgba[..., 3] > 128)


def colour_word(rgba: ByteImage, body: str = "") -> str:
    """The word for the colour that dominates a drawing or its body, one of COLOUR_WORDS."""
    hsv = _hsv(rgba)
    visible = rgba[..., 3] > 128
    hue = _dominant_hue(hsv, visible, body)
    if hue is None:
        if body == UNCOLOURED:
            visible &= (hsv[..., 1] < 0.4) & (hsv[..., 2] > 0.3)
        value = float(np.median(hsv[..., 2][visible])) if visible.any() else 0.5
        return "black" if value < 0.35 else "white" if value > 0.85 else "grey"
    near = visible & (np.abs((hsv[..., 0] - hue + 180) % 360 - 180) < 20)
    saturation, value = (float(np.median(hsv[..., i][near])) for i in (1, 2))
    return _name_hue(hue, saturation, value)


def _name_hue(hue: float, saturation: float, value: float) -> str:
    if hue < 45 and (value < 0.7 or (saturation < 0.55 and value < 0.9)):
        return "brown"
    if (hue > 310 or hue < 12) and saturation < 0.6 and value > 0.7:
        return "pink"
    bounds = ((12, "red"), (42, "orange"), (68, "yellow"), (165, "green"), (255, "blue"))
    for limit, name in bounds:
        if hue < limit:
            return name
    return "purple" if hue < 300 else "pink" if hue < 345 else "red"


def recoloured(rgba: ByteImage, colour: str, body: str = "") -> ByteImage:
    """A copy whose dominant hue (or whose grey, where nothing is coloured) becomes `colour`.

    Args:
        body: As `body_of` says: this part instead.
    """
    hue, saturation_factor, value_factor = RECOLOUR_TARGETS[colour]
    hsv = _hsv(rgba)
    dominant = _dominant_hue(hsv, rgba[..., 3] > 128, body)
    if dominant is None:
        weight = np.clip((hsv[..., 2] - 0.2) / 0.2, 0, 1) * (hsv[..., 1] < 0.4)
        source_saturation = np.full_like(hsv[..., 1], 0.75)
    else:
        weight = nearness(hsv[..., 0], dominant) * np.clip(hsv[..., 1] / 0.2, 0, 1)
        source_saturation = np.maximum(hsv[..., 1], 0.5)
    target = np.stack(
        [
            np.full_like(hsv[..., 0], hue),
            np.clip(source_saturation * saturation_factor, 0, 1),
            np.clip(np.maximum(hsv[..., 2], 0.35) * value_factor, 0, 1),
        ],
        -1,
    )
    new_rgb = cv2.cvtColor(target.astype(np.float32), cv2.COLOR_HSV2RGB)
    mixed = new_rgb * weight[..., None] + (rgba[..., :3] / 255.0) * (1 - weight[..., None])
    out = rgba.copy()
    out[..., :3] = np.clip(np.rint(mixed * 255), 0, 255)
    return out
