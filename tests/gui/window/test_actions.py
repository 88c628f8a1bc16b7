"""The action table: complete, without clashes, and true to the window."""

from __future__ import annotations

from collections import Counter

import pytest
from PySide6.QtGui import QKeySequence

import resources
from editor.actions.table import ACTIONS, ActionSpec, Condition, Menu, find
from editor.windows.main_window import MainWindow
from tests.gui.window.conftest import MakeWindow
from tests.gui.window.scenes import APPLE, DOG, FRUIT, layered


def test_ids_and_shortcuts_are_unique() -> None:
    ids = Counter(spec.action_id for spec in ACTIONS)
    keys = Counter(QKeySequence(key).toString() for spec in ACTIONS for key in spec.shortcuts)
    assert [name for name, count in ids.items() if count > 1] == []
    assert [key for key, count in keys.items() if count > 1 or not key] == []


def test_every_icon_is_shipped() -> None:
    missing = [
        s.icon
        for s in ACTIONS
        if s.icon and not resources.locate("icons", f"{s.icon}.svg").is_file()
    ]
    assert missing == []


@pytest.mark.parametrize("spec", ACTIONS, ids=lambda spec: spec.action_id)
def test_every_action_has_a_handler(window: MainWindow, spec: ActionSpec) -> None:
    controller, method = spec.handler.split(".")
    assert callable(getattr(getattr(window, controller), method))


def test_every_action_is_in_its_menu(window: MainWindow) -> None:
    for spec in ACTIONS:
        menu = window.actions_by_id.menu(spec.menu)
        inside = set(menu.actions())
        for action in menu.actions():
            if action.menu() is not None:
                inside |= set(action.menu().actions())  # type: ignore[attr-defined]
        assert window.actions_by_id[spec.action_id] in inside


def test_an_empty_document_offers_little(window: MainWindow) -> None:
    enabled = {s.action_id for s in ACTIONS if window.actions_by_id[s.action_id].isEnabled()}
    needless = {s.action_id for s in ACTIONS if s.needs in (Condition.ALWAYS, Condition.IDLE)}
    assert enabled == needless


def test_selection_decides_what_is_enabled(make_window: MakeWindow) -> None:
    window = make_window(layered())
    document = window.session.document

    def enabled(action_id: str) -> bool:
        return window.actions_by_id[action_id].isEnabled()

    document.select([APPLE])
    assert enabled("generate.regenerate")
    assert enabled("layer.merge_down")
    assert not enabled("layer.ungroup")
    document.select([FRUIT])
    assert enabled("layer.ungroup")
    assert not enabled("generate.regenerate")
    document.select([APPLE, DOG])
    assert enabled("layer.group")
    assert not enabled("layer.rename")
    document.select([])
    assert not enabled("edit.delete")
    assert enabled("file.export")


def test_undo_names_what_it_takes_back(make_window: MakeWindow) -> None:
    window = make_window(layered())
    window.session.document.select([DOG])
    window.actions_by_id["edit.delete"].trigger()
    assert window.actions_by_id["edit.undo"].text() == "&Undo Delete Layer"
    window.actions_by_id["edit.undo"].trigger()
    assert window.actions_by_id["edit.redo"].text() == "&Redo Delete Layer"


def test_menus_have_titles() -> None:
    assert [menu.plain_title for menu in Menu][:4] == ["File", "Edit", "Image", "Select"]
    assert find("edit.undo").plain_title == "Undo"
