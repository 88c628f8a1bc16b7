"""What noise pairing does, measured on class-conditional digits: only the noise differs.

Run: `python -m engine.training.evaluation.noise_digits` (a minute on one free core). The digits are
the 1,797 drawings of 8 x 8 px that scikit-learn ships (UCI, CC BY 4.0). A small residual network
learns rectified flow; Frechet distances are taken between features of a small classifier, against
the training set. Arms share weights at the start, data order, noise levels and the noise that
sampling begins with.
"""

from __future__ import annotations

import argparse
import copy
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, mse_loss

from engine.training.noise_pairing import NEAREST_OF, nearest_of, pair_in_groups

CLASSES, PIXELS, HIDDEN = 10, 64, 128
BATCH, STEPS, RATE, EMA = 128, 800, 1e-3, 0.995
SAMPLES = 2000
STEP_COUNTS = (4, 32)
SEEDS = 3

Digits = tuple[Tensor, Tensor]  # pixels, labels
Pair = Callable[[Tensor, Tensor, Tensor], Tensor]  # data, noise, labels -> noise

ARMS: dict[str, Pair] = {
    "plain": lambda _data, noise, _labels: noise,
    "grouped": lambda data, noise, labels: pair_in_groups(data, noise, labels.tolist()),
    "condition-blind": lambda data, noise, labels: pair_in_groups(data, noise, [0] * len(labels)),
    f"nearest of {NEAREST_OF}": lambda data, noise, _labels: nearest_of(data, noise, NEAREST_OF),
}


@dataclass(frozen=True, slots=True)
class Score:
    """One trained arm.

    Attributes:
        distances: Frechet distance by number of sampling steps.
        accuracy: Share of samples that the classifier gives the class asked for, most steps.
        seconds: Processor time of a training step.
    """

    distances: dict[int, float]
    accuracy: float
    seconds: float


class Flow(nn.Module):
    """Velocity of a digit, from the noisy pixels, the noise level and the class."""

    def __init__(self) -> None:
        super().__init__()
        self.enter = nn.Linear(PIXELS, HIDDEN)
        self.level = nn.Sequential(nn.Linear(16, HIDDEN), nn.SiLU(), nn.Linear(HIDDEN, HIDDEN))
        self.label = nn.Embedding(CLASSES, HIDDEN)
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.LayerNorm(HIDDEN), nn.Linear(HIDDEN, 2 * HIDDEN), nn.SiLU(),
                          nn.Linear(2 * HIDDEN, HIDDEN))
            for _ in range(3)
        )  # fmt: skip
        self.leave = nn.Linear(HIDDEN, PIXELS)

    def forward(self, noisy: Tensor, level: Tensor, labels: Tensor) -> Tensor:
        waves = level[:, None] * torch.pi * 2.0 ** torch.arange(-2, 6)
        condition = self.level(torch.cat([waves.sin(), waves.cos()], 1)) + self.label(labels)
        hidden = self.enter(noisy)
        for block in self.blocks:
            hidden = hidden + block(hidden + condition)
        return cast("Tensor", self.leave(hidden))


class Judge(nn.Module):
    """A classifier; its features are what Frechet distances are taken in."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(PIXELS, 128), nn.SiLU(), nn.Linear(128, 32), nn.SiLU())
        self.head = nn.Linear(32, CLASSES)

    def forward(self, pixels: Tensor) -> Tensor:
        return cast("Tensor", self.head(self.body(pixels)))


def load_digits() -> Digits:
    """Pixels `1797 64` in -1..1 and labels.

    Raises:
        SystemExit: scikit-learn, which ships them, is not installed.
    """
    try:
        from sklearn import datasets
    except ImportError:
        raise SystemExit("The digits come with scikit-learn: pip install scikit-learn.") from None
    found = datasets.load_digits()
    pixels = torch.from_numpy(found.data.astype(np.float32)) / 8 - 1
    return pixels, torch.from_numpy(found.target.astype(np.int64))


def train_judge(digits: Digits) -> Judge:
    """The same for all arms and seeds."""
    pixels, labels = digits
    torch.manual_seed(0)
    judge = Judge()
    optimiser = torch.optim.AdamW(judge.parameters(), 2e-3)
    for _ in range(600):
        picked = torch.randint(len(pixels), (256,))
        noisy = pixels[picked] + 0.1 * torch.randn(256, PIXELS)
        loss = cross_entropy(judge(noisy), labels[picked])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return judge.eval()


def train_flow(pair: Pair, digits: Digits, *, seed: int, steps: int) -> Flow:
    """Trains one arm and returns its averaged weights."""
    pixels, labels = digits
    torch.manual_seed(seed)
    model = Flow()
    average = copy.deepcopy(model)
    optimiser = torch.optim.AdamW(model.parameters(), RATE, weight_decay=0.01)
    generator = torch.Generator().manual_seed(seed)
    for _ in range(steps):
        picked = torch.randint(len(pixels), (BATCH,), generator=generator)
        level = torch.rand(BATCH, generator=generator)
        noise = torch.randn(BATCH, PIXELS, generator=generator)
        data, told = pixels[picked], labels[picked]
        noise = pair(data, noise, told)
        noisy = torch.lerp(data, noise, level[:, None])
        loss = mse_loss(model(noisy, level, told), noise - data)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        with torch.no_grad():
            for kept, new in zip(average.parameters(), model.parameters(), strict=True):
                kept.lerp_(new, 1 - EMA)
    return average.eval()


@torch.inference_mode()
def sample(model: Flow, steps: int, labels: Tensor, seed: int) -> Tensor:
    """Euler from independent noise -> `n 64`."""
    noisy = torch.randn(len(labels), PIXELS, generator=torch.Generator().manual_seed(seed))
    levels = torch.linspace(1, 0, steps + 1)
    for now, then in pairwise(levels):
        velocity = model(noisy, now.expand(len(labels)), labels)
        noisy = noisy + (then - now) * velocity
    return noisy


def frechet_distance(a: Tensor, b: Tensor) -> float:
    """|mu_a - mu_b|^2 + tr(A + B - 2 (A B)^1/2) of two sets of features, `n d` each."""
    mean = float((a.mean(0) - b.mean(0)).pow(2).sum())
    first, second = (np.cov(x.double().numpy(), rowvar=False) for x in (a, b))
    # The trace of the root of A B is the sum of the roots of its eigenvalues.
    roots = np.sqrt(np.linalg.eigvals(first @ second).real.clip(0)).sum()
    return mean + float(np.trace(first) + np.trace(second) - 2 * roots)


def score(arm: str, digits: Digits, judge: Judge, *, seed: int, steps: int) -> Score:
    """Trains and judges one arm."""
    pixels, _ = digits
    started = time.thread_time()
    model = train_flow(ARMS[arm], digits, seed=seed, steps=steps)
    seconds = (time.thread_time() - started) / steps
    told = torch.arange(SAMPLES) % CLASSES
    distances, accuracy = {}, 0.0
    with torch.inference_mode():
        real = judge.body(pixels)
        for count in STEP_COUNTS:
            made = sample(model, count, told, seed=1000 + seed)
            distances[count] = frechet_distance(judge.body(made), real)
            accuracy = float((judge(made).argmax(1) == told).float().mean())
    return Score(distances, accuracy, seconds)


def table(scores: dict[str, Sequence[Score]]) -> str:
    """Means, with the mean and range of the ratios to plain, seed by seed; markdown."""
    titles = [f"distance, {count} steps (ratio to plain)" for count in STEP_COUNTS]
    titles += [f"class right, {STEP_COUNTS[-1]} steps", "time of a step, ratio"]
    lines = ["| noise | " + " | ".join(titles) + " |", "|---" * (len(titles) + 1) + "|"]
    plain = scores["plain"]
    for arm, found in scores.items():
        cells = []
        for count in STEP_COUNTS:
            values = [one.distances[count] for one in found]
            ratios = [
                one.distances[count] / base.distances[count]
                for one, base in zip(found, plain, strict=True)
            ]
            spread = f"{np.mean(ratios):.2f}; {min(ratios):.2f} to {max(ratios):.2f}"
            cells.append(f"{np.mean(values):.2f} ({spread})")
        cells.append(f"{np.mean([one.accuracy for one in found]):.1%}")
        cells.append(f"{sum(one.seconds for one in found) / sum(p.seconds for p in plain):.2f}")
        lines.append(f"| {arm} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--steps", type=int, default=STEPS)
    options = parser.parse_args()
    torch.set_num_threads(1)
    digits = load_digits()
    judge = train_judge(digits)
    scores: dict[str, Sequence[Score]] = {}
    for arm in ARMS:
        scores[arm] = [
            score(arm, digits, judge, seed=seed, steps=options.steps)
            for seed in range(options.seeds)
        ]
        print(f"{arm}: done", flush=True)
    print(table(scores))


if __name__ == "__main__":
    main()
