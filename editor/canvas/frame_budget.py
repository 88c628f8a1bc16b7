"""How much of a change fits into a frame: exactly, as a draft, or as a coarser draft.

The worker tells what pixels cost it, in processor time, so that a busy machine does not count as
slow layers; the interface thread asks what it can afford. Plain numbers, no locks needed.
"""

from __future__ import annotations

EXACT_S = 0.003  # exact tiles cost the interface thread as much again
DRAFT_S = 0.006  # of 1/60 s, which painting and the rest of the program need as well
FINER_SHARE = 0.6  # a finer draft must fit this well, or levels would alternate
MAX_DROP = 3  # levels that a draft may be coarser than the screen
MIN_AREA = 96 * 96  # smaller pieces tell nothing about the cost of pixels
OVERHEAD_S = 0.0002  # of a piece, whatever its size

# Before anything was measured, for each pixel: by the layers that are drawn anew.
_BASE_NS, _LAYER_NS = 1.0, 2.5
_EXACT_EXTRA_NS = 4.0  # float planes in memory
_ENLARGE_NS = 1.3  # to bring a coarser draft to the size of the screen
# Of a new measurement. What takes longer is often met once only, as reduced pictures of a layer.
_WEIGHT_LESS, _WEIGHT_MORE = 0.4, 0.15


class FrameBudget:
    """What pixels have cost lately, and what follows from it.

    Attributes:
        exact_ns: Processor time for a level pixel of an exact tile that is made again.
        draft_ns: The same for a pixel of a draft's own level.
    """

    def __init__(self) -> None:
        self.exact_ns = _BASE_NS + _LAYER_NS + _EXACT_EXTRA_NS
        self.draft_ns = _BASE_NS + _LAYER_NS
        self._expected: object = None

    def expect(self, what: object, layers: int) -> None:
        """Other layers will be edited, named by `what`: so many must be drawn for each frame."""
        if what != self._expected:
            self._expected = what
            self.draft_ns = _BASE_NS + _LAYER_NS * layers
            self.exact_ns = self.draft_ns + _EXACT_EXTRA_NS

    def note_exact(self, area: int, seconds: float) -> None:
        """Exact pixels were made again."""
        if area >= MIN_AREA:
            self.exact_ns = _nearer(self.exact_ns, area, seconds)

    def note_draft(self, area: int, seconds: float) -> None:
        """Pixels of a draft were made, at its own level."""
        if area >= MIN_AREA:
            self.draft_ns = _nearer(self.draft_ns, area, seconds)

    def affords_exact(self, area: int) -> bool:
        """Whether so many level pixels can be exact in each frame."""
        return area * self.exact_ns <= EXACT_S * 1e9

    def drop(self, area: int, last: int = 0) -> int:
        """Levels, 0 to MAX_DROP, that a draft of so many screen-level pixels must be coarser.

        Args:
            last: Answer for the frame before; a finer one is given only with room to spare.
        """
        for drop in range(MAX_DROP):
            enlarging = _ENLARGE_NS * area if drop else 0.0
            cost = (self.draft_ns * area / 4**drop + enlarging) / 1e9
            if cost <= DRAFT_S * (FINER_SHARE if drop < last else 1.0):
                return drop
        return MAX_DROP


def _nearer(known_ns: float, area: int, seconds: float) -> float:
    """What a pixel costs after another measurement."""
    measured = max(0.0, seconds - OVERHEAD_S) * 1e9 / area
    weight = _WEIGHT_LESS if measured < known_ns else _WEIGHT_MORE
    return known_ns + weight * (measured - known_ns)
