"""Random command sequences: undo and redo lead back exactly, announcements tell the truth."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from editor.commands.history import History
from editor.commands.layer_commands import RemoveLayers
from editor.commands.property_commands import SetLocked
from editor.document.blending import BlendMode
from editor.document.compositor import composite
from editor.document.document import Document
from editor.document.errors import DocumentError
from editor.document.events import Change
from editor.document.geometry import Rect
from editor.document.layers import GroupLayer
from tests.commands.random_commands import DRAWS, Draw, make_command
from tests.document.scenes import noise_layer, noise_mask

AREA = Rect(-4, -4, 44, 44)
THOROUGH = settings(
    deadline=None, max_examples=120, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


def first_document() -> Document:
    group = GroupLayer(name="group", children=(noise_layer(9, 9, 2), noise_layer(5, 14, 3)))
    wide = noise_layer(300, 12, 5, offset=(-6, 3))  # two tiles
    low = noise_layer(24, 24, 1, opaque=True)
    return Document(24, 24, (low, wide, group, noise_layer(9, 9, 4)))


def clipped_document() -> Document:
    """Bases and layers clipped to them that reach over them, in and on a group, masks on both."""
    group = GroupLayer(
        name="group",
        children=(
            noise_layer(9, 9, 2, blend_mode=BlendMode.MULTIPLY),
            noise_layer(12, 14, 3, offset=(5, 2), clipped=True),
        ),
    )
    return Document(
        24,
        24,
        (
            noise_layer(20, 22, 1),
            noise_layer(6, 8, 4, offset=(2, 13)),
            noise_layer(9, 9, 5, offset=(12, 1), mask=noise_mask(5, 5, 1, offset=(13, 2))),
            noise_layer(20, 18, 6, offset=(3, 3), clipped=True),
            group,
            noise_layer(16, 20, 7, offset=(1, 1), clipped=True, blend_mode=BlendMode.SCREEN),
        ),
    )


def push(history: History, draw: Draw) -> None:
    with suppress(DocumentError):  # refusals are part of the game
        history.push(make_command(draw, history.document))


@THOROUGH
@given(st.lists(st.tuples(DRAWS, st.integers(0, 5)), min_size=3, max_size=60))
def test_undo_all_gives_the_first_document_and_redo_all_the_last(
    draws: list[tuple[Draw, int]],
) -> None:
    document = first_document()
    history = History(document)
    hashes = [document.state_hash()]  # by number of steps done
    for draw, act in draws:
        if act == 0:
            history.undo()
            assert document.state_hash() == hashes[history.position]
        with history.gesture():
            for repeated in range(1 + act % 3):
                push(history, replace(draw, a=draw.a + repeated))
                del hashes[history.position :]
                hashes.append(document.state_hash())
    for position in range(history.position, 0, -1):
        assert document.state_hash() == hashes[position]
        history.undo()
    assert document.state_hash() == hashes[0]
    assert not document.modified
    for position in range(1, len(hashes)):
        history.redo()
        assert document.state_hash() == hashes[position]


@pytest.mark.parametrize("seed", [5, 6])
def test_hundreds_of_steps_and_back(seed: int) -> None:
    there_and_back(seed, steps=600)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [7, 8])
def test_thousands_of_steps_and_back(seed: int) -> None:
    there_and_back(seed, steps=4000)


def there_and_back(seed: int, steps: int) -> None:
    """Half of the steps are undone while their pixels are still being compressed."""
    document = first_document()
    history = History(document, budget_bytes=1 << 40)
    hashes = [document.state_hash()]
    numbers = random.Random(seed)
    for step in range(steps):
        draw = Draw(*(numbers.randrange(201) for _ in range(4)))
        layers = document.all_layers()
        ids = tuple(layer.layer_id for layer in layers)
        with suppress(DocumentError):
            if step % 20 == 0 and ids:  # else locks refuse more and more
                history.push(SetLocked(ids, False))
            elif len(ids) > 30:  # else it takes ever longer to compare
                history.push(RemoveLayers(ids[draw.a % 5 :: 2]))
            elif any(layer.bounds.area > 100_000 for layer in layers):
                history.push(RemoveLayers(ids))  # cropping and scaling enlarge without end
            else:
                history.push(make_command(draw, document))
        del hashes[history.position :]
        hashes.append(document.state_hash())
        if numbers.random() < 0.02:
            history.go_to(max(0, history.position - numbers.randrange(9)))
            assert document.state_hash() == hashes[history.position]
    assert history.position > steps / 4
    if seed % 2:
        history.finish_packing()
    for expected in reversed(hashes):
        assert document.state_hash() == expected
        history.undo()
    for expected in hashes:
        assert document.state_hash() == expected
        history.redo()


@THOROUGH
@given(st.lists(DRAWS, min_size=3, max_size=25))
def test_a_small_budget_never_leads_to_a_wrong_document(draws: list[Draw]) -> None:
    document = first_document()
    history = History(document, budget_bytes=9000)
    for draw in draws:
        push(history, draw)
        assert history.byte_size <= 9000 or history.position <= 1
    seen = [document.state_hash()]
    while history.can_undo:
        history.undo()
        seen.append(document.state_hash())
    for expected in reversed(seen):
        assert document.state_hash() == expected
        history.redo()


@pytest.mark.parametrize("start", [first_document, clipped_document])
@THOROUGH
@given(draws=st.lists(DRAWS, min_size=2, max_size=20))
def test_nothing_changes_outside_the_announced_rectangle(
    start: Callable[[], Document], draws: list[Draw]
) -> None:
    document = start()
    history = History(document)
    dirty: list[Rect] = []

    def note(change: Change) -> None:
        if change.kinds.is_visual:
            dirty.append(change.dirty)

    document.changed.connect(note)
    before = composite(document, AREA)
    for draw in draws:
        dirty.clear()
        push(history, draw)
        after = composite(document, AREA)
        assert not (changed(before, after) & ~mask(dirty)).any()
        before = after
    while history.can_undo:
        dirty.clear()
        history.undo()
        after = composite(document, AREA)
        assert not (changed(before, after) & ~mask(dirty)).any()
        before = after


def changed(before: npt.NDArray[np.uint8], after: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    different: npt.NDArray[np.bool_] = (before != after).any(axis=2)
    return different


def mask(rects: list[Rect]) -> npt.NDArray[np.bool_]:
    inside = np.zeros((AREA.height, AREA.width), bool)
    for rect in rects:
        part = rect.intersection(AREA).translated(-AREA.x0, -AREA.y0)
        if not rect.intersection(AREA).is_empty:
            inside[part.y0 : part.y1, part.x0 : part.x1] = True
    return inside
