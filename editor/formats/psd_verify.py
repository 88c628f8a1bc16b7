"""Reads back a PSD that was just written and compares it with what was meant, piece by piece."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import BinaryIO

from psd_tools.psd.bin_utils import read_fmt
from psd_tools.psd.color_mode_data import ColorModeData
from psd_tools.psd.header import FileHeader
from psd_tools.psd.image_resources import ImageResources
from psd_tools.psd.layer_and_mask import LayerRecord

from editor.formats.psd_file import Head, Place, Written
from editor.formats.psd_packing import PSD

_CHUNK_BYTES = 1 << 22


def difference(
    file: BinaryIO, head: Head, records: Sequence[LayerRecord], written: Written
) -> str | None:
    """What is wrong in a file just written; None when it holds exactly what was given.

    Packed pixels were compared with the originals when they were packed; here their bytes are.
    """
    file.seek(0)
    try:
        return _compare(file, head, records, written)
    except Exception as error:  # psd-tools raises about anything on damaged files
        return repr(error)


def _compare(
    file: BinaryIO, head: Head, records: Sequence[LayerRecord], written: Written
) -> str | None:
    version = head.header.version
    if FileHeader.read(file) != head.header:
        return "the header differs"
    ColorModeData.read(file)
    if ImageResources.read(file).tobytes() != head.resources.tobytes():
        return "the resources differ"
    length = "I" if version == PSD else "Q"
    section = read_fmt(length, file)[0]
    end = file.tell() + section
    layers = read_fmt(length, file)[0]
    count = read_fmt("h", file)[0] if layers else 0
    if abs(count) != len(records):
        return f"{abs(count)} layers instead of {len(records)}"
    for number, (record, places) in enumerate(zip(records, written.layers, strict=True), 1):
        again = LayerRecord.read(file, version=version)
        if again.tobytes(version=version) != record.tobytes(version=version):
            return f"layer {number} {record.name!r} differs"
        if sum(info.length for info in again.channel_info) != sum(map(_size, places)):
            return f"layer {number} {record.name!r} differs in its lengths"
    return _compare_pixels(file, records, written, end)


def _compare_pixels(
    file: BinaryIO, records: Sequence[LayerRecord], written: Written, end: int
) -> str | None:
    for number, (record, places) in enumerate(zip(records, written.layers, strict=True), 1):
        for place in places:
            if file.tell() != place.offset or not _is_there(file, place):
                return f"layer {number} {record.name!r} differs in its pixels"
    file.seek(end)
    if file.tell() != written.merged.offset or not _is_there(file, written.merged):
        return "the merged image differs"
    return None if not file.read(1) else "there is more than was written"


def _is_there(file: BinaryIO, place: Place) -> bool:
    left, checksum = place.size, 0
    while left:
        chunk = file.read(min(left, _CHUNK_BYTES))
        if not chunk:
            return False
        checksum = zlib.crc32(chunk, checksum)
        left -= len(chunk)
    return checksum == place.checksum


def _size(place: Place) -> int:
    return place.size
