"""Brought models from the terminal: whole documents, layers again, variations, checks, refusals."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from editor.cli import main
from editor.session.places import user_places
from engine.checkpoints.shelf import Shelf
from engine.models import drawing_size
from engine.pipelines import layer_flux
from engine.requests import AdapterChoice, LayerRequest
from tests.cli.conftest import Outcome, RunFake
from tests.engine import tiny_checkpoints as tiny
from tests.helpers.fake_engine import FakeRuntime

QUICK = ("--steps", "2", "--seed", "7", "--json")
BOXES = [
    {"x0": 8, "y0": 8, "x1": 56, "y1": 56, "name": "apple", "prompt": "a red apple"},
    {"x0": 56, "y0": 16, "x1": 96, "y1": 60, "name": "dog", "prompt": "a brown dog"},
]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """`layerloom` in this process, on the real engine; drawings are small."""
    for module in (layer_flux, drawing_size):
        monkeypatch.setattr(module, "DRAWING_AREAS", (32**2, 64**2))

    def words_of(*words: object) -> Outcome:
        code = main([str(word) for word in words])
        done = capsys.readouterr()
        return Outcome(code, done.out, done.err)

    return words_of


@pytest.fixture
def boxes(tmp_path: Path) -> Path:
    path = tmp_path / "boxes.json"
    path.write_text(json.dumps({"boxes": BOXES}))
    return path


def hashes(result: dict[str, Any]) -> dict[str, str]:
    return {layer["id"]: layer["pixel_hash"] for layer in result["layers"]}


def agreements(outcome: Outcome) -> dict[str, str]:
    return {layer["name"]: layer["agreement"] for layer in outcome.result["layers"]}


@pytest.mark.slow  # ten commands in a row
def test_plain_flux_makes_documents_and_layers_that_verify(
    run: Any, boxes: Path, tmp_path: Path
) -> None:
    """A folder in diffusers' layout: loaded, sampled, cut out (by onnxruntime too), checked."""
    shelf = Shelf(user_places().models)
    shelf.add(tiny.flux1_folder(tmp_path / "dev"), name="tiny-flux")
    psd, again, third = (tmp_path / name for name in ("a.psd", "b.psd", "c.layerloom"))
    made = run(
        "generate", "", "--mode", "multilayer", "--model", "tiny-flux", "--layout", boxes,
        "--background", "a night sky", "--size", "96x64", "--alpha-route", "matting",
        "-o", psd, *QUICK,
    ).result  # fmt: skip
    assert [layer["name"] for layer in made["layers"]] == ["background", "apple", "dog"]
    recipes = {layer["name"]: layer["recipe"] for layer in made["layers"]}
    assert {recipe["checkpoint"] for recipe in recipes.values()} == {"tiny-flux"}
    assert len({recipe["weights_hash"] for recipe in recipes.values()}) == 1
    assert recipes["apple"]["alpha_route"] == "matting"
    assert recipes["background"]["effective_prompt"] == "a night sky, flat style"
    after = run(
        "regenerate", psd, "--layer", "dog", "--prompt", "a cat", "--alpha-route", "colour",
        "--strength", "0.6", "-o", again, "--steps", "2", "--json",
    ).result  # fmt: skip
    old, new = hashes(made), hashes(after)
    assert {layer for layer in old if old[layer] != new[layer]} == {made["layers"][2]["id"]}
    recipe = after["layers"][2]["recipe"]
    assert (recipe["checkpoint"], recipe["strength"]) == ("tiny-flux", 0.6)
    assert set(agreements(run("verify", psd, "--json")).values()) == {"exact"}
    assert run("export", again, "-o", third, "--json").code == 0
    assert set(agreements(run("verify", third, "--json")).values()) == {"exact"}
    folder = tmp_path / "more"
    words = ("variations", psd, "--layer", "apple", "--count", "2", "--steps", "2", "--json")
    assert len(run(*words, "-o", folder).result["files"]) == 2
    once_more = ("regenerate", psd, "--layer", "dog", "--prompt", "a cat")
    shutil.rmtree(tmp_path / "dev")
    outcome = run("verify", psd, "--json")
    assert set(agreements(outcome).values()) == {"cannot be checked"}
    assert "is incomplete" in outcome.result["layers"][1]["reasons"][0]
    refused = run(*once_more, "-o", tmp_path / "d.psd")
    assert refused.code == 4
    assert "is incomplete" in refused.sentence
    shelf.remove("tiny-flux")
    outcome = run("verify", psd, "--json")
    assert set(agreements(outcome).values()) == {"cannot be checked"}
    assert 'There is no model "tiny-flux"' in outcome.result["layers"][0]["reasons"][0]
    refused = run(*once_more, "-o", tmp_path / "d.psd")
    assert refused.code == 3
    assert 'There is no model "tiny-flux"; there are: starter.' in refused.sentence
    assert not (tmp_path / "d.psd").exists()


@pytest.mark.slow
def test_art_makes_a_layer_again_beside_the_others(run: Any, boxes: Path, tmp_path: Path) -> None:
    shelf = Shelf(user_places().models)
    shelf.add(tiny.flux1_parts(tmp_path / "parts"))
    shelf.add(tiny.art_fused(tmp_path / "fused"), name="art")
    first, second = tmp_path / "a.layerloom", tmp_path / "b.psd"
    words = ("generate", "a red apple", "--model", "art", "--layout", boxes, "--size", "96x64")
    made = run(*words, "-o", first, *QUICK).result
    after = run(
        "regenerate", first, "--layer", "apple", "--prompt", "a brown dog", "--context",
        "-o", second, "--steps", "2", "--json",
    ).result  # fmt: skip
    old, new = hashes(made), hashes(after)
    assert {layer for layer in old if old[layer] != new[layer]} == {made["layers"][1]["id"]}
    recipe = after["layers"][1]["recipe"]
    assert (recipe["checkpoint"], recipe["route"]) == ("art", "context")
    assert recipe["effective_prompt"].startswith("a brown dog, dog on ")
    assert set(agreements(run("verify", second, "--json")).values()) == {"exact"}
    refused = run(*words, "--mode", "multilayer", "-o", tmp_path / "c.psd")
    assert refused.code == 3
    assert "instead of a sentence per box" in refused.sentence
    assert not (tmp_path / "c.psd").exists()


@pytest.mark.slow  # the starter reads the sentence
def test_one_sentence_for_any_model(run: Any, tmp_path: Path) -> None:
    shelf = Shelf(user_places().models)
    shelf.add(tiny.flux1_folder(tmp_path / "dev"), name="dev")
    shelf.add(tiny.art_fused(tmp_path / "fused"), name="art")
    for model in ("dev", "art"):
        made = run(
            "generate", "a red apple and a gryphon on a sunset gradient", "--model", model,
            "--size", "96x64", "-o", tmp_path / f"{model}.psd", *QUICK,
        ).result  # fmt: skip
        names = [layer["name"] for layer in made["layers"]]
        assert names == ["background", "red apple", "gryphon"], model
        notes = " ".join(made["notes"])
        assert ("each layer was drawn by itself" in notes) == (model == "dev")
        assert "Not known" not in notes


def test_a_layer_is_made_by_the_model_that_made_it_or_by_another(
    fake_run: RunFake, tmp_path: Path
) -> None:
    file, lora, out = tmp_path / "a.layerloom", tmp_path / "l.safetensors", tmp_path / "b.psd"
    lora.touch()
    runtime = FakeRuntime()
    words = ("a dog", "--model", "mine", "--steps", "5", "--size", "64x64", "-o", file)
    assert fake_run("generate", *words, runtime=runtime).code == 0
    again = ("regenerate", file, "--layer", "object 1", "--prompt", "a cat", "-o", out)
    for more in ((), ("--model", "starter"), ("--model", "other", "--lora", f"{lora}:0.5")):
        assert fake_run(*again, *more, runtime=runtime).code == 0
    made, same, starter, other = runtime.requests
    assert [made.checkpoint, same.checkpoint, starter.checkpoint] == ["mine", "mine", "starter"]
    assert isinstance(same, LayerRequest)
    assert isinstance(starter, LayerRequest)
    assert isinstance(other, LayerRequest)
    assert (same.sampling.steps, starter.sampling.steps, other.sampling.steps) == (5, 8, 28)
    assert other.adapters == (AdapterChoice(str(lora), 0.5),)
    refused = fake_run(*again, "--model", "starter", "--lora", lora)
    assert refused.code == 3
    assert "The starter takes no adapters" in refused.sentence
