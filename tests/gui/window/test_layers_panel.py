"""The layers panel follows the document, and each of its parts is a command."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QMenu, QSlider, QSpinBox, QWidget
from pytestqt.qtbot import QtBot

from editor.commands.mask_commands import SetClipped
from editor.commands.property_commands import RenameLayer
from editor.document.blending import LAYER_MODES, BlendMode
from editor.document.color_tags import ColorTag
from editor.document.layers import GroupLayer
from editor.panels.layer_delegate import RowParts
from editor.panels.layers_panel import LayerTree
from editor.theme import load_tokens
from editor.windows.main_window import MainWindow
from tests.gui.window.conftest import MakeWindow
from tests.gui.window.scenes import APPLE, DOG, FRUIT, SKY, activate, layered, names

Left = Qt.MouseButton.LeftButton


def shown(tree: LayerTree, parent: QModelIndex | None = None) -> list[object]:
    """Names from top to bottom, groups as (name, inside)."""
    model, parent = tree.model(), parent or QModelIndex()
    result: list[object] = []
    for row in range(model.rowCount(parent)):
        index = model.index(row, 0, parent)
        inside = shown(tree, index)
        result.append((index.data(), inside) if inside else index.data())
    return result


def index_of(window: MainWindow, layer_id: str) -> QModelIndex:
    return window.layers_panel.tree._layers.index_of(layer_id)


def parts_of(window: MainWindow, layer_id: str) -> RowParts:
    return RowParts.of(window.layers_panel.tree.visualRect(index_of(window, layer_id)))


def click(qtbot: QtBot, window: MainWindow, at: QPoint) -> None:
    QTest.mouseClick(window.layers_panel.tree.viewport(), Left, pos=at)


def test_rows_are_the_layers_topmost_first(make_window: MakeWindow) -> None:
    window = make_window(layered())
    tree = window.layers_panel.tree
    assert shown(tree) == ["dog", ("fruit", ["apple"]), "sky"]
    window.session.push(RenameLayer(DOG, "Rex"))
    assert shown(tree)[0] == "Rex"
    window.session.undo()
    assert shown(tree)[0] == "dog"


def test_eye_and_lock_are_clicked_in_the_row(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(layered())
    click(qtbot, window, parts_of(window, DOG).eye.center())
    assert not window.session.document.layer(DOG).visible
    click(qtbot, window, parts_of(window, DOG).lock.center())
    assert window.session.document.layer(DOG).locked
    assert window.session.history.labels == ("Hide Layer", "Lock Layer")


def test_the_arrow_closes_a_group(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(layered())
    tree = window.layers_panel.tree
    assert tree.isExpanded(index_of(window, FRUIT))
    click(qtbot, window, parts_of(window, FRUIT).arrow.center())
    group = window.session.document.layer(FRUIT)
    assert isinstance(group, GroupLayer)
    assert not group.expanded
    assert not tree.isExpanded(index_of(window, FRUIT))


def test_arrow_keys_walk_through_groups(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(layered())
    document, tree = window.session.document, window.layers_panel.tree

    def is_open() -> bool:
        group = document.layer(FRUIT)
        assert isinstance(group, GroupLayer)
        return group.expanded and tree.isExpanded(index_of(window, FRUIT))

    document.select([APPLE])
    QTest.keyClick(tree, Qt.Key.Key_Left)
    assert document.selected_ids == (FRUIT,)
    assert is_open()
    QTest.keyClick(tree, Qt.Key.Key_Left)
    assert not is_open()
    QTest.keyClick(tree, Qt.Key.Key_Left)  # nowhere to go
    assert document.selected_ids == (FRUIT,)
    QTest.keyClick(tree, Qt.Key.Key_Right)
    assert is_open()
    QTest.keyClick(tree, Qt.Key.Key_Right)
    assert document.selected_ids == (APPLE,)
    QTest.keyClick(tree, Qt.Key.Key_Right)
    assert document.selected_ids == (APPLE,)


def test_the_wheel_changes_only_what_has_focus(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(layered())
    window.session.document.select([DOG])
    activate(qtbot, window)
    look, panel = window.layers_panel.look, window.generate_panel
    fields = (look.mode, look.slider, look.percent, panel.style_box, panel.steps)
    panel.prompt.setFocus()
    before = [value_of(field) for field in fields]
    for field in fields:
        turn_wheel(field)
    assert [value_of(field) for field in fields] == before
    assert panel.prompt.hasFocus()
    for field in fields:
        field.setFocus()
        turn_wheel(field)
    assert all(value_of(field) != old for field, old in zip(fields, before, strict=True))


def value_of(field: QWidget) -> int:
    if isinstance(field, QComboBox):
        return field.currentIndex()
    assert isinstance(field, QSlider | QSpinBox)
    return field.value()


def turn_wheel(field: QWidget) -> None:
    """One notch towards the user, as the window system sends it."""
    middle = QPointF(field.rect().center())
    event = QWheelEvent(
        middle,
        QPointF(field.mapToGlobal(middle)),
        QPoint(),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(field, event)


def test_selections_follow_each_other(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(layered())
    document, tree = window.session.document, window.layers_panel.tree
    click(qtbot, window, parts_of(window, APPLE).text.center())
    assert document.selected_ids == (APPLE,)
    QTest.mouseClick(
        tree.viewport(),
        Left,
        Qt.KeyboardModifier.ControlModifier,
        parts_of(window, SKY).text.center(),
    )
    assert set(document.selected_ids) == {APPLE, SKY}
    assert document.active_id == SKY
    document.select([DOG])
    assert [index.data() for index in tree.selectedIndexes()] == ["dog"]


def test_a_name_is_edited_in_place(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(layered())
    window.session.document.select([APPLE])
    window.actions_by_id["layer.rename"].trigger()
    editor = window.layers_panel.tree.findChild(QLineEdit)
    assert editor is not None
    editor.setText("Äpfel 苹果")  # an input method; key events reach Latin letters only
    QTest.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.session.document.layer(APPLE).name == "Äpfel 苹果")
    assert window.session.history.labels == ("Rename Layer",)


def test_space_hides_the_current_layer(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(layered())
    window.session.document.select([DOG])
    QTest.keyClick(window.layers_panel.tree, Qt.Key.Key_Space)
    assert not window.session.document.layer(DOG).visible


def drop(qtbot: QtBot, window: MainWindow, ids: list[str], row: int, onto: QModelIndex) -> None:
    """What the view does when dragged rows are let go."""
    model = window.layers_panel.tree.model()
    data = model.mimeData([index_of(window, layer_id) for layer_id in ids])
    before = window.session.history.position
    model.dropMimeData(data, Qt.DropAction.MoveAction, row, 0, onto)
    qtbot.waitUntil(lambda: window.session.history.position > before, timeout=1000)


def test_dropping_between_rows_reorders(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(layered())
    drop(qtbot, window, [SKY], 0, QModelIndex())  # above the topmost row
    assert names(window) == ["fruit", "apple", "dog", "sky"]
    drop(qtbot, window, [SKY], 3, QModelIndex())  # below the last row
    assert names(window) == ["sky", "fruit", "apple", "dog"]


def test_dropping_onto_a_group_puts_it_inside(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(layered())
    drop(qtbot, window, [DOG], -1, index_of(window, FRUIT))
    assert shown(window.layers_panel.tree) == [("fruit", ["dog", "apple"]), "sky"]
    drop(qtbot, window, [APPLE], 0, QModelIndex())
    assert shown(window.layers_panel.tree) == ["apple", ("fruit", ["dog"]), "sky"]


def test_a_group_is_not_dropped_into_itself(make_window: MakeWindow) -> None:
    window = make_window(layered())
    model = window.layers_panel.tree.model()
    data = model.mimeData([index_of(window, FRUIT)])
    action = Qt.DropAction.MoveAction
    assert not model.canDropMimeData(data, action, 0, 0, index_of(window, FRUIT))
    assert not model.canDropMimeData(data, action, -1, 0, index_of(window, DOG))
    assert model.canDropMimeData(data, action, 0, 0, QModelIndex())


def test_dragging_the_opacity_is_one_step(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(layered())
    window.session.document.select([DOG])
    slider = window.layers_panel.look.slider
    slider.sliderPressed.emit()
    for value in (90, 70, 40):
        slider.setValue(value)
    slider.sliderReleased.emit()
    assert round(window.session.document.layer(DOG).opacity * 100) == 40
    assert window.layers_panel.look.percent.value() == 40
    assert window.session.history.labels == ("Change Opacity",)
    window.session.undo()
    assert slider.value() == 100


def test_the_27_modes_are_offered_in_groups(make_window: MakeWindow) -> None:
    window = make_window(layered())
    mode = window.layers_panel.look.mode
    window.session.document.select([DOG])
    offered = [mode.itemData(i) for i in range(mode.count()) if mode.itemData(i) is not None]
    assert offered == [blend.id for blend in LAYER_MODES]
    assert len(offered) == 27
    assert mode.count() - len(offered) == 5  # lines between the groups
    mode.setCurrentIndex(mode.findData("soft_light"))
    mode.activated.emit(mode.currentIndex())
    assert window.session.document.layer(DOG).blend_mode is BlendMode.SOFT_LIGHT
    window.session.document.select([FRUIT])
    assert mode.currentText() == "Pass Through"


def test_a_locked_layer_answers_with_a_sentence(make_window: MakeWindow) -> None:
    window = make_window(layered())
    window.session.document.select([DOG])
    window.actions_by_id["layer.toggle_locked"].trigger()
    window.actions_by_id["edit.delete"].trigger()
    assert window.session.document.has_layer(DOG)
    assert "locked" in window.toast.text


def test_thumbnails_arrive(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(layered())
    pixels = window.session.document.raster(APPLE).pixels
    qtbot.waitUntil(lambda: window.layers_panel.thumbnails.image(pixels) is not None)
    image = window.layers_panel.thumbnails.image(pixels)
    assert image is not None
    assert image.pixelColor(3, 3).getRgb() == (210, 40, 40, 255)


def test_rows_tell_a_screen_reader_their_state(make_window: MakeWindow) -> None:
    window = make_window(layered())
    window.session.document.select([DOG])
    window.actions_by_id["layer.toggle_visible"].trigger()
    spoken = index_of(window, DOG).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "dog, hidden"
    assert QAccessible.queryAccessibleInterface(window.layers_panel.tree) is not None


def test_menu_buttons_and_shortcuts_work_on_the_selection(make_window: MakeWindow) -> None:
    window = make_window(layered())
    document, run = window.session.document, window.actions_by_id
    document.select([DOG])
    run["layer.duplicate"].trigger()
    assert names(window)[-2:] == ["dog", "dog copy"]
    run["layer.lower"].trigger()
    assert names(window)[-2:] == ["dog copy", "dog"]
    run["layer.raise"].trigger()
    run["layer.merge_down"].trigger()
    assert names(window)[-1] == "dog"
    document.select([DOG, SKY])
    run["layer.group"].trigger()
    assert shown(window.layers_panel.tree)[0] == ("Group", ["dog", "sky"])
    run["layer.ungroup"].trigger()
    assert set(document.selected_ids) == {DOG, SKY}
    run["layer.add"].trigger()
    assert document.raster(str(document.active_id)).pixels.pixel(0, 0) == (0, 0, 0, 0)
    while window.session.history.can_undo:
        run["edit.undo"].trigger()
    assert names(window) == ["sky", "fruit", "apple", "dog"]


def test_a_new_layer_leaves_clipped_layers_on_their_base(make_window: MakeWindow) -> None:
    window = make_window(layered())
    document, run = window.session.document, window.actions_by_id
    window.session.push(SetClipped((DOG,), True))
    below = document.layers[-2]
    document.select([below.layer_id])
    run["layer.add"].trigger()
    assert [layer.clipped for layer in document.layers[-3:]] == [False, True, False]
    assert document.layers[-1].layer_id == document.active_id
    document.select([DOG])
    run["layer.add"].trigger()
    assert document.layer(str(document.active_id)).clipped


def test_color_tags_are_set_from_the_menu_shown_and_undone(make_window: MakeWindow) -> None:
    window = make_window(layered())
    document, tree = window.session.document, window.layers_panel.tree
    document.select([DOG, FRUIT])
    menu = tree.make_context_menu()
    (tags,) = [each for each in menu.findChildren(QMenu) if each.title() == "Color Ta&g"]
    next(each for each in tags.actions() if each.text() == "Violet").trigger()
    assert [document.layer(each).color_tag for each in (DOG, FRUIT)] == [ColorTag.VIOLET] * 2
    model = tree.model()
    index = model.index(0, 0)
    assert "color tag Violet" in index.data(Qt.ItemDataRole.AccessibleTextRole)
    tree.viewport().repaint()
    row = tree.visualRect(index)
    seen = tree.viewport().grab(row).toImage().pixelColor(2, row.height() // 2)
    assert seen.name() == load_tokens("dark").tag_violet
    window.session.undo()
    assert document.layer(DOG).color_tag is ColorTag.NONE
    menu.deleteLater()


def test_the_context_menu_has_the_layer_actions(make_window: MakeWindow) -> None:
    window = make_window(layered())
    menu = window.layers_panel.tree.make_context_menu()
    assert window.actions_by_id["generate.regenerate"] in menu.actions()
    menu.deleteLater()
