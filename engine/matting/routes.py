"""Four ways from a flat drawing to one with transparency, behind one call."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.errors import RequestError
from engine.matting.cleanup import decontaminated, settled
from engine.matting.colour_distance import colour_alpha
from engine.matting.ground import Ground, ground_below, read_ground, ring_of
from engine.matting.onnx_net import MattingNet
from engine.requests import AlphaRoute
from engine.sentences import sentence

Plane = npt.NDArray[np.float32]  # h w
Rgb = npt.NDArray[np.float32]  # h w 3 in [0, 1]
Rgba = npt.NDArray[np.float32]  # h w 4 in [0, 1], straight alpha

# Of the score: what each kind of doubt weighs, and what a route must be better by to be preferred.
# Fitted on 90 pictures of training art, not on the bake-off's set.
_UNEXPLAINED, _ON_RING, _ON_PLAIN_GROUND, _ON_OTHER_GROUND = 25.0, 1.6, 8.0, 0.4
_HANDICAP = {AlphaRoute.MATTING: 0.04, AlphaRoute.COLOUR: 0.016}
_NOT_PLAIN = 0.022  # more for the colour route
_LIKE_GROUND = 0.04  # colour distance within which a pixel looks like the ground


@dataclass(frozen=True, slots=True, eq=False)
class FlatDrawing:
    """One drawing on a ground.

    Attributes:
        image: `h w 3` in [0, 1].
        decoded: The answer of the model's transparent decoder, `h w 4`; None = it has none.
    """

    image: Rgb
    decoded: Rgba | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Cutout:
    """A drawing with transparency.

    Attributes:
        rgba: Straight alpha, free of the ground's colour.
        route: The one that was taken, never AUTO.
        score: 1 = nothing speaks against it.
    """

    rgba: Rgba
    route: AlphaRoute
    score: float

    @property
    def alpha(self) -> Plane:
        return self.rgba[..., 3]


def cut_out(drawing: FlatDrawing, route: AlphaRoute, net: MattingNet | None) -> Cutout:
    """Takes the drawing off its ground.

    Raises:
        RequestError: The route needs what is not there: a transparent decoder or a matting net.
    """
    ground = read_ground(drawing.image)
    if route is not AlphaRoute.AUTO:
        return _cut(drawing, route, net, ground)
    made = [_cut(drawing, each, net, ground) for each in available(drawing, net)]
    return max(made, key=lambda cutout: cutout.score)


def available(drawing: FlatDrawing, net: MattingNet | None) -> tuple[AlphaRoute, ...]:
    """What AUTO chooses from; equal scores go to the first."""
    decoder = (AlphaRoute.DECODER,) if drawing.decoded is not None else ()
    matting = (AlphaRoute.MATTING,) if net is not None else ()
    return (*decoder, *matting, AlphaRoute.COLOUR)


def _cut(drawing: FlatDrawing, route: AlphaRoute, net: MattingNet | None, ground: Ground) -> Cutout:
    image = drawing.image
    if route is AlphaRoute.DECODER:
        if drawing.decoded is None:
            raise RequestError(
                sentence(
                    "This model has no transparent decoder; choose the route matting or colour."
                )
            )
        alpha = drawing.decoded[..., 3]
        below = ground_below(image, alpha, ground)
        return Cutout(drawing.decoded, route, score(image, alpha, ground, below))
    if route is AlphaRoute.MATTING:
        if net is None:
            raise RequestError(
                sentence("There is no matting model; choose the route decoder or colour.")
            )
        alpha = settled(net.alpha(image))
    else:
        alpha = settled(colour_alpha(image, ground))
    below = ground_below(image, alpha, ground)
    rgb = decontaminated(image, alpha, below)
    rgba = np.concatenate([rgb, alpha[..., None]], -1).astype(np.float32)
    handicap = _HANDICAP[route]
    if route is AlphaRoute.COLOUR and not ground.is_plain:
        handicap += _NOT_PLAIN
    return Cutout(rgba, route, score(image, alpha, ground, below) - handicap)


def score(image: Rgb, alpha: Plane, ground: Ground, below: Rgb) -> float:
    """How little speaks against an alpha, without knowing the true one.

    Against it speak colours that no drawing over this ground can give (alpha too small), alpha on
    the border, and alpha where the picture looks like the ground.
    """
    weight = alpha[..., None]
    own = np.clip((image - (1 - weight) * below) / np.maximum(weight, 1e-3), 0, 1)
    unexplained = float(np.abs(own * weight + below * (1 - weight) - image).mean())
    on_ring = float(ring_of(alpha).mean())
    like = np.exp(-np.square(np.linalg.norm(image - below, axis=-1) / _LIKE_GROUND))
    on_ground = float((alpha * like).mean())
    weight_on_ground = _ON_PLAIN_GROUND if ground.is_plain else _ON_OTHER_GROUND
    return 1 - _UNEXPLAINED * unexplained - _ON_RING * on_ring - weight_on_ground * on_ground
