"""Training: a tiny model learns icons drawn here, and a resumed run goes on as if nothing was."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.models.geometry import pack_latents
from engine.models.region_transformer import RegionTransformer
from engine.models.starter_codec import LinearPatchCode, to_colour_form
from engine.models.text_encoders import TextStates
from engine.training.layer_batches import Batch
from engine.training.loop.optimiser import Rates, SharedOptimiser, share_model
from engine.training.loop.process_team import Tickets
from engine.training.loop.run_state import SavePlace, load_run, save_run
from engine.training.noise_pairing import NoisePairing
from engine.training.sampling import alone_layout
from engine.training.train_layers import (
    STARTER_CONFIG,
    Trainer,
    flow_loss,
    half_is_faster,
    new_transformer,
)

# bf16 autocast leaves the norms' weights in float32; torch says once that it takes the plain path.
pytestmark = pytest.mark.filterwarnings("ignore:Mismatch dtype between input and weight")

TINY = STARTER_CONFIG | {"num_attention_heads": 1, "num_single_layers": 2, "max_layer_num": 4}
RATES = Rates(muon=2e-3, adam=2e-3)


def _icons() -> torch.Tensor:
    """A red disc, a blue square and a green ring as RGBA, `3 4 64 64`."""
    y, x = torch.meshgrid(torch.arange(64.0), torch.arange(64.0), indexing="ij")
    radius = ((x - 32) ** 2 + (y - 32) ** 2).sqrt()
    shapes = (radius < 24, (x - 32).abs().maximum((y - 32).abs()) < 22, (radius - 18).abs() < 8)
    colours = torch.tensor([[0.9, 0.1, 0.1], [0.1, 0.2, 0.9], [0.1, 0.7, 0.2]])
    rgb = colours[:, :, None, None].expand(3, 3, 64, 64)
    return torch.cat([rgb, torch.stack(shapes)[:, None].float()], 1)


def _code() -> LinearPatchCode:
    code = LinearPatchCode()
    patches = torch.nn.functional.pixel_unshuffle(to_colour_form(_icons()), 8)
    code.fit(patches.permute(0, 2, 3, 1).reshape(-1, 256) + 1e-3 * torch.randn(192, 256))
    return code


class _IconSource:
    """Batches of the three icons with one text vector each."""

    def __init__(self) -> None:
        torch.manual_seed(0)
        self.data = pack_latents(_code().encode(to_colour_form(_icons())))
        self.states, self.pooled = torch.randn(3, 8, 384), torch.randn(3, 384)

    def draw(self, rng: np.random.Generator) -> Batch:
        picked = torch.from_numpy(rng.integers(3, size=12))
        text = TextStates(self.states[picked], self.pooled[picked])
        return Batch(self.data[picked], text, alone_layout(4, 4), torch.ones(16))


def _trainer(seed: int = 3) -> Trainer:
    model: RegionTransformer = new_transformer(TINY, seed)
    optimiser = SharedOptimiser(model, share_model(model, 1))
    return Trainer(model, optimiser, _IconSource(), seed)


def test_a_tiny_model_learns_a_few_icons() -> None:
    trainer, tickets = _trainer(), Tickets(1)
    losses = [trainer.step(RATES, tickets)[0][1] for _ in range(45)]
    assert np.mean(losses[-8:]) < 0.65 * np.mean(losses[:4])


def test_tokens_that_get_no_noise_are_given_clean_and_not_learned(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trainer = _trainer()
    batch = trainer.source.draw(np.random.default_rng(0))
    noised = torch.arange(16) < 4
    seen: list[torch.Tensor] = []

    def right_where_noised(tokens: torch.Tensor, *_: object, **named: object) -> torch.Tensor:
        seen.append(tokens)
        level = torch.as_tensor(named["timestep"])[:, None, None]
        answer = (tokens - batch.data) / level  # noise - data, from what is seen
        return torch.where(noised[None, :, None], answer, torch.full_like(answer, 9.0))

    monkeypatch.setattr(trainer.model, "forward", right_where_noised)
    masked = replace(batch, token_weight=4.0 * noised, noised=noised)
    loss, errors = flow_loss(trainer.model, masked, torch.Generator().manual_seed(1), half=False)
    assert torch.equal(seen[0][:, 4:], batch.data[:, 4:])
    assert not torch.isclose(seen[0][:, :4], batch.data[:, :4]).any()
    assert float(loss) < 1e-9
    assert float(errors[:, 1].max()) < 1e-9


def test_pairing_trades_noise_between_drawings_of_one_caption() -> None:
    """The same draws with and without it; the plain error falls, since pairs lie nearer."""
    trainer = _trainer()
    batch = trainer.source.draw(trainer.rng)
    alike = TextStates(
        *(rows[:1].expand_as(rows) for rows in (batch.text.states, batch.text.pooled))
    )
    batch = replace(batch, text=alike)
    plain, levels = flow_loss(trainer.model, batch, torch.Generator().manual_seed(1))
    paired, paired_levels = flow_loss(
        trainer.model, batch, torch.Generator().manual_seed(1), NoisePairing.GROUPED
    )
    assert torch.equal(levels[:, 0], paired_levels[:, 0])
    assert float(paired.detach()) < float(plain.detach())


def test_a_resumed_run_takes_the_same_next_steps(tmp_path: Path) -> None:
    trainer, tickets = _trainer(), Tickets(2)
    for _ in range(3):
        trainer.step(RATES, tickets)
    save_run(
        SavePlace(tmp_path), trainer.model, trainer.optimiser, trainer.random_state(),
        step=trainer.step_index, data_hash="x",
    )  # fmt: skip
    expected = [loss for _ in range(2) for _, loss, _ in trainer.step(RATES, tickets)]

    other = _trainer(seed=9)
    state = load_run(tmp_path)
    assert state is not None
    other.model.load_state_dict(state.weights)
    other.restore(state, 0)
    for name, tensor in other.optimiser.shared.ema.items():
        tensor.copy_(state.ema[name])
    assert [loss for _ in range(2) for _, loss, _ in other.step(RATES, tickets)] == expected
    for name, tensor in trainer.optimiser.shared.ema.items():
        assert torch.equal(tensor, other.optimiser.shared.ema[name])


def test_products_in_half_precision_are_used_where_they_are_faster(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Clock:
        """Each reading of float32's turns takes two seconds, of bfloat16's `half`."""

        def __init__(self, half: float) -> None:
            self.now, self.readings, self.half = 0.0, 0, half

        def __call__(self) -> float:
            self.now += 2.0 if self.readings < 4 else self.half
            self.readings += 1
            return self.now

    for seconds, faster in ((1.0, True), (3.0, False)):
        monkeypatch.setattr("engine.training.train_layers.time.perf_counter", Clock(seconds))
        assert half_is_faster(rounds=2) is faster
