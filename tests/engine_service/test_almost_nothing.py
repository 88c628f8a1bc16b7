"""A model that drew next to nothing: the layer stays, and of a document the layer is named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine import runtime
from engine.errors import EngineError
from engine.pipelines.almost_nothing import is_almost_nothing
from engine.requests import (
    GeneratedLayer,
    LayerKind,
    LayerRequest,
    LayerResult,
    LayoutRequest,
    LayoutResult,
    RegionBox,
    Request,
    Result,
)
from engine.runtime import StarterRuntime
from tests.helpers.fake_engine import FakeRuntime

DOCUMENT = LayoutRequest("a dog", 64, 64, seed=1)


def run_on(
    monkeypatch: pytest.MonkeyPatch, folder: Path, request: Request, result: Result
) -> Result:
    """`StarterRuntime.run` with a model that answers with `result`."""
    monkeypatch.setattr(runtime, "load_layer_model", lambda _folder: None)
    monkeypatch.setattr(runtime, "generate_layout", lambda *_words: result)
    monkeypatch.setattr(runtime, "regenerate_layer", lambda *_words: result)
    return StarterRuntime(folder).run(request, lambda _progress: None, lambda: False)


def made(height: int, width: int) -> GeneratedLayer:
    """An object of which only a corner can be seen."""
    document = FakeRuntime().run(DOCUMENT, lambda _progress: None, lambda: False)
    assert isinstance(document, LayoutResult)
    layer = next(each for each in document.layers if each.kind is LayerKind.OBJECT)
    pixels = np.zeros_like(layer.pixels)
    pixels[:height, :width] = 255
    return replace(layer, name="red dog", pixels=pixels)


@pytest.mark.parametrize(("size", "empty"), [((0, 0), True), ((3, 3), True), ((1, 4), False)])
def test_what_counts_as_almost_nothing(size: tuple[int, int], empty: bool) -> None:
    layer = made(*size)
    assert is_almost_nothing(layer) is empty
    assert not is_almost_nothing(replace(layer, kind=LayerKind.BACKGROUND))


def test_an_empty_layer_of_a_document_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    answer = LayoutResult(64, 64, 1, (made(1, 1), made(9, 9)), ("a note",), {})
    result = run_on(monkeypatch, tmp_path, DOCUMENT, answer)
    assert isinstance(result, LayoutResult)
    assert result.notes == (
        "a note",
        'The model drew almost nothing for the layer "red dog"; try another seed or prompt.',
    )


def test_an_empty_layer_takes_no_others_place(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    layer = made(1, 1)
    asked = LayerRequest("a dog", 64, 64, seed=1, box=RegionBox(layer.layer_id, *layer.box))
    with pytest.raises(EngineError, match='almost nothing for the layer "red dog", which stays'):
        run_on(monkeypatch, tmp_path, asked, LayerResult(layer, (), {}))
    several = LayerResult(layer, (), {}, variations=(made(9, 9),))
    result = run_on(monkeypatch, tmp_path, asked, several)
    assert isinstance(result, LayerResult)
    assert len(result.notes) == 1
