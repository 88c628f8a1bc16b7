"""How noise pairing is measured on objects: arms differ in noise only, and the rule is applied."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from torch import Tensor

from engine.models.starter_codec import LinearPatchCode
from engine.models.text_encoders import TextStates
from engine.training.evaluation import noise_objects
from engine.training.evaluation.noise_digits import ARMS, Score
from engine.training.evaluation.noise_objects import (
    CAPTIONS_PER_BATCH,
    COPIES,
    COPIES_PER_BATCH,
    Learner,
    Objects,
    acceptance,
    as_score,
    results,
)


def _objects() -> Objects:
    generator = torch.Generator().manual_seed(0)
    latents = torch.randn(9, COPIES, 16, 64, generator=generator)
    states = torch.randn(9, 8, 384, generator=generator)
    return Objects(latents, TextStates(states, states.mean(1)), LinearPatchCode())


@pytest.mark.filterwarnings("ignore:Mismatch dtype")
def test_a_batch_has_groups_to_trade_in_and_arms_see_the_same_data() -> None:
    seen: list[tuple[Tensor, Tensor, Tensor]] = []

    def remember(data: Tensor, noise: Tensor, captions: Tensor) -> Tensor:
        seen.append((data, noise, captions))
        return ARMS["grouped"](data, noise, captions)

    def plain(data: Tensor, noise: Tensor, captions: Tensor) -> Tensor:
        seen.append((data, noise, captions))
        return noise

    for pair in (remember, plain):
        Learner(_objects(), pair, seed=3).step(1.0)
    (data, noise, captions), again = seen
    assert all(torch.equal(*both) for both in zip((data, noise, captions), again, strict=True))
    assert [int((captions == told).sum()) for told in set(captions.tolist())] == (
        [COPIES_PER_BATCH] * CAPTIONS_PER_BATCH
    )


def test_the_rule_wants_fewer_steps_better_and_many_no_worse() -> None:
    plain = [Score({4: 2.0, 32: 1.0}, 0.9, 1.0)] * 2
    assert acceptance(plain, [Score({4: 1.7, 32: 1.0}, 0.9, 1.0)] * 2).startswith("accepted")
    for few, many, right in ((1.9, 1.0, 0.9), (1.7, 1.1, 0.9), (1.7, 1.0, 0.8)):
        found = [Score({4: few, 32: many}, right, 1.0)] * 2
        assert acceptance(plain, found).startswith("not accepted")
    uneven = [Score({4: few, 32: 1.0}, 0.9, 1.0) for few in (1.0, 2.1)]
    assert acceptance(plain, uneven).startswith("not accepted: 0.78")  # seeds do not agree


def test_arms_that_are_there_are_not_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    score = {"distances": {"4": 2.0, "32": 1.0}, "accuracy": 0.9, "seconds": 0.1}
    made: list[tuple[str, int]] = []

    def run_arm(arm: str, _objects: object, _judge: object, seed: int, _steps: int) -> object:
        made.append((arm, seed))
        return {"features": score, "components": score}

    monkeypatch.setattr(noise_objects, "run_arm", run_arm)
    monkeypatch.setattr(noise_objects, "_prepare", lambda: (None, None))
    results(1, 10, tmp_path)
    found = results(2, 10, tmp_path)
    assert made == [(arm, seed) for seed in range(2) for arm in ARMS]
    assert json.loads(json.dumps(found["grouped"][1]["features"])) == score
    assert as_score(score) == Score({4: 2.0, 32: 1.0}, 0.9, 0.1)
