"""Why an action cannot be used now, as a sentence for the command palette."""

from __future__ import annotations

from editor.actions.table import ActionSpec, Condition
from editor.translations import mark, tr

# In the order in which they are looked at: what was asked first helps most.
_REASONS: tuple[tuple[Condition, str], ...] = (
    (Condition.CAN_UNDO, mark("There is nothing to undo.")),
    (Condition.CAN_REDO, mark("There is nothing to redo.")),
    (Condition.LAYERS, mark("The document has no layers yet.")),
    (Condition.ONE_LAYER, mark("Select exactly one layer first.")),
    (Condition.ONE_LAYER_OR_BOX, mark("Select one layer or one box first.")),
    (Condition.GROUP, mark("Select a group first.")),
    (Condition.MASK, mark("Select a layer with a mask first.")),
    (Condition.NO_MASK, mark("Select one layer without a mask first.")),
    (Condition.ONE_UNLOCKED_LAYER, mark("Select one unlocked layer with pixels first.")),
    (Condition.SEVERAL, mark("Select at least two layers first.")),
    (Condition.SELECTION, mark("Select a layer first.")),
    (Condition.SELECTION_OR_BOX, mark("Select a layer or a box first.")),
    (Condition.BOXES, mark("The layout has no boxes.")),
    (Condition.TEXT, mark("Select a text layer first.")),
    (Condition.AREA, mark("Select a part of the canvas first.")),
    (Condition.GUIDES, mark("The document has no guides.")),
    (Condition.OUT_OF_DATE, mark("No layer is out of date.")),
    (Condition.GENERATED, mark("The document has no generated layers.")),
    (Condition.VARIATIONS, mark("Select one layer with several variations first.")),
    (Condition.COPIED_SETTINGS, mark("Copy the settings of a generated layer first.")),
    (Condition.IDLE, mark("A job is running; wait or cancel it first.")),
    (Condition.BUSY, mark("No job is running.")),
)


def reason(spec: ActionSpec, holds: Condition) -> str:
    """The first need of the action that does not hold; empty when all do."""
    missing = spec.needs & ~holds
    for condition, text in _REASONS:
        if condition in missing:
            return tr(text)
    return ""
