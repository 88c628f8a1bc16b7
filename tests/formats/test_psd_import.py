"""Files of other programs: every mode and depth opens, and a save changes only what was changed."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from PIL import Image, ImageCms
from psd_tools import PSDImage
from psd_tools.constants import ColorMode, Resource, SheetColorType, Tag
from psd_tools.psd import PSD
from psd_tools.psd.descriptor import Descriptor, DescriptorBlock, Double
from psd_tools.psd.image_resources import GridGuidesInfo, ImageResource
from psd_tools.psd.layer_and_mask import MaskParameters
from psd_tools.psd.tagged_blocks import TaggedBlock

from editor.document import tree
from editor.document.blending import BlendMode
from editor.document.color_tags import ColorTag
from editor.document.geometry import Rect
from editor.document.guides import Guide, Orientation
from editor.document.kept import KeptFeature
from editor.document.layers import Layer, RasterLayer
from editor.document.masks import CoverageBuffer, Mask
from editor.document.state import DocumentState
from editor.formats.files import read_document
from editor.formats.native import read_native, write_native
from editor.formats.psd import read_psd, read_psd_file, write_psd
from editor.formats.psd_colors import ColorSpace, to_bytes
from editor.formats.psd_layers import entries_of
from tests.formats.sample_documents import noise

WIDTH, HEIGHT = 40, 30


def soft_mask(layer: Any) -> None:
    layer.create_mask(Image.new("L", (9, 9), 255))
    data = layer._record.mask_data
    data.flags.parameters_applied = True
    data.parameters = MaskParameters(user_mask_density=100, user_mask_feather=2.0)


def solid_fill(layer: Any) -> None:
    """As other programs write a fill: no pixels, a description."""
    record = layer._record
    record.left = record.top = record.right = record.bottom = 0
    for channel in layer._channels:
        channel.data = b""
    color = Descriptor(classID=b"RGBC")
    for key, value in ((b"Rd  ", 200.0), (b"Grn ", 100.0), (b"Bl  ", 50.0)):
        color[key] = Double(value)
    fill: Any = DescriptorBlock(classID=b"null")
    fill[b"Clr "] = color
    layer.tagged_blocks[Tag.SOLID_COLOR_SHEET_SETTING.value] = TaggedBlock(
        key=Tag.SOLID_COLOR_SHEET_SETTING, data=fill
    )


def invert(layer: Any) -> None:
    solid_fill(layer)
    layer.tagged_blocks.pop(Tag.SOLID_COLOR_SHEET_SETTING.value)
    layer.tagged_blocks.set_data(Tag.INVERT)


def foreign(path: Path, change: Callable[[Any], None] = lambda layer: None) -> Path:
    """Three layers and a group, made by psd-tools; `change` gets the one called "above"."""
    psd = PSDImage.new("RGBA", (WIDTH, HEIGHT))
    picture = Image.fromarray(noise(12, 10, 3).array)
    psd.create_pixel_layer(picture, name="below", top=4, left=-3)
    layer = psd.create_pixel_layer(picture, name="above", opacity=200)
    psd.create_group([psd.create_pixel_layer(picture, name="inner", top=9, left=9)], name="group")
    change(layer)
    psd.save(path)
    return path


def opened(path: Path) -> DocumentState:
    return read_psd(path).snapshot()


def named(state: DocumentState, name: str) -> Layer:
    return next(layer for layer in state.all_layers() if layer.name == name)


def changed(state: DocumentState, layer: Layer) -> DocumentState:
    return replace(state, layers=tree.replace_layers(state.layers, {layer.layer_id: layer}))


def stored(path: Path) -> dict[str, tuple[bytes, list[bytes]]]:
    """Record and channels of each layer by its name."""
    psd = PSD.frombytes(path.read_bytes())
    found = {}
    for record, channels in entries_of(psd):
        name = str(record.tagged_blocks.get_data(Tag.UNICODE_LAYER_NAME, record.name))
        data = io.BytesIO()
        record.write(data)
        found[name.rstrip("\0")] = (data.getvalue(), [channel.data for channel in channels])
    return found


def block(path: Path, tag: Tag) -> object:
    """What the layer "above" has under a tag."""
    entries = entries_of(PSD.frombytes(path.read_bytes()))
    record = next(record for record, _ in entries if record.name == "above")
    return record.tagged_blocks.get_data(tag)


class TestKept:
    @pytest.mark.parametrize("change", [soft_mask, solid_fill, invert])
    def test_nothing_changed_gives_the_same_file(
        self, tmp_path: Path, change: Callable[[Any], None]
    ) -> None:
        source = foreign(tmp_path / "a.psd", change)
        write_psd(opened(source), tmp_path / "b.psd")
        assert (tmp_path / "b.psd").read_bytes() == source.read_bytes()

    def test_only_the_painted_layer_changes(self, tmp_path: Path) -> None:
        source = foreign(tmp_path / "a.psd", invert)
        state = opened(source)
        layer = named(state, "below")
        assert isinstance(layer, RasterLayer)
        dab = np.array([[[1, 2, 3, 250]]], np.uint8)
        painted = replace(layer, pixels=layer.pixels.with_patch(Rect(0, 0, 1, 1), dab))
        write_psd(changed(state, painted), tmp_path / "b.psd")
        before, after = stored(source), stored(tmp_path / "b.psd")
        assert list(before) == list(after)
        assert {name for name in before if before[name] != after[name]} == {"below"}
        again = named(opened(tmp_path / "b.psd"), "below")
        assert isinstance(again, RasterLayer)
        assert again.pixels.pixel(0, 0) == (1, 2, 3, 250)

    def test_properties_are_written_into_the_kept_record(self, tmp_path: Path) -> None:
        state = opened(foreign(tmp_path / "a.psd", invert))
        layer = named(state, "above")
        renamed = replace(layer, name="林檎", opacity=0.2, visible=False, locked=False)
        write_psd(changed(state, renamed), tmp_path / "b.psd")
        again = named(opened(tmp_path / "b.psd"), "林檎")
        assert again.kept is not None
        assert again.kept.features == (KeptFeature.ADJUSTMENT,)
        assert (again.opacity_level, again.visible) == (51, False)
        before, after = stored(tmp_path / "a.psd"), stored(tmp_path / "b.psd")
        assert before["above"][1] == after["林檎"][1]

    def test_a_color_tag_stays_as_it_was_until_it_is_changed(self, tmp_path: Path) -> None:
        def tagged(layer: Any) -> None:
            layer.tagged_blocks.set_data(Tag.SHEET_COLOR_SETTING, SheetColorType.SEAFOAM)

        state = opened(foreign(tmp_path / "a.psd", tagged))
        layer = named(state, "above")
        assert layer.color_tag is ColorTag.GREEN
        for changes, expected in (
            ({"opacity": 0.2}, SheetColorType.SEAFOAM),
            ({"color_tag": ColorTag.BLUE}, SheetColorType.BLUE),
            ({"color_tag": ColorTag.NONE}, None),
        ):
            write_psd(changed(state, replace(layer, **changes)), tmp_path / "b.psd")
            assert block(tmp_path / "b.psd", Tag.SHEET_COLOR_SETTING) is expected

    @pytest.mark.parametrize(
        ("tag", "value"),
        [(Tag.BLEND_FILL_OPACITY, 128), (Tag.SHEET_COLOR_SETTING, SheetColorType.INDIGO)],
    )
    def test_what_is_not_ours_is_kept_through_a_file_of_ours(
        self, tmp_path: Path, tag: Tag, value: int | SheetColorType
    ) -> None:
        def change(layer: Any) -> None:
            layer.tagged_blocks.set_data(tag, value)

        state = opened(foreign(tmp_path / "a.psd", change))
        hidden = replace(named(state, "below"), visible=False)
        write_psd(changed(state, hidden), tmp_path / "b.psd")
        again = opened(tmp_path / "b.psd")
        write_psd(changed(again, replace(named(again, "below"), visible=True)), tmp_path / "c.psd")
        assert block(tmp_path / "c.psd", tag) == value

    def test_a_duplicate_gets_a_number_of_its_own(self, tmp_path: Path) -> None:
        def number(layer: Any) -> None:
            layer.tagged_blocks.set_data(Tag.LAYER_ID, 7)

        state = opened(foreign(tmp_path / "a.psd", number))
        layer = named(state, "above")
        copied = replace(layer, layer_id="copy", name="copy")
        write_psd(replace(state, layers=(*state.layers, copied)), tmp_path / "b.psd")
        psd = PSD.frombytes((tmp_path / "b.psd").read_bytes())
        numbers = [r.tagged_blocks.get_data(Tag.LAYER_ID) for r, _ in entries_of(psd)]
        given = [int(number) for number in numbers if number is not None]
        assert 7 in given
        assert len(set(given)) == len(given)

    def test_painting_over_text_makes_it_pixels(self, tmp_path: Path) -> None:
        def text(layer: Any) -> None:
            key = Tag.TYPE_TOOL_INFO
            layer.tagged_blocks[key.value] = TaggedBlock(key=key, data=b"a text of old")

        source = foreign(tmp_path / "a.psd", text)
        state = opened(source)
        layer = named(state, "above")
        assert isinstance(layer, RasterLayer)
        assert layer.kept is not None
        assert layer.kept.features == (KeptFeature.TEXT,)
        dab = np.zeros((2, 2, 4), np.uint8)
        painted = replace(layer, pixels=layer.pixels.with_patch(Rect(0, 0, 2, 2), dab))
        write_psd(changed(state, painted), tmp_path / "b.psd")
        again = named(opened(tmp_path / "b.psd"), "above")
        assert again.kept is None or again.kept.features == ()

    def test_a_moved_layer_keeps_its_packed_pixels(self, tmp_path: Path) -> None:
        source = foreign(tmp_path / "a.psd")
        state = opened(source)
        layer = named(state, "below")
        assert isinstance(layer, RasterLayer)
        write_psd(changed(state, replace(layer, offset=(5, 6))), tmp_path / "b.psd")
        assert stored(source)["below"][1] == stored(tmp_path / "b.psd")["below"][1]
        assert named(opened(tmp_path / "b.psd"), "below").bounds == Rect(5, 6, 17, 16)

    def test_another_mask_replaces_the_soft_one(self, tmp_path: Path) -> None:
        state = opened(foreign(tmp_path / "a.psd", soft_mask))
        mask = Mask(coverage=CoverageBuffer.filled(5, 5, 77))
        write_psd(changed(state, replace(named(state, "above"), mask=mask)), tmp_path / "b.psd")
        again = named(opened(tmp_path / "b.psd"), "above")
        assert again.mask is not None
        assert (again.mask.coverage.array == 77).all()
        assert again.kept is None or again.kept.features == ()

    def test_a_psd_saved_as_psb_and_back(self, tmp_path: Path) -> None:
        source = foreign(tmp_path / "a.psd", soft_mask)
        write_psd(opened(source), tmp_path / "b.psb")
        again = opened(tmp_path / "b.psb")
        assert [layer.name for layer in again.all_layers()] == [
            layer.name for layer in opened(source).all_layers()
        ]
        write_psd(again, tmp_path / "c.psd")
        assert stored(tmp_path / "c.psd") == stored(source)

    def test_the_native_format_keeps_the_records_too(self, tmp_path: Path) -> None:
        source = foreign(tmp_path / "a.psd", invert)
        write_native(opened(source), tmp_path / "b.layerloom")
        state = read_native(tmp_path / "b.layerloom").document.snapshot()
        assert state.kept is not None
        write_psd(state, tmp_path / "c.psd")
        assert (tmp_path / "c.psd").read_bytes() == source.read_bytes()

    def test_layers_of_another_document_are_new_ones(self, tmp_path: Path) -> None:
        first = opened(foreign(tmp_path / "a.psd"))
        second = opened(foreign(tmp_path / "b.psd", invert))
        moved = replace(named(first, "below"), layer_id="moved", name="moved")
        both = replace(second, layers=(*second.layers, moved))
        write_psd(both, tmp_path / "c.psd")
        assert named(opened(tmp_path / "c.psd"), "moved").bounds == Rect(-3, 4, 9, 14)


class TestLayers:
    def test_an_adjustment_is_a_locked_layer_without_pixels(self, tmp_path: Path) -> None:
        found = read_psd_file(foreign(tmp_path / "a.psd", invert))
        layer = named(found.document.snapshot(), "above")
        assert layer.locked
        assert layer.opaque_box.is_empty
        assert layer.kept is not None
        assert layer.kept.features == (KeptFeature.ADJUSTMENT,)
        assert found.notes == ("Kept for PSD, but not shown: adjustment layers.",)
        assert read_document(tmp_path / "a.psd").notes == found.notes

    def test_a_solid_fill_is_drawn(self, tmp_path: Path) -> None:
        layer = named(opened(foreign(tmp_path / "a.psd", solid_fill)), "above")
        assert isinstance(layer, RasterLayer)
        assert layer.bounds == Rect(0, 0, WIDTH, HEIGHT)
        assert layer.pixels.pixel(20, 20) == (200, 100, 50, 255)

    def test_density_and_feather_are_worked_into_the_mask(self, tmp_path: Path) -> None:
        layer = named(opened(foreign(tmp_path / "a.psd", soft_mask)), "above")
        assert layer.mask is not None
        values = layer.mask.read(Rect(0, 0, WIDTH, HEIGHT))
        assert values[20, 30] == 155  # 255 less the density of 100
        assert 155 < values[9, 4] < 255

    def test_fill_opacity_becomes_opacity(self, tmp_path: Path) -> None:
        source = foreign(tmp_path / "a.psd", lambda layer: setattr(layer, "fill_opacity", 51))
        assert named(opened(source), "above").opacity_level == 40  # a fifth of 200

    def test_blend_modes_that_imagemagick_wrote_backwards(self, tmp_path: Path) -> None:
        source = foreign(tmp_path / "a.psd")
        data = source.read_bytes()
        source.write_bytes(data.replace(b"8BIMnorm", b"8BIMmron"))
        assert [layer.blend_mode for layer in opened(source).raster_layers()] == [
            BlendMode.NORMAL
        ] * 3
        write_psd(opened(source), tmp_path / "b.psd")
        assert (tmp_path / "b.psd").read_bytes() == source.read_bytes()

    def test_guides(self, tmp_path: Path) -> None:
        source = foreign(tmp_path / "a.psd")
        psd = PSD.frombytes(source.read_bytes())
        lines: Any = [(320, 0), (48, 1)]
        data: Any = GridGuidesInfo(version=1, horizontal=576, vertical=576, data=lines)
        key = Resource.GRID_AND_GUIDES_INFO
        psd.image_resources[key] = ImageResource(key=key, data=data)
        source.write_bytes(psd.tobytes())
        assert opened(source).guides == (
            Guide(Orientation.VERTICAL, 10.0),
            Guide(Orientation.HORIZONTAL, 1.5),
        )


class TestColors:
    @pytest.mark.parametrize(
        ("mode", "values", "expected"),
        [
            (ColorMode.RGB, (10, 20, 30), (10, 20, 30)),
            (ColorMode.GRAYSCALE, (90,), (90, 90, 90)),
            (ColorMode.CMYK, (255, 255, 255, 255), (255, 255, 255)),
            (ColorMode.CMYK, (255, 0, 0, 255), (255, 0, 0)),
            (ColorMode.CMYK, (255, 255, 255, 0), (0, 0, 0)),
            (ColorMode.LAB, (255, 128, 128), (255, 255, 255)),
            (ColorMode.LAB, (0, 128, 128), (0, 0, 0)),
            (ColorMode.LAB, (138, 209, 198), (255, 0, 0)),
        ],
    )
    def test_modes(
        self, mode: ColorMode, values: tuple[int, ...], expected: tuple[int, ...]
    ) -> None:
        planes = [np.full((2, 3), value, np.uint8) for value in values]
        found = ColorSpace(mode, 8).to_rgb(planes)
        assert found.shape == (2, 3, 3)
        assert np.abs(found.astype(int) - expected).max() <= 3
        deep = [plane.astype(np.uint16) * 257 for plane in planes]
        if mode is not ColorMode.LAB:
            assert np.array_equal(ColorSpace(mode, 16).to_rgb(deep), found)

    def test_a_palette(self) -> None:
        palette = bytes(range(256)) + bytes(256) + bytes([7] * 256)
        space = ColorSpace(ColorMode.INDEXED, 8, palette)
        assert space.to_rgb([np.full((1, 1), 200, np.uint8)])[0, 0].tolist() == [200, 0, 7]
        with pytest.raises(ValueError, match="palette"):
            ColorSpace(ColorMode.INDEXED, 8).to_rgb([np.zeros((1, 1), np.uint8)])

    def test_a_profile_that_does_not_fit_is_left_out(self) -> None:
        srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
        for profile in (srgb, b"nonsense"):
            space = ColorSpace(ColorMode.CMYK, 8, b"", profile)
            white = [np.full((1, 1), 255, np.uint8)] * 4
            assert space.to_rgb(white)[0, 0].tolist() == [255, 255, 255]

    def test_deep_gradients_are_dithered(self) -> None:
        ramp = np.tile(np.linspace(0, 2570, 640), (64, 1)).astype(np.uint16)
        found = to_bytes(ramp)
        assert abs(float(found.mean()) - float(ramp.mean()) / 257) < 0.02
        assert len(np.unique(found[:, 100])) == 2

    def test_light_becomes_srgb(self) -> None:
        half = np.full((1, 1), 0.2140411, np.float32)
        assert abs(int(to_bytes(half, linear=True)[0, 0]) - 128) <= 1
        assert to_bytes(np.full((1, 1), np.nan, np.float32))[0, 0] == 0

    @pytest.mark.parametrize("depth", [16, 32])
    def test_deep_files_open_with_a_notice_and_are_kept(
        self, tmp_path: Path, depth: Literal[16, 32]
    ) -> None:
        psd = PSDImage.new("RGBA", (8, 6), depth=depth)
        values = np.linspace(0, 1, 8 * 6 * 4, dtype=np.float32).reshape(6, 8, 4)
        psd.create_pixel_layer_from_array(values, name="deep")
        psd.save(tmp_path / "a.psd")
        found = read_psd_file(tmp_path / "a.psd")
        assert found.notes == (f"The colors were converted from {depth}-bit RGB to 8-bit RGB.",)
        (layer,) = found.document.raster_layers()
        alpha = np.rint(values[..., 3] * 255)
        assert np.abs(layer.pixels.array[..., 3] - alpha).max() <= 1
        state = found.document.snapshot()
        write_psd(state, tmp_path / "b.psd")
        assert (tmp_path / "b.psd").read_bytes() == (tmp_path / "a.psd").read_bytes()
        write_psd(changed(state, replace(layer, name="other")), tmp_path / "c.psd")
        again = read_psd_file(tmp_path / "c.psd")
        assert again.notes == ()
        assert again.document.layers[0].name == "other"
