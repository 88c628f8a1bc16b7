"""Requests that are refused before anything is drawn, each with one sentence."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import RequestError
from engine.requests import LayerRequest, LayoutRequest, RegionBox, SamplingOptions, check_request
from engine.runtime import StarterRuntime
from tests.cli.conftest import needs_starter

pytestmark = needs_starter
QUICK = SamplingOptions(steps=1, true_guidance=1)
SCENE = LayoutRequest("a red apple and a dog on blue stripes", 160, 96, seed=3, sampling=QUICK)


def never() -> bool:
    return False


def test_another_checkpoint_is_refused_before_anything_is_loaded(tmp_path: Path) -> None:
    for request in (SCENE, LayerRequest("a dog", 64, 64, 3, RegionBox("layer", 0, 0, 64, 64))):
        with pytest.raises(RequestError, match='"flux-dev" is not installed; choose "starter"'):
            StarterRuntime(tmp_path / "none").run(
                replace(request, checkpoint="flux-dev"), lambda _progress: None, never
            )


def test_the_area_of_all_boxes_is_limited() -> None:
    half = tuple(RegionBox(f"b{i}", 0, 0, 4096, 4096) for i in range(16))
    check_request(replace(SCENE, width=4096, height=4096, boxes=half))
    more = (*half, RegionBox("more", 0, 0, 4, 4))
    with pytest.raises(RequestError, match=r"cover 1048577 tokens .* remove some"):
        check_request(replace(SCENE, width=4096, height=4096, boxes=more))


def test_refused_requests() -> None:
    starter = StarterRuntime()
    starter.load()
    with pytest.raises(RequestError, match="names nothing"):
        starter.run(replace(SCENE, prompt="!!!"), lambda _progress: None, never)
    with pytest.raises(RequestError, match="style"):
        starter.run(replace(SCENE, style="oil"), lambda _progress: None, never)


def test_a_matting_file_that_is_none_is_refused_whatever_the_route(tmp_path: Path) -> None:
    boxes = tmp_path / "boxes.json"
    boxes.write_text('{"boxes": []}')
    asked = replace(SCENE, matting_model=str(boxes))
    with pytest.raises(RequestError, match="is no matting model"):
        StarterRuntime(tmp_path).run(asked, lambda _progress: None, never)
