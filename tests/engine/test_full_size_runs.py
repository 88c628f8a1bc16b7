"""Every layout on disk loads and runs to the end, on tiny random weights."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from engine.checkpoints.flux_files import LoraChoice, read_transformer
from engine.checkpoints.full_size import ART_SAMPLING, load_art, load_flux
from engine.checkpoints.inf_dit import load_inf_dit
from engine.checkpoints.lora import LoraAdapter, assemble_split_checkpoint
from engine.checkpoints.pickles import convert_pickle
from engine.checkpoints.shelf import Shelf
from engine.errors import CheckpointError, JobCancelled, RequestError
from engine.pipelines.flux_layers import generate_full_size
from engine.pipelines.flux_picture import PictureOptions, load_picture_model
from engine.pipelines.job_reporter import JobReporter
from engine.pipelines.upscale import upscale_picture
from engine.pipelines.upscale_plan import UpscaleOptions
from engine.progress import PhaseRates, Progress
from engine.requests import LayoutRequest, LayoutResult, RegionBox, SamplingOptions
from engine.requests.run_options import Attention, RunOptions, RunRecord
from engine.sampling.edm import EdmSchedule
from tests.engine import tiny_checkpoints as tiny
from tests.engine.test_inf_dit_file import GOLDEN, Trap
from tests.reference.cases import read_case

FLOAT = torch.float32
TOO_MANY = tuple(RegionBox(str(number), 0, 0, 16, 16) for number in range(7))
BOXES = (RegionBox("a", 16, 16, 48, 48, name="apple"), RegionBox("b", 40, 3, 96, 29))


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    place = tmp_path_factory.mktemp("full")
    made = Shelf(place / "shelf")
    for path in (
        *tiny.plain_flux(place),
        tiny.art_fused(place / "fused"),
        tiny.art_split(place / "split"),
        tiny.cld_folder(place / "cld"),
    ):
        made.add(path, name=path.stem)
    return made


def job(reports: list[Progress] | None = None, cancel_after: int | None = None) -> JobReporter:
    seen = [] if reports is None else reports
    return JobReporter(
        seen.append,
        lambda: cancel_after is not None and len(seen) >= cancel_after,
        PhaseRates(),
    )


def request(**changes: Any) -> LayoutRequest:
    fields: dict[str, Any] = {
        "prompt": "a red apple", "width": 96, "height": 64, "seed": 7, "boxes": BOXES,
        "sampling": SamplingOptions(steps=2, true_guidance=2.0, distilled_guidance=4.0),
    }  # fmt: skip
    return LayoutRequest(**fields | changes)


@pytest.mark.parametrize("name", ["split", "fused", "cld"])
def test_art_makes_a_background_and_a_layer_for_each_box(shelf: Shelf, name: str) -> None:
    checkpoint = load_art(shelf, name, FLOAT)
    assert checkpoint.sampling == ART_SAMPLING
    reports: list[Progress] = []
    result: LayoutResult = generate_full_size(checkpoint, request(), job(reports))
    ground, apple, other = result.layers
    assert ground.pixels.shape == (64, 96, 4)
    assert (ground.pixels[..., 3] == 255).all()
    assert apple.pixels.shape == (32, 32, 4)
    assert other.pixels.shape == (26, 56, 4)  # as asked, not as rounded to the grid
    assert [layer.name for layer in result.layers] == ["background", "apple", "Layer 2"]
    assert {layer.record.token_count for layer in result.layers} == {24 + 24 + 4 + 8}
    assert apple.record.weights_hash == checkpoint.weights_hash
    assert "denoise" in result.seconds
    again = generate_full_size(checkpoint, request(), job())
    assert all(
        np.array_equal(a.pixels, b.pixels) for a, b in zip(result.layers, again.layers, strict=True)
    )


def test_the_split_form_is_merged_in_the_published_order(shelf: Shelf) -> None:
    made = load_art(shelf, "split", FLOAT).transformer.state_dict()
    model = shelf.get("split")
    _, base = read_transformer(shelf.get("dev"), FLOAT)
    files = [
        ("pre_fuse_lora", 1.0), ("anonymous_region_transformer_ckpt", 1.0), ("extra_lora", 0.5),
    ]  # fmt: skip
    adapters = [
        LoraAdapter(
            load_file(Path(model.path) / folder / "pytorch_lora_weights.safetensors"), weight, ""
        )
        for folder, weight in files
    ]
    embedding = load_file(model.converted["layer_pe"])["layer_pe"]
    expected = assemble_split_checkpoint(base, embedding, adapters)
    assert made.keys() == expected.keys()
    assert all(torch.equal(made[key], expected[key]) for key in expected)
    merged = "transformer_blocks.0.attn.to_q.weight"
    assert not torch.allclose(made[merged], base[merged])


def test_the_transparent_decoder_stays_float32_when_the_rest_is_bfloat16(shelf: Shelf) -> None:
    checkpoint = load_art(shelf, "split", torch.bfloat16)
    codec: Any = checkpoint.codec
    assert next(checkpoint.transformer.parameters()).dtype is torch.bfloat16
    assert {p.dtype for p in codec.decoder.parameters()} == {torch.float32}
    result = generate_full_size(checkpoint, request(), job())
    assert len(result.layers) == 3


def test_the_users_adapters_change_the_picture_by_their_weight(
    shelf: Shelf, tmp_path: Path
) -> None:
    mine = tiny.lora(tmp_path / "mine.safetensors", seed=77)
    plain = load_art(shelf, "fused", FLOAT)
    none, half, whole = (
        load_art(shelf, "fused", FLOAT, [LoraChoice(mine, weight)]) for weight in (0.0, 0.5, 1.0)
    )
    key = "transformer_blocks.0.attn.to_q.weight"
    a, b, c, d = (m.transformer.state_dict()[key] for m in (plain, none, half, whole))
    assert torch.equal(a, b)
    torch.testing.assert_close((d - a) / 2, c - a)
    assert len({plain.weights_hash, none.weights_hash, half.weights_hash}) == 3


@pytest.mark.parametrize("name", ["dev", "schnell", "klein", "file", "packed"])
def test_flux_makes_a_picture(shelf: Shelf, name: str) -> None:
    model = load_picture_model(shelf, name, FLOAT)
    steps: list[tuple[int, int]] = []
    picture = model.picture(
        "a red apple", 32, 48, seed=3, steps=2, on_step=lambda *pair: steps.append(pair)
    )
    assert picture.shape == (48, 32, 3)
    assert picture.dtype == np.uint8
    assert steps == [(1, 2), (2, 2)]
    assert np.array_equal(picture, model.picture("a red apple", 32, 48, seed=3, steps=2))
    with pytest.raises(JobCancelled):
        model.picture("a red apple", 32, 32, seed=3, steps=2, cancelled=lambda: True)


@pytest.mark.parametrize("name", ["dev", "klein"])
def test_pictures_take_blocks_from_the_cache_and_say_how_far_they_are_off(
    shelf: Shelf, name: str
) -> None:
    model = load_picture_model(shelf, name, FLOAT)
    assert model.pipeline.text_encoder is None  # left after the prompt, like the plan says
    seen: list[tuple[int, int]] = []

    def drawn(run: RunOptions) -> tuple[np.ndarray, RunRecord]:
        options = PictureOptions(run=run)
        made = model.picture(
            "a red apple", 64, 48, seed=3, steps=4, options=options,
            on_step=lambda done, steps: seen.append((done, steps)),
        )  # fmt: skip
        return made, options.outcome.record(run)

    exact, plain = drawn(RunOptions())
    assert plain == RunRecord("sdpa")
    _, record = drawn(RunOptions(Attention.SDPA_MATH, 1.0, measure_cache=True))
    assert seen[4:] == [(number, 8) for number in range(1, 9)]
    assert (record.attention, record.evaluations) == ("sdpa-math", 4)
    assert 0 < record.reused < 4
    assert 0 < (record.cache_error or 0) < 2
    again, _ = drawn(RunOptions())
    assert np.array_equal(again, exact)  # nothing of the cache stays


def test_a_single_file_holds_the_same_model_as_its_folder(shelf: Shelf) -> None:
    folder, _ = load_flux(shelf, "dev", FLOAT)
    single, _ = load_flux(shelf, "file", FLOAT)
    one, other = folder.state_dict(), single.state_dict()
    assert one.keys() == other.keys()
    assert all(torch.equal(one[key], other[key]) for key in one)
    assert tuple(single.config["axes_dims_rope"]) == (4, 6, 6)


def test_a_gguf_file_is_near_the_model_it_was_made_of_and_stays_packed(shelf: Shelf) -> None:
    folder, _ = load_flux(shelf, "dev", FLOAT)
    packed, _ = load_flux(shelf, "packed", FLOAT)
    assert {p.dtype for p in packed.parameters()} == {torch.float32, torch.uint8}
    generator = torch.Generator().manual_seed(0)

    def random(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=generator)

    inputs: dict[str, Any] = {
        "hidden_states": random(1, 6, 64), "encoder_hidden_states": random(1, 5, 24),
        "pooled_projections": random(1, 32), "timestep": torch.tensor([0.5]),
        "guidance": torch.tensor([3.5]), "img_ids": torch.zeros(6, 3),
        "txt_ids": torch.zeros(5, 3),
    }  # fmt: skip
    with torch.no_grad():
        exact, near = (model(**inputs).sample for model in (folder, packed))
    assert float((exact - near).abs().max()) < 0.05 * float(exact.abs().max())
    assert not torch.equal(exact, near)


def test_a_gguf_file_is_not_taken_as_the_base_of_adapters(shelf: Shelf, tmp_path: Path) -> None:
    other = Shelf(tmp_path / "shelf")
    other.add(shelf.get("packed").path, name="a-first")
    assert other.adapter_base() is None
    other.add(shelf.get("file").path, name="b-file")
    other.add(shelf.get("dev").path, name="c-folder")
    base = other.adapter_base()
    assert base is not None
    assert base.name == "c-folder"


# What is refused


def test_adapters_and_gguf(shelf: Shelf, tmp_path: Path) -> None:
    mine = tiny.lora(tmp_path / "mine.safetensors")
    with pytest.raises(CheckpointError, match="already rounded"):
        load_flux(shelf, "packed", FLOAT, [LoraChoice(mine)])


def test_adapters_and_klein(shelf: Shelf, tmp_path: Path) -> None:
    mine = tiny.lora(tmp_path / "mine.safetensors")
    with pytest.raises(CheckpointError) as caught:
        load_picture_model(shelf, "klein", FLOAT, [LoraChoice(mine)])
    assert caught.value.message == (
        "FLUX.2 klein takes no LoRA files here; they are merged into FLUX.1 only."
    )


def test_a_model_without_layers_or_parts(shelf: Shelf, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="choose an ART model"):
        load_art(shelf, "dev", FLOAT)
    alone = Shelf(tmp_path / "alone")
    alone.add(tiny.art_fused(tmp_path / "fused"))
    with pytest.raises(CheckpointError, match="text encoders and the autoencoder"):
        load_art(alone, "fused", FLOAT)


def test_a_file_that_changed_after_the_check(shelf: Shelf, tmp_path: Path) -> None:
    other = Shelf(tmp_path / "shelf")
    place = tmp_path / "dev"
    shutil.copytree(shelf.get("dev").path, place)
    other.add(place)
    shard = next((place / "transformer").glob("*.safetensors"))
    shard.write_bytes(shard.read_bytes())
    with pytest.raises(CheckpointError, match="has changed since it was checked"):
        load_flux(other, "dev", FLOAT)


def test_a_converted_file_that_is_gone(shelf: Shelf) -> None:
    kept = Path(shelf.get("split").converted["layer_pe"])
    hidden = kept.rename(kept.with_suffix(".away"))
    try:
        with pytest.raises(CheckpointError, match="is incomplete"):
            load_art(shelf, "split", FLOAT)
    finally:
        hidden.rename(kept)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"boxes": ()}, "draw at least one box"),
        (
            {"boxes": tuple(RegionBox(str(n), 0, 0, 16, 16) for n in range(7))},
            "Remove some objects",
        ),
    ],
)
def test_impossible_layouts(shelf: Shelf, changes: dict[str, Any], words: str) -> None:
    checkpoint = load_art(shelf, "fused", FLOAT)  # it has places for six objects
    with pytest.raises(RequestError, match=words):
        generate_full_size(checkpoint, request(**changes), job())


def test_a_job_is_cancelled_at_a_step(shelf: Shelf) -> None:
    checkpoint = load_art(shelf, "fused", FLOAT)
    with pytest.raises(JobCancelled):
        generate_full_size(checkpoint, request(), job(cancel_after=2))


# Inf-DiT


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """A pickle as DeepSpeed writes it: network, rope tables, counters."""
    weights = read_case(GOLDEN / "infdit_forward_a.json").group("sd", ".")
    content = {"module": weights, "global_steps": 7, "lr_scheduler": {"steps": [1, 2]}}
    torch.save(content, tmp_path / "mp_rank_00_model_states.pt")
    return tmp_path / "mp_rank_00_model_states.pt"


def test_inf_dit_from_its_pickle_to_an_enlarged_picture(published: Path, tmp_path: Path) -> None:
    made = Shelf(tmp_path / "shelf")
    with pytest.raises(CheckpointError, match="layerloom models convert"):
        made.add(published)
    convert_pickle(published, tmp_path / "inf.safetensors")
    model = made.add(tmp_path / "inf.safetensors")
    assert (model.layout, model.model_id) == ("inf_dit_file", "inf-dit")
    network, vision = load_inf_dit(model.path)
    assert vision is None
    source = np.random.default_rng(0).integers(0, 256, (9, 7, 3), dtype=np.uint8)
    size = (7 * network.sizes.scale, 9 * network.sizes.scale)
    options = UpscaleOptions(seed=1, schedule=EdmSchedule(steps=2))
    vector = torch.zeros(1, network.sizes.vector)
    large = upscale_picture(
        network, source, size, lambda _picture: vector, options, scratch=tmp_path / "scratch"
    )
    assert large.shape == (size[1], size[0], 3)


@pytest.mark.slow  # each starts a process that imports torch
@pytest.mark.parametrize("defect", ["cut off", "code", "a weight less", "another shape"])
def test_defects_of_the_pickle(published: Path, tmp_path: Path, defect: str) -> None:
    content = torch.load(published, weights_only=True)
    words = {"cut off": "damaged or no PyTorch file", "code": "holds more than numbers"}
    if defect == "code":
        content["args"] = Trap(tmp_path / "sprung")
    elif defect == "a weight less":
        del content["module"]["mixins.final_layer.linear.bias"]
    elif defect == "another shape":
        content["module"]["mixins.final_layer.linear.bias"] = torch.zeros(5)
    torch.save(content, published)
    if defect == "cut off":
        published.write_bytes(published.read_bytes()[:3000])
    with pytest.raises(CheckpointError, match=words.get(defect, "Inf-DiT|shape")) as caught:
        convert_pickle(published, tmp_path / "inf.safetensors")
    assert "\n" not in caught.value.message
    assert not (tmp_path / "inf.safetensors").exists()
    assert not (tmp_path / "sprung").exists()
