"""Layer names in a PSD: 255 UTF-16 units for everyone, 31 MacRoman bytes for old readers."""

from __future__ import annotations

import unicodedata

MAX_UTF16_UNITS = 255
MAX_LEGACY_BYTES = 31  # the format allows 255, but 254 and 255 break one reader
LEGACY_ENCODING = "mac_roman"

_JOINER = "\u200d"  # zero width joiner: glues emoji into one


def unicode_name(name: str) -> str:
    """The name as written: no control characters, cut between characters as people see them.

    A cut never splits a surrogate pair, a letter from its accents, an emoji from its skin tone
    or its joined companions, or the two halves of a flag.
    """
    clean = "".join(_clean_character(character) for character in name)
    units = 0
    for index, character in enumerate(clean):
        units += 1 if ord(character) < 0x10000 else 2
        if units > MAX_UTF16_UNITS:
            return clean[: _boundary_at_or_before(clean, index) or index]
    return clean


def legacy_name(name: str) -> str:
    """The first 31 MacRoman characters; what MacRoman lacks becomes a question mark."""
    encoded = unicode_name(name).encode(LEGACY_ENCODING, "replace")[:MAX_LEGACY_BYTES]
    return encoded.decode(LEGACY_ENCODING)


def read_name(name: str) -> str:
    """A name as other programs write it, without the NULs that some put at the end.

    It goes into messages, so it is one line.
    """
    return unicode_name(name.rstrip("\0"))


def _clean_character(character: str) -> str:
    """Lone surrogates cannot be encoded, and control characters upset C readers and XML."""
    category = unicodedata.category(character)
    if category == "Cs":
        return "\ufffd"
    return " " if category == "Cc" else character


def _boundary_at_or_before(text: str, index: int) -> int:
    """The last place at or before `index` where a new visible character begins."""
    while index > 0 and _continues(text, index):
        index -= 1
    return index


def _continues(text: str, index: int) -> bool:
    """Whether text[index] belongs to the visible character before it."""
    current, previous = text[index], text[index - 1]
    if _JOINER in {previous, current}:
        return True
    if unicodedata.category(current) in {"Mn", "Mc", "Me"}:  # accents, variation selectors
        return True
    if 0x1F3FB <= ord(current) <= 0x1F3FF or 0xE0020 <= ord(current) <= 0xE007F:
        return True  # skin tones; tags of regional flags
    return _is_flag_letter(current) and _flag_letters_before(text, index) % 2 == 1


def _is_flag_letter(character: str) -> bool:
    return 0x1F1E6 <= ord(character) <= 0x1F1FF


def _flag_letters_before(text: str, index: int) -> int:
    count = 0
    while index > count and _is_flag_letter(text[index - count - 1]):
        count += 1
    return count
