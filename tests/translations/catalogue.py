"""Compares a catalogue with the texts of the source, and brings it up to date."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from editor.po_files import Entry, Key
from tests.translations.source_texts import SourceText, placeholders

_PLURALS = re.compile(r"nplurals=(\d+)")


def updated(entries: Iterable[Entry], wanted: Iterable[SourceText]) -> list[Entry]:
    """The catalogue with exactly the wanted texts; new ones are empty, known ones keep theirs.

    Of entries that occur twice, as after a merge, the first that says something is kept.
    """
    known = _by_key(entries)
    forms = _forms(known[("", "")])
    result = [known[("", "")]]
    for text in wanted:
        count = forms if text.plural else 1
        old = known.get(text.key, Entry(text.text, ("",) * count, text.context))
        texts = (*old.translations, *[""] * count)[:count]
        result.append(replace(old, plural=text.plural, translations=texts))
    return result


def faults(entries: Iterable[Entry], wanted: Iterable[SourceText]) -> Iterator[str]:
    """One line for each text that is missing, left over, twice there, or does not fit."""
    listed = list(entries)
    known = _by_key(listed)
    for key in {entry.key for entry in listed if [e.key for e in listed].count(entry.key) > 1}:
        yield f"twice: {key[1]!r}"
    needed = {text.key: text for text in wanted}
    for key in known.keys() - needed.keys() - {("", "")}:
        yield f"no longer in the source: {key[1]!r}"
    for key, text in needed.items():
        if key not in known:
            yield f"missing: {text.text!r} ({text.place})"
        else:
            yield from _misfits(known[key], text, _forms(known[("", "")]))


def _misfits(entry: Entry, text: SourceText, forms: int) -> Iterator[str]:
    if any("fuzzy" in comment for comment in entry.comments):
        yield f"unsure: {text.text!r}"
    if entry.plural != text.plural or len(entry.translations) != (forms if text.plural else 1):
        yield f"wrong plural forms: {text.text!r}"
    for translation in entry.translations:
        if not translation:
            yield f"empty: {text.text!r} ({text.place})"
            continue
        yield from (f"{problem}: {translation!r}" for problem in _differences(entry, translation))


def _differences(entry: Entry, translation: str) -> Iterator[str]:
    source = entry.text
    names = set(placeholders(source)) | set(placeholders(entry.plural))
    if not set(placeholders(translation)) <= names or (
        not entry.plural and set(placeholders(translation)) != names
    ):
        yield f"other placeholders than {sorted(names)}"
    if source.count("&") == 1 and translation.count("&") != 1:
        yield "needs one & before the key of the menu"
    for end in ("…", ".", "?", ":", "\n"):
        if source.endswith(end) != translation.endswith(end) and len(source) > 1:
            yield f"ends otherwise than the English text ({end!r})"
    if source.strip() == source and translation.strip() != translation:
        yield "has spaces around it"


def _by_key(entries: Iterable[Entry]) -> dict[Key, Entry]:
    known: dict[Key, Entry] = {}
    for entry in entries:
        if entry.key not in known or not any(known[entry.key].translations):
            known[entry.key] = entry
    return known


def _forms(head: Entry) -> int:
    """How many plural forms the language has."""
    found = _PLURALS.search(head.translations[0])
    return int(found.group(1)) if found else 2
