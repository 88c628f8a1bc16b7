"""The native format: exact round trips, incremental saves, and what other programs see in it."""

from __future__ import annotations

import io
import json
import os
import time
import zipfile
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from PIL import Image

from editor.document.blending import LAYER_MODES
from editor.document.compositor import flatten
from editor.document.document import Document
from editor.document.layers import RasterLayer
from editor.document.masks import CoverageBuffer, Mask
from editor.document.pixels import PixelBuffer
from editor.document.state import DocumentState
from editor.formats import native_writer
from editor.formats.atomic_save import ABANDONED_AFTER_S
from editor.formats.errors import FormatError, SaveCancelled
from editor.formats.files import FileFormat, format_of, read_document, write_document
from editor.formats.inspect import describe
from editor.formats.native import read_native, write_native
from editor.formats.ora_modes import blend_mode, composite_op
from editor.formats.png_planes import encode_rgba
from editor.formats.psd import write_psd
from tests.formats.filled_values import filled_state
from tests.formats.sample_documents import disc, matrix_document, noise, simple_document


def saved(state: DocumentState, path: Path) -> DocumentState:
    """The document after a save and an opening."""
    write_native(state, path)
    read = read_native(path)
    assert read.is_exact
    assert not read.notes
    return read.document.snapshot()


def picture(path: Path, name: str) -> np.ndarray:
    with zipfile.ZipFile(path) as archive, Image.open(io.BytesIO(archive.read(name))) as image:
        return np.asarray(image)


@pytest.mark.parametrize(
    "state",
    [
        matrix_document().snapshot(),
        simple_document().snapshot(),
        filled_state(),
        Document(1, 1).snapshot(),
    ],
    ids=["matrix", "simple", "every field", "empty"],
)
def test_everything_comes_back_exactly(state: DocumentState, tmp_path: Path) -> None:
    after = saved(state, tmp_path / "Bild 図.layerloom")
    assert after == state
    assert after.state_hash() == state.state_hash()


def test_colour_under_alpha_0_and_pixels_off_the_canvas_stay(tmp_path: Path) -> None:
    layer = RasterLayer(pixels=noise(50, 40, 3), offset=(-20, 15))
    after = saved(Document(30, 20, [layer]).snapshot(), tmp_path / "a.layerloom")
    raster = after.raster(layer.layer_id)
    assert np.array_equal(raster.pixels.array, layer.pixels.array)
    assert raster.offset == (-20, 15)


def test_equal_documents_give_equal_bytes_whatever_is_reused(tmp_path: Path) -> None:
    state = matrix_document().snapshot()
    first, second = tmp_path / "a.layerloom", tmp_path / "b.ora"
    write_native(state, first)
    before = first.read_bytes()
    write_native(state, first)
    write_native(state, second, reuse=[first])
    assert first.read_bytes() == before == second.read_bytes()


def test_unchanged_pixels_are_copied_not_encoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = simple_document().snapshot()
    path = tmp_path / "a.layerloom"
    write_native(state, path)
    encoded: list[tuple[int, ...]] = []

    def watch(array: np.ndarray) -> bytes:
        encoded.append(array.shape[:2])
        return encode_rgba(array)

    monkeypatch.setattr(native_writer, "encode_rgba", watch)
    layer = state.raster_layers()[-1]
    changed = replace(layer, pixels=noise(13, 11, 5))
    after = replace(state, layers=(*state.layers[:-1], changed))
    write_native(after, path)
    assert encoded[0] == (11, 13)
    assert len(encoded) == 3  # merged picture and thumbnail besides
    assert read_native(path).document.snapshot() == after


def test_a_damaged_member_is_encoded_again(tmp_path: Path) -> None:
    state = simple_document().snapshot()
    path = tmp_path / "a.layerloom"
    write_native(state, path)
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        name = next(n for n in archive.namelist() if n.startswith("data/"))
        at = archive.getinfo(name).header_offset + 120
    data[at] ^= 0xFF
    path.write_bytes(data)
    write_native(state, path)
    assert read_native(path).document.snapshot() == state


def test_a_member_that_another_program_replaced_is_not_copied(tmp_path: Path) -> None:
    state = simple_document().snapshot()
    path, other = tmp_path / "a.layerloom", tmp_path / "b.layerloom"
    write_native(state, path)
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(other, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name.startswith("data/"):
                data = encode_rgba(np.zeros((70, 90, 4), np.uint8))
            new.writestr(name, data)
    write_native(state, other)
    assert read_native(other).document.snapshot() == state


def test_the_file_is_an_openraster_file(tmp_path: Path) -> None:
    document = matrix_document()
    path = tmp_path / "a.layerloom"
    write_native(document, path)
    assert path.read_bytes()[30:54] == b"mimetypeimage/openraster"
    with zipfile.ZipFile(path) as archive:
        assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}
        stack = ET.fromstring(archive.read("stack.xml"))
        for element in stack.iter("layer"):
            assert element.attrib["src"] in archive.namelist()
    assert (stack.get("w"), stack.get("h")) == ("320", "240")
    names = [layer.name for layer in document.all_layers()]
    assert sorted(e.get("name", "") for e in stack.findall("stack//")) == sorted(names)
    assert np.array_equal(picture(path, "mergedimage.png"), flatten(document))
    assert max(picture(path, "Thumbnails/thumbnail.png").shape[:2]) == 256


def test_the_stack_drawn_by_another_program_is_the_merged_picture(tmp_path: Path) -> None:
    document = simple_document()
    path = tmp_path / "a.ora"
    write_native(document, path)
    with zipfile.ZipFile(path) as archive:
        stack = ET.fromstring(archive.read("stack.xml"))
    drawn = Image.new("RGBA", (document.width, document.height))
    for element in reversed(list(stack.iter("layer"))):  # the topmost is listed first
        layer = Image.fromarray(picture(path, element.attrib["src"]))
        drawn.alpha_composite(layer, (int(element.attrib["x"]), int(element.attrib["y"])))
    merged = picture(path, "mergedimage.png").astype(int)
    visible = merged[..., 3] > 0
    assert np.abs(np.asarray(drawn).astype(int) - merged)[visible].max() <= 2


def test_other_programs_see_the_mask_and_we_keep_the_pixels(tmp_path: Path) -> None:
    half = np.full((20, 10), 128, np.uint8)
    mask = Mask(coverage=CoverageBuffer.from_array(half), offset=(5, 0), outside=0)
    pixels = PixelBuffer.filled(20, 20, (10, 20, 30, 200))
    layer = RasterLayer(pixels=pixels, mask=mask)
    hidden = replace(layer, mask=replace(mask, enabled=False), layer_id="other")
    state = Document(20, 20, [layer, hidden]).snapshot()
    path = tmp_path / "a.layerloom"
    assert saved(state, path) == state
    with zipfile.ZipFile(path) as archive:
        stack = ET.fromstring(archive.read("stack.xml"))
    unmasked, masked = (element.attrib["src"] for element in stack.iter("layer"))
    shown = picture(path, masked)
    assert shown[5, 7].tolist() == [10, 20, 30, 100]
    assert shown[5, 2, 3] == 0
    assert np.array_equal(picture(path, unmasked), pixels.array)


def test_every_blend_mode_has_a_name_of_its_own() -> None:
    names = [composite_op(mode) for mode in LAYER_MODES]
    assert len(set(names)) == len(names)
    assert [blend_mode(name) for name in names] == list(LAYER_MODES)


def test_progress_rises_to_one_and_cancelling_leaves_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.layerloom"
    shares: list[float] = []
    write_native(matrix_document(), path, progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1
    before = path.read_bytes()
    with pytest.raises(SaveCancelled):
        write_native(simple_document(), path, cancelled=lambda: True)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_number_that_is_not_finite_is_refused_before_the_file_is_touched(tmp_path: Path) -> None:
    path = tmp_path / "a.layerloom"
    write_native(simple_document(), path)
    before = path.read_bytes()
    layer = RasterLayer(pixels=disc(4, 4, (1, 2, 3)), matrix=(float("nan"),) * 6)
    with pytest.raises(FormatError, match=r"a\.layerloom was not saved: a number"):
        write_native(Document(9, 9, [layer]), path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_half_written_files_of_killed_processes_are_removed_later(tmp_path: Path) -> None:
    old, new = (tmp_path / f".layerloom-{name}.part" for name in ("old", "new"))
    for file in (old, new):
        file.write_bytes(b"half")
    long_ago = time.time() - ABANDONED_AFTER_S - 60
    os.utime(old, (long_ago, long_ago))
    write_native(simple_document(), tmp_path / "a.layerloom")
    assert not old.exists()
    assert new.exists()


def test_the_description_is_that_of_the_document(tmp_path: Path) -> None:
    document = matrix_document()
    path = tmp_path / "a.layerloom"
    write_native(document, path)
    assert json.dumps(describe(read_document(path).document)) == json.dumps(describe(document))


def test_files_are_told_apart_by_content_and_written_by_name(tmp_path: Path) -> None:
    state = simple_document().snapshot()
    for kind in FileFormat:
        for suffix in kind.suffixes:
            path = tmp_path / f"a{suffix.upper()}"
            assert format_of(path) is kind
            write_document(state, path)
            opened = read_document(path)
            assert opened.is_ours
            assert opened.document.document_id == state.document_id
    write_psd(state, tmp_path / "b.psd")
    misnamed = tmp_path / "c.layerloom"
    (tmp_path / "b.psd").rename(misnamed)
    assert read_document(misnamed).document.width == 320
    with pytest.raises(FormatError, match=r"end in \.layerloom, \.ora, \.psd, \.psb"):
        write_document(state, tmp_path / "a.gif")
