"""The joint transparent decoder beyond its golden numbers."""

from __future__ import annotations

import pytest
import torch

from engine.errors import CheckpointError
from engine.models.geometry import Box
from engine.models.transparent_decoder import TransparentDecoder, TransparentDecoderConfig
from tests.engine.small_models import randomise

SMALL = {"hidden_dim": 64, "num_layers": 2, "num_heads": 1, "mlp_dim": 96, "axes_dim": [8, 28, 28]}
BOXES = [Box(0, 0, 32, 24), None, Box(8, 8, 24, 24)]


@pytest.fixture(scope="module")
def decoder() -> TransparentDecoder:
    config = TransparentDecoderConfig(hidden_dim=64, num_layers=2, num_heads=1, mlp_dim=96)
    model = TransparentDecoder(config)
    randomise(model)
    return model


def latents(seed: int = 0) -> list[torch.Tensor | None]:
    generator = torch.Generator().manual_seed(seed)
    return [
        None
        if box is None
        else torch.randn(16, box.height // 8, box.width // 8, generator=generator)
        for box in BOXES
    ]


@torch.no_grad()
def test_returns_the_wanted_boxes_only_and_the_same_for_them(decoder: TransparentDecoder) -> None:
    everything = decoder(latents(), BOXES)
    one = decoder(latents(), BOXES, [2])
    assert set(everything) == {0, 2}
    assert set(one) == {2}
    assert one[2].shape == (4, 16, 16)
    assert torch.equal(one[2], everything[2])


@torch.no_grad()
def test_entries_see_one_another(decoder: TransparentDecoder) -> None:
    changed = latents()
    assert changed[0] is not None
    changed[0] = changed[0] + 1
    assert not torch.allclose(decoder(changed, BOXES)[2], decoder(latents(), BOXES)[2], atol=1e-3)


def test_old_key_names_are_understood(decoder: TransparentDecoder) -> None:
    old = {
        key.replace("mlp.0", "mlp.linear_1").replace("mlp.3", "mlp.linear_2"): value
        for key, value in decoder.state_dict().items()
    }
    assert old.keys() != decoder.state_dict().keys()
    loaded = TransparentDecoder.from_state_dict(SMALL, old, "old file")
    with torch.no_grad():
        assert torch.equal(loaded(latents(), BOXES)[2], decoder(latents(), BOXES)[2])


def test_incomplete_weights_are_refused(decoder: TransparentDecoder) -> None:
    weights = decoder.state_dict()
    del weights["decoder.fc_out.bias"]
    with pytest.raises(CheckpointError, match=r"file lacks .*decoder\.fc_out\.bias"):
        TransparentDecoder.from_state_dict(SMALL, weights, "file")


@pytest.mark.parametrize(
    "change", [{"hidden_dim": 65}, {"out_dim": 192}, {"axes_dim": None}, {"width": 3}]
)
def test_impossible_configurations_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(CheckpointError):
        TransparentDecoder.from_state_dict(SMALL | change, {}, "file")


def test_full_size_has_the_published_keys() -> None:
    """Names and shapes as in art-plus, section 3.2: about 85.3 million weights."""
    with torch.device("meta"):
        weights = TransparentDecoder().state_dict()
    shapes = {key: tuple(value.shape) for key, value in weights.items()}
    layer = "decoder.encoder.layers.encoder_layer_11."
    expected = {
        "decoder.fc_in.weight": (768, 16),
        "decoder.fc_in.bias": (768,),
        layer + "ln_1.weight": (768,),
        layer + "ln_1.bias": (768,),
        layer + "self_attention.in_proj_weight": (2304, 768),
        layer + "self_attention.in_proj_bias": (2304,),
        layer + "self_attention.out_proj.weight": (768, 768),
        layer + "self_attention.out_proj.bias": (768,),
        layer + "ln_2.weight": (768,),
        layer + "ln_2.bias": (768,),
        layer + "mlp.0.weight": (3072, 768),
        layer + "mlp.0.bias": (3072,),
        layer + "mlp.3.weight": (768, 3072),
        layer + "mlp.3.bias": (768,),
        "decoder.encoder.ln.weight": (768,),
        "decoder.encoder.ln.bias": (768,),
        "decoder.fc_out.weight": (256, 768),
        "decoder.fc_out.bias": (256,),
    }
    assert {key: shapes[key] for key in expected} == expected
    assert len(shapes) == 12 * 12 + 6
    assert sum(value.numel() for value in weights.values()) == 85_265_920
