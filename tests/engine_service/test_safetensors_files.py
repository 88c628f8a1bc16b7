"""Checked loading: every kind of bad weights file is a sentence that names the file."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import save, save_file

from engine.checkpoints.safetensors_files import load_checked
from engine.checkpoints.safetensors_header import read_header
from engine.errors import CheckpointError

WEIGHTS = {
    "linear.weight": torch.arange(12, dtype=torch.float16).reshape(3, 4),
    "linear.bias": torch.zeros(3, dtype=torch.bfloat16),
    "table": torch.arange(5, dtype=torch.int8),
    "scale": torch.tensor(0.5),
}
SHAPES = {key: tuple(value.shape) for key, value in WEIGHTS.items()}


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "model.safetensors"
    save_file(WEIGHTS, path, metadata={"name": "test"})
    return path


def refuse(path: Path, expected: dict[str, tuple[int, ...]] | None = None) -> str:
    with pytest.raises(CheckpointError) as caught:
        load_checked(path, expected)
    assert str(path) in caught.value.message
    assert "\n" not in caught.value.message
    return caught.value.message


def test_good_file_comes_back_unchanged(good: Path) -> None:
    loaded = load_checked(good, SHAPES)
    assert loaded.keys() == WEIGHTS.keys()
    for key, value in WEIGHTS.items():
        assert loaded[key].dtype == value.dtype
        assert torch.equal(loaded[key], value)
    assert read_header(good)["linear.weight"].shape == (3, 4)


@pytest.mark.parametrize("kept", [0, 4, 8, 60, -1])
def test_truncated(good: Path, kept: int) -> None:
    good.write_bytes(good.read_bytes()[:kept])
    assert "cut off" in refuse(good)


def test_missing_folder_and_forbidden(tmp_path: Path, good: Path) -> None:
    assert "missing" in refuse(tmp_path / "nothing.safetensors")
    assert "missing" in refuse(good / "below-a-file.safetensors")
    assert "is a folder" in refuse(tmp_path)


@pytest.mark.parametrize(
    "header",
    [
        b"[]",
        b"{",
        b"\xff\xfe",
        b'{"a": 3}',
        b'{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0]}}',
        b'{"a": {"dtype": "F32", "shape": [-2], "data_offsets": [0, 8]}}',
        b'{"a": {"dtype": "F32", "shape": [2.5], "data_offsets": [0, 8]}}',
        b'{"a": {"dtype": "F33", "shape": [2], "data_offsets": [0, 8]}}',
        b'{"a": {"dtype": "F32", "shape": [3], "data_offsets": [0, 8]}}',
        b'{"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}',
    ],
)
def test_damaged_header(tmp_path: Path, header: bytes) -> None:
    path = tmp_path / "bad.safetensors"
    path.write_bytes(len(header).to_bytes(8, "little") + header + bytes(8))
    assert "damaged" in refuse(path)


def test_picture_instead_of_weights(tmp_path: Path) -> None:
    path = tmp_path / "picture.safetensors"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    assert "damaged" in refuse(path)


def test_missing_unknown_and_wrong_shape(good: Path) -> None:
    assert "lacks other (and 1 more)" in refuse(good, SHAPES | {"other": (1,), "more": (2,)})
    assert "wrong shape at table" in refuse(good, SHAPES | {"table": (6,)})
    fewer = {key: shape for key, shape in SHAPES.items() if key != "scale"}
    assert "unknown weight scale" in refuse(good, fewer)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_not_a_number(tmp_path: Path, value: float) -> None:
    path = tmp_path / "nan.safetensors"
    save_file({"a": torch.tensor([0.0, value], dtype=torch.float16)}, path)
    assert "not numbers" in refuse(path)


@settings(max_examples=60, deadline=None)
@given(position=st.integers(0, 400), value=st.integers(0, 255))
def test_any_changed_byte_of_the_header_is_harmless(
    tmp_path_factory: pytest.TempPathFactory, position: int, value: int
) -> None:
    data = bytearray(save({"a": torch.ones(2, 3), "b": torch.ones(4, dtype=torch.int32)}))
    data[position % len(data)] = value
    path = tmp_path_factory.mktemp("flip") / "f.safetensors"
    path.write_bytes(data)
    with contextlib.suppress(CheckpointError):  # any other exception fails the test
        load_checked(path)


def test_header_matches_what_the_library_wrote(good: Path) -> None:
    raw = good.read_bytes()
    length = int.from_bytes(raw[:8], "little")
    names = set(json.loads(raw[8 : 8 + length])) - {"__metadata__"}
    assert set(read_header(good)) == names
