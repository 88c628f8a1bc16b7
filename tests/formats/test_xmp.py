"""Packets survive any text, and hostile ones are refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from editor.formats.xmp import NAMESPACE, read_packet, write_packet


@given(st.dictionaries(st.text(max_size=5), st.text(), max_size=3))
def test_any_text_comes_back(content: dict[str, str]) -> None:
    packet = write_packet("document", content, "Layerloom")
    assert read_packet("document", packet) == content
    assert read_packet("document", packet.encode()) == content
    assert read_packet("layer", packet) is None


def test_padding_of_other_programs_is_ignored() -> None:
    packet = write_packet("layer", {"a": 1}, "Layerloom")
    assert read_packet("layer", packet + " \n\0\0") == {"a": 1}


def test_a_property_written_as_an_attribute_is_read() -> None:
    packet = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
        f"xmlns:layerloom=\"{NAMESPACE}\" layerloom:layer='{{&quot;a&quot;: 2}}'/>"
        "</rdf:RDF></x:xmpmeta>"
    )
    assert read_packet("layer", packet) == {"a": 2}


@pytest.mark.parametrize(
    "packet",
    [
        "",
        "not XML",
        "<a>" * 100_000,
        f'<!DOCTYPE r [<!ENTITY e "x">]><l:layer xmlns:l="{NAMESPACE}">{{"a": "&e;"}}</l:layer>',
        f'<l:layer xmlns:l="{NAMESPACE}">[1]</l:layer>',
        f'<l:layer xmlns:l="{NAMESPACE}">{{"a": {"[" * 100_000}</l:layer>',
        f'<l:layer xmlns:l="{NAMESPACE}">{{"a": {"9" * 10_000}}}</l:layer>',
        b"\xff\xfe\x00",
    ],
)
def test_damaged_and_hostile_packets_are_nothing(packet: str | bytes) -> None:
    assert read_packet("layer", packet) is None
