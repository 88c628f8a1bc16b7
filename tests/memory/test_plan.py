"""What is chosen for which machine, tied to the counts of the networks."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.checkpoints.architectures import Network, architecture
from engine.checkpoints.catalogue import Feature, known_model
from engine.errors import RequestError
from engine.memory.estimate import (
    PROGRAM,
    RESERVE,
    Work,
    decoder_working,
    estimate,
    transformer_working,
)
from engine.memory.machine import GIB, Device, Machine, parse_memory
from engine.memory.measured import Measured, load_measured, save_measured
from engine.memory.plan import make_plan, next_cheaper
from engine.memory.strategies import Strategy

ART, WORK = known_model("art-plus"), Work(Feature.TEXT_TO_LAYERS)
TRANSFORMER, T5, CLIP, VAE, DECODER = (
    architecture(network).parameters
    for network in (
        Network.REGION, Network.T5, Network.CLIP_TEXT, Network.VAE, Network.TRANSPARENT_DECODER,
    )
)  # fmt: skip


def card(gib: float, ram: float = 32, device: Device = Device.CUDA) -> Machine:
    return Machine.of(device, round(gib * GIB), round(ram * GIB))


def of(strategy: Strategy) -> int:
    return estimate(ART, WORK, strategy, card(48)).vram


def test_bytes_on_the_card_follow_from_the_counts() -> None:
    working, decoding = transformer_working(WORK.tokens), decoder_working(4 * WORK.tokens)
    small = 2 * VAE + 4 * DECODER
    assert of(Strategy.ALL) == RESERVE + 2 * TRANSFORMER + small + max(working, decoding)
    assert of(Strategy.MODEL_OFFLOAD) == RESERVE + 2 * TRANSFORMER + working
    eight = round(TRANSFORMER * 8.125 / 8)
    assert of(Strategy.EIGHT_BIT) == RESERVE + eight + working
    four = round(TRANSFORMER * 4.5 / 8)
    assert of(Strategy.FOUR_BIT) == of(Strategy.GGUF) == RESERVE + four + working
    # The joint decoder needs more than two blocks of the transformer.
    assert of(Strategy.GROUP_OFFLOAD) == RESERVE + small + decoding


def test_bytes_in_main_memory_follow_from_the_counts() -> None:
    offload = estimate(ART, WORK, Strategy.MODEL_OFFLOAD, card(48))
    assert offload.ram == PROGRAM + 2 * TRANSFORMER + 2 * VAE + 4 * DECODER
    assert offload.ram > PROGRAM + 2 * (T5 + CLIP)  # the text encoders have left by then
    assert offload.disk == 2 * (TRANSFORMER + T5 + CLIP + VAE) + 4 * DECODER


@pytest.mark.parametrize(
    ("gib", "ram", "chosen"),
    [
        (8, 32, Strategy.GROUP_OFFLOAD),
        (12, 32, Strategy.GROUP_OFFLOAD),
        (16, 32, Strategy.GROUP_OFFLOAD),
        (24, 32, Strategy.GROUP_OFFLOAD),
        (48, 32, Strategy.ALL),
        (12, 16, Strategy.FOUR_BIT),  # the exact weights do not fit into main memory
        (16, 16, Strategy.EIGHT_BIT),
        (8, 16, None),
    ],
)
def test_the_choice_for_a_card(gib: int, ram: int, chosen: Strategy | None) -> None:
    plan = make_plan(ART, WORK, card(gib, ram))
    assert plan.chosen is chosen
    assert plan.reason.endswith((".", ")."))
    if chosen is not None:
        made = plan.of(chosen)
        assert made.vram <= gib * GIB
        assert made.ram <= ram * GIB


def test_a_machine_that_is_too_small_is_told_what_it_needs() -> None:
    plan = make_plan(ART, WORK, card(4, 8))
    assert plan.chosen is None
    assert "Too large for this machine" in plan.reason


@pytest.mark.parametrize(
    ("device", "ram", "chosen"),
    [
        (Device.CPU, 64, Strategy.ALL),
        (Device.MPS, 64, Strategy.ALL),
        (Device.MPS, 24, Strategy.EIGHT_BIT),
        (Device.CPU, 16, None),  # adapters cannot be merged into a GGUF file
    ],
)
def test_machines_with_one_memory(device: Device, ram: int, chosen: Strategy | None) -> None:
    plan = make_plan(ART, WORK, card(0, ram, device))
    assert plan.chosen is chosen


def test_small_models_stay_on_the_card_and_klein_is_offered_to_ordinary_ones() -> None:
    klein = known_model("flux2-klein-4b")
    plan = make_plan(klein, Work(Feature.LAYER_FLUX), card(12, 16))
    assert plan.chosen is Strategy.ALL
    upscale = make_plan(known_model("inf-dit"), Work(Feature.UPSCALE, 4096, 4096), card(8, 16))
    assert upscale.chosen is Strategy.ALL
    cache = upscale.of(Strategy.ALL).ram - PROGRAM
    assert cache > 34 * 140 * 2**20  # a line of 32 blocks and two, 140 MiB each


def test_the_enlarging_of_the_plan_is_that_of_the_scheduler() -> None:
    import torch

    from engine.checkpoints.architectures import PUBLISHED
    from engine.models.inf_dit import InfDitSizes
    from engine.pipelines.upscale_plan import UpscaleOptions, plan_upscale

    sizes = InfDitSizes(**PUBLISHED[Network.INF_DIT])
    theirs = plan_upscale(sizes, torch.bfloat16, 4096, 4096, UpscaleOptions(seed=0))
    work = Work(Feature.UPSCALE, 4096, 4096)
    ours = estimate(known_model("inf-dit"), work, Strategy.ALL, card(8, 16))
    weights = 2 * 303_966_208 + 2 * architecture(Network.INF_DIT).parameters
    assert ours.ram - PROGRAM == pytest.approx(theirs.cache_bytes + weights, rel=0.25)


def test_out_of_memory_leads_to_the_next_cheaper_way() -> None:
    plan = make_plan(ART, WORK, card(24, 32))
    assert next_cheaper(plan, Strategy.ALL) is Strategy.MODEL_OFFLOAD
    assert next_cheaper(plan, Strategy.MODEL_OFFLOAD) is Strategy.EIGHT_BIT
    assert next_cheaper(plan, Strategy.SEQUENTIAL) is None


def test_a_measured_run_corrects_the_estimate(tmp_path: Path) -> None:
    machine = card(24)
    before = estimate(ART, WORK, Strategy.GROUP_OFFLOAD, machine)
    measured = Measured().with_run(
        ART.model_id, machine.device, before, round(before.vram * 1.5), before.seconds / 4
    )
    save_measured(measured, tmp_path / "measured.json")
    loaded = load_measured(tmp_path / "measured.json")
    after = make_plan(ART, WORK, machine, loaded).of(Strategy.GROUP_OFFLOAD)
    assert after.vram == pytest.approx(before.vram * 1.5, abs=1)
    assert after.seconds == pytest.approx(before.seconds / 4)
    other = make_plan(ART, WORK, machine, loaded).of(Strategy.ALL)
    assert other.vram == of(Strategy.ALL)


@pytest.mark.parametrize("content", ["", "[]", '{"a": 1}', '{"a": {"vram": 1}}'])
def test_damaged_measurements_are_forgotten(tmp_path: Path, content: str) -> None:
    (tmp_path / "m.json").write_text(content)
    assert load_measured(tmp_path / "m.json") == Measured()


@pytest.mark.parametrize(
    ("text", "bytes_"), [("12G", 12 * GIB), ("12 GB", 12 * GIB), ("512M", 2**29), ("8", 8 * GIB)]
)
def test_amounts_of_memory(text: str, bytes_: int) -> None:
    assert parse_memory(text) == bytes_


@pytest.mark.parametrize("text", ["", "much", "-3G", "12X"])
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(RequestError, match="no amount of memory"):
        parse_memory(text)
