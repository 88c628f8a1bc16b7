"""Opens PSD and PSB files of other programs and counts what comes of it.

`python -m tests.formats.corpus [FOLDER ...] [--verbose]`: every file below the folders, and files
that GIMP, Krita and ImageMagick make on the spot, as far as they are installed. Nothing is fetched.
psd-tools' own test files are a good folder: a checkout of its repository has them in
tests/psd_files. Counted are: opened; composited close to the file's own merged image (a mean below
1 level, for files that have one and hold nothing that is kept but not shown); the same bytes on
open-then-save; and, with one layer painted, all other records and channels the same bytes.
"""

from __future__ import annotations

import argparse
import io
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from psd_tools.constants import Compression, Resource
from psd_tools.psd import PSD

from editor.document import tree
from editor.document.compositor import composite
from editor.document.geometry import Rect
from editor.document.layers import RasterLayer
from editor.document.state import DocumentState
from editor.formats.errors import FormatError
from editor.formats.native import write_native
from editor.formats.psd import read_psd_file, write_psd
from editor.formats.psd_colors import to_coverage
from editor.formats.psd_layers import entries_of, space_of
from editor.formats.psd_planes import decode_plane
from editor.formats.psd_records import parse
from tests.formats.readers import programs
from tests.formats.sample_documents import matrix_document

CLOSE = 1.0  # levels
_DAB = np.array([[[1, 2, 3, 250]]], np.uint8)

Rgb = npt.NDArray[np.float64]


@dataclass
class Counts:
    """What came of many files."""

    name: str
    total: int = 0
    opened: int = 0
    comparable: int = 0
    close: int = 0
    complete: int = 0
    complete_close: int = 0
    identical: int = 0
    painted: int = 0
    rest_identical: int = 0
    notes: Counter[str] = field(default_factory=Counter)
    lines: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.name}: {self.opened} of {self.total} opened; "
            f"{self.complete_close} of {self.complete} composited close "
            f"({self.close} of {self.comparable} with effects, adjustments and conversions); "
            f"{self.identical} of {self.opened} the same bytes on open-then-save; "
            f"{self.rest_identical} of {self.painted} the same but for the painted layer"
        )


def check(path: Path, counts: Counts, scratch: Path) -> None:
    """Open one file in every way that is counted."""
    counts.total += 1
    try:
        found = read_psd_file(path)
    except FormatError as error:
        counts.lines.append(f"refused: {path.name}: {error.message}")
        return
    counts.opened += 1
    state = found.document.snapshot()
    target = scratch / f"saved{path.suffix.lower()}"
    write_psd(state, target)
    counts.identical += target.read_bytes() == path.read_bytes()
    psd = parse(path.read_bytes())
    _compare_picture(path, psd, state, found.notes, counts)
    if space_of(psd).is_native:
        _paint(path, psd, state, target, counts)


def _compare_picture(
    path: Path, psd: PSD, state: DocumentState, notes: tuple[str, ...], counts: Counts
) -> None:
    merged = merged_image(psd)
    if merged is None:
        return
    counts.comparable += 1
    ours = on_white(state)
    difference = min(float(np.abs(ours - theirs).mean()) for theirs in merged)
    counts.close += difference < CLOSE
    if not notes:
        counts.complete += 1
        counts.complete_close += difference < CLOSE
        if difference >= CLOSE:
            counts.lines.append(f"differs: {path.name}: {difference:.2f} levels")


def merged_image(psd: PSD) -> list[Rgb] | None:
    """The file's own picture over white, h w 3; None when it has none.

    Some programs store the colour under transparency as it is, some mixed with white: then both.
    """
    version: Any = psd.image_resources.get_data(Resource.VERSION_INFO)
    if version is not None and not version.has_composite:
        return None
    header, space, data = psd.header, space_of(psd), psd.image_data
    try:
        planes = decode_plane(
            data.data,
            Compression(data.compression),
            header.width,
            header.height * header.channels,
            header.version,
            depth=space.depth,
        ).reshape(header.channels, header.height, header.width)
    except ValueError:
        return None
    stored = space.to_rgb(list(planes[: space.channels])).astype(np.float64)
    if header.channels <= space.channels:
        return [stored]
    alpha = to_coverage(planes[space.channels])[..., None] / 255
    return [stored, stored * alpha + 255 * (1 - alpha)]


def on_white(state: DocumentState) -> Rgb:
    """Our picture over white, as files store theirs."""
    picture = composite(state).astype(np.float64)
    alpha = picture[..., 3:] / 255
    return np.asarray(picture[..., :3] * alpha + 255 * (1 - alpha))


def _paint(path: Path, psd: PSD, state: DocumentState, target: Path, counts: Counts) -> None:
    """Change one pixel of one layer; everything else must stay."""
    rasters = [layer for layer in state.raster_layers() if not layer.opaque_box.is_empty]
    if not rasters or not list(entries_of(psd)):
        return
    layer: RasterLayer = rasters[len(rasters) // 2]
    pixels = layer.pixels.with_patch(Rect(0, 0, 1, 1), _DAB)
    layers = tree.replace_layers(
        state.layers, {layer.layer_id: replace(layer, pixels=pixels, record=None)}
    )
    write_psd(replace(state, layers=layers), target)
    before, after = stored(psd), stored(PSD.frombytes(target.read_bytes()))
    counts.painted += 1
    own = -1 if layer.kept is None else layer.kept.record
    pairs = enumerate(zip(before, after, strict=False))
    others = [was == now for index, (was, now) in pairs if index != own]
    same = len(before) == len(after) and all(others)
    counts.rest_identical += same
    if not same:
        counts.lines.append(f"other layers changed: {path.name}")


def stored(psd: PSD) -> list[tuple[bytes, list[bytes]]]:
    """Record and channels of each layer as bytes."""
    found = []
    for record, channels in entries_of(psd):
        stream = io.BytesIO()
        record.write(stream, version=psd.header.version)
        found.append((stream.getvalue(), [bytes(channel.data) for channel in channels]))
    return found


# Files made by other programs


def made_by_imagemagick(folder: Path) -> Iterator[Path]:
    """Layers, gray, CMYK and 16 bits; flat and compressed."""
    program = programs.imagemagick()
    if program is None:
        return
    layers = ["-depth", "8", "-size", "60x40", "xc:red", "gradient:blue-lime"]
    words = {
        # The first picture is written as the merged image.
        "layers.psd": [*layers, "(", "-clone", "0-1", "-flatten", ")", "-insert", "0"],
        "gray.psd": ["-size", "60x40", "gradient:", "-colorspace", "Gray"],
        "ink.psd": ["-size", "60x40", "plasma:", "-colorspace", "CMYK"],
        "deep.psd": ["-size", "60x40", "gradient:red-yellow", "-depth", "16"],
        "zip.psd": ["-depth", "8", "-size", "60x40", "plasma:", "-compress", "Zip"],
        "large.psb": ["-depth", "8", "-size", "60x40", "plasma:"],
        "alpha.psd": ["-depth", "8", "-size", "60x40", "radial-gradient:red-none"],
    }
    for name, options in words.items():
        subprocess.run([program, *options, str(folder / name)], check=False, capture_output=True)
        if (folder / name).exists():
            yield folder / name


_GIMP_SCRIPT = """
(let* ((image (car (gimp-image-new 64 48 RGB)))
       (make (lambda (name mode opacity color x y w h)
         (let ((layer (car (gimp-layer-new image w h RGBA-IMAGE name opacity mode))))
           (gimp-image-insert-layer image layer 0 -1)
           (gimp-context-set-foreground color)
           (gimp-drawable-fill layer FILL-FOREGROUND)
           (gimp-layer-set-offsets layer x y)
           layer))))
  (make "normal" LAYER-MODE-NORMAL-LEGACY 100 '(200 40 40) 0 0 64 48)
  (make "multiply" LAYER-MODE-MULTIPLY-LEGACY 70 '(40 200 40) 10 8 40 30)
  (let ((masked (make "masked" LAYER-MODE-SCREEN-LEGACY 100 '(40 40 200) 20 16 40 30)))
    (gimp-layer-add-mask masked (car (gimp-layer-create-mask masked ADD-MASK-WHITE)))
    (gimp-drawable-edit-fill (car (gimp-layer-get-mask masked)) FILL-FOREGROUND))
  (file-psd-save RUN-NONINTERACTIVE image (car (gimp-image-get-active-drawable image))
    "{folder}/gimp.psd" "gimp.psd" 1 0)
  (gimp-image-flatten image)
  (file-psd-save RUN-NONINTERACTIVE image (car (gimp-image-get-active-drawable image))
    "{folder}/gimp-flat.psd" "gimp-flat.psd" 1 0)
  (gimp-image-convert-grayscale image)
  (file-psd-save RUN-NONINTERACTIVE image (car (gimp-image-get-active-drawable image))
    "{folder}/gimp-gray.psd" "gimp-gray.psd" 1 0))
"""


def made_by_gimp(folder: Path) -> Iterator[Path]:
    """Layers with modes and a mask; flat; gray."""
    program = programs.gimp()
    if program is None:
        return
    script = _GIMP_SCRIPT.replace("{folder}", str(folder))
    words = [program, "-i", "-d", "-f", "--batch-interpreter", "plug-in-script-fu-eval"]
    subprocess.run(
        [*words, "-b", script, "-b", "(gimp-quit 0)"],
        check=False,
        capture_output=True,
        timeout=300,
    )
    yield from sorted(folder.glob("gimp*.psd"))


def made_by_krita(folder: Path, home: Path) -> Iterator[Path]:
    """Our matrix document through Krita: opened as OpenRaster, saved as PSD."""
    if programs.krita() is None:
        return
    source = folder / "matrix.ora"
    write_native(matrix_document(), source)
    command, variables = programs.krita_command(source, folder / "krita.psd", home)
    surroundings = {**os.environ, **variables}
    surroundings.pop("QT_QPA_PLATFORM", None)  # it aborts without a display
    subprocess.run(command, env=surroundings, capture_output=True, check=False, timeout=600)
    yield from folder.glob("krita.psd")


def count(name: str, paths: Iterable[Path], scratch: Path) -> Counts:
    """Check some files."""
    counts = Counts(name)
    for path in paths:
        check(path, counts, scratch)
    return counts


def count_made(folder: Path, home: Path) -> list[Counts]:
    """Files of each program that is installed."""
    makers = {
        "ImageMagick": made_by_imagemagick(_new(folder / "imagemagick")),
        "GIMP": made_by_gimp(_new(folder / "gimp")),
        "Krita": made_by_krita(_new(folder / "krita"), home),
    }
    found = [count(name, paths, folder) for name, paths in makers.items()]
    return [counts for counts in found if counts.total]


def _new(folder: Path) -> Path:
    folder.mkdir()
    return folder


def main() -> int:
    """1 when a file was not opened or came back changed."""
    parser = argparse.ArgumentParser(prog="python -m tests.formats.corpus")
    parser.add_argument("folders", type=Path, nargs="*", metavar="FOLDER")
    parser.add_argument("--verbose", action="store_true", help="a line for each odd file")
    parser.add_argument("--home", type=Path, help="a folder for Krita's settings, used again")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        home = options.home or _new(scratch / "home")
        counted = count_made(scratch, home)
        for folder in options.folders:
            paths = sorted(p for p in folder.rglob("*") if p.suffix.lower() in (".psd", ".psb"))
            counted.append(count(str(folder), paths, scratch))
    for counts in counted:
        print(counts)
        if options.verbose:
            print("".join(f"  {line}\n" for line in counts.lines), end="")
    faults = sum(c.total - c.opened + c.opened - c.identical for c in counted)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
