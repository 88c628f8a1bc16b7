"""What noise pairing does on the starter's own objects: the table of the digits, once more.

Run: `python -m engine.training.evaluation.noise_objects [--seeds N]`. Resumes: every trained arm is
kept in the training cache. A small model of the starter's classes learns 24 captions (12 nouns, two
styles) of 64 px from cached latents; 32 copies of each drawing (scaled, moved, mirrored) are told
the same, and a batch holds 8 copies of 8 captions, so that there is something to trade. Arms share
first weights, order of the data, noise levels and the noise that sampling begins with. Distances
are Frechet distances in the features of the shipped judge, and in 64 principal components.
"""

from __future__ import annotations

import argparse
import functools
import json
import time
import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.functional import interpolate

from engine.checkpoints.starter import load_starter_feature_net
from engine.models.feature_net import INPUT_PX, FeatureNet
from engine.models.geometry import make_layout, pack_latents, unpack_latents
from engine.models.region_transformer import RegionPositions, RegionTransformer
from engine.models.starter_codec import LinearPatchCode, to_colour_form
from engine.models.text_encoders import TextStates
from engine.sampling.samplers import sample_euler
from engine.sampling.schedules import shifted_sigmas
from engine.training.art import sources as art
from engine.training.cached import only_one, write_complete
from engine.training.data_source import captions_for
from engine.training.evaluation.noise_digits import ARMS, STEP_COUNTS, Pair, Score, frechet_distance
from engine.training.evaluation.noise_digits import table as score_table
from engine.training.icon_data import IconItem, as_tensor, drawing, fit_in_box, linear_code
from engine.training.layer_batches import token_box
from engine.training.loop.optimiser import Rates, SharedOptimiser, share_model
from engine.training.recipe import load_recipe
from engine.training.train_layers import (
    STARTER_CONFIG,
    half_is_faster,
    new_transformer,
    sample_times,
)

VERSION = 1
TOKENS = 4  # of a side: 64 px
CONCEPTS, STYLES, COPIES = 12, ("flat", "glossy"), 32
CAPTIONS_PER_BATCH, COPIES_PER_BATCH = 8, 8
STEPS, WARM_UP, DECAY = 400, 40, 150
CONFIG = STARTER_CONFIG | {"num_single_layers": 4, "num_attention_heads": 2}
RATES = Rates(muon=2e-3, adam=2e-3, ema=0.99)
SAMPLES_PER_CAPTION = 24
COMPONENTS = 64


@dataclass(frozen=True, slots=True, eq=False)
class Objects:
    """The data.

    Attributes:
        latents: Packed, `captions copies 16 64`.
        text: One row per caption.
        code: Turns latents into pixels, without the learned decoder.
    """

    latents: Tensor
    text: TextStates
    code: LinearPatchCode

    def of(self, captions: Tensor) -> TextStates:
        """Text of captions given by index, `n`."""
        return TextStates(self.text.states[captions], self.text.pooled[captions])


def load_objects() -> Objects:
    """The nouns are those with the smallest hash; copies are drawn with a fixed seed."""
    recipe = load_recipe().concepts
    chosen = sorted(recipe, key=lambda concept: art.data_hash([concept.hexcode], "noise"))
    items = [
        IconItem(concept.label, concept.hexcode, style, "", "")
        for concept in chosen[:CONCEPTS]
        for style in STYLES
    ]
    code = linear_code(items)
    rng = np.random.default_rng(5)
    rows = [pack_latents(code.encode(to_colour_form(_copies(item, rng)))) for item in items]
    text = captions_for().lookup([item.caption(name_colour=False) for item in items])
    return Objects(torch.stack(rows), text, code)


def _copies(item: IconItem, rng: np.random.Generator) -> Tensor:
    """Straight RGBA `copies 4 64 64`."""
    side = TOKENS * 16
    picture = drawing(item, side)
    made = []
    for index in range(COPIES):
        turned = picture[:, ::-1] if index % 2 else picture
        shift = (rng.uniform(), rng.uniform())
        made.append(
            fit_in_box(np.ascontiguousarray(turned), side, side, rng.uniform(0.7, 1), shift)
        )
    return as_tensor(made)


class Learner:
    """One arm while it trains."""

    def __init__(self, objects: Objects, pair: Pair, seed: int) -> None:
        self.objects, self.pair = objects, pair
        self.model = new_transformer(CONFIG, seed)
        self.buffers = share_model(self.model, 1)
        self.optimiser = SharedOptimiser(self.model, self.buffers)
        self.generator = torch.Generator().manual_seed(seed)
        self.positions = positions_of(self.model, objects)

    def step(self, factor: float) -> None:
        """One update; the rate is multiplied by `factor`."""
        self._loss().backward()
        self.optimiser.step(Rates(RATES.muon * factor, RATES.adam * factor, RATES.ema))

    def _loss(self) -> Tensor:
        captions, kinds = self._pick(CAPTIONS_PER_BATCH, len(self.objects.latents))
        captions = captions.repeat_interleave(COPIES_PER_BATCH)
        copies = torch.cat([self._pick(COPIES_PER_BATCH, COPIES)[0] for _ in range(kinds)])
        data = self.objects.latents[captions, copies]
        times = sample_times(len(data), self.generator)
        noise = torch.randn(data.shape, generator=self.generator)
        noise = self.pair(data, noise, captions)
        level = times[:, None, None]
        noisy = (1 - level) * data + level * noise
        with torch.autocast("cpu", torch.bfloat16, enabled=_half()):
            velocity = _velocity(
                self.model, noisy, times, self.objects.of(captions), self.positions
            )
        return (velocity.float() - (noise - data)).pow(2).mean()

    def _pick(self, count: int, of: int) -> tuple[Tensor, int]:
        return torch.randperm(of, generator=self.generator)[:count], count

    def averaged(self) -> RegionTransformer:
        """The model with its averaged weights."""
        model: RegionTransformer = RegionTransformer.from_state_dict(
            CONFIG, self.buffers.ema, "noise pairing"
        )
        return model


@functools.cache
def _half() -> bool:
    """One answer for all arms of a call."""
    return half_is_faster()


def _velocity(
    model: RegionTransformer, noisy: Tensor, times: Tensor, text: TextStates,
    positions: RegionPositions,
) -> Tensor:  # fmt: skip
    answer: Tensor = model(
        noisy, positions, encoder_hidden_states=text.states, pooled_projections=text.pooled,
        timestep=times,
    )  # fmt: skip
    return answer


def positions_of(model: RegionTransformer, objects: Objects) -> RegionPositions:
    """One box of 4 x 4 tokens, the first object of its canvas."""
    box = token_box(0, 0, TOKENS, TOKENS)
    layout = make_layout(box.width, box.height, [None, None, box])
    return model.positions(layout, objects.text.states.shape[1])


def train_arm(objects: Objects, pair: Pair, seed: int, steps: int) -> RegionTransformer:
    """Trains one arm: warm-up, then a rate that falls over the last part."""
    learner = Learner(objects, pair, seed)
    decay = max(1, steps * DECAY // STEPS)
    for index in range(steps):
        learner.step(min(1.0, (index + 1) / WARM_UP, (steps - index) / decay))
    return learner.averaged()


@torch.inference_mode()
def sample_all(model: RegionTransformer, objects: Objects, steps: int, seed: int) -> Tensor:
    """Samples of every caption in turn, unguided, from independent noise: `n 16 64`."""
    count = len(objects.latents)
    captions = torch.arange(count * SAMPLES_PER_CAPTION) % count
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(len(captions), *objects.latents.shape[2:], generator=generator)
    positions = positions_of(model, objects)
    done = []
    for part, told in zip(noise.split(128), captions.split(128), strict=True):
        text = objects.of(told)

        def denoise(tokens: Tensor, sigma: float, text: TextStates = text) -> Tensor:
            levels = torch.full((len(tokens),), sigma)
            with torch.autocast("cpu", torch.bfloat16, enabled=_half()):
                return _velocity(model, tokens, levels, text, positions)

        done.append(sample_euler(denoise, part, shifted_sigmas(steps, TOKENS * TOKENS)))
    return torch.cat(done)


class Judge:
    """Compares samples with the data in two spaces.

    Args:
        net: The shipped judge of drawings.
    """

    def __init__(self, net: FeatureNet, objects: Objects) -> None:
        self.net, self.code = net, objects.code
        self.real = objects.latents.flatten(0, 1)
        self.features = self.embed(self.real)  # captions * copies d
        per_caption = self.features.unflatten(0, objects.latents.shape[:2]).mean(1)
        self.centres = torch.nn.functional.normalize(per_caption, dim=1)
        flat = self.real.flatten(1)
        self.middle = flat.mean(0)
        self.axes = torch.linalg.svd(flat - self.middle, full_matrices=False)[2][:COMPONENTS]

    @torch.inference_mode()
    def embed(self, tokens: Tensor) -> Tensor:
        """Unit vectors of packed latents; not centred, so that places and sizes count."""
        vectors = []
        for part in tokens.split(256):
            colour = self.code.decode(unpack_latents(part, TOKENS, TOKENS)).clamp(-1, 1)
            large = interpolate(colour, (INPUT_PX, INPUT_PX), mode="bilinear", align_corners=False)
            vectors.append(self.net(large))
        return torch.cat(vectors)

    def distances(self, made: Tensor) -> tuple[float, float]:
        """Frechet distances to the data: features (times 100), principal components."""
        parts = [(x.flatten(1) - self.middle) @ self.axes.T for x in (made, self.real)]
        features = frechet_distance(self.embed(made), self.features)
        return 100 * features, frechet_distance(*parts)

    def right(self, made: Tensor) -> float:
        """Share of samples that are nearest to the mean features of the caption asked for."""
        asked = torch.arange(len(made)) % len(self.centres)
        nearest = (self.embed(made) @ self.centres.T).argmax(1)
        return float((nearest == asked).float().mean())


def run_arm(arm: str, objects: Objects, judge: Judge, seed: int, steps: int) -> dict[str, Any]:
    """Trains and judges one arm: `features` and `components` are Scores as dictionaries."""
    started = time.process_time()
    model = train_arm(objects, ARMS[arm], seed, steps)
    seconds = (time.process_time() - started) / steps
    features, components, right = {}, {}, 0.0
    for count in STEP_COUNTS:
        made = sample_all(model, objects, count, seed=1000 + seed)
        features[count], components[count] = judge.distances(made)
        right = judge.right(made)
    return {
        "features": asdict(Score(features, right, seconds)),
        "components": asdict(Score(components, right, seconds)),
    }


def results(seeds: int, steps: int, folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Scores by arm and seed; those in the folder are read, others made, seed by seed."""
    parts: tuple[Objects, Judge] | None = None  # not needed when all is there
    found: dict[str, list[dict[str, Any]]] = {arm: [] for arm in ARMS}
    for seed in range(seeds):
        for arm in ARMS:
            path = folder / f"{VERSION}-{steps}-{arm.replace(' ', '-')}-{seed}.json"
            if not path.exists():
                parts = parts or _prepare()
                content = json.dumps(run_arm(arm, *parts, seed, steps))
                _keep(path, content)
                print(f"seed {seed}, {arm}: {content}", flush=True)
            found[arm].append(json.loads(path.read_text("utf-8")))
    return found


def _keep(path: Path, content: str) -> None:
    write_complete(path, lambda fresh: fresh.write_text(content, "utf-8"))


def _prepare() -> tuple[Objects, Judge]:
    objects = load_objects()
    return objects, Judge(load_starter_feature_net()[0], objects)


def as_score(values: dict[str, Any]) -> Score:
    """A Score that went through JSON."""
    distances = {int(count): value for count, value in values["distances"].items()}
    return Score(distances, values["accuracy"], values["seconds"])


def acceptance(plain: Sequence[Score], candidate: Sequence[Score]) -> str:
    """The rule: 4 steps at most 0.9 of plain's distance, 32 at most 1.02, prompts no worse.

    A gain counts only if every seed shows one at 4 steps. The time of a step is measured by
    `python -m tests.benchmarks noise_pairing`.
    """
    pairs = list(zip(candidate, plain, strict=True))
    ratios = [[c.distances[n] / p.distances[n] for c, p in pairs] for n in STEP_COUNTS]
    few, many = (float(np.mean(each)) for each in ratios)
    right = [float(np.mean([s.accuracy for s in scores])) for scores in (candidate, plain)]
    agreed = max(ratios[0]) < 1
    passed = agreed and few <= 0.9 and many <= 1.02 and right[0] >= right[1]
    return (
        f"{'accepted' if passed else 'not accepted'}: {few:.2f} at {STEP_COUNTS[0]} steps (0.90), "
        f"{many:.2f} at {STEP_COUNTS[1]} (1.02), right {right[0]:.1%} (plain {right[1]:.1%})"
    )


def main() -> None:
    """Prints both tables and the verdict on the grouped arm."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=STEPS)
    options = parser.parse_args()
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore", "Mismatch dtype between input and weight")  # autocast
    folder = art.cache_folder() / "noise-pairing"
    folder.mkdir(exist_ok=True)
    with only_one(folder), sdpa_kernel(SDPBackend.MATH):  # faster on these short sequences
        found = results(options.seeds, options.steps, folder)
    for space in ("features", "components"):
        scores: dict[str, Sequence[Score]] = {
            arm: [as_score(one[space]) for one in ones] for arm, ones in found.items()
        }
        print(f"\n{space}\n{score_table(scores)}")
        print(f"grouped, {acceptance(scores['plain'], scores['grouped'])}")


if __name__ == "__main__":
    main()
