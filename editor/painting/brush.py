"""What a brush is: size, hardness, opacity, flow, and what pressure does to them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Row = npt.NDArray[np.float64]

MIN_SIZE_PX, MAX_SIZE_PX = 1, 2000
LEAST_SHARE = 0.05  # of the size, at the lightest touch
LEAST_SPACING_PX = 0.5
STEPS_ACROSS = 8  # dabs on the length of one diameter


@dataclass(frozen=True)
class Brush:
    """A round brush; values out of range are brought into it.

    Attributes:
        size: Diameter in document pixels, 1 to 2000.
        hardness: Share of the radius that is fully covered, 0 to 1.
        opacity: What one stroke reaches at most, 0 to 1.
        flow: What one dab adds of what is missing to the brush's shape, 0 to 1; 1 = all at once.
        pressure_size, pressure_opacity: Whether pressing less makes it smaller, or fainter.
    """

    size: int = 24
    hardness: float = 0.8
    opacity: float = 1.0
    flow: float = 1.0
    pressure_size: bool = True
    pressure_opacity: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "size", min(max(self.size, MIN_SIZE_PX), MAX_SIZE_PX))
        for name, low in (("hardness", 0.0), ("opacity", 0.01), ("flow", 0.01)):
            object.__setattr__(self, name, min(max(getattr(self, name), low), 1.0))

    @property
    def opacity_level(self) -> int:
        """Opacity as 0..255."""
        return round(self.opacity * 255)

    def sizes(self, pressure: Row) -> Row:
        """Diameters at these pressures."""
        share = np.maximum(pressure, LEAST_SHARE) if self.pressure_size else np.ones_like(pressure)
        return np.asarray(self.size * share)

    def strengths(self, pressure: Row) -> Row:
        """How much of the opacity is reached at these pressures."""
        return pressure if self.pressure_opacity else np.ones_like(pressure)

    def spacing(self, sizes: Row) -> Row:
        """Distance from dab to dab for these diameters: an eighth of them."""
        return np.maximum(sizes / STEPS_ACROSS, LEAST_SPACING_PX)

    def larger(self) -> int:
        """The next size up, in steps that grow with the size."""
        return min(MAX_SIZE_PX, self.size + _step(self.size))

    def smaller(self) -> int:
        """The next size down."""
        return max(MIN_SIZE_PX, self.size - _step(self.size - 1))


def _step(size: int) -> int:
    for limit, step in ((10, 1), (50, 5), (100, 10), (300, 25), (600, 50)):
        if size < limit:
            return step
    return 100
