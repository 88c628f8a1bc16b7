"""The flattened picture: exact pixels, straight alpha, marked as sRGB, saved atomically."""

from __future__ import annotations

import errno
import os
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from editor.document.compositor import flatten
from editor.formats.errors import FormatError
from editor.formats.png import write_png
from tests.formats.readers import programs
from tests.formats.sample_documents import matrix_document, simple_document


@pytest.mark.parametrize("make", [matrix_document, simple_document])
def test_pixels_are_the_composite(tmp_path: Path, make: type) -> None:
    document = make()
    write_png(document, tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as image:
        assert image.mode == "RGBA"
        assert np.array_equal(np.asarray(image), flatten(document))


def chunks(data: bytes) -> list[bytes]:
    names, position = [], 8
    while position < len(data):
        length, name = struct.unpack_from(">I4s", data, position)
        names.append(name)
        position += 12 + length
    return names


def test_srgb_chunk_comes_before_the_pixels(tmp_path: Path) -> None:
    write_png(simple_document(), tmp_path / "a.png")
    names = chunks((tmp_path / "a.png").read_bytes())
    assert names[0] == b"IHDR"
    assert names.index(b"sRGB") < names.index(b"IDAT")


def test_equal_documents_give_equal_bytes(tmp_path: Path) -> None:
    document = simple_document()
    write_png(document, tmp_path / "a.png")
    write_png(document.snapshot(), tmp_path / "b.png")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "a.png"
    target.write_bytes(b"old")

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(FormatError, match="not enough space"):
        write_png(simple_document(), target)
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_unwritable_paths(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="is a folder"):
        write_png(simple_document(), tmp_path)


@pytest.mark.readers
@pytest.mark.skipif(programs.imagemagick() is None, reason="ImageMagick is not installed")
def test_imagemagick_reads_the_same_pixels(tmp_path: Path) -> None:
    document = simple_document()
    write_png(document, tmp_path / "a.png")
    read = programs.magick_pixels(tmp_path / "a.png", 0, document.width, document.height)
    assert np.array_equal(read, flatten(document))
