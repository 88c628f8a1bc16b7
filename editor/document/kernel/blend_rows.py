"""Blend modes as loops over one row, for the compiler: B(b, s) of straight colours in 0..1.

The formulas are those of the W3C compositing specification and Adobe's PDF reference; where
Photoshop is known to differ (vivid light, hard mix at its threshold) Photoshop's reading is taken.
Soft light is the W3C form with the polynomial below a backdrop of 0.25. Colours are blended as they
are stored (gamma encoded), as Photoshop does.

All planes of a row lie in one array, a fixed distance from each other: only then does the compiler
know that they do not overlap and use vector instructions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt

from editor.document.blending import LAYER_MODES, BlendMode
from editor.document.kernel.layout import (
    BACKDROP_ALPHA,
    CLEAR,
    SOURCE_ALPHA,
    SOURCE_RED,
    UNPREMULTIPLY,
    WIDTH_PX,
)

Function = TypeVar("Function", bound=Callable[..., Any])
Row = npt.NDArray[np.float32]  # the scratch planes of layout.py, from the first pixel on
Scalar = np.float32

# Neither reassociation nor reciprocals: 255 / 255 must stay 1, whatever the neighbours are.
FAST = frozenset({"contract", "nnan", "ninf", "nsz"})

W = WIDTH_PX
ZERO, HALF, ONE, TWO = (Scalar(v) for v in (0, 0.5, 1, 2))
QUARTER, FOUR, TWELVE, SIXTEEN = (Scalar(v) for v in (0.25, 4, 12, 16))
RED_WEIGHT, GREEN_WEIGHT, BLUE_WEIGHT = (Scalar(v) for v in (0.3, 0.59, 0.11))
# A backdrop that went through float32 sums is 0.9999999 where it should be 1. Color burn and dodge
# jump there, so values this near to an end are taken as the end.
NEAR_ONE, NEAR_ZERO = Scalar(1 - 1e-5), Scalar(1e-6)
TIE = Scalar(1e-5)
TINY = Scalar(1e-9)


# Called from compiled code only: without wrappers for Python they compile a third faster.
_OPTIONS = {
    "fastmath": set(FAST),
    "error_model": "numpy",
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
}


def compiled(function: Function) -> Function:
    """Compile on first use, with this project's rules for floating point."""
    return cast("Function", numba.njit(**_OPTIONS)(function))


def inlined(function: Function) -> Function:
    """As `compiled`, for formulas: a loop with a call in it would not become vector code."""
    return cast("Function", numba.njit(forceinline=True, **_OPTIONS)(function))


@inlined
def lower(a: Scalar, b: Scalar) -> Scalar:
    return a if a < b else b


@inlined
def upper(a: Scalar, b: Scalar) -> Scalar:
    return a if a > b else b


@inlined
def snapped(x: Scalar) -> Scalar:
    x = ONE if x >= NEAR_ONE else x
    return ZERO if x <= NEAR_ZERO else x


@inlined
def darken(b: Scalar, s: Scalar) -> Scalar:
    return lower(b, s)


@inlined
def multiply(b: Scalar, s: Scalar) -> Scalar:
    return b * s


@inlined
def color_burn(b: Scalar, s: Scalar) -> Scalar:
    burnt = ONE - lower(ONE, (ONE - b) / upper(s, TINY))
    return ONE if b == ONE else burnt


@inlined
def linear_burn(b: Scalar, s: Scalar) -> Scalar:
    return upper(ZERO, b + s - ONE)


@inlined
def lighten(b: Scalar, s: Scalar) -> Scalar:
    return upper(b, s)


@inlined
def screen(b: Scalar, s: Scalar) -> Scalar:
    return b + s - b * s


@inlined
def color_dodge(b: Scalar, s: Scalar) -> Scalar:
    dodged = lower(ONE, b / upper(ONE - s, TINY))
    return ZERO if b == ZERO else dodged


@inlined
def linear_dodge(b: Scalar, s: Scalar) -> Scalar:
    return lower(ONE, b + s)


@inlined
def hard_light(b: Scalar, s: Scalar) -> Scalar:
    doubled = TWO * s
    return screen(b, doubled - ONE) if s > HALF else doubled * b


@inlined
def overlay(b: Scalar, s: Scalar) -> Scalar:
    return hard_light(s, b)


@inlined
def soft_light(b: Scalar, s: Scalar) -> Scalar:
    polynomial = ((SIXTEEN * b - TWELVE) * b + FOUR) * b
    lifted = polynomial if b <= QUARTER else np.sqrt(b)
    darker = b - (ONE - TWO * s) * b * (ONE - b)
    return darker if s <= HALF else b + (TWO * s - ONE) * (lifted - b)


@inlined
def vivid_light(b: Scalar, s: Scalar) -> Scalar:
    # Here the ends of the source win, unlike in plain burn and dodge.
    burnt = ONE - lower(ONE, (ONE - b) / upper(TWO * s, TINY))
    dodged = lower(ONE, b / upper(TWO * (ONE - s), TINY))
    vivid = burnt if s <= HALF else dodged
    vivid = ZERO if s == ZERO else vivid
    return ONE if s == ONE else vivid


@inlined
def linear_light(b: Scalar, s: Scalar) -> Scalar:
    return lower(ONE, upper(ZERO, b + TWO * s - ONE))


@inlined
def pin_light(b: Scalar, s: Scalar) -> Scalar:
    return upper(b, TWO * s - ONE) if s > HALF else lower(b, TWO * s)


@inlined
def hard_mix(b: Scalar, s: Scalar) -> Scalar:
    # On the line b + s = 1 Photoshop answers 1 only for a backdrop above one half.
    total = b + s - ONE
    on_line = ONE if b > HALF else ZERO
    mixed = ONE if total > ZERO else ZERO
    return on_line if upper(total, -total) <= TIE else mixed


@inlined
def difference(b: Scalar, s: Scalar) -> Scalar:
    return upper(b - s, s - b)


@inlined
def exclusion(b: Scalar, s: Scalar) -> Scalar:
    return b + s - TWO * b * s


@inlined
def subtract(b: Scalar, s: Scalar) -> Scalar:
    return upper(ZERO, b - s)


@inlined
def divide(b: Scalar, s: Scalar) -> Scalar:
    return lower(ONE, b / upper(s, TINY))


Colour = tuple[Scalar, Scalar, Scalar]


@inlined
def lum(r: Scalar, g: Scalar, b: Scalar) -> Scalar:
    return RED_WEIGHT * r + GREEN_WEIGHT * g + BLUE_WEIGHT * b


@inlined
def sat(r: Scalar, g: Scalar, b: Scalar) -> Scalar:
    return upper(upper(r, g), b) - lower(lower(r, g), b)


@inlined
def set_lum(r: Scalar, g: Scalar, b: Scalar, wanted: Scalar) -> Colour:
    """Shift to a luminosity, then pull into 0..1 towards the grey of that luminosity."""
    shift = wanted - lum(r, g, b)
    r, g, b = r + shift, g + shift, b + shift
    grey = lum(r, g, b)
    low = lower(lower(r, g), b)
    high = upper(upper(r, g), b)
    # Quotients first, choice after: a division inside a choice would not become vector code.
    below = grey / upper(grey - low, TINY)
    below = below if low < ZERO else ONE
    high = grey + (high - grey) * below
    above = (ONE - grey) / upper(high - grey, TINY)
    above = above if high > ONE else ONE
    pull = below * above
    return (
        lower(ONE, upper(ZERO, grey + (r - grey) * pull)),
        lower(ONE, upper(ZERO, grey + (g - grey) * pull)),
        lower(ONE, upper(ZERO, grey + (b - grey) * pull)),
    )


@inlined
def set_sat(r: Scalar, g: Scalar, b: Scalar, wanted: Scalar) -> Colour:
    """Stretch so that the smallest component is 0 and the largest is `wanted`; grey becomes 0."""
    spread = sat(r, g, b)
    low = lower(lower(r, g), b)
    factor = wanted / upper(spread, TINY)
    factor = factor if spread > ZERO else ZERO
    return (r - low) * factor, (g - low) * factor, (b - low) * factor


@inlined
def hue(br: Scalar, bg: Scalar, bb: Scalar, sr: Scalar, sg: Scalar, sb: Scalar) -> Colour:
    r, g, b = set_sat(sr, sg, sb, sat(br, bg, bb))
    return set_lum(r, g, b, lum(br, bg, bb))


@inlined
def saturation(br: Scalar, bg: Scalar, bb: Scalar, sr: Scalar, sg: Scalar, sb: Scalar) -> Colour:
    r, g, b = set_sat(br, bg, bb, sat(sr, sg, sb))
    return set_lum(r, g, b, lum(br, bg, bb))


@inlined
def color(br: Scalar, bg: Scalar, bb: Scalar, sr: Scalar, sg: Scalar, sb: Scalar) -> Colour:
    return set_lum(sr, sg, sb, lum(br, bg, bb))


@inlined
def luminosity(br: Scalar, bg: Scalar, bb: Scalar, sr: Scalar, sg: Scalar, sb: Scalar) -> Colour:
    return set_lum(br, bg, bb, lum(sr, sg, sb))


@inlined
def darker_color(br: Scalar, bg: Scalar, bb: Scalar, sr: Scalar, sg: Scalar, sb: Scalar) -> Colour:
    wins = lum(sr, sg, sb) < lum(br, bg, bb)
    return (sr if wins else br, sg if wins else bg, sb if wins else bb)


@inlined
def lighter_color(br: Scalar, bg: Scalar, bb: Scalar, sr: Scalar, sg: Scalar, sb: Scalar) -> Colour:
    wins = lum(sr, sg, sb) > lum(br, bg, bb)
    return (sr if wins else br, sg if wins else bg, sb if wins else bb)


@compiled
def prepare_backdrop(row: Row, count: int) -> None:
    for i in range(count):
        alpha = ONE - row[CLEAR * W + i]
        row[BACKDROP_ALPHA * W + i] = alpha
        row[UNPREMULTIPLY * W + i] = ONE / upper(alpha, TINY)


@compiled
def lay_normal(row: Row, count: int) -> None:
    """colour = a s + (1 - a) c ; clear = (1 - a) clear, with a and s of the source."""
    for channel in range(3):
        c, s = channel * W, (SOURCE_RED + channel) * W
        for i in range(count):
            a = row[SOURCE_ALPHA * W + i]
            row[c + i] = row[c + i] * (ONE - a) + row[s + i] * a
    for i in range(count):
        row[CLEAR * W + i] *= ONE - row[SOURCE_ALPHA * W + i]


def separable(formula: Callable[[Scalar, Scalar], Scalar]) -> Callable[[Row, int], None]:
    """A loop that replaces the source's colour by (1 - ab) s + ab B(b, s), channel by channel."""

    @compiled
    def mix(row: Row, count: int) -> None:
        for channel in range(3):
            c, k = channel * W, (SOURCE_RED + channel) * W
            for i in range(count):
                s = snapped(row[k + i])
                b = snapped(row[c + i] * row[UNPREMULTIPLY * W + i])
                row[k + i] = s + row[BACKDROP_ALPHA * W + i] * (formula(b, s) - s)

    return mix


def whole_colour(formula: Callable[..., Colour]) -> Callable[[Row, int], None]:
    """As `separable`, for modes that need all three channels at once."""

    @compiled
    def mix(row: Row, count: int) -> None:
        for i in range(count):
            scale = row[UNPREMULTIPLY * W + i]
            br, bg, bb = (
                snapped(row[i] * scale),
                snapped(row[W + i] * scale),
                snapped(row[2 * W + i] * scale),
            )
            sr = snapped(row[SOURCE_RED * W + i])
            sg = snapped(row[(SOURCE_RED + 1) * W + i])
            sb = snapped(row[(SOURCE_RED + 2) * W + i])
            r, g, b = formula(br, bg, bb, sr, sg, sb)
            alpha = row[BACKDROP_ALPHA * W + i]
            row[SOURCE_RED * W + i] = sr + alpha * (r - sr)
            row[(SOURCE_RED + 1) * W + i] = sg + alpha * (g - sg)
            row[(SOURCE_RED + 2) * W + i] = sb + alpha * (b - sb)

    return mix


mix_darken = separable(darken)
mix_multiply = separable(multiply)
mix_color_burn = separable(color_burn)
mix_linear_burn = separable(linear_burn)
mix_lighten = separable(lighten)
mix_screen = separable(screen)
mix_color_dodge = separable(color_dodge)
mix_linear_dodge = separable(linear_dodge)
mix_overlay = separable(overlay)
mix_soft_light = separable(soft_light)
mix_hard_light = separable(hard_light)
mix_vivid_light = separable(vivid_light)
mix_linear_light = separable(linear_light)
mix_pin_light = separable(pin_light)
mix_hard_mix = separable(hard_mix)
mix_difference = separable(difference)
mix_exclusion = separable(exclusion)
mix_subtract = separable(subtract)
mix_divide = separable(divide)
mix_darker_color = whole_colour(darker_color)
mix_lighter_color = whole_colour(lighter_color)
mix_hue = whole_colour(hue)
mix_saturation = whole_colour(saturation)
mix_color = whole_colour(color)
mix_luminosity = whole_colour(luminosity)

DARKEN = LAYER_MODES.index(BlendMode.DARKEN)
MULTIPLY = LAYER_MODES.index(BlendMode.MULTIPLY)
COLOR_BURN = LAYER_MODES.index(BlendMode.COLOR_BURN)
LINEAR_BURN = LAYER_MODES.index(BlendMode.LINEAR_BURN)
LIGHTEN = LAYER_MODES.index(BlendMode.LIGHTEN)
SCREEN = LAYER_MODES.index(BlendMode.SCREEN)
COLOR_DODGE = LAYER_MODES.index(BlendMode.COLOR_DODGE)
LINEAR_DODGE = LAYER_MODES.index(BlendMode.LINEAR_DODGE)
OVERLAY = LAYER_MODES.index(BlendMode.OVERLAY)
SOFT_LIGHT = LAYER_MODES.index(BlendMode.SOFT_LIGHT)
HARD_LIGHT = LAYER_MODES.index(BlendMode.HARD_LIGHT)
VIVID_LIGHT = LAYER_MODES.index(BlendMode.VIVID_LIGHT)
LINEAR_LIGHT = LAYER_MODES.index(BlendMode.LINEAR_LIGHT)
PIN_LIGHT = LAYER_MODES.index(BlendMode.PIN_LIGHT)
HARD_MIX = LAYER_MODES.index(BlendMode.HARD_MIX)
DIFFERENCE = LAYER_MODES.index(BlendMode.DIFFERENCE)
EXCLUSION = LAYER_MODES.index(BlendMode.EXCLUSION)
SUBTRACT = LAYER_MODES.index(BlendMode.SUBTRACT)
DIVIDE = LAYER_MODES.index(BlendMode.DIVIDE)
DARKER_COLOR = LAYER_MODES.index(BlendMode.DARKER_COLOR)
LIGHTER_COLOR = LAYER_MODES.index(BlendMode.LIGHTER_COLOR)
HUE = LAYER_MODES.index(BlendMode.HUE)
SATURATION = LAYER_MODES.index(BlendMode.SATURATION)
COLOR = LAYER_MODES.index(BlendMode.COLOR)
LUMINOSITY = LAYER_MODES.index(BlendMode.LUMINOSITY)


@compiled
def mix_colours(mode: int, row: Row, count: int) -> None:  # noqa: C901, PLR0912, PLR0915
    """The loop of a mode's number in LAYER_MODES; none for Normal and Dissolve.

    Written out, because functions that call one another in a chain take the compiler much longer.
    """
    if mode == DARKEN:
        mix_darken(row, count)
    elif mode == MULTIPLY:
        mix_multiply(row, count)
    elif mode == COLOR_BURN:
        mix_color_burn(row, count)
    elif mode == LINEAR_BURN:
        mix_linear_burn(row, count)
    elif mode == LIGHTEN:
        mix_lighten(row, count)
    elif mode == SCREEN:
        mix_screen(row, count)
    elif mode == COLOR_DODGE:
        mix_color_dodge(row, count)
    elif mode == LINEAR_DODGE:
        mix_linear_dodge(row, count)
    elif mode == OVERLAY:
        mix_overlay(row, count)
    elif mode == SOFT_LIGHT:
        mix_soft_light(row, count)
    elif mode == HARD_LIGHT:
        mix_hard_light(row, count)
    elif mode == VIVID_LIGHT:
        mix_vivid_light(row, count)
    elif mode == LINEAR_LIGHT:
        mix_linear_light(row, count)
    elif mode == PIN_LIGHT:
        mix_pin_light(row, count)
    elif mode == HARD_MIX:
        mix_hard_mix(row, count)
    elif mode == DIFFERENCE:
        mix_difference(row, count)
    elif mode == EXCLUSION:
        mix_exclusion(row, count)
    elif mode == SUBTRACT:
        mix_subtract(row, count)
    elif mode == DIVIDE:
        mix_divide(row, count)
    elif mode == DARKER_COLOR:
        mix_darker_color(row, count)
    elif mode == LIGHTER_COLOR:
        mix_lighter_color(row, count)
    elif mode == HUE:
        mix_hue(row, count)
    elif mode == SATURATION:
        mix_saturation(row, count)
    elif mode == COLOR:
        mix_color(row, count)
    elif mode == LUMINOSITY:
        mix_luminosity(row, count)
