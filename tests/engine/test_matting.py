"""From a flat drawing to one with transparency: every route, the cleanup, the rules, the errors."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from engine.errors import CheckpointError, RequestError
from engine.matting.acceptance import reasons_to_reject
from engine.matting.cleanup import decontaminated, tight_box
from engine.matting.colour_distance import colour_alpha
from engine.matting.ground import ground_below, read_ground
from engine.matting.guided_filter import guided_filter
from engine.matting.onnx_net import SHIPPED_MODEL, MattingKind, MattingNet
from engine.matting.routes import FlatDrawing, available, cut_out
from engine.requests import AlphaRoute
from engine.training.matting.metrics import errors_of
from tests.helpers.onnx_files import write_mean_network

Plane = npt.NDArray[np.float32]
SIDE = 96
GREY = np.full(3, 0.5, np.float32)
ORANGE = np.array([0.95, 0.5, 0.1], np.float32)


def disc(radius: float = 28.0, x: float = 48.0, y: float = 48.0) -> Plane:
    rows, columns = np.mgrid[0:SIDE, 0:SIDE]
    distance = np.hypot(rows + 0.5 - y, columns + 0.5 - x)
    return np.asarray(np.clip(radius - distance + 0.5, 0, 1), np.float32)


def flat(alpha: Plane, colour: Plane = ORANGE, ground: Plane = GREY) -> Plane:
    a = alpha[..., None]
    return np.asarray(colour * a + ground * (1 - a), np.float32)


def truth(alpha: Plane) -> Plane:
    colour = np.broadcast_to(ORANGE, (*alpha.shape, 3))
    return np.asarray(np.dstack([colour, alpha]), np.float32)


@pytest.fixture(scope="module")
def net() -> MattingNet:
    return MattingNet.load(SHIPPED_MODEL)


@pytest.mark.parametrize("route", [AlphaRoute.MATTING, AlphaRoute.COLOUR, AlphaRoute.AUTO])
def test_a_disc_on_grey_comes_off_its_ground(net: MattingNet, route: AlphaRoute) -> None:
    alpha = disc()
    made = cut_out(FlatDrawing(flat(alpha)), route, net)
    errors = errors_of(made.rgba, truth(alpha))
    assert errors.mae < 0.03
    assert errors.colour < 0.05
    assert made.route is not AlphaRoute.AUTO


def test_the_colour_route_finds_soft_edges_exactly() -> None:
    alpha = disc()
    image = flat(alpha)
    made = colour_alpha(image, read_ground(image))
    assert np.abs(made - alpha).max() < 0.1


def test_the_decoders_answer_is_taken_as_it_is(net: MattingNet) -> None:
    rgba = truth(disc())
    made = cut_out(FlatDrawing(flat(disc()), rgba), AlphaRoute.DECODER, net)
    assert np.array_equal(made.rgba, rgba)
    assert available(FlatDrawing(flat(disc()), rgba), net)[0] is AlphaRoute.DECODER


def test_automatic_prefers_what_explains_the_picture(net: MattingNet) -> None:
    nonsense = truth(disc(10, 20, 20))
    made = cut_out(FlatDrawing(flat(disc()), nonsense), AlphaRoute.AUTO, net)
    assert made.route is not AlphaRoute.DECODER
    assert errors_of(made.rgba, truth(disc())).mae < 0.03


def test_routes_that_need_what_is_not_there_say_so() -> None:
    drawing = FlatDrawing(flat(disc()))
    with pytest.raises(RequestError, match="no transparent decoder"):
        cut_out(drawing, AlphaRoute.DECODER, None)
    with pytest.raises(RequestError, match="no matting model"):
        cut_out(drawing, AlphaRoute.MATTING, None)
    assert cut_out(drawing, AlphaRoute.AUTO, None).route is AlphaRoute.COLOUR


def test_edges_lose_the_colour_of_the_ground() -> None:
    alpha = disc()
    image = flat(alpha)
    rgb = decontaminated(image, alpha, ground_below(image, alpha, read_ground(image)))
    edge = (alpha > 0.05) & (alpha < 0.95)
    before = np.abs(image[edge] - ORANGE).mean()
    assert np.abs(rgb[edge] - ORANGE).mean() < 0.2 * before


def test_the_guided_filter_follows_the_picture_and_not_the_noise() -> None:
    alpha = disc()
    rng = np.random.default_rng(1)
    noisy = (alpha + rng.normal(0, 0.2, alpha.shape)).astype(np.float32)
    smooth = guided_filter(flat(alpha), noisy, 4, 1e-4)
    assert np.abs(smooth - alpha).mean() < 0.3 * np.abs(noisy - alpha).mean()


def test_the_tight_box() -> None:
    assert tight_box(disc(10, 30, 50)) == (20, 40, 40, 60)
    assert tight_box(np.zeros((8, 8), np.float32)) is None


def specks() -> Plane:
    discs = [disc(6, 10 + 20 * i, 20 + 50 * j) for i in range(4) for j in (0, 1)]
    return np.asarray(np.maximum.reduce(discs), np.float32)


@pytest.mark.parametrize(
    ("make", "prompt", "said"),
    [
        (lambda: disc(4), "a pea", "almost nothing"),
        (lambda: np.ones((SIDE, SIDE), np.float32), "a wall", "fills the whole"),
        (lambda: disc(30, 10, 10), "a ball", "over the edge"),
        (specks, "a ball", "many pieces"),
        (lambda: disc() * np.float32(0.5), "a ball", "half transparent"),
    ],
)
def test_bad_drawings_are_rejected_with_a_reason(
    make: Callable[[], Plane], prompt: str, said: str
) -> None:
    assert any(said in reason for reason in reasons_to_reject(make(), prompt))


def test_good_drawings_and_glass_pass() -> None:
    assert reasons_to_reject(disc(), "a ball") == ()
    assert reasons_to_reject(disc() * np.float32(0.5), "a glass ball") == ()


def test_errors_are_zero_for_the_truth_and_grow_with_the_mistake() -> None:
    right = errors_of(truth(disc()), truth(disc()))
    assert (right.mae, right.sad, right.gradient, right.connectivity, right.colour) == (0,) * 5
    near, far = (errors_of(truth(disc(r)), truth(disc())) for r in (27, 20))
    assert 0 < near.sad < far.sad
    assert 0 < near.gradient < far.gradient
    assert far.connectivity > near.connectivity


@pytest.mark.parametrize(
    ("sides", "kind"),
    [
        (("h", "w"), MattingKind.OWN),
        ((320, 320), MattingKind.U2NET),
        ((1024, 1024), MattingKind.BIREFNET),
    ],
)
def test_a_file_is_recognised_by_its_input(
    tmp_path: Path, sides: tuple[int | str, int | str], kind: MattingKind
) -> None:
    net = MattingNet.load(write_mean_network(tmp_path / "x.onnx", sides))
    assert net.kind is kind
    assert not net.is_shipped
    alpha = net.alpha(flat(disc()))
    assert alpha.shape == (SIDE, SIDE)
    assert 0 <= alpha.min() <= alpha.max() <= 1


@pytest.mark.parametrize("content", [b"", b"not a model", b"\x08\x08" * 500])
def test_a_file_that_is_no_model_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.onnx"
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match="is no matting model") as caught:
        MattingNet.load(path)
    assert str(path) in caught.value.message


def test_other_networks_and_missing_files_are_refused(tmp_path: Path) -> None:
    for sides, channels in (((224, 224), 3), ((320, 320), 1)):
        path = write_mean_network(tmp_path / "x.onnx", sides, channels)
        with pytest.raises(CheckpointError, match="is no matting model"):
            MattingNet.load(path)
    wide = write_mean_network(tmp_path / "x.onnx", ("h", "w"), axis=2)  # three planes come out
    with pytest.raises(CheckpointError, match="is no matting model"):
        MattingNet.load(wide)
    with pytest.raises(CheckpointError, match="cannot be read"):
        MattingNet.load(tmp_path / "missing.onnx")
