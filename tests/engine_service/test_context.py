"""One layer again on the shipped weights: beside others, refined, in variations, repeated."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from torch import Tensor

from engine.errors import RequestError
from engine.pipelines import context_drawing, drawings, repetition
from engine.pipelines.binding import Verdict
from engine.pipelines.drawing_fit import Fit, placed_pixels
from engine.pipelines.harmony import compare, stacked_on_white
from engine.pipelines.scene_run import SceneRun
from engine.pipelines.whole_image import draw_whole, plan_whole
from engine.progress import Progress
from engine.requests import (
    AlphaRoute,
    ContextLayer,
    Corners,
    GeneratedLayer,
    GenerationMode,
    LayerKind,
    LayerPixels,
    LayerRequest,
    LayerResult,
    LayoutRequest,
    LayoutResult,
    RegionBox,
    RgbaArray,
    SamplingOptions,
)
from engine.runtime import StarterRuntime
from engine.training.evaluation.whole_image import CODEC, WHOLE, whole_agreements
from tests.cli.conftest import needs_starter

pytestmark = needs_starter
QUICK = SamplingOptions(steps=2, true_guidance=1)
SAMPLING = SamplingOptions(steps=8)
AGREEMENT = 22  # dB; 28 is reached in the mean of the evaluation's documents
GOOD, BAD = Verdict(0.5, 0.995), Verdict(0.5, 0.1, rank=9)
SCENE = LayoutRequest("a red apple and a dog on blue stripes", 192, 128, seed=3, sampling=QUICK)
BOX = RegionBox("cat", 10, 20, 90, 110, below=1)


@pytest.fixture(scope="module")
def starter() -> StarterRuntime:
    made = StarterRuntime()
    made.load()
    return made


@pytest.fixture(autouse=True)
def passes(monkeypatch: pytest.MonkeyPatch) -> None:
    judge_all(monkeypatch, GOOD)


def judge_all(monkeypatch: pytest.MonkeyPatch, verdict: Verdict) -> None:
    def judged(_drawings: object, asked: list[str], *_rest: object) -> list[Verdict]:
        return [verdict for _ in asked]

    monkeypatch.setattr(drawings, "judge_drawings", judged)


@pytest.fixture(scope="module")
def scene(starter: StarterRuntime) -> LayoutResult:
    with pytest.MonkeyPatch.context() as patch:
        judge_all(patch, GOOD)
        result = starter.run(SCENE, lambda _progress: None, lambda: False)
    assert isinstance(result, LayoutResult)
    return result


def run(starter: StarterRuntime, request: LayerRequest) -> LayerResult:
    result = starter.run(request, lambda _progress: None, lambda: False)
    assert isinstance(result, LayerResult)
    return result


def held(layer: GeneratedLayer) -> ContextLayer:
    content = LayerPixels(layer.box, layer.pixels, f"hash of {layer.name}")
    words = "blue stripes" if layer.kind is LayerKind.BACKGROUND else layer.name
    return ContextLayer(layer.layer_id, words, layer.kind, layer.box, content)


def beside(scene: LayoutResult, **changes: object) -> LayerRequest:
    context = tuple(held(layer) for layer in scene.layers)
    request = LayerRequest("a cat", 192, 128, 3, BOX, sampling=QUICK, context=context)
    return replace(request, **changes)  # type: ignore[arg-type]


def repeated(starter: StarterRuntime, made: GeneratedLayer, asked: LayerRequest) -> np.ndarray:
    request = replace(
        asked, count=1, beside=(), repeat=made.record, prompt="not read", alpha_route=None,
        box=replace(asked.box, attempt=made.record.attempt),
    )  # fmt: skip
    return run(starter, request).layer.pixels


def test_beside_others(starter: StarterRuntime, scene: LayoutResult) -> None:
    layer = run(starter, beside(scene)).layer
    record = layer.record
    background, apple, dog = scene.layers
    assert record.route == "context"
    assert record.effective_prompt.startswith("a red apple, a cat and a dog on a blue stripes")
    assert record.context_layers == (background.layer_id, apple.layer_id, dog.layer_id)
    assert [entry.layer_id for entry in record.entries[1:]] == [
        apple.layer_id, "cat", dog.layer_id,
    ]  # fmt: skip
    assert [bool(entry.pixel_hash) for entry in record.entries[1:]] == [True, False, True]
    assert record.z_index == 2
    alone = run(starter, beside(scene, context=())).layer
    assert alone.record.route == "alone"
    assert alone.record.entries == ()
    assert not np.array_equal(alone.pixels, layer.pixels)


def test_it_sees_the_others(starter: StarterRuntime, scene: LayoutResult) -> None:
    asked = beside(scene)
    apple = asked.context[1]
    green = apple.content.pixels[..., [1, 0, 2, 3]].copy()
    other = replace(apple, content=replace(apple.content, pixels=green))
    changed = replace(asked, context=(asked.context[0], other, asked.context[2]))
    one, two = run(starter, asked).layer, run(starter, changed).layer
    assert not np.array_equal(one.pixels, two.pixels)


def test_what_does_not_show_beside_others_is_drawn_alone(
    starter: StarterRuntime, scene: LayoutResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    verdicts = {context_drawing: BAD, drawings: GOOD}

    def judged(model: object, made: list[drawings.Drawing], labels: object) -> None:
        for drawing in made:
            drawing.verdict = verdicts[context_drawing]

    monkeypatch.setattr(context_drawing, "check_drawings", judged)
    result = run(starter, beside(scene, sampling=replace(QUICK, tries=1)))
    assert result.layer.record.route == "alone"
    assert result.notes == ("cat was drawn by itself: beside the other layers it did not show.",)


@pytest.mark.parametrize("alone", [False, True])
def test_the_next_variation_begins_after_what_was_tried(
    starter: StarterRuntime, scene: LayoutResult, monkeypatch: pytest.MonkeyPatch, alone: bool
) -> None:
    first = [BAD, replace(BAD, likeness=0.2), BAD]  # beside the others
    verdicts = iter([*first, *([GOOD] if alone else [BAD] * 3), GOOD])
    monkeypatch.setattr(drawings, "judge_drawings", lambda *_: [next(verdicts)])
    result = run(starter, beside(scene, count=2))
    made = (result.layer, *result.variations)
    assert [layer.record.route for layer in made] == ["alone" if alone else "context", "context"]
    assert [layer.record.attempt for layer in made] == [0 if alone else 1, 3]
    assert [layer.record.next_attempt for layer in made] == [3, 4]


@pytest.mark.parametrize("in_context", [False, True])
def test_every_variation_can_be_repeated_bit_for_bit(
    starter: StarterRuntime, scene: LayoutResult, in_context: bool
) -> None:
    asked = beside(scene, count=3) if in_context else beside(scene, count=3, context=())
    result = run(starter, asked)
    made = (result.layer, *result.variations)
    assert [layer.record.attempt for layer in made] == [0, 1, 2]
    assert len({layer.pixels.tobytes() for layer in made}) == 3
    for layer in made:
        assert np.array_equal(repeated(starter, layer, asked), layer.pixels)


def test_layers_of_a_sentence_can_be_repeated(starter: StarterRuntime, scene: LayoutResult) -> None:
    for layer in scene.layers:
        kind = layer.kind
        box = RegionBox(layer.layer_id, *layer.box)
        asked = LayerRequest("not read", 192, 128, 3, box, kind)
        assert np.array_equal(repeated(starter, layer, asked), layer.pixels), layer.name
    assert scene.layers[1].record.route == "together"


def test_records_of_older_versions_are_made_as_they_were(
    starter: StarterRuntime, scene: LayoutResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    apple = scene.layers[1]
    assert apple.record.fit == Fit.CURVED
    placed: list[Fit] = []

    def noted(decoded: Tensor, asked: Corners, rect: Corners, fit: Fit, softened: str) -> RgbaArray:
        placed.append(fit)
        return placed_pixels(decoded, asked, rect, fit, softened)

    monkeypatch.setattr(repetition, "placed_pixels", noted)
    old = replace(apple, record=replace(apple.record, fit=""))
    asked = LayerRequest("not read", 192, 128, 3, RegionBox(apple.layer_id, *apple.box))
    assert not np.array_equal(repeated(starter, old, asked), apple.pixels)
    assert np.array_equal(repeated(starter, apple, asked), apple.pixels)
    before = replace(apple, record=replace(apple.record, fit="filled"))
    repeated(starter, before, asked)
    repeated(starter, replace(apple, record=replace(apple.record, fit="cleaned")), asked)
    assert placed == [Fit.CONTAINED, Fit.CURVED, Fit.FILLED, Fit.CLEANED]


def test_a_moved_neighbour_is_put_back_for_the_repetition(
    starter: StarterRuntime, scene: LayoutResult
) -> None:
    asked = beside(scene)
    made = run(starter, asked).layer
    apple = asked.context[1]

    def shifted(box: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
        return (box[0] + 7, box[1] - 3, box[2] + 7, box[3] - 3)

    content = replace(apple.content, box=shifted(apple.content.box))
    moved = replace(apple, box=shifted(apple.box), content=content)
    later = replace(asked, context=(asked.context[0], moved, asked.context[2]))
    assert np.array_equal(repeated(starter, made, later), made.pixels)


def test_a_missing_neighbour_is_named(starter: StarterRuntime, scene: LayoutResult) -> None:
    asked = beside(scene)
    made = run(starter, asked).layer
    with pytest.raises(RequestError, match="not in the document any more"):
        repeated(starter, made, replace(asked, context=asked.context[:2]))


@pytest.mark.parametrize("in_context", [False, True])
def test_refining_stays_near_and_can_be_repeated(
    starter: StarterRuntime, scene: LayoutResult, in_context: bool
) -> None:
    apple = scene.layers[1]
    start = LayerPixels(apple.box, apple.pixels, "the apple")
    context = tuple(held(layer) for layer in (scene.layers[0], scene.layers[2]))
    box = RegionBox(apple.layer_id, *apple.box, attempt=1, below=0)
    asked = LayerRequest(
        "a red apple", 192, 128, 3, box, sampling=replace(QUICK, steps=6), start=start,
        strength=0.1, context=context if in_context else (),
    )  # fmt: skip
    near = run(starter, asked).layer
    far = run(starter, replace(asked, strength=0.95)).layer
    assert (near.record.strength, near.record.source_hash) == (0.1, "the apple")
    assert near.record.fit == Fit.KEPT
    assert _distance(near, apple) < _distance(far, apple)
    assert np.array_equal(repeated(starter, near, asked), near.pixels)
    with pytest.raises(RequestError, match="refined from are not kept"):
        repeated(starter, near, replace(asked, start=None, strength=None))


def _distance(one: GeneratedLayer, other: GeneratedLayer) -> float:
    difference = one.pixels.astype(float)[..., 3] - other.pixels.astype(float)[..., 3]
    return float(np.abs(difference).mean())


def test_a_background_is_refined_too(starter: StarterRuntime, scene: LayoutResult) -> None:
    behind = scene.layers[0]
    start = LayerPixels(behind.box, behind.pixels, "stripes")
    box = RegionBox(behind.layer_id, 0, 0, 192, 128, attempt=1)
    asked = LayerRequest(
        "blue stripes", 192, 128, 3, box, LayerKind.BACKGROUND, sampling=QUICK, start=start,
        strength=0.3, count=2,
    )  # fmt: skip
    result = run(starter, asked)
    assert len(result.variations) == 1
    assert np.array_equal(repeated(starter, result.layer, asked), result.layer.pixels)


def test_several_layers_in_one_run(starter: StarterRuntime, scene: LayoutResult) -> None:
    fish = RegionBox("fish", 100, 10, 180, 90, prompt="a blue fish")
    asked = beside(scene, beside=(fish,))
    result = run(starter, asked)
    (second,) = result.beside
    assert (second.layer_id, second.record.typed_prompt) == ("fish", "a blue fish")
    assert second.record.entries == result.layer.record.entries
    assert [entry.layer_id for entry in second.record.entries][-1] == "fish"
    for layer in (result.layer, second):
        assert np.array_equal(repeated(starter, layer, asked), layer.pixels)


@pytest.mark.parametrize("route", [AlphaRoute.MATTING, AlphaRoute.COLOUR, AlphaRoute.AUTO])
def test_another_alpha_route(
    starter: StarterRuntime, scene: LayoutResult, route: AlphaRoute
) -> None:
    asked = beside(scene, context=(), alpha_route=route)
    plain = run(starter, beside(scene, context=())).layer
    made = run(starter, asked).layer
    assert plain.record.alpha_route == "decoder"
    assert made.record.alpha_route in {item.value for item in AlphaRoute} - {"auto"}
    if route is not AlphaRoute.AUTO:
        assert made.record.alpha_route == route.value
        assert not np.array_equal(made.pixels, plain.pixels)
    assert np.array_equal(repeated(starter, made, asked), made.pixels)


def test_a_matting_model_that_is_none(starter: StarterRuntime, scene: LayoutResult) -> None:
    asked = beside(scene, context=(), alpha_route=AlphaRoute.MATTING, matting_model=__file__)
    told: list[Progress] = []
    with pytest.raises(RequestError, match="is no matting model"):
        starter.run(asked, told.append, lambda: False)
    assert told == [], "nothing was drawn before"


def test_the_whole_image_sees_the_layers_where_they_lie(
    starter: StarterRuntime, scene: LayoutResult
) -> None:
    run = plan_whole(starter.load(), scene.layers, (192, 128), seed=3, caption="", options=QUICK)
    assert run is not None
    assert len(run.places) == 2
    for place in run.places:
        assert place is not None
        native = (place.native.x0, place.native.y0, place.native.x1, place.native.y1)
        apart = np.multiply(place.rect, run.canvas.scale) - native
        assert np.abs(apart).max() <= 0.5 * run.canvas.scale + 1e-6


def test_the_whole_image_is_sampled_from_noise_beside_clean_layers_and_shows_them(
    starter: StarterRuntime, scene: LayoutResult
) -> None:
    model = starter.load()
    run = plan_whole(model, scene.layers, (192, 128), seed=3, caption="", options=SAMPLING)
    assert run is not None
    assert (run.sampling.held_clean, run.sampling.starts, run.sampling.strength) == (True, (), None)
    assert run.sampling.true_guidance == 1
    assert (run.canvas.width, run.canvas.height) == (384, 256)
    stack = stacked_on_white(scene.layers, 192, 128)

    def agreement(run: SceneRun) -> float:
        return compare(stack, draw_whole(model, run)).psnr

    assert agreement(run) > AGREEMENT
    as_noisy = replace(run, sampling=replace(run.sampling, held_clean=False))
    assert agreement(as_noisy) < agreement(run) - 3, "what the layers show is found in them"


def test_a_document_is_compared_with_its_whole_image_and_with_what_the_codec_allows(
    starter: StarterRuntime, scene: LayoutResult
) -> None:
    found = whole_agreements(starter.load(), scene, "", QUICK)
    assert list(found) == [WHOLE, CODEC]
    assert found[WHOLE] < found[CODEC]


def test_a_sentence_per_box(starter: StarterRuntime) -> None:
    boxes = (
        RegionBox("one", 0, 0, 80, 80, prompt="a red apple"),
        RegionBox("two", 90, 30, 180, 120, prompt="a dog"),
    )
    request = LayoutRequest(
        "an apple and a dog", 192, 128, 3, boxes, sampling=QUICK, harmony=True,
        mode=GenerationMode.MULTILAYER, background_prompt="a sunset gradient",
    )  # fmt: skip
    result = starter.run(request, lambda _progress: None, lambda: False)
    assert isinstance(result, LayoutResult)
    behind, apple, dog = result.layers
    assert behind.record.effective_prompt == "sunset gradient background, flat style"
    assert apple.record.effective_prompt == "a red apple, flat style"
    assert {layer.record.route for layer in result.layers} == {"alone"}
    assert {layer.record.mode for layer in result.layers} == {"multilayer"}
    typed = [layer.record.typed_prompt for layer in result.layers]
    assert typed == ["a sunset gradient", "a red apple", "a dog"]
    assert dog.box == (90, 30, 180, 120)
    assert result.harmony is not None
    assert 0 < result.harmony.psnr < 99
    assert 0 <= result.harmony.colour <= 1
    by_itself = run(starter, LayerRequest("a dog", 192, 128, 3, boxes[1], sampling=QUICK))
    assert np.array_equal(by_itself.layer.pixels, dog.pixels)
    assert result.notes == ()


def test_a_negative_prompt_changes_the_picture(
    starter: StarterRuntime, scene: LayoutResult
) -> None:
    asked = beside(scene, context=())
    guided = replace(asked, sampling=replace(QUICK, true_guidance=3))
    plain = run(starter, guided).layer
    other = run(starter, replace(guided, negative_prompt="a cat, flat style")).layer
    assert other.record.negative_prompt == "a cat, flat style"
    assert not np.array_equal(plain.pixels, other.pixels)
