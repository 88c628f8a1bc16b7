"""Blend formulas against psd-tools' functions, over every pair of 8-bit values."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from psd_tools.constants import BlendMode as PsdBlendMode

from editor.document.blending import LAYER_MODES, BlendMode
from editor.document.geometry import Rect
from editor.document.kernel.program import Program
from tests.document.oracle import oracle_blend

SEPARABLE = [
    mode
    for mode in LAYER_MODES
    if mode
    not in {
        BlendMode.HUE,
        BlendMode.SATURATION,
        BlendMode.COLOR,
        BlendMode.LUMINOSITY,
        BlendMode.DARKER_COLOR,
        BlendMode.LIGHTER_COLOR,
    }
]
NON_SEPARABLE = [mode for mode in LAYER_MODES if mode not in SEPARABLE]


def blended(
    mode: BlendMode, backdrop: npt.NDArray[np.float32], source: npt.NDArray[np.uint8]
) -> npt.NDArray[np.float32]:
    """What the kernel makes of opaque pixels h w 3: backdrop 0..1, source 0..255."""
    height, width = source.shape[:2]
    rect = Rect(0, 0, width, height)
    planes = np.zeros((4, height, width), np.float32)
    planes[:3] = backdrop.transpose(2, 0, 1)
    pixels = np.concatenate((source, np.full((height, width, 1), 255, np.uint8)), axis=2)
    program = Program(rect)
    program.begin(planes)
    program.new_source(rect)
    program.pixels(pixels, rect, 255)
    program.blend(LAYER_MODES.index(mode), 0)
    program.store(planes)
    program.run()
    assert not planes[3].any()
    return planes[:3].transpose(1, 2, 0)


def test_the_modes_are_those_of_psd_files() -> None:
    ours = {mode.psd_key: mode.name for mode in BlendMode}
    assert ours == {mode.value: mode.name for mode in PsdBlendMode}
    assert len(LAYER_MODES) == 27


@pytest.mark.parametrize("mode", BlendMode)
def test_keys_and_ids_lead_back_to_the_mode(mode: BlendMode) -> None:
    assert BlendMode.from_psd_key(mode.psd_key) is mode
    assert BlendMode.from_id(mode.id) is mode


def test_unknown_names_are_refused() -> None:
    with pytest.raises(ValueError, match="xxxx"):
        BlendMode.from_psd_key(b"xxxx")
    with pytest.raises(ValueError, match="sparkle"):
        BlendMode.from_id("sparkle")


@pytest.mark.parametrize("mode", SEPARABLE)
def test_every_pair_of_8_bit_values(mode: BlendMode) -> None:
    values = np.arange(256, dtype=np.uint8)
    b, s = (np.repeat(plane[..., None], 3, axis=2) for plane in np.meshgrid(values, values))
    backdrop = b.astype(np.float32) / np.float32(255)
    expected = oracle_blend(mode, b / 255, s / 255)
    error = np.abs(blended(mode, backdrop, s) - expected).max() * 255
    assert error < 0.01


@pytest.mark.parametrize("mode", NON_SEPARABLE)
def test_random_colours_and_greys(mode: BlendMode) -> None:
    rng = np.random.default_rng(7)
    levels = rng.integers(0, 256, (2, 300, 300, 3), dtype=np.uint8)
    levels[:, :60] = levels[:, :60, :, :1]  # greys: saturation 0
    levels[1, 60:80] = levels[0, 60:80]  # equal colours
    levels[:, 80:120][rng.integers(0, 2, (2, 40, 300, 3)) == 0] = 255
    levels[:, 120:160][rng.integers(0, 2, (2, 40, 300, 3)) == 0] = 0
    backdrop = levels[0].astype(np.float32) / np.float32(255)
    expected = oracle_blend(mode, levels[0] / 255, levels[1] / 255)
    error = np.abs(blended(mode, backdrop, levels[1]) - expected).max(axis=2) * 255
    if mode in {BlendMode.DARKER_COLOR, BlendMode.LIGHTER_COLOR}:
        # Different colours of equal luminosity: either answer is right.
        weights = np.array([30, 59, 11])
        error[(levels[0] @ weights) == (levels[1] @ weights)] = 0
    assert error.max() < 0.05


@pytest.mark.parametrize("mode", LAYER_MODES)
def test_results_stay_colours(mode: BlendMode) -> None:
    rng = np.random.default_rng(1)
    backdrop = rng.uniform(-1e-6, 1 + 1e-6, (64, 64, 3)).astype(np.float32)
    source = rng.choice(np.array([0, 1, 127, 128, 254, 255], np.uint8), (64, 64, 3))
    result = blended(mode, backdrop, source)
    assert result.min() >= -1e-6
    assert result.max() <= 1 + 1e-6
