"""Names survive in every script, and cuts fall between characters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from editor.formats.psd_names import legacy_name, read_name, unicode_name
from tests.formats.sample_documents import FAMILY, LONG_NAME


def units(text: str) -> int:
    return len(text.encode("utf-16-be")) // 2


@pytest.mark.parametrize("name", ["", "apple", "\u6797\u6a8e", FAMILY, LONG_NAME, "a\u0301" * 100])
def test_names_that_fit_stay(name: str) -> None:
    assert unicode_name(name) == name


@pytest.mark.parametrize(
    ("character", "size"),
    [
        ("x", 1),
        ("\N{RED APPLE}", 2),
        ("e\u0301", 2),  # letter and accent
        ("\N{WAVING HAND SIGN}\U0001f3fd", 4),  # emoji and skin tone
        ("\U0001f1ef\U0001f1f5", 4),  # two letters make a flag
        (FAMILY, 8),
    ],
)
def test_cut_between_visible_characters(character: str, size: int) -> None:
    cut = unicode_name(character * 300)
    assert cut == character * (255 // size)


def test_marks_without_end_are_cut_anyway() -> None:
    assert units(unicode_name("a" + "\u0301" * 400)) == 255


@given(st.text(max_size=400))
def test_every_name_can_be_written(name: str) -> None:
    assert units(unicode_name(name)) <= 255
    legacy = legacy_name(name).encode("mac_roman")
    assert len(legacy) <= 31
    assert b"\0" not in legacy
    assert unicode_name(unicode_name(name)) == unicode_name(name)


def test_lone_surrogates_and_control_characters_are_replaced() -> None:
    assert unicode_name("a\ud800b\x07c\0") == "a\ufffdb c "


def test_legacy_names_keep_what_macroman_has() -> None:
    assert legacy_name("\u00c4pfel \u6797\u6a8e") == "\u00c4pfel ??"


def test_trailing_nuls_of_other_programs_go() -> None:
    assert read_name("Layer 1\0\0") == "Layer 1"
    assert read_name("two\nlines") == "two lines"
