"""The one table of actions: menus, tool bar, shortcuts and the README's list come from it.

Free of widgets. A handler is written "controller.method"; the window has the controllers.
"""

from __future__ import annotations

from editor.actions.clipboard_actions import CLIPBOARD_ACTIONS
from editor.actions.generate_actions import GENERATE_ACTIONS
from editor.actions.image_actions import FILL, IMAGE_ACTIONS, MERGE_ACTIONS, VIA_CUT
from editor.actions.mask_actions import MASK_ACTIONS
from editor.actions.paint_actions import PAINT_ACTIONS
from editor.actions.select_actions import SELECT_ACTIONS, SELECT_TOOLS
from editor.actions.spec import ActionSpec, Choice, Condition, Menu
from editor.actions.tag_actions import TAG_ACTIONS
from editor.actions.transform_actions import TRANSFORM_ACTIONS, TRANSFORM_TOOLS
from editor.translations import languages, mark

__all__ = ["ACTIONS", "ActionSpec", "Choice", "Condition", "Menu", "find"]


_THEME = mark("&Theme")
_SNAP_TO = mark("Snap &To")
_ALIGN = mark("&Align")
_DISTRIBUTE = mark("D&istribute")


def _toggle(
    name: str, title: str, keys: tuple[str, ...] = (), *, separator: bool = False, submenu: str = ""
) -> ActionSpec:
    return ActionSpec(
        f"view.{name}",
        title,
        Menu.VIEW,
        "aids.toggle",
        keys,
        toggle=True,
        argument=name,
        separator=separator,
        submenu=submenu,
    )


def _align(name: str, title: str, icon: str) -> ActionSpec:
    return ActionSpec(
        f"layer.align_{name}",
        title,
        Menu.LAYER,
        "arrange.align",
        icon=icon,
        needs=Condition.SELECTION,
        argument=name,
        separator=name == "left",
        submenu=_ALIGN,
    )


def _distribute(name: str, title: str, icon: str) -> ActionSpec:
    return ActionSpec(
        f"layer.distribute_{name}",
        title,
        Menu.LAYER,
        "arrange.distribute",
        icon=icon,
        needs=Condition.SEVERAL,
        argument=name,
        submenu=_DISTRIBUTE,
    )


def _languages() -> tuple[ActionSpec, ...]:
    """One action for each shipped language; each names itself, whatever the present language."""
    names = {"system": mark("Follow the &System"), **languages()}
    return tuple(
        ActionSpec(
            f"view.language_{code}",
            name,
            Menu.VIEW,
            "view.use_language",
            choice=Choice.LANGUAGE,
            argument=code,
            submenu=mark("Langu&age"),
        )
        for code, name in names.items()
    )


ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("file.new", mark("&New…"), Menu.FILE, "files.new", ("Ctrl+N",), "new"),
    ActionSpec("file.open", mark("&Open…"), Menu.FILE, "files.open", ("Ctrl+O",), "open"),
    ActionSpec("file.recover", mark("Reco&ver Unsaved Work…"), Menu.FILE, "safety.recover"),
    ActionSpec(
        "file.save", mark("&Save"), Menu.FILE, "files.save", ("Ctrl+S",), "save", separator=True
    ),
    ActionSpec("file.save_as", mark("Save &As…"), Menu.FILE, "files.save_as", ("Ctrl+Shift+S",)),
    ActionSpec(
        "file.export",
        mark("&Export…"),
        Menu.FILE,
        "files.export",
        ("Ctrl+Shift+E",),
        "export",
        Condition.LAYERS,
    ),
    ActionSpec("file.quit", mark("&Quit"), Menu.FILE, "files.quit", ("Ctrl+Q",), separator=True),
    ActionSpec(
        "edit.undo",
        mark("&Undo"),
        Menu.EDIT,
        "layers.undo",
        ("Ctrl+Z",),
        "undo",
        Condition.CAN_UNDO,
        toolbar=True,
    ),
    ActionSpec(
        "edit.redo",
        mark("&Redo"),
        Menu.EDIT,
        "layers.redo",
        ("Ctrl+Shift+Z", "Ctrl+Y"),
        "redo",
        Condition.CAN_REDO,
        toolbar=True,
    ),
    *CLIPBOARD_ACTIONS,
    ActionSpec(
        "edit.delete",
        mark("&Delete"),
        Menu.EDIT,
        "layers.delete",
        ("Del", "Backspace"),
        "delete",
        Condition.SELECTION_OR_BOX,
    ),
    FILL,
    ActionSpec(
        "edit.shortcuts",
        mark("&Keyboard Shortcuts…"),
        Menu.EDIT,
        "commands.shortcuts",
        ("F1", "Ctrl+Alt+Shift+K"),
        "keyboard",
        separator=True,
    ),
    ActionSpec("edit.models", mark("&Models…"), Menu.EDIT, "models.manage", icon="layers"),
    *IMAGE_ACTIONS,
    *SELECT_ACTIONS,
    ActionSpec(
        "layer.add", mark("&New Empty Layer"), Menu.LAYER, "layers.add", ("Ctrl+Shift+N",), "plus"
    ),
    ActionSpec(
        "layer.duplicate",
        mark("&Duplicate"),
        Menu.LAYER,
        "layers.duplicate",
        ("Ctrl+J",),
        "duplicate",
        Condition.SELECTION,
    ),
    VIA_CUT,
    ActionSpec(
        "layer.rename",
        mark("&Rename"),
        Menu.LAYER,
        "layers.rename",
        ("F2",),
        needs=Condition.ONE_LAYER,
    ),
    ActionSpec(
        "layer.group",
        mark("&Group"),
        Menu.LAYER,
        "layers.group",
        ("Ctrl+G",),
        "group",
        Condition.SELECTION,
        separator=True,
    ),
    ActionSpec(
        "layer.ungroup",
        mark("&Ungroup"),
        Menu.LAYER,
        "layers.ungroup",
        ("Ctrl+Shift+G",),
        "ungroup",
        Condition.GROUP,
    ),
    ActionSpec(
        "layer.merge_down",
        mark("&Merge Down"),
        Menu.LAYER,
        "layers.merge_down",
        ("Ctrl+E",),
        "merge-down",
        Condition.ONE_LAYER,
    ),
    *MERGE_ACTIONS,
    ActionSpec(
        "layer.raise",
        mark("Bring &Forward"),
        Menu.LAYER,
        "layers.bring_forward",
        ("Ctrl+]",),
        "raise",
        Condition.ONE_LAYER_OR_BOX,
        separator=True,
    ),
    ActionSpec(
        "layer.lower",
        mark("Send &Backward"),
        Menu.LAYER,
        "layers.send_backward",
        ("Ctrl+[",),
        "lower",
        Condition.ONE_LAYER_OR_BOX,
    ),
    *MASK_ACTIONS,
    ActionSpec(
        "layer.toggle_visible",
        mark("Show or &Hide"),
        Menu.LAYER,
        "layers.toggle_visible",
        ("Ctrl+,",),
        "eye",
        Condition.SELECTION,
        separator=True,
    ),
    ActionSpec(
        "layer.toggle_locked",
        mark("&Lock or Unlock"),
        Menu.LAYER,
        "layers.toggle_locked",
        ("Ctrl+/",),
        "lock",
        Condition.SELECTION,
    ),
    *TAG_ACTIONS,
    *TRANSFORM_ACTIONS,
    _align("left", mark("&Left Edges"), "align-left"),
    _align("center", mark("Horizontal &Centers"), "align-center"),
    _align("right", mark("&Right Edges"), "align-right"),
    _align("top", mark("&Top Edges"), "align-top"),
    _align("middle", mark("Vertical C&enters"), "align-middle"),
    _align("bottom", mark("&Bottom Edges"), "align-bottom"),
    _distribute("horizontal_centers", mark("&Horizontal Centers"), "distribute-centers"),
    _distribute("horizontal_gaps", mark("Horizontal &Gaps"), "distribute-gaps"),
    _distribute("vertical_centers", mark("&Vertical Centers"), "distribute-middles"),
    _distribute("vertical_gaps", mark("Vertical G&aps"), "distribute-spaces"),
    ActionSpec(
        "layer.align_to_canvas",
        mark("Align to the Can&vas"),
        Menu.LAYER,
        "arrange.toggle_canvas",
        icon="align-canvas",
        toggle=True,
    ),
    *GENERATE_ACTIONS,
    ActionSpec(
        "tool.move",
        mark("&Move and Scale"),
        Menu.TOOLS,
        "view.use_tool",
        ("V",),
        "move",
        toolbar=True,
        choice=Choice.TOOL,
        argument="move",
    ),
    *SELECT_TOOLS,
    *TRANSFORM_TOOLS,
    ActionSpec(
        "tool.box",
        mark("Layout &Box"),
        Menu.TOOLS,
        "view.use_tool",
        ("K",),
        "layout-box",
        toolbar=True,
        choice=Choice.TOOL,
        argument="layout",
    ),
    *PAINT_ACTIONS,
    ActionSpec(
        "tool.hand",
        mark("&Hand"),
        Menu.TOOLS,
        "view.use_tool",
        ("H",),
        "hand",
        toolbar=True,
        choice=Choice.TOOL,
        argument="hand",
    ),
    ActionSpec(
        "tool.zoom",
        mark("&Zoom"),
        Menu.TOOLS,
        "view.use_tool",
        ("Z",),
        "zoom",
        toolbar=True,
        choice=Choice.TOOL,
        argument="zoom",
    ),
    ActionSpec("view.zoom_in", mark("Zoom &In"), Menu.VIEW, "view.zoom_in", ("Ctrl++", "Ctrl+=")),
    ActionSpec("view.zoom_out", mark("Zoom &Out"), Menu.VIEW, "view.zoom_out", ("Ctrl+-",)),
    ActionSpec("view.fit", mark("&Fit in Window"), Menu.VIEW, "view.fit", ("Ctrl+0",), "fit"),
    ActionSpec("view.actual", mark("&Actual Pixels"), Menu.VIEW, "view.actual_size", ("Ctrl+1",)),
    _toggle("rulers", mark("&Rulers"), ("Ctrl+Alt+R",), separator=True),
    _toggle("guides", mark("&Guides"), ("Ctrl+;",)),
    _toggle("guides_locked", mark("&Lock Guides"), ("Ctrl+Alt+;",)),
    ActionSpec("view.new_guide", mark("&New Guide…"), Menu.VIEW, "aids.new_guide"),
    ActionSpec(
        "view.clear_guides",
        mark("&Clear Guides"),
        Menu.VIEW,
        "aids.clear_guides",
        needs=Condition.GUIDES,
    ),
    _toggle("boxes", mark("Layout &Boxes")),
    _toggle("snap", mark("&Snap"), ("Ctrl+Shift+;",), separator=True),
    _toggle("snap_guides", mark("&Guides"), submenu=_SNAP_TO),
    _toggle("snap_layers", mark("&Layers"), submenu=_SNAP_TO),
    _toggle("snap_boxes", mark("Layout &Boxes"), submenu=_SNAP_TO),
    _toggle("snap_canvas", mark("&Canvas"), submenu=_SNAP_TO),
    _toggle("pixel_grid", mark("Pi&xel Grid"), ("Ctrl+'",)),
    ActionSpec(
        "view.theme_system",
        mark("Follow the &System"),
        Menu.VIEW,
        "view.use_theme",
        choice=Choice.THEME,
        argument="system",
        separator=True,
        submenu=_THEME,
    ),
    ActionSpec(
        "view.theme_dark",
        mark("&Dark"),
        Menu.VIEW,
        "view.use_theme",
        choice=Choice.THEME,
        argument="dark",
        submenu=_THEME,
    ),
    ActionSpec(
        "view.theme_light",
        mark("&Light"),
        Menu.VIEW,
        "view.use_theme",
        choice=Choice.THEME,
        argument="light",
        submenu=_THEME,
    ),
    ActionSpec(
        "view.theme_contrast",
        mark("High &Contrast"),
        Menu.VIEW,
        "view.use_theme",
        choice=Choice.THEME,
        argument="contrast",
        submenu=_THEME,
    ),
    *_languages(),
    ActionSpec(
        "view.palette",
        mark("&Command Palette…"),
        Menu.VIEW,
        "commands.palette",
        ("Ctrl+Shift+P", "Ctrl+K"),
        "search",
        separator=True,
    ),
    ActionSpec(
        "view.panels", mark("Show or Hide &Panels"), Menu.VIEW, "view.toggle_panels", ("F8",)
    ),
    ActionSpec(
        "view.full_screen", mark("F&ull Screen"), Menu.VIEW, "view.toggle_full_screen", ("F11",)
    ),
    ActionSpec("help.about", mark("&About Layerloom"), Menu.HELP, "help.about", icon="info"),
)


def find(action_id: str) -> ActionSpec:
    """The action with this id; raises KeyError when there is none."""
    for spec in ACTIONS:
        if spec.action_id == action_id:
            return spec
    raise KeyError(action_id)
