"""Copying, cutting and placing pictures."""

from __future__ import annotations

import numpy as np
import pytest

from editor.commands.clip_commands import (
    Clip,
    CutLayers,
    PlaceClips,
    copied_layers,
    copied_merged,
)
from editor.commands.history import History
from editor.commands.paint_commands import SetSelection
from editor.document.compositor import flatten
from editor.document.document import Document
from editor.document.errors import DocumentError
from editor.document.geometry import Rect
from editor.document.layers import GroupLayer
from editor.document.masks import CoverageBuffer, Mask
from editor.document.pixels import PixelBuffer
from tests.document.scenes import noise, noise_layer


@pytest.fixture
def history() -> History:
    group = GroupLayer(
        layer_id="g",
        name="group",
        children=(noise_layer(30, 20, 2, layer_id="b", offset=(60, 50), opaque=True),),
    )
    low = noise_layer(80, 60, 1, layer_id="a", offset=(-10, 5), opaque=True, opacity=0.5)
    return History(Document(100, 80, (low, group)))


def select(history: History, rect: Rect) -> None:
    buffer = CoverageBuffer.filled(rect.width, rect.height, 255)
    history.push(SetSelection(Mask(coverage=buffer, offset=(rect.x0, rect.y0))))


def test_one_layer_is_copied_as_it_is(history: History) -> None:
    layer = history.document.raster("a")
    clip = copied_layers(history.document.snapshot(), ("a",))
    assert clip == Clip(layer.pixels, (-10, 5), "noise 1")
    assert clip.pixels is layer.pixels


def test_selected_pixels_are_copied_alone(history: History) -> None:
    select(history, Rect(0, 0, 20, 20))
    clip = copied_layers(history.document.snapshot(), ("a",))
    assert (clip.offset, clip.pixels.size) == ((0, 5), (20, 15))
    away = Rect(90, 0, 95, 5)
    select(history, away)
    with pytest.raises(DocumentError, match="does not touch"):
        copied_layers(history.document.snapshot(), ("a",))


def test_several_layers_and_groups_are_copied_as_they_look(history: History) -> None:
    state = history.document.snapshot()
    assert copied_layers(state, ("g",)).pixels == history.document.raster("b").pixels
    both = copied_layers(state, ("a", "g"))
    assert both.pixels.bounds.translated(*(both.offset or ())) == Rect(-10, 5, 90, 70)


def test_pasting_keeps_clipped_layers_on_their_base() -> None:
    clip = Clip(PixelBuffer.from_array(noise(5, 5, 1)))
    low, middle, top = (
        noise_layer(9, 9, seed, layer_id=name, clipped=seed > 1)
        for seed, name in enumerate(("low", "middle", "top"), 1)
    )
    for above, place, clipped in (("low", 3, False), ("middle", 2, True), ("top", 3, True)):
        history = History(Document(9, 9, (low, middle, top)))
        command = PlaceClips((clip,), above=above)
        history.push(command)
        (new,) = (history.document.layer(layer_id) for layer_id in command.selects)
        assert history.document.layers.index(new) == place
        assert new.clipped is clipped


def test_copy_merged(history: History) -> None:
    document = history.document
    clip = copied_merged(document.snapshot())
    assert np.array_equal(clip.pixels.array, flatten(document))
    select(history, Rect(60, 50, 70, 60))
    clip = copied_merged(document.snapshot())
    assert clip.offset == (60, 50)
    assert np.array_equal(clip.pixels.array, flatten(document)[50:60, 60:70])


def test_cutting(history: History) -> None:
    document, first = history.document, history.document.state_hash()
    history.push(CutLayers(("g",)))
    assert not document.has_layer("b")
    history.undo()
    assert document.state_hash() == first
    select(history, Rect(0, 0, 20, 80))
    history.push(CutLayers(("a",)))
    assert document.raster("a").opaque_box == Rect(-10, 5, 70, 65)
    assert document.raster("a").pixels.pixel(15, 15)[3] == 0
    with pytest.raises(DocumentError, match="one layer"):
        history.push(CutLayers(("a", "b")))


def test_pasting_in_place_above_a_layer(history: History) -> None:
    document = history.document
    clip = copied_layers(document.snapshot(), ("b",))
    command = PlaceClips((clip,), above="b")
    history.push(command)
    group = document.layer("g")
    assert isinstance(group, GroupLayer)
    assert [layer.layer_id for layer in group.children] == ["b", *command.selects]
    assert document.active_layer == group.children[1]
    assert document.active_layer.bounds == document.raster("b").bounds


def test_pictures_from_elsewhere_go_to_the_middle(history: History) -> None:
    pixels = PixelBuffer.from_array(noise(20, 10))
    far = Clip(pixels, (5000, 5000), "far")
    command = PlaceClips((Clip(pixels), far), center=(30, 40), text="Place Pictures")
    history.push(command)
    placed = [history.document.raster(i) for i in command.selects]
    assert [layer.offset for layer in placed] == [(20, 35), (20, 35)]
    assert [layer.name for layer in placed] == ["Picture", "far"]
    assert history.undo_label == "Place Pictures"
    assert history.document.layers[-1] is placed[1]
    history.push(PlaceClips((Clip(pixels),), above="gone"))
    assert history.document.layers[-1].bounds == Rect(40, 35, 60, 45)


def test_nothing_to_copy() -> None:
    document = Document(9, 9, (GroupLayer(layer_id="g"),))
    for layer_ids in ((), ("g",)):
        with pytest.raises(DocumentError):
            copied_layers(document.snapshot(), layer_ids)
