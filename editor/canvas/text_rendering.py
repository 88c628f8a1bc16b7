"""Sets text with Qt: what it looks like, and where each character stands."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QFontInfo,
    QFontMetricsF,
    QImage,
    QPainter,
    QTextLayout,
)

from editor.canvas.utf16 import characters, units
from editor.document.geometry import Rect
from editor.document.pixels import PixelBuffer, RgbaArray
from editor.document.text import TextAlignment, TextContent
from editor.tools.text_setting import Caret, SetText

_SAME_COLOR = 3  # levels; more means that the font has colours of its own


@dataclass(frozen=True)
class _Line:
    """One line of text as Qt sets it, in units of the font's whole pixel size.

    Attributes:
        start: Place of its first character in the text.
        x, top: Where it lies in the document.
    """

    layout: QTextLayout
    start: int
    length: int
    x: float
    top: float


class QtTextSetter:
    """Sets texts; the only place that knows fonts."""

    def set(self, content: TextContent) -> SetText:
        """A text ready to be drawn and measured."""
        return _QtSetText(content)

    def missing_family(self, content: TextContent) -> str:
        """Name of the family that is drawn instead; empty when the font is there."""
        if content.family in QFontDatabase.families():
            return ""
        return QFontInfo(_font(content)[0]).family()


def _font(content: TextContent) -> tuple[QFont, float]:
    """The font in whole pixels, as Qt wants it, and what is left to scale by."""
    font = QFont(content.family)
    whole = max(1, round(content.size_px))
    font.setPixelSize(whole)
    font.setBold(content.bold)
    font.setItalic(content.italic)
    # Glyphs must not depend on the grid: the same text looks the same at every place and size.
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    font.setStyleStrategy(QFont.StyleStrategy.PreferAntialias)
    return font, content.size_px / whole


class _QtSetText:
    def __init__(self, content: TextContent) -> None:
        self._content = content
        self._font, self._scale = _font(content)
        metrics = QFontMetricsF(self._font)
        self._ascent = metrics.ascent() * self._scale
        self._descent = metrics.descent() * self._scale
        self._step = metrics.lineSpacing() * self._scale * content.line_height
        self._lines = self._set_lines()

    def _set_lines(self) -> list[_Line]:
        lines, start = [], 0
        x, baseline = self._content.anchor
        for number, text in enumerate(self._content.text.split("\n")):
            layout = QTextLayout(text, self._font)
            layout.setCacheEnabled(True)
            layout.beginLayout()
            line = layout.createLine()
            line.setNumColumns(max(1, len(text)))  # never wrapped
            line.setPosition(QPointF(0, 0))
            layout.endLayout()
            width = line.naturalTextWidth() * self._scale
            share = {TextAlignment.LEFT: 0.0, TextAlignment.CENTER: 0.5, TextAlignment.RIGHT: 1.0}
            left = x - width * share[self._content.alignment]
            top = baseline + number * self._step - self._ascent
            lines.append(_Line(layout, start, len(text), left, top))
            start += len(text) + 1
        return lines

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Around the lines, from ascent to descent."""
        widths = [line.layout.lineAt(0).naturalTextWidth() * self._scale for line in self._lines]
        left = min(line.x for line in self._lines)
        right = max(line.x + width for line, width in zip(self._lines, widths, strict=True))
        bottom = self._lines[-1].top + self._ascent + self._descent
        return left, self._lines[0].top, right, bottom

    def caret(self, position: int) -> Caret:
        line = self._line_of(position)
        unit = units(line.layout.text(), position - line.start)
        found: Any = line.layout.lineAt(0).cursorToX(unit)  # a pair, says the binding's code
        x = line.x + float(found[0]) * self._scale
        return Caret(x, line.top, line.top + self._ascent + self._descent)

    def position_at(self, x: float, y: float) -> int:
        number = math.floor((y - self._lines[0].top) / self._step) if self._step > 0 else 0
        line = self._lines[min(max(0, number), len(self._lines) - 1)]
        unit = line.layout.lineAt(0).xToCursor((x - line.x) / self._scale)
        return line.start + characters(line.layout.text(), unit)

    def marks(self, start: int, end: int) -> tuple[tuple[float, float, float, float], ...]:
        found = []
        for line in self._lines:
            first, last = max(start, line.start), min(end, line.start + line.length)
            if first > last or (first == last and not (start < line.start + line.length < end)):
                continue
            a, b = self.caret(first), self.caret(last)
            x0, x1 = min(a.x, b.x), max(a.x, b.x)
            if end > line.start + line.length:  # the end of the line is marked as well
                x1 += 0.25 * self._content.size_px
            found.append((x0, a.top, x1, a.bottom))
        return tuple(found)

    def draw(self) -> tuple[PixelBuffer, tuple[int, int]]:
        x0, y0, x1, y1 = self.box
        # Slanted and decorated glyphs reach over their boxes.
        margin = math.ceil(self._content.size_px * 0.5) + 2
        rect = Rect(
            math.floor(x0) - margin,
            math.floor(y0) - margin,
            math.ceil(x1) + margin,
            math.ceil(y1) + margin,
        )
        image = QImage(rect.width, rect.height, QImage.Format.Format_RGBA8888_Premultiplied)
        image.fill(0)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        painter.setPen(QColor(*self._content.color[:3]))
        for line in self._lines:
            painter.save()
            painter.translate(line.x - rect.x0, line.top - rect.y0)
            painter.scale(self._scale, self._scale)
            line.layout.draw(painter, QPointF(0, 0))
            painter.restore()
        painter.end()
        buffer = PixelBuffer.from_array(_straight(image, self._content.color), copy=False)
        box = buffer.alpha_box
        if box.is_empty:
            return PixelBuffer.transparent(1, 1), (round(x0), round(y0))
        return buffer.crop(box), (rect.x0 + box.x0, rect.y0 + box.y0)

    def _line_of(self, position: int) -> _Line:
        return next(line for line in reversed(self._lines) if position >= line.start)


def _straight(image: QImage, color: tuple[int, int, int, int]) -> RgbaArray:
    """Straight values, exactly in the colour of the text unless glyphs bring their own."""
    flat = np.frombuffer(image.constBits(), np.uint8)
    rows = flat.reshape(image.height(), image.bytesPerLine() // 4, 4)[:, : image.width()]
    pixels = rows.copy()
    solid = pixels[..., 3] == 255
    own = np.abs(pixels[solid][:, :3].astype(np.int16) - color[:3]).max(initial=0) > _SAME_COLOR
    if own:
        straight = image.convertToFormat(QImage.Format.Format_RGBA8888)
        flat = np.frombuffer(straight.constBits(), np.uint8)
        pixels = flat.reshape(image.height(), straight.bytesPerLine() // 4, 4)
        pixels = pixels[:, : image.width()].copy()
    else:
        pixels[..., :3] = np.where(pixels[..., 3:] > 0, np.array(color[:3], np.uint8), 0)
    if color[3] < 255:
        pixels[..., 3] = (pixels[..., 3].astype(np.uint16) * color[3] + 127) // 255
    return pixels
