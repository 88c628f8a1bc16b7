"""A generation record in words: names and values as the record panel lists them."""

from __future__ import annotations

from editor.document.document import Document
from editor.document.geometry import Corners
from editor.document.layers import RasterLayer
from editor.document.recipe import GenerationRecord, RecordKind, RecordStatus
from editor.document.run_details import RunDetails
from editor.document.wishes import LayerWish
from editor.panels.style_names import style_name
from editor.translations import decimal, mark, tr, tr_count

HASH_CHARACTERS = 12
_THROUGHOUT = "throughout"  # which way the engine has recolored it, for making it again
_ZERO_WIDTH_SPACE = "\u200b"


_STATUS = {
    RecordStatus.CURRENT: mark("Current"),
    RecordStatus.EDITED: mark("Edited"),
    RecordStatus.OUT_OF_DATE: mark("Out of date"),
}
_ROUTES = {
    "together": mark("together with all layers"),
    "alone": mark("by itself"),
    "context": mark("beside the other layers"),
    "cutout": mark("cut out of a flat picture"),
}
_SOFTENED = {
    "soft shadows": mark("drawn, then smoothed"),
    "glow": mark("drawn, then smoothed"),
    "soft shadows added": mark("added under the drawing"),
    "glow added": mark("added under the drawing"),
}
_ALPHA = {
    "decoder": mark("transparent decoder"),
    "matting": mark("matting network"),
    "colour": mark("distance from the ground's color"),
}
_COLORS = {
    "red": mark("red"),
    "orange": mark("orange"),
    "yellow": mark("yellow"),
    "green": mark("green"),
    "blue": mark("blue"),
    "purple": mark("purple"),
    "pink": mark("pink"),
    "brown": mark("brown"),
    "black": mark("black"),
    "white": mark("white"),
    "grey": mark("gray"),
}


def status_text(status: RecordStatus) -> str:
    """A status in words."""
    return tr(_STATUS[status])


def record_rows(document: Document, layer: RasterLayer) -> list[tuple[str, str]]:
    """(name, value) of all that is known of how a layer was generated."""
    record = layer.record
    if record is None:
        return []
    rows = [
        *_wished(layer.wish),
        (tr("Prompt"), record.typed_prompt),
        (tr("Sent to the model"), record.effective_prompt),
        (tr("Negative prompt"), record.negative_prompt),
        (tr("Style"), style_name(record.style) if record.style else ""),
        (tr("Box"), _box(record.box)),
        (tr("Place in the stack"), str(record.z_index) if record.z_index else tr("background")),
        (tr("Seed"), str(record.seed)),
        (tr("Try"), str(record.attempt + 1)),
        (tr("Steps"), str(record.steps) if record.steps else ""),
        (tr("Guidance"), _guidance(record)),
        (tr("Strength"), f"{round(100 * record.strength)} %" if record.strength else ""),
        (tr("Refined from"), _refined(record.source_record)),
        (tr("Made"), tr(_ROUTES[record.route]) if record.route in _ROUTES else record.route),
        (
            tr("Transparency"),
            tr(_ALPHA[record.alpha_route]) if record.alpha_route in _ALPHA else "",
        ),
        (tr("Recolored to"), _color_name(record.recolour)),
        (
            tr("Shadow or glow"),
            tr(_SOFTENED[record.softened]) if record.softened in _SOFTENED else record.softened,
        ),
        (tr("Beside"), _names(document, record)),
        (tr("Model"), record.checkpoint),
        (tr("Weights"), record.weights_hash[:HASH_CHARACTERS]),
        *_run(record.run),
        (tr("Engine"), record.engine_version),
    ]
    return [(name, _breakable(value)) for name, value in rows if value]


def _wished(wish: LayerWish | None) -> list[tuple[str, str]]:
    """What the next try will be like, first: it is why the layer is out of date."""
    if wish is None:
        return []
    parts = [
        tr("prompt “{prompt}”", prompt=wish.prompt) if wish.prompt else "",
        tr("box {box}", box=_box(wish.box)) if wish.box else "",
        tr("style {style}", style=style_name(wish.style)) if wish.style else "",
        tr("seed {seed}", seed=wish.seed) if wish.seed is not None else "",
        tr_count("{count} step", "{count} steps", wish.steps) if wish.steps else "",
        tr("guidance {value}", value=decimal(wish.guidance, 1)) if wish.guidance else "",
        tr("without “{prompt}”", prompt=wish.negative_prompt) if wish.negative_prompt else "",
    ]
    return [(tr("Next try"), ", ".join(filter(None, parts)))]


def _color_name(word: str) -> str:
    """Colors of the engine's, words and numbers, in the language of the window."""
    shown = [part for part in word.split() if part != _THROUGHOUT]
    named = [tr(_COLORS[part]) if part in _COLORS else part for part in shown]
    return " ".join("–" if part in ("to", "on") else part for part in named)


def _guidance(record: GenerationRecord) -> str:
    if record.kind is RecordKind.IMPORTED:
        return ""
    text = decimal(record.true_guidance, 1)
    if record.distilled_guidance is None:
        return text
    return tr("{value}, distilled {other}", value=text, other=decimal(record.distilled_guidance, 1))


def _run(run: RunDetails | None) -> list[tuple[str, str]]:
    """How a full-size model was run."""
    if run is None:
        return []
    loras = [f"{each.name} × {decimal(each.weight, 2)}" for each in run.adapters]
    return [
        (tr("LoRA"), ", ".join(loras)),
        (tr("Attention"), run.attention),
        (tr("First-block cache"), _caching(run)),
    ]


def _caching(run: RunDetails) -> str:
    if not run.first_block_cache:
        return ""
    values = {
        "limit": decimal(run.first_block_cache, 2), "reused": run.reused, "all": run.evaluations,
    }  # fmt: skip
    if run.cache_error is None:
        return tr("limit {limit}: {reused} of {all} evaluations reused", **values)
    return tr(
        "limit {limit}: {reused} of {all} evaluations reused, {error} % off the exact result",
        error=decimal(100 * run.cache_error, 1),
        **values,
    )


def _refined(source: GenerationRecord | None) -> str:
    """The try that was refined, as in the line about a layer."""
    if source is None:
        return ""
    made = (tr("seed {seed}", seed=source.seed), tr("try {attempt}", attempt=source.attempt + 1))
    return " · ".join(made)


def _box(box: Corners) -> str:
    return f"{box[0]}, {box[1]} · {box[2] - box[0]} × {box[3] - box[1]} px"


def _names(document: Document, record: GenerationRecord) -> str:
    """Names of the layers of the same job that are still there, and how many are not."""
    there = [i for i in record.context_layers if document.has_layer(i)]
    names = [document.layer(i).name for i in there]
    gone = len(record.context_layers) - len(there)
    if gone:
        names.append(tr("{count} more that are gone", count=gone))
    return ", ".join(names)


def _breakable(text: str) -> str:
    """Long words may be broken after these characters, so that nothing is cut."""
    for character in "/_-":
        text = text.replace(character, character + _ZERO_WIDTH_SPACE)
    return text
