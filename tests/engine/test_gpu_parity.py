"""The command that compares a card with the processor, on the processor."""

from __future__ import annotations

import pytest
import torch

from tests.gpu_parity import MAX_MEMORY, NO_CARD, Outcome, compared, flux_shaped, main


def test_bfloat16_is_near_float32_at_the_smallest_size() -> None:
    outcome = compared(flux_shaped(small=True), torch.device("cpu"))
    assert outcome.passed
    assert outcome.error > 0  # it was rounded
    assert outcome.peak is None
    assert "no card" in str(outcome)


def test_what_fails() -> None:
    assert Outcome("x", 0.01, 1.0, 100, 100).passed
    assert not Outcome("x", 0.2, 1.0, 100, 100).passed
    assert not Outcome("x", 0.01, 1.0, round(100 * MAX_MEMORY) + 1, 100).passed


def test_without_a_card(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert main([]) == NO_CARD
    assert capsys.readouterr().out.startswith("There is no CUDA card here")
