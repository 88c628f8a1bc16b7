"""Krita's render of the PSD we write against our own picture of the document.

Krita 5.1 composites in 8 bits. In modes with a threshold (hard mix, darker and lighter color) its
rounding sends a few pixels to the other side; everywhere else it stays within 2 levels.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from editor.document.blending import LAYER_MODES, BlendMode
from editor.document.compositor import flatten
from editor.document.document import Document
from editor.formats.psd import write_psd
from tests.formats.readers import programs
from tests.formats.render_scenes import all_modes, cell_of, masks_and_groups

pytestmark = [
    pytest.mark.readers,
    pytest.mark.skipif(
        programs.krita() is None,
        reason="Krita is not installed: python -m tests.formats.readers.install",
    ),
]

LARGEST, LARGEST_MEAN = 3, 1.0
JUMPING = {BlendMode.HARD_MIX, BlendMode.DARKER_COLOR, BlendMode.LIGHTER_COLOR}
MOST_JUMPS = 0.03


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("krita")


def differences(document: Document, home: Path) -> npt.NDArray[np.int64]:
    """Levels between Krita's render and ours, h w 4."""
    source, target = home / "document.psd", home / "render.png"
    write_psd(document, source)
    programs.render_with_krita(source, target, home)
    picture = cv2.imread(str(target), cv2.IMREAD_UNCHANGED)
    assert picture is not None
    code = cv2.COLOR_BGRA2RGBA if picture.shape[2] == 4 else cv2.COLOR_BGR2RGBA
    theirs = np.asarray(cv2.cvtColor(picture, code)).astype(np.int64)
    return np.asarray(np.abs(theirs - flatten(document)))


def test_every_mode_but_dissolve(home: Path) -> None:
    wrong = differences(all_modes(), home)
    assert wrong.mean() <= LARGEST_MEAN
    for index, mode in enumerate(LAYER_MODES):
        cell = wrong[cell_of(index)].max(axis=2)
        if mode in JUMPING:
            assert (cell > LARGEST).mean() <= MOST_JUMPS, mode
        else:
            assert cell.max() <= LARGEST, mode
        assert cell[cell <= LARGEST].mean() <= LARGEST_MEAN, mode


def test_masks_and_groups(home: Path) -> None:
    wrong = differences(masks_and_groups(), home)
    assert wrong.mean() <= LARGEST_MEAN
    assert wrong.max() <= LARGEST
