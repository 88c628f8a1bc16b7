"""Masks and clipping in the layers panel and the Layer menu of the real window."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from editor.commands.mask_commands import AddMask, MaskFill, SetClipped
from editor.commands.paint_commands import SetSelection
from editor.document.blending import BlendMode
from editor.document.masks import CoverageBuffer, Mask
from editor.panels.layer_delegate import RowParts
from editor.panels.layer_model import LayerRole, Painted
from editor.windows.main_window import MainWindow
from tests.gui.window.conftest import MakeWindow
from tests.gui.window.scenes import APPLE, DOG, FRUIT, SKY, activate, layered


@pytest.fixture
def window(make_window: MakeWindow) -> MainWindow:
    return make_window(layered())


def parts_of(window: MainWindow, layer_id: str) -> RowParts:
    tree = window.layers_panel.tree
    index = tree._layers.index_of(layer_id)
    return RowParts.of(tree.visualRect(index), window.session.document.layer(layer_id))


def click(window: MainWindow, at: QPoint, *, shift: bool = False) -> None:
    modifier = Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier
    viewport = window.layers_panel.tree.viewport()
    QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, modifier, at)


def painted(window: MainWindow, layer_id: str) -> Painted | None:
    index = window.layers_panel.tree._layers.index_of(layer_id)
    value: Painted | None = index.data(LayerRole.PAINTED)
    return value


def mask_of(window: MainWindow, layer_id: str) -> Mask:
    mask = window.session.document.layer(layer_id).mask
    assert mask is not None
    return mask


def test_a_mask_is_added_and_painted_on(window: MainWindow) -> None:
    document = window.session.document
    document.select([DOG])
    window.actions_by_id["layer.mask_hide_all"].trigger()
    assert not mask_of(window, DOG).coverage.array.any()
    assert document.editing_mask
    assert painted(window, DOG) is Painted.MASK
    assert not window.actions_by_id["layer.mask_reveal_all"].isEnabled()
    window.actions_by_id["layer.mask_toggle_editing"].trigger()
    assert painted(window, DOG) is Painted.PIXELS
    window.session.undo()
    assert document.layer(DOG).mask is None


def test_the_selection_becomes_a_mask(window: MainWindow) -> None:
    window.session.document.select([DOG])
    assert not window.actions_by_id["layer.mask_reveal_selection"].isEnabled()
    coverage = CoverageBuffer.filled(20, 20, 255)
    window.session.push(SetSelection(Mask(coverage=coverage, offset=(5, 5))))
    window.actions_by_id["layer.mask_reveal_selection"].trigger()
    assert mask_of(window, DOG).shown_box.as_tuple() == (5, 5, 25, 25)


def test_clicks_on_the_thumbnails_choose_what_is_painted(qtbot: QtBot, window: MainWindow) -> None:
    window.session.push(AddMask(DOG))
    window.session.document.select([SKY])
    click(window, parts_of(window, DOG).mask.center())
    assert window.session.document.selected_ids == (DOG,)
    assert painted(window, DOG) is Painted.MASK
    click(window, parts_of(window, DOG).thumbnail.center())
    assert painted(window, DOG) is Painted.PIXELS
    click(window, parts_of(window, SKY).thumbnail.center())
    assert window.session.document.selected_ids == (SKY,)


def test_shift_click_switches_a_mask_off_and_on(qtbot: QtBot, window: MainWindow) -> None:
    window.session.push(AddMask(FRUIT, MaskFill.HIDE_ALL))
    click(window, parts_of(window, FRUIT).mask.center(), shift=True)
    assert not mask_of(window, FRUIT).enabled
    click(window, parts_of(window, FRUIT).mask.center(), shift=True)
    assert mask_of(window, FRUIT).enabled


def test_a_disabled_mask_has_a_cross(qtbot: QtBot, window: MainWindow) -> None:
    window.session.push(AddMask(DOG, MaskFill.HIDE_ALL))
    tree = window.layers_panel.tree
    area = parts_of(window, DOG).mask.adjusted(4, 4, -4, -4)

    def colors() -> set[str]:
        image = tree.viewport().grab(area).toImage()
        points = [(x, y) for x in range(image.width()) for y in range(image.height())]
        return {image.pixelColor(x, y).name() for x, y in points}

    qtbot.waitUntil(lambda: colors() == {"#000000"})
    window.session.document.select([DOG])
    window.actions_by_id["layer.mask_toggle_enabled"].trigger()
    assert len(colors()) > 1


def test_masks_are_applied_and_deleted_from_the_menu(window: MainWindow) -> None:
    document = window.session.document
    document.select([DOG])
    window.actions_by_id["layer.mask_hide_all"].trigger()
    window.actions_by_id["layer.mask_apply"].trigger()
    assert document.layer(DOG).mask is None
    assert document.raster(DOG).pixels.alpha_box.is_empty
    window.session.undo()
    window.actions_by_id["layer.mask_delete"].trigger()
    assert document.layer(DOG).mask is None
    assert not document.raster(DOG).pixels.alpha_box.is_empty


def test_clipping_by_its_shortcut(qtbot: QtBot, window: MainWindow) -> None:
    activate(qtbot, window)
    window.session.document.select([DOG])
    unclipped = parts_of(window, DOG)
    window.canvas.setFocus()
    modifiers = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    QTest.keyClick(window.canvas, Qt.Key.Key_G, modifiers)
    assert window.session.document.layer(DOG).clipped
    clipped = parts_of(window, DOG)
    assert unclipped.clip.isEmpty()
    assert not clipped.clip.isEmpty()
    assert clipped.thumbnail.left() > unclipped.thumbnail.left()
    QTest.keyClick(window.canvas, Qt.Key.Key_G, modifiers)
    assert not window.session.document.layer(DOG).clipped


def test_groups_are_isolated_from_the_menu(window: MainWindow) -> None:
    document = window.session.document
    document.select([FRUIT])
    window.actions_by_id["layer.toggle_isolated"].trigger()
    assert document.layer(FRUIT).blend_mode is BlendMode.NORMAL
    window.actions_by_id["layer.toggle_isolated"].trigger()
    assert document.layer(FRUIT).blend_mode is BlendMode.PASS_THROUGH


def test_rows_say_what_they_show(window: MainWindow) -> None:
    window.session.push(AddMask(APPLE))
    window.session.push(SetClipped((DOG,), True))
    model = window.layers_panel.tree._layers
    spoken = Qt.ItemDataRole.AccessibleTextRole
    assert "masked" in model.index_of(APPLE).data(spoken)
    assert "clipped" in model.index_of(DOG).data(spoken)


def test_thumbnails_of_masks_are_gray() -> None:
    values = np.zeros((300, 500), np.uint8)
    values[:, 250:] = 255
    small = CoverageBuffer.from_array(values).thumbnail(72)
    assert small.shape == (43, 72)
    assert (small[:, :35] == 0).all()
    assert (small[:, 37:] == 255).all()


def test_masks_of_several_layers_are_applied_in_one_step(window: MainWindow) -> None:
    document = window.session.document
    for layer_id in (DOG, APPLE):
        window.session.push(AddMask(layer_id, MaskFill.HIDE_ALL))
    steps = window.session.history.position
    document.select([DOG, APPLE])
    window.actions_by_id["layer.mask_apply"].trigger()
    assert window.session.history.position == steps + 1
    for layer_id in (DOG, APPLE):
        assert document.layer(layer_id).mask is None
        assert not document.raster(layer_id).pixels.array[..., 3].any()
    window.actions_by_id["edit.undo"].trigger()
    assert all(document.layer(layer_id).mask is not None for layer_id in (DOG, APPLE))
