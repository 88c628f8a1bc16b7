"""On a screen with two device pixels per logical pixel, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

SCRIPT = """
import json, sys
import numpy as np
from PySide6.QtWidgets import QApplication
from editor.canvas.view import CanvasView
from editor.commands.history import History
from editor.document.compositor import composite
from tests.gui.canvas.sample import sample_document
from tests.gui.canvas.screen import at, click, drag, page_shot, shot

app = QApplication(sys.argv)
document = sample_document()
view = CanvasView(History(document))
view.resize(700, 500)
view.show()
view.zoom_to(1.0)
while not view.tiles_ready:
    app.processEvents()
page = page_shot(view)
rgba = composite(document)
opaque = rgba[..., 3] == 255
result = {
    "ratio": view.devicePixelRatioF(),
    "shot": list(shot(view).shape[:2]),
    "page": list(page.shape[:2]),
    "difference": int(np.abs(page - rgba[..., :3])[opaque].max()),
}
click(view, at(view, 100, 100))
drag(view, at(view, 100, 100), at(view, 140, 120))
result["selected"] = document.selected_ids
result["offset"] = document.raster("red").offset
view.zoom_to_fit()
result["fit"] = view.viewport.document_rect()
view.shutdown()
print(json.dumps(result))
"""


@pytest.mark.parametrize("factor", ["2", "1.5"])
def test_tiles_and_tools_work_in_device_pixels(factor: str) -> None:
    env = {**os.environ, "QT_SCALE_FACTOR": factor, "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-c", SCRIPT]
    run = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
    result = json.loads(run.stdout)
    ratio = float(factor)
    assert result["ratio"] == ratio
    assert result["shot"] == [500 * ratio, 700 * ratio]
    assert result["page"] == [400, 600], "100 % is one document pixel on one device pixel"
    assert result["difference"] <= 1
    assert result["selected"] == ["red"]
    assert result["offset"] == pytest.approx([90, 80], abs=1), "logical positions are rounded"
    x0, _, x1, _ = result["fit"]
    assert x1 - x0 == pytest.approx(min(600 * 2, 700 * ratio - 64 * ratio), abs=1)
    assert (x0 + x1) / 2 == pytest.approx(350 * ratio, abs=1)
