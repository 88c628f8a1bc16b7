"""Native and OpenRaster files that are damaged, hostile or made by other programs."""

from __future__ import annotations

import contextlib
import errno
import json
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from editor.document.blending import BlendMode
from editor.document.layers import GroupLayer, RasterLayer
from editor.formats import native_reader, zip_reader
from editor.formats.errors import FormatError
from editor.formats.native import read_native, write_native
from editor.formats.png_planes import encode_coverage, encode_rgba
from tests.formats.filled_values import filled_state
from tests.formats.sample_documents import simple_document

Members = dict[str, bytes]
RED = np.full((4, 6, 4), (255, 0, 0, 255), np.uint8)
STACK = """<?xml version="1.0" encoding="UTF-8"?>
<image version="0.0.3" w="20" h="10" xres="300" yres="300">
 <stack>
  <layer name="top &amp; 上" src="data/a.png" x="-2" y="3" opacity="0.5" visibility="hidden"
         composite-op="svg:multiply" edit-locked="true"/>
  <stack name="plain" opacity="1" composite-op="svg:src-over">
   <layer src="data/b.png" composite-op="svg:src-atop"/>
  </stack>
  <stack name="alone" isolation="isolate"/>
  <stack name="faint" opacity="0.25"/>
  <filter type="myapp:blur"><params><layer name="not one" src="data/a.png"/></params></filter>
  <layer name="odd" src="data/a.png" composite-op="other:plaid"/>
 </stack>
</image>"""


def pack(path: Path, members: Members, *, method: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def foreign(stack: str = STACK) -> Members:
    """Members as another program writes them."""
    gray = np.full((3, 3), 90, np.uint8)
    return {
        "mimetype": b"image/openraster",
        "stack.xml": stack.encode(),
        "data/a.png": encode_rgba(RED),
        "data/b.png": encode_coverage(gray),
    }


def ours(tmp_path: Path) -> Members:
    """Members of a document with every field."""
    path = tmp_path / "ours.layerloom"
    write_native(filled_state(), path)
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def refusal(path: Path) -> str:
    """The sentence; it names the file and is one."""
    with pytest.raises(FormatError) as caught:
        read_native(path)
    message = caught.value.message
    assert str(path) in message
    assert message.endswith(".")
    assert "\n" not in message
    return message


def test_a_file_of_another_program_opens_as_far_as_the_format_goes(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.ora", foreign(), method=zipfile.ZIP_DEFLATED)
    read = read_native(path)
    assert not read.is_exact
    assert read.notes == (
        'The blend mode "other:plaid" is not known here; those layers are Normal now.',
    )
    document = read.document
    assert (document.width, document.height) == (20, 10)
    assert document.snapshot().resolution_ppi == 300
    odd, faint, alone, plain, top = document.layers
    assert isinstance(top, RasterLayer)
    assert (top.name, top.offset, top.opacity_level) == ("top & 上", (-2, 3), 128)
    assert (top.visible, top.locked, top.blend_mode) == (False, True, BlendMode.MULTIPLY)
    assert np.array_equal(top.pixels.array, RED)
    assert isinstance(plain, GroupLayer)
    assert plain.blend_mode is BlendMode.PASS_THROUGH
    assert [layer.blend_mode for layer in (alone, faint)] == [BlendMode.NORMAL] * 2
    inner = plain.children[0]
    assert isinstance(inner, RasterLayer)
    assert inner.clipped
    assert inner.pixels.pixel(1, 1) == (90, 90, 90, 255)
    assert odd.blend_mode is BlendMode.NORMAL


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (np.full((2, 2, 3), (3, 2, 1), np.uint8), (1, 2, 3, 255)),
        (np.full((2, 2, 4), (771, 514, 257, 65535), np.uint16), (1, 2, 3, 255)),
        (np.full((2, 2), 65535, np.uint16), (255, 255, 255, 255)),
    ],
    ids=["rgb", "rgba 16 bit", "gray 16 bit"],
)
def test_other_kinds_of_png_are_converted(
    tmp_path: Path, array: np.ndarray, expected: tuple[int, ...]
) -> None:
    data = bytes(cv2.imencode(".png", array)[1])
    path = pack(tmp_path / "a.ora", foreign() | {"data/a.png": data})
    top = read_native(path).document.layers[-1]
    assert isinstance(top, RasterLayer)
    assert top.pixels.pixel(0, 0) == expected


def test_our_file_saved_by_another_program_is_read_as_theirs(tmp_path: Path) -> None:
    members = ours(tmp_path)
    theirs = foreign()
    members["stack.xml"] = theirs["stack.xml"]
    members |= {name: data for name, data in theirs.items() if name.startswith("data/")}
    read = read_native(pack(tmp_path / "a.ora", members))
    assert not read.is_exact
    assert read.document.width == 20


@pytest.mark.parametrize("kept", [0, 1, 20, 1000, -30, -1])
def test_a_truncated_file_is_refused(tmp_path: Path, kept: int) -> None:
    path = tmp_path / "a.layerloom"
    write_native(simple_document(), path)
    path.write_bytes(path.read_bytes()[:kept])
    assert "damaged or incomplete" in refusal(path)


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    members = ours(tmp_path)
    for name in members:
        if name in ("mergedimage.png", "Thumbnails/thumbnail.png"):
            continue
        rest = {other: data for other, data in members.items() if other != name}
        path = pack(tmp_path / "a.layerloom", rest)
        if name == "x-layerloom/manifest.json":
            assert not read_native(path).is_exact
        elif name.startswith("data/") and "-" in name:
            assert read_native(path).is_exact  # only for other programs
        else:
            assert name in refusal(path) or "neither" in refusal(path)


def test_a_file_that_does_not_exist(tmp_path: Path) -> None:
    assert "does not exist" in refusal(tmp_path / "none.layerloom")
    assert "is a folder" in refusal(tmp_path)


def mask_of(manifest: dict[str, Any]) -> str:
    return str(manifest["layers"][0]["mask"]["coverage"])


def with_manifest(change: Callable[[dict[str, Any]], object]) -> Callable[[Path], Members]:
    def make(tmp_path: Path) -> Members:
        members = ours(tmp_path)
        manifest = json.loads(members["x-layerloom/manifest.json"])
        change(manifest)
        members["x-layerloom/manifest.json"] = json.dumps(manifest).encode()
        return members

    return make


def with_mimetype(data: bytes) -> Callable[[Path], Members]:
    return lambda _: foreign() | {"mimetype": data}


def with_stack(data: bytes) -> Callable[[Path], Members]:
    return lambda _: foreign() | {"stack.xml": data}


def with_png(data: bytes) -> Callable[[Path], Members]:
    return lambda _: foreign() | {"data/a.png": data}


def png_header(width: int, height: int) -> bytes:
    body = struct.pack(">4sIIBBBBB", b"IHDR", width, height, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))


ENTITIES = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
DEEP = "<stack>" * 5000 + "</stack>" * 5000


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (with_mimetype(b"application/zip"), "neither a Layerloom nor an OpenRaster"),
        (with_stack(ENTITIES + STACK.encode()[38:]), "declares entities"),
        (with_stack(b"<image w='1'"), "damaged layer list"),
        (with_stack(STACK.replace("UTF-8", "UTF-V").encode()), "damaged layer list"),
        (with_stack(STACK.replace("UTF-8", "shift_jis").encode()), "damaged layer list"),
        (with_stack(b"<svg/>"), "no picture in its layer list"),
        (with_stack(b"<image h='2'><stack/></image>"), 'w="" is no number'),
        (with_stack(b"<image w='0' h='2'><stack/></image>"), "canvas of 0 x 2"),
        (with_stack(b"<image w='300000' h='2'/>"), "canvas of 300000 x 2"),
        (with_stack(STACK.replace("0.5", "7").encode()), 'opacity "7"'),
        (with_stack(STACK.replace('x="-2"', 'x="1e9"').encode()), 'x="1e9"'),
        (
            with_stack(STACK.replace('x="-2"', 'x="99999999"').encode()),
            "too far from the canvas",
        ),
        (
            with_stack(f"<image w='1' h='1'><stack>{DEEP}</stack></image>".encode()),
            "deeper groups",
        ),
        (
            with_stack(STACK.replace("b.png", "c.png").encode()),
            "lacks 'data/c.png'",
        ),
        (
            with_stack(STACK.replace("b.png", "b.jpg").encode()),
            "lacks 'data/b.jpg'",
        ),
        (with_png(b"GIF89a" + bytes(60)), "data/a.png is no PNG"),
        (with_png(b""), "data/a.png is no PNG"),
        (with_png(png_header(300_000, 300_000) + bytes(40)), "300000 x 300000 px"),
        (with_png(png_header(8, 8) + bytes(40)), "data/a.png is damaged"),
        (with_png(encode_rgba(RED)[:-30]), "data/a.png is damaged"),
        (with_manifest(lambda m: m.update(schema_version=2)), "newer version"),
        (with_manifest(lambda m: m.update(schema_version="1")), "without a version"),
        (with_manifest(lambda m: m.update(members=[])), "damaged manifest"),
        (with_manifest(lambda m: m["layers"][0].update(opacity=9)), "layers[0] is not possible"),
        (with_manifest(lambda m: m["layers"][0].update(pixels="../../etc/passwd")), "lacks '../"),
        (
            with_manifest(
                lambda m: m["layers"][0].update(pixels=m["layers"][0]["mask"]["coverage"])
            ),
            "for something else",
        ),
        (lambda tmp: ours(tmp) | {"x-layerloom/manifest.json": b"[" * 10**6}, "damaged manifest"),
        (lambda tmp: ours(tmp) | {"x-layerloom/manifest.json": b"\xff{}"}, "damaged manifest"),
        (lambda _: foreign() | {"../evil.png": b""}, "forbidden name '../evil.png'"),
        (lambda _: foreign() | {"/etc/evil": b""}, "forbidden name"),
        (lambda _: foreign() | {"data\\..\\evil": b""}, "forbidden name"),
        (lambda _: foreign() | {"C:/evil": b""}, "forbidden name"),
    ],
)
def test_bad_content_is_one_sentence(
    tmp_path: Path, make: Callable[[Path], Members], said: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert said in refusal(pack(tmp_path / "a.layerloom", make(tmp_path)))


def test_files_beyond_4_gib_are_read_with_their_larger_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.layerloom"
    with monkeypatch.context() as patched:
        patched.setattr(zipfile, "ZIP64_LIMIT", 100)  # as if everything were large
        write_native(simple_document(), path)
    assert b"PK\x06\x06" in path.read_bytes()
    assert read_native(path).is_exact
    monkeypatch.setattr(zip_reader, "MAX_DIRECTORY_BYTES", 100)
    assert "too many" in refusal(path)


@pytest.mark.parametrize("where", [2**62, 2**64 - 1])
def test_a_larger_directory_beyond_the_end_is_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: int
) -> None:
    path = tmp_path / "a.layerloom"
    with monkeypatch.context() as patched:
        patched.setattr(zipfile, "ZIP64_LIMIT", 100)
        write_native(simple_document(), path)
    data = bytearray(path.read_bytes())
    locator = data.rindex(b"PK\x06\x07")
    data[locator + 8 : locator + 16] = struct.pack("<Q", where)
    path.write_bytes(data)
    assert "damaged" in refusal(path)


def test_a_name_no_file_can_have_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="could not be read"):
        read_native(tmp_path / "a\0b.layerloom")


def test_a_disk_that_fails_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    path = pack(tmp_path / "a.ora", foreign())
    with zip_reader.ZipReader(path) as reader, monkeypatch.context() as patched:
        patched.setattr(zipfile.ZipFile, "open", fail)
        with pytest.raises(FormatError, match="could not be read"):
            reader.read_start("stack.xml", 9)
    monkeypatch.setattr(zipfile, "ZipFile", fail)
    with pytest.raises(FormatError, match="could not be read"):
        zip_reader.ZipReader(path)


def test_two_parts_of_one_name_are_refused(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.ora", foreign())
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("data/a.png", b"")
    assert "two parts with the name" in refusal(path)


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "a.ora"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in foreign().items():
            archive.writestr(name, data)
        with archive.open("data/bomb.png", "w") as file:
            for _ in range(513):
                file.write(bytes(2**20))
    assert "would unpack" in refusal(path)


def test_a_small_picture_in_a_large_member_is_refused(tmp_path: Path) -> None:
    stuffed = encode_rgba(RED) + bytes(2**20)
    path = pack(
        tmp_path / "a.ora", foreign() | {"data/a.png": stuffed}, method=zipfile.ZIP_DEFLATED
    )
    assert "too large" in refusal(path)


def test_pictures_beyond_the_memory_are_refused_before_the_first_is_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(native_reader, "max_pixel_bytes", lambda: 100)
    monkeypatch.setattr(native_reader, "decode_rgba", lambda _: pytest.fail("decoded"))
    assert "more memory" in refusal(pack(tmp_path / "a.ora", foreign()))


def test_too_many_parts_are_refused_before_they_are_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = pack(tmp_path / "a.ora", foreign())
    monkeypatch.setattr(zip_reader, "MAX_MEMBERS", 3)
    monkeypatch.setattr(zipfile, "ZipFile", lambda _: pytest.fail("listed"))
    assert "more than 3 parts" in refusal(path)


def test_members_over_each_other_are_refused(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.ora", foreign() | {"data/big": bytes(5000)})
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        big = archive.getinfo("data/big").header_offset
    entry = data.rfind(b"PK\x01\x02", 0, data.rfind(b"data/big"))
    entry = data.rfind(b"PK\x01\x02", 0, entry)  # of data/b.png: points at the big one too
    data[entry + 42 : entry + 46] = struct.pack("<I", big)
    path.write_bytes(data)
    assert "damaged" in refusal(path)


def test_a_protected_file_is_refused(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.ora", foreign())
    data = bytearray(path.read_bytes())
    at = data.find(b"PK\x01\x02")
    data[at + 8] |= 1
    path.write_bytes(data)
    assert "password" in refusal(path)


@pytest.mark.parametrize("seed", range(150))
def test_mutated_files_raise_nothing_else(
    tmp_path: Path, seed: int, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.layerloom"
    if seed % 2:
        write_native(simple_document(), path)
    else:
        pack(path, foreign())
    random = np.random.default_rng(seed)
    data = np.frombuffer(path.read_bytes(), np.uint8).copy()
    near_the_end = len(data) - random.integers(1, 900, 8)  # where the directory is
    anywhere = random.integers(0, len(data), 8)
    places = np.where(random.random(8) < 0.5, near_the_end, anywhere)
    data[places % len(data)] = random.integers(0, 256, 8)
    path.write_bytes(data.tobytes())
    with contextlib.suppress(FormatError):
        read_native(path)
    assert list(tmp_path.iterdir()) == [path]
