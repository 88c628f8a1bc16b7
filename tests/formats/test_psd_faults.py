"""Failures while writing leave the old file; files that cannot be read give one sentence."""

from __future__ import annotations

import contextlib
import errno
import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pytest
from PIL import Image
from psd_tools import PSDImage
from psd_tools.constants import BlendMode as PsdBlendMode
from psd_tools.constants import Resource, Tag
from psd_tools.psd import PSD

from editor.document.document import Document
from editor.document.layers import RasterLayer
from editor.formats import plane_cache, psd_merged, psd_packing, psd_writer
from editor.formats.errors import FormatError, SaveCancelled
from editor.formats.inspect import describe
from editor.formats.png import write_png
from editor.formats.psd import read_psd, read_psd_file, write_psd, written_by_us
from editor.formats.psd_file import Written, write_file
from editor.formats.psd_planes import pixel_hash, stored_box
from tests.document.scenes import noise_layer, noise_mask
from tests.formats.sample_documents import matrix_document, noise, simple_document

OLD = b"the old file"


@pytest.fixture
def target(tmp_path: Path) -> Path:
    plane_cache.shared.clear()
    path = tmp_path / "a.psd"
    path.write_bytes(OLD)
    return path


@pytest.fixture
def written(tmp_path: Path) -> Path:
    write_psd(simple_document(), tmp_path / "good.psd")
    return tmp_path / "good.psd"


def untouched(target: Path) -> bool:
    return target.read_bytes() == OLD and list(target.parent.iterdir()) == [target]


class TestWriting:
    def test_cancel_at_every_step(self, target: Path) -> None:
        asked = 0

        def never() -> bool:
            nonlocal asked
            asked += 1
            return False

        write_psd(simple_document(), target, cancelled=never)
        assert asked > 10
        for stop_at in range(1, asked + 1):
            target.write_bytes(OLD)
            answers = iter([False] * (stop_at - 1) + [True] * 2)
            with pytest.raises(SaveCancelled, match="was not changed"):
                write_psd(simple_document(), target, cancelled=answers.__next__)
            assert untouched(target)

    @pytest.mark.parametrize("bytes_before", [0, 26, 5_000])
    def test_a_disk_that_fills_up(
        self, target: Path, monkeypatch: pytest.MonkeyPatch, bytes_before: int
    ) -> None:
        def write(file: BinaryIO, *_: object, **__: object) -> None:
            file.write(bytes(bytes_before))
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(psd_writer, "write_file", write)
        with pytest.raises(FormatError, match="not enough space"):
            write_psd(simple_document(), target)
        assert untouched(target)

    @pytest.mark.parametrize("write", [write_psd, write_png])
    def test_a_really_full_disk(
        self, small_disk: Path, write: Callable[[Document, Path], None]
    ) -> None:
        target = small_disk / "a.file"
        target.write_bytes(OLD)
        layer = RasterLayer(name="noise", pixels=noise(300, 300, 1))
        with pytest.raises(FormatError, match="not enough space"):
            write(Document(300, 300, [layer]), target)
        assert untouched(target)

    def test_too_little_memory(self, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def write(*_: object, **__: object) -> None:
            raise MemoryError

        monkeypatch.setattr(psd_writer, "write_file", write)
        with pytest.raises(FormatError, match="not enough free memory"):
            write_psd(simple_document(), target)
        assert untouched(target)

    def test_a_path_that_cannot_be_is_refused_before_the_work(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def work(*_: object, **__: object) -> None:
            pytest.fail("compositing began before the path was checked")

        monkeypatch.setattr(psd_merged, "composite", work)
        with pytest.raises(FormatError, match="does not exist"):
            write_psd(simple_document(), tmp_path / "absent" / "a.psd")

    @pytest.mark.parametrize("place", [3, 20, 900, 4000, -20])
    def test_a_file_that_comes_back_wrong_is_not_kept(
        self, target: Path, monkeypatch: pytest.MonkeyPatch, place: int
    ) -> None:
        def write(file: BinaryIO, *arguments: Any, **options: Any) -> Written:
            written = write_file(file, *arguments, **options)
            file.seek(place, os.SEEK_SET if place > 0 else os.SEEK_END)
            byte = file.read(1)
            file.seek(-1, os.SEEK_CUR)
            file.write(bytes([byte[0] ^ 1]))
            return written

        monkeypatch.setattr(psd_writer, "write_file", write)
        with pytest.raises(FormatError, match="came back wrong"):
            write_psd(simple_document(), target)
        assert untouched(target)

    @pytest.mark.parametrize("compact", [False, True])
    def test_one_wrong_pixel_is_noticed(
        self, target: Path, monkeypatch: pytest.MonkeyPatch, compact: bool
    ) -> None:
        encode = psd_packing._encode_row
        monkeypatch.setattr(
            psd_packing, "_encode_row", lambda row: encode(row[:-1] + bytes([row[-1] ^ 1]))
        )
        layer = RasterLayer(name="x", pixels=noise(9, 9, 4))
        with pytest.raises(FormatError, match="came back wrong") as caught:
            write_psd(Document(9, 9, [layer]), target, compact=compact)
        assert "differs" in caught.value.detail
        assert untouched(target)

    def test_too_large_for_a_psd(self, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(psd_writer, "MAX_PSD_BYTES", 1000)
        with pytest.raises(FormatError, match=r"save it with the ending \.psb"):
            write_psd(simple_document(), target)
        assert untouched(target)
        write_psd(simple_document(), target.with_suffix(".psb"))
        assert describe(read_psd(target.with_suffix(".psb")))["width"] == 320


def refused(path: Path) -> str:
    """The sentence; anything but a FormatError fails the test."""
    with pytest.raises(FormatError) as caught:
        read_psd(path)
    assert str(path) in caught.value.message
    assert "\n" not in caught.value.message
    return caught.value.message


def header(**changes: int) -> bytes:
    values = {"version": 1, "channels": 4, "height": 10, "width": 10, "depth": 8, "mode": 3}
    return struct.pack(">4sH6xHIIHH", b"8BPS", *(values | changes).values())


class TestReading:
    def test_missing_and_odd_paths(self, tmp_path: Path) -> None:
        assert "does not exist" in refused(tmp_path / "absent.psd")
        assert "is a folder" in refused(tmp_path)

    @pytest.mark.parametrize(
        ("data", "sentence"),
        [
            (b"", "not a PSD file"),
            (b"\x89PNG\r\n\x1a\n" + bytes(100), "not a PSD file"),
            (b"8BPS\0\1", "cut off"),
            (header(version=7), "unknown version"),
            (header(width=0), "0 x 10 px"),
            (header(width=300_000, height=300_000), "300000 x 300000 px"),
            (header(height=2**32 - 1), "4294967295 px"),
            (header(width=30_000, height=30_000), "at most 134 million pixels"),
            (header(depth=12), "not known (number 3, 12 bits)"),
            (header(mode=99), "not known (number 99, 8 bits)"),
            (header(), "damaged or cut off"),
            (header() + b"\xff" * 200, "damaged or cut off"),
        ],
    )
    def test_headers(self, tmp_path: Path, data: bytes, sentence: str) -> None:
        (tmp_path / "a.psd").write_bytes(data)
        assert sentence in refused(tmp_path / "a.psd")

    def test_every_truncation(self, written: Path) -> None:
        """Cut before the merged image a file is refused; within it all layers are there."""
        data = written.read_bytes()
        merged = len(data) - len(PSD.frombytes(data).image_data.data)
        whole = describe(read_psd(written))
        for size in [*range(0, merged, 97), merged - 3]:
            written.write_bytes(data[:size])
            assert refused(written)
        written.write_bytes(data[: merged + 10])
        assert describe(read_psd(written)) == whole

    def test_changed_bytes_never_escape_as_another_error(self, written: Path) -> None:
        data = written.read_bytes()
        random = np.random.default_rng(7)
        opened = 0
        for _ in range(300):
            changed = bytearray(data)
            for _ in range(random.integers(1, 8)):
                changed[random.integers(0, len(data))] = random.integers(0, 256)
            written.write_bytes(changed)
            with contextlib.suppress(FormatError):
                read_psd(written)
                opened += 1
        assert 0 < opened < 300

    def test_a_huge_layer_is_refused_without_decoding_it(self, written: Path) -> None:
        psd = PSDImage.open(written)
        psd[1]._record.right = psd[1]._record.left + 200_000
        psd.save(written)
        assert "too large to open" in refused(written)

    def test_a_damaged_channel_is_named_and_the_rest_opens(self, written: Path) -> None:
        psd = PSDImage.open(written)
        psd[2]._channels[1].data = psd[2]._channels[1].data[:9]
        psd.save(written)
        found = read_psd_file(written)
        assert found.notes == (
            'The channel "red" of the layer "dog" is damaged; the rest was opened.',
        )
        whole = simple_document().raster_layers()
        apple, dog = found.document.raster_layers()[1:]
        assert pixel_hash(apple.pixels) == pixel_hash(whole[1].pixels)
        assert not dog.pixels.array[..., 0].any()
        alpha = whole[2].pixels.read(stored_box(whole[2].pixels))[..., 3]
        assert np.array_equal(dog.pixels.array[..., 3], alpha)

    def test_unbalanced_groups(self, tmp_path: Path) -> None:
        write_psd(matrix_document(), tmp_path / "a.psd")
        psd = PSD.frombytes((tmp_path / "a.psd").read_bytes())
        info = psd.layer_and_mask_information.layer_info
        assert info is not None
        for record in info.layer_records:
            if record.name == "empty group":
                record.tagged_blocks.pop(Tag.SECTION_DIVIDER_SETTING.value)
        (tmp_path / "a.psd").write_bytes(psd.tobytes())
        assert "never ends" in refused(tmp_path / "a.psd")


def foreign(path: Path) -> PSDImage:
    """A file made by psd-tools' own object model."""
    psd = PSDImage.new("RGBA", (40, 30))
    picture = Image.fromarray(noise(12, 10, 3).array)
    psd.create_pixel_layer(picture, name="below", top=4, left=-3)
    layer = psd.create_pixel_layer(picture, name="above", opacity=100)
    layer.blend_mode = PsdBlendMode.SCREEN
    psd.create_group([layer], name="group")
    psd.save(path)
    return psd


class TestForeignFiles:
    def test_pixel_layers_and_groups(self, tmp_path: Path) -> None:
        foreign(tmp_path / "a.psd")
        layers = describe(read_psd(tmp_path / "a.psd"))["layers"]
        assert [(layer["name"], layer["kind"], layer["box"]) for layer in layers] == [
            ("below", "raster", [-3, 4, 9, 14]),
            ("group", "group", [0, 0, 12, 10]),
            ("above", "raster", [0, 0, 12, 10]),
        ]
        assert [layer["id"] for layer in layers] == ["psd-1", "psd-3", "psd-2"]
        assert (layers[2]["blend_mode"], layers[2]["opacity"]) == ("screen", 100 / 255)
        document = read_psd(tmp_path / "a.psd")
        assert np.array_equal(document.raster_layers()[0].pixels.array, noise(12, 10, 3).array)

    def test_a_foreign_file_settles_after_one_save(self, tmp_path: Path) -> None:
        foreign(tmp_path / "a.psd")
        document = read_psd(tmp_path / "a.psd")
        write_psd(document, tmp_path / "b.psd")
        write_psd(read_psd(tmp_path / "b.psd"), tmp_path / "c.psd")
        assert (tmp_path / "b.psd").read_bytes() == (tmp_path / "c.psd").read_bytes()
        assert describe(read_psd(tmp_path / "b.psd")) == describe(document)

    def test_masks_and_clipping(self, tmp_path: Path) -> None:
        psd = foreign(tmp_path / "a.psd")
        theirs: list[Any] = [other for other in psd.descendants() if other.name != "group"]
        for other in theirs:
            other.create_mask(Image.new("L", (5, 4), 90))
            other.mask._data.background_color = 255
            other.clipping = other.name == "below"
        psd.save(tmp_path / "a.psd")
        document = read_psd(tmp_path / "a.psd")
        for layer in document.raster_layers():
            assert layer.mask is not None
            assert (layer.mask.bounds.size, layer.mask.outside) == ((5, 4), 255)
            assert (layer.mask.coverage.array == 90).all()
        assert [each.clipped for each in document.all_layers()] == [True, False, False]
        write_psd(document, tmp_path / "b.psd")
        again = read_psd(tmp_path / "b.psd")
        assert describe(again) == describe(document)

    def test_a_damaged_mask_is_named(self, tmp_path: Path) -> None:
        mask = noise_mask(30, 30, 1)
        write_psd(
            Document(40, 40, [noise_layer(30, 30, 2, name="sky", mask=mask)]), tmp_path / "a.psd"
        )
        psd = PSDImage.open(tmp_path / "a.psd")
        (layer,) = psd
        layer._channels[-1].data = layer._channels[-1].data[:-9]
        psd.save(tmp_path / "a.psd")
        found = read_psd_file(tmp_path / "a.psd")
        assert found.notes == (
            'The channel "mask" of the layer "sky" is damaged; the rest was opened.',
        )
        assert found.document.layers[0].mask is None

    def test_only_files_last_saved_here_may_be_saved_over(self, tmp_path: Path) -> None:
        path = tmp_path / "a.psd"
        for include_recipes in (True, False):
            write_psd(simple_document(), path, include_recipes=include_recipes)
            assert written_by_us(path)
        foreign(path)
        assert not written_by_us(path)
        write_psd(read_psd(path), path)
        psd = PSDImage.open(path)
        version = psd.image_resources.get_data(Resource.VERSION_INFO)
        version.writer = "Another editor"  # which keeps our XMP
        psd.save(path)
        assert read_psd(path).layers
        assert not written_by_us(path)
        path.write_bytes(b"8BPS no more")
        assert not written_by_us(path)
        assert not written_by_us(tmp_path / "absent.psd")

    def test_a_file_without_layers_is_one_background(self, tmp_path: Path) -> None:
        picture = noise(20, 15, 6).array[..., :3].copy()
        PSDImage.frompil(Image.fromarray(picture)).save(tmp_path / "a.psd")
        layers = read_psd(tmp_path / "a.psd").raster_layers()
        assert [layer.name for layer in layers] == ["Background"]
        assert np.array_equal(layers[0].pixels.array[..., :3], picture)
        assert layers[0].pixels.is_opaque
