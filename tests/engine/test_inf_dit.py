"""Inf-DiT: what it reads from a file, the published size, and blocks against whole pictures.

Numbers against the published code: `tests/data/golden/infdit_*`, run by `test_reference.py`.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from engine.errors import CheckpointError
from engine.models.clip_vision import ClipVision
from engine.models.inf_dit import BlockBatch, InfDit, InfDitSizes, cache_bytes_per_block
from engine.pipelines.block_cache import BlockCache, CacheShape
from engine.pipelines.block_order import BlockGrid
from engine.pipelines.low_resolution import enlarge, to_bytes, to_network
from tests.engine.small_inf_dit import SIZES, random_picture, tiny_model
from tests.reference.cases import Case, read_case
from tests.reference.kinds import KINDS

GOLDEN = Path(__file__).parents[1] / "data" / "golden"
PUBLISHED = InfDitSizes(
    hidden=1280, layers=28, heads=16, head_dim=80, mlp=5120, patch_px=4, block_tokens=32,
    lr_patch_px=2, lr_block_tokens=16, vector=768, time=192,
)  # fmt: skip
A = "mixins.adaln_layer."


@pytest.fixture(scope="module")
def case() -> Case:
    return read_case(GOLDEN / "infdit_forward_a.json")


def test_the_published_size() -> None:
    with torch.device("meta"):
        model = InfDit(PUBLISHED)
    unused = 256 * 1280 + 28 * 2 * 80  # a position table, and norms of the keys
    assert sum(p.numel() for p in model.parameters()) + unused == 753_762_928
    assert cache_bytes_per_block(PUBLISHED, torch.bfloat16) == 140 * 2**20


def test_the_published_vision_tower() -> None:
    with torch.device("meta"):
        tower = ClipVision(image_px=224, patch_px=14, width=1024, layers=24, heads=16, out=768)
    assert sum(p.numel() for p in tower.parameters()) == 303_966_208


def test_sizes_are_read_from_the_weights(case: Case) -> None:
    sizes = InfDit.from_state_dict(case.group("sd", "."), "a").sizes
    assert (sizes.hidden, sizes.layers, sizes.heads, sizes.head_dim) == (64, 3, 4, 16)
    assert (sizes.block_px, sizes.lr_block_px, sizes.scale, sizes.vector) == (16, 4, 4, 12)


def test_leftovers_may_be_absent(case: Case) -> None:
    weights = case.group("sd", ".")
    left_over = (f"{A}rope.", f"{A}k_layer_norm.", "transformer.position_embeddings")
    fewer = {key: value for key, value in weights.items() if not key.startswith(left_over)}
    assert len(fewer) < len(weights)
    InfDit.from_state_dict(fewer, "a")


@pytest.mark.parametrize(
    "key",
    [
        f"{A}re_pos_embed",
        f"{A}q_layer_norm.1.bias",
        f"{A}cross_k_ln.weight",
        "transformer.layers.2.mlp.dense_4h_to_h.bias",
        "mixins.patch_embed.proj.weight",
        "time_embed.mlp.0.weight",
    ],
)
def test_a_missing_weight_is_refused(case: Case, key: str) -> None:
    weights = case.group("sd", ".")
    del weights[key]
    with pytest.raises(CheckpointError, match=r"a\.safetensors lacks weights .* get it again"):
        InfDit.from_state_dict(weights, "a.safetensors")


def test_unknown_and_wrongly_shaped_weights_are_refused(case: Case) -> None:
    weights = case.group("sd", ".")
    with pytest.raises(CheckpointError, match="which no Inf-DiT has"):
        InfDit.from_state_dict(weights | {"lm_head.weight": torch.zeros(1)}, "a")
    key = "transformer.layers.1.attention.dense.weight"
    with pytest.raises(CheckpointError, match="does not hold the weights of one Inf-DiT"):
        InfDit.from_state_dict(weights | {key: torch.zeros(64, 32)}, "a")
    extra = {key.replace(".1.", ".3."): weights[key]}
    with pytest.raises(CheckpointError, match="more layers"):
        InfDit.from_state_dict(weights | extra, "a")
    odd = {f"{A}lr_query_position_embedding": torch.zeros(1, 15, 4, 16)}
    with pytest.raises(CheckpointError, match="not those of an Inf-DiT"):
        InfDit.from_state_dict(weights | odd, "a")


@pytest.mark.parametrize(
    "key", [f"{A}q_layer_norm.1.weight", f"{A}re_pos_embed", f"{A}cross_k_ln.weight"]
)
def test_a_wrong_weight_fails_the_golden_case(case: Case, key: str) -> None:
    wrong = replace(case, tensors=case.tensors | {f"sd.{key}": case.tensors[f"sd.{key}"] * 1.1})
    with torch.no_grad():
        checks = {check.name: check.passed for check in KINDS["forward"](wrong)}
    assert not checks["out.denoised"]
    assert not checks["out.denoised_blockwise"]


@torch.no_grad()
def test_cases_with_several_pictures_and_without_values_in_between(case: Case) -> None:
    twice = {
        key: value if key.startswith("sd.") else torch.cat([value, value])
        for key, value in case.tensors.items()
        if not key.startswith("mid.hidden.1")
    }
    checks = KINDS["infdit_forward"](replace(case, tensors=twice))
    assert all(check.passed for check in checks)
    names = [check.name for check in checks]
    assert names.count("mid.hidden.0") == names.count("mid.block_1_1.k.0") == 2
    assert "mid.hidden.1" not in names


def _inputs(rows: int, columns: int, pictures: int = 1) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    torch.manual_seed(rows * 10 + columns)
    side = SIZES.block_px
    pixels = torch.randn(pictures, 6, rows * side, columns * side)
    lr = torch.cat([random_picture(SIZES, rows, columns, seed) for seed in range(pictures)])
    return pixels, torch.randn(pictures), torch.randn(pictures, SIZES.vector), lr


def test_pictures_of_a_batch_do_not_see_each_other() -> None:
    model = tiny_model()
    inputs = _inputs(2, 3, pictures=2)
    together = model(*inputs)
    for index in range(2):
        alone = model(*(part[index : index + 1] for part in inputs))
        torch.testing.assert_close(together[index : index + 1], alone, atol=1e-5, rtol=0)


@pytest.mark.parametrize("far", [5000, 10**6])
def test_rotary_positions_are_exact_far_from_the_corner(far: int) -> None:
    model, inputs = tiny_model(), _inputs(2, 2)
    model.slot_vectors.data.zero_()  # added after the rotation, they alone see where the corner is
    near = model(*inputs)
    torch.testing.assert_close(model(*inputs, origin=(far, far)), near, atol=1e-4, rtol=0)


@pytest.mark.parametrize("by_columns", [False, True])
@pytest.mark.parametrize("lines", [1, 2, 9])
@pytest.mark.parametrize("size", [(1, 1), (1, 4), (4, 1), (2, 3), (5, 3)])
def test_blocks_one_by_one_give_the_whole_picture(
    tmp_path: Path, size: tuple[int, int], lines: int, *, by_columns: bool
) -> None:
    model = tiny_model()
    pixels, c_noise, vector, lr = _inputs(*size)
    whole = model(pixels, c_noise, vector, lr)
    grid = BlockGrid(*size, lines, by_columns)
    slot = cache_bytes_per_block(SIZES, torch.float32)
    shape = CacheShape.fit(grid, SIZES, torch.float32, 2 * slot)  # most of it on the disk
    cache = BlockCache(grid, SIZES, torch.float32, shape, tmp_path / "cache")
    side, out = SIZES.block_px, torch.zeros_like(whole)
    condition = model.condition(c_noise, vector)
    for places in grid.batches():
        areas = [
            (slice(r * side, (r + 1) * side), slice(c * side, (c + 1) * side)) for r, c in places
        ]
        batch = BlockBatch(
            torch.cat([pixels[:, :, y, x] for y, x in areas]),
            condition.expand(len(places), -1),
            torch.cat([model.window(lr, *place) for place in places]),
            torch.tensor(places) * SIZES.block_tokens,
        )
        cache.begin(places)
        for (y, x), block in zip(areas, model.run_blocks(batch, cache), strict=True):
            out[0, :, y, x] = block
        cache.end()
    torch.testing.assert_close(out, whole, atol=1e-5, rtol=0)


def test_eight_bits_survive_the_way_to_the_network_and_back() -> None:
    levels = torch.arange(256, dtype=torch.uint8).reshape(16, 16, 1).expand(-1, -1, 3).numpy()
    pixels = to_network(levels)
    assert (float(pixels.min()), float(pixels.max())) == (-1.0, 1.0)
    difference = levels.astype(int) - to_bytes(pixels[0]).astype(int)
    assert set(difference.flatten()) <= {0, 1}  # the published code cuts off
    assert to_bytes(torch.full((3, 1, 1), 7.0)).tolist() == [[[255] * 3]]


def test_enlarging_stays_in_range() -> None:
    large = enlarge(random_picture(SIZES, 2, 2).sign(), 4)
    assert float(large.abs().max()) <= 1
    assert large.shape[2:] == (16, 16)
