"""What undo keeps of pixels: small, right before, while and after it is compressed."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
import pytest

from editor.document.geometry import Rect
from editor.document.packed_tiles import PackedTiles
from editor.document.pixels import PixelBuffer
from editor.document.tiles import TILE_SIDE, Tiles
from tests.document.scenes import noise

SIDE = TILE_SIDE


def photo(width: int, height: int) -> PixelBuffer:
    """Noise that does not compress."""
    return PixelBuffer.from_array(noise(width, height, 1, opaque=True))


def dabbed(buffer: PixelBuffer, rect: Rect) -> PixelBuffer:
    """A translucent dab over a part."""
    under = buffer.read(rect)
    return buffer.with_patch(rect, (under // 2 + np.uint8(60)).astype(np.uint8))


def equal(a: Tiles, b: Tiles) -> bool:
    return np.array_equal(a.read(a.bounds), b.read(b.bounds)) and a.origin == b.origin


PAIRS: dict[str, Callable[[PixelBuffer], PixelBuffer]] = {
    "dab": lambda old: dabbed(old, Rect(200, 200, 300, 300)),
    "erased": lambda old: old.with_patch(Rect(0, 0, 512, 300), np.zeros((300, 512, 4), np.uint8)),
    "grown left": lambda old: dabbed(old.crop(Rect(-70, -30, 700, 600)), Rect(0, 0, 200, 200)),
    "grown right": lambda old: dabbed(old.crop(Rect(0, 0, 900, 800)), Rect(800, 700, 820, 720)),
    "cropped": lambda old: old.crop(Rect(100, 100, 600, 550)),
    "everything": lambda old: PixelBuffer.from_array(255 - old.array),
    "nothing": lambda old: old,
}


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("packed", [False, True])
def test_each_of_two_pictures_comes_back_from_the_other(name: str, packed: bool) -> None:
    old = photo(700, 600)
    new = PAIRS[name](old)
    assert PackedTiles.fits(old.tiles, new.tiles)
    back = PackedTiles(old.tiles, new.tiles)
    if packed:
        back.pack()
        assert back.is_packed
    restored = back.restore(new.tiles)
    assert equal(restored, old.tiles)
    forth = PackedTiles(new.tiles, restored, back.xor_blobs)
    assert equal(forth.restore(restored), new.tiles)
    forth.pack()
    assert equal(forth.restore(old.tiles), new.tiles)


def test_only_tiles_that_differ_are_held() -> None:
    old = photo(4 * SIDE, 4 * SIDE)
    new = dabbed(old, Rect(10, 10, 50, 50))
    back = PackedTiles(old.tiles, new.tiles)
    assert back.cells == ((0, 0),)
    assert back.byte_size < SIDE * SIDE * 4 + 500
    back.pack()
    assert back.byte_size < 10_000  # the XOR of the dab; the tile itself does not compress
    assert len(back.xor_blobs) == 1
    restored = back.restore(new.tiles).stored()
    assert len(restored) == 16
    assert all(restored[cell] is old.tiles.tile(cell) for cell in restored if cell != (0, 0))


def test_a_blob_that_leads_both_ways_is_used_both_ways() -> None:
    old = photo(SIDE, SIDE)
    new = dabbed(old, Rect(10, 10, 50, 50))
    back = PackedTiles(old.tiles, new.tiles)
    back.pack()
    forth = PackedTiles(new.tiles, old.tiles, back.xor_blobs)
    assert forth.is_packed
    assert forth.xor_blobs[0, 0] is back.xor_blobs[0, 0]


def test_painting_on_nothing_costs_nothing_to_take_back() -> None:
    old = PixelBuffer.transparent(3000, 3000)
    new = old.with_patch(Rect(0, 0, 600, 600), noise(600, 600))
    back = PackedTiles(old.tiles, new.tiles)
    assert back.is_packed
    assert back.byte_size < 2000


def test_other_pictures_are_not_compared() -> None:
    old = photo(300, 300)
    assert not PackedTiles.fits(old.tiles, photo(301, 300).tiles)
    assert PackedTiles.fits(old.tiles, old.crop(Rect(-5, 0, 300, 300)).tiles)


def test_packing_may_stop_halfway() -> None:
    old = photo(4 * SIDE, SIDE)
    new = PixelBuffer.from_array(255 - old.array)
    back = PackedTiles(old.tiles, new.tiles)
    back.cancel()
    back.pack()
    assert not back.is_packed
    assert equal(back.restore(new.tiles), old.tiles)


def test_restoring_while_another_thread_packs() -> None:
    old = photo(8 * SIDE, 4 * SIDE)
    new = dabbed(old, old.bounds)
    for _ in range(4):
        back = PackedTiles(old.tiles, new.tiles)
        thread = threading.Thread(target=back.pack)
        thread.start()
        while thread.is_alive():
            assert back.restore(new.tiles).content_hash("x") == old.tiles.content_hash("x")
        thread.join()
        assert back.is_packed
        assert back.restore(new.tiles).content_hash("x") == old.tiles.content_hash("x")
