"""Finds and calls the other programs that read our files."""

from __future__ import annotations

import base64
import functools
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

FOLDER = Path(__file__).parent
PHOTOSHOP_API = FOLDER / "installed" / "photoshop-api"
GIMP_OPTIONS = ("-i", "-d", "-f", "--batch-interpreter", "plug-in-script-fu-eval")
_IMAGEMAGICK = ("magick", "convert-im6.q16", "convert-im6", "/usr/bin/convert", "convert")

Rgba = npt.NDArray[np.uint8]


def ag_psd() -> str | None:
    """Path of node when it can load ag-psd; None otherwise."""
    node = shutil.which("node")
    installed = (FOLDER / "node_modules" / "ag-psd" / "package.json").is_file()
    return node if installed else None


def photoshop_api() -> Path | None:
    """The folder that PhotoshopAPI is installed in; None when it is not."""
    return PHOTOSHOP_API if (PHOTOSHOP_API / "photoshopapi").is_dir() else None


@functools.cache
def imagemagick() -> str | None:
    """Path of ImageMagick's converter; other programs of that name are not taken for it."""
    for name in _IMAGEMAGICK:
        path = shutil.which(name)
        if path is not None and _output([path, "-version"]).startswith(b"Version: ImageMagick"):
            return path
    return None


def gimp() -> str | None:
    """Path of GIMP 2.10's program without a window."""
    return shutil.which("gimp-console-2.10") or shutil.which("gimp-console")


def krita() -> str | None:
    """Path of Krita, when there is also the virtual display that it needs."""
    return shutil.which("krita") if shutil.which("xvfb-run") and shutil.which("xauth") else None


def krita_home() -> Path:
    """A folder for Krita's settings that stays: its first run there takes a minute or two."""
    home = FOLDER / "installed" / "krita-home"
    home.mkdir(parents=True, exist_ok=True)
    return home


def krita_command(source: Path, target: Path, home: Path) -> tuple[list[str], dict[str, str]]:
    """The command that renders a file with Krita, and variables for it.

    Args:
        home: Folder for its settings. Its first run there builds a database, for minutes.
    """
    program, xvfb = krita(), shutil.which("xvfb-run")
    assert program is not None
    assert xvfb is not None
    run_time = home / "run"
    run_time.mkdir(mode=0o700, exist_ok=True)
    command = [xvfb, "-a", program, "--export", "--export-filename", str(target), str(source)]
    return command, {"HOME": str(home), "XDG_RUNTIME_DIR": str(run_time)}


def render_with_krita(source: Path, target: Path, home: Path) -> None:
    """Let Krita open a file and write its render as PNG."""
    command, variables = krita_command(source, target, home)
    surroundings = {**os.environ, **variables}
    surroundings.pop("QT_QPA_PLATFORM", None)  # it aborts without a display
    subprocess.run(command, env=surroundings, capture_output=True, check=True, timeout=600)


def read_with_ag_psd(path: Path) -> dict[str, Any]:
    """What tests/formats/readers/read_psd.js prints; its pixels become arrays h w 4."""
    described: dict[str, Any] = json.loads(_node("read_psd.js", path))
    described["merged"] = _array(described["merged"])
    _unpack(described["layers"])
    return described


def save_again_with_ag_psd(path: Path, target: Path) -> None:
    """Open and save, as an editor built on ag-psd would."""
    _node("resave_psd.js", path, target)


def magick_frames(path: Path) -> list[dict[str, Any]]:
    """The merged image and then each layer, as ImageMagick lists them: label and box."""
    form = "%w|%h|%X|%Y|%[compose]|%l\n"
    text = _magick([str(path), "-format", form, "info:"]).decode("mac_roman")
    frames = []
    for line in text.removesuffix("\n").split("\n"):
        width, height, left, top, compose, label = line.split("|", 5)
        x0, y0 = int(left), int(top)
        box = [x0, y0, x0 + int(width), y0 + int(height)]
        frames.append({"label": label, "box": box, "compose": compose})
    return frames


def magick_profile_bytes(path: Path) -> int:
    """Length of the ICC profile."""
    return len(_magick([f"{path}[0]", "icc:-"]))


def magick_resolution(path: Path) -> float:
    """Pixels per inch."""
    return float(_magick([f"{path}[0]", "-units", "PixelsPerInch", "-format", "%x", "info:"]))


def magick_pixels(path: Path, frame: int, width: int, height: int) -> Rgba:
    """Straight RGBA of one frame; 0 is the merged image."""
    raw = _magick([f"{path}[{frame}]", "-depth", "8", "rgba:-"])
    return np.frombuffer(raw, np.uint8).reshape(height, width, 4)


def _node(script: str, *paths: Path) -> bytes:
    node = ag_psd()
    assert node is not None
    command = [node, script, *(str(path.resolve()) for path in paths)]
    finished = subprocess.run(command, cwd=FOLDER, capture_output=True, check=False)
    assert finished.returncode == 0, finished.stderr.decode()
    return finished.stdout


def _magick(arguments: list[str]) -> bytes:
    program = imagemagick()
    assert program is not None
    finished = subprocess.run([program, *arguments], capture_output=True, check=False)
    assert finished.returncode == 0, finished.stderr.decode()
    assert not finished.stderr, finished.stderr.decode()
    return finished.stdout


def _output(command: list[str]) -> bytes:
    try:
        return subprocess.run(command, capture_output=True, check=False, timeout=30).stdout
    except (OSError, subprocess.TimeoutExpired):
        return b""


def _unpack(layers: list[dict[str, Any]]) -> None:
    for layer in layers:
        layer["image"] = _array(layer["image"])
        _unpack(layer["children"] or [])


def _array(image: dict[str, Any] | None) -> Rgba | None:
    if image is None:
        return None
    raw = base64.b64decode(image["rgba"])
    return np.frombuffer(raw, np.uint8).reshape(image["height"], image["width"], 4)
