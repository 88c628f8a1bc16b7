"""The plan for a job of all layers on a model of the shelf: the same before and at its start."""

from __future__ import annotations

from dataclasses import replace

from engine.checkpoints.catalogue import Feature, known_model
from engine.checkpoints.full_size import components_of, unchanged
from engine.checkpoints.shelf import Shelf, ShelfModel
from engine.errors import RequestError
from engine.memory.estimate import Work
from engine.memory.machine import Machine, this_machine
from engine.memory.measured import MEASURED_FILE, load_measured
from engine.memory.picture_plan import plan_pictures
from engine.memory.placement import missing_library
from engine.memory.plan import Plan, make_plan
from engine.models.drawing_size import drawing_size
from engine.sentences import sentence


def plan_document(
    shelf: Shelf,
    model: ShelfModel,
    width: int,
    height: int,
    *,
    boxes: int,
    covered: int,
    steps: int,
) -> Plan:
    """How a whole document would be made here: in one run, or one picture after the other.

    Arguments and errors as those of `plan_layout`; the time is that of one run or picture.
    """
    entry = known_model(model.model_id) if model.model_id else None
    if entry is None or entry.makes_layers:
        return plan_layout(shelf, model, width, height, boxes=boxes, covered=covered, steps=steps)
    size = drawing_size(width, height)  # the background is the largest picture
    return plan_pictures(shelf, model, *size, steps=steps)


def plan_layout(
    shelf: Shelf,
    model: ShelfModel,
    width: int,
    height: int,
    *,
    boxes: int,
    covered: int,
    steps: int,
    machine: Machine | None = None,
) -> Plan:
    """How the job would run; ways that need a library that is not there are left out.

    Args:
        covered: Pixels in all boxes together.
        machine: None = this one.

    Raises:
        RequestError: The model makes no layers.
        CheckpointError: Its files, or those of a part it needs, are missing or have changed.
    """
    entry = known_model(model.model_id) if model.model_id else None
    if entry is None or not entry.makes_layers:
        raise RequestError(
            sentence(
                "{title} makes pictures and no layers; choose an ART model.", title=model.title
            )
        )
    made = replace(entry, components=components_of(shelf, unchanged(model)))
    share = covered / (width * height) / max(boxes, 1)
    work = Work(
        Feature.TEXT_TO_LAYERS, width, height, boxes=boxes, box_share=share, steps=steps
    )  # fmt: skip
    before = load_measured(shelf.folder / MEASURED_FILE)
    return make_plan(made, work, machine or this_machine(), before, unusable=missing_library)
