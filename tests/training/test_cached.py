"""The training cache: complete files only, built once, and named after all they depend on."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from engine.models.geometry import Box
from engine.training import icon_data
from engine.training.art import sources as art
from engine.training.cached import built_once, write_complete
from engine.training.icon_data import IconItem

BUILD_IN_TWO = """
import sys, time
from pathlib import Path
from engine.training.cached import built_once

def build():
    with Path(sys.argv[1] + ".log").open("a") as log:
        log.write("built\\n")
    time.sleep(0.3)
    return {"x": 1}

assert built_once(Path(sys.argv[1]), build) == {"x": 1}
"""


def test_two_processes_build_once(tmp_path: Path) -> None:
    path = tmp_path / "cache.pt"
    both = [subprocess.Popen([sys.executable, "-c", BUILD_IN_TWO, str(path)]) for _ in range(2)]
    assert [process.wait(120) for process in both] == [0, 0]
    assert (tmp_path / "cache.pt.log").read_text() == "built\n"


def test_items_keep_the_name_that_caches_hold() -> None:
    """A cache is a pickle: from another module its items could not be read again."""
    assert (IconItem.__module__, IconItem.__qualname__) == ("engine.training.icon_data", "IconItem")
    assert (Box.__module__, Box.__qualname__) == ("engine.models.geometry", "Box")


def test_a_failed_build_leaves_nothing(tmp_path: Path) -> None:
    def build() -> dict[str, int]:
        raise MemoryError

    with pytest.raises(MemoryError):
        built_once(tmp_path / "cache.pt", build)
    assert [path.name for path in tmp_path.iterdir()] == ["cache.pt.lock"]


def test_a_write_cut_short_keeps_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.pt"
    path.write_bytes(b"old")

    def cut_short(fresh: Path) -> None:
        fresh.write_bytes(b"ne")
        raise OSError("No space left on device")

    with pytest.raises(OSError, match="space"):
        write_complete(path, cut_short)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_the_hash_names_versions_and_mixes(monkeypatch: pytest.MonkeyPatch) -> None:
    items = [icon_data.IconItem("dog", "1f436", "flat", "", "brown")]

    def digest() -> str:
        return art.data_hash(icon_data._ingredients(items), "v")

    before = {digest()}
    with monkeypatch.context() as patch:
        patch.setitem(art.SETS, "flat", replace(art.SETS["flat"], version="9.9.9"))
        before.add(digest())
    with monkeypatch.context() as patch:
        patch.setattr(icon_data, "JITTERS", {(8, 8): 3})
        before.add(digest())
    assert len(before) == 3


def test_latents_outlive_a_new_decoder_and_no_new_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = [icon_data.IconItem("dog", "1f436", "flat", "", "brown")]
    weights = load_file(icon_data.SHIPPED_CODEC)
    monkeypatch.setattr(icon_data, "SHIPPED_CODEC", tmp_path / "codec.safetensors")

    def digest(changed: str) -> str:
        added = {changed: weights[changed] + 1}
        save_file(weights | added, icon_data.SHIPPED_CODEC)
        return art.data_hash(icon_data._ingredients(items), "v")

    decoder = {digest("decoder.stem.bias"), digest("decoder.last.bias")}
    assert len(decoder) == 1
    assert not decoder & {digest("code.basis"), digest("code.mean"), digest("code.scale")}
    assert torch.equal(icon_data.linear_code([]).basis, weights["code.basis"])
