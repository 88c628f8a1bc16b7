"""Layer > Layer Mask and the clipping entries, as a part of the action table."""

from __future__ import annotations

from editor.actions.spec import ActionSpec, Condition, Menu
from editor.translations import mark

_MASK = mark("Layer Mas&k")


def _mask(name: str, title: str) -> ActionSpec:
    return ActionSpec(
        f"layer.mask_{name}",
        title,
        Menu.LAYER,
        f"masks.{name}",
        needs=Condition.MASK,
        submenu=_MASK,
    )


def _new(fill: str, title: str, needs: Condition = Condition.NO_MASK, icon: str = "") -> ActionSpec:
    return ActionSpec(
        f"layer.mask_{fill}",
        title,
        Menu.LAYER,
        "masks.add",
        icon=icon,
        needs=needs,
        argument=fill,
        separator=bool(icon),
        submenu=_MASK,
    )


MASK_ACTIONS: tuple[ActionSpec, ...] = (
    _new("reveal_all", mark("Add Mask, &Reveal All"), icon="mask"),
    _new("hide_all", mark("Add Mask, &Hide All")),
    _new("reveal_selection", mark("Add Mask from &Selection"), Condition.NO_MASK | Condition.AREA),
    _new("hide_selection", mark("Add Mask, Hide Se&lection"), Condition.NO_MASK | Condition.AREA),
    _mask("toggle_editing", mark("&Edit Mask or Pixels")),
    _mask("toggle_enabled", mark("Enable or Disable &Mask")),
    _mask("apply", mark("&Apply Mask")),
    _mask("delete", mark("&Delete Mask")),
    ActionSpec(
        "layer.toggle_clipped",
        mark("Create or Release Cli&pping Mask"),
        Menu.LAYER,
        "masks.toggle_clipped",
        ("Ctrl+Alt+G",),
        "clipped",
        Condition.SELECTION,
    ),
    ActionSpec(
        "layer.toggle_isolated",
        mark("Isolate Group or Pass Thr&ough"),
        Menu.LAYER,
        "masks.toggle_isolated",
        needs=Condition.GROUP,
    ),
)
