"""Writes the sections of a PSD one after another: a file never lies in memory as a whole."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from psd_tools.psd.color_mode_data import ColorModeData
from psd_tools.psd.header import FileHeader
from psd_tools.psd.image_resources import ImageResources
from psd_tools.psd.layer_and_mask import GlobalLayerMaskInfo, LayerRecord
from psd_tools.psd.tagged_blocks import TaggedBlocks

from editor.formats.psd_packing import PSD, Packed, Piece

_LAYERS_PADDING = 4
_BLOCKS_PADDING = 4  # of those that belong to the whole document

Tail = tuple[GlobalLayerMaskInfo, TaggedBlocks]


@dataclass(frozen=True, slots=True)
class Head:
    """What stands before the layers."""

    header: FileHeader
    resources: ImageResources

    def write(self, file: BinaryIO) -> None:
        self.header.write(file)
        ColorModeData().write(file)
        self.resources.write(file)


@dataclass(frozen=True, slots=True)
class Place:
    """Where packed channels lie in a file, from `offset` on.

    Attributes:
        lengths, checksum, pieces: As of `Packed`, whose parts are not kept.
    """

    offset: int
    lengths: tuple[int, ...]
    checksum: int
    pieces: tuple[Piece, ...] = ()

    @property
    def size(self) -> int:
        return sum(self.lengths)


@dataclass(frozen=True, slots=True)
class Written:
    """Where what was written lies.

    Attributes:
        layers: Of each record, the places of its parts.
        merged: The merged image, with its two bytes that say how it is packed.
    """

    layers: tuple[tuple[Place, ...], ...]
    merged: Place


def write_file(
    file: BinaryIO,
    head: Head,
    records: Sequence[LayerRecord],
    channels: Iterable[Sequence[Packed]],
    merged: Packed,
    *,
    merged_has_alpha: bool,
    tail: Tail | None = None,
) -> Written:
    """Write a whole file.

    Args:
        records: Bottom to top; the lengths of their channels are filled in.
        channels: For each record what it holds, in the order of its channels; asked for one at a
            time, so that they may be packed meanwhile.
        merged: The merged image.
        merged_has_alpha: Its fourth plane is the picture's transparency.
        tail: What stands behind the layers; None = nothing to speak of.
    """
    version = head.header.version
    head.write(file)
    section = _Length(file, version)
    layers = _write_layers(file, records, channels, version, merged_has_alpha=merged_has_alpha)
    masks, blocks = tail or (GlobalLayerMaskInfo(), TaggedBlocks())
    masks.write(file)
    blocks.write(file, version=version, padding=_BLOCKS_PADDING)
    section.fill_in()
    return Written(layers, _write_packed(file, merged))


def _write_layers(
    file: BinaryIO,
    records: Sequence[LayerRecord],
    channels: Iterable[Sequence[Packed]],
    version: int,
    *,
    merged_has_alpha: bool,
) -> tuple[tuple[Place, ...], ...]:
    section = _Length(file, version)
    if not records:
        return ()
    # A negative count says that the merged image's fourth channel is its transparency.
    file.write(struct.pack(">h", -len(records) if merged_has_alpha else len(records)))
    records_at = file.tell()
    _write_records(file, records, version)
    places = []
    for record, parts in zip(records, channels, strict=True):
        places.append(tuple(_write_packed(file, part) for part in parts))
        lengths = [length for part in parts for length in part.lengths]
        for info, length in zip(record.channel_info, lengths, strict=True):
            info.length = length
    file.write(bytes(-(file.tell() - section.begin) % _LAYERS_PADDING))
    section.fill_in()
    file.seek(records_at)
    _write_records(file, records, version)
    file.seek(0, os.SEEK_END)
    return tuple(places)


def _write_packed(file: BinaryIO, packed: Packed) -> Place:
    place = Place(file.tell(), packed.lengths, packed.checksum, packed.pieces)
    file.writelines(packed.chunks())
    return place


class _Length:
    """The length of what follows, filled in when it is known."""

    def __init__(self, file: BinaryIO, version: int) -> None:
        self._file = file
        self._form = ">I" if version == PSD else ">Q"
        self._at = file.tell()
        file.write(bytes(struct.calcsize(self._form)))
        self.begin = file.tell()

    def fill_in(self) -> None:
        end = self._file.tell()
        self._file.seek(self._at)
        self._file.write(struct.pack(self._form, end - self.begin))
        self._file.seek(end)


def _write_records(file: BinaryIO, records: Sequence[LayerRecord], version: int) -> None:
    for record in records:
        record.write(file, version=version)
