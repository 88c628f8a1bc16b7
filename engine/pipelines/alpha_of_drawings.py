"""Gives a decoded drawing the transparency of another route: laid on grey and cut out again."""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from engine.errors import CheckpointError, RequestError
from engine.matting.onnx_net import SHIPPED_MODEL, MattingNet
from engine.matting.routes import Cutout, FlatDrawing, cut_out
from engine.requests import AlphaRoute, LayerRecord, LayerRequest, LayoutRequest
from engine.sentences import sentence

GREY = 0.5


@functools.lru_cache(maxsize=2)
def _loaded(path: Path, _changed_ns: int) -> MattingNet:
    """The network of a file; loaded again when the file has changed."""
    return MattingNet.load(path, max(1, torch.get_num_threads()))


def net_for(model_file: str, route: AlphaRoute | None) -> MattingNet | None:
    """The matting network a route needs: the named file, or the shipped one.

    Raises:
        RequestError: The named file is missing or no matting model.
        CheckpointError: The shipped one is.
    """
    try:
        return _net_for(model_file, route)
    except CheckpointError as error:
        if not model_file:
            raise
        raise RequestError(error.message, error.detail) from error


def _net_for(model_file: str, route: AlphaRoute | None) -> MattingNet | None:
    if route not in (AlphaRoute.MATTING, AlphaRoute.AUTO):
        return None
    path = Path(model_file) if model_file else SHIPPED_MODEL
    if not path.is_file():
        if not model_file and route is AlphaRoute.AUTO:
            return None
        return MattingNet.load(path)  # says what is wrong
    return _loaded(path, path.stat().st_mtime_ns)


def with_route(decoded: Tensor, request: LayoutRequest | LayerRequest) -> tuple[Tensor, str]:
    """A drawing under the alpha route that was asked for.

    Args:
        decoded: The transparent decoder's answer, straight RGBA in [0, 1], `4 H W`.

    Returns:
        The same form, and the route's name for the record.

    Raises:
        RequestError: A record is to be repeated that names another network.
    """
    if request.alpha_route in (None, AlphaRoute.DECODER):
        return decoded, AlphaRoute.DECODER.value
    net = net_for(request.matting_model, request.alpha_route)
    if isinstance(request, LayerRequest):
        require_recorded(request.repeat, own_digest(net))
    rgba = np.ascontiguousarray(decoded.permute(1, 2, 0).numpy(), np.float32)
    alpha = rgba[..., 3:]
    flat = rgba[..., :3] * alpha + GREY * (1 - alpha)
    cutout = cut_out(FlatDrawing(flat.astype(np.float32), rgba), request.alpha_route, net)
    made = torch.from_numpy(np.ascontiguousarray(cutout.rgba.transpose(2, 0, 1)))
    return made, route_name(cutout, net)


def route_name(cutout: Cutout, net: MattingNet | None) -> str:
    """What records call a route; a matting network of the user's own with its hash."""
    digest = own_digest(net)
    if cutout.route is AlphaRoute.MATTING and digest:
        return f"{cutout.route.value}:{digest}"
    return cutout.route.value


def own_digest(net: MattingNet | None) -> str:
    """Hash of a matting network of the user's own; empty = the shipped one, or none."""
    return "" if net is None or net.is_shipped else net.digest


def require_recorded(record: LayerRecord | None, digest: str) -> None:
    """Refuses to repeat a record with another network than the one that it names.

    Args:
        record: None = nothing is repeated.
        digest: Of the network at hand, as it would stand in the record.

    Raises:
        RequestError: They differ.
    """
    if record is not None and record.alpha_route.partition(":")[2] != digest:
        raise RequestError(
            sentence("The network that the layer was cut out with is not the one at hand.")
        )


def route_of(name: str) -> AlphaRoute:
    """The route of a name in a record.

    Raises:
        RequestError: This version knows no such route.
    """
    try:
        return AlphaRoute(name.partition(":")[0] or AlphaRoute.DECODER)
    except ValueError as error:
        raise RequestError(
            sentence('This version does not know the way "{name}" to cut a layer out.', name=name)
        ) from error
