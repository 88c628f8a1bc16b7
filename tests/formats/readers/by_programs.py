"""What ag-psd, ImageMagick, GIMP and Krita read in a PSD."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import cv2
import numpy as np

from editor.document.geometry import Corners
from editor.formats.ora_modes import blend_mode
from tests.formats.readers import programs
from tests.formats.readers.by_python import document_id_in, read_with_psd_tools
from tests.formats.readers.reading import Reading, Rgba, Seen, plain_mode

_KRA = "{http://www.calligra.org/DTD/krita}"
# LayerMode of libgimp 2.10.
_GIMP_MODES = {
    1: "dissolve", 23: "overlay", 24: "hue", 25: "saturation", 26: "color", 27: "luminosity",
    28: "normal", 30: "multiply", 31: "screen", 32: "difference", 33: "lineardodge",
    34: "subtract", 35: "darken", 36: "lighten", 41: "divide", 42: "colordodge", 43: "colorburn",
    44: "hardlight", 45: "softlight", 48: "vividlight", 49: "pinlight", 50: "linearlight",
    51: "hardmix", 52: "exclusion", 53: "linearburn", 54: "darkercolor", 55: "lightercolor",
    61: "passthrough",
}  # fmt: skip
_KRITA_MODES = {
    "burn": "colorburn",
    "dodge": "colordodge",
    "diff": "difference",
    "luminize": "luminosity",
}
_MAGICK_MODES = {
    "over": "normal", "exclude": "exclusion", "saturate": "saturation", "colorize": "color",
    "luminize": "luminosity", "none": "normal", "no": "normal",
}  # fmt: skip


def read_with_ag_psd(path: Path) -> Reading:
    read = programs.read_with_ag_psd(path)
    layers: list[Seen] = []
    _add_ag_psd(read["layers"], 0, layers)
    return Reading(
        size=(read["width"], read["height"]),
        layers=tuple(layers),
        merged=read["merged"],
        resolution=read["resolution"],
        document_id=document_id_in(read["xmp"]),
    )


def _add_ag_psd(layers: Iterable[dict[str, Any]], depth: int, found: list[Seen]) -> None:
    for layer in layers:
        is_group = layer["children"] is not None
        _add_ag_psd(layer["children"] or (), depth + 1, found)
        found.append(
            Seen(
                name=layer["name"],
                is_group=is_group,
                depth=depth,
                box=None if is_group else _corners(layer["box"]),
                mode=plain_mode(layer["blendMode"]),
                opacity=round(layer["opacity"] * 255),
                visible=not layer["hidden"],
                locked=layer["locked"],
                clipped=layer["clipping"],
                masked=layer["hasMask"],
                expanded=layer["opened"] if is_group else None,
                number=layer["id"],
                pixels=layer["image"],
            )
        )


def _corners(values: list[int]) -> Corners:
    x0, y0, x1, y1 = values
    return x0, y0, x1, y1


def read_with_imagemagick(path: Path) -> Reading:
    """It lists pixel layers only."""
    merged, *frames = programs.magick_frames(path)
    width, height = merged["box"][2:]
    layers = tuple(
        Seen(
            name=frame["label"],
            is_group=False,
            box=_corners(frame["box"]),
            mode=_MAGICK_MODES.get(plain_mode(frame["compose"]), plain_mode(frame["compose"])),
        )
        for frame in frames
    )
    return Reading(
        size=(width, height),
        layers=layers,
        merged=programs.magick_pixels(path, 0, width, height),
        profile_bytes=programs.magick_profile_bytes(path),
        resolution=programs.magick_resolution(path),
    )


def read_with_gimp(path: Path) -> Reading:
    """Its own list; pixels from the PSD that it saves then, as psd-tools reads them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        listing, again = folder / "list.txt", folder / "again.psd"
        program = programs.gimp()
        assert program is not None
        variables = {"PSD_FROM": str(path), "PSD_LIST": str(listing), "PSD_TO": str(again)}
        script = Path(__file__).with_name("read_psd.scm")
        command = [program, *programs.GIMP_OPTIONS, "-b", f'(load "{script}")']
        surroundings = {**os.environ, **variables, "HOME": name}
        subprocess.run(
            [*command, "-b", "(gimp-quit 0)"],
            env=surroundings, capture_output=True, check=True, timeout=300,
        )  # fmt: skip
        head, *lines = listing.read_text().splitlines()
        layers = _gimp_layers([line.split("\t") for line in lines])
        saved = {seen.name: seen.pixels for seen in read_with_psd_tools(again).layers}
    width, height, resolution, profile = head.split("\t")[:4]
    return Reading(
        size=(int(width), int(height)),
        layers=tuple(_with_pixels(seen, saved) for seen in layers),
        profile_bytes=int(profile),
        resolution=float(resolution.strip("()").split()[0]),
    )


def _with_pixels(seen: Seen, saved: dict[str, Rgba | None]) -> Seen:
    values = {**seen.__dict__, "pixels": saved.get(seen.name), "name": _gimp_name(seen.name)}
    return Seen(**values)


def _gimp_name(name: str) -> str:
    """It numbers names that occur twice, and gives a name to layers without one."""
    return "" if name == "Layer" else re.sub(r" #\d+$", "", name)


def _gimp_layers(lines: list[list[str]]) -> list[Seen]:
    """Top to bottom, a group before what is in it; the groups that it adds around clipped layers
    are taken away again.
    """
    found: list[Seen] = []
    added: list[int] = []  # depths of groups that it made
    for depth_text, name, is_group, opacity, mode, visible, locked, at, *rest in lines:
        depth = int(depth_text)
        added = [one for one in added if one < depth]
        if name.strip('"').startswith("Group added by GIMP"):
            added.append(depth)
            continue
        width, height, masked, composite, expanded = rest[:5]
        x, y = (int(value) for value in at.strip("()").split())
        group = is_group == "#t"
        found.append(
            Seen(
                name=name.removeprefix('"').removesuffix('"'),
                is_group=group,
                depth=depth - len(added),
                box=None if group else (x, y, x + int(width), y + int(height)),
                mode=_GIMP_MODES.get(int(mode)),
                opacity=round(float(opacity) * 2.55),
                visible=visible == "#t",
                locked=locked == "#t",
                clipped=int(composite) == 2,  # clip to backdrop
                masked=masked == "#t",
                expanded=expanded == "1" if group else None,
            )
        )
    return _groups_last(found)


def _groups_last(top_down: list[Seen]) -> list[Seen]:
    """From top to bottom, groups first, to bottom to top, groups last: the reverse."""
    return list(reversed(top_down))


def read_with_krita(path: Path) -> Reading:
    """Properties from its own format, pixels from the OpenRaster file that it writes."""
    with tempfile.TemporaryDirectory() as name:
        native, open_raster = Path(name) / "a.kra", Path(name) / "a.ora"
        for target in (native, open_raster):
            programs.render_with_krita(path, target, programs.krita_home())
        with zipfile.ZipFile(native) as kra:
            image = ET.fromstring(kra.read("maindoc.xml")).find(f"{_KRA}IMAGE")
            assert image is not None
            profiles = {kra.getinfo(n).file_size for n in kra.namelist() if n.endswith(".icc")}
        layers: list[Seen] = []
        _add_krita(image.find(f"{_KRA}layers"), 0, layers)
        pictures = _krita_pictures(open_raster)
    return Reading(
        size=(int(image.attrib["width"]), int(image.attrib["height"])),
        layers=tuple(Seen(**{**seen.__dict__, **pictures.get(seen.name, {})}) for seen in layers),
        profile_bytes=profiles.pop() if len(profiles) == 1 else None,
        resolution=round(float(image.attrib["x-res"]), 3),
    )


def _add_krita(element: ET.Element | None, depth: int, found: list[Seen]) -> None:
    for layer in reversed([] if element is None else element.findall(f"{_KRA}layer")):
        values = layer.attrib
        is_group = values["nodetype"] == "grouplayer"
        inner = layer.find(f"{_KRA}layers")
        _add_krita(inner, depth + 1, found)
        masks = layer.findall(f"{_KRA}masks/{_KRA}mask") + layer.findall(f"{_KRA}layers/{_KRA}mask")
        found.append(
            Seen(
                name=values["name"],
                is_group=is_group,
                depth=depth,
                mode=_krita_mode(values),
                opacity=int(values["opacity"]),
                visible=values["visible"] == "1",
                locked=values["locked"] == "1",
                clipped=False,
                masked=any(mask.attrib["nodetype"] == "transparencymask" for mask in masks),
                expanded=values["collapsed"] == "0" if is_group else None,
            )
        )


def _krita_mode(values: dict[str, str]) -> str:
    if values.get("passthrough") == "1":
        return "passthrough"
    name = values["compositeop"]
    mode = blend_mode(f"krita:{name}")
    return plain_mode(mode.id) if mode else _KRITA_MODES.get(name, plain_mode(name))


def _krita_pictures(path: Path) -> dict[str, dict[str, Any]]:
    """Name -> box and pixels."""
    found: dict[str, dict[str, Any]] = {}
    with zipfile.ZipFile(path) as archive:
        for layer in ET.fromstring(archive.read("stack.xml")).iter("layer"):
            data = np.frombuffer(archive.read(layer.attrib["src"]), np.uint8)
            picture = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)
            if picture is None:
                continue
            rgba = cv2.cvtColor(picture, cv2.COLOR_BGRA2RGBA)
            x, y = int(layer.attrib["x"]), int(layer.attrib["y"])
            box = (x, y, x + rgba.shape[1], y + rgba.shape[0])
            found[layer.attrib["name"]] = {"box": box, "pixels": np.asarray(rgba)}
    return found
