"""The published pickle becomes safetensors once, or a sentence says why not."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from engine.checkpoints.inf_dit import load_inf_dit
from engine.checkpoints.pickles import convert_pickle
from engine.errors import CheckpointError
from tests.reference.cases import read_case

GOLDEN = Path(__file__).parents[1] / "data" / "golden"


@pytest.fixture(scope="module")
def weights() -> dict[str, Tensor]:
    """As in the published file: network, vision tower of 64-channel heads, leftovers."""
    kept = read_case(GOLDEN / "infdit_sampler_a.json").group("sd", ".")
    kept["image_encoder.model.token_embedding.weight"] = torch.zeros(3, 2)
    kept["mixins.adaln_layer.rope.freqs_cos"] = torch.zeros(4, 4, 16)
    return kept


class Trap:
    """Would run a command when unpickled by a careless reader."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[str]]:
        return os.mkdir, (str(self.path),)


def test_converting_and_loading(tmp_path: Path, weights: dict[str, Tensor]) -> None:
    half = {key: value.bfloat16() for key, value in weights.items()}
    torch.save({"module": half, "global_steps": 7}, tmp_path / "a.pt")
    convert_pickle(tmp_path / "a.pt", tmp_path / "a.safetensors")
    written = load_file(tmp_path / "a.safetensors")
    assert set(weights) - set(written) == {
        "image_encoder.model.token_embedding.weight", "mixins.adaln_layer.rope.freqs_cos",
    }  # fmt: skip
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.pt", "a.safetensors"]


def test_loading_with_and_without_the_vision_tower(
    tmp_path: Path, weights: dict[str, Tensor]
) -> None:
    network = {k: v for k, v in weights.items() if not k.startswith("image_encoder.")}
    save_file(network, tmp_path / "a.safetensors")
    model, vision = load_inf_dit(tmp_path / "a.safetensors")
    assert (model.sizes.hidden, vision) == (48, None)
    wide = {
        "class_embedding": (64,), "positional_embedding": (5, 64), "conv1.weight": (64, 3, 4, 4),
        "ln_pre.weight": (64,), "ln_pre.bias": (64,), "ln_post.weight": (64,),
        "ln_post.bias": (64,), "proj": (64, 12),
    }  # fmt: skip
    block = {
        "ln_1.weight": (64,), "ln_1.bias": (64,), "ln_2.weight": (64,), "ln_2.bias": (64,),
        "attn.in_proj_weight": (192, 64), "attn.in_proj_bias": (192,),
        "attn.out_proj.weight": (64, 64), "attn.out_proj.bias": (64,),
        "mlp.c_fc.weight": (256, 64), "mlp.c_fc.bias": (256,), "mlp.c_proj.weight": (64, 256),
        "mlp.c_proj.bias": (64,),
    }  # fmt: skip
    shapes = wide | {f"transformer.resblocks.0.{k}": v for k, v in block.items()}
    tower = {f"image_encoder.model.visual.{k}": torch.randn(v) for k, v in shapes.items()}
    save_file(network | tower, tmp_path / "b.safetensors")
    _, vision = load_inf_dit(tmp_path / "b.safetensors")
    assert vision is not None
    vector = vision.embed(torch.rand(1, 3, 9, 20))
    assert vector.shape == (1, 12)
    assert float(vector.norm()) == pytest.approx(1, abs=1e-5)


def test_a_pickle_with_code_is_not_run(tmp_path: Path, weights: dict[str, Tensor]) -> None:
    torch.save({"module": weights, "args": Trap(tmp_path / "sprung")}, tmp_path / "a.pt")
    with pytest.raises(CheckpointError, match="holds more than numbers"):
        convert_pickle(tmp_path / "a.pt", tmp_path / "a.safetensors")
    assert [path.name for path in tmp_path.iterdir()] == ["a.pt"]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("missing", "is missing"),
        ("cut off", "damaged or no PyTorch file"),
        ("no module", "neither Inf-DiT nor"),
        ("empty module", "no weights under 'module'"),
        ("one weight less", "lacks weights of Inf-DiT"),
        ("no folder", "cannot be written"),
    ],
)
def test_bad_files(tmp_path: Path, weights: dict[str, Tensor], fault: str, words: str) -> None:
    source, target = tmp_path / "a.pt", tmp_path / "a.safetensors"
    content: dict[str, Any] = {"module": dict(weights)}
    if fault == "one weight less":
        del content["module"]["mixins.final_layer.linear.bias"]
    if fault == "no module":
        content = {"state_dict": {}}
    if fault == "empty module":
        content = {"module": None}
    if fault != "missing":
        torch.save(content, source)
    if fault == "cut off":
        source.write_bytes(source.read_bytes()[:2000])
    if fault == "no folder":
        target = tmp_path / "none" / "a.safetensors"
    with pytest.raises(CheckpointError, match=words) as caught:
        convert_pickle(source, target)
    assert "\n" not in caught.value.message
    assert not target.exists()
