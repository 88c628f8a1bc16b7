"""What the decoder learns from, by which loss, and that a saved training goes on as it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch

from engine.checkpoints.starter import STARTER_FOLDER
from engine.models.starter_codec import RefiningDecoder, StarterCodec, from_colour_form
from engine.models.text_encoders import TextStates
from engine.training.art import sources as art
from engine.training.codec import data
from engine.training.codec.data import CrudeMaker, CrudePool, drawing_pool, soft_drawing
from engine.training.codec.train import (
    DecoderPlan,
    DecoderTrainer,
    edge_energy,
    load_codec,
    save_codec,
    train,
)
from engine.training.icon_data import IconItem
from engine.training.train_layers import STARTER_CONFIG, new_transformer

TINY = STARTER_CONFIG | {"num_attention_heads": 1, "num_single_layers": 1, "max_layer_num": 4}
ITEMS = [
    IconItem("dog", "1f436", "flat", "", "brown"),
    IconItem("dog", "1f436", "flat", "blue", "brown"),
]


@pytest.fixture(autouse=True)
def drawn_here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Discs instead of art, and a cache of its own."""
    monkeypatch.setattr(data, "drawing", lambda _: _disc())
    monkeypatch.setattr(art, "has_icon", lambda *_: False)
    monkeypatch.setenv(art.CACHE_VARIABLE, str(tmp_path))


def _disc() -> art.ByteImage:
    y, x = np.mgrid[:96, :96] - 47.5
    alpha = np.clip(46 - np.hypot(y, x) + 0.5, 0, 1) * 255
    return np.dstack([np.full((96, 96, 3), (200, 90, 40)), alpha]).astype(np.uint8)


def _soft_share(picture: art.ByteImage) -> float:
    """Of pixels that are half transparent."""
    return float(((picture[..., 3] > 10) & (picture[..., 3] < 240)).mean())


def _small_codec() -> StarterCodec:
    torch.manual_seed(0)
    codec = StarterCodec()
    torch.nn.init.orthogonal_(codec.code.basis)
    codec.decoder = RefiningDecoder((8, 8, 8))
    return codec


def test_drawings_have_shadows_glows_and_half_transparency_and_say_so() -> None:
    rng = np.random.default_rng(0)
    made = [soft_drawing(_disc(), 96, 96, 1, rng) for _ in range(120)]
    captions = {each.caption(ITEMS[1]) for each in made}
    assert {
        "a blue dog, flat style",
        "a blue dog, flat style with soft shadows",
        "a blue dog, flat style with glow",
        "a translucent blue dog, flat style",
    } <= captions
    plain = [m for m in made if not m.effect and not m.translucent]
    soft = [m for m in made if m.effect]
    assert 0.15 < len(soft) / len(made) < 0.4
    assert max(_soft_share(m.picture) for m in plain) < 0.06
    assert min(_soft_share(m.picture) for m in soft) > 0.1


def test_the_pool_is_cut_to_as_many_as_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(art, "has_icon", lambda *_: True)
    monkeypatch.setattr(art, "tight_render", lambda *_: _disc())
    assert len(drawing_pool(ITEMS, "cartoon", 0)) == 3
    assert len(drawing_pool(ITEMS, "cartoon", 0, most=2)) == 2


def test_edge_energy_minds_raggedness_and_softness_more_than_place() -> None:
    picture = np.zeros((96, 96), np.float32)
    picture[:, 48:] = 1
    rough = picture + np.random.default_rng(0).normal(0, 0.1, picture.shape)
    others = (np.roll(picture, 1, 1), rough, cv2.GaussianBlur(picture, (0, 0), 3))
    true, moved, ragged, blurred = (
        edge_energy(torch.from_numpy(np.asarray(each, np.float32))[None, None, :, 8:88])
        for each in (picture, *others)
    )
    apart = [float((each - true).abs().mean()) for each in (moved, ragged, blurred)]
    assert apart[1] > 2 * apart[0]
    assert apart[2] > 2 * apart[0]


class _Captions:
    """Random states for any caption, zeros for none."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def lookup(self, captions: list[str]) -> TextStates:
        self.asked += captions
        told = torch.tensor([float(bool(caption)) for caption in captions])
        width = STARTER_CONFIG["joint_attention_dim"]
        return TextStates(torch.ones(len(captions), 8, width) * told[:, None, None],
                          torch.ones(len(captions), width) * told[:, None])  # fmt: skip


def test_crude_latents_lie_beside_their_drawings_and_are_made_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(data, "_SHAPES", {(2, 2): 0.5, (2, 3): 0.5})
    model, code = new_transformer(TINY, 0), _small_codec().code
    captions: Any = _Captions()
    pool = CrudePool(CrudeMaker(model, ITEMS, code, captions), 16)
    assert {"", "a blue dog, flat style with glow"} <= set(captions.asked)
    rng = np.random.default_rng(0)
    shapes = set()
    for _ in range(12):
        latents, target = pool.draw(rng, 1)
        assert target.shape == (len(latents), 4, *(16 * side for side in latents.shape[2:]))
        assert from_colour_form(target)[:, 3].amax() > 0.4
        shapes.add(tuple(latents.shape[2:]))
    assert shapes == {(4, 4), (4, 6)}
    silent: Any = None  # a second pool asks for no caption
    again = CrudePool(CrudeMaker(model, ITEMS, code, silent), 16)
    first, second = (p.draw(np.random.default_rng(1), 1)[0] for p in (pool, again))
    assert torch.equal(first, second)
    other = CrudeMaker(new_transformer(TINY, 1), ITEMS, code, silent)
    assert other.data_hash(16) != CrudeMaker(model, ITEMS, code, silent).data_hash(16)


def test_a_saved_training_goes_on_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.training.codec.train.half_is_faster", lambda: False)
    monkeypatch.setattr(data, "CROP_PX", 32)
    plan = DecoderPlan(cpu_minutes=1e-9, batch=2, run="small")
    pool = drawing_pool(ITEMS, "cartoon", 0)
    first = DecoderTrainer(_small_codec(), pool, plan)
    losses = [first.step() for _ in range(3)]
    train(plan, _small_codec(), pool)  # one step, then its time is up
    assert plan.file
    again = DecoderTrainer(_small_codec(), pool, plan)
    again.restore(torch.load(plan.file, weights_only=False))
    again.done = 0.0
    assert [again.step(), again.step()] == losses[1:]


def test_a_share_is_taken_with_the_decoder_that_the_training_began_with(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("engine.training.codec.train.half_is_faster", lambda: False)
    monkeypatch.setattr(data, "CROP_PX", 32)
    plan = DecoderPlan(cpu_minutes=1e-9, batch=2, run="mean", share=0.0)
    codec, began = _small_codec(), _small_codec()
    train(plan, codec, drawing_pool(ITEMS, "cartoon", 0))  # one step
    later = _small_codec()
    for weight in later.decoder.parameters():
        weight.data.zero_()  # what lies in the resources when it goes on does not count
    train(plan, later, drawing_pool(ITEMS, "cartoon", 0))
    for key, value in began.decoder.state_dict().items():
        assert torch.allclose(codec.decoder.state_dict()[key], value)
        assert torch.allclose(later.decoder.state_dict()[key], value)


def test_a_codec_is_written_with_its_code_unchanged(tmp_path: Path) -> None:
    shipped = load_codec(STARTER_FOLDER / "codec.safetensors")
    path = tmp_path / "codec.safetensors"
    save_codec(shipped, path)
    back = load_codec(path)
    for key, value in shipped.state_dict().items():
        assert torch.equal(value, back.state_dict()[key])
    assert abs(path.stat().st_size / (STARTER_FOLDER / path.name).stat().st_size - 1) < 0.01
