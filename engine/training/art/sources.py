"""Permissively licensed icon sets: download by exact version, map by code point, render as RGBA.

Packages come through the ordinary npm client (`npm pack name@version`); nothing is fetched at run
time of the product. Icons are matched to concepts by emojibase hexcode (lower case, `-` joined,
without fe0f), so the same drawing subject of several sets is one concept.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from engine.training.art.ink import INK_VERSION, inked
from engine.training.cached import only_one, write_complete

ByteImage = npt.NDArray[np.uint8]

CACHE_VARIABLE = "LAYERLOOM_TRAINING_CACHE"
MASTER_SIDE_PX = 288  # long side of the cached tight render; art is needed at up to 2 x 144 px


@dataclass(frozen=True, slots=True)
class ArtworkSet:
    """One icon package and what may be done with its drawings.

    Attributes:
        lines: Whether ink is drawn along the edges of the package's drawings (`ink.py`).
    """

    style: str
    package: str
    version: str
    licence: str
    trained_on: bool
    lines: bool = False


SETS = {
    s.style: s
    for s in (
        ArtworkSet("flat", "@iconify-json/fluent-emoji-flat", "1.2.6", "MIT", True),
        ArtworkSet("outlined", "@iconify-json/fluent-emoji-flat", "1.2.6", "MIT", True, lines=True),
        ArtworkSet("glossy", "@iconify-json/fluent-emoji", "1.2.7", "MIT", True),
        ArtworkSet("3d", "@lobehub/fluent-emoji-3d", "1.1.0", "MIT", True),  # pictures, no SVG
        ArtworkSet("cartoon", "@iconify-json/noto", "1.2.9", "Apache-2.0", True),
        ArtworkSet("cartoon-old", "@iconify-json/noto-v1", "1.2.5", "Apache-2.0", True),
        # Evaluation only: CC-BY and CC-BY-SA art never enters shipped weights.
        ArtworkSet("twemoji", "@iconify-json/twemoji", "1.2.5", "CC-BY-4.0", False),
        ArtworkSet("openmoji", "@iconify-json/openmoji", "1.2.29", "CC-BY-SA-4.0", False),
    )
}
LABELS_PACKAGE = ("emojibase-data", "17.0.0")
KEYWORDS_PACKAGE = ("emojilib", "4.0.3")  # MIT


class ArtworkError(Exception):
    """A package that cannot be fetched, or an icon that a set does not have."""


def cache_folder() -> Path:
    """Folder for downloads, renders and checkpoints; never inside the repository."""
    named = os.environ.get(CACHE_VARIABLE)
    base = Path(named) if named else Path.home() / ".cache" / "layerloom-training"
    base.mkdir(parents=True, exist_ok=True)
    return base


def fetch_package(package: str, version: str) -> Path:
    """Unpacked folder of an npm package, downloaded on first use.

    Raises:
        ArtworkError: npm is missing or refused; the message carries its last line.
    """
    folder = cache_folder() / "packages"
    folder.mkdir(exist_ok=True)
    stem = f"{package.lstrip('@').replace('/', '-')}-{version}"
    unpacked = folder / stem
    with only_one(unpacked):
        if not (unpacked / "package" / "package.json").exists():
            _unpack(package, version, unpacked)
    return unpacked / "package"


def _unpack(package: str, version: str, unpacked: Path) -> None:
    """Downloads beside the target; the folder gets its name when every file is there."""
    with tempfile.TemporaryDirectory(dir=unpacked.parent) as place:
        _npm_pack(f"{package}@{version}", Path(place))
        (archive,) = Path(place).glob("*.tgz")
        with tarfile.open(archive) as tar:
            tar.extractall(Path(place) / "content", filter="data")
        shutil.rmtree(unpacked, ignore_errors=True)  # an older, incomplete one
        (Path(place) / "content").rename(unpacked)


def _npm_pack(spec: str, folder: Path) -> None:
    try:
        subprocess.run(
            ["npm", "pack", spec, "--silent"],
            cwd=folder,
            check=True,
            capture_output=True,
            text=True,
        )
    except FileNotFoundError as error:
        raise ArtworkError("npm is needed to download the training art; install it.") from error
    except subprocess.CalledProcessError as error:
        last = (error.stderr or "no message").strip().splitlines()[-1]
        raise ArtworkError(f"npm could not fetch {spec}: {last}") from error


def normalise_hexcode(code: str) -> str:
    """Lower case code points joined with `-`, without the fe0f presentation selector."""
    return "-".join(p for p in code.lower().replace("_", "-").split("-") if p != "fe0f")


@functools.lru_cache(maxsize=1)
def emoji_labels() -> dict[str, dict[str, Any]]:
    """Emojibase entries (label, tags, group) by normalised hexcode."""
    data = json.loads((fetch_package(*LABELS_PACKAGE) / "en" / "data.json").read_text("utf-8"))
    return {normalise_hexcode(entry["hexcode"]): entry for entry in data}


def emoji_keywords() -> dict[str, frozenset[str]]:
    """Keywords of emojibase and emojilib, in lower case, by normalised hexcode."""
    path = fetch_package(*KEYWORDS_PACKAGE) / "dist" / "emoji-en-US.json"
    found = {code: set(entry.get("tags", ())) for code, entry in emoji_labels().items()}
    for emoji, words in json.loads(path.read_text("utf-8")).items():
        code = normalise_hexcode("-".join(f"{ord(character):x}" for character in emoji))
        found.setdefault(code, set()).update(word.replace("_", " ") for word in words)
    return {code: frozenset(map(str.lower, words)) for code, words in found.items()}


@functools.cache
def _icon_names(style: str) -> dict[str, str]:
    """Icon name by hexcode, from the set's own map, the flat set's or the label's slug."""
    folder = fetch_package(SETS[style].package, SETS[style].version)
    chars = json.loads((folder / "chars.json").read_text("utf-8"))
    if chars:
        return {normalise_hexcode(code): name for code, name in chars.items()}
    if style == "glossy":  # same icon names as the flat set, no map of its own
        return _icon_names("flat")
    return {code: _slug(entry["label"]) for code, entry in emoji_labels().items()}


def _slug(label: str) -> str:
    kept = "".join(c if c.isalnum() else "-" for c in label.lower().replace("’", ""))
    return "-".join(part for part in kept.split("-") if part)


@functools.cache
def _icon_set(style: str) -> dict[str, Any]:
    folder = fetch_package(SETS[style].package, SETS[style].version)
    data: dict[str, Any] = json.loads((folder / "icons.json").read_text("utf-8"))
    return data


@functools.cache
def _picture_files(style: str) -> dict[str, Path]:
    """Files by hexcode of a set of pictures; empty for a set of SVG drawings."""
    folder = fetch_package(SETS[style].package, SETS[style].version) / "assets"
    return {normalise_hexcode(path.stem): path for path in folder.glob("*.webp")}


def has_icon(style: str, hexcode: str) -> bool:
    """Whether the set draws this concept."""
    if _picture_files(style):
        return hexcode in _picture_files(style)
    return _icon_names(style).get(hexcode) in _icon_set(style)["icons"]


def icon_svg(style: str, hexcode: str) -> str:
    """SVG document of one icon.

    Raises:
        ArtworkError: the set has no drawing of this code point.
    """
    if not has_icon(style, hexcode):
        raise ArtworkError(f"The set '{style}' has no icon for code point {hexcode}.")
    data = _icon_set(style)
    icon = data["icons"][_icon_names(style)[hexcode]]
    width = icon.get("width", data.get("width", 16))
    height = icon.get("height", data.get("height", 16))
    view = f"{icon.get('left', 0)} {icon.get('top', 0)} {width} {height}"
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="{view}" width="{width}" height="{height}" color="#444">{icon["body"]}</svg>'
    )


def render_svg(svg: str, side: int) -> ByteImage:
    """Straight RGBA `h w 4` of an SVG, `side` pixels wide."""
    import resvg_py

    png = bytes(resvg_py.svg_to_bytes(svg_string=svg, width=side))
    image = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED)
    if image is None or image.ndim != 3 or image.shape[2] != 4:
        raise ArtworkError("resvg gave no RGBA picture.")
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGRA2RGBA), np.uint8)


def _icon_picture(style: str, hexcode: str, side: int) -> ByteImage:
    """Straight RGBA of an icon: `side` pixels wide, or a set of pictures' own size."""
    if not _picture_files(style):
        return render_svg(icon_svg(style, hexcode), side)
    path = _picture_files(style).get(hexcode)
    image = cv2.imread(str(path), cv2.IMREAD_UNCHANGED) if path else None
    if image is None or image.ndim != 3 or image.shape[2] != 4:
        raise ArtworkError(f"The set '{style}' has no icon for code point {hexcode}.")
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGRA2RGBA), np.uint8)


def crop_to_alpha(rgba: ByteImage, threshold: int = 8) -> ByteImage:
    """The part of `h w 4` whose alpha exceeds the threshold; the whole when nothing does."""
    rows, columns = np.nonzero(rgba[..., 3] > threshold)
    if len(rows) == 0:
        return rgba
    return rgba[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]


def resize_premultiplied(rgba: ByteImage, width: int, height: int) -> ByteImage:
    """Area resampling of straight RGBA in premultiplied space, so that edges take no fringe."""
    image = rgba.astype(np.float32)
    image[..., :3] *= image[..., 3:] / np.float32(255)
    shrinking = width * height < rgba.shape[0] * rgba.shape[1]
    mode = cv2.INTER_AREA if shrinking else cv2.INTER_CUBIC
    small = np.clip(cv2.resize(image, (width, height), interpolation=mode), 0, 255)
    alpha = small[..., 3:]
    small[..., :3] = small[..., :3] * 255 / np.maximum(alpha, 1)
    return np.clip(np.rint(small), 0, 255).astype(np.uint8)


def drawn_version(style: str, joint: str = "@") -> str:
    """Style, version of its package and of what we draw on top; part of the names of caches."""
    lines = f"{joint}{INK_VERSION}" if SETS[style].lines else ""
    return f"{style}{joint}{SETS[style].version}{lines}"


def tight_render(style: str, hexcode: str, long_side: int = MASTER_SIDE_PX) -> ByteImage:
    """An icon cropped to its alpha, straight RGBA, long side exactly `long_side` pixels; cached."""
    folder = cache_folder() / "renders" / f"{drawn_version(style, '-')}-{long_side}"
    path = folder / f"{hexcode}.png"
    if path.exists():
        image = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        if image is not None:
            return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGRA2RGBA), np.uint8)
    tight = crop_to_alpha(_icon_picture(style, hexcode, 2 * long_side))
    if SETS[style].lines:
        tight = crop_to_alpha(inked(tight))
    scale = long_side / max(tight.shape[:2])
    height, width = (max(1, round(side * scale)) for side in tight.shape[:2])
    tight = resize_premultiplied(tight, width, height)
    folder.mkdir(parents=True, exist_ok=True)
    picture = cv2.cvtColor(tight, cv2.COLOR_RGBA2BGRA)
    write_complete(path, lambda fresh: cv2.imwrite(str(fresh), picture))
    return tight


def data_hash(names: list[str], version: str) -> str:
    """Short hash that names a data set: the code version and every (style, hexcode) in it."""
    return hashlib.blake2b("\n".join([version, *names]).encode(), digest_size=8).hexdigest()
