"""The page of keyboard shortcuts in the docs says what the action table says."""

from __future__ import annotations

from editor.actions.shortcut_page import PAGE, shortcut_page
from editor.actions.table import ACTIONS
from tests.translations.source_texts import ROOT


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == shortcut_page(), "run `python -m editor.actions`"


def test_every_shortcut_is_on_the_page() -> None:
    page = shortcut_page()
    for spec in ACTIONS:
        for key in spec.shortcuts:
            assert f"`{key}`" in page


def test_the_readme_leads_to_the_page() -> None:
    assert str(PAGE.relative_to(ROOT).as_posix()) in (ROOT / "README.md").read_text("utf-8")
