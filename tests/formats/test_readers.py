"""Programs that we did not write read our files: ag-psd (JavaScript) and ImageMagick.

`python packaging/test.py --readers` installs them and runs these tests. Known limits of the
readers: ImageMagick shows MacRoman names only, lists no groups, and multiplies a layer's opacity
into its alpha.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from editor.document.compositor import flatten
from editor.document.document import Document
from editor.document.layers import GroupLayer, Layer, RasterLayer
from editor.formats.inspect import describe, stored_bounds
from editor.formats.psd import read_psd, write_psd
from editor.formats.psd_names import legacy_name
from editor.formats.psd_planes import matte_on_white
from tests.formats.readers import programs
from tests.formats.sample_documents import matrix_document, simple_document

pytestmark = pytest.mark.readers

needs_ag_psd = pytest.mark.skipif(
    programs.ag_psd() is None,
    reason="ag-psd is not installed: python -m tests.formats.readers.install",
)
needs_imagemagick = pytest.mark.skipif(
    programs.imagemagick() is None,
    reason="ImageMagick is not installed: python -m tests.formats.readers.install",
)

DOCUMENTS: dict[str, Callable[[], Document]] = {
    "matrix": matrix_document,
    "simple": simple_document,
    "opaque": lambda: simple_document(opaque=True),
}


@pytest.fixture(params=DOCUMENTS)
def document(request: pytest.FixtureRequest) -> Document:
    return DOCUMENTS[request.param]()


@pytest.fixture(params=["psd", "psb"])
def path(document: Document, tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    written = tmp_path / f"a.{request.param}"
    write_psd(document, written)
    return written


def close(theirs: np.ndarray, ours: np.ndarray) -> bool:
    """Within one level wherever it can be seen, and in alpha everywhere."""
    alpha_difference = np.abs(theirs[..., 3].astype(int) - ours[..., 3])
    seen = matte_on_white(theirs).astype(int) - matte_on_white(ours)
    return bool(alpha_difference.max() <= 1 and np.abs(seen).max() <= 1)


def in_file(layer: RasterLayer) -> np.ndarray:
    """The pixels that a reader should see, h w 4 (colour under alpha 0 aside)."""
    box = stored_bounds(layer).translated(-layer.offset[0], -layer.offset[1])
    return layer.pixels.read(box)


@needs_ag_psd
class TestAgPsd:
    def test_tree_names_boxes_and_flags(self, document: Document, path: Path) -> None:
        read = programs.read_with_ag_psd(path)
        assert (read["width"], read["height"]) == (document.width, document.height)
        self.same(document.layers, read["layers"], describe(document)["layers"])

    def same(
        self,
        ours: tuple[Layer, ...],
        theirs: list[dict[str, Any]],
        described: list[dict[str, Any]],
    ) -> None:
        assert len(ours) == len(theirs)
        for layer, read in zip(ours, theirs, strict=True):
            assert read["name"] == layer.name
            assert read["opacity"] == pytest.approx(layer.opacity)
            assert read["blendMode"] == layer.blend_mode.id.replace("_", " ")
            assert read["hidden"] == (not layer.visible)
            assert read["locked"] == layer.locked
            assert read["hasMask"] == (layer.mask is not None)
            if isinstance(layer, GroupLayer):
                assert read["opened"] == layer.expanded
                self.same(layer.children, read["children"], described)
            else:
                entry = next(e for e in described if e["id"] == layer.layer_id)
                assert read["box"] == entry["box"]

    def test_ids_are_unique(self, document: Document, path: Path) -> None:
        numbers = [layer["id"] for layer in every(programs.read_with_ag_psd(path)["layers"])]
        assert sorted(numbers) == list(range(1, len(document.all_layers()) + 1))

    def test_pixels_of_every_layer(self, document: Document, path: Path) -> None:
        read = every(programs.read_with_ag_psd(path)["layers"])
        images = [layer["image"] for layer in read if layer["children"] is None]
        for layer, image in zip(document.raster_layers(), images, strict=True):
            expected = in_file(layer)
            visible = expected[..., 3] > 0
            assert np.array_equal(image[..., 3], expected[..., 3])
            assert np.array_equal(image[visible], expected[visible])

    def test_merged_image(self, document: Document, path: Path) -> None:
        assert close(programs.read_with_ag_psd(path)["merged"], flatten(document))

    def test_resources(self, document: Document, path: Path) -> None:
        read = programs.read_with_ag_psd(path)
        assert read["resolution"] == 72
        assert read["hasThumbnail"]
        assert document.document_id in read["xmp"]
        assert read["idsSeedNumber"] == len(document.all_layers())

    def test_recipes_survive_saving_there(self, document: Document, path: Path) -> None:
        again = path.with_name("again" + path.suffix)
        programs.save_again_with_ag_psd(path, again)
        assert describe(read_psd(again)) == describe(document)


@needs_imagemagick
class TestImageMagick:
    def test_names_and_boxes(self, document: Document, path: Path) -> None:
        merged, *frames = programs.magick_frames(path)
        assert merged["box"] == [0, 0, document.width, document.height]
        expected = [
            (legacy_name(layer.name), list(stored_bounds(layer).as_tuple()))
            for layer in document.raster_layers()
        ]
        assert [(frame["label"], frame["box"]) for frame in frames] == expected

    def test_pixels_of_every_layer(self, document: Document, path: Path) -> None:
        for index, layer in enumerate(document.raster_layers()):
            expected = in_file(layer).copy()
            faded = expected[..., 3] * layer.opacity
            if layer.mask is not None and not stored_bounds(layer).contains(layer.mask.bounds):
                continue  # it puts masks that begin outside of their layer elsewhere
            if layer.mask is not None:
                faded = faded * layer.mask.read(stored_bounds(layer)) / 255
            expected[..., 3] = np.rint(faded)
            height, width = expected.shape[:2]
            image = programs.magick_pixels(path, index + 1, width, height)
            assert close(image, expected), layer.name

    def test_merged_image(self, document: Document, path: Path) -> None:
        image = programs.magick_pixels(path, 0, document.width, document.height)
        assert close(image, flatten(document))


def every(layers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """All layers bottom to top, what is in a group before the group."""
    result = []
    for layer in layers:
        result += every(layer["children"] or [])
        result.append(layer)
    return result
