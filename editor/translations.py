"""Every text that a person reads passes through here: English in the source, others as data.

Free of Qt, so that a refusal of the document and the label of an undo step can be translated where
they are written. The catalogues are `resources/translations/*.po`; English is the text itself.
Without `activate`, as in the terminal, everything stays English.
"""

from __future__ import annotations

import gettext
from collections.abc import Iterable, Mapping
from typing import Final

import resources
from editor.po_files import Entry, load, parse_po

SOURCE_LANGUAGE: Final = "en"
_SOURCE_NAME: Final = "English"
_NAME_FIELD: Final = "X-Native-Name"


class _Active:
    """The language of this run; one per process, as a window has one language."""

    language = SOURCE_LANGUAGE
    catalogue: gettext.NullTranslations = gettext.NullTranslations()


def tr(text: str, /, **values: object) -> str:
    """The text in the user's language, with `{name}` places filled in.

    `text` is a literal, or comes from a table whose literals are in `mark`.
    """
    # gettext keeps the head of the catalogue under the empty text.
    return _filled(_Active.catalogue.gettext(text), values) if text else ""


def tr_in(context: str, text: str, /, **values: object) -> str:
    """As `tr`, for an English text that needs different words in different places."""
    return _filled(_Active.catalogue.pgettext(context, text), values)


def tr_count(one: str, several: str, count: int, /, **values: object) -> str:
    """The text for a number of things; `{count}` is the number.

    >>> tr_count("{count} layer", "{count} layers", 3)
    '3 layers'
    """
    text = _Active.catalogue.ngettext(one, several, count)
    return _filled(text, {"count": count, **values})


def tr_sentence(text: str, /) -> str:
    """A sentence of the engine, which speaks English but remembers what its sentences are made of.

    Anything else, such as a word of the user inside a sentence, stays as it is.
    """
    template = getattr(text, "template", None)
    if template is None:
        return text
    values = getattr(text, "values", {})
    shown = {name: tr_sentence(v) if isinstance(v, str) else v for name, v in values.items()}
    several, count = getattr(text, "several", ""), values.get("count")
    if not several or not isinstance(count, int):
        return tr(template, **shown)
    return _filled(_Active.catalogue.ngettext(template, several, count), shown)


def mark(text: str, /) -> str:
    """A text of a table or constant that is shown later with `tr(...)`; returned as it is."""
    return text


def decimal(number: float, digits: int) -> str:
    """A number with the decimal sign of the language: "1.5" or "1,5"."""
    return format(_Number(number), f".{digits}f")


def current_language() -> str:
    """Code of the language in use, e.g. "de"."""
    return _Active.language


def activate(language: str) -> None:
    """Use a language of `languages()` from now on; texts that are already shown stay."""
    if language == SOURCE_LANGUAGE:
        _Active.catalogue = gettext.NullTranslations()
    else:
        _Active.catalogue = load(catalogue_entries(language))
    _Active.language = language


def languages() -> Mapping[str, str]:
    """Codes of the languages that are shipped, each with its own name for itself."""
    found = {SOURCE_LANGUAGE: _SOURCE_NAME}
    for path in sorted(resources.locate("translations").glob("*.po")):
        found[path.stem] = _native_name(path.read_text(encoding="utf-8")) or path.stem
    return found


def best_language(wanted: Iterable[str]) -> str:
    """The first language that is shipped of those wanted, such as "de-AT"; otherwise English."""
    shipped = languages()
    for name in wanted:
        code = name.replace("_", "-").split("-")[0].lower()
        if code in shipped:
            return code
    return SOURCE_LANGUAGE


def catalogue_entries(language: str) -> list[Entry]:
    """All entries of a shipped catalogue, with its head."""
    path = resources.locate("translations", f"{language}.po")
    return parse_po(path.read_text(encoding="utf-8"))


class _Number(float):
    """Fills a place such as "{size:.1f}" with the decimal sign of the language."""

    def __format__(self, spec: str) -> str:
        return super().__format__(spec).replace(".", tr_in("decimal sign", "."))


def _filled(text: str, values: Mapping[str, object]) -> str:
    if not values:
        return text
    shown = {
        name: _Number(value) if isinstance(value, float) else value
        for name, value in values.items()
    }
    return text.format_map(shown)


def _native_name(text: str) -> str:
    """From the head alone: whole catalogues are not read for a menu."""
    head = parse_po(text.split("\n\n", 1)[0])
    for line in head[0].translations[0].splitlines() if head else ():
        field, _, value = line.partition(": ")
        if field == _NAME_FIELD:
            return value
    return ""
