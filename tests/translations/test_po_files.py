"""Catalogues survive reading and writing, and the standard library understands them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from editor.po_files import Entry, PoError, format_po, load, parse_po

HEAD = Entry(
    "", ("Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=n>1;\n",)
)
SAMPLE = """\
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=2; plural=n!=1;\\n"

# seen in menus
msgctxt "verb"
msgid "Open"
msgstr "Öffnen"
msgid "Line one\\n"
"line \\"two\\""
msgstr "Zeile eins\\nZeile „zwei“"

msgid "{count} box"
msgid_plural "{count} boxes"
msgstr[0] "{count} Kasten"
msgstr[1] "{count} Kästen"
"""


def test_a_catalogue_is_read() -> None:
    _head, verb, lines, box = parse_po(SAMPLE)
    assert verb == Entry("Open", ("Öffnen",), context="verb", comments=("# seen in menus",))
    assert lines.text == 'Line one\nline "two"'
    assert box.plural == "{count} boxes"
    assert box.translations == ("{count} Kasten", "{count} Kästen")


def test_the_standard_library_finds_all_kinds_of_entries() -> None:
    loaded = load(parse_po(SAMPLE))
    assert loaded.pgettext("verb", "Open") == "Öffnen"
    assert loaded.gettext("Open") == "Open"
    assert loaded.gettext('Line one\nline "two"') == "Zeile eins\nZeile „zwei“"
    assert loaded.ngettext("{count} box", "{count} boxes", 1) == "{count} Kasten"
    assert loaded.ngettext("{count} box", "{count} boxes", 2) == "{count} Kästen"


def test_an_empty_translation_shows_the_english_text() -> None:
    assert load([HEAD, Entry("Layer", ("",))]).gettext("Layer") == "Layer"


def test_what_is_no_catalogue_is_refused_with_the_line() -> None:
    with pytest.raises(PoError, match="line 2"):
        parse_po('msgid "a"\nnonsense\n')


texts = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t"), min_size=1
)


def test_line_separators_are_kept() -> None:
    entries = [HEAD, Entry("a\u2028b\nc", ("d\u2028e",))]
    assert parse_po(format_po(entries)) == entries


@settings(deadline=None)
@given(st.lists(st.tuples(texts, texts, st.sampled_from(["", "verb"])), unique_by=lambda t: t[0]))
def test_writing_and_reading_give_the_same_entries(rows: list[tuple[str, str, str]]) -> None:
    entries = [HEAD, *(Entry(text, (other,), context) for text, other, context in rows)]
    again = parse_po(format_po(entries))
    assert {e.key: e for e in again} == {e.key: e for e in entries}
    loaded = load(again)
    for text, other, context in rows:
        found = loaded.pgettext(context, text) if context else loaded.gettext(text)
        assert found == other
