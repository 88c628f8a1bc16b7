"""The region transformer beyond its golden numbers: loading, refusing, size, what it ignores."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from diffusers.models.transformers.transformer_flux import FluxTransformer2DModel
from torch import Tensor

from engine.errors import CheckpointError
from engine.models.geometry import Box, RegionLayout, make_layout
from engine.models.region_transformer import RegionTransformer
from tests.engine.small_models import TRANSFORMER, small_transformer, text_states

CANVAS = Box(0, 0, 64, 48)


@pytest.fixture(scope="module")
def model() -> RegionTransformer:
    return small_transformer()


@torch.no_grad()
def run(model: RegionTransformer, layout: RegionLayout, tokens: Tensor) -> Tensor:
    text = text_states(3)
    result: Tensor = model(
        tokens,
        model.positions(layout, 5),
        encoder_hidden_states=text.states,
        pooled_projections=text.pooled,
        timestep=torch.tensor([0.7]),
    )
    return result


def tokens_for(layout: RegionLayout) -> Tensor:
    generator = torch.Generator().manual_seed(5)
    return torch.randn(1, layout.token_count, 64, generator=generator)


def test_is_the_stock_class_when_the_layer_embedding_is_zero(model: RegionTransformer) -> None:
    """Independent of the golden cases: diffusers' own forward on the same ids."""
    stock_config = {k: v for k, v in TRANSFORMER.items() if k != "max_layer_num"}
    stock = FluxTransformer2DModel(**stock_config).eval()
    weights = {k: v for k, v in model.state_dict().items() if k != "layer_pe"}
    stock.load_state_dict(weights)
    ours = RegionTransformer.from_state_dict(
        model.config, weights | {"layer_pe": torch.zeros_like(model.layer_pe)}, "zero"
    )
    layout = make_layout(64, 48, [CANVAS, None, Box(16, 16, 48, 32)])
    tokens, text = tokens_for(layout), text_states(3)
    ids = torch.tensor(
        [(0, y, x) for y in range(3) for x in range(4)] + [(2, 1, 1), (2, 1, 2)]
    ).float()
    with torch.no_grad():
        theirs = stock(
            tokens,
            encoder_hidden_states=text.states,
            pooled_projections=text.pooled,
            timestep=torch.tensor([0.7]),
            img_ids=ids,
            txt_ids=torch.zeros(5, 3),
        ).sample
    torch.testing.assert_close(run(ours, layout, tokens), theirs, atol=1e-6, rtol=1e-5)


def test_the_index_of_a_layer_matters_and_null_entries_count(model: RegionTransformer) -> None:
    box = Box(16, 16, 48, 32)
    third = make_layout(64, 48, [CANVAS, None, box])
    second = make_layout(64, 48, [CANVAS, box])
    tokens = tokens_for(third)
    difference = run(model, third, tokens) - run(model, second, tokens)
    assert difference.abs().max() > 1e-3


def test_samples_of_a_batch_do_not_see_each_other(model: RegionTransformer) -> None:
    layout = make_layout(64, 48, [CANVAS, Box(16, 16, 48, 32)])
    tokens, text = tokens_for(layout), text_states(3)
    with torch.no_grad():
        both = model(
            torch.cat([tokens, -tokens]),
            model.positions(layout, 5),
            encoder_hidden_states=text.states.repeat(2, 1, 1),
            pooled_projections=text.pooled.repeat(2, 1),
            timestep=torch.tensor([0.7, 0.2]),
        )
    torch.testing.assert_close(both[:1], run(model, layout, tokens), atol=1e-6, rtol=1e-5)


def test_saving_and_loading_keep_names_and_values(model: RegionTransformer, tmp_path: Path) -> None:
    model.save_pretrained(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    assert config["max_layer_num"] == 8
    loaded = RegionTransformer.from_pretrained(tmp_path)
    assert loaded.state_dict().keys() == model.state_dict().keys()
    pairs = zip(loaded.parameters(), model.parameters(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)
    layout = make_layout(64, 48, [CANVAS])
    tokens = tokens_for(layout)
    # Equal weights at other addresses may be added in another order.
    torch.testing.assert_close(
        run(loaded, layout, tokens), run(model, layout, tokens), atol=1e-6, rtol=1e-5
    )


def test_a_folder_without_the_layer_embedding_is_refused(tmp_path: Path) -> None:
    stock = {k: v for k, v in TRANSFORMER.items() if k != "max_layer_num"}
    FluxTransformer2DModel(**stock).save_pretrained(tmp_path)
    with pytest.raises(CheckpointError, match="no layer embedding"):
        RegionTransformer.from_pretrained(tmp_path)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"layer_pe": None}, "no layer embedding"),
        ({"proj_out.bias": None}, r"lacks weights of the model \(proj_out.bias\)"),
        ({"extra": torch.zeros(1)}, r"weights this model does not have \(extra\)"),
        ({"proj_out.bias": torch.zeros(3)}, r"proj_out.bias has the shape \(3,\).* \(64,\)"),
    ],
)
def test_weights_that_do_not_fit_are_refused(
    model: RegionTransformer, change: dict[str, Tensor | None], sentence: str
) -> None:
    weights = model.state_dict() | change
    present = {key: value for key, value in weights.items() if value is not None}
    with pytest.raises(CheckpointError, match=sentence):
        RegionTransformer.from_state_dict(model.config, present, "file")


def test_a_foreign_configuration_is_refused(model: RegionTransformer) -> None:
    with pytest.raises(CheckpointError, match="configuration of file is not understood"):
        RegionTransformer.from_state_dict({"hidden_size": 3}, model.state_dict(), "file")


def test_guidance_must_match_the_checkpoint(model: RegionTransformer) -> None:
    layout = make_layout(64, 48, [CANVAS])
    text = text_states(3)
    distilled = small_transformer(guidance_embeds=True)
    arguments = {
        "encoder_hidden_states": text.states,
        "pooled_projections": text.pooled,
        "timestep": torch.tensor([0.7]),
    }
    with pytest.raises(ValueError, match="does not take a guidance"):
        model(tokens_for(layout), model.positions(layout, 5), guidance=torch.ones(1), **arguments)
    with pytest.raises(ValueError, match="needs a guidance"):
        distilled(tokens_for(layout), distilled.positions(layout, 5), **arguments)


def test_full_size_without_memory() -> None:
    """The defaults are FLUX.1-dev's sizes: 11.90 billion weights and the layer embedding."""
    with torch.device("meta"):
        model = RegionTransformer()
    weights = dict(model.named_parameters())
    assert weights["layer_pe"].shape == (1, 52, 1, 1, 3072)
    assert weights["layer_pe"].numel() == 159_744
    # black-forest-labs FLUX.1-dev holds 11,901,408,320 weights
    assert sum(w.numel() for w in weights.values()) - 159_744 == 11_901_408_320
    assert {w.device.type for w in weights.values()} == {"meta"}
