"""What becomes of a run: averaged weights, and what the command asks for."""

from __future__ import annotations

import pytest
import torch

from engine.training import export
from engine.training.export import weighted_mean


def test_weights_are_averaged_by_share() -> None:
    new, old = {"w": torch.tensor([1.0, 2.0])}, {"w": torch.tensor([0.0, 4.0]).half()}
    assert weighted_mean(new, old, 0.75)["w"].tolist() == [0.75, 2.5]


@pytest.mark.parametrize("arguments", [[], ["fifth", "--tags"]])
def test_an_export_is_of_a_run_or_of_keywords(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for part in ("renew_tags", "export_transformer"):
        monkeypatch.setattr(export, part, lambda *_: pytest.fail("nothing may be written"))
    monkeypatch.setattr("sys.argv", ["export", *arguments])
    with pytest.raises(SystemExit):
        export.main()
    assert "Name a run, or say --tags without one." in capsys.readouterr().err
