"""Sentences for the user that can be said in another language later, by whoever shows them."""

from __future__ import annotations

from typing import Any


class Sentence(str):
    """An English sentence that remembers what it was made of; otherwise a plain `str`.

    The engine knows no window and no language: it writes English, as the terminal and the log want
    it. A window looks `template` up and fills `values` into its own words.

    Attributes:
        template: The sentence with `{name}` places.
        values: What stands in the places; may hold sentences again.
    """

    template: str
    values: dict[str, object]

    def __new__(cls, template: str, values: dict[str, object]) -> Sentence:
        made = super().__new__(cls, template.format_map(values) if values else template)
        made.template = template
        made.values = values
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return Sentence, (self.template, self.values)


def sentence(template: str, /, **values: object) -> Sentence:
    """A sentence with its `{name}` places filled in; `template` is a literal.

    >>> sentence("The style {name} is not known.", name="oil")
    'The style oil is not known.'
    """
    return Sentence(template, values)
