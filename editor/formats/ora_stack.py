"""`stack.xml`, the layer tree of OpenRaster files: written from a document, read from anyone's.

Attributes follow OpenRaster 0.0.6. What it has no words for (masks, recipes, text, guides) is not
here: our own manifest keeps it.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from xml.parsers import expat
from xml.sax.saxutils import XMLGenerator
from xml.sax.xmlreader import AttributesImpl

from editor.document.blending import BlendMode
from editor.document.layers import GroupLayer, Layer, RasterLayer
from editor.document.state import DocumentState
from editor.formats.ora_modes import CLIPPED, blend_mode, composite_op
from editor.translations import tr

MAX_NODES = 20_000
MAX_DEPTH = 100
_VERSION = "0.0.6"


class StackError(Exception):
    """Why a stack cannot be read, as the end of a sentence that begins with the file's name."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A picture member and where its top left pixel lies in the document."""

    member: str
    x: int
    y: int


@dataclass(slots=True)
class StackNode:
    """One layer or group as the file describes it.

    Attributes:
        children: Top to bottom, as in the file; None for a layer.
        unknown_op: A blend mode that is not known here; empty = none.
    """

    name: str
    opacity: float
    visible: bool
    locked: bool
    clipped: bool
    blend_mode: BlendMode
    picture: Placed | None = None
    children: list[StackNode] | None = None
    unknown_op: str = ""


@dataclass(slots=True)
class Stack:
    """A whole `stack.xml`: size in pixels, pixels per inch (None = not given), root nodes."""

    width: int
    height: int
    resolution_ppi: int | None
    nodes: list[StackNode] = field(default_factory=list)


# Writing


def write_stack(state: DocumentState, place: Callable[[RasterLayer], Placed]) -> bytes:
    """The file for a document; `place` names the picture that other programs shall show."""
    stream = io.StringIO()
    xml = XMLGenerator(stream, encoding="UTF-8", short_empty_elements=True)
    xml.startDocument()
    resolution = str(max(1, round(state.resolution_ppi)))
    attributes = {"version": _VERSION, "w": str(state.width), "h": str(state.height)}
    _start(xml, "image", attributes | {"xres": resolution, "yres": resolution})
    _start(xml, "stack", {})
    _write_layers(xml, state.layers, place)
    for name in ("stack", "image"):
        xml.endElement(name)
    return stream.getvalue().encode("utf-8")


def _write_layers(
    xml: XMLGenerator, layers: Sequence[Layer], place: Callable[[RasterLayer], Placed]
) -> None:
    for layer in reversed(layers):  # the topmost comes first
        attributes = _common(layer)
        if isinstance(layer, GroupLayer):
            passes = layer.blend_mode is BlendMode.PASS_THROUGH
            attributes["isolation"] = "auto" if passes else "isolate"
            _start(xml, "stack", attributes)
            _write_layers(xml, layer.children, place)
            xml.endElement("stack")
        elif isinstance(layer, RasterLayer):
            placed = place(layer)
            where = {"src": placed.member, "x": str(placed.x), "y": str(placed.y)}
            _start(xml, "layer", attributes | where)
            xml.endElement("layer")


def _common(layer: Layer) -> dict[str, str]:
    attributes = {
        "name": _clean(layer.name),
        "opacity": f"{layer.opacity:.6f}",
        "visibility": "visible" if layer.visible else "hidden",
        "composite-op": composite_op(layer.blend_mode, clipped=layer.clipped),
    }
    if layer.locked:
        attributes["edit-locked"] = "true"
    return attributes


def _start(xml: XMLGenerator, name: str, attributes: dict[str, str]) -> None:
    xml.startElement(name, AttributesImpl(attributes))


def _clean(text: str) -> str:
    """Without what XML cannot hold: half characters and the two non-characters."""
    return "".join(c for c in text if not ("\ud800" <= c <= "\udfff" or c in "\ufffe\uffff"))


# Reading


def read_stack(data: bytes) -> Stack:
    """A stack of any program. Raises StackError; entities are refused."""
    builder = _StackBuilder()
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = builder.refuse_entities
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, LookupError, ValueError) as error:  # the last two: its encoding
        raise StackError(tr("has a damaged layer list (stack.xml); open a backup of it")) from error
    if builder.stack is None:
        raise StackError(tr("has no picture in its layer list (stack.xml)"))
    return builder.stack


class _StackBuilder:
    """Collects nodes while the parser runs; other elements and their content are left out."""

    def __init__(self) -> None:
        self.stack: Stack | None = None
        self._open: list[list[StackNode] | None] = []  # children of each open element
        self._count = 0

    def refuse_entities(self, _name: str, _system: object, _public: object, has_own: bool) -> None:
        """A document type may be named, but not declare anything: entities can grow without end."""
        if has_own:
            raise StackError(tr("has a layer list that declares entities, which is not allowed"))

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > MAX_NODES or len(self._open) > MAX_DEPTH:
            raise StackError(tr("has more layers or deeper groups than this version reads"))
        self._open.append(self._children(name, attributes))

    def end(self, _name: str) -> None:
        self._open.pop()

    def _children(self, name: str, attributes: dict[str, str]) -> list[StackNode] | None:
        """The list that the element's own children go to; None = they are left out."""
        if name == "image" and not self._open:
            self.stack = _read_image(attributes)
            return self.stack.nodes
        parent = self._open[-1] if self._open else None
        if parent is None or self.stack is None:
            return None
        if name == "stack" and len(self._open) == 1:  # the root stack is the image itself
            return parent
        if name == "stack":
            node = _read_node(attributes)
            node.children = []
            if attributes.get("isolation", "auto") == "auto" and _is_plain_group(node):
                node.blend_mode = BlendMode.PASS_THROUGH
            parent.append(node)
            return node.children
        if name == "layer" and "src" in attributes:
            node = _read_node(attributes)
            node.picture = Placed(
                attributes["src"],
                _whole(attributes, "x", 0),
                _whole(attributes, "y", 0),
            )
            parent.append(node)
        return None


def _is_plain_group(node: StackNode) -> bool:
    """The specification isolates every group with a mode or an opacity of its own."""
    return node.blend_mode is BlendMode.NORMAL and node.opacity == 1 and not node.clipped


def _read_image(attributes: dict[str, str]) -> Stack:
    resolution = _whole(attributes, "xres", 0)
    return Stack(
        _whole(attributes, "w", None),
        _whole(attributes, "h", None),
        resolution if 0 < resolution < 100_000 else None,
    )


def _read_node(attributes: dict[str, str]) -> StackNode:
    name = attributes.get("composite-op", "svg:src-over")
    mode = blend_mode(name)
    return StackNode(
        name=attributes.get("name", ""),
        opacity=_opacity(attributes),
        visible=attributes.get("visibility", "visible") != "hidden",
        locked=attributes.get("edit-locked") == "true",
        clipped=name == CLIPPED,
        blend_mode=mode or BlendMode.NORMAL,
        unknown_op="" if mode else name,
    )


def _opacity(attributes: dict[str, str]) -> float:
    text = attributes.get("opacity", "1")
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise StackError(
            tr('has a layer whose opacity "{text}" is not from 0 to 1', text=text[:20])
        )
    return value


def _whole(attributes: dict[str, str], name: str, default: int | None) -> int:
    text = attributes.get(name)
    if text is None and default is not None:
        return default
    digits = (text or "").strip().removeprefix("-")
    if text is None or not (digits.isascii() and digits.isdigit() and len(digits) <= 9):
        raise StackError(
            tr(
                'has a layer list in which {name}="{text}" is no number',
                name=name,
                text=(text or "")[:20],
            )
        )
    return int(text)
