"""Sparse tiles: shared, patched, cropped and hashed, always equal to one dense array."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from editor.document.errors import DocumentError
from editor.document.geometry import EMPTY, Rect
from editor.document.masks import CoverageBuffer, Mask
from editor.document.pixels import PixelBuffer
from editor.document.tiles import TILE_SIDE, Tile, Values
from tests.document.scenes import noise

SIDE = TILE_SIDE


def tiles_of(buffer: PixelBuffer | CoverageBuffer) -> list[Tile]:
    return list(buffer.tiles.stored().values())


def framed(array: Values, rect: Rect) -> Values:
    """What a rectangle shows of an array, computed the plain way."""
    height, width = array.shape[:2]
    out = np.zeros((rect.height, rect.width, *array.shape[2:]), np.uint8)
    inside = rect.intersection(Rect(0, 0, width, height))
    if not inside.is_empty:
        part = array[inside.y0 : inside.y1, inside.x0 : inside.x1]
        y, x = inside.y0 - rect.y0, inside.x0 - rect.x0
        out[y : y + inside.height, x : x + inside.width] = part
    return out


PLACES, SIDES = st.integers(-300, 600), st.integers(1, 560)
RECTS = st.builds(Rect.from_size, PLACES, PLACES, SIDES, SIDES)


@settings(deadline=None, max_examples=60, derandomize=True)
@given(RECTS, RECTS)
def test_spans_say_the_same_as_pieces(frame: Rect, looked_at: Rect) -> None:
    tiles = PixelBuffer.from_array(noise(530, 300, 2)).crop(frame).tiles
    pieces, spans = list(tiles.pieces(looked_at)), list(tiles.spans(looked_at))
    assert [piece.rect.as_tuple() for piece in pieces] == [box for _, box, _ in spans]
    for piece, (tile, (x0, y0, x1, y1), (left, top)) in zip(pieces, spans, strict=True):
        assert tile is piece.tile
        part = tile.values[top : top + y1 - y0, left : left + x1 - x0]
        assert np.array_equal(part, piece.values)


@settings(deadline=None, max_examples=60, derandomize=True)
@given(st.lists(st.tuples(RECTS, st.integers(0, 3)), max_size=6), RECTS)
def test_patches_and_crops_agree_with_a_dense_array(
    steps: list[tuple[Rect, int]], looked_at: Rect
) -> None:
    array = noise(530, 300, 1)
    buffer = PixelBuffer.from_array(array)
    for rect, kind in steps:
        if kind == 0:
            buffer, array = buffer.crop(rect), framed(array, rect)
            continue
        values = noise(*rect.size, kind) if kind < 3 else np.zeros((*rect.size[::-1], 4), np.uint8)
        buffer = buffer.with_patch(rect, values)
        array = array.copy()
        part = rect.intersection(buffer.bounds)
        if not part.is_empty:
            array[part.y0 : part.y1, part.x0 : part.x1] = framed(
                values, part.translated(-rect.x0, -rect.y0)
            )
    assert np.array_equal(buffer.array, array)
    assert np.array_equal(buffer.read(looked_at), framed(array, looked_at))
    fresh = PixelBuffer.from_array(array)
    assert buffer == fresh  # wherever the grid of tiles begins
    assert buffer.alpha_box == fresh.alpha_box
    assert buffer.is_opaque == fresh.is_opaque


def test_a_patch_shares_every_tile_it_does_not_touch() -> None:
    old = PixelBuffer.from_array(noise(4 * SIDE, 3 * SIDE, 1))
    new = old.with_patch(Rect(SIDE - 5, 10, SIDE + 5, 20), noise(10, 10, 2))
    assert new.changed_tiles(old) == ((0, 0), (1, 0))
    before, after = old.tiles.stored(), new.tiles.stored()
    assert [cell for cell in before if before[cell] is not after[cell]] == [(0, 0), (1, 0)]
    assert old.content_hash == PixelBuffer.from_array(noise(4 * SIDE, 3 * SIDE, 1)).content_hash
    assert old.changed_tiles(old) == ()


def test_a_patch_of_equal_pixels_changes_no_tile() -> None:
    old = PixelBuffer.from_array(noise(SIDE * 2, SIDE, 1))
    part = Rect(10, 10, 300, 100)
    new = old.with_patch(part, old.read(part).copy())
    assert new.changed_tiles(old) == ()
    assert new == old


def test_another_size_or_grid_counts_as_changed_everywhere() -> None:
    old = PixelBuffer.from_array(noise(SIDE * 2, SIDE, 1))
    assert len(old.crop(Rect(1, 0, SIDE * 2, SIDE)).changed_tiles(old)) == 2
    assert len(old.crop(Rect(-1, 0, SIDE * 2, SIDE)).changed_tiles(old)) == 3


@pytest.mark.parametrize("rect", [Rect(-3, -70, 1100, 1100), Rect(-300, -1, 999, 801)])
def test_growing_to_any_side_shares_the_inner_tiles(rect: Rect) -> None:
    old = PixelBuffer.from_array(noise(900, 800, 1))
    grown = old.crop(rect)
    shared = {id(tile) for tile in tiles_of(old)} & {id(tile) for tile in tiles_of(grown)}
    assert len(shared) >= 3 * 3  # of 4 x 4: those at the right and bottom edge grew


def test_cropping_shares_the_inner_tiles() -> None:
    old = PixelBuffer.from_array(noise(4 * SIDE, 4 * SIDE, 1))
    part = old.crop(Rect(100, 100, 4 * SIDE - 100, 4 * SIDE - 100))
    shared = {id(tile) for tile in tiles_of(old)} & {id(tile) for tile in tiles_of(part)}
    assert len(shared) == 4


def test_transparent_and_uniform_parts_take_no_memory() -> None:
    assert PixelBuffer.transparent(20_000, 6000).byte_size == 0
    assert PixelBuffer.filled(5000, 5000, (1, 2, 3, 4)).byte_size < 100_000
    array = np.zeros((2048, 2048, 4), np.uint8)
    array[:256] = (9, 8, 7, 255)
    array[1000:1010, 1000:1010] = noise(10, 10, opaque=True)
    assert PixelBuffer.from_array(array).byte_size < 300_000
    erased = PixelBuffer.from_array(array).with_patch(Rect(0, 0, 2048, 2048), np.zeros_like(array))
    assert erased.byte_size == 0
    assert erased == PixelBuffer.transparent(2048, 2048)


def test_one_colour_is_the_same_however_it_was_made() -> None:
    """Else equal pixels would have different hashes."""
    whole = PixelBuffer.filled(300, 300, (5, 6, 7, 8))
    array = np.empty((300, 300, 4), np.uint8)
    array[:] = (5, 6, 7, 8)
    assert PixelBuffer.from_array(array).content_hash == whole.content_hash
    half = PixelBuffer.transparent(300, 300).with_patch(Rect(0, 0, 300, 150), array[:150])
    assert half != whole
    assert half.with_patch(Rect(0, 150, 300, 300), array[150:]) == whole


def test_colour_under_alpha_0_is_content() -> None:
    hidden = PixelBuffer.filled(300, 300, (5, 6, 7, 0))
    assert hidden != PixelBuffer.transparent(300, 300)
    assert hidden.alpha_box == EMPTY
    assert hidden.pixel(299, 299) == (5, 6, 7, 0)


def test_one_byte_in_any_tile_changes_the_hash() -> None:
    array = noise(SIDE * 2 + 9, SIDE + 9, 3)
    first = PixelBuffer.from_array(array).content_hash
    for y, x in ((0, 0), (SIDE + 8, SIDE * 2 + 8), (SIDE, SIDE), (5, SIDE * 2)):
        changed = array.copy()
        changed[y, x, 1] ^= 1
        assert PixelBuffer.from_array(changed).content_hash != first


def test_patches_of_another_shape_are_refused() -> None:
    buffer = PixelBuffer.transparent(9, 9)
    with pytest.raises(DocumentError):
        buffer.with_patch(Rect(0, 0, 2, 3), np.zeros((2, 3, 4), np.uint8))
    with pytest.raises(DocumentError):
        buffer.with_patch(Rect(0, 0, 2, 3), np.zeros((3, 2, 4), np.float32))


def test_pieces_tell_what_is_stored() -> None:
    array = np.zeros((SIDE, SIDE * 4, 4), np.uint8)
    array[:, :SIDE] = noise(SIDE, SIDE, opaque=True)
    array[:, SIDE : 2 * SIDE] = (1, 2, 3, 255)
    array[:, 3 * SIDE :] = (1, 2, 3, 4)
    rect = Rect(100, 10, 4 * SIDE - 10, 20)
    pieces = list(PixelBuffer.from_array(array).tiles.pieces(rect))
    assert [piece.rect.as_tuple()[::2] for piece in pieces] == [
        (100, SIDE), (SIDE, 2 * SIDE), (3 * SIDE, 4 * SIDE - 10)
    ]  # fmt: skip
    assert [piece.tile.is_opaque for piece in pieces] == [True, True, False]
    assert [piece.tile.colour is None for piece in pieces] == [True, False, False]
    for piece in pieces:
        assert np.array_equal(piece.values, framed(array, piece.rect))
        assert not piece.values.flags.writeable


def test_a_buffer_may_be_read_and_patched_by_many_threads() -> None:
    array = noise(700, 700, 1)
    buffer = PixelBuffer.from_array(array)
    expected = [buffer.reduced(level, 1, 1).array for level in (1, 2, 3)]
    patched = buffer.with_patch(Rect(0, 0, 9, 9), noise(9, 9, 2))
    expected_patched = [patched.reduced(level, 1, 1).array for level in (1, 2, 3)]
    fresh = PixelBuffer.from_array(array)

    def work(seed: int) -> bool:
        same = all(
            np.array_equal(fresh.reduced(level, 1, 1).array, want)
            for level, want in zip((1, 2, 3), expected, strict=True)
        )
        painted = fresh.with_patch(Rect(0, 0, 9, 9), noise(9, 9, 2))
        return same and all(
            np.array_equal(painted.reduced(level, 1, 1).array, want)
            for level, want in zip((1, 2, 3), expected_patched, strict=True)
        )

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(work, range(12)))


def test_coverage_has_the_same_storage() -> None:
    buffer = CoverageBuffer.filled(3000, 3000, 255)
    assert buffer.byte_size < 20_000
    painted = buffer.with_patch(Rect(5, 5, 10, 10), np.zeros((5, 5), np.uint8))
    assert painted.changed_tiles(buffer) == ((0, 0),)
    assert painted.array[7, 7] == 0
    assert painted.array[10, 10] == 255
    assert painted != buffer
    assert CoverageBuffer.from_array(painted.array) == painted


@pytest.mark.parametrize("outside", [0, 255])
def test_a_mask_grows_with_what_lies_outside(outside: int) -> None:
    values = noise(300, 280, 4)[..., 0]
    mask = Mask(coverage=CoverageBuffer.from_array(values), offset=(20, -30), outside=outside)
    area = Rect(-100, -100, 700, 700)
    expected = mask.read(area).copy()
    rect = Rect(-40, 100, 600, 130)
    expected[200:230, 60:700] = 77
    grown = mask.with_patch(rect, np.full((30, 640), 77, np.uint8))
    assert np.array_equal(grown.read(area), expected)
    assert grown.bounds == mask.bounds.union(rect)
