"""The plan for pictures of a plain FLUX model of the shelf, before a job and at its start."""

from __future__ import annotations

from dataclasses import replace

from engine.checkpoints.catalogue import Feature, known_model
from engine.checkpoints.full_size import picture_components, unchanged
from engine.checkpoints.recognise import Layout
from engine.checkpoints.shelf import Shelf, ShelfModel
from engine.errors import RequestError
from engine.memory.estimate import Work
from engine.memory.machine import Machine, this_machine
from engine.memory.measured import MEASURED_FILE, load_measured
from engine.memory.plan import Plan, make_plan
from engine.memory.strategies import Strategy
from engine.sentences import sentence

# Others need the transformer rounded before diffusers' pipeline is put together.
_WAYS = (Strategy.ALL, Strategy.GROUP_OFFLOAD, Strategy.SEQUENTIAL)


def plan_pictures(
    shelf: Shelf,
    model: ShelfModel,
    width: int,
    height: int,
    *,
    steps: int,
    machine: Machine | None = None,
) -> Plan:
    """How pictures of a size would be drawn, one at a time; the time is that of one.

    Args:
        machine: None = this one.

    Raises:
        RequestError: The model makes no pictures by itself.
        CheckpointError: Its files, or those of a part it needs, are missing or have changed.
    """
    entry = known_model(model.model_id) if model.model_id else None
    if entry is None or Feature.LAYER_FLUX not in entry.unlocks:
        raise RequestError(
            sentence(
                "{title} makes no pictures by itself; choose another model.", title=model.title
            )
        )
    counted = replace(entry, components=picture_components(shelf, unchanged(model)))
    work = Work(Feature.LAYER_FLUX, width, height, steps=steps)
    packed = Layout(model.layout) is Layout.FLUX1_GGUF

    def unusable(way: Strategy) -> str:
        usable = way is Strategy.GGUF if packed else way in _WAYS
        return "" if usable else sentence("not used for pictures of this model")

    before = load_measured(shelf.folder / MEASURED_FILE)
    return make_plan(counted, work, machine or this_machine(), before, unusable=unusable)
