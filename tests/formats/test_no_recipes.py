"""Without recipes no byte of any file tells a prompt or a seed, wherever the document came from."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from editor.document.document import Document
from editor.document.geometry import Rect
from editor.document.guides import Guide, Orientation
from editor.document.layout import LayoutBox
from editor.formats.files import read_document, write_any, write_document
from editor.formats.psd import read_psd
from editor.formats.xmp import Origin
from tests.formats.sample_documents import generated_layer, simple_document

PROMPT, SEED = "an octarine walrus", 918_273_645_546
SECRETS = (b"octarine", b"walrus", b"918273645546")


def secret_document() -> Document:
    layers = [generated_layer("animal", (5, 6), PROMPT, SEED)]
    boxes = [LayoutBox(Rect(0, 0, 50, 50), "animal", PROMPT)]
    return Document(200, 150, layers, boxes, seed=SEED)


def every_byte(path: Path) -> bytes:
    """Of a file, or of all files in a folder; members of a zip unpacked too."""
    if path.is_dir():
        return b"".join(every_byte(part) for part in sorted(path.iterdir()))
    data = path.read_bytes()
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            data += b"".join(archive.read(name) for name in archive.namelist())
    return data


@pytest.mark.parametrize(
    "name", ["a.psd", "a.psb", "a.ora", "a.layerloom", "a.png", "a.webp", "a.jpg", "a.tiff", "dir"]
)
@pytest.mark.parametrize("opened_from", [None, "psd", "ora"])
def test_nothing_is_left(tmp_path: Path, name: str, opened_from: str | None) -> None:
    state = secret_document().snapshot()
    if opened_from is not None:
        source = tmp_path / f"source.{opened_from}"
        write_document(state, source)
        state = read_document(source).document.snapshot()
    target = tmp_path / name
    write_any(state, target, include_recipes=False)
    data = every_byte(target)
    assert not [secret for secret in SECRETS if secret in data]


@pytest.mark.parametrize("name", ["a.psd", "a.psb", "a.ora", "a.layerloom", "dir"])
def test_with_recipes_they_are_there(tmp_path: Path, name: str) -> None:
    """Or the test above would prove nothing."""
    target = tmp_path / name
    write_any(secret_document().snapshot(), target)
    assert all(secret in every_byte(target) for secret in SECRETS)


@pytest.mark.parametrize("include_recipes", [True, False])
def test_a_psd_says_that_it_was_generated(tmp_path: Path, include_recipes: bool) -> None:
    for document, term in (
        (secret_document(), Origin.GENERATED),
        (simple_document(), Origin.PARTLY_GENERATED),
        (Document(20, 20, simple_document().layers[:1]), None),
    ):
        write_any(document.snapshot(), tmp_path / "a.psd", include_recipes=include_recipes)
        data = (tmp_path / "a.psd").read_bytes()
        for each in Origin:
            assert (f"digitalsourcetype/{each}".encode() in data) == (each is term)


def test_guides_come_back_from_a_psd(tmp_path: Path) -> None:
    guides = (
        Guide(Orientation.HORIZONTAL, 12.5),
        Guide(Orientation.VERTICAL, -30.03125),
        Guide(Orientation.VERTICAL, 199),
    )
    state = replace(Document(200, 150).snapshot(), guides=guides)
    write_any(state, tmp_path / "a.psd")
    assert read_psd(tmp_path / "a.psd").snapshot().guides == guides
