"""Halos of enlarged transparent layers: `python -m tests.benchmarks.upscale_halo SHEET.png`.

Drawings of a few flat colours whose transparent pixels hold garbage are enlarged four times and
laid on black, white and saturated grounds. Nothing that is made of these colours and of the ground
can be darker or lighter than all of them: how far a pixel of the edge goes beyond is its halo, in
levels of 255. The true drawing at the large size stands beside; so does what enlarging RGBA as it
is would give. Exit status 1 when ours has one above LIMIT, or above MEAN_LIMIT in the mean.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from engine.pipelines.job_reporter import JobReporter
from engine.pipelines.picture_upscaling import upscale_pictures
from engine.pipelines.transparency import plateau
from engine.pipelines.upscaler import load_upscaler
from engine.progress import PhaseRates
from engine.requests.upscale import (
    UPSCALER_NAME,
    PixelArray,
    UpscaleMode,
    UpscalePicture,
    UpscaleRequest,
)

GROUNDS = {
    "black": (0, 0, 0), "white": (255, 255, 255), "red": (255, 0, 0), "green": (0, 255, 0),
    "blue": (0, 0, 255), "magenta": (255, 0, 255),
}  # fmt: skip
SCALE, SIDE_PX, FINE = 4, 64, 16
LIMIT = 32.0
MEAN_LIMIT = 1.0
Enlarger = Callable[[PixelArray], PixelArray]


def main() -> int:
    """Prints a table, writes the sheet; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.upscale_halo")
    parser.add_argument("sheet", type=Path)
    parser.add_argument("--mode", choices=[mode.value for mode in UpscaleMode], action="append")
    options = parser.parse_args()
    ways: dict[str, Enlarger] = {"as it is": _naively}
    for mode in options.mode or [mode.value for mode in UpscaleMode]:
        ways[mode] = _by(UpscaleMode(mode))
    low, true = drawings()
    print(f"{'way':10} {'ground':8} {'halo max':>9} {'halo mean':>10} {'error':>7}")
    failed, rows = False, [true]
    for name, enlarge in ways.items():
        made = [enlarge(pixels) for pixels in low]
        rows.append(made)
        for ground, colour in GROUNDS.items():
            halos = [
                halo(picture, source, colour) for picture, source in zip(made, low, strict=True)
            ]
            errors = [
                np.abs(_laid(a, colour) - _laid(b, colour)).mean()
                for a, b in zip(made, true, strict=True)
            ]
            most = max(float(h.max()) for h in halos)
            mean = float(np.concatenate(halos).mean())
            print(f"{name:10} {ground:8} {most:9.1f} {mean:10.2f} {np.mean(errors):7.2f}")
            failed |= name != "as it is" and (most > LIMIT or mean > MEAN_LIMIT)
        if name != "as it is":
            broken = sum(_broken(a, b) for a, b in zip(made, low, strict=True))
            print(f"{name:10} plateaus: {broken} pixels that are not exactly 0 or 255")
            failed |= broken > 0
    _write_sheet(options.sheet, rows)
    print(f"Wrote {options.sheet}: true, {', '.join(ways)}")
    return int(failed)


def drawings() -> tuple[list[PixelArray], list[PixelArray]]:
    """At the low size and at the large one."""
    pairs = [_drawing(*arguments) for arguments in (
        ("disc", (200, 30, 60), (200, 30, 60)), ("star", (250, 220, 40), (40, 30, 20)),
        ("ring", (30, 120, 60), (240, 240, 240)), ("strokes", (20, 20, 20), (90, 60, 200)),
    )]  # fmt: skip
    return [low for low, _ in pairs], [large for _, large in pairs]


def _drawing(
    shape: str, fill: tuple[int, int, int], line: tuple[int, int, int]
) -> tuple[PixelArray, PixelArray]:
    side = SIDE_PX * FINE
    body, edge = np.zeros((side, side), np.uint8), np.zeros((side, side), np.uint8)
    middle, radius = (side // 2, side // 2), int(0.36 * side)
    if shape == "strokes":
        for k in range(5):
            cv2.line(body, (side // 6 + k * side // 8, side // 6), (side // 3 + k * side // 9,
                     5 * side // 6), 255, (k + 1) * FINE)  # fmt: skip
        cv2.ellipse(edge, middle, (radius, radius // 2), 20, 0, 360, 255, 2 * FINE)
    elif shape == "star":
        turns = np.arange(10) * np.pi / 5
        far = np.where(np.arange(10) % 2, 0.45, 1.0) * radius
        points = np.stack([np.sin(turns) * far, -np.cos(turns) * far], 1) + middle
        cv2.fillPoly(body, [points.astype(np.int32)], 255)
        cv2.polylines(edge, [points.astype(np.int32)], True, 255, 3 * FINE)
    else:
        cv2.circle(body, middle, radius, 255, -1 if shape == "disc" else 9 * FINE)
        if shape == "ring":
            cv2.circle(edge, middle, radius, 255, 2 * FINE)
    pixels = np.zeros((side, side, 4), np.uint8)
    pixels[body > 0] = (*fill, 255)
    pixels[edge > 0] = (*line, 255)
    return _reduced(pixels, SIDE_PX, garbage=True), _reduced(pixels, SIDE_PX * SCALE)


def _reduced(pixels: PixelArray, side: int, *, garbage: bool = False) -> PixelArray:
    planes = pixels.astype(np.float32)
    planes[..., :3] *= planes[..., 3:] / 255
    planes = np.asarray(cv2.resize(planes, (side, side), interpolation=cv2.INTER_AREA), np.float32)
    alpha = planes[..., 3:]
    planes[..., :3] *= 255 / np.maximum(alpha, 1e-3)
    out = np.rint(np.clip(planes, 0, 255)).astype(np.uint8)
    if garbage:
        empty = out[..., 3] == 0
        out[empty, :3] = np.random.default_rng(0).integers(0, 256, (int(empty.sum()), 3))
    return out


def _naively(pixels: PixelArray) -> PixelArray:
    size = (pixels.shape[1] * SCALE, pixels.shape[0] * SCALE)
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_CUBIC), np.uint8)


def _by(mode: UpscaleMode) -> Enlarger:
    def enlarge(pixels: PixelArray) -> PixelArray:
        height, width = pixels.shape[:2]
        picture = UpscalePicture("a", "a", pixels, (0, 0, width * SCALE, height * SCALE))
        with tempfile.TemporaryDirectory() as folder:
            request = UpscaleRequest((picture,), seed=1, mode=mode, scratch=folder)
            job = JobReporter(lambda _progress: None, lambda: False, PhaseRates())
            result = upscale_pictures(request, lambda: load_upscaler(UPSCALER_NAME), job)
        return result.pictures[0].pixels

    return enlarge


def halo(made: PixelArray, low: PixelArray, ground: tuple[int, int, int]) -> np.ndarray:
    """Levels by which pixels of the edge leave the range of the drawing's colours and the ground.

    The range is that of the seen pixels of `low` in the 5 x 5 around, and of the ground.
    """
    seen = low[..., 3] >= 32
    kernel = np.ones((5, 5), np.uint8)
    high = cv2.dilate(np.where(seen[..., None], low[..., :3], 0).astype(np.uint8), kernel)
    least = cv2.erode(np.where(seen[..., None], low[..., :3], 255).astype(np.uint8), kernel)
    size = made.shape[1], made.shape[0]
    high, least = (cv2.resize(p, size, interpolation=cv2.INTER_NEAREST) for p in (high, least))
    high, least = np.maximum(high, ground), np.minimum(least, ground)
    edge = (made[..., 3] > 0) & (made[..., 3] < 255)
    laid = _laid(made, ground)
    beyond = np.maximum(laid - high, least - laid).clip(0).max(2)
    return np.asarray(beyond[edge])


def _broken(made: PixelArray, low: PixelArray) -> int:
    count = 0
    for value in (0, 255):
        flat = plateau(low[..., 3], value).repeat(SCALE, 0).repeat(SCALE, 1)
        count += int((made[..., 3][flat] != value).sum())
    return count


def _laid(pixels: PixelArray, ground: tuple[int, int, int]) -> np.ndarray:
    alpha = pixels[..., 3:].astype(np.float32) / 255
    return pixels[..., :3] * alpha + np.array(ground, np.float32) * (1 - alpha)


def _write_sheet(path: Path, rows: list[list[PixelArray]]) -> None:
    """A row for each way, with its drawings on every ground in turns."""
    grounds = list(GROUNDS.values())
    lines = [
        np.concatenate(
            [_laid(p, grounds[i]) for p in row[:3:2] for i in range(len(grounds))], axis=1
        )
        for row in rows
    ]
    sheet = np.concatenate(lines, 0).round().astype(np.uint8)
    cv2.imwrite(str(path), sheet[..., ::-1])


if __name__ == "__main__":
    raise SystemExit(main())
