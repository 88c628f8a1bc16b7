"""Damaged files: 500 of the fuzzer's, the known attacks one by one, and what it found before."""

from __future__ import annotations

import io
import random
import struct
import sys
import zipfile
import zlib
from pathlib import Path

import pytest

from editor.formats.errors import FormatError
from editor.formats.files import read_document
from editor.formats.memory_limit import limit_memory, max_pixel_bytes
from tests.formats.fuzzing.bases import bases
from tests.formats.fuzzing.mutations import BYTE_MUTATIONS, PSD_MUTATIONS, ZIP_MUTATIONS, mutate

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the limits are POSIX's")


def test_five_hundred_damaged_files(tmp_path: Path) -> None:
    from tests.formats.fuzzing.__main__ import run

    outcome = run(500, seed=2, folder=tmp_path)
    assert outcome.failures == []
    assert outcome.count == 500
    assert outcome.found["opened"] > 50
    assert outcome.found["refused"] > 50


def test_every_mutation_changes_something() -> None:
    for name, data in bases().items():
        own = ZIP_MUTATIONS if data[:2] == b"PK" else PSD_MUTATIONS
        for change in (*BYTE_MUTATIONS, *own):
            chance = random.Random(4)
            assert any(change(data, chance) != data for _ in range(20)), name
    data = bases()["ours.psd"]
    assert mutate("a", data, random.Random(1)) == mutate("a", data, random.Random(1))


def test_the_harness_counts_what_it_must() -> None:
    from tests.formats.fuzzing.__main__ import Outcome

    outcome = Outcome()
    good = {"number": 1, "name": "a", "found": "opened", "seconds": 0.1, "bytes": 1, "written": []}
    bad = ({"found": "Traceback"}, {"seconds": 5.1}, {"bytes": 2**30}, {"written": ["open x"]})
    for change in ({}, *bad):
        outcome.add(good | change)
    assert len(outcome.failures) == len(bad)


def test_a_limit_on_memory() -> None:
    usual = max_pixel_bytes()
    try:
        limit_memory(512 * 2**20)
        assert max_pixel_bytes() == 84 * 2**20
        limit_memory(1)
        assert max_pixel_bytes() == 2**24
    finally:
        limit_memory(None)
    assert max_pixel_bytes() == usual


def refused(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    with pytest.raises(FormatError) as caught:
        read_document(path)
    return caught.value.message


def zip_of(stack: str, picture: bytes, method: int = zipfile.ZIP_STORED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("mimetype", "image/openraster")
        archive.writestr("stack.xml", stack, method)
        archive.writestr("data/a.png", picture, method)
    return stream.getvalue()


def png_of(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    crc = struct.pack(">I", zlib.crc32(b"IHDR" + header))
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + header + crc + bytes(40)


LAYER = '<image w="9" h="9"><stack><layer name="a" src="data/a.png"/></stack></image>'


class TestKnownAttacks:
    def test_pictures_and_canvases_of_300_000_px(self, tmp_path: Path) -> None:
        path = tmp_path / "a"
        assert refused(path, zip_of(LAYER, png_of(300_000, 300_000)))
        assert refused(path, zip_of(LAYER.replace('w="9"', 'w="300000"'), png_of(9, 9)))
        psd = bytearray(bases()["ours.psd"])
        struct.pack_into(">II", psd, 14, 300_000, 300_000)
        assert "300000 x 300000 px" in refused(path, bytes(psd))

    def test_a_zip_bomb(self, tmp_path: Path) -> None:
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            archive.writestr("mimetype", "image/openraster")
            archive.writestr("stack.xml", bytes(60 * 2**20), zipfile.ZIP_DEFLATED)
        assert "too large" in refused(tmp_path / "a", stream.getvalue())
        assert (tmp_path / "a").stat().st_size < 2**17

    def test_entities_and_names_that_leave_the_folder(self, tmp_path: Path) -> None:
        laughs = '<!DOCTYPE i [<!ENTITY a "ha">]><image w="9" h="9">&a;</image>'
        assert "entities" in refused(tmp_path / "a", zip_of(laughs, png_of(9, 9)))
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            archive.writestr("../../out.png", b"x")
        assert "forbidden name" in refused(tmp_path / "a", stream.getvalue())

    def test_a_psd_whose_layer_unpacks_to_far_more_than_there_is_memory(
        self, tmp_path: Path
    ) -> None:
        from psd_tools import PSDImage
        from psd_tools.constants import Compression

        path = tmp_path / "a.psd"
        path.write_bytes(bases()["ours.psd"])
        psd = PSDImage.open(path)
        record, channels = psd[0]._record, psd[0]._channels
        record.right, record.bottom = record.left + 10_000, record.top + 10_000
        packed = zlib.compress(bytes(10**8), 1)
        for channel in channels:
            channel.compression, channel.data = Compression.ZIP, packed
        psd.save(path)
        limit_memory(512 * 2**20)
        try:
            assert "more pixels than can be opened" in refused(path, path.read_bytes())
        finally:
            limit_memory(None)
