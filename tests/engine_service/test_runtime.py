"""The pipelines on the shipped weights: results are complete, repeatable and independent."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from torch import Tensor

from engine.errors import JobCancelled, RequestError
from engine.pipelines import drawings, layer_regeneration, repetition
from engine.pipelines.binding import Verdict
from engine.pipelines.drawing_fit import Fit, placed_pixels
from engine.progress import Phase, Progress
from engine.requests import (
    Corners,
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
from tests.cli.conftest import needs_starter

pytestmark = needs_starter
QUICK = SamplingOptions(steps=1, true_guidance=1)
SCENE = LayoutRequest("a red apple and a dog on blue stripes", 160, 96, seed=3, sampling=QUICK)


@pytest.fixture(scope="module")
def starter() -> StarterRuntime:
    made = StarterRuntime()
    made.load()
    return made


def never() -> bool:
    return False


def generate(starter: StarterRuntime, request: LayoutRequest) -> LayoutResult:
    result = starter.run(request, lambda _progress: None, never)
    assert isinstance(result, LayoutResult)
    return result


def regenerate(starter: StarterRuntime, request: LayerRequest) -> LayerResult:
    result = starter.run(request, lambda _progress: None, never)
    assert isinstance(result, LayerResult)
    return result


def judge_as(monkeypatch: pytest.MonkeyPatch, choose: Callable[[str], Verdict]) -> None:
    """Replaces the judge: verdict by asked concept."""

    def judged(_drawings: object, asked: list[str], *_rest: object) -> list[Verdict]:
        return [choose(label) for label in asked]

    monkeypatch.setattr(drawings, "judge_drawings", judged)


GOOD, BAD = Verdict(0.5, 0.995), Verdict(0.5, 0.1, rank=9, beaten=True)


def with_joint_background(
    starter: StarterRuntime, monkeypatch: pytest.MonkeyPatch, joint: bool
) -> None:
    monkeypatch.setattr(starter, "_model", replace(starter.load(), joint_background=joint))


@pytest.mark.parametrize("joint", [False, True])
def test_a_layout_is_complete(
    starter: StarterRuntime, monkeypatch: pytest.MonkeyPatch, joint: bool
) -> None:
    with_joint_background(starter, monkeypatch, joint)
    judge_as(monkeypatch, lambda _label: GOOD)
    reports: list[Progress] = []
    result = starter.run(SCENE, reports.append, never)
    assert isinstance(result, LayoutResult)
    background, apple, dog = result.layers
    assert [layer.name for layer in result.layers] == ["background", "red apple", "dog"]
    assert background.kind is LayerKind.BACKGROUND
    assert background.box == (0, 0, 160, 96)
    for layer in result.layers:
        x0, y0, x1, y1 = layer.box
        assert layer.pixels.shape == (y1 - y0, x1 - x0, 4)
        assert layer.pixels.dtype == np.uint8
        record = layer.record
        assert (record.typed_prompt, record.canvas_size) == (SCENE.prompt, (160, 96))
        assert (record.seed, record.steps, record.true_guidance) == (3, 1, 1.0)
        assert record.token_count > 0
        assert record.checkpoint == "starter"
        assert record.weights_hash
    together = result.layers if joint else (apple, dog)
    for layer in together:
        assert layer.record.route == "together"
        assert layer.record.context_layers == tuple(other.layer_id for other in together)
        assert layer.record.effective_prompt.startswith("a red apple and a dog on a blue stripes")
    assert background.record.route == ("together" if joint else "alone")
    assert background.pixels[..., 3].min() == 255
    assert (apple.record.concept, dog.record.concept) == ("apple", "dog")
    assert (apple.record.z_index, dog.record.z_index) == (1, 2)
    assert set(result.seconds) == {"understand", "denoise", "decode", "check", "finish"}
    phases = [report.phase for report in reports]
    assert phases == sorted(phases, key=list(Phase).index)
    steps = [(report.step, report.steps) for report in reports if report.phase is Phase.DENOISE]
    assert steps[-1] == ((1, 1) if joint else (2, 2))
    previews = [report.previews for report in reports if report.previews]
    assert [preview.layer_id for preview in previews[-1]] == [x.layer_id for x in result.layers]
    assert all(max(p.pixels.shape) <= 256 for p in previews[-1])


def test_equal_requests_give_equal_bytes(starter: StarterRuntime) -> None:
    one, two = generate(starter, SCENE), generate(starter, SCENE)
    for a, b in zip(one.layers, two.layers, strict=True):
        assert np.array_equal(a.pixels, b.pixels)
    other = generate(starter, replace(SCENE, seed=4))
    assert not np.array_equal(one.layers[0].pixels, other.layers[0].pixels)


def test_what_loses_its_noun_is_drawn_alone(
    starter: StarterRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_joint_background(starter, monkeypatch, True)
    verdicts = {"apple": iter([GOOD]), "dog": iter([BAD, GOOD])}
    judge_as(monkeypatch, lambda label: next(verdicts[label]))
    result = generate(starter, SCENE)
    background, apple, dog = result.layers
    routes = [layer.record.route for layer in result.layers]
    assert routes == ["alone", "together", "alone"]
    assert background.record.effective_prompt == "blue stripes background, flat style"
    assert apple.record.effective_prompt.startswith("a red apple and a dog on a blue stripes")
    assert dog.record.effective_prompt == "a dog, flat style"
    assert dog.record.context_layers == ()
    assert result.notes == ()
    assert "alone" in result.seconds


def test_every_object_is_drawn_alone_until_one_is_clearly_good(
    starter: StarterRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The best of all is taken; its record says which it was, and makes it again."""
    fair = [Verdict(0.5, likeness) for likeness in (0.5, 0.6, 0.8, 0.7)]
    verdicts = {"apple": iter(fair), "dog": iter([fair[0], fair[1], GOOD])}
    judge_as(monkeypatch, lambda label: next(verdicts[label]))
    reports: list[Progress] = []
    result = starter.run(SCENE, reports.append, never)
    assert isinstance(result, LayoutResult)
    _, apple, dog = result.layers
    assert [layer.record.next_attempt for layer in (apple, dog)] == [3, 2]
    for layer in (apple, dog):
        assert (layer.record.route, layer.record.attempt) == ("alone", 1)
        assert next(verdicts[layer.record.concept], None) is None
        box = RegionBox(layer.layer_id, *layer.box, attempt=1)
        again = LayerRequest("", 160, 96, 3, box, repeat=layer.record)
        assert np.array_equal(regenerate(starter, again).layer.pixels, layer.pixels)
    alone = [report for report in reports if report.phase is Phase.ALONE]
    assert [report.step for report in alone[1:]] == [1, 2, 3, 3, 4, 5, 6]
    assert {report.steps for report in alone[1:]} == {6}
    assert len([report for report in alone if report.previews]) == 2


def test_what_is_better_together_stays(
    starter: StarterRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    verdicts = {"apple": iter([Verdict(0.5, 0.7)] * 4), "dog": iter([GOOD])}
    judge_as(monkeypatch, lambda label: next(verdicts[label]))
    result = generate(starter, replace(SCENE, prompt="an apple and a dog"))
    assert [layer.record.route for layer in result.layers[1:]] == ["together"] * 2
    assert [layer.record.next_attempt for layer in result.layers] == [1, 3, 1]


def test_what_is_clear_together_is_drawn_alone_for_its_details(
    starter: StarterRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    clear, clearer = Verdict(0.5, 0.9), Verdict(0.5, 0.98)
    verdicts = {"apple": iter([clearer, clear]), "dog": iter([clear, *[Verdict(0.5, 0.7)] * 3])}
    judge_as(monkeypatch, lambda label: next(verdicts[label]))
    result = generate(starter, SCENE)
    assert [layer.record.route for layer in result.layers[1:]] == ["alone", "together"]


def test_the_asked_colour_is_looked_for(
    starter: StarterRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, str] = {}

    def judged(
        _drawings: object, labels: list[str], _judge: object, _all: object, colours: list[str]
    ) -> list[Verdict]:
        asked.update(zip(labels, colours, strict=True))
        return [GOOD for _ in labels]

    monkeypatch.setattr(drawings, "judge_drawings", judged)
    generate(starter, replace(SCENE, prompt="a red apple, a dog and a black cat"))
    assert asked == {"apple": "red", "dog": "", "black cat": ""}


def test_a_kind_that_is_drawn_as_the_thing_in_general_is_told(
    starter: StarterRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge_as(monkeypatch, lambda _label: GOOD)
    result = generate(starter, replace(SCENE, prompt="a seagull and a labrador"))
    told = 'Understood "seagull" as bird, "labrador" as dog.'
    assert result.notes == (told,)


def test_the_better_of_two_failures_stays(
    starter: StarterRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    verdicts = {"apple": iter([GOOD]), "dog": iter([replace(BAD, likeness=0.2), BAD, BAD, BAD])}
    judge_as(monkeypatch, lambda label: next(verdicts[label]))
    result = generate(starter, SCENE)
    assert result.layers[2].record.route == "together"
    assert result.notes == ("Hard to recognize: dog. Another try at the layer may do better.",)
    assert next(verdicts["dog"], None) is None


def test_the_best_try_is_taken_and_can_be_repeated(
    starter: StarterRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = RegionBox("layer", 0, 0, 64, 64, attempt=5)
    request = LayerRequest("ein roter Apfel", 64, 64, 3, box, sampling=QUICK)
    verdicts = iter([BAD, replace(BAD, likeness=0.2), BAD])
    judge_as(monkeypatch, lambda _label: next(verdicts))
    result = regenerate(starter, request)
    assert result.layer.record.attempt == 6
    assert any("much like roter Apfel;" in note for note in result.notes)
    judge_as(monkeypatch, lambda _label: BAD)
    once = replace(request, box=replace(box, attempt=6), sampling=replace(QUICK, tries=1))
    assert np.array_equal(regenerate(starter, once).layer.pixels, result.layer.pixels)


def test_a_layer_is_the_best_of_its_tries_and_the_next_are_others(
    starter: StarterRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = RegionBox("layer", 0, 0, 64, 64)
    request = LayerRequest("a dog", 64, 64, 3, box, sampling=QUICK, count=2)
    scores = iter((0.5, 0.7, 0.6, 0.4, 0.3, 0.2))
    judge_as(monkeypatch, lambda _label: Verdict(0.5, next(scores)))
    reports: list[Progress] = []
    result = starter.run(request, reports.append, never)
    assert isinstance(result, LayerResult)
    made = (result.layer, *result.variations)
    assert [layer.record.attempt for layer in made] == [1, 3]
    assert [layer.record.next_attempt for layer in made] == [3, 6]
    assert [r.step / r.steps for r in reports if r.phase is Phase.DENOISE][1:] == [
        pytest.approx(step / 6) for step in range(1, 7)
    ]


def test_each_style_has_its_own_bar(
    starter: StarterRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A likeness that is clear in one style asks for more tries in another."""
    monkeypatch.setattr(
        starter, "_model", replace(starter.load(), clear_likeness={"outlined": 0.75})
    )
    judge_as(monkeypatch, lambda _label: Verdict(0.5, 0.8))
    request = LayerRequest("a dog", 64, 64, 3, RegionBox("layer", 0, 0, 64, 64), sampling=QUICK)
    tried = {
        style: regenerate(starter, replace(request, style=style)).layer.record.next_attempt
        for style in ("flat", "outlined")
    }
    assert tried == {"flat": 3, "outlined": 1}


def test_what_has_another_colour_after_all_tries_is_recoloured(
    starter: StarterRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = RegionBox("layer", 0, 0, 64, 64)
    request = LayerRequest("a red car", 64, 64, 3, box, sampling=QUICK)
    judge_as(monkeypatch, lambda _label: replace(GOOD, off_colour=True))
    for module in (drawings, repetition):
        monkeypatch.setattr(
            module, "in_colour", lambda rgba, record: rgba * 0.5 if record else rgba
        )
    monkeypatch.setattr(drawings, "colour_share", lambda _rgba, _asked: 1.0)
    result = regenerate(starter, request)
    made = result.layer
    assert (made.record.recolour, made.record.next_attempt) == ("red throughout", 3)
    assert result.notes == (
        "The model drew another color; recolored to match the prompt: red car.",
    )
    again = regenerate(starter, replace(request, repeat=made.record)).layer
    assert np.array_equal(again.pixels, made.pixels)
    drawn = replace(request, repeat=replace(made.record, recolour=""))
    assert not np.array_equal(regenerate(starter, drawn).layer.pixels, made.pixels)


def test_a_shade_of_the_drawn_colour_is_set_recorded_and_made_again(
    starter: StarterRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawings, "colour_share", lambda _rgba, _asked: 1.0)
    box = RegionBox("layer", 0, 0, 64, 64)
    request = LayerRequest("a #2040c0 car", 64, 64, 3, box, sampling=QUICK)
    judge_as(monkeypatch, lambda _label: GOOD)
    result = regenerate(starter, request)
    made = result.layer
    assert (made.record.recolour, made.record.effective_prompt) == (
        "blue #2040c0 throughout", "a blue car, flat style",
    )  # fmt: skip
    assert result.notes == (), "the record has it"
    again = regenerate(starter, replace(request, repeat=made.record)).layer
    assert np.array_equal(again.pixels, made.pixels)
    drawn = replace(request, repeat=replace(made.record, recolour=""))
    assert not np.array_equal(regenerate(starter, drawn).layer.pixels, made.pixels)


@pytest.mark.parametrize(
    ("share", "note"),
    [
        (0.1, "Not in the color that was asked for: navy car."),
        (0.4, "Only partly in the color that was asked for: navy car."),
    ],
)
def test_a_shade_that_cannot_be_set_is_told(
    starter: StarterRuntime, monkeypatch: pytest.MonkeyPatch, share: float, note: str
) -> None:
    monkeypatch.setattr(drawings, "in_colour", lambda rgba, _record: rgba)
    monkeypatch.setattr(drawings, "colour_share", lambda _rgba, _asked: share)
    box = RegionBox("layer", 0, 0, 64, 64)
    judge_as(monkeypatch, lambda _label: GOOD)
    result = regenerate(starter, LayerRequest("a navy car", 64, 64, 3, box, sampling=QUICK))
    assert result.layer.record.recolour == ""
    assert result.notes == (note,)


def test_the_clearest_drawing_gets_the_colour_and_not_the_one_that_had_it(
    starter: StarterRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A blotched one made together with others had the colour, and those drawn alone had not."""
    monkeypatch.setattr(drawings, "colour_share", lambda _rgba, _asked: 1.0)
    off = [Verdict(0.5, likeness, off_colour=True) for likeness in (0.8, 0.95, 0.9)]
    verdicts = iter([Verdict(0.5, 0.6, rank=2), *off])
    judge_as(monkeypatch, lambda _label: next(verdicts))
    made = generate(starter, LayoutRequest("a red car", 64, 64, 3, sampling=QUICK)).layers[1]
    assert (made.record.route, made.record.attempt) == ("alone", 1)


@pytest.mark.parametrize(("prompt", "route"), [("a blue van", "alone"), ("a van", "together")])
def test_in_an_asked_colour_one_that_passes_alone_wins_over_a_likelier_one(
    starter: StarterRuntime, monkeypatch: pytest.MonkeyPatch, prompt: str, route: str
) -> None:
    """The judge knows vans in grey: a blue one is less like them than grey with blue windows."""
    monkeypatch.setattr(drawings, "colour_share", lambda _rgba, _asked: 1.0)
    verdicts = iter([Verdict(0.5, likeness) for likeness in (0.82, 0.76, 0.74, 0.72)])
    judge_as(monkeypatch, lambda _label: next(verdicts))
    made = generate(starter, LayoutRequest(prompt, 64, 64, 3, sampling=QUICK)).layers[1]
    assert (made.record.route, made.record.attempt) == (route, 0)


def test_a_clear_drawing_that_has_the_colour_is_better_than_a_recoloured_one(
    starter: StarterRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawings, "colour_share", lambda _rgba, _asked: 1.0)
    verdicts = iter([Verdict(0.5, 0.95, off_colour=True), Verdict(0.5, 0.9)])
    judge_as(monkeypatch, lambda _label: next(verdicts))
    box = RegionBox("layer", 0, 0, 64, 64)
    made = regenerate(starter, LayerRequest("a blue car", 64, 64, 3, box, sampling=QUICK)).layer
    assert (made.record.attempt, made.record.recolour) == (1, "")


def test_a_background_in_a_shade_is_recorded_and_made_again(
    starter: StarterRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = RegionBox("behind", 0, 0, 64, 64, name="behind")
    request = LayerRequest(
        "a plain navy background", 64, 64, 3, box, LayerKind.BACKGROUND, sampling=QUICK
    )
    made = regenerate(starter, request).layer
    assert made.record.recolour == "blue #1b2a57"
    assert made.record.concept == "plain blue"
    again = regenerate(starter, replace(request, repeat=made.record)).layer
    assert np.array_equal(again.pixels, made.pixels)
    drawn = replace(request, repeat=replace(made.record, recolour=""))
    assert not np.array_equal(regenerate(starter, drawn).layer.pixels, made.pixels)
    refined = replace(
        request, strength=0.5, start=LayerPixels((0, 0, 64, 64), made.pixels), sampling=QUICK
    )
    result = regenerate(starter, refined)
    assert result.layer.record.recolour == "", "someone may have painted it"
    for has_it, notes in ((True, ()), (False, ("Not in the color that was asked for: behind.",))):
        monkeypatch.setattr(layer_regeneration, "has_shades", lambda *_a, has_it=has_it: has_it)
        assert regenerate(starter, refined).notes == notes, "only what it has not is said"


def test_the_background_of_a_document_gets_its_shade(starter: StarterRuntime) -> None:
    request = LayoutRequest("a dog on a teal background", 64, 64, 3, sampling=QUICK)
    result = generate(starter, request)
    behind = result.layers[0]
    assert behind.record.recolour == "blue #0f8285"
    box = RegionBox("behind", 0, 0, 64, 64)
    asked = LayerRequest("x", 64, 64, 3, box, LayerKind.BACKGROUND, repeat=behind.record)
    assert np.array_equal(regenerate(starter, asked).layer.pixels, behind.pixels)


def test_the_record_of_a_softened_layer_makes_it_again(
    starter: StarterRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge_as(monkeypatch, lambda _label: GOOD)
    given: list[tuple[Fit, str]] = []

    def noted(
        decoded: Tensor, asked: Corners, rect: Corners, fit: Fit, softened: str = ""
    ) -> RgbaArray:
        given.append((fit, softened))
        return placed_pixels(decoded, asked, rect, fit, softened)

    for module in (layer_regeneration, repetition):
        monkeypatch.setattr(module, "placed_pixels", noted)
    box = RegionBox("layer", 0, 0, 64, 64)
    request = LayerRequest("a car, glow", 64, 64, 3, box, sampling=QUICK)
    made = regenerate(starter, request).layer
    assert made.record.softened == "glow added"
    assert "glow" not in made.record.effective_prompt
    again = regenerate(starter, replace(request, repeat=made.record)).layer
    assert np.array_equal(again.pixels, made.pixels)
    older = replace(request, repeat=replace(made.record, softened=""))
    regenerate(starter, older)
    assert given == [(Fit.CURVED, "glow added"), (Fit.CURVED, "glow added"), (Fit.CURVED, "")]
    later = replace(request, repeat=replace(made.record, softened="by a later version"))
    with pytest.raises(RequestError, match="does not say enough"):
        regenerate(starter, later)


def test_what_is_refined_has_to_pass_only(
    starter: StarterRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    pixels = np.zeros((64, 64, 4), np.uint8)
    pixels[16:48, 16:48] = (200, 30, 30, 255)
    request = LayerRequest(
        "a dog", 64, 64, 3, RegionBox("layer", 0, 0, 64, 64), sampling=QUICK, strength=0.5,
        start=LayerPixels((0, 0, 64, 64), pixels),
    )  # fmt: skip
    verdicts = iter([Verdict(0.5, 0.3)])
    judge_as(monkeypatch, lambda _label: next(verdicts))
    assert regenerate(starter, request).layer.record.attempt == 0
    verdicts = iter([Verdict(0.5, 0.3, off_colour=True)])
    judge_as(monkeypatch, lambda _label: next(verdicts))
    painted = regenerate(starter, replace(request, prompt="a blue dog")).layer
    assert painted.record.recolour == "", "someone may have painted it red"


@pytest.mark.parametrize(
    ("kind", "fails", "shares"),
    [
        (LayerKind.BACKGROUND, 0, [1 / 3, 2 / 3, 1]),
        (LayerKind.OBJECT, 0, [1 / 9, 4 / 9, 7 / 9]),
        (LayerKind.OBJECT, 2, [1 / 9, 2 / 9, 3 / 9, 4 / 9, 7 / 9]),
    ],
)
def test_refined_variations_are_finished_at_the_end(
    starter: StarterRuntime, monkeypatch: pytest.MonkeyPatch,
    kind: LayerKind, fails: int, shares: list[float],
) -> None:  # fmt: skip
    """With a strength a run has fewer steps than were asked for, and may be tried again."""
    pixels = np.full((64, 64, 4), 200, np.uint8)
    request = LayerRequest(
        "a dog", 64, 64, 3, RegionBox("layer", 0, 0, 64, 64), kind, count=3, strength=0.5,
        sampling=replace(QUICK, steps=6), start=LayerPixels((0, 0, 64, 64), pixels),
    )  # fmt: skip
    verdicts = itertools.chain(
        [replace(BAD, likeness=i / 10) for i in range(fails)], itertools.repeat(GOOD)
    )
    judge_as(monkeypatch, lambda _label: next(verdicts))
    reports: list[Progress] = []
    result = starter.run(request, reports.append, never)
    assert isinstance(result, LayerResult)
    made = (result.layer, *result.variations)
    assert [layer.record.attempt for layer in made] == [fails, fails + 1, fails + 2]
    done = [r for r in reports if r.phase is Phase.DENOISE][1:]
    assert len({r.steps for r in done}) == 1
    assert all(one.step < other.step for one, other in itertools.pairwise(done))
    assert done[-1].step == done[-1].steps
    of_run = next(index for index, r in enumerate(done, 1) if r.step / r.steps >= shares[0])
    assert of_run < 6
    drawn = [one for one in done if one.previews or one.step % of_run]
    ends = [r.step / r.steps for r in drawn if r.step % of_run == 0]
    assert ends == pytest.approx(shares)


def test_the_bar_is_not_full_while_another_try_is_drawn(
    starter: StarterRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    pixels = np.full((64, 64, 4), 200, np.uint8)
    request = LayerRequest(
        "a dog", 64, 64, 3, RegionBox("layer", 0, 0, 64, 64), strength=1.0,
        sampling=replace(QUICK, steps=2), start=LayerPixels((0, 0, 64, 64), pixels),
    )  # fmt: skip
    verdicts = iter([BAD, GOOD])
    judge_as(monkeypatch, lambda _label: next(verdicts))
    reports: list[Progress] = []
    starter.run(request, reports.append, never)
    steps = [(r.step, r.steps) for r in reports if r.phase is Phase.DENOISE][1:]
    assert steps == [(1, 6), (2, 6), (3, 6), (4, 6), (6, 6)]


def test_what_no_judge_knows_is_drawn_once(
    starter: StarterRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    unknown = Verdict(0.5, judged=False)
    verdicts = iter([replace(unknown, off_colour=True), unknown])
    judge_as(monkeypatch, lambda _label: next(verdicts))
    box = RegionBox("layer", 0, 0, 64, 64)
    request = LayerRequest("a red apple", 64, 64, 3, box, sampling=QUICK)
    assert regenerate(starter, request).layer.record.attempt == 1
    judge_as(monkeypatch, lambda _label: unknown)
    assert {layer.record.route for layer in generate(starter, SCENE).layers[1:]} == {"together"}


def test_an_alone_layer_does_not_depend_on_the_document(starter: StarterRuntime) -> None:
    box = RegionBox("layer", 0, 0, 64, 64, attempt=2)
    request = LayerRequest("a red apple", 64, 64, 3, box, sampling=QUICK)
    one = regenerate(starter, request)
    moved = replace(box, x0=40, y0=8, x1=104, y1=72)
    two = regenerate(starter, replace(request, width=200, height=100, box=moved))
    assert np.array_equal(one.layer.pixels, two.layer.pixels)
    assert one.layer.record.route == "alone"
    again = regenerate(starter, replace(request, box=replace(box, attempt=3)))
    assert not np.array_equal(one.layer.pixels, again.layer.pixels)


def test_a_background_again(starter: StarterRuntime) -> None:
    box = RegionBox("layer", 0, 0, 100, 60)
    request = LayerRequest(
        "green hills", 100, 60, 3, box, kind=LayerKind.BACKGROUND, sampling=QUICK
    )
    layer = regenerate(starter, request).layer
    assert layer.pixels.shape == (60, 100, 4)
    assert layer.pixels[..., 3].min() == 255
    assert layer.record.effective_prompt == "green hills background, flat style"


@pytest.mark.parametrize("size", [(16, 16), (16, 2000), (2000, 16), (37, 911)])
def test_unusual_sizes(starter: StarterRuntime, size: tuple[int, int]) -> None:
    request = replace(SCENE, width=size[0], height=size[1])
    for layer in generate(starter, request).layers:
        x0, y0, x1, y1 = layer.box
        assert 0 <= x0 < x1 <= size[0]
        assert 0 <= y0 < y1 <= size[1]
        assert layer.pixels.shape == (y1 - y0, x1 - x0, 4)


def test_fifty_boxes(starter: StarterRuntime, monkeypatch: pytest.MonkeyPatch) -> None:
    judge_as(monkeypatch, lambda _label: GOOD)
    boxes = tuple(RegionBox(f"b{i}", i, i, i + 20, i + 20) for i in range(50))
    result = generate(starter, replace(SCENE, boxes=boxes))
    assert len(result.layers) == 51


@pytest.mark.parametrize("joint", [False, True])
def test_only_a_background(
    starter: StarterRuntime, monkeypatch: pytest.MonkeyPatch, joint: bool
) -> None:
    with_joint_background(starter, monkeypatch, joint)
    result = generate(starter, replace(SCENE, prompt="green hills"))
    assert [layer.name for layer in result.layers] == ["background"]


@pytest.mark.parametrize("patience", [0, 2, 4, 6, 24, 33, 70])
def test_cancelling_at_any_step(
    starter: StarterRuntime, monkeypatch: pytest.MonkeyPatch, patience: int
) -> None:
    judge_as(monkeypatch, lambda _label: Verdict(0.5, 0.5))
    answers = itertools.chain(itertools.repeat(False, patience), itertools.repeat(True))
    request = replace(SCENE, sampling=SamplingOptions(8, 1))
    with pytest.raises(JobCancelled):
        starter.run(request, lambda _progress: None, lambda: next(answers))
