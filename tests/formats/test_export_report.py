"""The itemised report: each thing that a format cannot hold is named, and nothing else."""

from __future__ import annotations

import json

import pytest

from editor.document.document import Document
from editor.document.layers import RasterLayer
from editor.document.pixels import PixelBuffer
from editor.document.state import DocumentState
from editor.formats.export_report import Change, export_report
from tests.formats.filled_values import filled_state
from tests.formats.sample_documents import matrix_document, noise, simple_document


def changes(state: DocumentState, name: str, **options: bool) -> set[Change]:
    return {item.change for item in export_report(state, name, **options)}


def test_a_plain_document_loses_nothing_in_layered_files() -> None:
    state = simple_document().snapshot()
    for name in ("a.psd", "a.psb", "a.ora", "a.layerloom", "folder"):
        assert export_report(state, name) == ()


def test_what_a_psd_cannot_hold() -> None:
    state = filled_state()
    found = changes(state, "a.psd")
    assert {Change.TEXT_RASTERISED, Change.SELECTION_LEFT_OUT} <= found
    assert changes(state, "a.layerloom") == set()


def test_applied_transforms_and_cut_names() -> None:
    pixels = noise(9, 9, 1)
    layer = RasterLayer(name="\N{RED APPLE}" * 130, pixels=pixels, source=noise(20, 20, 2))
    items = export_report(Document(9, 9, [layer]).snapshot(), "a.psd")
    assert [item.change for item in items] == [Change.NAME_CUT, Change.TRANSFORM_APPLIED]
    assert all(item.layer == layer.name for item in items)


def test_what_other_programs_see_in_openraster() -> None:
    found = changes(matrix_document().snapshot(), "a.ora")
    assert found == {Change.MASK_WORKED_IN, Change.MODE_UNKNOWN}


@pytest.mark.parametrize("name", ["a.png", "a.webp", "a.tiff"])
def test_pictures_are_flat(name: str) -> None:
    assert changes(simple_document().snapshot(), name) == {Change.FLATTENED}


def test_a_jpeg_of_an_opaque_picture_loses_no_transparency() -> None:
    state = simple_document().snapshot()
    assert changes(state, "a.jpg") == {Change.FLATTENED, Change.ON_WHITE}
    opaque = Document(9, 9, [RasterLayer(pixels=PixelBuffer.filled(9, 9, (1, 2, 3, 255)))])
    assert changes(opaque.snapshot(), "a.jpg") == set()


def test_recipes_left_out_are_said() -> None:
    state = simple_document().snapshot()
    assert changes(state, "a.psd", include_recipes=False) == {Change.RECIPES_LEFT_OUT}
    assert changes(state, "a.ora", include_recipes=False) == {Change.RECIPES_LEFT_OUT}
    plain = Document(9, 9).snapshot()
    assert export_report(plain, "a.psd", include_recipes=False) == ()


def test_items_are_plain_values_for_programs() -> None:
    items = export_report(filled_state(), "a.psd")
    text = json.dumps([item.as_json() for item in items])
    assert "text_rasterised" in text
