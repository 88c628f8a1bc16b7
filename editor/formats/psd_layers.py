"""The layers of a PSD as values: walks the flat list of records and rebuilds the tree.

What this program cannot draw stays a layer without pixels; a damaged channel is noted and the rest
opens.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from psd_tools.constants import ChannelID, ColorMode, Compression, Resource, SectionDivider, Tag
from psd_tools.psd import PSD
from psd_tools.psd.layer_and_mask import ChannelDataList, LayerRecord

from editor.document.errors import DocumentError
from editor.document.geometry import Corners, Rect
from editor.document.kept import KeptFeature, KeptLayer
from editor.document.layers import GroupLayer, Layer, RasterLayer
from editor.document.masks import CoverageBuffer, Mask
from editor.document.pixels import MAX_PIXELS, MAX_SIDE_PX, PixelBuffer
from editor.formats.memory_limit import max_pixel_bytes
from editor.formats.provenance import LayerFacts, read_layer_packet, restore_record
from editor.formats.psd_colors import DEPTHS, ColorSpace, Values, to_coverage
from editor.formats.psd_features import features_of
from editor.formats.psd_fills import Drawn, draw_fill, draw_path
from editor.formats.psd_look import is_expanded, look_of_record, name_of
from editor.formats.psd_masks import read_mask, stored_mask
from editor.formats.psd_planes import Rgba, decode_plane, pixel_hash
from editor.formats.psd_records import divider_of, metadata_of
from editor.formats.waiting import Progress
from editor.translations import mark, tr

MAX_GROUP_DEPTH = 64
FLAT_RECORD = -1  # `KeptLayer.record` of the one layer of a file without layers
_PARSED = 0.2  # share of the work that is done before the first layer is unpacked
_ALPHA = ChannelID.TRANSPARENCY_MASK
_CHANNEL_NAMES = {
    ColorMode.RGB: (mark("red"), mark("green"), mark("blue")),
    ColorMode.CMYK: (mark("cyan"), mark("magenta"), mark("yellow"), mark("black")),
    ColorMode.LAB: (mark("lightness"), mark("a"), mark("b")),
}


class Unreadable(Exception):
    """Why a file is refused, as the end of a sentence that begins with its name."""


@dataclass
class Node:
    """A layer of the file, before it has its id."""

    index: int  # into Parser.found
    place: int  # of its record
    record: LayerRecord
    features: tuple[KeptFeature, ...]
    mask: Mask | None
    drawn: Drawn | None = None  # None = group
    children: list[Node] = field(default_factory=list)
    lower_place: int | None = None


@dataclass
class Parser:
    """Reads the records, bottom to top.

    Attributes:
        found: What identifies each layer, in the order of the file.
        damage: A sentence for each channel that could not be read.
    """

    psd: PSD
    found: list[LayerFacts] = field(default_factory=list)
    roots: list[Node] = field(default_factory=list)
    damage: list[str] = field(default_factory=list)
    pixel_bytes: int = 0
    max_bytes: int = field(default_factory=max_pixel_bytes)
    progress: Progress | None = None

    def __post_init__(self) -> None:
        self.header = self.psd.header
        self.space = space_of(self.psd)
        self.canvas = Rect(0, 0, self.header.width, self.header.height)

    @property
    def features(self) -> set[KeptFeature]:
        """All that occurs."""
        waiting, found = list(self.roots), set[KeptFeature]()
        while waiting:
            node = waiting.pop()
            found.update(node.features)
            waiting += node.children
        return found

    def read_layers(self) -> None:
        """Fill `found` and `roots`; raises Unreadable."""
        open_groups: list[tuple[int | None, list[Node]]] = [(None, self.roots)]
        entries = list(entries_of(self.psd))
        for place, (record, channels) in enumerate(entries):
            if self.progress is not None:
                self.progress(_PARSED + (1 - _PARSED) * place / len(entries))
            kind, _ = divider_of(record)
            if kind is SectionDivider.BOUNDING_SECTION_DIVIDER:
                if len(open_groups) > MAX_GROUP_DEPTH:
                    raise Unreadable(
                        tr("has more than {limit} groups in one another.", limit=MAX_GROUP_DEPTH)
                    )
                open_groups.append((place, []))
            elif kind is not None:
                if len(open_groups) < 2:
                    raise Unreadable(tr("is damaged: a group ends that never began."))
                lower, children = open_groups.pop()
                node = self._group(place, record, channels)
                node.children, node.lower_place = children, lower
                open_groups[-1][1].append(node)
            else:
                open_groups[-1][1].append(self._raster(place, record, channels))
        if len(open_groups) != 1:
            raise Unreadable(tr("is damaged: a group begins that never ends."))

    def tree(self, facts: Sequence[LayerFacts], kept_file: str = "") -> tuple[Layer, ...]:
        """The document's layers.

        Args:
            facts: Those of `found` with the final ids and records.
            kept_file: Digest of the kept file; empty = layers need not know their records.
        """
        return tuple(self._layer(node, facts, kept_file) for node in self.roots)

    def _layer(self, node: Node, facts: Sequence[LayerFacts], kept_file: str) -> Layer:
        known = facts[node.index]
        look = look_of_record(node.record, node.features)
        common: dict[str, Any] = {
            "name": known.name,
            "opacity": look.opacity / 255,
            "blend_mode": look.blend_mode,
            "visible": look.visible,
            "locked": look.locked,
            "clipped": look.clipped,
            "color_tag": look.color_tag,
            "mask": node.mask,
            "layer_id": known.layer_id,  # match_layers gives every layer one
        }
        if kept_file:
            common["kept"] = KeptLayer(
                file=kept_file,
                record=node.place,
                lower_record=node.lower_place,
                offset=(0, 0) if node.drawn is None else node.drawn.offset,
                pixel_hash=known.pixel_hash or "",
                mask_hash=known.mask or "",
                features=node.features,
            )
        if node.drawn is None:
            children = tuple(self._layer(child, facts, kept_file) for child in node.children)
            return GroupLayer(children=children, expanded=is_expanded(node.record), **common)
        layer = RasterLayer(pixels=node.drawn.pixels, offset=node.drawn.offset, **common)
        return restore_record(known.record, layer, known.pixel_hash or "")

    def _group(self, place: int, record: LayerRecord, channels: ChannelDataList) -> Node:
        mask = self._mask(record, channels)
        index = self._note(record, None, None, mask)
        return Node(index, place, record, features_of(record), mask)

    def _raster(self, place: int, record: LayerRecord, channels: ChannelDataList) -> Node:
        features = features_of(record)
        drawn = None
        if record.width == 0 or record.height == 0:
            drawn = draw_fill(record, self.canvas) if features else None
        if drawn is None:
            pixels = PixelBuffer.from_array(self._decode(record, channels), copy=False)
            drawn = Drawn(pixels, (record.left, record.top))
        else:
            self._count(4 * drawn.pixels.width * drawn.pixels.height)
        mask = self._mask(record, channels, is_drawn=drawn.pixels.size != (1, 1))
        box = (record.left, record.top, record.right, record.bottom)
        index = self._note(record, box, pixel_hash(drawn.pixels), mask)
        return Node(index, place, record, features, mask, drawn)

    def _decode(self, record: LayerRecord, channels: ChannelDataList) -> Rgba:
        """Straight RGBA, h w 4, at least 1 x 1."""
        width, height = record.width, record.height
        data = {info.id: channel for info, channel in zip(record.channel_info, channels)}  # noqa: B905
        colours = [ChannelID(index) for index in range(self.space.channels)]
        if width == 0 or height == 0 or not any(each in data for each in colours):
            return np.zeros((1, 1, 4), np.uint8)
        if max(width, height) > MAX_SIDE_PX or width * height > MAX_PIXELS:
            raise Unreadable(
                tr(
                    'has a layer "{name}" of {width} x {height} px, too large to open.',
                    name=name_of(record),
                    width=width,
                    height=height,
                )
            )
        self._count(width * height * 4)
        planes = [self._plane(record, data.get(each), each) for each in colours]
        rgba = np.full((height, width, 4), 255, np.uint8)
        try:
            rgba[..., :3] = self.space.to_rgb(planes)
        except ValueError as error:
            raise Unreadable(tr("is damaged: its color table is missing.")) from error
        if _ALPHA in data:
            alpha = self._plane(record, data[_ALPHA], _ALPHA)
            rgba[..., 3] = to_coverage(alpha)
        return rgba

    def _plane(self, record: LayerRecord, channel: Any, channel_id: ChannelID) -> Values:
        """One channel; when it is damaged, black or opaque, and a sentence in `damage`."""
        width, height, depth = record.width, record.height, self.space.depth
        try:
            if channel is None:
                raise ValueError("the channel is missing")
            return decode_plane(
                channel.data, channel.compression, width, height, self.header.version, depth=depth
            )
        except ValueError:
            self._tell_damage(record, self._channel_name(channel_id))
            value = 255 if channel_id is _ALPHA else 0
            return np.full((height, width), value, np.uint8)

    def _channel_name(self, channel_id: ChannelID) -> str:
        if channel_id is _ALPHA:
            return tr("transparency")
        names = _CHANNEL_NAMES.get(self.space.mode, (mark("gray"),))
        return tr(names[channel_id.value]) if channel_id.value < len(names) else str(channel_id)

    def _tell_damage(self, record: LayerRecord, channel: str) -> None:
        text = tr(
            'The channel "{channel}" of the layer "{name}" is damaged; the rest was opened.',
            channel=channel,
            name=name_of(record),
        )
        self.damage.append(text)

    def _mask(
        self, record: LayerRecord, channels: ChannelDataList, *, is_drawn: bool = True
    ) -> Mask | None:
        data = record.mask_data
        if data is not None:
            self._count(max(0, data.width * data.height))
        try:
            mask = read_mask(record, channels, self.header.version, self.canvas, self.space.depth)
            if mask is None and is_drawn and KeptFeature.MASK in features_of(record):
                return self._path_mask(record)
        except (DocumentError, IndexError, ValueError, TypeError):
            self._tell_damage(record, tr("mask"))
            return None
        return mask

    def _path_mask(self, record: LayerRecord) -> Mask | None:
        """A vector mask as pixels, for layers whose file has no pixels of it."""
        path = draw_path(record, self.canvas)
        if path is None:
            return None
        if path.box.is_empty:
            return Mask(coverage=CoverageBuffer.filled(1, 1, 0))
        coverage = CoverageBuffer.from_array(path.coverage, copy=False)
        return Mask(coverage=coverage, offset=(path.box.x0, path.box.y0))

    def _count(self, size: int) -> None:
        self.pixel_bytes += size
        if self.pixel_bytes > self.max_bytes:
            raise Unreadable(tr("has more pixels than can be opened; merge or crop some layers."))

    def _note(
        self, record: LayerRecord, box: Corners | None, content_hash: str | None, mask: Mask | None
    ) -> int:
        number: Any = record.tagged_blocks.get_data(Tag.LAYER_ID)
        layer_id, known = read_layer_packet(metadata_of(record))
        print_of_mask = None if mask is None else stored_mask(mask).fingerprint
        facts = LayerFacts(
            layer_id, number, name_of(record), box, content_hash, known, print_of_mask
        )
        self.found.append(facts)
        return len(self.found) - 1


def entries_of(psd: PSD) -> Iterator[tuple[LayerRecord, ChannelDataList]]:
    """Records and channels bottom to top; deep files keep them in a block of their own."""
    blocks: Any = psd.layer_and_mask_information.tagged_blocks
    info = psd.layer_and_mask_information.layer_info
    if blocks is not None and not (info and info.layer_records):
        info = blocks.get_data(Tag.LAYER_16) or blocks.get_data(Tag.LAYER_32) or info
    if info is not None:
        yield from zip(info.layer_records, info.channel_image_data, strict=True)


def space_of(psd: PSD) -> ColorSpace:
    """How the file's values are meant. Raises Unreadable."""
    depth, profile = psd.header.depth, psd.image_resources.get_data(Resource.ICC_PROFILE)
    if depth not in DEPTHS:
        raise Unreadable(tr("has {depth} bits in each channel, which is not known.", depth=depth))
    return ColorSpace(
        ColorMode(psd.header.color_mode),
        depth,
        bytes(psd.color_mode_data.value or b""),
        profile if isinstance(profile, bytes) else None,
    )


def background_of(psd: PSD, kept_file: str) -> RasterLayer:
    """The merged image of a file without layers, as one opaque layer. Raises Unreadable."""
    header, space = psd.header, space_of(psd)
    if header.channels < space.channels:
        raise Unreadable(tr("is damaged: its picture has too few channels."))
    merged = psd.image_data
    try:
        planes = decode_plane(
            merged.data,
            Compression(merged.compression),
            header.width,
            header.height * header.channels,
            header.version,
            depth=space.depth,
        ).reshape(header.channels, header.height, header.width)
        rgb = np.ascontiguousarray(space.to_rgb(list(planes[: space.channels])))
    except ValueError as error:
        raise Unreadable(tr("is damaged in its picture; get another copy.")) from error
    pixels = PixelBuffer.from_array(rgb)
    kept = KeptLayer(kept_file, FLAT_RECORD, pixel_hash=pixel_hash(pixels)) if kept_file else None
    return RasterLayer(name=tr("Background"), pixels=pixels, layer_id="psd-1", kept=kept)
