"""What the window says of models, from a real list of tiny ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from editor.document.errors import DocumentError
from editor.model_library import ModelEntry, ModelLibrary, ModelState
from engine.checkpoints.shelf import Shelf
from tests.engine.tiny_checkpoints import flux1_folder
from tests.helpers.onnx_files import write_mean_network

STARTER = Path(__file__).parents[2] / "resources" / "starter_model"


def nothing(_done: int, _total: int) -> None:
    """Nobody listens."""


def never() -> bool:
    return False


@pytest.fixture
def library(tmp_path: Path) -> ModelLibrary:
    return ModelLibrary(tmp_path / "models", STARTER)


def entry(library: ModelLibrary, key: str) -> ModelEntry:
    return next(one for one in library.entries() if one.key == key)


def test_without_models_there_is_the_starter_and_what_can_be_had(library: ModelLibrary) -> None:
    starter, *others = library.entries()
    assert starter.state is ModelState.BUILT_IN
    assert 50e6 < starter.bytes < 100e6
    assert {one.state for one in others} == {ModelState.ON_HUB, ModelState.TO_BRING}
    assert all(bool(one.hub) == (one.state is ModelState.ON_HUB) for one in others)
    assert others[0].recommended
    assert library.plan(others[0])
    assert library.plan(starter) == ""


def test_a_brought_model_is_listed_until_it_is_removed(
    library: ModelLibrary, tmp_path: Path
) -> None:
    folder = flux1_folder(tmp_path / "tiny")
    key = library.add(folder, nothing, never)
    made = entry(library, key)
    assert made.state is ModelState.READY
    assert made.path == str(folder)
    library.check(key, nothing, never)

    weights = next((folder / "vae").glob("*.safetensors"))
    weights.write_bytes(weights.read_bytes()[:-1])
    assert entry(library, key).state is ModelState.CHANGED
    with pytest.raises(DocumentError, match=weights.name):
        library.check(key, nothing, never)

    library.remove(key)
    assert all(one.key != key for one in library.entries())
    assert weights.exists()


@pytest.mark.parametrize("side", [320, 1024])
def test_a_matting_network_of_unknown_makers_has_no_licence(
    library: ModelLibrary, tmp_path: Path, side: int
) -> None:
    """Its form is U2-Net's or BiRefNet's; others train networks of that form under other terms."""
    key = library.add(write_mean_network(tmp_path / "net.onnx", (side, side)), nothing, never)
    made = entry(library, key)
    assert (made.title, made.licence) == ("a matting network (ONNX)", "not known")
    assert not made.commercial
    assert "Licence not stated" in made.note
    assert made.features == entry(library, "birefnet").features
    assert entry(library, "birefnet").state is ModelState.ON_HUB


def test_a_network_from_the_hub_is_what_was_fetched(library: ModelLibrary, tmp_path: Path) -> None:
    path = write_mean_network(tmp_path / "model.onnx", (1024, 1024))
    Shelf(tmp_path / "models").add(path, name="birefnet", fetched=True)
    made = entry(library, "birefnet")
    assert (made.title, made.licence, made.note) == ("BiRefNet", "MIT", "")
    assert made.state is ModelState.READY
    library.check("birefnet", nothing, never)


def test_what_is_no_model_is_refused_with_a_sentence(library: ModelLibrary, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(DocumentError, match=r"notes\.txt"):
        library.add(tmp_path / "notes.txt", nothing, never)
    assert len(library.entries()) > 1


def test_a_download_offline_is_refused(library: ModelLibrary) -> None:
    with pytest.raises(DocumentError, match="offline"):
        library.download("flux1-schnell", "", nothing, never)
