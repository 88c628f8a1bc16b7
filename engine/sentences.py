"""Sentences for the user that can be said in another language later, by whoever shows them."""

from __future__ import annotations

from typing import Any


class Sentence(str):
    """An English sentence that remembers what it was made of; otherwise a plain `str`.

    The engine knows no window and no language: it writes English, as the terminal and the log want
    it. A window looks `template` up and fills `values` into its own words.

    Attributes:
        template: The sentence with `{name}` places; of a number of things, that for one.
        values: What stands in the places; may hold sentences again.
        several: The template for any number but one, which `values["count"]` is; empty = the
            sentence is of no number.
    """

    template: str
    values: dict[str, object]
    several: str

    def __new__(cls, template: str, values: dict[str, object], several: str = "") -> Sentence:
        shown = several if several and values["count"] != 1 else template
        made = super().__new__(cls, shown.format_map(values) if values else shown)
        made.template = template
        made.values = values
        made.several = several
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return Sentence, (self.template, self.values, self.several)


def sentence(template: str, /, **values: object) -> Sentence:
    """A sentence with its `{name}` places filled in; `template` is a literal.

    >>> sentence("The style {name} is not known.", name="oil")
    'The style oil is not known.'
    """
    return Sentence(template, values)


def sentence_count(one: str, several: str, count: int, /, **values: object) -> Sentence:
    """A sentence about a number of things; `{count}` is the number, both texts are literals.

    >>> sentence_count("{count} layer is there.", "{count} layers are there.", 1)
    '1 layer is there.'
    """
    return Sentence(one, {"count": count, **values}, several)
