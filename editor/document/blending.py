"""The 27 blend modes of Photoshop files, and their formulas on straight colours.

The formulas are those of the W3C compositing specification and Adobe's PDF reference; where
Photoshop is known to differ (vivid light, hard mix at its threshold) Photoshop's reading is taken.
Soft light is the W3C form with the polynomial below a backdrop of 0.25. Colours are blended as they
are stored (gamma encoded), as Photoshop does.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import cast

import numpy as np
import numpy.typing as npt

Planes = npt.NDArray[np.float32]  # 3 h w, straight colour, 0..1

# A backdrop that went through float32 sums is 0.9999999 where it should be 1. Color burn and dodge
# jump there, so values this near to an end are taken as the end.
_NEAR_ONE = np.float32(1 - 1e-5)
_NEAR_ZERO = np.float32(1e-6)
_TIE = np.float32(1e-5)
_TINY = np.float32(1e-9)


class BlendMode(Enum):
    """How a layer meets what is below; the value is the four-character key of PSD files.

    PASS_THROUGH is for groups only: their layers blend with what is below the group.
    The order is that of the usual blend mode menu.
    """

    PASS_THROUGH = "pass"  # noqa: S105
    NORMAL = "norm"
    DISSOLVE = "diss"
    DARKEN = "dark"
    MULTIPLY = "mul "
    COLOR_BURN = "idiv"
    LINEAR_BURN = "lbrn"
    DARKER_COLOR = "dkCl"
    LIGHTEN = "lite"
    SCREEN = "scrn"
    COLOR_DODGE = "div "
    LINEAR_DODGE = "lddg"
    LIGHTER_COLOR = "lgCl"
    OVERLAY = "over"
    SOFT_LIGHT = "sLit"
    HARD_LIGHT = "hLit"
    VIVID_LIGHT = "vLit"
    LINEAR_LIGHT = "lLit"
    PIN_LIGHT = "pLit"
    HARD_MIX = "hMix"
    DIFFERENCE = "diff"
    EXCLUSION = "smud"
    SUBTRACT = "fsub"
    DIVIDE = "fdiv"
    HUE = "hue "
    SATURATION = "sat "
    COLOR = "colr"
    LUMINOSITY = "lum "

    @property
    def psd_key(self) -> bytes:
        """Four bytes as stored in a PSD layer record."""
        return self.value.encode("ascii")

    @property
    def id(self) -> str:
        """Stable lower-case name for JSON and the terminal, e.g. "soft_light"."""
        return self.name.lower()

    @property
    def label(self) -> str:
        """English name for menus, e.g. "Soft Light"."""
        return self.name.replace("_", " ").title()

    @classmethod
    def from_psd_key(cls, key: bytes) -> BlendMode:
        """Mode of a PSD key; raises ValueError for an unknown one."""
        return cls(key.decode("ascii", "replace"))

    @classmethod
    def from_id(cls, name: str) -> BlendMode:
        """Mode of an `id`; raises ValueError for an unknown one."""
        try:
            return cls[name.upper()]
        except KeyError:
            raise ValueError(f"unknown blend mode {name!r}") from None


LAYER_MODES: tuple[BlendMode, ...] = tuple(m for m in BlendMode if m is not BlendMode.PASS_THROUGH)


def blend(mode: BlendMode, backdrop: Planes, source: Planes) -> Planes:
    """B(b, s) of a mode for straight colours 3 h w in 0..1; the result is in 0..1.

    NORMAL, DISSOLVE and PASS_THROUGH give the source: they differ only in how alpha is used.
    """
    formula = _FORMULAS.get(mode)
    if formula is None:
        return source
    return formula(_snapped(backdrop), _snapped(source))


def _snapped(colour: Planes) -> Planes:
    out = np.clip(colour, 0, 1)
    out[out >= _NEAR_ONE] = 1
    out[out <= _NEAR_ZERO] = 0
    return out


def _lower(a: Planes | float, b: Planes | np.float32) -> Planes:
    return cast("Planes", np.minimum(a, b))


def _upper(a: Planes | float, b: Planes | np.float32) -> Planes:
    return cast("Planes", np.maximum(a, b))


def _multiply(b: Planes, s: Planes) -> Planes:
    return b * s


def _screen(b: Planes, s: Planes) -> Planes:
    return b + s - b * s


def _hard_light(b: Planes, s: Planes) -> Planes:
    return np.where(s > 0.5, _screen(b, 2 * s - 1), 2 * b * s)


def _overlay(b: Planes, s: Planes) -> Planes:
    return _hard_light(s, b)


def _soft_light(b: Planes, s: Planes) -> Planes:
    lifted = np.where(b <= 0.25, ((16 * b - 12) * b + 4) * b, np.sqrt(b))
    return np.where(s <= 0.5, b - (1 - 2 * s) * b * (1 - b), b + (2 * s - 1) * (lifted - b))


def _color_dodge(b: Planes, s: Planes) -> Planes:
    dodged = _lower(1, b / _upper(1 - s, _TINY))
    return np.where(b == 0, np.float32(0), dodged)


def _color_burn(b: Planes, s: Planes) -> Planes:
    burnt = 1 - _lower(1, (1 - b) / _upper(s, _TINY))
    return np.where(b == 1, np.float32(1), burnt)


def _linear_dodge(b: Planes, s: Planes) -> Planes:
    return _lower(1, b + s)


def _linear_burn(b: Planes, s: Planes) -> Planes:
    return _upper(0, b + s - 1)


def _vivid_light(b: Planes, s: Planes) -> Planes:
    # Here the ends of the source win, unlike in plain burn and dodge.
    burnt = 1 - _lower(1, (1 - b) / _upper(2 * s, _TINY))
    dodged = _lower(1, b / _upper(2 * (1 - s), _TINY))
    vivid = np.where(s <= 0.5, burnt, dodged)
    vivid[s == 0] = 0
    vivid[s == 1] = 1
    return vivid


def _linear_light(b: Planes, s: Planes) -> Planes:
    return _lower(1, _upper(0, b + 2 * s - 1))


def _pin_light(b: Planes, s: Planes) -> Planes:
    return np.where(s > 0.5, _upper(b, 2 * s - 1), _lower(b, 2 * s))


def _hard_mix(b: Planes, s: Planes) -> Planes:
    # On the line b + s = 1 Photoshop answers 1 only for a backdrop above one half.
    total = b + s - 1
    return np.where(np.abs(total) <= _TIE, b > 0.5, total > 0).astype(np.float32)


def _difference(b: Planes, s: Planes) -> Planes:
    return _upper(b - s, s - b)


def _exclusion(b: Planes, s: Planes) -> Planes:
    return b + s - 2 * b * s


def _subtract(b: Planes, s: Planes) -> Planes:
    return _upper(0, b - s)


def _divide(b: Planes, s: Planes) -> Planes:
    return _lower(1, b / _upper(s, _TINY))


def _lum(c: Planes) -> Planes:
    weighted = np.float32(0.3) * c[0] + np.float32(0.59) * c[1] + np.float32(0.11) * c[2]
    return cast("Planes", weighted)


def _set_lum(c: Planes, lum: Planes) -> Planes:
    """Shift to a luminosity, then pull into 0..1 towards the grey of that luminosity."""
    shifted = c + (lum - _lum(c))
    low, high = shifted.min(axis=0), shifted.max(axis=0)
    grey = _lum(shifted)
    below = np.where(low < 0, grey / _upper(grey - low, _TINY), np.float32(1))
    shifted = grey + (shifted - grey) * below
    high = grey + (high - grey) * below
    above = np.where(high > 1, (1 - grey) / _upper(high - grey, _TINY), np.float32(1))
    return np.clip(grey + (shifted - grey) * above, 0, 1)


def _sat(c: Planes) -> Planes:
    return np.asarray(c.max(axis=0) - c.min(axis=0), np.float32)


def _set_sat(c: Planes, sat: Planes) -> Planes:
    """Stretch so that the smallest component is 0 and the largest is `sat`; grey becomes 0."""
    spread = _sat(c)
    factor = np.where(spread > 0, sat / _upper(spread, _TINY), np.float32(0))
    return cast("Planes", (c - c.min(axis=0)) * factor)


def _hue(b: Planes, s: Planes) -> Planes:
    return _set_lum(_set_sat(s, _sat(b)), _lum(b))


def _saturation(b: Planes, s: Planes) -> Planes:
    return _set_lum(_set_sat(b, _sat(s)), _lum(b))


def _color(b: Planes, s: Planes) -> Planes:
    return _set_lum(s, _lum(b))


def _luminosity(b: Planes, s: Planes) -> Planes:
    return _set_lum(b, _lum(s))


def _darker_color(b: Planes, s: Planes) -> Planes:
    return np.where(_lum(s) < _lum(b), s, b)


def _lighter_color(b: Planes, s: Planes) -> Planes:
    return np.where(_lum(s) > _lum(b), s, b)


_FORMULAS: dict[BlendMode, Callable[[Planes, Planes], Planes]] = {
    BlendMode.DARKEN: _lower,
    BlendMode.MULTIPLY: _multiply,
    BlendMode.COLOR_BURN: _color_burn,
    BlendMode.LINEAR_BURN: _linear_burn,
    BlendMode.DARKER_COLOR: _darker_color,
    BlendMode.LIGHTEN: _upper,
    BlendMode.SCREEN: _screen,
    BlendMode.COLOR_DODGE: _color_dodge,
    BlendMode.LINEAR_DODGE: _linear_dodge,
    BlendMode.LIGHTER_COLOR: _lighter_color,
    BlendMode.OVERLAY: _overlay,
    BlendMode.SOFT_LIGHT: _soft_light,
    BlendMode.HARD_LIGHT: _hard_light,
    BlendMode.VIVID_LIGHT: _vivid_light,
    BlendMode.LINEAR_LIGHT: _linear_light,
    BlendMode.PIN_LIGHT: _pin_light,
    BlendMode.HARD_MIX: _hard_mix,
    BlendMode.DIFFERENCE: _difference,
    BlendMode.EXCLUSION: _exclusion,
    BlendMode.SUBTRACT: _subtract,
    BlendMode.DIVIDE: _divide,
    BlendMode.HUE: _hue,
    BlendMode.SATURATION: _saturation,
    BlendMode.COLOR: _color,
    BlendMode.LUMINOSITY: _luminosity,
}
