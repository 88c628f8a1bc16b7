"""What drawing over the picture depends on beside the items: colours, pixel ratio, font."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QFont

from editor.canvas.colors import CanvasColors

TAG_FONT_PX = 11


@dataclass(frozen=True, slots=True)
class OverlayStyle:
    """What the drawing depends on beside the items.

    Attributes:
        ratio: Device pixels per logical pixel.
        font: Font of the tags; its size is set here.
    """

    colors: CanvasColors
    ratio: float
    font: QFont

    def px(self, logical: float) -> int:
        """A length in device pixels, at least one."""
        return max(1, round(logical * self.ratio))

    def tag_font(self, logical_px: int = TAG_FONT_PX) -> QFont:
        """The font with a size in device pixels."""
        font = QFont(self.font)
        font.setPixelSize(self.px(logical_px))
        return font
