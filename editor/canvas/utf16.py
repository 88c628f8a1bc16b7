"""Qt counts UTF-16 units where Python counts characters: an emoji is two and one."""

from __future__ import annotations


def units(text: str, characters: int) -> int:
    """How many units the first `characters` of a text are."""
    return len(text[:characters].encode("utf-16-le")) // 2


def characters(text: str, units: int) -> int:
    """How many whole characters the first `units` of a text hold."""
    return len(text.encode("utf-16-le")[: 2 * units].decode("utf-16-le", "ignore"))
