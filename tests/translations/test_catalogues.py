"""Every shipped catalogue is complete and fits the source."""

from __future__ import annotations

from pathlib import Path

import pytest

import resources
from editor.po_files import Entry, read_po
from tests.translations.catalogue import faults, updated
from tests.translations.source_texts import SourceText, texts_of_source

CATALOGUES = sorted(resources.locate("translations").glob("*.po"))
HEAD = Entry("", ("Plural-Forms: nplurals=2; plural=(n != 1);\n",))


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_catalogue_is_complete(path: Path) -> None:
    found = sorted(faults(read_po(path), texts_of_source().values()))
    assert not found, "run `python -m tests.translations` and fill in:\n" + "\n".join(found)


@pytest.mark.parametrize(
    ("entry", "source", "says"),
    [
        (Entry("Old", ("Alt",)), SourceText("New"), "no longer in the source"),
        (Entry("Old", ("Alt",)), SourceText("New"), "missing"),
        (Entry("New", ("",)), SourceText("New"), "empty"),
        (Entry("New", ("Neu ",)), SourceText("New"), "spaces"),
        (Entry("New {a}", ("Neu {b}",)), SourceText("New {a}"), "placeholders"),
        (Entry("New {a}", ("Neu",)), SourceText("New {a}"), "placeholders"),
        (Entry("&New", ("Neu",)), SourceText("&New"), "&"),
        (Entry("New…", ("Neu",)), SourceText("New…"), "ends otherwise"),
        (Entry("New", ("Neu",), comments=("#, fuzzy",)), SourceText("New"), "unsure"),
        (Entry("Box", ("Kasten",)), SourceText("Box", plural="Boxes"), "plural"),
    ],
)
def test_faults_are_found(entry: Entry, source: SourceText, says: str) -> None:
    assert any(says in line for line in faults([HEAD, entry], [source]))


def test_an_entry_that_is_there_twice_is_found_and_mended() -> None:
    entries = [HEAD, Entry("New", ("",)), Entry("New", ("Neu",))]
    wanted = [SourceText("New")]
    assert any("twice" in line for line in faults(entries, wanted))
    assert updated(entries, wanted) == [HEAD, Entry("New", ("Neu",))]


def test_updating_adds_removes_and_keeps() -> None:
    entries = [HEAD, Entry("Kept", ("Bleibt",)), Entry("Gone", ("Weg",))]
    wanted = [SourceText("Kept"), SourceText("{count} box", plural="{count} boxes")]
    assert updated(entries, wanted) == [
        HEAD,
        Entry("Kept", ("Bleibt",)),
        Entry("{count} box", ("", ""), plural="{count} boxes"),
    ]


def test_singular_may_leave_the_number_out() -> None:
    entry = Entry("{count} box", ("ein Kasten", "{count} Kästen"), plural="{count} boxes")
    assert not list(faults([HEAD, entry], [SourceText(entry.text, plural=entry.plural)]))
