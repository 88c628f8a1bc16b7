"""The pictures below and above the edited layers change nothing but the time a frame takes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from editor.canvas import prefix_cache
from editor.canvas.layer_split import split_layers
from editor.canvas.prefix_cache import PrefixCache
from editor.canvas.tile_sources import DocumentSource, EditingSource
from editor.canvas.tiles import TileKey, keys_over, to_level
from editor.document import tree
from editor.document.blending import BlendMode
from editor.document.compositor import draw_layers
from editor.document.geometry import Rect
from editor.document.layers import GroupLayer, Layer, RasterLayer
from editor.document.masks import CoverageBuffer, Mask
from editor.document.pixels import PixelBuffer
from editor.document.state import DocumentState
from editor.document.surface import Surface

WIDTH, HEIGHT = 420, 300
MODES = [mode for mode in BlendMode if mode is not BlendMode.PASS_THROUGH]


def never() -> bool:
    return False


class Maker:
    """Random layers from a seed."""

    def __init__(self, seed: int, *, plain: float = 0.6) -> None:
        self.rng = np.random.default_rng(seed)
        self.plain = plain  # share of layers with the mode Normal
        self.count = 0

    def chance(self, share: float) -> bool:
        return bool(self.rng.random() < share)

    def common(self, *, group: bool = False) -> dict[str, Any]:
        self.count += 1
        mode = BlendMode.PASS_THROUGH if group else BlendMode.NORMAL
        if not self.chance(self.plain):
            mode = MODES[int(self.rng.integers(len(MODES)))]
        opacity = 1.0 if self.chance(0.5) else float(self.rng.uniform(0.1, 1))
        return {
            "layer_id": f"{'g' if group else 'l'}{self.count}",
            "name": str(self.count),
            "blend_mode": mode,
            "opacity": opacity,
            "visible": not self.chance(0.1),
            "clipped": self.chance(0.15),
            "mask": self.mask() if self.chance(0.2) else None,
        }

    def mask(self) -> Mask:
        size = self.rng.integers(10, 200, 2)
        values = self.rng.integers(0, 256, size, dtype=np.uint8)
        offset = self.rng.integers(-20, 250, 2)
        outside = 255 if self.chance(0.5) else 0
        coverage = CoverageBuffer.from_array(values)
        x, y = (int(value) for value in offset)
        return Mask(coverage=coverage, offset=(x, y), outside=outside, enabled=self.chance(0.8))

    def raster(self) -> RasterLayer:
        height, width = (int(value) for value in self.rng.integers(20, 330, 2))
        pixels = self.rng.integers(0, 256, (height, width, 4), dtype=np.uint8)
        pixels[..., 3] |= np.uint8(255 if self.chance(0.3) else 0)
        x, y = (int(value) for value in self.rng.integers(-60, 300, 2))
        return RasterLayer(pixels=PixelBuffer.from_array(pixels), offset=(x, y), **self.common())

    def layers(self, count: int, depth: int = 2) -> tuple[Layer, ...]:
        made: list[Layer] = []
        for _ in range(count):
            if depth and self.chance(0.25):
                children = self.layers(int(self.rng.integers(1, 4)), depth - 1)
                made.append(GroupLayer(children=children, **self.common(group=True)))
            else:
                made.append(self.raster())
        return tuple(made)

    def state(self, count: int = 9) -> DocumentState:
        return DocumentState(width=WIDTH, height=HEIGHT, layers=self.layers(count))

    def edited(self, state: DocumentState) -> DocumentState:
        """One layer, whichever, moved, faded, repainted, hidden or in another mode."""
        layer = self.picked(state)
        kind = int(self.rng.integers(5))
        new: Layer
        if kind == 0:
            new = replace(layer, opacity=float(self.rng.uniform(0, 1)))
        elif kind == 1:
            new = replace(layer, visible=not layer.visible)
        elif kind == 2 or isinstance(layer, GroupLayer):
            new = replace(layer, clipped=not layer.clipped)
        elif kind == 3:
            new = replace(layer, offset=(layer.offset[0] + 7, layer.offset[1] - 5))
        else:
            new = replace(layer, pixels=self.raster().pixels)
        return replace(state, layers=tree.replace_layers(state.layers, {layer.layer_id: new}))

    def picked(self, state: DocumentState) -> Any:
        layers = state.all_layers()
        return layers[int(self.rng.integers(len(layers)))]


def compare(cache: PrefixCache, state: DocumentState, edited: tuple[str, ...], level: int) -> int:
    """Largest difference over all tiles of a level between the two sources."""
    plain, kept = DocumentSource(state), EditingSource(state, edited, cache)
    kept.begin()
    worst = 0
    for key in keys_over(to_level(Rect(0, 0, WIDTH, HEIGHT), level), level):
        rect = key.covered(WIDTH, HEIGHT)
        part = Rect(rect.x0 + 3, rect.y0 + 1, rect.x1, max(rect.y0 + 2, rect.y1 - 40))
        for wanted in (rect, part):
            expected = plain.render(key, wanted, never, again=True).astype(int)
            made = kept.render(key, wanted, never, again=True)
            worst = max(worst, int(np.abs(made - expected).max()))
    return worst


@pytest.mark.parametrize("seed", range(8))
def test_every_byte_is_the_same_over_random_edits(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prefix_cache, "MIN_FLATTENED", 10**6)  # all above drawn one by one
    maker, cache = Maker(seed), PrefixCache()
    state = maker.state()
    edited = (maker.picked(state).layer_id,)
    for step in range(10):
        assert compare(cache, state, edited, step % 3) == 0, f"step {step}"
        state = maker.edited(state)
        if step % 3 == 2:
            edited = tuple({maker.picked(state).layer_id, maker.picked(state).layer_id})


@pytest.mark.parametrize("seed", range(5))
def test_layers_above_in_one_picture_differ_by_rounding_only(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prefix_cache, "MIN_FLATTENED", 1)
    maker, cache = Maker(seed, plain=0.95), PrefixCache()
    state = maker.state()
    edited = (state.layers[2].layer_id,)
    for step in range(5):
        assert compare(cache, state, edited, step % 2) <= 1
        state = maker.edited(state)


def layer(name: str, **values: Any) -> RasterLayer:
    pixels = PixelBuffer.filled(300, 300, (90, 60, 30, 128))
    return RasterLayer(name=name, layer_id=name, pixels=pixels, **values)


def names(layers: tuple[Layer, ...]) -> str:
    return " ".join(layer.layer_id for layer in layers)


def split(layers: tuple[Layer, ...], *edited: str) -> tuple[str, str, str] | None:
    found = split_layers(DocumentState(width=WIDTH, height=HEIGHT, layers=layers), edited)
    return (names(found.below), names(found.live), names(found.above)) if found else None


def test_the_edited_layer_stands_between_two_pictures() -> None:
    layers = tuple(layer(name) for name in "abcde")
    assert split(layers, "c") == ("a b", "c", "d e")
    assert split(layers, "b", "d") == ("a", "b c d", "e")
    assert split(layers) is None
    assert split(layers, "gone") is None


def test_other_modes_above_see_the_edited_layer() -> None:
    multiply = layer("m", blend_mode=BlendMode.MULTIPLY)
    layers = (layer("a"), layer("b"), multiply, layer("c"), layer("d"))
    assert split(layers, "a") == ("", "a b m", "c d")
    hidden = replace(multiply, visible=False)
    assert split((layers[0], layers[1], hidden, layers[3]), "a") == ("", "a", "b m c")


def test_clipped_layers_stay_with_their_base() -> None:
    layers = (layer("a"), layer("b"), layer("c", clipped=True), layer("d", clipped=True))
    assert split((*layers, layer("e")), "c") == ("a", "b c d", "e")
    assert split((*layers, layer("e")), "a") == ("", "a", "b c d e")


def test_a_plain_group_is_opened_and_others_are_one_layer() -> None:
    inner = (layer("x"), layer("y"), layer("z"))
    group = GroupLayer(layer_id="g", children=inner)
    around = (layer("a"), group, layer("b"))
    assert split(around, "y") == ("a x", "y", "z b")
    for change in (
        {"opacity": 0.5},
        {"blend_mode": BlendMode.NORMAL},
        {"mask": Mask(coverage=CoverageBuffer.from_array(np.zeros((3, 3), np.uint8)))},
    ):
        closed = replace(group, **change)
        assert split((layer("a"), closed, layer("b")), "y") == ("a", "g", "b")
    first = replace(group, children=(replace(inner[0], clipped=True), *inner[1:]))
    assert split((layer("a"), first), "y") == ("a", "g", ""), "it must not be clipped to a"


def test_a_group_with_another_mode_in_it_is_not_part_of_the_top_picture() -> None:
    screen = layer("s", blend_mode=BlendMode.SCREEN)
    through = GroupLayer(layer_id="g", children=(layer("x"), screen))
    assert split((layer("a"), through, layer("b")), "a") == ("", "a g", "b")
    isolated = replace(through, blend_mode=BlendMode.NORMAL)
    assert split((layer("a"), isolated, layer("b")), "a") == ("", "a", "g b")


def prepared(cache: PrefixCache, state: DocumentState, edited: str, key: TileKey) -> bool:
    return cache.follow(state, (edited,)) and cache.prepare(key, key.covered(WIDTH, HEIGHT))


def test_edits_of_the_edited_layer_keep_the_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []

    def draw(surface: Surface, layers: tuple[Layer, ...], level: int) -> None:
        drawn.append(names(layers))
        draw_layers(surface, layers, level)

    monkeypatch.setattr(prefix_cache, "draw_layers", draw)
    state = DocumentState(width=WIDTH, height=HEIGHT, layers=tuple(layer(n) for n in "abcdefg"))
    cache, key = PrefixCache(), TileKey(0, 0, 0)
    assert prepared(cache, state, "c", key)
    assert drawn == ["a b", "d e f g"]
    faded = replace(state.layers[2], opacity=0.3)
    state = replace(state, layers=tree.replace_layers(state.layers, {"c": faded}))
    assert prepared(cache, state, "c", key)
    assert len(drawn) == 2
    assert prepared(cache, state, "d", key)
    assert drawn[2:] == ["c", "e f g"], "going up adds one layer to what is below"


def test_a_change_elsewhere_keeps_the_pictures_of_a_tile() -> None:
    far = replace(layer("far"), offset=(350, 0))
    layers = (layer("a"), far, *(layer(name) for name in "bc"))
    state = DocumentState(width=WIDTH, height=HEIGHT, layers=layers)
    cache, near = PrefixCache(), TileKey(0, 0, 0)
    assert prepared(cache, state, "b", near)
    before = cache._cells[near].below
    moved = replace(far, offset=(360, 10))
    state = replace(state, layers=tree.replace_layers(state.layers, {"far": moved}))
    assert cache.follow(state, ("b",))
    assert not cache.knows(near)
    assert prepared(cache, state, "b", near)
    assert cache._cells[near].below is before


def test_another_base_far_away_is_noticed() -> None:
    """Seen from one tile, what a layer is clipped to may change though nothing moves there."""
    far = replace(layer("far"), offset=(350, 0))
    clip = replace(layer("c"), pixels=PixelBuffer.filled(300, 300, (0, 200, 0, 255)), clipped=True)
    layers = (layer("a"), far, clip, layer("e"), layer("f"))
    state = DocumentState(width=WIDTH, height=HEIGHT, layers=layers)
    cache = PrefixCache()
    assert compare(cache, state, ("e",), 0) == 0
    changed = tree.replace_layers(layers, {"far": replace(far, clipped=True)})
    assert compare(cache, replace(state, layers=changed), ("e",), 0) == 0


def test_memory_is_bounded_and_the_picture_stays_right() -> None:
    maker = Maker(3)
    state = maker.state()
    edited = (state.layers[4].layer_id,)
    cache = PrefixCache(budget_bytes=3 << 20)
    assert compare(cache, state, edited, 0) <= 1
    assert 0 < cache.byte_size <= 3 << 20
    cache.begin()
    state = maker.edited(state)
    assert compare(cache, state, edited, 0) <= 1
    assert cache.byte_size <= 3 << 20
    other = replace(state, document_id="another")
    assert cache.follow(other, edited)
    assert cache.byte_size == 0, "nothing of another document is kept"
