"""What we write comes back: through our reader, through psd-tools, and byte for byte."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psd_tools import PSDImage
from psd_tools.api.layers import Group
from psd_tools.constants import Compression, Resource, Tag

from editor.document.compositor import flatten
from editor.document.document import Document
from editor.document.geometry import Rect
from editor.document.layers import GroupLayer, RasterLayer
from editor.document.pixels import PixelBuffer
from editor.formats.inspect import describe
from editor.formats.psd import read_psd, write_psd
from editor.formats.psd_planes import matte_on_white, stored_box
from editor.formats.psd_resources import srgb_profile
from tests.formats.sample_documents import (
    HEIGHT,
    WIDTH,
    disc,
    matrix_document,
    noise,
    simple_document,
)

DOCUMENTS = [matrix_document, simple_document]


@pytest.fixture(params=DOCUMENTS, ids=["matrix", "simple"])
def document(request: pytest.FixtureRequest) -> Document:
    made: Document = request.param()
    return made


def test_reading_gives_the_same_description(document: Document, tmp_path: Path) -> None:
    write_psd(document, tmp_path / "a.psd")
    again = read_psd(tmp_path / "a.psd")
    assert describe(again) == describe(document)
    assert (again.seed, again.boxes) == (document.seed, document.boxes)
    assert again.document_id == document.document_id
    assert not again.modified


def test_a_file_of_ours_is_not_held_beside_its_document(document: Document, tmp_path: Path) -> None:
    write_psd(document, tmp_path / "a.psd")
    assert read_psd(tmp_path / "a.psd").snapshot().kept is None


def test_visible_pixels_come_back_exactly(document: Document, tmp_path: Path) -> None:
    write_psd(document, tmp_path / "a.psd")
    again = read_psd(tmp_path / "a.psd")
    for before, after in zip(document.raster_layers(), again.raster_layers(), strict=True):
        stored = before.pixels.read(stored_box(before.pixels))
        visible = stored[..., 3] > 0
        assert np.array_equal(after.pixels.array[..., 3], stored[..., 3])
        assert np.array_equal(after.pixels.array[visible], stored[visible])


@pytest.mark.parametrize("suffix", ["psd", "psb", "PSD"])
def test_write_read_write_gives_the_same_bytes(
    document: Document, tmp_path: Path, suffix: str
) -> None:
    first, second, third = (tmp_path / f"{name}.{suffix}" for name in "abc")
    write_psd(document, first)
    write_psd(read_psd(first), second)
    write_psd(read_psd(second).snapshot(), third)
    assert first.read_bytes() == second.read_bytes() == third.read_bytes()


def test_the_same_picture_comes_back(document: Document, tmp_path: Path) -> None:
    write_psd(document, tmp_path / "a.psd")
    assert np.array_equal(flatten(read_psd(tmp_path / "a.psd")), flatten(document))


def test_changing_one_layer_leaves_the_hashes_of_the_others(tmp_path: Path) -> None:
    write_psd(simple_document(), tmp_path / "a.psd")
    opened = read_psd(tmp_path / "a.psd")
    replaced = RasterLayer(
        name="dog", layer_id=opened.layers[2].layer_id, pixels=noise(70, 60, 9), offset=(160, 95)
    )
    state = Document(
        opened.width, opened.height, [*opened.layers[:2], replaced], opened.boxes, seed=opened.seed
    )
    write_psd(state, tmp_path / "b.psd")
    before = describe(opened)["layers"]
    after = describe(read_psd(tmp_path / "b.psd"))["layers"]
    changed = [old["id"] for old, new in zip(before, after, strict=True) if old != new]
    assert changed == [replaced.layer_id]


@st.composite
def raster_layers(draw: st.DrawFn) -> RasterLayer:
    width, height = draw(st.integers(1, 70)), draw(st.integers(1, 40))
    return RasterLayer(
        name=draw(st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=60)),
        pixels=noise(width, height, draw(st.integers(0, 1000))),
        offset=(draw(st.integers(-100, 100)), draw(st.integers(-100, 100))),
        opacity=draw(st.integers(0, 255)) / 255,
    )


@settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
@given(layer=raster_layers())
def test_any_layer_comes_back(tmp_path: Path, layer: RasterLayer) -> None:
    document = Document(50, 40, [layer])
    write_psd(document, tmp_path / "a.psd")
    assert describe(read_psd(tmp_path / "a.psd")) == describe(document)


def test_without_recipes_nothing_of_them_is_in_the_file(tmp_path: Path) -> None:
    document = simple_document()
    write_psd(document, tmp_path / "with.psd")
    write_psd(document, tmp_path / "without.psd", include_recipes=False)
    with_recipes, without = ((tmp_path / name).read_bytes() for name in ("with.psd", "without.psd"))
    for secret in ("a brown dog", str(2**63 - 1), document.layers[1].layer_id):
        assert secret.encode() in with_recipes
        assert secret.encode() not in without
        assert secret.encode("utf-16-be") not in without
    again = read_psd(tmp_path / "without.psd")
    assert [layer.name for layer in again.layers] == ["Background", "apple", "dog"]
    assert [layer["recipe"] for layer in describe(again)["layers"]] == [None] * 3
    assert again.boxes == ()


def test_progress_grows_to_one(tmp_path: Path) -> None:
    seen: list[float] = []
    write_psd(simple_document(), tmp_path / "a.psd", progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    assert len(seen) > 3


class TestWithPsdTools:
    """psd-tools' own object model reads what its records were made into."""

    @pytest.fixture
    def path(self, document: Document, tmp_path: Path) -> Path:
        write_psd(document, tmp_path / "a.psd")
        return tmp_path / "a.psd"

    def test_properties(self, document: Document, path: Path) -> None:
        psd = PSDImage.open(path)
        assert (psd.width, psd.height) == (WIDTH, HEIGHT)
        theirs = {layer.layer_id: layer for layer in psd.descendants()}
        described = describe(document)["layers"]
        assert len(theirs) == len(described)
        for layer in document.all_layers():
            ours = next(entry for entry in described if entry["id"] == layer.layer_id)
            same_name = [other for other in theirs.values() if other.name == ours["name"]]
            other = next(o for o in same_name if o.is_group() or list(o.bbox) == ours["box"])
            assert other.is_group() == isinstance(layer, GroupLayer)
            assert other.opacity == layer.opacity_level
            assert other.blend_mode.value == layer.blend_mode.psd_key
            assert other.visible == layer.visible
            setting = other.tagged_blocks.get_data(Tag.PROTECTED_SETTING, 0)
            assert bool(setting) == layer.locked
            color: Any = other.tagged_blocks.get_data(Tag.SHEET_COLOR_SETTING)
            shown = "none" if color is None else color.name.lower()
            assert shown == layer.color_tag.value
            if isinstance(layer, GroupLayer):
                assert isinstance(other, Group)
                assert other.open_folder == layer.expanded

    def test_no_alpha_became_a_mask(self, document: Document, path: Path) -> None:
        masked = [layer.name for layer in PSDImage.open(path).descendants() if layer.has_mask()]
        assert masked == [layer.name for layer in document.all_layers() if layer.mask]

    def test_masks_and_clipping(self, document: Document, path: Path) -> None:
        theirs = list(PSDImage.open(path).descendants())
        for layer, other in zip(document.all_layers(), theirs, strict=True):
            assert other.clipping == layer.clipped
            if layer.mask is None:
                continue
            mask = other.mask
            assert mask is not None
            assert mask.disabled == (not layer.mask.enabled)
            assert mask.background_color == layer.mask.outside
            box = Rect(*mask.bbox)
            pixels = mask.topil()
            if not box.is_empty:
                assert pixels is not None
                assert np.array_equal(np.asarray(pixels), layer.mask.read(box))
            rest = layer.mask.read(document.canvas).copy()
            inside = box.intersection(document.canvas)
            rest[inside.y0 : inside.y1, inside.x0 : inside.x1] = layer.mask.outside
            assert (rest == layer.mask.outside).all()

    def test_merged_image_is_our_composite(self, document: Document, path: Path) -> None:
        psd = PSDImage.open(path)
        merged = psd.topil(apply_icc=False)
        assert merged is not None
        theirs = matte_on_white(np.asarray(merged.convert("RGBA"))).astype(int)
        assert np.abs(theirs - matte_on_white(flatten(document)).astype(int)).max() <= 1

    def test_resources(self, document: Document, path: Path) -> None:
        psd = PSDImage.open(path)
        resources = psd.image_resources
        assert resources.get_data(Resource.ICC_PROFILE) == srgb_profile()
        assert resources.get_data(Resource.RESOLUTION_INFO).horizontal == 72 << 16
        assert resources.get_data(Resource.IDS_SEED_NUMBER) == len(document.all_layers())
        assert resources.get_data(Resource.VERSION_INFO).has_composite
        thumbnail = psd.thumbnail()
        assert thumbnail is not None
        assert thumbnail.size == (160, 120)
        assert psd._record.image_data.compression is Compression.RLE

    def test_saving_there_keeps_everything(self, document: Document, path: Path) -> None:
        other = path.with_name("again.psd")
        PSDImage.open(path).save(other)
        assert describe(read_psd(other)) == describe(document)


def layer_count(psd: PSDImage) -> int:
    info = psd._record.layer_and_mask_information.layer_info
    assert info is not None
    return info.layer_count


def test_an_opaque_document_has_three_channels(tmp_path: Path) -> None:
    write_psd(simple_document(opaque=True), tmp_path / "a.psd")
    psd = PSDImage.open(tmp_path / "a.psd")
    assert psd.channels == 3
    assert layer_count(psd) == 3


def test_a_transparent_document_flags_its_merged_alpha(tmp_path: Path) -> None:
    write_psd(simple_document(), tmp_path / "a.psd")
    psd = PSDImage.open(tmp_path / "a.psd")
    assert psd.channels == 4
    assert layer_count(psd) == -3


@pytest.mark.parametrize("include_recipes", [True, False])
def test_an_empty_document_stays_empty(tmp_path: Path, *, include_recipes: bool) -> None:
    write_psd(Document(30, 20), tmp_path / "a.psd", include_recipes=include_recipes)
    psd = PSDImage.open(tmp_path / "a.psd")
    assert (psd.size, len(psd)) == ((30, 20), 0)
    again = read_psd(tmp_path / "a.psd")
    assert (again.width, again.height, again.layers) == (30, 20, ())


def test_edge_colours_reach_under_alpha_zero(tmp_path: Path) -> None:
    layer = RasterLayer(name="disc", pixels=disc(60, 60, (250, 10, 20), hidden=0))
    write_psd(Document(60, 60, [layer]), tmp_path / "a.psd")
    pixels = read_psd(tmp_path / "a.psd").raster_layers()[0].pixels.array
    coloured = (pixels[..., 3] == 0) & (pixels[..., 0] == 250)
    assert coloured.sum() > 100


def test_a_large_plain_layer_stays_small(tmp_path: Path) -> None:
    layer = RasterLayer(name="plain", pixels=PixelBuffer.filled(2000, 1500, (9, 8, 7, 255)))
    write_psd(Document(2000, 1500, [layer]), tmp_path / "a.psd")
    assert (tmp_path / "a.psd").stat().st_size < 600_000  # RLE in layers and merged image
