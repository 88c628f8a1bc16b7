"""Pictures with known transparency: five kinds of cut-outs over three kinds of ground.

Both the matting net's training and the bake-off of the alpha routes draw from here; what differs is
the seed and the art.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
import numpy.typing as npt

from engine.training.art.sources import ByteImage, resize_premultiplied

Cutout = npt.NDArray[np.float32]  # h w 4 in [0, 1], straight alpha
Rgb = npt.NDArray[np.float32]  # h w 3 in [0, 1]

GREY = 0.5
_MARGIN = 0.08  # of the side, that a drawing keeps from the edge
_CURVE_POINTS = 60


class CutoutKind(StrEnum):
    """What is to be cut out."""

    SOLID = "solid"
    STROKES = "thin strokes"
    GLOW = "glow"
    GLASS = "glass"
    SHADOW = "soft shadow"


class Ground(StrEnum):
    """What it lies on."""

    GREY = "grey"
    WHITE = "white"
    PHOTO = "photo-like"


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A flat picture and the cut-out that is hidden in it."""

    kind: CutoutKind
    ground: Ground
    truth: Cutout
    picture: Rgb


def make_scene(
    art: ByteImage, kind: CutoutKind, ground: Ground, side: int, rng: np.random.Generator
) -> Scene:
    """One picture of side x side pixels.

    Args:
        art: A tight drawing, straight RGBA; not used for strokes.
    """
    truth = make_cutout(art, kind, side, rng)
    below = make_ground(ground, side, rng)
    return Scene(kind, ground, truth, lay_over(truth, below))


def lay_over(cutout: Cutout, ground: Rgb) -> Rgb:
    """The flat picture."""
    alpha = cutout[..., 3:]
    return np.asarray(cutout[..., :3] * alpha + ground * (1 - alpha), np.float32)


def make_cutout(art: ByteImage, kind: CutoutKind, side: int, rng: np.random.Generator) -> Cutout:
    """A cut-out of the wanted kind on a transparent square."""
    if kind is CutoutKind.STROKES:
        return _strokes(side, rng)
    drawing = place_art(art, side, rng)
    match kind:
        case CutoutKind.GLOW:
            return _with_glow(drawing, rng)
        case CutoutKind.GLASS:
            return _as_glass(drawing, rng)
        case CutoutKind.SHADOW:
            return _with_shadow(drawing, rng)
    return drawing


def place_art(art: ByteImage, side: int, rng: np.random.Generator) -> Cutout:
    """The drawing somewhere on a transparent square, mirrored half of the time."""
    long = round(side * rng.uniform(0.45, 1 - 2 * _MARGIN))
    scale = long / max(art.shape[:2])
    height, width = (max(1, round(length * scale)) for length in art.shape[:2])
    small = resize_premultiplied(art, width, height)
    if rng.random() < 0.5:
        small = np.ascontiguousarray(small[:, ::-1])
    edge = round(side * _MARGIN)
    y = int(rng.integers(edge, max(edge + 1, side - edge - height)))
    x = int(rng.integers(edge, max(edge + 1, side - edge - width)))
    placed = np.zeros((side, side, 4), np.float32)
    placed[y : y + height, x : x + width] = small.astype(np.float32) / 255
    return placed


def _strokes(side: int, rng: np.random.Generator) -> Cutout:
    """Two to five bent lines of 1 to 4 pixels."""
    alpha = np.zeros((side, side), np.float32)
    rgb = np.zeros((side, side, 3), np.float32)
    for _ in range(int(rng.integers(2, 6))):
        ends = rng.uniform(side * _MARGIN, side * (1 - _MARGIN), (4, 2))
        t = np.linspace(0, 1, _CURVE_POINTS)[:, None]
        curve = sum(  # a cubic Bézier curve
            weight * end
            for weight, end in zip(
                ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3), ends, strict=True
            )
        )
        width = rng.uniform(1, 4)
        large = np.zeros((side * 4, side * 4), np.uint8)
        points = np.rint(np.asarray(curve) * 4).astype(np.int32)
        cv2.polylines(large, [points], False, 255, max(1, round(width * 4)), cv2.LINE_AA)
        cover = cv2.resize(large, (side, side), interpolation=cv2.INTER_AREA)
        stroke = cover.astype(np.float32) / 255
        rgb = np.where((stroke > 0)[..., None], _colour(rng), rgb)
        alpha = np.maximum(alpha, stroke)
    return np.asarray(np.dstack([rgb, alpha]), np.float32)


def _with_glow(drawing: Cutout, rng: np.random.Generator) -> Cutout:
    side = drawing.shape[0]
    spread = rng.uniform(0.03, 0.09) * side
    halo = cv2.GaussianBlur(drawing[..., 3], (0, 0), spread) * rng.uniform(0.6, 1.1)
    glow = _plane(_colour(rng, bright=True), np.clip(halo, 0, 0.95) * _window(side))
    return stack(glow, drawing)


def _as_glass(drawing: Cutout, rng: np.random.Generator) -> Cutout:
    """Thin inside, more opaque towards the rim and in highlights."""
    alpha = drawing[..., 3]
    inner = cv2.GaussianBlur(alpha, (0, 0), drawing.shape[0] * 0.03)
    rim = np.clip(1 - inner, 0, 1) * rng.uniform(0.3, 0.9)
    light = np.clip((drawing[..., :3].mean(-1) - 0.7) * 2, 0, 1)
    opacity = np.clip(rng.uniform(0.2, 0.55) + rim + 0.4 * light, 0, 1)
    return np.asarray(np.dstack([drawing[..., :3], alpha * opacity]), np.float32)


def _with_shadow(drawing: Cutout, rng: np.random.Generator) -> Cutout:
    side = drawing.shape[0]
    spread = rng.uniform(0.015, 0.05) * side
    soft = cv2.GaussianBlur(drawing[..., 3], (0, 0), spread)
    move = np.array([[1, 0, rng.uniform(-0.05, 0.05) * side], [0, 1, rng.uniform(0, 0.07) * side]])
    moved = cv2.warpAffine(soft, move, (side, side))
    dark = np.float32(rng.uniform(0, 0.12)) * np.ones(3, np.float32)
    return stack(_plane(dark, moved * rng.uniform(0.3, 0.65) * _window(side)), drawing)


def stack(below: Cutout, above: Cutout) -> Cutout:
    """Both as one, straight alpha."""
    upper, lower = above[..., 3:], below[..., 3:] * (1 - above[..., 3:])
    alpha = upper + lower
    colour = above[..., :3] * upper + below[..., :3] * lower
    straight = np.where(alpha > 0, colour / np.maximum(alpha, 1e-6), 0)
    return np.asarray(np.concatenate([straight, alpha], -1), np.float32)


def _plane(colour: npt.NDArray[np.float32], alpha: npt.NDArray[np.float32]) -> Cutout:
    rgb = np.broadcast_to(colour, (*alpha.shape, 3))
    return np.asarray(np.dstack([rgb, alpha]), np.float32)


def _window(side: int) -> npt.NDArray[np.float32]:
    """1 inside, 0 at the frame: what is soft ends before the edge of the picture."""
    ramp = np.clip(np.minimum(np.arange(side), np.arange(side)[::-1]) / (side * 0.07), 0, 1)
    return np.asarray(np.outer(ramp, ramp), np.float32)


def _colour(rng: np.random.Generator, bright: bool = False) -> npt.NDArray[np.float32]:
    hsv = np.array([[[rng.uniform(0, 360), rng.uniform(0.1, 1), rng.uniform(0.8 * bright, 1)]]])
    return np.asarray(cv2.cvtColor(hsv.astype(np.float32), cv2.COLOR_HSV2RGB)[0, 0], np.float32)


def make_ground(ground: Ground, side: int, rng: np.random.Generator) -> Rgb:
    """What the cut-out lies on; plain ones are not quite plain, as a model draws them."""
    if ground is Ground.PHOTO:
        return _photo(side, rng)
    level = GREY if ground is Ground.GREY else 0.97
    shade = level + rng.uniform(-0.03, 0.03, 3).astype(np.float32)
    slow = _noise(side, 2, rng)[..., None] * rng.uniform(0, 0.02)
    grain = rng.normal(0, rng.uniform(0, 0.006), (side, side, 3))
    return np.asarray(np.clip(shade + slow + grain, 0, 1), np.float32)


def _photo(side: int, rng: np.random.Generator) -> Rgb:
    """Colours that run into one another, blurred lights, texture and grain."""
    first, second, third = (_colour(rng) for _ in range(3))
    mix = np.clip(0.5 + 0.5 * _noise(side, 2, rng), 0, 1)[..., None]
    other = np.clip(0.5 + 0.5 * _noise(side, 4, rng), 0, 1)[..., None]
    picture = first * mix + second * (1 - mix)
    picture = picture * (1 - 0.5 * other) + third * 0.5 * other
    for _ in range(int(rng.integers(0, 12))):
        light = np.zeros((side, side), np.float32)
        centre = tuple(int(v) for v in rng.integers(0, side, 2))
        cv2.circle(light, centre, int(rng.integers(3, side // 8)), 1.0, -1, cv2.LINE_AA)
        soft = cv2.GaussianBlur(light, (0, 0), rng.uniform(0.6, 4))[..., None]
        picture = picture + soft * _colour(rng, bright=True) * rng.uniform(0.1, 0.5)
    picture = picture + _noise(side, 32, rng)[..., None] * rng.uniform(0, 0.12)
    picture = picture + rng.normal(0, rng.uniform(0, 0.02), (side, side, 3))
    return np.asarray(np.clip(picture, 0, 1), np.float32)


def _noise(side: int, cells: int, rng: np.random.Generator) -> npt.NDArray[np.float32]:
    """Smooth values about 0, with `cells` hills across."""
    coarse = rng.normal(0, 1, (cells + 2, cells + 2)).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (side, side), interpolation=cv2.INTER_CUBIC), np.float32)


def random_kind(rng: np.random.Generator, shares: Sequence[float]) -> CutoutKind:
    """A kind by its share."""
    return list(CutoutKind)[int(rng.choice(len(CutoutKind), p=shares))]
