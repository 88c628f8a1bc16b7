"""Bands of planes packed and checked: the same bytes whatever the bands, and nothing wrong kept."""

from __future__ import annotations

import struct

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from psd_tools.constants import Compression

from editor.document.geometry import Rect
from editor.document.pixels import PixelBuffer
from editor.formats.errors import SaveCancelled
from editor.formats.psd_packing import (
    ALPHA_FIRST,
    PSB,
    PSD,
    Deflated,
    Packed,
    RunLengths,
    WrongBytes,
    pack_layer,
    pack_plane,
)
from editor.formats.psd_planes import bleed_colour, decode_plane, stored_box
from tests.formats.sample_documents import noise

planes = arrays.arrays(
    np.uint8, st.tuples(st.integers(1, 5), st.integers(1, 300)), elements=st.integers(0, 3)
)


def unpacked(data: bytes, width: int, height: int, version: int) -> npt.NDArray[np.uint8]:
    compression = Compression(struct.unpack(">H", data[:2])[0])
    return decode_plane(data[2:], compression, width, height, version)


def whole(packed: Packed) -> bytes:
    return b"".join(packed.chunks())


def patchy(width: int, height: int) -> PixelBuffer:
    """Dense, hidden and mixed tiles, edges at and beside the borders of tiles."""
    random = np.random.default_rng(3)
    values = random.integers(1, 256, (height, width, 4), dtype=np.uint8)
    values[:300, 255:513] = 0
    values[511:, :250] = 0
    values[300:310, 600:] = 0
    return PixelBuffer.from_array(values)


@pytest.mark.parametrize("version", [PSD, PSB])
@pytest.mark.parametrize("compact", [False, True])
@given(values=planes)
def test_planes_come_back(values: npt.NDArray[np.uint8], version: int, compact: bool) -> None:
    height, width = values.shape
    packed = pack_plane(values, compact=compact, version=version)
    assert packed.lengths == (len(whole(packed)),)
    assert np.array_equal(unpacked(whole(packed), width, height, version), values)


@pytest.mark.parametrize("compact", [False, True])
def test_bands_bleed_like_the_whole_layer(compact: bool) -> None:
    pixels = patchy(700, 600)
    box = stored_box(pixels)
    packed = pack_layer(pixels, box, compact=compact, version=PSD, check=lambda: None)
    expected = bleed_colour(pixels.read(box))
    start = 0
    for channel, length in zip(ALPHA_FIRST, packed.lengths, strict=True):
        plane = unpacked(whole(packed)[start : start + length], box.width, box.height, PSD)
        assert np.array_equal(plane, expected[..., channel])
        start += length


def test_the_margin_around_the_alpha_box_is_bled() -> None:
    values = np.zeros((40, 30, 4), np.uint8)
    values[10:20, 5:9] = (200, 10, 20, 255)
    pixels = PixelBuffer.from_array(values)
    packed = pack_layer(pixels, Rect(4, 9, 10, 21), compact=False, version=PSD, check=lambda: None)
    red = whole(packed)[packed.lengths[0] :][: packed.lengths[1]]
    assert (unpacked(red, 6, 12, PSD) == 200).all()


@pytest.mark.parametrize("packer", [RunLengths, Deflated])
def test_bands_join(packer: type[RunLengths] | type[Deflated]) -> None:
    values = noise(50, 40, 9).array[..., 0]
    together, apart = packer(PSD), packer(PSD)
    together.add(values)
    apart.add(values[:17])
    apart.add(values[17:])
    for filled in (together, apart):
        data = b"".join(filled.packed())
        assert np.array_equal(decode_plane(data, packer.compression, 50, 40, PSD), values)


def test_a_stop_between_bands() -> None:
    answers = iter([False, True])

    def check() -> None:
        if next(answers):
            raise SaveCancelled

    pixels = patchy(20, 600)
    with pytest.raises(SaveCancelled):
        pack_layer(pixels, pixels.bounds, compact=False, version=PSD, check=check)


def test_a_deflated_plane_that_comes_back_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    packer = Deflated(PSD)
    packer.add(noise(50, 40, 9).array[..., 0])
    monkeypatch.setattr(packer, "_given", 1)
    with pytest.raises(WrongBytes, match="differs"):
        packer.packed()
