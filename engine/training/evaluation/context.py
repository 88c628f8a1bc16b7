"""Whether a layer fits the others better when it is made beside them than when made by itself.

    python -m engine.training.evaluation.context -o DIR [--documents N] [--weights FOLDER]

Documents of three objects, drawn from the model's concepts by a seed, are generated. Each object
is made again with other noise, once alone and twice beside the other two, which are held still: as
they are, and darkened. Noise and box are the same each time, nothing is judged and nothing tried
twice. Captions are the product's: alone it names the object, beside the others all of them, so
alone against beside tells of caption and context together, darkened against not of context only.
Writes `table.md`, `scores.json`, `sheet.png`.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import torch

from engine import __version__
from engine.pipelines.drawing_fit import Fit
from engine.pipelines.layer_making import ALONE, CONTEXT
from engine.prompts.captions import (
    COLOUR_WORDS,
    object_caption,
    object_phrase,
    scene_caption,
    with_article,
)
from engine.requests import (
    DEFAULT_STYLE,
    ContextLayer,
    GeneratedLayer,
    LayerKind,
    LayerPixels,
    LayerRecord,
    LayerRequest,
    LayerResult,
    LayoutRequest,
    LayoutResult,
    RecordEntry,
    RegionBox,
    Request,
    Result,
    SamplingOptions,
)
from engine.runtime import StarterRuntime
from engine.training.evaluation.context_agreement import (
    Comparison,
    Measure,
    compare,
    distances,
    look_of,
    mean_with_interval,
)

Rgba = npt.NDArray[np.uint8]
Run = Callable[[Request], Result]

DOCUMENTS = 24
CANVAS = (416, 160)
BOXES = tuple((16 + 128 * i, 16, 144 + 128 * i, 144) for i in range(3))
DARKENED = 0.45  # of the other layers' colours
BACKGROUND = "plain white"
SAMPLING = SamplingOptions(tries=1)
_SHEET_DOCUMENTS = 10
_CELL_PX = 96


class Manner(StrEnum):
    """How the layer is made again."""

    ALONE = "alone"
    BESIDE = "beside the others"
    BESIDE_DARK = "beside the others, darkened"


@dataclass(frozen=True, slots=True)
class Case:
    """One object of a document, made again in each manner.

    Attributes:
        document: Its number.
        others: The layers around it, as they are.
    """

    document: int
    others: tuple[Rgba, ...]
    made: dict[Manner, Rgba]


def phrases_of(document: int, labels: Sequence[str]) -> list[str]:
    """Three objects in colours, "red apple", by the number of the document."""
    chance = random.Random(document)
    colours = chance.sample(COLOUR_WORDS, 3)
    nouns = chance.sample(sorted(labels), 3)
    return [object_phrase(noun, colour) for noun, colour in zip(nouns, colours, strict=True)]


def cases_of(document: int, labels: Sequence[str], run: Run) -> list[Case]:
    """A document, and each of its objects again."""
    phrases = phrases_of(document, labels)
    boxes = tuple(
        RegionBox(f"object-{i}", *box, prompt=with_article(phrase))
        for i, (box, phrase) in enumerate(zip(BOXES, phrases, strict=True))
    )
    prompt = f"{', '.join(map(with_article, phrases))} on {BACKGROUND}"
    asked = LayoutRequest(prompt, *CANVAS, document, boxes, sampling=SAMPLING)
    result = run(asked)
    if not isinstance(result, LayoutResult):
        raise TypeError("a layout gives layers")
    layers = [layer for layer in result.layers if layer.kind is LayerKind.OBJECT]
    return [_case(document, layers, phrases, place, run) for place in range(len(layers))]


def _case(
    document: int, layers: list[GeneratedLayer], phrases: list[str], place: int, run: Run
) -> Case:
    others = [layer for index, layer in enumerate(layers) if index != place]
    made = {}
    for manner in Manner:
        gain = DARKENED if manner is Manner.BESIDE_DARK else 1.0
        held = tuple(_held(layer, gain) for layer in others)
        record = _record(document, layers, phrases, place, manner)
        made[manner] = _made(layers[place], record, held, run)
    return Case(document, tuple(layer.pixels for layer in others), made)


def _record(
    document: int, layers: list[GeneratedLayer], phrases: list[str], place: int, manner: Manner
) -> LayerRecord:
    """A record that says how the object is to be made; repeating it does nothing else."""
    alone = manner is Manner.ALONE
    entries = tuple(
        RecordEntry(
            layer.layer_id,
            layer.layer_id,
            attempt=int(index == place),
            box=layer.box,
            pixel_hash="" if index == place else manner.value,  # runs are told apart by it
        )
        for index, layer in enumerate(layers)
    )
    caption = scene_caption(phrases, BACKGROUND, DEFAULT_STYLE)
    return LayerRecord(
        typed_prompt=phrases[place],
        effective_prompt=object_caption(phrases[place], DEFAULT_STYLE) if alone else caption,
        concept="",
        style=DEFAULT_STYLE,
        box=layers[place].box,
        z_index=place + 1,
        canvas_size=CANVAS,
        seed=document,
        attempt=1,
        steps=SAMPLING.steps,
        true_guidance=SAMPLING.true_guidance,
        distilled_guidance=None,
        route=ALONE if alone else CONTEXT,
        token_count=1,
        checkpoint="starter",
        weights_hash="",
        engine_version=__version__,
        noise_id=layers[place].layer_id,
        entries=() if alone else (RecordEntry(), *entries),
        fit=Fit.FILLED.value,
    )


def _made(
    layer: GeneratedLayer, record: LayerRecord, held: tuple[ContextLayer, ...], run: Run
) -> Rgba:
    box = RegionBox(layer.layer_id, *layer.box, attempt=1)
    request = LayerRequest(
        record.typed_prompt, *CANVAS, record.seed, box, sampling=SAMPLING, repeat=record,
        context=held if record.entries else (),
    )  # fmt: skip
    result = run(request)
    if not isinstance(result, LayerResult):
        raise TypeError("a layer gives a layer")
    return result.layer.pixels


def _held(layer: GeneratedLayer, gain: float) -> ContextLayer:
    pixels = layer.pixels.copy()
    pixels[..., :3] = np.rint(pixels[..., :3] * gain).astype(np.uint8)
    content = LayerPixels(layer.box, pixels)
    return ContextLayer(layer.layer_id, layer.name, LayerKind.OBJECT, layer.box, content)


@dataclass(frozen=True, slots=True)
class Scores:
    """What came of all cases.

    Attributes:
        agreement: By measure, against the others as they are.
        followed: How much darker the object became, as a share of how much darker the others were:
            0 = not at all, 1 = as much; mean, and the interval of the mean.
    """

    agreement: dict[Measure, Comparison]
    followed: tuple[float, float, float]


def scores_of(cases: Sequence[Case]) -> Scores:
    """Beside the others against alone, and what their darkening did."""
    groups = [case.document for case in cases]
    agreement = {}
    for measure in Measure:
        alone, beside = (
            [distances(look_of([c.made[m]]), look_of(c.others))[measure] for c in cases]
            for m in (Manner.ALONE, Manner.BESIDE)
        )
        agreement[measure] = compare(alone, beside, groups)
    return Scores(agreement, mean_with_interval([_followed(case) for case in cases], groups))


def _followed(case: Case) -> float:
    """Share of the others' darkening, in luminance, that the object did as well."""
    before, after = (look_of([case.made[m]]).luminance for m in (Manner.BESIDE, Manner.BESIDE_DARK))
    around = look_of(case.others).luminance
    return (before - after) / max(around * (1 - DARKENED), 1e-3)


def as_markdown(scores: Scores) -> str:
    """A table, and what it says in a sentence."""
    lines = [
        "| distance to the others | alone | beside them | difference (95 %) | spread | closer in |",
        "|---|---|---|---|---|---|",
    ]
    for measure, c in scores.agreement.items():
        interval = f"{c.difference:+.3f} ({c.low:+.3f} to {c.high:+.3f})"
        lines.append(
            f"| {measure} | {c.alone:.3f} | {c.beside:.3f} | {interval} | {c.spread:.3f} "
            f"| {c.better:.0%} |"
        )
    mean, low, high = (f"{value:.0%}" for value in scores.followed)
    verdicts = "; ".join(f"{measure}: {c.verdict}" for measure, c in scores.agreement.items())
    lines += [
        "",
        f"Beside the others: {verdicts}.",
        f"When they are darkened, it follows by {mean} ({low} to {high}) of the change.",
    ]
    return "\n".join(lines) + "\n"


def draw_sheet(cases: Sequence[Case]) -> npt.NDArray[np.uint8]:
    """A row for each case: the others, then the object in each manner, on white, RGB."""
    rows = []
    for case in cases:
        pictures = [*case.others, *(case.made[manner] for manner in Manner)]
        rows.append(np.concatenate([_cell(picture) for picture in pictures], 1))
    head = np.full((28, rows[0].shape[1], 3), 255, np.uint8)
    for column, text in enumerate(("others", "", "alone", "beside", "dark")):
        at = (column * _CELL_PX + 4, 20)
        cv2.putText(head, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0, 0, 0), 1, cv2.LINE_AA)
    return np.asarray(np.concatenate([head, *rows], 0), np.uint8)


def _cell(picture: Rgba) -> npt.NDArray[np.uint8]:
    alpha = picture[..., 3:].astype(np.float32) / 255
    flat = picture[..., :3] * alpha + 255 * (1 - alpha)
    small = cv2.resize(flat, (_CELL_PX, _CELL_PX), interpolation=cv2.INTER_AREA)
    return np.asarray(np.rint(small), np.uint8)


def main(report: Callable[[str], None] = print) -> None:
    """Runs the test."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="DIR")
    parser.add_argument("--documents", type=int, default=DOCUMENTS, metavar="N")
    parser.add_argument("--weights", type=Path, metavar="FOLDER", help="another starter model")
    options = parser.parse_args()
    torch.set_num_threads(1)
    runtime = StarterRuntime(options.weights)
    model = runtime.load()
    labels = [concept.label for concept in model.words.concepts.concepts]

    def run(request: Request) -> Result:
        return runtime.run(request, lambda _progress: None, lambda: False)

    cases: list[Case] = []
    for document in range(options.documents):
        cases += cases_of(document, labels, run)
        report(f"document {document + 1} of {options.documents}")
    scores = scores_of(cases)
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "table.md").write_text(as_markdown(scores), "utf-8")
    values = {"cases": len(cases), "weights": model.checkpoint.weights_hash, **asdict(scores)}
    (options.output / "scores.json").write_text(json.dumps(values, indent=1), "utf-8")
    sheet = cv2.cvtColor(draw_sheet(cases[: 3 * _SHEET_DOCUMENTS : 3]), cv2.COLOR_RGB2BGR)
    cv2.imwrite(str(options.output / "sheet.png"), sheet)
    report(f"{len(cases)} objects of {options.documents} documents\n\n{as_markdown(scores)}")


if __name__ == "__main__":
    main()
