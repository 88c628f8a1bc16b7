"""Matting networks as ONNX files, run by onnxruntime on the CPU: the shipped one or the user's own.

What a file is shows in the shape of its input: any height and width is ours, 320 x 320 is U2-Net's
family, 1024 x 1024 is BiRefNet's.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from engine.errors import CheckpointError
from engine.matting.guided_filter import guided_filter
from engine.sentences import sentence

Plane = npt.NDArray[np.float32]  # h w
Rgb = npt.NDArray[np.float32]  # h w 3 in [0, 1]

SHIPPED_MODEL = Path(__file__).resolve().parents[2] / "resources" / "matting_model" / "matting.onnx"
_MEAN = np.array([0.485, 0.456, 0.406], np.float32)  # of ImageNet, for the published networks
_DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)
_OWN_SIDE_PX, _OWN_STRIDE_PX = 224, 32
_U2NET_SIDE_PX, _BIREFNET_SIDE_PX = 320, 1024
_FILTER_SOFTNESS = 1e-5
_SILENT = 4  # onnxruntime's level for fatal errors only


class MattingKind(StrEnum):
    """Which family a file belongs to."""

    OWN = "own"
    U2NET = "u2net"
    BIREFNET = "birefnet"


@dataclass(frozen=True, slots=True, eq=False)
class MattingNet:
    """A loaded network.

    Attributes:
        digest: BLAKE2b of the file, 8 hexadecimal digits.
    """

    kind: MattingKind
    path: Path
    digest: str
    _session: Any

    @classmethod
    def load(cls, path: Path, threads: int = 1) -> MattingNet:
        """Reads and checks a file.

        Raises:
            CheckpointError: It is missing, no ONNX model, or no matting network.
        """
        content, session = _opened(path, threads)
        kind = _kind_of(session, path)
        return cls(kind, path, hashlib.blake2b(content, digest_size=4).hexdigest(), session)

    @property
    def is_shipped(self) -> bool:
        """Whether it is the one that came with the program."""
        return self.path == SHIPPED_MODEL

    def alpha(self, image: Rgb) -> Plane:
        """Alpha in [0, 1] of an `h w 3` picture, at its own size.

        Raises:
            CheckpointError: The network does not give one plane for a picture.
        """
        if self.kind is MattingKind.OWN:
            return self._own_alpha(image)
        side = _U2NET_SIDE_PX if self.kind is MattingKind.U2NET else _BIREFNET_SIDE_PX
        resized = cv2.resize(image, (side, side), interpolation=cv2.INTER_CUBIC)
        small = np.asarray(np.clip(resized, 0, 1), np.float32)
        if self.kind is MattingKind.U2NET:
            small /= max(float(small.max()), 1e-6)
        plane = self._run((small - _MEAN) / _DEVIATION)
        if self.kind is MattingKind.BIREFNET:
            plane = np.asarray(1 / (1 + np.exp(-plane)), np.float32)
        else:  # as its authors do: the least is nothing, the most is all
            plane = (plane - plane.min()) / max(float(plane.max() - plane.min()), 1e-6)
        return _enlarged(plane, image)

    def _own_alpha(self, image: Rgb) -> Plane:
        scale = min(1.0, _OWN_SIDE_PX / max(image.shape[:2]))
        height, width = (max(1, round(side * scale)) for side in image.shape[:2])
        small = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
        down, right = -height % _OWN_STRIDE_PX, -width % _OWN_STRIDE_PX
        padded = cv2.copyMakeBorder(small, 0, down, 0, right, cv2.BORDER_REPLICATE)
        plane = self._run(np.asarray(padded, np.float32))[:height, :width]
        return _enlarged(np.ascontiguousarray(plane), image)

    def _run(self, image: Rgb) -> Plane:
        """The first output for `h w 3`, as `h w`."""
        values = np.ascontiguousarray(image.transpose(2, 0, 1)[None], np.float32)
        name = self._session.get_inputs()[0].name
        try:
            plane = np.squeeze(np.asarray(self._session.run(None, {name: values})[0], np.float32))
        except Exception as error:  # see `load`
            raise _no_model(self.path, f"{type(error).__name__}: {error}") from error
        if plane.shape != image.shape[:2] or not np.isfinite(plane).all():
            raise _no_model(self.path, f"output of shape {plane.shape} for {image.shape}")
        return plane


def check_matting_file(path: Path) -> None:
    """Looks at the inputs and outputs of a file; nothing is computed.

    Raises:
        CheckpointError: It is missing, no ONNX model, or no matting network.
    """
    _, session = _opened(path, 1, as_it_is=True)
    _kind_of(session, path)


def _opened(path: Path, threads: int, *, as_it_is: bool = False) -> tuple[bytes, Any]:
    """The file's bytes and its session; `as_it_is` leaves out what makes computing faster."""
    import onnxruntime  # a tenth of a second that only this route needs

    try:
        content = path.read_bytes()
    except OSError as error:
        raise CheckpointError(
            sentence("The matting model {path} cannot be read; choose another file.", path=path),
            str(error),
        ) from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = _SILENT
    if as_it_is:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    try:
        session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's exceptions have no common class
        raise _no_model(path, f"{type(error).__name__}: {error}") from error
    return content, session


def _kind_of(session: Any, path: Path) -> MattingKind:
    """By the one input, a picture of three colours; the first output must be one plane."""
    shapes = [tuple(item.shape) for item in session.get_inputs()]
    answer = tuple(session.get_outputs()[0].shape)
    if not _may_be_plane(answer):
        raise _no_model(path, f"first output {answer}")
    if len(shapes) == 1 and len(shapes[0]) == 4 and shapes[0][1] == 3:
        sides = shapes[0][2:]
        if sides == (_U2NET_SIDE_PX, _U2NET_SIDE_PX):
            return MattingKind.U2NET
        if sides == (_BIREFNET_SIDE_PX, _BIREFNET_SIDE_PX):
            return MattingKind.BIREFNET
        if not any(isinstance(side, int) for side in sides):
            return MattingKind.OWN
    raise _no_model(path, f"inputs {shapes}")


def _may_be_plane(shape: tuple[object, ...]) -> bool:
    """Whether an output's shape can be `1 1 h w`; texts stand for any size, () is not told."""
    if not shape:
        return True
    single = (side == 1 or not isinstance(side, int) for side in shape[:-2])
    return 2 <= len(shape) <= 4 and shape[-2:] != (1, 1) and all(single)


def _no_model(path: Path, detail: str) -> CheckpointError:
    return CheckpointError(
        sentence(
            "{path} is no matting model; choose an ONNX file of U2-Net or BiRefNet, or none.",
            path=path,
        ),
        detail,
    )


def _enlarged(plane: Plane, image: Rgb) -> Plane:
    """The plane at the picture's size, its edges on the picture's where it was enlarged."""
    height, width = image.shape[:2]
    if plane.shape == (height, width):
        return np.asarray(np.clip(plane, 0, 1), np.float32)
    growth = max(height / plane.shape[0], width / plane.shape[1])
    large = cv2.resize(plane, (width, height), interpolation=cv2.INTER_LINEAR)
    if growth > 1.2:
        radius = max(1, round(growth))
        large = guided_filter(image, large.astype(np.float32), radius, _FILTER_SOFTNESS)
    return np.asarray(np.clip(large, 0, 1), np.float32)
