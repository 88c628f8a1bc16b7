"""Sets text with Qt: what it looks like, and where each character stands."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QFontInfo,
    QFontMetricsF,
    QImage,
    QPainter,
    QTextLayout,
    QTransform,
)

from editor.canvas.utf16 import characters, units
from editor.document import affine
from editor.document.affine import Matrix
from editor.document.geometry import Rect
from editor.document.pixels import PixelBuffer, RgbaArray, check_size
from editor.document.text import UPRIGHT, DrawnText, TextAlignment, TextContent
from editor.tools.text_setting import Caret, SetText

Offset = tuple[int, int]

_COLOR_TABLES = ("CBDT", "COLR", "SVG ", "sbix")  # of fonts whose glyphs are pictures
_SAME_COLOR = 3  # levels; more means that the font has colours of its own


@dataclass(frozen=True)
class _Line:
    """One line of text as Qt sets it, in units of the font's whole pixel size.

    Attributes:
        start: Place of its first character in the text.
        x, top: Where it lies when the text is set upright.
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

    def draw(self) -> DrawnText:
        matrix = self._content.to_document
        if affine.is_upright(matrix):
            return DrawnText(*self._drawn(matrix))
        source, (x, y) = self._drawn(affine.IDENTITY)
        placed = affine.compose(matrix, affine.translation(x, y))
        # Exactly where the source, drawn through the map, would lie: transforming goes on from it.
        box = affine.mapped_rect(placed, source.bounds)
        return DrawnText(self._painted(matrix, box), (box.x0, box.y0), source, placed)

    def _drawn(self, matrix: Matrix) -> tuple[PixelBuffer, Offset]:
        """What can be seen of the text through a map that does not turn it, and its offset."""
        x0, y0, x1, y1 = self.box
        # Slanted and decorated glyphs reach over their boxes.
        margin = math.ceil(self._content.size_px * 0.5) + 2
        around = x0 - margin, y0 - margin, x1 + margin, y1 + margin
        x0, y0, x1, y1 = affine.box_around(affine.corners(matrix, around))
        rect = Rect(math.floor(x0), math.floor(y0), math.ceil(x1), math.ceil(y1))
        buffer = self._painted(matrix, rect)
        box = buffer.alpha_box
        if box.is_empty:
            return PixelBuffer.transparent(1, 1), (round(x0) + margin, round(y0) + margin)
        return buffer.crop(box), (rect.x0 + box.x0, rect.y0 + box.y0)

    def _painted(self, matrix: Matrix, rect: Rect) -> PixelBuffer:
        """What a rectangle of the document shows of the text through a map."""
        check_size(*rect.size)
        image = QImage(rect.width, rect.height, QImage.Format.Format_RGBA8888_Premultiplied)
        image.fill(0)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        painter.setPen(QColor(*self._content.color[:3]))
        to_image = affine.compose(affine.translation(-rect.x0, -rect.y0), matrix)
        for line in self._lines:
            place = affine.compose(to_image, affine.translation(line.x, line.top))
            if self._content.linear == UPRIGHT:
                painter.setTransform(_qt(place))
                painter.scale(self._scale, self._scale)
                line.layout.draw(painter, QPointF(0, 0))
            else:
                painter.setTransform(_qt(_settled(place)))
                painter.scale(self._scale, self._scale)
                _draw_outlines(painter, line.layout)
        painter.end()
        return PixelBuffer.from_array(_straight(image, self._content.color), copy=False)

    def _line_of(self, position: int) -> _Line:
        return next(line for line in reversed(self._lines) if position >= line.start)


def _settled(place: Matrix) -> Matrix:
    """On 1/256 pixels, so that a text that is moved by whole pixels stays the same."""
    a, b, c, d, e, f = place
    return a, b, round(c * 256) / 256, d, e, round(f * 256) / 256


def _qt(matrix: Matrix) -> QTransform:
    a, b, c, d, e, f = matrix
    return QTransform(a, d, b, e, c, f)  # Qt writes points as rows


def _draw_outlines(painter: QPainter, layout: QTextLayout) -> None:
    """A line by the outlines of its glyphs.

    Qt puts glyphs that it draws as text on whole pixels; in turned lines they would dance.
    """
    for run in layout.glyphRuns():
        font = run.rawFont()
        if any(font.fontTable(table) for table in _COLOR_TABLES):
            painter.drawGlyphRun(QPointF(0, 0), run)
            continue
        for glyph, place in zip(run.glyphIndexes(), run.positions(), strict=True):
            outline = font.pathForGlyph(glyph).translated(place)
            outline.setFillRule(Qt.FillRule.WindingFill)
            painter.fillPath(outline, painter.pen().color())


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
