"""What the window says of models, from a real list of tiny ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from editor.document.errors import DocumentError
from editor.model_library import ModelEntry, ModelLibrary, ModelState
from tests.engine.tiny_checkpoints import flux1_folder

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


def test_what_is_no_model_is_refused_with_a_sentence(library: ModelLibrary, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(DocumentError, match=r"notes\.txt"):
        library.add(tmp_path / "notes.txt", nothing, never)
    assert len(library.entries()) > 1


def test_a_download_offline_is_refused(library: ModelLibrary) -> None:
    with pytest.raises(DocumentError, match="offline"):
        library.download("flux1-schnell", "", nothing, never)
