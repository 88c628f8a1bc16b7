"""XMP packets that carry one JSON text of ours: written by an XML writer, read without entities."""

from __future__ import annotations

import io
import json
from enum import StrEnum
from typing import Any
from xml.parsers import expat
from xml.sax.saxutils import XMLGenerator
from xml.sax.xmlreader import AttributesImpl

NAMESPACE = "urn:layerloom:xmp:1#"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_XMP = "http://ns.adobe.com/xap/1.0/"
_PACKET_ID = "W5M0MpCehiHzreSzNTczkc9d"  # XMP part 1, section 7.3.2: the same in every packet
_MAX_PACKET_BYTES = 32 * 1024 * 1024

# IPTC Photo Metadata Standard, "Digital Source Type": what says that a picture was generated.
_IPTC = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
_SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"

Json = dict[str, Any]


class Origin(StrEnum):
    """Terms of the IPTC's list."""

    GENERATED = "trainedAlgorithmicMedia"
    PARTLY_GENERATED = "compositeWithTrainedAlgorithmicMedia"


def write_packet(
    key: str | None, content: Json, creator: str, *, origin: Origin | None = None
) -> str:
    """An XMP packet whose property `layerloom:KEY` is `content` as ASCII-only JSON.

    Args:
        key: None = the packet says only who made the file, and `origin`.
        origin: Where the picture comes from; None = not said.
    """
    stream = io.StringIO()
    xml = XMLGenerator(stream, encoding="utf-8")
    stream.write(f'<?xpacket begin="\ufeff" id="{_PACKET_ID}"?>\n')
    _open(xml, "x:xmpmeta", {"xmlns:x": "adobe:ns:meta/"})
    _open(xml, "rdf:RDF", {"xmlns:rdf": _RDF})
    spaces = {"rdf:about": "", "xmlns:xmp": _XMP, "xmlns:layerloom": NAMESPACE}
    if origin is not None:
        spaces |= {"xmlns:Iptc4xmpExt": _IPTC}
    _open(xml, "rdf:Description", spaces)
    _property(xml, "xmp:CreatorTool", creator)
    if origin is not None:
        _property(xml, "Iptc4xmpExt:DigitalSourceType", _SOURCE_TYPES + origin)
    if key is not None:
        _property(xml, f"layerloom:{key}", json.dumps(content, sort_keys=True, ensure_ascii=True))
    for name in ("rdf:Description", "rdf:RDF", "x:xmpmeta"):
        xml.endElement(name)
    stream.write('\n<?xpacket end="w"?>')
    return stream.getvalue()


def read_packet(key: str, packet: str | bytes) -> Json | None:
    """The JSON that `write_packet` put there; None when it is absent or damaged.

    Foreign programs rewrite packets: the property may come back as an attribute, and the rest of
    the packet may hold anything. A packet with a document type is refused, and with it every
    trick with entities.
    """
    data = packet.encode("utf-8", "replace") if isinstance(packet, str) else packet
    if len(data) > _MAX_PACKET_BYTES:
        return None
    collector = _PropertyCollector(f"{NAMESPACE} {key}")
    try:
        collector.parse(data.strip(b"\0 \r\n\t"))
        content = json.loads(collector.text)
    except (expat.ExpatError, ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _open(xml: XMLGenerator, name: str, attributes: dict[str, str]) -> None:
    xml.startElement(name, AttributesImpl(attributes))


def _property(xml: XMLGenerator, name: str, text: str) -> None:
    _open(xml, name, {})
    xml.characters(text)
    xml.endElement(name)


class _PropertyCollector:
    """Gathers the text of one property, written as an element or as an attribute."""

    def __init__(self, name: str) -> None:
        self.text = ""
        self._name = name
        self._inside = False
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.buffer_text = True

    def parse(self, data: bytes) -> None:
        self._parser.Parse(data, True)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._inside = name == self._name
        if self._name in attributes and not self.text:
            self.text = attributes[self._name]

    def _end(self, name: str) -> None:
        if name == self._name:
            self._inside = False

    def _characters(self, text: str) -> None:
        if self._inside:
            self.text += text

    def _refuse(self, *_: object) -> None:
        raise ValueError("an XMP packet has no document type")
