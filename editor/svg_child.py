"""The process that draws an SVG: `python -m editor.svg_child WIDTH HEIGHT`, the file as its input.

Width and height are the largest size. What comes out is the size in pixels as two 32-bit numbers,
little end first, then straight RGBA rows. Nothing outside the file is ever read: references to
anything but a part of the same file or a picture inside it are left out before it is drawn.
"""

from __future__ import annotations

import base64
import binascii
import os
import struct
import sys

from PySide6.QtCore import (
    QBuffer,
    QByteArray,
    QIODevice,
    QRectF,
    Qt,
    QXmlStreamReader,
    QXmlStreamWriter,
)
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

DAMAGED = 2  # exit status
EMPTY = 3  # exit status: nothing is to be seen
_MEMORY_BYTES = 4 * 2**30
_CPU_SECONDS = 30
# PNG, JPEG, GIF and WebP; an SVG within the SVG would be drawn without these precautions.
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF")
_Token = QXmlStreamReader.TokenType


def without_outside(data: bytes) -> bytes:
    """The SVG without references out of it, document types, and processing instructions.

    Raises ValueError for what is no XML; entities that grow beyond Qt's limit count as that.
    """
    source, text = QBuffer(), QBuffer()
    source.setData(QByteArray(data))
    source.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QXmlStreamReader(source)
    reader.setNamespaceProcessing(False)
    text.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QXmlStreamWriter(text)
    while not reader.atEnd():
        kind = reader.readNext()
        if kind is _Token.StartElement:
            _copy_element(reader, writer)
        elif kind is _Token.EndElement:
            writer.writeEndElement()
        elif kind is _Token.Characters:
            writer.writeCharacters(reader.text())
    if reader.hasError():
        raise ValueError(reader.errorString())
    return bytes(text.data().data())


def _copy_element(reader: QXmlStreamReader, writer: QXmlStreamWriter) -> None:
    found = reader.attributes()
    every = [found.at(number) for number in range(found.size())]
    attributes = [(str(one.qualifiedName()), str(one.value())) for one in every]
    inside = [pair for pair in attributes if _is_inside(*pair)]
    name = str(reader.qualifiedName())
    if name.rpartition(":")[2] == "image" and len(inside) < len(attributes):
        reader.skipCurrentElement()
        return
    writer.writeStartElement(name)
    for key, value in inside:
        writer.writeAttribute(key, value)


def _is_inside(key: str, value: str) -> bool:
    if key.rpartition(":")[2] not in {"href", "src"}:
        return True
    head, _, content = value.strip().partition(",")
    if not head.startswith("data:") or not head.endswith(";base64"):
        return head.startswith("#")
    try:
        return base64.b64decode(content).startswith(_PICTURES)
    except binascii.Error:
        return False


def draw(data: bytes, width: int, height: int) -> QImage | None:
    """The picture at its own size, smaller where it would pass the largest; None = no SVG."""
    renderer = QSvgRenderer(QByteArray(data))
    size = renderer.defaultSize()
    if not renderer.isValid() or size.isEmpty():
        return None
    share = min(1.0, width / size.width(), height / size.height())
    image = QImage(
        max(1, round(size.width() * share)),
        max(1, round(size.height() * share)),
        QImage.Format.Format_ARGB32_Premultiplied,
    )
    image.fill(Qt.GlobalColor.transparent)
    renderer.setAspectRatioMode(Qt.AspectRatioMode.KeepAspectRatio)
    painter = QPainter(image)
    renderer.render(painter, QRectF(image.rect()))
    painter.end()
    return image.convertToFormat(QImage.Format.Format_RGBA8888)


def main(words: list[str]) -> int:
    """Draws one file and ends."""
    _limit_process()
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    app = QGuiApplication([])  # texts need its fonts
    try:
        image = draw(without_outside(sys.stdin.buffer.read()), int(words[0]), int(words[1]))
    except ValueError:
        return DAMAGED
    finally:
        del app
    if image is None:
        return DAMAGED
    pixels = bytes(image.constBits())
    if not any(pixels[3::4]):
        return EMPTY
    sys.stdout.buffer.write(struct.pack("<II", image.width(), image.height()) + pixels)
    return 0


def _limit_process() -> None:
    try:
        import resource
    except ImportError:  # Windows; the parent ends what takes too long
        return
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
