"""What is asked of the engine when pictures are to be enlarged, and what comes back.

Whatever affects the pixels is in the request; only `max_memory_bytes`, `scratch` and
`keep_scratch` are about how the work is done. Nothing here imports torch.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from engine.errors import RequestError
from engine.requests.parts import Corners
from engine.sentences import sentence

UPSCALER_NAME = "starter-upscaler"
MAX_TARGET_SIDE_PX = 30_000  # of a document; a PSB holds no more
MAX_TARGET_PIXELS = 1 << 29

PixelArray = npt.NDArray[np.uint8]  # h w 4 straight RGBA, or h w coverage


class UpscaleMode(StrEnum):
    """How pixels are enlarged."""

    FAST = "fast"  # Lanczos' filter: seconds, invents nothing
    INFDIT = "infdit"  # Inf-DiT, block by block


@dataclass(frozen=True, slots=True, eq=False)
class UpscalePicture:
    """A layer's pixels, or the coverage of a mask.

    Attributes:
        key: Names it in the result.
        name: For people, e.g. the layer's name.
        pixels: `h w 4` straight RGBA, or `h w` coverage.
        target: Where it is to lie on the enlarged canvas, in its pixels; not smaller than the
            pixels. Layers that overlap share one grid of blocks and its noise through this place.
    """

    key: str
    name: str
    pixels: PixelArray
    target: Corners

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the target."""
        x0, y0, x1, y1 = self.target
        return x1 - x0, y1 - y0


@dataclass(frozen=True, slots=True, eq=False)
class UpscaleRequest:
    """Enlarges pictures of one document.

    Attributes:
        seed: The noise of a block follows from it and from the block's place on the canvas.
        max_memory_bytes: Limit for main memory beside the weights and the given pictures; what
            exceeds it goes to scratch files. None = no limit.
        skip_transparent: Leave out blocks in which nothing can be seen. Their neighbours then see
            the picture end there, which nobody can see either.
        plan_only: Only say what it will take; the result has no pictures.
        checkpoint: UPSCALER_NAME, or the path of converted Inf-DiT weights (safetensors).
        scratch: Folder for unfinished work; None = in the user's cache folder.
        keep_scratch: Keep unfinished work when the job is cancelled, so that an equal request goes
            on with it. After a kill it is there in any case.
    """

    pictures: tuple[UpscalePicture, ...]
    seed: int
    mode: UpscaleMode = UpscaleMode.INFDIT
    max_memory_bytes: int | None = None
    skip_transparent: bool = True
    plan_only: bool = False
    checkpoint: str = UPSCALER_NAME
    scratch: str | None = None
    keep_scratch: bool = False


@dataclass(frozen=True, slots=True)
class UpscaleEstimate:
    """What a job will take, said before it starts.

    Attributes:
        pictures: How many.
        blocks: Blocks of the last passes, without those that are skipped.
        evaluations: Evaluations of a block in all passes, the unit of progress.
        evaluations_done: Of them finished by an earlier run that was stopped.
        memory_bytes: Main memory beside the weights and the given pictures, result included.
        scratch_bytes: Most that lies on the disk at once.
        seconds_per_evaluation: Measured on a block; 0 without a network.
        seconds: Of the whole job, by that measurement.
        scratch: Where unfinished work lies; empty without a network.
    """

    pictures: int
    blocks: int
    evaluations: int
    evaluations_done: int
    memory_bytes: int
    scratch_bytes: int
    seconds_per_evaluation: float
    seconds: float
    scratch: str


@dataclass(frozen=True, slots=True, eq=False)
class UpscaledPicture:
    """The enlarged pixels of one picture, of the size that was asked for."""

    key: str
    pixels: PixelArray


@dataclass(frozen=True, slots=True, eq=False)
class UpscaleResult:
    """All pictures in the order of the request; none when only the plan was asked for.

    Attributes:
        seconds: Wall time by phase name.
    """

    pictures: tuple[UpscaledPicture, ...]
    estimate: UpscaleEstimate
    notes: tuple[str, ...]
    seconds: dict[str, float]


def check_pictures(request: UpscaleRequest) -> None:
    """Refuses what can never succeed. Raises RequestError with a sentence."""
    for picture in request.pictures:
        _check_picture(picture)
    if request.max_memory_bytes is not None and request.max_memory_bytes < 1:
        raise RequestError(sentence("The limit for memory must be above 0."))


def _check_picture(picture: UpscalePicture) -> None:
    height, width = picture.pixels.shape[:2]
    if not (height and width):
        raise RequestError(
            sentence('"{name}" has no pixels; remove it or draw something.', name=picture.name)
        )
    new_width, new_height = picture.size
    for side, value in ((sentence("width"), new_width), (sentence("height"), new_height)):
        if value > MAX_TARGET_SIDE_PX:
            raise RequestError(
                sentence(
                    'The {side} of "{name}" would be {value} px; at most {limit} px are possible.',
                    side=side,
                    name=picture.name,
                    value=value,
                    limit=MAX_TARGET_SIDE_PX,
                )
            )
    if new_width * new_height > MAX_TARGET_PIXELS:
        raise RequestError(
            sentence(
                '"{name}" would have {width} x {height} px, which is too large; '
                "choose a smaller size.",
                name=picture.name,
                width=new_width,
                height=new_height,
            )
        )
    if new_width < width or new_height < height:
        raise RequestError(
            sentence(
                '"{name}" has {width} x {height} px and would have {new_width} x {new_height} px; '
                "enlarging cannot make it smaller.",
                name=picture.name,
                width=width,
                height=height,
                new_width=new_width,
                new_height=new_height,
            )
        )
