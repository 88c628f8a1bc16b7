"""The one table of actions: menus, tool bar, shortcuts and the README's list come from it.

Free of widgets. A handler is written "controller.method"; the window has the controllers.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, Flag, StrEnum, auto

from PySide6.QtCore import QT_TRANSLATE_NOOP


class Menu(StrEnum):
    """Menus from left to right; the value is the title, shown through the translator."""

    FILE = "&File"
    EDIT = "&Edit"
    LAYER = "&Layer"
    GENERATE = "&Generate"
    TOOLS = "&Tools"
    VIEW = "&View"
    HELP = "&Help"

    @property
    def plain_title(self) -> str:
        """Title without the key mark."""
        return self.value.replace("&", "")


class Condition(Flag):
    """What must hold for an action to be enabled."""

    ALWAYS = 0
    CAN_UNDO = auto()
    CAN_REDO = auto()
    LAYERS = auto()  # the document has a layer
    SELECTION = auto()  # a layer is selected
    SELECTION_OR_BOX = auto()
    ONE_LAYER = auto()  # exactly one layer is selected
    GROUP = auto()  # a group is selected
    BOXES = auto()  # the layout has a box
    GENERATED_LAYER = auto()  # the one selected layer has pixels that can be generated again
    IDLE = auto()  # no job is running
    BUSY = auto()  # a job is running


class Choice(Enum):
    """Groups of which one action is checked."""

    TOOL = auto()
    THEME = auto()


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """One thing the user can do.

    Attributes:
        action_id: Stable name.
        title: English text with "&" marks; shown through the translator.
        menu: Menu it is in.
        handler: "controller.method" of the window.
        shortcuts: The first is shown; Qt's portable text, so Ctrl is Command on macOS.
        icon: Name in `resources/icons`; empty = none.
        needs: Conditions that must all hold.
        toolbar: Shown in the tool bar.
        choice: Group of exclusive actions, or None.
        argument: Passed to the handler; None = nothing is passed.
        separator: A line above it in the menu.
        submenu: Title of a menu inside the menu; empty = none.
    """

    action_id: str
    title: str
    menu: Menu
    handler: str
    shortcuts: tuple[str, ...] = ()
    icon: str = ""
    needs: Condition = Condition.ALWAYS
    toolbar: bool = False
    choice: Choice | None = None
    argument: str | None = None
    separator: bool = False
    submenu: str = ""

    @property
    def plain_title(self) -> str:
        """Title without the key mark and the dots."""
        return self.title.replace("&", "").rstrip("…")


def _t(text: str) -> str:
    return str(QT_TRANSLATE_NOOP("Action", text))


_IDLE_REGENERATE = Condition.GENERATED_LAYER | Condition.IDLE
_THEME = _t("&Theme")

ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("file.new", _t("&New…"), Menu.FILE, "files.new", ("Ctrl+N",), "new"),
    ActionSpec("file.open", _t("&Open…"), Menu.FILE, "files.open", ("Ctrl+O",), "open"),
    ActionSpec(
        "file.save", _t("&Save"), Menu.FILE, "files.save", ("Ctrl+S",), "save", separator=True
    ),
    ActionSpec("file.save_as", _t("Save &As…"), Menu.FILE, "files.save_as", ("Ctrl+Shift+S",)),
    ActionSpec(
        "file.export",
        _t("&Export…"),
        Menu.FILE,
        "files.export",
        ("Ctrl+Shift+E",),
        "export",
        Condition.LAYERS,
    ),
    ActionSpec("file.quit", _t("&Quit"), Menu.FILE, "files.quit", ("Ctrl+Q",), separator=True),
    ActionSpec(
        "edit.undo",
        _t("&Undo"),
        Menu.EDIT,
        "layers.undo",
        ("Ctrl+Z",),
        "undo",
        Condition.CAN_UNDO,
        toolbar=True,
    ),
    ActionSpec(
        "edit.redo",
        _t("&Redo"),
        Menu.EDIT,
        "layers.redo",
        ("Ctrl+Shift+Z", "Ctrl+Y"),
        "redo",
        Condition.CAN_REDO,
        toolbar=True,
    ),
    ActionSpec(
        "edit.delete",
        _t("&Delete"),
        Menu.EDIT,
        "layers.delete",
        ("Del", "Backspace"),
        "delete",
        Condition.SELECTION_OR_BOX,
        separator=True,
    ),
    ActionSpec(
        "edit.select_all",
        _t("Select &All Layers"),
        Menu.EDIT,
        "layers.select_all",
        ("Ctrl+A",),
        needs=Condition.LAYERS,
        separator=True,
    ),
    ActionSpec(
        "edit.deselect",
        _t("D&eselect"),
        Menu.EDIT,
        "layers.deselect",
        ("Ctrl+D",),
        needs=Condition.SELECTION_OR_BOX,
    ),
    ActionSpec(
        "layer.add", _t("&New Empty Layer"), Menu.LAYER, "layers.add", ("Ctrl+Shift+N",), "plus"
    ),
    ActionSpec(
        "layer.duplicate",
        _t("&Duplicate"),
        Menu.LAYER,
        "layers.duplicate",
        ("Ctrl+J",),
        "duplicate",
        Condition.SELECTION,
    ),
    ActionSpec(
        "layer.rename",
        _t("&Rename"),
        Menu.LAYER,
        "layers.rename",
        ("F2",),
        needs=Condition.ONE_LAYER,
    ),
    ActionSpec(
        "layer.group",
        _t("&Group"),
        Menu.LAYER,
        "layers.group",
        ("Ctrl+G",),
        "group",
        Condition.SELECTION,
        separator=True,
    ),
    ActionSpec(
        "layer.ungroup",
        _t("&Ungroup"),
        Menu.LAYER,
        "layers.ungroup",
        ("Ctrl+Shift+G",),
        "ungroup",
        Condition.GROUP,
    ),
    ActionSpec(
        "layer.merge_down",
        _t("&Merge Down"),
        Menu.LAYER,
        "layers.merge_down",
        ("Ctrl+E",),
        "merge-down",
        Condition.ONE_LAYER,
    ),
    ActionSpec(
        "layer.raise",
        _t("Bring &Forward"),
        Menu.LAYER,
        "layers.bring_forward",
        ("Ctrl+]",),
        "raise",
        Condition.ONE_LAYER,
        separator=True,
    ),
    ActionSpec(
        "layer.lower",
        _t("Send &Backward"),
        Menu.LAYER,
        "layers.send_backward",
        ("Ctrl+[",),
        "lower",
        Condition.ONE_LAYER,
    ),
    ActionSpec(
        "layer.toggle_visible",
        _t("Show or &Hide"),
        Menu.LAYER,
        "layers.toggle_visible",
        ("Ctrl+,",),
        "eye",
        Condition.SELECTION,
        separator=True,
    ),
    ActionSpec(
        "layer.toggle_locked",
        _t("&Lock or Unlock"),
        Menu.LAYER,
        "layers.toggle_locked",
        ("Ctrl+/",),
        "lock",
        Condition.SELECTION,
    ),
    ActionSpec(
        "generate.run",
        _t("&Generate Layers"),
        Menu.GENERATE,
        "generation.generate",
        ("Ctrl+Return", "Ctrl+Enter"),
        "generate",
        Condition.IDLE,
    ),
    ActionSpec(
        "generate.cancel",
        _t("&Cancel"),
        Menu.GENERATE,
        "generation.cancel",
        ("Ctrl+.",),
        "stop",
        Condition.BUSY,
    ),
    ActionSpec(
        "generate.regenerate",
        _t("&Regenerate Layer"),
        Menu.GENERATE,
        "generation.regenerate",
        ("Ctrl+R",),
        "regenerate",
        _IDLE_REGENERATE,
        separator=True,
    ),
    ActionSpec(
        "generate.new_seed",
        _t("Roll a New &Seed"),
        Menu.GENERATE,
        "generation.new_seed",
        ("Ctrl+Shift+R",),
        "dice",
    ),
    ActionSpec(
        "generate.clear_boxes",
        _t("Remove All &Boxes"),
        Menu.GENERATE,
        "layers.clear_boxes",
        needs=Condition.BOXES,
        separator=True,
    ),
    ActionSpec(
        "tool.move",
        _t("&Move and Scale"),
        Menu.TOOLS,
        "view.use_tool",
        ("V",),
        "move",
        toolbar=True,
        choice=Choice.TOOL,
        argument="move",
    ),
    ActionSpec(
        "tool.box",
        _t("Layout &Box"),
        Menu.TOOLS,
        "view.use_tool",
        ("B",),
        "layout-box",
        toolbar=True,
        choice=Choice.TOOL,
        argument="layout",
    ),
    ActionSpec(
        "tool.hand",
        _t("&Hand"),
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
        _t("&Zoom"),
        Menu.TOOLS,
        "view.use_tool",
        ("Z",),
        "zoom",
        toolbar=True,
        choice=Choice.TOOL,
        argument="zoom",
    ),
    ActionSpec("view.zoom_in", _t("Zoom &In"), Menu.VIEW, "view.zoom_in", ("Ctrl++", "Ctrl+=")),
    ActionSpec("view.zoom_out", _t("Zoom &Out"), Menu.VIEW, "view.zoom_out", ("Ctrl+-",)),
    ActionSpec("view.fit", _t("&Fit in Window"), Menu.VIEW, "view.fit", ("Ctrl+0",), "fit"),
    ActionSpec("view.actual", _t("&Actual Pixels"), Menu.VIEW, "view.actual_size", ("Ctrl+1",)),
    ActionSpec(
        "view.theme_system",
        _t("Follow the &System"),
        Menu.VIEW,
        "view.use_theme",
        choice=Choice.THEME,
        argument="system",
        separator=True,
        submenu=_THEME,
    ),
    ActionSpec(
        "view.theme_dark",
        _t("&Dark"),
        Menu.VIEW,
        "view.use_theme",
        choice=Choice.THEME,
        argument="dark",
        submenu=_THEME,
    ),
    ActionSpec(
        "view.theme_light",
        _t("&Light"),
        Menu.VIEW,
        "view.use_theme",
        choice=Choice.THEME,
        argument="light",
        submenu=_THEME,
    ),
    ActionSpec("view.panels", _t("Show or Hide &Panels"), Menu.VIEW, "view.toggle_panels", ("F8",)),
    ActionSpec(
        "view.full_screen", _t("F&ull Screen"), Menu.VIEW, "view.toggle_full_screen", ("F11",)
    ),
    ActionSpec(
        "help.shortcuts",
        _t("&Keyboard Shortcuts"),
        Menu.HELP,
        "help.shortcuts",
        ("F1",),
        "keyboard",
    ),
    ActionSpec("help.about", _t("&About Layerloom"), Menu.HELP, "help.about", icon="info"),
)


def find(action_id: str) -> ActionSpec:
    """The action with this id; raises KeyError when there is none."""
    for spec in ACTIONS:
        if spec.action_id == action_id:
            return spec
    raise KeyError(action_id)


def shortcut_table() -> str:
    """All shortcuts as a markdown table, in the order of the menus."""
    lines = ["| Action | Shortcut | Menu |", "|---|---|---|"]
    for menu in Menu:
        for spec in ACTIONS:
            if spec.menu is menu and spec.shortcuts:
                keys = " or ".join(f"`{key}`" for key in spec.shortcuts)
                lines.append(f"| {spec.plain_title} | {keys} | {menu.plain_title} |")
    return "\n".join(lines)
