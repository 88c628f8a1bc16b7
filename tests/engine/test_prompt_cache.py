"""Encoded prompts on the disk: found again, never mixed up, harmless when damaged."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import pytest
import torch

from engine.checkpoints import prompt_cache
from engine.checkpoints.prompt_cache import CachedTextEncoder
from engine.models.text_encoders import TextStates


class Encoder:
    """Counts how often it is made and what it is asked."""

    made = 0
    asked: ClassVar[list[str]] = []

    def __init__(self) -> None:
        Encoder.made += 1

    def encode(self, prompts: Sequence[str]) -> TextStates:
        Encoder.asked += prompts
        states = torch.tensor([[[float(len(prompt))] * 3] * 4 for prompt in prompts])
        return TextStates(states, states[:, 0])


@pytest.fixture(autouse=True)
def fresh() -> None:
    Encoder.made, Encoder.asked = 0, []


def test_only_new_prompts_load_the_encoders(tmp_path: Path) -> None:
    released: list[int] = []
    cache = CachedTextEncoder(tmp_path / "c", "t5", Encoder, lambda: released.append(1))
    first = cache.encode(["a dog", "", "a dog"])
    assert first.states.shape == (3, 4, 3)
    assert first.pooled[:, 0].tolist() == [5.0, 0.0, 5.0]
    assert (Encoder.made, Encoder.asked, len(released)) == (1, ["a dog", ""], 1)
    other_session = CachedTextEncoder(tmp_path / "c", "t5", Encoder)
    again = other_session.encode(["", "a dog"])
    assert torch.equal(again.states[1], first.states[0])
    assert Encoder.made == 1
    other_session.encode(["a dog", "a cat!"])
    assert Encoder.asked == ["a dog", "", "a cat!"]


def test_other_encoders_have_other_files(tmp_path: Path) -> None:
    CachedTextEncoder(tmp_path, "one", Encoder).encode(["a dog"])
    CachedTextEncoder(tmp_path, "two", Encoder).encode(["a dog"])
    assert Encoder.made == 2


def test_a_damaged_file_is_encoded_again(tmp_path: Path) -> None:
    cache = CachedTextEncoder(tmp_path, "t5", Encoder)
    cache.encode(["a dog"])
    next(tmp_path.iterdir()).write_bytes(b"broken")
    assert cache.encode(["a dog"]).pooled[0, 0] == 5
    assert Encoder.made == 2


def test_a_folder_that_cannot_be_written_only_costs_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cache = CachedTextEncoder(tmp_path / "file" / "c", "t5", Encoder)
    for _ in range(2):
        assert cache.encode(["a dog"]).pooled[0, 0] == 5
    assert Encoder.made == 2


def test_the_oldest_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prompt_cache, "MAX_FILES", 2)
    cache = CachedTextEncoder(tmp_path, "t5", Encoder)
    for prompt in ("one", "three", "fours"):
        cache.encode([prompt])
    assert len(list(tmp_path.iterdir())) == 2
