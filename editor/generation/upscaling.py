"""Enlarging without a window: requests from a document, commands and sentences from results."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np

from editor.commands.command import Command
from editor.commands.prepared import prepare
from editor.commands.upscale_commands import Upscale, UpscaleTarget, needed, scope_box
from editor.document.compositor import composite
from editor.document.geometry import Rect
from editor.document.pixels import RgbaArray
from editor.document.resampling import premultiplied, straight
from editor.document.state import DocumentState
from engine.requests.upscale import (
    UPSCALER_NAME,
    UpscaleEstimate,
    UpscaleMode,
    UpscalePicture,
    UpscaleRequest,
    UpscaleResult,
)

PREVIEW_PX = 360  # side of the part that a preview shows, enlarged
_CONTEXT_PX = 16  # document pixels around it that the network sees as well


class UpscaleMethod(StrEnum):
    """How pixels are made: the engine's modes, for those who know no engine."""

    NETWORK = UpscaleMode.INFDIT.value
    FILTER = UpscaleMode.FAST.value


@dataclass(frozen=True, slots=True)
class UpscalePlanView:
    """What enlarging will take.

    Attributes:
        blocks: 0 without a network.
        seconds: 0 = at once.
        memory_bytes, scratch_bytes: In main memory and on the disk.
    """

    blocks: int
    seconds: float
    memory_bytes: int
    scratch_bytes: int


@dataclass(frozen=True, slots=True, eq=False)
class UpscalePreview:
    """A small part of the picture, enlarged in two ways; `h w 4` of equal size.

    Attributes:
        seconds: What the network took.
    """

    bicubic: RgbaArray
    enlarged: RgbaArray
    seconds: float


@dataclass(frozen=True, slots=True, eq=False)
class PreviewPart:
    """What a preview enlarges.

    Attributes:
        pixels: Of the document, with context.
        size: Of the enlarged pixels with context: width, height.
        shown: Part of them that is shown.
    """

    pixels: RgbaArray
    size: tuple[int, int]
    shown: Rect


def upscale_request(
    state: DocumentState,
    target: UpscaleTarget,
    method: UpscaleMethod,
    *,
    seed: int | None = None,
    max_memory_bytes: int | None = None,
    plan_only: bool = False,
    weights: str = "",
    skip_transparent: bool = True,
    keep_scratch: bool = False,
) -> UpscaleRequest:
    """A job that makes all pixels which a target needs.

    Args:
        seed: None = the document's.
        weights: Path of converted Inf-DiT weights; empty = the shipped ones.

    Raises:
        DocumentError: The size is impossible, or there is nothing to enlarge.
    """
    pictures = tuple(
        UpscalePicture(piece.key, piece.name, piece.values, piece.target.as_tuple())
        for piece in needed(state, target)
    )
    return UpscaleRequest(
        pictures, state.seed if seed is None else seed, UpscaleMode(method),
        max_memory_bytes=max_memory_bytes, plan_only=plan_only,
        skip_transparent=skip_transparent, keep_scratch=keep_scratch,
        checkpoint=weights or UPSCALER_NAME,
    )  # fmt: skip


def upscale_command(result: UpscaleResult, target: UpscaleTarget, state: DocumentState) -> Command:
    """The undoable step that lands a result, computed for the document as it is now.

    Raises:
        DocumentError: What was enlarged has changed.
    """
    made = {picture.key: picture.pixels for picture in result.pictures}
    return prepare(Upscale(target, made), state)


def plan_view(estimate: UpscaleEstimate) -> UpscalePlanView:
    """For the window."""
    return UpscalePlanView(
        estimate.blocks, estimate.seconds, estimate.memory_bytes, estimate.scratch_bytes
    )


def preview_part(
    state: DocumentState, target: UpscaleTarget, center: tuple[float, float]
) -> PreviewPart:
    """A part of the picture around a place in document pixels.

    Raises:
        DocumentError: There is nothing to enlarge.
    """
    box = scope_box(state, target.scope, target.layer_id).intersection(state.canvas)
    if box.is_empty:
        box = state.canvas
    whole = scope_box(state, target.scope, target.layer_id)
    scale = max(1.0, target.width / whole.width)
    side = max(1, round(PREVIEW_PX / scale))
    shown = _around(center, side, box)
    around = shown.expanded(_CONTEXT_PX).intersection(box)
    x0, y0 = (round((a - b) * scale) for a, b in zip(
        (shown.x0, shown.y0), (around.x0, around.y0), strict=True))  # fmt: skip
    size = round(around.width * scale), round(around.height * scale)
    return PreviewPart(
        composite(state, around),
        size,
        Rect.from_size(x0, y0, round(shown.width * scale), round(shown.height * scale)),
    )


def _around(center: tuple[float, float], side: int, box: Rect) -> Rect:
    """A square around a place, moved and cut so that it lies in a box."""
    width, height = min(side, box.width), min(side, box.height)
    x = min(max(box.x0, round(center[0] - width / 2)), box.x1 - width)
    y = min(max(box.y0, round(center[1] - height / 2)), box.y1 - height)
    return Rect.from_size(x, y, width, height)


def preview_request(part: PreviewPart, method: UpscaleMethod, seed: int) -> UpscaleRequest:
    """The job for a preview."""
    picture = UpscalePicture("preview", "preview", part.pixels, (0, 0, *part.size))
    return UpscaleRequest((picture,), seed, UpscaleMode(method))


def preview_of(part: PreviewPart, result: UpscaleResult) -> UpscalePreview:
    """Both pictures, cut to what is shown."""
    planes = cv2.resize(premultiplied(part.pixels), part.size, interpolation=cv2.INTER_CUBIC)
    place = np.s_[part.shown.y0 : part.shown.y1, part.shown.x0 : part.shown.x1]
    bicubic = straight(np.asarray(planes, np.float32))[place]
    ours = result.pictures[0].pixels[place]
    return UpscalePreview(
        np.ascontiguousarray(bicubic), np.ascontiguousarray(ours), sum(result.seconds.values())
    )
