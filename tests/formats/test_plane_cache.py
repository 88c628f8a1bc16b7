"""A second export takes what did not change from the file that was exported last."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from editor.document.document import Document
from editor.document.layers import GroupLayer, RasterLayer
from editor.formats import plane_cache, psd_writer
from editor.formats.errors import FormatError
from editor.formats.inspect import describe
from editor.formats.psd import read_psd, write_psd
from editor.formats.psd_packing import Packed
from tests.formats.sample_documents import matrix_document, noise


@pytest.fixture(autouse=True)
def fresh_cache() -> None:
    plane_cache.shared.clear()


@pytest.fixture
def packed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Grows by an entry for each layer or mask that is packed."""
    calls: list[str] = []
    for name in ("pack_layer", "pack_plane"):
        real = getattr(psd_writer, name)

        def counting(
            *args: object, _name: str = name, _real: object = real, **kw: object
        ) -> object:
            calls.append(_name)
            return _real(*args, **kw)  # type: ignore[operator]

        monkeypatch.setattr(psd_writer, name, counting)
    return calls


def counted(real: Callable[..., Packed], calls: list[str]) -> Callable[..., Packed]:
    def call(*arguments: object, **options: object) -> Packed:
        calls.append(real.__name__)
        return real(*arguments, **options)

    return call


def three_layers() -> list[RasterLayer]:
    return [
        RasterLayer(name=str(seed), pixels=noise(60, 50, seed), layer_id=str(seed))
        for seed in range(3)
    ]


@pytest.mark.parametrize("compact", [False, True])
def test_only_what_changed_is_packed_again(
    tmp_path: Path, packed: list[str], compact: bool
) -> None:
    layers = three_layers()
    write_psd(Document(60, 50, layers), tmp_path / "a.psd", compact=compact)
    assert len(packed) == 3
    layers[1] = RasterLayer(name="new", pixels=noise(60, 50, 77), layer_id="1")
    second = Document(60, 50, layers)
    write_psd(second, tmp_path / "a.psd", compact=compact)
    assert len(packed) == 4
    assert describe(read_psd(tmp_path / "a.psd")) == describe(second)


def test_another_target_and_equal_bytes(tmp_path: Path, packed: list[str]) -> None:
    document = matrix_document()
    write_psd(document, tmp_path / "a.psd")
    count = len(packed)
    write_psd(document, tmp_path / "b.psd")
    assert len(packed) == count
    assert (tmp_path / "a.psd").read_bytes() == (tmp_path / "b.psd").read_bytes()


def test_a_file_that_was_changed_or_removed_is_not_used(tmp_path: Path, packed: list[str]) -> None:
    document = Document(60, 50, three_layers())
    write_psd(document, tmp_path / "a.psd")
    (tmp_path / "a.psd").write_bytes(bytes((tmp_path / "a.psd").stat().st_size))
    write_psd(document, tmp_path / "b.psd")
    assert len(packed) == 6
    (tmp_path / "b.psd").unlink()
    write_psd(document, tmp_path / "c.psd")
    assert len(packed) == 9
    assert describe(read_psd(tmp_path / "c.psd")) == describe(document)


def test_bytes_that_rotted_are_not_used(tmp_path: Path, packed: list[str]) -> None:
    document = Document(60, 50, three_layers())
    target = tmp_path / "a.psd"
    write_psd(document, target)
    before = target.stat()
    data = bytearray(target.read_bytes())
    data[len(data) // 3] ^= 255
    with target.open("r+b") as file:
        file.write(data)
    os.utime(target, ns=(before.st_atime_ns, before.st_mtime_ns))
    write_psd(document, tmp_path / "b.psd")
    assert 3 < len(packed) <= 6
    assert describe(read_psd(tmp_path / "b.psd")) == describe(document)


def test_kinds_of_packing_are_told_apart(tmp_path: Path, packed: list[str]) -> None:
    document = Document(60, 50, three_layers())
    write_psd(document, tmp_path / "a.psd")
    write_psd(document, tmp_path / "b.psd", compact=True)
    write_psd(document, tmp_path / "c.psb")
    assert len(packed) == 9


def test_moving_and_grouping_packs_nothing(tmp_path: Path, packed: list[str]) -> None:
    layers = three_layers()
    write_psd(Document(60, 50, layers), tmp_path / "a.psd")
    moved = RasterLayer(name="0", pixels=layers[0].pixels, offset=(7, -9), opacity=0.5)
    again = Document(60, 50, [moved, GroupLayer(children=tuple(layers[1:]))])
    write_psd(again, tmp_path / "a.psd")
    assert len(packed) == 3
    assert describe(read_psd(tmp_path / "a.psd")) == describe(again)


def test_a_failed_export_is_not_remembered(
    tmp_path: Path, packed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    document = Document(60, 50, three_layers())
    with monkeypatch.context() as patch:
        patch.setattr(psd_writer, "difference", lambda *_: "wrong")
        with pytest.raises(FormatError):
            write_psd(document, tmp_path / "a.psd")
    write_psd(document, tmp_path / "a.psd")
    assert len(packed) == 9  # a failed export is tried twice
