"""Windows of scenes that the whole image is trained on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from engine.models.geometry import Box, RegionLayout, unpack_regions
from engine.models.text_encoders import TextStates
from engine.training import whole_data
from engine.training.data_source import MixedSource
from engine.training.layer_batches import token_box
from engine.training.whole_data import WholeBatches, Window, cut, draw_window, window_layout

CANVAS = (10, 12)
NEAR, FAR = token_box(1, 1, 4, 4), token_box(6, 8, 4, 4)
BOXES = [token_box(0, 0, *CANVAS), token_box(0, 0, *CANVAS), NEAR, FAR]


class Captions:
    """Each caption's number as its text."""

    def lookup(self, captions: list[str]) -> TextStates:
        numbers = torch.tensor([float(caption) for caption in captions])
        return TextStates(numbers[:, None, None].expand(-1, 8, 384), numbers[:, None])


class Named:
    """A kind of batches that gives its name instead of any."""

    def __init__(self, name: str) -> None:
        self.name = name

    def draw(self, _rng: np.random.Generator, _size: int) -> str:
        """The name."""
        return self.name


def places(box: Box, scenes: int = 4) -> Tensor:
    """Latents that hold their scene, row and column on the canvas: `s 16 h w`."""
    rows, columns = (slice(side.start, side.stop) for side in box.grid(8))
    y = torch.arange(rows.start, rows.stop)[None, :, None]
    x = torch.arange(columns.start, columns.stop)[None, None]
    one = 1000 * torch.arange(scenes)[:, None, None] + 30 * y + x
    return one[:, None].expand(-1, 16, -1, -1).float()


def batches(windows: Window, monkeypatch: pytest.MonkeyPatch) -> WholeBatches:
    entry: dict[str, Any] = {
        "canvas": CANVAS, "boxes": [NEAR, FAR], "captions": ["0", "1", "2", "3"],
        "latents": [places(box) for box in BOXES],
    }  # fmt: skip
    monkeypatch.setattr(whole_data, "draw_window", lambda *_: windows)
    captions: Any = Captions()
    return WholeBatches({"entries": [entry]}, captions)


def test_a_window_keeps_each_layer_where_it_lies(monkeypatch: pytest.MonkeyPatch) -> None:
    window = Window(2, 3, 6, 8)
    batch = batches(window, monkeypatch).draw(np.random.default_rng(0), 4)
    assert batch.layout.boxes == (
        token_box(0, 0, 6, 8), token_box(0, 0, 6, 8), token_box(0, 0, 3, 2), token_box(4, 5, 2, 3),
    )  # fmt: skip
    assert (batch.layout.width, batch.layout.height) == (128, 96)
    entries = unpack_regions(batch.data, batch.layout)
    whole = entries[0]
    assert whole is not None
    scenes = batch.text.pooled[:, 0]
    assert torch.equal(whole[:, 0, 0, 0], 1000 * scenes + 30 * 4 + 6)
    for box, entry in zip(batch.layout.boxes[2:], entries[2:], strict=True):
        assert box is not None
        rows, columns = box.grid(8)
        assert entry is not None
        assert torch.equal(entry, whole[:, :, rows, columns])


def test_only_the_whole_gets_noise_and_weight(monkeypatch: pytest.MonkeyPatch) -> None:
    batch = batches(Window(0, 0, 4, 4), monkeypatch).draw(np.random.default_rng(0), 4)
    assert batch.layout.boxes[3] is None, "what lies outside is no entry, and keeps its number"
    assert batch.noised is not None
    assert batch.noised.sum() == 16 == batch.layout.token_counts[0]
    assert bool(batch.noised[:16].all())
    assert torch.equal(batch.token_weight > 0, batch.noised)
    assert float(batch.token_weight.mean()) == pytest.approx(1)


def test_each_kind_of_batch_has_its_share() -> None:
    names = ("drawing", "scene", "background", "whole")
    kinds: dict[str, Any] = {name: Named(name) for name in names}
    others = [(0.2, kinds["scene"]), (0.1, kinds["background"]), (0.3, kinds["whole"])]
    source: Any = MixedSource(kinds["drawing"], 8, others)
    rng = np.random.default_rng(0)
    drawn = [source.draw(rng) for _ in range(2000)]
    shares = [drawn.count(name) / len(drawn) for name in names]
    assert shares == pytest.approx([0.4, 0.2, 0.1, 0.3], abs=0.03)


def test_windows_lie_on_their_canvas() -> None:
    rng = np.random.default_rng(0)
    windows = [draw_window(CANVAS, BOXES[2:], rng) for _ in range(200)]
    assert Window(0, 0, *CANVAS) in windows
    assert len({(window.rows, window.columns) for window in windows}) > 5
    for window in windows:
        layout: RegionLayout = window_layout(BOXES, window)
        assert any(layout.boxes[2:]), "there is an object in every window"
        assert layout.boxes[0] == layout.boxes[1] == token_box(0, 0, window.rows, window.columns)
        shown = cut(places(BOXES[0]), BOXES[0], window)
        assert shown is not None
        assert shown.shape[2:] == (2 * window.rows, 2 * window.columns)
