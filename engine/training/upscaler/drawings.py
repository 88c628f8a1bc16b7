"""Edges of enlarged starter drawings: there is no truth, so clean vector art of the same outlines.

A part of `upscaler.evaluate`, which can make it alone (`--drawings`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np
from PIL import Image

from engine.checkpoints.starter import load_starter
from engine.pipelines.crisp_edges import crispen_edges
from engine.prompts.captions import object_caption
from engine.training.art.sources import ByteImage
from engine.training.layer_batches import token_box
from engine.training.sampling import sample_alone
from engine.training.upscaler.metrics import RgbBytes, edge_width, find_edges, luma

Enlarger = Callable[[Sequence[RgbBytes]], list[RgbBytes]]
NETWORK, RESULT, OUTLINE = "network", "starter", "clean outline"
CAPTIONS = tuple(
    object_caption(noun, "flat") for noun in ("apple", "house", "car", "umbrella", "penguin", "bus")
)
_FINE = 4  # pixels of an outline per pixel and side, before they are averaged
_SMOOTH_PX = 1.0
_CROP_PX = 200  # of the sheet, at the target size
_SHOWN = 4


def starter_drawings() -> list[RgbBytes]:
    """What the starter makes of a few nouns, 256 x 256 px on white."""
    starter = load_starter()
    latents = sample_alone(starter.transformer, starter.text, CAPTIONS)
    box = token_box(0, 0, 8, 8)
    drawings = []
    for each in latents:
        rgba = starter.codec.decode([None, None, each], [None, None, box], {2})[2]
        levels = np.asarray(np.rint(rgba.permute(1, 2, 0).numpy() * 255), np.uint8)
        drawings.append(on_ground(levels, (255, 255, 255)))
    return drawings


def on_ground(rgba: ByteImage, ground: tuple[int, int, int]) -> RgbBytes:
    """Straight RGBA laid on a colour."""
    alpha = rgba[..., 3:].astype(np.float64) / 255
    mixed = rgba[..., :3] * alpha + (1 - alpha) * np.array(ground)
    return np.asarray(np.rint(mixed), np.uint8)


def enlarged_drawings(
    drawings: Sequence[RgbBytes], methods: dict[str, Enlarger], network: Enlarger
) -> dict[str, list[RgbBytes]]:
    """By method; the network's result before and after its edges are crispened, and outlines.

    Args:
        network: Enlarges without crispening.
    """
    made = {name: enlarge(drawings) for name, enlarge in methods.items()}
    made[NETWORK] = network(drawings)
    made[RESULT] = [_crispened(picture) for picture in made[NETWORK]]
    made[OUTLINE] = [_outline(picture) for picture in made[RESULT]]
    return made


def _crispened(picture: RgbBytes) -> RgbBytes:
    crisp = picture.copy()
    crispen_edges(crisp)
    return crisp


def _outline(picture: RgbBytes) -> RgbBytes:
    """Clean vector art of two levels that has the same shapes."""
    smooth = cv2.GaussianBlur(luma(picture).astype(np.float32), (0, 0), _SMOOTH_PX)
    fine = cv2.resize(smooth, None, fx=_FINE, fy=_FINE, interpolation=cv2.INTER_CUBIC)
    shape = np.asarray((fine >= 128) * 255, np.float32)
    size = picture.shape[1], picture.shape[0]
    plane = np.rint(cv2.resize(shape, size, interpolation=cv2.INTER_AREA)).astype(np.uint8)
    return np.repeat(plane[..., None], 3, 2)


def drawing_edges(made: dict[str, list[RgbBytes]]) -> dict[str, dict[str, float]]:
    """Widths of edges by method, in two ways.

    `edge_px` where the result has a clean edge, for all methods alike, outlines at their own: the
    places that `find_edges` takes by itself. `edge_along_px` at places all along each method's own.
    """
    places = [find_edges(luma(picture)) for picture in made[RESULT]]
    table = {}
    for name, pictures in made.items():
        planes = [luma(picture) for picture in pictures]
        own = [find_edges(plane) for plane in planes] if name == OUTLINE else places
        along = [find_edges(plane, along=True) for plane in planes]
        table[name] = {
            "edge_px": _mean([edge_width(*each) for each in zip(planes, own, strict=True)]),
            "edge_along_px": _mean([edge_width(*each) for each in zip(planes, along, strict=True)]),
        }
    return table


def _mean(widths: Sequence[float]) -> float:
    known = [width for width in widths if not np.isnan(width)]
    return round(float(np.mean(known)), 2) if known else float("nan")


def drawing_sheet(drawings: Sequence[RgbBytes], made: dict[str, list[RgbBytes]]) -> RgbBytes:
    """A row per drawing, from where it has most edges: bicubic, the network's, the result."""
    rows = []
    for number, drawing in enumerate(drawings[:_SHOWN]):
        result = made[RESULT][number]
        size = result.shape[1], result.shape[0]
        bicubic = np.asarray(Image.fromarray(drawing).resize(size, Image.Resampling.BICUBIC))
        y, x = busiest(result, _CROP_PX)
        shown = (bicubic, made[NETWORK][number], result)
        rows.append(np.hstack([p[y : y + _CROP_PX, x : x + _CROP_PX] for p in shown]))
    return np.vstack(rows)


def busiest(picture: RgbBytes, side: int) -> tuple[int, int]:
    """Corner of the square with most edges."""
    detail = np.abs(cv2.Laplacian(luma(picture), cv2.CV_64F))
    sums = cv2.boxFilter(detail, -1, (side, side), normalize=False)
    half = side // 2
    inner = sums[half:-half, half:-half]
    y, x = np.unravel_index(int(inner.argmax()), inner.shape)
    return int(y), int(x)
