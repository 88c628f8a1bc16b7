"""Long texts are read in a time that grows with their length only."""

from __future__ import annotations

import pytest

from engine.prompts.languages import languages
from engine.prompts.languages.languages import Language
from engine.prompts.languages.text import normalised


@pytest.mark.parametrize("letter", ["a", "猫", "字"])
def test_letters_without_spaces_are_looked_up_only_where_a_word_may_begin(
    letter: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up = 0

    def counted(text: str) -> str:
        nonlocal looked_up
        looked_up += 1
        return normalised(text)

    language = Language({"猫": "cat", "長" * 40: "rope"}, spaced=False)
    monkeypatch.setattr(languages, "normalised", counted)
    language.read(letter * 500, lambda _word: False)
    assert looked_up < 500 * 6
