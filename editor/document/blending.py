"""The 27 blend modes of Photoshop files; their formulas are in `kernel/blend_rows.py`."""

from __future__ import annotations

from enum import Enum


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
