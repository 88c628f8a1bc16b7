"""`layerloom inspect`: what it says about the masks of layers."""

from __future__ import annotations

from pathlib import Path

import pytest

from editor.commands.history import History
from editor.commands.mask_commands import AddMask, SetClipped, SetMaskEnabled
from editor.formats.files import write_document
from tests.cli.conftest import RunFake
from tests.tools.sample import sample_history


def masked() -> History:
    """ "low" with a mask, "high" clipped to it with a mask that is off."""
    history = sample_history()
    for command in (
        AddMask("low"),
        AddMask("high"),
        SetMaskEnabled(("high",), False),
        SetClipped(("high",), True),
    ):
        history.push(command)
    return history


@pytest.mark.parametrize("suffix", [".layerloom", ".psd"])
def test_masks_are_told(fake_run: RunFake, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    write_document(masked().document.snapshot(), path)
    lines = fake_run("inspect", path).out.splitlines()
    background, low, high = (
        next(line for line in lines if f'"{name}"' in line)
        for name in ("background", "low", "high")
    )
    assert "100%, with mask  pixels" in low
    assert "100%, with disabled mask, clipped  pixels" in high
    assert "mask" not in background
    assert "clipped" not in background
    (content,) = fake_run("inspect", path, "--json").events
    found = {layer["name"]: (layer["mask"], layer["clipped"]) for layer in content["layers"]}
    assert found["background"] == (None, False)
    assert (found["low"][0]["enabled"], found["low"][1]) == (True, False)
    assert (found["high"][0]["enabled"], found["high"][1]) == (False, True)
