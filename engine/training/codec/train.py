"""Trains the starter's decoder against art rendered at twice the model's resolution.

Run: `python -m engine.training.codec.train --cpu-minutes 12`. The linear encoder stays as it is, so
this runs beside the generator's training. `--refine RUN` or `--weights FILE` is the last stage: it
also decodes what the generator makes of noisy drawings against the true ones, so the decoder learns
to mend what the generator leaves rough. With `--run NAME` it saves every two minutes and goes on
where it was saved. `--share` takes the mean with the decoder that it began with.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812  # the field's own name for it
from safetensors.torch import load_file, save_file
from torch import Tensor

from engine.checkpoints.starter import STARTER_FOLDER
from engine.models.region_transformer import RegionTransformer
from engine.models.starter_codec import StarterCodec
from engine.prompts.captions import STYLES
from engine.training.art import sources as art
from engine.training.cached import write_complete
from engine.training.codec.data import CrudeMaker, CrudePool, draw_crops, drawing_pool
from engine.training.codec.score import held_out_drawings, over_grey, score, trained_codes
from engine.training.data_source import captions_for
from engine.training.export import weighted_mean
from engine.training.icon_data import IconItem, linear_code, list_items
from engine.training.recipe import load_recipe
from engine.training.sampling import ema_transformer, stored_transformer
from engine.training.train_layers import half_is_faster

_SAVE_SECONDS = 120
_ENERGY_PX = 5


def reconstruction_loss(output: Tensor, target: Tensor, grey: Tensor) -> Tensor:
    """Error of the composite over a grey `b 1 1 1` and of alpha.

    2 MSE + 0.5 L1 + 0.25 L1 of differences + 0.3 L1 of edge energy. The last one asks for edges as
    steep and for slopes as smooth as in the target, wherever exactly they are.
    """
    out = torch.cat([over_grey(output, grey), output[:, 3:]], 1)
    wanted = torch.cat([over_grey(target, grey), target[:, 3:]], 1)
    delta = out - wanted
    steps_x = delta[..., 1:] - delta[..., :-1]
    steps_y = delta[..., 1:, :] - delta[..., :-1, :]
    edges = steps_x.abs().mean() + steps_y.abs().mean()
    energy = (edge_energy(out) - edge_energy(wanted)).abs().mean()
    return 2 * delta.pow(2).mean() + 0.5 * delta.abs().mean() + 0.25 * edges + 0.3 * energy


def edge_energy(planes: Tensor) -> Tensor:
    """Root mean square of the slopes in patches of 5 x 5 px, every other one."""
    across = planes[..., :-1, 1:] - planes[..., :-1, :-1]
    down = planes[..., 1:, :-1] - planes[..., :-1, :-1]
    return (F.avg_pool2d(across.pow(2) + down.pow(2), _ENERGY_PX, 2) + 1e-4).sqrt()


@dataclass(frozen=True, slots=True)
class DecoderPlan:
    """How long and how fast to train.

    Attributes:
        cpu_minutes: Processor time; the rate falls to 0 over it as a cosine.
        minutes: The most it may take by the clock; the rate falls faster when that is less.
        run: Name under which it is saved; empty = it is not.
        share: Of what was trained in a mean with the decoder that it began with.
    """

    cpu_minutes: float
    minutes: float = float("inf")
    batch: int = 24
    rate: float = 2e-3
    run: str = ""
    share: float = 1.0

    @property
    def file(self) -> Path | None:
        """Where the state is saved."""
        return art.cache_folder() / "runs" / self.run / "decoder.pt" if self.run else None


class DecoderTrainer:
    """The decoder, its average and its optimiser; a step depends on these and on its index.

    Args:
        crude: Takes every other step, if there is one.
    """

    def __init__(
        self, codec: StarterCodec, pool: list[Tensor], plan: DecoderPlan,
        crude: CrudePool | None = None,
    ) -> None:  # fmt: skip
        self.codec, self.pool, self.plan, self.crude = codec, pool, plan, crude
        # 1.35 times as fast in this layout
        codec.decoder.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.optimiser = torch.optim.AdamW(
            codec.decoder.parameters(), plan.rate, (0.9, 0.98), weight_decay=0
        )
        self.average = {k: v.detach().clone() for k, v in codec.decoder.state_dict().items()}
        self.before = {key: value.clone() for key, value in self.average.items()}
        self.steps, self.done = 0, 0.0
        self.half = half_is_faster()

    def step(self) -> float:
        """Learns from one batch; returns its loss."""
        rng = np.random.default_rng((1 if self.crude else 0, self.steps))
        warm = min(1, (self.steps + 1) / 50)
        for group in self.optimiser.param_groups:
            group["lr"] = self.plan.rate * warm * (0.5 + 0.5 * np.cos(np.pi * min(1, self.done)))
        latents, target = self._pair(rng)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.half):
            output = self.codec.decoder(latents, self.codec.code.decode(latents))
        grey = torch.from_numpy(rng.uniform(-1, 1, (len(target), 1, 1, 1))).float()
        loss = reconstruction_loss(output.float(), target, grey)
        self.optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.codec.decoder.parameters(), 1.0)
        self.optimiser.step()
        self.steps += 1
        decay = min(0.995, (1 + self.steps) / (10 + self.steps))
        for key, value in self.codec.decoder.state_dict().items():
            self.average[key].lerp_(value, 1 - decay)
        return float(loss.detach())

    def _pair(self, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        """Latents and the double-size target they stand for."""
        batch = self.plan.batch
        if self.crude is not None and self.steps % 2:
            latents, target = self.crude.draw(rng, max(4, batch // 4))
            return latents.contiguous(memory_format=torch.channels_last), target
        target = draw_crops(self.pool, rng, batch)
        latents = self.codec.code.encode(F.avg_pool2d(target, 2))
        strength = torch.from_numpy(rng.uniform(0, 0.2, (batch, 1, 1, 1))).float()
        strength *= torch.from_numpy(rng.random((batch, 1, 1, 1)) < 0.6)
        noise = torch.from_numpy(rng.standard_normal(latents.shape, np.float32))
        latents = latents + (strength + 0.02) * noise
        return latents.contiguous(memory_format=torch.channels_last), target

    def state(self) -> dict[str, Any]:
        """All that the next step depends on."""
        return {
            "decoder": self.codec.decoder.state_dict(), "average": self.average,
            "optimiser": self.optimiser.state_dict(), "steps": self.steps, "done": self.done,
            "before": self.before, "half": self.half,
        }  # fmt: skip

    def restore(self, state: dict[str, Any]) -> None:
        """Goes on from `state`."""
        self.codec.decoder.load_state_dict(state["decoder"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.average, self.steps, self.done = state["average"], state["steps"], state["done"]
        self.before, self.half = state["before"], state["half"]


def train(
    plan: DecoderPlan, codec: StarterCodec, pool: list[Tensor], crude: CrudePool | None = None
) -> None:
    """Trains `codec.decoder`; leaves its averaged weights in place, or a mean with the first."""
    trainer = DecoderTrainer(codec, pool, plan, crude)
    file = plan.file
    if file and file.exists():
        trainer.restore(torch.load(file, weights_only=False))
    begun, busy, clock = trainer.done, time.process_time(), time.monotonic()
    saved = last = clock
    while trainer.done < 1:
        loss = trainer.step()
        now = time.monotonic()
        spent = (time.process_time() - busy) / plan.cpu_minutes, (now - clock) / plan.minutes
        trainer.done = begun + max(spent) / 60
        if now - last > 30:
            last = now
            text = f"step {trainer.steps} loss {loss:.4f} | {100 * trainer.done:.0f} %"
            print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)
        if file and (now - saved > _SAVE_SECONDS or trainer.done >= 1):
            saved = now
            file.parent.mkdir(parents=True, exist_ok=True)
            write_complete(file, lambda fresh: torch.save(trainer.state(), fresh))
    codec.decoder.load_state_dict(weighted_mean(trainer.average, trainer.before, plan.share))


def load_codec(path: Path) -> StarterCodec:
    """The codec of a file to go on with; a fresh decoder with the linear half if there is none."""
    codec = StarterCodec()
    if path.exists():
        codec.load_state_dict({k: v.float() for k, v in load_file(path).items()})
    else:
        codec.code.load_state_dict(linear_code(list_items(load_recipe())).state_dict())
    return codec


def save_codec(codec: StarterCodec, path: Path) -> None:
    """Decoder in half precision; the PCA stays in float32: cached latents must mean the same."""
    state = {
        key: (value if key.startswith("code.") else value.half()).contiguous()
        for key, value in codec.state_dict().items()
    }
    write_complete(path, lambda fresh: save_file(state, fresh))


def crude_pool(
    model: RegionTransformer, items: list[IconItem], codec: StarterCodec, count: int
) -> CrudePool:
    """Of the styles that the generator knows; copies in other colours are a fourth."""
    known = [item for item in items if item.style in STYLES]
    originals = [item for item in known if not item.recolour]
    copies = [item for item in known if item.recolour]
    fewer = copies[:: max(1, 3 * len(copies) // len(originals))]
    return CrudePool(CrudeMaker(model, originals + fewer, codec.code, captions_for()), count)


def main() -> None:
    """Trains, writes `codec.safetensors` and prints its scores."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cpu-minutes", type=float, default=12)
    parser.add_argument("--minutes", type=float, default=float("inf"), help="by the clock at most")
    parser.add_argument("--rate", type=float, default=2e-3)
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--refine", metavar="RUN", default="", help="with a run's estimates")
    source.add_argument("--weights", type=Path, help="the same with a file of weights")
    parser.add_argument("--crude", type=int, default=720, help="how many latents it makes for that")
    parser.add_argument("--pictures", type=int, help="drawings to learn from; all if not given")
    parser.add_argument("--run", default="", help="name to save under and to go on with")
    parser.add_argument(
        "--share", type=float, default=1.0, help="in a mean with the decoder that it began with"
    )
    parser.add_argument("-o", "--output", type=Path, default=STARTER_FOLDER / "codec.safetensors")
    parser.add_argument("--threads", type=int, default=1)
    a = parser.parse_args()
    torch.set_num_threads(a.threads)
    codec = load_codec(STARTER_FOLDER / "codec.safetensors")
    recipe, known = load_recipe(), trained_codes()
    concepts = tuple(concept for concept in recipe.concepts if concept.hexcode in known)
    items = list_items(replace(recipe, concepts=concepts))
    crude = None
    if a.refine or a.weights:
        model = ema_transformer(a.refine) if a.refine else stored_transformer(a.weights)
        crude = crude_pool(model, items, codec, a.crude)
    pool = drawing_pool(items, "cartoon", 0, a.pictures)
    plan = DecoderPlan(a.cpu_minutes, a.minutes, rate=a.rate, run=a.run, share=a.share)
    train(plan, codec, pool, crude)
    save_codec(codec, a.output)
    print(score(codec, held_out_drawings()))


if __name__ == "__main__":
    main()
