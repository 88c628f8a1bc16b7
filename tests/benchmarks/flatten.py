"""Flattening and exporting one document beside other programs, as whole processes.

The document has 10 layers on 2048 x 2048 px: an opaque ground and nine objects with soft edges at
opacity 0.8, as PSD (GIMP, Krita, psd-tools, ours), as ten PNG files (ImageMagick, whose PSD reader
is slower) and in our native format. All write PNG at level 1 where they can be told. Processor time
of the process and its children, user and system.

Programs that are not installed are left out; `python -m tests.formats.readers.install` installs
them on Debian.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import cv2
import numpy as np

from editor.document.document import Document
from editor.document.kernel.machine_code import machine
from editor.document.layers import RasterLayer
from editor.document.pixels import PixelBuffer
from editor.formats.files import write_document
from tests.benchmarks.report import Report, median_ratio
from tests.formats.readers import programs

ROUNDS = 3
SIDE, LAYERS = 2048, 10
OURS, NATIVE = "Layerloom, PSD", "Layerloom, native"


@dataclass(frozen=True)
class _Candidate:
    command: list[str]
    surroundings: Mapping[str, str] = field(default_factory=dict)


def run() -> Report:
    """Two minutes on two busy cores, Krita's first start aside."""
    machine()  # compiled once for a computer, not for each export
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write_inputs(folder)
        candidates = _candidates(folder)
        times = _timed(candidates, folder)
    peers = [name for name in candidates if name not in {OURS, NATIVE}]
    ratios = {f"ours / {name}": median_ratio(times[OURS], times[name]) for name in peers}
    fastest = min(peers, key=lambda name: median(times[name]))
    ratios["ours / fastest"] = ratios[f"ours / {fastest}"]
    ratios["native / fastest"] = median_ratio(times[NATIVE], times[fastest])
    missing = [name for name, found in _programs().items() if not found]
    notes = [f"The fastest peer is {fastest}; {ROUNDS} rounds after one that is not counted."]
    if missing:
        notes.append(f"Not installed: {', '.join(missing)}.")
    return Report(
        name="flatten",
        columns=("program", "processor s", "ours / it"),
        rows=[
            (name, median(times[name]), median_ratio(times[OURS], times[name]))
            for name in candidates
        ],
        ratios=ratios,
        allowed={"ours / fastest": 1.0},
        notes=notes,
    )


def _timed(candidates: Mapping[str, _Candidate], folder: Path) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {name: [] for name in candidates}
    for index in range(ROUNDS + 1):
        for name, candidate in candidates.items():
            seconds = _processor_seconds(candidate, folder)
            if index:
                times[name].append(seconds)
    return times


def _processor_seconds(candidate: _Candidate, folder: Path) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    surroundings = {**os.environ, **candidate.surroundings}
    if candidate.surroundings:
        surroundings.pop("QT_QPA_PLATFORM", None)  # Krita needs a display, a virtual one will do
    subprocess.run(candidate.command, cwd=folder, env=surroundings, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _programs() -> dict[str, bool]:
    return {
        "GIMP": programs.gimp() is not None,
        "ImageMagick": programs.imagemagick() is not None,
        "Krita": programs.krita() is not None,
    }


def _candidates(folder: Path) -> dict[str, _Candidate]:
    root = Path(__file__).parents[2]
    here = {"PYTHONPATH": str(root), "QT_QPA_PLATFORM": "offscreen"}
    export = [sys.executable, "-m", "editor.cli", "export"]
    found = {
        OURS: _Candidate([*export, "D.psd", "-o", "ours.png"], here),
        NATIVE: _Candidate([*export, "D.layerloom", "-o", "native.png"], here),
        "psd-tools": _Candidate([sys.executable, "-c", _PSD_TOOLS]),
    }
    if gimp := programs.gimp():
        found["GIMP"] = _Candidate([gimp, "-i", "-d", "-f", "-b", _GIMP, "-b", "(gimp-quit 0)"])
    if magick := programs.imagemagick():
        found["ImageMagick"] = _Candidate([magick, *_magick_arguments()])
    if programs.krita() is not None:
        command, surroundings = programs.krita_command(
            folder / "D.psd", folder / "krita.png", folder
        )
        found["Krita"] = _Candidate(command, surroundings)
    return found


_PSD_TOOLS = (
    "from psd_tools import PSDImage\n"
    'PSDImage.open("D.psd").composite(force=True).save("psd-tools.png", compress_level=1)'
)
_GIMP = (
    '(let* ((i (car (gimp-file-load RUN-NONINTERACTIVE "D.psd" "D.psd")))'
    " (d (car (gimp-image-flatten i))))"
    ' (file-png-save RUN-NONINTERACTIVE i d "gimp.png" "gimp.png" 0 1 0 0 0 0 0))'
)


def _magick_arguments() -> list[str]:
    layers = ["l0.png"]
    for index in range(1, LAYERS):
        fade = ["-channel", "A", "-evaluate", "multiply", "0.8", "+channel"]
        layers += ["(", f"l{index}.png", *fade, ")"]
    return [
        *layers,
        "-background",
        "none",
        "-flatten",
        "-define",
        "png:compression-level=1",
        "m.png",
    ]


def _write_inputs(folder: Path) -> None:
    document = _document()
    write_document(document.snapshot(), folder / "D.psd")
    write_document(document.snapshot(), folder / "D.layerloom")
    for index, layer in enumerate(document.raster_layers()):
        picture = cv2.cvtColor(layer.pixels.array, cv2.COLOR_RGBA2BGRA)
        cv2.imwrite(str(folder / f"l{index}.png"), picture, [cv2.IMWRITE_PNG_COMPRESSION, 1])


def _document() -> Document:
    rng = np.random.default_rng(3)
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    layers = []
    for index in range(LAYERS):
        base = rng.integers(0, 255, 3)
        across, down = rng.uniform(0.002, 0.02, 2)
        pixels = np.empty((SIDE, SIDE, 4), np.uint8)
        for channel in range(3):
            wave = 60 * np.sin(x * across + channel) + 60 * np.cos(y * down + index)
            pixels[..., channel] = np.clip(base[channel] + wave, 0, 255)
        middle_x, middle_y = rng.uniform(0.25, 0.75, 2) * SIDE
        radius = rng.uniform(0.2, 0.45) * SIDE
        distance = np.hypot(x - middle_x, y - middle_y)
        pixels[..., 3] = 255 if index == 0 else np.clip((radius - distance) * 8, 0, 255)
        layers.append(
            RasterLayer(
                name=f"layer {index}",
                pixels=PixelBuffer.from_array(pixels, copy=False),
                opacity=1.0 if index == 0 else 0.8,
            )
        )
    return Document(SIDE, SIDE, layers)
