"""The table of readers: the quick ones always, all with `--readers`; and that it notices."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.formats.readers import by_python
from tests.formats.readers.comparing import PROPERTIES, Verdict
from tests.formats.readers.reading import Reading, Seen, expected
from tests.formats.readers.table import READERS, make_table
from tests.formats.sample_documents import matrix_document


def test_quick_readers_read_what_we_write() -> None:
    table = make_table(quick=True)
    assert table.wrong == []
    assert "psd-tools" in table.findings
    assert table.layers >= 50


@pytest.mark.readers
def test_every_reader_reads_what_we_write() -> None:
    table = make_table()
    assert table.wrong == []
    assert set(table.findings) | set(table.absent) == set(READERS)


def test_the_matrix_has_what_it_must() -> None:
    layers = expected(matrix_document()).layers
    assert len({seen.mode for seen in layers} - {"passthrough"}) == 27
    assert {"林檎の木", "n" * 255} <= {seen.name for seen in layers}
    assert max(seen.depth or 0 for seen in layers) == 3
    boxes = [seen.box for seen in layers if seen.box is not None]
    assert any(box[0] < 0 for box in boxes)
    assert any(box[1] > 240 for box in boxes)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("names", {"name": "another"}),
        ("boxes", {"box": (0, 0, 1, 1)}),
        ("blend modes", {"mode": "screen"}),
        ("opacity", {"opacity": 7}),
        ("visibility", {"visible": False}),
        ("locks", {"locked": True}),
        ("clipping", {"clipped": True}),
        ("masks", {"masked": True}),
        ("layer ids", {"number": 99}),
        ("layers and groups", {"is_group": True}),
        ("nesting", {"depth": 4}),
    ],
)
def test_a_difference_is_noticed(name: str, change: dict[str, object]) -> None:
    ours = expected(matrix_document())
    first: Seen = replace(ours.layers[0], **change)  # type: ignore[arg-type]
    theirs = replace(ours, layers=(first, *ours.layers[1:]))
    assert PROPERTIES[name](ours, ours).verdict is Verdict.EQUAL
    assert PROPERTIES[name](ours, theirs).verdict is Verdict.WRONG


def test_pixels_and_the_merged_image_are_compared() -> None:
    ours = expected(matrix_document())
    pixels = ours.layers[0].pixels
    assert pixels is not None
    assert ours.merged is not None
    changed = pixels.copy()
    changed[3, 3, 1] ^= 4
    theirs = replace(
        ours,
        layers=(replace(ours.layers[0], pixels=changed), *ours.layers[1:]),
        merged=ours.merged ^ np.uint8(2),
    )
    for name in ("pixels", "merged image"):
        assert PROPERTIES[name](ours, theirs).verdict is Verdict.WRONG


def test_what_a_program_does_not_tell_is_no_agreement() -> None:
    ours = expected(matrix_document())
    silent = Reading(size=ours.size, layers=tuple(Seen(s.name, s.is_group) for s in ours.layers))
    assert PROPERTIES["opacity"](ours, silent).verdict is Verdict.SILENT
    assert PROPERTIES["XMP"](ours, silent).verdict is Verdict.SILENT


def test_ids_are_found_in_escaped_packets() -> None:
    assert by_python.document_id_in('x "document_id": "ab", y') == "ab"
    assert by_python.document_id_in("&quot;document_id&quot;: &quot;cd&quot;") == "cd"
    assert by_python.document_id_in(None) is None
