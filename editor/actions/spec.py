"""What an action is: the words of the action table, free of widgets."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, Flag, StrEnum, auto

from editor.translations import mark


class Menu(StrEnum):
    """Menus from left to right; the value is the title, shown through the translator."""

    FILE = mark("&File")
    EDIT = mark("&Edit")
    IMAGE = mark("&Image")
    SELECT = mark("&Select")
    LAYER = mark("&Layer")
    GENERATE = mark("&Generate")
    TOOLS = mark("&Tools")
    VIEW = mark("&View")
    HELP = mark("&Help")

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
    ONE_LAYER_OR_BOX = auto()  # exactly one layer or one layout box is selected
    GROUP = auto()  # a group is selected
    MASK = auto()  # a selected layer has a mask
    NO_MASK = auto()  # exactly one layer is selected, and it has no mask
    SEVERAL = auto()  # at least two layers are selected
    BOXES = auto()  # the layout has a box
    GUIDES = auto()  # the document has a guide
    AREA = auto()  # a part of the canvas is selected
    TEXT = auto()  # a live text layer is selected
    ONE_UNLOCKED_LAYER = auto()  # the one selected layer has pixels and is not locked
    OUT_OF_DATE = auto()  # a generated layer waits for another try
    GENERATED = auto()  # the document has a generated layer
    VARIATIONS = auto()  # exactly one layer is selected, and it has a choice of pictures
    COPIED_SETTINGS = auto()  # settings of a layer were copied
    IDLE = auto()  # no job is running
    BUSY = auto()  # a job is running


class Choice(Enum):
    """Groups of which one action is checked."""

    TOOL = auto()
    THEME = auto()
    LANGUAGE = auto()


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
        icon_color: Token of the theme in which the icon is drawn.
        needs: Conditions that must all hold.
        toolbar: Shown in the tool bar.
        choice: Group of exclusive actions, or None.
        toggle: Switched on or off by itself; the handler learns which one by its argument.
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
    toggle: bool = False
    argument: str | None = None
    separator: bool = False
    submenu: str = ""
    icon_color: str = "text"

    @property
    def plain_title(self) -> str:
        """Title without the key mark and the dots."""
        return plain(self.title)


def plain(title: str) -> str:
    """A title of a menu in any language without its key mark and the dots."""
    return title.replace("&", "").rstrip("… \u00a0")
