"""Reads and writes gettext `.po` catalogues, the files that translators and their programs use."""

from __future__ import annotations

import gettext
import io
import json
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

Key = tuple[str, str]  # context (may be empty) and English text

_MO_MAGIC = 0x950412DE
_KEYWORDS = ("msgctxt", "msgid_plural", "msgid", "msgstr")


@dataclass(frozen=True, slots=True)
class Entry:
    """One text of a catalogue.

    Attributes:
        text: The English text; empty for the head of the file.
        translations: One text, or one per plural form.
        context: Tells apart equal English texts; empty = none.
        plural: The English text for several; empty = the text has no number.
        comments: Lines that begin with "#", kept as they are.
    """

    text: str
    translations: tuple[str, ...]
    context: str = ""
    plural: str = ""
    comments: tuple[str, ...] = ()

    @property
    def key(self) -> Key:
        return self.context, self.text


class PoError(Exception):
    """A line that is no part of a catalogue."""


def parse_po(text: str) -> list[Entry]:
    """All entries in their order; the first is the head with an empty text.

    Blank lines between entries may be missing, as they may after a merge.
    """
    drafts: list[_Draft] = [_Draft()]
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.strip()
        if not line:
            continue
        begins = line.startswith(("#", "msgctxt ", "msgid "))
        if begins and not drafts[-1].accepts(line):
            drafts.append(_Draft())
        try:
            drafts[-1].take(line)
        except (ValueError, KeyError) as error:
            raise PoError(f"line {number}: {raw!r}") from error
    return [draft.entry() for draft in drafts if draft.values]


def format_po(entries: Iterable[Entry]) -> str:
    """The text of a catalogue: the head first, then by English text without regard to case."""
    ordered = sorted(entries, key=lambda e: (e.text != "", e.text.lower(), e.text, e.context))
    return "\n".join(_format_entry(entry) for entry in ordered)


def read_po(path: Path) -> list[Entry]:
    """The entries of a file in UTF-8."""
    return parse_po(path.read_text(encoding="utf-8"))


def load(entries: Iterable[Entry]) -> gettext.GNUTranslations:
    """The standard library's translations, which know the plural rule of the head."""
    pairs = sorted((_mo_key(entry), "\0".join(entry.translations)) for entry in entries)
    packed = [(key.encode(), value.encode()) for key, value in pairs if value]
    count = len(packed)
    tables, texts = b"", b""
    start = 28 + 16 * count
    for column in (0, 1):
        for pair in packed:
            tables += struct.pack("<II", len(pair[column]), start + len(texts))
            texts += pair[column] + b"\0"
    head = struct.pack("<7I", _MO_MAGIC, 0, count, 28, 28 + 8 * count, 0, 0)
    return gettext.GNUTranslations(io.BytesIO(head + tables + texts))


class _Draft:
    """An entry while its lines are read."""

    def __init__(self) -> None:
        self.comments: list[str] = []
        self.values: dict[str, str] = {}
        self._last = ""

    def accepts(self, line: str) -> bool:
        """Whether this line, which may begin an entry, still belongs to this one."""
        if line.startswith("#"):
            return not self.values
        return "msgid" not in self.values and not (
            line.startswith("msgctxt") and "msgctxt" in self.values
        )

    def take(self, line: str) -> None:
        if line.startswith("#"):
            self.comments.append(line)
            return
        if not line.startswith('"'):
            keyword, line = line.split(" ", 1)
            if keyword.split("[")[0] not in _KEYWORDS:
                raise ValueError(keyword)
            self._last = keyword
            self.values[keyword] = ""
        self.values[self._last] += json.loads(line)

    def entry(self) -> Entry:
        found = {key: text for key, text in self.values.items() if key.startswith("msgstr")}
        return Entry(
            text=self.values.get("msgid", ""),
            translations=tuple(found[key] for key in sorted(found)),
            context=self.values.get("msgctxt", ""),
            plural=self.values.get("msgid_plural", ""),
            comments=tuple(self.comments),
        )


def _mo_key(entry: Entry) -> str:
    context = f"{entry.context}\x04" if entry.context else ""
    return context + entry.text + (f"\0{entry.plural}" if entry.plural else "")


def _format_entry(entry: Entry) -> str:
    lines = list(entry.comments)
    if entry.context:
        lines.append(f"msgctxt {_quoted(entry.context)}")
    lines.append(f"msgid {_quoted(entry.text)}")
    if entry.plural:
        lines.append(f"msgid_plural {_quoted(entry.plural)}")
        texts = entry.translations
        lines += [f"msgstr[{place}] {_quoted(text)}" for place, text in enumerate(texts)]
    else:
        lines.append(f"msgstr {_quoted(entry.translations[0])}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    if "\n" not in text.rstrip("\n"):
        return json.dumps(text, ensure_ascii=False)
    parts = [part + "\n" for part in text.split("\n")]
    parts[-1] = parts[-1][:-1]
    return "\n".join(['""', *(json.dumps(part, ensure_ascii=False) for part in parts if part)])
